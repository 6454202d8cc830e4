import Testing
import Values

@testable import AgentKit

@Suite struct ClockTests {
    private let wall = Instant(rfc3339: "2026-11-24T10:00:00Z") ?? noon
    private let virtual = Instant(rfc3339: "2026-03-14T08:00:00+07:00") ?? noon

    @Test func aDrillRunsAnHourAMinuteFromItsStartOn() throws {
        let clock = try #require(Clock(option: "60@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00"))
        #expect(clock.virtual(fromWall: wall) == virtual)
        #expect(clock.virtual(fromWall: wall + .minutes(1)) == virtual + .hours(1))
        #expect(clock.wall(fromVirtual: virtual + .hours(1)) == wall + .minutes(1))
        #expect(clock.wallSeconds(of: .hours(1)) == 60)
        #expect(!clock.isSystem)
    }

    @Test func beforeItsStartADrillKeepsPace() throws {
        let clock = try #require(Clock(option: "60@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00"))
        #expect(clock.virtual(fromWall: wall - .minutes(1)) == virtual - .minutes(1))
        #expect(clock.wall(fromVirtual: virtual - .minutes(1)) == wall - .minutes(1))
    }

    @Test func theSystemClockIsRealTime() {
        #expect(Clock.system.virtual(fromWall: wall) == wall)
        #expect(Clock.system.wall(fromVirtual: wall) == wall)
        #expect(Clock.system.wallSeconds(of: .seconds(90)) == 90)
        let before = Clock.realNow
        #expect(Clock.system.now >= before)
    }

    @Test(arguments: ["60", "7.3", "0.5", "1000"]) func aWaitIsNeverTooShort(rate: String) throws {
        let clock = try #require(Clock(option: "\(rate)@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00"))
        for milliseconds in stride(from: Int64(1), through: 1_000_000, by: 7919) {
            let instant = virtual + Span(milliseconds: milliseconds)
            #expect(clock.virtual(fromWall: clock.wall(fromVirtual: instant)) >= instant)
        }
    }

    @Test(arguments: [
        "", "60", "60@", "60@2026-11-24T10:00:00Z", "60@2026-11-24T10:00:00=2026-03-14T08:00:00+07:00", "0@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00",
        "-1@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00", "nan@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00",
        "inf@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00", "60@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00=", "x@y=z",
        "60@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00@1",
    ]) func whatIsNoClockIsRefused(option: String) { #expect(Clock(option: option) == nil) }
}
