import Messages
import Regulation
import Values

/// What a monitor said of a device.
struct DeviceChange: Sendable, Hashable {
    /// The message that says so.
    var id: String
    /// When the device changed.
    var at: Instant
    /// When that came in.
    var arrivedAt: Instant
    /// Whether it is down since.
    var isDown: Bool

    /// What a message says; nil where it says nothing of the kind.
    init?(_ item: Evidence) {
        guard let status = item.event.data["status"]?.string, !item.event.exercise else { return nil }
        (id, at, arrivedAt, isDown) = (item.event.id, item.changedAt, item.arrivedAt, Operation.isDown(status))
    }
}

extension [DeviceChange] {
    /// Takes in another, in the order in which the device changed.
    mutating func note(_ change: DeviceChange) {
        if contains(where: { $0.id == change.id }) { return }
        insert(change, at: lastIndex { $0.at <= change.at }.map { $0 + 1 } ?? 0)
    }

    /// Whether the device is known to be down at an instant.
    func isDown(at instant: Instant) -> Bool { last { $0.at <= instant }?.isDown ?? false }

    /// The first instant from one on at which it is not known to be down; nil where there is none yet.
    func works(from instant: Instant) -> Instant? {
        if !isDown(at: instant) { return instant }
        return first { $0.at > instant && !$0.isDown }?.at
    }

    /// When a case goes on that somebody said at an instant is none, and when that is to be looked at, as far as the ledger is known.
    func reopening(of dismissal: Instant, _ rule: Reopening, reached: Instant?) -> (at: Instant?, look: Instant?) {
        let look = dismissal + rule.after
        var found: Instant?
        if isDown(at: look), let reached, look <= reached { found = look }
        // Since when it works, as far as that is known.
        var goodSince = last { $0.at <= dismissal }.flatMap { $0.isDown ? nil : $0.at }
        for change in self where change.at > dismissal && change.at <= dismissal + rule.within {
            if let since = goodSince {
                if since + rule.good <= change.at { break }
                if change.isDown {
                    found = [found, Swift.max(change.at, change.arrivedAt)].compactMap(\.self).min()
                    break
                }
            }
            goodSince = change.isDown ? nil : goodSince ?? change.at
        }
        let isTold = !isEmpty && (reached.map { look > $0 } ?? true)
        return (found, found == nil && isTold ? look : nil)
    }
}
