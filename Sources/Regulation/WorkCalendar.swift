import Values

/// Working days and working hours at a fixed offset from UTC. Monday to Friday less public holidays plus declared make-up days, which are data by year.
public struct WorkCalendar: Sendable, Hashable {
    /// Local time less UTC; Lào Cai has +07:00.
    public var offset: Span
    /// Working weekdays, 1 for Monday.
    public var weekdays: Set<Int>
    /// The working hours of a day, in order, half-open.
    public var hours: [Range<TimeOfDay>]
    /// Public holidays and make-up days, by year.
    public var years: [Int: Year]

    /// The exceptions of one year.
    public struct Year: Sendable, Hashable {
        /// Days off that would be working days.
        public var holidays: Set<CivilDate>
        /// Days worked that would be off.
        public var makeUpDays: Set<CivilDate>
    }

    /// The local time of an instant.
    public func local(_ instant: Instant) -> LocalTime { LocalTime(instant, offset: offset) }

    /// The instant of a local day and time.
    public func instant(_ date: CivilDate, _ time: TimeOfDay = TimeOfDay(minutes: 0)) -> Instant { Instant(date, time, offset: offset) }

    /// Whether the day is a working day. A year without data has no holidays; who shows dates of such a year says so (`hasData`).
    public func isWorkingDay(_ date: CivilDate) -> Bool {
        if let year = years[date.year] {
            if year.makeUpDays.contains(date) { return true }
            if year.holidays.contains(date) { return false }
        }
        return weekdays.contains(date.weekday)
    }

    /// Whether the holidays of the day's year are known.
    public func hasData(for date: CivilDate) -> Bool { years[date.year] != nil }

    /// The first working day after a day.
    public func workingDay(after date: CivilDate) -> CivilDate { step(from: date, by: 1) }

    /// The last working day before a day.
    public func workingDay(before date: CivilDate) -> CivilDate { step(from: date, by: -1) }

    /// The first instant after another at which a working day shows this time: in the small hours of a working day, that same morning.
    public func nextWorkingDay(at time: TimeOfDay, after start: Instant) -> Instant {
        let today = local(start).date
        if isWorkingDay(today), instant(today, time) > start { return instant(today, time) }
        return instant(workingDay(after: today), time)
    }

    /// Whether the instant lies in working hours of a working day.
    public func isWorkingTime(_ instant: Instant) -> Bool {
        let local = local(instant)
        return isWorkingDay(local.date) && hours.contains { $0.contains(local.timeOfDay) }
    }

    /// The last instant of the n-th working day after the instant's day.
    public func end(ofWorkingDay count: Int, after instant: Instant) -> Instant {
        var date = local(instant).date
        for _ in 0..<count { date = workingDay(after: date) }
        return endOfDay(date)
    }

    /// The last instant of a day: a millisecond before the next.
    public func endOfDay(_ date: CivilDate) -> Instant { instant(date.advanced(by: 1)) - Span(milliseconds: 1) }

    /// The instant at which so much working time has passed since an instant.
    public func instant(afterWorking span: Span, from start: Instant) -> Instant {
        var rest = span
        var date = local(start).date
        while true {
            if isWorkingDay(date) {
                for range in hours {
                    let begin = max(start, instant(date, range.lowerBound))
                    let end = instant(date, range.upperBound)
                    guard begin < end else { continue }
                    if rest <= end - begin { return begin + rest }
                    rest = rest - (end - begin)
                }
            }
            date = date.advanced(by: 1)
        }
    }

    private func step(from date: CivilDate, by direction: Int) -> CivilDate {
        var date = date.advanced(by: direction)
        while !isWorkingDay(date) { date = date.advanced(by: direction) }
        return date
    }
}

extension PeriodRule {
    /// An instant in the period that a message is about; nil where the member is not there. A date is taken at noon.
    public func instant(_ value: JSON?, in calendar: WorkCalendar) -> Instant? {
        let noon = TimeOfDay(minutes: 12 * 60)
        if let year = value?.int.flatMap({ Int(exactly: $0) }), (1970...9999).contains(year) { return calendar.instant(day.date(in: year - yearsBefore), noon) }
        guard let text = value?.string else { return nil }
        if let date = CivilDate(text) { return calendar.instant(date, noon) }
        return Instant(rfc3339: text)
    }
}

extension Recurrence {
    /// Whether its periods are a week or longer, so that one in course when the system starts is still worth watching.
    public var isLong: Bool {
        switch self {
        case .daily, .workingDaily: false
        case .weekly, .monthly, .quarterly, .yearly: true
        }
    }

    /// One period of a recurring duty.
    public struct Period: Sendable, Hashable {
        /// The period's name in ids: its first day, `2026-03-14`.
        public var key: String
        /// When the obligation opens.
        public var opens: Instant
        /// The last instant of the period.
        public var ends: Instant
    }

    /// The period that an instant falls in; nil where none does (a day off, for a duty of working days).
    public func period(containing instant: Instant, in calendar: WorkCalendar) -> Period? {
        let date = calendar.local(instant).date
        return period(startingAt: start(of: date), in: calendar)
    }

    /// The first period that opens after an instant.
    public func period(openingAfter instant: Instant, in calendar: WorkCalendar) -> Period {
        var date = start(of: calendar.local(instant).date)
        while true {
            if let period = period(startingAt: date, in: calendar), period.opens > instant { return period }
            date = next(after: date)
        }
    }

    private func period(startingAt date: CivilDate, in calendar: WorkCalendar) -> Period? {
        if case .workingDaily = self, !calendar.isWorkingDay(date) { return nil }
        return Period(key: date.description, opens: calendar.instant(date, time), ends: calendar.endOfDay(next(after: date).advanced(by: -1)))
    }

    private var time: TimeOfDay {
        switch self {
        case .daily(let time), .workingDaily(let time), .weekly(_, let time), .monthly(_, let time), .quarterly(let time), .yearly(_, let time): time
        }
    }

    private func start(of date: CivilDate) -> CivilDate {
        func earlier(_ candidate: CivilDate?, orElse previous: @autoclosure () -> CivilDate?) -> CivilDate {
            if let candidate, candidate <= date { return candidate }
            guard let previous = previous() else { preconditionFailure("a recurrence names a day that no period has") }
            return previous
        }
        switch self {
        case .daily, .workingDaily: return date
        case .weekly(let weekday, _): return date.advanced(by: -((date.weekday - weekday + 7) % 7))
        case .monthly(let day, _):
            let (year, month) = date.month == 1 ? (date.year - 1, 12) : (date.year, date.month - 1)
            return earlier(CivilDate(year: date.year, month: date.month, day: day), orElse: CivilDate(year: year, month: month, day: day))
        case .quarterly:
            return earlier(CivilDate(year: date.year, month: (date.month - 1) / 3 * 3 + 1, day: 1), orElse: nil)
        case .yearly(let days, _):
            let (this, last) = (days.map { $0.date(in: date.year) }, days.map { $0.date(in: date.year - 1) })
            return earlier(this.last { $0 <= date }, orElse: last.last)
        }
    }

    private func next(after start: CivilDate) -> CivilDate {
        func day(_ date: CivilDate?) -> CivilDate {
            guard let date else { preconditionFailure("a recurrence names a day that no period has") }
            return date
        }
        switch self {
        case .daily, .workingDaily: return start.advanced(by: 1)
        case .weekly: return start.advanced(by: 7)
        case .monthly:
            let (year, month) = start.month == 12 ? (start.year + 1, 1) : (start.year, start.month + 1)
            return day(CivilDate(year: year, month: month, day: start.day))
        case .quarterly:
            let (year, month) = start.month == 10 ? (start.year + 1, 1) : (start.year, start.month + 3)
            return day(CivilDate(year: year, month: month, day: 1))
        case .yearly(let days, _):
            return day((days.map { $0.date(in: start.year) } + days.map { $0.date(in: start.year + 1) }).first { $0 > start })
        }
    }
}
