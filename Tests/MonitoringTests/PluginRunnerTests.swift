import Foundation
import Testing
import Values

@testable import Monitoring

private let plugins = "/usr/lib/nagios/plugins/"

private func nagios(_ name: String, _ arguments: [String]) throws -> Plugin {
    Plugin(try installed(plugins + name, package: "monitoring-plugins-basic"), arguments)
}

/// A plugin written for one test.
private func script(_ text: String, in directory: URL) throws -> Plugin {
    let file = directory.appendingPathComponent("check_\(UInt32.random(in: 0...UInt32.max))")
    try text.write(to: file, atomically: true, encoding: .utf8)
    // Started through sh: a file just written may be "busy" while a child of another test holds it open.
    return Plugin("/bin/sh", [file.path])
}

private func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try await body()
    return (clock.now - start) / .seconds(1)
}

@Suite struct PluginRunnerTests {
    @Test(arguments: [("0", CheckStatus.ok, "OK: LED"), ("1", .warning, "WARNING: LED"), ("2", .critical, "CRITICAL: LED"), ("3", .unknown, "UNKNOWN: LED")])
    func `check_dummy gives what it is told`(code: String, status: CheckStatus, summary: String) async throws {
        let result = await PluginRunner().run(try nagios("check_dummy", [code, "LED|panels=12;10;8;0;12"]))
        #expect((result.status, result.summary, result.reason) == (status, summary, nil))
        #expect(result.performance == [PerformanceDatum(label: "panels", value: 12, warning: "10", critical: "8", minimum: 0, maximum: 12)])
    }

    @Test func `check_tcp tells an open port from a closed one, and how long it took`() async throws {
        let server = try LoopbackServer()
        let open = await PluginRunner().run(try nagios("check_tcp", ["-H", "127.0.0.1", "-p", "\(server.port)"]))
        #expect(open.status == .ok)
        #expect(open.performance.first?.label == "time")
        #expect(open.performance.first?.unit == "s")
        #expect(open.performance.first?.value != nil)
        let closed = await PluginRunner().run(try nagios("check_tcp", ["-H", "127.0.0.1", "-p", "\(try LoopbackServer.freePort())"]))
        #expect(closed.status == .critical)
        withExtendedLifetime(server) {}
    }

    @Test func `check_procs counts processes`() async throws {
        let result = await PluginRunner().run(try nagios("check_procs", ["-c", "1:100000"]))
        #expect(result.status == .ok)
        #expect(result.performance.first?.label == "procs")
    }

    @Test func `a plugin that hangs is killed with its children`() async throws {
        try await withDirectory { directory in
            let pids = directory.appendingPathComponent("pids")
            let plugin = try script("echo HALF A LINE; sleep 300 & echo $$ $! > \(pids.path); wait", in: directory)
            let took = await seconds {
                let result = await PluginRunner(timeout: .seconds(1)).run(plugin)
                #expect(result.status == .unknown)
                #expect(result.reason == "the plugin gave no answer within PT1S and was killed")
                #expect(result.summary == "HALF A LINE")
            }
            #expect(took < 5)
            let processes = try String(contentsOf: pids, encoding: .utf8).split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
            #expect(processes.count == 2)
            #expect(await eventually { !processes.contains(where: isAlive) })
        }
    }

    @Test func `a plugin that answers and leaves a child with its output open is not waited for, and the child is killed`() async throws {
        try await withDirectory { directory in
            let pids = directory.appendingPathComponent("pids")
            let plugin = try script("sleep 300 & echo $! > \(pids.path); echo OK; exit 0", in: directory)
            let took = await seconds {
                let result = await PluginRunner(timeout: .seconds(20)).run(plugin)
                #expect((result.status, result.summary) == (.ok, "OK"))
            }
            #expect(took < 5)
            let child = try #require(Int32(try String(contentsOf: pids, encoding: .utf8).trimmed))
            #expect(await eventually { !isAlive(child) })
        }
    }

    @Test func `a plugin that floods its output is heard out, and only the beginning is kept`() async throws {
        try await withDirectory { directory in
            let plugin = try script("head -c 20000000 /dev/zero | tr '\\0' x; exit 1", in: directory)
            let result = await PluginRunner(outputLimitBytes: 1_000).run(plugin)
            #expect(result.status == .warning)
            #expect(result.summary == String(repeating: "x", count: 1_000))
        }
    }

    @Test func `a flood without end is ended by the timeout`() async throws {
        let took = await seconds {
            let result = await PluginRunner(timeout: .seconds(1)).run(Plugin("/usr/bin/yes"))
            #expect(result.status == .unknown)
            #expect(result.reason == "the plugin gave no answer within PT1S and was killed")
            #expect(result.longOutput.utf8.count <= 64 * 1024)
        }
        #expect(took < 5)
    }

    @Test func `a plugin that dies by a signal is unknown`() async throws {
        try await withDirectory { directory in
            let result = await PluginRunner().run(try script("echo so far so good; kill -SEGV $$", in: directory))
            #expect((result.status, result.summary, result.reason) == (.unknown, "so far so good", "the plugin was ended by signal 11"))
        }
    }

    @Test func `an exit code without a meaning is unknown, and standard error speaks where the output is silent`() async throws {
        try await withDirectory { directory in
            let result = await PluginRunner().run(try script("no-such-command-at-all", in: directory))
            #expect(result.status == .unknown)
            #expect(result.reason?.contains("exit code 127") == true)
            #expect(result.summary.contains("no-such-command-at-all"))
        }
    }

    @Test func `what cannot be started is unknown, with what to do`() async throws {
        try await withDirectory { directory in
            let plain = directory.appendingPathComponent("plain")
            try "text".write(to: plain, atomically: true, encoding: .utf8)
            for (path, words) in [
                ("/usr/lib/nagios/plugins/check_nothing", "No such file"), (plain.path, "Permission denied"), (directory.path, "Permission denied"),
                ("check_dummy", "no absolute path"),
            ] {
                let result = await PluginRunner().run(Plugin(path))
                #expect(result.status == .unknown)
                #expect(result.reason?.contains(words) == true, "\(result)")
            }
        }
    }

    @Test func `no shell reads the arguments`() async throws {
        let text = "$(id); `id` * \"a\" 'b' \\c"
        #expect(await PluginRunner().run(Plugin("/usr/bin/printf", ["%s", text])).summary == text)
    }

    @Test func `a plugin sees a plain environment, an empty input and no descriptor of ours`() async throws {
        setenv("PHOIHOP_TEST_SECRET", "secret", 1)
        let descriptor = open("/dev/null", O_RDONLY)
        #expect(descriptor > 2)
        defer { close(descriptor) }
        let environment = await PluginRunner().run(Plugin("/usr/bin/env"))
        let lines = (environment.summary + "\n" + environment.longOutput).split(separator: "\n")
        #expect(lines.map { $0.prefix { $0 != "=" } }.sorted() == ["LC_ALL", "PATH"])
        #expect(lines.contains("LC_ALL=C.UTF-8"))
        #expect(await PluginRunner().run(Plugin("/usr/bin/wc", ["-c"])).summary == "0")
        // The fourth is the directory that ls itself reads.
        let descriptors = await PluginRunner().run(Plugin("/usr/bin/ls", ["-x", "-w", "0", "/proc/self/fd"]))
        #expect(descriptors.summary.split(separator: " ") == ["0", "1", "2", "3"])
    }

    @Test func `a plugin leads a process group of its own, and no signal is blocked or ignored`() async throws {
        // Fields of proc(5) stat: 1 pid, 5 pgrp.
        let fields = await PluginRunner().run(Plugin("/usr/bin/cut", ["-d", " ", "-f", "1,5", "/proc/self/stat"])).summary.split(separator: " ")
        #expect(fields.count == 2 && fields[0] == fields[1])
        signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, SIG_DFL) }
        let signals = await PluginRunner().run(Plugin("/usr/bin/grep", ["-hE", "^Sig(Blk|Ign):", "/proc/self/status"]))
        let masks = (signals.summary + "\n" + signals.longOutput).split(separator: "\n").compactMap { UInt64($0.dropFirst(7).trimmed, radix: 16) }
        // The C library keeps signals 32 and 33 to itself and ignores them in every child it spawns.
        #expect(masks.map { $0 & 0x7FFF_FFFF } == [0, 0], "\(signals)")
    }

    @Test func `a cancelled check is killed at once`() async throws {
        let task = Task { await PluginRunner(timeout: .seconds(60)).run(Plugin("/usr/bin/sleep", ["300"])) }
        let took = await seconds {
            task.cancel()
            #expect(await task.value.reason == "the check was cancelled before it answered")
        }
        #expect(took < 5)
    }

    @Test func `plugins that hang hold up neither another plugin nor a task`() async throws {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<40 { group.addTask { _ = await PluginRunner(timeout: .seconds(120)).run(Plugin("/usr/bin/sleep", ["300"])) } }
            let took = await seconds {
                for _ in 0..<20 { #expect(await PluginRunner().run(Plugin("/usr/bin/printf", ["OK"])).status == .ok) }
                await Task.yield()
            }
            // Well under what the others hang for, and enough for a machine under load.
            #expect(took < 60)
            group.cancelAll()
        }
    }

    @Test func `no run leaves a zombie or a descriptor behind`() async throws {
        func descriptors() -> Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? .max }
        let before = descriptors()
        for _ in 0..<200 { _ = await PluginRunner().run(Plugin("/usr/bin/true")) }
        // Other tests run beside this one and hold descriptors of their own, though never 200 at once.
        #expect(await eventually { descriptors() < before + 150 })
        #expect(await eventually { zombies().isEmpty })
    }
}
