import Values

/// One duty: who owes what act to whom, from when the clock runs, by when, and under which clause. One row of the regulation.
public struct Duty: Sendable, Hashable {
    /// `incident.notify-department`.
    public var id: String
    /// Clause and article, `8.2`, or `ours` where no clause orders it.
    public var article: String
    /// What is owed, in words.
    public var title: Wording
    /// Who owes it: the first that applies. Empty where many owe it, each for itself.
    public var obligors: [ObligorRule]
    /// The parties of which each has an obligation of its own; nil where one party owes it.
    public var each: EachObligor?
    /// To whom it is owed, if the text names anyone.
    public var addressees: [Addressee]
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
    /// What an announced maintenance window holds back of it; nil: nothing.
    public var maintenance: MaintenanceRule?
    /// The duty to which this one is an alternative: fulfilling it closes the other, and it opens no obligation of its own.
    public var alternativeTo: String?

    /// The types that bear on the duty.
    public var types: Set<String> {
        var types = Set((fulfilledBy + closedBy).map(\.type))
        if case .messages(let matchers) = opening { types.formUnion(matchers.map(\.type)) }
        types.formUnion(obligors.flatMap { [$0.named?.type, $0.senderOf].compactMap(\.self) })
        for addressee in addressees { if case .sender(let type) = addressee { types.insert(type) } }
        for dueCase in due.cases {
            if case .field(let type?, _, _) = dueCase.term { types.insert(type) }
            if case .operation(let operation) = dueCase.term { types.insert(operation.shownBy) }
        }
        types.formUnion(maintenance?.endedBy ?? [])
        return types
    }
}

/// Which cases an announced maintenance window holds back: their clock begins when the window ends.
public struct MaintenanceRule: Sendable, Hashable {
    /// What must be said of the case.
    public var conditions: [Condition]
    /// The kinds of window that hold it back; empty: any.
    public var kinds: [String]
    /// The member that only what a monitor finds has: what a person reports is never held back. Nil: it does not matter who found it.
    public var found: FieldPath?
    /// The messages that end the case while the window is open: what was planned is over, and nothing is owed.
    public var endedBy: [String]
}

/// Who owes a duty, in which case.
public struct ObligorRule: Sendable, Hashable {
    /// What the opening message must say for this rule to apply.
    public var conditions: [Condition]
    /// Who owes it; nil where a message names the party.
    public var party: PartyID?
    /// The message and the member that name the party: who the plan names.
    public var named: NamedField?
    /// The message whose sender owes it: who convened the meeting.
    public var senderOf: String?
    /// The message by which the party hands it over: where the device of the case does not work then, or the next party says so, that party owes it from then on.
    public var until: String?
}

/// The parties of which each has an obligation of its own, `<duty>/<case>/<party>`.
public enum EachObligor: Sendable, Hashable {
    /// Every party of a list.
    case of([PartyID])
    /// Whom a member of the opening message names: the party asked.
    case named(in: FieldPath)
    /// Whoever must answer a claim, or say whether a call took place: each for itself.
    case answering
}

/// To whom a duty is owed.
public enum Addressee: Sendable, Hashable {
    /// A party.
    case party(PartyID)
    /// Who sent the first message of this type in the case: who asked, the submitter.
    case sender(of: String)
    /// Who sent the message that opened it: who claims.
    case opener

    /// The party, where the regulation names it.
    public var party: PartyID? { if case .party(let id) = self { id } else { nil } }
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
    /// A claim, or a call that was entered: one obligation for each and for each party that must answer it.
    case claims
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
    /// Every year on these days, in the year's order; each begins a period that the next one ends.
    case yearly([MonthDay], TimeOfDay)
}

/// A day of the year that every year has.
public struct MonthDay: Sendable, Hashable, Comparable {
    /// 1 to 12.
    public var month: Int
    /// 1 to 31.
    public var day: Int

    /// The day of a month.
    public init(_ month: Int, _ day: Int) { (self.month, self.day) = (month, day) }

    /// The day in a year; nil outside `CivilDate.years`, and where the year has no such day.
    public func date(in year: Int) -> CivilDate? { CivilDate(year: year, month: month, day: day) }

    /// Earlier in the year is less.
    public static func < (a: MonthDay, b: MonthDay) -> Bool { (a.month, a.day) < (b.month, b.day) }
}

/// Which messages are meant.
public struct Matcher: Sendable, Hashable {
    /// Noun and verb.
    public var type: String
    /// Whose messages; empty: anyone's who may send the type.
    public var from: [PartyID]
    /// Whether the act must be the obligor's own.
    public var isObligorsOwn = false
    /// The member that names the case, where the message has a case of its own and cites this one: the request that a submission answers.
    public var citing: FieldPath?
    /// What they must say.
    public var conditions: [Condition]
    /// The member that holds the instant of the act; believed only where `confirmedBy` confirms. Nil: the arrival.
    public var at: FieldPath?
    /// Who must confirm the message before it counts.
    public var confirmedBy: PartyID?
    /// For a duty of the calendar, what tells which period is meant; nil: the arrival.
    public var period: PeriodRule?
    /// Whether the word of others than who owes it and who is owed must be confirmed by who is owed.
    public var needsWord = false
    /// Whether it counts only once no monitor finds the device of the case down.
    public var works = false
    /// How often it must be said; nil: once.
    public var repeated: Repetition?
}

/// How often something must be said before it counts: three calls that nobody answered, at two numbers.
public struct Repetition: Sendable, Hashable {
    /// So many messages,
    public var times: Int
    /// with different values of this member,
    public var path: FieldPath
    /// so many of them.
    public var values: Int
}

/// How a message tells which period it is about.
public struct PeriodRule: Sendable, Hashable {
    /// The member: a date, an instant, or a year.
    public var path: FieldPath
    /// Where the member is a year, the day of it that lies in the period.
    public var day = MonthDay(12, 31)
    /// How many years before the member's the period lies: a budget is drawn up in the year before.
    public var yearsBefore = 0

    /// The period that a member names by itself.
    public init(_ path: FieldPath, day: MonthDay = MonthDay(12, 31), yearsBefore: Int = 0) {
        (self.path, self.day, self.yearsBefore) = (path, day, yearsBefore)
    }
}

/// A member of a message and the values it may have.
public struct Condition: Sendable, Hashable {
    /// The member.
    public var path: FieldPath
    /// The values that satisfy the condition.
    public var values: [JSON]

    /// That a member has one of these values.
    public init(path: FieldPath, values: [JSON]) { (self.path, self.values) = (path, values) }
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
    /// Whether the due time is reckoned in working days or working hours, whichever case decides.
    public var isInWorkingTime: Bool {
        !cases.isEmpty
            && cases.allSatisfy { dueCase in
                switch dueCase.term {
                case .workingDays, .workingHours: true
                default: false
                }
            }
    }
    /// Whether the due time may turn on which days are worked.
    public var turnsOnWorkingDays: Bool {
        cases.contains { dueCase in
            switch dueCase.term {
            case .workingDays, .workingHours, .nextWorkingDay: true
            default: dueCase.duringWorkingHours
            }
        }
    }
    /// Whether the due time turns on whether the message that opened it has been fetched.
    public var turnsOnReceipt: Bool { cases.contains { if case .unfetched = $0.term { true } else { false } } }
    /// Whether a message of a type sets the due time by one of these members.
    public func isSet(by type: String, _ members: [FieldPath]) -> Bool {
        cases.contains { if case .field(type, let path, _) = $0.term { members.contains(path) } else { false } }
    }
    /// The hours of operation that decide.
    public var operations: [Operation] { cases.compactMap { if case .operation(let operation) = $0.term { operation } else { nil } } }
}

/// One case of a due rule.
public struct DueCase: Sendable, Hashable {
    /// Of which type the opening message must be; empty: of any.
    public var types: [String] = []
    /// What the opening message must say.
    public var conditions: [Condition]
    /// Whether the clock must have started within working hours.
    public var duringWorkingHours: Bool
    /// The term.
    public var term: DueTerm
    /// For a duty of the calendar whose date a message sets, what tells which period that message is about.
    public var period: PeriodRule?
}

/// How a deadline is reckoned from the start of the clock.
public enum DueTerm: Sendable, Hashable {
    /// So long after the start; the last instant is still in time.
    case within(Span)
    /// By the end of the n-th working day after the day of the start, which does not count itself.
    case workingDays(Int)
    /// After so much working time.
    case workingHours(Span)
    /// At this time of the next working day; in the small hours of a working day, of that same day.
    case nextWorkingDay(TimeOfDay)
    /// So long after the start, where no machine of whom it is owed to has the message that opened it by then; otherwise the next case decides.
    case unfetched(Span)
    /// At this time of the day on which the period opens.
    case timeOfDay(TimeOfDay)
    /// Before the first of these days that comes after the start; the day itself is late.
    case before([MonthDay])
    /// By the end of the first of these days that comes after the start.
    case by([MonthDay])
    /// At the end of the period.
    case endOfPeriod
    /// At the end of the quarter in which the clock started.
    case endOfQuarter
    /// The instant that a member names: of the opening message, or of the latest message of a type in the case. A later message that opens the case
    /// anew moves the date only if it comes from the same party before the date has passed. `ahead`: so long before that instant.
    case field(type: String?, FieldPath, ahead: Span = .zero)
    /// The instant at which a device can no longer have been in operation long enough (khoản 1 Điều 8).
    case operation(Operation)
}

/// How long a device has to be in operation on a day.
public struct Operation: Sendable, Hashable {
    /// The type of messages that show whether it is.
    public var shownBy: String
    /// Its id.
    public var device: String
    /// How long at least.
    public var minimum: Span
    /// The time of day from which it counts.
    public var from: TimeOfDay
    /// The time of day up to which it counts.
    public var to: TimeOfDay

    /// So long between these times.
    public init(shownBy: String, device: String, minimum: Span, from: TimeOfDay, to: TimeOfDay) {
        (self.shownBy, self.device, self.minimum, self.from, self.to) = (shownBy, device, minimum, from, to)
    }
}

extension Operation {
    /// Whether a device of this status is down.
    public static func isDown(_ status: String) -> Bool { down.contains(status) }
    private static let down: Set = ["critical", "off", "maintenance"]
}

extension Regulation {
    /// The hours of operation that its duties ask for.
    public var operations: [Operation] { duties.flatMap(\.due.operations) }
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
        /// As soon as an announced maintenance window holds the obligation back.
        case held
        /// As soon as its monitoring mark is extended.
        case extended
        /// As soon as its deadline is another since days are worked, or off, that were not known to be.
        case rescheduled
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

        /// Whether such a notice may wait for the morning: what somebody just did is told at once.
        var canWait: Bool {
            switch self {
            case .held, .extended, .settled: false
            default: true
            }
        }
    }
    /// When.
    public let moment: Moment
    /// To whom: `obligor`, `addressee`, or a party's id.
    public var to: [String]
    /// Who gets a copy.
    public var copy: [String]
    /// The name of its wording.
    public var wording: String
    /// Whether its notice waits for the morning.
    public var waits = false
    /// The step's name in notice ids: `opening`, `before-PT30M`, `deadline`, `after-PT30M`, `every-PT1H`, `settled`.
    public let id: String

    init(moment: Moment, to: [String], copy: [String], wording: String) {
        (self.moment, self.to, self.copy, self.wording) = (moment, to, copy, wording)
        id =
            switch moment {
            case .opening: "opening"
            case .held: "held"
            case .extended: "extended"
            case .rescheduled: "rescheduled"
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
        case .opening: SystemType.dutyOpened
        case .held: SystemType.noticeHeldBack
        case .extended, .rescheduled: SystemType.dutyRescheduled
        case .before, .lastWorkingDayBefore, .everyWorkingDays: SystemType.dutyReminded
        case .deadline, .every: SystemType.dutyOverdue
        case .after: SystemType.dutyEscalated
        case .settled: SystemType.dutyFulfilled
        }
    }
}
