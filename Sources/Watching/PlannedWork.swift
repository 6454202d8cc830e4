import Messages
import Monitoring
import Regulation
import Values

/// The maintenance that was announced: what goes dark in it was planned, and is no incident. The coordinator judges by the ledger, and by the same rule; this
/// keeps the agent from raising what nobody needs to look into.
public struct PlannedWork: Hashable, Sendable {
    /// One maintenance window.
    struct Window: Hashable, Sendable {
        /// The message that announced it.
        var id: String
        /// What hours lost in it are put down to.
        var cause: LossCause
        /// What was announced. It counts from when it was heard.
        var announced: AnnouncedWindow

        var subject: String { announced.subject }
        /// Nil: all of the Cluster.
        var devices: [String]? { announced.devices?.sorted() }
        /// Since when it counts: not before it was announced.
        var from: Instant { announced.begins }
        var until: Instant { announced.until }
    }

    /// The last windows, no more than can bear on what is still being found.
    private(set) var windows: [Window] = [] { didSet { held = rule?.held(windows.map(\.announced), in: calendar) ?? [] } }
    /// What of them holds, as the coordinator judges it too.
    private(set) var held: [HeldTime] = []
    private let rule: Maintenance?
    private let calendar: WorkCalendar
    private let lead: PartyID
    static let limit = 50

    private static let causes: [String: LossCause] = ["maintenance": .maintenance, "power-cut": .power, "order": .order]

    /// Nothing announced, under a regulation.
    public init(_ regulation: Regulation) { (rule, calendar, lead) = (regulation.maintenance, regulation.calendar, regulation.lead) }

    /// Whether a message is about maintenance. Those of the agent's own party count as well.
    static func isAbout(_ event: Event, in regulation: Regulation) -> Bool {
        event.type == regulation.maintenance?.opens || event.type == regulation.maintenance?.closes
    }

    /// A message came in at an instant; gives the window that it changed, and whether it was one. A drill's window explains nothing real.
    ///
    /// A window counts from when it was announced, and nobody can plan what has already happened. The coordinator knows when the announcement came; here it
    /// counts from when it was heard, and not from when its sender's clock says that it was written. An end counts from the earlier of the two.
    mutating func heard(_ event: Event, at now: Instant) -> Window? {
        guard let rule, !event.exercise else { return nil }
        if let id = event.data["confirms"]?.string, event.sender == lead, event.saysYes {
            guard let index = windows.firstIndex(where: { $0.id == id && $0.announced.agreedAt == nil }) else { return nil }
            windows[index].announced.agreedAt = now
            return windows[index]
        }
        guard let subject = event.subject else { return nil }
        if event.type == rule.closes {
            guard let index = windows.firstIndex(where: { $0.subject == subject }) else { return nil }
            windows[index].announced.closedAt = min(windows[index].announced.closedAt ?? now, event.time, now)
            return windows[index]
        }
        guard event.type == rule.opens, let kind = event.data["kind"]?.string, let cause = PlannedWork.causes[kind], let from = event.data["from"]?.instant,
            let until = event.data["until"]?.instant, !windows.contains(where: { $0.subject == subject })
        else { return nil }
        let announced = AnnouncedWindow(
            subject: subject, kind: kind, devices: (event.data["devices"]?.array).map { Set($0.compactMap(\.string)) }, from: from, until: until,
            announcedAt: now, agreedAt: event.sender == lead && event.data["onBehalfOf"] == nil ? now : nil,
            isNumbered: rule.alone?.supplied.map { event[$0.number] != nil } ?? false)
        let window = Window(id: event.id, cause: cause, announced: announced)
        windows = windows.suffix(PlannedWork.limit - 1) + [window]
        return window
    }

    /// The window that a device is in at an instant, the one that ends last: what hours lost in it are put down to.
    func window(of device: String, at instant: Instant) -> Window? {
        windows.filter { $0.announced.time.covers(device: device, at: instant) }.max { ($0.until, $0.subject) < ($1.until, $1.subject) }
    }

    /// The part of a window, the one that ends last, in which what goes dark is no incident.
    func heldTime(of device: String, at instant: Instant) -> HeldTime? {
        held.filter { $0.covers(device: device, at: instant) }.max { ($0.range.upperBound, $0.subject) < ($1.range.upperBound, $1.subject) }
    }

    /// When what went dark at an instant is planned no longer: the end of the time that holds, and of those that follow without a gap. Nil where it was not
    /// planned.
    func end(of device: String, from instant: Instant) -> Instant? {
        var end: Instant?
        while let held = heldTime(of: device, at: end ?? instant) { end = held.range.upperBound }
        return end
    }
}

extension PlannedWork {
    var state: JSON {
        .array(
            windows.map { window in
                .compact([
                    "id": .string(window.id), "subject": .string(window.subject), "kind": .string(window.announced.kind),
                    "devices": window.devices.map { .array($0.map { .string($0) }) }, "from": window.announced.from.state,
                    "until": window.announced.announcedUntil.state,
                    "announcedAt": window.announced.announcedAt.state, "closedAt": window.announced.closedAt?.state,
                    "agreedAt": window.announced.agreedAt?.state,
                    "numbered": .bool(window.announced.isNumbered),
                ])
            })
    }

    /// Takes up a saved state; what is not of it is left out.
    init(_ regulation: Regulation, state: JSON?) {
        self.init(regulation)
        windows = (state?.array ?? []).suffix(PlannedWork.limit).compactMap { item in
            guard let id = item["id"]?.string, let subject = item["subject"]?.string, let kind = item["kind"]?.string, let cause = PlannedWork.causes[kind],
                let from = item["from"]?.instant, let until = item["until"]?.instant, let announcedAt = item["announcedAt"]?.instant
            else { return nil }
            return Window(
                id: id, cause: cause,
                announced: AnnouncedWindow(
                    subject: subject, kind: kind, devices: (item["devices"]?.array).map { Set($0.compactMap(\.string)) }, from: from, until: until,
                    announcedAt: announcedAt, closedAt: item["closedAt"]?.instant, agreedAt: item["agreedAt"]?.instant,
                    isNumbered: item["numbered"]?.bool ?? false))
        }
        // An initializer sets without telling.
        held = rule?.held(windows.map(\.announced), in: calendar) ?? []
    }
}
