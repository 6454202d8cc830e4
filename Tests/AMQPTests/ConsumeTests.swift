import AMQP
import Foundation
import Synchronization
import Testing

extension BrokerTests {
    @Suite(.timeLimit(.minutes(2))) struct ConsumeTests {
        @Test func prefetchBoundsWhatIsUnacknowledged() async throws {
            let connection = try await Broker.shared().connect()
            _ = await connection.publish(toQueue("q.prefetch", (0..<200).map(String.init)))
            var reader = Reader(try connection.consume(queue: "q.prefetch", prefetch: 50))
            for round in 0..<4 {
                let batch = try await reader.deliveries(50)
                #expect(batch.map(\.text) == (round * 50..<round * 50 + 50).map(String.init))
                // An answer from the broker shows that nothing more was on its way.
                #expect(try await connection.inspect(queue: "q.prefetch").messages == UInt32(150 - round * 50))
                reader.consumer.acknowledge(through: batch[49])
            }
            await connection.close()

            let other = try await Broker.shared().connect()
            // The broker forgets the consumer of a closed connection in its own time.
            try await until { try await other.inspect(queue: "q.prefetch") == (0, 0) }
            await other.close()
        }

        @Test func acknowledgingOneConsumerLeavesAnotherOnTheSameConnectionAlone() async throws {
            let broker = try await Broker.shared()
            let connection = try await broker.connect()
            var a = Reader(try connection.consume(queue: "q.neighbour.a", prefetch: 100))
            var b = Reader(try connection.consume(queue: "q.neighbour.b", prefetch: 100))
            for number in 0..<20 {
                for queue in ["q.neighbour.a", "q.neighbour.b"] { try await connection.publish(toQueue(queue, ["\(number)"])[0]) }
            }
            let ofA = try await a.deliveries(20)
            let ofB = try await b.deliveries(20)
            a.consumer.acknowledge(through: ofA[19])
            b.consumer.acknowledge(ofB[3])
            b.consumer.acknowledge(ofB[3])
            await connection.close()

            let after = try await broker.connect()
            try await until { try await after.inspect(queue: "q.neighbour.b").messages == 19 }
            #expect(try await after.inspect(queue: "q.neighbour.a").messages == 0)
            await after.close()
        }

        @Test func consumersComeBackAfterTheConnectionsAreDropped() async throws {
            let broker = try await Broker.shared()
            let connection = try await broker.connect()
            var reader = Reader(try connection.consume(queue: "q.restored", prefetch: 10))
            #expect(try await reader.subscribed() == 1)
            try await connection.publish(toQueue("q.restored", ["before"])[0])
            let held = try await reader.deliveries(1)[0]
            try await broker.dropConnections()
            let error = try await reader.interrupted()
            #expect(error.isRetriable && error.reason.contains("dropped by a test"))
            #expect(try await reader.subscribed() == 2)
            let again = try await reader.deliveries(1)[0]
            #expect(again.text == "before" && again.redelivered && again.generation == 2)
            // Tag 1 of the first generation means nothing in the second.
            reader.consumer.acknowledge(held)
            #expect(try await connection.inspect(queue: "q.restored").consumers == 1)
            try await broker.dropConnections()
            _ = try await reader.interrupted()
            let third = try await reader.deliveries(1)[0]
            #expect(third.text == "before")
            reader.consumer.acknowledge(third)
            await connection.close()
        }

        @Test func aDeletedQueueInterruptsAndThenEndsItsConsumer() async throws {
            let broker = try await Broker.shared()
            let connection = try await broker.connect()
            var reader = Reader(try connection.consume(queue: "q.doomed", prefetch: 10))
            _ = try await reader.subscribed()
            try await broker.ctl("delete_queue", "-p", Broker.virtualHost, "q.doomed")
            #expect(try await reader.interrupted().code == .consumerCancelled)
            do throws(AMQPError) {
                while try await reader.next() != nil {}
                Issue.record("ended without an error")
            } catch {
                #expect(error.code == .notFound && error.reason.contains("q.doomed"))
            }
            #expect(try await reader.next() == nil)
            await connection.close()
        }

        @Test func aMissingQueueEndsOnlyItsOwnConsumer() async throws {
            let connection = try await Broker.shared().connect()
            var good = Reader(try connection.consume(queue: "q.missing.neighbour", prefetch: 10))
            _ = try await good.subscribed()
            var bad = Reader(try connection.consume(queue: "q.never.was", prefetch: 10))
            do throws(AMQPError) {
                _ = try await bad.next()
                Issue.record("subscribed to nothing")
            } catch { #expect(error.code == .notFound) }
            try await connection.publish(toQueue("q.missing.neighbour", ["hello"])[0])
            let delivery = try await good.deliveries(1)[0]
            #expect(delivery.text == "hello")
            good.consumer.acknowledge(delivery)
            await connection.close()
        }

        @Test func anExclusiveConsumerWaitsItsTurn() async throws {
            let connection = try await Broker.shared().connect()
            var first = Reader(try connection.consume(queue: "q.exclusive", prefetch: 10, exclusive: true))
            _ = try await first.subscribed()
            let other = try await Broker.shared().connect()
            var second = Reader(try other.consume(queue: "q.exclusive", prefetch: 10, exclusive: true))
            let refusal = try await second.interrupted()
            #expect(refusal.code == .accessRefused && refusal.isRetriable)
            first.consumer.cancel()
            _ = try await second.subscribed()
            await connection.close()
            await other.close()
        }

        @Test func aStreamIsReadFromAnyOffset() async throws {
            let connection = try await Broker.shared().connect()
            _ = await connection.publish((0..<1000).map { message("offsets", "\($0)") })
            for (start, expected) in [(FieldValue.string("first"), 0), (.int(0), 0), (.int(700), 700)] {
                var reader = Reader(try connection.consume(queue: "s.offsets", prefetch: 200) { ["x-stream-offset": start] })
                let batch = try await reader.deliveries(1)
                #expect(batch[0].text == "\(expected)" && batch[0].offset == Int64(expected))
                // A stream takes nothing back; the connection must survive it.
                reader.consumer.reject(batch[0], requeue: true)
                reader.consumer.cancel()
            }
            var fresh = Reader(try connection.consume(queue: "s.offsets", prefetch: 200) { ["x-stream-offset": .string("next")] })
            _ = try await fresh.subscribed()
            try await connection.publish(message("offsets", "new"))
            #expect(try await fresh.deliveries(1)[0].text == "new")
            #expect(connection.generation == 1)
            await connection.close()
        }

        @Test func aStreamGoesOnWhereItsReaderWas() async throws {
            let broker = try await Broker.shared()
            let connection = try await broker.connect()
            let next = Mutex<Int64>(0)
            var reader = Reader(
                try connection.consume(queue: "s.resumed", prefetch: 100) { ["x-stream-offset": .int(next.withLock { $0 })] })
            _ = try await reader.subscribed()
            var seen: [String] = []
            for round in 0..<3 {
                _ = await connection.publish((0..<300).map { message("resumed", "\(round * 300 + $0)") })
                while seen.count < (round + 1) * 300 {
                    for delivery in try await reader.deliveries(1) {
                        let offset = try #require(delivery.offset)
                        if offset < next.withLock({ $0 }) { continue }
                        next.withLock { $0 = offset + 1 }
                        seen.append(delivery.text)
                        reader.consumer.acknowledge(through: delivery)
                    }
                }
                if round < 2 {
                    try await broker.dropConnections()
                    _ = try await reader.interrupted()
                    _ = try await reader.subscribed()
                }
            }
            #expect(seen == (0..<900).map(String.init))
            await connection.close()
        }

        @Test func theTokenOfASingleActiveConsumerPassesOn() async throws {
            let broker = try await Broker.shared()
            let first = try await broker.connect()
            let second = try await broker.connect()
            try await first.publish(toQueue("q.token", ["token"])[0])
            var leader = Reader(try first.consume(queue: "q.token", prefetch: 1))
            let token = try await leader.deliveries(1)[0]
            var standby = Reader(try second.consume(queue: "q.token", prefetch: 1))
            _ = try await standby.subscribed()
            // Given back, it returns to the same active consumer; with the consumer gone, to the next.
            leader.consumer.reject(token, requeue: true)
            let again = try await leader.deliveries(1)[0]
            leader.consumer.reject(again, requeue: true)
            leader.consumer.cancel()
            #expect(try await standby.deliveries(1)[0].text == "token")

            var third = Reader(try first.consume(queue: "q.token", prefetch: 1))
            _ = try await third.subscribed()
            await second.close()
            let last = try await third.deliveries(1)[0]
            #expect(last.text == "token")
            third.consumer.acknowledge(last)
            await first.close()
        }

        @Test func whatACancelledConsumerHadNotReadGoesBack() async throws {
            let broker = try await Broker.shared()
            let connection = try await broker.connect()
            _ = await connection.publish(toQueue("q.unread", (0..<100).map(String.init)))
            var reader = Reader(try connection.consume(queue: "q.unread", prefetch: 10))
            let batch = try await reader.deliveries(1)
            reader.consumer.acknowledge(through: batch[batch.count - 1])
            reader.consumer.cancel()
            #expect(try await reader.next() == nil)
            try await until {
                let state = try await connection.inspect(queue: "q.unread")
                return state.messages == UInt32(100 - batch.count) && state.consumers == 0
            }
            await connection.close()
        }

        @Test func whatHasComeIsKnownAndTakenWithoutWaiting() async throws {
            let broker = try await Broker.shared()
            let connection = try await broker.connect()
            _ = await connection.publish(toQueue("q.come", (0..<300).map(String.init)))
            var reader = Reader(try connection.consume(queue: "q.come", prefetch: 300))
            let batch = try await reader.deliveries(1)
            // An answer from the broker shows that everything has come.
            _ = try await connection.inspect(queue: "q.come")
            #expect(batch.count < 300 && reader.consumer.hasUnread)
            let rest = reader.consumer.takeUnread().reduce(0) { if case .deliveries(let some) = $1 { $0 + some.count } else { $0 } }
            #expect(batch.count + rest == 300 && !reader.consumer.hasUnread)
            await connection.close()
        }

        @Test func messagesAreFetchedOneByOne() async throws {
            let connection = try await Broker.shared().connect()
            #expect(try await connection.get(queue: "q.get") == nil)
            _ = await connection.publish(toQueue("q.get", ["a", "b"]))
            let kept = try #require(try await connection.get(queue: "q.get", noAck: false))
            connection.reject(kept, requeue: true)
            try await until { try await connection.inspect(queue: "q.get").messages == 2 }
            let held = try #require(try await connection.get(queue: "q.get", noAck: false))
            connection.acknowledge(held)
            #expect(try await connection.get(queue: "q.get") != nil)
            #expect(try await connection.get(queue: "q.get") == nil)
            await connection.close()
        }

        @Test func whatIsNotThereIsNotFound() async throws {
            let connection = try await Broker.shared().connect()
            try await connection.inspect(exchange: "topic")
            async let missing = failure { () async throws(AMQPError) in try await connection.inspect(exchange: "nope") }
            async let present = connection.inspect(queue: "q.answers")
            #expect(await missing?.code == .notFound)
            #expect(try await present.consumers == 0)
            let queue = await failure { () async throws(AMQPError) in _ = try await connection.inspect(queue: "nope") }
            #expect(queue?.code == .notFound && queue?.reason.contains("no queue 'nope'") == true)
            await connection.close()
        }

        @Test func aQuestionIsAnsweredDirectly() async throws {
            let broker = try await Broker.shared()
            let asker = try await broker.connect()
            let answerer = try await broker.connect()
            var answers = Reader(try asker.consume(queue: "amq.rabbitmq.reply-to", prefetch: 0, noAck: true))
            var questions = Reader(try answerer.consume(queue: "q.answers", prefetch: 10))
            var question = toQueue("q.answers", ["how many?"])[0]
            question.replyTo = "amq.rabbitmq.reply-to"
            question.correlationID = "c1"
            try await asker.publish(question)
            let asked = try await questions.deliveries(1)[0]
            questions.consumer.acknowledge(asked)
            var answer = message(try #require(asked.replyTo), "42", exchange: "")
            answer.correlationID = asked.correlationID
            // There is no queue behind such an address, so the broker would send it back.
            answer.mandatory = false
            try await answerer.publish(answer)
            let got = try await answers.deliveries(1)[0]
            #expect(got.text == "42" && got.correlationID == "c1")
            await asker.close()
            await answerer.close()
        }

        @Test func readersEndWhenTheConnectionIsClosedOrTheirTaskCancelled() async throws {
            let connection = try await Broker.shared().connect()
            let consumer = try connection.consume(queue: "q.answers", prefetch: 10)
            let cancelled = Task { () -> Bool in
                for try await _ in consumer {}
                return true
            }
            cancelled.cancel()
            #expect(try await cancelled.value)
            let other = try connection.consume(queue: "q.answers", prefetch: 10)
            let closed = Task { () -> Bool in
                for try await _ in other {}
                return true
            }
            await connection.close()
            #expect(try await closed.value)
            #expect(throws: AMQPError.self) { try connection.consume(queue: "q.answers", prefetch: 1) }
        }
    }
}
