import Regulation
import Testing
import Values

@testable import Monitoring
@testable import Watching

/// The record of the LED screen, checked every 30 s, from a morning on.
private func record(now: Instant = at("06:00")) -> OperatingRecord {
    OperatingRecord([screen(interval: .seconds(30))], regulation: .standard, rate: 1, now: now)
}

private func change(_ status: CheckStatus, since: Instant) -> StatusChange { StatusChange(device: "led-screen", from: nil, to: status, since: since) }

/// `2026-03-14: 900`, and what was lost or is not known.
private func words(_ announcement: Announcement) -> String {
    let device = announcement.data["devices"]?.array?.first
    let lost = (device?["lost"]?.array ?? []).map { " -\($0["minutes"]?.int ?? 0) \($0["cause"]?.string ?? "")" }.joined()
    let noRecord = device?["noRecordMinutes"]?.int ?? 0
    return "\(announcement.data["date"]?.string ?? ""): \(announcement.data["operatedMinutes"]?.int ?? 0)\(lost)\(noRecord > 0 ? " ?\(noRecord)" : "")"
}

@Suite struct OperatingRecordTests {
    @Test("a day is closed once, when what happened before 22:00 is sure to be confirmed") func once() {
        var record = record()
        record.statusChanged(change(.ok, since: at("06:00")))
        let closed = record.closeDays(at: at("22:00"))
        #expect(closed.isEmpty)
        let closedNext = record.closeDays(at: at("22:02"))
        #expect(closedNext.map(words) == ["2026-03-14: 900"])
        let closedThen = record.closeDays(at: at("22:03"))
        #expect(closedThen.isEmpty)
        let closedLast = record.closeDays(at: at("22:10", day: 1))
        #expect(closedLast.map(words) == ["2026-03-15: 900"])
    }

    @Test("slow checks do not hold the record back beyond what is owed") func slow() {
        var record = OperatingRecord([screen(interval: .hours(2))], regulation: .standard, rate: 1, now: at("06:00"))
        let closed = record.closeDays(at: at("22:19"))
        #expect(closed.isEmpty)
        let closedNext = record.closeDays(at: at("22:20"))
        #expect(closedNext.count == 1)
    }

    @Test("the day under way at a restart is closed once, and keeps its morning") func restart() throws {
        var before = record()
        before.statusChanged(change(.ok, since: at("06:00")))
        before.statusChanged(change(.critical, since: at("12:00")))
        var after = record(now: at("15:00"))
        try after.resume(try before.state.written(), at: at("15:00"))
        after.statusChanged(change(.ok, since: at("15:00")))
        let closed = after.closeDays(at: at("22:02"))
        #expect(closed.map(words) == ["2026-03-14: 720 -180 fault"])
        var later = record(now: at("22:05"))
        try later.resume(try after.state.written(), at: at("22:05"))
        let closedNext = later.closeDays(at: at("22:06"))
        #expect(closedNext.isEmpty)
    }

    @Test("days missed are closed where something is known of them") func missed() throws {
        var before = record()
        before.statusChanged(change(.ok, since: at("06:00")))
        var after = record(now: at("09:00", day: 3))
        try after.resume(try before.state.written(), at: at("09:00", day: 3))
        after.statusChanged(change(.unknown, since: at("18:00")))
        after.statusChanged(change(.ok, since: at("09:00", day: 3)))
        let closed = after.closeDays(at: at("09:00", day: 3))
        #expect(closed.map(words) == ["2026-03-14: 660 ?240"])
        let closedNext = after.closeDays(at: at("22:02", day: 3))
        #expect(closedNext.map(words) == ["2026-03-17: 780 ?120"])
    }

    @Test("a day of which nothing is known is told if the agent was there") func unknown() {
        var there = record()
        let closed = there.closeDays(at: at("22:02"))
        #expect(closed.map(words) == ["2026-03-14: 0 ?900"])
        var late = record(now: at("22:01"))
        let closedNext = late.closeDays(at: at("22:05"))
        #expect(closedNext.isEmpty)
    }

    @Test("what is lost while the supply is lost is put down to it") func power() {
        var record = record()
        var reports = SupplyReports(Equipment.Supply.standard)
        record.statusChanged(change(.ok, since: at("06:00")))
        for event in [lost("DIEN-1", since: at("08:00")), restored("DIEN-1", at: at("11:00"))] where reports.heard(event) { record.supplyChanged(reports) }
        record.statusChanged(change(.critical, since: at("08:00")))
        record.statusChanged(change(.ok, since: at("11:05")))
        let closed = record.closeDays(at: at("22:02"))
        #expect(closed.map(words) == ["2026-03-14: 715 -180 power -5 fault"])
    }

    struct Rounding: CustomTestStringConvertible, Sendable {
        var name: String
        /// Milliseconds of one minute added to whole minutes: operated, without record, lost to a fault, lost to power.
        var operated, noRecord, fault, power: Int64
        var minutes: [Int64]
        var testDescription: String { name }
    }

    @Test(
        "whole minutes make up the window and keep the verdict",
        arguments: [
            Rounding(
                name: "a millisecond over the allowance is a minute over", operated: 840 * 60_000 - 1, noRecord: 0, fault: 60 * 60_000 + 1, power: 0,
                minutes: [839, 0, 61, 0]),
            Rounding(
                name: "halves without loss lose nothing", operated: 500 * 60_000 + 30_000, noRecord: 399 * 60_000 + 30_000, fault: 0, power: 0,
                minutes: [500, 400, 0, 0]),
            Rounding(
                name: "halves and the whole allowance stay within it", operated: 500 * 60_000 + 30_000, noRecord: 339 * 60_000 + 30_000, fault: 60 * 60_000,
                power: 0, minutes: [500, 340, 60, 0]),
            Rounding(
                name: "the cause that loses most by rounding gets the minute", operated: 800 * 60_000, noRecord: 0, fault: 40 * 60_000 + 20_000,
                power: 59 * 60_000 + 40_000, minutes: [800, 0, 40, 60]),
        ])
    func minutes(_ row: Rounding) {
        let losses = [LostTime(cause: .power, span: Span(milliseconds: row.power)), LostTime(cause: .fault, span: Span(milliseconds: row.fault))]
        let day = DeviceDay(
            device: "led-screen", operated: Span(milliseconds: row.operated), lost: losses.filter { $0.span > .zero },
            noRecord: Span(milliseconds: row.noRecord),
            unreachableSince: nil, verdict: .noRecord)
        let minutes = day.minutes
        func lost(_ cause: LossCause) -> Int64 { minutes.lost.first { $0.cause == cause }?.minutes ?? 0 }
        #expect([minutes.operated, minutes.noRecord, lost(.fault), lost(.power)] == row.minutes)
    }
}

@Suite struct PlannedHoursTests {
    /// Friday the 13th, the LED screen dark from 08:00 to 11:30, of which 08:00 to 11:00 was announced.
    @Test("hours lost in announced maintenance are put down to it", arguments: [("maintenance", "maintenance"), ("power-cut", "power"), ("order", "order")])
    func causes(_ kind: String, _ cause: String) throws {
        var room = room(now: at("06:00"))
        room.heard(maintenance("BT-1", from: at("08:00"), until: at("11:00"), kind: kind, devices: ["led-screen"], writtenAt: at("06:30")))
        for minute in 0...2 { room.checked("led-screen", CheckResult(status: .ok), at: at("06:0\(minute)")) }
        for minute in stride(from: 0, to: 211, by: 1) { room.checked("led-screen", CheckResult(status: .critical), at: at("08:00") + .minutes(Int64(minute))) }
        for minute in stride(from: 211, to: 850, by: 1) { room.checked("led-screen", CheckResult(status: .ok), at: at("08:00") + .minutes(Int64(minute))) }
        room.timePassed(to: at("22:25"))
        let closed = try #require(room.say(as: "border-guard").last { $0.type == "operations.day-closed" })
        let lost = closed.data["devices"]?.array?.first?["lost"]?.array ?? []
        #expect(lost == [["cause": .string(cause), "minutes": 180], ["cause": "fault", "minutes": 31]])
    }
}
