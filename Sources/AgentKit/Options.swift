import Regulation

/// An option of a command line.
public struct Option: Sendable {
    /// Its name without the dashes: `broker`.
    public var name: String
    /// What stands for its value in the help, `URI`; nil for a switch.
    public var value: String?
    /// The environment variable that gives it where the command line does not.
    public var variable: String?
    /// Whether it may be given more than once.
    public var isRepeatable: Bool
    /// What it is for.
    public var help: Wording

    /// An option.
    public init(_ name: String, value: String? = nil, variable: String? = nil, isRepeatable: Bool = false, help: Wording) {
        (self.name, self.value, self.variable, self.isRepeatable, self.help) = (name, value, variable, isRepeatable, help)
    }
}

/// What is wrong with a command line and what to do about it, or the help that it asked for.
public struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What to print.
    public var text: Wording
    /// What to exit with: `EX_USAGE`, or 0 where help was asked for.
    public var exitStatus: Int32

    /// A mistake in the command line.
    public init(_ text: Wording) { (self.text, exitStatus) = (text, ExitStatus.usage) }

    /// The help that was asked for, which goes to standard output.
    public static func help(_ text: Wording) -> UsageError {
        var error = UsageError(text)
        error.exitStatus = ExitStatus.ok
        return error
    }

    /// In English.
    public var description: String { text.en }
}

/// Exit statuses, as `sysexits.h` numbers them.
public enum ExitStatus {
    /// Done.
    public static let ok: Int32 = 0
    /// The command line is wrong.
    public static let usage: Int32 = 64
    /// The input is wrong.
    public static let data: Int32 = 65
    /// The broker's host is unknown.
    public static let noHost: Int32 = 68
    /// The broker could not be reached.
    public static let unavailable: Int32 = 69
    /// A mistake in the program.
    public static let software: Int32 = 70
    /// A file could not be written.
    public static let cannotCreate: Int32 = 73
    /// The broker does not let this account in, or not do this.
    public static let noPermission: Int32 = 77
    /// Something is set up wrongly: here, or at the broker.
    public static let configuration: Int32 = 78
}

/// A command line, read: options by name, and the operands in order.
public struct ParsedOptions: Sendable {
    private var given: [String: [String]] = [:]
    private var defaults: [String: String] = [:]
    /// What stood there beside the options.
    public private(set) var operands: [String] = []

    /// Reads a command line (without the program's name). `--name value` and `--name=value` are the same; what follows `--` is an operand.
    /// An option that is not given takes the value of its environment variable, an empty one counting as none.
    public init(_ arguments: [String], environment: [String: String], options: [Option], allowsOperands: Bool = false) throws(UsageError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                operands += rest
                break
            }
            let isHelp = argument == "-h"
            guard argument.hasPrefix("--") || isHelp else {
                operands.append(argument)
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = isHelp ? "help" : String(parts[0])
            guard let option = options.first(where: { $0.name == name }) else {
                let known = options.map { "--" + $0.name }.joined(separator: ", ")
                throw UsageError(
                    Wording(vi: "không có tùy chọn --\(name); dùng một trong: \(known)", en: "there is no option --\(name); use one of \(known)"))
            }
            let value: String
            if let placeholder = option.value {
                guard let found = parts.count == 2 && !isHelp ? String(parts[1]) : rest.popFirst(), !found.isEmpty else {
                    throw UsageError(
                        Wording(vi: "--\(name) cần một giá trị: --\(name) \(placeholder)", en: "--\(name) needs a value: --\(name) \(placeholder)"))
                }
                value = found
            } else {
                guard parts.count < 2 else {
                    throw UsageError(
                        Wording(
                            vi: "--\(name) không nhận giá trị; bỏ phần sau dấu =",
                            en: "--\(name) takes no value; leave out what follows the ="))
                }
                value = ""
            }
            if given[name] != nil && !option.isRepeatable && option.value != nil {
                throw UsageError(Wording(vi: "--\(name) được ghi hai lần; bỏ bớt một", en: "--\(name) is given twice; leave one out"))
            }
            given[name, default: []].append(value)
        }
        if !allowsOperands, let operand = operands.first {
            throw UsageError(
                Wording(
                    vi: "không rõ \"\(operand)\" để làm gì; bỏ đi, hoặc xem --help",
                    en: "\"\(operand)\" means nothing here; leave it out, or see --help"))
        }
        for option in options {
            if let variable = option.variable, let value = environment[variable], !value.isEmpty { defaults[option.name] = value }
        }
    }

    /// The value of an option: from the command line, else from its environment variable.
    public subscript(name: String) -> String? { given[name]?.last ?? defaults[name] }

    /// All values of an option that may be repeated.
    public func all(_ name: String) -> [String] { given[name] ?? defaults[name].map { [$0] } ?? [] }

    /// Whether a switch is on.
    public func has(_ name: String) -> Bool { given[name] != nil }

    /// The help on options, one a line, in two columns.
    public static func help(on options: [Option]) -> Wording {
        let rows = options.map { option in ("--" + option.name + (option.value.map { " " + $0 } ?? ""), option) }
        let width = rows.map(\.0.count).max() ?? 0
        func text(_ language: Language) -> String {
            rows.map { left, option in
                let variable = option.variable.map { " (\($0))" } ?? ""
                return "  " + left + String(repeating: " ", count: width - left.count + 2) + option.help[language] + variable
            }.joined(separator: "\n")
        }
        return Wording(vi: text(.vi), en: text(.en))
    }
}
