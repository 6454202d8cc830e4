import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// What the coordinator answers to messages that do not count: itself a message that counts, whatever it answers to. One that no reader took would be sent
/// for ever.
@Suite struct AnswerTests {
    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: [UInt8]
        let carriage: Carriage
        init(_ name: String, _ body: String, user: String? = "police", key: String = "police.incident.detected.all", contentType: String? = Event.contentType) {
            testDescription = name
            self.body = Array(body.utf8)
            carriage = Carriage(exchange: "phoihop", routingKey: key, userID: user, messageID: "m", contentType: contentType)
        }
    }

    static let long = String(repeating: "x", count: 100_000)

    @Test(arguments: [
        Hostile("an empty body", ""), Hostile("no JSON", "\u{1B}[2J"), Hostile("no user", "{}", user: nil), Hostile("an unknown user", "{}", user: "Người Lạ"),
        Hostile("a user of 255 bytes", "{}", user: String(repeating: "u", count: 255)), Hostile("the provisioner", "{}", user: "provisioner"),
        Hostile("an empty id", #"{"id":""}"#), Hostile("a long id", #"{"id":"\#(long)"}"#),
        Hostile("an id of marks", "{\"id\":\"a\(String(repeating: "\u{301}", count: 3000))\"}"),
        Hostile("a long type", #"{"type":"vn.laocai.phoihop.\#(long).v1"}"#), Hostile("a type without a name", #"{"type":"vn.laocai.phoihop.v1"}"#),
        Hostile("a long key of JSON", #"{"\#(long)":1,"\#(long)":2}"#), Hostile("a long key of routing", "{}", key: String(repeating: "k", count: 255)),
        Hostile("a long content type", "{}", contentType: String(repeating: "c", count: 255)),
        Hostile("a time at the world's end", #"{"time":"9999-12-31T23:59:59Z"}"#),
        Hostile("too large", String(repeating: " ", count: 262_145)), Hostile("placeholders", #"{"id":"{phone}","type":"vn.laocai.phoihop.{reason}.v1"}"#),
    ]) func whateverIsRefusedTheAnswerCounts(_ given: Hostile) throws {
        var gate = Gate(on: "2026-03-16")
        gate.run(until: "08:00")
        let before = gate.state.refusedCount
        gate.put(LedgerState.Record(body: given.body, carriage: given.carriage))
        gate.run(until: "08:01")
        #expect(gate.state.refusedCount == before + 1, "its answer was refused too")
        let answer = try #require(gate.events.last { $0.type == "message.refused" })
        #expect(answer.encoded(offset: .hours(7)).count < 20_000)
        #expect(gate.events.filter { $0.type == "message.refused" }.count == 1)
    }

    /// A party's id may be as long as the contract allows, and nobody need give a subject.
    @Test func noticesOfACaseWithTheLongestIDCount() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", nil, detected("08:00"), id: String(repeating: "i", count: MessageReader.maximumPartyIDBytes))
        gate.run(until: "12:00")
        #expect(gate.state.refusedCount == 0)
        #expect(gate.events.contains { $0.type == "duty.escalated" } && gate.events.contains { $0.type == "message.forwarded" })
        #expect(gate.events.allSatisfy { $0.id.utf8.count <= 255 })
    }
}
