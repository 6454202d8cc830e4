import Coordination
import Messages
import Regulation
import Synchronization
import Values

/// A ledger in memory whose coordinator has bad weather: what it decides is decided by the same leader as in operation, at the pace of operation, and between it and
/// the ledger everything goes wrong that can. What the parties say arrives; when it arrived is known, so that what should have come of it is known as well.
public struct Storm: Sendable {
    /// The ledger.
    public private(set) var events: [Event] = []
    /// What follows from all of it, whether the coordinator has read it or not.
    public private(set) var state: LedgerState
    /// What the clock shows.
    public private(set) var now: Instant
    /// How often each thing went wrong.
    public private(set) var blows: [String: Int] = [:]

    private enum Later: Sendable {
        case read
        case worked(process: Int)
        case put([Leader.Publication], tenure: Int, process: Int, confirmedAfter: Span?)
        case outcome([String], Leader.Outcome, process: Int)
        case tokenComes(process: Int)
        case endTold(Int64?, process: Int)
        case endNotTold(process: Int)
        case arrivalsTold(Leader.ArrivalInquiry, process: Int)
        case arrivalsNotTold(Leader.ArrivalInquiry, process: Int)
        case blow(Weather.Blow)
        case aimed(Weather.Blow)
        case starts
    }

    private let regulation: Regulation
    private let pace: Leader.Pace
    private var vigil: Vigil
    private var weather: Weather
    private var leader: Leader
    /// Which process the coordinator is; what was meant for an earlier one comes too late.
    private var process = 0
    private var isRunning = true
    /// How often the token came and went.
    private var tenure = 0
    private var hasToken = false
    private var standsStillUntil: Instant?
    private var later: [(at: Instant, order: Int, what: Later)] = []
    private var order = 0
    private var records: [(record: LedgerState.Record, arrival: Instant, readableAt: Instant)] = []
    private var read = 0
    private var arrivals: [String: Instant] = [:]
    private var lastPut = Instant(milliseconds: 0)
    private var owed: [PartyID: [String]] = [:]
    private var refusals: [String: Int] = [:]
    private var count = 0
    private var offset: Span { regulation.calendar.offset }

    /// A storm from a seed. It begins at an instant with a coordinator that starts on an empty ledger.
    public init(seed: UInt64, from start: Instant, regulation: Regulation = .standard) {
        (now, self.regulation, pace) = (start, regulation, .live)
        vigil = Vigil(from: start, settling: Leader.Pace.live.settling)
        weather = Weather(seed: seed)
        state = LedgerState(regulation: regulation)
        leader = Storm.leader(reading: state, nil, regulation, process: 0)
        perform(leader.started(at: moment))
        let (after, blow) = weather.blow()
        schedule(.blow(blow), after: after)
    }

    /// What the leader did that it must not do at any moment, or did not do though nothing kept it.
    public var findings: [String] { vigil.findings }

    /// Whether what is said and read meets with no mishap; the coordinator itself may still die.
    public var isCalm: Bool {
        get { weather.isCalm }
        set { weather.isCalm = newValue }
    }

    /// Nothing goes wrong any more.
    public mutating func calmDown() {
        weather.isCalm = true
        later.removeAll { if case .blow = $0.what { true } else { false } }
    }

    /// Something befalls the coordinator at an instant, whatever the weather brings beside it.
    mutating func aim(_ blow: Weather.Blow, at instant: Instant) { schedule(.aimed(blow), after: instant - now) }

    /// A party says something now.
    public mutating func say(_ event: Event, to: String = RoutingKey.all) {
        put(event, to: to)
        issueReceipts()
    }

    // MARK: Time

    private var moment: Leader.Moment { Leader.Moment(seconds: Double(now.milliseconds) / 1000, wall: now) }

    /// Lets time pass.
    public mutating func run(until target: Instant) {
        while true {
            var next = target
            if let first = later.min(by: { ($0.at, $0.order) < ($1.at, $1.order) }) { next = min(next, max(now, first.at)) }
            var looks = false
            if isRunning {
                // It looks all the time, which is not played where nothing comes of it; but what stood still looks as soon as it can.
                let look = max(leader.nextLook(at: moment), moment.seconds)
                let wanted = look.isFinite ? max(now + Storm.step, Instant(milliseconds: Int64((look * 1000).rounded(.up)))) : nil
                if let at = standsStillUntil.map({ max($0, now + Storm.step) }) ?? wanted, at < next { (next, looks) = (at, true) }
            }
            if next > now { vigil.nothingHappens(until: next, state) }
            now = max(now, next)
            if isRunning, standsStillUntil == nil { leader.rested(until: moment) }
            if looks {
                standsStillUntil = nil
                perform(leader.timePassed(at: moment))
            } else if let index = later.indices.filter({ later[$0].at <= now }).min(by: { (later[$0].at, later[$0].order) < (later[$1].at, later[$1].order) }) {
                happen(later.remove(at: index).what)
            } else {
                return
            }
            issueReceipts()
        }
    }

    /// The shortest time between two looks at the clock.
    private static let step = Span(milliseconds: 5)

    private mutating func schedule(_ what: Later, after span: Span) {
        order += 1
        later.append((now + span, order, what))
    }

    /// Whether something meant for the coordinator can reach it now; what cannot comes when it moves again.
    private mutating func reaches(_ what: Later, _ process: Int) -> Bool {
        guard isRunning, process == self.process else { return false }
        if let until = standsStillUntil {
            if now < until {
                schedule(what, after: until - now)
                return false
            }
            standsStillUntil = nil
        }
        return true
    }

    /// What was read and not taken in yet is worked on a moment later; anything may happen in between.
    private mutating func workOn() { if leader.hasUnread { schedule(.worked(process: process), after: Storm.step) } }

    private mutating func happen(_ what: Later) {
        switch what {
        case .read:
            guard reaches(what, process) else { return }
            let end = records[read...].prefix { $0.readableAt <= now }.endIndex
            guard end > read else { return }
            let batch = records[read..<end].map(\.record)
            read = end
            // A process that begins reads many records, and does nothing else meanwhile.
            perform(leader.recordsRead(batch, at: moment, share: batch.count > Leader.share ? .max : weather.share()))
            workOn()
        case .worked(let process):
            guard reaches(what, process) else { return }
            perform(leader.workedOn(at: moment, share: weather.share()))
            workOn()
        case .put(let publications, let tenure, let process, let confirmedAfter):
            for item in publications { put(item.event, to: item.to) }
            if let confirmedAfter, tenure == self.tenure {
                schedule(.outcome(publications.map(\.event.id), .confirmed, process: process), after: confirmedAfter)
            }
        case .outcome(let ids, let outcome, let process):
            guard reaches(what, process) else { return }
            for id in ids { perform(leader.published(id, outcome, at: moment)) }
        case .tokenComes(let process):
            guard reaches(what, process) else { return }
            hasToken = true
            perform(leader.tokenReceived(at: moment))
        case .endTold(let end, let process): if reaches(what, process) { perform(leader.ledgerEndKnown(end, at: moment)) }
        case .endNotTold(let process): if reaches(what, process) { perform(leader.ledgerEndNotKnown(at: moment)) }
        case .arrivalsTold(let inquiry, let process):
            guard reaches(what, process) else { return }
            vigil.isTold()
            let told = inquiry.acts.map { ($0.id, endOfSecond(at: $0.offset)) }
            perform(leader.arrivalsTold(inquiry.number, Dictionary(told) { first, _ in first }, own: endOfSecond(at: inquiry.own), at: moment))
        case .arrivalsNotTold(let inquiry, let process):
            guard reaches(what, process) else { return }
            vigil.isNotTold()
            perform(leader.arrivalsNotTold(inquiry.number, reason: "the weather", at: moment))
        case .blow(let blow):
            strike(blow)
            let (after, next) = weather.blow()
            schedule(.blow(next), after: after)
        case .aimed(let blow): if isRunning { strike(blow) }
        case .starts: start()
        }
    }

    private mutating func strike(_ blow: Weather.Blow) {
        note("\(blow)")
        switch blow {
        case .standsStill(let span):
            vigil.excuse(from: now, for: span)
            if isRunning { standsStillUntil = now + span }
        case .losesToken(let span): if isRunning { loseToken(for: span) }
        case .isReplaced: start()
        case .dies(let span):
            vigil.excuse(from: now, for: span)
            isRunning = false
            hasToken = false
            tenure += 1
            process += 1
            schedule(.starts, after: span)
        }
    }

    private mutating func note(_ what: String) { blows[String(what.prefix { $0 != "(" }), default: 0] += 1 }

    private mutating func loseToken(for span: Span) {
        tenure += 1
        hasToken = false
        vigil.isTold()
        vigil.excuse(from: now, for: span)
        perform(leader.tokenLost(at: moment))
        schedule(.tokenComes(process: process), after: span)
    }

    /// Another coordinator, which has read all that there is.
    private mutating func start() {
        process += 1
        tenure += 1
        isRunning = true
        hasToken = false
        standsStillUntil = nil
        vigil.isTold()
        vigil.excuse(from: now, for: .zero)
        leader = Storm.leader(reading: state, records.last?.record.offset, regulation, process: process)
        read = records.count
        perform(leader.started(at: moment))
    }

    private static func leader(reading state: LedgerState, _ last: Int64?, _ regulation: Regulation, process: Int) -> Leader {
        let (name, elections) = ("storm/\(process)", Elections())
        return Leader(reading: state, lastOffset: last, regulation: regulation, instance: name) { term in
            "\(name)/\(term)/\(elections.count.add(1, ordering: .relaxed).newValue)"
        }
    }

    /// How often a process stood for election.
    private final class Elections: Sendable { let count = Atomic(0) }

    // MARK: What the leader wants

    private mutating func perform(_ actions: [Leader.Action]) {
        let holding = tenure
        for action in actions {
            switch action {
            case .learnEnd:
                let answer = weather.answer()
                vigil.excuse(from: now, for: answer.takes)
                switch answer {
                case .told(let span): schedule(.endTold(records.last?.record.offset, process: process), after: span)
                case .notTold(let span): schedule(.endNotTold(process: process), after: span)
                }
            case .awaitToken, .returnToken:
                hasToken = false
                let delay = weather.tokenDelay()
                vigil.excuse(from: now, for: delay)
                schedule(.tokenComes(process: process), after: delay)
            case .handOver(let seconds):
                hasToken = false
                schedule(.tokenComes(process: process), after: .seconds(Int64(seconds)))
            // What was to go out over a channel that just broke goes nowhere.
            case .publish(let publications): if holding == tenure { publish(publications) }
            case .ask(let inquiry):
                if holding == tenure { vigil.asks(inquiry) }
                let answer = weather.answer()
                vigil.excuse(from: now, for: answer.takes)
                switch answer {
                case .told(let span): schedule(.arrivalsTold(inquiry, process: process), after: span)
                case .notTold(let span): schedule(.arrivalsNotTold(inquiry, process: process), after: span)
                }
            case .say(let remark): note("\(remark)")
            }
        }
    }

    private mutating func publish(_ publications: [Leader.Publication]) {
        vigil.publishes(publications, isEntitled: hasToken)
        let ids = publications.map(\.event.id)
        let fate = weather.fate()
        note("\(fate)")
        excuse(fate, publications)
        /// One channel keeps the order.
        func putAfter(_ span: Span) -> Span {
            lastPut = max(lastPut + Span(milliseconds: 1), now + span)
            return lastPut - now
        }
        switch fate {
        case .arrive(let after, let confirmedAfter):
            schedule(.put(publications, tenure: tenure, process: process, confirmedAfter: confirmedAfter), after: putAfter(after))
        case .arriveUnconfirmed(let after):
            schedule(.put(publications, tenure: tenure, process: process, confirmedAfter: nil), after: putAfter(after))
            schedule(.outcome(ids, .lost("the weather"), process: process), after: .seconds(5))
        case .vanish(let after): schedule(.outcome(ids, .confirmed, process: process), after: after)
        case .breakOff(let arrive):
            if arrive { schedule(.put(publications, tenure: -1, process: process, confirmedAfter: nil), after: putAfter(Span(milliseconds: 3))) }
            schedule(.outcome(ids, .lost("the weather"), process: process), after: Span(milliseconds: 1))
            loseToken(for: weather.tokenDelay())
        case .refuse:
            schedule(.outcome(ids, .refused("the weather"), process: process), after: Span(milliseconds: 1))
            loseToken(for: weather.tokenDelay())
        }
    }

    /// What a fate may cost: a confirmation that comes late or never costs nothing, for what is on the ledger is read back from there.
    private mutating func excuse(_ fate: Weather.Fate, _ publications: [Leader.Publication]) {
        switch fate {
        case .arrive(let after, _): if after > Span(milliseconds: 100) { vigil.excuse(from: now, for: after) }
        case .arriveUnconfirmed: break
        case .vanish, .breakOff:
            let isElection = publications.contains { $0.event.type == SystemType.coordinatorElected }
            vigil.excuse(from: now, for: isElection ? .seconds(Int64(Leadership.readBackSeconds)) : .zero)
        case .refuse:
            for item in publications { refusals[item.event.id, default: 0] += 1 }
            let times = publications.compactMap { refusals[$0.event.id] }.max() ?? 0
            vigil.excuse(from: now, for: .seconds(min(60, 1 << Int64(min(times, 6)))))
        }
    }

    // MARK: The ledger

    private mutating func put(_ event: Event, to: String) {
        let carriage = Carriage(
            exchange: "phoihop", routingKey: RoutingKey(sender: event.sender, type: event.type, to: to).description, userID: event.sender,
            messageID: event.id, contentType: Event.contentType)
        let record = LedgerState.Record(body: event.encoded(offset: offset), carriage: carriage, offset: Int64(records.count))
        arrivals[event.id] = arrivals[event.id] ?? now
        let readingDelay = weather.readingDelay()
        if readingDelay > Span(milliseconds: 100) { vigil.excuse(from: now, for: readingDelay) }
        let readableAt = max(records.last?.readableAt ?? now, now + readingDelay)
        records.append((record, now, readableAt))
        events.append(event)
        state.evolve(record)
        refusals[event.id] = nil
        if event.sender == LedgerState.coordinator { vigil.recorded(event, at: now, arrivals) }
        vigil.ledgerGrew(state, at: now)
        schedule(.read, after: readableAt - now)
        guard let type = regulation.messageType(event.type), type.owesReceipt, type.senders.contains(event.sender) else { return }
        for party in Set(type.to + [to]) where regulation.party(party).map({ $0.role != .system }) == true { owed[party, default: []].append(event.id) }
    }

    private mutating func issueReceipts() {
        while !owed.isEmpty {
            let parties = owed
            owed = [:]
            for (party, ids) in parties.sorted(by: { $0.key < $1.key }) {
                count += 1
                let receipts = ids.map { id -> JSON in ["id": .string(id), "receivedAt": JSON(now, offset: offset)] }
                put(
                    Event(id: "receipt-\(count)", sender: party, type: SystemType.receiptIssued, time: now, data: ["receipts": .array(receipts)]),
                    to: RoutingKey.all)
            }
        }
    }

    /// When a record came in, as the broker tells it.
    private func endOfSecond(at offset: Int64) -> Instant { Instant(milliseconds: (records[Int(offset)].arrival.milliseconds / 1000 + 1) * 1000) }
}
