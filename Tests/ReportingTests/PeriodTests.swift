import Regulation
import Reporting
import Testing
import Values

@Suite struct PeriodTests {
    @Test(arguments: [
        ("2026-H1", "2026-01-01", "2026-06-30", "half-year"), ("2026-h1", "2026-01-01", "2026-06-30", "half-year"),
        ("2026-H2", "2026-07-01", "2026-12-31", "year"), ("2026", "2026-01-01", "2026-12-31", "year"),
    ])
    func aPeriodIsReadAndNamedAsItsReport(_ text: String, _ first: String, _ last: String, _ consolidated: String) throws {
        let period = try #require(ReportPeriod(text))
        #expect(period.firstDay.description == first)
        #expect(period.lastDay.description == last)
        #expect(period.consolidatedPeriod == consolidated)
        #expect(period.description == text.uppercased())
    }

    @Test(arguments: ["", "2026-", "2026-H3", "26-H1", "2026H1", "2014", "2101-H1", "٢٠٢٦", "2026-H1 ", "H1-2026"])
    func whatIsNoPeriodIsNone(_ text: String) { #expect(ReportPeriod(text) == nil) }

    @Test func lengthsAndNumbersAreWrittenAsPeopleReadThem() {
        let vi = ReportText(language: .vi, calendar: Regulation.standard.calendar)
        let en = ReportText(language: .en, calendar: Regulation.standard.calendar)
        #expect(vi.text(.count(1_234_567)) == "1.234.567")
        #expect(en.text(.count(1_234)) == "1,234")
        #expect(vi.text(.count(999)) == "999")
        #expect(vi.text(.minutes(155_747)) == "2.595 giờ 47 phút")
        #expect(en.text(.minutes(840)) == "14 h")
        #expect(vi.text(.span(.seconds(59))) == "59 giây")
        #expect(vi.text(.span(.minutes(65))) == "1 giờ 05 phút")
        #expect(vi.text(.span(.minutes(65)), isCompact: true) == "1:05")
        #expect(vi.text(.span(.hours(26)), isCompact: true) == "26:00")
        #expect(en.text(.span(.hours(50))) == "2 d 2 h")
        #expect(vi.text(.span(Span(milliseconds: -300_000)), isCompact: true) == "−0:05")
        #expect(vi.text(.missing(.noData)) == "không có số liệu")
        #expect(vi.text(.missing(.notOnRecord)) == "–")
    }

    @Test func aDeadlineAtMidnightIsTheDay() throws {
        let vi = ReportText(language: .vi, calendar: Regulation.standard.calendar)
        #expect(vi.text(.deadline(try at("2026-06-20T00:00") - Span(milliseconds: 1))) == "hết ngày 19/6/2026")
        #expect(vi.text(.deadline(try at("2026-06-20T08:00"))) == "08:00 20/6/2026")
        #expect(vi.text(.instant(try at("2026-06-20T08:00"))) == "08:00 20/6/2026")
    }

    @Test func thatADutyIsPastAMarkIsNotWordedAsPastADeadline() {
        let vi = ReportText(language: .vi, calendar: Regulation.standard.calendar)
        #expect(vi.text(.state(.overdue, .law)).hasPrefix("quá hạn"))
        for state in DutyState.allCases { #expect(!vi.text(.state(state, .mark)).contains("hạn")) }
        #expect(vi.text(.state(.overdue, .mark)).hasPrefix("quá mốc theo dõi"))
    }
}
