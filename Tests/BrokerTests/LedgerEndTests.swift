import AMQP
@testable import Broker
import Foundation
import Synchronization
import Testing
import Topology

@Suite("The ledger's end", .serialized, .timeLimit(.minutes(4)))
struct LedgerEndTests {
    @Test("an empty ledger is known to be empty, and one that has a record never is")
    func empty() async throws {
        let ledger = try await TestLedger("empty")
        let connection = try await ledger.connect()
        for _ in 0..<20 { #expect(try await LedgerEnd(askedOn: connection) == .empty) }
        var stream = try LedgerStream(on: connection, to: .empty, patienceSeconds: 20)
        #expect(try await stream.next() == nil)
        let publisher = try await ledger.connect()
        try await publisher.publish(record(0))
        for _ in 0..<50 { #expect(try await LedgerEnd(askedOn: connection) == .at(0)) }
        stream = try LedgerStream(on: connection, to: .at(0), patienceSeconds: 20)
        #expect(try await stream.next()?.map(\.offset) == [0])
        #expect(try await stream.next() == nil)
        #expect(try await LedgerEnd(askedAt: ledger.endpoint, connectionName: "test", timeoutSeconds: 20) == .at(0))
        await publisher.close()
        await connection.close()
        try await ledger.remove()
    }

    @Test("a ledger that is absent is an error, for whoever asks and whoever reads")
    func absent() async throws {
        let ledger = try await TestLedger("bare", hasLedger: false)
        let connection = try await ledger.connect()
        for _ in 0..<3 {
            let error = await #expect(throws: AMQPError.self) { try await LedgerEnd(askedOn: connection) }
            #expect(error?.code == .notFound)
            try await connection.waitUntilConnected(timeoutSeconds: 20)
        }
        let stream = try LedgerStream(following: connection, patienceSeconds: 20)
        let error = await #expect(throws: AMQPError.self) { try await stream.next() }
        #expect(error?.code == .notFound)
        await connection.close()
        try await ledger.remove()
    }

    @Test("under steady traffic what was confirmed before the question is before the end, and reading ends there")
    func busy() async throws {
        let ledger = try await TestLedger("busy")
        let (publisher, connection) = (try await ledger.connect(), try await ledger.connect())
        let confirmed = Atomic(0)
        let isOver = Atomic(false)
        let traffic = Task {
            var number = 0
            while !isOver.load(ordering: .relaxed) {
                // Single records and hundreds at once: chunks of all sizes.
                let count = [1, 1, 300, 40][number % 4]
                for result in await publisher.publish((number..<number + count).map { record($0) }) { try result.get() }
                number += count
                confirmed.store(number, ordering: .releasing)
                // So much and no more: the broker can take in faster than a busy machine reads.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        for _ in 0..<40 {
            let before = Int64(confirmed.load(ordering: .acquiring))
            let end = try await LedgerEnd(askedOn: connection)
            switch end {
            case .empty: #expect(before == 0)
            case .at(let last): #expect(last >= before - 1, "\(before) were confirmed, the end is at \(last)")
            }
        }
        for start in [nil, 100] as [Int64?] {
            let before = Int64(confirmed.load(ordering: .acquiring))
            let end = try await LedgerEnd(askedAt: ledger.endpoint, connectionName: "test", timeoutSeconds: 20)
            let reader = try await ledger.connect()
            let stream = try LedgerStream(on: reader, from: start, to: end, patienceSeconds: 20)
            var (offsets, numbers): ([Int64], [Int64]) = ([], [])
            while let records = try await stream.next() {
                offsets += records.map(\.offset)
                numbers += records.compactMap { $0.delivery.messageID.flatMap { Int64($0) } }
            }
            await reader.close()
            guard case .at(let last) = end else { throw TestLedger.Missing(description: "the ledger is empty") }
            #expect(last >= before - 1)
            // Where the broker begins a new file it may leave an offset out, after some hundred thousand chunks.
            #expect(zip(offsets, offsets.dropFirst()).allSatisfy { $0 < $1 } && offsets.first == start ?? 0 && offsets.last == last)
            let first = try #require(numbers.first)
            #expect(numbers == Array(first..<(first + Int64(offsets.count))), "each once and in order")
        }
        isOver.store(true, ordering: .relaxed)
        try await traffic.value
        await publisher.close()
        await connection.close()
        try await ledger.remove()
    }

    @Test("one that follows gives what comes, and an empty list when nothing comes")
    func following() async throws {
        let ledger = try await TestLedger("following")
        let (publisher, connection) = (try await ledger.connect(), try await ledger.connect())
        let stream = try LedgerStream(following: connection, patienceSeconds: 0.05)
        var seen: [Int64] = []
        for number in 0..<3 {
            while try await stream.next()?.isEmpty == false {}
            try await publisher.publish(record(number))
            while seen.count <= number { seen += try await stream.next()?.map(\.offset) ?? [] }
        }
        #expect(seen == [0, 1, 2])
        await publisher.close()
        await connection.close()
        try await ledger.remove()
    }

    @Test("the broker tells within which second each record came in, and that nothing is as young as tomorrow")
    func stamps() async throws {
        let ledger = try await TestLedger("stamps")
        let connection = try await ledger.connect()
        let begun = Date().timeIntervalSince1970
        var spans: [(before: Int64, after: Int64)] = []
        while Date().timeIntervalSince1970 < begun + 3.2 {
            let before = Date().timeIntervalSince1970
            try await connection.publish(record(spans.count))
            spans.append((Int64(before), Int64(Date().timeIntervalSince1970)))
        }
        let acts = spans.indices.map { StampSearch.Act(id: "\($0)", offset: Int64($0), guess: Int64(begun) - 5000) }
        let stamps = try await Stamps(of: acts, askedAt: ledger.endpoint, connectionName: "stamps", timeoutSeconds: 20)
        #expect(stamps.open.isEmpty)
        for (index, span) in spans.enumerated() {
            let second = stamps.seconds["\(index)"] ?? 0
            #expect(span.before <= second && second <= span.after)
        }
        #expect(Set(stamps.seconds.values).count >= 3)
        let last = Int64(spans.count) - 1
        let one = try await Stamps.second(of: last, guess: Int64(begun), askedAt: ledger.endpoint, connectionName: "stamps", timeoutSeconds: 20)
        #expect(one == stamps.seconds["\(last)"])
        let look = LedgerLook(on: connection)
        #expect(try await look.offsets(at: [.notOlderThan(seconds: Int64(begun) + 86_400), .first]).map(\.first) == [nil, 0])
        await connection.close()
        try await ledger.remove()
    }
}
