import Coordination
import Foundation
import Messages
import Regulation
import Simulation
import Values

/// What the fold keeps of messages that are settled.
enum Memory {
    /// Bytes of memory a message that stay when a flood of ordinary messages of one party, with their receipts and the coordinator's marks, has been read.
    static func perSettledMessage(count: Int) throws -> Double {
        var flood = try Flood()
        var state = LedgerState()
        for record in flood.beginning { state.evolve(record) }
        // What the first thousand bring into memory for good is not theirs.
        for _ in 0..<10 { for record in flood.next(100) { state.evolve(record) } }
        let before = try resident()
        for _ in 0..<count / 100 { for record in flood.next(100) { state.evolve(record) } }
        let after = try resident()
        guard state.refusedCount == 0, state.decisions.isEmpty else {
            throw BenchError("the fold refused \(state.refusedCount) records: \(state.lastRefusal?.account ?? "")")
        }
        return Double(after - before) / Double(count / 100 * 100)
    }

    /// Bytes of this process that are in memory.
    private static func resident() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
        else { throw BenchError("/proc/self/status does not say how much memory is in use") }
        return kibibytes * 1024
    }
}

/// Records of a ledger to which one party says ordinary things without end: its messages, the receipts of whoever owes them, the coordinator's marks.
private struct Flood {
    private var random = Random(seed: 7)
    private let offset = Regulation.standard.calendar.offset
    private var now = Instant(CivilDate(daysSinceEpoch: 20_454), offset: Regulation.standard.calendar.offset)
    private var marks = 0
    private let sample: Sample

    init() throws { sample = try Sample.ordinary() }

    /// An election and the regulation.
    var beginning: [LedgerState.Record] {
        [
            own(SystemType.coordinatorElected, ["term": 1, "instance": "bench/1", "version": .string(Regulation.standard.version)], id: "elected"),
            own(SystemType.regulationAdopted, ["regulation": Regulation.standard.source, "digest": .string(Regulation.standard.digest)], id: "adopted"),
        ]
    }

    /// So many messages, at once, with what follows.
    mutating func next(_ count: Int) -> [LedgerState.Record] {
        now = now + Span(milliseconds: Int64(count))
        let messages = (0..<count).map { _ in sample.event(id: random.uuid(), at: now) }
        let receiver = Regulation.standard.lead
        let receipts = Event(
            id: random.uuid(), sender: receiver, type: SystemType.receiptIssued, time: now,
            data: ["receipts": .array(messages.map { ["id": .string($0.id), "receivedAt": JSON(now, offset: offset)] })])
        marks += 1
        let mark = own(SystemType.coordinatorMarked, ["reachedAt": JSON(now, offset: offset)], id: "marked/\(marks)")
        return messages.map { record($0, to: receiver) } + [record(receipts), mark]
    }

    private func own(_ type: String, _ data: JSON, id: String) -> LedgerState.Record {
        record(Event(id: id, sender: LedgerState.coordinator, type: type, time: now, data: data, election: "elected"))
    }

    private func record(_ event: Event, to: PartyID = RoutingKey.all) -> LedgerState.Record {
        let carriage = Carriage(
            exchange: "phoihop", routingKey: RoutingKey(sender: event.sender, type: event.type, to: to).description, userID: event.sender, messageID: event.id,
            contentType: Event.contentType)
        return LedgerState.Record(body: event.encoded(offset: offset), carriage: carriage)
    }
}
