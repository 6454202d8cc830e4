import AMQP

/// When the broker took in records of the ledger, as it tells.
public struct Stamps: Sendable {
    /// For a record's id, the second since 1970 within which it came in, on the clock of the broker's node that wrote it. A restored record came in at its restore.
    public let seconds: [String: Int64]
    /// Records of which nothing was found: they are not in this ledger, or it would have taken more looks than are allowed. Ask again for these alone.
    public let open: [String]

    /// Asks about any number of records together, on a connection of its own.
    /// - Parameter timeoutSeconds: how long each step may take: connecting, and every answer.
    /// - Throws: see `LedgerLook.offsets(at:)`. An error is no answer: nothing is known then, and the same may be asked again.
    public init(of acts: [StampSearch.Act], askedAt endpoint: Endpoint, connectionName: String, timeoutSeconds: Double) async throws(AMQPError) {
        var search = StampSearch(acts)
        let limit = LedgerLook.limit
        try await Connection.lent(endpoint, name: connectionName, timeoutSeconds: timeoutSeconds) { connection throws(AMQPError) in
            let look = LedgerLook(on: connection)
            while true {
                let times = search.next(atMost: limit)
                if times.isEmpty { return }
                let found = try await look.offsets(at: times.map { .notOlderThan(seconds: $0) })
                for (seconds, offsets) in zip(times, found) { search.looked(notOlderThan: seconds, first: offsets.first) }
            }
        }
        seconds = Dictionary(search.found.map { ($0.id, $0.second) }) { first, _ in first }
        open = search.open
    }

    /// Within which second since 1970 one record came in, on the broker's clock; nil if it is not in this ledger. See `init(of:askedAt:connectionName:timeoutSeconds:)`.
    public static func second(
        of offset: Int64, guess: Int64, askedAt endpoint: Endpoint, connectionName: String, timeoutSeconds: Double
    ) async throws(AMQPError) -> Int64? {
        let act = StampSearch.Act(id: "", offset: offset, guess: guess)
        return try await Stamps(of: [act], askedAt: endpoint, connectionName: connectionName, timeoutSeconds: timeoutSeconds).seconds[act.id]
    }
}

extension Connection {
    /// Opens a connection, lends it, and closes it in any case.
    static func lent<Value>(
        _ endpoint: Endpoint, name: String, timeoutSeconds: Double, _ body: (Connection) async throws(AMQPError) -> Value
    ) async throws(AMQPError) -> Value {
        var options = Options()
        options.connectionName = name
        options.connectTimeoutSeconds = timeoutSeconds
        options.requestTimeoutSeconds = timeoutSeconds
        let connection = Connection(endpoint, options: options)
        let value: Value
        do throws(AMQPError) {
            try await connection.waitUntilConnected(timeoutSeconds: timeoutSeconds)
            value = try await body(connection)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
        return value
    }
}
