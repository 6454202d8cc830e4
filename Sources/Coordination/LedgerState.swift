import Messages
import Regulation
import Values

/// What follows from the ledger: who owes what to whom by when, and which notices are due. A fold over the records, without a clock and without I/O;
/// the same records give the same state. Time advances only by records: a `coordinator.marked` says up to which instant the ledger is known.
public struct LedgerState: Sendable {
    /// The coordinator's party id.
    public static let coordinator = Party.coordinator

    /// The leader's term: the coordinator's records count only under the last one.
    public struct Election: Sendable, Hashable {
        /// The id of its `coordinator.elected`, which the leader's records cite.
        public var id: String
        /// 1 for the first, one more for each that follows.
        public var term: Int64
        /// Host and process of the leader.
        public var instance: String
    }

    /// How long the leader waits after an instant before it says that the ledger is known up to there: what was said in time has then been seen.
    public static let settling = Span(milliseconds: 500)
    /// How long an urgent message may lack its receipt before it is forwarded.
    public static let receiptSpan = Span.minutes(2)

    /// The regulation in force; nil until the first `regulation.adopted` has been read.
    public var regulation: Regulation? { rules?.regulation }
    /// The election in force.
    public private(set) var election: Election?
    /// Up to which instant the ledger is known.
    public private(set) var reached: Instant?
    /// The ledger's id, from its first record.
    public private(set) var ledgerID: String?
    /// How many records were read.
    public private(set) var recordCount = 0
    /// How many of them do not count.
    public private(set) var refusedCount = 0
    /// Why the last of those does not.
    public private(set) var lastRefusal: Refusal?

    var rules: Rules?
    var cases: [String: Case] = [:]
    var obligations: [String: Obligation] = [:]
    var receipts: [String: [Receipt]] = [:]
    /// The case that a message belongs to, by the message's id.
    var caseOfEvent: [String: String] = [:]
    /// The obligations on which a maintenance window may bear.
    var maintained: Set<String> = []
    /// Agents on record as silent, and since when.
    var silentSince: [PartyID: Instant] = [:]
    /// Messages whose receipt is awaited, by id.
    var awaiting: [String: Awaiting] = [:]
    /// The refusals of messages by their id, for who asks.
    var refusals: [String: Refusal] = [:]
    /// What the parties are still to be told of messages of theirs that do not count, by party.
    var refusing: [PartyID: RefusalLine] = [:]
    /// Digests of the messages of which their senders were told, or will be: a repetition is not told again.
    var told: Set<UInt64> = []
    /// The maintenance windows, by their subject.
    var windows: [String: MaintenanceWindow] = [:] { didSet { planMaintenance() } }
    /// What they plan under the regulation in force.
    private(set) var maintenance: [PlannedTime] = []

    /// Messages of cases that nobody began, by their ids.
    var strays: [String: Stray] = [:]
    /// The last cases by what they are about.
    var nearby = NearbyCases()
    /// The telephone numbers that were declared, by party.
    var phones: [PartyID: String] = [:]
    /// What was declared of days.
    var days = DeclaredDays()

    /// What is left out of this reading.
    var setAside: SetAside
    /// Whether something was set aside that this reading holds already, so that it must begin anew.
    public private(set) var mustBeReadAgain = false
    /// Is told what the fold has in hand, before it works on it.
    public var holds: (@Sendable (InHand) -> Void)?

    let bootstrap: Rules
    let options: Options
    /// Records before the first adoption: they are judged by what is adopted then.
    var waiting: [Record] = []
    var seen: Set<String> = []
    /// Texts that were in force before and under which obligations are still open.
    var earlier: [Rules] = []
    var nextOpening: [String: Recurrence.Period] = [:]
    /// The earliest of these.
    var firstOpening: Instant?
    /// The cases of periods, and those cited, in which a message is evidence, by the message's id.
    var otherCases: [String: [String]] = [:]
    /// What was said of recorded acts, by the id of the act: it may come before the act.
    var confirmations: [String: [Evidence]] = [:]
    var wakes = WakeQueue()
    /// Messages that somebody received and that are not on the ledger.
    var gaps = Gaps()
    /// What is to be published.
    var agenda = Agenda()
    /// Cases with new evidence, whose obligations are yet to be derived anew.
    var stale: Set<String> = []
    /// What was last said of each device before the next period opens, and all that was said of it since; by device, in the order of the changes.
    var lastStatus: [String: [Evidence]] = [:]
    /// What monitors said of the devices of cases of which somebody said that they are over, by case.
    var observed: [String: ObservedDevice] = [:]
    /// The cases that are still looked at when something is said of a device, by device.
    var followers: [String: Set<String>] = [:]
    /// The messages of which it was asked whether they are real or a drill's.
    var realOrDrill: Set<String> = []
    var unobserved: [Unobserved] = []
    /// The cases of which something was said that no record of the coordinator's follows yet; each with how many records had been read with the first of it.
    private var unobservedCases: [String: Int] = [:]
    /// What a record of the coordinator's vouches for and has not been taken in yet.
    private var observation: Observation?
    /// The time of the coordinator's last record.
    var observedAt = Instant(milliseconds: 0)
    /// The obligations that messages opened when the last record was read, each with the message's id.
    private(set) var justOpened: [(obligation: String, message: String)] = []
    /// What came in while no coordinator led, by id, each with its place; known until the broker's word of it, or until nothing rests on it.
    var leaderless: [String: Int64] = [:]
    var evidenceCount = 0
    /// Parties that have an agent, since receipts came from it.
    var receiving: Set<PartyID> = []
    /// The ids of the coordinator's own records that readers refuse.
    var unsayable: Set<String> = []
    /// Extensions that came in while no coordinator led and were refused, for they may have come in time; known until the leader's first mark.
    var refusedExtensions: [String: Evidence] = [:]
    /// Cases that are not packed, each with the number of records after which it is looked at.
    private(set) var cooling = Queue<(key: String, from: Int)>()
    /// Merged cases, each with the one it went into.
    var mergedInto: [String: String] = [:]
    /// The same the other way: what went into each case.
    var mergedFrom: [String: Set<String>] = [:]

    /// What a drill's clock changes: how far the fold's own spans are stretched.
    public struct Options: Sendable {
        /// How much faster than the wall the ledger's time runs.
        public var rate: Double
        /// Options of a clock at this rate, 1 for real time.
        public init(rate: Double = 1) { self.rate = rate }
        func stretched(_ span: Span) -> Span { span.scaled(by: rate) }
    }

    /// One record of the ledger as the broker delivers it.
    public struct Record: Sendable {
        /// The body.
        public var body: [UInt8]
        /// What the broker carried beside it.
        public var carriage: Carriage
        /// Its place in the ledger as the broker numbers it, by which the broker can be asked when it came.
        public var offset: Int64?
        /// A record of these.
        public init(body: [UInt8], carriage: Carriage, offset: Int64? = nil) { (self.body, self.carriage, self.offset) = (body, carriage, offset) }
    }

    /// A message that came in while no coordinator led, and from whose arrival a clock runs or by whose arrival a duty is done.
    public struct Doubtful: Sendable, Hashable {
        /// The message's id.
        public var id: String
        /// Its place in the ledger.
        public var offset: Int64
        /// The last record of a coordinator's before it.
        public var notBefore: Instant
        /// The obligations of which nothing can be said until it is known when it came in.
        public var obligations: [String]
    }

    /// A message whose receipt has not come from everyone.
    struct Awaiting: Sendable {
        var event: Event
        var routingKey: String
        var from: Set<PartyID>
        var since: Instant
    }

    /// The state before the first record. `regulation` serves to read the coordinator's own first records; the rules come from the ledger.
    /// `setAside` is what a first reading of the ledger found to be left out.
    public init(regulation: Regulation = .standard, options: Options = Options(), setAside: SetAside = SetAside()) {
        (self.options, self.setAside) = (options, setAside)
        bootstrap = Rules(regulation, allowedSkew: options.stretched(.seconds(60)))
    }

    /// Agencies whose agents have issued receipts, and so are expected to be heard of. One that only publishes by the command has no agent to miss.
    public var agencies: [PartyID] { regulation?.parties.filter { $0.isAgency && receiving.contains($0.id) }.map(\.id) ?? [] }
    /// Agents on record as silent, and when each was last heard of.
    public var silentParties: [PartyID: Instant] { silentSince }

    /// Whether a record of this id has been read and counts.
    public func isOnRecord(_ id: String) -> Bool { seen.contains(id) }

    /// Why a message does not count, by its id.
    public func refusal(of id: String) -> Refusal? { refusals[id] }

    /// What the leader should ask the broker about before it says anything: nobody may be called late because a computer of another's was off, and no clock
    /// may begin when a coordinator happens to start. What counts as late comes first, then in the ledger's order.
    public var doubtful: [Doubtful] {
        let acts = leaderless.compactMap { id, offset -> (isLate: Bool, act: Doubtful)? in
            if let item = refusedExtensions[id] {
                let named = item.event.data["obligation"]?.string
                return (true, Doubtful(id: id, offset: offset, notBefore: item.notBefore, obligations: named.map { [$0] } ?? []))
            }
            if let item = days.mayBeInTime(id) {
                let open = obligations.values.filter { $0.isOpen && $0.duty.goesByWorkingDays }
                return (true, Doubtful(id: id, offset: offset, notBefore: item.notBefore, obligations: open.map(\.id).sorted()))
            }
            if let item = windows.values.lazy.flatMap(\.comingLate).first(where: { $0.event.id == id }) {
                return (true, Doubtful(id: id, offset: offset, notBefore: item.notBefore, obligations: maintained.sorted()))
            }
            guard let key = caseOf(id), let item = cases[key]?.evidence.first(where: { $0.event.id == id }) else { return nil }
            let names = casesOf(id).flatMap { cases[root(of: $0)]?.obligations ?? [] }
            var resting = names.compactMap { obligations[$0] }.filter { $0.rests(on: item) }
            // It may have come in while an earlier period was still running, in which nothing is known of it yet.
            let earlier = periods(of: item, since: item.notBefore).subtracting(casesOf(id))
            let missing = earlier.flatMap { cases[$0]?.obligations ?? [] }.compactMap { obligations[$0] }
            resting += missing
            if resting.isEmpty { return nil }
            let isLate =
                !missing.isEmpty || resting.contains { $0.isLate && $0.isFulfilled(by: id) || $0.claims.contains { $0.id == id && $0.mayHaveCountedAlone } }
            return (isLate, Doubtful(id: id, offset: offset, notBefore: item.notBefore, obligations: resting.map(\.id).sorted()))
        }
        return acts.sorted { $0.isLate == $1.isLate ? $0.act.offset < $1.act.offset : $0.isLate }.map(\.act)
    }

    /// Whether there may be any such act.
    public var hasDoubts: Bool { !leaderless.isEmpty }

    // MARK: Reading

    /// Takes in the next record. It cannot fail: what does not count is noted as refused.
    public mutating func evolve(_ record: Record) {
        begin(record)
        finish()
    }

    /// Takes in the next record, except for what it vouches for: that is taken in by `goOn`, or before the next record at the latest. What is known in between
    /// calls for nothing, since a part of what came in is not counted yet.
    public mutating func begin(_ record: Record) {
        finish()
        recordCount += 1
        justOpened.removeAll(keepingCapacity: true)
        if setAside.holds(record) {
            // It counts for nothing, but it is there.
            if let id = record.carriage.messageID {
                gaps.void.insert(id)
                _ = closeGap(id)
            }
            return
        }
        holds?(.record(id: record.carriage.messageID ?? "", offset: record.offset ?? -1))
        if setAside.note(record) { mustBeReadAgain = true }
        packSettled()
        let isOwn = record.carriage.userID == LedgerState.coordinator
        if rules == nil, !isOwn { return waiting.append(record) }
        switch (rules ?? bootstrap).reader.read(record.body, record.carriage) {
        case .success(var event):
            #if PLANTED_TRAPS
                if !isOwn { PlantedTrap.reading.spring(event) }
            #endif
            if isOwn {
                if !seen.contains(event.id) { takeOwn(event) }
                return
            }
            // Where a receipt came first, its text is the one that both hold.
            if let index = receipts.index(forKey: event.id) { event.id = receipts.keys[index] }
            if seen.insert(event.id).inserted {
                var item = Unobserved(event: event, record: record, notBefore: observedAt, number: recordCount)
                if let notBefore = closeGap(event.id) {
                    // Who received it and said so before it came in vouches for an earlier time than the broker can tell of this copy.
                    (item.notBefore, item.record.offset) = (min(observedAt, notBefore), nil)
                }
                letWait(item)
            } else if gaps.testimonies[event.id] != nil, yieldTestimony(to: record, event) {
                letWait(Unobserved(event: event, record: record, notBefore: observedAt, number: recordCount))
            }
        case .failure(let refusal): take(refusal, record)
        }
    }

    /// A message of a party's that no record of the coordinator's follows yet, so that nothing vouches for its time.
    struct Unobserved: Sendable {
        var event: Event
        var record: Record
        var notBefore: Instant
        /// How many records had been read with it.
        var number: Int
    }

    /// Lets a message wait for a record of the coordinator's.
    private mutating func letWait(_ message: Unobserved) {
        unobserved.append(message)
        let subject = message.event.subject ?? message.event.id
        noteUnobserved(subject, message.number)
        // Under a drill's name it may be said of the real case beside it.
        if !realOrDrill.isEmpty { noteUnobserved(LedgerState.nameBeside(drill: subject), message.number) }
    }

    private mutating func noteUnobserved(_ subject: String, _ number: Int) {
        let key = root(of: subject)
        if unobservedCases[key] == nil { unobservedCases[key] = number }
    }

    /// Whether something waits for a record of the coordinator's that was said of an obligation's case when so many records had been read, or before.
    func awaitsObservation(_ obligation: String, through count: Int) -> Bool {
        guard let key = obligations[obligation]?.key, let first = unobservedCases[root(of: key)] else { return false }
        return first <= count
    }

    /// Messages that a record of the coordinator's vouches for, on their way into the fold.
    private struct Observation {
        /// All that came before that record, and how many of them have been taken in.
        var messages: [Unobserved] = []
        var taken = 0
        /// What is said of obligations.
        var remarks: [(Evidence, Record)] = []
        /// The cases to be derived anew, once all messages have been taken in, and how many have been.
        var cases: [String]?
        var derived = 0
        /// How often cases were derived again because of merges.
        var rounds = 0
        /// The record itself, if there is more to it than that it vouches.
        var event: Event?
    }

    /// Whether something that the last record vouches for has not been taken in yet.
    public var isObserving: Bool { observation != nil }

    /// Takes in all that the last record vouches for.
    public mutating func finish() {
        var share = Int.max
        goOn(&share)
    }

    /// Takes in what the last record vouches for: in all as many messages and cases as `share` says, from which they are taken off.
    public mutating func goOn(_ share: inout Int) {
        guard var work = observation else { return }
        // Taken out, so that what is changed is not copied.
        observation = nil
        while work.taken < work.messages.count, share > 0 {
            share -= 1
            take(work.messages[work.taken], into: &work)
            work.taken += 1
        }
        guard work.taken == work.messages.count else { return observation = work }
        followDays()
        // Once for all of them: much of what is said in one go is said of the same case.
        let cases = work.cases ?? stale.sorted()
        if work.cases == nil {
            work.cases = cases
            stale.removeAll(keepingCapacity: true)
        }
        while work.derived < cases.count, share > 0 {
            share -= 1
            rederive(case: cases[work.derived])
            work.derived += 1
        }
        guard work.derived == cases.count else { return observation = work }
        // A merge that was taken back, and counts as that now, leaves two cases to be looked at again.
        if !stale.isEmpty, work.rounds < LedgerState.mergeRounds {
            (work.cases, work.derived) = (nil, 0)
            work.rounds += 1
            observation = work
            return goOn(&share)
        }
        // What is said of obligations is judged by how they stand now.
        for (item, record) in work.remarks {
            do throws(Refusal) { try takeRemark(item) } catch {
                if item.event.type == SystemType.dutyExtended, leaderless[item.event.id] != nil { refusedExtensions[item.event.id] = item }
                take(error.naming(item.event), record)
            }
        }
        if let event = work.event { completeOwn(event) }
    }

    /// Gives all messages before this record of the coordinator's their instant: they were there by then. `goOn` takes them in, and then the record.
    private mutating func observe(at instant: Instant, with event: Event? = nil) {
        observedAt = max(observedAt, instant)
        var work = Observation(event: event)
        swap(&work.messages, &unobserved)
        unobservedCases.removeAll(keepingCapacity: true)
        observation = work
    }

    private mutating func take(_ message: Unobserved, into work: inout Observation) {
        holds?(.record(id: message.event.id, offset: message.record.offset ?? -1))
        // Reading takes a moment; a sender's time that lies within the settling time before the observation is believed.
        let claimed = min(message.event.time, observedAt)
        let arrivedAt = max(claimed, observedAt - options.stretched(LedgerState.settling), message.notBefore)
        do throws(Refusal) {
            let rules = rules ?? bootstrap
            // Looked up once: tables of text are what a record costs most.
            let type = rules[message.event.type]
            try rules.reader.check(message.event, type?.message, isPastAt: observedAt)
            if let type {
                try checkParties(namedIn: message.event, type, rules)
                if let into = type.claim?.into { try checkMerge(message.event, into: into, rules) }
            }
            let item = Evidence(
                event: message.event, arrivedAt: arrivedAt, notBefore: message.notBefore, notAfter: observedAt, sequence: evidenceCount,
                offset: message.record.offset)
            switch message.event.type {
            case SystemType.dutyExtended, SystemType.dutyExplained: work.remarks.append((item, message.record))
            case SystemType.messageRecovered: try takeTestimony(item)
            default:
                if type?.isWindow == true { try takeWindow(item) }
                if type?.declaresDay == true { try takeDay(item) }
                if type?.declaresPhone == true { try takePhone(message.event) }
            }
            take(item, type, message.record)
            if type?.isAnswer == true {
                takeAgreement(item)
                settleWhetherReal(item)
            }
        } catch {
            take(error.naming(message.event), message.record)
        }
    }

    /// Checks that a message which asks something of a party names one that there is and that can do it: who cannot owes nothing.
    private func checkParties(namedIn event: Event, _ type: TypeRules, _ rules: Rules) throws(Refusal) {
        for duty in type.duties {
            guard case .named(let path) = duty.each, case .messages(let matchers) = duty.opening, matchers.contains(where: { $0.matches(event) }) else {
                continue
            }
            let named = event[path]?.string ?? ""
            let able = rules.regulation.parties.map(\.id).filter { party in
                duty.fulfilledBy.contains { rules[$0.type]?.message.from.contains(party) == true }
            }
            if !able.contains(named) { throw .noParty(named, path, able: able) }
        }
    }

    /// Takes in a message whose time is vouched for. `type` is what the rules in force make of its type.
    mutating func take(_ item: Evidence, _ type: TypeRules?, _ record: Record) {
        #if PLANTED_TRAPS
            PlantedTrap.folding.spring(item.event)
        #endif
        let (event, arrivedAt) = (item.event, item.arrivedAt)
        evidenceCount += 1
        switch event.type {
        case SystemType.ledgerCreated: ledgerID = ledgerID ?? event.data["ledger"]?.string
        case SystemType.receiptIssued:
            receiving.insert(event.sender)
            takeReceipts(event, arrivedAt: arrivedAt, notBefore: item.notBefore)
        default: break
        }
        guard let rules, let type else { return }
        awaitReceipt(event, type, record.carriage.routingKey, arrivedAt: arrivedAt)
        if type.isOperation { noteStatus(item) }
        guard let name = nameBesideDrill(event, type) else {
            bear(item, type, rules)
            if !type.isAnswer, isDrillInRealCase(item, event.subject ?? event.id) { askWhetherReal(item, type) }
            return
        }
        var beside = item
        beside.event.subject = name
        bear(beside, type, rules)
        askWhetherReal(beside, type)
    }

    /// Lets a message bear on the obligations of its case, and opens those that it calls for.
    private mutating func bear(_ item: Evidence, _ type: TypeRules, _ rules: Rules) {
        let event = item.event
        let (duties, isShared) = (type.duties, type.isOfCase)
        let isKnown = !duties.isEmpty || earlier.contains { $0[event.type]?.duties.isEmpty == false }
        guard isKnown || isShared else { return }
        let subject = event.subject ?? event.id
        var place = Place(isOfSubject: isShared)
        for duty in duties { find(&place, of: item, type, duty, rules) }
        // An obligation keeps the rule it was opened under, so what bears on it under that rule is evidence too.
        for era in earlier { if let type = era[event.type] { for duty in type.duties { find(&place, of: item, type, duty, era) } } }
        take(item, type, at: place)
        guard place.isOfSubject else { return }
        let isBeginning = type.mayBegin && cases[subject]?.evidence.beginning(rules) == nil
        if isBeginning, !type.begins { countNearby(item, type, rules) }
        append(item, type, to: subject)
        if type.needsCase { awaitBeginning(item, rules) }
        if isBeginning, let near = type.kind?.near { nearby.note(subject, begunBy: event, near) }
        if type.claim?.into != nil { refreshMerge(of: subject) }
        let root = root(of: subject)
        for duty in duties {
            guard case .messages(let matchers) = duty.opening, matchers.contains(where: { $0.matches(event) }) else { continue }
            for party in parties(of: duty, openedBy: event, rules) {
                open(duty, key: root, party: party, by: event, rules)
                // The merge may not count.
                if root != subject { open(duty, key: subject, party: party, by: event, rules) }
            }
        }
        stale.insert(subject)
        stale.insert(root)
    }

    /// Where a message is evidence: in the case of its subject, in those of periods, in those it cites.
    private struct Place {
        var isOfSubject: Bool
        var periods: Set<String> = []
        var cited: Set<String> = []
        /// The claims and calls that it answers.
        var answered: Set<String> = []
    }

    private mutating func find(_ place: inout Place, of item: Evidence, _ type: TypeRules, _ duty: Duty, _ rules: Rules) {
        switch duty.opening {
        case .claims:
            for matcher in duty.fulfilledBy where matcher.type == item.event.type {
                if let path = matcher.citing, let key = item.event[path]?.string { place.answered.insert(key) }
            }
        case .messages:
            place.isOfSubject = true
            for matcher in duty.fulfilledBy where matcher.type == item.event.type {
                if let path = matcher.citing, let key = item.event[path]?.string { place.cited.insert(key) }
            }
        case .calendar(let recurrence):
            // It is what is known of the device, whatever else it is.
            if type.isOperation, !item.event.exercise, let device = item.event.data["device"]?.string {
                keepStatus(item, of: device)
            }
            findPeriods(&place.periods, of: item, since: item.arrivedAt, duty, recurrence, rules)
        }
    }

    /// Puts a message into the cases other than that of its subject.
    private mutating func take(_ item: Evidence, _ type: TypeRules, at place: Place) {
        let id = item.event.id
        var others = place.periods
        // An answer may come before anybody is asked; a claim that is taken back needs none.
        for key in place.answered.union(item.event.data["corrects"]?.string.map { [$0] } ?? []) where isAsked(key) {
            putAnswer(item, to: key)
            stale.insert(key)
        }
        if type.isAnswer, let confirmed = item.event.data["confirms"]?.string {
            confirmations[confirmed, default: []].append(item)
            days.noteAnswer(to: confirmed)
            others.formUnion((otherCases[confirmed] ?? []).filter { !isAsked($0) })
            // It is about that message, whatever case it names.
            if let key = caseOf(confirmed), key != item.event.subject ?? id { others.insert(key) }
        }
        if others.isEmpty, place.cited.isEmpty { return }
        var citation = item
        citation.isOfSubject = false
        for key in others.sorted() { append(item, type, to: key) }
        for key in place.cited.sorted() { append(citation, type, to: key) }
        let all = others.union(place.cited)
        stale.formUnion(all)
        // Evidence of operation comes by the thousand, and nobody confirms it.
        if type.isOperation { return }
        otherCases[id] = all.sorted()
        for answer in confirmations[id] ?? [] { for key in all { append(answer, to: key) } }
    }

    /// The cases in which a message is evidence.
    private func casesOf(_ id: String) -> Set<String> { Set(otherCases[id] ?? []).union(caseOf(id).map { [$0] } ?? []) }

    /// The last case into which a message was taken.
    func caseOf(_ id: String) -> String? { caseOfEvent[id] ?? (cases[id] == nil ? nil : id) }

    /// Whose obligations a message opens: nil where the duty is one party's, whoever that turns out to be.
    private func parties(of duty: Duty, openedBy event: Event?, _ rules: Rules) -> [PartyID?] {
        switch duty.each {
        case nil: return [nil]
        case .of(let parties): return parties
        // Who is asked follows from the claim.
        case .answering: return []
        case .named(let path):
            guard let named = event?[path]?.string, let party = rules.regulation.party(named), party.role != .system else { return [] }
            return [named]
        }
    }

    mutating func append(_ item: Evidence, to key: String) { append(item, rules?[item.event.type], to: key) }

    private mutating func append(_ item: Evidence, _ type: TypeRules?, to key: String) {
        let isFollowed = type?.isFollowed == true
        if cases[key, default: Case()].append(item, isFollowed: isFollowed, at: recordCount + 1) { cool(key) }
        // A message without a subject is a case of its own.
        caseOfEvent[item.event.id] = key == item.event.id ? nil : key
    }

    private mutating func open(_ duty: Duty, key: String, party: PartyID?, by event: Event, _ rules: Rules) {
        let obligation = Obligation(duty: duty, key: key, period: nil, party: party, rules: rules)
        if obligations[obligation.id] == nil { justOpened.append((obligation.id, event.id)) }
        open(obligation)
    }

    private mutating func open(_ obligation: Obligation) {
        guard obligations[obligation.id] == nil else { return }
        obligations[obligation.id] = obligation
        if obligation.duty.maintenance != nil || !obligation.duty.due.operations.isEmpty { maintained.insert(obligation.id) }
        cases[obligation.key, default: Case()].obligations.append(obligation.id)
    }

    // MARK: Merging

    /// Follows merges to the case that stays.
    func root(of subject: String) -> String {
        var root = subject
        for _ in 0..<16 {
            guard let next = mergedInto[root] else { break }
            root = next
        }
        return root
    }

    /// How often cases are derived again after one record because of merges: a merge, and what it was merged into.
    private static let mergeRounds = 4

    /// Follows the merges of a case anew. One that was taken back holds until its taking back counts.
    private mutating func refreshMerge(of subject: String) {
        guard let rules, let event = cases[subject]?.evidence.last(where: { $0.isOfSubject && rules.claims[$0.event.type]?.into != nil })?.event else { return }
        let claims = (cases[subject]?.obligations ?? []).flatMap { obligations[$0]?.claims ?? [] }
        let waiting = Set(claims.filter { $0.state != .counts && $0.id != event.id && $0.effect != .call }.map(\.id))
        let into = cases[subject]?.mergedInto(rules, except: waiting)
        if into == mergedInto[subject] { return }
        let before = mergedInto[subject]
        merge(subject, into: nil)
        // A merge that leads back to the case itself would leave both without a clock.
        if let into, root(of: into) != subject { merge(subject, into: into) }
        if before == mergedInto[subject] { return }
        for other in [before, mergedInto[subject]] { if let other, cases[other] != nil { stale.insert(root(of: other)) } }
        if let into = mergedInto[subject] {
            // The case that stays takes over what the merged one opened.
            for id in cases[subject]?.obligations ?? [] {
                guard let obligation = obligations[id], case .messages = obligation.duty.opening else { continue }
                open(obligation.duty, key: root(of: into), party: obligation.party, by: event, rules)
            }
            stale.insert(root(of: into))
        }
    }

    private mutating func merge(_ subject: String, into other: String?) {
        if let before = mergedInto[subject] {
            mergedFrom[before]?.remove(subject)
            if mergedFrom[before]?.isEmpty == true { mergedFrom[before] = nil }
        }
        mergedInto[subject] = other
        if let other { mergedFrom[other, default: []].insert(subject) }
    }

    /// The cases merged into one, directly or by way of others.
    private func members(of key: String) -> Set<String> {
        var members: Set<String> = []
        var next = mergedFrom[key] ?? []
        while let member = next.popFirst() {
            // Where merges lead in a ring, or the way is too long to follow, the case is its own root.
            guard member != key, root(of: member) == key, members.insert(member).inserted else { continue }
            next.formUnion(mergedFrom[member] ?? [])
        }
        return members
    }

    /// The evidence of a case with every correction applied that counts, as the text in force has it. A claim that does not count for all that is owed in the
    /// case stands as one that was taken back.
    func corrected(_ evidence: [Evidence], of key: String) -> [Evidence] {
        guard let corrections = rules?.corrections else { return evidence }
        let idle = idleClaims(of: key)
        if idle.isEmpty { return corrections.applied(to: evidence) }
        let counting = corrections.applied(to: evidence.filter { !idle.contains($0.event.id) })
        let others = evidence.filter { idle.contains($0.event.id) }.map { item in
            var item = item
            item.isWithdrawn = true
            return item
        }
        return (counting + others).sorted { $0.sequence < $1.sequence }
    }

    /// The claims of a case that do not count, or not for all that is owed. Two cases are one as soon as that holds for anything.
    private func idleClaims(of key: String) -> Set<String> {
        var (idle, counting): (Set<String>, Set<String>) = ([], [])
        for name in cases[key]?.obligations ?? [] {
            for claim in obligations[name]?.claims ?? [] where claim.effect != .call && !claim.messageStands {
                if claim.state != .counts { idle.insert(claim.id) } else if rules?.claims[claim.type]?.into != nil { counting.insert(claim.id) }
            }
        }
        return idle.subtracting(counting)
    }

    /// The evidence of a case and of those merged into it, in the ledger's order.
    func evidence(of key: String) -> [Evidence] {
        let own = cases[key]?.evidence ?? []
        if mergedFrom[key] == nil { return own }
        let members = members(of: key)
        if members.isEmpty { return own }
        return members.reduce(into: own) { all, member in
            all += (cases[member]?.evidence ?? []).map { item in
                var item = item
                item.member = member
                return item
            }
        }.sorted { $0.sequence < $1.sequence }
    }

    /// What was said of the case into which one is merged.
    private func evidence(ofTheOther key: String) -> [Evidence] {
        let root = root(of: key)
        return root == key ? [] : cases[root]?.evidence ?? []
    }

    mutating func rederive(case key: String) {
        guard let ids = cases[key]?.obligations, !ids.isEmpty else { return }
        if cases[key]?.unpack(at: recordCount + 1) == true { cool(key) }
        let (evidence, others) = (evidence(of: key), evidence(ofTheOther: key))
        var isClaimed = false
        for id in ids where !setAside.obligations.contains(id) {
            holds?(.obligation(id))
            #if PLANTED_TRAPS
                if id.hasPrefix("incident.notify-department/") { for item in evidence { PlantedTrap.deriving.spring(item.event) } }
            #endif
            if derive(id, of: key, from: evidence, others) { isClaimed = true }
        }
        refreshMerge(of: key)
        if isClaimed { askForAnswers(case: key) }
    }

    /// Derives an obligation of a case; gives whether something is claimed of it, or a call was entered.
    private mutating func derive(_ id: String, of key: String, from evidence: [Evidence], _ others: [Evidence]) -> Bool {
        var isClaimed = false
        var act: (id: String, offset: Int64)?
        var followsDevice = false
        let claimedDays = days.late.isEmpty || obligations[id]?.duty.goesByWorkingDays != true ? [] : claimedDays
        func derive() {
            var circumstances = circumstances(of: key)
            circumstances.claimedDays = claimedDays
            change(id) { obligation in
                let (deadline, days) = (obligation.deadline, obligation.workingDays)
                obligation.derive(from: evidence, circumstances, others: others)
                obligation.noteRescheduling(from: deadline, days, at: circumstances.reached ?? obligation.openedAt)
                (act, followsDevice, isClaimed) = (obligation.restingOnReceipt, obligation.followsDevice, !obligation.claims.isEmpty)
            }
        }
        derive()
        if followsDevice, followDevice(of: key, evidence) { derive() }
        // A receipt alone makes nobody punctual: the broker's own word is asked for.
        if let act { leaderless[act.id] = act.offset }
        return isClaimed
    }

    /// Derives one obligation anew.
    mutating func rederive(obligation id: String) {
        guard let key = obligations[id]?.key, !setAside.obligations.contains(id) else { return }
        holds?(.obligation(id))
        _ = derive(id, of: key, from: evidence(of: key), evidence(ofTheOther: key))
    }

    private func circumstances(of key: String) -> Circumstances {
        Circumstances(
            receipts: receipts, windows: maintenance, changes: observed[key]?.changes ?? [], days: days.known, inForce: rules, reached: reached)
    }

    // MARK: Claims

    /// Opens what those owe whose word a claim or a call needs. One whose arrival is in doubt is not asked about: it may count by itself.
    private mutating func askForAnswers(case key: String) {
        guard let rules, rules.answering != nil else { return }
        var title: String?
        var asked: [String: Set<PartyID>] = [:]
        var meant: [String: String] = [:]
        for id in cases[key]?.obligations ?? [] {
            guard let obligation = obligations[id], !obligation.claims.isEmpty else { continue }
            title = title ?? obligation.title
            for claim in obligation.claims where claim.asks && leaderless[claim.id] == nil {
                if let key = claim.nearby { meant[claim.id] = rules.regulation.wordings["same-case"]?.vi.replacing("{other}", with: key) }
                asked[claim.id, default: []].formUnion(claim.answerers.filter { $0 != claim.sender && rules.regulation.party($0)?.isAgency == true })
            }
        }
        for id in asked.keys.sorted() { if let item = evidence(named: id) { ask(asked[id, default: []], about: item, title: meant[id] ?? title) } }
    }

    /// Opens what some parties owe whose word a message needs, as far as that was not asked for.
    mutating func ask(_ parties: Set<PartyID>, about item: Evidence, title: String?) {
        guard let rules, let duty = rules.answering else { return }
        let id = item.event.id
        let new = parties.map { Obligation(duty: duty, key: id, period: nil, party: $0, rules: rules) }.filter { obligations[$0.id] == nil }
        guard !new.isEmpty else { return }
        putAnswer(item, to: id)
        for answer in confirmations[id] ?? [] { putAnswer(answer, to: id) }
        for var obligation in new.sorted(by: { $0.id < $1.id }) {
            obligation.title = title
            justOpened.append((obligation.id, id))
            open(obligation)
        }
        rederive(case: id)
    }

    /// Nobody's word is needed any more of a message: its sender, or who may, said something else since.
    mutating func withdrawQuestion(_ id: String, by item: Evidence) {
        guard isAsked(id) else { return }
        putAnswer(item, to: id)
        stale.insert(id)
    }

    /// Reckons anew what the maintenance windows plan.
    private mutating func planMaintenance() { maintenance = regulation.map { PlannedTime.all(windows.values, in: $0) } ?? [] }

    /// A message of a case, by its id.
    private func evidence(named id: String) -> Evidence? {
        if let late = days.late.first(where: { $0.id == id }) { return late.item }
        for key in casesOf(id).sorted() { if let item = cases[key]?.evidence.first(where: { $0.event.id == id }) { return item } }
        return nil
    }

    /// Whether somebody was asked about a claim or a call.
    private func isAsked(_ id: String) -> Bool {
        cases[id]?.obligations.contains { name in
            if case .claims? = obligations[name]?.duty.opening { true } else { false }
        } == true
    }

    /// Puts a claim, or what was said of it, where those who must answer it are watched.
    private mutating func putAnswer(_ item: Evidence, to key: String) {
        if cases[key]?.evidence.contains(where: { $0.event.id == item.event.id }) == true { return }
        var citation = item
        citation.isOfSubject = citation.event.subject == nil && citation.event.id == key
        if cases[key, default: Case()].append(citation, isFollowed: false, at: recordCount + 1) { cool(key) }
        otherCases[item.event.id] = Set(otherCases[item.event.id] ?? []).union([key]).sorted()
    }

    // MARK: What is settled

    /// After so many records in which nothing was said of it, a case on which nothing hangs is packed.
    private static let coolingRecords = 2000

    /// Lets a case wait to be packed.
    private mutating func cool(_ key: String) { cooling.append((key, recordCount + LedgerState.coolingRecords)) }

    /// Packs cases of which nothing has been said for a while.
    private mutating func packSettled() {
        while let (key, from) = cooling.first, from < recordCount, let item = cases[key] {
            cooling.removeFirst()
            if item.touched + LedgerState.coolingRecords > recordCount {
                cooling.append((key, item.touched + LedgerState.coolingRecords))
            } else if item.obligations.contains(where: { obligations[$0]?.isOpen == true || agenda[$0] != nil }) {
                // Most that is open stays so for a while, and there may be many.
                cooling.append((key, recordCount + 4 * LedgerState.coolingRecords))
            } else {
                cases[key]?.touched = 0
                cases[key]?.pack()
            }
        }
    }

    /// Looks anew at what an obligation calls for now, and when next.
    private mutating func refresh(_ id: String) { change(id) { _ in } }

    /// Changes an obligation where it stands, and looks anew at what it calls for now, and when next. One that is set aside is changed, and calls for nothing.
    private mutating func change(_ id: String, _ body: (inout Obligation) -> Void) {
        guard let index = obligations.index(forKey: id) else { return }
        guard let reached, !setAside.obligations.contains(id) else { return body(&obligations.values[index]) }
        holds?(.obligation(id))
        let (due, next, party) = LedgerState.outlook(of: &obligations.values[index], after: body, reached: reached)
        if due.isEmpty {
            agenda.remove(id)
        } else {
            let lane = Agenda.Lane(urgency: due.contains(where: \.isGrave) ? .overdue : .notice, party: party)
            agenda.put(.notices(due, reached: reached), for: id, in: lane)
        }
        if let next { wakes.insert(.obligation(id), at: next) } else { wakes.remove(.obligation(id)) }
    }

    /// What an obligation calls for after a change, when it is to be looked at next, and who caused it. Where it stands: it is large, and a copy costs more than
    /// most changes.
    private static func outlook(
        of obligation: inout Obligation, after body: (inout Obligation) -> Void, reached: Instant
    ) -> (due: [Obligation.DueNotice], next: Instant?, causedBy: PartyID) {
        body(&obligation)
        #if PLANTED_TRAPS
            PlantedTrap.looking.spring(obligation.title)
        #endif
        let steps = obligation.steps(reached: reached)
        // What is told in the morning only is decided by what came in by the deadline: the ledger is looked at then too.
        let deadline = obligation.isOpen ? obligation.deadline.flatMap { $0 > reached ? $0 : nil } : nil
        let next = [obligation.nextStep(of: steps, after: reached)?.at, obligation.looksAgainAt, deadline].compactMap(\.self).min()
        return (obligation.dueNotices(of: steps, reached: reached), next, obligation.causedBy)
    }

    // MARK: The calendar

    /// The cases of a duty's periods on which a message bears. Where it does not say which, it bears on that of its arrival; `since`: the earliest that it may have
    /// arrived.
    private func findPeriods(_ found: inout Set<String>, of item: Evidence, since: Instant, _ duty: Duty, _ recurrence: Recurrence, _ rules: Rules) {
        // A drill is no part of the year's work.
        if item.event.exercise { return }
        let calendar = workCalendar(under: rules)
        func add(_ party: PartyID?, at instant: Instant) {
            if let period = recurrence.period(containing: instant, in: calendar) { found.insert(key(of: duty, period, party)) }
        }
        func add(_ party: PartyID?, _ rule: PeriodRule?) {
            if let instant = rule.flatMap({ $0.instant(item.event[$0.path], in: calendar) }) { return add(party, at: instant) }
            add(party, at: item.arrivedAt)
            guard since < item.arrivedAt else { return }
            add(party, at: since)
            addOpenings(party, after: since)
        }
        /// The periods that opened after an instant and before the message arrived.
        func addOpenings(_ party: PartyID?, after instant: Instant) {
            var last = instant
            while let period = recurrence.period(openingAfter: last, in: calendar), period.opens <= item.arrivedAt {
                found.insert(key(of: duty, period, party))
                last = period.opens
            }
        }
        for party in parties(of: duty, openedBy: nil, rules) {
            for matcher in duty.fulfilledBy where matcher.matches(item.event, obligor: party ?? duty.obligors.last?.party) { add(party, matcher.period) }
            for matcher in duty.closedBy where matcher.matches(item.event, obligor: party) { add(party, matcher.period) }
            for dueCase in duty.due.cases {
                if case .field(let type?, _, _) = dueCase.term, type == item.event.type { add(party, dueCase.period) }
            }
        }
        // What is said of other devices is no evidence for this duty.
        if duty.due.operations.contains(where: { $0.shownBy == item.event.type && $0.device == item.event.data["device"]?.string }) {
            add(nil, at: item.changedAt)
            // It came late, as after a night without a network: the periods that have opened since did not know of it.
            addOpenings(nil, after: max(item.changedAt, item.arrivedAt - LedgerState.lateStatusSpan))
        }
    }

    /// How late a device's change may be told and still count for each period since.
    private static let lateStatusSpan = Span.days(7)

    /// The cases of periods on which a message bears that arrived no earlier than `since`.
    private func periods(of item: Evidence, since: Instant) -> Set<String> {
        var found: Set<String> = []
        for rules in earlier + (rules.map { [$0] } ?? []) {
            for duty in rules[item.event.type]?.duties ?? [] {
                if case .calendar(let recurrence) = duty.opening { findPeriods(&found, of: item, since: since, duty, recurrence, rules) }
            }
        }
        return found
    }

    /// Moves a message, whose arrival was told just now, from the periods in which it seemed to come in to those in which it did.
    private mutating func move(_ former: Evidence) {
        let id = former.event.id
        guard let place = caseOf(id), let item = cases[place]?.evidence.first(where: { $0.event.id == id }) else { return }
        let (left, entered) = (periods(of: former, since: former.arrivedAt), periods(of: item, since: item.arrivedAt))
        if left == entered { return }
        let answers = confirmations[id] ?? []
        for key in left.subtracting(entered) { for item in [item] + answers { cases[key]?.remove(item.event.id) } }
        for key in entered.subtracting(left).sorted() {
            for item in [item] + answers { append(item, to: key) }
            cases[key]?.putInOrder()
        }
        let others = Set(otherCases[id] ?? []).subtracting(left).union(entered)
        otherCases[id] = others.isEmpty ? nil : others.sorted()
        if left.contains(place), !entered.contains(place) { caseOfEvent[id] = entered.max() }
        for key in left.symmetricDifference(entered).sorted() { rederive(case: key) }
    }

    private func key(of duty: Duty, _ period: Recurrence.Period, _ party: PartyID?) -> String {
        duty.id + "/" + period.key + (party.map { "/" + $0 } ?? "")
    }

    /// The days as they are known now. Of a text that was in force before nothing but periods is looked up in it, and days alone decide those.
    private func workCalendar(under rules: Rules) -> WorkCalendar { days.known?.calendar ?? rules.regulation.calendar }

    private mutating func openPeriods(upTo instant: Instant) {
        guard let rules, let first = firstOpening, first <= instant else { return }
        for duty in rules.regulation.duties {
            guard case .calendar(let recurrence) = duty.opening else { continue }
            while let period = nextOpening[duty.id], period.opens <= instant {
                open(duty, period, rules: rules)
                nextOpening[duty.id] = recurrence.period(openingAfter: period.opens, in: workCalendar(under: rules))
            }
        }
        firstOpening = nextOpening.values.map(\.opens).min()
    }

    private mutating func open(_ duty: Duty, _ period: Recurrence.Period, rules: Rules) {
        for party in parties(of: duty, openedBy: nil, rules) {
            let key = key(of: duty, period, party)
            if cases[key] == nil { cases[key] = Case() }
            carryStatus(into: key, duty, period)
            open(Obligation(duty: duty, key: key, period: period, party: party, rules: rules))
            rederive(case: key)
        }
    }

    /// Plans the openings under a text just adopted. A longer period in course is watched from now on where its deadline is still to come.
    private mutating func planOpenings(_ rules: Rules, after former: Rules?, at now: Instant) {
        let calendar = workCalendar(under: rules)
        nextOpening = [:]
        for duty in rules.regulation.duties {
            guard case .calendar(let recurrence) = duty.opening else { continue }
            nextOpening[duty.id] = recurrence.period(openingAfter: min(reached ?? now, now), in: calendar)
            guard recurrence.isLong, former?.regulation.duty(duty.id) == nil, let period = recurrence.period(containing: now, in: calendar) else { continue }
            for party in parties(of: duty, openedBy: nil, rules) {
                let key = key(of: duty, period, party)
                var obligation = Obligation(duty: duty, key: key, period: period, party: party, watchedFrom: now, rules: rules)
                obligation.derive(from: evidence(of: key), circumstances(of: key))
                guard let deadline = obligation.deadline, deadline > now else { continue }
                open(obligation)
                rederive(case: key)
            }
        }
        firstOpening = nextOpening.values.map(\.opens).min()
    }

    /// A device that was down when the period began is down from its beginning.
    private mutating func carryStatus(into key: String, _ duty: Duty, _ period: Recurrence.Period) {
        for operation in duty.due.operations {
            // More may have come in since it began, if no coordinator was there.
            guard let last = lastStatus[operation.device]?.last(where: { $0.changedAt <= period.opens }) else { continue }
            guard cases[key]?.evidence.contains(where: { $0.event.id == last.event.id }) == false else { continue }
            append(last, to: key)
            cases[key]?.putInOrder()
        }
    }

    /// Keeps what was said of a device for the periods that are yet to open, and no more.
    private mutating func keepStatus(_ item: Evidence, of device: String) {
        var known = lastStatus.removeValue(forKey: device) ?? []
        defer { lastStatus[device] = known }
        // Several duties rest on it.
        if known.contains(where: { $0.event.id == item.event.id }) { return }
        known.insert(item, at: known.lastIndex { $0.changedAt <= item.changedAt }.map { $0 + 1 } ?? 0)
        if let opens = firstOpening ?? reached, let last = known.lastIndex(where: { $0.changedAt <= opens }) { known.removeFirst(last) }
    }

    // MARK: The coordinator's own records

    private mutating func takeOwn(_ event: Event) {
        if event.type == SystemType.coordinatorElected {
            seen.insert(event.id)
            election = Election(id: event.id, term: event.data["term"]?.int ?? 0, instance: event.data["instance"]?.string ?? "")
            for message in unobserved { leaderless[message.event.id] = message.record.offset }
            return observe(at: event.time)
        }
        if event.type == SystemType.recordSetAside {
            // Said by whichever coordinator fell, whether it led or not.
            seen.insert(event.id)
            return observe(at: event.time, with: event)
        }
        // A notice of a deposed leader is remembered, because those who got it may have to be told; nothing else of it counts.
        guard isInForce(event) else {
            gaps.void.insert(event.id)
            return takeNotice(event, counts: false)
        }
        seen.insert(event.id)
        if event.type == SystemType.coordinatorMarked {
            // The leader stood still, so when it came back vouches for nothing.
            if event.data["resumed"]?.bool == true { for message in unobserved { leaderless[message.event.id] = message.record.offset } }
            if event.data["setsBack"]?.bool == true { setBack(to: event.time) }
        }
        _ = closeGap(event.id)
        observe(at: event.time, with: event)
    }

    /// Takes in what a record of the coordinator's own says, after what it vouches for.
    private mutating func completeOwn(_ event: Event) {
        switch event.type {
        case SystemType.recordSetAside: break
        case SystemType.regulationAdopted: adopt(event)
        case SystemType.coordinatorMarked:
            takeStamps(event)
            if let instant = event.data["reachedAt"]?.instant { advance(to: min(instant, event.time)) }
        case SystemType.agentSilent: if let party = event.data["party"]?.string { silentSince[party] = event.data["lastSeenAt"]?.instant ?? event.time }
        case SystemType.agentReturned: if let party = event.data["party"]?.string { silentSince[party] = nil }
        case SystemType.messageRefused, SystemType.messageForwarded: takeAnswer(event)
        case SystemType.messageMissing: takeInquiry(event)
        case SystemType.noticeWithdrawn: takeWithdrawal(event)
        default: takeNotice(event, counts: true)
        }
        let to = event.data["to"]?.string ?? RoutingKey.all
        if let rules, let type = rules[event.type] {
            // What is told of one duty may begin another: that a report reaches a person.
            if !type.duties.isEmpty, let told = event.data["obligation"]?.string.flatMap({ obligations[$0] }) {
                // It counts from when it was to be said, or shortly before it was, where no coordinator was there.
                let step = told.steps(reached: event.time).first { $0.name == event.data["rung"]?.string }?.at ?? event.time
                let at = min(event.time, max(step, event.time - options.stretched(LedgerState.sayingSpan)))
                bearAtOnce(Evidence(event: event, arrivedAt: at, notBefore: at, sequence: evidenceCount), type, rules)
            }
            awaitReceipt(event, type, RoutingKey(sender: event.sender, type: event.type, to: to).description, arrivedAt: event.time)
        }
    }

    /// How long after its instant a notice is said at most, where a coordinator leads.
    private static let sayingSpan = Span.seconds(2)

    private mutating func bearAtOnce(_ item: Evidence, _ type: TypeRules, _ rules: Rules) {
        evidenceCount += 1
        bear(item, type, rules)
        let cases = stale.sorted()
        stale.removeAll(keepingCapacity: true)
        for key in cases { rederive(case: key) }
    }

    /// Whether a record of the coordinator's cites the last election.
    private func isInForce(_ event: Event) -> Bool { event.election != nil && event.election == election?.id }

    private mutating func adopt(_ event: Event) {
        let regulation: Regulation
        do throws(RegulationError) { regulation = try Regulation(json: event.data["regulation"] ?? .null) } catch {
            // A text that cannot be read changes nothing; the one in force stays, and the log and the audit say why.
            var refusal = Refusal.unreadableRegulation(error)
            (refusal.sender, refusal.eventID, refusal.type, refusal.writtenAt) = (event.sender, event.id, event.type, event.time)
            refusedCount += 1
            lastRefusal = lastRefusal.map(refusal.sharing) ?? refusal
            return
        }
        let isFirst = rules == nil
        let former = self.rules
        let rules = Rules(regulation, allowedSkew: options.stretched(.seconds(60)))
        self.rules = rules
        planMaintenance()
        days.adopt(regulation.calendar, by: event.id, at: event.time)
        if reached == nil { reached = event.time }
        if let former, former.regulation.digest != regulation.digest { earlier.append(former) }
        earlier.removeAll { era in !obligations.values.contains { $0.rules === era && $0.isOpen } }
        planOpenings(rules, after: former, at: event.time)
        followDaysAtOnce()
        if isFirst {
            let records = waiting
            waiting = []
            recordCount -= records.count
            for record in records { evolve(record) }
            observe(at: event.time)
            finish()
        }
    }

    private mutating func advance(to instant: Instant) {
        guard let before = reached, instant > before else { return }
        reached = instant
        openPeriods(upTo: instant)
        var missed: [String] = []
        for key in wakes.takeDue(at: instant) {
            switch key {
            case .obligation(let id): if obligations[id]?.looksAgainAt.map({ $0 <= instant }) == true { rederive(obligation: id) } else { refresh(id) }
            case .receipt(let id): forward(id)
            case .refusals(let party): tellRefusals(to: party)
            case .gap(let id): missed.append(id)
            case .stray(let id): tellStray(id)
            }
        }
        if !missed.isEmpty { inquire(after: missed + gapsToAskAboutEarly(at: instant)) }
    }

    /// An earlier leader's clock was ahead: what its marks said of the time binds nobody any more. All that stands before this place had come by this instant.
    private mutating func setBack(to instant: Instant) {
        observedAt = min(observedAt, instant)
        reached = reached.map { min($0, instant) }
        for index in unobserved.indices { unobserved[index].notBefore = min(unobserved[index].notBefore, instant) }
        let known = Array(cases.keys)
        let changed = known.filter { cases[$0]?.setBack(to: instant) == true }
        for id in obligations.keys { obligations[id]?.setBack(to: instant) }
        for subject in windows.keys { windows[subject]?.setBack(to: instant) }
        days.setBack(to: instant)
        followDaysAtOnce()
        for key in changed.sorted() {
            rederive(case: key)
            if root(of: key) != key { rederive(case: root(of: key)) }
        }
        // What was due by the wrong clock may be due again by the right one.
        for id in obligations.keys.sorted() { refresh(id) }
    }

    /// The broker's clock tells seconds.
    private static let stampResolution = Span.seconds(1)

    /// Takes the broker's own word of when messages came in that no coordinator saw coming: each within the second before its instant.
    private mutating func takeStamps(_ event: Event) {
        let inDoubt = leaderless
        defer {
            forgetDoubts()
            // Who was not asked because a claim's arrival was in doubt is asked now.
            for id in inDoubt.keys.filter({ leaderless[$0] == nil }).sorted() {
                for key in Set(casesOf(id).flatMap { [$0, root(of: $0)] }).sorted() { askForAnswers(case: key) }
            }
        }
        for stamp in event.data["stamps"]?.array ?? [] {
            guard let id = stamp["id"]?.string, let before = stamp["arrivedAt"]?.instant else { continue }
            defer { leaderless[id] = nil }
            let range = before - options.stretched(LedgerState.stampResolution)..<before
            for (subject, window) in windows where window.announcement.event.id == id || window.agreement?.event.id == id {
                windows[subject]?.stamp(id, within: range)
                rederiveMaintained()
            }
            days.stamp(id, within: range)
            followDaysAtOnce()
            if var item = refusedExtensions[id] {
                item.stamp(within: range)
                if (try? takeRemark(item)) != nil { unsay(refusalOf: id) }
            }
            let former = caseOf(id).flatMap { cases[$0]?.evidence.first { $0.event.id == id } }
            for key in casesOf(id).sorted() {
                cases[key]?.stamp(id, within: range)
                rederive(case: key)
                if root(of: key) != key { rederive(case: root(of: key)) }
            }
            if let former { move(former) }
        }
    }

    /// Keeps of the acts whose arrival is in doubt only those on which something rests.
    private mutating func forgetDoubts() {
        if leaderless.isEmpty { return refusedExtensions = [:] }
        let doubtful = Set(doubtful.map(\.id))
        leaderless = leaderless.filter { doubtful.contains($0.key) }
        refusedExtensions = refusedExtensions.filter { doubtful.contains($0.key) }
    }

    private mutating func takeNotice(_ event: Event, counts: Bool) {
        guard SentNotice.isOne(event.type), let id = event.data["obligation"]?.string, let to = event.data["to"]?.string else { return }
        change(id) { obligation in
            if let index = obligation.notices.firstIndex(where: { $0.id == event.id }) {
                if counts { obligation.notices[index].counts = true }
                return
            }
            obligation.notices.append(
                SentNotice(
                    id: event.id, type: event.type, to: to, at: event.time, deadline: event.data["deadline"]?.instant,
                    title: Wording(event.data["wording"]).heading, counts: counts))
        }
    }

    private mutating func takeWithdrawal(_ event: Event) {
        guard let id = event.data["obligation"]?.string, let withdraws = event.data["withdraws"]?.string else { return }
        change(id) { obligation in
            if let index = obligation.notices.firstIndex(where: { $0.id == withdraws }) { obligation.notices[index].isWithdrawn = true }
        }
    }

    // MARK: Receipts and forwarding

    private mutating func takeReceipts(_ event: Event, arrivedAt: Instant, notBefore: Instant) {
        for receipt in event.data["receipts"]?.array ?? [] {
            guard let said = receipt["id"]?.string, let at = receipt["receivedAt"]?.instant else { continue }
            var id = said
            if let index = seen.firstIndex(of: said) {
                // The text that is there already, not another of its kind.
                id = seen[index]
            } else {
                noteGap(id, sender: receipt["sender"]?.string, receivedBy: event.sender, arrivedAt: arrivedAt, notBefore: notBefore)
            }
            receipts[id, default: []].append(Receipt(party: event.sender, at: at, recordedAt: arrivedAt))
            cameTo(event.sender, id)
            for key in casesOf(id) where isAct(id, in: key) { stale.insert(root(of: key)) }
        }
    }

    /// Whether a message of a case is one by which a duty may be done, which its receipts date, or opened one that is due otherwise once it was fetched. The
    /// receipts of all others change nothing.
    private func isAct(_ id: String, in key: String) -> Bool {
        // Most cases owe nothing, and need not be looked into.
        guard let names = cases[root(of: key)]?.obligations, !names.isEmpty, let evidence = cases[key]?.evidence,
            let index = evidence.indices.last(where: { evidence[$0].event.id == id })
        else { return false }
        let type = evidence[index].event.type
        return names.contains { name in
            guard let index = obligations.index(forKey: name) else { return false }
            let duty = obligations.values[index].duty
            return duty.fulfilledBy.contains { $0.type == type } || duty.due.turnsOnReceipt && obligations.values[index].openedBy?.id == id
        }
    }

    private mutating func awaitReceipt(_ event: Event, _ type: TypeRules, _ routingKey: @autoclosure () -> String, arrivedAt: Instant) {
        guard type.message.isUrgent, type.message.owesReceipt, event.type != SystemType.messageForwarded else { return }
        let routingKey = routingKey()
        var parties = Set(type.message.to)
        if let key = RoutingKey(routingKey), key.to != RoutingKey.all { parties.insert(key.to) }
        // A receipt may stand in the ledger before what it is for.
        parties.subtract(receipts[event.id]?.map(\.party) ?? [])
        if parties.isEmpty { return }
        awaiting[event.id] = Awaiting(event: event, routingKey: routingKey, from: parties, since: arrivedAt)
        wakes.insert(.receipt(event.id), at: arrivedAt + options.stretched(LedgerState.receiptSpan))
    }

    /// Notes that a message has come to a party, of which that was awaited or not.
    private mutating func cameTo(_ party: PartyID, _ id: String) {
        guard let index = awaiting.index(forKey: id) else { return }
        awaiting.values[index].from.remove(party)
        if awaiting.values[index].from.isEmpty { stopAwaiting(id) }
    }

    private mutating func stopAwaiting(_ id: String) {
        awaiting[id] = nil
        agenda.remove(id)
        wakes.remove(.receipt(id))
    }

    private mutating func forward(_ id: String) {
        guard let item = awaiting[id], rules != nil else { return }
        agenda.put(.forwards(item.from.sorted()), for: id, in: Agenda.Lane(urgency: .answer, party: item.event.sender))
    }

    // MARK: Refusals

    private mutating func take(_ refusal: Refusal, _ record: Record) {
        refusedCount += 1
        let refusal = lastRefusal.map(refusal.sharing) ?? refusal
        lastRefusal = refusal
        if let id = refusal.eventID { refusals[id] = refusal }
        // What the coordinator itself said wrongly is for its log: answering it would answer for ever, and so would saying it again.
        if record.carriage.userID == LedgerState.coordinator {
            if let id = refusal.eventID { unsayable.insert(id) }
            return
        }
        guard let rules else { return }
        let item = Refused(refusal, body: record.body, routingKey: record.carriage.routingKey)
        tell(item, to: Answer.recipient(of: refusal, rules: rules.regulation))
    }

    /// Tells a party that a message of its does not count, once.
    mutating func tell(_ item: Refused, to: PartyID) {
        guard told.insert(item.number).inserted else { return }
        let (now, span) = (observedAt, refusalSpan)
        if let word = refusing[to, default: RefusalLine()].refused(item, at: now, span) { tell(word, to: to) } else { awaitRefusals(to: to) }
    }

    private var refusalSpan: Span { options.stretched(RefusalLine.span) }

    private mutating func tell(_ word: RefusalLine.Gathering, to party: PartyID) {
        guard let rules else { return }
        let decision = Answer.refused(word, to: party, phone: phone(of: rules.regulation.lead), rules: rules.regulation)
        refusing[party]?.willSay(decision.id, about: word)
        agenda.put(.refusal(decision), for: decision.id, in: Agenda.Lane(urgency: .answer, party: party))
    }

    /// Looks again at what was gathered for a party when that may be told.
    private mutating func awaitRefusals(to party: PartyID) {
        if let instant = refusing[party]?.nextInstant(refusalSpan) { wakes.insert(.refusals(party), at: instant) }
    }

    private mutating func tellRefusals(to party: PartyID) {
        guard let reached else { return }
        let span = refusalSpan
        if let word = refusing[party]?.takeGathering(at: reached, span) { tell(word, to: party) } else { awaitRefusals(to: party) }
    }

    /// Takes back a refusal that has not been said yet.
    private mutating func unsay(refusalOf id: String) {
        guard let refusal = refusals.removeValue(forKey: id) else { return }
        refusedCount -= 1
        if lastRefusal == refusal { lastRefusal = nil }
        for party in refusing.keys { if let word = refusing[party]?.counts(id) { agenda.remove(word) } }
    }

    private mutating func takeAnswer(_ event: Event) {
        agenda.remove(event.id)
        if let to = event.data["to"]?.string, refusing[to] != nil {
            refusing[to]?.wasSaid(event.id, at: event.time)
            awaitRefusals(to: to)
        }
        if event.type == SystemType.messageForwarded, let original = event.causationID, let to = event.data["to"]?.string {
            cameTo(to, original)
            if agenda[original] != nil { forward(original) }
        }
    }

    // MARK: What is to be done

    /// All that the leader should publish now, the most urgent first; of one urgency by obligation, then by step.
    public var decisions: [Decision] { decisions(limit: .max) { _ in true } }

    /// All of those whose ids are wanted.
    public func decisions(where isWanted: (String) -> Bool) -> [Decision] { decisions(limit: .max, where: isWanted) }

    /// The most urgent of what the leader should publish now, among the ids that are wanted: what is overdue before what is new, that before answers; of one
    /// urgency the parties that caused them take turns. Costs no more than those taken and those passed over, however many are open; nothing is worded that is
    /// not taken.
    ///
    /// - Parameters:
    ///   - limit: how many decisions at most.
    ///   - held: obligations of which nothing is to be said for now.
    ///   - isWanted: whether a decision of this id is to be given; false for what is on its way already.
    public func decisions(limit: Int, except held: Set<String> = [], where isWanted: (String) -> Bool) -> [Decision] {
        decisions(limit: limit, room: { _ in .max }, except: held, where: isWanted).map(\.decision)
    }

    /// The same, each with the lane in which it waited.
    ///
    /// - Parameter room: how many of a lane may be given, where they are not overdue.
    func decisions(
        limit: Int, room: (Agenda.Lane) -> Int, except held: Set<String>, where isWanted: (String) -> Bool
    ) -> [(decision: Decision, lane: Agenda.Lane)] {
        func isDue(_ id: String) -> Bool { isWanted(id) && !unsayable.contains(id) }
        return agenda.next(limit, room: room) { entry, room in
            switch entry.content {
            case .notices(let due, let reached):
                if held.contains(entry.key) { return (entry.content, 0) }
                let wanted = due.first(room) { isDue($0.id) }
                return (.notices(wanted, reached: reached), wanted.count)
            case .forwards(let parties):
                let wanted = parties.first(room) { isDue(Answer.forwardedID(entry.key, to: $0)) }
                return (.forwards(wanted), wanted.count)
            case .refusal(let decision), .inquiry(let decision): return (entry.content, isDue(decision.id) ? 1 : 0)
            }
        }.flatMap { entry, content in worded(content, of: entry.key).map { ($0, entry.lane) } }
    }

    private func worded(_ content: Agenda.Content, of key: String) -> [Decision] {
        switch content {
        case .notices(let due, let reached):
            holds?(.obligation(key))
            #if PLANTED_TRAPS
                PlantedTrap.wording.spring(obligations[key]?.title)
            #endif
            return obligations[key]?.decisions(due, reached: reached, phones: phones) ?? []
        case .forwards(let parties):
            guard let item = awaiting[key], let rules else { return [] }
            return parties.map { Answer.forwarded(item.event, routingKey: item.routingKey, to: $0, rules: rules.regulation) }
        case .refusal(let decision), .inquiry(let decision): return [decision]
        }
    }

    /// The ids of all that the leader should publish now.
    var dueIDs: [String] {
        agenda.entries.values.flatMap { entry -> [String] in
            switch entry.content {
            case .notices(let due, _): due.map(\.id)
            case .forwards(let parties): parties.map { Answer.forwardedID(entry.key, to: $0) }
            case .refusal(let decision), .inquiry(let decision): [decision.id]
            }
        }.filter { !unsayable.contains($0) }
    }

    /// Whether messages wait for a record of the coordinator's that vouches for their time.
    public var hasUnobserved: Bool { !unobserved.isEmpty }

    /// Whether there is anything to publish.
    public var hasDecisions: Bool { !decisions(limit: 1) { _ in true }.isEmpty }

    /// The next instant at which time alone changes something: a period opens, a step is due, a receipt is missed.
    public var nextInstant: Instant? {
        [wakes.first, firstOpening].compactMap(\.self).min()
    }
}
