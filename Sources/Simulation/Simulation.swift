import Coordination
import Messages
import Regulation
import Values

/// A ledger in memory with a leader beside it, on a clock that stands still until it is told to go on. Parties say things, their agents issue receipts, the
/// leader marks and publishes what its fold calls for. Whoever says something at the very instant of a deadline has said it by then, as the leader's settling
/// time provides; here that takes no time.
public struct Simulation: Sendable {
    /// The ledger.
    public private(set) var records: [LedgerState.Record] = []
    /// The same as events, in the same order.
    public private(set) var events: [Event] = []
    /// What the clock shows.
    public private(set) var now: Instant
    /// Whether a coordinator runs. One that runs again by this alone goes on under the election in force.
    public var isWatched = true {
        didSet {
            actions = []
            if isWatched, !oldValue { leader = makeLeader(leading: true) }
        }
    }

    private var regulation: Regulation
    private let issuesReceipts: Bool
    private let options: LedgerState.Options
    private var offset: Span { regulation.calendar.offset }
    private var count = 0
    /// The coordinator, which decides here as it does in operation.
    private var leader: Leader
    /// What it wants done and what is not done yet.
    private var actions: [Leader.Action] = []
    /// An earlier leader that does not know yet that it was replaced.
    private var deposed: String?
    /// Agents that do not run.
    private var stopped: Set<PartyID> = []
    /// What agents that do not run have to say when they run again.
    private var spooled: [PartyID: [(event: Event, to: String)]] = [:]
    /// Receipts to be issued, by party.
    private var owed: [PartyID: [String]] = [:]
    /// When the broker took in what was said.
    private var arrivals: [String: Instant] = [:]

    /// How often the leader may find more to do at one instant. What it publishes calls for a few more records and then for none; a text under which it never
    /// ends is cut off there, and what remains is due at the next instant.
    private static let rounds = 1000

    /// What follows from the ledger so far.
    public var state: LedgerState { leader.state }

    /// A ledger whose coordinator was elected at an instant and adopted a regulation then. `issuesReceipts`: whether the agents do; `options`: of the clock
    /// that the ledger is written by.
    public init(from start: Instant, regulation: Regulation = .standard, issuesReceipts: Bool = true, options: LedgerState.Options = .init()) {
        (now, self.regulation, self.issuesReceipts, self.options) = (start, regulation, issuesReceipts, options)
        leader = Simulation.leader(reading: LedgerState(regulation: regulation, options: options), nil, regulation, options)
        startLeader()
        settle()
    }

    private static func leader(reading state: LedgerState, _ last: Int64?, _ regulation: Regulation, _ options: LedgerState.Options) -> Leader {
        // What is said at the instant of a deadline takes no time here, so that the leader need not wait for it.
        Leader(reading: state, lastOffset: last, regulation: regulation, instance: "simulation", options: options, pace: .instant) { term in "elected/\(term)"
        }
    }

    private func makeLeader(leading isLeading: Bool) -> Leader {
        var leader = Simulation.leader(reading: state, records.last?.offset, regulation, options)
        if isLeading { leader.leads(since: moment) }
        return leader
    }

    private var moment: Leader.Moment { Leader.Moment(seconds: Double(now.milliseconds) / 1000, wall: now) }

    // MARK: Time

    /// Lets time pass, what is due at the instant itself included.
    public mutating func run(until target: Instant) { pass(to: target) { $0 <= target } }

    /// Lets time pass up to an instant at which something is about to be said.
    public mutating func run(upTo target: Instant) { pass(to: target) { $0 < target } }

    private mutating func pass(to target: Instant, while isMeant: (Instant) -> Bool) {
        while isWatched {
            settle()
            guard let next = state.nextInstant, isMeant(next) else { break }
            now = max(now, next)
            actions += leader.timePassed(at: moment)
            settle()
            // Time has passed it; were it still next, it would be for ever.
            if state.nextInstant == next { break }
        }
        now = max(now, target)
    }

    // MARK: Parties

    /// A party says something now. Where its agent does not run, it waits there.
    public mutating func say(_ event: Event, to: String = RoutingKey.all) {
        if stopped.contains(event.sender) { return spooled[event.sender, default: []].append((event, to)) }
        put(event, to: to)
        settle()
    }

    /// A party's agent stops: it says nothing, and what comes for it waits.
    public mutating func stop(_ party: PartyID) { stopped.insert(party) }

    /// A party's agent runs again.
    public mutating func start(_ party: PartyID) {
        stopped.remove(party)
        for (event, to) in spooled.removeValue(forKey: party) ?? [] { put(event, to: to) }
        settle()
    }

    // MARK: The coordinator

    /// A coordinator runs again after none did. It asks the broker when acts came in that nobody saw coming.
    public mutating func startCoordinator() {
        isWatched = true
        startLeader()
        settle()
    }

    /// Another coordinator takes over, while the one before goes on for a moment without knowing it: what that one still says does not count.
    public mutating func replaceCoordinator() {
        deposed = state.election?.id
        startLeader()
        settle()
    }

    /// Puts a text of the regulation into force. Receipts go on as the first text has them.
    public mutating func adopt(_ regulation: Regulation) {
        self.regulation = regulation
        leader = makeLeader(leading: true)
        actions = leader.timePassed(at: moment)
        settle()
    }

    private mutating func startLeader() {
        leader = makeLeader(leading: false)
        actions = leader.started(at: moment)
    }

    /// Puts an election into the ledger.
    public mutating func elect(term: Int64, id: String? = nil) {
        own(
            SystemType.coordinatorElected, ["term": .int(term), "instance": .string("simulation/\(term)"), "version": .string(regulation.version)],
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

    /// Receipts are issued and the leader's actions done, until all is quiet.
    private mutating func settle() {
        for _ in 0..<Simulation.rounds {
            issueReceipts()
            guard isWatched, !actions.isEmpty else { break }
            let next = actions
            actions = []
            for action in next { perform(action) }
        }
        if !isWatched { actions = [] }
    }

    private mutating func perform(_ action: Leader.Action) {
        switch action {
        case .learnEnd: actions += leader.ledgerEndKnown(records.last?.offset, at: moment)
        case .awaitToken: actions += leader.tokenReceived(at: moment)
        case .returnToken, .handOver: actions += leader.tokenReceived(at: moment)
        case .publish(let publications):
            if let deposed, let stale = Simulation.notices(publications) {
                self.deposed = nil
                put(
                    stale.map { item in
                        var event = item.event
                        event.election = deposed
                        return (event, item.to)
                    })
            }
            put(publications.map { ($0.event, $0.to) })
        case .ask(let inquiry):
            // The broker's clock tells seconds: a record came within the second before the instant that it names.
            let told = inquiry.acts.compactMap { act in arrivals[act.id].map { (act.id, Simulation.endOfSecond($0)) } }
            actions += leader.arrivalsTold(
                inquiry.number, Dictionary(told) { first, _ in first }, own: Simulation.endOfSecond(inquiry.written), at: moment)
        case .say: break
        }
    }

    private static func endOfSecond(_ instant: Instant) -> Instant { Instant(milliseconds: (instant.milliseconds / 1000 + 1) * 1000) }

    /// The notices among some publications, nil where there are none.
    private static func notices(_ publications: [Leader.Publication]) -> [Leader.Publication]? {
        let notices = publications.filter {
            ![SystemType.coordinatorElected, SystemType.coordinatorMarked, SystemType.regulationAdopted].contains($0.event.type)
        }
        return notices.isEmpty ? nil : notices
    }

    // MARK: The ledger

    /// Puts a record into the ledger.
    public mutating func put(_ record: LedgerState.Record) { put([record]) }

    private mutating func put(_ records: [LedgerState.Record]) {
        self.records += records
        actions += leader.recordsRead(records, at: moment)
    }

    private mutating func put(_ event: Event, to: String) { put([(event, to)]) }

    /// Puts what is said into the ledger; the leader reads it in one go.
    private mutating func put(_ said: [(event: Event, to: String)]) {
        var records: [LedgerState.Record] = []
        for (event, to) in said {
            arrivals[event.id] = arrivals[event.id] ?? now
            let carriage = Carriage(
                exchange: "phoihop", routingKey: RoutingKey(sender: event.sender, type: event.type, to: to).description, userID: event.sender,
                messageID: event.id, contentType: Event.contentType)
            let offset = Int64(self.records.count + records.count)
            records.append(LedgerState.Record(body: event.encoded(offset: self.offset), carriage: carriage, offset: offset))
            events.append(event)
            noteReceipts(for: event, to: to)
        }
        put(records)
    }

    private mutating func noteReceipts(for event: Event, to: String) {
        guard issuesReceipts, let type = regulation.messageType(event.type), type.owesReceipt, type.senders.contains(event.sender) else { return }
        for party in Set(type.to + [to]) where regulation.party(party).map({ $0.role != .system }) == true { owed[party, default: []].append(event.id) }
    }

    private mutating func issueReceipts() {
        var said: [(event: Event, to: String)] = []
        for party in owed.keys.sorted() where !stopped.contains(party) {
            let ids = owed.removeValue(forKey: party) ?? []
            count += 1
            let receipts = ids.map { id -> JSON in ["id": .string(id), "receivedAt": JSON(now, offset: offset)] }
            let event = Event(id: "receipt-\(count)", sender: party, type: SystemType.receiptIssued, time: now, data: ["receipts": .array(receipts)])
            said.append((event, RoutingKey.all))
        }
        if !said.isEmpty { put(said) }
    }
}
