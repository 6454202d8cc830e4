import AMQP

/// Where the ledger ended when it was asked.
///
/// Every record whose confirmation was sent before the question is at or before the end, for the broker confirms after the record is in the log, and the whole
/// last chunk is read. Records that came in during the question may be included. Those after the end are not, however many come.
public enum LedgerEnd: Sendable, Hashable {
    /// Nothing was ever said.
    case empty
    /// The last record's offset.
    case at(Int64)

    /// Whether a reader that goes on at this offset (nil: at the beginning) has read to this end.
    public func isReached(goingOnAt next: Int64?) -> Bool {
        switch self {
        case .empty: true
        case .at(let last): next.map { $0 > last } ?? false
        }
    }

    /// Asks on a connection that stands and serves nothing else. See `LedgerLook`.
    init(askedOn connection: Connection) async throws(AMQPError) {
        let found = try await LedgerLook(on: connection).offsets(at: [.last, .first])
        if let last = found[0].max() {
            self = .at(last)
        } else if found[1].isEmpty {
            self = .empty
        } else {
            // Only where a majority of a cluster has yet to get the last chunk.
            throw AMQPError(.timeout, "the ledger's last records are not yet committed")
        }
    }

    /// Asks on a connection of its own.
    /// - Parameter timeoutSeconds: how long each step may take: connecting, and every answer.
    /// - Throws: see `LedgerLook.offsets(at:)`, and what connecting throws. Asking again is the caller's affair.
    public init(askedAt endpoint: Endpoint, connectionName: String, timeoutSeconds: Double) async throws(AMQPError) {
        self = try await Connection.lent(endpoint, name: connectionName, timeoutSeconds: timeoutSeconds) { connection throws(AMQPError) in
            try await LedgerEnd(askedOn: connection)
        }
    }
}
