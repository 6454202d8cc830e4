/// What a log is told of records that do not count: some within a second, each by itself, and of the rest how many they were.
struct RefusalRemarks: Sendable {
    /// So many lines within a second.
    static let limit = 20

    /// When the second began, on the monotonic clock.
    private var second = -Double.infinity
    private var lines = 0
    private var more = 0

    /// A record does not count. Tells whether that is said now; what is not is counted.
    mutating func says(at seconds: Double) -> Bool {
        if more == 0, seconds - second >= 1 { (second, lines) = (seconds, 0) }
        guard lines < RefusalRemarks.limit else {
            more += 1
            return false
        }
        lines += 1
        return true
    }

    /// How many were not said, once their second is over; nil where there is none.
    mutating func unsaid(at seconds: Double) -> Int? {
        guard more > 0, seconds - second >= 1 else { return nil }
        defer { (second, lines, more) = (seconds, 0, 0) }
        return more
    }
}
