import AMQP
import AgentKit
import OperatorCommands
import Regulation
import Topology

/// Puts the records of a file into an empty ledger, as they were said and by whom they were said. Only a user with the broker's `impersonator` tag may.
struct LedgerRestore {
    let context: Context
    let path: String

    /// How many records go out together.
    private static let batchSize = 2000

    func run() async throws(Failure) -> ExitCode {
        let endpoint = try context.endpoint()
        guard try await LedgerReader(endpoint: endpoint).end() == .empty else {
            throw Failure(
                .badData, vi: "Sổ trên máy chủ tin đã có bản ghi; chỉ khôi phục được vào sổ trống.",
                en: "The broker's ledger holds records already; a ledger can be restored into an empty one only.")
        }
        let link = try await Link.open(endpoint, name: "phoihop ledger import", speaks: true)
        var count = 0
        do throws(Failure) {
            // The whole file is read before the first record goes out: a file that is cut short or foreign leaves the ledger empty.
            var lines: [LedgerLine] = []
            try LedgerFile.read(path) { lines.append($0) }
            for start in stride(from: 0, to: lines.count, by: LedgerRestore.batchSize) {
                let batch = lines[start..<min(start + LedgerRestore.batchSize, lines.count)]
                try await publish(Array(batch), link)
                count += batch.count
                context.console.note(Wording(vi: "\(count) bản ghi …", en: "\(count) records …"))
            }
        } catch {
            await link.close()
            throw error
        }
        await link.close()
        if context.console.json {
            context.console.print(["records": .int(Int64(count))])
        } else {
            context.console.print(Wording(vi: "đã khôi phục \(count) bản ghi", en: "\(count) records restored"))
        }
        return .ok
    }

    private func publish(_ lines: [LedgerLine], _ link: Link) async throws(Failure) {
        let publishings = lines.map { line in
            Publishing(
                exchange: Topology.restore, routingKey: line.carriage.routingKey, body: line.body, contentType: line.carriage.contentType,
                messageID: line.carriage.messageID, userID: line.carriage.userID,
                headers: line.carriage.hasForbiddenProperties ? [Topology.forbiddenHeader: .bool(true)] : [:])
        }
        for result in await link.connection.publish(publishings) {
            if case .failure(let error) = result { throw Link.failure(error) }
        }
    }
}
