import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// What is told under a name that nobody knows: for the open case near it, for the time being; and what continues a case that nobody began.
@Suite struct NearbyTests {
    private let hour = "incident.notify-department/SC-52"

    /// 08:00: the screen fails; its hour ends at 09:00.
    private var gate: Gate {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-52", detected("08:00"))
        return gate
    }

    private func notice(device: String?, kind: String = "technical", at time: String) -> JSON {
        var data: JSONObject = [
            "kind": .string(kind), "occurredAt": .string("2026-03-16T\(time):00+07:00"), "title": "màn hình LED không hiển thị", "officer": "Trung úy Hải",
        ]
        if let device { data["device"] = .string(device) }
        return .object(data)
    }

    @Test(arguments: [
        // The same device, whatever the time; the same kind within a quarter of an hour.
        ("led-screen", "technical", "08:40", true), ("led-screen", "information-security", "08:40", true), (nil, "technical", "08:15", true),
        ("kiosk-1", "technical", "08:10", true), (nil, "technical", "08:16", false), ("kiosk-1", "technical", "08:30", false),
        (nil, "information-security", "08:00", false),
    ])
    func itCountsWhereItMayBeMeant(_ device: String?, _ kind: String, _ at: String, _ counts: Bool) throws {
        var gate = gate
        gate.at("08:40", "border-guard", "incident.notified", "SC-25", notice(device: device, kind: kind, at: at))
        #expect(gate.obligation(hour)?.isOpen == !counts)
        #expect(gate.obligation("incident.notify-department/SC-25")?.isOpen == false)
        let settled = gate.events.first { $0.type == "duty.fulfilled" && $0.data["obligation"]?.string == hour }
        #expect((settled != nil) == counts)
        if let settled { #expect(settled.data["wording"]?["vi"]?.string?.contains("Tạm tính theo tin báo dưới mã SC-25") == true) }
        // What it says of its own case, it says of no other.
        #expect(gate.obligation(hour)?.title == "màn hình LED không hiển thị")
        let asked = gate.events.first { $0.type == "duty.opened" && $0.data["duty"] == "communication.confirm" && $0.data["to"] == "information-dept" }
        #expect((asked != nil) == counts)
        if let asked { #expect(asked.data["wording"]?["vi"]?.string?.contains("có phải là SC-52 không?") == true) }
    }

    @Test(arguments: ["information-dept", "border-guard"])
    func eitherSideSaysThatItIsAnotherMatter(_ party: PartyID) {
        var gate = gate
        let told = gate.at("08:40", "border-guard", "incident.notified", "SC-25", notice(device: "led-screen", at: "08:00"))
        gate.agree("08:50", party, told, in: "SC-25", outcome: "denied")
        #expect(gate.obligation(hour)?.isOpen == true)
        // Who was told that it is settled is told that it is not.
        #expect(gate.said(about: "incident.notify-department").contains("08:50 notice.withdrawn border-guard"))
        gate.run(until: "09:01")
        #expect(gate.said(about: "incident.notify-department").contains("09:00 duty.overdue border-guard"))
    }

    @Test func byItsOwnNameItIsNoMoreForTheTimeBeing() {
        var gate = gate
        gate.at("08:40", "border-guard", "incident.notified", "SC-25", notice(device: "led-screen", at: "08:00"))
        gate.at("08:45", "border-guard", "incident.notified", "SC-52", notified("08:00"))
        gate.run(until: "09:30")
        #expect(gate.obligation(hour)?.isLate == false)
        #expect(!gate.said(about: "incident.notify-department").contains { $0.contains("overdue") })
    }

    @Test func aDrillIsMeantByNothingReal() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "DT-1", detected("08:00"), exercise: true)
        gate.at("08:40", "border-guard", "incident.notified", "SC-25", notice(device: "led-screen", at: "08:00"))
        #expect(gate.obligation("incident.notify-department/DT-1")?.isOpen == true)
    }

    @Test func aCaseThatAwaitsNothingIsNotMeant() {
        var gate = gate
        gate.at("08:10", "border-guard", "incident.notified", "SC-52", notified("08:00"))
        gate.at("08:40", "border-guard", "incident.notified", "SC-25", notice(device: "led-screen", at: "08:00"))
        #expect(gate.obligation(hour)?.calls.isEmpty == true)
        #expect(gate.state.nearby.names == ["SC-25"])
    }

    @Test func whatContinuesNoCaseIsToldToItsSenderAndCountsOnceTheCaseBegins() throws {
        var gate = gate
        gate.at("08:10", "border-guard", "incident.notified", "SC-52", notified("08:00"))
        gate.at("08:20", "information-dept", "incident.acknowledged", "SC-53", Saying("", "", "incident.acknowledged", "").data)
        gate.run(until: "08:20:29")
        #expect(!gate.events.contains { $0.type == "message.refused" })
        gate.run(until: "08:21")
        let told = try #require(gate.events.first { $0.type == "message.refused" })
        #expect(told.data["to"] == "information-dept")
        #expect(told.data["reason"]?.string?.contains("nobody has begun a case “SC-53”") == true)
        #expect(told.data["remedy"]?.string?.contains("did you mean SC-52?") == true)
        gate.at("08:30", "border-guard", "incident.notified", "SC-53", notice(device: "audio", at: "08:25"))
        #expect(gate.obligation("incident.acknowledge/SC-53")?.isOpen == false)
        gate.run(until: "10:00")
        #expect(gate.events.count { $0.type == "message.refused" } == 1)
    }

    @Test func whatComesBeforeItsBeginningByAnotherWayIsNoSlip() {
        var gate = gate
        gate.at("08:20", "information-dept", "incident.acknowledged", "SC-9", Saying("", "", "incident.acknowledged", "").data)
        gate.at("08:20:20", "border-guard", "incident.notified", "SC-9", notice(device: "audio", at: "08:15"))
        gate.run(until: "08:30")
        #expect(!gate.events.contains { $0.type == "message.refused" })
    }
}
