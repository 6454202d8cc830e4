import AMQP
import Topology

/// Reads the ledger, each record once and in order: to its end as it was when it was asked, or for ever.
public struct LedgerStream {
    /// What was said, and where it stands.
    public struct Record: Sendable {
        /// Its place in the ledger.
        public let offset: Int64
        /// As the broker gave it.
        public let delivery: Delivery
    }

    /// Where reading ends; nil for one that follows.
    private let end: LedgerEnd?
    private let consumer: Consumer?
    private let position: LedgerPosition
    private let patienceSeconds: Double

    /// How many records the broker sends ahead.
    private static let prefetch: UInt16 = 1000

    /// Reads from an offset on, or from the first record, to an end that is known.
    /// - Parameter patienceSeconds: how long nothing may come before the end is reached.
    /// - Throws: `.closed`.
    public init(on connection: Connection, from start: Int64? = nil, to end: LedgerEnd, patienceSeconds: Double) throws(AMQPError) {
        try self.init(connection, start, end, patienceSeconds)
    }

    /// Reads from an offset on, or from the first record, and goes on with what is said from then on.
    /// - Parameter patienceSeconds: after how long without records `next()` gives an empty list.
    public init(following connection: Connection, from start: Int64? = nil, patienceSeconds: Double) throws(AMQPError) {
        try self.init(connection, start, nil, patienceSeconds)
    }

    private init(_ connection: Connection, _ start: Int64?, _ end: LedgerEnd?, _ patienceSeconds: Double) throws(AMQPError) {
        let position = LedgerPosition(next: start)
        (self.position, self.end, self.patienceSeconds) = (position, end, patienceSeconds)
        if let end, end.isReached(goingOnAt: start) {
            consumer = nil
        } else {
            consumer = try connection.consume(queue: Topology.ledger, prefetch: LedgerStream.prefetch) { position.arguments }
        }
    }

    /// The next records; nil at the end. A connection that is lost comes back by itself, and reading goes on where it was.
    /// - Throws: `.timeout` if nothing came for `patienceSeconds` before the end was reached; what the broker refuses.
    public func next() async throws(AMQPError) -> [Record]? {
        guard let consumer else { return nil }
        let deadline = ContinuousClock.now + .seconds(patienceSeconds)
        while end.map({ !$0.isReached(goingOnAt: position.next) }) ?? true {
            let event: Consumer.Event?
            do throws(AMQPError) {
                event = try await consumer.next(timeoutSeconds: max(0, ContinuousClock.now.duration(to: deadline) / .seconds(1)))
            } catch {
                if error.code == .timeout, end == nil { return [] }
                throw error
            }
            switch event {
            case .deliveries(let deliveries)?:
                let records = deliveries.compactMap { delivery in position.advance(past: delivery).map { Record(offset: $0, delivery: delivery) } }
                if let last = deliveries.last { consumer.acknowledge(through: last) }
                if records.isEmpty { continue }
                guard case .at(let last)? = end else { return records }
                // What came in after the question is not part of the answer.
                return Array(records.prefix { $0.offset <= last })
            case .interrupted(let error)?:
                if !error.isRetriable { throw error }
            case .subscribed?: continue
            case nil: throw AMQPError(.cancelled, "reading the ledger was cancelled")
            }
        }
        return nil
    }
}
