/// One answer of a Nagios-style check plugin, read as the Monitoring Plugins Development Guidelines say ("Plugin Output for Nagios").
public struct CheckResult: Hashable, Sendable {
    /// What the check says of the device.
    public var status: CheckStatus
    /// Why the status is unknown, where this is not the plugin's own word: a signal, a timeout, an exit code without a meaning, no start.
    public var reason: String?
    /// The first line of the output, without its performance data.
    public var summary: String
    /// The measurements behind `|`. What does not have the form of the guidelines is left out.
    public var performance: [PerformanceDatum]
    /// The lines after the first, without performance data.
    public var longOutput: String

    /// A result of these parts.
    public init(status: CheckStatus, reason: String? = nil, summary: String = "", performance: [PerformanceDatum] = [], longOutput: String = "") {
        (self.status, self.reason, self.summary, self.performance, self.longOutput) = (status, reason, summary, performance, longOutput)
    }

    /// Reads what a plugin left behind. `errors`, its standard error, stands in for the summary only where the output is empty.
    /// Bytes that are not UTF-8 and control characters, which could command a terminal, are replaced.
    public init(ending: PluginEnding, output: [UInt8], errors: [UInt8] = []) {
        (status, reason) = ending.verdict
        let lines = CheckResult.printable(output).split(separator: "\n", omittingEmptySubsequences: false)
        // In the first line a bar stands before performance data, whatever else it may be.
        let (first, firstData) = CheckResult.divide(lines.first ?? "") ?? CheckResult.atFirstBar(lines.first ?? "")
        var data = [firstData]
        var long: [Substring] = []
        // The first bar of this kind after the first line turns everything that follows, line ends included, into performance data.
        var inData = false
        for line in lines.dropFirst() {
            if inData {
                data.append(line)
            } else if let (text, lineData) = CheckResult.divide(line) {
                long.append(text)
                data.append(lineData)
                inData = true
            } else {
                long.append(line)
            }
        }
        summary = first.trimmed
        if summary.isEmpty, long.allSatisfy(\.trimmed.isEmpty) {
            summary = CheckResult.printable(errors).split(separator: "\n").first.map(\.trimmed) ?? ""
        }
        performance = Array(data.flatMap { PerformanceDatum.list($0) }.prefix(PerformanceDatum.limit))
        longOutput = long.joined(separator: "\n").trimmed
    }

    /// The sentence to show a person: the reason where there is one, then what the plugin said.
    public var explanation: String {
        switch (reason, summary.isEmpty) {
        case (let reason?, true): reason
        case (let reason?, false): "\(reason); it said: \(summary)"
        case (nil, true): "the plugin said nothing"
        case (nil, false): summary
        }
    }

    /// How many bars of a line are looked at; the rest are taken for text.
    private static let barLimit = 16

    /// The text of a line and its performance data, at the first bar behind which nothing but measurements stands; nil where there is none. A bar may stand in
    /// the text as well, as in a table or a path.
    private static func divide(_ line: Substring) -> (text: Substring, data: Substring)? {
        var rest = line
        for _ in 0..<barLimit {
            guard let bar = rest.firstIndex(of: "|") else { return nil }
            rest = rest[line.index(after: bar)...]
            if PerformanceDatum.isAllData(rest) { return (line[..<bar], rest) }
        }
        return nil
    }

    private static func atFirstBar(_ line: Substring) -> (text: Substring, data: Substring) {
        guard let bar = line.firstIndex(of: "|") else { return (line, "") }
        return (line[..<bar], line[line.index(after: bar)...])
    }

    private static func printable(_ bytes: [UInt8]) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars where scalar != "\r" {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
            text.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(text)
    }
}

extension StringProtocol {
    /// The text without white space at either end.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(self[first...last])
    }
}
