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
    static func list(_ text: some StringProtocol) -> [PerformanceDatum] {
        var found: [PerformanceDatum] = []
        read(Substring(text)) { datum in
            if let datum { found.append(datum) }
            return found.count < limit
        }
        return found
    }

    /// The most measurements that are taken from one output; no check has as many.
    static let limit = 1_000

    /// Whether nothing but measurements stands in a line of performance data.
    static func isAllData(_ text: Substring) -> Bool {
        var isAllData = true
        read(text) { datum in
            isAllData = datum != nil
            return isAllData
        }
        return isAllData
    }

    /// Reads one item after the other, for as long as `take` wants more. It is given nil for what has no form.
    private static func read(_ text: Substring, _ take: (PerformanceDatum?) -> Bool) {
        var rest = text
        while true {
            rest = rest.drop(while: \.isWhitespace)
            guard !rest.isEmpty else { return }
            guard let label = takeLabel(&rest) else {
                let item = rest.prefix { !$0.isWhitespace }
                // A bar alone divides data from data.
                guard item == "|" || take(nil) else { return }
                // A quote that is never closed leaves no way to tell where the next item begins.
                if rest.first == "'", !rest.dropFirst().contains("'") { return }
                rest = rest[item.endIndex...]
                continue
            }
            let fields = rest.prefix { !$0.isWhitespace }
            rest = rest[fields.endIndex...]
            guard take(PerformanceDatum(label: label, fields: fields)) else { return }
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
        let parts = fields.split(separator: ";", maxSplits: 5, omittingEmptySubsequences: false)
        guard let first = parts.first else { return nil }
        let number: Double?
        let unit: Substring
        if first == "U" {
            (number, unit) = (nil, "")
        } else {
            // A unit holds neither digits nor quotes.
            guard let (value, rest) = DecimalNumber.front(of: first), !rest.contains(where: { $0.isNumber || $0 == "'" || $0 == "\"" }) else { return nil }
            (number, unit) = (value, rest)
        }
        func field(_ index: Int) -> String? { index < parts.count && !parts[index].isEmpty ? String(parts[index]) : nil }
        /// A bound, which some plugins write with the unit again.
        func bound(_ index: Int) -> Double? {
            guard index < parts.count, let (value, rest) = DecimalNumber.front(of: parts[index]), rest.isEmpty || rest == unit else { return nil }
            return value
        }
        self.init(
            label: label, value: number, unit: String(unit), warning: field(1), critical: field(2), minimum: bound(3), maximum: bound(4))
    }
}
