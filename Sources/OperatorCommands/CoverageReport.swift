import Regulation
import Simulation
import Values

/// The coverage of a regulation's duties as a table, and the list of what it lacks.
public struct CoverageReport: Sendable {
    private let coverage: Coverage
    private let regulation: Regulation

    /// A report of a regulation's coverage.
    public init(_ coverage: Coverage, of regulation: Regulation) { (self.coverage, self.regulation) = (coverage, regulation) }

    // MARK: The table

    /// How wide the table is where no terminal says.
    private static let columnsWithoutTerminal = 200

    private func heads(_ language: Language) -> [String] {
        language == .vi
            ? ["VIỆC", "KHOẢN", "PHÁT SINH → XONG", "BÊN LÀM → NƠI NHẬN", "THỜI HẠN", "CÁC BƯỚC", "ĐÚNG HẠN TẠI", "QUÁ HẠN TẠI"]
            : ["DUTY", "CLAUSE", "OPENED BY → FULFILLED BY", "WHO → TO WHOM", "DUE", "STEPS", "MET IN", "OVERDUE IN"]
    }

    private func cells(_ row: Coverage.Row, _ language: Language) -> [String] {
        let duty = row.duty
        let words = DutyWords(regulation, language)
        let steps = duty.ladder.map { words.moment($0.moment) }.joined(separator: "; ")
        return [
            duty.id, words.article(duty.article), messages(duty, words), route(row, words, language),
            "\(words.terms(duty.due)) (\(basis(duty.due, language)))", steps.isEmpty ? words.ladder([]) : steps, stories(row, .met, language),
            left(row, language),
        ]
    }

    private func basis(_ due: DueRule, _ language: Language) -> String {
        switch due.basis {
        case .law: language == .vi ? "theo Quy định" : "law"
        case .mark: language == .vi ? "mốc theo dõi" : "mark"
        }
    }

    /// The types of the messages: what opens, then what fulfils.
    private func messages(_ duty: Duty, _ words: DutyWords) -> String {
        func types(_ matchers: [Matcher]) -> String {
            var seen: Set<String> = []
            return matchers.map(\.type).filter { seen.insert($0).inserted }.joined(separator: ", ")
        }
        let opening =
            switch duty.opening {
            case .messages(let matchers): types(matchers)
            case .calendar(let recurrence): words.recurrence(recurrence)
            case .claims: words.opening(.claims)
            }
        return "\(opening) → \(types(duty.fulfilledBy))"
    }

    /// Who says it, and where it goes: to the fixed addressees of its messages and to whom it is owed; what goes to nobody is on record.
    private func route(_ row: Coverage.Row, _ words: DutyWords, _ language: Language) -> String {
        let fixed = row.recipients
        let owed = row.duty.addressees.filter { addressee in addressee.party.map { !fixed.contains($0) } ?? true }
        let all = [fixed.isEmpty ? nil : words.parties(fixed), owed.isEmpty ? nil : words.addressees(owed)].compactMap(\.self)
        let isAddressed = row.duty.fulfilledBy.contains { regulation.messageType($0.type)?.isAddressable == true }
        let vi = language == .vi
        let others = isAddressed ? (vi ? "nơi bên gửi ghi trong tin" : "whom the sender names") : (vi ? "chỉ ghi vào sổ" : "the ledger alone")
        return "\(words.obligors(of: row.duty)) → \(all.isEmpty ? others : all.joined(separator: ", "))"
    }

    private func stories(_ row: Coverage.Row, _ shown: Shown, _ language: Language) -> String {
        guard let names = row.stories[shown], let first = names.first?.replacing(".scenario", with: "") else { return "—" }
        return names.count == 1 ? first : first + (language == .vi ? " và \(names.count - 1) kịch bản khác" : " and \(names.count - 1) more")
    }

    /// Where the duty is left undone; where that is something else than a deadline passed, what happens instead.
    private func left(_ row: Coverage.Row, _ language: Language) -> String {
        let vi = language == .vi
        let duty = row.duty
        if duty.due.cases.isEmpty {
            let note =
                duty.ladder.contains { if case .everyWorkingDays = $0.moment { true } else { false } }
                ? (vi ? "không ấn định hạn, chỉ hỏi tiến độ" : "no term, progress is asked for")
                : (vi ? "không ấn định hạn, chờ quyết định" : "no term, awaiting decision")
            return "\(note): \(stories(row, .awaited, language))"
        }
        let file = stories(row, .overdue, language)
        if let other = duty.alternativeTo { return (vi ? "là quá hạn của \(other): " : "it is \(other) that goes overdue: ") + file }
        return isOpenedByItsOwnAct(duty) ? (vi ? "chỉ thấy chậm khi đã báo: " : "seen late only when it is told: ") + file : file
    }

    /// Before the act itself nobody else knows of such a duty.
    private func isOpenedByItsOwnAct(_ duty: Duty) -> Bool {
        guard case .messages(let matchers) = duty.opening else { return false }
        return Set(matchers.map(\.type)) == Set(duty.fulfilledBy.map(\.type))
    }

    /// The table for a terminal, what has no clock below it, and what is lacking.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        var screen = screen
        screen.columns = screen.columns ?? CoverageReport.columnsWithoutTerminal
        let rows = coverage.rows.map { row in cells(row, language).map { Table.Cell($0, row.gaps.isEmpty ? nil : .red) } }
        var table = Table(heads(language), rows: rows, flexible: [1: 8, 2: 20, 3: 14, 4: 12, 5: 12, 6: 16, 7: 16])
        table.wraps = true
        return table.lines(on: screen) + [""] + unclocked(language).flatMap { wrapped($0, to: screen.columns) } + [""] + summary(language, screen)
    }

    /// The table in Markdown, what has no clock below it, and what is lacking.
    public func markdown(_ language: Language) -> [String] {
        Markdown.table(heads(language), coverage.rows.map { cells($0, language) }) + [""] + unclocked(language).map { "- " + $0 } + [""]
            + summary(language, Screen())
    }

    private func unclocked(_ language: Language) -> [String] {
        let words = DutyWords(regulation, language)
        return regulation.unclocked.map { item in
            let numbers = item.article.split(separator: ".")
            let article = numbers.count == 1 ? (language == .vi ? "Điều \(item.article)" : "Article \(item.article)") : words.article(item.article)
            return article + (language == .vi ? ", không có hạn. " : ", no clock. ") + item.text[language]
        }
    }

    // MARK: What is lacking

    /// How many duties are covered, and every gap.
    public func summary(_ language: Language, _ screen: Screen) -> [String] {
        let vi = language == .vi
        let covered = coverage.rows.count { $0.gaps.isEmpty }
        let head = (vi ? "Đủ cả: \(covered)/\(coverage.rows.count) việc" : "Covered: \(covered) of \(coverage.rows.count) duties")
        let gaps = coverage.rows.flatMap { row in row.gaps.map { "  - \(row.duty.id): \(shown(CoverageReport.words(for: $0)[language]))" } }
        let failed = coverage.failed.map {
            "  - " + (vi ? "\(shown($0)) không diễn ra như kỳ vọng; xem: phoihop simulate" : "\(shown($0)) does not come as it expects; see: phoihop simulate")
        }
        return [screen.paint(head, coverage.isComplete ? .green : .red)] + gaps + failed
    }

    private static func words(for gap: Coverage.Gap) -> Wording {
        switch gap {
        case .unworded("title"): Wording(vi: "thiếu tên việc ở một ngôn ngữ", en: "its title is not in both languages")
        case .unworded(let name): Wording(vi: "thiếu lời “\(name)” ở một ngôn ngữ", en: "the wording “\(name)” is not in both languages")
        case .noOpening: Wording(vi: "không tin nào, không ngày nào làm phát sinh việc này", en: "no message and no day opens it")
        case .noAct: Wording(vi: "không ai gửi được tin nào hoàn thành việc này", en: "nobody may say a message that fulfils it")
        case .noSchema(let type): Wording(vi: "loại tin \(type) chưa có mẫu", en: "\(type) has no schema")
        case .cannotSay(let party):
            Wording(
                vi: "\(party) có thể phải làm việc này mà không được gửi tin nào hoàn thành nó", en: "\(party) may owe it, and may say nothing that fulfils it"
            )
        case .unreached(let type):
            Wording(vi: "tin \(type) không đến được mọi nơi cần nhận", en: "\(type) does not reach everyone to whom the duty is owed")
        case .noTerm:
            Wording(
                vi: "ghi là hạn theo Quy định mà không có hạn hoặc không có điều khoản",
                en: "it is said to be due by law, without a term or without a clause")
        case .notShown(.met): Wording(vi: "chưa có kịch bản nào mà việc này được làm đúng hạn", en: "there is no scenario in which it is met")
        case .notShown(.overdue): Wording(vi: "chưa có kịch bản nào mà việc này bị quá hạn", en: "there is no scenario in which it goes overdue")
        case .notShown(.awaited):
            Wording(vi: "chưa có kịch bản nào cho thấy việc này được chờ mà không có hạn", en: "there is no scenario that shows it awaited without a term")
        }
    }

    // MARK: As data

    /// The same as data.
    public var json: JSON {
        func both(_ text: (Language) -> String) -> JSON { ["vi": .string(text(.vi)), "en": .string(text(.en))] }
        let rows = coverage.rows.map { row -> JSON in
            func types(_ matchers: [Matcher]) -> JSON { .array(matchers.map { .string($0.type) }) }
            let duty = row.duty
            var opens: JSON?
            if case .messages(let matchers) = duty.opening { opens = types(matchers) }
            return .compact([
                "id": .string(duty.id), "article": .string(duty.article), "title": duty.title.json, "opens": opens,
                "opening": both { DutyWords(regulation, $0).opening(duty.opening) }, "fulfilledBy": types(duty.fulfilledBy),
                "route": both { route(row, DutyWords(regulation, $0), $0) }, "due": both { DutyWords(regulation, $0).terms(duty.due) },
                "basis": .string(duty.due.basis.rawValue), "steps": .array(duty.ladder.map { .string($0.id) }),
                "met": .array((row.stories[.met] ?? []).map { .string($0) }), "overdue": .array((row.stories[.overdue] ?? []).map { .string($0) }),
                "awaited": .array((row.stories[.awaited] ?? []).map { .string($0) }), "gaps": .array(row.gaps.map { CoverageReport.words(for: $0).json }),
            ])
        }
        return [
            "duties": .array(rows), "failed": .array(coverage.failed.map { .string($0) }), "isComplete": .bool(coverage.isComplete),
            "noClock": .array(regulation.unclocked.map { ["article": .string($0.article), "text": $0.text.json] }),
        ]
    }
}

/// Tables in Markdown.
enum Markdown {
    /// A table of cells under heads.
    static func table(_ heads: [String], _ rows: [[String]]) -> [String] {
        func line(_ cells: [String]) -> String {
            "| " + cells.map { shown($0).replacing("\\", with: "\\\\").replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        return [line(heads), "|" + String(repeating: " --- |", count: heads.count)] + rows.map(line)
    }
}
