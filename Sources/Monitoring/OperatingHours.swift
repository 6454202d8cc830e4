import Values

/// How long each device operated inside the window of each day, and what the rest was lost to (article 8.1, duty operate.daily-hours).
///
/// All intervals are half open, so no instant counts twice. What is not known is "no record": neither operation nor loss.
/// A status holds until the next one, across 22:00 and across midnight.
public struct OperatingHours: Hashable, Sendable {
    /// The window and the minimum.
    public let schedule: OperatingSchedule
    /// The devices, the one first that decides for the Cluster (by default the LED screen).
    public let devices: [String]

    enum Condition: String, Hashable, Sendable {
        case operating, down
        case noRecord = "no-record"
    }

    /// From this instant on the device was in this condition.
    struct Mark: Hashable, Sendable {
        var since: Instant
        var condition: Condition
    }

    /// A cause that held from one instant to another, or still holds.
    struct Period: Hashable, Sendable {
        var cause: LossCause
        /// Nil for every device.
        var device: String?
        var from: Instant
        var until: Instant?
    }

    /// The marks of each device in order of time, from its status at the last closed day's beginning on.
    var marks: [String: [Mark]]
    var periods: [Period] = []

    /// Hours of these devices, none of which has a record yet. Precondition: at least one device, the deciding one first, none twice.
    public init(devices: [String], schedule: OperatingSchedule = OperatingSchedule()) {
        precondition(!devices.isEmpty && Set(devices).count == devices.count, "hours of operation need devices, each named once")
        (self.devices, self.schedule) = (devices, schedule)
        marks = Dictionary(uniqueKeysWithValues: devices.map { ($0, []) })
    }

    // MARK: Inputs

    /// A device's status changed. A change confirmed late counts from its `since`, over whatever stood there. Devices that are not counted are ignored.
    public mutating func statusChanged(_ change: StatusChange) {
        guard var history = marks[change.device] else { return }
        let condition: Condition =
            switch change.to {
            case .ok, .warning: .operating
            case .critical: .down
            case .unknown: .noRecord
            }
        history.removeAll { $0.since >= change.since }
        history.append(Mark(since: change.since, condition: condition))
        marks[change.device] = history.suffix(OperatingHours.markLimit)
    }

    /// The machine's clock was set: what was recorded by the clock as it was is recorded by the clock as it is, and nothing lies in the future.
    public mutating func clockStepped(_ step: ClockStep) {
        for (device, history) in marks {
            var earliest: Instant?
            marks[device] = history.map { mark in
                let since = max(step.moved(mark.since), earliest ?? step.moved(mark.since))
                earliest = since
                return Mark(since: since, condition: mark.condition)
            }
        }
        for index in periods.indices where periods[index].until == nil { periods[index].from.move(step.moved) }
    }

    /// A cause of loss began, for one device or, with nil, for all. Ignored if it holds already.
    public mutating func causeBegan(_ cause: LossCause, device: String? = nil, at instant: Instant) {
        guard !periods.contains(where: { $0.cause == cause && $0.device == device && $0.until == nil }) else { return }
        keep(Period(cause: cause, device: device, from: instant, until: nil))
    }

    /// The most changes of one device, and the most causes, that are kept; the oldest go, and what they told is then without record or a fault. A day has far
    /// fewer.
    static let (markLimit, periodLimit) = (4_000, 400)

    private mutating func keep(_ period: Period) { periods = periods.suffix(OperatingHours.periodLimit - 1) + [period] }

    /// A cause of loss ended. Ignored if it does not hold.
    public mutating func causeEnded(_ cause: LossCause, device: String? = nil, at instant: Instant) {
        guard let index = periods.firstIndex(where: { $0.cause == cause && $0.device == device && $0.until == nil }) else { return }
        periods[index].until = max(instant, periods[index].from)
    }

    /// A cause of loss holds, or would hold, from one instant to another, for one device or, with nil, for all. It replaces what was said of the same cause
    /// from the same instant on.
    public mutating func causeHolds(_ cause: LossCause, device: String? = nil, from: Instant, until: Instant) {
        periods.removeAll { $0.cause == cause && $0.device == device && $0.from == from && $0.until != nil }
        if from < until { keep(Period(cause: cause, device: device, from: from, until: until)) }
    }

    // MARK: Answers

    /// The time a device is known to have operated inside a day's window, up to `now`.
    public func operated(_ device: String, on date: CivilDate, at now: Instant) -> Span {
        length(stretches(device, within(date, until: now)), of: .operating)
    }

    /// The instant from which a device cannot reach a day's minimum any more, if its present status lasts: the first instant lost beyond the allowance.
    /// It lies in the future while the device is down with some allowance left; nil while the minimum can be reached. Time without record is not lost.
    public func unreachableSince(_ device: String, on date: CivilDate) -> Instant? {
        var left = schedule.allowance
        for stretch in stretches(device, schedule.window(on: date)) where stretch.condition == .down {
            let length = stretch.range.upperBound - stretch.range.lowerBound
            if length > left { return stretch.range.lowerBound + left }
            left = left - length
        }
        return nil
    }

    /// Whether a device could still reach a day's minimum at an instant.
    public func canStillReachMinimum(_ device: String, on date: CivilDate, at now: Instant) -> Bool {
        unreachableSince(device, on: date).map { now < $0 } ?? true
    }

    /// A day's record of one device, up to `now`; the rest of the window is without record.
    public func day(_ device: String, on date: CivilDate, at now: Instant) -> DeviceDay {
        let window = schedule.window(on: date)
        let known = stretches(device, within(date, until: now))
        let operated = length(known, of: .operating)
        let down = known.filter { $0.condition == .down }.map(\.range)
        let lost = length(known, of: .down)
        let unreachable = unreachableSince(device, on: date).flatMap { $0 <= now ? $0 : nil }
        let verdict: DayVerdict = operated >= schedule.minimum ? .reached : lost > schedule.allowance ? .under : .noRecord
        return DeviceDay(
            device: device, operated: operated, lost: byCause(down, device), noRecord: (window.upperBound - window.lowerBound) - operated - lost,
            unreachableSince: unreachable, verdict: verdict)
    }

    /// Draws up a day and forgets what lies before it. To be called when the damping after 22:00 is over, since a loss before 22:00 may be confirmed
    /// after it; a day drawn up again before the next one is closed takes later knowledge into account.
    public mutating func closeDay(_ date: CivilDate, at now: Instant) -> DaySummary {
        let midnight = Instant(date, offset: schedule.offset)
        for (device, history) in marks {
            if let standing = history.lastIndex(where: { $0.since <= midnight }) { marks[device] = Array(history[standing...]) }
        }
        periods.removeAll { $0.until.map { $0 <= midnight } ?? false }
        return DaySummary(date: date, schedule: schedule, devices: devices.map { day($0, on: date, at: now) })
    }

    // MARK: Intervals

    private typealias Stretch = (range: Range<Instant>, condition: Condition)

    private func within(_ date: CivilDate, until now: Instant) -> Range<Instant> {
        schedule.window(on: date).clamped(to: Instant(date, offset: schedule.offset)..<max(now, Instant(date, offset: schedule.offset)))
    }

    /// The conditions of a device inside a range, in order; what lies before its first mark is without record.
    private func stretches(_ device: String, _ range: Range<Instant>) -> [Stretch] {
        let history = marks[device] ?? []
        var found: [Stretch] = []
        var (at, condition) = (range.lowerBound, Condition.noRecord)
        for mark in history where mark.since < range.upperBound {
            if mark.since > at {
                found.append((at..<mark.since, condition))
                at = mark.since
            }
            condition = mark.condition
        }
        if at < range.upperBound { found.append((at..<range.upperBound, condition)) }
        return found
    }

    private func length(_ stretches: [Stretch], of condition: Condition) -> Span {
        stretches.reduce(.zero) { $1.condition == condition ? $0 + ($1.range.upperBound - $1.range.lowerBound) : $0 }
    }

    /// Divides lost time among the causes that held.
    private func byCause(_ lost: [Range<Instant>], _ device: String) -> [LostTime] {
        let holding = periods.filter { $0.device == nil || $0.device == device }
        var sums: [LossCause: Span] = [:]
        for range in lost {
            let edges = holding.flatMap { [$0.from, $0.until ?? range.upperBound] }.filter { range.contains($0) }
            let cuts = Set(edges + [range.lowerBound, range.upperBound]).sorted()
            for (start, end) in zip(cuts, cuts.dropFirst()) {
                let causes = holding.filter { $0.from <= start && ($0.until.map { start < $0 } ?? true) }.map(\.cause)
                let cause = LossCause.allCases.first { causes.contains($0) } ?? .fault
                sums[cause, default: .zero] = sums[cause, default: .zero] + (end - start)
            }
        }
        return LossCause.allCases.compactMap { cause in sums[cause].map { LostTime(cause: cause, span: $0) } }
    }
}
