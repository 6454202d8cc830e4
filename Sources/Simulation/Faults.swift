import Coordination
import Messages
import Regulation
import Values

/// What a network, a broker and a hasty operator do to messages, drawn from a seed: one in three is repeated within ten minutes, one in three comes up to
/// twenty seconds late and so perhaps after what was said later, and every few hours another coordinator takes over.
struct Faults {
    private var random: Random

    init(seed: UInt64) { random = Random(seed: seed) }

    func spoil(_ acts: [Act], in scenario: Scenario, _ calendar: WorkCalendar) -> [Act] {
        var random = random
        var spoilt: [Act] = []
        for act in acts {
            var act = act
            guard case .says = act.what else {
                spoilt.append(act)
                continue
            }
            if random.chance(1, of: 3) { act.at = act.at + .seconds(random.next(in: 1...20)) }
            spoilt.append(act)
            if random.chance(1, of: 3) { spoilt.append(Act(at: act.at + .seconds(random.next(in: 1...600)), what: act.what)) }
        }
        var next = calendar.instant(scenario.days.lowerBound)
        let end = calendar.endOfDay(scenario.days.upperBound)
        while true {
            next = next + .minutes(random.next(in: 120...480))
            if next > end { break }
            spoilt.append(Act(at: next, what: .replaced))
        }
        return spoilt.sortedByTime()
    }
}

extension [Act] {
    /// In the order of time; what happens at the same instant stays in its order.
    func sortedByTime() -> [Act] { enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element) }
}
