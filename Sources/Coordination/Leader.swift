import Messages
import Regulation
import Values

/// What a coordinator does and when: it reads the ledger to its end, stands for leadership, asks when messages came in that nobody saw coming, marks the time,
/// and publishes what its fold calls for. A state machine without I/O: what happened comes in, what is to be done goes out, and a test can play any order of
/// both. The coordinator performs it, and so do the simulation and the replay.
public struct Leader: Sendable {
    /// A moment on both clocks. Waits are measured in seconds of the clock that never steps; duties go by the wall.
    public struct Moment: Sendable, Hashable {
        /// Seconds on a clock that only runs forward.
        public var seconds: Double
        /// What the machine's own clock shows.
        public var wall: Instant
        /// A moment that both clocks show.
        public init(seconds: Double, wall: Instant) { (self.seconds, self.wall) = (seconds, wall) }
    }

    /// A record on its way into the ledger.
    public struct Publication: Sendable, Hashable {
        /// What is said.
        public var event: Event
        /// The party it goes to, or `all`.
        public var to: String
        /// Such a record.
        public init(event: Event, to: String) { (self.event, self.to) = (event, to) }
    }

    /// How long it waits before it says something.
    public struct Pace: Sendable {
        /// How long after an instant the ledger counts as known up to it: what was said in time has then been seen.
        public var settling: Span
        /// How long after an obligation opened nothing is said of it: what a spool delivers in one go is judged when all of it is in. In seconds.
        public var gatheringSeconds: Double
        /// After so many seconds without a look at the clock the machine stood still.
        public var stillSeconds: Double

        /// In operation.
        public static let live = Pace(settling: LedgerState.settling, gatheringSeconds: 1, stillSeconds: 3)
        /// On a clock that jumps, where everything that is said at an instant takes no time.
        public static let instant = Pace(settling: .zero, gatheringSeconds: 0, stillSeconds: .infinity)

        /// Waits of these lengths.
        public init(settling: Span, gatheringSeconds: Double, stillSeconds: Double) {
            (self.settling, self.gatheringSeconds, self.stillSeconds) = (settling, gatheringSeconds, stillSeconds)
        }
    }

    /// What became of a publication.
    public enum Outcome: Sendable, Hashable {
        /// The broker has it.
        case confirmed
        /// The broker does not take it, and would not take it again.
        case refused(String)
        /// No answer came: it may be on the ledger or not.
        case lost(String)
    }

    /// A question to the broker: when did these records come in?
    public struct ArrivalInquiry: Sendable, Hashable {
        /// Its number; an answer to an earlier one counts for nothing.
        public var number: Int
        /// The acts that are asked about, those that would be late first.
        public var acts: [LedgerState.Doubtful]
        /// The place of the leader's own last record, which is younger than all of them, and by which the broker's clock is compared.
        public var own: Int64
        /// When that record was written and when it was read back, by the leader's clock as corrected then: the broker dated it in between.
        public var written, read: Instant
    }

    /// What is to be done.
    public enum Action: Sendable, Hashable {
        /// Ask where the ledger ends; then `ledgerEndKnown` or `ledgerEndNotKnown`.
        case learnEnd
        /// Wait for the token, from now on; the ledger has been read to its end.
        case awaitToken
        /// Put the token back.
        case returnToken
        /// Put the token back and leave its queue for so many seconds, so that a standby gets it.
        case handOver(seconds: Double)
        /// Publish on the token's channel; then `published` for each.
        case publish([Publication])
        /// Ask the broker; then `arrivalsTold` or `arrivalsNotTold`.
        case ask(ArrivalInquiry)
        /// Put something into the log.
        case say(Remark)
    }

    /// What the log is told.
    public enum Remark: Sendable, Hashable {
        /// The ledger has been read to its end.
        case caughtUp(records: Int)
        /// It leads and watches the deadlines.
        case leads(election: String)
        /// It led and does not any more.
        case leadsNoMore
        /// A publication was not taken or not confirmed, and is tried again.
        case notPublished(id: String, reason: String)
        /// A confirmed publication is not on the ledger, and is tried again.
        case notOnLedger(id: String)
        /// The broker does not tell when messages came in.
        case arrivalsUnknown(reason: String)
        /// A record does not count.
        case refused(Refusal)
        /// So many more records of the last second do not count.
        case refusedMore(count: Int)
        /// Nothing was done for so many seconds: the machine stood still.
        case stoodStill(seconds: Double)
        /// The machine's clock is off by so much, by the parties' clocks and the broker's.
        case clockIsOff(Span)
        /// The machine's clock agrees again.
        case clockIsRight
    }

    /// How far the ledger has been read.
    private enum Reading: Sendable {
        /// Where it ends is not known: it was asked for at this second, or is to be asked for. It leaves by hearing it.
        case unbounded(askedAt: Double?)
        /// The end is known and not reached. It leaves by reading up to it.
        case behind(end: Int64)
        /// The ledger has been read up to where it ended when that was asked: the token may be taken.
        case current
    }

    /// A record that is being taken in, and how things stood before.
    private struct Half: Sendable {
        var record: LedgerState.Record
        var election: LedgerState.Election?
        var refused: Int
    }

    /// A publication that has not been read back.
    private struct UnderWay: Sendable {
        /// Its place among all that this leader published.
        var order: Int
        /// When it was written.
        var written: Moment
        /// Whether it is a mark.
        var isMark: Bool
        /// The lane of the agenda from which it was taken, if it was.
        var lane: Agenda.Lane?
        /// Whether its confirmation was lost: it may be on the ledger or not, and a later mark will show.
        var isLost = false
        /// The acts whose arrival it tells.
        var tells: [LedgerState.Doubtful] = []
    }

    /// Where the broker's word on arrivals stands.
    private enum Asking: Sendable {
        /// Nothing is asked.
        case idle
        /// A question is under way. It leaves by its answer or by the answer's failing.
        case asked(ArrivalInquiry, failures: Int)
        /// The last question was not answered; it is asked again at this second.
        case waiting(until: Double, failures: Int)
    }

    /// What follows from the ledger.
    public private(set) var state: LedgerState
    /// The offset of the last record read.
    public private(set) var lastOffset: Int64?

    private let regulation: Regulation
    private let instance: String
    private let rate: Double
    private let pace: Pace
    private let settling: Span
    private let duties: @Sendable (Instant) -> Instant
    private var leadership: Leadership
    private var clock = LeaderClock()
    private var reading = Reading.unbounded(askedAt: nil)
    private var asking = Asking.idle
    /// Records that were read and not taken in yet, in the ledger's order, and the one before them that was taken in by half.
    private var unread = Queue<LedgerState.Record>()
    private var half: Half?
    /// What was published under this election and has not been read back, by id. It leaves by being read, by a failure, or by a later mark being read.
    private var underWay: [String: UnderWay] = [:]
    /// What the broker refused, until when it is not tried again and how often it was. A refusal closes the channel and so costs the token: were it forgotten
    /// with the election, the next one would end in the same way.
    private var heldBack: [String: (until: Double, times: Int)] = [:]
    private var order = 0
    private var marks = 0
    private var lastMark = -Double.infinity
    private var inquiries = 0
    /// The last of its own records that was read back, its place, and when it was written and read by the corrected clock.
    private var own: (offset: Int64, written: Moment, read: Instant)?
    /// Acts of whose arrival the broker knows nothing.
    private var untold: Set<String> = []
    /// Obligations that opened a moment ago, and until when nothing is said of them; those that opened first come first.
    private var young: [(id: String, until: Double)] = []
    /// Those of which nothing is said until what so many records say of their cases counts.
    private var ripening: [(id: String, through: Int)] = []
    /// All of both.
    private var youngIDs: Set<String> = []
    /// When the messages were read that do not count yet, by id, in seconds.
    private var readAt: [String: Double] = [:]
    /// When it was last told anything, in seconds.
    private var lastLook: Double?
    private var refusalRemarks = RefusalRemarks()
    /// How much had been published when the machine last stood still: until a later mark is read back, none vouches for when the last messages came in.
    private var stoodStillAfter: Int?

    /// How long the end of the ledger may stay unknown before it is asked for again, in seconds.
    static let endPatienceSeconds = 10.0
    /// How long the broker may take for one answer, in seconds.
    public static let answerSeconds = 5.0
    /// How long after it was not told it is asked for again, in seconds.
    static let endAgainSeconds = 0.5
    /// How many publications may be under way at once, so that what is urgent never waits behind many others.
    static let window = 500
    /// How many of those one party may have caused, where they are not overdue: whatever it brings about, a mark and what is said of others wait behind no
    /// more than these. Where the broker has much to do it takes them more slowly, and so has less to do; where it has not, thousands a second go through.
    static let laneWindow = 8
    /// How many records, messages and cases are worked on in one go, a few hundredths of a second on a busy machine.
    public static let share = 150
    /// How often time is marked while earlier marks have not been read back, in seconds: marks bracket what comes in, also where reading lags.
    static let markSeconds = 0.2
    /// How many marks may be under way.
    static let markLimit = 200
    /// How long nothing is said of duties whose acts the broker is asked about while it does not answer, in seconds.
    static let arrivalPatienceSeconds = 30.0
    /// How long after a question that was not answered it is asked again, in seconds.
    public static let askAgainSeconds = 2.0
    /// How many arrivals one mark tells.
    static let stampLimit = 100
    /// For how long a leader whose clock is wrong leaves the token to others, in seconds.
    static let handOverSeconds = 60.0

    /// A coordinator that has read what `state` holds, up to `lastOffset`, and nothing else.
    ///
    /// - Parameters:
    ///   - regulation: the one to be in force.
    ///   - instance: host and process, for the election.
    ///   - options: those of the clock of the duties.
    ///   - pace: how long it waits before it says something.
    ///   - duties: what the clock of the duties shows at an instant of real time.
    ///   - makeID: a new id for each election.
    public init(
        reading state: LedgerState, lastOffset: Int64? = nil, regulation: Regulation, instance: String, options: LedgerState.Options = .init(),
        pace: Pace = .live,
        duties: @escaping @Sendable (Instant) -> Instant = { $0 }, makeID: @escaping @Sendable (Int64) -> String
    ) {
        (self.state, self.lastOffset, self.regulation, self.instance) = (state, lastOffset, regulation, instance)
        (rate, self.duties) = (options.rate, duties)
        self.pace = pace
        settling = options.stretched(pace.settling)
        leadership = Leadership(lastTerm: state.election?.term ?? 0, makeID: makeID)
    }

    /// One that has read its election back already, and leads under the election in force; the ledger is read to its end.
    public mutating func leads(since moment: Moment) {
        guard let election = state.election else { return }
        leadership.leads(election: election.id, since: moment.seconds)
        reading = .current
        clock.passed(moment)
    }

    // MARK: What it is

    /// The election under which it acts, nil while it does not.
    public var election: String? { leadership.election }
    /// Whether the ledger has been read to its end once.
    public var hasCaughtUp: Bool { if case .current = reading { true } else { false } }
    /// By how much the machine's clock is corrected.
    public var correction: Span { clock.correction }

    /// What the clock of the duties shows at a moment.
    public func now(at moment: Moment) -> Instant { duties(moment.wall + clock.correction) }

    /// How long it may be left alone, in seconds; what happens in between comes first. Looked at often, since the machine's clock may be set.
    public func patience(at moment: Moment) -> Double { min(0.25, max(0.001, nextLook(at: moment) - moment.seconds)) }

    /// The second at which time alone changes something; infinite where nothing but what comes in does.
    public func nextLook(at moment: Moment) -> Double {
        var looks: [Double] = []
        if case .unbounded(let askedAt) = reading { looks.append((askedAt ?? moment.seconds) + Leader.endPatienceSeconds) }
        if let second = leadership.nextLook { looks.append(second) }
        guard leadership.election != nil else { return looks.min() ?? .infinity }
        if let next = state.nextInstant {
            let due = moment.seconds + Double((next + settling - now(at: moment)).milliseconds) / 1000 / rate
            looks.append(underWay.values.contains { $0.isMark } ? max(due, lastMark + Leader.markSeconds) : due)
        }
        if state.hasUnobserved || stoodStillAfter != nil { looks.append(lastMark + Leader.markSeconds) }
        if let second = wantsMarkFrom { looks.append(max(second, lastMark + Leader.markSeconds)) }
        if let first = young.first { looks.append(first.until) }
        if case .waiting(let until, _) = asking { looks.append(until) }
        if let until = heldBack.values.map(\.until).filter({ $0 > moment.seconds }).min() { looks.append(until) }
        if clock.isUnproven(at: moment.seconds) { looks.append(clock.unprovenSince + LeaderClock.patienceSeconds) }
        return looks.min() ?? .infinity
    }

    /// Whether what it set out to do comes about: a leader of whom this is false watches nothing, however alive it is.
    public func isAtWork(at moment: Moment) -> Bool {
        guard leadership.election != nil else { return false }
        return !underWay.values.contains { moment.seconds - $0.written.seconds > Leader.workSeconds }
    }

    /// How long a publication may take to be read back before the leader counts as not at work, in seconds.
    static let workSeconds = 20.0

    // MARK: The ledger

    /// It begins: the ledger is being read.
    public mutating func started(at moment: Moment) -> [Action] {
        _ = passed(moment)
        reading = .unbounded(askedAt: moment.seconds)
        return [.learnEnd]
    }

    /// The ledger ended at this offset when it was asked; nil: it was empty.
    public mutating func ledgerEndKnown(_ end: Int64?, at moment: Moment) -> [Action] {
        let remarks = passed(moment)
        guard case .unbounded = reading else { return remarks }
        reading = .behind(end: end ?? -1)
        return remarks + caughtUp()
    }

    /// Where the ledger ends was not told.
    public mutating func ledgerEndNotKnown(at moment: Moment) -> [Action] {
        let again = moment.seconds - Leader.endPatienceSeconds + Leader.endAgainSeconds
        if case .unbounded = reading { reading = .unbounded(askedAt: again) }
        return passed(moment)
    }

    private mutating func caughtUp() -> [Action] {
        guard case .behind(let end) = reading, end < 0 || lastOffset.map({ $0 >= end }) == true else { return [] }
        reading = .current
        return [.say(.caughtUp(records: state.recordCount)), .awaitToken]
    }

    /// Records were read, in the ledger's order. What is left of them after a share of the work is taken in by `workedOn`.
    ///
    /// - Parameter share: how many records, messages that they vouch for and cases that are derived anew are to be worked on at most, so that the clock is looked
    ///   at in between.
    public mutating func recordsRead(_ records: some Sequence<LedgerState.Record>, at moment: Moment, share: Int = .max) -> [Action] {
        for record in records { unread.append(record) }
        return workedOn(at: moment, share: share)
    }

    /// Whether records that were read have not been taken in yet.
    public var hasUnread: Bool { half != nil || unread.first != nil }

    /// More of the work on the records that were read has been done.
    public mutating func workedOn(at moment: Moment, share: Int = .max) -> [Action] {
        var actions = passed(moment)
        var left = share
        while left > 0, hasUnread {
            state.goOn(&left)
            if state.isObserving { break }
            if let item = half {
                half = nil
                actions += taken(item, at: moment)
            } else if let record = unread.first {
                unread.removeFirst()
                left -= 1
                half = Half(record: record, election: state.election, refused: state.refusedCount)
                if leadership.election != nil, let id = record.carriage.messageID, readAt[id] == nil { readAt[id] = moment.seconds }
                state.begin(record)
            }
        }
        return actions + caughtUp() + act(at: moment)
    }

    /// A record was taken in whole.
    private mutating func taken(_ item: Half, at moment: Moment) -> [Action] {
        var actions: [Action] = []
        let record = item.record
        noteOpened(at: moment)
        if !state.hasUnobserved { readAt.removeAll(keepingCapacity: true) }
        if let offset = record.offset { lastOffset = max(offset, lastOffset ?? offset) }
        if state.refusedCount > item.refused, let refusal = state.lastRefusal, refusalRemarks.says(at: moment.seconds) {
            actions.append(.say(.refused(refusal)))
        }
        // A deposed leader's notice has the same id and does not count.
        if record.carriage.userID == LedgerState.coordinator, let id = record.carriage.messageID, state.isOnRecord(id) {
            actions += readBack(id, at: record.offset, moment)
        }
        if let election = state.election, election != item.election {
            actions += perform(leadership.electionRead(id: election.id, term: election.term, at: moment.seconds), at: moment)
        }
        return actions
    }

    /// Nothing is said of an obligation for a moment after what opened it was read: what settles it may be on its way in the same spool.
    private mutating func noteOpened(at moment: Moment) {
        guard leadership.election != nil, pace.gatheringSeconds > 0 else { return }
        for (id, message) in state.justOpened where youngIDs.insert(id).inserted {
            young.append((id, (readAt[message] ?? moment.seconds) + pace.gatheringSeconds / max(1, rate)))
        }
    }

    private mutating func letGo(at moment: Moment) {
        let count = young.prefix { $0.until <= moment.seconds }.count
        // What was read until now is to count first; what comes later keeps nothing back.
        ripening += young.prefix(count).map { ($0.id, state.recordCount) }
        young.removeFirst(count)
        ripening.removeAll { item in
            if state.awaitsObservation(item.id, through: item.through) { return false }
            youngIDs.remove(item.id)
            return true
        }
    }

    /// A publication of this leader's was read. One channel keeps the order, so what it published before a mark that was read, and what was not read before
    /// it, is not on the ledger.
    private mutating func readBack(_ id: String, at offset: Int64?, _ moment: Moment) -> [Action] {
        heldBack[id] = nil
        guard let item = underWay.removeValue(forKey: id) else { return [] }
        if let offset { own = (offset, item.written, moment.wall + clock.correction) }
        guard item.isMark else { return [] }
        if let before = stoodStillAfter, item.order > before { stoodStillAfter = nil }
        let missing = underWay.filter { $0.value.order < item.order }.map(\.key).sorted()
        for id in missing { underWay[id] = nil }
        return missing.map { .say(.notOnLedger(id: $0)) }
    }

    // MARK: The token

    /// The token arrived.
    public mutating func tokenReceived(at moment: Moment) -> [Action] {
        passed(moment) + perform(leadership.tokenReceived(at: moment.seconds), at: moment) + act(at: moment)
    }

    /// The token is gone: its connection broke or its queue was lost.
    public mutating func tokenLost(at moment: Moment) -> [Action] {
        let remarks = passed(moment) + (leadership.state == .standby ? [] : [.say(.leadsNoMore)])
        leadership.tokenLost()
        forget()
        return remarks
    }

    /// Nothing of an election outlives it.
    private mutating func forget() {
        underWay = [:]
        asking = .idle
        own = nil
        untold = []
        (young, ripening, youngIDs, readAt) = ([], [], [], [:])
        stoodStillAfter = nil
        lastMark = -Double.infinity
    }

    private mutating func perform(_ actions: [Leadership.Action], at moment: Moment) -> [Action] {
        actions.flatMap { action -> [Action] in
            switch action {
            case .stand(let election, let term):
                forget()
                let data: JSON = ["term": .int(term), "instance": .string(instance), "version": .string(regulation.version)]
                return [publish([publication(SystemType.coordinatorElected, data, id: election, election: election, at: moment)], at: moment)]
            case .returnToken: return [.returnToken]
            case .lead(let election):
                clock.elected(at: own?.written.seconds ?? moment.seconds)
                return [.say(.leads(election: election))]
            }
        }
    }

    // MARK: Publishing

    /// What became of a publication.
    public mutating func published(_ id: String, _ outcome: Outcome, at moment: Moment) -> [Action] {
        let remarks = passed(moment)
        guard underWay[id] != nil else { return remarks }
        switch outcome {
        case .confirmed: return remarks
        case .lost(let reason):
            underWay[id]?.isLost = true
            return remarks + [.say(.notPublished(id: id, reason: reason))] + act(at: moment)
        case .refused(let reason):
            underWay[id] = nil
            let times = (heldBack[id]?.times ?? 0) + 1
            heldBack[id] = (moment.seconds + min(60, Double(1 << min(times, 6))), times)
            return remarks + [.say(.notPublished(id: id, reason: reason))]
        }
    }

    private func publication(_ type: String, _ data: JSON, id: String, election: String, at moment: Moment) -> Publication {
        let event = Event(id: id, sender: LedgerState.coordinator, type: type, time: now(at: moment), data: data, election: election)
        return Publication(event: event, to: RoutingKey.all)
    }

    private mutating func publish(_ publications: [Publication], isMark: Bool = false, at moment: Moment) -> Action {
        for item in publications {
            order += 1
            let written = Moment(seconds: moment.seconds, wall: moment.wall + clock.correction)
            underWay[item.event.id] = UnderWay(order: order, written: written, isMark: isMark)
        }
        return .publish(publications)
    }

    /// By how many seconds its reading lags behind the ledger: the age of the oldest of its own records that it has not read back.
    public func lagSeconds(at moment: Moment) -> Double {
        max(0, underWay.values.filter { !$0.isLost }.map { moment.seconds - $0.written.seconds }.max() ?? 0)
    }

    private func mayPublish(_ id: String, at moment: Moment) -> Bool { underWay[id] == nil && heldBack[id].map { $0.until <= moment.seconds } ?? true }

    /// A notice of what the coordinator itself finds, such as that an agent fell silent. It is to be given again until it is on record.
    public mutating func found(_ decisions: [Decision], at moment: Moment) -> [Action] {
        let remarks = passed(moment)
        guard let election = leadership.election, stoodStillAfter == nil else { return remarks }
        let wanted = decisions.filter { mayPublish($0.id, at: moment) }
        if wanted.isEmpty { return remarks }
        let now = now(at: moment)
        return remarks + [publish(wanted.map { Publication(event: $0.event(time: now, election: election), to: $0.to) }, at: moment)]
    }

    // MARK: Acting

    /// What is to be done now, if it leads.
    private mutating func act(at moment: Moment) -> [Action] {
        guard let election = leadership.election else { return [] }
        // Time is marked also then, so that the next mark vouches for less. All else waits until what came in counts; and after a standstill, until a mark that says
        // so is on the ledger, since whatever came there before it would vouch for when the last messages came in.
        if state.isObserving || stoodStillAfter != nil { return mark(election, at: moment) }
        var actions: [Action] = []
        if state.regulation?.digest != regulation.digest {
            let id = "regulation/\(regulation.digest)/\(election)"
            if mayPublish(id, at: moment) {
                let data: JSON = .compact([
                    "regulation": regulation.source, "digest": .string(regulation.digest), "previousDigest": state.regulation.map { .string($0.digest) },
                ])
                actions.append(publish([publication(SystemType.regulationAdopted, data, id: id, election: election, at: moment)], at: moment))
            }
            // A text that the broker does not take must not end the watching under the one in force.
            if state.regulation == nil || underWay[id] != nil { return actions }
        }
        if let verdict = judgeClock(at: moment) { return actions + verdict }
        if clock.isUnproven(at: moment.seconds) { return actions + inquire(at: moment) }
        actions += inquire(at: moment)
        let room = Leader.window - underWay.count
        if room > 0 {
            letGo(at: moment)
            let doubt = inDoubt
            let held = doubt.isEmpty ? youngIDs : doubt.union(youngIDs)
            var taken: [Agenda.Lane: Int] = [:]
            for lane in underWay.values.compactMap(\.lane) { taken[lane, default: 0] += 1 }
            let due = state.decisions(
                limit: room, room: { Leader.laneWindow - (taken[$0] ?? 0) }, except: held, where: { mayPublish($0, at: moment) })
            if !due.isEmpty {
                let now = now(at: moment)
                actions.append(publish(due.map { Publication(event: $0.decision.event(time: now, election: election), to: $0.decision.to) }, at: moment))
                for item in due { underWay[item.decision.id]?.lane = item.lane }
            }
        }
        return actions + mark(election, at: moment)
    }

    /// Says up to which instant the ledger is known, once the next deadline has passed by the settling time; and at once where messages wait for a record
    /// that vouches for their time.
    private mutating func mark(_ election: String, at moment: Moment) -> [Action] {
        let reached = now(at: moment) - settling
        let marksUnderWay = underWay.values.count { $0.isMark }
        let isWanted =
            stoodStillAfter != nil || state.hasUnobserved || state.isObserving || wantsMarkFrom.map { $0 <= moment.seconds } == true
            || state.nextInstant.map { $0 <= reached } == true
        guard isWanted, marksUnderWay == 0 || (moment.seconds - lastMark >= Leader.markSeconds && marksUnderWay < Leader.markLimit) else { return [] }
        var data: JSONObject = ["reachedAt": JSON(reached, offset: offset)]
        // The mark of an earlier leader whose clock was ahead binds nobody whose clock is right.
        if clock.isProven, state.observedAt - now(at: moment) > Leader.aheadSpan { data["setsBack"] = true }
        return [publishMark(data, election, at: moment)]
    }

    /// From which second on a mark must show what of that which was published is on the ledger: at once where a confirmation was lost, and soon where one came
    /// and the record does not, for the broker may confirm what it then loses.
    private var wantsMarkFrom: Double? {
        let last = underWay.values.filter(\.isMark).map(\.order).max() ?? 0
        return underWay.values.filter { $0.order >= last }.map { $0.isLost ? -.infinity : $0.written.seconds + Leader.readBackSeconds }.min()
    }

    /// How long a confirmed record may take to be read back before a mark is to show whether it is on the ledger, in seconds.
    static let readBackSeconds = 0.5

    /// By how much an earlier mark may be ahead of this leader's clock.
    static let aheadSpan = Span.seconds(1)

    private mutating func publishMark(_ data: JSONObject, telling acts: [LedgerState.Doubtful] = [], _ election: String, at moment: Moment) -> Action {
        marks += 1
        let id = "marked/\(election)/\(marks)"
        lastMark = moment.seconds
        var data = data
        if stoodStillAfter != nil { data["resumed"] = true }
        defer { underWay[id]?.tells = acts }
        return publish([publication(SystemType.coordinatorMarked, .object(data), id: id, election: election, at: moment)], isMark: true, at: moment)
    }

    private var offset: Span { regulation.calendar.offset }

    // MARK: Arrivals

    /// The obligations of which nothing is said while the broker is asked about their acts.
    private var inDoubt: Set<String> {
        let told = beingTold.flatMap(\.obligations)
        switch asking {
        case .asked(let inquiry, let failures) where Leader.isPatient(failures): return Set(inquiry.acts.flatMap(\.obligations) + told)
        case .waiting(_, let failures) where Leader.isPatient(failures): return Set(state.doubtful.flatMap(\.obligations) + told)
        case .idle, .asked, .waiting: return Set(told)
        }
    }

    /// The acts whose arrival is told by marks that have not been read back.
    private var beingTold: [LedgerState.Doubtful] { underWay.values.flatMap(\.tells) }

    /// Whether an answer is still waited for when so many questions were not answered.
    public static func isPatient(_ failures: Int) -> Bool { Double(failures) * askAgainSeconds < arrivalPatienceSeconds }

    /// Asks the broker when acts came in that nobody saw coming, and once under each election what its clock shows.
    private mutating func inquire(at moment: Moment) -> [Action] {
        var failures = 0
        switch asking {
        case .asked: return []
        case .waiting(let until, let count):
            guard moment.seconds >= until else { return [] }
            failures = count
        case .idle: break
        }
        let told = Set(beingTold.map(\.id))
        let acts = state.hasDoubts ? state.doubtful.filter { !untold.contains($0.id) && !told.contains($0.id) } : []
        guard let election = leadership.election, !acts.isEmpty || clock.wantsBroker else {
            asking = .idle
            return []
        }
        // The broker's clock shows only where it dates a record that was written after the doubt arose.
        guard let own, own.written.seconds >= clock.unprovenSince else {
            let reached = now(at: moment) - settling
            let isUnderWay = underWay.values.contains { $0.written.seconds >= clock.unprovenSince }
            return isUnderWay ? [] : [publishMark(["reachedAt": JSON(reached, offset: offset)], election, at: moment)]
        }
        inquiries += 1
        let inquiry = ArrivalInquiry(number: inquiries, acts: acts, own: own.offset, written: own.written.wall, read: own.read)
        asking = .asked(inquiry, failures: failures)
        return [.ask(inquiry)]
    }

    /// The broker told when records came in: each within the second before its instant, by the broker's clock. `own`: the same of the leader's own record.
    public mutating func arrivalsTold(_ number: Int, _ arrivals: [String: Instant], own arrival: Instant?, at moment: Moment) -> [Action] {
        let remarks = passed(moment)
        guard case .asked(let inquiry, _) = asking, inquiry.number == number else { return remarks }
        asking = .idle
        // While the token is away nothing can be said; what is still in doubt afterwards is asked about again.
        guard let election = leadership.election else { return remarks }
        // The broker's clock may be off; its error shows where it dates a record whose time is known.
        var error = Span.zero
        if let arrival {
            if arrival - .seconds(1) > inquiry.read { error = arrival - .seconds(1) - inquiry.read }
            if arrival < inquiry.written { error = arrival - inquiry.written }
            clock.brokerTold(error)
        }
        untold.formUnion(inquiry.acts.map(\.id).filter { arrivals[$0] == nil })
        let stamps = inquiry.acts.compactMap { act -> JSON? in
            guard let arrival = arrivals[act.id] else { return nil }
            return ["id": .string(act.id), "arrivedAt": JSON(duties(arrival - error), offset: offset)]
        }
        let reached = now(at: moment) - settling
        var actions = remarks
        for start in stride(from: 0, to: stamps.count, by: Leader.stampLimit) {
            let some = Array(stamps[start..<min(start + Leader.stampLimit, stamps.count)])
            let ids = Set(some.compactMap { $0["id"]?.string })
            let told = inquiry.acts.filter { ids.contains($0.id) }
            actions.append(publishMark(["reachedAt": JSON(reached, offset: offset), "stamps": .array(some)], telling: told, election, at: moment))
        }
        return actions + act(at: moment)
    }

    /// The broker did not tell.
    public mutating func arrivalsNotTold(_ number: Int, reason: String, at moment: Moment) -> [Action] {
        let remarks = passed(moment)
        guard case .asked(let inquiry, let failures) = asking, inquiry.number == number else { return remarks }
        asking = .waiting(until: moment.seconds + Leader.askAgainSeconds, failures: failures + 1)
        return remarks + [.say(.arrivalsUnknown(reason: reason))] + act(at: moment)
    }

    // MARK: Time

    /// Time has passed; to be told at the latest after `patience`.
    public mutating func timePassed(at moment: Moment) -> [Action] {
        var actions = passed(moment)
        if case .unbounded(let askedAt) = reading, askedAt.map({ moment.seconds - $0 >= Leader.endPatienceSeconds }) ?? true {
            reading = .unbounded(askedAt: moment.seconds)
            actions.append(.learnEnd)
        }
        actions += perform(leadership.timePassed(at: moment.seconds), at: moment)
        return actions + act(at: moment)
    }

    /// Up to this moment the clock was looked at as often as it must be, and there was nothing to do. For a clock that jumps.
    public mutating func rested(until moment: Moment) {
        clock.passed(moment)
        lastLook = moment.seconds
    }

    /// Notes that time has passed, and whether nobody looked for long; first in everything that comes in, for what follows may be a mark.
    private mutating func passed(_ moment: Moment) -> [Action] {
        clock.passed(moment)
        defer { lastLook = moment.seconds }
        var actions: [Action] = []
        if let count = refusalRemarks.unsaid(at: moment.seconds) { actions.append(.say(.refusedMore(count: count))) }
        // Also while the token is away for a moment, for the same election goes on after that.
        guard let lastLook, moment.seconds - lastLook > pace.stillSeconds, leadership.state != .standby else { return actions }
        stoodStillAfter = order
        return actions + [.say(.stoodStill(seconds: moment.seconds - lastLook))]
    }

    /// A party's agent, or a coordinator in reserve, showed that it is alive and what its clock shows.
    public mutating func beatHeard(_ party: PartyID, instance: String?, clockShows wall: Instant, at moment: Moment) -> [Action] {
        let remarks = passed(moment)
        if instance != self.instance { clock.heard(party, wall, at: moment) }
        return remarks
    }

    private mutating func judgeClock(at moment: Moment) -> [Action]? {
        switch clock.judge(at: moment) {
        case nil: return nil
        case .right: return [.say(.clockIsRight)]
        case .corrected(let span): return [.say(.clockIsOff(span))]
        case .standbyIsRight(let span):
            leadership.tokenLost()
            forget()
            return [.say(.clockIsOff(span)), .handOver(seconds: Leader.handOverSeconds)]
        }
    }
}
