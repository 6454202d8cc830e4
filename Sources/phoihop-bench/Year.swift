import Coordination
import Foundation
import Messages
import Regulation
import Simulation
import Values

/// Ledgers and messages to measure with, the same at every run.
enum Year {
    /// The first records of a ledger such as years of all parties at work leave behind: what they say, the receipts of whoever owes them, and the
    /// coordinator's marks and notices.
    static func ledger(records count: Int) throws -> [Message] {
        var years = 1
        while true {
            let scenario = try Scenario(parsing: "from 2026-01-01 to \(2025 + years)-12-31\nwork 34", regulation: .standard)
            let records = Performance(of: scenario).records
            guard records.count >= count else {
                years = years * count / records.count + 1
                continue
            }
            var state = LedgerState()
            for record in records.prefix(count) { state.evolve(record) }
            guard state.refusedCount == 0 else { throw BenchError("the ledger made for the measurement holds what its own fold refuses") }
            return records.prefix(count).map { record in
                let carriage = record.carriage
                return Message(routingKey: carriage.routingKey, id: carriage.messageID ?? "", user: carriage.userID ?? "", body: record.body)
            }
        }
    }

    /// Messages as they are published: by turns one that goes to its addressee's urgent queue as well, and one that goes to the ledger alone.
    static func messages(_ count: Int) throws -> [Message] {
        var random = Random(seed: 13_3)
        let offset = Regulation.standard.calendar.offset
        let begin = Instant(CivilDate(daysSinceEpoch: 20_454), offset: offset)
        let (notice, status) = (try Sample.notice(), try Sample.status())
        let prefix = Regulation.standard.caseKind(of: notice.type.name)?.kind.prefix
        return (0..<count).map { index in
            let time = begin + Span(milliseconds: Int64(index) * 1037)
            let event =
                index % 2 == 0
                ? notice.event(id: random.uuid(), subject: prefix.map { "\($0)-2026-\(index)" }, at: time) : status.event(id: random.uuid(), at: time)
            return Message(
                routingKey: RoutingKey(sender: event.sender, type: event.type).description, id: event.id, user: event.sender,
                body: event.encoded(offset: offset))
        }
    }
}

extension Random {
    mutating func uuid() -> String {
        var bytes = withUnsafeBytes(of: (next() as UInt64, next() as UInt64)) { Array($0) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let uuid = bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
        return uuid.uuidString.lowercased()
    }
}
