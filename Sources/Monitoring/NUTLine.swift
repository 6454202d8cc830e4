/// A line of the Network UPS Tools protocol: words between spaces, those with spaces inside in double quotes, `\` before a quote or a backslash
/// that means itself (docs/net-protocol.txt, "Command reference").
enum NUTLine {
    /// The words of a line; nil if a quote is not closed or nothing follows a backslash.
    static func words(_ line: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        var characters = line.makeIterator()
        while let character = characters.next() {
            switch character {
            case "\\":
                guard let next = characters.next() else { return nil }
                word = (word ?? "") + String(next)
            case "\"":
                isQuoted.toggle()
                word = word ?? ""
            case " ", "\t":
                if isQuoted {
                    word?.append(character)
                } else if let ended = word {
                    words.append(ended)
                    word = nil
                }
            default: word = (word ?? "") + String(character)
            }
        }
        guard !isQuoted else { return nil }
        return word.map { words + [$0] } ?? words
    }

    /// A line of these words, quoted where needed; nil if a word holds a control character, which could begin a second command.
    static func line(_ words: [String]) -> String? {
        guard words.allSatisfy({ $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F } }) else { return nil }
        return words.map(quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        guard word.isEmpty || word.contains(where: { " \"\\#=".contains($0) }) else { return word }
        return "\"" + word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
