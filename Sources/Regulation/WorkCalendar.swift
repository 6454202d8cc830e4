import Values

/// Working days and working hours at a fixed offset from UTC. Monday to Friday less public holidays plus declared make-up days, which are data by year.
public struct WorkCalendar: Sendable, Hashable {
    /// Local time less UTC; Lào Cai has +07:00.
    public var offset: Span
    /// Working weekdays, 1 for Monday.
    public var weekdays: Set<Int>
    /// The working hours of a day, in order, half-open.
    public var hours: [Range<TimeOfDay>]
    /// The days off of every year, as the law fixes them (Labour Code 2019, Article 112.1 a, c, d).
    public var everyYear: Set<MonthDay> = []
    /// Public holidays and make-up days, by year.
    public var years: [Int: Year]
    /// The type of message by which one day is declared worked or off; nil where nobody may.
    public var declares: String?
    /// The hours of the night, in which notices that can wait do not go out; nil where none waits.
    public var night: Night?
    /// Days of which it was declared, whatever else is known of them: true for a day that is worked.
    public var declared: [CivilDate: Bool] = [:]

    /// From one time of day to another, of the next day where that is not later.
    public struct Night: Sendable, Hashable {
        /// After this time,
        public var from: TimeOfDay
        /// and before this one.
        public var to: TimeOfDay
    }

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

    /// Whether the day is a working day. A year without data has the days off of every year alone; who shows dates of such a year says so (`hasData`).
    public func isWorkingDay(_ date: CivilDate) -> Bool {
        if let isWorked = declared[date] { return isWorked }
        if let year = years[date.year] {
            if year.makeUpDays.contains(date) { return true }
            if year.holidays.contains(date) { return false }
        }
        return weekdays.contains(date.weekday) && !isOffEveryYear(date) && !isOffInstead(date)
    }

    private func isOffEveryYear(_ date: CivilDate) -> Bool { everyYear.contains(MonthDay(date.month, date.day)) }

    /// A day that is off instead of a fixed day off on a weekend comes within so many days of that one.
    private static let longestWait = 14

    /// Whether a working weekday is off instead of a fixed day off that falls on a weekend (Labour Code 2019, Article 111.3). In a year with data the
    /// data says it.
    private func isOffInstead(_ date: CivilDate) -> Bool {
        if everyYear.isEmpty || hasData(for: date) { return false }
        var taken: Set<CivilDate> = []
        for days in stride(from: WorkCalendar.longestWait, to: 0, by: -1) {
            let fixed = date.advanced(by: -days)
            guard isOffEveryYear(fixed), !weekdays.contains(fixed.weekday), !hasData(for: fixed) else { continue }
            var instead = fixed.advanced(by: 1)
            while instead < date, !weekdays.contains(instead.weekday) || isOffEveryYear(instead) || taken.contains(instead) {
                instead = instead.advanced(by: 1)
            }
            if instead == date { return true }
            taken.insert(instead)
        }
        return false
    }

    /// The days of some that another calendar has otherwise, as they are here.
    public func days(_ days: ClosedRange<CivilDate>, otherThanIn other: WorkCalendar) -> [CivilDate: Bool] {
        var found: [CivilDate: Bool] = [:]
        for number in days.lowerBound.daysSinceEpoch...days.upperBound.daysSinceEpoch {
            let date = CivilDate(daysSinceEpoch: number)
            let isWorked = isWorkingDay(date)
            if other.isWorkingDay(date) != isWorked { found[date] = isWorked }
        }
        return found
    }

    /// The same hours with the days of another calendar.
    public func withDays(of other: WorkCalendar) -> WorkCalendar {
        var calendar = other
        (calendar.offset, calendar.hours, calendar.declares, calendar.night) = (offset, hours, declares, night)
        return calendar
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

    /// The night that an instant lies in; nil by day. Its first and its last instant are of the day.
    private func night(at instant: Instant) -> (begins: Instant, ends: Instant)? {
        guard let night else { return nil }
        let local = local(instant)
        if night.to < night.from, night.to <= local.timeOfDay, local.timeOfDay < night.from { return nil }
        let today = local.date
        for date in [today.advanced(by: -1), today] {
            let begins = self.instant(date, night.from)
            let ends = self.instant(night.from < night.to ? date : date.advanced(by: 1), night.to)
            if begins < instant, instant < ends { return (begins, ends) }
        }
        return nil
    }

    /// The instant itself by day, and at night the morning after it.
    public func morning(after instant: Instant) -> Instant { night(at: instant)?.ends ?? instant }

    /// The instant itself by day, and at night the evening before it.
    public func evening(before instant: Instant) -> Instant { night(at: instant)?.begins ?? instant }

    /// Whether the instant lies in working hours of a working day.
    public func isWorkingTime(_ instant: Instant) -> Bool {
        let local = local(instant)
        return isWorkingDay(local.date) && hours.contains { $0.contains(local.timeOfDay) }
    }

    /// The last instant of the n-th working day after the instant's day.
    public func end(ofWorkingDay count: Int, after instant: Instant) -> Instant {
        var date = local(instant).date
        var left = count
        while left > 0 {
            // Up to the next day that is an exception, whole weeks have as many working days as there are working weekdays.
            let weeks = min((left - 1) / max(1, weekdays.count), weeksWithoutExceptions(after: date))
            date = date.advanced(by: 7 * weeks)
            left -= weeks * weekdays.count
            let next = workingDay(after: date)
            if next == date { break }
            (date, left) = (next, left - 1)
        }
        return endOfDay(date)
    }

    /// How many weeks follow a day before the next exception: a day off of every year, a declared day, or a year that has exceptions of its own. None in such a year itself,
    /// none in the weeks in which a day may be off instead of another, and none where days are no longer reckoned.
    private func weeksWithoutExceptions(after date: CivilDate) -> Int {
        if hasData(for: date) || (0...WorkCalendar.longestWait).contains(where: { isOffEveryYear(date.advanced(by: -$0)) }) { return 0 }
        let nextYear = years.keys.filter { $0 > date.year }.min() ?? CivilDate.years.upperBound + 1
        let fixed = everyYear.compactMap { day in [date.year, date.year + 1].compactMap(day.date(in:)).first { $0 > date } }.min()
        let end = CivilDate(year: nextYear - 1, month: 12, day: 31) ?? date
        let exception = [fixed, declared.keys.filter { $0 > date }.min()].compactMap(\.self).min()
        let last = exception.map { min(end, $0.advanced(by: -1)) } ?? end
        return max(0, (last.daysSinceEpoch - date.daysSinceEpoch) / 7)
    }

    /// The last instant of a day: a millisecond before the next.
    public func endOfDay(_ date: CivilDate) -> Instant { instant(date, TimeOfDay(minutes: 1440)) - Span(milliseconds: 1) }

    /// The instant at which so much working time has passed since an instant; the end of the last day there is, where it does not pass before.
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
            let next = date.advanced(by: 1)
            if next == date { return endOfDay(date) }
            date = next
        }
    }

    /// The instant from which so much working time is left to another; the first instant of the first day there is, where there is not so much.
    public func instant(beforeWorking span: Span, to end: Instant) -> Instant {
        var rest = span
        var date = local(end).date
        while true {
            if isWorkingDay(date) {
                for range in hours.reversed() {
                    let (begin, until) = (instant(date, range.lowerBound), min(end, instant(date, range.upperBound)))
                    guard begin < until else { continue }
                    if rest <= until - begin { return until - rest }
                    rest = rest - (until - begin)
                }
            }
            let before = date.advanced(by: -1)
            if before == date { return instant(date) }
            date = before
        }
    }

    /// The nearest working day in a direction, or the last day there is.
    private func step(from start: CivilDate, by direction: Int) -> CivilDate {
        var date = start.advanced(by: direction)
        while !isWorkingDay(date) {
            let next = date.advanced(by: direction)
            if next == date { break }
            date = next
        }
        return date
    }
}

extension PeriodRule {
    /// An instant in the period that a message is about; nil where the member is not there. A date is taken at noon.
    public func instant(_ value: JSON?, in calendar: WorkCalendar) -> Instant? {
        let noon = TimeOfDay(minutes: 12 * 60)
        if let year = value?.int.flatMap({ Int(exactly: $0) }), CivilDate.years.contains(year) {
            return day.date(in: year - yearsBefore).map { calendar.instant($0, noon) }
        }
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

    /// The period that an instant falls in; nil where none does (a day off, for a duty of working days) and where its beginning or its end lies outside
    /// `CivilDate.years`.
    public func period(containing instant: Instant, in calendar: WorkCalendar) -> Period? {
        start(of: calendar.local(instant).date).flatMap { period(startingAt: $0, in: calendar) }
    }

    /// The first period that opens after an instant; nil where `CivilDate.years` end before.
    public func period(openingAfter instant: Instant, in calendar: WorkCalendar) -> Period? {
        // A period that began before the first year is followed by one that begins in it.
        var date = start(of: calendar.local(instant).date) ?? start(of: calendar.local(instant + .days(366)).date)
        while let start = date {
            if let period = period(startingAt: start, in: calendar), period.opens > instant { return period }
            date = next(after: start)
        }
        return nil
    }

    private func period(startingAt date: CivilDate, in calendar: WorkCalendar) -> Period? {
        if case .workingDaily = self, !calendar.isWorkingDay(date) { return nil }
        guard CivilDate.years.contains(date.year), let next = next(after: date) else { return nil }
        return Period(key: date.description, opens: calendar.instant(date, time), ends: calendar.endOfDay(next.advanced(by: -1)))
    }

    private var time: TimeOfDay {
        switch self {
        case .daily(let time), .workingDaily(let time), .weekly(_, let time), .monthly(_, let time), .quarterly(let time), .yearly(_, let time): time
        }
    }

    /// The first day of the period that a day belongs to; nil outside `CivilDate.years`.
    private func start(of date: CivilDate) -> CivilDate? {
        func latest(_ candidates: CivilDate?...) -> CivilDate? { candidates.compactMap(\.self).last { $0 <= date } }
        switch self {
        case .daily, .workingDaily: return date
        case .weekly(let weekday, _):
            let start = date.advanced(by: -((date.weekday - weekday + 7) % 7))
            return start.weekday == weekday ? start : nil
        case .monthly(let day, _):
            let (year, month) = date.month == 1 ? (date.year - 1, 12) : (date.year, date.month - 1)
            return latest(CivilDate(year: year, month: month, day: day), CivilDate(year: date.year, month: date.month, day: day))
        case .quarterly: return CivilDate(year: date.year, month: (date.month - 1) / 3 * 3 + 1, day: 1)
        case .yearly(let days, _):
            return (days.compactMap { $0.date(in: date.year - 1) } + days.compactMap { $0.date(in: date.year) }).last { $0 <= date }
        }
    }

    /// The first day of the period that follows; nil outside `CivilDate.years`.
    private func next(after start: CivilDate) -> CivilDate? {
        func later(_ days: Int) -> CivilDate? {
            let date = start.advanced(by: days)
            return date.daysSinceEpoch - start.daysSinceEpoch == days ? date : nil
        }
        switch self {
        case .daily, .workingDaily: return later(1)
        case .weekly: return later(7)
        case .monthly:
            let (year, month) = start.month == 12 ? (start.year + 1, 1) : (start.year, start.month + 1)
            return CivilDate(year: year, month: month, day: start.day)
        case .quarterly:
            let (year, month) = start.month == 10 ? (start.year + 1, 1) : (start.year, start.month + 3)
            return CivilDate(year: year, month: month, day: 1)
        case .yearly(let days, _):
            return (days.compactMap { $0.date(in: start.year) } + days.compactMap { $0.date(in: start.year + 1) }).first { $0 > start }
        }
    }
}
