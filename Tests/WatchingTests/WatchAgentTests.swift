import AMQP
import AgentKit
import Foundation
import Regulation
import Synchronization
import Testing
import Values

@testable import Watching

/// An agent that watches, as its executable runs it, without a broker: what it says waits in its spool.
private final class WatchingAgent: Sendable {
    let home: URL
    private let lines = Mutex<[String]>([])
    private let end = AsyncStream.makeStream(of: Void.self)

    init() throws {
        home = URL.temporaryDirectory.appending(path: "watching-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: home.appending(path: "state"), withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: home) }

    var monitor: URL { home.appending(path: "monitor.json") }

    /// Runs the agent for as long as the body does; gives its exit status.
    func run(_ body: () async throws -> Void) async throws -> Int32 {
        let configuration = Configuration(
            party: "border-guard", endpoint: try Endpoint(uri: "amqp://border-guard:none@127.0.0.1:1"), home: home, language: .en)
        let agent = Agent(configuration, name: "phoihop-border-guard", environment: [:]) { [self] line in lines.withLock { $0.append(line) } }
        let path = monitor.path(percentEncoded: false)
        let stop = end.stream
        let running = Task {
            await agent.run {
                for await _ in stop {}
            } body: { context in
                await Watcher(WatchFile(path, mayBeMissing: true, watches: Party.borderGuard.watches), of: .borderGuard, context).run()
            }
        }
        do { try await body() } catch {
            end.continuation.finish()
            _ = await running.value
            throw error
        }
        end.continuation.finish()
        return await running.value
    }

    func told(_ text: String) -> Int { lines.withLock { $0.count { $0.contains(text) } } }

    /// How many messages of a type wait in the spool.
    func said(_ type: String) throws -> Int {
        let new = home.appending(path: "spool/new")
        return try FileManager.default.contentsOfDirectory(at: new, includingPropertiesForKeys: nil).count { file in
            try String(decoding: Data(contentsOf: file), as: UTF8.self).contains("vn.laocai.phoihop.\(type).v1")
        }
    }

    /// Names one device to watch, whose check notes each run in the file `runs`.
    func watchDevice(_ status: Int, byteOrderMark: Bool = false) throws {
        let script = home.appending(path: "check").path(percentEncoded: false)
        try "#!/bin/sh\necho run >>'\(home.path(percentEncoded: false))/runs'\nexit \(status)\n".write(toFile: script, atomically: true, encoding: .utf8)
        try #require(chmod(script, 0o755) == 0)
        let text = """
            { "intervalSeconds": 0.1, "devices": [ { "id": "led-screen", "title": { "vi": "màn hình LED", "en": "LED screen" }, "command": ["\(script)"] } ] }
            """
        try Data((byteOrderMark ? [0xEF, 0xBB, 0xBF] : []) + Array(text.utf8)).write(to: monitor, options: .atomic)
    }

    var runs: Int { ((try? String(contentsOf: home.appending(path: "runs"), encoding: .utf8)) ?? "").count { $0 == "\n" } }
}

/// Waits until something holds; fails if it does not within the bound.
private func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(30)
    while try await !condition() {
        try #require(clock.now < end, what)
        try await clock.sleep(for: .milliseconds(20))
    }
}

@Suite struct WatchAgentTests {
    @Test("a file that is broken at the start costs the watching, until it is mended; broken again, not even that") func brokenFile() async throws {
        let agent = try WatchingAgent()
        try Data(#"{"devices": ["#.utf8).write(to: agent.monitor)
        let status = try await agent.run {
            try await eventually("the officer is told") { agent.told("NOTHING IS WATCHED; messages are still received and sent") == 1 }
            try agent.watchDevice(0, byteOrderMark: true)
            try await eventually("what the mended file names is watched") { try agent.said("device.status-changed") == 1 }
            try Data(#"{"devices": 5}"#.utf8).write(to: agent.monitor, options: .atomic)
            try await eventually("the officer is told again") { agent.told("what was watched before still is") == 1 }
            let before = agent.runs
            try await eventually("the checks go on") { agent.runs > before + 2 }
            try agent.watchDevice(2)
            try await eventually("an outage is found by what the file names now") { try agent.said("incident.detected") == 1 }
        }
        #expect(status == 0)
    }

    @Test("by a clock that shows what is past already nothing is recorded and nothing said, and the officer is told") func pastClock() async throws {
        let agent = try WatchingAgent()
        try agent.watchDevice(0)
        try Data(#"{"seenAt": "2099-01-01T00:00:00Z"}"#.utf8).write(to: agent.home.appending(path: "state/watch.json"))
        let status = try await agent.run {
            try await eventually("the officer is told") { agent.told("THE MACHINE'S CLOCK IS WRONG") == 1 }
            try await eventually("the checks run all the same") { agent.runs > 5 }
            #expect(try agent.said("device.status-changed") == 0)
        }
        #expect(status == 0)
        let kept = try JSON(parsing: Array(Data(contentsOf: agent.home.appending(path: "state/watch.json"))))
        #expect(kept["seenAt"] == "2099-01-01T00:00:00Z")
    }

    @Test("a state file of no JSON is told, and the watching begins without a past") func garbage() async throws {
        let agent = try WatchingAgent()
        try agent.watchDevice(0)
        try Data([0xFF, 0x00, 0x01]).write(to: agent.home.appending(path: "state/watch.json"))
        let status = try await agent.run {
            try await eventually("the officer is told") { agent.told("what was seen before cannot be read") == 1 }
            try await eventually("the device is watched") { try agent.said("device.status-changed") == 1 }
        }
        #expect(status == 0)
    }
}
