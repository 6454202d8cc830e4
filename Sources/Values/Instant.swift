/// A moment in time, to the millisecond: milliseconds since 1970-01-01T00:00:00Z. Instants are compared as integers.
///
/// All instants lie in `CivilDate.years`, at whatever offset from UTC these are told; what would lie before or after is the first or the last of them. So any
/// sum of instants and spans can be reckoned with and written.
public struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since the epoch, UTC.
    public let milliseconds: Int64

    /// The instant so many milliseconds after the epoch, or the first or last there is.
    public init(milliseconds: Int64) { self.milliseconds = min(max(milliseconds, Instant.milliseconds.lowerBound), Instant.milliseconds.upperBound) }

    /// Those of the first and the last instant: a day's margin on either side holds every offset from UTC.
    static let milliseconds = Int64(CivilDate.days.lowerBound) * 86_400_000...Int64(CivilDate.days.upperBound) * 86_400_000 + 86_399_999

    /// Earlier is less.
    public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
    /// The instant a span later.
    public static func + (instant: Instant, span: Span) -> Instant { Instant(milliseconds: instant.milliseconds.saturatingAdd(span.milliseconds)) }
    /// The instant a span earlier.
    public static func - (instant: Instant, span: Span) -> Instant { Instant(milliseconds: instant.milliseconds.saturatingSubtract(span.milliseconds)) }
    /// The span from the second instant to the first.
    public static func - (a: Instant, b: Instant) -> Span { Span(milliseconds: a.milliseconds - b.milliseconds) }
}

/// A length of time in milliseconds, written as an ISO 8601 duration of days, hours, minutes and seconds (`PT1H`, `P1DT30M`). Sums and products beyond 292
/// million years stay there.
public struct Span: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Milliseconds; negative for a span into the past.
    public var milliseconds: Int64

    /// A span of so many milliseconds.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    /// A span of so many seconds.
    public static func seconds(_ count: Int64) -> Span { Span(milliseconds: count.saturatingMultiply(by: 1000)) }
    /// A span of so many minutes.
    public static func minutes(_ count: Int64) -> Span { seconds(count.saturatingMultiply(by: 60)) }
    /// A span of so many hours.
    public static func hours(_ count: Int64) -> Span { minutes(count.saturatingMultiply(by: 60)) }
    /// A span of so many days of 24 hours.
    public static func days(_ count: Int64) -> Span { hours(count.saturatingMultiply(by: 24)) }
    /// No time at all.
    public static let zero = Span(milliseconds: 0)

    /// Shorter is less.
    public static func < (a: Span, b: Span) -> Bool { a.milliseconds < b.milliseconds }
    /// The two spans one after the other.
    public static func + (a: Span, b: Span) -> Span { Span(milliseconds: a.milliseconds.saturatingAdd(b.milliseconds)) }
    /// The first span less the second.
    public static func - (a: Span, b: Span) -> Span { Span(milliseconds: a.milliseconds.saturatingSubtract(b.milliseconds)) }
    /// The span so many times over.
    public static func * (span: Span, times: Int) -> Span { Span(milliseconds: span.milliseconds.saturatingMultiply(by: Int64(times))) }
    /// The span on a clock that runs at a rate, to the nearest millisecond.
    public func scaled(by rate: Double) -> Span { Span(milliseconds: Int64(saturating: Double(milliseconds) * rate)) }

    /// Reads an ISO 8601 duration of whole days, hours, minutes and seconds; nil for anything else, years and months included, whose length varies.
    public init?(iso text: String) {
        var rest = Substring(text)
        guard rest.popFirst() == "P", !rest.isEmpty else { return nil }
        var total: Int64 = 0
        var inTime = false
        var units: [(unit: Character, seconds: Int64, time: Bool)] = [("D", 86_400, false), ("H", 3_600, true), ("M", 60, true), ("S", 1, true)]
        while !rest.isEmpty {
            if rest.first == "T" {
                guard !inTime, rest.count > 1 else { return nil }
                inTime = true
                rest.removeFirst()
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty, digits.count <= 9, let count = Int64(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            guard let letter = rest.popFirst(), let index = units.firstIndex(where: { $0.unit == letter && $0.time == inTime }) else { return nil }
            total += count * units[index].seconds
            units.removeSubrange(...index)
        }
        self = .seconds(total)
    }

    /// The ISO 8601 form, to the second.
    public var description: String {
        let seconds = milliseconds.magnitude / 1000
        let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60)
        let time = [(hours, "H"), (minutes, "M"), (rest, "S")].filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        let date = days > 0 ? "\(days)D" : ""
        let text = date.isEmpty && time.isEmpty ? "PT0S" : "P" + date + (time.isEmpty ? "" : "T" + time)
        return milliseconds < 0 ? "-" + text : text
    }
}
