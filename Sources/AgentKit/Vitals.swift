import Synchronization

/// Which work is under way, and when it last got on: what the watchdog goes by. Work that waits for something to do is not under way. Times are seconds on a clock that
/// only runs forward.
final class Vitals: Sendable {
    /// How long work may be under way without getting on: longer than the broker may take to answer.
    static let patienceSeconds = 60.0

    private let underWay = Mutex<[String: Double]>([:])

    /// Work begins, or gets on.
    func advance(_ work: String, at now: Double = monotonicSeconds()) { underWay.withLock { $0[work] = now } }

    /// Work is done; there may be more later.
    func rest(_ work: String) { underWay.withLock { $0[work] = nil } }

    /// The work that does not get on.
    func stuck(at now: Double) -> [String] {
        underWay.withLock { $0.filter { now - $0.value >= Vitals.patienceSeconds }.keys.sorted() }
    }
}
