import Foundation
import Messages
import Regulation
import Values

/// Whether this machine's clock shows what the coordinator's does. A message dated by a clock that is ahead is refused; one dated by a clock that is behind may count as late.
/// `running` are seconds since the machine was started, which no setting of the clock changes.
public struct ClockWatch: Sendable {
    /// What is to be said.
    public enum Action: Sendable, Hashable {
        /// The clock is ahead by this much; behind, where that is negative.
        case sayOff(Span)
        /// It is right again.
        case sayRight
    }

    /// By how much the clocks may differ before that is said; readers refuse what is a minute ahead.
    public static let tolerated = Span.seconds(30)
    /// How many beats are compared; the one that came quickest tells most.
    static let beats = 6
    /// How far apart the first and the last of them must lie: what was left in the queue from before a restart comes all at once.
    static let apartSeconds = 4.0

    private var heard: [(shows: Instant, running: Double)] = []
    private var instance: String?
    private var told: Span?

    /// A watch that knows nothing yet.
    public init() {}

    /// What the coordinator's clock showed at a moment, as far as is known.
    public var reference: ClockReference? {
        guard let first = heard.first, let last = heard.last, last.running - first.running >= ClockWatch.apartSeconds else { return nil }
        // A beat that lay in a queue shows too little; none shows too much.
        return heard.map { ClockReference(shows: $0.shows, running: $0.running) }.max { $0.shows(at: 0) < $1.shows(at: 0) }
    }

    /// A leader's beat came in, with what its clock shows.
    public mutating func heard(_ instance: String?, shows: Instant, running: Double) {
        // Two leaders' clocks are two clocks.
        if instance != self.instance { heard = [] }
        self.instance = instance
        heard.append((shows, running))
        heard = heard.suffix(ClockWatch.beats)
    }

    /// Time has passed; this machine's clock shows `now`.
    public mutating func ticked(shows now: Instant, running: Double) -> Action? {
        guard let ahead = reference.map({ now - $0.shows(at: running) }) else { return nil }
        if let told {
            if ahead.magnitude < Span(milliseconds: ClockWatch.tolerated.milliseconds / 2) {
                self.told = nil
                return .sayRight
            }
            guard (ahead - told).magnitude >= ClockWatch.tolerated else { return nil }
        } else {
            guard ahead.magnitude >= ClockWatch.tolerated else { return nil }
        }
        told = ahead
        return .sayOff(ahead)
    }

    /// That the clock is off, in the operator's words.
    public static func wording(_ ahead: Span) -> Wording {
        let seconds = ahead.magnitude.milliseconds / 1000
        let (hours, minutes, rest) = (seconds / 3600, seconds % 3600 / 60, seconds % 60)
        let vi = [(hours, "giờ"), (minutes, "phút"), (rest, "giây")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
        let en = [(hours, "h"), (minutes, "min"), (rest, "s")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
        let isAhead = ahead.milliseconds > 0
        return Wording(
            vi: "ĐỒNG HỒ MÁY NÀY LỆCH: \(isAhead ? "nhanh" : "chậm") hơn hệ thống điều phối \(vi). "
                + "\(isAhead ? "Tin ghi giờ ở tương lai bị từ chối" : "Tin có thể bị coi là trễ"); đề nghị chỉnh lại đồng hồ (timedatectl)",
            en: "THIS MACHINE'S CLOCK IS OFF: \(isAhead ? "ahead of" : "behind") the coordinator's by \(en). "
                + "\(isAhead ? "What is dated in the future is refused" : "What is sent may count as late"); set the clock right (timedatectl)")
    }
}

extension Span {
    /// Without its sign.
    var magnitude: Span { milliseconds < 0 ? Span(milliseconds: -milliseconds) : self }
}

/// What the coordinator's clock showed when this machine had been running for so long. An agent leaves it in its home for the operators' commands.
public struct ClockReference: Sendable, Hashable {
    /// What it showed.
    public var shows: Instant
    /// Seconds since the machine was started.
    public var running: Double

    /// A reference of these.
    public init(shows: Instant, running: Double) { (self.shows, self.running) = (shows, running) }

    /// How old a reference may be: longer, and the two clocks may have drifted apart by themselves.
    private static let longestSeconds = 86_400.0
    private static let name = "clock"
    private static let bootFile = "/proc/sys/kernel/random/boot_id"

    /// What it shows when the machine has been running for so long.
    public func shows(at running: Double) -> Instant { shows + Span(milliseconds: Int64(((running - self.running) * 1000).rounded())) }

    /// By how much this machine's clock is ahead, if it is off by at least so much; negative where it is behind.
    public func ownClockIsAhead(by least: Span) -> Span? {
        let running = runningSeconds()
        guard running >= self.running, running - self.running <= ClockReference.longestSeconds else { return nil }
        let ahead = Clock.realNow - shows(at: running)
        return ahead.magnitude >= least ? ahead : nil
    }

    /// What an agent left in its home since the machine was started; nil where there is none.
    public init?(home: URL) {
        guard let state = try? StateFiles(home: home), let record = try? state.read(ClockReference.name), record["boot"]?.string == ClockReference.boot,
            let shows = record["shows"]?.int, let running = record["runningMilliseconds"]?.int
        else { return nil }
        self.init(shows: Instant(milliseconds: shows), running: Double(running) / 1000)
    }

    /// Leaves it in the home.
    func write(_ state: StateFiles) throws(FileError) {
        try state.write(
            ClockReference.name,
            [
                "boot": .string(ClockReference.boot), "shows": .int(shows.milliseconds), "runningMilliseconds": .int(Int64((running * 1000).rounded())),
            ])
    }

    /// Names this run of the machine.
    private static var boot: String { (try? readFile(bootFile)).map { String(decoding: $0, as: UTF8.self).trimmingSuffix("\n") } ?? "" }
}

/// Seconds since the machine was started, those in which it slept included.
func runningSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
