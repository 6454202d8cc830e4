import Values

/// When the Cluster must operate (article 8.1): 14 hours a day between 07:00 and 22:00, which is a window of 15 (duties, reading 1).
public struct OperatingSchedule: Hashable, Sendable {
    /// The beginning of the window, local time, itself inside.
    public var opens: TimeOfDay
    /// The end of the window, local time, itself outside.
    public var closes: TimeOfDay
    /// The time of operation owed inside the window.
    public var minimum: Span
    /// The local clock's offset from UTC.
    public var offset: Span

    /// A schedule. Precondition: it opens before it closes, and the minimum fits inside.
    public init(
        opens: TimeOfDay = TimeOfDay(minutes: 7 * 60), closes: TimeOfDay = TimeOfDay(minutes: 22 * 60), minimum: Span = .hours(14), offset: Span = .hours(7)
    ) {
        precondition(opens < closes, "the window of operation must open before it closes")
        precondition(minimum >= .zero && minimum <= .minutes(Int64(closes.minutes - opens.minutes)), "the minimum of operation must fit inside the window")
        (self.opens, self.closes, self.minimum, self.offset) = (opens, closes, minimum, offset)
    }

    /// The instants at which the window of a day begins and ends.
    public func window(on date: CivilDate) -> Range<Instant> { Instant(date, opens, offset: offset)..<Instant(date, closes, offset: offset) }

    /// How much may be lost before the minimum can no longer be reached.
    public var allowance: Span { .minutes(Int64(closes.minutes - opens.minutes)) - minimum }
}
