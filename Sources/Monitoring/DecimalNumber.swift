/// A decimal number as plugins and UPS drivers write it: digits with a sign, a fraction and an exponent where there are any. The fraction may stand behind a
/// comma, as programs write it that follow the language of their machine.
enum DecimalNumber {
    /// The number at the front of a text, and what follows it. Nil where none stands there, where it is not finite, and where it could be read in two ways:
    /// `1,234` is a thousand and some to one program and one and a quarter to another.
    ///
    /// In `1e3` the `e` is part of the number, in `1eV` of what follows.
    static func front(of text: Substring) -> (value: Double, rest: Substring)? {
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        var rest = text.utf8[...]
        var literal = ""
        func takeDigits() -> Int {
            let digits = rest.prefix(while: isDigit)
            literal += String(decoding: digits, as: UTF8.self)
            rest = rest.dropFirst(digits.count)
            return digits.count
        }
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            if sign == UInt8(ascii: "-") { literal = "-" }
            rest.removeFirst()
        }
        let hasLeadingZero = rest.first == UInt8(ascii: "0")
        let whole = takeDigits()
        var fraction = 0
        if let mark = rest.first, mark == UInt8(ascii: ".") || mark == UInt8(ascii: ",") {
            rest.removeFirst()
            literal += "."
            fraction = takeDigits()
            if mark == UInt8(ascii: ","), fraction == 0 || fraction == 3 && (1...3).contains(whole) && !hasLeadingZero { return nil }
            if fraction == 0 { literal += "0" }
        }
        guard whole + fraction > 0 else { return nil }
        if whole == 0 { literal = literal.replacing(".", with: "0.") }
        if let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            var exponent = rest.dropFirst()
            let sign = exponent.first
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { exponent.removeFirst() }
            if exponent.first.map(isDigit) == true {
                rest = exponent
                literal += sign == UInt8(ascii: "-") ? "e-" : "e"
                _ = takeDigits()
            }
        }
        // What goes on as a number would is none that is known here: a date, a version, an address.
        if let next = rest.first, isDigit(next) || [UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "-"), UInt8(ascii: "+")].contains(next) { return nil }
        guard let value = Double(literal), value.isFinite else { return nil }
        return (value, Substring(rest))
    }

    /// The number that a text is, blanks around it aside; nil where it is none, or something more.
    static func whole(_ text: some StringProtocol) -> Double? {
        guard let (value, rest) = front(of: Substring(text.trimmed)), rest.isEmpty else { return nil }
        return value
    }
}
