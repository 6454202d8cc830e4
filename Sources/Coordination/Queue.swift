/// What waits in line: first in, first out, each in constant time.
struct Queue<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    /// Fewer places left by those that went are not closed.
    private static var fewPlaces: Int { 1024 }

    /// The one whose turn it is.
    var first: Element? { head < elements.count ? elements[head] : nil }

    /// How many wait.
    var count: Int { elements.count - head }

    mutating func append(_ element: Element) { elements.append(element) }

    /// Takes out the one whose turn it is, if there is one.
    mutating func removeFirst() {
        guard head < elements.count else { return }
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: head <= Queue.fewPlaces)
            head = 0
            return
        }
        guard head > Queue.fewPlaces, head * 2 > elements.count else { return }
        elements.removeFirst(head)
        head = 0
    }
}
