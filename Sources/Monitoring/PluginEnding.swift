import Foundation
import Processes
import Values

/// How the run of a check plugin ended.
public enum PluginEnding: Hashable, Sendable {
    /// It ended by itself with this exit code.
    case exited(Int32)
    /// A signal ended it.
    case signalled(Int32)
    /// It was still running after this long and was killed with all its children.
    case timedOut(after: Span)
    /// It could not be started; why, as a sentence.
    case notStarted(String)
    /// Whoever asked for the check no longer wanted it.
    case cancelled

    /// The status, and the reason where it is not the plugin's own word.
    var verdict: (status: CheckStatus, reason: String?) {
        switch self {
        case .exited(let code):
            if let status = CheckStatus(exitCode: code) { return (status, nil) }
            return (.unknown, "the plugin ended with exit code \(code), which is none of 0 to 3; run it by hand to see why")
        case .signalled(let signal): return (.unknown, "the plugin was ended by signal \(signal)")
        case .timedOut(let span): return (.unknown, "the plugin gave no answer within \(span) and was killed")
        case .notStarted(let reason): return (.unknown, reason)
        case .cancelled: return (.unknown, "the check was cancelled before it answered")
        }
    }
}

extension PluginEnding {
    /// How the run of a plugin ended, with the reason in words where it did not start.
    init(_ ending: ProgramResult.Ending, of plugin: Plugin) {
        switch ending {
        case .exited(let code): self = .exited(code)
        case .signalled(let signal): self = .signalled(signal)
        case .timedOut(let span): self = .timedOut(after: span)
        case .cancelled: self = .cancelled
        case .notStarted(let obstacle): self = .notStarted(PluginEnding.words(obstacle, plugin.executable))
        }
    }

    private static func words(_ obstacle: ProgramResult.Obstacle, _ executable: String) -> String {
        switch obstacle {
        case .noDescriptors: return "the plugin could not be started: this process has no descriptors left; raise its limit (LimitNOFILE)"
        case .relativePath: return "the plugin \(executable) is no absolute path; give one, such as /usr/lib/nagios/plugins/check_tcp"
        case .codeLost(let code): return "the plugin's exit code was lost (\(reason(code))); SIGCHLD must not be ignored"
        case .system(let code):
            let isMissing = code == ENOENT
            let advice = isMissing ? "check its path and that its package (monitoring-plugins-basic?) is installed" : "check that it is an executable file"
            return "the plugin \(executable) could not be started (\(reason(code))); \(advice)"
        }
    }
}
