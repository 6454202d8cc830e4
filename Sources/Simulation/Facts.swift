import Coordination
import Messages
import Regulation
import Schemas
import Values

/// What a scenario has said so far, for what the next line leaves out.
struct Facts {
    private let regulation: Regulation
    /// The types that wait for somebody's word before they count.
    private let awaitingWord: Set<String>
    private var cases: [String: JSONObject] = [:]
    /// The cases' names, in the order of their beginning.
    private(set) var names: [String] = []
    private var caseOfDevice: [String: String] = [:]
    private(set) var messages: [String: (event: Event, to: String)] = [:]
    private var openedBy: [String: String] = [:]
    /// What waits to be confirmed, by case: a telephone call, a report sent as a document, a claim, a window.
    private var unconfirmed: [String: String] = [:]
    private var changes: [(device: String, at: Instant, isDown: Bool, cause: String)] = []

    init(_ regulation: Regulation) {
        self.regulation = regulation
        let confirmed = regulation.duties.flatMap(\.fulfilledBy).filter { $0.confirmedBy != nil }.map(\.type)
        awaitingWord = Set(confirmed + regulation.caseKinds.flatMap(\.claims).map(\.type) + [regulation.maintenance?.opens].compactMap(\.self))
    }

    mutating func note(_ event: Event, to: String) {
        messages[event.id] = (event, to)
        if event.type == regulation.operations.first?.shownBy, let device = event.data["device"]?.string, let since = event.data["since"]?.instant {
            let status = event.data["status"]?.string ?? ""
            let isDown = Operation.isDown(status)
            changes.append((device, since, isDown, event.data["cause"]?.string ?? (status == "maintenance" ? "maintenance" : "fault")))
        }
        guard let subject = event.subject else { return }
        if cases[subject] == nil {
            names.append(subject)
            openedBy[subject] = event.id
        }
        if awaitingWord.contains(event.type) { unconfirmed[subject] = event.id }
        for member in event.data.object?.members ?? [] { cases[subject, default: JSONObject()][member.key] = member.value }
        if cases[subject] == nil { cases[subject] = JSONObject() }
        if let device = event.data["device"]?.string { caseOfDevice[device] = subject }
    }

    /// The case that a word means: its name, or that of a device, whose last case it is.
    func subject(_ word: String) -> String? {
        if cases[word] != nil || names.contains(where: { LedgerState.nameBeside(drill: $0) == word }) { return word }
        return caseOfDevice[word] ?? messages[word]?.event.subject
    }
    /// The last case whose name begins so.
    func lastSubject(_ prefix: String) -> String? { names.last { $0.hasPrefix(prefix + "-") } }
    /// A name that no case has yet: `SC-1`.
    func freshSubject(_ prefix: String) -> String {
        var number = 1
        while cases["\(prefix)-\(number)"] != nil { number += 1 }
        return "\(prefix)-\(number)"
    }
    /// The message that a word means, as what a correction corrects: its id, or that of a case, which means what opened it.
    func message(_ word: String) -> String? { messages[word] == nil ? openedBy[subject(word) ?? word] : word }

    /// Whom a message goes to where its line does not say: who was asked, else who began the case that it cites or belongs to, and what such a one says
    /// itself, to whom its first message of the case went. Nil: to the fixed addressees alone.
    func addressee(of data: JSONObject, _ subject: String?, sender: PartyID) -> PartyID? {
        if let asked = (data["askedOf"] ?? data["orderedFrom"])?.string { return asked }
        let cited = (data["request"] ?? data["directive"])?.string ?? subject
        guard let first = cited.flatMap({ openedBy[$0] }).flatMap({ messages[$0] }) else { return nil }
        if first.event.sender != sender { return first.event.sender }
        return first.to == RoutingKey.all ? nil : first.to
    }

    /// What stands for a required member that the line does not name.
    func standIn(for field: MessageSchema.Field, in form: MessageSchema, of subject: String?, sender: PartyID, at now: Instant) -> JSON? {
        let known = subject.flatMap { cases[$0] }
        let offset = regulation.calendar.offset
        let today = regulation.calendar.local(now).date
        if Facts.lasting.contains(field.name), let value = known?[field.name] { return value }
        switch (field.name, field.kind) {
        // A case whose course is told is of its kind's first sort, and named after its kind.
        case ("kind", .choice(let kinds)) where regulation.isFollowed(form.type): return kinds.first.map { .string($0) }
        case ("title", _) where regulation.isFollowed(form.type): return regulation.caseKind(of: form.type).map { .string("\($0.kind.name.vi) theo kịch bản") }
        case ("title", _), ("contentTitle", _): return "nội dung theo kịch bản"
        case ("officer", _), ("caller", _), ("answersFor", _): return .string("Trực ban " + (regulation.party(sender)?.name.vi ?? sender))
        // Whom one calls is the party that leads, where nobody else is named.
        case ("to", _): return .string(regulation.lead)
        case ("answeredBy", _): return .string("Trực ban " + (regulation.party(regulation.lead)?.name.vi ?? ""))
        case ("confirms", _): return subject.flatMap { unconfirmed[$0] }.map { .string($0) }
        case ("channel", .choice(let channels)): return channel(among: channels, of: sender).map { .string($0) }
        case ("grounds", .choice(let grounds)): return grounds.first.map { .string($0) }
        case ("account", _): return .string(sender)
        case ("inOrder", .flag): return true
        case ("year", .integer): return .int(Int64(today.year))
        case ("budgetYear", .integer): return .int(Int64(today.year + 1))
        case ("letters", .integer): return 0
        case (_, .instant): return JSON(now, offset: offset)
        case ("date", .date), ("heldOn", .date), ("registeredOn", .date), ("changedOn", .date): return .string(today.description)
        case ("corrects", _), ("into", _), (_, .choice): return nil
        case (_, .text): return form.takes("theo kịch bản", as: field.name) ? "theo kịch bản" : form.example(of: field.name)
        default: return form.example(of: field.name)
        }
    }

    /// Where a party hears what is brought to it: who empties a box finds it there, others are told at their own door.
    private func channel(among channels: [String], of sender: PartyID) -> String? {
        let own = Set(regulation.messageTypes.filter { $0.from.contains(sender) }.map { String($0.name.prefix { $0 != "." }) })
        return channels.first(where: own.contains) ?? channels.first { $0 == "station" }
    }

    /// What stays the same through a case, and is repeated by its later messages.
    private static let lasting: Set = ["kind", "occurredAt", "title", "contentTitle", "budgetYear", "amount", "account", "topic", "place"]

    /// What was said of a case.
    func repeated(_ name: String, of subject: String) -> JSON? { cases[subject]?[name] }

    /// The day's record as the agent draws it up that watches what must be in operation.
    func dayRecord(at now: Instant) -> JSONObject {
        let calendar = regulation.calendar
        let date = calendar.local(now).date
        guard let term = regulation.operations.first else { return JSONObject() }
        let (opens, closes) = (calendar.instant(date, term.from), calendar.instant(date, term.to))
        let own = changes.filter { $0.device == term.device }.sorted { $0.at < $1.at }
        var lost = JSONObject()
        for (index, change) in own.enumerated() where change.isDown {
            let end = min(index + 1 < own.count ? own[index + 1].at : closes, closes)
            let minutes = (end - max(change.at, opens)).milliseconds / 60_000
            if minutes > 0 { lost[change.cause] = .int((lost[change.cause]?.int ?? 0) + minutes) }
        }
        let operated = (closes - opens).milliseconds / 60_000 - lost.members.reduce(0) { $0 + ($1.value.int ?? 0) }
        let causes = lost.members.map { member -> JSON in ["cause": .string(member.key), "minutes": member.value] }
        return [
            "date": .string(date.description), "windowFrom": .string(term.from.description), "windowTo": .string(term.to.description),
            "minimumMinutes": .int(term.minimum.milliseconds / 60_000), "operatedMinutes": .int(operated),
            "devices": [["device": .string(term.device), "operatedMinutes": .int(operated), "noRecordMinutes": 0, "lost": .array(causes)]],
        ]
    }

    /// What a device's failure is called.
    func title(of device: String) -> String { regulation.device(device)?.failure.vi ?? "\(device) không hoạt động" }
}

extension MessageSchema {
    /// Whether a member may have this value.
    func takes(_ value: JSON, as name: String) -> Bool { problems(with: value, as: name).isEmpty }

    /// What the example in the schema's file has for a member.
    func example(of name: String) -> JSON? {
        document["examples"]?.array?.lazy.compactMap { $0[name] }.first
    }
}
