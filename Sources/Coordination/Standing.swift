import Regulation
import Values

/// How one duty stands: who owes it, by when, and what became of it.
public struct Standing: Sendable, Hashable {
    /// What became of it.
    public enum Outcome: Sendable, Hashable {
        /// It still awaits its act.
        case open
        /// Done at an instant.
        case fulfilled(at: Instant)
        /// Ended without the act, by a message of this type: a false alarm, a merged case.
        case closed(by: String)
        /// What opened it was taken back.
        case void
    }
    /// The obligation's id.
    public var id: String
    /// The duty's id.
    public var duty: String
    /// The subject of its case, or the first day of its period.
    public var subject: String
    /// Who owes it.
    public var obligor: PartyID
    /// What is said of the case.
    public var title: String?
    /// When it opened.
    public var openedAt: Instant
    /// From when the clock runs.
    public var startsAt: Instant
    /// The last instant that is in time; nil where none is set.
    public var deadline: Instant?
    /// What became of it.
    public var outcome: Outcome
    /// Whether it was done after its deadline.
    public var isLate: Bool
    /// Whether it belongs to a drill.
    public var exercise: Bool

    /// Whether it is open and its deadline has passed.
    public func isOverdue(asOf now: Instant) -> Bool { outcome == .open && deadline.map { now > $0 } == true }

    init(_ obligation: Obligation) {
        (id, duty, obligor, title) = (obligation.id, obligation.duty.id, obligation.obligor, obligation.title)
        subject = obligation.period?.key ?? obligation.subject
        (openedAt, startsAt, deadline) = (obligation.openedAt, obligation.startsAt, obligation.deadline)
        (isLate, exercise) = (obligation.isLate, obligation.exercise)
        outcome =
            switch obligation.outcome {
            case .open: .open
            case .fulfilled(let at, _, _): .fulfilled(at: at)
            case .closed(let event): .closed(by: event.type)
            case .void: .void
            }
    }
}

extension LedgerState {
    /// Every obligation that ever opened, by the time of its opening.
    public var standings: [Standing] { obligations.values.map { Standing($0) }.sorted { ($0.openedAt, $0.id) < ($1.openedAt, $1.id) } }
}
