import Values

/// How work that makes devices stand still is announced beforehand, and how much of it holds clocks back (duties, reading 16).
public struct Maintenance: Sendable, Hashable {
    /// The longest window.
    public var longest: Span
    /// The type that announces a window.
    public var opens: String
    /// The type that ends one early.
    public var closes: String
    /// What holds without the word of the party that leads; nil where all does.
    public var alone: Alone?

    /// What holds by the word of the party alone that announces it.
    public struct Alone: Sendable, Hashable {
        /// How long a device may stand still, by the time of day.
        public var allowances: [Allowance]
        /// Within this time all windows of a device count together.
        public var together: Span
        /// How many devices at most may stand still at once.
        public var devices: Int
        /// What holds as it was announced, for the party only passes it on.
        public var supplied: Supplied?
    }

    /// How long a device may stand still between two times of day.
    public struct Allowance: Sendable, Hashable {
        /// From this time,
        public var from: TimeOfDay
        /// up to this one, of the next day where it is not later.
        public var to: TimeOfDay
        /// at most so long.
        public var atMost: Span
    }

    /// What a supplier announced: the power company cuts the supply.
    public struct Supplied: Sendable, Hashable {
        /// The kinds of window that may be a supplier's.
        public var kinds: [String]
        /// So long before it begins it must be announced.
        public var ahead: Span
        /// It holds for its length, at most so long.
        public var atMost: Span
        /// The member that names the supplier's notice.
        public var number: FieldPath
    }
}

/// A window as it was announced.
public struct AnnouncedWindow: Sendable, Hashable {
    /// The subject of its messages.
    public var subject: String
    /// `maintenance`, `power-cut`, `order`.
    public var kind: String
    /// The devices it is about; nil: all of them.
    public var devices: Set<String>?
    /// When it begins by its announcement.
    public var from: Instant
    /// When it was to end by its announcement.
    public var announcedUntil: Instant
    /// When its end was told that came earlier; nil where none was.
    public var closedAt: Instant?
    /// When it was announced. Nobody can plan what has already happened.
    public var announcedAt: Instant
    /// When the party that leads agreed to it, or announced it itself; nil where it did not.
    public var agreedAt: Instant?
    /// Whether it names a supplier's notice.
    public var isNumbered: Bool

    /// A window of these.
    public init(
        subject: String, kind: String, devices: Set<String>?, from: Instant, until: Instant, announcedAt: Instant, closedAt: Instant? = nil,
        agreedAt: Instant? = nil, isNumbered: Bool = false
    ) {
        (self.subject, self.kind, self.devices, self.from, announcedUntil) = (subject, kind, devices, from, until)
        (self.announcedAt, self.closedAt, self.agreedAt, self.isNumbered) = (announcedAt, closedAt, agreedAt, isNumbered)
    }

    /// Since when it counts.
    public var begins: Instant { max(from, announcedAt) }
    /// When it ends: as announced, or earlier.
    public var until: Instant { closedAt.map { max(begins, min(announcedUntil, $0)) } ?? announcedUntil }

    /// All of it, as it stands now.
    public var time: HeldTime { HeldTime(subject: subject, devices: devices, range: begins..<max(begins, until)) }

    /// Whether another, announced later, was to lie beside it, as things stood when that was announced, and both held by their announcers' word alone.
    fileprivate func liesBeside(_ other: AnnouncedWindow) -> Bool {
        if let agreedAt, agreedAt <= other.announcedAt { return false }
        let end = closedAt.map { $0 <= other.announcedAt } == true ? until : announcedUntil
        return begins < other.announcedUntil && other.begins < end
    }
}

/// An announced window or a part of it, such as the time in which what is found down was planned.
public struct HeldTime: Sendable, Hashable {
    /// The subject of the window.
    public var subject: String
    /// The devices it is about; nil: all of them.
    public var devices: Set<String>?
    /// Since when, and up to when.
    public var range: Range<Instant>

    /// Whether what is said of a device, or of none in particular, lies in it.
    public func covers(device: String?, at instant: Instant) -> Bool {
        guard range.contains(instant) else { return false }
        guard let devices else { return true }
        return device.map(devices.contains) ?? false
    }
}

extension Maintenance {
    /// What of some windows holds, in the order of time. A window that is announced later changes nothing of what lies before its announcement.
    ///
    /// - Parameter windows: in the order in which they were announced.
    public func held(_ windows: [AnnouncedWindow], in calendar: WorkCalendar) -> [HeldTime] {
        var held: [HeldTime] = []
        // The parts of windows that hold by their announcers' word alone, and the devices that are about to stand still by it.
        var left: [(window: AnnouncedWindow, devices: Set<String>, range: Range<Instant>?)] = []
        for window in windows {
            // Whatever became of it since: what was counted with it when another was announced is counted with it still.
            if let devices = window.devices, isAlone(window, devices, beside: left) { left.append((window, devices, nil)) }
            let (from, until) = (window.begins, min(window.until, window.from + longest))
            guard from < until else { continue }
            // Before the other party agreed, its announcer's word is all there is.
            var aloneUntil = until
            if let whole = whole(window), whole.lowerBound < until, whole.upperBound > from {
                let range = max(from, whole.lowerBound)..<min(until, whole.upperBound)
                held.append(HeldTime(subject: window.subject, devices: window.devices, range: range))
                aloneUntil = range.lowerBound
            }
            if from < aloneUntil, left.last?.window == window { left[left.count - 1].range = from..<aloneUntil }
        }
        for device in left.reduce(into: Set<String>(), { $0.formUnion($1.devices) }).sorted() {
            let windows = left.filter { $0.devices.contains(device) }.compactMap { item in item.range.map { (item.window.subject, $0) } }
            held += allowed(windows, of: device, in: calendar)
        }
        return held.sorted { ($0.range.lowerBound, $0.range.upperBound, $0.subject) < ($1.range.lowerBound, $1.range.upperBound, $1.subject) }
    }

    /// Whether a window holds by its announcer's word alone, as far as the number of devices goes, beside those that do.
    private func isAlone(
        _ window: AnnouncedWindow, _ devices: Set<String>, beside others: [(window: AnnouncedWindow, devices: Set<String>, range: Range<Instant>?)]
    ) -> Bool {
        guard let alone else { return false }
        return others.filter { $0.window.liesBeside(window) }.reduce(into: devices) { $0.formUnion($1.devices) }.count <= alone.devices
    }

    /// Whether a window needs the word of the party that leads to hold as it was announced.
    public func needsAgreement(_ window: AnnouncedWindow, among windows: [AnnouncedWindow], in calendar: WorkCalendar) -> Bool {
        let (from, until) = (window.begins, min(window.until, window.from + longest))
        guard from < until else { return false }
        let held = held(windows, in: calendar)
        let devices: [String?] = window.devices.map { $0.sorted() } ?? [nil]
        return devices.contains { device in
            var at = from
            for part in held where part.covers(device: device, at: at) { at = part.range.upperBound }
            return at < until
        }
    }

    /// When a window holds as it was announced; nil where it does not.
    private func whole(_ window: AnnouncedWindow) -> Range<Instant>? {
        guard let alone else { return window.from..<max(window.from, window.until) }
        if let agreedAt = window.agreedAt, agreedAt < window.until { return max(agreedAt, window.from)..<max(agreedAt, window.from, window.until) }
        guard let supplied = alone.supplied, supplied.kinds.contains(window.kind), window.isNumbered, window.announcedAt + supplied.ahead <= window.from else {
            return nil
        }
        return window.from..<max(window.from, min(window.until, window.from + supplied.atMost))
    }

    /// How much of some windows of a device holds: at no time more than is allowed within the time in which they count together.
    private func allowed(_ windows: [(subject: String, range: Range<Instant>)], of device: String, in calendar: WorkCalendar) -> [HeldTime] {
        guard let alone else { return [] }
        var held: [HeldTime] = []
        var used = alone.allowances.map { _ in [Range<Instant>]() }
        var end = Instant(milliseconds: .min)
        for (subject, range) in windows.sorted(by: { ($0.range.lowerBound, $0.subject) < ($1.range.lowerBound, $1.subject) }) {
            var at = max(range.lowerBound, end)
            end = max(end, range.upperBound)
            while at < range.upperBound {
                guard let (index, next) = allowance(at, alone.allowances, in: calendar) else {
                    at = beginning(after: at, alone.allowances, in: calendar)
                    continue
                }
                let until = min(next, range.upperBound)
                for part in parts(of: at..<until, used: &used[index], atMost: alone.allowances[index].atMost, within: alone.together) {
                    if let last = held.last, last.subject == subject, last.range.upperBound == part.lowerBound {
                        held[held.count - 1].range = last.range.lowerBound..<part.upperBound
                    } else {
                        held.append(HeldTime(subject: subject, devices: [device], range: part))
                    }
                }
                at = until
            }
        }
        return held
    }

    /// The allowance that an instant falls under, and when that is over.
    private func allowance(_ instant: Instant, _ allowances: [Allowance], in calendar: WorkCalendar) -> (index: Int, until: Instant)? {
        let today = calendar.local(instant).date
        // One that goes over midnight began the day before.
        for date in [today.advanced(by: -1), today] {
            for (index, allowance) in allowances.enumerated() {
                let from = calendar.instant(date, allowance.from)
                let until = calendar.instant(allowance.from < allowance.to ? date : date.advanced(by: 1), allowance.to)
                if from <= instant, instant < until { return (index, until) }
            }
        }
        return nil
    }

    /// When the next allowance begins.
    private func beginning(after instant: Instant, _ allowances: [Allowance], in calendar: WorkCalendar) -> Instant {
        let today = calendar.local(instant).date
        let all = [today, today.advanced(by: 1)].flatMap { date in allowances.map { calendar.instant(date, $0.from) } }
        return all.filter { $0 > instant }.min() ?? Instant(milliseconds: .max)
    }

    /// What of a time is allowed, where so much was used before; what is allowed is used.
    private func parts(of range: Range<Instant>, used: inout [Range<Instant>], atMost limit: Span, within together: Span) -> [Range<Instant>] {
        var parts: [Range<Instant>] = []
        // What ended so long ago counts no more.
        used.removeAll { $0.upperBound + together <= range.lowerBound }
        var at = range.lowerBound
        while at < range.upperBound {
            let sum = used.reduce(Span.zero) { sum, part in sum + max(.zero, part.upperBound - max(part.lowerBound, at - together)) }
            let isLeaving = used.contains { ($0.lowerBound + together..<$0.upperBound + together).contains(at) }
            let changes = used.flatMap { [$0.lowerBound + together, $0.upperBound + together] }.filter { $0 > at }
            let next = min(changes.min() ?? range.upperBound, range.upperBound)
            let room = limit - sum
            // As much as comes in goes out where an earlier part is just leaving.
            let until = isLeaving ? (room >= .zero ? next : at) : min(next, at + max(room, .zero))
            if at < until {
                parts.append(at..<until)
                if let last = used.last, last.upperBound == at {
                    used[used.count - 1] = last.lowerBound..<until
                } else {
                    used.append(at..<until)
                }
            }
            at = until > at && until < next && !isLeaving ? until : next
        }
        return parts
    }
}
