import Foundation
import Regulation
import Values

/// Times and days as people write them: `08:15`, `8h15`, `yesterday 22:10`, `hôm qua 22:10`, `now`, `2026-03-14 19:12`, `19h12 ngày 14/3/2026`, RFC 3339.
/// Without an offset, local time is meant.
public struct TimePhrase: Sendable {
    /// The instant that is now.
    public var now: Instant
    /// Where local time comes from.
    public var calendar: WorkCalendar

    /// Reads phrases said now.
    public init(now: Instant, calendar: WorkCalendar) { (self.now, self.calendar) = (now, calendar) }

    /// How far ahead a clock may be before a time counts as the future.
    public static let allowedSkew = Span.seconds(60)

    /// The instant that a phrase names. With `past`, it must not lie in the future; no day is guessed.
    public func instant(_ text: String, past: Bool = false) -> Result<Instant, Unreadable> {
        guard let instant = parse(text) else { return .failure(Unreadable(explanation: notATime(text))) }
        guard past, instant > now + TimePhrase.allowedSkew else { return .success(instant) }
        return .failure(Unreadable(explanation: inFuture(text, instant)))
    }

    /// The day that a phrase names: `today`, `hôm qua`, `2026-03-14`, `14/3/2026`.
    public func date(_ text: String) -> Result<CivilDate, Unreadable> {
        if let date = day(TimePhrase.normal(text)) { return .success(date) }
        return .failure(
            Unreadable(
                explanation: Wording(
                    vi: "“\(text)” không phải là ngày có thật; đề nghị ghi như 2026-03-14, 14/3/2026, hôm nay hoặc hôm qua",
                    en: "“\(text)” is no day of the calendar; write it as 2026-03-14, 14/3/2026, today or yesterday")))
    }

    /// Why a phrase names no time that can be taken.
    public struct Unreadable: Error, Sendable, Hashable {
        /// What is wrong and what to write instead.
        public var explanation: Wording
    }

    private var today: CivilDate { calendar.local(now).date }

    private func parse(_ text: String) -> Instant? {
        if let instant = Instant(rfc3339: text.filter { $0 != " " }) { return instant }
        let phrase = TimePhrase.normal(text)
        if ["now", "bay gio", "luc nay"].contains(phrase) { return now }
        let words = phrase.split(separator: " ").map(String.init).filter { !["luc", "at", "ngay", "on"].contains($0) }
        let times = words.compactMap(TimePhrase.time)
        guard times.count == 1, let time = times.first else { return nil }
        let rest = words.filter { TimePhrase.time($0) == nil }.joined(separator: " ")
        guard let date = rest.isEmpty ? today : day(rest) else { return nil }
        return calendar.instant(date, TimeOfDay(minutes: time.minutes)) + .seconds(Int64(time.seconds))
    }

    private func day(_ phrase: String) -> CivilDate? {
        switch phrase {
        case "today", "hom nay": return today
        case "yesterday", "hom qua": return today.advanced(by: -1)
        case "day before yesterday", "hom kia": return today.advanced(by: -2)
        case "tomorrow", "ngay mai", "mai": return today.advanced(by: 1)
        default: break
        }
        if let date = CivilDate(phrase) { return date }
        let parts = phrase.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let day = parts[0], let month = parts[1], let year = parts[2], year >= 1000 else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    /// `08:15`, `8:15:30`, `8h15`, `8h`.
    private static func time(_ word: String) -> (minutes: Int, seconds: Int)? {
        guard word.contains(where: { $0 == ":" || $0 == "h" }), word.allSatisfy({ $0 == ":" || $0 == "h" || ($0.isASCII && $0.isNumber) }) else { return nil }
        let separator: Character = word.contains("h") ? "h" : ":"
        var parts = word.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
        if separator == "h", parts.count == 2, parts[1].isEmpty { parts[1] = "00" }
        guard (2...3).contains(parts.count), separator == ":" || parts.count == 2, (1...2).contains(parts[0].count),
            parts.dropFirst().allSatisfy({ $0.count == 2 })
        else { return nil }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, numbers[0] < 24, numbers.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        return (numbers[0] * 60 + numbers[1], numbers.count == 3 ? numbers[2] : 0)
    }

    /// Lower case, no diacritics, single spaces.
    private static func normal(_ text: String) -> String { plain(text).split { $0.isWhitespace || $0 == "," }.joined(separator: " ") }

    private func notATime(_ text: String) -> Wording {
        let example = calendar.local(now).date
        return Wording(
            vi: "“\(text)” không phải là thời điểm đọc được; đề nghị ghi như 08:15, 8h15, “hôm qua 22:10”, “\(example) 19:12” hoặc now (lúc này)",
            en: "“\(text)” is no time that can be read; write it as 08:15, “yesterday 22:10”, “\(example) 19:12” or now")
    }

    private func inFuture(_ text: String, _ instant: Instant) -> Wording {
        let local = calendar.local(instant)
        let clock = calendar.local(now)
        let isBare = local.date == clock.date
        let hint =
            isBare
            ? Wording(vi: "Nếu là hôm qua, đề nghị ghi “hôm qua \(local.timeOfDay)”.", en: "If it was yesterday, write “yesterday \(local.timeOfDay)”.")
            : Wording(vi: "Đề nghị kiểm tra lại ngày.", en: "Check the date.")
        let what = isBare ? "\(local.timeOfDay)" : "\(local.timeOfDay) \(local.date)"
        return Wording(
            vi: "\(what) còn ở phía trước (bây giờ là \(clock.timeOfDay) ngày \(clock.date.day)/\(clock.date.month)/\(clock.date.year)). \(hint.vi)",
            en: "\(what) lies in the future (it is now \(clock.timeOfDay) on \(clock.date)). \(hint.en)")
    }
}

/// Text in lower case without Vietnamese diacritics, by which words are compared.
func plain(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.lowercased().decomposed.compactMap { scalar in
                if scalar == "đ" { return "d" }
                return scalar.properties.generalCategory == .nonspacingMark ? nil : scalar
            }))
}

extension String {
    /// The canonical decomposition, scalar by scalar.
    fileprivate var decomposed: [Unicode.Scalar] { decomposedStringWithCanonicalMapping.unicodeScalars.map { $0 } }
}
