import Values

/// Why time of operation was lost.
public enum LossCause: String, Hashable, Sendable, CaseIterable {
    // In order of precedence: where two causes hold at once the earlier one counts, for what was decided would have stopped the device anyhow.

    /// Someone entitled ordered it off.
    case order
    /// An agreed maintenance window (articles 7.5, 8.3).
    case maintenance
    /// The supply had failed or was cut (article 9.2).
    case power
    /// None of these: the device failed.
    case fault
}

/// What a day's record says of the minimum of operation.
public enum DayVerdict: String, Hashable, Sendable {
    /// The minimum was reached.
    case reached
    /// So much is known to be lost that it was not.
    case under
    /// Too much is unknown to say. Never counted as `under` (duty operate.close-day).
    case noRecord = "no-record"
}

/// The hours of one device on one day. Operated, lost and without record make up the window.
public struct DeviceDay: Hashable, Sendable {
    /// The device.
    public var device: String
    /// The time it is known to have operated inside the window.
    public var operated: Span
    /// The time it is known not to have, by cause, in the causes' order; causes without loss are left out.
    public var lost: [LostTime]
    /// The time of which nothing is known.
    public var noRecord: Span
    /// The instant from which the minimum could no longer be reached; nil if it always could.
    public var unreachableSince: Instant?
    /// What this says of the minimum.
    public var verdict: DayVerdict
}

/// Time lost to one cause.
public struct LostTime: Hashable, Sendable {
    /// The cause.
    public var cause: LossCause
    /// How long.
    public var span: Span

    /// So much time lost to a cause.
    public init(cause: LossCause, span: Span) { (self.cause, self.span) = (cause, span) }
}

/// The close of a day (duty operate.close-day): evidence for article 8.1.
public struct DaySummary: Hashable, Sendable {
    /// The day.
    public var date: CivilDate
    /// The schedule it is held against; both window and minimum are to be shown.
    public var schedule: OperatingSchedule
    /// The hours of each device, the deciding one first.
    public var devices: [DeviceDay]

    /// The deciding device's hours, which stand for the Cluster's.
    public var cluster: DeviceDay { devices[0] }
}
