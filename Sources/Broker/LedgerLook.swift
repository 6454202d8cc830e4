import AMQP
import Topology

/// Looks at places of the ledger, and knows when nothing is there.
///
/// A stream serves whole chunks, and a reader that begins where nothing is yet hears nothing, for ever. Silence alone is no answer, so the broker is made to give
/// one. Why what has come by then is all that there was (read in RabbitMQ 3.10.8 and osiris 1.3.1):
///
/// 1. The channel's process handles what comes to it one after another. On `basic.consume` it asks the stream's process for its log, finds the place by itself, and
///    asks the stream's process to be told that something is to be read there.
/// 2. The stream's process tells so at the end of the batch in which it was asked, if what is there is committed; only after that it answers questions of the batch.
/// 3. A second consumer on the same channel asks the stream's process again, and that answer comes to the channel after what it was told for the first consumer:
///    Erlang keeps the order of what one process sends to another. A question to the channel that is answered after the second `basic.consume` was dealt
///    with shows that this has happened.
/// 4. The channel then has in its mailbox what it was told for the first consumer. It deals with it, and sends the whole chunk, before it answers the next
///    question. The broker's answers and deliveries of one channel keep their order as far as to the readers here.
///
/// So after two further answers, what a place did not bring by then was not there when it was looked at. In a cluster the same holds for what the connection's
/// node knows to be committed: its replica may be behind by as much as it takes to reach it, and knows nothing until a majority is there.
public struct LedgerLook {
    /// Where reading begins.
    public enum Place: Sendable, Hashable {
        /// At the first record.
        case first
        /// At the beginning of the last chunk; all of it comes, and what came in meanwhile.
        case last
        /// At the first chunk that the broker took in at this time or later, in seconds since 1970 on the broker's clock.
        case notOlderThan(seconds: Int64)

        fileprivate var arguments: FieldTable {
            switch self {
            case .first: [LedgerPosition.header: .string("first")]
            case .last: [LedgerPosition.header: .string("last")]
            case .notOlderThan(let seconds): [LedgerPosition.header: .timestamp(seconds: UInt64(clamping: seconds))]
            }
        }

        /// A chunk holds at most 65,535 records. Elsewhere one is enough, though a chunk comes with it.
        fileprivate var prefetch: UInt16 { self == .last ? .max : 1 }
    }

    /// How many places are looked at on one connection at once.
    public static let limit = 32

    private let connection: Connection

    /// Looks on a connection that stands and serves nothing else: what is refused closes the channel for all that use it, and what a look was given is never
    /// acknowledged, which the broker's channel keeps in mind.
    public init(on connection: Connection) { self.connection = connection }

    /// The offsets of the records that are at each place, in order; none where nothing is there.
    /// - Parameter places: at most `limit`; more are an error.
    /// - Throws: `.notFound` if there is no ledger or if its node is down, `.accessRefused`, `.timeout` if the broker does not answer within the connection's
    ///   `requestTimeoutSeconds`, or that the connection was lost. Nothing is known then, and the same may be asked again.
    public func offsets(at places: [Place]) async throws(AMQPError) -> [[Int64]] {
        guard places.count <= LedgerLook.limit else { throw AMQPError(.invalid, "\(places.count) places at once; \(LedgerLook.limit) are allowed") }
        let generation = connection.generation
        var consumers: [Consumer] = []
        defer { for consumer in consumers { consumer.cancel() } }
        // The last one asks the stream's process again after all others have.
        for place in places + [.last] { consumers.append(try connection.consume(queue: Topology.ledger, prefetch: place.prefetch) { place.arguments }) }
        var found: [[Int64]] = []
        for consumer in consumers { found.append(try await served(consumer, generation)) }
        for _ in 1...2 { _ = try await connection.inspect(queue: Topology.ledger) }
        for (index, consumer) in consumers.enumerated() {
            for event in consumer.takeUnread() { found[index] += try offsets(in: event) }
        }
        // A channel that was opened anew may have answered instead.
        guard connection.generation == generation else { throw LedgerLook.interruption }
        return Array(found.dropLast())
    }

    /// Waits until the broker serves a consumer. What it delivers may come before it says so, when another consumer of the channel is served.
    private func served(_ consumer: Consumer, _ generation: UInt64) async throws(AMQPError) -> [Int64] {
        var found: [Int64] = []
        while let event = try await consumer.next(timeoutSeconds: connection.requestTimeoutSeconds) {
            if case .subscribed(generation) = event { return found }
            found += try offsets(in: event)
        }
        throw AMQPError(.cancelled, "reading the ledger was cancelled")
    }

    private func offsets(in event: Consumer.Event) throws(AMQPError) -> [Int64] {
        switch event {
        case .deliveries(let deliveries): return deliveries.compactMap(\.ledgerOffset)
        case .interrupted(let error): throw error
        case .subscribed: throw LedgerLook.interruption
        }
    }

    private static let interruption = AMQPError(.connectionLost, "the connection was lost while looking at the ledger")
}
