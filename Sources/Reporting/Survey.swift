import Coordination
import Messages
import Regulation
import Values

/// What of a ledger belongs to a period, drills set apart; from it the sections are drawn up, each in a file of its own.
struct Survey {
    let period: ReportPeriod
    let range: Range<Instant>
    let regulation: Regulation
    let beganAt: Instant
    /// Up to when the ledger is known.
    let knownTo: Instant
    let ledger: (id: String?, records: Int, refused: Int, testified: Int, missing: Int)
    /// Obligations of real cases that arose, by the time of their opening.
    let obligations: [DutyCase]
    private let byID: [String: DutyCase]
    /// Real cases.
    let cases: [CaseAccount]
    /// What was said outside drills and was not taken back.
    let statements: [Statement]
    let drills: Drills
    /// The devices of which something was said.
    let devices: Set<String>
    /// What was claimed of real cases, each with the obligation that it bears on, whatever became of that; by the claims' arrival.
    let claims: [(claim: Claim, standing: Standing)]
    /// The days that were declared worked or off, and the obligations whose deadline each moved.
    let declaredDays: [(day: DeclaredDay, moved: [String])]

    /// What belongs to drills, of this period.
    struct Drills {
        var cases: [CaseAccount] = []
        var messages: [String] = []
        var obligations: [String] = []
    }

    var calendar: WorkCalendar { regulation.calendar }
    /// The last instant of the period that the ledger covers.
    var horizon: Instant { min(knownTo, range.upperBound - Span(milliseconds: 1)) }

    init(_ reading: LedgerReading, period: ReportPeriod, regulation: Regulation, beganAt: Instant, knownTo: Instant) {
        let state = reading.state
        let range = period.range(in: regulation.calendar)
        let standings = state.standings
        let accounts = state.caseAccounts
        // A case is a drill where what it owes is one; where nothing is owed, where what began it says so.
        let drilled = Set(standings.filter { $0.exercise && $0.outcome != .void }.map(\.id))
        let owing = Set(standings.filter { $0.outcome != .void }.map(\.id))
        var drills = Drills()
        var (real, drillMessages): ([CaseAccount], Set<String>) = ([], [])
        for account in accounts {
            let owed = account.obligations.filter(owing.contains)
            let isDrill = owed.isEmpty ? account.statements.first?.event.exercise == true : owed.contains(where: drilled.contains)
            guard isDrill else {
                real.append(account)
                continue
            }
            drillMessages.formUnion(account.statements.map(\.event.id))
            if let first = account.statements.first, range.contains(first.arrivedAt) { drills.cases.append(account) }
        }
        let realMessages = Set(real.flatMap { account in account.obligations.isEmpty ? [] : account.statements.map(\.event.id) })
        let bound = state.statements
        let isBound = Set(bound.map(\.event.id))
        let unbound = reading.counting.filter { !isBound.contains($0.id) }.enumerated().map { Statement(unbound: $1, sequence: bound.count + $0) }
        var said: [Statement] = []
        for statement in bound + unbound where !statement.isWithdrawn {
            // What is said in a real case is real, even where its sender marked it wrongly.
            let isDrill = drillMessages.contains(statement.event.id) || (statement.event.exercise && !realMessages.contains(statement.event.id))
            if !isDrill {
                said.append(statement)
            } else if range.contains(statement.arrivedAt) {
                drills.messages.append(statement.event.id)
            }
        }
        let kept = Set(said.map(\.event.id))
        var obligations: [DutyCase] = []
        for standing in standings {
            guard standing.outcome != .void, let grounds = state.grounds(of: standing.id) else { continue }
            let item = DutyCase(standing: standing, grounds: grounds)
            // A duty of the calendar that a drill's message met is neither met nor unmet in earnest.
            let isMetInDrill = grounds.settledBy.map { $0.exercise && !kept.contains($0.id) } ?? false
            if !standing.exercise, !isMetInDrill {
                obligations.append(item)
            } else if item.state(in: range, knownTo: knownTo) != nil {
                drills.obligations.append(standing.id)
            }
        }
        (self.period, self.range, self.regulation, self.beganAt, self.knownTo) = (period, range, regulation, beganAt, knownTo)
        (self.obligations, cases, statements, self.drills) = (obligations, real, said, drills)
        devices = reading.devices
        claims = standings.filter { !$0.exercise }.flatMap { standing in
            (state.grounds(of: standing.id)?.claims ?? []).map { (claim: $0, standing: standing) }
        }.sorted { ($0.claim.at, $0.claim.id, $0.standing.id) < ($1.claim.at, $1.claim.id, $1.standing.id) }
        let moved = Dictionary(grouping: obligations) { $0.grounds.rescheduling?.by ?? "" }
        declaredDays = state.declaredDays.map { ($0, (moved[$0.id] ?? []).map(\.standing.id)) }
        byID = Dictionary(uniqueKeysWithValues: obligations.map { ($0.standing.id, $0) })
        ledger = (state.ledgerID, state.recordCount, state.refusedCount, state.gapCounts.testified, state.gapCounts.missing)
    }

    // MARK: The text

    var report: ReportRule { regulation.report }
    /// What the report calls the party that leads.
    var lead: Wording { regulation.leadInReports }

    /// A section that the text has.
    func section(_ section: ReportRule.Section, _ title: Wording) -> Section? {
        switch section {
        case .reports: reports(title)
        case .incidents: IncidentWords(regulation).map { incidents($0.rule, $0, title) }
        case .hours: hours(title)
        case .content: content(title)
        case .feedback: feedback(title)
        case .inspections: inspections(title)
        }
    }

    /// A value of a member of a type in words; the value itself where the type has none for it.
    func label(_ value: String, of member: String, in type: String) -> Wording {
        guard let words = regulation.schema(of: type)?.field(member)?.labels[value] else { return Wording(vi: value, en: value) }
        return Wording(vi: words.vi, en: words.en)
    }

    /// The values that a member of a type may have.
    func values(of member: String, in type: String) -> [String] {
        if case .choice(let values)? = regulation.schema(of: type)?.field(member)?.kind { values } else { [] }
    }

    // MARK: Looking up

    /// What was said of a type.
    func statements(of type: String) -> [Statement] { statements.filter { $0.event.type == type } }

    /// The same, of what happened in the period by a member of the message: a day, an instant; by its arrival where it names none.
    func statements(of type: String, on member: String) -> [Statement] {
        statements(of: type).filter { range.contains(instant($0.event.data[member]) ?? $0.arrivedAt) }
    }

    /// An instant, or the noon of a day.
    func instant(_ value: JSON?) -> Instant? {
        guard let text = value?.string else { return nil }
        return CivilDate(text).map { calendar.instant($0, TimeOfDay(minutes: 12 * 60)) } ?? Instant(rfc3339: text)
    }

    /// The duties that a message type fulfils.
    func duties(fulfilledBy type: String) -> [Duty] { regulation.duties.filter { duty in duty.fulfilledBy.contains { $0.type == type } } }

    /// The obligations of duties that a message type fulfils.
    func obligations(fulfilledBy type: String) -> [DutyCase] { obligations.filter { $0.grounds.duty.fulfilledBy.contains { $0.type == type } } }

    /// The obligations of a case that stand.
    func obligations(of account: CaseAccount) -> [DutyCase] {
        account.obligations.compactMap { byID[$0] }
    }

    /// How an obligation stands in the period; nil where it does not belong there.
    func state(_ item: DutyCase) -> DutyState? { item.state(in: range, knownTo: knownTo) }

    /// When an act of a case was done, and what shows it: the instant that counts for what is owed, else the arrival of the first such message.
    func act(_ type: String, in account: CaseAccount, _ owed: [DutyCase]) -> (at: Instant, support: Support)? {
        // Of several duties that one act ends, the one that stands first in the text tells of it.
        let inOrder = owed.sorted { order($0.grounds.duty) < order($1.grounds.duty) }
        let met = inOrder.compactMap { item -> (at: Instant, support: Support)? in
            guard case .fulfilled(let at) = item.standing.outcome, let by = item.grounds.settledBy, by.type == type else { return nil }
            return (at, Support(events: [by.id], obligations: [item.standing.id]))
        }
        if let first = met.min(by: { $0.at < $1.at }) { return first }
        let said = account.statements.first { !$0.isWithdrawn && $0.event.type == type }
        return said.map { ($0.arrivedAt, Support(events: [$0.event.id])) }
    }

    func name(of party: PartyID) -> Wording { regulation.party(party)?.name ?? Wording(vi: party, en: party) }

    /// Duties in the regulation's order.
    func order(_ duty: Duty) -> Int { regulation.duties.firstIndex { $0.id == duty.id } ?? regulation.duties.count }

    /// Parties in the regulation's order.
    func order(_ party: PartyID) -> Int { regulation.parties.firstIndex { $0.id == party } ?? regulation.parties.count }
}

/// An obligation with what it rests on.
struct DutyCase: Sendable, Hashable {
    var standing: Standing
    var grounds: Grounds

    var basis: DueRule.Basis { grounds.duty.due.basis }
    var support: Support { Support(events: [grounds.openedBy?.id, grounds.settledBy?.id].compactMap(\.self), obligations: [standing.id]) }

    /// How late it was done, where it was.
    var lateBy: Span? {
        guard case .fulfilled(let at) = standing.outcome, standing.isLate, let deadline = standing.deadline else { return nil }
        return at - deadline
    }

    /// How it stands in a period. It belongs to the period in which it was decided: when it was done or ended, or when its deadline passed without that; and
    /// as open to a period in which it was opened, or before, and at whose end it was not decided. Nil where it does not belong there.
    func state(in range: Range<Instant>, knownTo: Instant) -> DutyState? {
        let (decided, state) = verdict(knownTo)
        if let decided {
            if range.contains(decided) { return state }
            if decided < range.lowerBound { return nil }
        }
        return standing.openedAt < range.upperBound ? .open : nil
    }

    private func verdict(_ knownTo: Instant) -> (at: Instant?, state: DutyState) {
        switch standing.outcome {
        case .fulfilled(let at): standing.isLate ? (standing.deadline ?? at, .late) : (at, .inTime)
        case .closed, .void: (grounds.settledAt ?? standing.openedAt, .ended)
        case .open: standing.isOverdue(asOf: knownTo) ? (standing.deadline, .overdue) : (nil, .open)
        }
    }
}

/// Median and longest of lengths of time, each with what it belongs to.
struct Times {
    var items: [(span: Span, subject: String, support: Support)] = []

    mutating func add(_ span: Span, _ subject: String, _ support: Support) { items.append((span, subject, support)) }

    private var sorted: [(span: Span, subject: String, support: Support)] { items.sorted { ($0.span, $0.subject) < ($1.span, $1.subject) } }

    /// The middle one; of an even number the mean of the middle two.
    var median: Span? {
        guard !items.isEmpty else { return nil }
        let spans = sorted.map(\.span.milliseconds)
        return Span(milliseconds: (spans[(spans.count - 1) / 2] + spans[spans.count / 2]) / 2)
    }

    var worst: (span: Span, subject: String, support: Support)? { sorted.last }
    var support: Support { items.map(\.support).joined }
}
