import Testing
import Values

@testable import Monitoring

/// One input, so many seconds after 19:00.
private enum Input: Sendable {
    case ups(Int64, String)
    case check(Int64, CheckStatus)
    case fails(Int64)
    case time(Int64)
    /// The agent restarts from its saved state.
    case restart(Int64)
    /// The machine slept until then.
    case slept(Int64)
    /// The clock, which showed so many seconds, was set to another.
    case set(Int64, from: Int64, since: Int64)
}

private func play(_ inputs: [Input], _ monitor: inout PowerMonitor) throws -> [String] {
    func now(_ second: Int64) -> Instant { at("19:00") + .seconds(second) }
    var said: [String] = []
    for input in inputs {
        let events: [PowerEvent]
        switch input {
        case .ups(let second, let status):
            events = monitor.wasRead(UPSReading(status: UPSStatus(status), chargePercent: 9, runtime: .minutes(2)), at: now(second))
        case .check(let second, let status): events = monitor.checked(CheckResult(status: status, summary: "relay"), at: now(second))
        case .fails(let second): events = monitor.contactFailed("no connection", at: now(second))
        case .time(let second): events = monitor.timePassed(to: now(second))
        case .restart(let second):
            monitor = try PowerMonitor(blip: monitor.blip, contactLimit: monitor.contactLimit, state: try monitor.state.written())
            monitor.resumed(at: now(second))
            events = []
        case .slept(let second):
            monitor.wasAway(until: now(second))
            events = []
        case .set(let second, let old, let since):
            monitor.clockStepped(ClockStep(by: .seconds(second - old), since: now(since), now: now(second)))
            events = []
        }
        said += events.map(words)
    }
    return said
}

private func words(_ event: PowerEvent) -> String {
    func second(_ instant: Instant) -> String { String((instant - at("19:00")).milliseconds / 1000) }
    return switch event {
    case .outage(let since, let good): "outage since \(second(since)), \(good.map { "good \(second($0))" } ?? "never good")"
    case .lowBattery(let at, let charge, let runtime): "low at \(second(at)), \(charge.map { "\($0) %" } ?? "?"), \(runtime.map { "\($0)" } ?? "?")"
    case .restored(let at, let lostAt): "restored \(second(at)), lost \(second(lostAt))"
    case .monitorLost(let since, _): "monitor lost since \(second(since))"
    case .monitorReturned(let at, let lostAt): "monitor returned \(second(at)), lost \(second(lostAt))"
    case .remark(let remark, _): "remark \(remark.rawValue)"
    }
}

@Suite struct PowerMonitorTests {
    fileprivate struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var given: [Input]
        var said: [String]
        var testDescription: String { name }
        init(_ name: String, _ given: [Input], _ said: [String]) { (self.name, self.given, self.said) = (name, given, said) }
    }

    fileprivate static let rows = [
        Row("on line there is nothing to say", [.ups(0, "OL"), .ups(5, "OL CHRG"), .ups(10, "OL TRIM"), .ups(15, "ALARM OL RB OVER BYPASS")], []),
        Row(
            "an outage is said once it has lasted, since the first reading on battery",
            [.ups(0, "OL"), .ups(5, "OB DISCHRG"), .ups(10, "OB"), .ups(15, "OB"), .ups(20, "OB"), .ups(25, "OB")], ["outage since 5, good 0"]),
        Row("a blip is no outage", [.ups(0, "OL"), .ups(5, "OB"), .ups(10, "OB"), .ups(15, "OL"), .ups(40, "OL")], []),
        Row(
            "a blip within the bound of another does not move the start", [.ups(0, "OL"), .ups(5, "OB"), .ups(10, "OL"), .ups(15, "OB"), .ups(20, "OB")],
            ["outage since 5, good 0"]),
        Row(
            "the supply is back since the first reading that showed it", [.ups(0, "OB"), .ups(15, "OB"), .ups(60, "OL CHRG"), .ups(65, "OL"), .ups(75, "OL")],
            ["outage since 0, never good", "restored 60, lost 0"]),
        Row(
            "a short return neither ends nor restarts an outage",
            [.ups(0, "OB"), .ups(15, "OB"), .ups(60, "OL"), .ups(65, "OB"), .ups(90, "OB"), .ups(100, "OL"), .ups(115, "OL")],
            ["outage since 0, never good", "restored 100, lost 0"]),
        Row(
            "a low battery is said once, and at once",
            [.ups(0, "OL"), .ups(5, "OB LB"), .ups(10, "OB LB"), .ups(15, "LB OB"), .ups(60, "OL LB CHRG"), .ups(80, "OL LB CHRG")],
            ["outage since 5, good 0", "low at 5, 9.0 %, PT2M", "restored 60, lost 5"]),
        Row(
            "a low battery in a known outage", [.ups(0, "OB"), .ups(15, "OB"), .ups(20, "OB LB"), .ups(25, "OB LB")],
            ["outage since 0, never good", "low at 20, 9.0 %, PT2M"]),
        Row("a low battery on line is no outage", [.ups(0, "OL LB CHRG"), .ups(60, "OL LB CHRG")], []),
        Row("a calibration on battery is a test", [.ups(0, "OL"), .ups(5, "OB CAL"), .ups(60, "OB CAL LB"), .ups(120, "OL")], []),
        Row("a test explains the reading before it was flagged", [.ups(0, "OL"), .ups(5, "OB"), .ups(10, "OB CAL"), .ups(60, "OB CAL"), .ups(120, "OL")], []),
        Row(
            "a test explains no outage away", [.ups(0, "OB"), .ups(15, "OB"), .ups(20, "OB CAL"), .ups(60, "OL"), .ups(75, "OL")],
            ["outage since 0, never good", "restored 60, lost 0"]),
        Row("a test with the mains there explains it too", [.ups(0, "OL"), .ups(5, "OB"), .ups(10, "OL TEST"), .ups(60, "OL")], []),
        Row(
            "an outage is over on mains, even while the battery is calibrated",
            [.ups(0, "OB"), .ups(15, "OB"), .ups(60, "OL CAL"), .ups(75, "OL CAL")], ["outage since 0, never good", "restored 60, lost 0"]),
        Row(
            "a shutdown under way in a calibration is the end of the battery",
            [.ups(0, "OL"), .ups(30, "CAL OB DISCHRG LB"), .ups(60, "FSD CAL OB DISCHRG LB")],
            ["outage since 60, good 0", "low at 60, 9.0 %, PT2M"]),
        Row("an output switched off is a loss", [.ups(0, "OL"), .ups(5, "OL OFF"), .ups(20, "OFF")], ["outage since 5, good 0"]),
        Row("a forced shutdown is the end of the battery", [.ups(0, "OL"), .ups(5, "FSD OB")], ["outage since 5, good 0", "low at 5, 9.0 %, PT2M"]),
        Row(
            "an order to shut down that stays when the mains are back is no outage, and said once",
            [.ups(0, "OB"), .ups(15, "FSD OB LB"), .ups(60, "FSD OL CHRG"), .ups(75, "FSD OL CHRG"), .ups(7000, "FSD OL CHRG")],
            ["outage since 0, never good", "low at 15, 9.0 %, PT2M", "restored 60, lost 0", "remark shutdown-stays"]),
        Row(
            "a battery emptied on mains is said once it has lasted, and again after an hour at the earliest",
            [
                .ups(0, "OL DISCHRG"), .ups(5, "OL"), .ups(10, "OL DISCHRG"), .ups(24, "OL DISCHRG"), .ups(25, "OL DISCHRG"), .ups(600, "OL"),
                .ups(605, "OL DISCHRG"), .ups(700, "OL DISCHRG"), .ups(800, "OL"), .ups(3700, "OL"), .ups(3705, "OL DISCHRG"), .ups(3725, "OL DISCHRG"),
            ], ["remark discharging", "remark discharging"]),
        Row(
            "what else a UPS says is told as well", [.ups(0, "OL BYPASS OVER RB ALARM"), .ups(15, "OL BYPASS OVER RB ALARM")],
            ["remark bypass", "remark overload", "remark replace-battery", "remark alarm"]),
        Row(
            "readings that alternate are an outage, and one",
            [
                .ups(0, "OL"), .ups(5, "OB"), .ups(10, "OL"), .ups(15, "OB"), .ups(20, "OL"), .ups(25, "OB"),
                .ups(30, "OL"), .ups(35, "OB"), .ups(40, "OL"), .ups(45, "OL"), .ups(55, "OL"),
            ], ["outage since 5, good 0", "restored 40, lost 5"]),
        Row(
            "contact that comes and goes is not lost", [.ups(0, "OL"), .fails(5), .ups(10, "OL"), .fails(15), .ups(20, "OL"), .fails(75), .ups(80, "OL")], []),
        Row("a machine that slept lost no contact", [.ups(0, "OL"), .slept(30_000), .time(30_001), .ups(30_005, "OL")], []),
        Row(
            "an outage that was not yet said when the machine slept is seen again, or it is none",
            [.ups(0, "OL"), .ups(5, "OB"), .slept(30_000), .time(30_001), .ups(30_005, "OL"), .ups(30_030, "OL")], []),
        Row(
            "one that was goes on", [.ups(0, "OB"), .ups(15, "OB"), .slept(30_000), .ups(30_005, "OL"), .ups(30_020, "OL")],
            ["outage since 0, never good", "restored 30005, lost 0"]),
        Row("a clock set ahead is no lost contact", [.ups(0, "OL"), .set(30_000, from: 3, since: 0), .time(30_001), .ups(30_005, "OL")], []),
        Row(
            "a clock set ahead by a little shortens no wait",
            [.ups(0, "OL"), .ups(5, "OB"), .set(26, from: 6, since: 0), .time(27), .ups(31, "OL"), .ups(60, "OL")], []),
        Row(
            "a clock set back loses no outage and turns no time back: it began as long ago as it did",
            [.ups(3000, "OL"), .ups(3005, "OB"), .set(10, from: 3010, since: 3000), .ups(15, "OB"), .ups(20, "OB"), .ups(60, "OL"), .ups(75, "OL")],
            ["outage since 5, good 0", "restored 60, lost 5"]),
        Row(
            "what began before the clock was wrong keeps its time",
            [.ups(0, "OB"), .ups(15, "OB"), .set(20, from: 9000, since: 8990), .ups(60, "OL"), .ups(75, "OL")],
            ["outage since 0, never good", "restored 60, lost 0"]),
        Row(
            "a clock set back while the agent was off leaves nothing in the future",
            [.ups(9000, "OL"), .ups(9005, "OB"), .restart(10), .ups(15, "OB"), .ups(30, "OB")], ["outage since 10, good 10"]),
        Row(
            "a lost contact is said once it has lasted, and its end at once",
            [.ups(0, "OL"), .fails(5), .fails(35), .fails(65), .fails(95), .ups(100, "OL")], ["monitor lost since 5", "monitor returned 100, lost 5"]),
        Row("a short loss of contact is nothing", [.ups(0, "OL"), .fails(5), .fails(35), .ups(40, "OL"), .fails(70)], []),
        Row(
            "a status that says nothing of the supply is a lost contact", [.ups(0, "OL"), .ups(5, "WAIT"), .ups(65, ""), .ups(70, "OL")],
            ["monitor lost since 5", "monitor returned 70, lost 5"]),
        Row("silence is a lost contact", [.ups(0, "OL"), .time(30), .time(61), .time(90)], ["monitor lost since 0"]),
        Row(
            "contact lost right after the power: the outage stands, uncontradicted",
            [.ups(0, "OL"), .ups(5, "OB"), .fails(10), .fails(20), .fails(70)], ["outage since 5, good 0", "monitor lost since 10"]),
        Row(
            "contact lost in mid-outage ends nothing",
            [.ups(0, "OB"), .ups(15, "OB"), .fails(20), .fails(80), .ups(200, "OB"), .ups(300, "OL"), .ups(315, "OL")],
            ["outage since 0, never good", "monitor lost since 20", "monitor returned 200, lost 20", "restored 300, lost 0"]),
        Row(
            "a return that contact was lost over is not yet one", [.ups(0, "OB"), .ups(15, "OB"), .ups(20, "OL"), .fails(25), .fails(60), .ups(70, "OB")],
            ["outage since 0, never good"]),
        Row(
            "an outage found when contact returns began at the earliest proof",
            [.ups(0, "OL"), .fails(5), .fails(65), .ups(300, "OB"), .ups(315, "OB")],
            ["monitor lost since 5", "monitor returned 300, lost 5", "outage since 300, good 0"]),
        Row(
            "a restart in mid-outage says nothing again and keeps the start",
            [.ups(0, "OL"), .ups(5, "OB"), .ups(20, "OB LB"), .restart(400), .ups(405, "OB LB"), .ups(500, "OL"), .ups(515, "OL")],
            ["outage since 5, good 0", "low at 20, 9.0 %, PT2M", "restored 500, lost 5"]),
        Row("a restart before an outage was said keeps its start", [.ups(0, "OL"), .ups(5, "OB"), .restart(10), .ups(25, "OB")], ["outage since 5, good 0"]),
        Row("a UPS that never answers is a lost contact from the start", [.restart(0), .time(30), .time(61)], ["monitor lost since 0"]),
        Row("a blip that contact was lost over is no outage", [.ups(0, "OL"), .ups(5, "OB"), .ups(10, "OL"), .fails(12), .fails(25), .ups(30, "OL")], []),
        Row("a long stop of the agent is no lost contact", [.ups(0, "OL"), .restart(4000), .time(4030), .ups(4031, "OL")], []),
        Row(
            "a check plugin does as well",
            [.check(0, .ok), .check(60, .critical), .check(120, .critical), .check(180, .warning), .check(240, .ok)],
            ["outage since 60, good 0", "restored 180, lost 60"]),
        Row("a check that knows nothing is a lost contact", [.check(0, .ok), .check(60, .unknown), .check(120, .unknown)], ["monitor lost since 60"]),
        Row("time alone confirms an outage that nothing contradicts", [.ups(0, "OB"), .time(14), .time(15), .time(16)], ["outage since 0, never good"]),
    ]

    @Test(arguments: rows)
    fileprivate func given(row: Row) throws {
        var monitor = PowerMonitor()
        #expect(try play(row.given, &monitor) == row.said)
        #expect(try PowerMonitor(state: monitor.state.written()) == monitor)
    }

    @Test func `a battery that is emptied on mains is told of again when it has lost a tenth`() {
        var monitor = PowerMonitor()
        func read(_ second: Int64, _ charge: Double) -> [PowerEvent] {
            monitor.wasRead(UPSReading(status: UPSStatus("OL DISCHRG"), chargePercent: charge), at: at("19:00") + .seconds(second))
        }
        #expect([read(0, 96), read(15, 95), read(60, 90), read(120, 85), read(180, 76)].map(\.count) == [0, 1, 0, 1, 0])
    }

    @Test func `a state that is none is refused in words`() throws {
        let error = #expect(throws: StateError.self) { try PowerMonitor(state: ["outage": ["since": "yesterday"]]) }
        #expect(error?.description.contains("\"since\"") == true)
        #expect(throws: StateError.self) { try PowerMonitor(state: []) }
    }
}
