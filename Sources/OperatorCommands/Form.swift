import Content
import Messages
import Regulation
import Values

import class Schemas.MessageSchema

typealias Field = MessageSchema.Field

/// The form of one message type: its members as flags of the command line.
struct Form {
    let schema: MessageSchema
    var fields: [Field] { schema.fields }

    /// The form of a schema, where there is one.
    init?(_ schema: MessageSchema?) {
        guard let schema else { return nil }
        self.schema = schema
    }

    /// One flag a member.
    var options: [Arguments.Option] {
        fields.map { field in
            Arguments.Option(MessageSchema.flag(field.name), field.kind == .flag ? .truth : .words, field.placeholder(.en))
        }
    }

    /// The data that the flags make, and what is wrong with them.
    func data(from arguments: Arguments, reading phrases: TimePhrase) -> (data: JSONObject, problems: [Wording]) {
        var data = JSONObject()
        var problems: [Wording] = []
        for field in fields {
            let (value, wrong) = value(of: field, named: MessageSchema.flag(field.name), in: arguments, reading: phrases)
            problems += wrong
            if let value { data[field.name] = value }
        }
        return (data, problems)
    }

    /// Adds files to the data. Where these are all its files, the sender keeps them all, and says so where the type has a word for it (Clause 2, Article 13).
    func attach(_ files: [FileReference], to data: inout JSONObject) {
        if files.isEmpty { return }
        let named = data["files"]?.array ?? []
        data["files"] = .array(named + files.map(\.json))
        if named.isEmpty, data["copyKept"] == nil, fields.contains(where: { $0.name == "copyKept" }) { data["copyKept"] = true }
    }

    private func value(of field: Field, named flag: String, in arguments: Arguments, reading phrases: TimePhrase) -> (JSON?, [Wording]) {
        let texts = arguments.all(flag)
        let members = arguments.members(of: flag)
        var problems: [Wording] = []
        func single(_ text: String, _ kind: Field.Kind, _ place: String, past: Bool) -> JSON {
            let (value, wrong) = Form.json(text, kind, phrases, past: past)
            if let wrong { problems.append(Form.named(place, wrong)) }
            return value
        }
        switch field.kind {
        case .list:
            if texts.isEmpty { return (nil, []) }
            return (.array(texts.flatMap { text in Form.structure(text)?.array ?? [Form.structure(text) ?? .string(text)] }), [])
        case .object:
            if let text = texts.first, members.isEmpty { return (Form.structure(text) ?? .string(text), []) }
            if members.isEmpty { return (nil, []) }
            var object = JSONObject()
            let order = field.members.map { Arguments.key($0.name) }
            let inOrder = members.sorted { (order.firstIndex(of: $0.path) ?? .max, $0.path) < (order.firstIndex(of: $1.path) ?? .max, $1.path) }
            for (path, text) in inOrder {
                let member = field.members.first { Arguments.key($0.name) == path }
                object[member?.name ?? path] = single(text, member?.kind ?? .text, "\(flag).\(path)", past: member?.tellsThePast ?? false)
            }
            return (.object(object), problems)
        default:
            if let (path, _) = members.first {
                problems.append(
                    Form.named(
                        "\(flag).\(path)", Wording(vi: "--\(flag) không có mục con; đề nghị ghi --\(flag) …", en: "--\(flag) has no parts; write --\(flag) …")))
            }
            guard let text = texts.first else { return (nil, problems) }
            if Set(texts).count > 1 {
                let list = texts.map { "“\($0)”" }.joined(separator: ", ")
                problems.append(Form.named(flag, Wording(vi: "ghi nhiều lần: \(list); đề nghị chỉ ghi một", en: "given more than once: \(list); give it once")))
            }
            return (single(text, field.kind, flag, past: field.tellsThePast), problems)
        }
    }

    /// A value as its member wants it. Where it cannot be read, the problem comes with a value that the schema accepts, so that it is told once.
    private static func json(_ text: String, _ kind: Field.Kind, _ phrases: TimePhrase, past: Bool) -> (JSON, Wording?) {
        switch kind {
        case .instant:
            switch phrases.instant(text, past: past) {
            case .success(let instant): return (JSON(instant, offset: phrases.calendar.offset), nil)
            case .failure(let unreadable): return (JSON(phrases.now, offset: phrases.calendar.offset), unreadable.explanation)
            }
        case .date:
            switch phrases.date(text) {
            case .success(let date): return (.string(date.description), nil)
            case .failure(let unreadable): return (.string(phrases.calendar.local(phrases.now).date.description), unreadable.explanation)
            }
        case .integer, .number:
            guard let value = try? JSON(parsing: text), value.number != nil else { return (.string(text), nil) }
            return (value, nil)
        case .flag: return (truth(text).map { .bool($0) } ?? .string(text), nil)
        default: return (.string(text), nil)
        }
    }

    private static func structure(_ text: String) -> JSON? {
        guard let first = text.first(where: { !$0.isWhitespace }), first == "{" || first == "[" else { return nil }
        return try? JSON(parsing: text)
    }

    /// What is wrong with the data, each problem naming the flag.
    func problems(in data: JSON) -> [Wording] {
        schema.problems(in: data).map { problem in
            let place = problem.pointer.dropFirst()
            // Whoever is to name files names them by where they lie.
            let flag = place == "files" ? "file" : place.split(separator: "/").map { MessageSchema.flag(String($0)) }.joined(separator: ".")
            func say(_ reason: String) -> String { place.isEmpty ? reason : reason.replacing("\"\(place)\"", with: "--\(flag)", maxReplacements: 1) }
            return Wording(vi: say(problem.reason.vi), en: say(problem.reason.en))
        }
    }

    /// The same for data that came as JSON, naming the member.
    func plainProblems(in data: JSON) -> [Wording] {
        schema.problems(in: data).map { Wording(vi: $0.reason.vi, en: $0.reason.en) }
    }

    /// Members that tell when something happened and lie in the future.
    func future(in data: JSON, _ phrases: TimePhrase) -> [Wording] {
        fields.filter { $0.kind == .instant && $0.tellsThePast }.compactMap { field in
            guard let text = data[field.name]?.string, Instant(rfc3339: text) != nil, case .failure(let unreadable) = phrases.instant(text, past: true) else {
                return nil
            }
            return Wording(vi: "“\(field.name)”: \(unreadable.explanation.vi)", en: "“\(field.name)”: \(unreadable.explanation.en)")
        }
    }

    private static func named(_ flag: String, _ problem: Wording) -> Wording { problem.map { _, text in "--\(flag): \(text)" } }
}

extension FileLimits {
    /// What a message type takes of files; nil where it names none.
    public init?(of type: MessageType?) {
        guard let schema = type?.schema else { return nil }
        self.init(schema: schema.document)
    }
}

extension Field {
    /// What stands for its value in help.
    func placeholder(_ language: Language) -> String {
        let vi = language == .vi
        switch kind {
        case .text: return vi ? "NỘI-DUNG" : "TEXT"
        case .instant: return vi ? "GIỜ" : "TIME"
        case .date: return vi ? "NGÀY" : "DATE"
        case .integer, .number: return vi ? "SỐ" : "NUMBER"
        case .flag: return vi ? "có|không" : "yes|no"
        case .choice(let values): return values.joined(separator: "|")
        case .list: return vi ? "GIÁ-TRỊ…" : "VALUE…"
        case .object: return "…"
        }
    }

    func words(_ language: Language) -> String { language == .vi ? description.vi : description.en }
    func meaning(of value: String, _ language: Language) -> String? { labels[value].map { language == .vi ? $0.vi : $0.en } }
}

extension MessageSchema {
    func heading(_ language: Language) -> String { language == .vi ? title.vi : title.en }
    func summary(_ language: Language) -> String { language == .vi ? description.vi : description.en }
}
