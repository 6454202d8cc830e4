import AMQP
import AgentKit
import Foundation
import Messages
import OperatorCommands
import Regulation

/// Keeps the ledger in a file, every record as it stands.
struct LedgerExport {
    let endpoint: Endpoint
    let console: Console

    /// Appends to a file what it does not hold yet. A line cut short by an interruption is taken off first. Gives how many records the file holds, and how many of
    /// them are new.
    func run(to path: String) async throws(Failure) -> (total: Int, new: Int) {
        let known = try LedgerFile.tail(of: path)
        guard let file = FileHandle(forWritingAtPath: path) else { throw LedgerFile.failure(path, "cannot be written", "không ghi được") }
        do { try file.seekToEnd() } catch { throw LedgerFile.failure(path, "\(error)", "\(error)") }
        var (count, isMet) = (0, false)
        let reader = LedgerReader(endpoint: endpoint)
        do throws(Failure) {
            try await reader.read(from: known.last?.offset) { delivery, offset throws(Failure) in
                let line = LedgerLine(offset: offset, delivery: Carriage(delivery), body: delivery.body)
                if let last = known.last, offset == last.offset {
                    // The record at which the file ends must be the one that the broker has there.
                    guard last == line else { throw LedgerFile.otherLedger(path) }
                    isMet = true
                    return
                }
                // Reading began at the file's last record; one that is not there is of a ledger that the broker no longer has.
                if known.last != nil, !isMet { throw LedgerFile.otherLedger(path) }
                do { try file.write(contentsOf: Data(line.json.bytes + [UInt8(ascii: "\n")])) } catch { throw LedgerFile.failure(path, "\(error)", "\(error)") }
                count += 1
                if count % 10_000 == 0 { console.note(Wording(vi: "\(count) bản ghi …", en: "\(count) records …")) }
            }
            do { try file.synchronize() } catch { throw LedgerFile.failure(path, "\(error)", "\(error)") }
        } catch {
            try? file.close()
            throw error
        }
        return (known.count + count, count)
    }
}
