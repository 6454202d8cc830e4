import Values

/// Instants at which something must be looked at again, earliest first: a binary heap. Entries that no longer matter are left in and passed over
/// when their time comes, which is cheaper than finding them.
struct WakeQueue: Sendable {
    struct Entry: Sendable {
        var at: Instant
        var key: String
    }

    private(set) var heap: [Entry] = []

    /// The earliest instant.
    var first: Instant? { heap.first?.at }

    mutating func insert(_ key: String, at instant: Instant) {
        heap.append(Entry(at: instant, key: key))
        var child = heap.count - 1
        while child > 0, heap[child].at < heap[(child - 1) / 2].at {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out the earliest entry if its time has come.
    mutating func popIfDue(at instant: Instant) -> String? {
        guard let first = heap.first, first.at <= instant else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                let children = stride(from: 2 * parent + 1, to: min(2 * parent + 3, heap.count), by: 1)
                guard let least = children.min(by: { heap[$0].at < heap[$1].at }), heap[least].at < heap[parent].at else { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        return first.key
    }
}
