import Testing

@testable import Schemas

@Suite("A pattern")
struct PatternTests {
    @Test(
        "matches the whole of what it describes and nothing else",
        arguments: [
            ("^[a-z0-9-]+$", ["a", "led-screen", "kiosk-1", "-"], ["", "A", "a b", "a\n", "á", "a_"]),
            ("^([01][0-9]|2[0-3]):[0-5][0-9]$", ["00:00", "19:59", "23:59"], ["24:00", "7:00", "07:60", "07:00:00", "07-00", ":"]),
            ("^[a-z-]+\\.[a-z-]+$", ["incident.notified", "day-a.b"], ["incident", ".a", "a.", "a.b.c", "aXb"]),
            ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa", ""]), ("^a{3}$", ["aaa"], ["aa", "aaaa"]), ("^a{0,1}b$", ["b", "ab"], ["aab"]),
            ("^(ab|c)*$", ["", "ab", "cab", "abcab"], ["a", "abb"]), ("^x?y$", ["y", "xy"], ["x", "xxy"]), ("^(a|b?)c+$", ["c", "ac", "bcc"], ["abc", "b"]),
            ("^(a+)+$", ["a", "aaaa"], ["", "aab"]), ("^[a\\]^-]+$", ["a]^-"], ["\\"]), ("^$", [""], ["a"]), ("^(a|)b$", ["ab", "b"], ["a"]),
        ] as [(String, [String], [String])])
    func matching(text: String, matching: [String], other: [String]) throws {
        let pattern = try Pattern(text)
        for sample in matching { #expect(pattern.matches(sample), "\(text) \(sample)") }
        for sample in other { #expect(!pattern.matches(sample), "\(text) \(sample)") }
    }

    @Test(
        "is refused where it asks for more than this reader knows",
        arguments: [
            "a", "^a", "a$", "^a\\$", "^.$", "^\\d+$", "^[^a]$", "^(?:a)$", "^(a$", "^a)$", "^[a$", "^a{2,$", "^a{2,}$", "^a{3,2}$", "^*a$", "^[z-a]$", "^é$",
            "^[à-ỹ]$",
            "^[a-z]{65}$", "^a**$", "^[]$", "^",
        ])
    func refused(text: String) {
        #expect(throws: PatternError.self) { try Pattern(text) }
    }

    @Test("takes time in proportion to the text") func linear() throws {
        // A reader that goes back would need 2 to the power of 60,000 steps here.
        #expect(try !Pattern("^(a|a)*(a+)+b$").matches(String(repeating: "a", count: 60_000)))
    }
}
