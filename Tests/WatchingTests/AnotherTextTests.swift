import Messages
import Monitoring
import Regulation
import Schemas
import Testing
import Values

@testable import Watching

/// Equipment under a text that names everything otherwise: parties, devices, message types. The schema for a failure lacks what this Decision's has beyond the need.
@Suite struct AnotherTextTests {
    private static let types = [
        "incident.detected": "fault.found", "device.status-changed": "machine.changed", "power.status-changed": "current.changed",
        "power.restored": "current.returned", "operations.day-closed": "day.summed",
    ]
    private static let others = ["border-guard": "port-command", "economic-zone": "port-services", "led-screen": "wall"]

    private static func regulation() throws -> Regulation {
        let names = types.merging(others) { first, _ in first }
        let text = names.reduce(Regulation.standard.source.text) { $0.replacing("\"\($1.key)\"", with: "\"\($1.value)\"") }
        var object = try #require(JSON(parsing: text).object)
        object["schemas"] = .object(
            JSONObject(
                members: try types.sorted { $0.key < $1.key }.map { old, new in
                    var document = try #require(MessageSchema.named(old)?.document.object)
                    if old == "incident.detected" {
                        var members = try #require(document["properties"]?.object)
                        for name in ["lastKnownGoodAt", "detectedBy", "evidence", "cause"] { members[name] = nil }
                        document["properties"] = .object(members)
                        (document["examples"], document["x-counterexamples"]) = (nil, nil)
                    }
                    return .init(key: new, value: .object(document))
                }))
        return try Regulation(json: .object(object))
    }

    private func room(_ party: PartyID, _ configuration: WatchConfiguration, _ regulation: Regulation) throws -> Watchroom {
        let party = try #require(regulation.party(party))
        return Watchroom(configuration, of: party, regulation: regulation, rate: 1, now: at("19:00"), names: CaseNames(in: regulation, random: Counting()))
    }

    /// Takes what is to be said, each held against the text.
    private func say(_ room: inout Watchroom, as party: PartyID, _ regulation: Regulation) throws -> [String] {
        let reader = MessageReader(regulation: regulation, allowedSkew: .zero)
        return try room.outgoing.map { message in
            let event = Event(
                id: message.id, sender: party, type: message.announcement.type, subject: message.announcement.subject, time: at("23:59", day: 9),
                data: message.announcement.data)
            try reader.check(event, to: RoutingKey.all)
            room.wasSaid(message.id)
            return message.announcement.type
        }
    }

    private var wall: WatchedDevice {
        var device = screen()
        device.id = "wall"
        return device
    }

    @Test("devices, their incidents and the day are told in its words") func devices() throws {
        let regulation = try Self.regulation()
        var room = try room("port-command", WatchConfiguration(devices: [wall]), regulation)
        for minute in 0...2 as ClosedRange<Int64> { room.checked("wall", CheckResult(status: .ok), at: at("19:00") + .minutes(minute)) }
        for minute in 3...5 as ClosedRange<Int64> { room.checked("wall", CheckResult(status: .critical, summary: "dark"), at: at("19:00") + .minutes(minute)) }
        #expect(room.told().contains { $0.contains("phoihop publish incident.notified") && $0.contains("--device wall") })
        #expect(try say(&room, as: "port-command", regulation) == ["machine.changed", "machine.changed", "fault.found"])
        // The supply was lost, as another party says; in the schema for a failure there is no place for that.
        room.heard(
            Event(
                id: "p", sender: "port-services", type: "current.changed", subject: "DIEN-1", time: at("19:06"),
                data: ["ups": "gate", "status": "on-battery", "since": JSON(at("19:06"), offset: local), "supplyLost": true]), at: at("19:06"))
        for minute in 7...8 as ClosedRange<Int64> { room.checked("wall", CheckResult(status: .ok), at: at("19:00") + .minutes(minute)) }
        for minute in 9...11 as ClosedRange<Int64> { room.checked("wall", CheckResult(status: .critical), at: at("19:00") + .minutes(minute)) }
        let failure = try #require(room.outgoing.last?.announcement)
        #expect(failure.type == "fault.found" && failure.data["kind"] == "technical" && failure.data["cause"] == nil)
        #expect(room.outgoing.dropLast().last?.announcement.data["cause"] == "power")
        room.timePassed(to: at("22:30"))
        #expect(try say(&room, as: "port-command", regulation).last == "day.summed")
    }

    @Test("so is the supply") func supply() throws {
        let regulation = try Self.regulation()
        var room = try room("port-services", WatchConfiguration(supply: gateSupply), regulation)
        func read(_ status: String, _ second: Int64) {
            room.wasRead(UPSReading(status: UPSStatus(status), chargePercent: 90, runtime: .seconds(1800)), at: at("19:00") + .seconds(second))
        }
        read("OL", 0)
        for second in stride(from: Int64(5), through: 30, by: 5) { read("OB DISCHRG", second) }
        for second in stride(from: Int64(35), through: 60, by: 5) { read("OL", second) }
        #expect(try say(&room, as: "port-services", regulation) == ["current.changed", "current.returned", "current.changed"])
    }

    @Test("under a text that tells of no equipment nothing is said") func nothing() throws {
        var object = try #require(Regulation.standard.source.object)
        object["equipment"] = nil
        object["parties"] = .array(
            try #require(object["parties"]?.array).map { row in
                var row = try #require(row.object)
                row["watches"] = nil
                return .object(row)
            })
        let regulation = try Regulation(json: .object(object))
        #expect(regulation.equipment == nil)
        var room = try room("border-guard", WatchConfiguration(devices: [screen()], supply: gateSupply), regulation)
        for minute in 0...5 as ClosedRange<Int64> { room.checked("led-screen", CheckResult(status: .critical), at: at("19:00") + .minutes(minute)) }
        room.wasRead(UPSReading(status: UPSStatus("OB"), chargePercent: 1, runtime: .zero), at: at("19:10"))
        room.timePassed(to: at("22:30", day: 1))
        #expect(room.outgoing.isEmpty)
    }
}
