import Testing
import Values

@Suite struct JSONWriterTests {
    static let written: [(JSON, String)] = [
        (.null, "null"), (true, "true"), (false, "false"), (.int(.min), "-9223372036854775808"), (.double(1), "1.0"), (.double(-0.0), "-0.0"),
        (.double(1e20), "1e+20"), (.double(.leastNonzeroMagnitude), "5e-324"), ([], "[]"), ([:], "{}"), ([1, [true, .null]], "[1,[true,null]]"),
        (["b": 1, "a": 2], #"{"b":1,"a":2}"#),
        ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#), ("\0\u{1}\u{8}\u{C}\u{1F}", #""\u0000\u0001\u0008\u000c\u001f""#),
        ("\u{7F}\u{2028}é😀", "\"\u{7F}\u{2028}é😀\""),
        (["a\"\n": 0], #"{"a\"\n":0}"#),
    ]

    @Test(arguments: written) func aValueIsWrittenOnOneLine(_ value: JSON, _ text: String) throws {
        #expect(value.text == text)
        #expect(try JSON(parsing: value.text).bytes == value.bytes)
    }

    @Test func severalLinesHaveTwoSpacesALevel() throws {
        let value: JSON = ["a": [1, [:], []], "b": ["c": "d"]]
        let lines = ["{", "  \"a\": [", "    1,", "    {},", "    []", "  ],", "  \"b\": {", "    \"c\": \"d\"", "  }", "}"]
        #expect(value.indentedText == lines.joined(separator: "\n"))
        #expect(try JSON(parsing: value.indentedText) == value)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func whatIsWrittenIsReadBackTheSame(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        for _ in 0..<25 {
            let value = random.value(depth: 0)
            #expect(try JSON(parsing: value.bytes).bytes == value.bytes, "seed \(seed)")
            #expect(try JSON(parsing: value.bytes) == value, "seed \(seed)")
            #expect(try JSON(parsing: value.indentedText) == value, "seed \(seed)")
        }
    }

    @Test func membersAreSetReplacedAndRemovedInPlace() {
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = 3
        object["c"] = 4
        object["b"] = nil
        object["none"] = nil
        #expect(JSON.object(object).text == #"{"a":3,"c":4}"#)
        #expect(JSON.compact(["a": nil, "b": .null, "c": 1]).text == #"{"b":null,"c":1}"#)
    }
}

/// Random numbers from a seed, the same on every machine.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func value(depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth < 5 ? 9 : 6), using: &self) {
        case 0: return .null
        case 1: return .bool(.random(using: &self))
        case 2: return .int(Int64(bitPattern: next() >> UInt64.random(in: 0..<64, using: &self)))
        case 3:
            let double = Double(bitPattern: next())
            return .double(double.isFinite ? double : 0.5)
        case 4, 5: return .string(string())
        case 6: return .array((0..<Int.random(in: 0..<6, using: &self)).map { _ in value(depth: depth + 1) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<24, using: &self) { object[string()] = value(depth: depth + 2) }
            return .object(object)
        }
    }

    private mutating func string() -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<12, using: &self) {
            let limit: UInt32 = [0x20, 0x80, 0x800, 0x110000].randomElement(using: &self) ?? 0x80
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &self)) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
