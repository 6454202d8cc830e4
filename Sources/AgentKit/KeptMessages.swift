import Foundation
import Messages
import Regulation
import Values

/// What was sent, kept after its time in the spool's `sent`, in case the ledger lacks it: the broker may confirm a message and route it to everyone but the
/// ledger. Bounded in time and in bytes; the oldest goes first.
final class KeptMessages: Sendable {
    /// How long a message is kept, in days.
    static let days: Int64 = 30
    /// How many bytes are kept at most.
    static let mostBytes = 64 << 20
    /// How many files are kept at most.
    static let mostFiles = 20_000

    private let spool: String
    private var directory: String { spool + "/kept" }

    private let onTrouble: @Sendable (Wording) -> Void

    /// The messages kept beside a spool. `onTrouble` is told of what cannot be kept, counted or read.
    init(spool: String, onTrouble: @escaping @Sendable (Wording) -> Void) throws(FileError) {
        (self.spool, self.onTrouble) = (spool, onTrouble)
        try makeDirectory(spool + "/kept")
        prune(at: Clock.realNow)
    }

    /// Keeps a confirmed file whose time in `sent` is over.
    func keep(_ file: String) {
        // Where room is short, what is still to be sent comes first.
        var space = statvfs()
        guard statvfs(spool, &space) == 0, UInt64(space.f_bavail) * UInt64(space.f_frsize) >= UInt64(KeptMessages.mostBytes) else {
            unlink("\(spool)/sent/\(file)")
            return
        }
        do throws(FileError) { try renameFile("\(spool)/sent/\(file)", "\(directory)/\(file)") } catch {
            // What cannot be kept must not stay where it would be sent again.
            if !error.isMissing { tell(error.text) }
            unlink("\(spool)/sent/\(file)")
        }
        // Not after every file: looking through all of them takes its time.
        if fnv1a(file.utf8).hasSuffix("00") { prune(at: Clock.realNow) }
    }

    /// Removes what is older than may be, then the oldest until the rest is within bounds.
    func prune(at now: Instant) {
        let oldest = now - .days(KeptMessages.days)
        var bytes = 0
        var count = 0
        for name in names(in: directory).sorted(by: >) {
            var status = stat()
            guard lstat("\(directory)/\(name)", &status) == 0 else { continue }
            bytes += Int(status.st_size)
            count += 1
            let written = Int64(name.prefix { $0.isASCII && $0.isNumber }) ?? 0
            if written < oldest.milliseconds || bytes > KeptMessages.mostBytes || count > KeptMessages.mostFiles { unlink("\(directory)/\(name)") }
        }
    }

    /// The messages of these ids that are still kept, or were sent a moment ago. A file that cannot be read is told of and passed over: waiting for it would hold
    /// up what comes in.
    func find(_ ids: Set<String>) -> [Spool.Entry] {
        var found: [String: Spool.Entry] = [:]
        let marks = Set(ids.map(Spool.mark(of:)))
        for place in [directory, spool + "/sent"] {
            for name in names(in: place) where found.count < ids.count {
                // Of the files of single messages those alone whose name says that they hold one of these.
                guard name.hasSuffix(Spool.segmentSuffix) || marks.contains(where: name.hasSuffix) else { continue }
                do throws(FileError) {
                    guard let entries = Spool.entries(in: try readFile("\(place)/\(name)"), file: name) else {
                        tell(Wording(vi: "\(place)/\(name) bị hỏng", en: "\(place)/\(name) is damaged"))
                        continue
                    }
                    for entry in entries where ids.contains(entry.id) { found[entry.id] = entry }
                } catch {
                    // A file that is gone by now was moved, or had been kept long enough.
                    if !error.isMissing { tell(error.text) }
                }
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The names in a directory; none, and somebody is told, where it cannot be read.
    private func names(in directory: String) -> [String] {
        do throws(FileError) { return try namesInDirectory(directory) } catch {
            tell(error.text)
            return []
        }
    }

    private func tell(_ what: Wording) {
        onTrouble(Wording(vi: "tin đã gửi được giữ lại: \(what.vi)", en: "messages kept after sending: \(what.en)"))
    }
}
