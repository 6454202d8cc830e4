import Coordination
import Messages
import Regulation
import Values

/// What became of a scenario.
public struct Performance: Sendable {
    /// The scenario.
    public let scenario: Scenario
    /// The ledger.
    public let ledger: [Event]
    /// The same as the broker would hold it.
    public let records: [LedgerState.Record]
    /// What was said in the scenario's days, without what a deposed leader said.
    public let story: [Event]
    /// Every duty that opened, by the time of its opening.
    public let standings: [Standing]
    /// What the clock showed at the end.
    public let ended: Instant
    /// What was said and done, in the order of time, with what the scenario's faults made of it.
    let acts: [Act]
    /// The expectations, in the order of their lines.
    public let results: [Expectation.Result]

    /// Whether all was as expected.
    public var isAsExpected: Bool { results.allSatisfy(\.isMet) }

    /// Plays a scenario to its end. The same scenario gives the same ledger, byte for byte.
    ///
    /// - Parameters:
    ///   - start: when the coordinator is elected, no later than the scenario's first act; at the last instant before the first day where nil.
    ///   - options: those of the clock on which it is played; of one that runs faster than the wall, the spans of real time are longer.
    public init(of scenario: Scenario, from start: Instant? = nil, options: LedgerState.Options = .init()) {
        self.scenario = scenario
        let calendar = scenario.regulation.calendar
        // The last instant of the day before, so that what opens at the first midnight opens, and what ended with that day is no part of the story.
        let begin = start ?? calendar.instant(scenario.days.lowerBound)
        var simulation = Simulation(from: start ?? begin - Span(milliseconds: 1), regulation: scenario.regulation, options: options)
        let acts = scenario.actsAsPlayed
        self.acts = acts
        var states: [Int: Expectation.Result] = [:]
        var looks = scenario.expectations.filter(\.looksAtState).sorted {
            ($0.time?.lowerBound.milliseconds ?? 0, $0.line) < ($1.time?.lowerBound.milliseconds ?? 0, $1.line)
        }[...]
        func look(before instant: Instant?) {
            while let next = looks.first, let at = next.time?.lowerBound, instant.map({ at < $0 }) ?? true {
                looks.removeFirst()
                simulation.run(until: max(at, simulation.now))
                states[next.line] = next.check([], simulation.state.standings, asOf: at, calendar)
            }
        }
        for act in acts {
            look(before: act.at)
            simulation.run(upTo: act.at)
            simulation.perform(act.what)
        }
        look(before: nil)
        ended = max(simulation.now, calendar.endOfDay(scenario.days.upperBound))
        simulation.run(until: ended)

        let (ended, standings) = (ended, simulation.state.standings)
        self.standings = standings
        (ledger, records) = (simulation.events, simulation.records)
        var election: String?
        let story = ledger.filter { event in
            if event.type == SystemType.coordinatorElected { election = event.id }
            return event.time >= begin && (event.election == nil || event.election == election)
        }
        self.story = story
        let notices = story.filter { $0.sender == LedgerState.coordinator }
        results = scenario.expectations.map { states[$0.line] ?? $0.check(notices, standings, asOf: ended, calendar) }
    }
}

extension Expectation {
    /// Whether it must be looked at when its time has come.
    var looksAtState: Bool { if case .notices = claim { false } else { time != nil } }
}

extension Simulation {
    mutating func perform(_ act: Act.What) {
        switch act {
        case .says(let event, let to): say(event, to: to)
        case .stops(LedgerState.coordinator): isWatched = false
        case .starts(LedgerState.coordinator): startCoordinator()
        case .stops(let party): stop(party)
        case .starts(let party): start(party)
        case .replaced: if isWatched { replaceCoordinator() }
        case .adopts(let regulation): adopt(regulation)
        }
    }
}
