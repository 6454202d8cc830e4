import Coordination
import Messages
import Regulation
import Values

/// A ledger in memory with a leader beside it, on a clock that stands still until it is told to go on. Parties say things, their agents issue receipts, the
/// leader marks and publishes what its fold calls for. Whoever says something at the very instant of a deadline has said it by then, as the leader's settling
/// time provides; here that takes no time.
public struct Simulation: Sendable {
    /// What follows from the ledger so far.
    public private(set) var state: LedgerState
    /// The ledger.
    public private(set) var records: [LedgerState.Record] = []
    /// The same as events, in the same order.
    public private(set) var events: [Event] = []
    /// What the clock shows.
    public private(set) var now: Instant
    /// Whether a coordinator runs.
    public var isWatched = true

    private let regulation: Regulation
    private let issuesReceipts: Bool
    private var offset: Span { regulation.calendar.offset }
    private var count = 0
    private var term: Int64 = 0
    /// An earlier leader that does not know yet that it was replaced.
    private var deposed: String?
    /// Agents that do not run.
    private var stopped: Set<PartyID> = []
    /// What agents that do not run have to say when they run again.
    private var spooled: [PartyID: [(event: Event, to: String)]] = [:]
    /// Receipts to be issued, by party.
    private var owed: [PartyID: [String]] = [:]
    /// When the broker took in what parties said while no coordinator ran.
    private var arrivals: [String: Instant] = [:]

    /// How often the leader may find more to publish at one instant. What it publishes calls for a few more records and then for none.
    private static let rounds = 16

    /// A ledger whose coordinator was elected at an instant and adopted a regulation then. `issuesReceipts`: whether the agents do; `options`: of the clock
    /// that the ledger is written by.
    public init(from start: Instant, regulation: Regulation = .standard, issuesReceipts: Bool = true, options: LedgerState.Options = .init()) {
        (now, self.regulation, self.issuesReceipts) = (start, regulation, issuesReceipts)
        state = LedgerState(regulation: regulation, options: options)
        elect()
        adopt(regulation)
    }

    // MARK: Time

    /// Lets time pass, what is due at the instant itself included.
    public mutating func run(until target: Instant) { pass(to: target) { $0 <= target } }

    /// Lets time pass up to an instant at which something is about to be said.
    public mutating func run(upTo target: Instant) { pass(to: target) { $0 < target } }

    private mutating func pass(to target: Instant, while isMeant: (Instant) -> Bool) {
        precondition(target >= now, "time runs forwards")
        while isWatched {
            lead()
            guard let next = state.nextInstant, isMeant(next) else { break }
            now = max(now, next)
            mark()
        }
        now = target
    }

    // MARK: Parties

    /// A party says something now. Where its agent does not run, it waits there.
    public mutating func say(_ event: Event, to: String = RoutingKey.all) {
        if stopped.contains(event.sender) { return spooled[event.sender, default: []].append((event, to)) }
        put(event, to: to)
        lead()
    }

    /// A party's agent stops: it says nothing, and what comes for it waits.
    public mutating func stop(_ party: PartyID) { stopped.insert(party) }

    /// A party's agent runs again.
    public mutating func start(_ party: PartyID) {
        stopped.remove(party)
        for (event, to) in spooled.removeValue(forKey: party) ?? [] { put(event, to: to) }
        lead()
    }

    // MARK: The coordinator

    /// A coordinator runs again after none did. It asks the broker when acts came in that nobody saw coming.
    public mutating func startCoordinator() {
        isWatched = true
        elect()
        let stamps = state.doubtful.compactMap { act -> JSON? in
            // The broker's clock tells seconds: a record came within the second before the instant that it names.
            guard let at = arrivals[act.id] else { return nil }
            return ["id": .string(act.id), "arrivedAt": JSON(Instant(milliseconds: (at.milliseconds / 1000 + 1) * 1000), offset: offset)]
        }
        arrivals = [:]
        if stamps.isEmpty { mark() } else { own("coordinator.marked", ["reachedAt": JSON(now, offset: offset), "stamps": .array(stamps)]) }
        lead()
    }

    /// Another coordinator takes over, while the one before goes on for a moment without knowing it: what that one still says does not count.
    public mutating func replaceCoordinator() {
        deposed = state.election?.id
        elect()
        lead()
    }

    /// Puts a text of the regulation into force. Receipts go on as the first text has them.
    public mutating func adopt(_ regulation: Regulation) {
        own("regulation.adopted", ["regulation": regulation.source, "digest": .string(regulation.digest)])
    }

    /// Puts an election into the ledger.
    public mutating func elect(term given: Int64? = nil, id: String? = nil) {
        term = given ?? term + 1
        own(
            "coordinator.elected", ["term": .int(term), "instance": .string("simulation/\(term)"), "version": .string(regulation.version)],
            id: id ?? "elected/\(term)")
    }

    /// Puts a record of the coordinator's into the ledger as it would itself.
    public mutating func own(
        _ type: String, _ data: JSON, id: String? = nil, election: String? = nil, to: String = RoutingKey.all, subject: String? = nil
    ) {
        count += 1
        let event = Event(
            id: id ?? "\(type.split(separator: ".").last ?? "own")/\(count)", sender: LedgerState.coordinator, type: type, subject: subject, time: now,
            data: data, election: election ?? state.election?.id ?? id)
        put(event, to: to)
    }

    private mutating func mark() { own("coordinator.marked", ["reachedAt": JSON(now, offset: offset)]) }

    /// Receipts are issued, a mark vouches for what was said, and what is due is published, until all is quiet.
    private mutating func lead() {
        for _ in 0..<Simulation.rounds {
            issueReceipts()
            guard isWatched, let election = state.election else { return }
            if state.hasUnobserved { mark() }
            let decisions = state.decisions
            if decisions.isEmpty { return }
            if let deposed {
                for decision in decisions { put(decision.event(time: now, election: deposed), to: decision.to) }
                self.deposed = nil
            }
            for decision in decisions { put(decision.event(time: now, election: election.id), to: decision.to) }
        }
        precondition(!state.hasDecisions, "what was published is still due: \(state.decisions.map(\.id))")
    }

    // MARK: The ledger

    /// Puts a record into the ledger.
    public mutating func put(_ record: LedgerState.Record) {
        records.append(record)
        state.evolve(record)
    }

    private mutating func put(_ event: Event, to: String) {
        if !isWatched { arrivals[event.id] = arrivals[event.id] ?? now }
        let carriage = Carriage(
            exchange: "phoihop", routingKey: RoutingKey(sender: event.sender, type: event.type, to: to).description, userID: event.sender,
            messageID: event.id, contentType: Event.contentType)
        put(LedgerState.Record(body: event.encoded(offset: offset), carriage: carriage, offset: Int64(records.count)))
        events.append(event)
        noteReceipts(for: event, to: to)
    }

    private mutating func noteReceipts(for event: Event, to: String) {
        guard issuesReceipts, let type = regulation.messageType(event.type), type.owesReceipt, type.senders.contains(event.sender) else { return }
        for party in Set(type.to + [to]) where regulation.party(party).map({ $0.role != .system }) == true { owed[party, default: []].append(event.id) }
    }

    private mutating func issueReceipts() {
        for party in owed.keys.sorted() where !stopped.contains(party) {
            let ids = owed.removeValue(forKey: party) ?? []
            count += 1
            let receipts = ids.map { id -> JSON in ["id": .string(id), "receivedAt": JSON(now, offset: offset)] }
            put(
                Event(id: "receipt-\(count)", sender: party, type: "receipt.issued", time: now, data: ["receipts": .array(receipts)]), to: RoutingKey.all)
        }
    }
}
