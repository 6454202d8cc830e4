import Testing
import Values

@testable import Monitoring

@Suite struct TimekeeperTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        /// By how many milliseconds the wall clock and the steady clock went on.
        var wall, steady: Int64
        var finding: Timekeeper.Finding
        var testDescription: String { name }
        init(_ name: String, _ wall: Int64, _ steady: Int64, _ finding: Timekeeper.Finding) {
            (self.name, self.wall, self.steady, self.finding) = (name, wall, steady, finding)
        }
    }

    @Test(arguments: [
        Row("both go on", 1_000, 1_000, .ordinary), Row("the clock is slewed", 1_040, 1_000, .ordinary), Row("a tick comes late", 29_000, 29_000, .ordinary),
        Row("a step of two seconds is the clock's own", 3_000, 1_000, .ordinary), Row("and so is one back", -1_000, 1_000, .ordinary),
        Row("the machine slept for nine hours", 32_400_000, 32_400_000, .absence), Row("the agent stood still for a minute", 60_000, 60_000, .absence),
        Row("the clock was set ahead", 32_400_000, 1_000, .step(by: Span(milliseconds: 32_399_000), since: at("08:00"))),
        Row("the clock was set ahead by three seconds", 4_001, 1_000, .step(by: Span(milliseconds: 3_001), since: at("08:00"))),
        Row("the clock was set back", -3_600_000, 1_000, .step(by: Span(milliseconds: -3_601_000), since: at("08:00"))),
        Row("the machine slept, and its clock was set", 90_000, 60_000, .step(by: .seconds(30), since: at("08:00"))),
        Row("what is dated before tells nothing", -10, -5, .ordinary),
    ])
    func finding(_ row: Row) {
        var keeper = Timekeeper(Timekeeper.Reading(wall: at("08:00"), steady: .hours(100)))
        let reading = Timekeeper.Reading(wall: at("08:00") + Span(milliseconds: row.wall), steady: .hours(100) + Span(milliseconds: row.steady))
        #expect(keeper.read(reading) == row.finding)
    }

    @Test func `a step is found once, and the next is measured from it`() {
        var keeper = Timekeeper(Timekeeper.Reading(wall: at("08:00"), steady: .zero))
        _ = keeper.read(Timekeeper.Reading(wall: at("17:00"), steady: .seconds(1)))
        #expect(keeper.read(Timekeeper.Reading(wall: at("17:00") + .seconds(1), steady: .seconds(2))) == .ordinary)
        #expect(
            keeper.read(Timekeeper.Reading(wall: at("08:00"), steady: .seconds(3))) == .step(by: at("08:00") - at("17:00") - .seconds(2), since: at("17:00")))
    }

    @Test func `a step moves what was read off the clock before it, and nothing into the future`() {
        let step = ClockStep(by: .zero - .hours(1), since: at("08:00"), now: at("08:30"))
        #expect(step.moved(at("09:10")) == at("08:10"))
        #expect(step.moved(at("08:00")) == at("07:00"))
        #expect(step.moved(at("07:59")) == at("07:59"))
        #expect(step.moved(at("10:00")) == at("08:30"))
    }

    @Test(arguments: [
        ("1970-01-01T00:00:09Z", nil, false), ("2024-12-31T23:59:59Z", nil, false), ("2025-01-01T00:00:00Z", nil, true), ("2026-11-26T10:00:00Z", nil, true),
        ("2026-11-26T10:00:00Z", "2026-11-26T10:00:01Z", true), ("2026-11-26T10:00:00Z", "2026-11-26T10:01:00Z", false),
        ("2026-11-26T10:00:00Z", "2026-11-25T10:00:00Z", true), ("1970-01-01T00:00:09Z", "1969-01-01T00:00:00Z", false),
    ])
    func `a clock may not show what is past already`(wall: String, seen: String?, isAdmitted: Bool) throws {
        let wall = try #require(Instant(rfc3339: wall))
        var plausibility = ClockPlausibility(seenBefore: seen.flatMap { Instant(rfc3339: $0) })
        #expect(plausibility.admits(wall) == isAdmitted)
        #expect(plausibility.admits(plausibility.earliest))
        plausibility.agreed(with: wall + .minutes(5), at: wall)
        #expect(plausibility.admits(wall) == isAdmitted)
        plausibility.agreed(with: wall + .seconds(3), at: wall)
        #expect(plausibility.admits(wall) == (wall >= ClockPlausibility.beginning))
    }

    @Test func `a clock that was set while the agent ran is held to the program's own age alone`() throws {
        var plausibility = ClockPlausibility(seenBefore: at("19:00", day: 900))
        #expect(!plausibility.admits(at("19:00")))
        plausibility.wasSet()
        #expect(plausibility.admits(at("19:00")))
        #expect(!plausibility.admits(Instant(milliseconds: 0)))
    }
}
