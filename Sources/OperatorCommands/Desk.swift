import AgentKit
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
        /// Whether it cannot wait until paperwork is done: an urgent message opened it, or somebody asks for the desk's word.
        public var isUrgent: Bool
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

    /// What to ask the coordinator: a desk shows nine obligations, and many have no key.
    public static func question(of party: PartyID) -> JSON { ["ask": "status", "party": .string(party), "atMost": 200] }

    /// The obligations to answer, the most urgent first.
    public let items: [Item]
    private let party: PartyID
    private let regulation: Regulation

    /// The obligations of a party in an answer to "status" that a key can answer.
    public init(_ status: JSON, party: PartyID, regulation: Regulation) {
        (self.party, self.regulation) = (party, regulation)
        let incidents = status["incidents"]?.array ?? []
        let own = (status["obligations"]?.array ?? []).filter { $0["obligor"]?.string == party }
        items = own.compactMap { obligation in
            guard let name = obligation["duty"]?.string, let subject = obligation["subject"]?.string, let duty = regulation.duty(name),
                !regulation.answers(to: duty, by: party).isEmpty
            else { return nil }
            let incident = incidents.first { $0["subject"]?.string == subject }
            var facts: [String: String] = [:]
            for name in ["title", "kind", "occurredAt", "device"] { facts[name] = incident?[name]?.string }
            facts["title"] = facts["title"] ?? obligation["case"]?.string
            facts["confirms"] = obligation["confirms"]?["id"]?.string
            return Item(
                duty: name, subject: subject, title: facts["title"], deadline: obligation["deadline"]?.instant, isUrgent: regulation.isUrgent(duty),
                facts: facts,
                exercise: obligation["exercise"]?.bool == true, addressee: obligation["addressee"]?.string, claim: Claim(obligation["confirms"]))
        }.sorted { one, other in
            // A report that is long overdue stands behind an incident that has just begun.
            if one.isUrgent != other.isUrgent { return one.isUrgent }
            return (one.deadline?.milliseconds ?? .max, one.subject) < (other.deadline?.milliseconds ?? .max, other.subject)
        }
    }

    /// The answers to an obligation.
    public func answers(to item: Item) -> [DeskAnswer] { regulation.duty(item.duty).map { regulation.answers(to: $0, by: party) } ?? [] }

    /// The fields that an answer to an obligation asks the officer for, in order.
    public func asked(_ answer: DeskAnswer, to item: Item) -> [String] { answer.asked(facts(for: answer, to: item).facts, in: regulation) }

    /// The command line that says an answer, `given` holding what was asked for. Nil where something that must be known is not.
    public func line(_ answer: DeskAnswer, to item: Item, given: [String: String]) -> [String]? {
        let (facts, subject) = facts(for: answer, to: item)
        var fields = subject.map { [(name: "subject", value: $0)] } ?? []
        fields += answer.said(facts, to: item.addressee, in: regulation)
        for name in answer.asked(facts, in: regulation) {
            guard let value = given[name], !value.isEmpty else { return nil }
            fields.append((name, value))
        }
        // With an equals sign, so that a value that begins with a hyphen stays a value.
        return ["publish", answer.type] + fields.map { "--\($0.name)=\($0.value)" } + (item.exercise ? ["--drill"] : [])
    }

    /// What is known for an answer, and the case that its message belongs to: a period is none, and what has a case of its own cites this one.
    private func facts(for answer: DeskAnswer, to item: Item) -> (facts: [String: String], subject: String?) {
        guard let duty = regulation.duty(item.duty) else { return (item.facts, item.subject) }
        var facts = item.facts
        if let member = regulation.citation(of: answer, to: duty) {
            facts[member] = item.subject
            // What must name a case begins one of its own.
            return (facts, CaseSubject(answer.type, in: regulation) == .required ? "new" : nil)
        }
        if case .calendar = duty.opening { return (facts, nil) }
        return (facts, item.subject)
    }
}

extension Regulation {
    /// Whether what opens a duty is urgent, or somebody's question.
    fileprivate func isUrgent(_ duty: Duty) -> Bool {
        switch duty.opening {
        case .claims: true
        case .messages(let matchers): matchers.contains { messageType($0.type)?.isUrgent == true }
        case .calendar: false
        }
    }
}

extension Desk.Claim {
    fileprivate init?(_ json: JSON?) {
        guard let json, let id = json["id"]?.string, let by = json["by"]?.string, let type = json["type"]?.string else { return nil }
        self.init(id: id, by: by, type: type, at: json["at"]?.instant, reason: json["reason"]?.string)
    }
}
