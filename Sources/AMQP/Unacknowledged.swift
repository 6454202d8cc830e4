/// The deliveries of one consumer that have not been acknowledged.
///
/// Delivery tags count per channel, over all its consumers, and "all up to this one" means all of them. So what one consumer acknowledges
/// has to be put in terms that leave the deliveries of the others alone.
struct Unacknowledged {
    /// An acknowledgement to send.
    struct Acknowledgement: Equatable {
        var tag: UInt64
        var multiple: Bool
    }

    private var tags = Fifo<UInt64>()
    private var settledOutOfOrder: Set<UInt64> = []

    /// The oldest tag that is not acknowledged.
    var earliest: UInt64? { tags.first }
    var isEmpty: Bool { tags.isEmpty }

    mutating func delivered(_ tag: UInt64) { tags.append(tag) }

    /// Acknowledges all of this consumer's deliveries up to `tag`; `othersEarliest` is the oldest open tag of any other consumer.
    mutating func acknowledge(through tag: UInt64, othersEarliest: UInt64?) -> [Acknowledgement] {
        var settled: [UInt64] = []
        while let next = tags.first, next <= tag {
            _ = tags.popFirst()
            if settledOutOfOrder.remove(next) == nil { settled.append(next) }
        }
        trim()
        return Unacknowledged.together(settled, before: othersEarliest)
    }

    /// Acknowledges these deliveries, what is settled from the first on as one; those that are not open are passed over.
    mutating func acknowledge(_ tags: [UInt64], othersEarliest: UInt64?) -> [Acknowledgement] {
        let settled = tags.filter { settle($0) }.sorted()
        return Unacknowledged.together(settled, before: [earliest, othersEarliest].compactMap(\.self).min())
    }

    /// One acknowledgement for what lies before the earliest open tag, since it takes everything up to its own, and one for each of the rest.
    private static func together(_ settled: [UInt64], before open: UInt64?) -> [Acknowledgement] {
        let common = settled.prefix { tag in open.map { tag < $0 } ?? true }
        return (common.last.map { [Acknowledgement(tag: $0, multiple: true)] } ?? [])
            + settled.dropFirst(common.count).map { Acknowledgement(tag: $0, multiple: false) }
    }

    /// Takes one tag out. False if it is not open: acknowledging it twice would make the broker close the channel.
    mutating func settle(_ tag: UInt64) -> Bool {
        guard contains(tag), settledOutOfOrder.insert(tag).inserted else { return false }
        trim()
        return true
    }

    private mutating func trim() {
        while let next = tags.first, settledOutOfOrder.remove(next) != nil { _ = tags.popFirst() }
    }

    private func contains(_ tag: UInt64) -> Bool {
        var low = 0
        var high = tags.count
        while low < high {
            let middle = (low + high) / 2
            if tags[middle] < tag { low = middle + 1 } else { high = middle }
        }
        return low < tags.count && tags[low] == tag
    }
}
