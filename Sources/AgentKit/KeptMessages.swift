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

    /// A message that was sent.
    struct Sent: Hashable {
        /// The line before the body in a file of the spool.
        var head: [UInt8]
        /// The message.
        var body: [UInt8]
    }

    private let spool: String
    private var directory: String { spool + "/kept" }

    /// The messages kept beside a spool.
    init(spool: String) throws(FileError) {
        self.spool = spool
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
        for name in ((try? namesInDirectory(directory)) ?? []).sorted(by: >) {
            var status = stat()
            guard lstat("\(directory)/\(name)", &status) == 0 else { continue }
            bytes += Int(status.st_size)
            count += 1
            let written = Int64(name.prefix { $0.isASCII && $0.isNumber }) ?? 0
            if written < oldest.milliseconds || bytes > KeptMessages.mostBytes || count > KeptMessages.mostFiles { unlink("\(directory)/\(name)") }
        }
    }

    /// The messages of these ids that are still kept, or were sent a moment ago.
    func find(_ ids: Set<String>) -> [Sent] {
        var found: [String: Sent] = [:]
        for place in [directory, spool + "/sent"] {
            for name in (try? namesInDirectory(place)) ?? [] where found.count < ids.count {
                guard let content = try? readFile("\(place)/\(name)") else { continue }
                var lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
                while let head = lines.popFirst(), let body = lines.popFirst() {
                    guard let id = (try? JSON(parsing: Array(head)))?["id"]?.string, ids.contains(id) else { continue }
                    found[id] = Sent(head: Array(head), body: Array(body))
                }
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Puts messages into the spool once more, byte for byte; each in a file of its own. When this returns, they survive a power cut.
    func sendAgain(_ messages: [Sent]) throws(FileError) {
        for message in messages {
            let name = "\(padded(Clock.realNow.milliseconds, 15))-again-\(getpid())-\(UUID().uuidString.prefix(8).lowercased())"
            let content = message.head + [UInt8(ascii: "\n")] + message.body + [UInt8(ascii: "\n")]
            try writeDurably(content, temporary: "\(spool)/tmp/\(name)", to: "\(spool)/new/\(name)", in: spool + "/new")
        }
    }
}
