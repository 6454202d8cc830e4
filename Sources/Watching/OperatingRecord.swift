import Monitoring
import Regulation
import Values

/// The hours of operation, and the days to be closed.
public struct OperatingRecord: Sendable {
    /// The hours so far.
    public private(set) var hours: OperatingHours
    /// The first day that is not closed yet.
    public private(set) var nextDay: CivilDate
    /// The type of message that closes a day; nil where the regulation has none, and nobody is told.
    private let type: String?
    /// Since when the agent has been running and awake.
    private var startedAt: Instant
    /// How long after the window's end a day is drawn up, so that what happened before it can be confirmed.
    private let settling: Span

    /// The longest that is waited: the record is owed half an hour after the window's end.
    static let longestSettling = Span.minutes(20)

    /// A record of these devices, begun now, on a clock that runs at a rate. The device that the regulation names decides for the Cluster, else the first.
    public init(_ devices: [WatchedDevice], regulation: Regulation, rate: Double, now: Instant) {
        let (decider, schedule) = OperatingRecord.rule(of: regulation)
        let ids = devices.map(\.id)
        hours = OperatingHours(devices: ids.filter { $0 == decider } + ids.filter { $0 != decider }, schedule: schedule)
        (type, startedAt) = (regulation.equipment?.day, now)
        settling = min(OperatingRecord.longestSettling, (devices.map(\.confirmation).max() ?? .zero).scaled(by: rate))
        nextDay = LocalTime(now, offset: schedule.offset).date
    }

    /// The window, the minimum and the deciding device, as the duty has them.
    private static func rule(of regulation: Regulation) -> (device: String?, schedule: OperatingSchedule) {
        let offset = regulation.calendar.offset
        guard let owed = regulation.operations.first else { return (nil, OperatingSchedule(offset: offset)) }
        return (owed.device, OperatingSchedule(opens: owed.from, closes: owed.to, minimum: owed.minimum, offset: offset))
    }

    // MARK: Inputs

    mutating func statusChanged(_ change: StatusChange) { hours.statusChanged(change) }

    /// What is known of the supply changed.
    mutating func supplyChanged(_ supply: SupplyReports) {
        if let since = supply.lostSince {
            hours.causeBegan(.power, at: since)
        } else if let at = supply.lastRestored {
            hours.causeEnded(.power, at: at)
        }
    }

    /// Maintenance was announced, or ended early.
    mutating func planned(_ window: PlannedWork.Window) {
        for device in window.devices.map({ $0.map(Optional.some) }) ?? [nil] {
            hours.causeHolds(window.cause, device: device, from: window.from, until: window.until)
        }
    }

    /// Nobody looked until now: a day that ended meanwhile is told only if something is known of it.
    mutating func wasAway(until now: Instant) {
        startedAt = now
        endInFuture(at: now)
    }

    /// Nothing recorded lies in the future, and no day is closed before its end, whatever the clock showed before.
    private mutating func endInFuture(at now: Instant) {
        hours.clockStepped(ClockStep(by: .zero, since: now, now: now))
        nextDay = min(nextDay, OperatingRecord.firstOpenDay(hours.schedule, at: now))
    }

    /// The machine's clock was set. A day that was closed before its end is closed again at its end. Hours recorded stay where the clock was set ahead.
    mutating func clockStepped(_ step: ClockStep) {
        guard step.span < .zero else { return wasAway(until: step.now) }
        hours.clockStepped(step)
        startedAt = min(startedAt, step.now)
        nextDay = min(nextDay, OperatingRecord.firstOpenDay(hours.schedule, at: step.now))
    }

    /// The first day whose window is not over at an instant.
    private static func firstOpenDay(_ schedule: OperatingSchedule, at now: Instant) -> CivilDate {
        let today = LocalTime(now, offset: schedule.offset).date
        return now < schedule.window(on: today).upperBound ? today : today.advanced(by: 1)
    }

    /// How many days that are over are looked at. A clock that was years ahead, or a saved state of years ago, leaves no more to be closed than anybody would read.
    static let longestBacklogDays = 31

    /// Draws up each day that is over. A day that ended while the agent was off is told only if something is known of it.
    public mutating func closeDays(at now: Instant) -> [Announcement] {
        var announcements: [Announcement] = []
        nextDay = max(nextDay, LocalTime(now, offset: hours.schedule.offset).date.advanced(by: -OperatingRecord.longestBacklogDays))
        while hours.schedule.window(on: nextDay).upperBound + settling <= now {
            let end = hours.schedule.window(on: nextDay).upperBound
            let summary = hours.closeDay(nextDay, at: now)
            let closed = nextDay
            nextDay = nextDay.advanced(by: 1)
            if nextDay == closed { break }
            if let type, startedAt <= end || summary.isKnown { announcements.append(summary.announcement(type)) }
        }
        return announcements
    }
}

extension DaySummary {
    /// Whether anything is known of the day.
    var isKnown: Bool { devices.contains { $0.operated > .zero || !$0.lost.isEmpty } }

    /// The message that closes the day.
    func announcement(_ type: String) -> Announcement {
        Announcement(
            type: type, subject: nil,
            data: [
                "date": .string(date.description), "windowFrom": .string(schedule.opens.description), "windowTo": .string(schedule.closes.description),
                "minimumMinutes": .int(schedule.minimum.minutes), "operatedMinutes": .int(cluster.minutes.operated),
                "devices": .array(
                    devices.map { day in
                        let minutes = day.minutes
                        return [
                            "device": .string(day.device), "operatedMinutes": .int(minutes.operated), "noRecordMinutes": .int(minutes.noRecord),
                            "lost": .array(minutes.lost.map { ["cause": .string($0.cause.rawValue), "minutes": .int($0.minutes)] }),
                        ]
                    }),
            ])
    }
}

extension DeviceDay {
    /// The day in whole minutes that make up the window and leave its verdict as it is: operation is never rounded up, and what is not lost (operated or
    /// without record) is not either, so a day counts as under the minimum in minutes exactly if it is.
    var minutes: (operated: Int64, noRecord: Int64, lost: [(cause: LossCause, minutes: Int64)]) {
        let operatedMinutes = operated.minutes
        let notLost = (operated + noRecord).minutes
        let window = lost.reduce(operated + noRecord) { $0 + $1.span }.minutes
        // The rest of the division goes to the causes that lose most by it.
        var left = window - notLost - lost.reduce(0) { $0 + $1.span.minutes }
        let order = lost.indices.sorted { lost[$0].span.milliseconds % 60_000 > lost[$1].span.milliseconds % 60_000 }
        var rounded = lost.map { (cause: $0.cause, minutes: $0.span.minutes) }
        for index in order where left > 0 {
            rounded[index].minutes += 1
            left -= 1
        }
        return (operatedMinutes, notLost - operatedMinutes, rounded.filter { $0.minutes > 0 })
    }
}

extension Span {
    /// Whole minutes, what is left over cut off.
    fileprivate var minutes: Int64 { milliseconds / 60_000 }
}

extension OperatingRecord {
    var state: JSON { ["hours": hours.state, "nextDay": .string(nextDay.description)] }

    /// Takes up a saved state.
    /// - Throws: `StateError` if it is not one that `state` gave.
    mutating func resume(_ state: JSON, at now: Instant) throws {
        hours = try OperatingHours(devices: hours.devices, schedule: hours.schedule, state: state["hours"] ?? .null)
        nextDay = state["nextDay"]?.string.flatMap { CivilDate($0) } ?? nextDay
        endInFuture(at: now)
    }
}
