import Regulation
import Values

/// The words of one line. In quotation marks a word may hold blanks; what follows `#` is a comment.
struct Words {
    private(set) var rest: [String] = []
    /// Whether every quotation mark has its counterpart.
    let isComplete: Bool

    init(_ line: some StringProtocol) {
        var word = ""
        var isQuoted = false
        for character in line {
            if character == "\"" { isQuoted.toggle() }
            if !isQuoted, character == "#", word.isEmpty { break }
            if isQuoted || !character.isWhitespace {
                word.append(character)
            } else if !word.isEmpty {
                rest.append(word)
                word = ""
            }
        }
        if !word.isEmpty { rest.append(word) }
        isComplete = !isQuoted
    }

    var isEmpty: Bool { rest.isEmpty }
    var text: String { rest.joined(separator: " ") }

    mutating func take() -> String? { rest.isEmpty ? nil : Words.unquoted(rest.removeFirst()) }

    /// Takes the next word if it is one of these.
    mutating func take(_ words: [String]) -> Bool {
        guard let first = rest.first?.lowercased(), words.contains(first) else { return false }
        rest.removeFirst()
        return true
    }

    /// Takes the next word if something can be read from it.
    mutating func take<Value>(_ read: (String) -> Value?) -> Value? {
        guard let value = rest.first.flatMap({ read(Words.unquoted($0)) }) else { return nil }
        rest.removeFirst()
        return value
    }

    /// Takes one of these words, wherever it stands, with the word after it: `as SC-1`.
    mutating func takePair(_ words: [String]) -> String? {
        guard let index = rest.firstIndex(where: { words.contains($0.lowercased()) }), index + 1 < rest.count else { return nil }
        rest.remove(at: index)
        return Words.unquoted(rest.remove(at: index))
    }

    /// Takes one of these words, wherever it stands.
    mutating func takeFlag(_ words: [String]) -> Bool {
        guard let index = rest.firstIndex(where: { words.contains($0.lowercased()) }) else { return false }
        rest.remove(at: index)
        return true
    }

    /// Takes all words of the form `name=value`.
    mutating func takeFields() -> [(name: String, value: String)] {
        var fields: [(String, String)] = []
        rest.removeAll { word in
            guard let sign = word.firstIndex(of: "="), sign > word.startIndex, !word[..<sign].contains("\"") else { return false }
            fields.append((String(word[..<sign]), Words.unquoted(String(word[word.index(after: sign)...]))))
            return true
        }
        return fields
    }

    /// Without quotation marks, which JSON keeps.
    private static func unquoted(_ word: String) -> String { word.first == "{" || word.first == "[" ? word : word.replacing("\"", with: "") }
}

/// A time of day as a scenario writes it: `08:00`, `08:00:30`, `08:00:30.500`, `24:00`.
struct ClockTime {
    /// Since midnight.
    let span: Span
    /// Whether seconds are told.
    let hasSeconds: Bool

    init?(_ text: String) {
        guard let time = TimeOfDay(String(text.prefix(5))) else { return nil }
        let tail = text.dropFirst(5)
        hasSeconds = !tail.isEmpty
        guard !tail.isEmpty else {
            span = .minutes(Int64(time.minutes))
            return
        }
        // The seconds are read as RFC 3339 reads them.
        guard tail.first == ":", let rest = Instant(rfc3339: "1970-01-01T00:00\(tail)Z") else { return nil }
        span = .minutes(Int64(time.minutes)) + Span(milliseconds: rest.milliseconds)
    }
}

/// What is wrong with a line, and what to write instead.
struct Fault: Error {
    var text: Wording
    init(vi: String, en: String) { text = Wording(vi: vi, en: en) }
}
