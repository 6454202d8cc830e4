import Foundation
import Messages
import Regulation
import Testing
import Values

@testable import AgentKit

@Suite struct HooksTests {
    private let directory: TemporaryDirectory
    private let lines = Lines()
    private var limits = Hooks.Limits()

    init() throws {
        directory = try TemporaryDirectory()
        limits.timeoutSeconds = 20
        limits.waitsSeconds = [0.05, 0.05]
    }

    private func hooks(_ programs: String...) throws -> Hooks {
        try Hooks(programs: programs, home: directory.url, offset: .hours(7), limits: limits, log: lines.logger())
    }

    private func text(_ name: String) -> String { (try? readFile(directory.path + "/" + name)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    @Test func aHookReadsTheMessageAndWhatItIsAbout() async throws {
        let program = try directory.script(
            "hook", "cat >\(directory.path)/in; echo \"$PHOIHOP_TYPE $PHOIHOP_SUBJECT $PHOIHOP_EXERCISE\" >\(directory.path)/env")
        let hooks = try hooks(program)
        defer { hooks.stop() }
        let event = notified("a", exercise: true)
        try hooks.enqueue(received(event))
        try await eventually("the hook has run") { hooks.pendingCount == 0 }
        #expect(try MessageReader.event(in: JSON(parsing: Array(text("in").utf8))) == event)
        #expect(text("env") == "incident.notified SC-2026-014 true\n")
        #expect(lines.all.isEmpty)
    }

    @Test func runsGoInOrder() async throws {
        let program = try directory.script("hook", "read -r line; echo \"$line\" >>\(directory.path)/in")
        let hooks = try hooks(program)
        defer { hooks.stop() }
        for number in 0..<20 { try hooks.enqueue(received(notified("id-\(number)"))) }
        try await eventually("the hooks have run") { hooks.pendingCount == 0 }
        let ids = text("in").split(separator: "\n").map { (try? JSON(parsing: Array($0.utf8)))?["id"]?.string }
        #expect(ids == (0..<20).map { "id-\($0)" })
    }

    @Test func aHookThatFailsIsTriedThreeTimesAndRecorded() async throws {
        let program = try directory.script("hook", "echo try >>\(directory.path)/tries; echo 'no modem' >&2; exit 3")
        let hooks = try hooks(program)
        defer { hooks.stop() }
        try hooks.enqueue(received(notified("a")))
        try await eventually("the hook has been given up") { hooks.pendingCount == 0 }
        #expect(text("tries") == "try\ntry\ntry\n")
        #expect(lines.contains("it ended with 3: no modem"))
        let failed = directory.names(in: "hooks/failed")
        #expect(failed.count == 1)
        let record = try JSON(parsing: try readFile("\(directory.path)/hooks/failed/\(failed[0])"))
        #expect(record["reason"]?.string == "it ended with 3: no modem")
        #expect(record[path: ["event", "id"]]?.string == "a")
    }

    @Test func aHookThatFailsOnceSucceedsTheNextTime() async throws {
        let program = try directory.script("hook", "[[ -e \(directory.path)/again ]] && exit 0; touch \(directory.path)/again; exit 1")
        let hooks = try hooks(program)
        defer { hooks.stop() }
        try hooks.enqueue(received(notified("a")))
        try await eventually("the hook has run") { hooks.pendingCount == 0 }
        #expect(directory.names(in: "hooks/failed").isEmpty)
    }

    @Test mutating func aHookThatHangsIsEndedWithItsChildren() async throws {
        limits.timeoutSeconds = 0.5
        limits.waitsSeconds = []
        let program = try directory.script("hook", "sleep 1000 & echo $! >\(directory.path)/child; wait")
        let hooks = try hooks(program)
        defer { hooks.stop() }
        try hooks.enqueue(received(notified("a")))
        try await eventually("the hook has been given up") { hooks.pendingCount == 0 }
        #expect(lines.contains("it did not end within"))
        let child = try #require(Int32(text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
        try await eventually("its child is gone") { kill(child, 0) != 0 || isZombie(child) }
    }

    private func isZombie(_ pid: pid_t) -> Bool {
        (try? readFile("/proc/\(pid)/stat")).map { String(decoding: $0, as: UTF8.self).contains(") Z ") } ?? true
    }

    @Test func aHookThatFloodsIsNeitherHeldUpNorKeptWhole() async throws {
        let program = try directory.script("hook", "head -c 20000000 /dev/zero | tr '\\0' x; exit 1")
        let hooks = try hooks(program)
        defer { hooks.stop() }
        try hooks.enqueue(received(notified("a")))
        try await eventually("the hook has been given up") { hooks.pendingCount == 0 }
        #expect(lines.all.allSatisfy { $0.count < 2000 })
        #expect(directory.names(in: "hooks/failed").count == 1)
    }

    @Test func aHookNeedNotReadAndOneThatIsNoProgramFails() async throws {
        let deaf = try directory.script("deaf", "exit 0")
        let hooks = try hooks(deaf, "/nowhere/hook")
        defer { hooks.stop() }
        try hooks.enqueue(received(notified("a", title: String(repeating: "x", count: 200_000))))
        try await eventually("both are done") { hooks.pendingCount == 0 }
        #expect(lines.contains("/nowhere/hook failed: it does not start: No such file or directory"))
        #expect(!lines.contains("deaf failed"))
    }

    @Test mutating func aSlowHookHoldsUpNoOther() async throws {
        limits.timeoutSeconds = 1000
        let slow = try directory.script("slow", "sleep 1000")
        let fast = try directory.script("fast", "echo ran >>\(directory.path)/ran")
        let hooks = try hooks(slow, fast)
        for number in 0..<3 { try hooks.enqueue(received(notified("\(number)"))) }
        try await eventually("the fast one has run") { text("ran") == "ran\nran\nran\n" }
        try await eventually("only the slow ones are left") { hooks.pendingCount == 3 }
        hooks.stop()
        #expect(hooks.pendingCount == 3, "what was under way starts anew after a restart")
    }

    @Test mutating func aRunThatTheDiskFailedIsTriedAgainWithoutWaitingForAnother() async throws {
        limits.retrySeconds = 0.1
        let program = try directory.script("hook", "exit 1")
        let hooks = try hooks(program)
        defer { hooks.stop() }
        let failed = directory.path + "/hooks/failed"
        try FileManager.default.removeItem(atPath: failed)
        try hooks.enqueue(received(notified("a")))
        try await eventually("the fault is told") { lines.contains("it does not exist. Trying again in") }
        #expect(hooks.pendingCount == 1)
        try FileManager.default.createDirectory(atPath: failed, withIntermediateDirectories: false)
        try await eventually("the run is recorded") { hooks.pendingCount == 0 && directory.names(in: "hooks/failed").count == 1 }
    }

    @Test func runsSurviveARestart() async throws {
        let blocked = try directory.script("hook", "[[ -e \(directory.path)/go ]] || sleep 1000; cat >>\(directory.path)/in")
        let first = try hooks(blocked)
        for number in 0..<3 { try first.enqueue(received(notified("id-\(number)"))) }
        first.stop()
        #expect(first.pendingCount == 3)
        try Data().write(to: directory.url.appending(path: "go"))
        let second = try hooks(blocked)
        defer { second.stop() }
        try await eventually("all have run") { second.pendingCount == 0 }
        #expect(text("in").split(separator: "\n").count == 3)
    }
}
