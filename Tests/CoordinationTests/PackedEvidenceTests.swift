import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// Evidence that is packed is the same when it is looked at again.
@Suite struct PackedEvidenceTests {
    private func item(_ number: Int, _ change: (inout Event) -> Void = { _ in }) -> Evidence {
        var event = Event(
            id: "e\(number)", sender: "border-guard", type: "incident.detected", subject: "SC-1", time: Instant(milliseconds: Int64(number)),
            data: ["title": "một sự cố", "occurredAt": "2026-03-16T08:00:00+07:00"])
        change(&event)
        return Evidence(event: event, arrivedAt: Instant(milliseconds: 7), notBefore: Instant(milliseconds: -5), sequence: number)
    }

    private func isSame(_ a: [Evidence], _ b: [Evidence]) -> Bool {
        a.count == b.count
            && zip(a, b).allSatisfy {
                $0.event == $1.event && $0.arrivedAt == $1.arrivedAt && $0.notBefore == $1.notBefore && $0.sequence == $1.sequence
                    && $0.isOfSubject == $1.isOfSubject && $0.amendedAt == $1.amendedAt && $0.isWithdrawn == $1.isWithdrawn
                    && $0.witness == $1.witness && $0.notAfter == $1.notAfter && $0.offset == $1.offset && $0.isStamped == $1.isStamped
            }
    }

    @Test func everyMemberIsKept() {
        var items = [
            item(0), item(1) { $0.subject = nil }, item(2) { $0.exercise = true }, item(3) { $0.correlationID = "c" }, item(4) { $0.causationID = "x/y" },
            item(5) { $0.traceparent = "00-1-2-3" }, item(6) { $0.election = "elected/1" },
            item(7) { $0.data = [1, 2.5, -0.0, 1e300, 9_223_372_036_854_775_807, true, nil, "\u{0}\u{10FFFF}é", [], [:]] },
            item(8) { $0.id = String(repeating: "i", count: 70_000) },
            item(9) { $0.time = Instant(milliseconds: .min) }, item(10) { $0.id = "00000000-0000-0000-0000-000000000000" },
            item(11) { $0.id = "fedcba98-7654-3210-ffff-0123456789ab" }, item(12) { $0.id = "FEDCBA98-7654-3210-ffff-0123456789ab" },
            item(13) { $0.id = "fedcba98-7654-3210-ffff-0123456789ab " }, item(14) { $0.id = "fedcba98-7654-3210-fff-f0123456789ab" },
            item(15) { $0.id = "fedcba98x7654-3210-ffff-0123456789ab" }, item(16) { $0.id = "fedcba9--7654-3210-ffff-0123456789ab" },
        ]
        items[1].isOfSubject = false
        items[2].amendedAt = Instant(milliseconds: .max)
        items[3].isWithdrawn = true
        (items[4].notAfter, items[4].isStamped) = (Instant(milliseconds: 9), true)
        (items[5].offset, items[6].offset) = (0, .max)
        (items[1].witness, items[3].witness) = ("information-dept", "police")
        #expect(isSame(PackedEvidence(items).evidence, items))
        #expect(PackedEvidence([]).evidence.isEmpty)
    }

    @Test func moreKindsThanAByteNumbersAreKept() {
        let items = (0..<600).map { number in item(number) { ($0.sender, $0.type) = ("p\(number)", "t.\(number % 7)") } }
        #expect(isSame(PackedEvidence(items).evidence, items))
    }

    /// A case that is settled is packed after a while, and answers, counts and takes what is said of it later as one that is not.
    @Test func whatIsPackedIsTheSameAsWhatIsNot() throws {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at("08:10", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.at("08:20", "information-dept", "incident.dismissed", "SC-1", ["reason": "x", "officer": "y"])
        gate.at("08:25", "border-guard", "communication.confirmed", "SC-1", ["confirms": "e3", "outcome": "confirmed", "officer": "z"])
        gate.run(until: "08:30")
        let before = gate.state
        #expect(before.cases["SC-1"]?.isPacked == false)
        // Many say other things meanwhile.
        for number in 0..<9000 {
            gate.at("08:31", "police", "receipt.issued", nil, ["receipts": [["id": .string("n\(number)"), "receivedAt": "2026-03-16T08:31:00+07:00"]]])
        }
        let state = gate.state
        #expect(state.cases["SC-1"]?.isPacked == true)
        #expect(state.explain("SC-1") == before.explain("SC-1"))
        let id = "incident.notify-department/SC-1"
        #expect(state.explain(id) == before.explain(id))
        #expect(state.record["cases"]?["SC-1"] == before.record["cases"]?["SC-1"])
        #expect(state.statements.filter { $0.event.subject == "SC-1" } == before.statements.filter { $0.event.subject == "SC-1" })
        // What is said of it later is evidence like any other.
        var later = gate
        later.at("09:30", "information-dept", "incident.corrected", "SC-1", ["corrects": "e3", "reason": "x", "withdrawn": true])
        later.run(until: "09:40")
        #expect(later.state.cases["SC-1"]?.evidence.count(where: { !$0.isNotice }) == 5 && later.state.cases["SC-1"]?.isPacked == false)
    }
}
