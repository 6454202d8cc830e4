import Values

/// How much proof a device monitor wants before it says that something changed. Damping delays the saying, never the instant said.
public struct Damping: Hashable, Sendable {
    /// Results in a row that confirm a worse status.
    public var confirmBad: Int
    /// Results in a row that confirm a better one.
    public var confirmGood: Int
    /// A device that goes back and forth more often than this within `flapWindow` is flapping.
    public var flapBound: Int
    /// The window in which back and forth is counted.
    public var flapWindow: Span
    /// With nothing known of the device for longer than this, the monitor itself is lost.
    public var unknownLimit: Span

    /// Damping with these bounds. Precondition: counts of at least 1.
    public init(
        confirmBad: Int = 3, confirmGood: Int = 2, flapBound: Int = 6, flapWindow: Span = .hours(1), unknownLimit: Span = .minutes(10)
    ) {
        precondition(confirmBad >= 1 && confirmGood >= 1 && flapBound >= 1, "damping counts results from 1")
        (self.confirmBad, self.confirmGood, self.flapBound) = (confirmBad, confirmGood, flapBound)
        (self.flapWindow, self.unknownLimit) = (flapWindow, unknownLimit)
    }
}
