import Messages
import Monitoring
import Values

/// The maintenance that was announced: what goes dark in it was planned, and is no incident. The coordinator judges by the ledger; this keeps the agent from
/// raising what nobody needs to look into.
public struct PlannedWork: Hashable, Sendable {
    /// One maintenance window.
    struct Window: Hashable, Sendable {
        var subject: String
        /// What hours lost in it are put down to.
        var cause: LossCause
        /// Nil: all of the Cluster.
        var devices: [String]?
        /// Since when it counts: not before it was announced.
        var from: Instant
        var until: Instant

        func covers(_ device: String, at instant: Instant) -> Bool { from <= instant && instant < until && devices?.contains(device) ?? true }
    }

    /// The last windows, no more than can bear on what is still being found.
    private(set) var windows: [Window] = []
    static let limit = 50

    private static let causes: [String: LossCause] = ["maintenance": .maintenance, "power-cut": .power, "order": .order]

    /// Whether a message is about maintenance. Those of the agent's own party count as well.
    static func isAbout(_ event: Event) -> Bool { event.type.hasPrefix("maintenance.window-") }

    /// Nothing announced.
    public init() {}

    /// A message came in at an instant; gives the window that it changed, and whether it was one. A drill's window explains nothing real.
    ///
    /// A window counts from when it was announced, and nobody can plan what has already happened. The coordinator knows when the announcement came; here it
    /// counts from when it was heard, and not from when its sender's clock says that it was written. An end counts from the earlier of the two.
    mutating func heard(_ event: Event, at now: Instant) -> Window? {
        guard PlannedWork.isAbout(event), !event.exercise, let subject = event.subject else { return nil }
        if event.type == "maintenance.window-closed" {
            guard let index = windows.firstIndex(where: { $0.subject == subject }) else { return nil }
            windows[index].until = max(windows[index].from, min(windows[index].until, event.time, now))
            return windows[index]
        }
        guard let cause = event.data["kind"]?.string.flatMap({ PlannedWork.causes[$0] }), let from = event.data["from"]?.instant,
            let until = event.data["until"]?.instant, !windows.contains(where: { $0.subject == subject })
        else { return nil }
        let devices = (event.data["devices"]?.array).map { $0.compactMap(\.string) }
        let window = Window(subject: subject, cause: cause, devices: devices, from: max(from, now), until: until)
        windows = windows.suffix(PlannedWork.limit - 1) + [window]
        return window
    }

    /// The window that a device is in at an instant, the one that ends last.
    func window(of device: String, at instant: Instant) -> Window? {
        windows.filter { $0.covers(device, at: instant) }.max { ($0.until, $0.subject) < ($1.until, $1.subject) }
    }

    /// When what went dark at an instant is planned no longer: the end of its window, and of those that follow without a gap. Nil where it was not planned.
    func end(of device: String, from instant: Instant) -> Instant? {
        var end: Instant?
        while let window = window(of: device, at: end ?? instant) { end = window.until }
        return end
    }
}

extension PlannedWork {
    var state: JSON {
        .array(
            windows.map { window in
                .compact([
                    "subject": .string(window.subject), "cause": .string(window.cause.rawValue),
                    "devices": window.devices.map { .array($0.map { .string($0) }) },
                    "from": window.from.state, "until": window.until.state,
                ])
            })
    }

    /// Takes up a saved state; what is not of it is left out.
    init(state: JSON?) {
        windows = (state?.array ?? []).suffix(PlannedWork.limit).compactMap { item in
            guard let subject = item["subject"]?.string, let cause = item["cause"]?.string.flatMap(LossCause.init(rawValue:)), let from = item["from"]?.instant,
                let until = item["until"]?.instant
            else { return nil }
            return Window(subject: subject, cause: cause, devices: item["devices"]?.array.map { $0.compactMap(\.string) }, from: from, until: until)
        }
    }
}
