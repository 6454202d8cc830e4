import Broker
import Testing

/// A stream as the broker keeps it: chunks with times, each holding some records.
private struct Chunks {
    var list: [(first: Int64, milliseconds: Int64)] = []
    private(set) var count: Int64 = 0
    private(set) var asked: [Int64] = []

    mutating func add(_ records: Int64, at milliseconds: Int64) {
        list.append((count, milliseconds))
        count += records
    }

    /// Where reading begins for a time; counts the question.
    mutating func first(notOlderThan seconds: Int64) -> Int64? {
        asked.append(seconds)
        return list.first { $0.milliseconds >= seconds * 1000 }?.first
    }

    func second(of offset: Int64) -> Int64? { offset < count ? list.last { $0.first <= offset }.map { $0.milliseconds / 1000 } : nil }
}

@Suite("When records came in")
struct StampSearchTests {
    private static let now: Int64 = 1_795_000_000

    private func run(_ search: inout StampSearch, _ chunks: inout Chunks) -> Int {
        for round in 0... {
            let wanted = search.next(atMost: 32)
            if wanted.isEmpty { return round }
            #expect(wanted.count <= 32)
            for seconds in wanted { search.looked(notOlderThan: seconds, first: chunks.first(notOlderThan: seconds)) }
        }
        return 0
    }

    private func chunks(_ seed: UInt64, count: Int, from start: Int64) -> Chunks {
        var random = Random(seed)
        var chunks = Chunks()
        var milliseconds = start * 1000
        for _ in 0..<count {
            milliseconds += [0, 1, 400, 1000, 7000, 3_600_000][random.below(6)]
            chunks.add(Int64(1 + random.below(40)), at: milliseconds)
        }
        return chunks
    }

    @Test("every record is found in its second, whatever the broker's clock shows", arguments: 1...12)
    func everySecond(seed: Int) {
        // The broker's clock is right, hours behind, years ahead, or at the beginning of time.
        let start = [StampSearchTests.now, StampSearchTests.now - 30_000, StampSearchTests.now + 90_000_000, 0][seed % 4]
        var chunks = chunks(UInt64(seed), count: 60, from: start)
        let acts = (0..<chunks.count).map { StampSearch.Act(id: "\($0)", offset: $0, guess: StampSearchTests.now - Int64($0 % 50)) }
        var search = StampSearch(acts)
        _ = run(&search, &chunks)
        #expect(search.open.isEmpty)
        for (id, second) in search.found { #expect(second == Int64(id).flatMap { chunks.second(of: $0) }) }
        #expect(search.found.count == acts.count)
        #expect(Set(chunks.asked).count == chunks.asked.count, "a time was asked about twice")
    }

    @Test("a thousand records of one second take as many looks as one")
    func together() {
        var chunks = Chunks()
        chunks.add(5, at: StampSearchTests.now * 1000 - 90_000)
        for index in 0..<1000 { chunks.add(1, at: StampSearchTests.now * 1000 + Int64(index) / 2) }
        chunks.add(3, at: StampSearchTests.now * 1000 + 400_000)
        let acts = (5..<1005).map { StampSearch.Act(id: "\($0)", offset: Int64($0), guess: StampSearchTests.now - 3600) }
        var all = StampSearch(acts)
        var one = StampSearch([acts[0]])
        var (first, second) = (chunks, chunks)
        _ = run(&all, &first)
        _ = run(&one, &second)
        #expect(all.found.allSatisfy { $0.second == StampSearchTests.now })
        #expect(all.open.isEmpty)
        #expect(first.asked == second.asked)
        #expect(first.asked.count < 32)
    }

    @Test("ten thousand records over a day are found in few rounds")
    func rounds() {
        var chunks = Chunks()
        for index in 0..<10_000 { chunks.add(1, at: (StampSearchTests.now + Int64(index) * 8) * 1000) }
        let acts = (0..<10_000).filter { $0 % 97 == 0 }.map { StampSearch.Act(id: "\($0)", offset: Int64($0), guess: StampSearchTests.now) }
        var search = StampSearch(acts)
        let rounds = run(&search, &chunks)
        #expect(search.open.isEmpty)
        #expect(rounds < 80)
        #expect(chunks.asked.count < 20 * acts.count)
    }

    @Test("what is not in the ledger stays open, and so does all that an empty one is asked for")
    func absent() {
        var chunks = Chunks()
        chunks.add(3, at: StampSearchTests.now * 1000)
        var search = StampSearch([.init(id: "here", offset: 2, guess: 0), .init(id: "before", offset: -1, guess: StampSearchTests.now)])
        _ = run(&search, &chunks)
        #expect(search.found.map(\.id) == ["here"])
        #expect(search.open == ["before"])
        var empty = Chunks()
        search = StampSearch([.init(id: "here", offset: 2, guess: .max), .init(id: "there", offset: 0, guess: .min)])
        _ = run(&search, &empty)
        #expect(search.open == ["here", "there"])
    }

    @Test("no more is asked than is allowed, and what was found by then is true")
    func bounded() {
        var chunks = chunks(7, count: 150, from: StampSearchTests.now)
        let acts = (0..<chunks.count).map { StampSearch.Act(id: "\($0)", offset: $0, guess: StampSearchTests.now) }
        var search = StampSearch(acts, looks: 100)
        _ = run(&search, &chunks)
        #expect(chunks.asked.count == 100)
        #expect(!search.open.isEmpty)
        #expect(!search.found.isEmpty)
        for (id, second) in search.found { #expect(second == Int64(id).flatMap { chunks.second(of: $0) }) }
    }

    @Test("a broker's clock that was set back ends no search wrongly", arguments: 1...6)
    func setBack(seed: Int) {
        var random = Random(UInt64(seed))
        var chunks = chunks(UInt64(seed), count: 50, from: StampSearchTests.now)
        var milliseconds = StampSearchTests.now * 1000 - 500_000
        for _ in 0..<50 {
            milliseconds += Int64(random.below(20_000))
            chunks.add(1, at: milliseconds)
        }
        var search = StampSearch((0..<chunks.count).map { .init(id: "\($0)", offset: $0, guess: StampSearchTests.now) })
        let rounds = run(&search, &chunks)
        #expect(rounds < 500)
        #expect(Set(chunks.asked).count == chunks.asked.count)
    }
}

/// Numbers that are the same on every run.
struct Random {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }
}
