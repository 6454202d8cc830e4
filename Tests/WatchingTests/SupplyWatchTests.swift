import Monitoring
import Regulation
import Testing
import Values

@testable import Watching

/// What the UPS says, a character each 5 s from 19:00: `L` on line, `B` on battery, `W` battery low, `F` off, `T` a test; `x` it cannot be read;
/// `R` the agent restarts from its saved state. Outages are called by the order of their names.
private func play(_ script: String) throws -> [String] {
    let configuration = WatchConfiguration(supply: gateSupply)
    var room = room(configuration, of: .economicZone)
    var cases: [String] = []
    var said: [String] = []
    for (index, character) in script.enumerated() {
        let now = at("19:00") + .seconds(Int64(index) * 5)
        func read(_ status: String) { room.wasRead(UPSReading(status: UPSStatus(status), chargePercent: 96.6, runtime: .seconds(1800)), at: now) }
        switch character {
        case "L": read("OL")
        case "B": read("OB DISCHRG")
        case "W": read("OB LB")
        case "F": read("OFF")
        case "T": read("OL CAL")
        case "x": room.supplyUnread("no answer", at: now)
        case "R":
            let state = try room.state.written()
            room = Watchroom(configuration, of: .economicZone, regulation: .standard, rate: 1, now: now)
            let problems = room.resume(state, at: now)
            #expect(problems.isEmpty)
        default: break
        }
        for announcement in room.say(as: "economic-zone") {
            let subject = announcement.subject ?? "none"
            if !cases.contains(subject) { cases.append(subject) }
            said.append("\(index * 5): \(cases.firstIndex(of: subject) ?? -1) \(words(announcement))")
        }
    }
    return said
}

private func words(_ announcement: Announcement) -> String {
    let data = announcement.data
    func second(_ key: String) -> String { data[key]?.instant.map { "\(($0 - at("19:00")).milliseconds / 1000)" } ?? "never" }
    if announcement.type == "power.restored" { return "restored \(second("lostAt")) to \(second("restoredAt"))" }
    return "\(data["status"]?.string ?? "") since \(second("since"))\(data["supplyLost"] == true ? ", lost" : "")"
}

@Suite struct SupplyWatchTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var script: String
        var said: [String]
        var testDescription: String { name }
        init(_ name: String, _ script: String, _ said: [String]) { (self.name, self.script, self.said) = (name, script, said) }
    }

    @Test(arguments: [
        Row("a supply that is there needs no word", "LLLLLL", []),
        Row("a dip is no outage", "LBBLLLLL", []),
        Row("a test is no outage", "LTTTTTTL", []),
        Row(
            "an outage has one name from its first reading to the return", "LBBBBLLLL",
            ["20: 0 on-battery since 5, lost", "40: 0 restored 5 to 25", "40: 0 online since 25"]),
        Row("and keeps it over restarts", "LBBBBRBLLRLL", ["20: 0 on-battery since 5, lost", "50: 0 restored 5 to 35", "50: 0 online since 35"]),
        Row(
            "the next outage has another", "BBBBLLLLBBBB",
            [
                "15: 0 on-battery since 0, lost", "35: 0 restored 0 to 20", "35: 0 online since 20", "55: 1 on-battery since 40, lost",
            ]),
        Row("a low battery is said at once and once", "LBWWW", ["10: 0 on-battery since 5, lost", "10: 0 low-battery since 10, lost"]),
        Row("a UPS that is off is", "LFFFF", ["20: 0 off since 5, lost"]),
        Row(
            "and so is one that goes off in an outage", "BBBBBFFB",
            ["15: 0 on-battery since 0, lost", "25: 0 off since 25, lost", "35: 0 on-battery since 35, lost"]),
        Row("a monitor lost is said, and says nothing of the supply", "Lxxxxxxxxxxxxx", ["65: 0 monitor-lost since 5"]),
        Row("and so is its return, under the same name", "LxxxxxxxxxxxxxLL", ["65: 0 monitor-lost since 5", "70: 0 online since 70"]),
        Row(
            "a monitor lost in an outage neither ends nor renames it", "BBBBxxxxxxxxxxxxxBLLLL",
            [
                "15: 0 on-battery since 0, lost", "80: 0 monitor-lost since 20", "85: 0 on-battery since 85, lost", "105: 0 restored 0 to 90",
                "105: 0 online since 90",
            ]),
        Row(
            "an outage found at the return bears the name under which the loss was said", "xxxxxxxxxxxxxBBBBB",
            ["60: 0 monitor-lost since 0", "80: 0 on-battery since 65, lost"]),
        Row("a dip at the return does not", "xxxxxxxxxxxxxBLLLL", ["60: 0 monitor-lost since 0", "85: 0 online since 85"]),
    ])
    func said(_ row: Row) throws { #expect(try play(row.script) == row.said) }

    @Test("charge and runtime are given as the UPS gives them") func measures() {
        var room = room(WatchConfiguration(supply: gateSupply), of: .economicZone)
        for second in [0, 15] as [Int64] {
            room.wasRead(UPSReading(status: UPSStatus("OB"), chargePercent: 100.4, runtime: .seconds(1260)), at: at("19:10") + .seconds(second))
        }
        #expect(
            room.say(as: "economic-zone").map(\.data) == [
                [
                    "ups": "gate", "status": "on-battery", "since": "2026-03-14T19:10:00+07:00", "chargePercent": 100, "runtimeSeconds": 1260,
                    "supplyLost": true,
                ]
            ])
    }

    @Test("a check in the place of a UPS tells of outage and return") func check() {
        var room = room(WatchConfiguration(supply: gateSupply), of: .economicZone)
        for (seconds, status) in [(0, CheckStatus.ok), (10, .critical), (25, .critical), (30, .ok), (45, .ok)] as [(Int64, CheckStatus)] {
            room.supplyChecked(CheckResult(status: status), at: at("19:00") + .seconds(seconds))
        }
        #expect(
            room.say(as: "economic-zone").map(words) == ["on-battery since 10, lost", "restored 10 to 30", "online since 30"])
    }
}
