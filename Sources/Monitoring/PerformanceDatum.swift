/// One measurement of a plugin, `'label'=value[UOM];[warn];[crit];[min];[max]`: Monitoring Plugins Development Guidelines, "Performance data".
public struct PerformanceDatum: Hashable, Sendable {
    /// What was measured.
    public var label: String
    /// The value; nil where the plugin wrote `U`, could not be determined.
    public var value: Double?
    /// The unit of measurement: empty for a plain number, else `s`, `ms`, `us`, `%`, `B`, `KB`, … or `c` for a counter.
    public var unit: String
    /// The range that gives a warning, in the notation of the guidelines (`10`, `10:`, `~:10`, `10:20`, `@10:20`).
    public var warning: String?
    /// The range that is critical, in the same notation.
    public var critical: String?
    /// The least value there can be.
    public var minimum: Double?
    /// The greatest value there can be.
    public var maximum: Double?

    /// A measurement of these parts.
    public init(
        label: String, value: Double?, unit: String = "", warning: String? = nil, critical: String? = nil, minimum: Double? = nil, maximum: Double? = nil
    ) {
        (self.label, self.value, self.unit) = (label, value, unit)
        (self.warning, self.critical, self.minimum, self.maximum) = (warning, critical, minimum, maximum)
    }

    /// The measurements in a line of performance data. Items without the form of the guidelines are passed over.
    static func list(_ text: String) -> [PerformanceDatum] {
        var rest = Substring(text)
        var found: [PerformanceDatum] = []
        while true {
            rest = rest.drop(while: \.isWhitespace)
            guard !rest.isEmpty else { return found }
            guard let label = takeLabel(&rest) else {
                // A quote that is never closed leaves no way to tell where the next item begins.
                if rest.first == "'", !rest.dropFirst().contains("'") { return found }
                rest = rest.drop { !$0.isWhitespace }
                continue
            }
            let fields = rest.prefix { !$0.isWhitespace }
            rest = rest.dropFirst(fields.count)
            if let datum = PerformanceDatum(label: label, fields: fields) { found.append(datum) }
        }
    }

    /// Takes `label=` or `'label with spaces'=` off the front, where two single quotes stand for one. Nil, with nothing taken, if there is no label.
    private static func takeLabel(_ rest: inout Substring) -> String? {
        var label = ""
        var ahead = rest
        if ahead.first == "'" {
            ahead.removeFirst()
            while true {
                guard let character = ahead.popFirst() else { return nil }
                if character != "'" {
                    label.append(character)
                } else if ahead.first == "'" {
                    ahead.removeFirst()
                    label.append("'")
                } else {
                    break
                }
            }
        } else {
            label = String(ahead.prefix { $0 != "=" && !$0.isWhitespace })
            ahead = ahead.dropFirst(label.count)
        }
        guard !label.isEmpty, ahead.popFirst() == "=" else { return nil }
        rest = ahead
        return label
    }

    private init?(label: String, fields: Substring) {
        let parts = fields.split(separator: ";", omittingEmptySubsequences: false)
        guard let first = parts.first else { return nil }
        let number: Double?
        let unit: Substring
        if first == "U" {
            (number, unit) = (nil, "")
        } else {
            let digits = PerformanceDatum.numberPrefix(first)
            guard let value = Double(digits), value.isFinite else { return nil }
            (number, unit) = (value, first.dropFirst(digits.count))
        }
        func field(_ index: Int) -> String? { index < parts.count && !parts[index].isEmpty ? String(parts[index]) : nil }
        self.init(
            label: label, value: number, unit: String(unit), warning: field(1), critical: field(2),
            minimum: field(3).flatMap { Double($0) }, maximum: field(4).flatMap { Double($0) })
    }

    /// The number at the front, with an exponent if digits follow it: in `1e3` the `e` is part of the number, in `1eV` of the unit.
    private static func numberPrefix(_ text: Substring) -> Substring {
        func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }
        var end = text.startIndex
        if let sign = text.first, sign == "-" || sign == "+" { end = text.index(after: end) }
        end = text[end...].firstIndex { !isDigit($0) && $0 != "." } ?? text.endIndex
        guard end < text.endIndex, text[end] == "e" || text[end] == "E" else { return text[..<end] }
        var exponent = text[text.index(after: end)...]
        if let sign = exponent.first, sign == "-" || sign == "+" { exponent.removeFirst() }
        guard exponent.first.map(isDigit) == true else { return text[..<end] }
        let tail = exponent.drop(while: isDigit)
        return text[..<tail.startIndex]
    }
}
