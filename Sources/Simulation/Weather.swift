import Coordination
import Values

/// What goes wrong between a coordinator and its broker, drawn from a seed: confirmations that come late or never, publications that are refused or lost though
/// they were confirmed, the token lost at any step, reading that lags, an end of the ledger that is told late or not, a broker that does not say when messages
/// came in, machines that stand still, coordinators that die and are replaced.
struct Weather: Sendable {
    /// What becomes of publications that go out together.
    enum Fate: Sendable {
        /// They are on the ledger after so long, and confirmed so long after that.
        case arrive(after: Span, confirmedAfter: Span)
        /// They are on the ledger, and the confirmation never comes.
        case arriveUnconfirmed(after: Span)
        /// They are confirmed and not on the ledger.
        case vanish(confirmedAfter: Span)
        /// The connection breaks; what was on its way is on the ledger or not.
        case breakOff(arrive: Bool)
        /// The broker refuses them and closes the channel.
        case refuse
    }

    /// What becomes of a question to the broker.
    enum Answer: Sendable {
        case told(after: Span)
        case notTold(after: Span)

        /// How long it may keep the coordinator from going on.
        var takes: Span {
            switch self {
            case .told(let span): span
            case .notTold(let span): span + .seconds(Int64(Leader.askAgainSeconds))
            }
        }
    }

    /// What befalls the coordinator.
    enum Blow: Sendable {
        /// It stands still for so long.
        case standsStill(Span)
        /// It loses the token, which comes back to it after so long.
        case losesToken(Span)
        /// It dies, and another that read along takes over.
        case isReplaced
        /// It dies, and another starts after so long.
        case dies(Span)
    }

    private var random: Random
    /// Whether nothing goes wrong any more.
    var isCalm = false

    init(seed: UInt64) { random = Random(seed: seed) }

    private mutating func milliseconds(_ range: ClosedRange<Int64>) -> Span { Span(milliseconds: random.next(in: range)) }

    /// How long a record takes from the ledger to the coordinator.
    mutating func readingDelay() -> Span {
        if isCalm || !random.chance(1, of: 40) { return milliseconds(1...20) }
        return milliseconds(100...8000)
    }

    /// How much of what was read the coordinator takes in before it looks up.
    mutating func share() -> Int { Int(random.next(in: 1...12)) }

    mutating func fate() -> Fate {
        if isCalm { return .arrive(after: milliseconds(1...20), confirmedAfter: milliseconds(1...20)) }
        switch random.next(in: 0...99) {
        case 0...3: return .arrive(after: milliseconds(500...4000), confirmedAfter: milliseconds(1...20))
        case 4...7: return .arrive(after: milliseconds(1...20), confirmedAfter: milliseconds(500...4000))
        case 8...10: return .arriveUnconfirmed(after: milliseconds(1...20))
        case 11...13: return .vanish(confirmedAfter: milliseconds(1...20))
        case 14...15: return .breakOff(arrive: true)
        case 16...17: return .breakOff(arrive: false)
        case 18: return .refuse
        default: return .arrive(after: milliseconds(1...20), confirmedAfter: milliseconds(1...20))
        }
    }

    mutating func answer() -> Answer {
        if isCalm { return .told(after: milliseconds(10...100)) }
        switch random.next(in: 0...9) {
        case 0...1: return .notTold(after: .seconds(5))
        case 2...3: return .told(after: milliseconds(1000...9000))
        default: return .told(after: milliseconds(10...300))
        }
    }

    mutating func tokenDelay() -> Span { isCalm ? milliseconds(5...20) : milliseconds(5...2000) }

    /// The next blow, and after how long it comes.
    mutating func blow() -> (after: Span, Blow) {
        let after = Span.minutes(random.next(in: 20...360)) + milliseconds(0...60_000)
        switch random.next(in: 0...9) {
        case 0...1: return (after, .standsStill(milliseconds(3500...30_000)))
        case 2...4: return (after, .losesToken(milliseconds(5...6000)))
        case 5...7: return (after, .isReplaced)
        default: return (after, .dies(.minutes(random.next(in: 1...90))))
        }
    }
}
