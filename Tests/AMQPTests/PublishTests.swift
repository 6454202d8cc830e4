import AMQP
import Foundation
import Testing

extension BrokerTests {
    @Suite(.timeLimit(.minutes(2))) struct PublishTests {
        @Test func twentyThousandAtOnceAreConfirmedAndKeepTheirOrder() async throws {
            let broker = try await Broker.shared()
            let connection = try await broker.connect()
            let results = await connection.publish((0..<20_000).map { message("order", "\($0)", id: "\($0)") })
            #expect(results.count == 20_000 && results.allSatisfy { $0.error == nil })

            let consumer = try connection.consume(queue: "s.order", prefetch: 500) { ["x-stream-offset": .string("first")] }
            var expected = 0
            read: for try await event in consumer {
                guard case .deliveries(let batch) = event else { continue }
                #expect(batch.count <= 500)
                for delivery in batch {
                    try #require(delivery.text == "\(expected)")
                    expected += 1
                }
                consumer.acknowledge(through: batch[batch.count - 1])
                if expected == 20_000 { break read }
            }
            await connection.close()
        }

        @Test func whatReachesNoQueueFailsAndNothingElse() async throws {
            let connection = try await Broker.shared().connect()
            var messages = (0..<50).map { message("misc", "\($0)", id: "r\($0)") }
            messages[17] = message("nowhere", "same")
            messages[31] = message("nowhere", "same")
            let results = await connection.publish(messages)
            for (index, result) in results.enumerated() { #expect(result.error?.code == ([17, 31].contains(index) ? .returned : nil)) }
            #expect(results[17].error?.reason.contains("NO_ROUTE") == true)

            var silent = message("nowhere")
            silent.mandatory = false
            try await connection.publish(silent)
            await connection.close()
        }

        @Test func ofManyUnderWayOnlyTheRefusedFail() async throws {
            let connection = try await Broker.shared().connect(user: "amqp-limited")
            let guilty: Set = [0, 57, 58, 99]
            let results = await connection.publish(
                (0..<100).map { message(guilty.contains($0) ? "refused.forbidden" : "refused.allowed", "\($0)", id: "g\($0)") })
            for (index, result) in results.enumerated() { #expect(result.error?.code == (guilty.contains(index) ? .accessRefused : nil)) }
            #expect(results[57].error?.reason.contains("access to topic 'refused.forbidden'") == true)

            var reader = Reader(try connection.consume(queue: "s.refused", prefetch: 500) { ["x-stream-offset": .string("first")] })
            var arrived: Set<String> = []
            while arrived.count < 96 {
                let batch = try await reader.deliveries(1)
                arrived.formUnion(batch.map(\.text))
                reader.consumer.acknowledge(through: batch[batch.count - 1])
            }
            #expect(arrived == Set((0..<100).filter { !guilty.contains($0) }.map { "\($0)" }))
            await connection.close()
        }

        @Test func eachRefusalSaysWhatTheBrokerSaid() async throws {
            let connection = try await Broker.shared().connect()
            let nowhere = await failure { () async throws(AMQPError) in try await connection.publish(message("k", exchange: "nope")) }
            #expect(nowhere?.code == .notFound && nowhere?.reason.contains("no exchange 'nope'") == true && nowhere?.isRetriable == false)

            var foreign = message("misc")
            foreign.userID = "somebody-else"
            let impostor = await failure { [foreign] () async throws(AMQPError) in try await connection.publish(foreign) }
            #expect(impostor?.code == .preconditionFailed && impostor?.reason.contains("somebody-else") == true)

            try await connection.publish(message("misc", "still works"))
            await connection.close()
        }

        @Test func aMessageBoundToAGenerationIsNotSentInAnother() async throws {
            let connection = try await Broker.shared().connect()
            let first = connection.generation
            try await connection.publish(message("misc"), generation: first)
            _ = await failure { () async throws(AMQPError) in try await connection.publish(message("k", exchange: "nope")) }
            let stale = await failure { () async throws(AMQPError) in try await connection.publish(message("misc"), generation: first) }
            #expect(stale?.code == .connectionLost && stale?.reason.contains("not sent") == true)
            #expect(connection.generation > first)
            await connection.close()
        }

        @Test func bodiesLargerThanAFrameAndEmptyOnesArriveWhole() async throws {
            let connection = try await Broker.shared().connect()
            let sizes = [0, 1, 131_063, 131_064, 131_065, 262_128, 262_129, 262_144]
            let results = await connection.publish(
                sizes.map { Publishing(exchange: "", routingKey: "q.large", body: (0..<$0).map { UInt8(truncatingIfNeeded: $0 / 7) }) })
            #expect(results.allSatisfy { $0.error == nil })
            var reader = Reader(try connection.consume(queue: "q.large", prefetch: 100))
            let arrived = try await reader.deliveries(sizes.count)
            #expect(arrived.map(\.body.count) == sizes)
            #expect(arrived.allSatisfy { $0.body == (0..<$0.body.count).map { UInt8(truncatingIfNeeded: $0 / 7) } })
            reader.consumer.acknowledge(through: arrived[arrived.count - 1])
            await connection.close()
        }

        @Test func closingFlushesWhatIsUnderWay() async throws {
            let broker = try await Broker.shared()
            let connection = try await broker.connect()
            let observer = try await broker.connect()
            var reader = Reader(try observer.consume(queue: "s.flushed", prefetch: 500) { ["x-stream-offset": .string("first")] })
            async let results = connection.publish((0..<10_000).map { message("flushed", "\($0)") })
            // Once one has arrived the others are queued.
            _ = try await reader.deliveries(1)
            await connection.close()
            #expect(await results.allSatisfy { $0.error == nil })
            let after = await failure { () async throws(AMQPError) in try await connection.publish(message("flushed")) }
            #expect(after?.code == .closed)
            await observer.close()
        }

        @Test func nothingConfirmedIsLostWhenConnectionsAreDropped() async throws {
            let broker = try await Broker.shared()
            let log = EventLog()
            let connection = try await broker.connect(log: log)
            async let results = connection.publish((0..<20_000).map { message("dropped", "\($0)", id: "\($0)") })
            try await broker.dropConnections()
            let outcome = await results
            let confirmed = Set(outcome.indices.filter { outcome[$0].error == nil })
            for result in outcome { if let error = result.error { #expect(error.code == .connectionLost && error.isRetriable) } }
            #expect(outcome.count { $0.error != nil } <= 512)

            var reader = Reader(try connection.consume(queue: "s.dropped", prefetch: 500) { ["x-stream-offset": .string("first")] })
            var missing = confirmed
            while !missing.isEmpty {
                let batch = try await reader.deliveries(1)
                for delivery in batch { missing.remove(Int(delivery.text) ?? -1) }
                reader.consumer.acknowledge(through: batch[batch.count - 1])
            }
            await connection.close()
        }

        @Test func aCancelledPublisherReturnsAtOnce() async throws {
            let connection = Connection(
                Endpoint(host: "127.0.0.1", port: 1, credentials: .plain(user: "u", password: "p")))
            let task = Task { await failure { () async throws(AMQPError) in try await connection.publish(message("k")) } }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            await connection.close()
        }

        @Test func whileTheBrokerIsBlockedPublishingTimesOutAndThenGoesOn() async throws {
            let broker = try await Broker.shared()
            let log = EventLog()
            var options = Options()
            options.requestTimeoutSeconds = 1
            let connection = try await broker.connect(options: options, log: log)
            try await broker.ctl("set_vm_memory_high_watermark", "0.0001")
            let first = await failure { () async throws(AMQPError) in try await connection.publish(message("blocked", "1")) }
            let second = await failure { () async throws(AMQPError) in try await connection.publish(message("blocked", "2")) }
            try await broker.ctl("set_vm_memory_high_watermark", "0.4")
            #expect(first?.code == .blocked && second?.code == .blocked && second?.isRetriable == true)
            #expect(second?.reason.contains("not sent") == true)
            _ = try await log.wait { if case .blocked(let reason) = $0 { reason } else { nil } }
            try await log.wait { if case .unblocked = $0 { () } else { nil } }
            try await connection.publish(message("blocked", "3"))
            #expect(connection.generation == 1)
            await connection.close()
        }
    }
}
