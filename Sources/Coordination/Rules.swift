import Messages
import Regulation
import Values

/// A regulation in force and what is looked up in it often. Obligations hold the one they were opened under.
final class Rules: Sendable {
    let regulation: Regulation
    let reader: MessageReader
    private let types: [String: TypeRules]
    /// What moves or ends what is owed, by type.
    let claims: ClaimRules
    /// Who puts right what in what others said.
    let corrections: Corrections
    /// The duty of those who must answer claims; nil where nobody must.
    let answering: Duty?
    /// How the article of each duty is cited.
    private let citations: [String: Wording]

    init(_ regulation: Regulation, allowedSkew: Span) {
        self.regulation = regulation
        reader = MessageReader(regulation: regulation, allowedSkew: allowedSkew)
        var duties: [String: [Duty]] = [:]
        // An alternative is a way to end another duty, and opens nothing.
        for duty in regulation.duties where duty.alternativeTo == nil { for type in duty.types { duties[type, default: []].append(duty) } }
        let shown = Set(regulation.operations.map(\.shownBy))
        var types = Dictionary(
            uniqueKeysWithValues: regulation.messageTypes.map { type -> (String, TypeRules) in
                let claim = regulation.claimRule(of: type.name)
                let kinds = regulation.caseKinds.filter { $0.part(of: type.name) != nil }
                // What names the message that it says yes or no to.
                let isAnswer = type.schema?.fields.contains { $0.name == "confirms" } ?? false
                let needsCase = kinds.allSatisfy { kind in
                    let part = kind.part(of: type.name)
                    return kind.near != nil && (part == .continues || part == .ends) && !kind.mayBegin.contains(type.name)
                        && kind.begins.allSatisfy { duties[$0] != nil }
                }
                let rules = TypeRules(
                    message: type, duties: duties[type.name] ?? [], claim: claim, isAnswer: isAnswer,
                    isOfCase: isAnswer || claim?.into != nil || claim?.corrects != nil || kinds.contains { $0.stages.contains { $0.type == type.name } },
                    begins: kinds.contains { $0.begins.contains(type.name) },
                    mayBegin: kinds.contains { $0.begins.contains(type.name) || $0.mayBegin.contains(type.name) }, kind: kinds.first,
                    isOperation: shown.contains(type.name),
                    isWindow: type.name == regulation.maintenance?.opens || type.name == regulation.maintenance?.closes,
                    needsCase: needsCase && !kinds.isEmpty && !isAnswer, declaresDay: type.name == regulation.calendar.declares,
                    declaresPhone: type.name == regulation.declaresPhone)
                return (type.name, rules)
            })
        // Looked into for every record: in a sparse table the first look finds it.
        types.reserveCapacity(4 * types.count)
        self.types = types
        claims = ClaimRules(regulation)
        corrections = Corrections(regulation)
        answering = regulation.duties.first { $0.opening == .claims }
        citations = Dictionary(regulation.duties.map { ($0.article, regulation.citation.cite($0.article)) }) { first, _ in first }
    }

    /// What the regulation makes of messages of a type; nil where it has none.
    subscript(type: String) -> TypeRules? { types[type] }

    /// How an article is cited.
    func citation(of article: String) -> Wording { citations[article] ?? regulation.citation.cite(article) }
}

/// What a regulation makes of the messages of one type.
final class TypeRules: Sendable {
    let message: MessageType
    /// The duties on which it bears.
    let duties: [Duty]
    /// What it moves or ends of what is owed; nil where it claims nothing.
    let claim: ClaimRule?
    /// Whether it says yes or no to a claim.
    let isAnswer: Bool
    /// Whether it is known of its case whatever is owed there: it bears on every duty, or is a step of the case.
    let isOfCase: Bool
    /// Whether it begins a case.
    let begins: Bool
    /// Whether it begins one where none is known.
    let mayBegin: Bool
    /// The first kind of case it is about.
    let kind: CaseKind?
    /// Whether the course of cases of this kind is told.
    let isFollowed: Bool
    /// Whether it shows that a device is in operation.
    let isOperation: Bool
    /// Whether it announces or ends a maintenance window.
    let isWindow: Bool
    /// Whether it only continues or ends cases, which something else must have begun.
    let needsCase: Bool
    /// Whether it declares a day worked or off.
    let declaresDay: Bool
    /// Whether it declares a telephone number.
    let declaresPhone: Bool

    init(
        message: MessageType, duties: [Duty], claim: ClaimRule?, isAnswer: Bool, isOfCase: Bool, begins: Bool, mayBegin: Bool, kind: CaseKind?,
        isOperation: Bool,
        isWindow: Bool, needsCase: Bool, declaresDay: Bool, declaresPhone: Bool
    ) {
        (self.message, self.duties, self.claim, self.isAnswer, self.isOfCase) = (message, duties, claim, isAnswer, isOfCase)
        isFollowed = kind?.isFollowed == true
        (self.begins, self.mayBegin, self.kind, self.isOperation, self.isWindow) = (begins, mayBegin, kind, isOperation, isWindow)
        (self.needsCase, self.declaresDay, self.declaresPhone) = (needsCase, declaresDay, declaresPhone)
    }
}

/// What moves or ends what is owed, by type. There are few such types, and every message is asked about: most differ from all of them in length.
struct ClaimRules: Sendable {
    private let rules: [(length: Int, rule: ClaimRule)]

    init(_ regulation: Regulation) { rules = regulation.caseKinds.flatMap(\.claims).map { ($0.type.utf8.count, $0) } }

    /// The rule of a type; nil where a message of this type claims nothing.
    subscript(type: String) -> ClaimRule? {
        let length = type.utf8.count
        return rules.first { $0.length == length && $0.rule.type == type }?.rule
    }
}

/// Who puts right what in what others said: the sender of a message and the party that leads, by a correction that names it.
struct Corrections: Sendable {
    private let lead: PartyID
    private let rules: [(type: String, members: Set<String>)]

    init(_ regulation: Regulation) {
        lead = regulation.lead
        rules = regulation.caseKinds.flatMap(\.claims).compactMap { rule in rule.corrects.map { (rule.type, Set($0)) } }
    }

    /// The members that a message of a type may put right in another; nil where it is no correction.
    private func members(_ type: String) -> Set<String>? { rules.first { $0.type == type }?.members }

    /// Whether a message is a correction that was not itself taken back.
    private func isCorrection(_ item: Evidence) -> Bool { members(item.event.type) != nil && !item.isWithdrawn }

    /// The evidence with every correction applied. A correction replaces members of the message it names, or takes it back. The order in which message and
    /// correction arrived does not matter.
    func applied(to evidence: [Evidence]) -> [Evidence] {
        guard evidence.indices.contains(where: { members(evidence[$0].event.type) != nil }) else { return evidence }
        var result = evidence
        // Latest first, so that a correction which was itself taken back is out before it is applied; then the rest in order.
        for index in result.indices.reversed() where isCorrection(result[index]) && result[index].event.takesBack != nil { apply(result[index], to: &result) }
        for index in result.indices where isCorrection(result[index]) && result[index].event.takesBack == nil { apply(result[index], to: &result) }
        return result
    }

    private func apply(_ correction: Evidence, to evidence: inout [Evidence]) {
        guard let target = evidence.firstIndex(where: { $0.event.id == correction.event.data["corrects"]?.string }), !evidence[target].isWithdrawn,
            correction.event.sender == evidence[target].event.sender || correction.event.sender == lead
        else { return }
        if correction.event.takesBack != nil { evidence[target].isWithdrawn = true }
        let correctable = members(correction.event.type) ?? []
        for member in correction.event.data.object?.members ?? [] where correctable.contains(member.key) {
            if var data = evidence[target].event.data.object {
                data[member.key] = member.value
                evidence[target].event.data = .object(data)
            }
        }
        if let exercise = correction.event.data["exercise"]?.bool { evidence[target].event.exercise = exercise }
        evidence[target].amendedAt = max(evidence[target].amendedAt ?? correction.arrivedAt, correction.arrivedAt)
    }
}
