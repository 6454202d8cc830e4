import Coordination
import Messages
import Regulation
import Values

/// Some days of all parties at work, once in calm and once in a storm: what came of it must be the same in the end. What a storm may do is delay.
public struct StormTrial: Sendable {
    /// What is wrong, each with the id of what it is about; none where all is as it must be.
    public private(set) var findings: [String] = []
    /// How often each thing went wrong.
    public let blows: [String: Int]
    /// The first and the last of its days.
    public let span: (first: CivilDate, last: CivilDate)
    /// How many records the ledger of the storm has.
    public let records: Int

    /// How long the parties work.
    public static let days = 10
    /// Who acts within this span of a deadline may be in time in one and late in the other: the broker's clock tells seconds.
    private static let tolerance = Span.seconds(2)

    /// Plays the trial of a seed.
    public init(seed: UInt64, regulation: Regulation = .standard) throws(ScenarioError) {
        var random = Random(seed: seed)
        let first = CivilDate(daysSinceEpoch: (CivilDate("2026-01-05") ?? CivilDate(daysSinceEpoch: 0)).daysSinceEpoch + Int(random.next(in: 0...300)))
        let last = CivilDate(daysSinceEpoch: first.daysSinceEpoch + StormTrial.days - 1)
        let calendar = regulation.calendar
        // What opens with the first day must find a text in force, however late the weather lets it be adopted.
        let begin = calendar.instant(first) - .minutes(10)
        let end = calendar.endOfDay(last)
        let plan = try StormPlan(seed: seed, in: first...last, from: begin, until: end, regulation: regulation)

        var calm = Simulation(from: begin, regulation: regulation)
        var storm = Storm(seed: seed, from: begin, regulation: regulation)
        storm.isCalm = true
        storm.run(until: calendar.instant(first))
        storm.isCalm = false
        // Bad weather ends before the days do, so that what it delayed can be made up for.
        let abating = end - .hours(2)
        for blow in plan.blows where blow.at > storm.now && blow.at < abating { storm.aim(blow.blow, at: blow.at) }
        var hasAbated = false
        func reach(_ instant: Instant) {
            if instant > abating, !hasAbated {
                storm.run(until: abating)
                storm.calmDown()
                hasAbated = true
            }
            storm.run(until: instant)
        }
        for act in plan.acts {
            calm.run(upTo: act.at)
            calm.say(act.event, to: act.to)
            reach(act.at)
            storm.say(act.event, to: act.to)
        }
        reach(end)
        calm.run(until: end)
        (blows, records, span) = (storm.blows, storm.events.count, (first, last))
        findings = storm.findings
        compare(StormTrial.Account(calm.events), calm.state, StormTrial.Account(storm.events), storm.state, asOf: end)
    }

    /// What a ledger's notices come to.
    private struct Account {
        struct Notice {
            var event: Event
            var isWithdrawn = false
        }
        /// The notices that count, by their id.
        var notices: [String: Notice] = [:]
        var repeated: [String] = []

        init(_ events: [Event]) {
            var election: String?
            for event in events where event.sender == LedgerState.coordinator {
                if event.type == SystemType.coordinatorElected { election = event.id }
                guard event.election == election else { continue }
                if event.type == SystemType.noticeWithdrawn, let id = event.data["withdraws"]?.string { notices[id]?.isWithdrawn = true }
                guard event.data["obligation"] != nil, event.type != SystemType.noticeWithdrawn else { continue }
                if notices[event.id] != nil { repeated.append(event.id) } else { notices[event.id] = Notice(event: event) }
            }
        }

        /// The parties to which a notice of this type about an obligation stands.
        func parties(_ type: String, _ obligation: String) -> Set<PartyID> {
            Set(
                notices.values.filter { $0.event.type == type && !$0.isWithdrawn && $0.event.data["obligation"]?.string == obligation }.compactMap {
                    $0.event.data["to"]?.string
                })
        }
    }

    /// The notice of the coordinator's that opened an obligation; nil where something else did.
    private static func notice(opening id: String, in state: LedgerState) -> Event? {
        state.grounds(of: id)?.openedBy.flatMap { $0.sender == LedgerState.coordinator ? $0 : nil }
    }

    private mutating func compare(_ calm: Account, _ calmState: LedgerState, _ storm: Account, _ stormState: LedgerState, asOf end: Instant) {
        for (id, notice) in storm.notices where notice.event.type == SystemType.dutyOverdue && notice.isWithdrawn && calm.notices[id]?.isWithdrawn != true {
            findings.append("unjust: \(id), withdrawn later")
        }
        for id in storm.repeated { findings.append("repeated: \(id)") }
        for decision in stormState.decisions { findings.append("never said: \(decision.id)") }
        if stormState.refusedCount > calmState.refusedCount { findings.append("refused: \(stormState.lastRefusal?.account ?? "")") }
        let there = Dictionary(stormState.standings.map { ($0.id, $0) }) { first, _ in first }
        for right in calmState.standings {
            // What a notice begins is owed where that was said. Whether it had to be said is judged by what it is about.
            let notice = StormTrial.notice(opening: right.id, in: calmState)
            if let notice, storm.notices[notice.id] == nil { continue }
            guard let found = there[right.id] else {
                findings.append("lost: the obligation \(right.id)")
                continue
            }
            // Said later, it runs from then.
            if let notice, let said = storm.notices[notice.id]?.event.time, abs((said - notice.time).milliseconds) > StormTrial.tolerance.milliseconds {
                continue
            }
            if let deadline = right.deadline {
                // What is decided by a second may be decided otherwise.
                if case .fulfilled(let at) = right.outcome, abs((at - deadline).milliseconds) <= StormTrial.tolerance.milliseconds { continue }
                if abs((end - deadline).milliseconds) <= Span.minutes(5).milliseconds { continue }
            }
            if right.isLate != found.isLate { findings.append("\(found.isLate ? "unjust" : "too kind"): \(right.id)") }
            let isSettled = { (standing: Standing) in standing.outcome != .open }
            if isSettled(right) != isSettled(found) { findings.append("otherwise settled: \(right.id)") }
            let told = storm.parties(SystemType.dutyOverdue, right.id)
            let due = calm.parties(SystemType.dutyOverdue, right.id)
            if !told.isSubset(of: due) { findings.append("unjust at the end: overdue \(right.id) to \(told.subtracting(due).sorted())") }
            let (raised, escalated) = (storm.parties(SystemType.dutyEscalated, right.id), calm.parties(SystemType.dutyEscalated, right.id))
            if !raised.isSubset(of: escalated) {
                findings.append("unjust at the end: escalated \(right.id) to \(raised.subtracting(escalated).sorted())")
            }
            if right.outcome == .open, told != due { findings.append("lost: overdue \(right.id) to \(due.subtracting(told).sorted())") }
            let (settled, expected) = (storm.parties(SystemType.dutyFulfilled, right.id), calm.parties(SystemType.dutyFulfilled, right.id))
            if settled != expected { findings.append("settled told to \(settled.sorted()), not to \(expected.sorted()): \(right.id)") }
            if right.outcome == .open {
                let (opened, wanted) = (storm.parties(SystemType.dutyOpened, right.id), calm.parties(SystemType.dutyOpened, right.id))
                if opened != wanted { findings.append("opening told to \(opened.sorted()), not to \(wanted.sorted()): \(right.id)") }
                if raised != escalated { findings.append("escalated to \(raised.sorted()), not to \(escalated.sorted()): \(right.id)") }
            }
        }
        for id in Set(there.keys).subtracting(calmState.standings.map(\.id)) {
            if let notice = StormTrial.notice(opening: id, in: stormState), storm.notices[notice.id]?.isWithdrawn == true, calm.notices[notice.id] == nil {
                continue
            }
            findings.append("made up: the obligation \(id)")
        }
        findings.sort()
    }
}
