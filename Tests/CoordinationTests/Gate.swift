import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// A ledger in memory with a leader beside it: what parties say is put in at a time, and what the coordinator says in answer is noted as
/// `08:30 duty.reminded border-guard`. Times of day are those of one date in Lào Cai.
struct Gate {
    private(set) var state: LedgerState
    private(set) var records: [LedgerState.Record] = []
    private(set) var said: [String] = []
    private(set) var events: [Event] = []
    private(set) var now: Instant
    var date: CivilDate
    /// Whether a coordinator is running.
    var isWatched = true
    private var count = 0
    private let offset = Span.hours(7)

    /// A gate whose coordinator was first elected on this date at midnight.
    init(on date: String, under text: JSON = Regulation.standard.source) {
        guard let date = CivilDate(date) else { preconditionFailure("no date") }
        self.date = date
        now = Instant(date, offset: offset)
        state = LedgerState()
        elect(term: 1)
        adopt(text)
    }

    /// The coordinator puts a text of the regulation into force.
    mutating func adopt(_ text: JSON) { own("regulation.adopted", ["regulation": text, "digest": .string(fnv1a(text.bytes))]) }

    func instant(_ time: String) -> Instant {
        if let instant = Instant(rfc3339: time) { return instant }
        let parts = time.split(separator: " ")
        let day = parts.count == 2 ? CivilDate(String(parts[0])) ?? date : date
        let clock = parts.last.map(String.init) ?? ""
        guard let time = TimeOfDay(String(clock.prefix(5))) else { preconditionFailure("no time: \(clock)") }
        let rest = Double(clock.dropFirst(6)) ?? 0
        return Instant(day, time, offset: offset) + Span(milliseconds: Int64((rest * 1000).rounded()))
    }

    mutating func elect(term: Int64, id: String? = nil) {
        own("coordinator.elected", ["term": .int(term), "instance": "test", "version": "1"], id: id ?? "elected/\(term)")
    }

    /// Puts a record of the coordinator's into the ledger as it would itself.
    mutating func own(_ type: String, _ data: JSON, id: String? = nil, election: String? = nil, to: String = "all", subject: String? = nil) {
        count += 1
        let event = Event(
            id: id ?? "own-\(count)", sender: "coordinator", type: type, subject: subject, time: now, data: data,
            election: election ?? state.election?.id ?? id)
        put(event, to: to)
    }

    private mutating func put(_ event: Event, to: String, user: String? = nil) {
        let carriage = Carriage(
            exchange: "phoihop", routingKey: "\(event.sender).\(event.type).\(to)", userID: user ?? event.sender, messageID: event.id,
            contentType: Event.contentType)
        put(LedgerState.Record(body: event.encoded(offset: offset), carriage: carriage, offset: Int64(records.count)))
        events.append(event)
    }

    mutating func put(_ record: LedgerState.Record) {
        records.append(record)
        state.evolve(record)
    }

    /// A party says something at a time of the day. Returns the event's id.
    @discardableResult
    mutating func at(
        _ time: String, _ sender: PartyID, _ type: String, _ subject: String? = nil, _ data: JSON, id: String? = nil, to: String = "all",
        written: String? = nil, exercise: Bool = false
    ) -> String {
        run(until: time)
        count += 1
        let event = Event(
            id: id ?? "e\(count)", sender: sender, type: type, subject: subject, time: written.map(instant) ?? now, data: data, exercise: exercise)
        put(event, to: to)
        lead()
        return event.id
    }

    /// Lets time pass.
    mutating func run(until time: String) {
        let target = instant(time)
        precondition(target >= now, "time runs forwards: \(time)")
        while isWatched {
            lead()
            guard let next = state.nextInstant, next <= target else { break }
            now = max(now, next)
            own("coordinator.marked", ["reachedAt": JSON(now, offset: offset)])
        }
        now = target
        lead()
    }

    /// The leader publishes what is due.
    private mutating func lead() {
        guard isWatched, let election = state.election else { return }
        if state.hasUnobserved { own("coordinator.marked", ["reachedAt": JSON(now, offset: offset)]) }
        for _ in 0..<10 where state.hasDecisions {
            for decision in state.decisions {
                let local = LocalTime(now, offset: offset)
                said.append("\(local.timeOfDay) \(decision.type) \(decision.to)")
                put(decision.event(time: now, election: election.id), to: decision.to)
            }
        }
        #expect(!state.hasDecisions, "what was published is still due: \(state.decisions.map(\.id))")
    }

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
