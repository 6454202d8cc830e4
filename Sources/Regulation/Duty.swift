import Values

/// One duty: who owes what act to whom, from when the clock runs, by when, and under which clause. One row of the regulation.
public struct Duty: Sendable, Hashable {
    /// `incident.notify-department`.
    public var id: String
    /// Clause and article, `8.2`, or `ours` where no clause orders it.
    public var article: String
    /// What is owed, in words.
    public var title: Wording
    /// Who owes it: the first that applies.
    public var obligors: [ObligorRule]
    /// To whom it is owed, if the text names anyone.
    public var addressee: PartyID?
    /// What opens an obligation.
    public var opening: Opening
    /// The member of the opening message from which the clock runs, `data.occurredAt`; nil: its arrival in the ledger.
    public var startsAt: FieldPath?
    /// By when.
    public var due: DueRule
    /// The acts that fulfil it.
    public var fulfilledBy: [Matcher]
    /// What closes it without an act: a false alarm, a merged case.
    public var closedBy: [Matcher]
    /// The steps of reminding and escalation.
    public var ladder: [Rung]
    /// The duty to which this one is an alternative: fulfilling it closes the other, and it opens no obligation of its own.
    public var alternativeTo: String?

    /// The types that bear on the duty.
    public var types: Set<String> {
        var types = Set((fulfilledBy + closedBy).map(\.type))
        if case .messages(let matchers) = opening { types.formUnion(matchers.map(\.type)) }
        types.formUnion(obligors.compactMap(\.named?.type))
        for dueCase in due.cases {
            if case .field(let type?, _) = dueCase.term { types.insert(type) }
            if case .operation = dueCase.term { types.insert(DueTerm.operationEvidence) }
        }
        return types
    }
}

/// Who owes a duty, in which case.
public struct ObligorRule: Sendable, Hashable {
    /// What the opening message must say for this rule to apply.
    public var conditions: [Condition]
    /// Who owes it; nil where a message names the party.
    public var party: PartyID?
    /// The message and the member that name the party: who the plan names.
    public var named: NamedField?
}

/// A member of a message of a given type.
public struct NamedField: Sendable, Hashable {
    /// Noun and verb.
    public var type: String
    /// The member.
    public var path: FieldPath
}

/// What opens an obligation.
public enum Opening: Sendable, Hashable {
    /// A message; one obligation for each case (the message's subject).
    case messages([Matcher])
    /// The calendar; one obligation for each period.
    case calendar(Recurrence)
}

/// How often a duty of the calendar recurs, and when in the period it opens.
public enum Recurrence: Sendable, Hashable {
    /// Every day, holidays included.
    case daily(TimeOfDay)
    /// Every working day.
    case workingDaily(TimeOfDay)
    /// Every week on this weekday, 1 for Monday.
    case weekly(Int, TimeOfDay)
    /// Every month on this day.
    case monthly(Int, TimeOfDay)
    /// Every quarter, on its first day.
    case quarterly(TimeOfDay)
    /// Every year on this day.
    case yearly(month: Int, day: Int, TimeOfDay)
}

/// Which messages are meant.
public struct Matcher: Sendable, Hashable {
    /// Noun and verb.
    public var type: String
    /// Whose messages; empty: anyone's who may send the type.
    public var from: [PartyID]
    /// What they must say.
    public var conditions: [Condition]
    /// The member that holds the instant of the act; believed only where `confirmedBy` confirms. Nil: the arrival.
    public var at: FieldPath?
    /// Who must confirm the message before it counts.
    public var confirmedBy: PartyID?
    /// For a duty of the calendar, the member that tells which period is meant; nil: the arrival.
    public var period: FieldPath?
}

/// A member of a message and the values it may have.
public struct Condition: Sendable, Hashable {
    /// The member.
    public var path: FieldPath
    /// The values that satisfy the condition.
    public var values: [JSON]
}

/// A member of an envelope, by the keys that lead to it: `data.occurredAt`.
public struct FieldPath: Sendable, Hashable, CustomStringConvertible {
    /// The keys, from the envelope down.
    public var keys: [String]

    /// The path written with dots between the keys.
    public init(_ text: String) { keys = text.split(separator: ".").map(String.init) }

    /// With dots between the keys.
    public var description: String { keys.joined(separator: ".") }
}

/// By when a duty is due.
public struct DueRule: Sendable, Hashable {
    /// Where a due time comes from.
    public enum Basis: String, Sendable, CaseIterable {
        /// The text of the regulation.
        case law
        /// A monitoring mark of this system: configurable, and called so in every notice.
        case mark
    }
    /// Where the due time comes from.
    public var basis: Basis
    /// The first case that applies decides; none: no due time.
    public var cases: [DueCase]
    /// The devices whose hours of operation decide.
    public var devices: [String] {
        cases.compactMap { if case .operation(let device, _, _, _) = $0.term { device } else { nil } }
    }
}

/// One case of a due rule.
public struct DueCase: Sendable, Hashable {
    /// What the opening message must say.
    public var conditions: [Condition]
    /// Whether the clock must have started within working hours.
    public var duringWorkingHours: Bool
    /// The term.
    public var term: DueTerm
}

/// How a deadline is reckoned from the start of the clock.
public enum DueTerm: Sendable, Hashable {
    /// So long after the start; the last instant is still in time.
    case within(Span)
    /// By the end of the n-th working day after the day of the start, which does not count itself.
    case workingDays(Int)
    /// After so much working time.
    case workingHours(Span)
    /// At this time of the next working day.
    case nextWorkingDay(TimeOfDay)
    /// At this time of the day on which the period opens.
    case timeOfDay(TimeOfDay)
    /// Before this day of the period's year, which itself is late.
    case before(month: Int, day: Int)
    /// At the end of the period.
    case endOfPeriod
    /// The instant that a member names: of the opening message, or of the latest message of a type in the case.
    case field(type: String?, FieldPath)
    /// The instant at which the device can no longer have been in operation so long between these times (khoản 1 Điều 8).
    case operation(device: String, minimum: Span, from: TimeOfDay, to: TimeOfDay)

    /// The message type that shows whether a device is in operation.
    public static let operationEvidence = "device.status-changed"
}

/// One step of a ladder.
public struct Rung: Sendable, Hashable {
    /// When the step is taken.
    public enum Moment: Sendable, Hashable {
        /// As soon as the obligation opens.
        case opening
        /// So long before the deadline.
        case before(Span)
        /// On the last working day before the deadline's day.
        case lastWorkingDayBefore(TimeOfDay)
        /// At the deadline.
        case deadline
        /// So long after the deadline.
        case after(Span)
        /// Again and again after the deadline, at most so many times.
        case every(Span, times: Int)
        /// Again and again from the start, every so many working days, at most so many times.
        case everyWorkingDays(Int, times: Int)
        /// When the obligation is fulfilled.
        case settled
    }
    /// When.
    public var moment: Moment
    /// To whom: `obligor`, `addressee`, or a party's id.
    public var to: [String]
    /// Who gets a copy.
    public var copy: [String]
    /// The name of its wording.
    public var wording: String

    /// The step's name in notice ids: `opening`, `before-PT30M`, `deadline`, `after-PT30M`, `every-PT1H`, `settled`.
    public var id: String {
        switch moment {
        case .opening: "opening"
        case .before(let span): "before-\(span)"
        case .lastWorkingDayBefore: "last-working-day"
        case .deadline: "deadline"
        case .after(let span): "after-\(span)"
        case .every(let span, _): "every-\(span)"
        case .everyWorkingDays(let days, _): "every-\(days)-working-days"
        case .settled: "settled"
        }
    }

    /// The message type of its notices.
    public var messageType: String {
        switch moment {
        case .opening: "duty.opened"
        case .before, .lastWorkingDayBefore, .everyWorkingDays: "duty.reminded"
        case .deadline, .every: "duty.overdue"
        case .after: "duty.escalated"
        case .settled: "duty.fulfilled"
        }
    }
}
