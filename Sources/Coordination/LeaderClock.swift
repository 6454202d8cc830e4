import Regulation
import Values

/// Whether the leader's own clock can be trusted. Three clocks are at hand: the machine's, those of the parties' agents, which their beats show, and the
/// broker's, which dates the leader's own election. The machine's is wrong where both others say so by more than a minute; a broker that is off alone, or parties
/// that are off alone, prove nothing. A step of the machine's clock is followed only when it is proven: until then time goes on as it went.
struct LeaderClock: Sendable {
    /// What was found out.
    enum Verdict: Sendable, Hashable {
        /// The machine's clock is right again.
        case right
        /// It is off by so much, and is corrected.
        case corrected(Span)
        /// It is off by so much, and a coordinator in reserve has a clock that is right.
        case standbyIsRight(Span)
    }

    /// By how much clocks may differ.
    static let tolerance = Span.minutes(1)
    /// How long a beat says something of a party's clock, in seconds.
    static let freshSeconds = 30.0
    /// How long the others may take to prove a clock before it counts without proof, in seconds.
    static let patienceSeconds = 1.5

    private enum Standing: Sendable {
        /// Nobody has confirmed it since this second: at an election, and after a step.
        case unproven(since: Double)
        /// The broker or the parties agree with it, or nobody said anything in time.
        case settled
    }

    /// What is added to the machine's clock.
    private(set) var correction = Span.zero
    /// Whether the broker's clock is to be asked for.
    private(set) var wantsBroker = false
    private var standing = Standing.settled
    private var last: Leader.Moment?
    /// By how much each party's clock is ahead of the machine's, and when that was seen.
    private var ahead: [PartyID: (by: Span, at: Double)] = [:]
    /// The same of the broker's clock.
    private var brokerAhead: Span?

    /// Time has passed: a step of more than a minute against the clock that never steps is not followed until it is proven.
    mutating func passed(_ moment: Leader.Moment) {
        defer { last = moment }
        guard let last else { return }
        let step = (moment.wall - last.wall) - Span(milliseconds: Int64(((moment.seconds - last.seconds) * 1000).rounded()))
        guard abs(step.milliseconds) > LeaderClock.tolerance.milliseconds else { return }
        correction = correction - step
        ahead = ahead.mapValues { ($0.by - step, $0.at) }
        brokerAhead = brokerAhead.map { $0 - step }
        standing = .unproven(since: moment.seconds)
        wantsBroker = true
    }

    /// This coordinator leads from now on.
    mutating func elected(at seconds: Double) {
        standing = .unproven(since: seconds)
        brokerAhead = nil
        wantsBroker = true
    }

    /// Since when nobody has confirmed the machine's clock, in seconds; long ago where somebody has.
    var unprovenSince: Double { if case .unproven(let since) = standing { since } else { -.infinity } }

    /// Whether somebody agrees with it.
    var isProven: Bool { if case .settled = standing { brokerAhead != nil || !ahead.isEmpty } else { false } }

    /// Whether nothing should be said that time alone brings about.
    func isUnproven(at seconds: Double) -> Bool {
        if case .unproven(let since) = standing { seconds - since < LeaderClock.patienceSeconds } else { false }
    }

    /// A beat showed another's clock.
    mutating func heard(_ party: PartyID, _ wall: Instant, at moment: Leader.Moment) { ahead[party] = (wall - moment.wall, moment.seconds) }

    /// By how much the broker's clock is ahead of the leader's corrected one.
    mutating func brokerTold(_ error: Span) {
        brokerAhead = error + correction
        wantsBroker = false
    }

    /// What follows from what is known, once for each time that it changes something.
    mutating func judge(at moment: Leader.Moment) -> Verdict? {
        let parties = ahead.filter { $0.key != LedgerState.coordinator && moment.seconds - $0.value.at <= LeaderClock.freshSeconds }.map(\.value.by).sorted()
        let median = parties.isEmpty ? nil : parties[parties.count / 2]
        let isOff = { (span: Span?) in span.map { abs($0.milliseconds) > LeaderClock.tolerance.milliseconds } }
        switch (isOff(median), isOff(brokerAhead)) {
        case (false, _), (_, false):
            standing = .settled
            guard correction != .zero else { return nil }
            correction = .zero
            return .right
        case (true, true):
            guard let median else { return nil }
            standing = .settled
            if let standby = ahead[LedgerState.coordinator], moment.seconds - standby.at <= LeaderClock.freshSeconds,
                abs((standby.by - median).milliseconds) <= LeaderClock.tolerance.milliseconds
            {
                return .standbyIsRight(median)
            }
            // What is small is the beats' own delay.
            guard abs((median - correction).milliseconds) > LeaderClock.tolerance.milliseconds else { return nil }
            correction = median
            return .corrected(median)
        case (true, nil):
            wantsBroker = true
            return nil
        case (nil, _): return nil
        }
    }
}
