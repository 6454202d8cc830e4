import Regulation
import Values

/// Instants at which something must be looked at again, earliest first: a binary heap. Of each thing only the earliest instant is kept, for whoever looks then
/// sees the next one. Entries that no longer matter are passed over when their time comes, and thrown out together when they are the greater part.
struct WakeQueue: Sendable {
    /// What must be looked at again.
    enum Key: Sendable, Hashable, Comparable {
        /// An obligation, by its id.
        case obligation(String)
        /// A message whose receipt is awaited, by its id.
        case receipt(String)
        /// The messages of a party that do not count and of which it is to be told.
        case refusals(PartyID)
        /// A message that is not on the ledger though somebody received it, by its id.
        case gap(String)
        /// A message of a case that nobody began, by its id.
        case stray(String)
    }

    struct Entry: Sendable {
        var at: Instant
        var key: Key
    }

    /// When each is looked at next.
    private(set) var instants: [Key: Instant] = [:]
    private var heap: [Entry] = []

    /// Fewer entries that no longer matter are left where they are.
    private static let fewStale = 1024

    /// The earliest instant.
    var first: Instant? { heap.first?.at }

    /// Sees to it that something is looked at no later than an instant.
    mutating func insert(_ key: Key, at instant: Instant) {
        if let known = instants[key], known <= instant { return }
        instants[key] = instant
        heap.append(Entry(at: instant, key: key))
        var child = heap.count - 1
        while child > 0, heap[child].at < heap[(child - 1) / 2].at {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Forgets something that need not be looked at again.
    mutating func remove(_ key: Key) {
        instants[key] = nil
        guard heap.count > WakeQueue.fewStale, heap.count > 2 * instants.count else { return }
        // In order it is a heap.
        heap = instants.map { Entry(at: $0.value, key: $0.key) }.sorted { $0.at < $1.at }
    }

    /// Whether something is to be looked at again.
    func holds(_ key: Key) -> Bool { instants[key] != nil }

    /// Takes out all whose time has come, in the order of their keys; what must be looked at again then is inserted anew.
    mutating func takeDue(at instant: Instant) -> [Key] {
        var due: [Key] = []
        while let first = heap.first, first.at <= instant {
            let last = heap.removeLast()
            if !heap.isEmpty {
                heap[0] = last
                sink()
            }
            guard instants[first.key] == first.at else { continue }
            instants[first.key] = nil
            due.append(first.key)
        }
        return due.sorted()
    }

    private mutating func sink() {
        var parent = 0
        while true {
            let children = stride(from: 2 * parent + 1, to: min(2 * parent + 3, heap.count), by: 1)
            guard let least = children.min(by: { heap[$0].at < heap[$1].at }), heap[least].at < heap[parent].at else { break }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
