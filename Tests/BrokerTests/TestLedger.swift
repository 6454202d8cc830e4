import AMQP
import Foundation
import Testing
import Topology

/// A virtual host with an empty ledger at the broker that PHOIHOP_TEST_BROKER names, made anew for each test.
struct TestLedger {
    let endpoint: Endpoint
    private let control: String
    private let name: String

    struct Missing: Error, CustomStringConvertible { let description: String }

    init(_ name: String, hasLedger: Bool = true) async throws {
        let environment = ProcessInfo.processInfo.environment
        guard let uri = environment["PHOIHOP_TEST_BROKER"], let control = environment["PHOIHOP_TEST_BROKER_CTL"] else {
            throw Missing(description: "PHOIHOP_TEST_BROKER and PHOIHOP_TEST_BROKER_CTL are not set: run the tests with deploy/test")
        }
        var endpoint = try Endpoint(uri: uri)
        guard case .plain(let user, _) = endpoint.credentials else { throw Missing(description: "PHOIHOP_TEST_BROKER names no user") }
        self.name = "broker-tests-\(name)"
        endpoint.virtualHost = self.name
        (self.endpoint, self.control) = (endpoint, control)
        _ = try? await rabbitmqctl("delete_vhost", self.name)
        let file = FileManager.default.temporaryDirectory.appending(path: "\(self.name)-\(ProcessInfo.processInfo.processIdentifier).json")
        let queues =
            hasLedger
            ? #"{"name":"\#(Topology.ledger)","vhost":"\#(self.name)","durable":true,"auto_delete":false,"arguments":{"x-queue-type":"stream"}}"# : ""
        let definitions = """
            {"vhosts":[{"name":"\(self.name)"}],"queues":[\(queues)],
            "permissions":[{"user":"\(user)","vhost":"\(self.name)","configure":".*","write":".*","read":".*"}]}
            """
        try definitions.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        try await rabbitmqctl("import_definitions", file.path)
        if hasLedger {
            // A stream that was just made has no writer for a moment.
            let connection = try await connect()
            while try await !lives(connection) {}
            await connection.close()
        }
    }

    private func lives(_ connection: Connection) async throws(AMQPError) -> Bool {
        do {
            _ = try await connection.inspect(queue: Topology.ledger)
            return true
        } catch {
            if error.isRetriable { return false }
            throw error
        }
    }

    func connect() async throws -> Connection {
        let connection = Connection(endpoint)
        try await connection.waitUntilConnected(timeoutSeconds: 20)
        return connection
    }

    /// Ends what the tests made.
    func remove() async throws { try await rabbitmqctl("delete_vhost", name) }

    @discardableResult
    private func rabbitmqctl(_ arguments: String...) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                do {
                    let process = Process()
                    process.executableURL = URL(filePath: control)
                    process.arguments = ["-q"] + arguments
                    let output = Pipe()
                    process.standardOutput = output
                    process.standardError = output
                    try process.run()
                    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                    process.waitUntilExit()
                    guard process.terminationStatus == 0 else { throw Missing(description: "rabbitmqctl \(arguments): \(text)") }
                    continuation.resume(returning: text)
                } catch { continuation.resume(throwing: error) }
            }
        }
    }
}

func record(_ number: Int, bytes: Int = 100) -> Publishing {
    Publishing(exchange: "", routingKey: Topology.ledger, body: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: bytes), messageID: "\(number)")
}
