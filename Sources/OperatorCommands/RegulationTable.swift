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

    /// The kind of case of an id, or of the letters before its names, in any letter case.
    public func caseKind(named name: String) -> CaseKind? {
        regulation.caseKinds.first { $0.id == name.lowercased() || $0.prefix == name.uppercased() }
    }

    /// A kind of case in words, line by line: what begins, continues and ends one, and who says it.
    public func lines(of kind: CaseKind, _ language: Language, on screen: Screen) -> [String] {
        let words = DutyWords(regulation, language)
        var lines = [screen.paint("\(kind.id) – \(kind.name[language]) (\(kind.prefix)-…)", .bold)]
        for (_, title, types) in CaseWords.parts(of: kind) {
            for (index, type) in types.enumerated() {
                let head = index > 0 ? "" : title[language].prefix(1).uppercased() + title[language].dropFirst()
                let from = regulation.messageType(type)?.from ?? []
                let isAnybody = Set(from).isSuperset(of: regulation.parties.filter { $0.role != .system }.map(\.id))
                let senders = isAnybody ? language == .vi ? "mọi bên" : "any party" : from.map(words.party).joined(separator: ", ")
                let text = "\(words.message(type)) (\(type)): \(senders)"
                let pieces = wrapped(text, to: screen.columns.map { $0 - CaseWords.indent })
                lines += pieces.enumerated().map { line, piece in
                    let head = line == 0 ? head : ""
                    return head + String(repeating: " ", count: max(1, CaseWords.indent - width(head))) + piece
                }
            }
        }
        var rules = kind.claims.map(words.claim)
        if let near = kind.near { rules.append(words.nearness(near)) }
        if let maintenance = regulation.maintenance, kind.part(of: maintenance.opens) != nil { rules.append(words.terms(maintenance)) }
        for (index, rule) in rules.enumerated() {
            let head = index > 0 ? "" : language == .vi ? "Ai được đổi" : "Who may change"
            let pieces = wrapped(rule, to: screen.columns.map { $0 - CaseWords.indent })
            lines += pieces.enumerated().map { line, piece in
                let head = line == 0 ? head : ""
                return head + String(repeating: " ", count: max(1, CaseWords.indent - width(head))) + piece
            }
        }
        return lines
    }

    /// A kind of case as data.
    public func json(_ kind: CaseKind) -> JSON {
        func types(_ names: [String]) -> JSON {
            .array(names.map { ["type": .string($0), "from": .array(regulation.messageType($0)?.from.map { .string($0) } ?? [])] })
        }
        var json: JSONObject = ["id": .string(kind.id), "prefix": .string(kind.prefix), "name": kind.name.json]
        for part in CaseWords.parts(of: kind) { json[part.member] = types(part.types) }
        if !kind.claims.isEmpty {
            json["claims"] = .array(
                kind.claims.map { rule in
                    ["type": .string(rule.type), "words": Wording(vi: DutyWords(regulation, .vi).claim(rule), en: DutyWords(regulation, .en).claim(rule)).json]
                })
        }
        if let near = kind.near {
            json["near"] = Wording(vi: DutyWords(regulation, .vi).nearness(near), en: DutyWords(regulation, .en).nearness(near)).json
        }
        return .object(json)
    }

    /// The duty of an id.
    /// - Throws: usage, with the nearest.
    public func duty(named name: String) throws(Failure) -> Duty {
        if let duty = regulation.duty(name) { return duty }
        let known = regulation.duties.map(\.id) + regulation.caseKinds.map(\.id)
        let near = nearest(to: name.lowercased(), in: known)
        throw Failure(
            .usage,
            vi: "Quy định không có việc hay loại vụ việc “\(shown(name))”" + (near.map { "; có phải là \($0)?" } ?? ". Có: \(known.joined(separator: ", "))"),
            en: "The regulation has no duty and no kind of case “\(shown(name))”"
                + (near.map { "; did you mean \($0)?" } ?? ". There are: \(known.joined(separator: ", "))"))
    }
}

/// The parts of a kind of case in words.
enum CaseWords {
    static let indent = 18

    /// What types may do to a case of a kind: the member that lists them, what that is called, and the types.
    static func parts(of kind: CaseKind?) -> [(member: String, title: Wording, types: [String])] {
        [
            ("begins", Wording(vi: "mở vụ việc", en: "begins"), kind?.begins ?? []),
            ("alone", Wording(vi: "không cần mã", en: "by itself"), kind?.alone ?? []),
            ("continues", Wording(vi: "nói tiếp", en: "continues"), kind?.continues ?? []),
            ("mayBegin", Wording(vi: "mở nếu chưa có", en: "may begin"), kind?.mayBegin ?? []),
            ("ends", Wording(vi: "khép vụ việc", en: "ends"), kind?.ends ?? []),
        ]
    }
}
