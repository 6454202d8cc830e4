import AMQP
import Broker
import OperatorCommands

/// Reads the ledger for one command, each record once and in order.
struct LedgerReader {
    let endpoint: Endpoint

    /// How long nothing may come before the end is reached, in seconds; after that the command fails.
    private static let patienceSeconds = 30.0

    /// Visits the records from an offset on, or from the first, to the ledger's end as it is now, for as long as more are wanted. What is said meanwhile is not
    /// read, however much it is.
    /// - Parameter begin: told where the end is, before the first record.
    func read(
        from start: Int64? = nil, while isWanted: () -> Bool = { true }, begin: (LedgerEnd) -> Void = { _ in },
        _ visit: (Delivery, Int64) throws(Failure) -> Void
    ) async throws(Failure) {
        let end = try await end()
        begin(end)
        try await withLink { link throws(Failure) in
            let stream: LedgerStream
            do throws(AMQPError) {
                stream = try LedgerStream(on: link.connection, from: start, to: end, patienceSeconds: LedgerReader.patienceSeconds)
            } catch { throw Link.failure(error, endpoint) }
            while let records = try await next(of: stream) {
                for record in records {
                    try visit(record.delivery, record.offset)
                    if !isWanted() { return }
                }
            }
        }
    }

    /// Visits the records from the first on, and those that are yet to come, for ever. `pause` is called whenever nothing came for so many seconds.
    func follow(pauseSeconds: Double, pause: () -> Void, _ visit: (Delivery, Int64) throws(Failure) -> Void) async throws(Failure) {
        try await withLink { link throws(Failure) in
            let stream: LedgerStream
            do throws(AMQPError) {
                stream = try LedgerStream(following: link.connection, patienceSeconds: pauseSeconds)
            } catch { throw Link.failure(error, endpoint) }
            while let records = try await next(of: stream) {
                for record in records { try visit(record.delivery, record.offset) }
                if records.isEmpty { pause() }
            }
        }
    }

    /// Where the ledger ends now.
    func end() async throws(Failure) -> LedgerEnd {
        do throws(AMQPError) {
            return try await LedgerEnd(askedAt: endpoint, connectionName: LedgerReader.connectionName, timeoutSeconds: Link.patienceSeconds)
        } catch { throw Link.failure(error, endpoint) }
    }

    private static let connectionName = "phoihop ledger"

    private func withLink(_ body: (Link) async throws(Failure) -> Void) async throws(Failure) {
        let link = try await Link.open(endpoint, name: LedgerReader.connectionName, speaks: false)
        do throws(Failure) { try await body(link) } catch {
            await link.close()
            throw error
        }
        await link.close()
    }

    private func next(of stream: LedgerStream) async throws(Failure) -> [LedgerStream.Record]? {
        do throws(AMQPError) { return try await stream.next() } catch { throw Link.failure(error, endpoint) }
    }
}
