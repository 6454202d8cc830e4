import Testing
import Values

@Suite struct RFC3339Tests {
    @Test(arguments: [
        ("2026-03-14T19:12:00+07:00", nil), ("2026-03-14T19:12:00.5Z", nil), ("2026-03-14T19:12+07:00", RFC3339Fault.noSeconds),
        ("2026-03-14T19:12Z", .noSeconds),
        ("2026-03-14t19:12z", .noSeconds), ("2026-03-14T19:12-00:00", .noSeconds), ("2026-03-14T19:12:00", .noOffset), ("2026-03-14T19:12:00.25", .noOffset),
        ("2026-03-14T19:12", .neitherSecondsNorOffset), ("2026-06-30T23:59:60Z", .leapSecond), ("2026-06-30T23:59:60.5+07:00", .leapSecond),
        ("2026-02-30T19:12+07:00", .form), ("2026-03-14T24:00Z", .form), ("2026-03-14T19:12:61Z", .form), ("2026-03-14 19:12:00Z", .form),
        ("2026-03-14", .form),
        ("19:12", .form), ("", .form), ("2026-03-14T19:12:0Z", .form), ("2026-03-14T19:12:00+0700", .form), ("0000-03-14T19:12Z", .form),
        ("đ2026-03-14T19:12", .form),
        (String(repeating: "9", count: 100_000), .form), ("2026-03-14T19:12\r\n", .form), ("2026-03-14T19:12:60", .form),
    ])
    func `what keeps a text from being a time is told`(text: String, fault: RFC3339Fault?) {
        #expect(Instant.fault(inRFC3339: text) == fault)
        #expect((Instant(rfc3339: text) == nil) == (fault != nil))
    }

    static let read: [(String, Int64)] = [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T07:00:00+07:00", 0), ("1969-12-31T20:30:00-03:30", 0), ("1970-01-01T00:00:00-00:00", 0),
        ("2026-03-14T19:12:00+07:00", 1_773_490_320_000), ("2026-03-14t12:12:00z", 1_773_490_320_000), ("2026-03-14T12:12:00.000Z", 1_773_490_320_000),
        ("1970-01-01T00:00:00.5Z", 500), ("1970-01-01T00:00:00.05Z", 50), ("1970-01-01T00:00:00.123Z", 123), ("1970-01-01T00:00:00.1239999999999999Z", 123),
        ("1970-01-01T00:00:00.9999+00:00", 999), ("1969-12-31T23:59:59.9999Z", -1), ("1969-12-31T23:59:59Z", -1000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("2000-02-29T23:59:59Z", 951_868_799_000), ("1972-06-30T23:59:59Z", 78_796_799_000),
        ("1899-12-31T00:00:00Z", -2_209_075_200_000), ("2200-01-01T23:59:59.999Z", 7_258_204_799_999), ("2026-01-01T00:00:00+23:59", 1_767_139_260_000),
        ("1900-01-01T00:00:00+23:59", -2_209_075_140_000), ("2199-12-31T23:59:59.999-23:59", 7_258_204_739_999),
    ]

    @Test(arguments: read) func anInstantIsReadToTheMillisecond(_ text: String, _ milliseconds: Int64) {
        #expect(Instant(rfc3339: text)?.milliseconds == milliseconds)
        #expect(JSON.string(text).instant?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-03-14", "2026-03-14T19:12:00", "2026-03-14T19:12:00.5", "2026-03-14 19:12:00Z", "2026-03-14T19:12Z", "2026-03-14T24:00:00Z",
        "2026-03-14T23:60:00Z",
        "2016-12-31T23:59:60Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
        "2026-01-00T00:00:00Z", "0000-01-01T00:00:00Z", "02026-01-01T00:00:00Z", "-2026-01-01T00:00:00Z", "2026-03-14T19:12:00+07", "2026-03-14T19:12:00+0700",
        "2026-03-14T19:12:00+7:00", "2026-03-14T19:12:00+24:00", "2026-03-14T19:12:00+07:60", "2026-03-14T19:12:00+07:00 ", " 2026-03-14T19:12:00Z",
        "2026-03-14T19:12:00.Z", "2026-03-14T19:12:00,5Z", "2026-03-14T19:12:00.5", "2026-03-14T19:12:00ZZ", "2026-03-14T19:12:00+07:00Z",
        "2026-03-14T1９:12:00Z",
        "2026-03-14T19:12:00+07:0", "2026-03-14T19:12:00−07:00", "2026-3-14T19:12:00+07:00", "20260314T191200Z", "2026-W11-6T19:12:00Z",
        "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-00:01", "1899-12-30T23:59:59.999Z",
        "2200-01-02T00:00:00Z",
    ]) func anythingElseIsNoInstant(_ text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    static let written: [(Int64, Span, String)] = [
        (0, .zero, "1970-01-01T00:00:00Z"), (0, .hours(7), "1970-01-01T07:00:00+07:00"), (0, .minutes(-210), "1969-12-31T20:30:00-03:30"),
        (5, .zero, "1970-01-01T00:00:00.005Z"), (-1, .hours(7), "1970-01-01T06:59:59.999+07:00"), (-1, .zero, "1969-12-31T23:59:59.999Z"),
        (-2_209_075_200_000, .zero, "1899-12-31T00:00:00Z"), (-2_209_075_200_000, .hours(-1), "1899-12-31T00:00:00Z"),
        (7_258_204_799_999, .hours(7), "2200-01-01T23:59:59.999Z"), (7_258_179_600_000 - 1, .hours(7), "2200-01-01T23:59:59.999+07:00"),
    ]

    @Test(arguments: written) func anInstantIsWrittenSoThatItCanBeReadAgain(_ milliseconds: Int64, _ offset: Span, _ text: String) {
        let instant = Instant(milliseconds: milliseconds)
        #expect(instant.rfc3339(offset: offset) == text)
        #expect(Instant(rfc3339: text) == instant)
    }

    @Test func randomInstantsComeBack() {
        var random = SplitMix(seed: 7)
        for _ in 0..<1_000 {
            let instant = Instant(milliseconds: .random(in: -2_209_075_200_000...7_258_204_799_999, using: &random))
            let offset = Span.minutes(.random(in: -1439...1439, using: &random))
            let text = instant.rfc3339(offset: offset)
            #expect(Instant(rfc3339: text) == instant, "\(text)")
        }
    }

    @Test(arguments: ["0001-01-01T00:00:00Z", "1899-12-30T23:59:59Z", "2200-01-02T00:00:00Z", "9999-12-31T23:59:59-23:59"])
    func anInstantOutsideTheYearsIsKnownForWhatItIs(_ text: String) { #expect(Instant.fault(inRFC3339: text) == .outsideYears) }

    @Test(arguments: ["2026-03-14T19:12:00Z", "0000-01-01T00:00:00Z", "9999-02-30T00:00:00Z", "9999-12-31T23:59:59", "", "9999-12-31"])
    func whatIsWithinTheYearsOrNoInstantIsNot(_ text: String) { #expect(Instant.fault(inRFC3339: text) != .outsideYears) }
}

@Suite struct CalendarDayTests {
    /// The Gregorian calendar as it is told to children: step by step, a month at a time.
    @Test func allDaysThereAreAgreeWithACountByHand() {
        var (year, month, day, weekday, count) = (1900, 1, 1, 1, -25_567)
        while year < 2200 {
            let date = CivilDate(daysSinceEpoch: count)
            guard date.year == year, date.month == month, date.day == day, date.weekday == weekday, date.daysSinceEpoch == count,
                CivilDate(year: year, month: month, day: day) == date
            else {
                Issue.record("day \(count) is \(date), a \(date.weekday), but by hand \(year)-\(month)-\(day), a \(weekday)")
                return
            }
            let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
            let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            if day == length { #expect(CivilDate(year: year, month: month, day: day + 1) == nil) }
            (day, weekday, count) = (day + 1, weekday % 7 + 1, count + 1)
            if day > length { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect(CivilDate(daysSinceEpoch: count).description == "2200-01-01" && CivilDate(daysSinceEpoch: -25_568).description == "1899-12-31")
    }

    @Test func whatLiesBeyondTheDaysThereAreIsTheFirstOrTheLast() throws {
        let day = try #require(CivilDate("2026-03-14"))
        for count in [Int.max, 1_000_000, 100_000] { #expect(day.advanced(by: count).description == "2200-01-01") }
        for count in [Int.min, -1_000_000, -100_000] { #expect(day.advanced(by: count).description == "1899-12-31") }
        #expect(CivilDate(daysSinceEpoch: .max).description == "2200-01-01" && CivilDate(daysSinceEpoch: .min).description == "1899-12-31")
        #expect(TimeOfDay(minutes: .max).description == "24:00" && TimeOfDay(minutes: .min).description == "00:00")
        for milliseconds in [Int64.min, .max] {
            let instant = Instant(milliseconds: milliseconds)
            for offset in [Span(milliseconds: .min), .minutes(-1439), .zero, .hours(7), .minutes(1439), Span(milliseconds: .max)] {
                #expect(Instant(rfc3339: instant.rfc3339(offset: offset)) == instant || offset.milliseconds.magnitude > 86_400_000)
                #expect((1899...2200).contains(LocalTime(instant, offset: offset).date.year))
                #expect((1899...2200).contains(LocalTime(Instant(day, TimeOfDay(minutes: 1440), offset: offset), offset: offset).date.year))
            }
        }
    }

    @Test(arguments: [("2026-03-14", 6), ("2026-03-16", 1), ("1969-12-31", 3), ("1970-01-01", 4), ("2000-01-01", 6), ("1900-01-01", 1), ("2199-12-31", 2)])
    func theDayOfTheWeekIsKnown(_ text: String, _ weekday: Int) throws {
        let date = try #require(CivilDate(text))
        #expect(date.weekday == weekday)
        #expect(date.description == text)
        #expect(CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date)
    }

    @Test(arguments: [
        "", "2026", "2026-3-14", "2026-02-30", "2025-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "0000-01-01", "2026-01-01-01", "2026/01/01",
        "２０２６-01-01", "0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31",
    ])
    func anythingElseIsNoDay(_ text: String) { #expect(CivilDate(text) == nil) }

    @Test func aDayOutsideTheYearsIsKnownForWhatItIs() {
        for text in ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"] { #expect(CivilDate.isOutsideYears(text)) }
        for text in ["1900-01-01", "2199-12-31", "0000-01-01", "9999-02-30", "999-01-01", ""] { #expect(!CivilDate.isOutsideYears(text)) }
    }

    @Test(arguments: [("00:00", 0), ("07:30", 450), ("23:59", 1439), ("24:00", 1440)]) func aTimeOfDayIsReadAndWritten(_ text: String, _ minutes: Int) {
        #expect(TimeOfDay(text)?.minutes == minutes)
        #expect(TimeOfDay(minutes: minutes).description == text)
    }

    @Test(arguments: ["", "7:30", "07:60", "24:01", "25:00", "07:30:00", "07", "-1:00", "0７:30"]) func anythingElseIsNoTimeOfDay(_ text: String) {
        #expect(TimeOfDay(text) == nil)
    }

    @Test func theWallsClockRunsForwardsBeforeTheEpochToo() {
        let cases: [(Int64, Span, String, Int, Int, Int, Int)] = [
            (-1, .zero, "1969-12-31", 23, 59, 59, 999), (-1000, .zero, "1969-12-31", 23, 59, 59, 0), (-86_400_000, .zero, "1969-12-31", 0, 0, 0, 0),
            (-86_400_001, .zero, "1969-12-30", 23, 59, 59, 999), (-1, .hours(7), "1970-01-01", 6, 59, 59, 999), (0, .hours(-1), "1969-12-31", 23, 0, 0, 0),
            (-25_200_001, .hours(7), "1969-12-31", 23, 59, 59, 999), (-2_209_075_200_000, .zero, "1899-12-31", 0, 0, 0, 0),
        ]
        for (milliseconds, offset, date, hour, minute, second, rest) in cases {
            let local = LocalTime(Instant(milliseconds: milliseconds), offset: offset)
            #expect(local.date.description == date)
            #expect((local.hour, local.minute, local.second, local.millisecond) == (hour, minute, second, rest))
            #expect(Instant(local.date, local.timeOfDay, offset: offset).milliseconds + Int64(second * 1000 + rest) == milliseconds)
        }
    }

    @Test func theEndOfTheDayIsTheBeginningOfTheNext() throws {
        let (day, next) = try (#require(CivilDate("2026-12-31")), #require(CivilDate("2027-01-01")))
        #expect(Instant(day, TimeOfDay(minutes: 1440), offset: .hours(7)) == Instant(next, offset: .hours(7)))
        #expect(day.advanced(by: 1) == next && next.advanced(by: -1) == day && day < next)
    }
}

@Suite struct SpanTests {
    @Test(arguments: [
        ("PT1H", 3_600, "PT1H"), ("PT30M", 1_800, "PT30M"), ("P7D", 604_800, "P7D"), ("P1DT30M", 88_200, "P1DT30M"), ("PT0S", 0, "PT0S"), ("P0D", 0, "PT0S"),
        ("PT90M", 5_400, "PT1H30M"), ("PT24H", 86_400, "P1D"), ("P1DT2H3M4S", 93_784, "P1DT2H3M4S"), ("PT1H1S", 3_601, "PT1H1S"),
        ("PT999999999S", 999_999_999, "P11574DT1H46M39S"),
    ]) func aDurationIsReadAndWrittenInItsShortestForm(_ text: String, _ seconds: Int64, _ written: String) throws {
        let span = try #require(Span(iso: text))
        #expect(span == .seconds(seconds))
        #expect(span.description == written)
        #expect(Span(iso: written) == span)
    }

    @Test(arguments: [
        "", "P", "PT", "1H", "PT1", "P1", "P1H", "PT1D", "P1DT", "PT1S1M", "PT1M1M", "PT1M1H", "P1Y", "P1M", "P1W", "-PT1H", "PT-1H", "PT1.5H", "pt1h", "PT1H ",
        "PTT1H", "PT1HT1M", "PT1000000000S", "PT１H",
    ]) func anythingElseIsNoDuration(_ text: String) { #expect(Span(iso: text) == nil) }

    @Test func spansAddUp() {
        let instant = Instant(milliseconds: 1000)
        #expect(instant + .seconds(1) - instant == .seconds(1))
        #expect(instant - .minutes(1) < instant)
        #expect(Span.hours(1) * 3 == .minutes(180) && .days(1) - .hours(24) == .zero && .seconds(59) < .minutes(1))
        #expect((Span.zero - .minutes(90)).description == "-PT1H30M")
    }

    @Test func noSumAndNoProductPassesTheEnds() {
        let (least, most) = (Span(milliseconds: .min), Span(milliseconds: .max))
        #expect(most + .seconds(1) == most && least - .seconds(1) == least && least + least == least && most - least == most && least - most == least)
        #expect(most * 3 == most && most * -3 == least && least * 2 == least && least * -1 == most)
        #expect(Span.days(.max) == most && Span.days(.min) == least && Span.seconds(.max) == most)
        #expect(least.description.hasPrefix("-P106751991167D") && most.description.hasPrefix("P106751991167D"))
        #expect(Span.hours(1).scaled(by: 1e300) == most && Span.hours(1).scaled(by: -.infinity) == least && Span.hours(1).scaled(by: .nan) == .zero)
        #expect(Span.hours(1).scaled(by: 0.5) == .minutes(30))
        let noon = Instant(milliseconds: 43_200_000)
        #expect(noon + most == Instant(milliseconds: .max) && noon - most == Instant(milliseconds: .min) && noon + least == Instant(milliseconds: .min))
        #expect(Instant(milliseconds: .max) - Instant(milliseconds: .min) < .days(110_000))
    }

    @Test(
        arguments: [
            (0.5, 1), (-0.5, -1), (0.49, 0), (9.3e18, Int64.max), (-9.3e18, .min), (.infinity, .max), (-.infinity, .min), (.nan, 0),
            (9_223_372_036_854_774_784, 9_223_372_036_854_774_784),
        ] as [(Double, Int64)]) func aNumberOfAnyKindBecomesAWholeOne(_ number: Double, _ whole: Int64)
    { #expect(Int64(saturating: number) == whole) }
}
