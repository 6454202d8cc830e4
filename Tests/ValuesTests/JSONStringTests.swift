import Testing
import Values

/// Strings are read and written in pieces of several bytes, so what matters is tried at every place of a piece.
@Suite("A JSON string")
struct JSONStringTests {
    private static let special = ["\"", "\\", "\n", "\r", "\t", "\u{0}", "\u{1F}", " ", "\u{7F}", "é", "ề", "越", "🛂", "/"]

    @Test("comes back as it was written, wherever in it a special character stands", arguments: special)
    func roundTrip(special: String) throws {
        for length in 0...34 {
            for place in 0...length {
                let text = String(repeating: "a", count: place) + special + String(repeating: "z", count: length - place)
                let json: JSON = [.string(text), ["key": .string(text + text)]]
                #expect(try JSON(parsing: json.bytes) == json)
            }
        }
    }

    @Test("with a control character is refused, and the place named")
    func controlCharacters() {
        for byte in UInt8(0)..<0x20 {
            for place in 0...17 {
                let bytes = Array("[\"".utf8) + Array(repeating: UInt8(ascii: "a"), count: place) + [byte] + Array("aaaaaaaaa\"]".utf8)
                #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
                do { _ = try JSON(parsing: bytes) } catch { #expect(error.offset == place + 2) }
            }
        }
    }

    @Test("with a byte that is no UTF-8 is refused wherever it stands, and the place named")
    func noUTF8() {
        for byte in [UInt8(0x80), 0xC3, 0xFF] {
            for (place, length) in (0...17).flatMap({ place in (place...18).map { (place, $0) } }) {
                var bytes = Array(repeating: UInt8(ascii: "a"), count: length)
                bytes.insert(byte, at: place)
                do throws(JSONError) {
                    _ = try JSON(parsing: Array("[\"".utf8) + bytes + Array("\"]".utf8))
                    Issue.record("byte \(byte) at \(place) of \(length) was taken")
                } catch { #expect(error.offset == place + 2) }
            }
        }
    }

    @Test("without an end, or cut within a character, is refused")
    func cutOff() {
        let whole = Array("[\"Lào Cai, cửa khẩu\"]".utf8)
        for count in 0..<whole.count { #expect(throws: JSONError.self) { try JSON(parsing: Array(whole.prefix(count))) } }
        for index in whole.indices where whole[index] >= 0x80 {
            var bytes = whole
            bytes.remove(at: index)
            #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
        }
    }
}
