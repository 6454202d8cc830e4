@testable import Regulation
import Testing
import Values

/// An instant by the clock of Lào Cai: `2026-08-21 16:50`, with seconds if need be.
func local(_ text: String) -> Instant {
    let withSeconds = text.count == 16 ? text + ":00" : text
    guard let instant = Instant(rfc3339: withSeconds.replacing(" ", with: "T") + "+07:00") else { preconditionFailure("no time: \(text)") }
    return instant
}

/// The last millisecond of a day in Lào Cai.
func end(_ date: String) -> Instant { local(date + " 23:59:59.999") }

func day(_ text: String) -> CivilDate {
    guard let date = CivilDate(text) else { preconditionFailure("no day: \(text)") }
    return date
}

/// Working days and hours, with the standard calendar.
@Suite struct WorkCalendarTests {
    let calendar = Regulation.standard.calendar

    @Test(arguments: [
        ("2026-03-13", true), ("2026-03-14", false), ("2026-03-15", false), ("2026-03-16", true),
        // Tết.
        ("2026-02-13", true), ("2026-02-16", false), ("2026-02-17", false), ("2026-02-20", false), ("2026-02-23", true),
        // Bridge days and the Saturdays that make up for them.
        ("2026-01-02", false), ("2026-01-10", true), ("2026-08-31", false), ("2026-08-22", true), ("2026-08-29", false), ("2026-09-02", false),
        ("2026-09-03", true),
        ("2026-04-27", false), ("2026-04-30", false), ("2026-05-01", false), ("2026-05-04", true),
    ]) func aDayIsWorkedOrOff(_ date: String, _ isWorked: Bool) { #expect(calendar.isWorkingDay(day(date)) == isWorked) }

    @Test func aYearWithoutDataHasTheDaysOffOfEveryYearAndSaysSo() {
        #expect(calendar.hasData(for: day("2026-12-31")))
        #expect(!calendar.hasData(for: day("2027-01-01")))
        #expect(!calendar.isWorkingDay(day("2027-01-01")), "a Friday, the first of January")
        #expect(calendar.isWorkingDay(day("2027-02-08")), "a Monday of which nobody has said yet that it is Tết")
        #expect(!calendar.isWorkingDay(day("2027-01-02")), "a Saturday")
        #expect(calendar.workingDay(after: day("2026-12-31")) == day("2027-01-04"))
    }

    @Test(
        "a fixed day off on a weekend is made good on the next working day, two of them on the next two",
        arguments: [
            // 1 January 2028 is a Saturday; 30 April and 1 May 2028 are a Sunday and a Monday; 30 April and 1 May 2033 are a Saturday and a Sunday.
            ("2028-01-03", false), ("2028-01-04", true), ("2028-05-01", false), ("2028-05-02", false), ("2028-05-03", true),
            ("2033-05-02", false), ("2033-05-03", false), ("2033-05-04", true), ("2028-09-04", false), ("2028-09-05", true), ("2027-09-02", false),
            ("2027-09-03", true),
        ])
    func aDayIsOffInsteadOfAWeekend(_ date: String, _ isWorked: Bool) {
        #expect(calendar.isWorkingDay(day(date)) == isWorked)
    }

    @Test func manyWorkingDaysAreCountedAsOneByOne() {
        for start in ["2026-12-20", "2027-04-25", "2028-04-28", "2031-12-30"] {
            var date = day(start)
            for count in 1...600 {
                date = calendar.workingDay(after: date)
                #expect(calendar.end(ofWorkingDay: count, after: local(start + " 12:00")) == calendar.endOfDay(date), "\(count) after \(start)")
            }
        }
    }

    @Test(arguments: [
        ("2026-08-21", "2026-08-22"), ("2026-08-22", "2026-08-24"), ("2026-02-13", "2026-02-23"), ("2026-02-18", "2026-02-23"), ("2026-08-28", "2026-09-03"),
        ("2026-03-16", "2026-03-17"), ("2026-03-14", "2026-03-16"),
    ]) func theWorkingDayAfterSkipsWhatIsOff(_ date: String, _ next: String) { #expect(calendar.workingDay(after: day(date)) == day(next)) }

    @Test(arguments: [
        ("2026-12-20", "2026-12-18"), ("2026-06-20", "2026-06-19"), ("2026-02-23", "2026-02-13"), ("2026-08-24", "2026-08-22"), ("2026-09-03", "2026-08-28"),
    ]) func theWorkingDayBeforeSkipsWhatIsOff(_ date: String, _ last: String) { #expect(calendar.workingDay(before: day(date)) == day(last)) }

    @Test(arguments: [
        // Content of a Friday before a make-up Saturday: Saturday and Monday, not Monday and Tuesday.
        ("2026-08-21 16:50", 2, "2026-08-24"), ("2026-08-21 00:00", 1, "2026-08-22"), ("2026-08-21 23:59:59.999", 1, "2026-08-22"),
        ("2026-08-22 09:00", 1, "2026-08-24"), ("2026-08-23 09:00", 1, "2026-08-24"), ("2026-02-13 09:00", 5, "2026-02-27"),
        ("2026-03-16 09:00", 0, "2026-03-16"),
        ("2026-03-16 09:00", 10, "2026-03-30"), ("2026-12-31 09:00", 1, "2027-01-04"),
    ]) func theNthWorkingDayEndsWithItsLastMillisecondAndTheDayItselfDoesNotCount(_ start: String, _ count: Int, _ last: String) {
        #expect(calendar.end(ofWorkingDay: count, after: local(start)) == end(last))
        #expect(calendar.end(ofWorkingDay: count, after: local(start)) + Span(milliseconds: 1) == calendar.instant(day(last).advanced(by: 1)))
    }

    @Test(arguments: [
        ("2026-03-16 07:30", "2026-03-16 11:30"), ("2026-03-16 05:00", "2026-03-16 11:30"), ("2026-03-16 07:30:00.001", "2026-03-16 13:30:00.001"),
        ("2026-03-16 10:00", "2026-03-16 16:00"), ("2026-03-16 12:00", "2026-03-17 08:00"), ("2026-03-16 13:30", "2026-03-17 08:00"),
        ("2026-03-16 16:00", "2026-03-17 10:30"), ("2026-03-20 16:00", "2026-03-23 10:30"), ("2026-03-20 17:00", "2026-03-23 11:30"),
        ("2026-03-21 09:00", "2026-03-23 11:30"), ("2026-08-21 16:00", "2026-08-22 10:30"), ("2026-02-13 16:00", "2026-02-23 10:30"),
    ]) func fourWorkingHoursRunAcrossLunchNightsWeekendsAndHolidays(_ start: String, _ due: String) {
        #expect(calendar.instant(afterWorking: .hours(4), from: local(start)) == local(due))
    }

    @Test func shorterAndLongerTermsThanADay() {
        #expect(calendar.instant(afterWorking: .zero, from: local("2026-03-16 12:00")) == local("2026-03-16 13:30"))
        // Backwards: from the end of a working day, over noon, over a weekend.
        #expect(calendar.instant(beforeWorking: .hours(4), to: local("2026-03-16 23:59")) == local("2026-03-16 11:00"))
        #expect(calendar.instant(beforeWorking: .hours(4), to: local("2026-03-23 08:30")) == local("2026-03-20 14:00"))
        #expect(calendar.instant(beforeWorking: .minutes(30), to: local("2026-03-16 15:00")) == local("2026-03-16 14:30"))
        #expect(calendar.instant(afterWorking: Span(milliseconds: 1), from: local("2026-03-20 17:00")) == local("2026-03-23 07:30:00.001"))
        #expect(calendar.instant(afterWorking: .minutes(450 * 5), from: local("2026-03-16 07:30")) == local("2026-03-20 17:00"))
    }

    @Test(arguments: [
        ("2026-03-16 07:29:59.999", false), ("2026-03-16 07:30", true), ("2026-03-16 11:29:59.999", true), ("2026-03-16 11:30", false),
        ("2026-03-16 13:30", true),
        ("2026-03-16 17:00", false), ("2026-03-14 09:00", false), ("2026-08-22 09:00", true), ("2026-02-17 09:00", false),
    ]) func workingTimeIncludesItsFirstInstantAndNotItsLast(_ time: String, _ isWorked: Bool) { #expect(calendar.isWorkingTime(local(time)) == isWorked) }
}

/// The periods of duties of the calendar.
@Suite struct RecurrenceTests {
    let calendar = Regulation.standard.calendar

    static let containing: [(Recurrence, String, String, String, String)] = [
        (.daily(TimeOfDay(minutes: 420)), "2026-03-14 00:00", "2026-03-14", "2026-03-14 07:00", "2026-03-14"),
        (.daily(TimeOfDay(minutes: 420)), "2026-03-14 23:59:59.999", "2026-03-14", "2026-03-14 07:00", "2026-03-14"),
        (.workingDaily(TimeOfDay(minutes: 450)), "2026-08-22 08:00", "2026-08-22", "2026-08-22 07:30", "2026-08-22"),
        (.weekly(1, TimeOfDay(minutes: 0)), "2026-03-15 12:00", "2026-03-09", "2026-03-09 00:00", "2026-03-15"),
        (.weekly(7, TimeOfDay(minutes: 60)), "2026-03-15 00:30", "2026-03-15", "2026-03-15 01:00", "2026-03-21"),
        (.weekly(4, TimeOfDay(minutes: 0)), "2026-01-01 00:00", "2026-01-01", "2026-01-01 00:00", "2026-01-07"),
        (.monthly(1, TimeOfDay(minutes: 0)), "2024-02-29 12:00", "2024-02-01", "2024-02-01 00:00", "2024-02-29"),
        (.monthly(28, TimeOfDay(minutes: 0)), "2026-01-05 12:00", "2025-12-28", "2025-12-28 00:00", "2026-01-27"),
        (.monthly(28, TimeOfDay(minutes: 0)), "2026-03-01 12:00", "2026-02-28", "2026-02-28 00:00", "2026-03-27"),
        (.quarterly(TimeOfDay(minutes: 450)), "2026-03-31 23:59", "2026-01-01", "2026-01-01 07:30", "2026-03-31"),
        (.quarterly(TimeOfDay(minutes: 450)), "2026-12-31 23:59", "2026-10-01", "2026-10-01 07:30", "2026-12-31"),
        (.yearly([MonthDay(1, 1)], TimeOfDay(minutes: 0)), "2024-12-31 23:59", "2024-01-01", "2024-01-01 00:00", "2024-12-31"),
        (.yearly([MonthDay(7, 1)], TimeOfDay(minutes: 0)), "2026-06-30 12:00", "2025-07-01", "2025-07-01 00:00", "2026-06-30"),
        (.yearly([MonthDay(3, 1)], TimeOfDay(minutes: 0)), "2024-02-29 12:00", "2023-03-01", "2023-03-01 00:00", "2024-02-29"),
        (.yearly([MonthDay(1, 1), MonthDay(7, 1)], TimeOfDay(minutes: 0)), "2026-06-30 12:00", "2026-01-01", "2026-01-01 00:00", "2026-06-30"),
        (.yearly([MonthDay(1, 1), MonthDay(8, 1)], TimeOfDay(minutes: 0)), "2026-08-01 00:00", "2026-08-01", "2026-08-01 00:00", "2026-12-31"),
        (.yearly([MonthDay(3, 1), MonthDay(9, 1)], TimeOfDay(minutes: 0)), "2026-02-28 12:00", "2025-09-01", "2025-09-01 00:00", "2026-02-28"),
    ]

    @Test(arguments: containing) func anInstantFallsIntoOnePeriod(_ recurrence: Recurrence, _ time: String, _ key: String, _ opens: String, _ last: String)
        throws
    {
        let period = try #require(recurrence.period(containing: local(time), in: calendar))
        #expect(period == Recurrence.Period(key: key, opens: local(opens), ends: end(last)))
    }

    @Test(arguments: ["2026-03-14 08:00", "2026-03-15 08:00", "2026-02-17 08:00", "2026-08-31 08:00"]) func aDayOffBelongsToNoPeriodOfWorkingDays(
        _ time: String
    ) {
        #expect(Recurrence.workingDaily(TimeOfDay(minutes: 450)).period(containing: local(time), in: calendar) == nil)
    }

    static let following: [(Recurrence, String, String)] = [
        (.daily(TimeOfDay(minutes: 420)), "2026-03-14 06:59:59.999", "2026-03-14"), (.daily(TimeOfDay(minutes: 420)), "2026-03-14 07:00", "2026-03-15"),
        (.daily(TimeOfDay(minutes: 420)), "2024-02-28 07:00", "2024-02-29"), (.daily(TimeOfDay(minutes: 420)), "2025-12-31 08:00", "2026-01-01"),
        (.workingDaily(TimeOfDay(minutes: 450)), "2026-08-21 07:30", "2026-08-22"), (.workingDaily(TimeOfDay(minutes: 450)), "2026-02-13 07:30", "2026-02-23"),
        (.workingDaily(TimeOfDay(minutes: 450)), "2026-03-14 03:00", "2026-03-16"), (.weekly(1, TimeOfDay(minutes: 0)), "2026-03-15 23:59", "2026-03-16"),
        (.weekly(1, TimeOfDay(minutes: 0)), "2026-03-16 00:00", "2026-03-23"), (.weekly(1, TimeOfDay(minutes: 450)), "2026-03-16 00:00", "2026-03-16"),
        (.monthly(15, TimeOfDay(minutes: 0)), "2026-12-15 00:00", "2027-01-15"), (.monthly(28, TimeOfDay(minutes: 0)), "2026-02-01 00:00", "2026-02-28"),
        (.quarterly(TimeOfDay(minutes: 450)), "2026-10-01 07:30", "2027-01-01"), (.quarterly(TimeOfDay(minutes: 450)), "2026-10-01 07:29", "2026-10-01"),
        (.quarterly(TimeOfDay(minutes: 450)), "2026-05-05 12:00", "2026-07-01"),
        (.yearly([MonthDay(1, 1)], TimeOfDay(minutes: 0)), "2026-01-01 00:00", "2027-01-01"),
        (.yearly([MonthDay(12, 31)], TimeOfDay(minutes: 0)), "2026-01-01 00:00", "2026-12-31"),
        (.yearly([MonthDay(3, 1)], TimeOfDay(minutes: 0)), "2024-02-29 12:00", "2024-03-01"),
    ]

    @Test(arguments: following) func theNextPeriodOpensStrictlyAfterTheInstant(_ recurrence: Recurrence, _ time: String, _ key: String) throws {
        let period = try #require(recurrence.period(openingAfter: local(time), in: calendar))
        #expect(period.key == key)
        #expect(period.opens > local(time))
        #expect(recurrence.period(containing: period.opens, in: calendar) == period)
    }

    @Test(
        arguments: [
            .daily(TimeOfDay(minutes: 420)), .weekly(3, TimeOfDay(minutes: 60)), .monthly(28, TimeOfDay(minutes: 0)), .quarterly(TimeOfDay(minutes: 0)),
            .yearly([MonthDay(2, 28)], TimeOfDay(minutes: 0)),
        ] as [Recurrence]) func periodsFollowOneAnotherWithoutAGap(_ recurrence: Recurrence) throws
    {
        var period = try #require(recurrence.period(openingAfter: local("2023-01-01 12:00"), in: calendar))
        for _ in 0..<60 {
            let next = try #require(recurrence.period(openingAfter: period.opens, in: calendar))
            #expect(recurrence.period(containing: period.ends, in: calendar) == period)
            #expect(recurrence.period(containing: period.ends + Span(milliseconds: 1), in: calendar) == next)
            period = next
        }
    }

    static let everyKind: [Recurrence] = [
        .daily(TimeOfDay(minutes: 420)), .workingDaily(TimeOfDay(minutes: 450)), .weekly(3, TimeOfDay(minutes: 1440)), .monthly(28, TimeOfDay(minutes: 0)),
        .quarterly(TimeOfDay(minutes: 0)), .yearly([MonthDay(1, 1)], TimeOfDay(minutes: 0)),
        .yearly([MonthDay(6, 30), MonthDay(12, 31)], TimeOfDay(minutes: 0)),
    ]

    @Test(arguments: everyKind) func whereTheYearsEndNoPeriodFollowsAndNoneIsLost(_ recurrence: Recurrence) throws {
        let (first, last) = (Instant(milliseconds: .min), Instant(milliseconds: .max))
        #expect(try #require(recurrence.period(openingAfter: first, in: calendar)).opens - first < .days(750))
        var period = try #require(recurrence.period(openingAfter: local("2190-01-01 00:00"), in: calendar))
        var count = 1
        while let next = recurrence.period(openingAfter: period.opens, in: calendar) {
            #expect(next.opens > period.opens && next.ends >= next.opens)
            (period, count) = (next, count + 1)
        }
        #expect(last - period.opens < .days(740))
        #expect(recurrence.period(openingAfter: last, in: calendar) == nil)
        for instant in [first, last, first + .hours(36), last - .hours(36)] { _ = recurrence.period(containing: instant, in: calendar) }
        #expect(count >= 8)
    }

    @Test func workingTimeEndsWithTheYears() {
        let (first, last) = (Instant(milliseconds: .min), Instant(milliseconds: .max))
        for start in [first, last, local("2026-03-14 08:00")] {
            #expect(calendar.instant(afterWorking: Span(milliseconds: .max), from: start) > local("2199-12-31 00:00"))
            #expect(calendar.end(ofWorkingDay: .max, after: start) > local("2199-12-31 00:00"))
            #expect(calendar.instant(afterWorking: Span(milliseconds: .min), from: start) <= last)
            _ = (
                calendar.nextWorkingDay(at: TimeOfDay(minutes: 1440), after: start), calendar.isWorkingTime(start), calendar.end(ofWorkingDay: -1, after: start)
            )
        }
        #expect(calendar.workingDay(before: calendar.local(first).date) <= calendar.local(first).date)
    }

    @Test func manyWorkingDaysAreCountedAsOneByOne() {
        for text in ["1990-01-06 12:00", "2024-12-31 08:00", "2026-02-13 08:00", "2031-07-03 00:00"] {
            var date = calendar.local(local(text)).date
            for count in 1...700 {
                date = calendar.workingDay(after: date)
                #expect(calendar.end(ofWorkingDay: count, after: local(text)) == calendar.endOfDay(date))
            }
        }
    }

    @Test func aPeriodRuleTakesAnyMember() {
        let rule = PeriodRule(FieldPath("data.year"), yearsBefore: 1)
        for value in [0, 1899, 1900, 2199, 2200, .min, .max] as [Int64] { _ = rule.instant(.int(value), in: calendar) }
        #expect(rule.instant(1901, in: calendar) != nil && rule.instant(1900, in: calendar) == nil && rule.instant(2200, in: calendar) == nil)
        #expect(rule.instant("9999-12-31", in: calendar) == nil && rule.instant("0001-01-01T00:00:00Z", in: calendar) == nil)
    }
}
