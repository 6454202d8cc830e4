import Testing
import Values

@testable import Watching

@Suite struct SupplyReportsTests {
    @Test("a drill's outage explains nothing") func drill() {
        var reports = SupplyReports()
        let changed = reports.heard(lost("DIEN-1", since: at("19:00"), exercise: true))
        #expect(!changed)
        #expect(!reports.explain(at("19:01")))
    }

    @Test("a monitor lost in an outage does not end it, the supply on line does") func monitorLost() {
        var reports = SupplyReports()
        _ = reports.heard(lost("DIEN-1", since: at("19:00")))
        let since = JSON(at("19:10"), offset: local)
        let changed = reports.heard(report("power.status-changed", "DIEN-1", ["ups": "gate", "status": "monitor-lost", "since": since, "supplyLost": false]))
        #expect(!changed)
        #expect(reports.explain(at("19:20")))
        let changedNext = reports.heard(report("power.status-changed", "DIEN-1", ["ups": "gate", "status": "online", "since": since, "supplyLost": false]))
        #expect(changedNext)
        #expect(!reports.explain(at("19:20")))
    }

    @Test("a loss told again after the return, as a forwarded message is, does not begin anew") func again() {
        var reports = SupplyReports()
        _ = reports.heard(lost("DIEN-1", since: at("19:00")))
        _ = reports.heard(restored("DIEN-1", at: at("19:10")))
        let changed = reports.heard(lost("DIEN-1", since: at("19:00")))
        #expect(!changed)
        #expect(reports.lostSince == nil)
    }

    @Test("of two outages at once the supply is lost until both are over") func two() {
        var reports = SupplyReports()
        _ = reports.heard(lost("DIEN-1", since: at("19:00")))
        _ = reports.heard(lost("DIEN-2", since: at("19:05")))
        _ = reports.heard(restored("DIEN-1", at: at("19:10")))
        #expect(reports.lostSince == at("19:05"))
    }

    @Test("what is kept is bounded, and comes back after a restart") func bounded() throws {
        var reports = SupplyReports()
        for index in 0..<50 { _ = reports.heard(lost("DIEN-\(index)", since: at("19:00"))) }
        #expect(reports.outages.count == SupplyReports.limit)
        #expect(SupplyReports(state: try reports.state.written()) == reports)
    }
}
