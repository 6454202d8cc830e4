import AMQP
import Synchronization

/// How far the ledger has been read. The connection's thread asks when it subscribes anew; the reader tells what it has read.
public final class LedgerPosition: Sendable {
    private let state: Mutex<Int64?>

    /// To go on at this offset, inclusive; nil for the ledger's beginning.
    public init(next: Int64? = nil) { state = Mutex(next) }

    /// The offset to go on at, inclusive; nil for the ledger's beginning.
    public var next: Int64? { state.withLock { $0 } }

    /// Where a consumer of the ledger begins.
    public var arguments: FieldTable { [LedgerPosition.header: next.map { .int($0) } ?? .string("first")] }

    /// A record's offset, noted as read; nil if it was read before. After a reconnection the stream begins with a whole chunk and so brings earlier records along.
    public func advance(past delivery: Delivery) -> Int64? {
        guard let offset = delivery.ledgerOffset else { return nil }
        return state.withLock { next in
            if let expected = next, offset < expected { return nil }
            next = offset + 1
            return offset
        }
    }

    /// The header that holds a record's offset, and the argument that asks for one.
    static let header = "x-stream-offset"
}

extension Delivery {
    /// A record's place in the ledger; nil for what does not come from the ledger. Offsets grow and have gaps.
    public var ledgerOffset: Int64? {
        // The largest offset has no next one.
        if case .int(let offset)? = headers[LedgerPosition.header], (0..<Int64.max).contains(offset) { offset } else { nil }
    }
}
