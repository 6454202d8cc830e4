/// The messages sent on the present channel and not yet confirmed, by the numbers the broker counts them with.
struct ConfirmWindow {
    private struct Entry {
        let outgoing: Outgoing
        var settled = false
        var returned: AMQPError?
    }

    /// What has become of a message.
    typealias Outcome = (outgoing: Outgoing, result: Result<Void, AMQPError>)

    private var entries = Fifo<Entry>()
    private var firstTag: UInt64 = 1
    /// Whether some were given up on that the broker may yet refuse.
    private(set) var hasExpired = false
    /// How many still wait for their confirmation.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    /// When the oldest one that waits has waited long enough, in nanoseconds on the monotonic clock.
    var deadline: UInt64? { entries.first?.outgoing.deadline }

    mutating func sent(_ outgoing: Outgoing) {
        entries.append(Entry(outgoing: outgoing))
        count += 1
    }

    /// The broker confirmed or refused `tag`, or all up to it. Tags it has told before, or never could, are ignored.
    mutating func confirmed(_ tag: UInt64, multiple: Bool, refused: Bool, into outcomes: inout [Outcome]) {
        // In the protocol, 0 with `multiple` means all.
        let tag = multiple && tag == 0 ? firstTag &+ UInt64(entries.count) &- 1 : tag
        guard tag >= firstTag, tag - firstTag < UInt64(entries.count) else { return }
        let offset = Int(tag - firstTag)
        for index in (multiple ? 0 : offset)...offset { settle(index, refused: refused, into: &outcomes) }
        while let first = entries.first, first.settled {
            _ = entries.popFirst()
            firstTag += 1
        }
    }

    private mutating func settle(_ index: Int, refused: Bool, into outcomes: inout [Outcome]) {
        let entry = entries[index]
        guard !entry.settled else { return }
        entries[index].settled = true
        count -= 1
        if let error = entry.returned {
            outcomes.append((entry.outgoing, .failure(error)))
        } else if refused {
            let key = entry.outgoing.publishing.routingKey
            outcomes.append((entry.outgoing, .failure(AMQPError(.nacked, "a queue refused the message with routing key '\(key)'"))))
        } else {
            outcomes.append((entry.outgoing, .success(())))
        }
    }

    /// The broker sent a message back; its confirmation follows. Messages come back in the order they were sent.
    mutating func returned(_ delivery: Delivery, reason: AMQPError) {
        for index in 0..<entries.count {
            let entry = entries[index]
            let publishing = entry.outgoing.publishing
            if !entry.settled, entry.returned == nil, publishing.mandatory, publishing.exchange == delivery.exchange,
                publishing.routingKey == delivery.routingKey, publishing.messageID == delivery.messageID,
                publishing.correlationID == delivery.correlationID, publishing.body == delivery.body
            {
                entries[index].returned = reason
                return
            }
        }
    }

    /// Those that have waited beyond their deadline. They keep their number.
    mutating func expire(at now: UInt64) -> [Outgoing] {
        var expired: [Outgoing] = []
        for index in 0..<entries.count {
            let entry = entries[index]
            if entry.outgoing.deadline > now { break }
            if !entry.settled {
                entries[index].settled = true
                count -= 1
                hasExpired = true
                expired.append(entry.outgoing)
            }
        }
        // The numbers must go on even if the broker never answers for these.
        while let first = entries.first, first.settled {
            _ = entries.popFirst()
            firstTag += 1
        }
        return expired
    }

    /// The channel is gone: its numbers end, and the unconfirmed are handed back in order.
    mutating func reset() -> [Outgoing] {
        firstTag = 1
        count = 0
        hasExpired = false
        return entries.removeAll().filter { !$0.settled }.map(\.outgoing)
    }
}
