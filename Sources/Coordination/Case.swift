import Messages
import Regulation
import Values

/// One message that bears on a case, as it stands in the ledger.
struct Evidence: Sendable {
    /// What was said, corrections not applied.
    var event: Event
    /// When it came in, by the coordinator's observation: the first of its records after this one. The sender's word is believed only as far as
    /// the settling time before that.
    var arrivedAt: Instant
    /// The coordinator's last record before it, or what the broker told: it came in no earlier.
    var notBefore: Instant
    /// It came in no later: the coordinator had read it by then, or the broker told.
    var notAfter: Instant
    /// Its place in the ledger as the broker numbers it.
    var offset: Int64?
    /// Whether the broker told when it came in.
    var isStamped = false
    /// The place among all evidence, in the ledger's order.
    var sequence: Int
    /// Whether it belongs to the case by its subject or its period, and does not only cite it.
    var isOfSubject = true
    /// When the last correction of it arrived, if any did.
    var amendedAt: Instant?
    /// Whether a correction took it back.
    var isWithdrawn = false
    /// Who testifies to it, where its sender's own copy is not on the ledger.
    var witness: PartyID?
    /// The merged case it was said of; nil for what was said of the case itself. Not kept: it follows from the merges that hold.
    var member: String?
    /// Whether it was said of the case into which this one goes.
    var isOfTheOther = false

    /// Whether it is a notice of the coordinator's, told as such.
    var isNotice: Bool { event.sender == LedgerState.coordinator }

    /// Of a device's change: when the device changed.
    var changedAt: Instant { event.data["since"]?.instant ?? arrivedAt }

    /// When what it says now became known.
    var knownAt: Instant { max(arrivedAt, amendedAt ?? arrivedAt) }

    init(
        event: Event, arrivedAt: Instant, notBefore: Instant, notAfter: Instant? = nil, sequence: Int, offset: Int64? = nil, isOfSubject: Bool = true
    ) {
        (self.event, self.arrivedAt, self.notBefore, self.notAfter) = (event, arrivedAt, notBefore, notAfter ?? arrivedAt)
        (self.sequence, self.offset, self.isOfSubject) = (sequence, offset, isOfSubject)
    }

    /// Notes that the broker told within which range of time it came in. Inside it the sender's own time is believed.
    mutating func stamp(within range: Range<Instant>) {
        let stamped = max(range.lowerBound, min(range.upperBound, event.time))
        arrivedAt = max(notBefore, min(arrivedAt, stamped))
        notBefore = max(notBefore, min(range.lowerBound, arrivedAt))
        notAfter = max(arrivedAt, min(notAfter, range.upperBound))
        isStamped = true
    }

    /// Notes that it had come in by an instant.
    mutating func setBack(to instant: Instant) {
        (arrivedAt, notBefore, notAfter) = (min(arrivedAt, instant), min(notBefore, instant), min(notAfter, instant))
    }
}

/// All that was said of one subject: an incident, a piece of feedback, a day of a calendar duty.
struct Case: Sendable {
    private var storage = Storage.spread([])
    /// The obligations that arose from it.
    var obligations: [String] = []
    /// How many records had been read when something was last said of it or derived from it; 0 where it does not wait to be packed.
    var touched: Int {
        get { Int(touchedAt) }
        set { touchedAt = Int32(clamping: newValue) }
    }
    /// `touched` in half the room, since there are very many cases.
    private var touchedAt: Int32 = 0
    /// Whether it is of a kind whose course is told.
    private(set) var isFollowed = false

    /// A case on which nothing hangs is kept packed, and unpacked whenever it is asked for.
    private enum Storage: Sendable {
        case spread([Evidence])
        case packed(PackedEvidence)
    }

    /// The messages in the ledger's order.
    var evidence: [Evidence] {
        switch storage {
        case .spread(let evidence): evidence
        case .packed(let packed): packed.evidence
        }
    }

    /// Whether it is kept packed.
    var isPacked: Bool { if case .packed = storage { true } else { false } }

    /// Takes in what was said when so many records had been read; gives whether it has to wait to be packed again.
    mutating func append(_ item: Evidence, isFollowed: Bool, at count: Int) -> Bool {
        defer { touched = count }
        if isFollowed, item.isOfSubject { self.isFollowed = true }
        switch storage {
        case .spread(var evidence):
            // Taken out first, so that appending does not copy.
            storage = .spread([])
            evidence.append(item)
            storage = .spread(evidence)
        case .packed(let packed): storage = .spread(packed.evidence + [item])
        }
        return touched == 0
    }

    /// Packs what is not needed for the moment.
    mutating func pack() { if case .spread(let evidence) = storage { storage = .packed(PackedEvidence(evidence)) } }

    /// Unpacks what is needed again when so many records have been read; gives whether it has to wait to be packed again.
    mutating func unpack(at count: Int) -> Bool {
        defer { touched = count }
        if case .packed(let packed) = storage { storage = .spread(packed.evidence) }
        return touched == 0
    }

    /// Puts what was added late where it stands in the ledger.
    mutating func putInOrder() { storage = .spread(evidence.sorted { $0.sequence < $1.sequence }) }

    /// Takes out a message that proved to be another, or to belong elsewhere.
    mutating func remove(_ id: String) { storage = .spread(evidence.filter { $0.event.id != id }) }

    /// Notes that a message needs no witness any more.
    mutating func hasCome(_ id: String) {
        var evidence = evidence
        for index in evidence.indices where evidence[index].event.id == id { evidence[index].witness = nil }
        storage = .spread(evidence)
    }

    /// Notes that a message came in within a range of time.
    mutating func stamp(_ id: String, within range: Range<Instant>) {
        var evidence = evidence
        for index in evidence.indices where evidence[index].event.id == id { evidence[index].stamp(within: range) }
        storage = .spread(evidence)
    }

    /// Notes that a message is a drill's, as was said at an instant.
    mutating func declareDrill(_ id: String, at instant: Instant) {
        var evidence = evidence
        for index in evidence.indices where evidence[index].event.id == id { (evidence[index].event.exercise, evidence[index].amendedAt) = (true, instant) }
        storage = .spread(evidence)
    }

    /// Notes that everything had come in by an instant; gives whether that changes anything.
    mutating func setBack(to instant: Instant) -> Bool {
        var evidence = evidence
        guard evidence.contains(where: { $0.notAfter > instant || $0.arrivedAt > instant || $0.notBefore > instant }) else { return false }
        for index in evidence.indices { evidence[index].setBack(to: instant) }
        storage = .spread(evidence)
        return true
    }

    /// The case into which this one is merged at present.
    ///
    /// - Parameter waiting: corrections that do not count.
    func mergedInto(_ rules: Rules, except waiting: Set<String> = []) -> String? {
        let evidence = waiting.isEmpty ? evidence : evidence.filter { !waiting.contains($0.event.id) }
        let merge = rules.corrections.applied(to: evidence).last { $0.isOfSubject && rules.claims[$0.event.type]?.into != nil && !$0.isWithdrawn }?.event
        return merge.flatMap { merge in rules.claims[merge.type]?.into.flatMap { merge[$0]?.string } }
    }
}

extension [Evidence] {
    /// The latest value of a member in what was not taken back.
    func fact(_ path: FieldPath) -> JSON? {
        for index in indices.reversed() where !self[index].isWithdrawn {
            if let value = self[index].event[path] { return value }
        }
        return nil
    }

    /// Whether the facts satisfy every condition.
    func satisfy(_ conditions: [Condition]) -> Bool {
        conditions.allSatisfy { condition in fact(condition.path).map { condition.values.contains($0) } ?? false }
    }
}

extension Event {
    /// The id of the message that it takes back; nil where it takes back none.
    var takesBack: String? { data["withdrawn"]?.bool == true ? data["corrects"]?.string : nil }

    /// Whose act it is: the sender's, or that of the party on whose behalf the sender records it.
    var author: PartyID { data["onBehalfOf"]?.string ?? sender }
}

extension Matcher {
    /// Whether evidence of a case is an act of the obligor's that is meant.
    func matches(_ item: Evidence, of key: String, obligor: PartyID) -> Bool {
        guard matches(item.event, obligor: obligor) else { return false }
        return citing.map { item.event[$0]?.string == key } ?? item.isOfSubject
    }

    /// Whether a message is one that is meant.
    func matches(_ event: Event, obligor: PartyID? = nil) -> Bool {
        event.type == type && (from.isEmpty || from.contains(event.author)) && (!isObligorsOwn || event.author == obligor)
            && conditions.allSatisfy { condition in event[condition.path].map { condition.values.contains($0) } ?? false }
    }
}
