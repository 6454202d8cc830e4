import Regulation
import Values

/// Figures as people read them, in one language and local time.
public struct ReportText: Sendable {
    /// The language.
    public var language: Language
    /// Where local time comes from.
    public var calendar: WorkCalendar

    /// Writes in a language.
    public init(language: Language, calendar: WorkCalendar) { (self.language, self.calendar) = (language, calendar) }

    /// The same text in both languages.
    static func both(_ calendar: WorkCalendar, _ text: (ReportText) -> String) -> Wording {
        Wording(vi: text(ReportText(language: .vi, calendar: calendar)), en: text(ReportText(language: .en, calendar: calendar)))
    }

    /// A value in words; lengths of time as `1:05` where room is scarce.
    public func text(_ value: Value, isCompact: Bool = false) -> String {
        switch value {
        case .count(let count): number(count)
        case .minutes(let minutes): hours(minutes)
        case .span(let span): isCompact ? clock(span) : length(span)
        case .instant(let instant): time(instant)
        case .deadline(let instant): deadline(instant)
        case .date(let date): self.date(date)
        case .state(let state, let basis): Words.state(state, basis)[language]
        case .text(let text): text
        case .missing(.noData): Words.noData[language]
        case .missing(.notOnRecord): "–"
        }
    }

    /// `14/3/2026`, in English `14 Mar 2026`.
    public func date(_ date: CivilDate) -> String {
        language == .vi ? "\(date.day)/\(date.month)/\(date.year)" : "\(date.day) \(ReportText.months[date.month - 1]) \(date.year)"
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `3/2026`, in English `Mar 2026`.
    func month(_ date: CivilDate) -> String { language == .vi ? "\(date.month)/\(date.year)" : "\(ReportText.months[date.month - 1]) \(date.year)" }

    /// `09:05 ngày 14/3/2026`.
    public func time(_ instant: Instant) -> String {
        let local = calendar.local(instant)
        return language == .vi ? "\(local.timeOfDay) \(date(local.date))" : "\(local.timeOfDay), \(date(local.date))"
    }

    /// A deadline: the day alone where all of it is in time.
    func deadline(_ instant: Instant) -> String {
        let next = calendar.local(instant + Span(milliseconds: 1))
        guard next.timeOfDay.minutes == 0, next.second == 0, next.millisecond == 0 else { return time(instant) }
        let day = date(calendar.local(instant).date)
        return language == .vi ? "hết ngày \(day)" : "end of \(day)"
    }

    /// `1 giờ 05 phút`, `2 ngày 4 giờ`, `45 giây`: rounded down.
    public func length(_ span: Span) -> String {
        if span < .zero { return "−" + length(Span(milliseconds: -span.milliseconds)) }
        let minutes = span.milliseconds / 60_000
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60)
        if minutes == 0 { return language == .vi ? "\(span.milliseconds / 1000) giây" : "\(span.milliseconds / 1000) s" }
        switch language {
        case .vi: return days > 0 ? "\(days) ngày \(hours) giờ" : hours > 0 ? "\(hours) giờ \(two(rest)) phút" : "\(rest) phút"
        case .en: return days > 0 ? "\(days) d \(hours) h" : hours > 0 ? "\(hours) h \(two(rest)) min" : "\(rest) min"
        }
    }

    /// `1:05`, hours and minutes, rounded down.
    private func clock(_ span: Span) -> String {
        if span < .zero { return "−" + clock(Span(milliseconds: -span.milliseconds)) }
        let minutes = span.milliseconds / 60_000
        return "\(minutes / 60):\(two(minutes % 60))"
    }

    /// `2.520 giờ 30 phút`.
    func hours(_ minutes: Int) -> String {
        let (hours, rest) = (number(minutes / 60), minutes % 60)
        let unit = language == .vi ? ("giờ", "phút") : ("h", "min")
        return rest == 0 ? "\(hours) \(unit.0)" : "\(hours) \(unit.0) \(two(Int64(rest))) \(unit.1)"
    }

    /// With thousands set apart.
    func number(_ count: Int) -> String {
        var digits = String(abs(count))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (count < 0 ? "−" : "") + ([digits] + groups).joined(separator: language == .vi ? "." : ",")
    }

    private func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
