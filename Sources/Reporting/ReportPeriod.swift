import Regulation
import Values

/// What a report covers: the first half of a year, the second, or all of it (articles 15.1 and 15.2).
public struct ReportPeriod: Sendable, Hashable, CustomStringConvertible {
    /// Which part of the year.
    public enum Part: String, Sendable, CaseIterable {
        /// January to June.
        case firstHalf = "-H1"
        /// July to December.
        case secondHalf = "-H2"
        /// January to December.
        case year = ""
    }

    /// The year.
    public let year: Int
    /// Which part of it.
    public let part: Part
    /// The first day.
    public let firstDay: CivilDate
    /// The last day.
    public let lastDay: CivilDate

    /// Reads `2026-H1`, `2026-H2` or `2026`; nil for anything else, and for years that no report can be of.
    public init?(_ text: String) {
        let upper = text.uppercased()
        guard let part = Part.allCases.first(where: { upper.dropFirst(4) == $0.rawValue }), upper.prefix(4).allSatisfy({ $0.isASCII && $0.isNumber }),
            let year = Int(upper.prefix(4)), (2015...2100).contains(year),
            let first = CivilDate(year: year, month: part == .secondHalf ? 7 : 1, day: 1),
            let last = CivilDate(year: year, month: part == .firstHalf ? 6 : 12, day: part == .firstHalf ? 30 : 31)
        else { return nil }
        (self.year, self.part, firstDay, lastDay) = (year, part, first, last)
    }

    /// `2026-H1`.
    public var description: String { "\(year)\(part.rawValue)" }

    /// What `report.consolidated` calls it: the second half's report is the year's.
    public var consolidatedPeriod: String { part == .firstHalf ? "half-year" : "year" }

    /// The days, in order.
    var days: [CivilDate] { (firstDay.daysSinceEpoch...lastDay.daysSinceEpoch).map { CivilDate(daysSinceEpoch: $0) } }

    /// From the first instant up to the first of the next period.
    func range(in calendar: WorkCalendar) -> Range<Instant> { calendar.instant(firstDay)..<calendar.instant(lastDay.advanced(by: 1)) }
}
