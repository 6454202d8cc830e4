import Foundation
import Values

/// A program, what to call it with, and all of the environment that it gets.
package struct ProgramCall: Hashable, Sendable {
    /// The executable, as an absolute path.
    package var executable: String
    /// Its arguments, as they are: no shell reads them.
    package var arguments: [String]
    /// The environment, `NAME=value`. Nothing of this process's own is passed on, which may hold secrets.
    package var environment: [String]
    /// The file that it reads on standard input. A file, not a pipe: a program started elsewhere at that moment could inherit the pipe's other end and keep it open.
    package var input = "/dev/null"

    /// The environment in which the system's own tools run and speak as documented.
    package static let plainEnvironment = ["LC_ALL=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]

    /// A call of a program.
    package init(_ executable: String, _ arguments: [String] = [], environment: [String] = ProgramCall.plainEnvironment, input: String = "/dev/null") {
        (self.executable, self.arguments, self.environment, self.input) = (executable, arguments, environment, input)
    }
}

/// What a program left behind.
package struct ProgramResult: Hashable, Sendable {
    /// How a run ended.
    package enum Ending: Hashable, Sendable {
        /// The program ended by itself with this exit code.
        case exited(Int32)
        /// A signal ended it.
        case signalled(Int32)
        /// It was still running after this long and was killed with all its children.
        case timedOut(after: Span)
        /// Whoever asked for it no longer wanted it.
        case cancelled
        /// It could not be started.
        case notStarted(Obstacle)
    }
    /// Why a program was not started, or its exit code is not known.
    package enum Obstacle: Error, Hashable {
        /// This process has no descriptors left.
        case noDescriptors
        /// The executable is no absolute path.
        case relativePath
        /// The system refused, with this error number.
        case system(Int32)
        /// It ran, but its exit code was lost, with this error number: SIGCHLD is ignored.
        case codeLost(Int32)
    }

    /// How it ended.
    package var ending: Ending
    /// The beginning of its standard output.
    package var output: [UInt8]
    /// The beginning of its standard error.
    package var errors: [UInt8]

    /// A result of these parts.
    package init(_ ending: Ending, output: [UInt8] = [], errors: [UInt8] = []) { (self.ending, self.output, self.errors) = (ending, output, errors) }
}

extension ProgramCall {
    /// Runs the program on a thread of its own, so that neither the cooperative threads nor another run wait for one that hangs.
    ///
    /// It runs in a process group of its own, with no descriptor of ours. When it ends, or its time is over, or the task is cancelled, its whole group is killed.
    /// A descendant that leaves the group (`setsid`) escapes. Of its output so many bytes are kept; the rest is read and thrown away.
    package func run(timeout: Span, outputLimitBytes: Int) async -> ProgramResult {
        guard let cancellation = OwnedPipe() else { return ProgramResult(.notStarted(.noDescriptors)) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    ChildProcess.run(self, timeout: timeout, outputLimitBytes: outputLimitBytes, cancellation: cancellation) {
                        continuation.resume(returning: $0)
                    }
                }
            }
        } onCancel: {
            cancellation.signal()
        }
    }

    /// The same on the calling thread, until `cancellation` is signalled.
    package func run(timeout: Span, outputLimitBytes: Int, cancellation: OwnedPipe) -> ProgramResult {
        var result = ProgramResult(.cancelled)
        ChildProcess.run(self, timeout: timeout, outputLimitBytes: outputLimitBytes, cancellation: cancellation) { result = $0 }
        return result
    }
}

/// One run of a program, from start to reaping, on the calling thread.
enum ChildProcess {
    private static let errorLimitBytes = 4 * 1024
    /// How often a program is tried that is busy because it is just being replaced, and how long each wait is, in microseconds.
    private static let busyTries = 20
    private static let busyMicroseconds: UInt32 = 50_000

    /// Runs a program and gives its result to `finish`, once. Returns when the process is reaped, which may be later than `finish`
    /// if the kernel cannot end it at once (a hung network disk).
    static func run(_ call: ProgramCall, timeout: Span, outputLimitBytes: Int, cancellation: OwnedPipe, finish: (ProgramResult) -> Void) {
        let deadline = Deadline(after: timeout)
        guard let output = Reader(limitBytes: outputLimitBytes), let errors = Reader(limitBytes: errorLimitBytes), let ended = OwnedPipe() else {
            return finish(ProgramResult(.notStarted(.noDescriptors)))
        }
        let process: pid_t
        switch spawn(call, output: output.pipe.writeEnd, errors: errors.pipe.writeEnd) {
        case .success(let started): process = started
        case .failure(let failure): return finish(ProgramResult(.notStarted(failure)))
        }
        // Waits for the end without reaping, so that the id, and with it the group's, cannot come to mean another process before the group is killed.
        Thread.detachNewThread {
            awaitExit(of: process)
            ended.signal()
        }
        var interruption: ProgramResult.Ending?
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
            finish(ProgramResult(interruption, output: output.bytes, errors: errors.bytes))
            _ = reap(process)
        } else {
            // The program has ended and its group is dead: what it wrote is in the pipes.
            let ending = reap(process)
            output.drain()
            errors.drain()
            finish(ProgramResult(ending, output: output.bytes, errors: errors.bytes))
        }
    }

    // MARK: Ending

    private static func awaitExit(of process: pid_t) {
        var info = siginfo_t()
        while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    private static func reap(_ process: pid_t) -> ProgramResult.Ending {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            // A parent that ignores SIGCHLD has its children reaped by the kernel, and their answer lost.
            if errno != EINTR { return .notStarted(.codeLost(errno)) }
        }
        // wait(2): the low seven bits hold the signal, the next eight bits above the core flag the exit code.
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }

    // MARK: Starting

    private static func spawn(_ call: ProgramCall, output: Int32, errors: Int32) -> Result<pid_t, ProgramResult.Obstacle> {
        guard call.executable.hasPrefix("/") else { return .failure(.relativePath) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, call.input, O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        for descriptor in 3..<descriptorsToClose() { posix_spawn_file_actions_addclose(&actions, descriptor) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A child inherits which signals are ignored or blocked; a program must be able to die of them.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        let arguments = CStrings([call.executable] + call.arguments)
        let environment = CStrings(call.environment)
        var process: pid_t = 0
        var code = posix_spawn(&process, call.executable, &actions, &attributes, arguments.pointers, environment.pointers)
        for _ in 0..<busyTries where code == ETXTBSY {
            usleep(busyMicroseconds)
            code = posix_spawn(&process, call.executable, &actions, &attributes, arguments.pointers, environment.pointers)
        }
        return code == 0 ? .success(process) : .failure(.system(code))
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
