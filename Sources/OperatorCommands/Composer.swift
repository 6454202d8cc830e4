import AgentKit
import Content
import Messages
import Regulation
import Values

/// A message ready to be kept and sent.
public struct Outgoing: Sendable, Hashable {
    /// What is said.
    public var event: Event
    /// To whom: a party, or `all`, the regulation's fixed addressees.
    public var to: String

    /// A message of these parts.
    public init(event: Event, to: String) { (self.event, self.to) = (event, to) }
}

/// Makes messages of what an operator entered, and finds everything that is wrong with it before anything is kept or sent.
public struct Composer: Sendable {
    /// The rules.
    public var regulation: Regulation
    /// Who sends.
    public var party: PartyID
    /// When.
    public var now: Instant
    /// How far the clocks of two machines may differ.
    public var reader: MessageReader
    /// Cases that the party has heard of and that seem open, for whoever forgot to name one.
    public var openCases: [OpenCase]
    /// Names of cases that the party has heard of, which no new case may bear.
    public var knownSubjects: Set<String>
    /// Where ids come from.
    public var newID: @Sendable () -> String

    /// A composer for a party at an instant.
    public init(
        regulation: Regulation, party: PartyID, now: Instant, openCases: [OpenCase] = [], knownSubjects: Set<String> = [],
        newID: @escaping @Sendable () -> String
    ) {
        (self.regulation, self.party, self.now, self.openCases, self.newID) = (regulation, party, now, openCases, newID)
        self.knownSubjects = knownSubjects.union(openCases.map(\.subject))
        reader = MessageReader(regulation: regulation)
    }

    /// The flags of `publish` beside the members of the type.
    public static func options(of type: MessageType?) -> [Arguments.Option] {
        let fields = Form(type?.schema)?.options ?? []
        let own = [
            Arguments.Option("subject", .word, "CASE"), .init("to", .word, "PARTY"), .init("exercise", .none), .init("drill", .none), .init("id", .word, "ID"),
            .init("data", .word, "FILE|-"),
        ]
        let files = FileLimits(of: type) == nil ? [] : [Arguments.Option("file", .word, "PATH")]
        return fields + files + own.filter { option in !fields.contains { $0.name == option.name } }
    }

    /// The type that was meant.
    /// - Throws: usage, with the nearest known type, or that the party may not send it.
    public func type(named name: String) throws(Failure) -> MessageType {
        let own = regulation.messageTypes.filter { $0.from.contains(party) }.map(\.name)
        guard let type = regulation.messageType(name) else {
            let near = nearest(to: name.lowercased(), in: regulation.messageTypes.map(\.name))
            throw Failure(
                .usage,
                vi: "Không có loại tin “\(shown(name))”" + (near.map { "; có phải là \($0)?" } ?? ".") + "\nCác loại tin \(party) được gửi: phoihop describe",
                en: "There is no message type “\(shown(name))”" + (near.map { "; did you mean \($0)?" } ?? ".") + "\nWhat \(party) may send: phoihop describe")
        }
        guard type.senders.contains(party) else {
            let senders = type.from.joined(separator: ", ")
            throw Failure(
                .notPermitted, vi: "\(party) không được gửi \(name); loại tin này do \(senders) gửi.\n\(party) được gửi: \(own.joined(separator: ", "))",
                en: "\(party) may not send \(name); it is sent by \(senders).\n\(party) may send: \(own.joined(separator: ", "))")
        }
        return type
    }

    /// The messages that the command line and, where given, the documents of `--data` make. All or none. `attachments` are the files of `--file`, which the party
    /// will have kept before anything is sent.
    /// - Throws: bad data, with every problem found.
    public func compose(
        _ type: MessageType, _ arguments: Arguments, documents: [Document]? = nil, attachments: [FileReference] = [],
        using random: inout some RandomNumberGenerator
    ) throws(Failure) -> [Outgoing] {
        guard let form = Form(type.schema) else {
            throw Failure(
                .badData, vi: "Quy định này có loại tin \(type.name), nhưng phiên bản phần mềm này chưa có mẫu của nó.",
                en: "This regulation has the message type \(type.name), of which this version of the program has no schema.")
        }
        try arguments.expectWords(atMost: 0)
        let phrases = TimePhrase(now: now, calendar: regulation.calendar)
        let (fields, fieldProblems) = form.data(from: arguments, reading: phrases)
        let subject = try arguments.value("subject")
        let id = try arguments.value("id")
        let hasOwnExercise = form.fields.contains { $0.name == "exercise" }
        let exercise = arguments.has("drill") || (!hasOwnExercise && arguments.has("exercise"))
        let to = try addressee(type, arguments)
        var problems = fieldProblems
        var outgoing: [Outgoing] = []
        var given: Set<String> = []

        if let id, id.isEmpty || id.utf8.count > 200 { problems.append(.badID) }
        if id != nil, let documents, documents.count > 1 { problems.append(.idForMany) }
        if !attachments.isEmpty, let documents, documents.count > 1 { problems.append(.filesForMany) }
        for document in documents ?? [Document(line: nil, subject: nil, data: JSONObject())] {
            var data = document.data
            for member in fields.members { data[member.key] = member.value }
            form.attach(attachments, to: &data)
            var found: [Wording] = []
            if let defect = document.defect {
                found.append(defect)
            } else if documents == nil {
                found += form.problems(in: .object(data))
            } else {
                found += form.plainProblems(in: .object(data)) + form.future(in: .object(data), phrases)
            }
            var named: String?
            if document.defect == nil {
                do throws(Failure) { named = try self.subject(document.subject ?? subject, type, besides: given, using: &random) } catch {
                    found.append(error.message)
                }
            }
            if let named { given.insert(named) }
            let event = Event(id: id ?? newID(), sender: party, type: type.name, subject: named, time: now, data: .object(data), exercise: exercise)
            let size = event.encoded(offset: regulation.calendar.offset).count
            if size > Event.maximumBytes { found.append(.tooLarge(size)) }
            if found.isEmpty && problems.isEmpty {
                do throws(Refusal) { try reader.check(event, to: to) } catch { found.append(Wording(vi: error.text(.vi), en: error.text(.en))) }
            }
            problems += found.map { problem in
                document.line.map { line in problem.map { language, text in (language == .vi ? "dòng \(line): " : "line \(line): ") + text } } ?? problem
            }
            outgoing.append(Outgoing(event: event, to: to))
        }
        guard problems.isEmpty else { throw .rejected(problems, type: type.name, many: (documents?.count ?? 1) > 1) }
        return outgoing
    }

    /// A message that was added to after it was composed, checked again.
    /// - Throws: bad data.
    public func recheck(_ message: Outgoing) throws(Failure) -> Outgoing {
        let size = message.event.encoded(offset: regulation.calendar.offset).count
        guard size <= Event.maximumBytes else { throw .rejected([.tooLarge(size)], type: message.event.type, many: false) }
        do throws(Refusal) { try reader.check(message.event, to: message.to) } catch {
            throw .rejected([Wording(vi: error.text(.vi), en: error.text(.en))], type: message.event.type, many: false)
        }
        return message
    }

    /// To whom the message goes. A type whose own member `to` names the party that was told goes there too.
    private func addressee(_ type: MessageType, _ arguments: Arguments) throws(Failure) -> String {
        guard let to = try arguments.value("to") else {
            guard type.to.isEmpty && type.isAddressable else { return RoutingKey.all }
            throw Failure(
                .usage, vi: "\(type.name) gửi tới một đơn vị do vụ việc quyết định; đề nghị ghi --to ĐƠN-VỊ.",
                en: "\(type.name) goes to the party that the case decides; add --to PARTY.")
        }
        let members = regulation.parties.filter { $0.role != .system }.map(\.id)
        guard members.contains(to) else {
            let near = nearest(to: to.lowercased(), in: members)
            throw Failure(
                .usage, vi: "Không có đơn vị “\(shown(to))”" + (near.map { "; có phải là \($0)?" } ?? ".") + " Các đơn vị: \(members.joined(separator: ", "))",
                en: "There is no party “\(shown(to))”" + (near.map { "; did you mean \($0)?" } ?? ".") + " Parties: \(members.joined(separator: ", "))")
        }
        if type.to.contains(to) { return RoutingKey.all }
        guard type.isAddressable else {
            let fixed =
                type.to.isEmpty
                ? Wording(vi: "sổ cái, không gửi đơn vị nào", en: "the ledger alone")
                : Wording(vi: type.to.joined(separator: ", "), en: type.to.joined(separator: ", "))
            throw Failure(
                .usage, vi: "\(type.name) luôn gửi tới \(fixed.vi); không gửi riêng cho \(to) được. Đề nghị bỏ --to.",
                en: "\(type.name) always goes to \(fixed.en); it cannot be addressed to \(to). Leave out --to.")
        }
        return to
    }

    private func subject(
        _ given: String?, _ type: MessageType, besides others: Set<String>, using random: inout some RandomNumberGenerator
    ) throws(Failure) -> String? {
        let rule = CaseSubject(type.name, in: regulation)
        if let given, given.lowercased() != "new" {
            guard !given.isEmpty, given.utf8.count <= 100 else {
                throw Failure(.badData, vi: "--subject phải dài từ 1 đến 100 byte", en: "--subject must have 1 to 100 bytes")
            }
            return given
        }
        let local = regulation.calendar.local(now)
        let isTaken = { others.contains($0) || knownSubjects.contains($0) }
        switch rule {
        case .fresh(let prefix): return CaseSubject.fresh(prefix: prefix, at: local, isTaken: isTaken, using: &random)
        case .none: return nil
        case .required:
            if given != nil { return CaseSubject.fresh(prefix: CaseSubject.prefix(of: type.name, in: regulation), at: local, isTaken: isTaken, using: &random) }
            let lines = openCases.prefix(5).map { "    " + $0.line(TimeWriter(now: now, calendar: regulation.calendar)) }
            let cases =
                lines.isEmpty
                ? Wording(
                    vi: "hộp tin chưa có vụ việc nào đang mở; nếu đây là tin đầu tiên của vụ việc, ghi --subject new",
                    en: "the inbox knows of no open case; if this message is the first of its case, write --subject new")
                : Wording(
                    vi: "các vụ việc gần đây:\n\(lines.joined(separator: "\n"))\nvụ việc mới thì ghi --subject new",
                    en: "recent cases:\n\(lines.joined(separator: "\n"))\nfor a new case write --subject new")
            throw Failure(.badData, vi: "thiếu --subject (mã vụ việc); \(cases.vi)", en: "--subject (which case) is missing; \(cases.en)")
        }
    }
}

extension Failure {
    fileprivate static func rejected(_ problems: [Wording], type: String, many: Bool) -> Failure {
        let heading =
            many
            ? Wording(vi: "Không tin nào được gửi. Cần sửa:", en: "Nothing was sent. To mend:")
            : Wording(vi: "Tin \(type) chưa gửi được. Cần sửa:", en: "\(type) was not sent. To mend:")
        let limit = 40
        var told = Array(problems.prefix(limit))
        if problems.count > limit {
            told.append(Wording(vi: "… và \(problems.count - limit) chỗ khác", en: "… and \(problems.count - limit) more"))
        }
        var failure = Failure(.badData, heading, problems: told)
        failure.message.vi += "\nCác mục và ví dụ: phoihop describe \(type)"
        failure.message.en += "\nFields and an example: phoihop describe \(type)"
        return failure
    }
}

extension Wording {
    static func tooLarge(_ bytes: Int) -> Wording {
        Wording(
            vi: "tin dài \(bytes / 1024) KiB, quá \(Event.maximumBytes / 1024) KiB; đề nghị rút gọn, tệp thì gửi đường dẫn kèm SHA-256",
            en: "the message has \(bytes / 1024) KiB, more than \(Event.maximumBytes / 1024) KiB; shorten it, and give files as a reference with their SHA-256")
    }
    fileprivate static let badID = Wording(vi: "--id phải dài từ 1 đến 200 byte", en: "--id must have 1 to 200 bytes")
    fileprivate static let filesForMany = Wording(
        vi: "--file chỉ dùng cho một tin; --data có nhiều dòng", en: "--file is for one message; --data has several lines")
    fileprivate static let idForMany = Wording(vi: "--id chỉ dùng cho một tin; --data có nhiều dòng", en: "--id is for one message; --data has several lines")
}
