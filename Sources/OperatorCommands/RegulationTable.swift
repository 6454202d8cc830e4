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
            "ladder": both { $0.ladder(duty.ladder) }, "desk": both { $0.desk(of: duty) },
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
        line(vi ? "Tại bàn trực" : "At the desk", words.desk(of: duty))
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
                lines += CaseWords.lines(String(head), text, on: screen)
            }
        }
        var rules = kind.claims.map(words.claim)
        if let near = kind.near { rules.append(words.nearness(near)) }
        if let maintenance = regulation.maintenance, kind.part(of: maintenance.opens) != nil { rules.append(words.terms(maintenance)) }
        for (index, rule) in rules.enumerated() {
            lines += CaseWords.lines(index > 0 ? "" : language == .vi ? "Ai được đổi" : "Who may change", rule, on: screen)
        }
        let types = Set(regulation.content?.named.map(\.type) ?? [])
        if types.contains(where: { kind.part(of: $0) != nil }), let content = words.content(regulation.content) {
            lines += CaseWords.lines(language == .vi ? "Bảng nội dung" : "Content board", content, on: screen)
        }
        for (index, section) in regulation.report.sections(on: kind).enumerated() {
            guard let text = words.reported(section, on: kind) else { continue }
            let head = index > 0 ? "" : language == .vi ? "Trong báo cáo" : "In the report"
            let pieces = wrapped(text, to: screen.columns.map { $0 - CaseWords.indent })
            lines += pieces.enumerated().map { line, piece in
                let head = line == 0 ? head : ""
                return head + String(repeating: " ", count: max(1, CaseWords.indent - width(head))) + piece
            }
        }
        return lines
    }

    /// The party of an id.
    public func party(named name: String) -> Party? { regulation.party(name.lowercased()) }

    /// A party in words, line by line: what it is, what it may read, what its agent watches.
    public func lines(of party: Party, _ language: Language, on screen: Screen) -> [String] {
        let (vi, words) = (language == .vi, DutyWords(regulation, language))
        func line(_ label: String, _ text: String?) -> [String] { text.map { CaseWords.lines(label, $0, on: screen) } ?? [] }
        return [screen.paint("\(party.id) – \(party.name[language])", .bold)] + line(vi ? "Vai trò" : "Role", words.role(of: party))
            + line(vi ? "Đầu mối" : "Contact", party.contact?[language]) + line(vi ? "Điện thoại" : "Telephone", party.phone)
            + line(vi ? "Được đọc" : "May read", party.readsLedger ? (vi ? "sổ cái" : "the ledger") : nil)
            + line(vi ? "Theo dõi" : "Watches", words.watches(of: party))
    }

    /// A party as data.
    public func json(_ party: Party) -> JSON {
        .compact([
            "id": .string(party.id), "name": party.name.json, "role": .string(party.role.rawValue), "contact": party.contact?.json,
            "phone": party.phone.map { .string($0) }, "readsLedger": .bool(party.readsLedger),
            "watches": .array(Party.Watched.allCases.filter(party.watches.contains).map { .string($0.rawValue) }),
        ])
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
        let sections = regulation.report.sections(on: kind)
        if !sections.isEmpty {
            json["report"] = .array(
                sections.map { section in
                    let (vi, en) = (DutyWords(regulation, .vi).reported(section, on: kind), DutyWords(regulation, .en).reported(section, on: kind))
                    return ["section": .string(section.rawValue), "words": Wording(vi: vi ?? "", en: en ?? "").json]
                })
        }
        return .object(json)
    }

    /// The duty of an id.
    /// - Throws: usage, with the nearest.
    public func duty(named name: String) throws(Failure) -> Duty {
        if let duty = regulation.duty(name) { return duty }
        let known = regulation.duties.map(\.id) + regulation.caseKinds.map(\.id) + regulation.parties.map(\.id)
        let near = nearest(to: name.lowercased(), in: known)
        throw Failure(
            .usage,
            vi: "Quy định không có việc, loại vụ việc hay bên nào là “\(shown(name))”"
                + (near.map { "; có phải là \($0)?" } ?? ". Có: \(known.joined(separator: ", "))"),
            en: "The regulation has no duty, no kind of case and no party “\(shown(name))”"
                + (near.map { "; did you mean \($0)?" } ?? ". There are: \(known.joined(separator: ", "))"))
    }
}

/// The parts of a kind of case in words.
enum CaseWords {
    static let indent = 18

    /// A label and what belongs to it, broken into lines.
    static func lines(_ label: String, _ text: String, on screen: Screen) -> [String] {
        wrapped(text, to: screen.columns.map { $0 - indent }).enumerated().map { line, piece in
            let head = line == 0 ? label : ""
            return head + String(repeating: " ", count: max(1, indent - width(head))) + piece
        }
    }

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
