import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// What is announced beforehand holds an incident's clock back, on record as held back, and always expires.
@Suite struct MaintenanceTests {
    private let hour = "incident.notify-department/SC-1"

    private func window(_ at: String, _ sender: PartyID = "information-dept", from: String = "09:00", until: String = "11:00", _ more: JSON = [:]) -> Saying {
        var changes: JSONObject = [
            "kind": "power-cut", "from": .string("2026-05-13T\(from):00+07:00"), "until": .string("2026-05-13T\(until):00+07:00"), "devices": nil,
        ]
        for member in more.object?.members ?? [] { changes[member.key] = member.value }
        return Saying(at, sender, "maintenance.window-opened", "BT-1", .object(changes))
    }

    /// What a monitor finds.
    private func detection(_ at: String, kind: String = "technical") -> JSON {
        var data = detected(at, on: "2026-05-13", kind: kind).object ?? JSONObject()
        data["evidence"] = "CRITICAL"
        return .object(data)
    }

    private func told(_ gate: Gate, _ id: String) -> [String] {
        gate.events.filter { $0.sender == "coordinator" && $0.data["obligation"]?.string == id }.map {
            "\(LocalTime($0.time, offset: .hours(7)).timeOfDay) \($0.type) \($0.data["to"]?.string ?? "")"
        }
    }

    private var gate: Gate {
        var gate = Gate(on: "2026-05-13")
        gate.hear(window("08:00"))
        return gate
    }

    @Test func whatIsOverWithinTheWindowIsNoIncident() throws {
        var gate = gate
        gate.at("09:05", "border-guard", "incident.detected", "SC-1", detection("09:02"))
        gate.run(until: "10:30")
        #expect(told(gate, hour) == ["09:05 notice.held-back border-guard", "09:05 notice.held-back information-dept"])
        let held = try #require(gate.events.first { $0.type == "notice.held-back" })
        #expect(held.data["window"] == "BT-1" && held.data["until"]?.instant == gate.instant("11:00"))
        gate.hear(Saying("10:40", "border-guard", "incident.resolved", "SC-1", ["resolvedAt": "2026-05-13T10:39:00+07:00"]))
        gate.run(until: "2026-05-14 12:00")
        #expect(told(gate, hour).count == 2)
        guard case .closed = gate.obligation(hour)?.outcome else {
            Issue.record("\(String(describing: gate.obligation(hour)?.outcome))")
            return
        }
        #expect(gate.state.explain(hour)["state"] == "planned")
    }

    @Test func whatIsStillDownWhenTheWindowEndsCountsFromThen() {
        var gate = gate
        gate.at("09:05", "border-guard", "incident.detected", "SC-1", detection("09:02"))
        gate.run(until: "12:31")
        #expect(
            told(gate, hour).dropFirst(2) == [
                "11:00 duty.opened border-guard", "11:30 duty.reminded border-guard", "11:50 duty.reminded border-guard", "12:00 duty.overdue border-guard",
                "12:00 duty.overdue information-dept", "12:30 duty.escalated peoples-committee", "12:30 duty.escalated border-guard",
                "12:30 duty.escalated information-dept",
            ])
        let opening = gate.events.first { $0.type == "duty.opened" }?.data["wording"]?["vi"]?.string ?? ""
        #expect(opening.contains("xảy ra lúc 09h02 ngày 13/5/2026") && opening.contains("Thời gian bảo trì BT-1 đã hết lúc 11h00 ngày 13/5/2026"), "\(opening)")
    }

    @Test(arguments: [
        // What happened before the window, or before it was announced, was not planned.
        ("08:30", "technical", "led-screen", "08:00"), ("09:02", "technical", "led-screen", "09:03"),
        // Information security is never planned, and neither is what becomes of other devices.
        ("09:02", "information-security", "led-screen", "08:00"), ("09:02", "technical", "kiosk-1", "08:00"), ("11:00", "technical", "led-screen", "08:00"),
    ])
    func whatIsNotPlannedRunsItsHour(_ occurred: String, _ kind: String, _ device: String, _ announced: String) {
        var gate = Gate(on: "2026-05-13")
        gate.hear(window(announced, from: "09:00", ["devices": ["led-screen"]]))
        var data = detection(occurred, kind: kind).object ?? JSONObject()
        data["device"] = .string(device)
        gate.at("11:00:01", "border-guard", "incident.detected", "SC-1", .object(data))
        #expect(gate.obligation(hour)?.deadline == gate.instant(occurred) + .hours(1))
        #expect(gate.obligation(hour)?.heldBy == nil)
        #expect(!gate.events.contains { $0.type == "notice.held-back" })
    }

    @Test func whoeverNotifiesSaysThatItIsAnIncident() {
        var gate = gate
        gate.at("09:05", "border-guard", "incident.detected", "SC-1", detection("09:02"))
        gate.hear(Saying("09:20", "border-guard", "incident.notified", "SC-1", ["occurredAt": "2026-05-13T09:02:00+07:00"]))
        #expect(gate.obligation(hour)?.deadline == gate.instant("10:02") && gate.obligation(hour)?.isOpen == false && gate.obligation(hour)?.isLate == false)
    }

    @Test func aWindowThatEndsEarlyOrThatAnotherFollows() {
        var gate = gate
        gate.at("09:05", "border-guard", "incident.detected", "SC-1", detection("09:02"))
        gate.hear(Saying("09:30", "border-guard", "maintenance.window-closed", "BT-1"))
        gate.hear(Saying("09:40", "information-dept", "maintenance.window-closed", "BT-1"))
        #expect(gate.obligation(hour)?.deadline == gate.instant("10:40"))
        #expect(told(gate, hour) == ["09:05 notice.held-back border-guard", "09:05 notice.held-back information-dept", "09:40 duty.opened border-guard"])
        #expect(gate.events.filter { $0.type == "message.refused" }.map { $0.data["to"]?.string ?? "" } == ["border-guard"])

        var other = self.gate
        other.at("09:05", "border-guard", "incident.detected", "SC-1", detection("09:02"))
        var next = window("10:30", from: "10:30", until: "12:00")
        next.subject = "BT-2"
        other.hear(next)
        #expect(other.obligation(hour)?.deadline == other.instant("13:00"))
    }

    @Test(
        arguments: [
            ("09:00", "11:00", "08:00", nil), ("11:00", "11:00", "08:00", "until is not after from"),
            ("09:00", "11:00", "11:30", "the maintenance window was over"),
        ] as [(String, String, String, String?)])
    func aWindowEndsAfterItBeginsAndAfterItIsAnnounced(_ from: String, _ until: String, _ at: String, _ reason: String?) {
        var gate = Gate(on: "2026-05-13")
        gate.hear(window(at, from: from, until: until))
        let told = gate.events.filter { $0.type == "message.refused" }.map { $0.data["reason"]?.string ?? "" }
        #expect(reason == nil ? told.isEmpty : told.count == 1 && told[0].hasPrefix(reason ?? ""), "\(told)")
        #expect(gate.state.windows.isEmpty == (reason != nil))
    }

    @Test func aWindowIsNoLongerThanAWeek() {
        var gate = Gate(on: "2026-05-13")
        gate.hear(window("08:00", until: "11:00", ["until": "2026-05-20T09:00:01+07:00"]))
        #expect(gate.events.filter { $0.type == "message.refused" }.map { $0.data["reason"]?.string ?? "" } == ["the maintenance window is longer than 7 days"])
    }

    @Test func hoursLostToAnAnnouncedPowerCutAreSaidToBePlanned() throws {
        var gate = Gate(on: "2026-05-12")
        gate.hear(window("10:00", from: "08:00"))
        let down: JSON = ["device": "led-screen", "status": "critical", "since": "2026-05-13T07:55:00+07:00", "cause": "power", "output": nil]
        gate.hear(Saying("2026-05-13 07:56", "border-guard", "device.status-changed", "led-screen", down))
        gate.run(until: "2026-05-13 12:00")
        let notice = try #require(gate.events.first { $0.type == "duty.overdue" && $0.data["duty"] == "operate.daily-hours" })
        #expect(notice.data["deadline"]?.instant == gate.instant("2026-05-13 08:55"))
        #expect(
            notice.data["wording"]?["vi"]?.string?.contains("Nguyên nhân ghi nhận: mất điện 05 phút, mất điện theo kế hoạch 55 phút.") == true,
            "\(notice.data["wording"]?["vi"]?.string ?? "")")
    }

    @Test func aPowerCutThatWasAnnouncedHoldsTheSupplysMarkBack() {
        var gate = gate
        gate.hear(Saying("09:01", "economic-zone", "power.status-changed", "D-1", ["since": "2026-05-13T09:00:00+07:00", "supplyLost": true]))
        #expect(gate.obligation("power.supply/D-1")?.deadline == gate.instant("11:30"))
        gate.hear(Saying("10:50", "economic-zone", "power.restored", "D-1", ["restoredAt": "2026-05-13T10:50:00+07:00"]))
        gate.run(until: "13:00")
        #expect(told(gate, "power.supply/D-1").contains { $0.contains("overdue") } == false)
    }

    @Test func theGuardsOwnWordHoldsLessThanWhatTheDepartmentAgreesTo() {
        var gate = Gate(on: "2026-05-13")
        let id = gate.hear(window("07:30", "border-guard", from: "08:00", until: "12:00", ["kind": "maintenance", "devices": ["led-screen"]]))
        gate.run(until: "08:00")
        #expect(told(gate, "communication.confirm/\(id)/information-dept") == ["07:30 duty.opened information-dept"])
        gate.at("08:10", "border-guard", "incident.detected", "SC-1", detection("08:10"))
        #expect(gate.obligation(hour)?.deadline == gate.instant("10:00"))
        gate.agree("08:30", "information-dept", id, in: "BT-1")
        #expect(gate.obligation(hour)?.deadline == gate.instant("13:00"))
        gate.run(until: "11:00")
        #expect(!told(gate, hour).contains { $0.contains("overdue") || $0.contains("opened") })

        // Agreed to after its hour had begun, it holds nothing back of it: nobody can plan what has already happened.
        var late = Gate(on: "2026-05-13")
        let again = late.hear(window("07:30", "border-guard", from: "08:00", until: "12:00", ["kind": "maintenance", "devices": ["led-screen"]]))
        late.at("08:10", "border-guard", "incident.detected", "SC-1", detection("08:10"))
        late.agree("09:30", "information-dept", again, in: "BT-1")
        #expect(late.obligation(hour)?.deadline == late.instant("10:00"))
    }

    @Test func aQuestionAboutAWindowIsOverWithIt() {
        var gate = Gate(on: "2026-05-13")
        let id = gate.hear(window("07:30", "border-guard", from: "08:00", until: "12:00", ["kind": "maintenance", "devices": ["led-screen"]]))
        gate.hear(Saying("07:45", "border-guard", "maintenance.window-closed", "BT-1"))
        guard case .closed? = gate.obligation("communication.confirm/\(id)/information-dept")?.outcome else {
            Issue.record("\(String(describing: gate.obligation("communication.confirm/\(id)/information-dept")?.outcome))")
            return
        }
    }

    @Test func whatAPersonReportsIsNeverPlanned() {
        var gate = gate
        gate.at("09:05", "police", "incident.detected", "SC-1", detected("09:02", on: "2026-05-13"))
        #expect(gate.obligation(hour)?.deadline == gate.instant("10:02"))
        var both = self.gate
        both.at("09:05", "border-guard", "incident.detected", "SC-1", detection("09:02"))
        #expect(both.obligation(hour)?.deadline == both.instant("12:00"))
        both.at("09:10", "police", "incident.detected", "SC-1", detected("09:02", on: "2026-05-13"))
        #expect(both.obligation(hour)?.deadline == both.instant("10:02"))
        // Told after the window, it does not make what was held back late at birth.
        var after = self.gate
        after.at("09:05", "border-guard", "incident.detected", "SC-1", detection("09:02"))
        after.at("11:10", "police", "incident.detected", "SC-1", detected("09:02", on: "2026-05-13"))
        #expect(after.obligation(hour)?.deadline == after.instant("12:00"))
    }

    @Test func whatIsOverWithinTheWindowWorksByThen() {
        var gate = gate
        func status(_ at: String, _ status: String) -> Saying {
            Saying(
                at, "border-guard", "device.status-changed", "led-screen",
                ["device": "led-screen", "status": .string(status), "since": .string("2026-05-13T\(at):00+07:00"), "cause": nil, "output": nil])
        }
        gate.hear(status("09:02", "critical"))
        gate.at("09:05", "border-guard", "incident.detected", "SC-1", detection("09:02"))
        gate.hear(Saying("10:40", "border-guard", "incident.resolved", "SC-1", ["resolvedAt": "2026-05-13T10:39:00+07:00"]))
        #expect(gate.obligation(hour)?.isOpen == true)
        gate.hear(status("10:50", "ok"))
        #expect(gate.obligation(hour)?.isOpen == false)
        gate.run(until: "2026-05-14 12:00")
        #expect(!told(gate, hour).contains { $0.contains("overdue") })
    }

    @Test func aWindowAnnouncedWhileNoCoordinatorLedIsDatedByTheBroker() {
        var gate = Gate(on: "2026-05-13")
        gate.run(until: "07:00")
        gate.isWatched = false
        let id = gate.hear(window("08:00"))
        gate.at("09:05", "border-guard", "incident.detected", "SC-1", detection("09:02"))
        gate.run(until: "10:30")
        gate.elect(term: 2)
        #expect(gate.state.doubtful.map(\.id) == [id])
        gate.own("coordinator.marked", ["reachedAt": "2026-05-13T10:29:59+07:00", "stamps": [["id": .string(id), "arrivedAt": "2026-05-13T08:00:01+07:00"]]])
        #expect(gate.obligation(hour)?.deadline == gate.instant("12:00"))
        gate.isWatched = true
        gate.run(until: "10:45")
        #expect(!gate.events.contains { $0.type == "duty.overdue" && $0.data["obligation"]?.string == hour })
    }
}
