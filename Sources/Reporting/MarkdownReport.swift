import Regulation
import Values

/// The report as Markdown with tables and footnotes, as pandoc and most others read it.
public struct MarkdownReport: Sendable {
    private let report: PeriodReport
    private let text: ReportText
    private var language: Language { text.language }

    /// How many ids a footnote names; all of them are in the JSON and the HTML, and `--trace` lists them.
    static let idLimit = 4

    /// The report in a language.
    public init(_ report: PeriodReport, language: Language) {
        (self.report, text) = (report, ReportText(language: language, calendar: report.regulation.calendar))
    }

    /// The text, ending with a line's end.
    public var markdown: String {
        let references = report.references
        let numbers = Dictionary(references.map { ($0.key, $0.number) }, uniquingKeysWith: { first, _ in first })
        var lines = ["# \(escaped(Words.title(report.period)[language]))", ""]
        if let about = report.about { lines += [escaped(about[language]) + ".", ""] }
        lines += report.head.flatMap { [escaped($0[language]), ""] }
        for (index, section) in report.sections.enumerated() {
            lines += ["## \(index + 1). \(escaped(section.title[language]))", ""]
            for block in section.blocks { lines += self.lines(block, numbers) }
        }
        lines += ["## \(escaped(Words.referencesTitle[language]))", "", escaped(Words.referencesNote(report.period)[language]), ""]
        lines += references.map(footnote)
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(_ block: Block, _ numbers: [String: Int]) -> [String] {
        switch block {
        case .note(let note): return [escaped(note[language]), ""]
        case .chart: return []
        case .facts(let rows):
            return rows.map { row in "- \(escaped(row.label[language])): **\(row.cells.map { cell($0) }.joined())**\(mark(row, numbers))" } + [""]
        case .table(let table):
            let heads = table.heads.map { escaped($0[language]) }
            let isFigure = table.heads.indices.map { column in
                table.rows.contains { row in if case .figure = row.cells[column] { true } else { false } }
            }
            var lines = ["**\(escaped(table.caption[language]))**", ""]
            lines.append("| " + heads.joined(separator: " | ") + " |")
            lines.append("|" + isFigure.map { $0 ? "---:" : "---" }.joined(separator: "|") + "|")
            for row in table.rows {
                var cells = row.cells.map { cell($0, isCompact: table.isCompact) }
                if row.isTotal { cells = cells.map { $0.isEmpty ? $0 : "**\($0)**" } }
                cells[0] += mark(row, numbers)
                lines.append("| " + cells.joined(separator: " | ") + " |")
            }
            return lines + [""] + (table.note.map { [escaped($0[language]), ""] } ?? [])
        }
    }

    private func cell(_ cell: Cell, isCompact: Bool = false) -> String {
        switch cell {
        case .text(let words): escaped(words[language])
        case .figure(let figure): escaped(text.text(figure.value, isCompact: isCompact))
        }
    }

    private func mark(_ row: Row, _ numbers: [String: Int]) -> String { numbers[row.id].map { "[^\($0)]" } ?? "" }

    private func footnote(_ reference: PeriodReport.Reference) -> String {
        let support = reference.figures.map(\.support).joined
        let ids = support.obligations + support.events
        let shown = ids.prefix(MarkdownReport.idLimit).map { code($0) }.joined(separator: ", ")
        let rest = ids.count - MarkdownReport.idLimit
        let words = ids.isEmpty ? Words.nothingBehind[language] : "\(Words.idCount(support)[language]): \(shown)"
        return "[^\(reference.number)]: \(code(reference.key)): \(words)" + (rest > 0 ? " \(Words.more(rest)[language])" : "") + "."
    }

    /// An id between backticks, more of them than it holds itself.
    private func code(_ id: String) -> String {
        let longest = id.split { $0 != "`" }.map(\.count).max() ?? 0
        let fence = String(repeating: "`", count: longest + 1)
        let pad = longest > 0 ? " " : ""
        return fence + pad + MarkdownReport.visible(id) + pad + fence
    }

    /// Text that Markdown must not take for its own, on one line.
    private func escaped(_ text: String) -> String {
        var result = ""
        for character in MarkdownReport.visible(text) {
            if "\\`*_{}[]<>#|~^$".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }

    /// Foreign text without what would break a line or steer the reader.
    static func visible(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator: " "
                    case .format: scalar == "\u{200D}" ? scalar : "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}

extension PeriodReport {
    /// What stands before the sections.
    var head: [Wording] {
        let (first, last) = (ReportText.both(regulation.calendar) { $0.time(from) }, ReportText.both(regulation.calendar) { $0.time(upTo) })
        // The clause by which the lead party reports to those above it.
        let duty = consolidation.flatMap { type in regulation.duties.first { duty in duty.fulfilledBy.contains { $0.type == type } } }
        return [
            duty.map { Words.basedOn(regulation.citation.cite($0.article)) }, Words.covers(first, last, isOver: isOver), Words.disclaimer,
        ].compactMap(\.self)
    }

    /// What the report is on.
    var about: Wording? { regulation.report.about ?? regulation.source["decision"]?["title"].map { Wording($0) } }
}
