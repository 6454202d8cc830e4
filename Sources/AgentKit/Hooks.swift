import Foundation
import Messages
import Processes
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
        /// How long after a fault of the disk the runs that wait are looked at again.
        public var retrySeconds = 10.0
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
        /// Ends the run under way.
        let cancellation: OwnedPipe
        let semaphore = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)

        init() throws(FileError) {
            guard let pipe = OwnedPipe() else { throw FileError(.open, "pipe") }
            cancellation = pipe
        }
    }

    /// Opens the queue of runs in an agent's home and goes on with those left from before.
    public init(programs: [String], home: URL, offset: Span, limits: Limits = Limits(), log: Logger) throws(FileError) {
        (self.programs, self.offset, self.limits, self.log) = (programs, offset, limits, log)
        path = home.path(percentEncoded: false).trimmingSuffix("/") + "/" + Hooks.directoryName
        workers = try programs.map { _ throws(FileError) in try Worker() }
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
        for worker in workers {
            worker.cancellation.signal()
            worker.semaphore.signal()
        }
        for worker in workers { worker.ended.wait() }
    }

    private func work(_ program: String, _ worker: Worker) {
        defer { worker.ended.signal() }
        let queue = path + "/" + Hooks.queueName(program)
        var isHindered = false
        while true {
            if isHindered { wait(limits.retrySeconds, worker) } else { worker.semaphore.wait() }
            isHindered = false
            var names: [String] = []
            do throws(FileError) { names = try namesInDirectory(queue) } catch {
                isHindered = true
                tell(error, program)
            }
            for name in names {
                if isStopping.load(ordering: .relaxed) { return }
                do throws(FileError) { try run(program, "\(queue)/\(name)", name, worker) } catch {
                    // The run stays in the queue, and is tried again after a while: the next message may be hours away.
                    isHindered = true
                    tell(error, program)
                }
            }
            if isStopping.load(ordering: .relaxed) { return }
        }
    }

    private func tell(_ error: FileError, _ program: String) {
        log.write(
            .error,
            Wording(
                vi: "chương trình \(program): \(error.text.vi). Sẽ thử lại sau \(Int(limits.retrySeconds)) giây",
                en: "the hook \(program): \(error). Trying again in \(Int(limits.retrySeconds)) s"))
    }

    private func run(_ program: String, _ file: String, _ name: String, _ worker: Worker) throws(FileError) {
        let input = try readFile(file)
        var reason = ""
        for attempt in 0...limits.waitsSeconds.count {
            if attempt > 0 { wait(limits.waitsSeconds[attempt - 1], worker) }
            if isStopping.load(ordering: .relaxed) { return }
            let call = ProgramCall(program, environment: environment(input).map { "\($0.key)=\($0.value)" }, input: file)
            let timeout = Span(milliseconds: Int64(limits.timeoutSeconds * 1000))
            let result = call.run(timeout: timeout, outputLimitBytes: limits.outputBytes, cancellation: worker.cancellation)
            if case .exited(0) = result.ending {
                unlink(file)
                return
            }
            guard let why = failure(result) else { return }
            reason = why
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
    }

    /// Why a run failed, with the last that the program said; nil where it was ended because this program ends.
    private func failure(_ result: ProgramResult) -> String? {
        let said = result.errors.isEmpty ? result.output : result.errors
        let line = singleLine(String(decoding: said, as: UTF8.self)).trimmingCharacters(in: .whitespaces)
        let tail = line.isEmpty ? "" : ": " + String(line.suffix(500))
        switch result.ending {
        case .exited(let code): return "it ended with \(code)" + tail
        case .signalled(let signal): return "it was ended by signal \(signal)" + tail
        case .timedOut: return "it did not end within \(Int(limits.timeoutSeconds)) s" + tail
        case .cancelled: return nil
        case .notStarted(.noDescriptors): return "it does not start: no descriptors are left"
        case .notStarted(.relativePath): return "it does not start: the path is not absolute"
        case .notStarted(.system(let number)): return "it does not start: \(String(cString: strerror(number)))"
        case .notStarted(.codeLost(let number)): return "its exit code is lost: \(String(cString: strerror(number)))"
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
