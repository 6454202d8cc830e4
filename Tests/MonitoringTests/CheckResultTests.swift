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
    ])
    func `performance data gives label, value, unit, thresholds and bounds, and passes over what has no form`(text: String, expected: [PerformanceDatum]) {
        #expect(PerformanceDatum.list(text) == expected)
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
