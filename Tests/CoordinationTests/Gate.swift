import Messages
import Regulation
import Simulation
import Testing
import Values

@testable import Coordination

/// A simulation for tests that speak of times of day: those of one date in Lào Cai. No receipts are issued but those that a test issues.
struct Gate {
    private var simulation: Simulation
    private let date: CivilDate
    private var count = 0
    private let offset = Span.hours(7)

    var state: LedgerState { simulation.state }
    var records: [LedgerState.Record] { simulation.records }
    var events: [Event] { simulation.events }
    var now: Instant { simulation.now }
    /// Whether a coordinator is running.
    var isWatched: Bool {
        get { simulation.isWatched }
        set { simulation.isWatched = newValue }
    }

    /// A gate whose coordinator was first elected on this date at midnight.
    init(on date: String, under text: JSON = Regulation.standard.source) {
        guard let date = CivilDate(date) else { preconditionFailure("no date") }
        self.date = date
        guard let regulation = try? Regulation(json: text) else { preconditionFailure("no regulation") }
        simulation = Simulation(from: Instant(date, offset: offset), regulation: regulation, issuesReceipts: false)
    }

    /// The coordinator puts a text of the regulation into force.
    mutating func adopt(_ text: JSON) {
        if let regulation = try? Regulation(json: text) { return simulation.adopt(regulation) }
        own("regulation.adopted", ["regulation": text, "digest": .string(fnv1a(text.bytes))])
    }

    func instant(_ time: String) -> Instant {
        if let instant = Instant(rfc3339: time) { return instant }
        let parts = time.split(separator: " ")
        let day = parts.count == 2 ? CivilDate(String(parts[0])) ?? date : date
        let clock = parts.last.map(String.init) ?? ""
        guard let time = TimeOfDay(String(clock.prefix(5))) else { preconditionFailure("no time: \(clock)") }
        let rest = Double(clock.dropFirst(6)) ?? 0
        return Instant(day, time, offset: offset) + Span(milliseconds: Int64((rest * 1000).rounded()))
    }

    mutating func elect(term: Int64) { simulation.elect(term: term) }

    /// Puts a record of the coordinator's into the ledger as it would itself.
    mutating func own(_ type: String, _ data: JSON, id: String? = nil, election: String? = nil, to: String = "all", subject: String? = nil) {
        simulation.own(type, data, id: id, election: election, to: to, subject: subject)
    }

    mutating func put(_ record: LedgerState.Record) { simulation.put(record) }

    /// A party says something at a time of the day. Returns the event's id.
    @discardableResult
    mutating func at(
        _ time: String, _ sender: PartyID, _ type: String, _ subject: String? = nil, _ data: JSON, id: String? = nil, to: String = "all",
        written: String? = nil, exercise: Bool = false
    ) -> String {
        simulation.run(upTo: instant(time))
        count += 1
        let event = Event(
            id: id ?? "e\(count)", sender: sender, type: type, subject: subject, time: written.map(instant) ?? now, data: data, exercise: exercise)
        simulation.say(event, to: to)
        return event.id
    }

    /// A party says that a claim is right, or that it is not.
    @discardableResult
    mutating func agree(_ time: String, _ party: PartyID, _ claim: String, in subject: String, outcome: String = "confirmed") -> String {
        at(
            time, party, "communication.confirmed", subject,
            ["confirms": .string(claim), "outcome": .string(outcome), "officer": "Trực ban"])
    }

    /// Lets time pass.
    mutating func run(until time: String) { simulation.run(until: instant(time)) }

    /// Lets time pass.
    mutating func run(until instant: Instant) { simulation.run(until: instant) }

    /// Another coordinator takes over.
    mutating func replaceCoordinator() { simulation.replaceCoordinator() }

    /// What was said about one duty, without the settlements of others.
    func said(about duty: String) -> [String] {
        events.filter { $0.sender == "coordinator" && ($0.data["obligation"]?.string ?? "").hasPrefix(duty + "/") }.map { event in
            let local = LocalTime(event.time, offset: offset)
            return "\(local.timeOfDay) \(event.type) \(event.data["to"]?.string ?? "")"
        }
    }

    func obligation(_ id: String) -> Obligation? { state.obligations[id] }
}

func detected(_ at: String, on date: String = "2026-03-16", kind: String = "technical", title: String = "màn hình LED không hiển thị") -> JSON {
    ["kind": .string(kind), "occurredAt": .string("\(date)T\(at):00+07:00"), "title": .string(title), "device": "led-screen"]
}

func notified(_ at: String, on date: String = "2026-03-16") -> JSON {
    ["kind": "technical", "occurredAt": .string("\(date)T\(at):00+07:00"), "title": "màn hình LED không hiển thị", "officer": "Trung úy Hải"]
}
