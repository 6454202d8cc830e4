import Coordination
import Messages
import Regulation
import Values

/// Looks on while a storm goes on: what a leader must never do, and what it owes within two seconds. What goes wrong excuses delay, for as long as it lasts and
/// for a little longer; it excuses nothing else.
struct Vigil {
    /// What was seen, each thing once.
    private(set) var findings: [String] = []

    /// What is owed may take so long where nothing is wrong.
    static let patience = Span.seconds(2)
    /// How long after a mishap the coordinator may take to be at its work again: it stands, has its clock proven, asks when messages came in, and gathers.
    static let recovery = Span.seconds(5)
    /// How long a doubt may last where nothing is wrong: no answer at all is waited for half a minute.
    static let doubtPatience = Span.seconds(40)

    private let settling: Span
    private var excusedUntil: Instant
    /// What is to be published, and since when.
    private var owed: [String: Instant] = [:]
    private var longestOwed: Instant?
    private var unobservedSince: Instant?
    private var doubtfulSince: Instant?
    private var seen: Set<String> = []
    /// The obligations of which nothing may be said while the broker is asked about their acts, and how often it was asked in vain.
    private var asked: (obligations: Set<String>, failures: Int)?

    init(from start: Instant, settling: Span) { (excusedUntil, self.settling) = (start + Vigil.recovery, settling) }

    /// Something goes wrong, and lasts so long.
    mutating func excuse(from now: Instant, for span: Span) { excusedUntil = max(excusedUntil, now + span + Vigil.recovery) }

    private mutating func find(_ kind: String, _ what: String) { if seen.insert(kind + what).inserted { findings.append("\(kind): \(what)") } }

    // MARK: What is owed

    /// The ledger has a new record.
    mutating func ledgerGrew(_ state: LedgerState, at now: Instant) {
        var due: [String: Instant] = [:]
        // Only their ids are asked for: none is wanted, so that none is worded.
        _ = state.decisions { id in
            due[id] = owed[id] ?? now
            return false
        }
        (owed, longestOwed) = (due, due.values.min())
        unobservedSince = state.hasUnobserved ? unobservedSince ?? now : nil
        doubtfulSince = state.hasDoubts && !state.doubtful.isEmpty ? doubtfulSince ?? now : nil
    }

    /// Nothing happens until `next`: then nothing may be owed for longer than it may take.
    mutating func nothingHappens(until next: Instant, _ state: LedgerState) {
        func isTooLong(since: Instant?, _ patience: Span = Vigil.patience) -> Bool { since.map { next - max($0, excusedUntil) > patience } ?? false }
        if isTooLong(since: longestOwed) {
            for (id, since) in owed where isTooLong(since: since) { find("kept back", id) }
        }
        if isTooLong(since: unobservedSince) { find("no mark", "though messages wait since \(unobservedSince?.milliseconds ?? 0)") }
        if isTooLong(since: state.nextInstant.map { $0 + settling }) { find("no mark", "though time passed \(state.nextInstant?.milliseconds ?? 0)") }
        if isTooLong(since: doubtfulSince, Vigil.doubtPatience) { find("nobody asks", "since \(doubtfulSince?.milliseconds ?? 0)") }
    }

    // MARK: What is done

    /// The coordinator asks about acts, or is not answered, or is.
    mutating func asks(_ inquiry: Leader.ArrivalInquiry) { asked = (Set(inquiry.acts.flatMap(\.obligations)), asked?.failures ?? 0) }
    mutating func isNotTold() { asked?.failures += 1 }
    mutating func isTold() { asked = nil }

    /// The coordinator publishes; `isEntitled`: it has the token.
    mutating func publishes(_ publications: [Leader.Publication], isEntitled: Bool) {
        for event in publications.map(\.event) {
            if !isEntitled { find("without the token", event.id) }
            guard event.type == SystemType.dutyOverdue, let obligation = event.data["obligation"]?.string, let asked else { continue }
            if asked.obligations.contains(obligation), Leader.isPatient(asked.failures) { find("said in doubt", event.id) }
        }
    }

    /// A record of the coordinator's comes into the ledger; `arrivals`: when records came in.
    mutating func recorded(_ event: Event, at now: Instant, _ arrivals: [String: Instant]) {
        switch event.type {
        case SystemType.coordinatorMarked:
            if let reached = event.data["reachedAt"]?.instant, reached > now { find("ahead", "\(event.id) marks \(reached - now) more than is over") }
            if event.data["setsBack"] != nil { find("sets back", event.id) }
            for stamp in event.data["stamps"]?.array ?? [] {
                guard let id = stamp["id"]?.string, let told = stamp["arrivedAt"]?.instant, let arrival = arrivals[id] else { continue }
                if told < arrival || told - arrival > .seconds(1) { find("wrong stamp", "\(id) by \((told - arrival).milliseconds) ms") }
            }
        case SystemType.dutyOverdue, SystemType.dutyEscalated:
            if let deadline = event.data["deadline"]?.instant, event.time <= deadline { find("early", event.id) }
        default: break
        }
    }
}
