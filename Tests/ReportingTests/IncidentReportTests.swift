import Regulation
import Reporting
import Testing
import Values

@Suite struct IncidentReportTests {
    /// A week with an incident of every kind of course.
    private static let week = """
        from 2026-03-09 to 2026-03-15
        2026-03-09 08:00 border-guard detects SC-1 device=led-screen cause=fault title="màn hình LED không hiển thị" id=d1
        08:20 border-guard notifies SC-1 id=n1
        08:30 information-dept acknowledges SC-1 id=a1
        09:20 information-dept briefs SC-1 id=b1
        10:00 information-dept plans SC-1 id=p1
        11:00 border-guard contains SC-1 id=c1
        13:00 border-guard resolves SC-1 id=r1
        # Late: told after 90 minutes, and never resolved.
        2026-03-10 09:00 police detects SC-2 device=kiosk-1 title="tủ tra cứu treo" id=d2
        10:30 border-guard notifies SC-2 kind=information-security id=n2
        # By telephone, entered later and confirmed.
        2026-03-11 19:00 border-guard detects SC-3 device=led-screen id=d3
        20:30 border-guard telephones SC-3 calledAt=19:10 id=t3
        20:40 information-dept confirms-call SC-3 id=k3
        # Two false alarms, one of them countersigned.
        2026-03-12 08:00 border-guard detects SC-4 id=d4
        08:10 border-guard dismisses SC-4 id=f4
        09:00 border-guard detects SC-5 id=d5
        09:10 border-guard dismisses SC-5 id=f5
        09:20 information-dept dismisses SC-5 id=g5
        # Two detections of one incident: the earlier occurrence counts, once.
        2026-03-13 08:00 border-guard detects SC-6 device=audio cause=power id=d6
        08:05 police detects SC-7 device=audio occurredAt=07:50 id=d7
        08:10 information-dept merges SC-7 into SC-6 id=m7
        08:12 police agrees-to m7
        08:13 border-guard agrees-to m7
        08:40 border-guard notifies SC-6 id=n6
        # Entered as a drill, and real; entered as real, and a drill; a drill.
        2026-03-14 08:00 border-guard detects SC-8 exercise id=d8
        08:15 border-guard corrects SC-8 exercise=no reason="có thật"
        08:30 border-guard notifies SC-8 id=n8
        10:00 border-guard detects SC-9 id=d9
        10:01 border-guard corrects SC-9 exercise=yes reason="diễn tập"
        11:00 border-guard detects SC-10 exercise id=d10
        11:10 border-guard notifies SC-10 exercise id=n10
        # Taken back altogether.
        14:00 police detects SC-11 id=d11
        14:05 police takes-back SC-11 reason="nhầm" id=b11
        14:10 information-dept agrees-to b11
        # The occurrence is corrected, so that what was in time was late.
        2026-03-15 08:00 border-guard detects SC-12 id=d12
        08:30 border-guard notifies SC-12 id=n12
        08:40 border-guard corrects d12 occurredAt=07:00 reason="xem lại camera"
        08:41 border-guard corrects n12 occurredAt=07:00 reason="xem lại camera"
        """

    @Test func incidentsAreCountedOnceAndFalseAlarmsApart() throws {
        let report = try report(IncidentReportTests.week)
        #expect(try report.count("incidents.real") == 6)
        #expect(Set(try report.events("incidents.real")) == ["d1", "n1", "d2", "n2", "d3", "d6", "d7", "n6", "d8", "n8", "d12", "n12"])
        #expect(try report.count("incidents.false-alarms") == 2)
        #expect(try report.events("incidents.false-alarms") == ["d4", "f4", "d5", "f5", "g5"])
        #expect(try report.count("incidents.false-alarms-not-countersigned") == 1)
        #expect(try report.events("incidents.false-alarms-not-countersigned") == ["d4", "f4"])
        #expect(try report.count("incidents.merged") == 1)
        #expect(try report.events("incidents.merged") == ["m7"])
        #expect(try report.count("incidents.unresolved") == 5)
    }

    @Test func whatIsNotifiedWithinTheHourIsTakenFromEvidence() throws {
        let report = try report(IncidentReportTests.week)
        #expect(try report.count("incidents.notified.in-time") == 4)
        #expect(
            try report.obligations("incidents.notified.in-time")
                == ["SC-1", "SC-3", "SC-6", "SC-8"].map { "incident.notify-department/" + $0 })
        #expect(try report.count("incidents.notified.late") == 2)
        #expect(try report.count("incidents.notified.overdue") == 0)
        #expect(try report.value("incidents.case.SC-3.notified") == .span(.minutes(10)), "the confirmed time of the call")
        #expect(try report.value("incidents.case.SC-6.notified") == .span(.minutes(50)), "from the earlier occurrence")
        #expect(try report.value("incidents.case.SC-12.notified") == .span(.minutes(90)), "from the corrected occurrence")
        #expect(try report.value("incidents.case.SC-2.hour") == .state(.late, .law))
    }

    @Test func everyStageHasItsTimeItsMedianAndItsLongest() throws {
        let report = try report(IncidentReportTests.week)
        let times: [(String, Int64)] = [
            ("detected", 0), ("notified", 20), ("acknowledged", 30), ("briefed", 80), ("planned", 120), ("contained", 180), ("resolved", 300),
        ]
        for (stage, minutes) in times { #expect(try report.value("incidents.case.SC-1.\(stage)") == .span(.minutes(minutes)), "\(stage)") }
        #expect(try report.value("incidents.case.SC-2.resolved") == .missing(.notOnRecord))
        // 10, 20, 30, 50, 90, 90 minutes.
        #expect(try report.value("incidents.stage.notified.median") == .span(.minutes(40)))
        #expect(try report.value("incidents.stage.notified.worst") == .span(.minutes(90)))
        #expect(try report.count("incidents.stage.notified.count") == 6)
        #expect(try report.value("incidents.stage.resolved.worst-case") == .text("SC-1"))
        #expect(try report.events("incidents.stage.resolved.worst") == ["d1", "n1", "r1"])
    }

    @Test func incidentsAreToldByKindDeviceAndCause() throws {
        let report = try report(IncidentReportTests.week)
        #expect(try report.count("incidents.kind.technical.count") == 5)
        #expect(try report.count("incidents.kind.information-security.count") == 1, "what was said last of it")
        #expect(try report.count("incidents.device.led-screen.count") == 2)
        #expect(try report.count("incidents.device.audio.count") == 1)
        #expect(try report.count("incidents.device.not_said.count") == 2)
        #expect(try report.count("incidents.cause.fault.count") == 1)
        #expect(try report.count("incidents.cause.power.count") == 1)
        #expect(try report.count("incidents.cause.not_said.count") == 4)
    }

    @Test func drillsAreLeftOutAndCounted() throws {
        let report = try report(IncidentReportTests.week)
        #expect(try report.count("scope.drill-cases") == 2)
        #expect(try report.events("scope.drill-cases") == ["d9", "d10"])
        let left = try report.events("scope.drill-messages")
        #expect(Set(left).isSuperset(of: ["d9", "d10", "n10"]))
        #expect(!left.contains("d8"), "what was a drill by mistake is none")
        // No figure but those that say what was left out rests on a drill.
        for figure in report.figures where !figure.id.hasPrefix("scope.drill") {
            #expect(Set(figure.support.events).isDisjoint(with: ["d9", "d10", "n10"]), "\(figure.id)")
            #expect(!figure.support.obligations.contains { $0.hasSuffix("/SC-9") || $0.hasSuffix("/SC-10") }, "\(figure.id)")
        }
    }

    @Test func anIncidentBelongsToThePeriodInWhichItOccurred() throws {
        let scenario = """
            from 2026-06-30 to 2026-07-01
            2026-06-30 23:50 border-guard detects SC-1 id=d1
            2026-07-01 00:10 border-guard notifies SC-1 id=n1
            """
        let first = try report(scenario)
        #expect(try first.count("incidents.real") == 1)
        #expect(try first.count("incidents.notified.in-time") == 1, "what came after the period's end is told, the ledger knows it")
        let second = try report(scenario, "2026-H2")
        #expect(try second.value("incidents.real") == .missing(.noData))
        #expect(second.figure("incidents.notified.in-time") == nil)
    }
}
