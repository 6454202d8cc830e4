import Messages
import Regulation
import Values

/// One message that bears on a duty, as it stands on record, every correction applied.
public struct Statement: Sendable, Hashable {
    /// What it says now.
    public var event: Event
    /// When it came in, by the coordinator's observation.
    public var arrivedAt: Instant
    /// Whether a correction took it back, or it is a claim that does not count.
    public var isWithdrawn: Bool
    /// Its place among all evidence, in the ledger's order.
    public var sequence: Int

    /// A message on which no duty hangs, as it was said; its own time stands for its arrival, which the fold does not keep.
    public init(unbound event: Event, sequence: Int) { (self.event, arrivedAt, isWithdrawn, self.sequence) = (event, event.time, false, sequence) }

    init(_ item: Evidence) { (event, arrivedAt, isWithdrawn, sequence) = (item.event, item.arrivedAt, item.isWithdrawn, item.sequence) }
}

/// All that was said of one subject and of those merged into it.
public struct CaseAccount: Sendable, Hashable {
    /// The subject that stands.
    public var subject: String
    /// The subjects merged into it, sorted.
    public var merged: [String]
    /// What was said, in the ledger's order, what was taken back included.
    public var statements: [Statement]
    /// The ids of its obligations, sorted.
    public var obligations: [String]
}

/// What a duty's standing rests on: the rule, and the messages by which it opened and was settled.
public struct Grounds: Sendable, Hashable {
    /// The duty, under the rule that the obligation was opened by.
    public var duty: Duty
    /// The message that opened it; nil for a duty of the calendar.
    public var openedBy: Event?
    /// The message that fulfilled or closed it, if one did.
    public var settledBy: Event?
    /// When that was: of an act, the instant that counts; of a closing, its arrival.
    public var settledAt: Instant?
    /// The subject of the maintenance window that holds its clock back, or did.
    public var heldBy: String?
    /// What the obligor explained, in the ledger's order.
    public var explanations: [Statement] = []
    /// The extensions of its mark that took effect, in the ledger's order.
    public var extensions: [Statement] = []
    /// That its deadline became another by other working days.
    public var rescheduling: Rescheduling?
    /// What was claimed of it, in the ledger's order, calls included.
    public var claims: [Claim] = []
}

extension LedgerState {
    /// What an obligation's standing rests on; nil for an id that there is not.
    public func grounds(of id: String) -> Grounds? {
        guard let obligation = obligations[id] else { return nil }
        var grounds = Grounds(duty: obligation.duty, openedBy: obligation.openedBy, heldBy: obligation.heldBy?.window.subject)
        (grounds.explanations, grounds.extensions) = (obligation.explanations.map { Statement($0) }, obligation.extensions.map { Statement($0) })
        grounds.rescheduling = obligation.rescheduling
        grounds.claims = obligation.claims.filter { $0.effect != .nothing }
        switch obligation.outcome {
        case .open, .void: break
        case .fulfilled(let at, let by, _): (grounds.settledBy, grounds.settledAt) = (by, at)
        case .closed(let by):
            grounds.settledBy = by
            grounds.settledAt = evidence(of: obligation.key).first { $0.event.id == by.id }?.arrivedAt ?? by.time
        }
        return grounds
    }

    /// Every subject of which something was said, merged ones within the one that stands; by the first thing said.
    public var caseAccounts: [CaseAccount] {
        var members: [String: [String]] = [:]
        for subject in cases.keys where root(of: subject) != subject { members[root(of: subject), default: []].append(subject) }
        return cases.keys.compactMap { key -> CaseAccount? in
            guard root(of: key) == key, let item = cases[key], item.evidence.contains(where: { ($0.event.subject ?? $0.event.id) == key }) else { return nil }
            let statements = corrected(evidence(of: key), of: key).filter { $0.isOfSubject && !$0.isNotice }.map { Statement($0) }
            return CaseAccount(subject: key, merged: (members[key] ?? []).sorted(), statements: statements, obligations: item.obligations.sorted())
        }.sorted { ($0.statements.first?.sequence ?? 0, $0.subject) < ($1.statements.first?.sequence ?? 0, $1.subject) }
    }

    /// Every message that bears on a duty, once each, in the ledger's order.
    public var statements: [Statement] {
        var known: [String: Statement] = [:]
        for (key, item) in cases {
            for corrected in self.corrected(item.evidence, of: key) {
                // A message may be evidence in several cases; a correction is known in that of its subject.
                let isKnown = known[corrected.event.id] != nil
                if !isKnown || corrected.amendedAt != nil || corrected.isWithdrawn { known[corrected.event.id] = Statement(corrected) }
            }
        }
        return known.values.sorted { $0.sequence < $1.sequence }
    }
}
