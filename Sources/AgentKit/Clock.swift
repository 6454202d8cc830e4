import Foundation
import Values

/// Time as the duties know it. In operation it is the machine's clock; in a drill it runs faster, and everything that counts for a duty is in its time.
/// Retries, presence, hooks and timeouts are in real time.
public struct Clock: Sendable, Hashable {
    /// How many seconds pass on this clock in one second of real time, from its start on.
    public let rate: Double
    private let wallStart: Instant
    private let virtualStart: Instant

    private init(rate: Double, wallStart: Instant, virtualStart: Instant) { (self.rate, self.wallStart, self.virtualStart) = (rate, wallStart, virtualStart) }

    /// The machine's own clock.
    public static let system = Clock(rate: 1, wallStart: Instant(milliseconds: 0), virtualStart: Instant(milliseconds: 0))

    /// Reads `RATE@WALL=VIRTUAL`: from the real time WALL on, when this clock shows VIRTUAL, it runs RATE times as fast; before, it keeps pace.
    /// `60@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00` runs an hour a minute. Nil for anything else.
    public init?(option: String) {
        let parts = option.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let rate = Double(parts[0]), (Clock.slowest...Clock.fastest).contains(rate) else { return nil }
        let instants = parts[1].split(separator: "=", omittingEmptySubsequences: false)
        guard instants.count == 2, let wall = Instant(rfc3339: String(instants[0])), let virtual = Instant(rfc3339: String(instants[1])) else { return nil }
        self.init(rate: rate, wallStart: wall, virtualStart: virtual)
    }

    /// A year in less than a minute; beyond, the milliseconds of real time are too coarse to tell a minute's order.
    static let fastest = 1_000_000.0
    /// A second in more than eleven days.
    static let slowest = 0.000_001

    /// Whether this is the machine's own clock; any other is for drills and tests alone.
    public var isSystem: Bool { self == .system }

    /// What it shows when it begins to run at its rate.
    public var start: Instant { virtualStart }

    /// What this clock shows.
    public var now: Instant { virtual(fromWall: Clock.realNow) }

    /// Real time. The one place that reads the machine's clock.
    public static var realNow: Instant { Instant(milliseconds: Int64(saturating: (Date().timeIntervalSince1970 * 1000).rounded(.down))) }

    /// What this clock shows at a moment of real time.
    public func virtual(fromWall wall: Instant) -> Instant {
        let elapsed = (wall - wallStart).milliseconds
        guard elapsed > 0, rate != 1 else { return virtualStart + Span(milliseconds: elapsed) }
        return virtualStart + Span(milliseconds: Int64(saturating: (Double(elapsed) * rate).rounded(.down)))
    }

    /// The real time at which this clock shows an instant; never a millisecond early.
    public func wall(fromVirtual virtual: Instant) -> Instant {
        let elapsed = (virtual - virtualStart).milliseconds
        guard elapsed > 0, rate != 1 else { return wallStart + Span(milliseconds: elapsed) }
        return wallStart + Span(milliseconds: Int64(saturating: (Double(elapsed) / rate).rounded(.up)))
    }

    /// How many seconds of real time a span on this clock takes.
    public func wallSeconds(of span: Span) -> Double { Double(span.milliseconds) / 1000 / rate }
}

/// Seconds on a clock that only runs forward, for waits and timeouts.
func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
