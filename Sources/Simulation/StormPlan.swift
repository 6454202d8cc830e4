import Coordination
import Messages
import Regulation
import Values

/// What a storm is played with: some days of all parties at work, made harder where it matters. Some acts come in at the last moment, many at once, and blows fall
/// where a deadline is near.
struct StormPlan {
    /// What the parties say and when, in order.
    private(set) var acts: [(at: Instant, event: Event, to: String)] = []
    /// What befalls the coordinator, beside what the weather brings.
    private(set) var blows: [(at: Instant, blow: Weather.Blow)] = []

    /// How many incidents are told in one go, where many are: more than one mark tells arrivals of.
    static let many = 130

    private var random: Random

    init(seed: UInt64, in days: ClosedRange<CivilDate>, from begin: Instant, until end: Instant, regulation: Regulation) throws(ScenarioError) {
        random = Random(seed: seed ^ 0x5EED)
        let scenario = try Scenario(parsing: "from \(days.lowerBound) to \(days.upperBound)\nwork \(seed)", regulation: regulation)
        for act in scenario.acts {
            if case .says(let event, let to) = act.what, act.at <= end { acts.append((act.at, event, to)) }
        }
        delay(from: begin, until: end, regulation)
        if random.chance(1, of: 8) { addMany(at: begin + .hours(random.next(in: 20...200))) }
        acts = acts.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// One in three of the acts that came in time comes at the last moment, and mostly a blow falls there.
    private mutating func delay(from begin: Instant, until end: Instant, _ regulation: Regulation) {
        var calm = Simulation(from: begin, regulation: regulation)
        for act in acts {
            calm.run(upTo: act.at)
            calm.say(act.event, to: act.to)
        }
        var deadlines: [Instant: Instant] = [:]
        for standing in calm.state.standings {
            guard case .fulfilled(let at) = standing.outcome, let deadline = standing.deadline, at < deadline, deadline < end else { continue }
            deadlines[at] = min(deadlines[at] ?? deadline, deadline)
        }
        for index in acts.indices {
            guard let deadline = deadlines[acts[index].at], random.chance(1, of: 3) else { continue }
            acts[index].at = deadline - Span(milliseconds: random.next(in: 3000...20_000))
            if random.chance(2, of: 3) { aim(at: deadline) }
        }
    }

    private mutating func aim(at deadline: Instant) {
        let span = Span(milliseconds: random.next(in: 5000...60_000))
        let blow: Weather.Blow =
            switch random.next(in: 0...5) {
            case 0...1: .standsStill(span)
            case 2: .losesToken(span)
            case 3: .isReplaced
            default: .dies(span + span)
            }
        blows.append((deadline - Span(milliseconds: random.next(in: 0...25_000)), blow))
    }

    /// Many incidents, told at the last moment, while no coordinator runs.
    private mutating func addMany(at instant: Instant) {
        for number in 1...StormPlan.many {
            let (subject, at) = ("SC-\(number)", instant + Span(milliseconds: Int64(number)))
            let data: JSONObject = ["kind": "technical", "occurredAt": JSON(instant, offset: .zero), "title": "màn hình LED không hiển thị"]
            var told = data
            told["officer"] = "Trực ban Đồn"
            func says(_ id: String, _ type: String, at instant: Instant, _ data: JSONObject) {
                let event = Event(id: "\(id)-\(number)", sender: "border-guard", type: type, subject: subject, time: instant, data: .object(data))
                acts.append((instant, event, RoutingKey.all))
            }
            says("many", "incident.detected", at: at, data)
            says("told", "incident.notified", at: at + .hours(1) - .seconds(20), told)
        }
        blows.append((instant + .hours(1) - .seconds(60), .dies(.seconds(90))))
    }
}
