import OperatorCommands
import Regulation
import Testing
import Values

@Suite("A duty in words")
struct DutyWordsTests {
    let vi = DutyWords(.standard, .vi)
    let en = DutyWords(.standard, .en)

    @Test(
        "every due rule has words in both languages",
        arguments: [
            (.within(.hours(1)), "trong 1 giờ", "within 1 hour"),
            (.within(.minutes(15)), "trong 15 phút", "within 15 minutes"),
            (.within(.minutes(90)), "trong 90 phút", "within 90 minutes"),
            (.within(.hours(24)), "trong 24 giờ", "within 24 hours"),
            (.within(.days(7)), "trong 7 ngày", "within 7 days"),
            (.workingDays(1), "trong 1 ngày làm việc", "within 1 working day"),
            (.workingDays(5), "trong 5 ngày làm việc", "within 5 working days"),
            (.workingHours(.hours(4)), "trong 4 giờ làm việc", "within 4 hours of working time"),
            (.nextWorkingDay(TimeOfDay(minutes: 480)), "08:00 ngày làm việc kế tiếp", "by 08:00 of the next working day"),
            (.timeOfDay(TimeOfDay(minutes: 1350)), "chậm nhất 22:30 cùng ngày", "by 22:30 of that day"),
            (.before([MonthDay(6, 20), MonthDay(12, 20)]), "trước ngày 20/6 hoặc 20/12", "before 20 June or 20 December"),
            (.by([MonthDay(7, 31)]), "chậm nhất ngày 31/7", "by 31 July"),
            (.endOfQuarter, "trong quý", "within the quarter"),
            (.endOfPeriod, "trong kỳ", "within the period"),
            (
                .field(type: "handling-plan.proposed", FieldPath("data.resolveBy")), "theo tin “Đề xuất phương án xử lý”: thời hạn khắc phục theo phương án",
                "by what “Handling plan proposed” says: by when the incident is to be resolved under the plan"
            ),
            (
                .operation(
                    Operation(
                        shownBy: "device.status-changed", device: "led-screen", minimum: .hours(14), from: TimeOfDay(minutes: 420),
                        to: TimeOfDay(minutes: 1320))),
                "led-screen vận hành đủ 14 giờ trong khoảng 07:00–22:00, theo tin “Thay đổi trạng thái thiết bị”",
                "led-screen in operation 14 hours between 07:00 and 22:00, as “Status of a device changed” shows"
            ),
        ] as [(DueTerm, String, String)])
    func terms(term: DueTerm, inVietnamese: String, inEnglish: String) {
        #expect(vi.term(term) == inVietnamese)
        #expect(en.term(term) == inEnglish)
    }

    @Test(
        "every recurrence has words in both languages",
        arguments: [
            (.daily(TimeOfDay(minutes: 420)), "hằng ngày, lúc 07:00", "every day at 07:00"),
            (.workingDaily(TimeOfDay(minutes: 450)), "mỗi ngày làm việc, lúc 07:30", "every working day at 07:30"),
            (.weekly(1, TimeOfDay(minutes: 0)), "hằng tuần, thứ Hai", "every week on Monday"),
            (.weekly(7, TimeOfDay(minutes: 480)), "hằng tuần, Chủ nhật, lúc 08:00", "every week on Sunday at 08:00"),
            (.monthly(15, TimeOfDay(minutes: 0)), "hằng tháng, ngày 15", "every month on day 15"),
            (.quarterly(TimeOfDay(minutes: 0)), "hằng quý, ngày đầu quý", "every quarter on its first day"),
            (.yearly([MonthDay(3, 31)], TimeOfDay(minutes: 0)), "hằng năm, ngày 31/3", "every year on 31 March"),
        ] as [(Recurrence, String, String)])
    func recurrences(recurrence: Recurrence, inVietnamese: String, inEnglish: String) {
        #expect(vi.recurrence(recurrence) == inVietnamese)
        #expect(en.recurrence(recurrence) == inEnglish)
    }

    @Test(
        "every step of a ladder has words in both languages",
        arguments: [
            (.opening, "khi phát sinh", "at the opening"),
            (.before(.minutes(30)), "trước hạn 30 phút", "30 minutes before the deadline"),
            (.lastWorkingDayBefore(TimeOfDay(minutes: 480)), "08:00 ngày làm việc cuối cùng trước hạn", "08:00 of the last working day before the deadline"),
            (.deadline, "khi hết hạn", "at the deadline"),
            (.after(.minutes(30)), "quá hạn 30 phút", "30 minutes after the deadline"),
            (.every(.hours(1), times: 12), "sau đó cứ 1 giờ, tối đa 12 lần", "then every 1 hour, at most 12 times"),
            (.everyWorkingDays(10, times: 24), "cứ 10 ngày làm việc, tối đa 24 lần", "every 10 working days, at most 24 times"),
            (.settled, "khi xong", "when it is settled"),
        ] as [(Rung.Moment, String, String)])
    func steps(moment: Rung.Moment, inVietnamese: String, inEnglish: String) {
        #expect(vi.moment(moment) == inVietnamese)
        #expect(en.moment(moment) == inEnglish)
    }

    @Test("the duty of the hour reads as Clause 2 of Article 8 has it")
    func theHour() throws {
        let duty = try #require(Regulation.standard.duty("incident.notify-department"))
        #expect(vi.article(duty.article) == "khoản 2 Điều 8" && en.article(duty.article) == "Clause 2, Art. 8" && vi.article("ours") == "của hệ thống")
        #expect(vi.due(duty.due) == "trong 1 giờ (thời hạn theo Quy định)")
        #expect(en.obligors(of: duty) == "Provincial Border Guard Command" && en.addressees([]) == "none named")
        #expect(
            en.opening(duty.opening)
                == "on “Incident detected” (technical incident or information-security incident); or “Department informed of an incident”")
        #expect(
            en.ladder(duty.ladder).contains(
                "30 minutes after the deadline: escalate to Office of the Provincial People's Committee (copy: who owes it and who is owed)"))
        let text = RegulationTable(.standard).lines(of: duty, .en, on: Screen()).joined(separator: "\n")
        #expect(text.contains("Due               within 1 hour (set by the Regulation)"))
    }

    @Test("what depends on the case says on what")
    func cases() throws {
        let resolve = try #require(Regulation.standard.duty("incident.resolve"))
        #expect(
            en.obligors(of: resolve)
                == "the party that “Handling plan proposed” names: the party that is to resolve it; else Provincial Economic Zone Management Board (if power cut; "
                + "until it says “Incident resolved” while the device is still down); else Provincial Border Guard Command"
        )
        let acknowledge = try #require(Regulation.standard.duty("incident.acknowledge"))
        #expect(vi.terms(acknowledge.due) == "trong 15 phút nếu trong giờ làm việc; không thì trong 30 phút")
    }

    @Test("every duty of the regulation has all its words in either language, and none shows a name of the data's own", arguments: Language.allCases)
    func all(language: Language) {
        let table = RegulationTable(.standard)
        for duty in Regulation.standard.duties {
            for line in table.lines(of: duty, language, on: Screen()).dropFirst() {
                #expect(!line.contains("data.") && !line.contains("Optional"), "\(duty.id): \(line)")
            }
        }
    }

    @Test("the table fits a terminal, and in Markdown each duty is one row")
    func table() {
        let table = RegulationTable(.standard)
        let lines = table.lines(.vi, on: Screen(columns: 120))
        #expect(lines.allSatisfy { width($0) <= 120 })
        #expect(!lines.contains { $0.contains("…") })
        let markdown = table.markdown(.en)
        #expect(markdown.count == Regulation.standard.duties.count + 2)
        #expect(markdown.allSatisfy { $0.hasPrefix("|") && $0.hasSuffix("|") && !$0.contains("\n") })
        #expect(markdown.contains { $0.hasPrefix("| Clause 2, Art. 8 | Provincial Border Guard Command | on “Incident detected”") })
    }

    @Test("a duty that is not known comes with the nearest")
    func unknown() throws {
        let failure = try #require(failure { () throws(Failure) in _ = try RegulationTable(.standard).duty(named: "incident.notify-departmen") })
        #expect(failure.code == .usage && failure.message.en.contains("did you mean incident.notify-department?"))
    }
}
