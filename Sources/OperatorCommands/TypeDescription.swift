import AgentKit
import Content
import Messages
import Regulation
import Values

import class Schemas.MessageSchema

/// What a message type is: who says it to whom, what it holds, an example, and the duties it bears on.
public struct TypeDescription: Sendable {
    private let type: MessageType
    private let form: Form
    private let regulation: Regulation

    /// The description of a type. Nil where it has no schema.
    public init?(_ type: MessageType, regulation: Regulation) {
        guard let form = Form(type.schema) else { return nil }
        (self.type, self.form, self.regulation) = (type, form, regulation)
    }

    /// The description, line by line.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        var lines = [screen.paint("\(type.name) – \(form.schema.heading(language))", .bold), form.schema.summary(language), ""]
        func line(_ label: String, _ text: String) { lines.append(label + String(repeating: " ", count: max(1, 12 - width(label))) + text) }
        line(vi ? "Ai gửi" : "Sent by", type.from.joined(separator: ", "))
        if !type.recorders.isEmpty {
            let how = vi ? " (kèm --on-behalf-of và --document.number, --document.date)" : " (with --on-behalf-of and --document.number, --document.date)"
            line(vi ? "Ghi hộ" : "Recorded by", type.recorders.joined(separator: ", ") + how)
        }
        var to = type.to.joined(separator: ", ")
        if type.isAddressable { to += (to.isEmpty ? "" : vi ? "; hoặc " : "; or ") + (vi ? "một đơn vị (--to)" : "one party (--to)") }
        line(vi ? "Ai nhận" : "Received by", to.isEmpty ? (vi ? "chỉ ghi vào sổ cái" : "the ledger alone") : to)
        line(vi ? "Căn cứ" : "Under", regulation.citation.cite(type.article)[language])
        line(vi ? "Vụ việc" : "Case", caseText(language))
        if !type.verbs.isEmpty { line(vi ? "Kịch bản" : "In scenarios", type.verbs.map { $0.phrases }.joined(separator: "; ")) }
        if type.owesReceipt { line(vi ? "Biên nhận" : "Receipt", vi ? "bên nhận tự động xác nhận đã nhận" : "the receiver's agent issues one") }
        lines += ["", screen.paint(vi ? "CÁC MỤC (* bắt buộc)" : "FIELDS (* required)", .bold)] + form.fields.flatMap { field($0, "", language) }
        if let example = example(language) { lines += ["", screen.paint(vi ? "VÍ DỤ" : "EXAMPLE", .bold), example] }
        lines += duties(vi ? "MỞ RA CÁC VIỆC" : "OPENS", opened, language, screen) + duties(vi ? "HOÀN THÀNH CÁC VIỆC" : "FULFILS", fulfilled, language, screen)
        return lines
    }

    /// The description as data.
    public var json: JSON {
        func field(_ field: Field) -> JSON {
            .compact([
                "name": .string(field.name), "flag": .string("--" + MessageSchema.flag(field.name)), "required": .bool(field.isRequired),
                "kind": .string(field.placeholder(.en)),
                "description": ["vi": .string(field.words(.vi)), "en": .string(field.words(.en))],
                "fields": field.members.isEmpty ? nil : .array(field.members.map { $0.name }.map { .string($0) }),
            ])
        }
        return [
            "type": .string(type.name), "title": ["vi": .string(form.schema.heading(.vi)), "en": .string(form.schema.heading(.en))],
            "from": .array(type.from.map { .string($0) }), "recorders": .array(type.recorders.map { .string($0) }), "to": .array(type.to.map { .string($0) }),
            "addressable": .bool(type.isAddressable),
            "receipt": .bool(type.owesReceipt), "article": .string(type.article),
            "verbs": .array(type.verbs.map { verb in ["vi": .string(verb.phrase(.vi)), "en": .string(verb.phrase(.en)), "says": .object(verb.says)] }),
            "fields": .array(form.fields.map(field)),
            "opens": .array(opened.map { .string($0.id) }), "fulfils": .array(fulfilled.map { .string($0.id) }),
        ]
    }

    private func caseText(_ language: Language) -> String {
        let vi = language == .vi
        switch CaseSubject(type.name, in: regulation) {
        case .fresh(let prefix):
            return vi
                ? "mở vụ việc mới, tự đặt mã \(prefix)-…; vụ việc đã có thì ghi --subject"
                : "begins a case, named \(prefix)-…; for an earlier one give --subject"
        case .none: return vi ? "không cần --subject" : "needs no --subject"
        case .required: return vi ? "phải ghi --subject (mã vụ việc)" : "needs --subject (which case)"
        }
    }

    private func field(_ field: Field, _ prefix: String, _ language: Language) -> [String] {
        let name = prefix + MessageSchema.flag(field.name)
        let isDotted = field.kind == .object && !field.members.isEmpty
        let mark = field.isRequired ? "* " : "  "
        if prefix.isEmpty, field.name == "files" { return files(mark, field, language) }
        var lines = [mark + "--\(name)" + (isDotted ? ".…" : " \(field.placeholder(language))"), "      " + field.words(language)]
        if case .choice(let values) = field.kind {
            lines += values.map { value in "      \(value): \(field.meaning(of: value, language) ?? "")" }
        }
        if isDotted { lines += field.members.flatMap { self.field($0, name + ".", language) } }
        return lines
    }

    /// Files are named by where they lie on this machine; all else of a reference is found by itself.
    private func files(_ mark: String, _ field: Field, _ language: Language) -> [String] {
        let count = FileLimits(of: type)?.count ?? 1
        return [
            mark + "--file " + (language == .vi ? "ĐƯỜNG-DẪN" : "PATH"),
            "      " + field.words(language),
            "      "
                + (language == .vi
                    ? "Tệp trên máy này, ghi được nhiều lần, tối đa \(count) tệp: bản sao nguyên văn được lưu, tin mang đường dẫn, dung lượng, mã băm. Xem: phoihop help files"
                    : "A file on this machine, repeatable, at most \(count): an exact copy is kept, the message carries where, how long, its hash. See: phoihop help files"),
        ]
    }

    private func example(_ language: Language) -> String? {
        guard let data = form.schema.example else { return nil }
        var words = ["phoihop publish \(type.name)"]
        if CaseSubject(type.name, in: regulation) == .required {
            words.append("--subject \(CaseSubject.prefix(of: type.name, in: regulation))-20260314-1913-k7")
        }
        if type.isAddressable && type.to.isEmpty {
            let other = regulation.parties.first { $0.isAgency && !type.from.contains($0.id) }?.id ?? regulation.lead
            words.append("--to \(other)")
        }
        for field in form.fields {
            guard let value = data[field.name] else { continue }
            if field.name == "files" {
                words += FileReference.list(in: .object(data)).map { "--file \(quoted(.string($0.title), nil))" }
                continue
            }
            if field.name == "copyKept" { continue }
            let flag = "--" + MessageSchema.flag(field.name)
            if let object = value.object {
                words += object.members.map { "\(flag).\(MessageSchema.flag($0.key)) \(quoted($0.value, nil))" }
            } else {
                words.append("\(flag) \(quoted(value, field.kind))")
            }
        }
        return words.enumerated().map { index, word in (index == 0 ? "  " : "      ") + word }.joined(separator: " \\\n")
    }

    private func quoted(_ value: JSON, _ kind: Field.Kind?) -> String {
        var text = value.string ?? value.text
        if kind == .instant, let instant = value.instant {
            let local = regulation.calendar.local(instant)
            text = "\(local.date) \(local.timeOfDay)"
        }
        let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || "-_./:@".contains($0) }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }

    private var opened: [Duty] {
        regulation.duties.filter { duty in
            guard case .messages(let matchers) = duty.opening else { return false }
            return matchers.contains { $0.type == type.name }
        }
    }
    private var fulfilled: [Duty] { regulation.duties.filter { duty in duty.fulfilledBy.contains { $0.type == type.name } } }

    private func duties(_ heading: String, _ duties: [Duty], _ language: Language, _ screen: Screen) -> [String] {
        guard !duties.isEmpty else { return [] }
        let words = DutyWords(regulation, language)
        return ["", screen.paint(heading, .bold)]
            + duties.map { duty in
                let obligor = words.obligors(of: duty)
                return "  \(duty.title[language]) – \(obligor): \(words.due(duty.due))"
            }
    }
}

/// What a party may say and what it hears.
public struct TypeList: Sendable {
    private let regulation: Regulation
    private let party: PartyID?

    /// The types of a party, or all where none is named.
    public init(regulation: Regulation, party: PartyID?) { (self.regulation, self.party) = (regulation, party) }

    private var sent: [MessageType] { regulation.messageTypes.filter { type in party.map { type.from.contains($0) } ?? true } }
    private var received: [MessageType] { party.map { party in regulation.messageTypes.filter { $0.to.contains(party) || $0.isAddressable } } ?? [] }

    /// The lists, line by line.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        func section(_ heading: String, _ types: [MessageType], _ head: String, _ others: (MessageType) -> [PartyID]) -> [String] {
            guard !types.isEmpty else { return [] }
            let rows = types.map { type in
                let names = others(type)
                let who = names.count > 4 ? (vi ? "mọi đơn vị" : "every party") : names.joined(separator: ", ")
                return [Table.Cell(type.name), Table.Cell(regulation.title(of: type.name)[language]), Table.Cell(who)]
            }
            let heads = vi ? ["LOẠI TIN", "NỘI DUNG", head] : ["TYPE", "TITLE", head]
            return [screen.paint(heading, .bold)] + Table(heads, rows: rows, flexible: [1: 16]).lines(on: screen) + [""]
        }
        let name = party.map { regulation.party($0)?.name[language] ?? $0 }
        let mine = name.map { vi ? "\($0) GỬI" : "\($0) SENDS" } ?? (vi ? "MỌI LOẠI TIN" : "EVERY TYPE")
        return section(mine, sent, vi ? "GỬI TỚI" : "TO") { $0.isAddressable && $0.to.isEmpty ? ["--to"] : $0.to }
            + section(name.map { vi ? "\($0) NHẬN" : "\($0) RECEIVES" } ?? "", received, vi ? "TỪ" : "FROM") { $0.from }
            + [vi ? "Chi tiết: phoihop describe LOẠI-TIN" : "In detail: phoihop describe TYPE"]
    }

    /// The lists as data.
    public var json: JSON {
        .compact([
            "party": party.map { .string($0) }, "sends": .array(sent.map { .string($0.name) }),
            "receives": party == nil ? nil : .array(received.map { .string($0.name) }),
        ])
    }
}
