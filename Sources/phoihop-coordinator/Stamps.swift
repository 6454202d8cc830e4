import AMQP
import AgentKit
import Coordination
import Topology
import Values

/// Finds out when the broker took in a record of the ledger. A stream keeps the time of every chunk but tells it only by where reading begins: at a time given, it
/// begins at the first chunk that is not older. So the time of a record is found by halving.
enum Stamps {
    /// How many records are asked about at once.
    static let limit = 100
    /// How long one look may take, in seconds.
    private static let patienceSeconds = 2.0

    /// For each act, the end of the second within which it came in, on the clock of the duties.
    static func find(_ acts: [LedgerState.Doubtful], endpoint: Endpoint, clock: Clock) async throws(AMQPError) -> [(id: String, before: Instant)] {
        var options = Options()
        options.connectionName = "coordinator stamps"
        let connection = Connection(endpoint, options: options)
        defer { Task { await connection.close() } }
        try await connection.waitUntilConnected(timeoutSeconds: 10)
        var found: [(String, Instant)] = []
        // Acts lie close together, and most seconds are asked about for many of them.
        var firsts: [Int64: Int64?] = [:]
        for act in acts {
            // The record is not older than the coordinator's last one before it, and not younger than now.
            var low = clock.wall(fromVirtual: act.notBefore).milliseconds / 1000 - 1
            var high = Clock.realNow.milliseconds / 1000 + 1
            while high - low > 1 {
                let middle = low + (high - low) / 2
                if firsts[middle] == nil { firsts.updateValue(try await firstOffset(notOlderThan: middle, on: connection), forKey: middle) }
                if case let first?? = firsts[middle], first <= act.offset { low = middle } else { high = middle }
            }
            found.append((act.id, clock.virtual(fromWall: Instant(milliseconds: high * 1000))))
        }
        return found
    }

    /// The offset at which reading begins for a time in seconds since the epoch; nil where nothing is that young.
    private static func firstOffset(notOlderThan seconds: Int64, on connection: Connection) async throws(AMQPError) -> Int64? {
        let consumer = try connection.consume(queue: Topology.ledger, prefetch: 1) { ["x-stream-offset": .timestamp(seconds: UInt64(max(0, seconds)))] }
        let patience = Task {
            try? await Task.sleep(for: .seconds(patienceSeconds))
            consumer.cancel()
        }
        defer {
            patience.cancel()
            consumer.cancel()
        }
        for try await event in consumer {
            guard case .deliveries(let deliveries) = event else { continue }
            if case .int(let offset)? = deliveries.first?.headers["x-stream-offset"] { return offset }
        }
        return nil
    }
}
