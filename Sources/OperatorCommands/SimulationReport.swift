import Coordination
import Messages
import Regulation
import Simulation
import Values

/// What became of a scenario, made for people: the story, how the duties stand, and what was expected.
public struct SimulationReport: Sendable {
    private let performance: Performance
    private var regulation: Regulation { performance.scenario.regulation }

    /// A report of a performance.
    public init(_ performance: Performance) { self.performance = performance }

    /// The report, line by line.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        let summary = seeds(language) + counts(language, screen) + unfinished(language, screen)
        return story(language, screen) + [""] + summary + expectations(language, screen)
    }

    private func story(_ language: Language, _ screen: Screen) -> [String] {
        var timeline = Timeline(regulation: regulation, language: language, screen: screen)
        return performance.story.flatMap { timeline.add($0) } + timeline.flush()
    }

    private func seeds(_ language: Language) -> [String] {
        let vi = language == .vi
        let work = performance.scenario.workSeed.map {
            (vi ? "Việc hằng ngày lấy từ hạt giống: work " : "Everyday work is drawn from the seed: work ") + "\($0)"
        }
        let faults = performance.scenario.faultSeed.map { (vi ? "Trục trặc lấy từ hạt giống: faults " : "Faults are drawn from the seed: faults ") + "\($0)" }
        return [work, faults].compactMap(\.self)
    }

    // MARK: Duties

    private func counts(_ language: Language, _ screen: Screen) -> [String] {
        let vi = language == .vi
        let ended = performance.ended
        let rows = regulation.duties.compactMap { duty -> [Table.Cell]? in
            let all = performance.standings.filter { $0.duty == duty.id }
            guard !all.isEmpty else { return nil }
            func cell(_ colour: Colour?, _ isCounted: (Standing) -> Bool) -> Table.Cell {
                let count = all.filter(isCounted).count
                return Table.Cell(count == 0 ? "·" : "\(count)", count == 0 ? .dim : colour)
            }
            return [
                Table.Cell(duty.id), cell(.green) { $0.isDone && !$0.isLate }, cell(.yellow) { $0.isDone && $0.isLate },
                cell(.red) { $0.isOverdue(asOf: ended) }, cell(nil) { $0.outcome == .open && !$0.isOverdue(asOf: ended) },
                cell(nil) { !$0.isDone && $0.outcome != .open }, Table.Cell(duty.title[language]),
            ]
        }
        let heads =
            vi
            ? ["VIỆC", "ĐÚNG HẠN", "CHẬM", "QUÁ HẠN", "CÒN HẠN", "KẾT THÚC KHÁC", ""] : ["DUTY", "MET", "MET LATE", "OVERDUE", "OPEN", "ENDED OTHERWISE", ""]
        guard !rows.isEmpty else { return [screen.paint(vi ? "Không có việc nào phát sinh." : "No duty arose.", .green)] }
        return Table(heads, rows: rows, flexible: [6: 12]).lines(on: screen)
    }

    /// What was late, is overdue or still open, one duty a line.
    private func unfinished(_ language: Language, _ screen: Screen) -> [String] {
        let vi = language == .vi
        let times = TimeWriter(now: performance.ended, calendar: regulation.calendar)
        let rows = performance.standings.compactMap { standing -> [Table.Cell]? in
            let state: Table.Cell
            switch standing.outcome {
            case .fulfilled(let at) where standing.isLate:
                // A day's hours are short, not late: the deadline is the instant from which they could not be reached any more.
                if regulation.duty(standing.duty)?.due.operations.isEmpty == false {
                    state = Table.Cell(vi ? "không đủ giờ" : "short of hours", .yellow)
                    break
                }
                let late = times.length(at - (standing.deadline ?? at), language)
                state = Table.Cell((vi ? "chậm \(late), lúc " : "\(late) late, at ") + times.text(at), .yellow)
            case .open:
                let left = standing.deadline.map { times.left(until: $0, language) } ?? (vi ? "không ấn định" : "none set")
                state = Table.Cell(left, standing.isOverdue(asOf: performance.ended) ? .red : nil)
            case .fulfilled, .closed, .void: return nil
            }
            let drill = standing.exercise ? regulation.wordings["exercise-prefix"]?[language] ?? "" : ""
            let subject = [standing.subject, standing.title].compactMap(\.self).map(shown).joined(separator: ", ")
            return [
                state, Table.Cell(standing.deadline.map(times.text) ?? ""), Table.Cell(standing.obligor), Table.Cell(drill + standing.duty),
                Table.Cell(subject),
            ]
        }
        guard !rows.isEmpty else { return [] }
        let heads = vi ? ["HIỆN TRẠNG", "HẠN", "ĐƠN VỊ", "VIỆC", "VỤ VIỆC"] : ["STATE", "DEADLINE", "PARTY", "DUTY", "CASE"]
        return [""] + Table(heads, rows: rows, flexible: [4: 19]).lines(on: screen)
    }

    // MARK: Expectations

    /// Whether all was as expected, and every line that was not.
    public func expectations(_ language: Language, _ screen: Screen) -> [String] {
        let results = performance.results
        guard !results.isEmpty else { return [] }
        let vi = language == .vi
        let failed = results.filter { !$0.isMet }
        let count = "\(results.count - failed.count)/\(results.count)"
        var lines = ["", screen.paint((vi ? "Đúng như kỳ vọng: " : "As expected: ") + count, failed.isEmpty ? .green : .red)]
        for result in failed {
            lines.append(
                screen.paint((vi ? "dòng " : "line ") + "\(result.expectation.line)", .red) + (vi ? "  kỳ vọng  " : "  expected  ")
                    + shown(result.expectation.text))
            let seen = result.seen.isEmpty ? [vi ? "không có gì" : "nothing"] : result.seen.prefix(SimulationReport.seenLimit).map { shown($0[language]) }
            lines += seen.map { (vi ? "    thấy  " : "    seen  ") + $0 }
            let rest = result.seen.count - SimulationReport.seenLimit
            if rest > 0 { lines.append(vi ? "    và \(rest) nữa" : "    and \(rest) more") }
        }
        return lines
    }

    /// How much of what was seen instead is told for one line.
    private static let seenLimit = 8
}

extension Standing {
    fileprivate var isDone: Bool { if case .fulfilled = outcome { true } else { false } }
}

extension Failure {
    /// What is wrong with a scenario, line by line.
    public init(_ error: ScenarioError, in file: String) {
        self.init(
            .badData, Wording(vi: "Kịch bản \(shown(file)) chưa đúng:", en: "The scenario \(shown(file)) is not right:"),
            problems: error.problems.map { problem in
                problem.text.map { language, text in (language == .vi ? "dòng" : "line") + " \(problem.line): " + shown(text) }
            })
    }
}
