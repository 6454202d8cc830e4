import Testing
import Values

@testable import Monitoring

/// What a device's checks say, a character a minute from 19:00: `O`k, `W`arning, `C`ritical, `U`nknown; `.` no result, but the agent notices the time;
/// `_` nothing at all; `R` the agent restarts from its saved state.
private func play(_ script: String, _ monitor: inout DeviceMonitor) throws -> [String] {
    var said: [String] = []
    for (minute, character) in script.enumerated() {
        let now = at("19:00") + .minutes(Int64(minute))
        var events: [DeviceEvent] = []
        switch character {
        case "O": events = monitor.checked(CheckResult(status: .ok, summary: "fine"), at: now)
        case "W": events = monitor.checked(CheckResult(status: .warning, summary: "hot"), at: now)
        case "C": events = monitor.checked(CheckResult(status: .critical, summary: "dark"), at: now)
        case "U": events = monitor.checked(CheckResult(status: .unknown, summary: "no route"), at: now)
        case ".": events = monitor.timePassed(to: now)
        case "R":
            monitor = try DeviceMonitor(device: monitor.device, damping: monitor.damping, state: try monitor.state.written())
            events = monitor.resumed(at: now)
        default: break
        }
        said += events.map { "\(minute): \(words($0))" }
    }
    return said
}

private func words(_ event: DeviceEvent) -> String {
    func minute(_ instant: Instant) -> String { String((instant - at("19:00")).milliseconds / 60_000) }
    func good(_ instant: Instant?) -> String { instant.map { "good \(minute($0))" } ?? "never good" }
    return switch event {
    case .statusChanged(let change): "\(change.from?.rawValue ?? "none") to \(change.to.rawValue) since \(minute(change.since)), \(good(change.lastKnownGood))"
    case .incidentSuspected(let incident): "incident \(incident.cause.rawValue) at \(minute(incident.occurredAt)), \(good(incident.lastKnownGoodAt))"
    case .recovered(let end): "recovered \(end.cause.rawValue) \(minute(end.since)) to \(minute(end.at))"
    case .flapping(let flapping): "flapping \(flapping.changes) since \(minute(flapping.since))"
    }
}

@Suite struct DeviceMonitorTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var script: String
        var said: [String]
        var testDescription: String { name }
        init(_ name: String, _ script: String, _ said: [String]) { (self.name, self.script, self.said) = (name, script, said) }
    }

    @Test(arguments: [
        Row("the first good result is believed at once", "OO", ["0: none to ok since 0, never good"]),
        Row("one or two bad results change nothing", "OOCCOO", ["0: none to ok since 0, never good"]),
        Row(
            "three bad results are an outage since the first of them", "OOCCC",
            ["0: none to ok since 0, never good", "4: ok to critical since 2, good 1", "4: incident device-failed at 2, good 1"]),
        Row(
            "one outage raises one incident, however long", "OCCCCCCCCCCCCCCCC",
            ["0: none to ok since 0, never good", "3: ok to critical since 1, good 0", "3: incident device-failed at 1, good 0"]),
        Row(
            "two good results end it, since the first of them", "OCCCOO",
            [
                "0: none to ok since 0, never good", "3: ok to critical since 1, good 0", "3: incident device-failed at 1, good 0",
                "5: recovered device-failed 1 to 4", "5: critical to ok since 4, good 0",
            ]),
        Row(
            "a short recovery inside an outage neither ends nor restarts it", "OCCCOCCCOO",
            [
                "0: none to ok since 0, never good", "3: ok to critical since 1, good 0", "3: incident device-failed at 1, good 0",
                "9: recovered device-failed 1 to 8", "9: critical to ok since 8, good 4",
            ]),
        Row(
            "a short recovery before confirmation does not move the start", "OCCOCCC",
            ["0: none to ok since 0, never good", "6: ok to critical since 1, good 0", "6: incident device-failed at 1, good 0"]),
        Row(
            "a confirmed recovery does: the next outage is another", "OCCOOCCC",
            ["0: none to ok since 0, never good", "7: ok to critical since 5, good 4", "7: incident device-failed at 5, good 4"]),
        Row(
            "two outages raise two incidents", "CCCOOCCC",
            [
                "2: none to critical since 0, never good", "2: incident device-failed at 0, never good", "4: recovered device-failed 0 to 3",
                "4: critical to ok since 3, never good", "7: ok to critical since 5, good 4", "7: incident device-failed at 5, good 4",
            ]),
        Row(
            "an unknown result neither counts towards an outage nor breaks the row", "OCUCUC",
            ["0: none to ok since 0, never good", "5: ok to critical since 1, good 0", "5: incident device-failed at 1, good 0"]),
        Row(
            "the start is the first proof, not the first doubt", "OUUCCC",
            ["0: none to ok since 0, never good", "5: ok to critical since 3, good 0", "5: incident device-failed at 3, good 0"]),
        Row(
            "a warning is damped like the rest and raises no incident", "OWWOWWWWOO",
            ["0: none to ok since 0, never good", "6: ok to warning since 4, good 3", "9: warning to ok since 8, good 7"]),
        Row(
            "a warning ends an outage, because the device works", "CCCWW",
            [
                "2: none to critical since 0, never good", "2: incident device-failed at 0, never good", "4: recovered device-failed 0 to 3",
                "4: critical to warning since 3, never good",
            ]),
        Row(
            "ten minutes of unknown are no incident", "OUUUUUUUUUUUOO",
            ["0: none to ok since 0, never good", "3: ok to unknown since 1, good 0", "13: unknown to ok since 12, good 0"]),
        Row(
            "longer than that, the monitor itself is lost", "OUUUUUUUUUUUUUUOO",
            [
                "0: none to ok since 0, never good", "3: ok to unknown since 1, good 0", "12: incident monitor-lost at 1, good 0",
                "16: recovered monitor-lost 1 to 15", "16: unknown to ok since 15, good 0",
            ]),
        Row(
            "a known result in between starts the ten minutes anew", "OUUUUUUUUOUUUUUUUU",
            ["0: none to ok since 0, never good", "3: ok to unknown since 1, good 0"]),
        Row(
            "silence is as good as unknown", "O..............OO",
            [
                "0: none to ok since 0, never good", "11: ok to unknown since 0, good 0", "11: incident monitor-lost at 0, good 0",
                "16: recovered monitor-lost 0 to 15", "16: unknown to ok since 15, good 0",
            ]),
        Row(
            "silence that nobody noticed while it lasted is no record, but no incident", "O______________OO",
            ["0: none to ok since 0, never good", "15: ok to unknown since 0, good 0", "16: unknown to ok since 15, good 0"]),
        Row(
            "a monitor lost in mid-outage is no second incident", "OCCCUUUUUUUUUUUUUUCCCOO",
            [
                "0: none to ok since 0, never good", "3: ok to critical since 1, good 0", "3: incident device-failed at 1, good 0",
                "6: critical to unknown since 4, good 0", "20: unknown to critical since 18, good 0", "22: recovered device-failed 1 to 21",
                "22: critical to ok since 21, good 0",
            ]),
        Row(
            "a device that proves to have failed after its monitor was lost is a second incident", "OUUUUUUUUUUUUCCC",
            [
                "0: none to ok since 0, never good", "3: ok to unknown since 1, good 0", "12: incident monitor-lost at 1, good 0",
                "15: recovered monitor-lost 1 to 13", "15: unknown to critical since 13, good 0", "15: incident device-failed at 13, good 0",
            ]),
        Row(
            "a restart in mid-outage raises nothing again and keeps the start", "OCCCRCCCCOO",
            [
                "0: none to ok since 0, never good", "3: ok to critical since 1, good 0", "3: incident device-failed at 1, good 0",
                "10: recovered device-failed 1 to 9", "10: critical to ok since 9, good 0",
            ]),
        Row(
            "a restart before confirmation keeps the start and the count", "OCCRC",
            ["0: none to ok since 0, never good", "4: ok to critical since 1, good 0", "4: incident device-failed at 1, good 0"]),
        Row(
            "a long stop in mid-outage is no record, and still the same outage", "OCCC______________RCCCOO",
            [
                "0: none to ok since 0, never good", "3: ok to critical since 1, good 0", "3: incident device-failed at 1, good 0",
                "18: critical to unknown since 3, good 0", "21: unknown to critical since 19, good 0", "23: recovered device-failed 1 to 22",
                "23: critical to ok since 22, good 0",
            ]),
        Row(
            "a long stop of the agent is no lost monitor", "OO_____________R.OO",
            ["0: none to ok since 0, never good", "15: ok to unknown since 1, good 1", "18: unknown to ok since 17, good 1"]),
        Row(
            "a device that never answers is a lost monitor from the start", "R..............",
            ["11: none to unknown since 0, never good", "11: incident monitor-lost at 0, never good"]),
        Row(
            "a restart while the monitor is being lost keeps the start", "OUUUURUUUUUUUU",
            ["0: none to ok since 0, never good", "3: ok to unknown since 1, good 0", "12: incident monitor-lost at 1, good 0"]),
        Row(
            "a device that goes back and forth is reported once", "OCOCOCOCOCOCOCOCO",
            ["0: none to ok since 0, never good", "7: flapping 7 since 1"]),
    ])
    func given(row: Row) throws {
        var monitor = DeviceMonitor(device: "led-screen")
        #expect(try play(row.script, &monitor) == row.said)
    }

    @Test func `flapping is reported again only after a whole window of calm`() throws {
        var monitor = DeviceMonitor(device: "kiosk-1", damping: Damping(flapBound: 2, flapWindow: .minutes(5)))
        let said = try play("OCOCOCOCO" + "OOOOOOO" + "COCO", &monitor)
        #expect(said.filter { $0.contains("flapping") } == ["3: flapping 3 since 1", "18: flapping 3 since 16"])
    }

    @Test(arguments: ["OCC", "OCOCOCOCO", "OUUU", "OUUUUUUUUUUUUUU", "CCC", "OCCCO", "OWW", "OCCCUUUUUUUUUUUU"])
    func `a restored monitor goes on exactly as the one that was saved`(script: String) throws {
        var first = DeviceMonitor(device: "led-screen")
        _ = try play(script, &first)
        var second = try DeviceMonitor(device: "led-screen", state: try first.state.written())
        #expect(second == first)
        for letters in ["CCCOO", "OOCCC", "UUUUUUUUUUUUUUUO", "WWWW"] { #expect(try play(letters, &first) == play(letters, &second)) }
    }

    @Test func `a result dated before the previous one does not turn time back`() {
        var monitor = DeviceMonitor(device: "led-screen", damping: Damping(confirmBad: 1))
        _ = monitor.checked(CheckResult(status: .ok), at: at("19:10"))
        _ = monitor.checked(CheckResult(status: .critical), at: at("19:05"))
        #expect(monitor.outage?.since == at("19:10"))
    }

    @Test func `an incident at night is an incident`() {
        var monitor = DeviceMonitor(device: "led-screen", damping: Damping(confirmBad: 1))
        let events = monitor.checked(CheckResult(status: .critical, summary: "dark"), at: at("03:00"))
        #expect(
            events.contains(
                .incidentSuspected(
                    SuspectedIncident(device: "led-screen", cause: .deviceFailed, occurredAt: at("03:00"), lastKnownGoodAt: nil, output: "dark"))))
    }

    // MARK: Clocks

    private let morning = at("08:00")
    private let afternoon = at("17:00")

    /// A monitor to which a result came at each of these seconds after 08:00.
    private func monitor(_ results: [(Int64, CheckStatus)]) -> DeviceMonitor {
        var monitor = DeviceMonitor(device: "led-screen")
        for (second, status) in results { _ = monitor.checked(CheckResult(status: status), at: morning + .seconds(second)) }
        return monitor
    }

    @Test func `a sleep of nine hours, or a clock set nine hours ahead, is no record for them, and no incident`() {
        for isSleep in [true, false] {
            var monitor = monitor([(0, .ok)])
            let woken = afternoon + .seconds(1)
            let step = ClockStep(by: woken - morning - .seconds(1), since: at("07:00"), now: woken)
            var events = isSleep ? monitor.wasAway(until: woken) : monitor.clockStepped(step)
            events += monitor.timePassed(to: woken)
            events += monitor.checked(CheckResult(status: .ok), at: afternoon + .seconds(20))
            events += monitor.checked(CheckResult(status: .ok), at: afternoon + .seconds(50))
            #expect(
                events.map(words) == ["ok to unknown since -660, good -660", "unknown to ok since -119, good -660"])
        }
    }

    @Test func `what had been unknown for a while before a sleep is unknown anew after it`() {
        for minutes in [5, 500] as [Int64] {
            var monitor = monitor([(0, .ok), (60, .unknown), (120, .unknown), (180, .unknown)])
            let woken = morning + .minutes(3 + minutes)
            var events = monitor.wasAway(until: woken)
            for second in [0, 60, 120, 540] as [Int64] { events += monitor.checked(CheckResult(status: .unknown), at: woken + .seconds(second)) }
            #expect(!events.contains { if case .incidentSuspected = $0 { true } else { false } })
            events = monitor.checked(CheckResult(status: .unknown), at: woken + .seconds(601))
            #expect(events.contains { if case .incidentSuspected(let incident) = $0 { incident.occurredAt == woken } else { false } })
        }
    }

    @Test func `a failure seen once before a long sleep does not begin the outage found after it`() {
        var monitor = monitor([(0, .ok), (60, .critical)])
        _ = monitor.wasAway(until: afternoon)
        var events: [DeviceEvent] = []
        for minute in 0...2 as ClosedRange<Int64> { events += monitor.checked(CheckResult(status: .critical), at: afternoon + .minutes(minute)) }
        #expect(monitor.outage?.since == afternoon)
        #expect(events.contains { if case .incidentSuspected(let incident) = $0 { incident.occurredAt == afternoon } else { false } })
    }

    @Test func `a clock set back turns no duration negative and loses no outage`() {
        var monitor = monitor([(0, .ok), (60, .critical), (120, .critical)])
        // From 08:02:10 to 07:02:10.
        let step = ClockStep(by: .zero - .hours(1), since: at("06:00"), now: at("07:02") + .seconds(10))
        #expect(monitor.clockStepped(step).isEmpty)
        #expect(monitor.outage?.since == at("07:01"))
        let events = monitor.checked(CheckResult(status: .critical), at: at("07:03"))
        #expect(events.contains { if case .incidentSuspected(let incident) = $0 { incident.occurredAt == at("07:01") } else { false } })
        #expect(monitor.timePassed(to: at("07:12")).isEmpty)
        // Silence is noticed after ten minutes, not after an hour and ten.
        #expect(!monitor.timePassed(to: at("07:14")).isEmpty)
    }

    @Test func `a clock set ahead by less than silence may last shortens no wait`() {
        var monitor = monitor([(0, .ok), (60, .unknown), (120, .unknown)])
        _ = monitor.clockStepped(ClockStep(by: .minutes(9), since: at("07:00"), now: morning + .seconds(130) + .minutes(9)))
        let events = monitor.checked(CheckResult(status: .unknown), at: morning + .minutes(12))
        #expect(!events.contains { if case .incidentSuspected = $0 { true } else { false } })
    }

    @Test func `a saved state of a time that is yet to come leaves nothing in the future`() throws {
        var monitor = monitor([(0, .ok), (60, .critical), (120, .critical), (180, .critical)])
        monitor = try DeviceMonitor(device: "led-screen", state: monitor.state.written())
        #expect(monitor.resumed(at: at("07:00")).isEmpty)
        #expect(monitor.heardAt == at("07:00"))
        #expect(monitor.outage?.since == at("07:00"))
        #expect(!monitor.timePassed(to: at("07:11")).isEmpty)
    }

    @Test(arguments: [
        #"{"flips":[],"isFlapping":false,"goodRow":{"since":"2026-03-14T08:00:00Z","count":9223372036854775807}}"#,
        #"{"flips":[],"isFlapping":false,"shiftRow":{"since":"2026-03-14T08:00:00Z","count":-5}}"#,
    ])
    func `a count that no row has is refused, not counted on`(text: String) {
        #expect(throws: StateError.self) { try DeviceMonitor(device: "led-screen", state: try JSON(parsing: text)) }
    }

    @Test func `a state of the beginning and the end of time is taken up`() throws {
        for year in ["1900", "2199"] {
            let instant = JSON.string("\(year)-01-02T00:00:00Z")
            let row: JSON = ["since": instant, "lastKnownGood": instant, "count": 3]
            let state: JSON = [
                "status": "critical", "statusSince": instant, "outage": ["since": instant, "isConfirmed": true], "heardAt": instant, "lastKnownGood": instant,
                "goodRow": row, "criticalRow": row, "unknownRow": row, "shiftRow": row, "flips": .array(Array(repeating: instant, count: 5_000)),
                "isFlapping": true,
            ]
            var monitor = try DeviceMonitor(device: "led-screen", state: state)
            #expect(monitor.flips.count == 7)
            _ = monitor.resumed(at: morning)
            for (minute, status) in CheckStatus.allCases.enumerated() {
                _ = monitor.checked(CheckResult(status: status), at: morning + .minutes(Int64(minute)))
            }
            _ = monitor.clockStepped(ClockStep(by: .zero - .days(2_900_000), since: at("00:00", day: 2_700_000), now: Instant(milliseconds: 0)))
            #expect(try DeviceMonitor(device: "led-screen", state: monitor.state.written()) == monitor)
        }
    }

    @Test(arguments: ["0001", "1899", "2200", "9999"]) func `a state of a year that no gate has is refused, and says where`(year: String) {
        let text = #"{"status":"ok","statusSince":"\#(year)-01-02T00:00:00Z","flips":[],"isFlapping":false}"#
        let error = #expect(throws: StateError.self) { try DeviceMonitor(device: "led-screen", state: try JSON(parsing: text)) }
        #expect(error?.description.contains("statusSince") == true)
    }

    @Test(arguments: [#"[]"#, #"{}"#, #"{"status":"fine","flips":[],"isFlapping":false}"#, #"{"flips":[1],"isFlapping":false}"#])
    func `a state that is none is refused in words`(text: String) {
        let error = #expect(throws: StateError.self) { try DeviceMonitor(device: "led-screen", state: try JSON(parsing: text)) }
        #expect(error?.description.hasPrefix("the saved state of the monitor of led-screen") == true)
    }
}
