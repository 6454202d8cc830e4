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

/// Numbers that are the same at every run: SplitMix64.
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Whether something happens that happens so many times of so many.
    mutating func chance(_ count: UInt64, of all: UInt64) -> Bool { next() % all < count }
    /// A number of a range. The spans drawn here are so short that the remainder's unevenness is nothing.
    mutating func next(in range: ClosedRange<Int64>) -> Int64 { range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1)) }
}
