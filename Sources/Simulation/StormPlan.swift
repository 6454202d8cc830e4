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

    /// How many cases are like one another, where many are: more than one mark tells arrivals of.
    static let many = 130

    private var random: Random

    init(seed: UInt64, in days: ClosedRange<CivilDate>, from begin: Instant, until end: Instant, regulation: Regulation) throws(ScenarioError) {
        random = Random(seed: seed ^ 0x5EED)
        let scenario = try Scenario(parsing: "from \(days.lowerBound) to \(days.upperBound)\nwork \(seed)", regulation: regulation)
        for act in scenario.acts {
            if case .says(let event, let to) = act.what, act.at <= end { acts.append((act.at, event, to)) }
        }
        var calm = Simulation(from: begin, regulation: regulation)
        for act in acts {
            calm.run(upTo: act.at)
            calm.say(act.event, to: act.to)
        }
        let standings = calm.state.standings.filter { $0.deadline.map { $0 < end } == true }
        if random.chance(1, of: 8) { addMany(standings) }
        delay(standings)
        acts = acts.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    /// One in three of the acts that came in time comes at the last moment, and mostly a blow falls there.
    private mutating func delay(_ standings: [Standing]) {
        var deadlines: [Instant: Instant] = [:]
        for standing in standings {
            guard case .fulfilled(let at) = standing.outcome, let deadline = standing.deadline, at < deadline else { continue }
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

    /// One case of these days many times over: opened together, and what each owes done at the last moment, while no coordinator runs.
    private mutating func addMany(_ standings: [Standing]) {
        let cases = standings.compactMap { standing -> (opening: Int, act: Int, deadline: Instant)? in
            guard case .fulfilled(let at) = standing.outcome, let deadline = standing.deadline, at < deadline,
                let opening = acts.firstIndex(where: { $0.event.subject == standing.subject }),
                let act = acts.firstIndex(where: { $0.event.subject == standing.subject && $0.at == at }), opening < act
            else { return nil }
            return (opening, act, deadline)
        }
        guard !cases.isEmpty else { return }
        let (opening, act, deadline) = cases[Int(random.next(in: 0...Int64(cases.count - 1)))]
        for number in 1...StormPlan.many {
            func again(_ index: Int, at instant: Instant) {
                var (_, event, to) = acts[index]
                event.id += "-\(number)"
                event.subject = event.subject.map { "\($0)-\(number)" }
                acts.append((instant + Span(milliseconds: Int64(number)), event, to))
            }
            again(opening, at: acts[opening].at)
            again(act, at: deadline - .seconds(20))
        }
        blows.append((deadline - .seconds(60), .dies(.seconds(90))))
    }
}
