import Testing

@testable import Values

/// What the parser takes and what it refuses, after the categories of JSONTestSuite, in the stricter profile of the wire contract.
@Suite struct JSONParserTests {
    struct Accepted: Sendable, CustomTestStringConvertible {
        let text: String
        let value: JSON
        var testDescription: String { text }
        init(_ text: String, _ value: JSON) { (self.text, self.value) = (text, value) }
    }

    static let accepted: [Accepted] = [
        // Structures.
        Accepted("null", .null), Accepted("true", true), Accepted("false", false), Accepted(" \t\r\n[ ]\n", []), Accepted("{}", [:]),
        Accepted("[[],[[]]]", [[], [[]]]),
        Accepted(#"{"":0}"#, ["": 0]), Accepted(#"{"a":{"a":{"a":[1]}}}"#, ["a": ["a": ["a": [1]]]]),
        Accepted("{ \"a\" :\n1 , \"b\":[ 2 ,3 ] }", ["a": 1, "b": [2, 3]]),
        Accepted(#"{"a":1,"A":2}"#, ["a": 1, "A": 2]), Accepted(#"[{"a":1},{"a":2}]"#, [["a": 1], ["a": 2]]),
        // Numbers.
        Accepted("0", 0), Accepted("-0", 0), Accepted("-1", -1), Accepted("9223372036854775807", .int(.max)), Accepted("-9223372036854775808", .int(.min)),
        Accepted("9223372036854775808", .double(9_223_372_036_854_775_808)), Accepted("100000000000000000000", .double(1e20)),
        Accepted("0.5", 0.5), Accepted("-0.0", .double(-0.0)), Accepted("1.0", .double(1)), Accepted("1e3", .double(1000)), Accepted("1E+3", .double(1000)),
        Accepted("1e-2", .double(0.01)), Accepted("0e0", .double(0)), Accepted("0E-1", .double(0)), Accepted("1e00002", .double(100)),
        Accepted("1.7976931348623157e308", .double(.greatestFiniteMagnitude)), Accepted("5e-324", .double(.leastNonzeroMagnitude)),
        Accepted("1e-400", .double(0)), Accepted("0.1000000000000000055511151231257827", .double(0.1)),
        // Strings.
        Accepted(#""""#, ""), Accepted(#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), Accepted(#""\u0041\u00e9\u00E9""#, "Aéé"),
        Accepted(#""\u0000""#, "\0"), Accepted(#""\ud83d\ude00""#, "😀"), Accepted(#""\uD83D\uDE00""#, "😀"),
        Accepted(#""\uFFFF\uFDD0""#, .string(String(decoding: [0xEF, 0xBF, 0xBF, 0xEF, 0xB7, 0x90], as: UTF8.self))),
        Accepted(#""\uDBFF\uDFFF""#, "\u{10FFFF}"), Accepted("\"\u{7F}\u{80}\u{2028}\u{FEFF}\"", "\u{7F}\u{80}\u{2028}\u{FEFF}"),
        Accepted("\"Lào Cai – đồng 😀\"", "Lào Cai – đồng 😀"), Accepted(#""đ\u1ED3ng\n""#, "đ\u{1ED3}ng\n"), Accepted(#""\\u0041""#, #"\u0041"#),
    ]

    @Test(arguments: accepted) func whatTheContractAllowsIsRead(_ given: Accepted) throws {
        let value = try JSON(parsing: given.text)
        #expect(value == given.value)
        #expect(value.bytes == given.value.bytes, "equal to Swift, but of other bytes")
        #expect(value.kind == given.value.kind)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let bytes: [UInt8]
        let offset: Int
        let reason: String
        var testDescription: String { String(decoding: bytes.prefix(40), as: UTF8.self) }
        init(_ text: String, _ offset: Int, _ reason: String) { self.init(Array(text.utf8), offset, reason) }
        init(_ bytes: [UInt8], _ offset: Int, _ reason: String) { (self.bytes, self.offset, self.reason) = (bytes, offset, reason) }
        /// These bytes inside quotation marks.
        init(string bytes: [UInt8], _ offset: Int, _ reason: String = "invalid UTF-8") { self.init([0x22] + bytes + [0x22], offset, reason) }
    }

    static let brokenStructures: [Refused] = [
        Refused("", 0, "ends too early"), Refused("  ", 2, "ends too early"), Refused("[", 1, "ends too early"), Refused("[1", 2, "ends too early"),
        Refused("[1,", 3, "ends too early"), Refused("[1,]", 3, "no JSON value"), Refused("[,1]", 1, "no JSON value"), Refused("[1 2]", 3, "comma or ]"),
        Refused("[1}", 2, "comma or ]"), Refused("]", 0, "no JSON value"), Refused("[]]", 2, "after the end"), Refused("{", 1, "name"),
        Refused(#"{"a""#, 4, "colon"), Refused(#"{"a" 1}"#, 5, "colon"), Refused(#"{"a":"#, 5, "ends too early"), Refused(#"{"a":}"#, 5, "no JSON value"),
        Refused(#"{"a":1"#, 6, "ends too early"), Refused(#"{"a":1,}"#, 7, "name"), Refused(#"{,"a":1}"#, 1, "name"),
        Refused(#"{"a":1 "b":2}"#, 7, "comma or }"),
        Refused("{a:1}", 1, "name"), Refused("{'a':1}", 1, "name"), Refused("{1:1}", 1, "name"), Refused("{null:1}", 1, "name"),
        Refused(#"{"a":1]"#, 6, "comma or }"),
        Refused("nul", 0, "no JSON value"), Refused("True", 0, "no JSON value"), Refused("truex", 4, "after the end"), Refused("tru\u{0}", 0, "no JSON value"),
        Refused("1 2", 2, "after the end"), Refused("{} {}", 3, "after the end"), Refused("[]//", 2, "after the end"), Refused("/**/1", 0, "no JSON value"),
        Refused("\u{FEFF}{}", 0, "no JSON value"), Refused("{}\u{FEFF}", 2, "after the end"), Refused("{}\0", 2, "after the end"),
        Refused("\0", 0, "no JSON value"),
        Refused("[\u{A0}1]", 1, "no JSON value"), Refused("[\u{C}1]", 1, "no JSON value"), Refused([0x5B, 0xFF, 0x5D], 1, "no JSON value"),
        Refused([0x5B, 0x31, 0xE5, 0x5D], 2, "comma or ]"), Refused([0x7B, 0xFF, 0x22], 1, "name"), Refused([0x31, 0x80], 1, "after the end"),
        Refused([0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00], 0, "no JSON value"), Refused("undefined", 0, "no JSON value"), Refused("'a'", 0, "no JSON value"),
    ]

    static let brokenNumbers: [Refused] = [
        Refused("01", 0, "begins with 0"), Refused("[-01]", 1, "begins with 0"), Refused("00", 0, "begins with 0"), Refused("-", 1, "digit"),
        Refused("[-]", 2, "digit"),
        Refused("--1", 1, "digit"), Refused("+1", 0, "no JSON value"), Refused(".5", 0, "no JSON value"), Refused("-.5", 1, "digit"),
        Refused("1.", 2, "after the point"),
        Refused("[1.]", 3, "after the point"), Refused("1.e1", 2, "after the point"), Refused("1e", 2, "exponent"), Refused("1e+", 3, "exponent"),
        Refused("1E-x", 3, "exponent"), Refused("1.2.3", 3, "after the end"), Refused("1e1.5", 3, "after the end"), Refused("0x10", 1, "after the end"),
        Refused("1_000", 1, "after the end"), Refused("NaN", 0, "no JSON value"), Refused("Infinity", 0, "no JSON value"), Refused("-Infinity", 1, "digit"),
        Refused("１", 0, "no JSON value"), Refused("[1e400]", 1, "too large"), Refused("-1e999999999999", 0, "too large"),
        Refused(String(repeating: "9", count: 400), 0, "too large"),
    ]

    static let brokenStrings: [Refused] = [
        Refused(#"""#, 0, "no end"), Refused(#""abc"#, 0, "no end"), Refused(#"["\"]"#, 1, "no end"), Refused(#""\"#, 2, "ends too early"),
        Refused(#""a\x41""#, 2, "no such escape"), Refused(#""\'""#, 1, "no such escape"), Refused(#""\U0041""#, 1, "no such escape"),
        Refused("\"\\\u{E9}\"", 1, "no such escape"), Refused(#""\u""#, 3, "hexadecimal"), Refused(#""\u00g0""#, 5, "hexadecimal"),
        Refused(#""\u12"#, 5, "hexadecimal"),
        Refused(#""\u+041""#, 3, "hexadecimal"), Refused("\"\\u00\u{FF10}0\"", 5, "hexadecimal"),
        Refused("\"a\u{0}b\"", 2, "control"), Refused("\"a\nb\"", 2, "control"), Refused("\"\t\"", 1, "control"), Refused("\"\u{1F}\"", 1, "control"),
        Refused("\"\\n\u{1}\"", 3, "control"), Refused("{\"a\u{1}\":1}", 3, "control"),
        // Surrogates.
        Refused(#""\ud800""#, 1, "surrogate"), Refused(#""x\udc00""#, 2, "surrogate"), Refused(#""\ud800\u0041""#, 1, "surrogate"),
        Refused(#""\ud800x""#, 1, "surrogate"),
        Refused(#""\ud800\n""#, 1, "surrogate"), Refused(#""\ud83d\ud83d""#, 1, "surrogate"), Refused(#""\ude00\ud83d""#, 1, "surrogate"),
        Refused(#"{"\ud800":1}"#, 2, "surrogate"), Refused(#""\ud800"#, 1, "surrogate"),
        // UTF-8, in a string without an escape and after one.
        Refused(string: [0xFF], 1), Refused(string: [0x61, 0x80], 2), Refused(string: [0x61, 0x62, 0xC3], 3), Refused(string: [0xC3, 0xA9, 0xC3, 0x28], 3),
        Refused(string: [0xC0, 0xAF], 1), Refused(string: [0xE0, 0x80, 0xAF], 1), Refused(string: [0xED, 0xA0, 0x80], 1),
        Refused(string: [0xF4, 0x90, 0x80, 0x80], 1),
        Refused(string: [0xF8, 0x88, 0x80, 0x80, 0x80], 1), Refused(string: [0xE1, 0xBB], 1), Refused(string: [0x5C, 0x6E, 0x61, 0xFF], 4),
        Refused(string: [0xC3, 0x5C, 0x75, 0x30, 0x30, 0x41, 0x39], 1), Refused([0x7B, 0x22, 0x61, 0xFF, 0x22, 0x3A, 0x31, 0x7D], 3, "invalid UTF-8"),
    ]

    static let repeatedKeys: [Refused] = [
        Refused(#"{"a":1,"a":1}"#, 7, "twice"), Refused(#"{"a":1,"b":2,"a":3}"#, 13, "twice"), Refused(#"{"a":1,"\u0061":2}"#, 7, "twice"),
        Refused(#"{"x":{"\/":1,"/":2}}"#, 13, "twice"), Refused(#"{"\ud83d\ude00":1,"😀":2}"#, 18, "twice"), Refused(#"{"":1,"":2}"#, 6, "twice"),
        Refused("{" + (0..<20).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + #","\u006b7":0}"#, 161, "twice"),
    ]

    @Test(arguments: brokenStructures + brokenNumbers + brokenStrings + repeatedKeys) func whatTheContractForbidsIsRefusedAtItsPlace(_ given: Refused) {
        do throws(JSONError) {
            let value = try JSON(parsing: given.bytes)
            Issue.record("read as \(value)")
        } catch {
            #expect(error.offset == given.offset, "\(error)")
            #expect(error.reason.contains(given.reason), "\(error)")
            #expect(error.vietnamese.contains { !$0.isASCII }, "\(error.vietnamese)")
            #expect(error.description.contains("byte \(given.offset)"))
        }
    }

    @Test func sixtyFourLevelsAreReadAndOneMoreIsRefusedWhereItBegins() throws {
        func nested(_ levels: Int) -> String { String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
        func objects(_ levels: Int) -> String { String(repeating: #"{"a":"#, count: levels) + "1" + String(repeating: "}", count: levels) }
        _ = try JSON(parsing: nested(64))
        _ = try JSON(parsing: objects(64))
        #expect(throws: JSONError(reason: "nested deeper than 64 levels", vietnamese: "lồng sâu quá 64 tầng", offset: 64)) { try JSON(parsing: nested(65)) }
        #expect(throws: JSONError(reason: "nested deeper than 64 levels", vietnamese: "lồng sâu quá 64 tầng", offset: 320)) { try JSON(parsing: objects(65)) }
        #expect(throws: JSONError(reason: "nested deeper than 64 levels", vietnamese: "lồng sâu quá 64 tầng", offset: 64)) {
            try JSON(parsing: String(repeating: "[", count: 250_000))
        }
    }

    /// "é" in one code point and in two are different bytes, and so different keys to every other reader of the wire.
    @Test func keysAreToldApartByTheirBytes() throws {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        try #require(composed == decomposed, "to Swift the two are one string")
        let filler = (0..<16).map { "\"k\($0)\":0," }.joined()
        for before in ["", filler] {
            let value = try JSON(parsing: "{\(before)\"\(composed)\":1,\"\(decomposed)\":2}")
            #expect(value[composed] == 1)
            #expect(value[decomposed] == 2)
        }
        var object = try #require(try JSON(parsing: "{\"\(composed)\":1}").object)
        #expect(object[decomposed] == nil)
        object[decomposed] = 2
        #expect(object.members.count == 2)
        object[composed] = nil
        #expect(object.members == [.init(key: decomposed, value: 2)])
        #expect(object != ["\u{E9}": 2])
        // The Kelvin sign is canonically a K.
        #expect(try JSON(parsing: "{\"\u{212A}\":1}")["K"] == nil)
    }

    @Test func aHostileKeyIsCutAndCannotSteerTheScreen() throws {
        let key = "\\u001b[2J" + String(repeating: "x", count: 100_000)
        do throws(JSONError) {
            _ = try JSON(parsing: "{\"\(key)\":1,\"\(key)\":2}")
            Issue.record("a key twice was read")
        } catch {
            #expect(error.reason.utf8.count < 200)
            #expect(!error.reason.contains("\u{1B}"))
        }
    }

    @Test func manyMembersAreReadInLinearTime() throws {
        let text = "{" + (0..<20_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
        let clock = ContinuousClock()
        let spent = try clock.measure { try #require(try JSON(parsing: text).object?.members.count == 20_000) }
        #expect(spent < .seconds(5), "took \(spent)")
    }

    @Test func aPathLeadsThroughObjectsOnly() throws {
        let value = try JSON(parsing: #"{"data":{"occurredAt":"2026-03-14T19:12:00+07:00","list":[{"a":1}]}}"#)
        #expect(value[path: ["data", "occurredAt"]]?.instant == Instant(milliseconds: 1_773_490_320_000))
        #expect(value[path: ["data", "list", "a"]] == nil)
        #expect(value[path: ["data", "missing", "a"]] == nil)
        #expect(value[path: []] == value)
        #expect(value["data"]?["list"]?["a"] == nil)
    }
}
