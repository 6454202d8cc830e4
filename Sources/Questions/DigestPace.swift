/// How often the state may be taken down whole: that takes long on a long ledger, and must not keep a machine busy.
///
/// Times are seconds on the monotonic clock.
public struct DigestPace: Sendable {
    private var restsUntil = -Double.infinity

    /// After each time it rests for so many times as long as it took.
    private static let rest = 4.0

    /// Nothing taken down yet.
    public init() {}

    /// For how long to wait before the state may be taken down again; 0 where it may be at once.
    public func waitSeconds(at now: Double) -> Double { max(0, restsUntil - now) }

    /// It was taken down, which took so long.
    public mutating func taken(seconds: Double, at now: Double) { restsUntil = now + max(0, seconds) * DigestPace.rest }
}
