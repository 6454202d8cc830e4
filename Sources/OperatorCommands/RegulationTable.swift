import Messages
import Regulation
import Values

/// The duties of a regulation as a table, and one duty in words.
public struct RegulationTable: Sendable {
    private let regulation: Regulation

    /// The duties of this regulation.
    public init(_ regulation: Regulation) { self.regulation = regulation }

    /// How wide the table is where no terminal says.
    private static let columnsWithoutTerminal = 160

    private func heads(_ language: Language) -> [String] {
        language == .vi
            ? ["KHOẢN", "BÊN PHẢI LÀM", "KHI NÀO", "VIỆC PHẢI LÀM", "THỜI HẠN", "GỬI TỚI", "NHẮC VÀ BÁO CÁO"]
            : ["CLAUSE", "OWED BY", "OPENED BY", "ACT", "DUE", "OWED TO", "REMINDERS"]
    }

    private func row(_ duty: Duty, _ language: Language) -> [String] {
        let words = DutyWords(regulation, language)
        return [
            words.article(duty.article), words.obligors(of: duty), words.opening(duty.opening), duty.title[language], words.due(duty.due),
            words.addressees(duty.addressees), words.ladder(duty.ladder),
        ]
    }

    /// The table for a terminal, its cells broken into lines.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        var screen = screen
        screen.columns = screen.columns ?? RegulationTable.columnsWithoutTerminal
        var table = Table(
            heads(language), rows: regulation.duties.map { duty in row(duty, language).map { Table.Cell($0) } },
            flexible: [0: 8, 1: 10, 2: 12, 3: 12, 4: 10, 5: 10, 6: 12])
        table.wraps = true
        return table.lines(on: screen)
    }

    /// The table in Markdown.
    public func markdown(_ language: Language) -> [String] { Markdown.table(heads(language), regulation.duties.map { row($0, language) }) }

    /// The table as data: each duty with its words in both languages.
    public var json: JSON { .array(regulation.duties.map(json)) }

    /// One duty as data.
    public func json(_ duty: Duty) -> JSON {
        func both(_ text: (DutyWords) -> String) -> JSON {
            ["vi": .string(text(DutyWords(regulation, .vi))), "en": .string(text(DutyWords(regulation, .en)))]
        }
        return [
            "id": .string(duty.id), "article": .string(duty.article), "title": duty.title.json, "obligor": both { $0.obligors(of: duty) },
            "opens": both { $0.opening(duty.opening) }, "due": both { $0.due(duty.due) }, "basis": .string(duty.due.basis.rawValue),
            "fulfilledBy": both { $0.messages(duty.fulfilledBy) }, "addressee": both { $0.addressees(duty.addressees) },
            "ladder": both { $0.ladder(duty.ladder) },
        ]
    }

    /// One duty in words, line by line.
    public func lines(of duty: Duty, _ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        let words = DutyWords(regulation, language)
        var lines = [screen.paint("\(duty.id) – \(duty.title[language])", .bold)]
        let indent = 18
        func line(_ label: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            let pieces = wrapped(text, to: screen.columns.map { $0 - indent })
            let head = label + String(repeating: " ", count: max(1, indent - width(label)))
            lines += pieces.enumerated().map { $0 == 0 ? head + $1 : String(repeating: " ", count: indent) + $1 }
        }
        line(vi ? "Căn cứ" : "Under", regulation.citation.cite(duty.article)[language])
        line(vi ? "Bên phải làm" : "Owed by", words.obligors(of: duty))
        line(vi ? "Gửi tới" : "Owed to", words.addressees(duty.addressees))
        line(vi ? "Phát sinh" : "Opened", words.opening(duty.opening))
        line(vi ? "Tính từ" : "Counted from", words.start(of: duty))
        line(vi ? "Thời hạn" : "Due", words.due(duty.due))
        line(vi ? "Xong khi có tin" : "Fulfilled by", words.messages(duty.fulfilledBy))
        line(vi ? "Khép lại bởi tin" : "Closed by", words.messages(duty.closedBy))
        line(vi ? "Tạm hoãn" : "Held back", duty.maintenance.map(words.maintenance))
        line(vi ? "Thay cho" : "Instead of", duty.alternativeTo.map { regulation.duty($0)?.title[language] ?? $0 })
        for (index, rung) in duty.ladder.enumerated() { line(index > 0 ? "" : vi ? "Nhắc, báo cáo" : "Reminders", words.rung(rung)) }
        return lines
    }

    /// The duty of an id.
    /// - Throws: usage, with the nearest.
    public func duty(named name: String) throws(Failure) -> Duty {
        if let duty = regulation.duty(name) { return duty }
        let known = regulation.duties.map(\.id)
        let near = nearest(to: name.lowercased(), in: known)
        throw Failure(
            .usage,
            vi: "Quy định không có việc “\(shown(name))”" + (near.map { "; có phải là \($0)?" } ?? ". Các việc: \(known.joined(separator: ", "))"),
            en: "The regulation has no duty “\(shown(name))”" + (near.map { "; did you mean \($0)?" } ?? ". Duties: \(known.joined(separator: ", "))"))
    }
}
