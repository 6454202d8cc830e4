import Synchronization

/// How far the ledger has been read. The connection's thread asks when it subscribes anew, the coordinator tells when it has read.
final class Progress: Sendable {
    private let lastOffset = Mutex<Int64?>(nil)

    /// The offset to go on at, inclusive; nil before anything was read.
    var next: Int64? { lastOffset.withLock { $0 } }

    /// Notes an offset as read; false if it was read before.
    func advance(past offset: Int64) -> Bool {
        lastOffset.withLock { last in
            if let last, offset <= last { return false }
            last = offset
            return true
        }
    }
}
