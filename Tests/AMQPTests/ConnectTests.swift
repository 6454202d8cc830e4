import AMQP
import Foundation
import Testing

extension BrokerTests {
    @Suite(.timeLimit(.minutes(2))) struct ConnectTests {
        private func connecting(_ endpoint: Endpoint, within seconds: Double = 10, _ options: Options = Options()) async -> AMQPError? {
            let connection = Connection(endpoint, options: options)
            let error = await failure { () async throws(AMQPError) in try await connection.waitUntilConnected(timeoutSeconds: seconds) }
            await connection.close()
            return error
        }

        @Test func aWrongPasswordIsRefusedInTheBrokersWords() async throws {
            let error = await connecting(try await Broker.shared().endpoint(password: "wrong"))
            #expect(error?.code == .authentication && error?.isRetriable == false)
            #expect(error?.reason.contains("ACCESS_REFUSED") == true && error?.reason.contains("wrong") == false)
        }

        @Test func anUnknownVirtualHostIsNotFound() async throws {
            var endpoint = try await Broker.shared().endpoint()
            endpoint.virtualHost = "no-such-vhost"
            let error = await connecting(endpoint)
            #expect(error?.code == .notFound && error?.reason.contains("no-such-vhost") == true)
        }

        @Test func aForeignVirtualHostIsRefused() async throws {
            var endpoint = try await Broker.shared().endpoint()
            endpoint.virtualHost = "/"
            let error = await connecting(endpoint)
            #expect(error?.code == .accessRefused)
        }

        @Test func anUnknownHostIsNamed() async throws {
            var endpoint = try await Broker.shared().endpoint()
            endpoint.host = "no-such-host.invalid"
            let error = await connecting(endpoint, within: 1)
            #expect(error?.code == .unknownHost && error?.reason.contains("no-such-host.invalid") == true)
        }

        @Test func aPortWhereNothingListensIsRefused() async throws {
            let error = await connecting(try await Broker.shared().endpoint(port: 1), within: 1)
            #expect(error?.code == .connectionRefused && error?.isRetriable == true)
        }

        @Test func aServerThatNeverAnswersIsGivenUp() async throws {
            let silent = try Proxy(to: nil)
            defer { silent.stop() }
            var options = Options()
            options.connectTimeoutSeconds = 0.5
            let error = await connecting(try await Broker.shared().endpoint(port: silent.port), within: 5, options)
            // The first attempt's time-out is retriable, so it is the last error when patience ends.
            #expect(error?.code == .timeout)
        }

        @Test func aBrokerThatStartsLaterIsFound() async throws {
            let broker = try await Broker.shared()
            let proxy = try Proxy(to: broker.uri)
            proxy.refuse(true)
            let log = EventLog()
            let connection = Connection(broker.endpoint(port: proxy.port)) { log.record($0) }
            async let result: Void = connection.publish(message("misc", "early"))
            try await log.wait { if case .retrying = $0 { () } else { nil } }
            proxy.refuse(false)
            try await result
            await connection.close()
            proxy.stop()
        }

        @Test func nothingIsSentBeforeTheRequiredQueuesAreThere() async throws {
            let broker = try await Broker.shared()
            let queue = "q.required-\(ProcessInfo.processInfo.processIdentifier)"
            var options = Options()
            options.requiredQueues = ["q.get", queue]
            let log = EventLog()
            let connection = Connection(broker.endpoint(), options: options) { log.record($0) }
            let refusal = await #expect(throws: AMQPError.self) { try await connection.waitUntilConnected(timeoutSeconds: 20) }
            #expect(refusal?.code == .notFound)
            #expect(refusal?.reason.contains(queue) == true)
            let told = try await log.wait { event -> AMQPError? in if case .disconnected(let error) = event { error } else { nil } }
            #expect(told == refusal)
            // A message sent too early would come back, for its queue is the one that is missing.
            let early = Task { try await connection.publish(message(queue, "early", exchange: "")) }
            #expect(connection.generation == 0)
            try await broker.declare(quorumQueue: queue)
            try await early.value
            let news = try await log.wait { event -> UInt64? in
                switch event {
                case .connected(let generation): generation
                case .disconnected: 0
                default: nil
                }
            }
            #expect(news == 1, "an absence is told once")
            try await connection.waitUntilConnected(timeoutSeconds: 20)
            #expect(try await connection.get(queue: queue)?.text == "early")
            await connection.close()
        }

        @Test func aFrozenLineIsNoticedAndNothingHangs() async throws {
            let broker = try await Broker.shared()
            let proxy = try Proxy(to: broker.uri, receiveBufferBytes: 4096)
            defer { proxy.stop() }
            var options = Options()
            options.heartbeatSeconds = 1
            options.sendTimeoutSeconds = 1
            options.requestTimeoutSeconds = 20
            options.connectTimeoutSeconds = 1
            let log = EventLog()
            let connection = try await broker.connect(port: proxy.port, options: options, log: log)
            var reader = Reader(try connection.consume(queue: "q.answers", prefetch: 10))
            _ = try await reader.subscribed()
            proxy.freeze(true)
            // The first is more than the sockets hold, so that its write stands still with the line; librabbitmq would wait for ever.
            let sizes = [16 << 20] + Array(repeating: 1000, count: 600)
            let large = sizes.map { Publishing(exchange: "topic", routingKey: "proxied", body: [UInt8](repeating: 1, count: $0)) }
            async let results = connection.publish(large)
            let lost = try await log.wait { if case .disconnected(let error) = $0 { error } else { nil } }
            #expect(lost.isRetriable)
            _ = try await reader.interrupted()
            proxy.freeze(false)
            _ = try await reader.subscribed()
            // What was under way is lost with the line, the rest goes through afterwards.
            let outcome = await results
            #expect(outcome.contains { $0.error == nil } && outcome.allSatisfy { $0.error == nil || $0.error?.code == .connectionLost })
            await connection.close()
        }

        @Test func closingDoesNotWaitForAnUnreachableBroker() async throws {
            let silent = try Proxy(to: nil)
            defer { silent.stop() }
            let connection = Connection(try await Broker.shared().endpoint(port: silent.port))
            async let result = failure { () async throws(AMQPError) in try await connection.publish(message("k")) }
            let clock = ContinuousClock()
            let time = await clock.measure { await connection.close() }
            #expect(time < .seconds(5))
            silent.stop()
            #expect(await result?.code == .closed)
        }
    }
}
