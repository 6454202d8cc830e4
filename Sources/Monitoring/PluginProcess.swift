import Foundation
import Values

/// One run of a plugin, from start to reaping, on the calling thread.
enum PluginProcess {
    static let noDescriptors = "the plugin could not be started: this process has no descriptors left; raise its limit (LimitNOFILE)"
    private static let errorLimitBytes = 4 * 1024

    /// Runs a plugin and gives its result to `finish`, once. Returns when the process is reaped, which may be later than `finish`
    /// if the kernel cannot end it at once (a hung network disk).
    static func run(_ plugin: Plugin, timeout: Span, outputLimitBytes: Int, cancellation: OwnedPipe, finish: (CheckResult) -> Void) {
        let deadline = Deadline(after: timeout)
        guard let output = Reader(limitBytes: outputLimitBytes), let errors = Reader(limitBytes: errorLimitBytes), let ended = OwnedPipe() else {
            return finish(CheckResult(ending: .notStarted(noDescriptors), output: []))
        }
        let process: pid_t
        switch spawn(plugin, output: output.pipe.writeEnd, errors: errors.pipe.writeEnd) {
        case .success(let started): process = started
        case .failure(let failure): return finish(CheckResult(ending: .notStarted(failure.sentence), output: []))
        }
        // Waits for the end without reaping, so that the id, and with it the group's, cannot come to mean another process before the group is killed.
        Thread.detachNewThread {
            awaitExit(of: process)
            ended.signal()
        }
        var interruption: PluginEnding?
        while true {
            let descriptors = [ended.readEnd, cancellation.readEnd, output.pipe.readEnd, errors.pipe.readEnd]
            var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            _ = poll(&entries, nfds_t(entries.count), deadline.millisecondsLeft)
            output.drain()
            errors.drain()
            if entries[0].revents != 0 { break }
            if deadline.millisecondsLeft == 0 { interruption = .timedOut(after: timeout) }
            if entries[1].revents != 0 { interruption = .cancelled }
            if interruption != nil { break }
        }
        kill(-process, SIGKILL)
        if let interruption {
            output.drain()
            errors.drain()
            finish(CheckResult(ending: interruption, output: output.bytes, errors: errors.bytes))
            _ = reap(process)
        } else {
            // The plugin has ended and its group is dead: what it wrote is in the pipes.
            let ending = reap(process)
            output.drain()
            errors.drain()
            finish(CheckResult(ending: ending, output: output.bytes, errors: errors.bytes))
        }
    }

    // MARK: Ending

    private static func awaitExit(of process: pid_t) {
        var info = siginfo_t()
        while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    private static func reap(_ process: pid_t) -> PluginEnding {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            // A parent that ignores SIGCHLD has its children reaped by the kernel, and their answer lost.
            if errno != EINTR { return .notStarted("the plugin's exit code was lost (\(reason(errno))); SIGCHLD must not be ignored") }
        }
        // wait(2): the low seven bits hold the signal, the next eight bits above the core flag the exit code.
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }

    // MARK: Starting

    private struct StartFailure: Error {
        var sentence: String
    }

    private static func spawn(_ plugin: Plugin, output: Int32, errors: Int32) -> Result<pid_t, StartFailure> {
        guard plugin.executable.hasPrefix("/") else {
            return .failure(StartFailure(sentence: "the plugin \(plugin.executable) is no absolute path; give one, such as /usr/lib/nagios/plugins/check_tcp"))
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        for descriptor in 3..<descriptorsToClose() { posix_spawn_file_actions_addclose(&actions, descriptor) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A child inherits which signals are ignored or blocked; a plugin must be able to die of them.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        let arguments = CStrings([plugin.executable] + plugin.arguments)
        let environment = CStrings(["LC_ALL=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
        var process: pid_t = 0
        let code = posix_spawn(&process, plugin.executable, &actions, &attributes, arguments.pointers, environment.pointers)
        guard code == 0 else {
            let advice = code == ENOENT ? "check its path and that its package (monitoring-plugins-basic?) is installed" : "check that it is an executable file"
            return .failure(StartFailure(sentence: "the plugin \(plugin.executable) could not be started (\(reason(code))); \(advice)"))
        }
        return .success(process)
    }

    /// One more than the last descriptor a child must not inherit: the highest open now, and some that other threads may open meanwhile. A new one
    /// takes the lowest free number, so it falls below.
    private static func descriptorsToClose() -> Int32 {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.compactMap { Int32($0) } ?? []
        let limit = Int32(clamping: sysconf(Int32(_SC_OPEN_MAX)))
        return max(3, min((open.max() ?? 1_023) + 64, limit))
    }

    /// Strings as C wants a list of them: pointers, the last nil.
    private final class CStrings {
        let pointers: [UnsafeMutablePointer<CChar>?]

        init(_ strings: [String]) { pointers = strings.map { strdup($0) } + [nil] }

        deinit { for pointer in pointers { free(pointer) } }
    }

    /// The reading side of a pipe; keeps so many bytes and throws the rest away.
    private final class Reader {
        let pipe: OwnedPipe
        private(set) var bytes: [UInt8] = []
        private let limitBytes: Int

        init?(limitBytes: Int) {
            guard let pipe = OwnedPipe() else { return nil }
            (self.pipe, self.limitBytes) = (pipe, limitBytes)
        }

        /// Reads what is there, at most four times what a pipe holds, so that a flood cannot keep the reader from looking at its deadline.
        func drain() {
            var chunk = [UInt8](repeating: 0, count: 64 * 1024)
            for _ in 0..<4 {
                let count = chunk.withUnsafeMutableBytes { read(pipe.readEnd, $0.baseAddress, $0.count) }
                guard count > 0 else { return }
                bytes.append(contentsOf: chunk[..<min(count, limitBytes - bytes.count)])
            }
        }
    }
}
