import AMQP
import Foundation
import Regulation
import Values

/// The right to send what is in a spool. One process has it at a time, and it ends with the process, whatever ends that.
public final class SendingRight: Sendable {
    private let file: Descriptor

    fileprivate init(_ file: Descriptor) { self.file = file }
}

extension Spool {
    /// How often a lock is opened anew because another has been put in its place meanwhile.
    private static let claimAttempts = 10

    private var place: String { directory.path(percentEncoded: false).trimmingSuffix("/") }
    private var lockPath: String { place + "/lock" }
    private var obstaclePath: String { place + "/obstacle" }

    /// Takes the right to send, which is kept for as long as the result is referred to; nil where another process has it.
    public func claimSending() throws(SpoolError) -> SendingRight? {
        for _ in 0..<Spool.claimAttempts {
            let file: Descriptor
            do throws(FileError) { file = try Descriptor(opening: lockPath, O_RDWR | O_CREAT) } catch { throw .file(error) }
            guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
                if errno == EWOULDBLOCK { return nil }
                throw .file(FileError(.open, lockPath))
            }
            // Between the opening and the locking, another process may have taken over and left its own file there.
            var (locked, standing) = (stat(), stat())
            if fstat(file.number, &locked) == 0, stat(lockPath, &standing) == 0, locked.st_ino == standing.st_ino {
                // What the one before left word of holds no longer.
                unlink(obstaclePath)
                return SendingRight(file)
            }
        }
        return nil
    }

    /// Takes the right away from a process that keeps it and does not go on. What that process had under way may be sent twice, under one id.
    func takeOverSending() throws(SpoolError) -> SendingRight? {
        unlink(lockPath)
        return try claimSending()
    }

    /// Leaves word for other processes of what keeps the messages here; nil once nothing does. It is worth nothing after a restart and need not survive one.
    func noteObstacle(_ error: AMQPError?) throws(SpoolError) {
        guard let error else {
            unlink(obstaclePath)
            return
        }
        let record: JSON = ["code": .string(error.code.rawValue), "reason": .string(error.reason)]
        do throws(FileError) {
            let temporary = "\(place)/tmp/obstacle-\(getpid())"
            try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_TRUNC).write(record.bytes, path: temporary)
            try renameFile(temporary, obstaclePath)
        } catch { throw .file(error) }
    }

    /// What keeps the messages here, as the process that has the right to send left word of it; nil where it left none.
    public var obstacle: AMQPError? {
        guard let record = try? JSON(parsing: readFile(obstaclePath)), let code = record["code"]?.string.flatMap({ AMQPError.Code(rawValue: $0) }) else {
            return nil
        }
        return AMQPError(code, record["reason"]?.string ?? "")
    }
}
