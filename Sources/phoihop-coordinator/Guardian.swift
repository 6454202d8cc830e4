import AgentKit
import Build
import Coordination
import Foundation
import Regulation
import Values

/// The process that was started. It folds nothing: it starts the coordinator as its child, ends as that ends, and starts it anew where it fell by its own fault.
/// At the third start at one place, the child has what it fell over set aside before it reads the ledger.
struct Guardian {
    /// The variable that tells a child where its page lies.
    static let handVariable = "PHOIHOP_HAND"
    /// The variable that tells a child what to set aside first.
    static let setAsideVariable = "PHOIHOP_SET_ASIDE"

    /// The variable that tells a child which descriptor ends when the guardian does.
    static let lifelineVariable = "PHOIHOP_LIFELINE"

    private let path: String
    private let hand: Hand
    private let log: Logger
    private var falls = Falls()

    /// A guardian whose page lies in a directory. Nil where there is no room for one.
    init?(home: String, log: Logger) {
        // One a process: two coordinators may share a home.
        path = "\(home)/hand-\(getpid())"
        do throws(FileError) { try makeDirectory(home.hasSuffix("/") ? String(home.dropLast()) : home) } catch {
            log.write(.warning, error.text)
            return nil
        }
        guard let hand = Hand(path) else {
            log.write(.warning, FileError(.open, path).text)
            return nil
        }
        (self.hand, self.log) = (hand, log)
    }

    /// Runs the coordinator until it ends; gives its exit status.
    mutating func run() -> Int32 {
        defer { unlink(path) }
        // Waited for below, one after another; blocked before the child is born, so that none is lost.
        var awaited = sigset_t()
        sigemptyset(&awaited)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGCHLD] { sigaddset(&awaited, number) }
        sigprocmask(SIG_BLOCK, &awaited, nil)
        var setAside: InHand = .nothing
        while true {
            hand.hold(.nothing)
            var lifeline = [Int32](repeating: -1, count: 2)
            guard pipe(&lifeline) == 0, fcntl(lifeline[1], F_SETFD, FD_CLOEXEC) == 0 else { return EX_OSERR }
            let started = start(setAside, lifeline[0])
            close(lifeline[0])
            guard let child = started else { return EX_OSERR }
            setAside = .nothing
            let ending = wait(for: child, awaited)
            close(lifeline[1])
            switch falls.childEnded(ending, holding: hand.held, build: Build.id) {
            case .end(let status): return status
            case .start(let milliseconds):
                tell(ending, "it is started again", "khởi động lại")
                usleep(useconds_t(milliseconds * 1000))
            case .setAside(let thing):
                tell(ending, "it is started again, and what it fell over is set aside", "khởi động lại và gác lại nội dung gây lỗi")
                setAside = thing
            }
        }
    }

    private func tell(_ ending: Falls.Ending, _ en: String, _ vi: String) {
        log.write(
            .error, Wording(vi: "điều phối ngã (\(ending)) khi xử lý \(hand.held): \(vi)", en: "the coordinator fell (\(ending)) over \(hand.held): \(en)"))
    }

    /// Starts this program again as the coordinator itself.
    private func start(_ setAside: InHand, _ lifeline: Int32) -> pid_t? {
        var environment = ProcessInfo.processInfo.environment
        environment[Guardian.handVariable] = path
        environment[Guardian.lifelineVariable] = String(lifeline)
        environment[Guardian.setAsideVariable] = Guardian.text(setAside)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var child = pid_t()
        // The program that runs now, also where its file has been replaced since: a newer one is not what fell.
        let status = posix_spawn(&child, "/proc/self/exe", nil, &attributes, arguments, variables)
        guard status == 0 else {
            let reason = String(cString: strerror(status))
            log.write(.error, Wording(vi: "không khởi động được điều phối: \(reason)", en: "the coordinator cannot be started: \(reason)"))
            return nil
        }
        return child
    }

    private func wait(for child: pid_t, _ awaited: sigset_t) -> Falls.Ending {
        var awaited = awaited
        while true {
            var number = Int32()
            sigwait(&awaited, &number)
            guard number == SIGCHLD else {
                kill(child, number)
                continue
            }
            var status = Int32()
            guard waitpid(child, &status, WNOHANG) == child else { continue }
            let signal = status & 0x7F
            return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
        }
    }

    // MARK: In the child

    /// What a child holds in its hand page and what it must set aside; nil in a process that has no guardian.
    static func child(in environment: [String: String]) -> (hand: Hand, setAside: InHand)? {
        guard let path = environment[handVariable], let hand = Hand(path) else { return nil }
        // Whoever kills the guardian means the coordinator: its end of the pipe closes with it, however it ends.
        if let text = environment[lifelineVariable], let lifeline = Int32(text) {
            Thread.detachNewThread {
                var byte = UInt8()
                while read(lifeline, &byte, 1) < 0, errno == EINTR {}
                kill(getpid(), SIGKILL)
            }
        }
        return (hand, thing(environment[setAsideVariable] ?? ""))
    }

    private static func text(_ thing: InHand) -> String? {
        switch thing {
        case .nothing: nil
        case .record(let id, let offset): "record \(offset) \(id)"
        case .obligation(let id): "obligation \(id)"
        }
    }

    private static func thing(_ text: String) -> InHand {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        switch words.first {
        case "record": if words.count >= 2, let offset = Int64(words[1]) { return .record(id: words.count == 3 ? words[2] : "", offset: offset) }
        case "obligation": return .obligation(String(text.dropFirst("obligation ".count)))
        default: break
        }
        return .nothing
    }
}
