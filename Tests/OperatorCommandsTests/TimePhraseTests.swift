import OperatorCommands
import Regulation
import Testing
import Values

@Suite("Times as people write them")
struct TimePhraseTests {
    let calendar = Regulation.standard.calendar
    /// 00:10 on Saturday, 14 March 2026.
    var now: Instant { Instant(rfc3339: "2026-03-14T00:10:00+07:00") ?? Instant(milliseconds: 0) }
    var phrases: TimePhrase { TimePhrase(now: now, calendar: calendar) }

    @Test(
        "each phrase names its instant, in local time where it has no offset",
        arguments: [
            ("now", "2026-03-14T00:10:00+07:00"), ("bây giờ", "2026-03-14T00:10:00+07:00"), ("08:15", "2026-03-14T08:15:00+07:00"),
            ("8:15", "2026-03-14T08:15:00+07:00"), ("8h15", "2026-03-14T08:15:00+07:00"), ("8h", "2026-03-14T08:00:00+07:00"),
            ("08:15:30", "2026-03-14T08:15:30+07:00"), ("yesterday 22:10", "2026-03-13T22:10:00+07:00"), ("hôm qua 22:10", "2026-03-13T22:10:00+07:00"),
            ("Hôm Qua 22h10", "2026-03-13T22:10:00+07:00"), ("hom qua 22:10", "2026-03-13T22:10:00+07:00"), ("22:10 hôm qua", "2026-03-13T22:10:00+07:00"),
            ("hôm nay 00:05", "2026-03-14T00:05:00+07:00"), ("2026-03-14 19:12", "2026-03-14T19:12:00+07:00"), ("14/3/2026 19:12", "2026-03-14T19:12:00+07:00"),
            ("19h12 ngày 14/3/2026", "2026-03-14T19:12:00+07:00"), ("lúc 19:12 ngày 1/3/2026", "2026-03-01T19:12:00+07:00"),
            ("2026-03-14T19:12:00+07:00", "2026-03-14T19:12:00+07:00"), ("2026-03-14T12:12:00Z", "2026-03-14T19:12:00+07:00"),
        ])
    func phrase(text: String, expected: String) {
        #expect((try? phrases.instant(text).get()) == Instant(rfc3339: expected))
    }

    @Test(
        "what names no time is not guessed at",
        arguments: [
            "", "soon", "25:00", "08:60", "08", "2026-02-30 10:00", "31/2/2026 10:00", "yesterday", "10:00 11:00", "14/3 10:00", "8h5", "2026-03-14T19:12:00",
        ])
    func nonsense(text: String) {
        guard case .failure(let unreadable) = phrases.instant(text) else {
            Issue.record("\(text) was read")
            return
        }
        #expect(unreadable.explanation.en.contains("yesterday 22:10"))
        #expect(unreadable.explanation.vi.contains("hôm qua 22:10"))
    }

    @Test("23:50 entered at 00:10 lies in the future, and yesterday is suggested")
    func future() {
        guard case .failure(let unreadable) = phrases.instant("23:50", past: true) else {
            Issue.record("it was taken")
            return
        }
        #expect(unreadable.explanation.en == "23:50 lies in the future (it is now 00:10 on 2026-03-14). If it was yesterday, write “yesterday 23:50”.")
        #expect(unreadable.explanation.vi.contains("hôm qua 23:50"))
        #expect((try? phrases.instant("hôm qua 23:50", past: true).get()) != nil)
        #expect((try? phrases.instant("00:11", past: true).get()) != nil, "clocks may differ by a minute")
        #expect((try? phrases.instant("23:50").get()) != nil, "a term may lie ahead")
    }

    @Test("days are read as they are written here")
    func days() {
        let expected = CivilDate("2026-03-13")
        for text in ["hôm qua", "yesterday", "2026-03-13", "13/3/2026", "13/03/2026"] { #expect((try? phrases.date(text).get()) == expected) }
        for text in ["13/13/2026", "2026-3-13", "mai mốt", ""] { #expect(throws: TimePhrase.Unreadable.self) { try phrases.date(text).get() } }
    }
}
