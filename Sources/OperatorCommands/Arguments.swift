import Messages
import Regulation

/// What a command accepts after its name, and how it was used.
public struct Arguments: Sendable {
    /// A flag that a command knows.
    public struct Option: Sendable, Hashable {
        /// How a flag takes its value.
        public enum Value: Sendable, Hashable {
            /// It takes none.
            case none
            /// It takes the word that follows.
            case word
            /// It takes all words up to the next flag, so that a sentence needs no quotation marks.
            case words
            /// It is true by itself and may be followed by yes or no.
            case truth
        }
        /// The name as shown, without the hyphens before it: `occurred-at`.
        public var name: String
        /// How it takes its value.
        public var value: Value
        /// What stands for the value in help: `TIME`.
        public var placeholder: String

        /// A flag of this name.
        public init(_ name: String, _ value: Value, _ placeholder: String = "") { (self.name, self.value, self.placeholder) = (name, value, placeholder) }
    }

    /// The words that belong to no flag.
    public private(set) var words: [String] = []
    private var given: [String: [String]] = [:]

    /// Reads a command line. `--name value` and `--name=value` are the same; hyphens and capitals inside a name make no difference, so `--occurredAt` is
    /// `--occurred-at`. After `--` everything is a word.
    /// - Throws: usage, for an unknown flag (with the nearest known one) or a missing value; all of them at once.
    public init(_ line: some Sequence<String>, options: [Option]) throws(Failure) {
        let known = Dictionary(options.map { (Arguments.key($0.name), $0) }, uniquingKeysWith: { first, _ in first })
        var problems: [Wording] = []
        var rest = Array(line)[...]
        while let word = rest.popFirst() {
            if word == "--" {
                words += rest
                break
            }
            guard Arguments.isFlag(word) else {
                words.append(word)
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0].drop { $0 == "-" })
            let key = Arguments.key(name)
            // `--document.number` belongs to `document`.
            guard let option = known[key] ?? known[Arguments.key(String(name.prefix { $0 != "." }))] else {
                problems.append(.unknownFlag(String(parts[0]), known: options.map(\.name)))
                while let next = rest.first, !Arguments.isFlag(next) { rest.removeFirst() }
                continue
            }
            if parts.count == 2 {
                given[key, default: []].append(String(parts[1]))
                if option.value == .none { problems.append(.takesNoValue(option.name)) }
                continue
            }
            switch option.value {
            case .none: given[key, default: []].append("")
            case .truth:
                let next = rest.first.flatMap { truth($0) == nil ? nil : $0 }
                if next != nil { rest.removeFirst() }
                given[key, default: []].append(next ?? "true")
            case .word:
                guard let next = rest.first, !Arguments.isFlag(next) else {
                    problems.append(.needsValue(option))
                    continue
                }
                rest.removeFirst()
                given[key, default: []].append(next)
            case .words:
                let taken = rest.prefix { !Arguments.isFlag($0) }
                if taken.isEmpty { problems.append(.needsValue(option)) }
                rest = rest.dropFirst(taken.count)
                given[key, default: []].append(taken.joined(separator: " "))
            }
        }
        guard problems.isEmpty else {
            throw Failure(.usage, Wording(vi: "Lệnh chưa đúng:", en: "The command line is not right:"), problems: problems)
        }
    }

    /// Whether the flag was given.
    public func has(_ name: String) -> Bool { given[Arguments.key(name)] != nil }

    /// All values of a flag, in order.
    public func all(_ name: String) -> [String] { given[Arguments.key(name)] ?? [] }

    /// The one value of a flag, nil if it was not given.
    /// - Throws: usage, if it was given twice with different values.
    public func value(_ name: String) throws(Failure) -> String? {
        let values = all(name)
        guard Set(values).count <= 1 else {
            throw Failure(
                .usage, vi: "--\(name) được ghi nhiều lần (\(values.joined(separator: "; "))); đề nghị chỉ ghi một.",
                en: "--\(name) is given more than once (\(values.joined(separator: "; "))); give it once.")
        }
        return values.first
    }

    /// The flags below a name with their values: `document.number` and `document.date` below `document`.
    public func members(of name: String) -> [(path: String, value: String)] {
        let prefix = Arguments.key(name) + "."
        return given.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }.flatMap { entry in
            entry.value.map { (String(entry.key.dropFirst(prefix.count)), $0) }
        }
    }

    /// Checks that there are no more words than a command takes.
    public func expectWords(atMost count: Int) throws(Failure) {
        guard words.count > count else { return }
        let extra = words[count...].joined(separator: " ")
        throw Failure(
            .usage, vi: "Thừa “\(extra)”. Nếu đó là giá trị của một cờ, đề nghị ghi cờ trước nó; xem: phoihop help",
            en: "“\(extra)” is not expected here. If it is the value of a flag, write the flag before it; see: phoihop help")
    }

    /// A name without hyphens and capitals, by which flags are compared.
    public static func key(_ name: String) -> String { name.lowercased().filter { $0 != "-" && $0 != "_" } }

    private static func isFlag(_ word: String) -> Bool { (word.hasPrefix("--") && word.count > 2) || word == "--" || word == "-h" }
}

/// Yes or no, in either language; nil for anything else.
func truth(_ word: String) -> Bool? {
    switch word.lowercased() {
    case "true", "yes", "có", "co", "đúng": true
    case "false", "no", "không", "khong", "sai": false
    default: nil
    }
}

extension Wording {
    static func unknownFlag(_ flag: String, known: [String]) -> Wording {
        let name = String(flag.drop { $0 == "-" })
        let near = nearest(to: name.lowercased(), in: known).map { "--" + $0 }
        let list = Set(known).sorted().map { "--" + $0 }.joined(separator: " ")
        return Wording(
            vi: "không có cờ \(flag)" + (near.map { "; có phải là \($0)?" } ?? ". Các cờ dùng được: \(list)"),
            en: "there is no flag \(flag)" + (near.map { "; did you mean \($0)?" } ?? ". Known are: \(list)"))
    }
    static func needsValue(_ option: Arguments.Option) -> Wording {
        let form = "--\(option.name) \(option.placeholder.isEmpty ? "…" : option.placeholder)"
        return Wording(vi: "--\(option.name) cần một giá trị: \(form)", en: "--\(option.name) needs a value: \(form)")
    }
    static func takesNoValue(_ name: String) -> Wording {
        Wording(vi: "--\(name) không kèm giá trị", en: "--\(name) takes no value")
    }
}
