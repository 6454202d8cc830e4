import AgentKit
import Messages
import Regulation

/// The commands of `phoihop`.
public enum Command: String, CaseIterable, Sendable {
    /// Say something to the other parties.
    case publish
    /// What is owed, and what is going on.
    case status
    /// Why something is owed, and how it stands.
    case explain
    /// What comes in, as it comes.
    case watch
    /// What came in.
    case inbox
    /// What may be said, and how.
    case describe
    /// Whether this machine, the broker and the coordinator are well.
    case doctor
    /// What the duty officer owes, each answered with one key.
    case desk
    /// What was said, from the beginning.
    case ledger
    /// Content for the Cluster: what is posted, and what is on its way.
    case content
    /// The files that messages name: whether each is what its message says.
    case files
    /// What was posted, and the ledger, in a folder of its own; and back.
    case backup
    /// The regulation as text: its duties, what is wrong in a file, what an amendment changes.
    case regulation
    /// A scenario played without a broker.
    case simulate
    /// The half-year and the year's figures, gathered from the ledger.
    case report
    /// Provisioning of the broker.
    case broker
    /// How to use all this.
    case help

    /// The command of this name.
    /// - Throws: usage, with the nearest known one.
    public init(named name: String) throws(Failure) {
        if let command = Command(rawValue: name) {
            self = command
            return
        }
        let known = Command.allCases.map(\.rawValue)
        let near = nearest(to: name.lowercased(), in: known)
        throw Failure(
            .usage,
            vi: "Không có lệnh “\(shown(name))”" + (near.map { "; có phải là phoihop \($0)?" } ?? ".") + " Các lệnh: \(known.joined(separator: ", "))",
            en: "There is no command “\(shown(name))”" + (near.map { "; did you mean phoihop \($0)?" } ?? ".") + " Commands: \(known.joined(separator: ", "))")
    }

    /// The flags that every command takes.
    public static let common: [Arguments.Option] = [
        .init("lang", .word, "vi|en"), .init("json", .none), .init("help", .none), .init("h", .none), .init("party", .word, "PARTY"),
        .init("broker", .word, "URI"),
        .init("home", .word, "DIR"), .init("regulation", .word, "FILE"), .init("clock", .word, "RATE@WALL=VIRTUAL"),
    ]

    /// The flags of its own; those of `publish` depend on the type.
    public var options: [Arguments.Option] {
        switch self {
        case .inbox: [.init("all", .none), .init("since", .words, "TIME")]
        case .ledger: [.init("follow", .none), .init("from", .words, "TIME"), .init("to", .words, "TIME"), .init("records", .word, "N")]
        case .status: [.init("all", .none), .init("digest", .none)]
        case .content: [.init("all", .none)]
        case .backup: [.init("keep", .word, "NUMBER"), .init("kept-until", .words, "DATE"), .init("place", .words, "TEXT"), .init("officer", .words, "TEXT")]
        case .regulation: [.init("markdown", .none)]
        case .simulate: [.init("acts", .none)]
        case .report:
            [
                .init("period", .word, "2026-H1"), .init("ledger", .word, "FILE"), .init("format", .word, "md|json|html"), .init("out", .word, "FILE"),
                .init("trace", .word, "FIGURE"),
            ]
        case .broker: [.init("secrets", .word, "DIR"), .init("drill", .none)]
        case .publish, .explain, .watch, .desk, .describe, .doctor, .files, .help: []
        }
    }
}

/// A command line, taken apart as far as can be without knowing the type of a message.
public struct Invocation: Sendable {
    /// The command; nil where none is named.
    public var command: Command?
    /// What `publish` is to publish.
    public var type: String?
    /// The flags and words.
    public var arguments: Arguments

    /// Reads a command line without the program's name.
    ///
    /// - Parameter regulation: the text in force, whose message types decide which flags `publish` takes; it is asked for with `publish` alone.
    /// - Throws: usage.
    public init(_ line: [String], regulation: () throws(Failure) -> Regulation = { .standard }) throws(Failure) {
        var rest = line
        let name = Invocation.takeWord(from: &rest)
        let command: Command? = if let name { try Command(named: name) } else { nil }
        self.command = command
        var options = Command.common + (command?.options ?? [])
        if command == .publish, case let regulation = try regulation(), let name = Invocation.takeType(from: &rest, regulation) {
            self.type = name
            let type = regulation.messageType(name)
            options += Composer.options(of: type)
            // An unknown type is told before the flags that it makes unknown.
            if type?.schema == nil {
                let known = rest.filter { $0 == "--json" || $0.hasPrefix("--lang=") || $0.hasPrefix("--party=") }
                let pairs = zip(rest, rest.dropFirst()).filter { ["--lang", "--party", "--regulation"].contains($0.0) }.flatMap { [$0.0, $0.1] }
                arguments = try Arguments(known + pairs, options: options)
                return
            }
        }
        arguments = try Arguments(rest, options: options)
    }

    /// Takes the message type: the first word, or, where a flag stands before it, the first that names a type and is no flag's value.
    private static func takeType(from line: inout [String], _ regulation: Regulation) -> String? {
        if let first = line.first, first.hasPrefix("--") {
            let known = line.indices.dropFirst().first { regulation.messageType(line[$0]) != nil && Arguments.key(line[$0 - 1]) != "regarding" }
            if let known { return line.remove(at: known) }
        }
        return takeWord(from: &line)
    }

    /// Takes the first word that is neither a flag nor the value of a common one.
    private static func takeWord(from line: inout [String]) -> String? {
        var index = 0
        while index < line.count {
            let word = line[index]
            if word == "--" { return nil }
            guard word.hasPrefix("-"), word.count > 1 else {
                line.remove(at: index)
                return word
            }
            let key = Arguments.key(word)
            let takesValue = Command.common.contains { Arguments.key($0.name) == key && $0.value != .none }
            index += takesValue ? 2 : 1
        }
        return nil
    }

    /// The value of a flag that every command takes, before the line is taken apart.
    public static func value(of flag: String, in line: [String]) -> String? {
        for (index, word) in line.enumerated() {
            if word == flag, index + 1 < line.count { return line[index + 1] }
            if word.hasPrefix(flag + "=") { return String(word.dropFirst(flag.count + 1)) }
        }
        return nil
    }

    /// The language asked for on the command line or by the environment; Vietnamese where neither says.
    public static func language(_ line: [String], _ environment: [String: String]) -> Language {
        value(of: "--lang", in: line).flatMap { Language(rawValue: $0.lowercased()) } ?? Configuration.language(in: environment)
    }
}
