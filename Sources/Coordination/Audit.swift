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
    private var place = 0
    private var findings: [Finding] = []
    private var withdrawn: Set<String> = []

    /// An audit of a ledger from its first record. `options` are those of the clock that the ledger was written by.
    public init(options: LedgerState.Options = .init()) { state = LedgerState(options: options) }

    /// Takes in the next record.
    public mutating func read(_ record: LedgerState.Record) {
        defer { place += 1 }
        if record.carriage.userID == LedgerState.coordinator { judge(record) }
        let refused = state.refusedCount
        state.evolve(record)
        // What a party said wrongly is on record as refused; the coordinator must not.
        if state.refusedCount > refused, record.carriage.userID == LedgerState.coordinator, let refusal = state.lastRefusal,
            refusal.sender == LedgerState.coordinator
        {
            findings.append(Finding(fault: .unreadable(refusal.reason), id: refusal.eventID ?? "", place: place))
        }
    }

    private static let judged: Set<String> = [
        "duty.opened", "duty.reminded", "duty.overdue", "duty.escalated", "duty.fulfilled", "duty.rescheduled", "notice.held-back", "notice.withdrawn",
        "message.refused", "message.forwarded",
    ]
    /// The members that follow from the records alone; wordings also tell how long is left, which depends on the moment.
    private static let compared = [
        "obligation", "duty", "article", "basis", "obligor", "to", "subject", "deadline", "late", "fulfilledBy", "rung", "withdraws", "reason",
    ]

    private mutating func judge(_ record: LedgerState.Record) {
        guard let json = try? JSON(parsing: record.body), let event = try? MessageReader.event(in: json), Audit.judged.contains(event.type),
            event.election == state.election?.id, !state.isOnRecord(event.id)
        else { return }
        if event.type == "notice.withdrawn", let id = event.data["withdraws"]?.string { withdrawn.insert(id) }
        guard let decision = state.decisions(where: { $0 == event.id }).first else {
            findings.append(Finding(fault: .unjustified, id: event.id, place: place))
            return
        }
        let differing = Audit.compared.filter { decision.data[$0] != event.data[$0] }
        if !differing.isEmpty { findings.append(Finding(fault: .altered(differing), id: event.id, place: place)) }
    }

    /// What does not fit, in the ledger's order. A notice that was sent without ground and withdrawn afterwards is in order.
    public func result() -> [Finding] {
        let missing = state.decisions.map { Finding(fault: .missing, id: $0.id, place: place - 1) }
        return findings.filter { !($0.fault == .unjustified && withdrawn.contains($0.id)) } + missing
    }
}
