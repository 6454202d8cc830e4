import Testing
import Values

@testable import Monitoring

/// What happens to the LED screen, in order of telling.
private enum Happening: Sendable {
    case shows(CheckStatus, Instant)
    case begins(LossCause, Instant)
    case ends(LossCause, Instant)
}

private func hours(_ happenings: [Happening], device: String = "led-screen") -> OperatingHours {
    var hours = OperatingHours(devices: ["led-screen", "kiosk-1"])
    for happening in happenings {
        switch happening {
        case .shows(let status, let instant): hours.statusChanged(StatusChange(device: device, from: nil, to: status, since: instant))
        case .begins(let cause, let instant): hours.causeBegan(cause, at: instant)
        case .ends(let cause, let instant): hours.causeEnded(cause, at: instant)
        }
    }
    return hours
}

@Suite struct OperatingHoursTests {
    fileprivate struct Row: CustomTestStringConvertible, Sendable {
        var name: String
        var given: [Happening]
        /// Minutes.
        var operated: Int64
        var lost: [LostTime] = []
        var noRecord: Int64 = 0
        var unreachable: Instant?
        var verdict: DayVerdict
        var testDescription: String { name }
    }

    fileprivate static let rows = [
        Row(name: "a whole day in operation is the window, not the minimum", given: [.shows(.ok, at("06:00"))], operated: 900, verdict: .reached),
        Row(name: "a warning is operation", given: [.shows(.warning, at("06:00"))], operated: 900, verdict: .reached),
        Row(
            name: "what lies outside the window does not count",
            given: [.shows(.ok, at("00:00")), .shows(.critical, at("06:00")), .shows(.ok, at("07:00")), .shows(.critical, at("22:00"))], operated: 900,
            verdict: .reached),
        Row(
            name: "exactly one hour lost leaves exactly the minimum",
            given: [.shows(.ok, at("06:00")), .shows(.critical, at("08:00")), .shows(.ok, at("09:00"))], operated: 840,
            lost: [LostTime(cause: .fault, span: .minutes(60))], verdict: .reached),
        Row(
            name: "a minute more is under, from the instant the hour was used up",
            given: [.shows(.ok, at("06:00")), .shows(.critical, at("08:00")), .shows(.ok, at("09:01"))], operated: 839,
            lost: [LostTime(cause: .fault, span: .minutes(61))], unreachable: at("09:00"), verdict: .under),
        Row(
            name: "losses add up over the day",
            given: [
                .shows(.ok, at("06:00")), .shows(.critical, at("08:00")), .shows(.ok, at("08:40")), .shows(.critical, at("20:00")), .shows(.ok, at("21:00")),
            ], operated: 800, lost: [LostTime(cause: .fault, span: .minutes(100))], unreachable: at("20:20"), verdict: .under),
        Row(
            name: "an outage across 22:00 costs what lies before it", given: [.shows(.ok, at("06:00")), .shows(.critical, at("21:30"))], operated: 870,
            lost: [LostTime(cause: .fault, span: .minutes(30))], verdict: .reached),
        Row(
            name: "an outage from the evening before costs what lies after 07:00",
            given: [.shows(.ok, at("06:00", day: -1)), .shows(.critical, at("21:30", day: -1)), .shows(.ok, at("07:30"))], operated: 870,
            lost: [LostTime(cause: .fault, span: .minutes(30))], verdict: .reached),
        Row(name: "a day without data is no record, never under", given: [], operated: 0, noRecord: 900, verdict: .noRecord),
        Row(
            name: "a morning without data is neither operation nor loss", given: [.shows(.ok, at("12:00"))], operated: 600, noRecord: 300, verdict: .noRecord),
        Row(
            name: "unknown in between is no record, and the rest may still suffice",
            given: [.shows(.ok, at("06:00")), .shows(.unknown, at("10:00")), .shows(.ok, at("10:45"))], operated: 855, noRecord: 45, verdict: .reached),
        Row(
            name: "more than the allowance without record leaves the day open",
            given: [.shows(.ok, at("06:00")), .shows(.critical, at("09:00")), .shows(.unknown, at("09:30")), .shows(.ok, at("11:00"))], operated: 780,
            lost: [LostTime(cause: .fault, span: .minutes(30))], noRecord: 90, verdict: .noRecord),
        Row(
            name: "an announced power cut of three hours is a shortfall not put down to a fault",
            given: [
                .shows(.ok, at("06:00")), .begins(.power, at("08:00")), .shows(.critical, at("08:00")), .shows(.ok, at("11:00")),
                .ends(.power, at("11:00")),
            ],
            operated: 720, lost: [LostTime(cause: .power, span: .minutes(180))], unreachable: at("09:00"), verdict: .under),
        Row(
            name: "what outlasts its cause is a fault again",
            given: [
                .shows(.ok, at("06:00")), .begins(.power, at("08:00")), .shows(.critical, at("08:00")), .ends(.power, at("08:20")),
                .shows(.ok, at("08:50")),
            ],
            operated: 850, lost: [LostTime(cause: .power, span: .minutes(20)), LostTime(cause: .fault, span: .minutes(30))], verdict: .reached),
        Row(
            name: "where two causes hold at once, what was decided comes first",
            given: [
                .shows(.ok, at("06:00")), .begins(.power, at("08:00")), .shows(.critical, at("08:00")), .begins(.maintenance, at("08:10")),
                .begins(.order, at("08:20")), .ends(.order, at("08:30")), .ends(.maintenance, at("08:40")), .shows(.ok, at("08:50")),
                .ends(.power, at("09:00")),
            ], operated: 850,
            lost: [
                LostTime(cause: .order, span: .minutes(10)), LostTime(cause: .maintenance, span: .minutes(20)), LostTime(cause: .power, span: .minutes(20)),
            ], verdict: .reached),
        Row(
            name: "a cause without loss costs nothing",
            given: [.shows(.ok, at("06:00")), .begins(.maintenance, at("08:00")), .ends(.maintenance, at("12:00"))],
            operated: 900, verdict: .reached),
        Row(
            name: "a change confirmed late counts from its start, over what stood there",
            given: [.shows(.ok, at("06:00")), .shows(.ok, at("10:02")), .shows(.critical, at("10:00")), .shows(.ok, at("10:30"))],
            operated: 870, lost: [LostTime(cause: .fault, span: .minutes(30))], verdict: .reached),
    ]

    @Test(arguments: rows)
    fileprivate func given(row: Row) throws {
        var hours = hours(row.given)
        let day = hours.closeDay(saturday, at: at("22:10")).cluster
        #expect(day.operated == .minutes(row.operated))
        #expect(day.lost == row.lost)
        #expect(day.noRecord == .minutes(row.noRecord))
        #expect(day.unreachableSince == row.unreachable)
        #expect(day.verdict == row.verdict)
        #expect(try OperatingHours(devices: hours.devices, state: hours.state.written()) == hours)
    }

    @Test func `the instant at which the minimum becomes unreachable is known in advance and undone by a recovery`() {
        var hours = hours([.shows(.ok, at("06:00")), .shows(.critical, at("08:00"))])
        #expect(hours.unreachableSince("led-screen", on: saturday) == at("09:00"))
        #expect(hours.canStillReachMinimum("led-screen", on: saturday, at: at("08:59")))
        #expect(!hours.canStillReachMinimum("led-screen", on: saturday, at: at("09:00")))
        hours.statusChanged(StatusChange(device: "led-screen", from: .critical, to: .ok, since: at("09:00")))
        #expect(hours.unreachableSince("led-screen", on: saturday) == nil)
        #expect(hours.canStillReachMinimum("led-screen", on: saturday, at: at("09:00")))
    }

    @Test func `hours so far end at the instant asked for`() {
        let hours = hours([.shows(.ok, at("06:00"))])
        #expect(hours.operated("led-screen", on: saturday, at: at("06:30")) == .zero)
        #expect(hours.operated("led-screen", on: saturday, at: at("07:00")) == .zero)
        #expect(hours.operated("led-screen", on: saturday, at: at("12:00")) == .hours(5))
        #expect(hours.operated("led-screen", on: saturday, at: at("23:00")) == .hours(15))
        #expect(hours.day("led-screen", on: saturday, at: at("12:00")).noRecord == .hours(10))
    }

    @Test func `an outage across midnight costs both days their part`() {
        var hours = hours([.shows(.ok, at("06:00")), .shows(.critical, at("21:00")), .shows(.ok, at("08:30", day: 1))])
        #expect(hours.closeDay(saturday, at: at("22:10")).cluster.lost == [LostTime(cause: .fault, span: .minutes(60))])
        let sunday = hours.closeDay(saturday.advanced(by: 1), at: at("22:10", day: 1)).cluster
        #expect(sunday.lost == [LostTime(cause: .fault, span: .minutes(90))])
        #expect(sunday.unreachableSince == at("08:00", day: 1))
    }

    @Test func `a status carries over any number of days, and closing them keeps the record short`() {
        var hours = hours([.shows(.ok, at("06:00"))])
        for day in 0..<40 {
            hours.statusChanged(StatusChange(device: "led-screen", from: .ok, to: .critical, since: at("12:00", day: day)))
            hours.causeBegan(.maintenance, at: at("12:00", day: day))
            hours.statusChanged(StatusChange(device: "led-screen", from: .critical, to: .ok, since: at("12:30", day: day)))
            hours.causeEnded(.maintenance, at: at("12:30", day: day))
            let summary = hours.closeDay(saturday.advanced(by: day), at: at("22:10", day: day))
            #expect(summary.cluster.operated == .minutes(870))
            #expect(summary.cluster.lost == [LostTime(cause: .maintenance, span: .minutes(30))])
        }
        #expect(hours.marks["led-screen"]?.count ?? 0 <= 4)
        #expect(hours.periods.count <= 2)
    }

    @Test func `each device has its hours, the deciding one stands for the Cluster`() {
        var hours = hours([.shows(.ok, at("06:00"))], device: "kiosk-1")
        hours.statusChanged(StatusChange(device: "no-such-device", from: nil, to: .ok, since: at("06:00")))
        let summary = hours.closeDay(saturday, at: at("22:10"))
        #expect(summary.devices.map(\.device) == ["led-screen", "kiosk-1"])
        #expect(summary.devices.map(\.verdict) == [.noRecord, .reached])
        #expect(summary.cluster.device == "led-screen")
    }

    @Test func `a loss confirmed after 22:00 changes a day drawn up again`() {
        var hours = hours([.shows(.ok, at("06:00"))])
        #expect(hours.closeDay(saturday, at: at("22:00")).cluster.operated == .minutes(900))
        hours.statusChanged(StatusChange(device: "led-screen", from: .ok, to: .critical, since: at("21:59")))
        #expect(hours.closeDay(saturday, at: at("22:05")).cluster.operated == .minutes(899))
    }

    @Test func `a device monitor's events carry over into hours`() {
        var monitor = DeviceMonitor(device: "led-screen")
        var hours = OperatingHours(devices: ["led-screen"])
        for minute in 0..<900 {
            let status: CheckStatus = (100..<140).contains(minute) ? .critical : (300..<330).contains(minute) ? .unknown : .ok
            for case .statusChanged(let change) in monitor.checked(CheckResult(status: status), at: at("07:00") + .minutes(Int64(minute))) {
                hours.statusChanged(change)
            }
        }
        let day = hours.closeDay(saturday, at: at("22:10")).cluster
        #expect((day.operated, day.noRecord) == (.minutes(830), .minutes(30)))
        #expect(day.lost == [LostTime(cause: .fault, span: .minutes(40))])
    }
}
