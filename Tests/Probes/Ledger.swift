import Coordination
import Messages
import Regulation
import Simulation
import Values

/// A ledger under a leader that marks after everything said and publishes all that follows, as the coordinator does.
public struct Ledger: Sendable {
    /// What follows from it.
    public private(set) var state = LedgerState()
    /// Its records.
    public private(set) var records: [LedgerState.Record] = []
    /// The clock of all.
    public var now: Instant
    private var count = 0
    private let offset = Regulation.standard.calendar.offset

    /// A ledger of which a scenario tells the beginning.
    public init(_ scenario: String) throws {
        let performance = try Performance(of: Scenario(parsing: scenario, regulation: .standard))
        now = performance.ended
        for record in performance.records { put(record) }
    }

    /// Puts a record into it.
    public mutating func put(_ record: LedgerState.Record) {
        records.append(record)
        state.evolve(record)
    }

    /// Puts a message into the ledger under its sender's account; gives its id.
    @discardableResult
    public mutating func say(_ type: String, _ sender: PartyID, subject: String? = nil, to: String = RoutingKey.all, _ data: JSON) -> String {
        count += 1
        let election = sender == LedgerState.coordinator ? state.election?.id : nil
        let id = sender == LedgerState.coordinator ? "extreme/\(count)" : "extreme-\(count)"
        put(Event(id: id, sender: sender, type: type, subject: subject, time: now, data: data, election: election), to: to)
        return id
    }

    private mutating func put(_ event: Event, to: String) {
        let key = RoutingKey(sender: event.sender, type: event.type, to: to).description
        put(
            LedgerState.Record(
                body: event.encoded(offset: offset),
                carriage: Carriage(exchange: "phoihop", routingKey: key, userID: event.sender, messageID: event.id, contentType: Event.contentType),
                offset: Int64(records.count)))
    }

    /// A new leader stands.
    public mutating func elect(term: Int64) {
        let id = "elected/extreme/\(records.count)"
        put(
            Event(
                id: id, sender: LedgerState.coordinator, type: "coordinator.elected", time: now, data: ["term": .int(term), "instance": "t/1", "version": "1"],
                election: id), to: RoutingKey.all)
    }

    /// Time goes on by so much, and all that is then due is published.
    public mutating func goOn(by span: Span) {
        now = now + span
        for _ in 0..<8 {
            say("coordinator.marked", LedgerState.coordinator, ["reachedAt": JSON(now, offset: offset)])
            let decisions = state.decisions
            guard !decisions.isEmpty, let election = state.election else { return }
            for decision in decisions { put(decision.event(time: now, election: election.id), to: decision.to) }
        }
    }
}
