import AMQP
import AgentKit
import Broker
import Foundation
import Messages
import OperatorCommands
import Regulation
import Values

/// Keeps the ledger, or a part of it, in a file, every record as it stands.
struct LedgerExport {
    let endpoint: Endpoint
    let console: Console

    /// How often progress is told, in seconds.
    private static let progressSeconds = 1.0

    /// Appends to a file what it does not hold yet, whatever ended the export before: a line cut short is taken off first. Gives how many records the file holds,
    /// and how many of them are new.
    func run(to path: String, _ range: LedgerRange = .whole) async throws(Failure) -> (total: Int, new: Int) {
        let known = try LedgerFile.tail(of: path)
        let target = try Target(path, after: known, inOrder: !range.isWhole, console: console)
        do throws(Failure) {
            let reader = LedgerReader(endpoint: endpoint)
            if range.isWhole {
                try await reader.read(from: known.last?.offset, begin: target.expect) { delivery, offset throws(Failure) in
                    try target.add(LedgerLine(offset, delivery))
                }
            } else {
                // Which records are in a range is known only to who counts them from the beginning.
                var extract = LedgerExtract(range)
                try await reader.read(while: { !extract.isOver }, begin: target.expect) { delivery, offset throws(Failure) in
                    for line in extract.take(LedgerLine(offset, delivery)) { try target.add(line) }
                }
                for line in extract.finish() { try target.add(line) }
            }
            try target.finish()
        } catch {
            target.close()
            throw error
        }
        return (known.count + target.count, target.count)
    }

    /// The file that is added to.
    private final class Target {
        private let path: String
        private let file: FileHandle
        private let known: LedgerFile.Tail
        /// Whether all records of the range come, from the file's first on; else those from its last on.
        private let inOrder: Bool
        private let console: Console
        /// About how many records the ledger has.
        private var total: Int64 = 0
        private var isMet = false
        private var place = 0
        private var told = ContinuousClock.now
        /// How many records were added.
        private(set) var count = 0

        init(_ path: String, after known: LedgerFile.Tail, inOrder: Bool, console: Console) throws(Failure) {
            guard let file = FileHandle(forWritingAtPath: path) else { throw LedgerFile.failure(path, "cannot be written", "không ghi được") }
            (self.path, self.file, self.known, self.inOrder, self.console) = (path, file, known, inOrder, console)
            do { try file.seekToEnd() } catch { throw LedgerFile.failure(path, "\(error)", "\(error)") }
        }

        /// Learns where the ledger ends.
        func expect(_ end: LedgerEnd) { if case .at(let last) = end { total = last } }

        /// Adds a record, unless the file holds it. The records at which the file begins and ends must be those that the broker has there.
        func add(_ line: LedgerLine) throws(Failure) {
            defer { place += 1 }
            if inOrder, place < known.count {
                if place == 0, known.first != line { throw LedgerFile.otherLedger(path) }
                if place == known.count - 1, known.last != line { throw LedgerFile.otherLedger(path) }
                return
            }
            if !inOrder, let last = known.last, !isMet {
                guard last == line else { throw LedgerFile.otherLedger(path) }
                isMet = true
                return
            }
            do { try file.write(contentsOf: Data(line.json.bytes + [UInt8(ascii: "\n")])) } catch { throw LedgerFile.failure(path, "\(error)", "\(error)") }
            count += 1
            let seconds = told.duration(to: .now) / .seconds(1)
            guard seconds >= LedgerExport.progressSeconds else { return }
            told = .now
            let all = known.count + count
            console.note(Wording(vi: "\(all) bản ghi … (sổ có khoảng \(total))", en: "\(all) records … (the ledger has about \(total))"))
        }

        func finish() throws(Failure) {
            // Had the broker the record at which the file ends, it would have come.
            if inOrder ? place < known.count : known.last != nil && !isMet { throw LedgerFile.otherLedger(path) }
            do {
                try file.synchronize()
                try file.close()
            } catch { throw LedgerFile.failure(path, "\(error)", "\(error)") }
        }

        func close() { try? file.close() }
    }
}

extension LedgerLine {
    fileprivate init(_ offset: Int64, _ delivery: Delivery) { self.init(offset: offset, delivery: Carriage(delivery), body: delivery.body) }
}
