/// How often a program fell at one place: decisions alone, no process. Only falls by its own fault count, that is by SIGILL, SIGTRAP, SIGSEGV, SIGABRT; whoever
/// kills it, takes its memory or cuts the power proves nothing against what it had in hand.
public struct Falls: Sendable {
    /// How a child ended.
    public enum Ending: Sendable, Hashable {
        /// It ended by itself with this status.
        case exited(Int32)
        /// A signal ended it.
        case signalled(Int32)
    }

    /// What the guardian does next.
    public enum Action: Sendable, Hashable {
        /// Ends as the child did.
        case end(Int32)
        /// Starts the child anew after so long, in milliseconds.
        case start(afterMilliseconds: Int64)
        /// Starts the child anew, which has this set aside before it reads anything.
        case setAside(InHand)
    }

    /// How often it falls at one place before that is set aside: the third start is the last in good faith.
    public static let limit = 2
    /// The signals that a program gives itself.
    static let own: Set<Int32> = [4, 5, 6, 11]

    /// The status of a child that only wants to begin anew (`EX_TEMPFAIL`).
    static let again: Int32 = 75

    private var counts: [InHand: Int] = [:]
    private var build = ""

    /// No fall yet.
    public init() {}

    /// The child ended, with this in hand. `build`: that of the child; under another one all begins anew.
    public mutating func childEnded(_ ending: Ending, holding thing: InHand, build: String) -> Action {
        if build != self.build { (counts, self.build) = ([:], build) }
        switch ending {
        case .exited(Falls.again): return .start(afterMilliseconds: 200)
        case .exited(let status): return .end(status)
        case .signalled(let signal) where !Falls.own.contains(signal): return .end(128 + signal)
        case .signalled:
            if thing == .nothing { return fell(at: thing) >= Falls.patience ? .end(70) : .start(afterMilliseconds: 1000) }
            return fell(at: thing) % Falls.limit == 0 ? .setAside(thing) : .start(afterMilliseconds: 200)
        }
    }

    /// How often it may fall with nothing in hand before whoever runs the guardian is left to deal with it.
    static let patience = 5

    private mutating func fell(at thing: InHand) -> Int {
        counts[thing, default: 0] += 1
        return counts[thing] ?? 0
    }
}
