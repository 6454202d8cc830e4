import Coordination
import Messages
import Regulation
import Values

/// A ledger read from its first record to its last, for a report.
public struct LedgerReading: Sendable {
    /// What one record is, for who traces a figure.
    public struct Entry: Sendable, Hashable {
        /// Who said it.
        public var sender: PartyID
        /// Noun and verb.
        public var type: String
        /// The case.
        public var subject: String?
        /// When it was written.
        public var time: Instant
    }

    /// What follows from the ledger.
    public private(set) var state: LedgerState
    /// The time of the coordinator's first record: what the ledger is about begins here. It may be created long before, and on another clock.
    public private(set) var beganAt: Instant?
    /// The time of the coordinator's last record: up to here the ledger is known.
    public private(set) var knownTo: Instant?
    /// Every record by its id.
    public private(set) var entries: [String: Entry] = [:]
    /// The devices of which something was said outside drills, whether or not a duty hangs on it.
    private(set) var devices: Set<String> = []
    /// What the parties said, receipts left out, in the ledger's order; what proved out of form is among it.
    private(set) var said: [Event] = []

    /// A reading of a ledger from its first record. `options` are those of the clock that the ledger was written by.
    /// `setAside` is what a first reading of the ledger found to be left out.
    public init(options: LedgerState.Options = .init(), setAside: SetAside = SetAside()) { state = LedgerState(options: options, setAside: setAside) }

    /// Takes in the next record.
    public mutating func read(_ record: LedgerState.Record) {
        state.evolve(record)
        guard let json = try? JSON(parsing: record.body), let event = try? MessageReader.event(in: json) else { return }
        if record.carriage.userID == LedgerState.coordinator, state.isOnRecord(event.id) {
            beganAt = beganAt ?? event.time
            knownTo = max(knownTo ?? event.time, event.time)
        }
        // What a receiver testified to counts as what its sender said; the report's scope says how many there are.
        if event.type == SystemType.messageRecovered, let id = event.data["id"]?.string, let told = state.testimony(of: id)?.event { note(told) }
        note(event)
    }

    private mutating func note(_ event: Event) {
        guard entries[event.id] == nil else { return }
        entries[event.id] = Entry(sender: event.sender, type: event.type, subject: event.subject, time: event.time)
        if state.regulation?.operations.contains(where: { $0.shownBy == event.type }) == true, !event.exercise, let device = event.data["device"]?.string {
            devices.insert(device)
        }
        if event.sender != LedgerState.coordinator, event.type != SystemType.receiptIssued { said.append(event) }
    }
}

extension LedgerReading {
    /// What the parties said and what counts, receipts left out.
    var counting: [Event] { said.filter { state.isOnRecord($0.id) && state.refusal(of: $0.id) == nil } }
}

/// Why a ledger gives no report.
public struct ReportError: Error, Sendable, Hashable {
    /// What is wrong, and what to do.
    public var text: Wording
}
