import Schemas
import Values

/// An answer to a duty at the desk of whoever owes it: the key, and the message that it says.
public struct DeskAnswer: Sendable, Hashable {
    /// The key that chooses it.
    public var key: Character
    /// What the key stands for.
    public var label: Wording
    /// The message type.
    public var type: String
    /// The members that are taken from what is known of the case. One that nobody knows is asked for where the type requires it, else left out.
    public var known: [String] = []
    /// The members that are the same in every case.
    public var says = JSONObject()
    /// Whom it is said to, where the message names that: `addressee`, to whom the duty is owed, or a party.
    public var to: String?
    /// The members that the officer is asked for, in order.
    public var asks: [String] = []

    /// In the place of a party: to whom the duty is owed.
    public static let addressee = "addressee"
    /// What may be known of a case: what its messages say of it, and the claim that is to be answered.
    public static let facts = ["title", "kind", "occurredAt", "device", "cause", "confirms"]

    /// The members that are said without asking, each as text.
    ///
    /// - Parameters:
    ///   - facts: what is known of the case, by member.
    ///   - addressee: to whom the duty is owed, where anybody is named.
    public func said(_ facts: [String: String], to addressee: PartyID?, in regulation: Regulation) -> [(name: String, value: String)] {
        var said = known.compactMap { name in facts[name].map { (name: name, value: $0) } }
        if let to { said.append(("to", to == DeskAnswer.addressee ? addressee ?? regulation.lead : to)) }
        return said + says.members.map { ($0.key, $0.value.string ?? $0.value.text) }
    }

    /// The members to ask the officer for, in order: what the type requires of what is usually known and is not, then what is asked in any case.
    public func asked(_ facts: [String: String], in regulation: Regulation) -> [String] {
        let fields = regulation.schema(of: type)?.fields ?? []
        return known.filter { name in facts[name] == nil && fields.contains { $0.name == name && $0.isRequired } } + asks
    }
}

extension Regulation {
    /// The answers of a party to a duty, at its desk: those of the duty's row, else one for each act that fulfils it; of these, what the party may say.
    public func answers(to duty: Duty, by party: PartyID) -> [DeskAnswer] {
        (desks[duty.id] ?? derivedAnswers(to: duty, by: party)).filter { messageType($0.type)?.from.contains(party) == true }
    }

    /// The member in which an answer names the case that it is about, where its message has a case of its own; nil where it belongs to the case itself.
    public func citation(of answer: DeskAnswer, to duty: Duty) -> String? {
        guard duty.opening != .claims else { return nil }
        return duty.fulfilledBy.first { $0.type == answer.type }?.citing?.keys.last
    }
}
