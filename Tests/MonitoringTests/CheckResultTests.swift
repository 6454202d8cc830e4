import Testing
import Values

@testable import Monitoring

@Suite struct CheckResultTests {
    @Test(arguments: [
        (PluginEnding.exited(0), CheckStatus.ok, false), (.exited(1), .warning, false), (.exited(2), .critical, false), (.exited(3), .unknown, false),
        (.exited(4), .unknown, true), (.exited(127), .unknown, true), (.exited(-1), .unknown, true), (.signalled(9), .unknown, true),
        (.timedOut(after: .seconds(10)), .unknown, true), (.notStarted("gone"), .unknown, true), (.cancelled, .unknown, true),
    ])
    func `any ending but exit 0 to 3 is unknown, with the reason`(ending: PluginEnding, status: CheckStatus, hasReason: Bool) {
        let result = CheckResult(ending: ending, output: Array("LED OK - 12 panels".utf8))
        #expect(result.status == status)
        #expect((result.reason != nil) == hasReason)
        #expect(result.summary == "LED OK - 12 panels")
    }

    @Test func `the output divides into summary, long output and performance data on the lines of the guidelines`() {
        let output = """
            DISK OK - free space: / 3326 MB (56%); | /=2643MB;5948;5958;0;5968
            / 15272 MB (77%);
            /boot 68 MB (69%); | /boot=68MB;88;93;0;98
            /home=69357MB;253404;253409;0;253414
            """
        let result = CheckResult(ending: .exited(0), output: Array(output.utf8))
        #expect(result.summary == "DISK OK - free space: / 3326 MB (56%);")
        #expect(result.longOutput == "/ 15272 MB (77%);\n/boot 68 MB (69%);")
        #expect(result.performance.map(\.label) == ["/", "/boot", "/home"])
        #expect(
            result.performance.first
                == PerformanceDatum(label: "/", value: 2643, unit: "MB", warning: "5948", critical: "5958", minimum: 0, maximum: 5968))
    }

    @Test(arguments: [
        ("time=0.002s;;;0.000;10.000", [PerformanceDatum(label: "time", value: 0.002, unit: "s", minimum: 0, maximum: 10)]),
        ("'a b'=1 'it''s'=2%", [PerformanceDatum(label: "a b", value: 1), PerformanceDatum(label: "it's", value: 2, unit: "%")]),
        ("'a=b'=3c", [PerformanceDatum(label: "a=b", value: 3, unit: "c")]),
        ("t=-4.5;~:10;@10:20", [PerformanceDatum(label: "t", value: -4.5, warning: "~:10", critical: "@10:20")]),
        ("x=U;1;2", [PerformanceDatum(label: "x", value: nil, warning: "1", critical: "2")]),
        ("tiny=1.5e-05s energy=3eV", [PerformanceDatum(label: "tiny", value: 1.5e-05, unit: "s"), PerformanceDatum(label: "energy", value: 3, unit: "eV")]),
        ("nonsense a= b=x =5 c=1", [PerformanceDatum(label: "c", value: 1)]),
        ("'never closed=1", []), ("", []), ("  ", []),
        // A comma for the point: read where it can be nothing else.
        ("time=6,049175s;;;0,000000;10,000000", [PerformanceDatum(label: "time", value: 6.049175, unit: "s", minimum: 0, maximum: 10)]),
        (
            "a=0,123s b=1,5 c=-2,25%",
            [
                PerformanceDatum(label: "a", value: 0.123, unit: "s"), PerformanceDatum(label: "b", value: 1.5),
                PerformanceDatum(label: "c", value: -2.25, unit: "%"),
            ]
        ),
        ("a=1,234 b=1,234,567 c=1.234,5 d=1.2.3 e=2026-03-14 f=10.0.0.1 g=1, h=-+1 i=--1", []),
        ("a=inf b=nan c=0x10 d=1e999 e=e5 f=٣", []),
        (
            "a=.5 b=5. c=+3",
            [
                PerformanceDatum(label: "a", value: 0.5), PerformanceDatum(label: "b", value: 5), PerformanceDatum(label: "c", value: 3),
            ]
        ),
        (
            "'C:\\ %'=40%;80;90;0;100 'a''b=c'=1",
            [
                PerformanceDatum(label: "C:\\ %", value: 40, unit: "%", warning: "80", critical: "90", minimum: 0, maximum: 100),
                PerformanceDatum(label: "a'b=c", value: 1),
            ]
        ),
        (
            "a=1s;;;0s;10s b=1s;;;0min;x",
            [PerformanceDatum(label: "a", value: 1, unit: "s", minimum: 0, maximum: 10), PerformanceDatum(label: "b", value: 1, unit: "s")]
        ),
        ("a=1 | b=2", [PerformanceDatum(label: "a", value: 1), PerformanceDatum(label: "b", value: 2)]),
        ("a=1;2;3;4;5;6;7", [PerformanceDatum(label: "a", value: 1, warning: "2", critical: "3", minimum: 4, maximum: 5)]),
        ("U=U a=Us", [PerformanceDatum(label: "U", value: nil)]),
    ])
    func `performance data gives label, value, unit, thresholds and bounds, and passes over what has no form`(text: String, expected: [PerformanceDatum]) {
        #expect(PerformanceDatum.list(text) == expected)
    }

    @Test(arguments: [
        // The first bar, by the guidelines; what has no form behind it is left out.
        ("OK - fine |time=1s", "OK - fine", ["time"], ""), ("OK | nonsense", "OK", [], ""), ("OK|", "OK", [], ""), ("|a=1", "", ["a"], ""),
        // A bar in the text is text, where data stands behind another.
        ("OK: GET /a|b gave 200 |time=1s size=2B", "OK: GET /a|b gave 200", ["time", "size"], ""), ("OK | a=1 | b=2", "OK", ["a", "b"], ""),
        // A table in the long text is text; the first bar with data behind it turns all that follows into data.
        ("OK\nname | state\ned | up\nlast |a=1\nb=2 c=3", "OK", ["a", "b", "c"], "name | state\ned | up\nlast"),
        ("OK |x=1\nmore\n|y=2\nz=3 nonsense", "OK", ["x", "y", "z"], "more"),
        ("OK |time=1,234s size=5B", "OK", ["size"], ""),
    ])
    func `a bar may stand in the text`(output: String, summary: String, labels: [String], long: String) {
        let result = CheckResult(ending: .exited(0), output: Array(output.utf8))
        #expect(result.summary == summary)
        #expect(result.performance.map(\.label) == labels)
        #expect(result.longOutput == long)
    }

    struct Flood: CustomTestStringConvertible, Sendable {
        /// What is repeated, how often, after what.
        var unit: [UInt8]
        var count: Int
        var start = ""
        var testDescription: String { start + String(decoding: unit, as: UTF8.self).debugDescription }
        var output: [UInt8] { Array(start.utf8) + Array(repeatElement(unit, count: count).joined()) }

        init(_ unit: String, _ count: Int, after start: String = "") { (self.unit, self.count, self.start) = (Array(unit.utf8), count, start) }
        init(_ byte: UInt8, _ count: Int) { (unit, self.count) = ([byte], count) }
    }

    @Test(arguments: [
        Flood(0, 16_384), Flood(0xFF, 16_384), Flood("|", 16_384), Flood("'", 16_384), Flood("| 'a ", 3_250), Flood("a=1 |", 3_250), Flood("a=1\n|", 2_500),
        Flood("' '' ", 3_250, after: "x|"), Flood("9", 16_250, after: "|a="), Flood("=", 16_250, after: "|"), Flood("'a'=1;", 2_500, after: "|"),
        Flood("'a'=1 ", 2_500, after: "|"), Flood("\n", 16_384), Flood("e\u{301}", 5_000), Flood("\u{301}", 5_000, after: "a"),
    ])
    func `output of any kind is read at once, and what is kept of it is bounded`(flood: Flood) {
        let output = flood.output
        let began = ContinuousClock.now
        let result = CheckResult(ending: .exited(1), output: output, errors: output)
        let took = ContinuousClock.now - began
        #expect(result.status == .warning)
        #expect(result.performance.count <= PerformanceDatum.limit)
        #expect(took < .seconds(5), "\(took)")
    }

    @Test func `bytes that could command a terminal or are no text are replaced`() {
        let result = CheckResult(ending: .exited(2), output: Array("LED \u{1B}[2J dark".utf8) + [0xFF, 0x0D, 0x0A])
        #expect(result.summary == "LED \u{FFFD}[2J dark\u{FFFD}")
    }

    @Test func `standard error speaks only where the output is silent`() {
        #expect(CheckResult(ending: .exited(3), output: [], errors: Array("no such host\nmore".utf8)).summary == "no such host")
        #expect(CheckResult(ending: .exited(0), output: Array("OK".utf8), errors: Array("noise".utf8)).summary == "OK")
        #expect(CheckResult(ending: .exited(0), output: []).explanation == "the plugin said nothing")
    }
}
