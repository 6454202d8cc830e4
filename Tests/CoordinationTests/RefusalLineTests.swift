import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// How a party is told of many messages of its that do not count.
@Suite struct RefusalLineTests {
    private func refusals(_ gate: Gate) -> [Event] { gate.events.filter { $0.type == "message.refused" } }

    /// A message that the police may not send.
    private func wrong(_ number: Int) -> LedgerState.Record {
        let event = Event(
            id: "wrong-\(number)", sender: "police", type: "incident.notified", subject: "SC-\(number)", time: Instant(milliseconds: 0), data: notified("08:00")
        )
        let carriage = Carriage(
            exchange: "phoihop", routingKey: "police.incident.notified.all", userID: "police", messageID: event.id, contentType: Event.contentType)
        return LedgerState.Record(body: event.encoded(offset: .hours(7)), carriage: carriage)
    }

    @Test func aQuietSenderIsToldAtOnceAndAFloodIsGathered() throws {
        var gate = Gate(on: "2026-03-16")
        gate.run(until: "08:00")
        for number in 0..<1000 { gate.put(wrong(number)) }
        gate.run(until: "08:00")
        #expect(refusals(gate).map { $0.data["refused"]?.string } == ["wrong-0", "wrong-1", "wrong-2"])
        #expect(refusals(gate).allSatisfy { $0.data["count"] == nil && $0.time == gate.instant("08:00") })
        gate.run(until: "08:01")
        #expect(refusals(gate).count == 4)
        let last = try #require(refusals(gate).last)
        #expect(last.data["count"]?.int == 997 && last.data["refused"]?.string == "wrong-3")
        #expect(last.data["others"]?.array?.map { $0["refused"]?.string } == (4..<23).map { "wrong-\($0)" })
        #expect(last.time == gate.instant("08:00") + RefusalLine.span)
        #expect(last.data[path: ["wording", "en"]]?.string?.contains("996 more messages of the same sender were not accepted: wrong-4, wrong-5,") == true)
        #expect(gate.state.refusedCount == 1000 && gate.state.decisions.isEmpty)
        // Quiet again, it is told at once.
        gate.run(until: "08:02")
        gate.put(wrong(1000))
        gate.run(until: "08:02")
        #expect(refusals(gate).last?.data["refused"]?.string == "wrong-1000")
    }

    @Test func overAMinuteNoMoreThanAFewWordsASecondAreSaidAndEachMessageIsCountedOnce() {
        var gate = Gate(on: "2026-03-16")
        gate.run(until: "08:00")
        let begun = gate.now
        for step in 0..<600 {
            gate.run(until: begun + Span(milliseconds: Int64(step) * 100))
            for number in 0..<10 { gate.put(wrong(step * 10 + number)) }
        }
        gate.run(until: "08:02")
        let words = refusals(gate)
        for (first, fourth) in zip(words, words.dropFirst(RefusalLine.limit)) { #expect(fourth.time - first.time >= RefusalLine.span) }
        #expect(words.reduce(0) { $0 + ($1.data["count"]?.int ?? 1) } == 6000)
        #expect(gate.state.refusedCount == 6000)
        var audit = Audit()
        for record in gate.records { audit.read(record) }
        #expect(audit.result() == [])
    }

    @Test func whoRepeatsTheSameIsToldOnce() {
        var gate = Gate(on: "2026-03-16")
        for _ in 0..<20 {
            for _ in 0..<3 { gate.put(wrong(0)) }
            gate.run(until: gate.now + .seconds(5))
        }
        #expect(refusals(gate).count == 1)
    }

    @Test func oneSendersFloodDelaysNoOtherSendersRefusal() {
        var gate = Gate(on: "2026-03-16")
        gate.run(until: "08:00")
        for number in 0..<100 { gate.put(wrong(number)) }
        gate.at("08:00", "culture-dept", "incident.notified", "SC-1", notified("08:00"))
        #expect(refusals(gate).count { $0.data["to"]?.string == "culture-dept" && $0.time == gate.instant("08:00") } == 1)
    }

    /// What was gathered is not lost with the leader that gathered it: the next one says the same under the same id.
    @Test func anotherLeaderSaysTheSame() {
        var gate = Gate(on: "2026-03-16")
        gate.run(until: "08:00")
        for number in 0..<50 { gate.put(wrong(number)) }
        gate.run(until: "08:00")
        gate.replaceCoordinator()
        gate.run(until: "08:01")
        // The leader that was replaced says it too, for a moment; what it says does not count.
        let counts = Dictionary(refusals(gate).map { ($0.id, $0.data["count"]?.int ?? 1) }) { first, _ in first }
        #expect(counts.values.reduce(0, +) == 50 && refusals(gate).count == counts.count + 1)
    }

    @Test func aRefusalTakenBackIsNotCounted() {
        var line = RefusalLine()
        func item(_ number: Int) -> Refused {
            var refusal = Refusal(Wording(vi: "muộn", en: "late"), remedy: Wording(vi: "x", en: "x"))
            (refusal.eventID, refusal.type) = ("e\(number)", SystemType.dutyExtended)
            return Refused(refusal, body: Array("\(number)".utf8), routingKey: "k")
        }
        let now = Instant(milliseconds: 0)
        for number in 0..<30 {
            if let word = line.refused(item(number), at: now, RefusalLine.span) { line.willSay("w\(number)", about: word) }
        }
        #expect(line.gathering?.count == 27)
        #expect(line.counts("e1") == "w1" && line.counts("e29") == nil && line.counts("nothing") == nil)
        #expect(line.gathering?.count == 26 && line.owed.count == 2)
    }
}
