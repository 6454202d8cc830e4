import Values

/// Finds out when the broker took in records, of any number of them together.
///
/// A stream keeps the time of every chunk but tells it only by where reading begins: for a time, it begins at the first chunk that is not older. What is asked
/// about one time narrows down all records that are sought, so that nothing is asked twice. The broker's clock may be far from this machine's: each search starts
/// at a guess and widens until the record lies between two times.
public struct StampSearch: Sendable {
    /// A record whose time is sought.
    public struct Act: Sendable, Hashable {
        /// What it is called in the answer.
        public var id: String
        /// Its place in the ledger.
        public var offset: Int64
        /// About when it came in, in seconds since 1970. A good guess saves looks.
        public var guess: Int64

        /// A record whose time is sought.
        public init(id: String, offset: Int64, guess: Int64) { (self.id, self.offset, self.guess) = (id, offset, guess) }
    }

    private struct Bracket {
        let act: Act
        /// The latest time known at which reading begins at or before the record: it is not older.
        var low: Int64?
        /// The earliest time known at which reading begins after the record: it is older.
        var high: Int64?

        var second: Int64? { if let low, let high, high - low == 1 { low } else { nil } }

        /// The time to ask about next; nil if there is nothing to be learnt any more.
        var next: Int64? {
            let guess = min(max(act.guess, 0), StampSearch.latest)
            switch (low, high) {
            case (nil, nil): return guess
            case (let low?, let high?): return high - low > 1 ? low + (high - low) / 2 : nil
            case (let low?, nil):
                if low >= StampSearch.latest { return nil }
                return low < guess ? guess : min(StampSearch.latest, low + max(1, 2 * (low - guess)))
            case (nil, let high?):
                // Reading from the beginning of time begins at the first record; one that is not there even then is not in this ledger.
                if high <= 0 { return nil }
                return high > guess ? guess : max(0, high - max(1, 2 * (guess - high)))
            }
        }
    }

    /// The year 9999. Later times are no times.
    static let latest: Int64 = 253_402_300_799

    private var brackets: [Bracket]
    /// How many more times may be asked about.
    private var looksLeft: Int

    /// - Parameter looks: how many times may be asked about at most; what is not found by then stays open.
    public init(_ acts: [Act], looks: Int = 4096) {
        brackets = acts.map { Bracket(act: $0) }
        looksLeft = max(0, looks)
    }

    /// The times to be asked about next, in seconds since 1970, each once and at most so many; none when all is known, or nothing more may be asked.
    public func next(atMost limit: Int) -> [Int64] {
        let wanted = Set(brackets.compactMap(\.next)).sorted()
        let count = min(wanted.count, limit, looksLeft)
        guard count > 0 else { return [] }
        // Spread over all of them, so that each tells something of its neighbours.
        return (0..<count).map { wanted[(2 * $0 + 1) * wanted.count / (2 * count)] }
    }

    /// The broker was asked where reading begins for a time.
    /// - Parameter first: the offset there; nil if the ledger has nothing that young.
    public mutating func looked(notOlderThan seconds: Int64, first: Int64?) {
        looksLeft -= 1
        for index in brackets.indices {
            let (low, high) = (brackets[index].low, brackets[index].high)
            // What contradicts the rest comes of a broker's clock that was set back, and is left out.
            if let first, first <= brackets[index].act.offset {
                if seconds >= low ?? seconds, seconds < high ?? .max { brackets[index].low = seconds }
            } else {
                if seconds > low ?? .min, seconds <= high ?? seconds { brackets[index].high = seconds }
            }
        }
    }

    /// The second in which each record came in, since 1970 on the broker's clock: at its beginning or later, and before its end.
    public var found: [(id: String, second: Int64)] { brackets.compactMap { bracket in bracket.second.map { (bracket.act.id, $0) } } }

    /// Those of which nothing is known.
    public var open: [String] { brackets.filter { $0.second == nil }.map(\.act.id) }
}
