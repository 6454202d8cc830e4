import AMQP
import Foundation
import Messages
import Regulation
import Schemas
import Synchronization
import Testing
import Topology
import Values

@testable import AgentKit

struct NoTestBroker: Error, CustomStringConvertible { let description: String }

/// A virtual host of these tests' own at the broker that PHOIHOP_TEST_BROKER names, provisioned as the wire contract wants it. Made anew once a run.
struct TestBroker: Sendable {
    /// The regulation in force there: the standard one, in which one party bears a name that is no account of anybody else's.
    let regulation: Regulation
    /// The account of that party, with the permissions it really has.
    let office: Endpoint
    /// An account that may speak in anyone's name.
    let impersonator: Endpoint
    private let control: String

    static let officeID = "agentkit-office"
    private static let name = "agentkit-tests"

    /// The one of this run.
    static var shared: TestBroker { get async throws { try await making.value } }
    private static let making = Task { try TestBroker() }

    private init() throws {
        let environment = ProcessInfo.processInfo.environment
        guard let uri = environment["PHOIHOP_TEST_BROKER"], let control = environment["PHOIHOP_TEST_BROKER_CTL"] else {
            throw NoTestBroker(
                description: "these tests need a broker: set PHOIHOP_TEST_BROKER to its URI and PHOIHOP_TEST_BROKER_CTL to its rabbitmqctl, or run deploy/test")
        }
        self.control = control
        regulation = try Regulation(json: JSON(parsing: Schemas.regulation.replacing("\"finance-dept\"", with: "\"\(TestBroker.officeID)\"")))
        let password = UUID().uuidString
        var office = try Endpoint(uri: uri)
        office.virtualHost = TestBroker.name
        var impersonator = office
        office.credentials = .plain(user: TestBroker.officeID, password: password)
        impersonator.credentials = .plain(user: TestBroker.name, password: password)
        (self.office, self.impersonator) = (office, impersonator)
        _ = try? rabbitmqctl("delete_vhost", TestBroker.name)
        let file = try TemporaryDirectory()
        let path = file.path + "/definitions.json"
        try definitions(password: password).text.write(toFile: path, atomically: true, encoding: .utf8)
        try rabbitmqctl("import_definitions", path)
    }

    /// The definitions for this virtual host and these two accounts alone.
    private func definitions(password: String) -> JSON {
        func moved(_ value: JSON) -> JSON {
            switch value {
            case .array(let elements): .array(elements.map(moved))
            case .object(let object):
                .object(
                    JSONObject(
                        members: object.members.map { .init(key: $0.key, value: $0.key == "vhost" ? .string(TestBroker.name) : moved($0.value)) }))
            default: value
            }
        }
        var json = moved(Definitions(regulation).json(passwords: [TestBroker.officeID: password])).object ?? JSONObject()
        func only(_ key: String, _ name: String) -> [JSON] { (json[key]?.array ?? []).filter { $0[name]?.string == TestBroker.officeID } }
        json["vhosts"] = [["name": .string(TestBroker.name)]]
        json["users"] = .array(
            only("users", "name") + [["name": .string(TestBroker.name), "password": .string(password), "tags": "impersonator"]])
        json["permissions"] = .array(
            only("permissions", "user") + [
                ["user": .string(TestBroker.name), "vhost": .string(TestBroker.name), "configure": ".*", "write": ".*", "read": ".*"]
            ])
        json["topic_permissions"] = .array(only("topic_permissions", "user"))
        return .object(json)
    }

    @discardableResult
    func rabbitmqctl(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: control)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw NoTestBroker(description: "rabbitmqctl \(arguments): \(text)") }
        return text
    }

    /// What the ledger holds of a kind, as soon as that is enough: by default, as soon as there is anything.
    func ledger(
        _ what: String, where isWanted: (Event) -> Bool, until isEnough: ([Event]) -> Bool = { !$0.isEmpty }
    ) async throws -> [Event] {
        let connection = Connection(impersonator)
        defer { withExtendedLifetime(connection) {} }
        let consumer = try connection.consume(queue: Topology.ledger, prefetch: 500) { ["x-stream-offset": .string("first")] }
        let watchdog = Task {
            try await ContinuousClock().sleep(for: .seconds(30))
            consumer.cancel()
        }
        defer { watchdog.cancel() }
        var found: [Event] = []
        for try await case .deliveries(let deliveries) in consumer {
            for delivery in deliveries {
                consumer.acknowledge(delivery)
                if let event = try? MessageReader.event(in: JSON(parsing: delivery.body)), isWanted(event) { found.append(event) }
            }
            if isEnough(found) { return found }
        }
        throw NotInTime(description: "the ledger holds only \(found.count) of: \(what)")
    }
}

/// An agent under test, in this process.
final class TestAgent: Sendable {
    let directory: TemporaryDirectory
    let lines = Lines()
    let configuration: AgentKit.Configuration
    private let stop = AsyncStream<Void>.makeStream()
    private let running = Mutex<Task<Int32, Never>?>(nil)
    private let context = Mutex<AgentContext?>(nil)
    private let body: @Sendable (AgentContext) async -> Void

    init(
        _ party: PartyID, _ broker: TestBroker, endpoint: Endpoint? = nil, directory: TemporaryDirectory? = nil, clock: Clock = .system,
        hooks: [String] = [], once: Bool = false, body: @escaping @Sendable (AgentContext) async -> Void = { _ in }
    ) throws {
        self.body = body
        self.directory = try directory ?? TemporaryDirectory()
        configuration = AgentKit.Configuration(
            party: party, endpoint: endpoint ?? broker.impersonator, home: self.directory.url, regulation: broker.regulation, clock: clock, language: .en,
            logLevel: .debug, hooks: hooks, once: once)
    }

    /// Starts it and returns once its own part has begun.
    func start() async throws -> AgentContext {
        begin()
        try await eventually("the agent has started") { self.context.withLock { $0 != nil } }
        return try #require(context.withLock { $0 })
    }

    private func begin() {
        let agent = Agent(configuration, name: "test", environment: [:]) { [lines] in lines.add($0) }
        let stop = stop.stream
        let task = Task { [self] in
            await agent.run {
                for await _ in stop {}
            } body: { context in
                self.context.withLock { $0 = context }
                await self.body(context)
            }
        }
        running.withLock { $0 = task }
    }

    /// Ends it in order, and gives its exit status.
    func end() async -> Int32? {
        stop.continuation.finish()
        return await running.withLock { $0 }?.value
    }

    /// Runs it until it ends by itself.
    func outcome() async -> Int32? {
        begin()
        return await running.withLock { $0 }?.value
    }

    func entries() throws -> [Inbox.Entry] { try Inbox.entries(home: directory.url) }

    /// Waits until a message is in the inbox.
    func entry(_ id: String) async throws -> Inbox.Entry {
        var entry: Inbox.Entry?
        try await eventually("\(id) is in the inbox: \(lines.all.suffix(5))") {
            entry = try entries().first { $0.event.id == id }
            return entry != nil
        }
        return try #require(entry)
    }
}
