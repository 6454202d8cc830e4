import Values

/// The machine's clock was set while the agent ran.
public struct ClockStep: Hashable, Sendable {
    /// By how much; negative where it was set back.
    public var span: Span
    /// Since when, by the clock as it was, that clock had run without a step.
    public var since: Instant
    /// The time now, by the clock as it is.
    public var now: Instant

    /// A step of these parts.
    public init(by span: Span, since: Instant, now: Instant) { (self.span, self.since, self.now) = (span, since, now) }

    /// Where an instant that was read off the clock before the step lies on the clock as it is. What was read before that clock's own beginning stays; nothing
    /// lies in the future.
    public func moved(_ instant: Instant) -> Instant { min(instant >= since ? instant + span : instant, now) }
}

/// Holds the machine's wall clock against its steady clock, which nobody sets and which goes on while the machine sleeps (`CLOCK_BOOTTIME`).
///
/// Between two readings both must have gone on by the same; where they have not, the clock was set. Where both went on by more than the agent lets pass
/// between two readings, the machine slept or the agent stood still. Neither tells anything of what is watched.
public struct Timekeeper: Hashable, Sendable {
    /// One reading of both clocks.
    public struct Reading: Hashable, Sendable {
        /// The wall clock.
        public var wall: Instant
        /// The time on the steady clock since some beginning.
        public var steady: Span

        /// A reading of these two.
        public init(wall: Instant, steady: Span) { (self.wall, self.steady) = (wall, steady) }
    }

    /// What a reading tells beside the time.
    public enum Finding: Hashable, Sendable {
        /// Both clocks went on alike.
        case ordinary
        /// For so long nobody looked: the machine slept, or the agent stood still.
        case absence
        /// The clock was set by so much. The old clock had run since the instant named.
        case step(by: Span, since: Instant)
    }

    /// Differences up to this are the clock's own: it is slewed, and read a moment before or after the other.
    public static let tolerance = Span.seconds(2)
    /// The longest that may lie between two readings of an agent that is awake; it reads the clocks every second.
    public static let longestPause = Span.seconds(30)

    private var last: Reading
    /// Since when the wall clock has run without a step.
    private var runningSince: Instant

    /// Begins with a reading.
    public init(_ first: Reading) { (last, runningSince) = (first, first.wall) }

    /// The clocks were read. What is dated before the last reading tells nothing.
    public mutating func read(_ reading: Reading) -> Finding {
        let steady = reading.steady - last.steady
        guard steady >= .zero else { return .ordinary }
        let deviation = (reading.wall - last.wall) - steady
        last = reading
        guard deviation > Timekeeper.tolerance || deviation < .zero - Timekeeper.tolerance else {
            return steady > Timekeeper.longestPause ? .absence : .ordinary
        }
        defer { runningSince = reading.wall }
        return .step(by: deviation, since: runningSince)
    }
}

/// Whether a wall clock may be right, as far as a machine can tell by itself.
public struct ClockPlausibility: Hashable, Sendable {
    /// No time before this, the beginning of 2025, is right: this program did not exist.
    public static let beginning = Instant(milliseconds: 1_735_689_600_000)

    /// The latest time that was seen on this machine's clock before; nil where none is known, or it has proved wrong.
    private var seenBefore: Instant?

    /// What was seen in an earlier run; nil at the first.
    public init(seenBefore: Instant?) { self.seenBefore = seenBefore }

    /// Whether a time may be right: neither before the program existed, nor before what this machine has already seen. A machine without a clock of its own
    /// begins in 1970, or at the time of its last shutdown, until the network tells it the time.
    public func admits(_ wall: Instant) -> Bool {
        wall >= ClockPlausibility.beginning && (seenBefore.map { $0 - Timekeeper.tolerance <= wall } ?? true)
    }

    /// The earliest time that may be right.
    public var earliest: Instant { max(ClockPlausibility.beginning, seenBefore ?? ClockPlausibility.beginning) }

    /// The clock was set while the agent ran: whoever set it knew the time.
    public mutating func wasSet() { seenBefore = nil }

    /// Another party's clock shows the same time: then it was what was seen before that was wrong.
    public mutating func agreed(with other: Instant, at wall: Instant) {
        let difference = other - wall
        if wall >= ClockPlausibility.beginning, difference < .minutes(1), difference > .zero - .minutes(1) { seenBefore = nil }
    }
}
