import AMQP
import Foundation
import Synchronization
import Testing

/// The broker the tests talk to, with a virtual host of their own in it.
struct Broker {
    static let virtualHost = "amqp-tests"
    static let password = "correct horse"

    let uri: Endpoint
    private let control: [String]

    /// The one broker, prepared once.
    static func shared() async throws -> Broker { try await preparation.value }

    private static let preparation = Task { try await Broker() }

    private init() async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let address = environment["PHOIHOP_TEST_BROKER"], let command = environment["PHOIHOP_TEST_BROKER_CTL"] else {
            throw Missing()
        }
        uri = try Endpoint(uri: address)
        control = command.split(separator: " ").map(String.init)
        _ = try? await ctl("delete_vhost", Broker.virtualHost)
        let file = FileManager.default.temporaryDirectory.appending(path: "amqp-tests-\(ProcessInfo.processInfo.processIdentifier).json")
        try Broker.definitions.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        try await ctl("import_definitions", file.path)
    }

    struct Missing: Error, CustomStringConvertible {
        var description: String { "PHOIHOP_TEST_BROKER and PHOIHOP_TEST_BROKER_CTL are not set: run the tests with deploy/test" }
    }

    /// Runs rabbitmqctl for this broker's node.
    @discardableResult
    func ctl(_ arguments: String...) async throws -> String { try await run(control + ["-q"] + arguments) }

    func dropConnections() async throws { try await ctl("close_all_connections", "--vhost", Broker.virtualHost, "dropped by a test") }

    func endpoint(user: String = "amqp-tester", password: String = Broker.password, port: Int? = nil) -> Endpoint {
        Endpoint(host: uri.host, port: port ?? uri.port, virtualHost: Broker.virtualHost, credentials: .plain(user: user, password: password))
    }

    func connect(
        user: String = "amqp-tester", port: Int? = nil, options: Options = Options(), log: EventLog = EventLog()
    ) async throws -> Connection {
        let connection = Connection(endpoint(user: user, port: port), options: options) { log.record($0) }
        try await connection.waitUntilConnected(timeoutSeconds: 10)
        return connection
    }

    /// Makes a queue while a test runs.
    func declare(quorumQueue name: String) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(name).json")
        let queue =
            #"{"name":"\#(name)","vhost":"\#(Broker.virtualHost)","durable":true,"auto_delete":false,"arguments":{"x-queue-type":"quorum"}}"#
        try #"{"queues":[\#(queue)]}"#.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        try await ctl("import_definitions", file.path)
    }

    /// Users, queues and exchanges. The queues `q.<name>` are quorum queues and belong to one test each, the streams `s.<name>` as well.
    private static var definitions: String {
        func queue(_ name: String, _ type: String, _ more: String = "") -> String {
            #"{"name":"\#(name)","vhost":"\#(virtualHost)","durable":true,"auto_delete":false,"arguments":{"x-queue-type":"\#(type)"\#(more)}}"#
        }
        func user(_ name: String) -> String { #"{"name":"\#(name)","password":"\#(password)","tags":""}"# }
        func permission(_ name: String) -> String {
            #"{"user":"\#(name)","vhost":"\#(virtualHost)","configure":".*","write":".*","read":".*"}"#
        }
        let quorum = [
            "prefetch", "neighbour.a", "neighbour.b", "restored", "doomed", "missing.neighbour", "get", "nested", "bighead", "unread", "come", "answers",
            "large",
        ].map { queue("q." + $0, "quorum") }
        let streams = ["order", "refused", "offsets", "resumed", "flushed", "dropped", "blocked", "proxied", "misc"].map { queue("s." + $0, "stream") }
        let token = queue("q.token", "quorum", #","x-single-active-consumer":true"#)
        let classic = queue("q.exclusive", "classic")
        let bindings = ["order", "refused", "offsets", "resumed", "flushed", "dropped", "blocked", "proxied", "misc"].map {
            #"{"source":"topic","vhost":"\#(virtualHost)","destination":"s.\#($0)","destination_type":"queue","routing_key":"\#($0).#","arguments":{}}"#
        }
        return """
            {"vhosts":[{"name":"\(virtualHost)"}],
            "users":[\([user("amqp-tester"), user("amqp-limited")].joined(separator: ","))],
            "permissions":[\([permission("amqp-tester"), permission("amqp-limited")].joined(separator: ","))],
            "topic_permissions":[{"user":"amqp-limited","vhost":"\(virtualHost)","exchange":"topic","write":"^refused\\\\.allowed$","read":".*"}],
            "exchanges":[{"name":"topic","vhost":"\(virtualHost)","type":"topic","durable":true,"auto_delete":false,"internal":false,"arguments":{}}],
            "queues":[\((quorum + streams + [token, classic]).joined(separator: ","))],
            "bindings":[\(bindings.joined(separator: ","))]}
            """
    }
}

/// Runs a program and returns what it printed; throws if it fails.
@discardableResult
func run(_ command: [String]) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            do {
                let process = Process()
                process.executableURL = URL(filePath: "/usr/bin/env")
                process.arguments = command
                let output = Pipe()
                process.standardOutput = output
                process.standardError = output
                process.standardInput = FileHandle.nullDevice
                try process.run()
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                if process.terminationStatus == 0 {
                    continuation.resume(returning: text)
                } else {
                    continuation.resume(throwing: Failed(command: command, output: text))
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

struct Failed: Error, CustomStringConvertible {
    var command: [String]
    var output: String
    var description: String { "\(command.joined(separator: " ")): \(output)" }
}

/// What a connection said, to be waited for.
final class EventLog: Sendable {
    private let stream: AsyncStream<ConnectionEvent>
    private let continuation: AsyncStream<ConnectionEvent>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func record(_ event: ConnectionEvent) { continuation.yield(event) }

    /// Reads on until an event is the one wanted. The test's time limit ends the wait.
    func wait<Found>(for match: (ConnectionEvent) -> Found?) async throws -> Found {
        for await event in stream { if let found = match(event) { return found } }
        throw CancellationError()
    }
}

/// Reads a consumer step by step.
struct Reader {
    let consumer: Consumer
    private var iterator: Consumer.AsyncIterator
    private(set) var unread: [Delivery] = []

    init(_ consumer: Consumer) {
        self.consumer = consumer
        iterator = consumer.makeAsyncIterator()
    }

    /// At least `count` deliveries, across batches; interruptions are passed over.
    mutating func deliveries(_ count: Int) async throws -> [Delivery] {
        var found: [Delivery] = []
        while found.count < count {
            guard let event = try await iterator.next() else { throw Ended() }
            if case .deliveries(let batch) = event { found += batch }
        }
        return found
    }

    mutating func subscribed() async throws -> UInt64 {
        while let event = try await iterator.next() { if case .subscribed(let generation) = event { return generation } }
        throw Ended()
    }

    mutating func interrupted() async throws -> AMQPError {
        while let event = try await iterator.next() { if case .interrupted(let error) = event { return error } }
        throw Ended()
    }

    mutating func next() async throws(AMQPError) -> Consumer.Event? { try await iterator.next() }

    struct Ended: Error {}
}

/// Asks again until the answer is as wanted; the test's time limit ends it.
func until(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { await Task.yield() }
}

func message(_ key: String, _ body: String = "", exchange: String = "topic", id: String? = nil) -> Publishing {
    Publishing(exchange: exchange, routingKey: key, body: Array(body.utf8), messageID: id)
}

func toQueue(_ queue: String, _ bodies: [String]) -> [Publishing] { bodies.map { message(queue, $0, exchange: "", id: $0) } }

extension Delivery {
    var text: String { String(decoding: body, as: UTF8.self) }
    var offset: Int64? { if case .int(let offset) = headers["x-stream-offset"] { offset } else { nil } }
}

extension Result where Failure == AMQPError {
    var error: AMQPError? { if case .failure(let error) = self { error } else { nil } }
}

/// What the closure throws, as the error this module throws.
func failure(_ body: () async throws(AMQPError) -> Void) async -> AMQPError? {
    do {
        try await body()
        return nil
    } catch {
        return error
    }
}
