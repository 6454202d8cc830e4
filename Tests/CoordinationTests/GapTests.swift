import Foundation
import Messages
import Regulation
import Testing
import Values

@testable import Coordination

@Suite("What was received and is not on the ledger is asked for, and found again")
struct GapTests {
    private let duty = "incident.notify-department/SC-1"

    /// The guard's notification, as it went to the Department's queue and not to the ledger.
    private func lost(_ title: String = "màn hình LED không hiển thị") -> Event {
        Event(
            id: "lost", sender: "border-guard", type: "incident.notified", subject: "SC-1",
            time: Instant(rfc3339: "2026-03-16T08:30:00+07:00") ?? Instant(milliseconds: 0),
            data: ["kind": "technical", "occurredAt": "2026-03-16T08:00:00+07:00", "title": .string(title), "officer": "Trung úy Hải"])
    }

    /// A gate at which the Department has acknowledged that notification.
    private func gate(sender: String? = "border-guard") -> Gate {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:05", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at(
            "08:30:01", "information-dept", "receipt.issued", nil,
            ["receipts": [.compact(["id": "lost", "receivedAt": "2026-03-16T08:30:00+07:00", "sender": sender.map { .string($0) }])]])
        return gate
    }

    private func inquiries(_ gate: Gate) -> [(to: String, wanted: String)] {
        gate.events.filter { $0.type == "message.missing" }.map { ($0.data["to"]?.string ?? "", $0.data["wanted"]?.string ?? "") }
    }

    private func testify(_ gate: inout Gate, at time: String, _ event: Event, as party: PartyID = "information-dept", parts: Int = 1) {
        let body = event.encoded(offset: .hours(7))
        let size = (body.count + parts - 1) / parts
        for part in 0..<parts {
            let piece = Data(body[(part * size)..<min(body.count, (part + 1) * size)]).base64EncodedString()
            gate.at(
                time, party, "message.recovered", nil,
                .compact([
                    "id": "lost", "routingKey": "border-guard.incident.notified.all", "userId": "border-guard", "receivedAt": "2026-03-16T08:30:00+07:00",
                    "part": parts > 1 ? .int(Int64(part + 1)) : nil, "parts": parts > 1 ? .int(Int64(parts)) : nil, "body": .string(piece),
                ]))
        }
    }

    /// The same, where the Department has then said what it received.
    private func testified() -> Gate {
        var gate = gate()
        gate.run(until: "08:31:20")
        testify(&gate, at: "08:32", lost())
        gate.run(until: "08:33")
        return gate
    }

    @Test("a receipt that is a little ahead of its message is no gap")
    func ahead() {
        var gate = gate()
        gate.at("08:30:08", "border-guard", "incident.notified", "SC-1", notified("08:00"), id: "lost")
        gate.run(until: "08:40")
        #expect(inquiries(gate).isEmpty && gate.state.gapCounts == (0, 0, 0) && gate.state.status(asOf: gate.now)["gaps"] == nil)
    }

    @Test("what is missed within seconds of each other is asked for in one inquiry, and of each receiver's silence by itself")
    func together() {
        var gate = Gate(on: "2026-03-16")
        for (second, id) in [("30:01", "a"), ("30:03", "b"), ("30:05", "c"), ("30:09", "d")] {
            gate.at(
                "08:\(second)", "information-dept", "receipt.issued", nil,
                ["receipts": [["id": .string(id), "receivedAt": "2026-03-16T08:30:00+07:00", "sender": "border-guard"]]])
        }
        gate.run(until: "08:30:18")
        let first = gate.events.filter { $0.type == "message.missing" }
        #expect(first.map { ($0.data["messages"]?.array ?? []).compactMap { $0["id"]?.string }.sorted() } == [["a", "b", "c"]])
        gate.run(until: "08:30:25")
        // What is asked about early is asked about once, and has its whole time to be answered.
        #expect(gate.events.filter { $0.type == "message.missing" }.count == 2 && gate.state.gapCounts.missing == 4)
        gate.run(until: "08:31:05")
        #expect(Set(inquiries(gate).map(\.to)) == ["border-guard"])
        gate.run(until: "08:31:30")
        #expect(inquiries(gate).map(\.to).filter { $0 == "information-dept" }.count == 2)
    }

    @Test("after ten seconds the sender is asked, and what it sends again counts from when it was received")
    func sender() {
        var gate = gate()
        gate.run(until: "08:30:13")
        #expect(inquiries(gate).map(\.to) == ["border-guard"] && inquiries(gate).map(\.wanted) == ["again"])
        #expect(gate.state.gapCounts.missing == 1 && gate.state.status(asOf: gate.now)["gaps"]?["messages"]?.array?.first?["sender"] == "border-guard")
        #expect(gate.state.explain("lost")["kind"] == "missing")
        gate.at("09:30", "border-guard", "incident.notified", "SC-1", notified("08:00"), id: "lost", written: "08:29:59")
        gate.run(until: "09:31")
        #expect(gate.state.gapCounts.missing == 0)
        guard case .fulfilled(let at, _, _)? = gate.obligation(duty)?.outcome else {
            Issue.record("not fulfilled")
            return
        }
        #expect(at == gate.instant("08:30") && gate.obligation(duty)?.isLate == false)
    }

    @Test("a minute later a receiver is asked, and its word counts as its receipt would, and is shown as that")
    func receiver() throws {
        var gate = gate()
        gate.run(until: "08:31:20")
        #expect(inquiries(gate).map(\.to) == ["border-guard", "information-dept"] && inquiries(gate).map(\.wanted) == ["again", "testimony"])
        testify(&gate, at: "08:32", lost())
        gate.run(until: "08:33")
        #expect(gate.state.gapCounts == (0, 1, 0))
        guard case .fulfilled(let at, let by, _)? = gate.obligation(duty)?.outcome else {
            Issue.record("not fulfilled")
            return
        }
        #expect(at == gate.instant("08:30") && by.id == "lost")
        let evidence = gate.state.explain(duty)["evidence"]?.array ?? []
        #expect(evidence.contains { $0["id"] == "lost" && $0["witness"] == "information-dept" })
        #expect(gate.state.status(asOf: gate.now)["gaps"]?["testified"] == 1)
    }

    @Test("where nobody says who sent it, a receiver is asked at once")
    func unknownSender() {
        var gate = gate(sender: nil)
        gate.run(until: "08:30:20")
        #expect(inquiries(gate).map(\.to) == ["information-dept"])
    }

    @Test("a message that needs several parts counts once all are there")
    func parts() {
        var gate = gate(sender: nil)
        gate.run(until: "08:30:20")
        testify(&gate, at: "08:32", lost(), parts: 3)
        gate.run(until: "08:33")
        #expect(gate.state.isOnRecord("lost") && gate.state.gapCounts == (0, 1, 0))
    }

    @Test("the sender's own copy takes the place of the testimony")
    func yields() {
        var gate = testified()
        gate.put(record(lost()))
        gate.run(until: "08:34")
        #expect(gate.state.gapCounts == (0, 0, 0))
        let evidence = gate.state.explain(duty)["evidence"]?.array ?? []
        #expect(evidence.contains { $0["id"] == "lost" && $0["witness"] == nil })
    }

    @Test("two bodies under one id are an alarm, and the sender's counts from when it came")
    func contradiction() {
        var gate = gate()
        gate.run(until: "08:31:20")
        testify(&gate, at: "08:32", lost("một nội dung khác"))
        gate.run(until: "09:30")
        gate.put(record(lost()))
        gate.run(until: "09:31")
        #expect(gate.state.gapCounts == (0, 0, 1))
        #expect(gate.state.status(asOf: gate.now)["gaps"]?["contradictions"]?.array?.first?["receivedBy"] == "information-dept")
        #expect(gate.obligation(duty)?.isLate == true)
    }

    @Test("nobody testifies to what it did not acknowledge, nor to what nobody misses")
    func unasked() {
        var gate = gate()
        gate.run(until: "08:31:20")
        testify(&gate, at: "08:32", lost(), as: "police")
        gate.run(until: "08:33")
        #expect(!gate.state.isOnRecord("lost") && gate.events.contains { $0.type == "message.refused" && $0.data["to"] == "police" })
        gate.at("08:34", "border-guard", "incident.notified", "SC-1", notified("08:00"), id: "lost")
        testify(&gate, at: "08:35", lost("một nội dung khác"))
        gate.run(until: "08:36")
        #expect(gate.state.gapCounts == (0, 0, 0) && gate.state.explain("lost")["found"] == true)
    }

    @Test("a testimony to an act that was owed to others does not fulfil it")
    func witness() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:05", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at("08:30:01", "police", "receipt.issued", nil, ["receipts": [["id": "lost", "receivedAt": "2026-03-16T08:30:00+07:00"]]])
        gate.run(until: "08:31")
        testify(&gate, at: "08:32", lost(), as: "police")
        gate.run(until: "09:10")
        #expect(gate.state.isOnRecord("lost") && gate.obligation(duty)?.isOpen == true)
    }

    @Test("receipts for what nobody sent are bounded, and cost one inquiry for many")
    func flood() {
        var gate = Gate(on: "2026-03-16")
        for batch in 0..<30 {
            let receipts = (0..<100).map { JSON.object(["id": .string("none-\(batch)-\($0)"), "receivedAt": "2026-03-16T08:00:00+07:00"]) }
            gate.at("08:00", "police", "receipt.issued", nil, ["receipts": .array(receipts)])
        }
        gate.run(until: "08:05")
        #expect(gate.state.gapCounts.missing == 1000 && gate.state.status(asOf: gate.now)["gaps"]?["passedOver"] == 2000)
        #expect(gate.events.count { $0.type == "message.missing" } == 10)
    }

    @Test("what a broker confirmed before its ledger lived is asked for, all of it, though it be some hundreds of messages")
    func hundreds() {
        var gate = Gate(on: "2026-03-16")
        let ids = (0..<300).map { "lost-\($0)" }
        let receipts = ids.map { JSON.object(["id": .string($0), "receivedAt": "2026-03-16T08:00:00+07:00", "sender": "culture-dept"]) }
        gate.at("08:00", "information-dept", "receipt.issued", nil, ["receipts": .array(receipts)])
        gate.run(until: "08:01")
        let asked = gate.events.filter { $0.type == "message.missing" }.flatMap { $0.data["messages"]?.array ?? [] }.compactMap { $0["id"]?.string }
        #expect(asked.sorted() == ids.sorted())
    }

    @Test("a record that is set aside is there, and who received it is asked for nothing")
    func setAside() throws {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:05", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.put(record(lost()))
        gate.at("08:30:01", "information-dept", "receipt.issued", nil, ["receipts": [["id": "lost", "receivedAt": "2026-03-16T08:30:00+07:00"]]])
        gate.run(until: "08:45")
        let said = SetAside.event(of: record(lost()), build: "1", time: gate.now, in: .standard)
        let key = RoutingKey(sender: said.sender, type: said.type).description
        var aside = SetAside(build: "1")
        aside.note(
            LedgerState.Record(
                body: said.encoded(offset: .hours(7)),
                carriage: Carriage(exchange: "phoihop", routingKey: key, userID: said.sender, messageID: said.id, contentType: Event.contentType)))
        var state = LedgerState(setAside: aside)
        for record in gate.records { state.evolve(record) }
        #expect(!state.isOnRecord("lost") && state.gaps.open.isEmpty)
    }

    @Test("reading the ledger again gives the same gaps, and an audit finds what is testified to and nothing else")
    func again() {
        let gate = testified()
        var replayed = LedgerState()
        var audit = Audit()
        for record in gate.records {
            replayed.evolve(record)
            audit.read(record)
        }
        #expect(replayed.digest == gate.state.digest && replayed.decisions.isEmpty)
        #expect(audit.result().map(\.fault) == [.testified(by: "information-dept")])
    }

    private func record(_ event: Event) -> LedgerState.Record {
        LedgerState.Record(
            body: event.encoded(offset: .hours(7)),
            carriage: Carriage(
                exchange: "phoihop", routingKey: "border-guard.incident.notified.all", userID: "border-guard", messageID: event.id,
                contentType: Event.contentType))
    }
}
