import Regulation
import Values

/// The report as one page of HTML that needs nothing else: no network, no script. Charts are drawn in it, each with its figures beside it; it prints on A4.
public struct HTMLReport: Sendable {
    private let report: PeriodReport
    private let text: ReportText
    private var language: Language { text.language }

    /// The report in a language.
    public init(_ report: PeriodReport, language: Language) {
        (self.report, text) = (report, ReportText(language: language, calendar: report.regulation.calendar))
    }

    /// The page.
    public var html: String {
        let references = report.references
        let numbers = Dictionary(references.map { ($0.key, $0.number) }, uniquingKeysWith: { first, _ in first })
        let title = [Words.title(report.period), report.about].compactMap { $0?[language] }.joined(separator: " – ")
        var page = """
            <!DOCTYPE html>
            <html lang="\(language.rawValue)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escaped(title))</title>
            <style>
            \(HTMLReport.style)
            </style>
            </head>
            <body>
            <main>
            <h1>\(escaped(Words.title(report.period)[language]))</h1>

            """
        if let about = report.about { page += "<p class=\"about\">\(escaped(about[language]))</p>\n" }
        for words in report.head { page += "<p>\(escaped(words[language]))</p>\n" }
        page += "<nav><ol>\n"
        for section in report.sections { page += "<li><a href=\"#\(section.id)\">\(escaped(section.title[language]))</a></li>\n" }
        page += "</ol></nav>\n"
        var chartCount = 0
        for (index, section) in report.sections.enumerated() {
            page += "<section id=\"\(section.id)\">\n<h2>\(index + 1). \(escaped(section.title[language]))</h2>\n"
            for block in section.blocks {
                if case .chart = block { chartCount += 1 }
                page += html(block, numbers, chart: chartCount)
            }
            page += "</section>\n"
        }
        page +=
            "<section id=\"references\">\n<h2>\(escaped(Words.referencesTitle[language]))</h2>\n<p>\(escaped(Words.referencesNote(report.period)[language]))</p>\n"
        for reference in references { page += details(reference) }
        return page + "</section>\n</main>\n</body>\n</html>\n"
    }

    private func html(_ block: Block, _ numbers: [String: Int], chart number: Int) -> String {
        switch block {
        case .note(let note): return "<p class=\"note\">\(escaped(note[language]))</p>\n"
        case .chart(let chart): return ChartDrawing(chart, text: text, number: number).figure
        case .facts(let rows):
            let items = rows.map { row in
                "<tr><th scope=\"row\">\(escaped(row.label[language]))</th><td>\(row.cells.map { cell($0) }.joined())\(mark(row, numbers))</td></tr>\n"
            }
            return "<table class=\"facts\"><tbody>\n\(items.joined())</tbody></table>\n"
        case .table(let table): return html(table, numbers)
        }
    }

    private func html(_ table: ReportTable, _ numbers: [String: Int]) -> String {
        let isFigure = table.heads.indices.map { column in table.rows.contains { row in if case .figure = row.cells[column] { true } else { false } } }
        var html =
            "<div class=\"wide\"><table\(table.isCompact ? " class=\"compact\"" : "")>\n<caption>\(escaped(table.caption[language]))</caption>\n<thead><tr>"
        for (column, head) in table.heads.enumerated() {
            html += "<th scope=\"col\"\(isFigure[column] ? " class=\"figure\"" : "")>\(escaped(head[language]))</th>"
        }
        html += "</tr></thead>\n<tbody>\n"
        for row in table.rows {
            html += row.isTotal ? "<tr class=\"total\">" : "<tr>"
            for (column, item) in row.cells.enumerated() {
                let content = cell(item, isCompact: table.isCompact)
                if column == 0 {
                    html += "<th scope=\"row\">\(content)\(mark(row, numbers))</th>"
                } else {
                    html += "<td\(isFigure[column] ? " class=\"figure\"" : "")>\(content)</td>"
                }
            }
            html += "</tr>\n"
        }
        html += "</tbody></table></div>\n"
        if let note = table.note { html += "<p class=\"note\">\(escaped(note[language]))</p>\n" }
        return html
    }

    private func cell(_ cell: Cell, isCompact: Bool = false) -> String {
        switch cell {
        case .text(let words): return escaped(words[language])
        case .figure(let figure):
            let content = escaped(text.text(figure.value, isCompact: isCompact))
            if case .missing(.noData) = figure.value { return "<span class=\"missing\">\(content)</span>" }
            if case .state(let state, _) = figure.value { return "<span class=\"state \(state.rawValue)\">\(content)</span>" }
            return content
        }
    }

    private func mark(_ row: Row, _ numbers: [String: Int]) -> String {
        numbers[row.id].map { "<sup><a href=\"#ref-\($0)\" id=\"at-\($0)\">[\($0)]</a></sup>" } ?? ""
    }

    private func details(_ reference: PeriodReport.Reference) -> String {
        let support = reference.figures.map(\.support).joined
        let count = support.count == 0 ? Words.nothingBehind[language] : Words.idCount(support)[language]
        var html = "<details id=\"ref-\(reference.number)\"><summary><a href=\"#at-\(reference.number)\">[\(reference.number)]</a> "
        html += "\(escaped(reference.label[language])) – \(escaped(count))</summary>\n<dl>\n"
        for figure in reference.figures {
            let ids = figure.support.obligations + figure.support.events
            html += "<dt><code>\(escaped(figure.id))</code> \(escaped(text.text(figure.value)))</dt>"
            html += "<dd>\(ids.isEmpty ? escaped(Words.nothingBehind[language]) : ids.map { "<code>\(escaped($0))</code>" }.joined(separator: " "))</dd>\n"
        }
        return html + "</dl></details>\n"
    }

    private static let style = """
        :root { color: #1b1b1b; background: #fff; font: 15px/1.5 "Noto Sans", "Segoe UI", "DejaVu Sans", "Liberation Sans", Arial, sans-serif; }
        body { margin: 0; }
        main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
        h1 { font-size: 1.6rem; margin: 0; }
        h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-bottom: 2px solid #1f4e79; padding-bottom: .2rem; }
        p { margin: .5rem 0; }
        .about, .note { color: #444; }
        nav ol { columns: 2; column-gap: 2rem; padding-left: 1.4rem; }
        a { color: #1f4e79; }
        table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-size: .9rem; }
        caption { text-align: left; font-weight: 600; padding: .3rem 0; }
        th, td { border: 1px solid #c4c9cf; padding: .25rem .45rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
        thead th { background: #e9eef4; }
        tbody th { font-weight: 400; }
        .figure, .facts td { text-align: right; font-variant-numeric: tabular-nums; }
        .facts td { width: 13rem; font-weight: 600; }
        .total th, .total td { font-weight: 600; background: #f5f7fa; }
        .compact { font-size: .8rem; }
        .wide { overflow-x: auto; }
        .missing { color: #555; font-style: italic; font-weight: 400; }
        .late, .overdue { font-weight: 600; }
        sup { line-height: 0; font-weight: 400; }
        sup a { text-decoration: none; font-size: .72rem; padding-left: .15rem; }
        figure { margin: 1rem 0; }
        figcaption { font-weight: 600; font-size: .9rem; }
        svg { display: block; width: 100%; height: auto; }
        svg text { font-family: inherit; fill: #1b1b1b; }
        details { border-bottom: 1px solid #e3e6ea; padding: .15rem 0; font-size: .85rem; }
        dl { margin: .3rem 0 .5rem 1rem; }
        dd { margin: 0 0 .4rem 1rem; overflow-wrap: anywhere; }
        code { font-family: "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: .8rem; }
        @page { size: A4; margin: 15mm; }
        @media print {
          :root { font-size: 10pt; }
          main { max-width: none; padding: 0; }
          nav, #references { display: none; }
          .wide { overflow: visible; }
          table { font-size: 8.5pt; }
          .compact { font-size: 7pt; }
          .compact th, .compact td { padding: .15rem .25rem; }
          thead { display: table-header-group; }
          tr, figure { break-inside: avoid; }
          h2, caption { break-after: avoid; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        """
}

/// Text in which HTML sees no markup of its own.
func escaped(_ text: String) -> String {
    var result = ""
    for character in MarkdownReport.visible(text) {
        switch character {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        default: result.append(character)
        }
    }
    return result
}
