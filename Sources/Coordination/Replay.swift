import Messages
import Regulation
import Values

/// Reads a ledger as it would have been under another regulation: what the parties said stands as they said it, and came when it came; what the coordinator
/// made of it is left out, and a leader in memory makes it anew.
///
/// When a message came is what the coordinator's records around it show. So its elections and marks stay, and in place of each notice of its there is a mark.
public struct Replay: Sendable {
    /// A notice about a duty.
    public struct Notice: Sendable, Hashable {
        /// Which step of which obligation goes to whom: the same step keeps this, though its deadline may be another.
        public struct Key: Sendable, Hashable {
            /// The obligation.
            public var obligation: String
            /// The step of its ladder.
            public var rung: String
            /// Who gets it.
            public var to: PartyID
        }
        /// Which notice.
        public var key: Key
        /// Its message type.
        public var type: String
        /// The deadline it speaks of.
        public var deadline: Instant?
        /// When it was said.
        public var at: Instant
        /// Of a word that a duty is done: whether it was done late.
        public var isLate: Bool
        /// Whether it was withdrawn afterwards.
        public var isWithdrawn = false
    }

    /// The notices on record, in their order.
    public private(set) var recorded: [Notice] = []
    /// The notices that there would have been, in their order.
    public private(set) var replayed: [Notice] = []
    /// How many messages of parties were read.
    public private(set) var messageCount = 0
    /// How many of those do not count under the other regulation.
    public var refusedCount: Int { leader.state.refusedCount }

    private let regulation: Regulation
    private let settling: Span
    private let options: LedgerState.Options
    /// The leader that makes the notices anew.
    private var leader: Leader
    private var actions: [Leader.Action] = []
    /// What the leader asks the broker: the answer is on record where there was one.
    private var inquiry: Leader.ArrivalInquiry?
    private var now = Instant(milliseconds: 0)
    private var recordedIDs: [String: Int] = [:]
    private var replayedIDs: [String: Int] = [:]
    private var recordedElection: String?
    private var count: Int64 = 0
    private var waiting: [LedgerState.Record] = []

    /// A replay under this regulation. `options` are those of the clock that the ledger was written by.
    /// `setAside` is what a first reading of the ledger found to be left out.
    public init(under regulation: Regulation, options: LedgerState.Options = .init(), setAside: SetAside = SetAside()) {
        (self.regulation, self.options) = (regulation, options)
        settling = options.stretched(LedgerState.settling)
        leader = Replay.leader(reading: LedgerState(regulation: regulation, options: options, setAside: setAside), regulation, options)
    }

    private static func leader(reading state: LedgerState, _ regulation: Regulation, _ options: LedgerState.Options) -> Leader {
        let pace = Leader.Pace(settling: LedgerState.settling, gatheringSeconds: 0, stillSeconds: .infinity)
        return Leader(reading: state, regulation: regulation, instance: "replay", options: options, pace: pace) { term in "replay/\(term)" }
    }

    private var moment: Leader.Moment { Leader.Moment(seconds: Double(now.milliseconds) / 1000, wall: now) }

    // MARK: Reading

    /// Takes in the next record of the ledger.
    public mutating func read(_ record: LedgerState.Record) {
        guard record.carriage.userID == LedgerState.coordinator else {
            messageCount += 1
            // It is known when it came only when a record of the coordinator's has followed.
            return waiting.append(record)
        }
        guard let event = event(record) else { return }
        note(event)
        guard event.type == SystemType.coordinatorElected || (event.election != nil && event.election == recordedElection) else { return }
        // Steps that were due well before it came would have been taken; the leader waits for what is said at the last moment.
        run(until: event.time - settling - settling)
        now = max(now, event.time)
        if event.type != SystemType.coordinatorElected, let inquiry {
            self.inquiry = nil
            actions += leader.arrivalsTold(inquiry.number, [:], own: nil, at: moment)
        }
        takeWaiting()
        switch event.type {
        case SystemType.coordinatorElected:
            // The leader of the record is the leader here.
            var next = Replay.leader(reading: leader.state, regulation, options)
            _ = next.recordsRead([record], at: moment)
            next.leads(since: moment)
            actions = next.timePassed(at: moment)
            leader = next
        case SystemType.coordinatorMarked, SystemType.agentSilent, SystemType.agentReturned: actions += leader.recordsRead([record], at: moment)
        // A notice shows no more than that time had come so far.
        default: actions += leader.timePassed(at: moment)
        }
        settle()
    }

    /// Takes in what no record of the coordinator's follows, as having come when it was written.
    public mutating func finish() {
        let written = waiting.compactMap { event($0)?.time }.max()
        if let written { run(until: written) }
        now = max(now, written ?? now)
        takeWaiting()
        settle()
    }

    private mutating func takeWaiting() {
        actions += leader.recordsRead(waiting, at: moment)
        waiting = []
    }

    private func event(_ record: LedgerState.Record) -> Event? { (try? JSON(parsing: record.body)).flatMap { try? MessageReader.event(in: $0) } }

    /// Notes what is on record.
    private mutating func note(_ event: Event) {
        if event.type == SystemType.coordinatorElected { recordedElection = event.id }
        guard event.election == recordedElection, recordedIDs[event.id] == nil else { return }
        Replay.note(event, in: &recorded, &recordedIDs)
    }

    private static func note(_ event: Event, in notices: inout [Notice], _ ids: inout [String: Int]) {
        if event.type == SystemType.noticeWithdrawn, let index = event.data["withdraws"]?.string.flatMap({ ids[$0] }) { notices[index].isWithdrawn = true }
        // The word that a duty is done names no step: there is one such step.
        let rung = event.data["rung"]?.string ?? (event.type == SystemType.dutyFulfilled ? "settled" : nil)
        guard SentNotice.isOne(event.type), let obligation = event.data["obligation"]?.string, let rung, let to = event.data["to"]?.string else { return }
        ids[event.id] = notices.count
        let key = Notice.Key(obligation: obligation, rung: rung, to: to)
        let isLate = event.data["late"]?.bool ?? false
        notices.append(Notice(key: key, type: event.type, deadline: event.data["deadline"]?.instant, at: event.time, isLate: isLate))
    }

    // MARK: Leading

    /// The leader takes the steps that are due by an instant, each when it would have marked it.
    private mutating func run(until instant: Instant) {
        while leader.election != nil, let next = leader.state.nextInstant, next + settling <= instant {
            now = max(now, next + settling)
            actions += leader.timePassed(at: moment)
            settle()
            // Time has passed it; were it still next, it would be for ever.
            guard leader.state.nextInstant != next else { return }
        }
    }

    /// Does what the leader wants until it wants nothing more. What it publishes calls for a few more records and then for none.
    private mutating func settle() {
        for _ in 0..<1000 where !actions.isEmpty {
            let next = actions
            actions = []
            for action in next {
                switch action {
                case .publish(let publications): for item in publications { put(item) }
                case .ask(let inquiry): self.inquiry = inquiry
                case .returnToken, .handOver: actions += leader.tokenReceived(at: moment)
                case .learnEnd, .awaitToken, .say: break
                }
            }
        }
    }

    private mutating func put(_ item: Leader.Publication) {
        let event = item.event
        let key = RoutingKey(sender: event.sender, type: event.type, to: item.to).description
        let carriage = Carriage(exchange: "phoihop", routingKey: key, userID: event.sender, messageID: event.id, contentType: Event.contentType)
        count += 1
        let record = LedgerState.Record(body: event.encoded(offset: regulation.calendar.offset), carriage: carriage, offset: count)
        actions += leader.recordsRead([record], at: moment)
        Replay.note(event, in: &replayed, &replayedIDs)
    }
}
