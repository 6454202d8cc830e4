import AgentKit
import Regulation
import Schemas
import Values

/// What follows from something an agent has seen.
public enum Decision: Hashable, Sendable {
    /// To be said to the other parties.
    case announce(Announcement)
    /// To be told to the operator alone.
    case tell(Logger.Level, Wording)
}

/// A message to be published in the agent's name.
public struct Announcement: Hashable, Sendable {
    /// Noun and verb.
    public var type: String
    /// The case; nil where there is none.
    public var subject: String?
    /// What is said.
    public var data: JSON

    /// A message of these parts.
    public init(type: String, subject: String?, data: JSON) { (self.type, self.subject, self.data) = (type, subject, data) }

    /// The message without what a schema has no place for: a member, or a value that the text's choice lacks.
    func fitting(_ schema: MessageSchema?) -> Announcement {
        guard let schema, let members = data.object?.members else { return self }
        let kept = members.filter { member in
            guard let field = schema.fields.first(where: { $0.name == member.key }) else { return false }
            if case .choice(let known) = field.kind, !field.isRequired, let value = member.value.string { return known.contains(value) }
            return true
        }
        return Announcement(type: type, subject: subject, data: .object(JSONObject(members: kept)))
    }
}

/// Makes new names of cases.
public struct CaseNames: Sendable {
    private var random: any RandomNumberGenerator & Sendable
    private let regulation: Regulation
    /// The latest names given, so that none is given twice.
    private var given: [String] = []
    private static let remembered = 100

    /// Names as a regulation has them.
    public init(in regulation: Regulation, random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        (self.regulation, self.random) = (regulation, random)
    }

    /// A name for the case that a message of this type begins: `SC-20261124-0815-x7kd`.
    mutating func fresh(for type: String, at instant: Instant) -> String {
        let taken = given
        let name = CaseSubject.fresh(
            prefix: CaseSubject.prefix(of: type, in: regulation), at: regulation.calendar.local(instant), isTaken: { taken.contains($0) }, using: &random)
        given = taken.suffix(CaseNames.remembered - 1) + [name]
        return name
    }
}

extension String {
    /// The text as a member of a message may hold it: at most so many code points; nil for an empty one, which no member may hold.
    func fitting(_ limit: Int) -> JSON? {
        guard !isEmpty else { return nil }
        guard unicodeScalars.count > limit else { return .string(self) }
        return .string(String(String.UnicodeScalarView(unicodeScalars.prefix(limit - 1))) + "…")
    }
}
