/// A queue on a ring: both ends in constant time, storage that is used again.
struct Fifo<Element> {
    private var ring: [Element?] = Array(repeating: nil, count: 16)
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Element? { count == 0 ? nil : ring[head] }
    var last: Element? { count == 0 ? nil : ring[slot(count - 1)] }

    /// The element `offset` places behind the first.
    subscript(offset: Int) -> Element {
        get {
            precondition(offset < count)
            // Slots within `count` are always filled.
            return ring[slot(offset)]!
        }
        set {
            precondition(offset < count)
            ring[slot(offset)] = newValue
        }
    }

    mutating func append(_ element: Element) {
        if count == ring.count { grow() }
        ring[slot(count)] = element
        count += 1
    }

    mutating func prepend(_ element: Element) {
        if count == ring.count { grow() }
        head = (head &- 1) & (ring.count - 1)
        ring[head] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = ring[head].take()
        head = (head + 1) & (ring.count - 1)
        count -= 1
        return element
    }

    mutating func removeAll() -> [Element] {
        var all: [Element] = []
        all.reserveCapacity(count)
        while let element = popFirst() { all.append(element) }
        return all
    }

    private func slot(_ offset: Int) -> Int { (head + offset) & (ring.count - 1) }

    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(ring.count * 2)
        for offset in 0..<count { larger.append(ring[slot(offset)]) }
        larger.append(contentsOf: repeatElement(nil, count: ring.count * 2 - count))
        ring = larger
        head = 0
    }
}
