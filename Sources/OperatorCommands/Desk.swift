import Regulation
import Values

/// What a desk has to answer, and the answers that take one key each. From the coordinator's answer to "status" come the obligations of the desk's party;
/// out comes the command line that says the answer.
public struct Desk: Sendable {
    /// An obligation of the desk's own.
    public struct Item: Sendable, Hashable {
        /// The duty.
        public var duty: String
        /// The case.
        public var subject: String
        /// What it is about, in words.
        public var title: String?
        /// By when it is due.
        public var deadline: Instant?
        /// What is known of the incident: `kind`, `occurredAt`, `device`, as its messages have them.
        public var facts: [String: String]
        /// Whether it belongs to a drill.
        public var exercise: Bool
        /// To whom it is owed.
        public var addressee: PartyID?
        /// Of a claim or a call that is to be answered: its id, who said it, of which type, and why.
        public var claim: Claim?
    }

    /// A claim or a call that somebody asks the desk about.
    public struct Claim: Sendable, Hashable {
        /// The message's id.
        public var id: String
        /// Who said it.
        public var by: PartyID
        /// Noun and verb.
        public var type: String
        /// When it was written.
        public var at: Instant?
        /// What it says in its own words.
        public var reason: String?
    }

    /// An answer to an obligation.
    public struct Answer: Sendable, Hashable {
        /// The key that chooses it.
        public var key: Character
        /// What the key stands for.
        public var label: Wording
        /// The message it says.
        public var type: String
        /// The fields it takes from what is known.
        public var known: [String]
        /// The fields it takes as they are.
        public var fixed: [String: String]
        /// The fields to ask the officer for, in order.
        public var asked: [String]
        /// Whether it was said by telephone to whom it is owed.
        public var isCall = false
    }

    /// What to ask the coordinator: a desk shows nine obligations, and some have no key.
    public static func question(of party: PartyID) -> JSON { ["ask": "status", "party": .string(party), "atMost": 200] }

    /// The obligations to answer, the most urgent first.
    public let items: [Item]

    /// The obligations of a party in an answer to "status" that a key can answer.
    public init(_ status: JSON, party: PartyID) {
        let incidents = status["incidents"]?.array ?? []
        let own = (status["obligations"]?.array ?? []).filter { $0["obligor"]?.string == party && Desk.answers[$0["duty"]?.string ?? ""] != nil }
        items = own.compactMap { obligation in
            guard let duty = obligation["duty"]?.string, let subject = obligation["subject"]?.string else { return nil }
            let incident = incidents.first { $0["subject"]?.string == subject }
            var facts: [String: String] = [:]
            for name in ["title", "kind", "occurredAt", "device"] { facts[name] = incident?[name]?.string }
            facts["title"] = facts["title"] ?? obligation["case"]?.string
            facts["confirms"] = obligation["confirms"]?["id"]?.string
            return Item(
                duty: duty, subject: subject, title: facts["title"], deadline: obligation["deadline"]?.instant, facts: facts,
                exercise: obligation["exercise"]?.bool == true, addressee: obligation["addressee"]?.string, claim: Claim(obligation["confirms"]))
        }.sorted { ($0.deadline?.milliseconds ?? .max, $0.subject) < ($1.deadline?.milliseconds ?? .max, $1.subject) }
    }

    /// The answers to an obligation.
    public static func answers(to item: Item) -> [Answer] { answers[item.duty] ?? [] }

    private static let answers: [String: [Answer]] = [
        "incident.notify-department": [
            Answer(
                key: "1", label: Wording(vi: "thông tin cho Sở ngay bây giờ", en: "inform the Department now"), type: "incident.notified",
                known: ["kind", "occurredAt", "title", "device"], fixed: [:], asked: ["officer"]),
            Answer(
                key: "2", label: Wording(vi: "báo động nhầm", en: "false alarm"), type: "incident.dismissed", known: [], fixed: [:],
                asked: ["reason", "officer"]),
            Answer(
                key: "3", label: Wording(vi: "đã gọi điện cho Sở", en: "already telephoned the Department"), type: "communication.recorded", known: [],
                fixed: ["means": "telephone", "regarding": "incident.notified"], asked: ["calledAt", "answeredBy", "caller"], isCall: true),
        ],
        "notice.reach": [
            Answer(
                key: "1", label: Wording(vi: "đã gọi điện, có người nghe", en: "telephoned, and somebody took it"), type: "communication.recorded", known: [],
                fixed: ["means": "telephone", "regarding": "incident.notified"], asked: ["calledAt", "answeredBy", "caller"], isCall: true),
            Answer(
                key: "2", label: Wording(vi: "đã gọi, không ai nghe", en: "telephoned, and nobody answered"), type: "communication.attempted", known: [],
                fixed: [:], asked: ["calledAt", "number", "caller"], isCall: true),
        ],
        "communication.confirm": [
            Answer(
                key: "1", label: Wording(vi: "đúng", en: "yes, that is right"), type: "communication.confirmed", known: ["confirms"],
                fixed: ["outcome": "confirmed"], asked: ["officer"]),
            Answer(
                key: "2", label: Wording(vi: "không đúng", en: "no, that is not right"), type: "communication.confirmed", known: ["confirms"],
                fixed: ["outcome": "denied"], asked: ["note", "officer"]),
            Answer(
                key: "3", label: Wording(vi: "người trực không biết, phải hỏi lại", en: "nobody on duty knows, somebody must be asked"),
                type: "communication.confirmed", known: ["confirms"], fixed: ["outcome": "unknown"], asked: ["officer"]),
        ],
        "incident.acknowledge": [
            Answer(
                key: "1", label: Wording(vi: "xác nhận đã nhận thông tin", en: "acknowledge"), type: "incident.acknowledged", known: [], fixed: [:],
                asked: ["officer"])
        ],
        "incident.brief-committee": [
            Answer(
                key: "1", label: Wording(vi: "báo cáo nhanh UBND tỉnh", en: "brief the People's Committee"), type: "incident.briefed", known: [], fixed: [:],
                asked: ["summary", "officer"])
        ],
        "incident.resolve": [
            Answer(
                key: "1", label: Wording(vi: "đã khắc phục xong", en: "resolved"), type: "incident.resolved", known: [], fixed: [:],
                asked: ["resolvedAt", "measures", "officer"])
        ],
    ]

    /// The command line that says an answer, `given` holding what was asked for. Nil where something that must be known is not.
    public static func line(_ answer: Answer, to item: Item, given: [String: String], in regulation: Regulation) -> [String]? {
        var fields: [(String, String)] = [("subject", item.subject)]
        for name in answer.known {
            guard let value = item.facts[name] else {
                if name == "device" { continue }
                return nil
            }
            fields.append((name, value))
        }
        if answer.isCall { fields.append(("to", item.addressee ?? regulation.lead)) }
        fields += answer.fixed.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        for name in answer.asked {
            guard let value = given[name], !value.isEmpty else { return nil }
            fields.append((name, value))
        }
        // With an equals sign, so that a value that begins with a hyphen stays a value.
        return ["publish", answer.type] + fields.map { "--\($0.0)=\($0.1)" } + (item.exercise ? ["--drill"] : [])
    }
}

extension Desk.Claim {
    fileprivate init?(_ json: JSON?) {
        guard let json, let id = json["id"]?.string, let by = json["by"]?.string, let type = json["type"]?.string else { return nil }
        self.init(id: id, by: by, type: type, at: json["at"]?.instant, reason: json["reason"]?.string)
    }
}
