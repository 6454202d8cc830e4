import Foundation
import Messages
import Regulation
import Synchronization
import Values

/// Runs the operator's own programs for each message: the message's JSON on standard input, type, case and drill in the environment. Runs wait on disk, so that a
/// restart forgets none and a slow program holds nothing up but its own queue.
public final class Hooks: Sendable {
    /// The directory's name in an agent's home.
    public static let directoryName = "hooks"

    /// How a program is run. Times are in seconds.
    public struct Limits: Sendable {
        /// How long a run may take.
        public var timeoutSeconds = 30.0
        /// How often a run is tried, and the waits in between.
        public var waitsSeconds = [1.0, 5.0]
        /// How much of what it writes is kept, in bytes.
        public var outputBytes = 8192
        /// The defaults.
        public init() {}
    }

    private let programs: [String]
    private let path: String
    private let offset: Span
    private let limits: Limits
    private let log: Logger
    private let count = Atomic<Int>(0)
    private let isStopping = Atomic<Bool>(false)
    private let workers: [Worker]

    /// One thread a program: wakes up when a run is added, and at the end.
    private final class Worker: Sendable {
        let semaphore = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
    }

    /// Opens the queue of runs in an agent's home and goes on with those left from before.
    public init(programs: [String], home: URL, offset: Span, limits: Limits = Limits(), log: Logger) throws(FileError) {
        (self.programs, self.offset, self.limits, self.log) = (programs, offset, limits, log)
        path = home.path(percentEncoded: false).trimmingSuffix("/") + "/" + Hooks.directoryName
        workers = programs.map { _ in Worker() }
        if programs.isEmpty { return }
        for place in ["", "/tmp", "/failed"] + programs.map({ "/" + Hooks.queueName($0) }) { try makeDirectory(path + place) }
        for (worker, program) in zip(workers, programs) {
            let thread = Thread { [self] in work(program, worker) }
            thread.name = "hook"
            thread.start()
            worker.semaphore.signal()
        }
    }

    /// A program's queue is named after it, so that it finds its runs again whatever other hooks there are.
    private static func queueName(_ program: String) -> String {
        (program.split(separator: "/").last.map(String.init) ?? "hook") + "-" + fnv1a(program.utf8)
    }

    /// Adds a run of each program. When this returns, the runs survive a power cut.
    public func enqueue(_ received: Received) throws(FileError) {
        if programs.isEmpty { return }
        let content = received.event.json(offset: offset).bytes + Array("\n".utf8)
        let number = count.add(1, ordering: .relaxed).newValue
        for (program, worker) in zip(programs, workers) {
            let queue = path + "/" + Hooks.queueName(program)
            let name = "\(padded(Clock.realNow.milliseconds, 15))-\(padded(Int64(number), 6))-\(getpid()).json"
            try writeDurably(content, temporary: "\(path)/tmp/\(name)", to: "\(queue)/\(name)", in: queue)
            worker.semaphore.signal()
        }
    }

    /// How many runs wait, those under way included.
    public var pendingCount: Int {
        programs.reduce(0) { $0 + ((try? namesInDirectory(path + "/" + Hooks.queueName($1)).count) ?? 0) }
    }

    /// Ends the runs under way, which start anew after a restart, and waits for the threads.
    public func stop() {
        isStopping.store(true, ordering: .relaxed)
        for worker in workers { worker.semaphore.signal() }
        for worker in workers { worker.ended.wait() }
    }

    private func work(_ program: String, _ worker: Worker) {
        defer { worker.ended.signal() }
        let queue = path + "/" + Hooks.queueName(program)
        while true {
            worker.semaphore.wait()
            for name in (try? namesInDirectory(queue)) ?? [] {
                if isStopping.load(ordering: .relaxed) { return }
                run(program, "\(queue)/\(name)", name, worker)
            }
            if isStopping.load(ordering: .relaxed) { return }
        }
    }

    private func run(_ program: String, _ file: String, _ name: String, _ worker: Worker) {
        do throws(FileError) {
            let input = try readFile(file)
            var reason = ""
            for attempt in 0...limits.waitsSeconds.count {
                if attempt > 0 { wait(limits.waitsSeconds[attempt - 1], worker) }
                if isStopping.load(ordering: .relaxed) { return }
                let run = HookRun(program: program, input: file, environment: environment(input), limits: limits) { [self] in
                    isStopping.load(ordering: .relaxed)
                }
                switch run.result() {
                case .done:
                    unlink(file)
                    return
                case .stopped: return
                case .failed(let why): reason = why
                }
                log.write(.warning, Wording(vi: "chương trình \(program) lỗi: \(reason)", en: "the hook \(program) failed: \(reason)"))
            }
            let record: JSON = ["program": .string(program), "reason": .string(reason), "event": (try? JSON(parsing: input)) ?? .null]
            try writeDurably(Array((record.indentedText + "\n").utf8), temporary: "\(path)/tmp/\(name)", to: "\(path)/failed/\(name)", in: path + "/failed")
            unlink(file)
            log.write(
                .error,
                Wording(
                    vi: "chương trình \(program) không chạy được cho một tin sau \(limits.waitsSeconds.count + 1) lần; ghi lại tại \(path)/failed/\(name)",
                    en: "the hook \(program) failed \(limits.waitsSeconds.count + 1) times for one message; recorded in \(path)/failed/\(name)"))
        } catch {
            // The run stays in the queue, and is tried again with the next.
            log.write(.error, Wording(vi: "chương trình \(program): \(error.text.vi)", en: "the hook \(program): \(error)"))
        }
    }

    /// Waits, but not beyond the end.
    private func wait(_ seconds: Double, _ worker: Worker) {
        let deadline = monotonicSeconds() + seconds
        var swallowed = 0
        while !isStopping.load(ordering: .relaxed), monotonicSeconds() < deadline {
            if worker.semaphore.wait(timeout: .now() + max(0, deadline - monotonicSeconds())) == .success { swallowed += 1 }
        }
        // The signals stood for runs that were added meanwhile.
        for _ in 0..<swallowed { worker.semaphore.signal() }
    }

    private func environment(_ input: [UInt8]) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        guard let event = (try? JSON(parsing: input)).flatMap({ try? MessageReader.event(in: $0) }) else { return environment }
        environment["PHOIHOP_TYPE"] = event.type
        environment["PHOIHOP_SUBJECT"] = event.subject ?? ""
        environment["PHOIHOP_EXERCISE"] = event.exercise ? "true" : "false"
        return environment
    }
}

/// One run of a program, in a process group of its own so that its children end with it.
struct HookRun {
    enum Result: Equatable {
        case done
        case failed(String)
        /// It was ended because this program ends.
        case stopped
    }

    /// How often a run under way is looked at, in milliseconds.
    private static let pollMilliseconds: Int32 = 50

    let program: String
    /// The file that it reads on standard input.
    let input: String
    let environment: [String: String]
    let limits: Hooks.Limits
    let shouldStop: () -> Bool

    /// Runs the program to its end, or to the end of its time.
    func result() -> Result {
        var pipes: [Int32] = [-1, -1]
        guard pipe(&pipes) == 0 else { return .failed("no pipe: \(String(cString: strerror(errno)))") }
        for descriptor in pipes { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        defer { close(pipes[0]) }
        let spawned: (pid: pid_t, number: Int32)
        do throws(FileError) {
            defer { close(pipes[1]) }
            // The file itself, not a pipe: a program started elsewhere at this moment could inherit the pipe's other end and keep it open.
            spawned = spawn(standardInput: try Descriptor(opening: input, O_RDONLY), output: pipes[1])
        } catch { return .failed(error.description) }
        guard spawned.number == 0 else { return .failed("it does not start: \(String(cString: strerror(spawned.number)))") }
        return supervise(spawned.pid, output: pipes[0])
    }

    private func spawn(standardInput: Descriptor, output: Int32) -> (pid: pid_t, number: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput.number, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // This program ignores some signals; a hook begins with all of them as usual, and none held back.
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var number = posix_spawn(&pid, program, &actions, &attributes, arguments, variables)
        // A program that is just being replaced is busy for a moment.
        for _ in 0..<20 where number == ETXTBSY {
            usleep(50_000)
            number = posix_spawn(&pid, program, &actions, &attributes, arguments, variables)
        }
        return (pid, number)
    }

    private func supervise(_ pid: pid_t, output: Int32) -> Result {
        _ = fcntl(output, F_SETFL, fcntl(output, F_GETFL) | O_NONBLOCK)
        let deadline = monotonicSeconds() + limits.timeoutSeconds
        var text: [UInt8] = []
        var isOutputOpen = true
        var status: Int32 = 0
        while true {
            if waitpid(pid, &status, WNOHANG) == pid {
                // Its children, if any are left, end with it; what is in the pipe by then is read.
                kill(-pid, SIGKILL)
                while text.count < limits.outputBytes, drain(output, into: &text) == .some {}
                return verdict(status, text)
            }
            let isStopping = shouldStop()
            if isStopping || monotonicSeconds() >= deadline {
                kill(-pid, SIGKILL)
                waitpid(pid, &status, 0)
                return isStopping ? .stopped : .failed("it did not end within \(Int(limits.timeoutSeconds)) s" + tail(text))
            }
            var polled = pollfd(fd: isOutputOpen ? output : -1, events: Int16(POLLIN), revents: 0)
            poll(&polled, 1, HookRun.pollMilliseconds)
            if polled.revents != 0 { isOutputOpen = drain(output, into: &text) != .end }
        }
    }

    private enum Drained { case some, none, end }

    /// Reads once; beyond the bound what is read is thrown away, so that the program is not held up.
    private func drain(_ descriptor: Int32, into text: inout [UInt8]) -> Drained {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count == 0 { return .end }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? .none : .end }
        text += chunk[..<min(count, limits.outputBytes - text.count)]
        return .some
    }

    private func verdict(_ status: Int32, _ text: [UInt8]) -> Result {
        let signal = status & 0x7f
        if signal != 0 { return .failed("it was ended by signal \(signal)" + tail(text)) }
        let code = status >> 8 & 0xff
        return code == 0 ? .done : .failed("it ended with \(code)" + tail(text))
    }

    private func tail(_ text: [UInt8]) -> String {
        let line = singleLine(String(decoding: text, as: UTF8.self)).trimmingCharacters(in: .whitespaces)
        return line.isEmpty ? "" : ": " + String(line.suffix(500))
    }
}
