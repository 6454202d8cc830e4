import Messages
import Regulation
import Values

/// What monitors say of the device of a case since somebody said that the case is over (duties, readings 14 and 15).
struct ObservedDevice: Sendable {
    /// The device.
    var device: String
    /// Since when it is looked at.
    var since: Instant
    /// The last that was said of it before, and all that was said since.
    var changes: [DeviceChange]
}

extension LedgerState {
    /// Begins to keep what is said of the device of a case; gives whether that is known to bear on it.
    mutating func followDevice(of key: String, _ evidence: [Evidence]) -> Bool {
        guard observed[key] == nil, let device = evidence.fact(FieldPath("data.device"))?.string,
            followers[device]?.count ?? 0 < LedgerState.mostFollowers
        else { return false }
        let changes = (lastStatus[device] ?? []).compactMap(DeviceChange.init)
        observed[key] = ObservedDevice(device: device, since: observedAt, changes: changes)
        followers[device, default: []].insert(key)
        return !changes.isEmpty
    }

    /// Takes in what a monitor said of a device for the cases that turn on it.
    mutating func noteStatus(_ item: Evidence) {
        guard let device = item.event.data["device"]?.string, let keys = followers[device], let change = DeviceChange(item) else { return }
        for key in keys {
            let isOpen = cases[key]?.obligations.contains { obligations[$0].map { $0.isOpen || $0.looksAgainAt != nil } ?? false } == true
            if !isOpen, let known = observed[key], item.arrivedAt > known.since + LedgerState.observationSpan {
                followers[device]?.remove(key)
                continue
            }
            observed[key]?.changes.note(change)
            stale.insert(key)
        }
        if followers[device]?.isEmpty == true { followers[device] = nil }
    }

    /// How many cases of one device are looked at when something is said of it: each is judged anew then.
    private static let mostFollowers = 500
    /// How long a settled case is still looked at when something is said of its device.
    private static let observationSpan = Span.days(3)
}
