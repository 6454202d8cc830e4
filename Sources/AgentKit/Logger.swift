import Foundation
import Regulation
import Values

/// Writes what happens to standard error, one line an entry: local time, level, message.
public struct Logger: Sendable {
    /// How much an entry matters.
    public enum Level: Int, Sendable, Comparable, CaseIterable {
        /// For those who look for a fault.
        case debug = 7
        /// What happens in the ordinary course.
        case info = 6
        /// What an operator should see.
        case notice = 5
        /// What may become a fault.
        case warning = 4
        /// What is one.
        case error = 3

        /// Less grave is less.
        public static func < (a: Level, b: Level) -> Bool { a.rawValue > b.rawValue }

        /// Its name on the command line.
        public var name: String { "\(self)" }

        /// The level of this name.
        public init?(name: String) {
            guard let level = Level.allCases.first(where: { $0.name == name }) else { return nil }
            self = level
        }

        fileprivate var label: String {
            switch self {
            case .debug: "debug  "
            case .info: "info   "
            case .notice: "notice "
            case .warning: "warning"
            case .error: "error  "
            }
        }
    }

    /// What is written; what matters less is not.
    public let level: Level
    /// In which language, where an entry comes in both.
    public let language: Language
    private let offset: Span
    private let marksPriority: Bool
    private let sink: @Sendable (String) -> Void

    /// A log at a level. Under systemd, which says so in JOURNAL_STREAM, each line begins with its priority. `sink` takes each line, newline included.
    public init(
        level: Level, language: Language, offset: Span, environment: [String: String], sink: @escaping @Sendable (String) -> Void = Logger.standardError
    ) {
        (self.level, self.language, self.offset, self.sink) = (level, language, offset, sink)
        marksPriority = environment["JOURNAL_STREAM"] != nil
    }

    /// Writes an entry in the operator's language.
    public func write(_ level: Level, _ text: @autoclosure () -> Wording) {
        if level >= self.level { write(level, line: text()[language]) }
    }

    /// Writes an entry that has no language, such as the broker's own words.
    public func write(_ level: Level, verbatim text: @autoclosure () -> String) {
        if level >= self.level { write(level, line: text()) }
    }

    private func write(_ level: Level, line: String) {
        let time = LocalTime(Clock.realNow, offset: offset)
        let stamp = "\(time.date) \(time.timeOfDay):\(time.second < 10 ? "0" : "")\(time.second)"
        sink((marksPriority ? "<\(level.rawValue)>" : "") + "\(stamp) \(level.label) \(singleLine(line))\n")
    }

    /// Standard error, each line in one write.
    public static let standardError: @Sendable (String) -> Void = { line in
        let bytes = Array(line.utf8)
        // Where the log cannot be written there is nobody to tell.
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// A text on one line: control characters, which could steer a terminal, become spaces.
public func singleLine(_ text: String) -> String {
    // The general category Cc of Unicode, looked for here because a flood makes many lines.
    func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { line.append(isControl(scalar) ? " " : scalar) }
    return String(line)
}

/// Tells systemd how the service does, where systemd started it and asks for that (NOTIFY_SOCKET).
struct Supervisor: Sendable {
    private let socketPath: String?
    /// How often systemd wants a sign of life, in seconds.
    let watchdogSeconds: Double?

    init(environment: [String: String]) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isForThis = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        // What systemd asks for is at least a millisecond, or it asks for nothing.
        watchdogSeconds = isForThis && microseconds >= 1000 ? Double(microseconds) / 1e6 : nil
    }

    func ready() { notify("READY=1") }
    func status(_ text: String) { notify("STATUS=" + singleLine(text)) }
    func watchdog() { if watchdogSeconds != nil { notify("WATCHDOG=1") } }
    func stopping() { notify("STOPPING=1") }

    private func notify(_ message: String) {
        guard let socketPath else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A leading @ stands for the zero byte of an abstract name.
        let name = Array((socketPath.hasPrefix("@") ? "\0" + socketPath.dropFirst() : socketPath).utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(message.utf8)
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
