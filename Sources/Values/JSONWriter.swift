extension JSON {
    /// The value as UTF-8 on one line, members in their order, as short as JSON allows.
    public var bytes: [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        write(to: &output)
        return output
    }

    /// The value as a string on one line.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The value over several lines, two spaces a level.
    public var indentedText: String {
        var output: [UInt8] = []
        write(to: &output, indent: 0)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the value on one line, or over several where `indent` gives the level to begin at.
    public func write(to output: inout [UInt8], indent: Int? = nil) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): output.append(contentsOf: String(value).utf8)
        case .double(let value):
            // JSON has no infinity and no NaN.
            output.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .string(let value): JSON.write(string: value, to: &output)
        case .array(let elements): JSON.write(list: elements, "[", "]", to: &output, indent: indent) { $0.write(to: &$1, indent: $2) }
        case .object(let object):
            JSON.write(list: object.members, "{", "}", to: &output, indent: indent) { member, output, indent in
                JSON.write(string: member.key, to: &output)
                output.append(UInt8(ascii: ":"))
                if indent != nil { output.append(UInt8(ascii: " ")) }
                member.value.write(to: &output, indent: indent)
            }
        }
    }

    private static func write<T>(
        list: [T], _ open: Unicode.Scalar, _ close: Unicode.Scalar, to output: inout [UInt8], indent: Int?, _ element: (T, inout [UInt8], Int?) -> Void
    ) {
        func newLine(_ level: Int) {
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: level * 2))
        }
        output.append(UInt8(ascii: open))
        for (index, item) in list.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            if let indent { newLine(indent + 1) }
            element(item, &output, indent.map { $0 + 1 })
        }
        if let indent, !list.isEmpty { newLine(indent) }
        output.append(UInt8(ascii: close))
    }

    private static func write(string: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { utf8 in
            // What stands between two characters to escape is taken over in one piece, mostly the whole string.
            var written = 0
            for index in utf8.indices where utf8[index] < 0x20 || utf8[index] == UInt8(ascii: "\"") || utf8[index] == UInt8(ascii: "\\") {
                output.append(contentsOf: utf8[written..<index])
                output.append(contentsOf: escape(utf8[index]).utf8)
                written = index + 1
            }
            output.append(contentsOf: utf8[written...])
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\""): return #"\""#
        case UInt8(ascii: "\\"): return #"\\"#
        case 0x0A: return #"\n"#
        case 0x0D: return #"\r"#
        case 0x09: return #"\t"#
        default:
            let hex = String(byte, radix: 16)
            return (hex.count == 1 ? #"\u000"# : #"\u00"#) + hex
        }
    }
}
