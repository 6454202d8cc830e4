import Foundation
import Messages
import Regulation
import Synchronization
import Testing
import Values

@testable import AgentKit

/// A directory of its own for a test, removed when the test lets go of it.
final class TemporaryDirectory: Sendable {
    let url: URL
    var path: String { url.path(percentEncoded: false).trimmingSuffix("/") }

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "agentkit-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func names(in place: String) -> [String] { (try? namesInDirectory(path + "/" + place)) ?? [] }

    /// Writes a program that a shell runs.
    func script(_ name: String, _ lines: String) throws -> String {
        let file = path + "/" + name
        try ("#!/bin/bash\n" + lines + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        chmod(file, 0o755)
        return file
    }
}

/// A log that keeps its lines.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func contains(_ text: String) -> Bool { all.contains { $0.contains(text) } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    func logger(_ level: Logger.Level = .debug) -> Logger { Logger(level: level, language: .en, offset: .hours(7), environment: [:]) { self.add($0) } }
}

struct NotInTime: Error, CustomStringConvertible { let description: String }

/// Returns as soon as the condition holds; fails if it does not within the time.
func eventually(
    _ what: String, withinSeconds limit: Double = 20, _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(limit)
    while try await !condition() {
        if clock.now > deadline { throw NotInTime(description: "not within \(Int(limit)) s: \(what)") }
        try await clock.sleep(for: .milliseconds(20))
    }
}

let noon = Instant(rfc3339: "2026-03-14T12:00:00+07:00") ?? Instant(milliseconds: 0)

/// An incident's notification, as the Border Guard sends it.
func notified(_ id: String = UUID().uuidString.lowercased(), exercise: Bool = false, title: String = "màn hình LED không hiển thị") -> Event {
    Event(
        id: id, sender: "border-guard", type: "incident.notified", subject: "SC-2026-014", time: noon,
        data: [
            "kind": "technical", "occurredAt": "2026-03-14T11:12:00+07:00", "title": .string(title), "officer": "Trực ban",
        ], exercise: exercise)
}

/// An election of a coordinator.
func elected(_ id: String, term: Int64) -> Event {
    Event(
        id: id, sender: "coordinator", type: "coordinator.elected", time: noon,
        data: ["term": .int(term), "instance": "host/1", "version": "1.0.0"])
}

/// A notice under an election.
func notice(_ id: String, election: String, to: PartyID) -> Event {
    Event(
        id: id, sender: "coordinator", type: "agent.silent", time: noon,
        data: [
            "party": "police", "lastSeenAt": "2026-03-14T11:00:00+07:00", "to": .string(to),
            "wording": ["vi": "[MẤT LIÊN LẠC] Công an tỉnh", "en": "[NO CONTACT] Provincial Police"],
        ], election: election)
}

func received(_ event: Event, to: String = "all") -> Received {
    Received(event: event, routingKey: RoutingKey(sender: event.sender, type: event.type, to: to).description, receivedAt: noon)
}
