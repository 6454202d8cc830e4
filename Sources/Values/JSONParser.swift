/// Why a text is not JSON as the wire contract wants it, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, in English.
    public let reason: String
    /// What is wrong, in Vietnamese.
    public let vietnamese: String
    /// The byte at which it is wrong, from 0.
    public let offset: Int

    /// The reason and the place.
    public var description: String { "\(reason) (byte \(offset))" }
}

extension JSON {
    /// The deepest nesting that is read.
    public static let maximumDepth = 64

    /// Reads one JSON value that takes up the whole input. Refused with the place: anything that is no JSON, a key twice in an object,
    /// nesting deeper than `maximumDepth`, invalid UTF-8, a lone surrogate, a number too large for a double.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        let result = bytes.withUnsafeBufferPointer { JSON.parse($0) }
        self = try result.get()
    }

    /// Reads one JSON value from a string, as `init(parsing:)` does from bytes.
    public init(parsing text: String) throws(JSONError) { try self.init(parsing: Array(text.utf8)) }

    /// Reads one JSON value from the bytes of a file that a person may have written: a byte order mark before it, which some editors put there, says nothing;
    /// a text in UTF-16 is called what it is.
    public init(parsingFile bytes: [UInt8]) throws(JSONError) { try self.init(parsing: Array(JSON.text(inFile: bytes))) }

    /// The text of a file without the byte order mark before it. On the wire there is none: RFC 8259, section 8.1.
    /// - Throws: if it is in UTF-16.
    public static func text(inFile bytes: [UInt8]) throws(JSONError) -> ArraySlice<UInt8> {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return bytes.dropFirst(3) }
        // A JSON text begins with two ASCII characters; half of each is then a zero byte.
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(2).contains(0) {
            throw JSONError(reason: "the text is in UTF-16; save it as UTF-8", vietnamese: "tệp ở dạng UTF-16; đề nghị lưu lại dạng UTF-8", offset: 0)
        }
        return bytes[...]
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSON, JSONError> {
        var parser = JSONParser(bytes: bytes)
        do throws(JSONError) { return .success(try parser.document()) } catch { return .failure(error) }
    }
}

/// A recursive-descent reader over bytes. It lives no longer than the buffer it reads, which `JSON.parse` lends it.
private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func document() throws(JSONError) -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw error("text after the end of the JSON value", "còn chữ sau khi giá trị JSON đã hết") }
        return value
    }

    private func error(_ reason: String, _ vietnamese: String, at offset: Int? = nil) -> JSONError {
        JSONError(reason: reason, vietnamese: vietnamese, offset: offset ?? position)
    }
    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        skipSpace()
        guard let first = next else { throw error("the JSON ends too early", "JSON kết thúc giữa chừng") }
        switch first {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), 48...57: return try number()
        default: throw error("no JSON value begins here", "ở đây không bắt đầu một giá trị JSON nào")
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count, (0..<length).allSatisfy({ bytes[position + $0] == text.utf8Start[$0] }) else {
            throw error("no JSON value begins here", "ở đây không bắt đầu một giá trị JSON nào")
        }
        position += length
        return value
    }

    private func check(depth: Int) throws(JSONError) {
        if depth > JSON.maximumDepth { throw error("nested deeper than \(JSON.maximumDepth) levels", "lồng sâu quá \(JSON.maximumDepth) tầng") }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSON {
        try check(depth: depth)
        position += 1
        var members: [JSONObject.Member] = []
        skipSpace()
        if next == UInt8(ascii: "}") {
            position += 1
            return .object(JSONObject())
        }
        // An envelope has about a dozen members, what it holds has a few.
        members.reserveCapacity(depth == 1 ? 12 : 4)
        // Comparing with every earlier key is quickest for the few members a message has; past a handful a set keeps it linear.
        var seen: Set<[UInt8]> = []
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a member's name in quotation marks is missing", "thiếu tên mục trong ngoặc kép") }
            let start = position
            let key = try string()
            let isDuplicate: Bool
            if members.count < 16 {
                isDuplicate = members.contains { $0.isNamed(key) }
            } else {
                if seen.isEmpty { seen = Set(members.map { Array($0.key.utf8) }) }
                isDuplicate = !seen.insert(Array(key.utf8)).inserted
            }
            if isDuplicate {
                throw error("the member \"\(excerpt(key))\" stands twice in one object", "mục “\(excerpt(key))” có hai lần trong một đối tượng", at: start)
            }
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw error("a colon is missing after \"\(excerpt(key))\"", "thiếu dấu hai chấm sau “\(excerpt(key))”") }
            position += 1
            members.append(.init(key: key, value: try value(depth: depth)))
            skipSpace()
            switch next {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(JSONObject(members: members))
            case nil: throw error("the JSON ends too early", "JSON kết thúc giữa chừng")
            default: throw error("a comma or } is missing", "thiếu dấu phẩy hoặc }")
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSON {
        try check(depth: depth)
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        while true {
            elements.append(try value(depth: depth))
            skipSpace()
            switch next {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            case nil: throw error("the JSON ends too early", "JSON kết thúc giữa chừng")
            default: throw error("a comma or ] is missing", "thiếu dấu phẩy hoặc ]")
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        var isInteger = true
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (48...57).contains($0) } ?? false }
        if next == UInt8(ascii: "-") { position += 1 }
        guard isDigit(next) else { throw error("a digit is missing", "thiếu chữ số") }
        if next == UInt8(ascii: "0") {
            position += 1
            if isDigit(next) { throw error("a number begins with 0", "số bắt đầu bằng 0", at: start) }
        } else {
            while isDigit(next) { position += 1 }
        }
        if next == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard isDigit(next) else { throw error("a digit is missing after the point", "thiếu chữ số sau dấu chấm") }
            while isDigit(next) { position += 1 }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            guard isDigit(next) else { throw error("a digit is missing in the exponent", "thiếu chữ số ở phần mũ") }
            while isDigit(next) { position += 1 }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else { throw error("a number too large", "số quá lớn", at: start) }
        return .double(value)
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        let isASCII = skipPlainText()
        guard let end = next else { throw error("a string has no end", "chuỗi không có ngoặc kép đóng", at: start - 1) }
        if end == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
        guard end == UInt8(ascii: "\"") else { throw error("a control character stands in a string", "trong chuỗi có ký tự điều khiển") }
        // The common string has no escape, and is taken as one piece; ASCII, as most are, need not be looked through again.
        if isASCII {
            let content = UTF8Span(unchecked: UnsafeBufferPointer(rebasing: bytes[start..<position]).span, isKnownASCII: true)
            position += 1
            return String(copying: content)
        }
        guard let content = try? UTF8Span(validating: UnsafeBufferPointer(rebasing: bytes[start..<position]).span) else {
            throw invalidUTF8(in: start..<position)
        }
        position += 1
        return String(copying: content)
    }

    /// Goes on to the next quotation mark, backslash or control character, eight bytes at a time while none of the eight is one of them; whether all that was
    /// passed is ASCII.
    private mutating func skipPlainText() -> Bool {
        // The top bits of all that was passed.
        var passed: UInt64 = 0
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        // The top bit of each byte that is less than a small number, exact up to the first such byte.
        func isLess(_ word: UInt64, than limit: UInt64) -> UInt64 { (word &- ones &* limit) & ~word & tops }
        let raw = UnsafeRawBufferPointer(bytes)
        while position + 8 <= bytes.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quotes = isLess(word ^ ones &* UInt64(UInt8(ascii: "\"")), than: 1)
            let found = quotes | isLess(word ^ ones &* UInt64(UInt8(ascii: "\\")), than: 1) | isLess(word, than: 0x20)
            if found != 0 {
                let before = found.trailingZeroBitCount / 8
                position += before
                passed |= word & ~(~0 << UInt64(before * 8))
                return passed & tops == 0
            }
            passed |= word
            position += 8
        }
        while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            passed |= UInt64(byte)
            position += 1
        }
        return passed & tops == 0
    }

    /// The refusal of a string's bytes as written, at the first that is wrong. Escapes are ASCII and change nothing in what stands beside them.
    private func invalidUTF8(in range: Range<Int>) -> JSONError {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span.extracting(range))
            return error("invalid UTF-8 in a string", "chuỗi không đúng UTF-8", at: range.lowerBound)
        } catch {
            return self.error("invalid UTF-8 in a string", "chuỗi không đúng UTF-8", at: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    private mutating func stringWithEscapes(from start: Int) throws(JSONError) -> String {
        var content = Array(bytes[start..<position])
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else { throw invalidUTF8(in: start..<position - 1) }
                return text
            case UInt8(ascii: "\\"): try escape(into: &content)
            case 0..<0x20: throw error("a control character stands in a string", "trong chuỗi có ký tự điều khiển", at: position - 1)
            default: content.append(byte)
            }
        }
        throw error("a string has no end", "chuỗi không có ngoặc kép đóng", at: start - 1)
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
        guard let letter = next else { throw error("the JSON ends too early", "JSON kết thúc giữa chừng") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            let start = position - 2
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                guard next == UInt8(ascii: "\\") else { throw error("half a surrogate pair", "chỉ có nửa cặp surrogate", at: start) }
                position += 1
                guard next == UInt8(ascii: "u") else { throw error("half a surrogate pair", "chỉ có nửa cặp surrogate", at: start) }
                position += 1
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw error("half a surrogate pair", "chỉ có nửa cặp surrogate", at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair", "chỉ có nửa cặp surrogate", at: start) }
            content.append(contentsOf: Character(scalar).utf8)
        default: throw error("no such escape in a string", "trong chuỗi có \\ không đúng phép", at: position - 2)
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw error("four hexadecimal digits are missing", "thiếu bốn chữ số hệ 16")
            }
            code = code << 4 + UInt32(digit)
            position += 1
        }
        return code
    }
}
