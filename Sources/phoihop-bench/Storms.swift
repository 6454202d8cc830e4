import Simulation

/// Days in bad weather, from one seed after another.
enum Storms {
    /// Plays them and prints what is wrong.
    /// - Returns: how many of the seeds came to what they had to.
    static func play(from first: Int, count: Int) throws -> Double {
        var (right, records) = (0, 0)
        var blows: [String: Int] = [:]
        for seed in first..<(first + count) {
            let trial = try StormTrial(seed: UInt64(seed))
            records += trial.records
            blows.merge(trial.blows, uniquingKeysWith: +)
            if trial.findings.isEmpty { right += 1 } else { print("seed \(seed):", trial.findings.prefix(6).joined(separator: "\n    ")) }
        }
        print("\(right) of \(count) seeds, \(records) records;", blows.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        return Double(right)
    }
}
