import AMQP
import AgentKit
import Broker
import Coordination
import Dispatch
import Messages
import Regulation
import Topology
import Values

/// The product's side of the three measurements, made of the product's own parts.
enum Measurements {
    private static let offset = Regulation.standard.calendar.offset
    private static let prefetch: UInt16 = 1000

    private static func seconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    private static func connect(_ uri: String, window: Int? = nil) async throws -> Connection {
        var options = Options()
        options.connectionName = "phoihop-bench"
        if let window { options.confirmWindow = window }
        let connection = Connection(try Endpoint(uri: uri), options: options)
        try await connection.waitUntilConnected(timeoutSeconds: 10)
        return connection
    }

    /// The events in messages to publish, each with its addressee. What is encoded from them must be the very bytes that C sends.
    private static func events(_ messages: [Message]) throws -> [(event: Event, to: PartyID)] {
        try messages.map { message in
            let event = try MessageReader.event(in: JSON(parsing: message.body))
            guard let key = RoutingKey(message.routingKey), event.encoded(offset: offset) == message.body else {
                throw BenchError("an event does not encode to what was written: \(message.id)")
            }
            return (event, key.to)
        }
    }

    /// Messages a second, from event to confirmation, at most `window` of them unconfirmed.
    static func publish(_ uri: String, _ messages: [Message], window: Int) async throws -> Double {
        let events = try events(messages)
        let connection = try await connect(uri, window: window)
        let begun = seconds()
        // While some batches await their confirmations, the next ones are encoded and wait in the connection for room in the window.
        let batchSize = max(1, window / 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, start) in stride(from: 0, to: events.count, by: batchSize).enumerated() {
                if number >= 8 { try await group.next() }
                let publishings = events[start..<min(start + batchSize, events.count)].map { Publishing($0.event, to: $0.to, offset: offset) }
                group.addTask { for result in await connection.publish(publishings) { try result.get() } }
            }
            try await group.waitForAll()
        }
        let rate = Double(events.count) / (seconds() - begun)
        await connection.close()
        return rate
    }

    /// Records a second, from the subscription to the last one in the fold, read from the ledger's beginning.
    static func read(_ uri: String, count: Int) async throws -> Double {
        let connection = try await connect(uri)
        let begun = seconds()
        let consumer = try connection.consume(queue: Topology.ledger, prefetch: prefetch) { ["x-stream-offset": .string("first")] }
        var state = LedgerState()
        reading: for try await event in consumer {
            switch event {
            case .deliveries(let deliveries):
                for delivery in deliveries {
                    state.evolve(LedgerState.Record(body: delivery.body, carriage: Carriage(delivery)))
                    if state.recordCount == count { break reading }
                }
                if let last = deliveries.last { consumer.acknowledge(through: last) }
            case .subscribed: break
            case .interrupted(let error): throw error
            }
        }
        let rate = Double(count) / (seconds() - begun)
        guard state.recordCount == count, state.refusedCount == 0, state.regulation != nil else {
            throw BenchError("read \(state.recordCount) of \(count) records, \(state.refusedCount) of them refused")
        }
        consumer.cancel()
        await connection.close()
        return rate
    }

    /// The median in microseconds from a message's event to the message in the fold of a reader of the ledger, one at a time.
    static func latency(_ publisherURI: String, _ readerURI: String, _ messages: [Message], records: [Message], count: Int) async throws -> Double {
        let warmup = 50
        let events = try events(Array(messages.prefix(count + warmup)))
        let (reader, publisher) = (try await connect(readerURI), try await connect(publisherURI))
        let consumer = try reader.consume(queue: Topology.ledger, prefetch: prefetch) { ["x-stream-offset": .string("next")] }
        let (folds, fold) = AsyncStream.makeStream(of: (id: String, at: Double).self)
        // A coordinator that has read the ledger: elected, the regulation adopted.
        let task = Task { [start = records.prefix(2).map { LedgerState.Record(body: $0.body, carriage: $0.carriage) }] in
            defer { fold.finish() }
            var state = LedgerState()
            for record in start { state.evolve(record) }
            for try await event in consumer {
                switch event {
                case .deliveries(let deliveries):
                    for delivery in deliveries {
                        state.evolve(LedgerState.Record(body: delivery.body, carriage: Carriage(delivery)))
                        fold.yield((delivery.messageID ?? "", seconds()))
                    }
                    if let last = deliveries.last { consumer.acknowledge(through: last) }
                case .subscribed: fold.yield(("", 0))
                case .interrupted(let error): throw error
                }
            }
            guard state.refusedCount == 0 else { throw BenchError("the fold refused what was published") }
        }
        var arrivals = folds.makeAsyncIterator()
        guard await arrivals.next() != nil else { throw BenchError("no subscription") }
        var spans: [Double] = []
        for (event, to) in events {
            let begun = seconds()
            try await publisher.publish(Publishing(event, to: to, offset: offset))
            guard let arrival = await arrivals.next(), arrival.id == event.id else { throw BenchError("the message did not come back from the ledger") }
            spans.append((arrival.at - begun) * 1e6)
        }
        consumer.cancel()
        try await task.value
        await publisher.close()
        await reader.close()
        return spans.dropFirst(warmup).sorted()[count / 2]
    }

    /// Records a second through reading and the fold alone, without a broker.
    static func fold(_ records: [Message]) throws -> Double {
        let records = records.map { LedgerState.Record(body: $0.body, carriage: $0.carriage) }
        let begun = seconds()
        var state = LedgerState()
        for record in records { state.evolve(record) }
        let rate = Double(records.count) / (seconds() - begun)
        guard state.refusedCount == 0 else { throw BenchError("the fold refused a record") }
        return rate
    }
}
