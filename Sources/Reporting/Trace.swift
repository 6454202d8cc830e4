import Coordination
import Regulation
import Values

/// What a figure rests on, record by record.
public struct Trace: Sendable {
    private let report: PeriodReport
    private let reference: Int
    private let figures: [Figure]

    /// The trace of a figure by its id, of all figures whose ids begin so, or of those behind a number in the text; nil where there are none.
    public init?(_ name: String, in report: PeriodReport) {
        let references = report.references
        let found = references.first { Int(name) == $0.number || $0.key == name }
        let single = references.first { reference in reference.figures.contains { $0.id == name } }
        self.report = report
        if let single, found == nil {
            (reference, figures) = (single.number, single.figures.filter { $0.id == name })
        } else if let found {
            (reference, figures) = (found.number, found.figures)
        } else {
            let below = references.filter { $0.key.hasPrefix(name + ".") }
            guard let first = below.first else { return nil }
            (reference, figures) = (first.number, below.flatMap(\.figures))
        }
    }

    /// The figures with all ids, as in the report's own JSON.
    public var json: JSON { .array(figures.map { report.json($0, reference: reference) }) }

    /// The figures, each with its records in words.
    public func lines(_ language: Language) -> [String] {
        let text = ReportText(language: language, calendar: report.regulation.calendar)
        return figures.flatMap { figure -> [String] in
            let visible = MarkdownReport.visible
            var lines = ["\(visible(figure.id))  \(visible(figure.label[language])): \(visible(text.text(figure.value)))"]
            if figure.support.count == 0 { lines.append("  " + Words.nothingBehind[language]) }
            for id in figure.support.obligations {
                guard let standing = report.standings[id] else { continue }
                let deadline = standing.deadline.map { "\(Words.deadline[language].lowercased()) \(text.deadline($0))" }
                let done: String? = if case .fulfilled(let at) = standing.outcome { "\(Words.doneAt[language].lowercased()) \(text.time(at))" } else { nil }
                lines.append("  " + ([visible(id)] + [deadline, done].compactMap(\.self)).joined(separator: "  "))
            }
            for id in figure.support.events {
                guard let entry = report.entries[id] else { continue }
                lines.append(
                    "  "
                        + [text.time(entry.time), entry.sender, entry.type, entry.subject.map(visible) ?? "", visible(id)].filter { !$0.isEmpty }
                        .joined(separator: "  "))
            }
            return lines
        }
    }
}
