import Regulation
import Values

/// Foreign text as it may stand on somebody's screen: without what would steer the terminal or turn the writing direction.
public func shown(_ text: String) -> String {
    String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { scalar in
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                case .format: scalar == "\u{200D}" ? scalar : "\u{FFFD}"
                default: scalar
                }
            }))
}

/// How many columns of a terminal a text takes: by character, whatever marks it carries; two for those of East Asia and pictures.
public func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

private func width(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
        return 2
    default: return 1
    }
}

/// A text broken at its spaces into lines of so many columns; on one line where there is no limit.
func wrapped(_ text: String, to columns: Int?) -> [String] {
    guard let columns, columns > 20 else { return [text] }
    var lines: [String] = []
    var line = ""
    var used = 0
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
        let next = width(String(word))
        if used > 0 && used + 1 + next > columns {
            while line.last == " " { line.removeLast() }
            lines.append(line)
            (line, used) = (String(word), next)
        } else {
            line += (used > 0 || !line.isEmpty ? " " : "") + word
            used += next + (used > 0 ? 1 : 0)
        }
    }
    return lines + [line]
}

/// A text broken into lines of so many columns, a word that is longer than a line wherever the line ends.
func broken(_ text: String, to columns: Int) -> [String] {
    var lines = [""]
    var used = 0
    for word in text.split(separator: " ") {
        if used > 0, used + 1 + width(String(word)) > columns {
            lines.append("")
            used = 0
        } else if used > 0 {
            lines[lines.count - 1] += " "
            used += 1
        }
        for character in word {
            let next = width(String(character))
            if used > 0, used + next > columns {
                lines.append("")
                used = 0
            }
            lines[lines.count - 1].append(character)
            used += next
        }
    }
    return lines
}

/// Rows in aligned columns.
public struct Table: Sendable {
    /// One cell, with how it is painted where there is colour.
    public struct Cell: Sendable, Hashable, ExpressibleByStringInterpolation {
        /// What it says.
        public var text: String
        /// Its colour.
        public var colour: Colour?
        /// A cell of a text.
        public init(_ text: String, _ colour: Colour? = nil) { (self.text, self.colour) = (text, colour) }
        /// A cell of a text.
        public init(stringLiteral text: String) { self.init(text) }
    }
    /// The heads of the columns.
    public var heads: [String]
    /// The rows, each as long as the heads.
    public var rows: [[Cell]]
    /// The columns that give way where the screen is narrow, each with the width that it keeps.
    public var flexible: [Int: Int]
    /// Whether a cell that does not fit goes on in the lines below instead of being cut; the rows then stand apart.
    public var wraps = false

    /// A table of these rows.
    public init(_ heads: [String], rows: [[Cell]], flexible: [Int: Int]) { (self.heads, self.rows, self.flexible) = (heads, rows, flexible) }

    /// The lines of the table on a screen.
    public func lines(on screen: Screen) -> [String] {
        let cells = [heads.map { Cell($0, .bold) }] + rows
        var widths = heads.indices.map { column in cells.map { width($0[column].text) }.max() ?? 0 }
        let gap = 2
        if let columns = screen.columns {
            var excess = widths.reduce(0, +) + gap * (widths.count - 1) - columns
            while excess > 0, let widest = flexible.filter({ widths[$0.key] > $0.value }).max(by: { widths[$0.key] < widths[$1.key] }) {
                widths[widest.key] -= 1
                excess -= 1
            }
        }
        func line(_ row: [Cell]) -> String {
            var line = ""
            let count = (row.lastIndex { !$0.text.isEmpty } ?? -1) + 1
            for (column, cell) in row.prefix(count).enumerated() {
                let text = fitted(cell.text, widths[column])
                let isLast = column == count - 1
                line += screen.paint(text, cell.colour) + (isLast ? "" : String(repeating: " ", count: widths[column] - width(text) + gap))
            }
            return line
        }
        guard wraps else { return cells.map(line) }
        return cells.enumerated().flatMap { index, row -> [String] in
            let pieces = row.enumerated().map { column, cell in broken(cell.text, to: widths[column]) }
            let height = pieces.map(\.count).max() ?? 0
            let lines = (0..<height).map { level in
                line(row.indices.map { Cell(level < pieces[$0].count ? pieces[$0][level] : "", row[$0].colour) })
            }
            return index == 0 ? lines : [""] + lines
        }
    }
}

/// A text cut to so many columns.
func fitted(_ text: String, _ columns: Int) -> String {
    guard width(text) > columns else { return text }
    var result = ""
    var used = 0
    for character in text {
        let next = width(character)
        if used + next > columns - 1 { break }
        result.append(character)
        used += next
    }
    return result + "…"
}

/// Colours and weights of a terminal.
public enum Colour: String, Sendable {
    /// What matters at once.
    case red = "31"
    /// What will matter soon.
    case yellow = "33"
    /// What is well.
    case green = "32"
    /// Heads.
    case bold = "1"
    /// What may be passed over.
    case dim = "2"
}

/// Where output goes: its width, if it is a terminal, and whether it shows colour.
public struct Screen: Sendable {
    /// Columns of the terminal; nil where there is none, and nothing is cut.
    public var columns: Int?
    /// Lines of the terminal, likewise.
    public var rows: Int?
    /// Whether to paint.
    public var hasColour: Bool

    /// A screen of these properties.
    public init(columns: Int? = nil, rows: Int? = nil, hasColour: Bool = false) {
        (self.columns, self.rows, self.hasColour) = (columns, rows, hasColour)
    }

    /// A text in a colour.
    public func paint(_ text: String, _ colour: Colour?) -> String {
        guard hasColour, let colour, !text.isEmpty else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }
}

/// Times as people read them, in local time.
public struct TimeWriter: Sendable {
    /// The instant that is now.
    public var now: Instant
    /// Where local time comes from.
    public var calendar: WorkCalendar

    /// Writes times as seen at an instant.
    public init(now: Instant, calendar: WorkCalendar) { (self.now, self.calendar) = (now, calendar) }

    /// `08:15` today, `08:15 25/11` in this year, else `08:15 25/11/2027`.
    public func text(_ instant: Instant) -> String {
        let local = calendar.local(instant)
        let today = calendar.local(now).date
        if local.date == today { return local.timeOfDay.description }
        let day = "\(local.timeOfDay) \(local.date.day)/\(local.date.month)"
        return local.date.year == today.year ? day : day + "/\(local.date.year)"
    }

    /// `còn 12 phút`, `quá 8 phút`.
    public func left(until deadline: Instant, _ language: Language) -> String {
        let span = deadline - now
        // The last instant is still in time.
        if span >= .zero {
            if span < .minutes(1) { return language == .vi ? "còn dưới 1 phút" : "under 1 min left" }
            return language == .vi ? "còn \(length(span, .vi))" : "\(length(span, .en)) left"
        }
        let over = Span(milliseconds: -span.milliseconds)
        if over < .minutes(1) { return language == .vi ? "vừa quá" : "just past" }
        return language == .vi ? "quá \(length(over, .vi))" : "\(length(over, .en)) past"
    }

    /// `12 phút`, `3 giờ 05 phút`, `2 ngày 4 giờ`: rounded down.
    public func length(_ span: Span, _ language: Language) -> String {
        let minutes = span.milliseconds / 60_000
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60)
        let two = rest < 10 ? "0\(rest)" : "\(rest)"
        switch language {
        case .vi: return days > 0 ? "\(days) ngày \(hours) giờ" : hours > 0 ? "\(hours) giờ \(two) phút" : "\(rest) phút"
        case .en: return days > 0 ? "\(days) d \(hours) h" : hours > 0 ? "\(hours) h \(two) min" : "\(rest) min"
        }
    }
}
