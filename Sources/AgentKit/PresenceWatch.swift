/// Whether anyone watches the clock: a coordinator shows that it is alive every five seconds. Times are seconds on a clock that only runs forward.
public struct PresenceWatch: Sendable {
    /// What is to be said.
    public enum Action: Sendable, Hashable {
        /// No coordinator has been heard for so many seconds.
        case sayNobodyWatches(forSeconds: Int)
        /// One is heard again.
        case sayWatchedAgain
    }

    /// How long a coordinator may be silent, in seconds.
    public static let patienceSeconds = 30.0

    /// The part of the coordinator that watches.
    static let leader = "leader"

    private enum State {
        /// Without a connection nothing can be heard, and nothing follows from silence.
        case deaf
        /// Heard last at this time, or listening since.
        case listening(since: Double)
    }
    private var state = State.deaf
    private var isUnwatched = false

    /// A watch that does not listen yet.
    public init() {}

    /// Whether, as far as is known, a coordinator is at work.
    public var isWatched: Bool { !isUnwatched }

    /// Beats can be heard from now on.
    public mutating func connected(at now: Double) { state = .listening(since: now) }

    /// They cannot be heard any more.
    public mutating func disconnected() { state = .deaf }

    /// A coordinator's beat came in, with the part that it plays. One that stands by watches no deadline, and its beat says nothing of whether another does.
    public mutating func heard(_ role: String?, at now: Double) -> Action? {
        guard role == PresenceWatch.leader else { return nil }
        state = .listening(since: now)
        defer { isUnwatched = false }
        return isUnwatched ? .sayWatchedAgain : nil
    }

    /// Time has passed.
    public mutating func ticked(at now: Double) -> Action? {
        guard !isUnwatched, case .listening(let since) = state, now - since >= PresenceWatch.patienceSeconds else { return nil }
        isUnwatched = true
        return .sayNobodyWatches(forSeconds: Int(now - since))
    }
}
