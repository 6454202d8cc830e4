import Regulation
import Simulation

/// Days in bad weather, from one seed after another.
enum Storms {
    /// Plays as many as begin within so many seconds, under a text, and prints what is wrong and how many there were.
    /// - Throws: `BenchError` where a seed did not come to what it had to, or where none was played.
    static func play(from first: Int, count: Int, seconds: Int, under regulation: Regulation) throws {
        var (played, right, records) = (0, 0, 0)
        var blows: [String: Int] = [:]
        let (clock, begun) = (ContinuousClock(), ContinuousClock.now)
        for seed in first..<(first + count) where clock.now - begun < .seconds(seconds) {
            let trial = try StormTrial(seed: UInt64(seed), regulation: regulation)
            played += 1
            records += trial.records
            blows.merge(trial.blows, uniquingKeysWith: +)
            if trial.findings.isEmpty {
                right += 1
            } else {
                print("seed \(seed), \(trial.span.first) to \(trial.span.last):", trial.findings.prefix(6).joined(separator: "\n    "))
            }
        }
        let weather = blows.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print("\(right) of \(played) seeds right from \(first) on, \(records) records; \(weather)")
        guard played > 0, right == played else { throw BenchError("\(played - right) of \(played) seeds came out wrong") }
    }
}
