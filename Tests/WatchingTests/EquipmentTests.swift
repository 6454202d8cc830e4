import Foundation
import Messages
import Monitoring
import Regulation
import Testing
import Values

@testable import Watching

/// What a UPS says for so many seconds, and what it gives as its charge and runtime, as text.
private typealias Stretch = (seconds: Int, status: String, charge: String, runtime: String)

private let began = at("19:00")

/// Says what the UPS at the gate says, read every five seconds from 19:00; gives what the room said and told the officer, each with its second.
private func play(_ stretches: [Stretch]) -> (said: [String], told: [String]) {
    var room = room(WatchConfiguration(supply: gateSupply), of: .economicZone)
    var (said, told): ([String], [String]) = ([], [])
    var second = 0
    for stretch in stretches {
        let end = second + stretch.seconds
        while second < end {
            let now = began + .seconds(Int64(second))
            room.wasRead(UPSReading(status: stretch.status, charge: stretch.charge, runtime: stretch.runtime), at: now)
            room.timePassed(to: now)
            said += room.say(as: "economic-zone").map { "\(second): \($0.data["status"]?.string ?? "restored") \(since($0))" }
            told += room.told().filter { $0.contains("UPS gate") }.map { "\(second): \($0)" }
            second += 5
        }
    }
    return (said, told)
}

private func since(_ announcement: Announcement) -> Int64 {
    let data = announcement.data
    return ((data["since"] ?? data["restoredAt"])?.instant).map { ($0 - began).milliseconds / 1000 } ?? -1
}

@Suite struct UPSInTheFieldTests {
    @Test("a power cut in a calibration is an outage with a low battery when the UPS gives up") func cutDuringCalibration() {
        let (said, _) = play([
            (30, "OL", "100", "1800"), (120, "CAL OB DISCHRG", "60", "900"), (60, "CAL OB DISCHRG LB", "8", "60"), (30, "FSD CAL OB DISCHRG LB", "3", "20"),
        ])
        #expect(said == ["210: on-battery 210", "210: low-battery 210"])
    }

    @Test("a shutdown order that stays does not keep an outage from ending, and is told") func shutdownStays() {
        let (said, told) = play([
            (30, "OL", "100", "1800"), (60, "OB DISCHRG", "40", "400"), (30, "FSD OB LB", "9", "60"), (600, "FSD OL CHRG", "12", "90"),
        ])
        #expect(said == ["45: on-battery 30", "90: low-battery 90", "135: restored 120", "135: online 120"])
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("135: UPS gate has its mains back, but the order to shut down (FSD) still stands") == true)
    }

    @Test("a UPS that empties its battery on mains is no outage, and the officer is told, with the charge") func dischargingOnMains() {
        let (said, told) = play([(30, "OL", "100", "1800"), (60, "OL DISCHRG", "96", "1500"), (60, "OL DISCHRG", "84", "1200"), (600, "OL CHRG", "85", "1300")])
        #expect(said.isEmpty)
        #expect(told.map { String($0.prefix(4)) } == ["45: ", "90: "])
        #expect(told.first?.contains("(OL DISCHRG, battery at 96 %)") == true)
        #expect(told.last?.contains("(OL DISCHRG, battery at 84 %)") == true)
    }

    @Test("a runtime that no battery has is left out of what is said") func hugeRuntime() {
        var room = room(WatchConfiguration(supply: gateSupply), of: .economicZone)
        for second in [0, 15] as [Int64] { room.wasRead(UPSReading(status: "OB", charge: "255", runtime: "10000000000000000"), at: began + .seconds(second)) }
        let said = room.say(as: "economic-zone").map(\.data)
        #expect(said == [["ups": "gate", "status": "on-battery", "since": JSON(began, offset: local), "supplyLost": true]])
    }

    @Test("check_ups in the place of a UPS tells of an outage from its first reading, with what the UPS says") func checkUPS() async throws {
        let directory = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        func check(_ name: String, _ output: String, _ code: Int) throws -> Plugin {
            let path = directory.appending(path: name).path(percentEncoded: false)
            try "#!/bin/sh\nprintf '\(output)\\n'\nexit \(code)\n".write(toFile: path, atomically: true, encoding: .utf8)
            #expect(chmod(path, 0o755) == 0)
            return Plugin(path)
        }
        let onBattery = try check(
            "check_ups-on-battery.sh",
            "UPS WARNING - Status=On Battery Utility=0.0V Batt=80.0%% Load=28.0%% | voltage=0mV;;;0 battery=80%%;;;0;100 load=28%%;;;0;100", 1)
        let stale = try check("check_ups", "CRITICAL - UPS data is stale", 2)
        let supply = WatchedSupply(
            name: "gate", source: .check(onBattery, timeout: .seconds(5)), poll: .minutes(1), grace: .seconds(15), lostAfter: .minutes(2))
        var room = room(WatchConfiguration(supply: supply), of: .economicZone)
        let runner = PluginRunner(timeout: .seconds(10))
        room.supplyChecked(await runner.run(onBattery), at: began)
        room.timePassed(to: began + .seconds(15))
        let lost = room.say(as: "economic-zone")
        #expect(
            lost.map(\.data) == [["ups": "gate", "status": "on-battery", "since": JSON(began, offset: local), "supplyLost": true]])
        // That the UPS cannot be asked ends no outage, and begins none.
        for minute in 1...4 as ClosedRange<Int64> { room.supplyChecked(await runner.run(stale), at: began + .minutes(minute)) }
        #expect(room.say(as: "economic-zone").map { $0.data["status"] } == ["monitor-lost"])
        var quiet = self.quiet(supply)
        for minute in 0...4 as ClosedRange<Int64> { quiet.supplyChecked(await runner.run(stale), at: began + .minutes(minute)) }
        #expect(quiet.say(as: "economic-zone").map { $0.data["supplyLost"] } == [false])
    }

    private func quiet(_ supply: WatchedSupply) -> Watchroom { room(WatchConfiguration(supply: supply), of: .economicZone) }

    @Test("an agent that lost its memory says once how the supply is, so that nobody holds an outage to go on") func memoryLost() {
        let configuration = WatchConfiguration(supply: gateSupply)
        for (state, wasLost) in [(JSON?.none, true), (["supply": ["monitor": 5]], false)] {
            var room = Watchroom(configuration, of: .economicZone, regulation: .standard, rate: 1, now: began)
            _ = room.resume(state, at: began, pastWasLost: wasLost)
            for second in stride(from: 0, to: 60, by: 5) as StrideTo<Int64> { room.wasRead(UPSReading(status: UPSStatus("OL")), at: began + .seconds(second)) }
            let said = room.say(as: "economic-zone")
            #expect(said.map { $0.data["status"] } == ["online"])
            #expect(said.allSatisfy { $0.subject != nil })
        }
    }

    @Test("a name of an outage without the outage, in a damaged state, says nothing") func damaged() throws {
        var room = Watchroom(WatchConfiguration(supply: gateSupply), of: .economicZone, regulation: .standard, rate: 1, now: began)
        _ = room.resume(["supply": ["monitor": [:], "outage": "DIEN-9", "said": "off"]], at: began)
        for second in [0, 5, 10, 60] as [Int64] { room.wasRead(UPSReading(status: UPSStatus("OL")), at: began + .seconds(second)) }
        #expect(room.say(as: "economic-zone").isEmpty)
    }
}

@Suite struct RoomClockTests {
    private func good(_ room: inout Watchroom, _ instant: Instant) { room.checked("led-screen", CheckResult(status: .ok), at: instant) }
    private func bad(_ room: inout Watchroom, _ instant: Instant) { room.checked("led-screen", CheckResult(status: .critical), at: instant) }

    @Test("hours of a day in which the machine slept are without record, and no incident", arguments: [true, false])
    func slept(isSleep: Bool) throws {
        var room = room(now: at("06:29"))
        for minute in 0...90 as ClosedRange<Int64> { good(&room, at("06:30") + .minutes(minute)) }
        let woken = at("17:00") + .seconds(1)
        if isSleep {
            room.wasAway(until: woken)
        } else {
            room.clockStepped(ClockStep(by: .hours(9), since: at("06:00"), now: woken))
        }
        room.timePassed(to: woken)
        for second in stride(from: 20, to: 20_000, by: 30) as StrideTo<Int64> {
            good(&room, at("17:00") + .seconds(second))
            room.timePassed(to: at("17:00") + .seconds(second))
        }
        room.timePassed(to: at("22:20"))
        let said = room.say(as: "border-guard")
        #expect(said.map(\.type) == ["device.status-changed", "device.status-changed", "device.status-changed", "operations.day-closed"])
        let device = try #require(said.last?.data["devices"]?.array?.first)
        // From 07:00 to 08:00 and from 17:00:20 on it is known to have worked.
        #expect(device["operatedMinutes"] == 359)
        #expect(device["noRecordMinutes"] == 541)
        #expect(device["lost"] == [])
    }

    @Test("an outage said of a time that is yet to come is said again once the clock is right") func setBack() throws {
        var room = room(now: at("16:00"))
        good(&room, at("16:00"))
        for minute in 1...3 as ClosedRange<Int64> { bad(&room, at("16:00") + .minutes(minute)) }
        let early = room.say(as: "border-guard")
        #expect(early.map(\.type) == ["device.status-changed", "device.status-changed", "incident.detected"])
        room.clockStepped(ClockStep(by: .zero - .hours(8), since: at("15:59"), now: at("08:04")))
        room.timePassed(to: at("08:04"))
        let again = room.say(as: "border-guard")
        #expect(again.map(\.type) == ["device.status-changed", "incident.detected"])
        #expect(again.last?.subject == early.last?.subject)
        #expect(again.last?.data["occurredAt"]?.instant == at("08:01"))
        #expect(again.last?.data["lastKnownGoodAt"]?.instant == at("08:00"))
        for announcement in again {
            for member in announcement.data.object?.members ?? [] { if let instant = member.value.instant { #expect(instant <= at("08:04")) } }
        }
        // It ends as any other, once.
        good(&room, at("08:05"))
        good(&room, at("08:06"))
        #expect(room.say(as: "border-guard").map { $0.data["since"]?.instant } == [at("08:05")])
    }

    @Test("a clock set back by seconds repeats nothing") func setBackALittle() {
        var room = room(now: at("16:00"))
        for minute in 0...3 as ClosedRange<Int64> { bad(&room, at("16:00") + .minutes(minute)) }
        _ = room.say(as: "border-guard")
        room.clockStepped(ClockStep(by: .zero - .seconds(40), since: at("15:59"), now: at("16:03")))
        #expect(room.say(as: "border-guard").isEmpty)
    }

    @Test("an outage of the supply said of a time that is yet to come is said again") func supplySetBack() {
        var room = room(WatchConfiguration(supply: gateSupply), of: .economicZone, now: at("16:00"))
        for second in [0, 15] as [Int64] { room.wasRead(UPSReading(status: UPSStatus("OB")), at: at("16:00") + .seconds(second)) }
        let early = room.say(as: "economic-zone")
        room.clockStepped(ClockStep(by: .zero - .hours(8), since: at("15:59"), now: at("08:01")))
        let again = room.say(as: "economic-zone")
        #expect(again.map(\.subject) == early.map(\.subject))
        #expect(again.map { $0.data["since"]?.instant } == [at("08:00")])
        #expect(again.map { $0.data["supplyLost"] } == [true])
    }

    @Test("what could not be said yet when the clock was set back is said in the new time") func outgoing() {
        var room = room(now: at("16:00"))
        for minute in 0...2 as ClosedRange<Int64> { bad(&room, at("16:00") + .minutes(minute)) }
        room.clockStepped(ClockStep(by: .zero - .hours(8), since: at("15:59"), now: at("08:03")))
        #expect(!room.outgoing.isEmpty)
        for message in room.outgoing {
            for member in message.announcement.data.object?.members ?? [] { if let instant = member.value.instant { #expect(instant <= at("08:03")) } }
        }
    }

    @Test("a clock that was ten years ahead closes no ten years of days, and none is lost when it is right again") func yearsAhead() {
        var room = room(now: at("06:00"))
        good(&room, at("06:30"))
        _ = room.say(as: "border-guard")
        let ahead = at("06:30", day: 3650)
        room.clockStepped(ClockStep(by: ahead - at("06:31"), since: at("06:00"), now: ahead))
        room.timePassed(to: ahead)
        let closed = room.say(as: "border-guard").filter { $0.type == "operations.day-closed" }
        #expect(closed.count <= OperatingRecord.longestBacklogDays)
        room.clockStepped(ClockStep(by: at("06:32") - ahead, since: ahead, now: at("06:32")))
        good(&room, at("06:33"))
        good(&room, at("06:34"))
        _ = room.say(as: "border-guard")
        room.timePassed(to: at("22:20"))
        #expect(room.say(as: "border-guard").last?.data["date"] == "2026-03-14")
    }

    @Test("a saved state of the future or of long ago closes today, and no thousand days") func savedDays() throws {
        for (day, count) in [("2199-12-31", 1), ("1900-01-01", 32), ("9999-12-31", 1), ("0001-01-01", 1), ("2026-03-14", 1), ("2026-03-15", 1), ("none", 1)] {
            var record = OperatingRecord([screen()], regulation: .standard, rate: 1, now: at("06:00"))
            // Known to have worked since 1900, so that each day could be told of.
            let mark: JSON = ["since": "1900-01-01T00:00:00Z", "condition": "operating"]
            let state: JSON = ["hours": ["histories": [["device": "led-screen", "marks": [mark]]], "causes": []], "nextDay": .string(day)]
            try record.resume(state, at: at("06:00"))
            #expect(record.closeDays(at: at("22:20")).count == count, "\(day)")
        }
    }

    @Test("a record begun by a clock that was years ahead closes today once the clock is right, with nothing in the future") func begunAhead() throws {
        var record = OperatingRecord([screen()], regulation: .standard, rate: 1, now: at("06:00", day: 3650))
        record.statusChanged(StatusChange(device: "led-screen", from: nil, to: .ok, since: at("06:00", day: 3650)))
        record.wasAway(until: at("06:00"))
        let closed = record.closeDays(at: at("22:20"))
        #expect(closed.map { $0.data["date"] } == ["2026-03-14"])
        #expect(closed.first?.data["operatedMinutes"] == 900)
    }

    @Test("a window counts from when it was heard of, whatever its sender's clock says") func backdated() {
        var room = room(now: at("08:00"))
        good(&room, at("09:59"))
        bad(&room, at("10:00"))
        // Written, by its sender's clock, before the device failed; said after.
        room.heard(maintenance("BT-1", from: at("09:00"), until: at("11:00"), writtenAt: at("09:00")), at: at("10:01"))
        bad(&room, at("10:01"))
        bad(&room, at("10:02"))
        #expect(room.say(as: "border-guard").contains { $0.type == "incident.detected" })
        var planned = PlannedWork(.standard)
        _ = planned.heard(maintenance("BT-2", from: at("13:00"), until: at("16:00"), writtenAt: at("12:00")), at: at("12:00"))
        // An end that its sender's clock puts into the future counts from when it was heard.
        _ = planned.heard(report("maintenance.window-closed", "BT-2", ["officer": "Trực ban"], at: at("15:30")), at: at("14:00"))
        #expect(planned.windows.first?.until == at("14:00"))
    }
}

@Suite struct RoomBoundsTests {
    @Test("a message that nobody would accept is not tried for ever: the officer is told, and it is kept") func refused() throws {
        var room = room()
        for minute in 10...12 { room.checked("led-screen", CheckResult(status: .critical), at: at("19:\(minute)")) }
        _ = room.told()
        let message = try #require(room.outgoing.first)
        room.wasRefused(message.id, Refusal(Wording(vi: "không hợp lệ", en: "it is wrong"), remedy: Wording(vi: "sửa", en: "mend it")))
        #expect(!room.outgoing.contains(message))
        #expect(room.refused == [message])
        let told = room.told()
        #expect(told.count == 1)
        #expect(told.first?.contains("NOT SENT, and not tried again: it is wrong; please mend it") == true)
        var after = self.again(try room.state.written())
        #expect(after.refused == room.refused)
        #expect(after.outgoing == room.outgoing)
        for _ in 0..<200 {
            for minute in 20...24 { after.checked("led-screen", CheckResult(status: minute < 22 ? .ok : .critical), at: at("19:\(minute)")) }
            for message in after.outgoing { after.wasRefused(message.id, Refusal(Wording(vi: "x", en: "x"), remedy: Wording(vi: "x", en: "x"))) }
        }
        #expect(after.refused.count <= Watchroom.refusedLimit)
    }

    private func again(_ state: JSON) -> Watchroom {
        var room = Watchroom(WatchConfiguration(devices: [screen()]), of: .borderGuard, regulation: .standard, rate: 1, now: at("19:15"))
        _ = room.resume(state, at: at("19:15"))
        return room
    }

    @Test("what waits to be sent is bounded, and an incident is the last to go") func outgoing() {
        var room = room()
        for minute in 0...2 as ClosedRange<Int64> { room.checked("led-screen", CheckResult(status: .critical), at: at("19:00") + .minutes(minute)) }
        let incident = room.outgoing.first { $0.announcement.type == "incident.detected" }
        #expect(incident != nil)
        // Back and forth between working and warning, a message each time.
        for minute in 3..<8000 as Range<Int64> {
            let status: CheckStatus = minute / 3 % 2 == 0 ? .ok : .warning
            room.checked("led-screen", CheckResult(status: status), at: at("19:00") + .minutes(minute))
        }
        #expect(room.outgoing.count <= Watchroom.outgoingLimit)
        #expect(incident.map(room.outgoing.contains) == true)
        let told = room.told()
        #expect(told.count <= Watchroom.notesLimit)
        #expect(told.contains { $0.contains("too much waits to be sent: the 101 oldest messages on the status of devices were left out") })
    }

    @Test("what is not watched for now keeps what is known of it") func unwatched() throws {
        var room = room()
        for minute in 10...12 { room.checked("led-screen", CheckResult(status: .critical), at: at("19:\(minute)")) }
        let incident = room.say(as: "border-guard").last?.subject
        // The file could not be read at the next start.
        var blind = Watchroom(WatchConfiguration(), of: .borderGuard, regulation: .standard, rate: 1, now: at("19:13"))
        _ = blind.resume(try room.state.written(), at: at("19:13"))
        blind.timePassed(to: at("19:14"))
        #expect(blind.say(as: "border-guard").isEmpty)
        var after = again(try blind.state.written())
        for minute in 15...16 { after.checked("led-screen", CheckResult(status: .ok), at: at("19:\(minute)")) }
        #expect(after.told().contains { $0.contains(incident ?? "none") && $0.contains("works again") })
        #expect(after.say(as: "border-guard").map(\.type) == ["device.status-changed"])
    }

    @Test(
        "a state of any shape is taken up as far as it goes",
        arguments: [
            "5", "[]", "{}", #"{"devices":[]}"#, #"{"devices":{"led-screen":{"monitor":{"flips":[],"isFlapping":false},"incidents":5,"heldBack":[]}}}"#,
            #"{"record":5,"reports":5,"planned":{},"outgoing":{},"refused":7}"#, #"{"outgoing":[{"id":"x","type":"nonsense","data":5},5,{}]}"#,
            #"{"record":{"hours":{"histories":[{"device":"led-screen","marks":[{"since":"9999-12-31T23:59:59Z","condition":"down"},{"since":"0001-01-01T00:00:00Z","condition":"operating"}]}],"causes":[{"cause":"power","from":"9999-12-31T00:00:00Z","until":"0001-01-01T00:00:00Z"}]},"nextDay":"9999-99-99"}}"#,
        ])
    func garbage(_ text: String) throws {
        var room = Watchroom(WatchConfiguration(devices: [screen()]), of: .borderGuard, regulation: .standard, rate: 1, now: at("19:15"))
        _ = room.resume(try JSON(parsing: text), at: at("19:15"))
        room.timePassed(to: at("22:30"))
        for minute in 31...40 { room.checked("led-screen", CheckResult(status: minute < 36 ? .critical : .ok), at: at("22:\(minute)")) }
        #expect(room.outgoing.contains { $0.announcement.type == "incident.detected" })
        _ = try room.state.written()
    }
}
