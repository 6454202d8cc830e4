/// A day of the Gregorian calendar, without a time or a zone, written `2026-03-14`.
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The years in which this system reckons. A date outside them is a slip of the pen or an attack: it is refused where it is read, and whatever is reckoned
    /// from a date ends at their end.
    public static let years = 1900...2199

    /// The days since 1970-01-01 of these years, with the day before and the day after, on which they begin and end elsewhere on Earth.
    static let days = -25_568...84_006

    /// The year.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, from 1.
    public let day: Int

    /// The day, or nil where the calendar has no such day, or none in `years`.
    public init?(year: Int, month: Int, day: Int) {
        guard CivilDate.years.contains(year), CivilDate.isDay(year: year, month: month, day: day) else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Reads `2026-03-14`; nil for anything else, and for a day outside `years`.
    public init?(_ text: String) {
        guard let (year, month, day) = CivilDate.parts(of: text) else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// Whether a text is a day of the calendar, well written, in a year outside `years`.
    public static func isOutsideYears(_ text: String) -> Bool {
        guard let (year, month, day) = parts(of: text) else { return false }
        return !years.contains(year) && isDay(year: year, month: month, day: day)
    }

    private static func parts(of text: String) -> (year: Int, month: Int, day: Int)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }), let year = Int(parts[0]),
            let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        return (year, month, day)
    }

    /// Whether the calendar has such a day; the year 0 is none.
    static func isDay(year: Int, month: Int, day: Int) -> Bool {
        year > 0 && (1...12).contains(month) && day >= 1 && day <= days(inMonth: month, of: year)
    }

    /// The day so many days after 1970-01-01, or the first or last there is.
    public init(daysSinceEpoch days: Int) {
        // Years are counted from 1 March, which puts the leap day last; 719,468 days lie between 0000-03-01 and the epoch.
        let shifted = min(max(days, CivilDate.days.lowerBound), CivilDate.days.upperBound) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01.
    public var daysSinceEpoch: Int { CivilDate.daysSinceEpoch(year: year, month: month, day: day) }

    static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The day so many days later, or earlier if negative, or the first or last there is.
    public func advanced(by days: Int) -> CivilDate {
        // No two days lie further apart than there are days.
        let most = CivilDate.days.count
        return CivilDate(daysSinceEpoch: daysSinceEpoch + min(max(days, -most), most))
    }

    /// 1 for Monday to 7 for Sunday, as ISO 8601 counts.
    public var weekday: Int { ((daysSinceEpoch + 3) % 7 + 7) % 7 + 1 }

    /// Earlier is less.
    public static func < (a: CivilDate, b: CivilDate) -> Bool { (a.year, a.month, a.day) < (b.year, b.month, b.day) }

    /// `2026-03-14`.
    public var description: String { "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))" }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// A time of day to the minute, written `07:30`.
public struct TimeOfDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Minutes since midnight, 0 to 1440; 1440 is the end of the day.
    public let minutes: Int

    /// A time so many minutes after midnight, or midnight or the end of the day where it lies outside.
    public init(minutes: Int) { self.minutes = min(max(minutes, 0), 1440) }

    /// Reads `07:30`, and `24:00` for the end of the day; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 2], parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        minutes = hour * 60 + minute
    }

    /// Earlier is less.
    public static func < (a: TimeOfDay, b: TimeOfDay) -> Bool { a.minutes < b.minutes }

    /// `07:30`.
    public var description: String { "\(digits(minutes / 60, 2)):\(digits(minutes % 60, 2))" }
}

/// An instant as a clock on the wall shows it, at a fixed offset from UTC. Lào Cai is UTC+07:00 and knows no daylight saving.
public struct LocalTime: Hashable, Sendable {
    /// The day.
    public let date: CivilDate
    /// The hour, 0 to 23.
    public let hour: Int
    /// The minute, 0 to 59.
    public let minute: Int
    /// The second, 0 to 59.
    public let second: Int
    /// The millisecond, 0 to 999.
    public let millisecond: Int

    /// What a clock at this offset shows at the instant.
    public init(_ instant: Instant, offset: Span) {
        let shifted = (instant + offset).milliseconds
        let days = shifted >= 0 ? shifted / 86_400_000 : (shifted - 86_399_999) / 86_400_000
        let rest = Int(shifted - days * 86_400_000)
        date = CivilDate(daysSinceEpoch: Int(days))
        (hour, minute, second, millisecond) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000)
    }

    /// Minutes since midnight, seconds left out.
    public var timeOfDay: TimeOfDay { TimeOfDay(minutes: hour * 60 + minute) }
}

extension Instant {
    /// The instant at which a clock at this offset shows the day and the time.
    public init(_ date: CivilDate, _ time: TimeOfDay = TimeOfDay(minutes: 0), offset: Span) {
        let shown = Int64(date.daysSinceEpoch) * 86_400_000 + Int64(time.minutes) * 60_000
        self.init(milliseconds: shown.saturatingSubtract(offset.milliseconds))
    }
}
