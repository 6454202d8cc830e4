/// A regular expression of the few means that identifiers need, matched in one pass without going back, whatever the text.
///
/// It holds for the whole text (`^…$`) and knows ASCII characters, `\` before a punctuation mark, classes `[a-z0-9-]`, groups with alternatives `(a|b)`, and the
/// repetitions `?`, `*`, `+`, `{n}`, `{n,m}`. Every character place is one bit of a machine word (Glushkov's construction), hence at most 64 of them.
struct Pattern: Sendable {
    /// Which places can take a byte, by byte.
    private let takers: [UInt64]
    /// Which places can come after a place, by place.
    private let followers: [UInt64]
    private let first: UInt64
    private let last: UInt64
    private let takesEmpty: Bool

    /// Compiles a pattern; the error says what lies outside the means above.
    init(_ text: String) throws(PatternError) {
        guard text.hasPrefix("^"), text.hasSuffix("$"), !text.hasSuffix("\\$"), text.count > 1 else {
            throw PatternError(reason: "a pattern begins with ^ and ends with $")
        }
        var reader = PatternReader(rest: Array(text.unicodeScalars.dropFirst().dropLast()))
        let node = try reader.alternatives()
        guard reader.rest.isEmpty else { throw PatternError(reason: "a bracket is closed that was not opened") }
        try self.init(node)
    }

    /// Hexadecimal digits in groups, each followed by a separator.
    init(ranges: [(count: Int, separator: Unicode.Scalar?)]) {
        let digit = PatternNode.place(Set("0123456789abcdefABCDEF".utf8))
        let nodes = ranges.flatMap { [PatternNode.repeated(digit, $0.count, $0.count)] + ($0.separator.map { [.place([UInt8(ascii: $0)])] } ?? []) }
        do { try self.init(.sequence(nodes)) } catch { preconditionFailure("\(error)") }
    }

    private init(_ node: PatternNode) throws(PatternError) {
        var builder = PatternBuilder()
        let part = try builder.add(node)
        (takers, followers) = (builder.takers, builder.followers)
        (first, last, takesEmpty) = (part.first, part.last, part.takesEmpty)
    }

    /// Whether the whole text is of this form.
    func matches(_ text: String) -> Bool {
        var candidates = first
        var reached: UInt64 = 0
        for byte in text.utf8 {
            guard byte < 0x80 else { return false }
            reached = candidates & takers[Int(byte)]
            if reached == 0 { return false }
            candidates = 0
            var places = reached
            while places != 0 {
                candidates |= followers[places.trailingZeroBitCount]
                places &= places - 1
            }
        }
        return text.isEmpty ? takesEmpty : reached & last != 0
    }
}

/// Why a pattern cannot be compiled.
struct PatternError: Error, CustomStringConvertible {
    let reason: String
    var description: String { reason }
}

private indirect enum PatternNode {
    case place(Set<UInt8>)
    case sequence([PatternNode])
    case choice([PatternNode])
    /// No upper bound where the last is nil.
    case repeated(PatternNode, Int, Int?)
}

private struct PatternReader {
    var rest: [Unicode.Scalar]

    mutating func alternatives() throws(PatternError) -> PatternNode {
        var nodes = [try sequence()]
        while rest.first == "|" {
            rest.removeFirst()
            nodes.append(try sequence())
        }
        return nodes.count == 1 ? nodes[0] : .choice(nodes)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let next = rest.first, next != "|", next != ")" { nodes.append(try repetition(of: atom())) }
        return .sequence(nodes)
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        let scalar = rest.removeFirst()
        switch scalar {
        case "(":
            let node = try alternatives()
            guard rest.first == ")" else { throw PatternError(reason: "a round bracket is not closed") }
            rest.removeFirst()
            return node
        case "[": return .place(try characterClass())
        case "\\": return .place([try escaped()])
        case ".", "^", "$", "*", "+", "?", "{", "}", "]": throw PatternError(reason: "\(scalar) cannot stand here")
        default: return .place([try ascii(scalar)])
        }
    }

    private mutating func repetition(of node: PatternNode) throws(PatternError) -> PatternNode {
        switch rest.first {
        case "?": rest.removeFirst(); return .repeated(node, 0, 1)
        case "*": rest.removeFirst(); return .repeated(node, 0, nil)
        case "+": rest.removeFirst(); return .repeated(node, 1, nil)
        case "{":
            guard let end = rest.firstIndex(of: "}") else { throw PatternError(reason: "a curly bracket is not closed") }
            let bounds = String(String.UnicodeScalarView(rest[1..<end])).split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(bounds.count), let low = bounds[0], let high = bounds[bounds.count - 1], low >= 0, low <= high, high <= 64 else {
                throw PatternError(reason: "a repetition is {n} or {n,m}, up to 64")
            }
            rest.removeFirst(end + 1)
            return .repeated(node, low, high)
        default: return node
        }
    }

    private mutating func characterClass() throws(PatternError) -> Set<UInt8> {
        var bytes: Set<UInt8> = []
        if rest.first == "^" { throw PatternError(reason: "a class cannot be negated") }
        while let scalar = rest.first, scalar != "]" {
            rest.removeFirst()
            let low = scalar == "\\" ? try escaped() : try ascii(scalar)
            if rest.count > 1, rest[0] == "-", rest[1] != "]" {
                rest.removeFirst()
                let end = rest.removeFirst()
                let high = end == "\\" ? try escaped() : try ascii(end)
                guard low <= high else { throw PatternError(reason: "a range runs backwards") }
                bytes.formUnion(low...high)
            } else {
                bytes.insert(low)
            }
        }
        guard !rest.isEmpty, !bytes.isEmpty else { throw PatternError(reason: "a class is empty or not closed") }
        rest.removeFirst()
        return bytes
    }

    private mutating func escaped() throws(PatternError) -> UInt8 {
        guard !rest.isEmpty else { throw PatternError(reason: "nothing follows a backslash") }
        let scalar = rest.removeFirst()
        guard !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else { throw PatternError(reason: "\\\(scalar) is not known") }
        return try ascii(scalar)
    }

    private func ascii(_ scalar: Unicode.Scalar) throws(PatternError) -> UInt8 {
        guard scalar.isASCII else { throw PatternError(reason: "\(scalar) is not ASCII") }
        return UInt8(ascii: scalar)
    }
}

private struct PatternBuilder {
    struct Part {
        var first: UInt64 = 0
        var last: UInt64 = 0
        var takesEmpty = true
    }

    var takers = [UInt64](repeating: 0, count: 128)
    var followers: [UInt64] = []

    mutating func add(_ node: PatternNode) throws(PatternError) -> Part {
        switch node {
        case .place(let bytes):
            guard followers.count < 64 else { throw PatternError(reason: "more than 64 character places") }
            let bit: UInt64 = 1 << UInt64(followers.count)
            followers.append(0)
            for byte in bytes { takers[Int(byte)] |= bit }
            return Part(first: bit, last: bit, takesEmpty: false)
        case .sequence(let nodes):
            var whole = Part()
            for node in nodes { whole = join(whole, try add(node)) }
            return whole
        case .choice(let nodes):
            var whole = Part(takesEmpty: false)
            for node in nodes {
                let part = try add(node)
                whole = Part(first: whole.first | part.first, last: whole.last | part.last, takesEmpty: whole.takesEmpty || part.takesEmpty)
            }
            return whole
        case .repeated(let node, let low, let high):
            var whole = Part()
            for copy in 0..<(high ?? max(low, 1)) {
                var part = try add(node)
                if copy >= low { part.takesEmpty = true }
                if high == nil, copy == max(low, 1) - 1 { link(part.last, to: part.first) }
                whole = join(whole, part)
            }
            return whole
        }
    }

    private mutating func join(_ before: Part, _ after: Part) -> Part {
        link(before.last, to: after.first)
        return Part(
            first: before.takesEmpty ? before.first | after.first : before.first, last: after.takesEmpty ? before.last | after.last : after.last,
            takesEmpty: before.takesEmpty && after.takesEmpty)
    }

    private mutating func link(_ places: UInt64, to next: UInt64) {
        for place in followers.indices where places & 1 << UInt64(place) != 0 { followers[place] |= next }
    }
}
