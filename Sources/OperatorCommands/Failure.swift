import Regulation

/// What the command returns to the shell, after `sysexits.h`.
public enum ExitCode: Int32, Sendable {
    /// Done, or kept safely to be done.
    case ok = 0
    /// A simulation did not come to what its scenario expects.
    case unexpected = 1
    /// The command line is not right.
    case usage = 64
    /// What was given to send is not right.
    case badData = 65
    /// The broker or the coordinator does not answer.
    case unavailable = 69
    /// Something cannot be written: the spool, a file.
    case cannotCreate = 73
    /// The broker does not permit it.
    case notPermitted = 77
}

/// Why a command did not do what was asked: what was wrong, where, and what to do, in words for the operator.
public struct Failure: Error, Sendable, Hashable {
    /// What the shell is told.
    public var code: ExitCode
    /// One sentence or more; a line each where there are several problems.
    public var message: Wording

    /// A failure in these words.
    public init(_ code: ExitCode, vi: String, en: String) { (self.code, message) = (code, Wording(vi: vi, en: en)) }

    /// A failure with several problems, one a line, below a heading.
    public init(_ code: ExitCode, _ heading: Wording, problems: [Wording]) {
        self.code = code
        message = heading.map { language, text in ([text] + problems.map { "  - " + $0[language].replacing("\n", with: "\n    ") }).joined(separator: "\n") }
    }
}
