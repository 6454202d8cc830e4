extension Instant {
    /// Reads RFC 3339 with an explicit offset (`2026-03-14T19:12:00+07:00`, `…Z`); fractions finer than a millisecond are truncated.
    /// Nil for anything else: a missing offset, a day that the month does not have, a leap second (which has no place on this scale), and what lies outside
    /// `CivilDate.years`.
    public init?(rfc3339 text: String) {
        guard let parsed = Instant.milliseconds(of: text), Instant.milliseconds.contains(parsed) else { return nil }
        self.init(milliseconds: parsed)
    }

    /// What keeps a text from being an RFC 3339 time, for those who have to mend it; nil where nothing does.
    public static func fault(inRFC3339 text: String) -> RFC3339Fault? {
        func reads(_ text: some StringProtocol) -> Bool { milliseconds(of: String(text)) != nil }
        if let milliseconds = milliseconds(of: text) { return Instant.milliseconds.contains(milliseconds) ? nil : .outsideYears }
        // A time has ASCII letters alone, so that what follows may count them.
        guard text.utf8.count <= 64, text.utf8.allSatisfy({ $0 < 0x80 }) else { return .form }
        let (toTheMinute, rest) = (text.prefix(16), text.dropFirst(16))
        if reads(text + "Z") { return .noOffset }
        if reads(toTheMinute + ":00" + rest) { return .noSeconds }
        if rest.isEmpty, reads(toTheMinute + ":00Z") { return .neitherSecondsNorOffset }
        if rest.hasPrefix(":60"), reads(toTheMinute + ":59" + rest.dropFirst(3)) { return .leapSecond }
        return .form
    }

    private static func milliseconds(of text: String) -> Int64? {
        var text = text
        return text.withUTF8 { parse($0) }
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard bytes.count >= 20 else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            guard range.upperBound <= bytes.count else { return nil }
            var value = 0
            for index in range {
                let digit = Int(bytes[index]) - 48
                guard (0...9).contains(digit) else { return nil }
                value = value * 10 + digit
            }
            return value
        }
        func at(_ index: Int, _ character: Unicode.Scalar) -> Bool { index < bytes.count && bytes[index] == UInt8(ascii: character) }
        guard let year = number(0..<4), at(4, "-"), let month = number(5..<7), at(7, "-"), let day = number(8..<10),
            at(10, "T") || at(10, "t"), let hour = number(11..<13), at(13, ":"), let minute = number(14..<16), at(16, ":"), let second = number(17..<19),
            hour < 24, minute < 60, second < 60, CivilDate.isDay(year: year, month: month, day: day)
        else { return nil }
        var index = 19
        var milliseconds: Int64 = 0
        if at(index, ".") {
            index += 1
            let start = index
            while index < bytes.count, (48...57).contains(bytes[index]) {
                if index - start < 3 { milliseconds = milliseconds * 10 + Int64(bytes[index] - 48) }
                index += 1
            }
            guard index > start else { return nil }
            for _ in (index - start)..<max(3, index - start) { milliseconds *= 10 }
        }
        var offsetMinutes = 0
        if at(index, "Z") || at(index, "z") {
            index += 1
        } else {
            guard at(index, "+") || at(index, "-"), let hours = number(index + 1..<index + 3), at(index + 3, ":"),
                let minutes = number(index + 4..<index + 6), hours < 24, minutes < 60
            else { return nil }
            offsetMinutes = (hours * 60 + minutes) * (at(index, "-") ? -1 : 1)
            index += 6
        }
        guard index == bytes.count else { return nil }
        let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
        let seconds = Int64(days) * 86_400 + Int64(hour * 3_600 + minute * 60 + second - offsetMinutes * 60)
        return seconds * 1000 + milliseconds
    }

    /// RFC 3339 at an offset from UTC, by default UTC itself; milliseconds are written only where there are any. Where the local day would be none in which this
    /// system reckons, UTC is written.
    public func rfc3339(offset: Span = .zero) -> String {
        let offset = Instant.milliseconds.contains(milliseconds.saturatingAdd(offset.milliseconds)) ? offset : .zero
        let local = LocalTime(self, offset: offset)
        let fraction = local.millisecond == 0 ? "" : "." + digits(local.millisecond, 3)
        let minutes = Int(offset.milliseconds.magnitude / 60_000)
        let zone = minutes == 0 ? "Z" : (offset.milliseconds < 0 ? "-" : "+") + digits(minutes / 60, 2) + ":" + digits(minutes % 60, 2)
        return "\(local.date)T\(digits(local.hour, 2)):\(digits(local.minute, 2)):\(digits(local.second, 2))\(fraction)\(zone)"
    }
}

/// What keeps a text from being an RFC 3339 time with an offset.
public enum RFC3339Fault: Hashable, Sendable, CaseIterable {
    /// The seconds are missing: `2026-03-14T19:12+07:00`.
    case noSeconds
    /// The offset is missing: `2026-03-14T19:12:00`.
    case noOffset
    /// Both are missing: `2026-03-14T19:12`.
    case neitherSecondsNorOffset
    /// The second 60, which has no place on this scale.
    case leapSecond
    /// A time outside `CivilDate.years`.
    case outsideYears
    /// Anything else: another form, or a day or a time that there is not.
    case form
}

/// A number with leading zeros.
func digits(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
