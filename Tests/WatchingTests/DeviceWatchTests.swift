import Monitoring
import Regulation
import Testing
import Values

@testable import Watching

/// What happens at the gate, a character a minute from 19:00: the check says `O`k, `C`ritical or `U`nknown; `.` no result comes; the Economic Zone says that
/// power was `P` lost or is `p` back; it announces `W` five minutes of maintenance from the next minute on, or `w` ends it; `R` the agent restarts from its saved state.
private func play(_ script: String, raisesIncident: Bool = true) throws -> [String] {
    var device = screen()
    device.raisesIncident = raisesIncident
    let configuration = WatchConfiguration(devices: [device])
    var room = room(configuration)
    var said: [String] = []
    for (minute, character) in script.enumerated() {
        let now = at("19:00") + .minutes(Int64(minute))
        switch character {
        case "O": room.checked("led-screen", CheckResult(status: .ok, summary: "fine"), at: now)
        case "C": room.checked("led-screen", CheckResult(status: .critical, summary: "dark"), at: now)
        case "U": room.checked("led-screen", CheckResult(status: .unknown, summary: "no route"), at: now)
        case "P": room.heard(lost("DIEN-1", since: now))
        case "p": room.heard(restored("DIEN-1", at: now))
        case "W": room.heard(maintenance("BT-1", from: now + .minutes(1), until: now + .minutes(6), writtenAt: now))
        case "w": room.heard(report("maintenance.window-closed", "BT-1", ["officer": "Trực ban"], at: now))
        case "R":
            let state = try room.state.written()
            room = Watchroom(configuration, of: .borderGuard, regulation: .standard, rate: 1, now: now)
            let problems = room.resume(state, at: now)
            #expect(problems.isEmpty)
        default: break
        }
        room.timePassed(to: now)
        said += room.say(as: "border-guard").map { "\(minute): \(words($0))" }
    }
    return said
}

private func words(_ announcement: Announcement) -> String {
    let data = announcement.data
    func minute(_ key: String) -> String? { data[key]?.instant.map { "\(($0 - at("19:00")).milliseconds / 60_000)" } }
    let cause = data["cause"]?.string.map { " for \($0)" } ?? ""
    if announcement.type == "device.status-changed" { return "\(data["status"]?.string ?? "") since \(minute("since") ?? "")\(cause)" }
    return "incident at \(minute("occurredAt") ?? ""), good \(minute("lastKnownGoodAt") ?? "never")\(cause)"
}

@Suite struct DeviceWatchTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var script: String
        var said: [String]
        var testDescription: String { name }
        init(_ name: String, _ script: String, _ said: [String]) { (self.name, self.script, self.said) = (name, script, said) }
    }

    @Test(arguments: [
        Row("a device that works is said to once", "OOOO", ["0: ok since 0"]),
        Row(
            "an outage is a status and an incident, both from its first bad result", "OOCCC",
            ["0: ok since 0", "4: critical since 2", "4: incident at 2, good 1"]),
        Row("a device never seen to work has no last good instant", "CCC", ["2: critical since 0", "2: incident at 0, good never"]),
        Row("a recovery is said, and nothing is resolved", "OCCCOO", ["0: ok since 0", "3: critical since 1", "3: incident at 1, good 0", "5: ok since 4"]),
        Row(
            "one outage, one incident, over restarts too", "OCCCRCCCRCCC", ["0: ok since 0", "3: critical since 1", "3: incident at 1, good 0"]),
        Row("a restart before the confirmation moves no start", "OCCRC", ["0: ok since 0", "4: critical since 1", "4: incident at 1, good 0"]),
        Row(
            "the next outage is another incident", "OCCCOOCCC",
            [
                "0: ok since 0", "3: critical since 1", "3: incident at 1, good 0", "5: ok since 4", "8: critical since 6", "8: incident at 6, good 5",
            ]),
        Row("where power is lost, that is the cause", "OPCCC", ["0: ok since 0", "4: critical since 2 for power", "4: incident at 2, good 0 for power"]),
        Row(
            "power heard of while the outage is being confirmed is its cause too", "OCPCC",
            ["0: ok since 0", "4: critical since 1 for power", "4: incident at 1, good 0 for power"]),
        Row("power that is back explains nothing new", "OPpCCC", ["0: ok since 0", "5: critical since 3", "5: incident at 3, good 0"]),
        Row(
            "power that came back after the outage began explains it", "OPCCpC",
            ["0: ok since 0", "5: critical since 2 for power", "5: incident at 2, good 0 for power"]
        ),
        Row("what goes dark in announced maintenance is no incident", "OWCCCOOOO", ["0: ok since 0", "4: critical since 2 for maintenance", "6: ok since 5"]),
        Row(
            "what outlasts it is one, from its end on", "OWCCCCCC",
            ["0: ok since 0", "4: critical since 2 for maintenance", "7: incident at 7, good 0"]),
        Row(
            "over a restart too", "OWCCCRCC", ["0: ok since 0", "4: critical since 2 for maintenance", "7: incident at 7, good 0"]),
        Row(
            "an early end ends it", "OWCCCwC", ["0: ok since 0", "4: critical since 2 for maintenance", "5: incident at 5, good 0"]),
        Row(
            "what went dark before it was announced was not planned", "OCWCC", ["0: ok since 0", "4: critical since 1", "4: incident at 1, good 0"]),
        Row("lost power is known after a restart", "OPRCCC", ["0: ok since 0", "5: critical since 3 for power", "5: incident at 3, good 0 for power"]),
        Row(
            "nothing known for too long is an incident of its own", "OUUU........", ["0: ok since 0", "3: unknown since 1"]),
        Row(
            "nothing known for longer is an incident", "OUUU.........U", ["0: ok since 0", "3: unknown since 1", "13: incident at 1, good 0"]),
    ])
    func said(_ row: Row) throws { #expect(try play(row.script) == row.said) }

    @Test("a device whose outages are no incidents has its status said alone") func quiet() throws {
        #expect(try play("OCCC", raisesIncident: false) == ["0: ok since 0", "3: critical since 1"])
    }

    @Test("an incident tells what, since when, and by what it was found") func incident() throws {
        var room = room()
        room.checked("led-screen", CheckResult(status: .ok), at: at("19:11"))
        for minute in 12...14 {
            let result = CheckResult(
                status: .critical, summary: "CRITICAL - connection refused", performance: [PerformanceDatum(label: "time", value: 0.5, unit: "s")],
                longOutput: "tried twice")
            room.checked("led-screen", result, at: at("19:\(minute)"))
        }
        let said = room.say(as: "border-guard")
        #expect(said.map(\.type) == ["device.status-changed", "device.status-changed", "incident.detected"])
        #expect(said[1].subject == "led-screen")
        #expect(
            said[1].data == [
                "device": "led-screen", "status": "critical", "since": "2026-03-14T19:12:00+07:00", "output": "CRITICAL - connection refused",
                "performance": [["label": "time", "value": 0.5, "unit": "s"]],
            ])
        #expect(try #require(said[2].subject).hasPrefix("SC-20260314-1912-"))
        #expect(
            said[2].data == [
                "kind": "technical", "occurredAt": "2026-03-14T19:12:00+07:00", "lastKnownGoodAt": "2026-03-14T19:11:00+07:00",
                "title": "màn hình LED không hoạt động", "device": "led-screen", "detectedBy": "check_tcp",
                "evidence": "CRITICAL - connection refused\ntried twice",
            ])
    }

    @Test("output of any length fits its member") func longOutput() {
        var room = room()
        for minute in 10...12 {
            room.checked("led-screen", CheckResult(status: .critical, summary: String(repeating: "đ", count: 9000)), at: at("19:\(minute)"))
        }
        let said = room.say(as: "border-guard")
        #expect(said.count == 2)
    }

    @Test("what could not be said yet is said after a restart, under the same id") func kept() throws {
        var before = room()
        for minute in 10...12 { before.checked("led-screen", CheckResult(status: .critical), at: at("19:\(minute)")) }
        var after = Watchroom(WatchConfiguration(devices: [screen()]), of: .borderGuard, regulation: .standard, rate: 1, now: at("19:13"))
        let problems = after.resume(try before.state.written(), at: at("19:13"))
        #expect(problems.isEmpty)
        #expect(after.outgoing == before.outgoing)
        #expect(after.outgoing.count == 2)
    }

    @Test("a part of the state that cannot be read costs no other part") func damaged() throws {
        var room = room(WatchConfiguration(devices: [screen()]))
        let state: JSON = ["devices": ["led-screen": ["monitor": 5]], "reports": [["subject": "DIEN-1", "since": "2026-03-14T19:00:00+07:00"]]]
        let problems = room.resume(state, at: at("19:30"))
        #expect(problems.count == 1)
        for minute in 31...33 { room.checked("led-screen", CheckResult(status: .critical), at: at("19:\(minute)")) }
        let said = room.say(as: "border-guard")
        #expect(said.last?.data["cause"] == "power")
    }
}
