import Messages
import Regulation
import Testing
import Values

@testable import Watching

@Suite struct SupplyReportsTests {
    @Test("a drill's outage explains nothing") func drill() {
        var reports = SupplyReports(Equipment.Supply.standard)
        let changed = reports.heard(lost("DIEN-1", since: at("19:00"), exercise: true))
        #expect(!changed)
        #expect(!reports.explain(at("19:01")))
    }

    @Test("a monitor lost in an outage does not end it, the supply on line does") func monitorLost() {
        var reports = SupplyReports(Equipment.Supply.standard)
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
        var reports = SupplyReports(Equipment.Supply.standard)
        _ = reports.heard(lost("DIEN-1", since: at("19:00")))
        _ = reports.heard(restored("DIEN-1", at: at("19:10")))
        let changed = reports.heard(lost("DIEN-1", since: at("19:00")))
        #expect(!changed)
        #expect(reports.lostSince == nil)
    }

    @Test("of two outages at once the supply is lost until both are over") func two() {
        var reports = SupplyReports(Equipment.Supply.standard)
        _ = reports.heard(lost("DIEN-1", since: at("19:00")))
        _ = reports.heard(lost("DIEN-2", since: at("19:05")))
        _ = reports.heard(restored("DIEN-1", at: at("19:10")))
        #expect(reports.lostSince == at("19:05"))
    }

    @Test("an outage explains what went dark in it, not what was dark before") func before() {
        var reports = SupplyReports(Equipment.Supply.standard)
        _ = reports.heard(lost("DIEN-1", since: at("09:00")))
        #expect(!reports.explain(at("07:00")))
        #expect(!reports.explain(at("08:58")))
        // The UPS may be read a moment after the device.
        #expect(reports.explain(at("08:59")))
        #expect(reports.explain(at("12:00")))
        _ = reports.heard(restored("DIEN-1", at: at("13:00")))
        #expect(!reports.explain(at("13:00")))
        #expect(!reports.explain(at("07:00")))
    }

    @Test("an outage left open under another name ends with the next word of the same UPS") func orphaned() {
        func status(_ subject: String, _ status: String, _ ups: String = "gate", since: Instant) -> Event {
            report("power.status-changed", subject, ["ups": .string(ups), "status": .string(status), "since": JSON(since, offset: local), "supplyLost": false])
        }
        // The agent lost its memory: the outage goes on under another name.
        var reports = SupplyReports(Equipment.Supply.standard)
        _ = reports.heard(lost("DIEN-1", since: at("09:00")))
        _ = reports.heard(lost("DIEN-2", since: at("09:30")))
        #expect(reports.explain(at("09:10")) && reports.explain(at("09:40")))
        _ = reports.heard(restored("DIEN-2", at: at("10:00")))
        #expect(reports.lostSince == nil)
        #expect(!reports.explain(at("11:00")))
        // Or it found the supply back, and says so under a name of its own.
        reports = SupplyReports(Equipment.Supply.standard)
        _ = reports.heard(lost("DIEN-3", since: at("12:00")))
        _ = reports.heard(status("DIEN-4", "online", "another", since: at("12:20")))
        #expect(reports.lostSince == at("12:00"))
        _ = reports.heard(status("DIEN-5", "online", since: at("12:30")))
        #expect(reports.lostSince == nil)
        #expect(reports.explain(at("12:10")) && !reports.explain(at("12:40")))
    }

    @Test("a saved list without end is taken up as far as it matters") func garbage() {
        let item: JSON = ["subject": "DIEN-1", "since": "2026-03-14T19:00:00+07:00"]
        let reports = SupplyReports(Equipment.Supply.standard, state: .array([5, [:], "x"] + Array(repeating: item, count: 10_000)))
        #expect(reports.outages.count == SupplyReports.limit)
        let window: JSON = [
            "id": "e1", "subject": "BT-1", "kind": "order", "from": "2026-03-14T19:00:00+07:00", "until": "2026-03-14T20:00:00+07:00",
            "announcedAt": "2026-03-14T18:00:00+07:00",
        ]
        #expect(PlannedWork(.standard, state: .array(Array(repeating: window, count: 10_000))).windows.count == PlannedWork.limit)
    }

    @Test("what is kept is bounded, and comes back after a restart") func bounded() throws {
        var reports = SupplyReports(Equipment.Supply.standard)
        for index in 0..<50 { _ = reports.heard(lost("DIEN-\(index)", since: at("19:00"))) }
        #expect(reports.outages.count == SupplyReports.limit)
        #expect(SupplyReports(Equipment.Supply.standard, state: try reports.state.written()) == reports)
    }
}
