import Messages
import Regulation
import Values

/// Reads a ledger again and judges the coordinator by it: every notice on record must follow from the records before it, and every notice that followed must
/// be on record. A ledger that was tampered with shows where the first notice no longer fits.
public struct Audit: Sendable {
    /// Something that does not fit.
    public struct Finding: Sendable, Hashable {
        /// What is wrong.
        public enum Fault: Sendable, Hashable {
            /// A notice that nothing before it calls for.
            case unjustified
            /// A notice that says something else than the records before it; these members differ.
            case altered([String])
            /// A notice that the records call for and that is not there.
            case missing
            /// A record that no reader accepts.
            case unreadable(Wording)
            /// A record whose number in the ledger is not higher than that of the record before it: it was moved, or stands there twice.
            case outOfOrder
            /// A party acknowledged the receipt of this message, and it is not there.
            case acknowledgedOnly(by: PartyID)
            /// A message that is there only by the word of one who received it.
            case testified(by: PartyID)
            /// The regulation is not the one whose digest the record gives.
            case otherRegulation
            /// The first record is not a ledger's first: what came before it is not there.
            case beginsLater
        }
        /// What is wrong.
        public var fault: Fault
        /// The record's id; of a missing notice, the id it would have.
        public var id: String
        /// The record's place in the ledger, from 0; of a missing notice, the place after which it is missed.
        public var place: Int
    }

    /// What has been read so far.
    public private(set) var state: LedgerState
    private let grace: Span
    private let isWhole: Bool
    private var place = 0
    private var findings: [Finding] = []
    private var withdrawn: Set<String> = []
    /// What the leader should have said, by id.
    private var offers: [String: Offer] = [:]
    /// The place of what is refused, by the id of the word to its sender: that is called for at once, and not after a record of the leader's.
    private var refusedAt: [String: Int] = [:]
    /// Since when the leader could say anything: its election, or its question to the broker.
    private var ableSince = Instant(milliseconds: 0)
    private var lastOffset: Int64?
    /// The ids of all messages on record, whether they count or not.
    private var onRecord: Set<String> = []
    /// What was acknowledged, by its id, before it was on record.
    private var acknowledged: [String: (by: PartyID, place: Int)] = [:]
    /// What was found missing in its time.
    private var missed: Set<String> = []

    /// A notice that the records called for at some time.
    private struct Offer: Sendable {
        /// When they first did, and after which record.
        var since: Instant
        var place: Int
        /// When they last did. A notice on its way is in order, though a message that overtook it leaves no ground for it.
        var until: Instant
        /// What it would have said, as the records went on.
        var versions: [Decision]
    }

    /// How long the leader may take to say what is due, in seconds of real time; a notice that is not there by then is missed.
    private static let graceSeconds: Int64 = 10

    /// An audit of a ledger from its first record. `options` are those of the clock that the ledger was written by; `isWhole`: whether the first record must be
    /// the one that names the ledger.
    /// `setAside` is what a first reading of the ledger found to be left out.
    public init(options: LedgerState.Options = .init(), isWhole: Bool = false, setAside: SetAside = SetAside()) {
        state = LedgerState(options: options, setAside: setAside)
        self.isWhole = isWhole
        grace = options.stretched(.seconds(Audit.graceSeconds))
    }

    /// Takes in the next record.
    public mutating func read(_ record: LedgerState.Record) {
        defer { place += 1 }
        checkPlace(record)
        let isOwn = record.carriage.userID == LedgerState.coordinator
        let event = isOwn || isReceipt(record) ? (try? JSON(parsing: record.body)).flatMap { try? MessageReader.event(in: $0) } : nil
        if let event, isOwn { judge(event, record) }
        if let event, !isOwn { noteReceipts(event) }
        if let id = record.carriage.messageID {
            onRecord.insert(id)
            acknowledged[id] = nil
        }
        let refused = state.refusedCount
        state.evolve(record)
        // What a party said wrongly is on record as refused; the coordinator must not.
        if state.refusedCount > refused, isOwn, let refusal = state.lastRefusal, refusal.sender == LedgerState.coordinator {
            findings.append(Finding(fault: .unreadable(refusal.reason), id: refusal.eventID ?? "", place: place))
        }
        if state.refusedCount > refused, !isOwn { for id in state.dueIDs where offers[id] == nil && refusedAt[id] == nil { refusedAt[id] = place } }
        if let event, isOwn, event.election == state.election?.id { noteOffers(at: event) }
    }

    // MARK: The order, the beginning, the receipts

    private mutating func checkPlace(_ record: LedgerState.Record) {
        if place == 0, isWhole, RoutingKey(record.carriage.routingKey)?.type != SystemType.ledgerCreated { find(.beginsLater, record.carriage.messageID) }
        guard let offset = record.offset else { return }
        if let lastOffset, offset <= lastOffset { find(.outOfOrder, record.carriage.messageID) }
        lastOffset = max(offset, lastOffset ?? offset)
    }

    private func isReceipt(_ record: LedgerState.Record) -> Bool { RoutingKey(record.carriage.routingKey)?.type == SystemType.receiptIssued }

    private mutating func noteReceipts(_ event: Event) {
        for receipt in event.data["receipts"]?.array ?? [] {
            guard let id = receipt["id"]?.string, !onRecord.contains(id), acknowledged[id] == nil else { continue }
            acknowledged[id] = (event.sender, place)
        }
    }

    private mutating func find(_ fault: Finding.Fault, _ id: String?) { findings.append(Finding(fault: fault, id: id ?? "", place: place)) }

    // MARK: Notices

    private static let judged: Set<String> = [
        SystemType.dutyOpened, SystemType.dutyReminded, SystemType.dutyOverdue, SystemType.dutyEscalated, SystemType.dutyFulfilled, SystemType.dutyRescheduled,
        SystemType.noticeHeldBack, SystemType.noticeWithdrawn,
        SystemType.messageRefused, SystemType.messageForwarded, SystemType.messageMissing,
    ]

    private mutating func judge(_ event: Event, _ record: LedgerState.Record) {
        // One that cannot be read is found by its refusal.
        if event.type == SystemType.regulationAdopted, let text = event.data["regulation"], event.data["digest"]?.string != Regulation.digest(of: text) {
            find(.otherRegulation, event.id)
        }
        // Of what is left out nothing is known, nor whether its notices were due.
        if let obligation = event.data["obligation"]?.string, state.setAside.obligations.contains(obligation) { return }
        guard Audit.judged.contains(event.type), event.election == state.election?.id, !state.isOnRecord(event.id) else { return }
        if event.type == SystemType.noticeWithdrawn, let id = event.data["withdraws"]?.string { withdrawn.insert(id) }
        var versions = state.decisions { $0 == event.id }
        if let offer = offers[event.id], event.time - offer.until <= grace { versions += offer.versions.reversed() }
        guard let nearest = versions.first else { return find(.unjustified, event.id) }
        let key = RoutingKey(record.carriage.routingKey)
        let differing = versions.map { Audit.differences(of: event, to: key?.to, from: $0) }
        if !differing.contains([]) { find(.altered(Audit.differences(of: event, to: key?.to, from: nearest)), event.id) }
    }

    /// The members in which a notice is not what it should be.
    private static func differences(of event: Event, to: String?, from decision: Decision) -> [String] {
        var names: [String] = []
        if event.type != decision.type { names.append("type") }
        if event.subject != decision.subject { names.append("subject") }
        if event.causationID != decision.causationID { names.append("causationid") }
        if event.exercise != decision.exercise { names.append("exercise") }
        if to != decision.to { names.append("routing key") }
        let members = (decision.data.object?.members ?? []).map(\.key) + (event.data.object?.members ?? []).map(\.key)
        for name in members where decision.data[name] != event.data[name] && !names.contains(name) { names.append(name) }
        return names
    }

    /// Notes what the records call for after one of the leader's, and what the leader should have said by now.
    private mutating func noteOffers(at event: Event) {
        let isAsking = event.type == SystemType.coordinatorElected || event.type == SystemType.regulationAdopted || event.data["stamps"] != nil
        if isAsking { ableSince = event.time }
        let due = state.dueIDs
        let isNotice = Audit.judged.contains(event.type)
        // While one notice after another is read, what the others say stays the same.
        let worded = state.decisions { !isNotice || offers[$0] == nil }
        for decision in worded {
            var offer = offers[decision.id] ?? Offer(since: event.time, place: refusedAt[decision.id] ?? place, until: event.time, versions: [])
            if offer.versions.last != decision { offer.versions.append(decision) }
            offers[decision.id] = offer
        }
        for id in due {
            guard let offer = offers[id] else { continue }
            offers[id]?.until = event.time
            if event.time - max(offer.since, ableSince) > grace, missed.insert(id).inserted {
                findings.append(Finding(fault: .missing, id: id, place: offer.place))
            }
        }
        if offers.count > due.count { offers = offers.filter { event.time - $0.value.until <= grace } }
    }

    /// What does not fit, in the ledger's order. A notice that was sent without ground and withdrawn afterwards is in order, and so is one that came late.
    public func result() -> [Finding] {
        // One that is there, though not as it should be, is not missing.
        let present = Set(findings.filter { $0.fault != .missing }.map(\.id))
        let told = findings.filter { finding in
            switch finding.fault {
            case .unjustified: !withdrawn.contains(finding.id)
            case .missing: !state.isOnRecord(finding.id) && !present.contains(finding.id)
            default: true
            }
        }
        let unsaid = state.dueIDs.filter { !missed.contains($0) && !present.contains($0) }.map { id in
            Finding(fault: .missing, id: id, place: offers[id]?.place ?? place - 1)
        }
        let unheard = acknowledged.map { id, receipt in
            let fault = state.testimony(of: id).map { Finding.Fault.testified(by: $0.witness) } ?? .acknowledgedOnly(by: receipt.by)
            return Finding(fault: fault, id: id, place: receipt.place)
        }
        return (told + unsaid + unheard).enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }.map(\.element)
    }
}
