import Foundation
import Regulation
import Values

/// A chart as SVG inside a page. All text stands on places of its own, by a generous guess of its width: what is drawn must not depend on the fonts of a machine.
struct ChartDrawing {
    private let chart: Chart
    private let text: ReportText
    private let number: Int
    private var language: Language { text.language }

    /// Width of the drawing, in its own units.
    private static let width = 760.0
    /// Where bars begin: the room left of it is for labels.
    private static let left = 250.0
    private static let right = 740.0
    private static let lineHeight = 19.0

    init(_ chart: Chart, text: ReportText, number: Int) { (self.chart, self.text, self.number) = (chart, text, number) }

    /// The drawing with its caption.
    var figure: String {
        let (title, description, body, height) =
            switch chart {
            case .hours(let chart): hours(chart)
            case .stages(let chart): stages(chart)
            case .stacked(let chart): stacked(chart)
            }
        let (titleID, descriptionID) = ("chart-\(number)-title", "chart-\(number)-desc")
        return """
            <figure>
            <figcaption>\(escaped(title))</figcaption>
            <svg viewBox="0 0 \(fixed(ChartDrawing.width)) \(fixed(height))" role="img" aria-labelledby="\(titleID) \(descriptionID)" font-size="13">
            <title id="\(titleID)">\(escaped(title))</title>
            <desc id="\(descriptionID)">\(escaped(description))</desc>
            \(body)</svg>
            </figure>

            """
    }

    private typealias Drawing = (title: String, description: String, body: String, height: Double)

    // MARK: Hours

    private func hours(_ chart: HoursChart) -> Drawing {
        let (top, base, left) = (34.0, 244.0, 64.0)
        let most = max(1, chart.months.map { max($0.required, $0.minutes ?? 0) }.max() ?? 1)
        let step = ChartDrawing.step(for: Double(most) / 60)
        let ceiling = (Double(most) / 60 / step).rounded(.up) * step
        func y(_ minutes: Double) -> Double { base - (base - top) * minutes / 60 / ceiling }
        var body = legend([(Words.chartOperated[language], "#1f6fa8"), (Words.chartRequired[language], "#b35900")], y: 14)
        for tick in stride(from: 0.0, through: ceiling, by: step) {
            body += line(left, y(tick * 60), ChartDrawing.right, y(tick * 60), "#d5d9de")
            body += label(left - 8, y(tick * 60) + 4, text.number(Int(tick)), anchor: "end")
        }
        let pitch = (ChartDrawing.right - left) / Double(chart.months.count)
        for (index, month) in chart.months.enumerated() {
            let x = left + pitch * Double(index)
            if let minutes = month.minutes { body += rectangle(x + pitch * 0.2, y(Double(minutes)), pitch * 0.6, base - y(Double(minutes)), "#1f6fa8") }
            if month.required > 0 { body += line(x + pitch * 0.1, y(Double(month.required)), x + pitch * 0.9, y(Double(month.required)), "#b35900", width: 3) }
            let name = month.label[language]
            body += label(x + pitch / 2, base + 18, chart.months.count > 6 ? String(name.prefix { $0 != "/" && $0 != " " }) : name, anchor: "middle")
            let remarks = month.required == 0 ? Words.chartNoDays : month.daysWithoutRecord > 0 ? Words.chartDaysWithout(month.daysWithoutRecord) : []
            for (line, remark) in remarks.enumerated() {
                body += label(x + pitch / 2, base + 34 + 15 * Double(line), remark[language], anchor: "middle", size: 10)
            }
        }
        let description = chart.months.map { month in
            "\(month.label[language]): \(month.minutes.map(text.hours) ?? Words.noData[language]) / \(text.hours(month.required))"
        }.joined(separator: "; ")
        return (chart.title[language] + " (\(Words.chartHoursUnit[language]))", description, body, base + 58)
    }

    /// A round step that divides a range into four to eight parts.
    private static func step(for range: Double) -> Double {
        let steps: [Double] = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000]
        return steps.first { range / $0 <= 8 } ?? 1000
    }

    // MARK: Stages

    /// The ticks of the time scale, which is the same whatever is drawn on it; the limit stands in the place of one near it.
    private static func ticks(_ limit: Span?) -> [(minutes: Double, words: Wording)] {
        var spans: [Span] = [.minutes(1), .minutes(10), .hours(1), .hours(6), .days(1), .days(7), .days(30)]
        if let limit, limit > .zero {
            spans.removeAll { $0.milliseconds < 3 * limit.milliseconds && limit.milliseconds < 3 * $0.milliseconds }
            spans.append(limit)
        }
        return spans.sorted().map { (Double($0.milliseconds) / 60_000, Words.tick($0)) }
    }

    private func stages(_ chart: StagesChart) -> Drawing {
        let (top, row) = (40.0, 30.0)
        let longest = chart.stages.compactMap(\.worst).map { Double($0.milliseconds) / 60_000 }.max() ?? 60
        let all = ChartDrawing.ticks(chart.limit)
        let last = all.firstIndex { $0.minutes >= longest } ?? all.count - 1
        let ticks = all[...min(max(2, last), all.count - 1)]
        let greatest = max(ticks.last?.minutes ?? 60, longest)
        let right = ChartDrawing.right - 30
        // A minute and less stand at the left end.
        func x(_ minutes: Double) -> Double {
            ChartDrawing.left + (right - ChartDrawing.left) * log(max(1, minutes)) / log(greatest)
        }
        let bottom = top + row * Double(chart.stages.count)
        var body = legend([(Words.median[language], "#1f6fa8"), (Words.longest[language], "#b35900")], y: 14)
        for tick in ticks {
            let isLimit = chart.limit.map { Double($0.milliseconds) / 60_000 } == tick.minutes
            body += line(x(tick.minutes), top, x(tick.minutes), bottom, isLimit ? "#7a1f1f" : "#d5d9de", width: isLimit ? 2 : 1, dashed: isLimit)
            body += label(x(tick.minutes), bottom + 18, tick.words[language], anchor: "middle")
        }
        for (index, stage) in chart.stages.enumerated() {
            let y = top + row * (Double(index) + 0.5)
            body += label(ChartDrawing.left - 12, y + 4, stage.label[language], anchor: "end")
            guard let median = stage.median, let worst = stage.worst else {
                body += label(ChartDrawing.left + 6, y + 4, Words.noData[language], anchor: "start", size: 11)
                continue
            }
            let (from, to) = (x(Double(median.milliseconds) / 60_000), x(Double(worst.milliseconds) / 60_000))
            body += line(from, y, to, y, "#8a949e", width: 3)
            body += "<circle cx=\"\(fixed(from))\" cy=\"\(fixed(y))\" r=\"6\" fill=\"#1f6fa8\"/>\n"
            body += rectangle(to - 5, y - 5, 10, 10, "#b35900")
        }
        let description = chart.stages.map { stage in
            "\(stage.label[language]): \(Words.median[language].lowercased()) \(stage.median.map(text.length) ?? Words.noData[language]), "
                + "\(Words.longest[language].lowercased()) \(stage.worst.map(text.length) ?? Words.noData[language])"
        }.joined(separator: "; ")
        return (chart.title[language], description, body, bottom + 30)
    }

    // MARK: Bars

    /// Colours that stay apart in grey, too.
    private static func colour(_ state: DutyState) -> String {
        switch state {
        case .inTime: "#2f7d5b"
        case .late: "#e0a526"
        case .overdue: "#8f1d1d"
        case .open: "#a9c4dd"
        case .ended: "#6d7680"
        }
    }

    private func stacked(_ chart: StackedChart) -> Drawing {
        let states = DutyState.allCases.filter { state in chart.bars.contains { $0.parts.contains { $0.state == state && $0.count > 0 } } }
        let entries = states.map { (Words.stateHead($0, chart.basis)[language], ChartDrawing.colour($0)) }
        var body = legend(entries, y: 14)
        let most = Double(max(1, chart.bars.map(\.total).max() ?? 1))
        // Room for the number behind the longest bar.
        let right = ChartDrawing.right - 44
        var y = 32.0
        for bar in chart.bars {
            let lines = ChartDrawing.wrapped(bar.label[language], to: 32)
            let height = max(26, ChartDrawing.lineHeight * Double(lines.count) + 8)
            for (index, words) in lines.enumerated() {
                let offset = (Double(index) - Double(lines.count - 1) / 2) * ChartDrawing.lineHeight
                body += label(ChartDrawing.left - 12, y + height / 2 + 4 + offset, words, anchor: "end")
            }
            var x = ChartDrawing.left
            for part in bar.parts where part.count > 0 {
                let width = (right - ChartDrawing.left) * Double(part.count) / most
                body += rectangle(
                    x, y + height / 2 - 9, width, 18, ChartDrawing.colour(part.state),
                    title: "\(Words.stateHead(part.state, chart.basis)[language]): \(part.count)")
                x += width
            }
            body += label(x + 6, y + height / 2 + 4, text.number(bar.total), anchor: "start")
            y += height
        }
        let description = chart.bars.map { bar in
            "\(bar.label[language]): "
                + bar.parts.filter { $0.count > 0 }.map { "\(Words.stateHead($0.state, chart.basis)[language].lowercased()) \($0.count)" }.joined(
                    separator: ", ")
        }.joined(separator: "; ")
        return (chart.title[language] + " (\(chart.unit[language]))", description, body, y + 8)
    }

    /// A text in lines of so many characters at most, broken at spaces.
    private static func wrapped(_ text: String, to limit: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= limit { lines[lines.count - 1] = last + " " + word } else { lines.append(String(word)) }
        }
        return lines
    }

    // MARK: Shapes

    private func legend(_ entries: [(String, String)], y: Double) -> String {
        var x = 8.0
        var body = ""
        for (words, colour) in entries {
            body += rectangle(x, y - 10, 12, 12, colour)
            body += label(x + 18, y, words, anchor: "start")
            x += 18 + Double(words.count) * 8.5 + 18
        }
        return body
    }

    private func label(_ x: Double, _ y: Double, _ words: String, anchor: String, size: Int? = nil) -> String {
        let size = size.map { " font-size=\"\($0)\"" } ?? ""
        return "<text x=\"\(fixed(x))\" y=\"\(fixed(y))\" text-anchor=\"\(anchor)\"\(size)>\(escaped(words))</text>\n"
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ colour: String, width: Int = 1, dashed: Bool = false) -> String {
        let dashes = dashed ? " stroke-dasharray=\"5 4\"" : ""
        return
            "<line x1=\"\(fixed(x1))\" y1=\"\(fixed(y1))\" x2=\"\(fixed(x2))\" y2=\"\(fixed(y2))\" stroke=\"\(colour)\" stroke-width=\"\(width)\"\(dashes)/>\n"
    }

    private func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ colour: String, title: String? = nil) -> String {
        let start = "<rect x=\"\(fixed(x))\" y=\"\(fixed(y))\" width=\"\(fixed(width))\" height=\"\(fixed(height))\" fill=\"\(colour)\""
        return title.map { "\(start)><title>\(escaped($0))</title></rect>\n" } ?? start + "/>\n"
    }

    /// A length with one digit after the point, the same on every machine.
    private func fixed(_ number: Double) -> String {
        let tenths = Int64(saturating: number * 10)
        let sign = tenths < 0 ? "-" : ""
        return "\(sign)\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }
}
