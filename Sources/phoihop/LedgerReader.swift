import AMQP
import OperatorCommands
import Synchronization
import Topology

/// Reads the ledger, each record once and in order, to its end or for ever.
struct LedgerReader {
    let endpoint: Endpoint
    /// Whether to wait for what is yet to come.
    var follows = false

    /// How long the ledger must be silent to count as read to its end, in seconds.
    private static let silenceSeconds = 0.7
    /// How often silence is looked for, in milliseconds.
    private static let lookMilliseconds = 50

    /// Visits the records from an offset on, or from the first, for as long as more are wanted. `whileSilent` is called again and again with the seconds since the
    /// last record.
    func read(
        from start: Int64? = nil, while isWanted: () -> Bool = { true }, whileSilent: @escaping @Sendable (Double) -> Void = { _ in },
        _ visit: (Delivery, Int64) throws(Failure) -> Void
    ) async throws(Failure) {
        let link = try await Link.open(endpoint, name: "phoihop ledger")
        let position = Position(start)
        var stopped: Failure?
        do throws(AMQPError) {
            let ledger = try link.connection.consume(queue: Topology.ledger, prefetch: 1000) {
                ["x-stream-offset": position.next.map { .int($0) } ?? .string("first")]
            }
            let watch = Task {
                while !Task.isCancelled, follows || position.silentSeconds < LedgerReader.silenceSeconds {
                    try? await Task.sleep(for: .milliseconds(LedgerReader.lookMilliseconds))
                    whileSilent(position.silentSeconds)
                }
                ledger.cancel()
            }
            defer { watch.cancel() }
            reading: for try await event in ledger {
                guard case .deliveries(let deliveries) = event else {
                    if case .interrupted(let error) = event, !error.isRetriable { throw error }
                    continue
                }
                for delivery in deliveries {
                    guard let offset = position.advance(past: delivery) else { continue }
                    do throws(Failure) { try visit(delivery, offset) } catch {
                        stopped = error
                        break reading
                    }
                    if !isWanted() { break reading }
                }
                if let last = deliveries.last { ledger.acknowledge(through: last) }
            }
        } catch {
            await link.close()
            throw Link.failure(error, endpoint)
        }
        await link.close()
        if let stopped { throw stopped }
    }

    /// Where reading is, and since when nothing came. The connection's thread asks where to go on after a reconnection.
    private final class Position: Sendable {
        private let state: Mutex<(next: Int64?, lastRead: ContinuousClock.Instant)>
        init(_ start: Int64?) { state = Mutex((start, .now)) }
        var next: Int64? { state.withLock { $0.next } }
        var silentSeconds: Double { state.withLock { $0.lastRead.duration(to: .now) / .seconds(1) } }

        /// The record's offset, noted as read; nil if it was read before.
        func advance(past delivery: Delivery) -> Int64? {
            guard case .int(let offset)? = delivery.headers["x-stream-offset"] else { return nil }
            return state.withLock { state in
                state.lastRead = .now
                if let expected = state.next, offset < expected { return nil }
                state.next = offset + 1
                return offset
            }
        }
    }
}
