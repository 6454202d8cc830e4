import AgentKit
import Messages
import OperatorCommands
import Regulation
import Testing
import Values

@Suite("What the coordinator answers, in words")
struct ReportTests {
    private func obligation(_ deadline: String?, basis: String = "law", state: String = "open", exercise: Bool = false) -> JSON {
        .compact([
            "id": "incident.notify-department/SC-1", "duty": "incident.notify-department", "title": ["vi": "thông tin cho Sở", "en": "inform the Department"],
            "article": "8.2", "basis": .string(basis), "obligor": "border-guard", "addressee": "information-dept", "subject": "SC-1", "case": "màn hình tối",
            "startedAt": "2026-11-24T20:00:00+07:00", "deadline": deadline.map { .string($0) }, "state": .string(state), "exercise": .bool(exercise),
        ])
    }

    private func lines(_ obligations: [JSON], _ language: Language, incidents: [JSON] = [], agents: [JSON] = [], leader: JSON = "a/1") throws -> [String] {
        let answer: JSON = [
            "asOf": "2026-11-24T21:43:00+07:00", "leader": leader, "ledger": ["records": 7, "refused": 0], "obligations": .array(obligations),
            "incidents": .array(incidents), "agents": .array(agents),
        ]
        return try #require(StatusReport(answer, regulation: .standard)).lines(language, on: Screen())
    }

    @Test("what is owed stands by deadline, with the time left, marks and drills marked as such")
    func status() throws {
        let list = [
            obligation(nil), obligation("2026-11-25T10:00:00+07:00", basis: "mark"), obligation("2026-11-24T21:55:00+07:00", exercise: true),
            obligation("2026-11-24T21:35:00+07:00", state: "overdue"), obligation("2026-11-24T21:43:00+07:00", state: "open"),
        ]
        let text = try lines(list, .vi)
        #expect(text[0] == "Lúc 21:43 ngày 24/11/2026; điều phối: a/1; sổ cái 7 bản ghi")
        #expect(text[2] == "VIỆC PHẢI LÀM (5)")
        #expect(text[4].hasPrefix("quá 8 phút          21:35         border-guard  thông tin cho Sở"))
        #expect(text[5].hasPrefix("còn dưới 1 phút     21:43"))
        #expect(text[6].hasPrefix("còn 12 phút") && text[6].contains("[DIỄN TẬP] thông tin cho Sở"))
        #expect(text[7].hasPrefix("còn 12 giờ 17 phút") && text[7].contains("10:00 25/11*"))
        #expect(text[8].hasPrefix("không ấn định"))
        #expect(text[9] == "* mốc theo dõi của hệ thống, Quy định không ấn định")
        let english = try lines(list, .en)
        #expect(english[4].hasPrefix("8 min past") && english[6].hasPrefix("12 min left") && english[6].contains("[EXERCISE] inform"))
    }

    @Test("a coordinator that reads behind the ledger is shown as such; the blink that everything takes is not", arguments: [0.4, 1.9, 2, 7.6])
    func lag(_ seconds: Double) throws {
        let answer: JSON = ["asOf": "2026-11-24T21:43:00+07:00", "leader": "a/1", "obligations": [], "lag": ["seconds": .double(seconds), "records": 100]]
        let report = try #require(StatusReport(answer, regulation: .standard))
        #expect(report.lines(.vi, on: Screen())[0].contains("; ĐANG ĐỌC CHẬM \(Int(seconds.rounded())) GIÂY;") == (seconds >= 2))
        #expect(report.lines(.en, on: Screen())[0].contains("; READING \(Int(seconds.rounded())) SECONDS BEHIND;") == (seconds >= 2))
    }

    @Test("that nothing is owed, or that nobody leads, is said")
    func quiet() throws {
        #expect(try lines([], .vi).contains("Không có việc nào đang chờ."))
        #expect(try lines([], .vi, leader: nil)[0].contains("CHƯA CÓ MÁY ĐIỀU PHỐI NÀO ĐANG CHỦ TRÌ"))
        let silent: JSON = ["party": "police", "lastSeenAt": "2026-11-24T21:30:00+07:00", "silent": true]
        #expect(try lines([], .en, agents: [silent]).last?.contains("21:30, 13 min ago") == true)
        #expect(StatusReport(["error": "?"], regulation: .standard) == nil)
    }

    @Test("an explanation tells the rule, the clock, the evidence and what comes next")
    func explanation() throws {
        let answer: JSON = [
            "found": true, "kind": "obligation", "id": "incident.notify-department/SC-1", "title": ["vi": "thông tin cho Sở", "en": "inform the Department"],
            "rule": ["article": "8.2", "citation": ["vi": "khoản 2 Điều 8", "en": "Clause 2, Article 8"], "basis": "law", "obligor": "border-guard"],
            "state": "open", "clock": [["label": ["vi": "hạn", "en": "deadline"], "at": "2026-11-24T22:00:00+07:00", "source": nil]],
            "evidence": [
                [
                    "id": "e1", "type": "incident.detected", "sender": "border-guard", "writtenAt": "2026-11-24T21:00:00+07:00",
                    "arrivedAt": "2026-11-24T21:01:00+07:00", "role": "opens",
                ]
            ],
            "receipts": [], "notices": [["id": "n1", "type": "duty.opened", "to": "border-guard", "at": "2026-11-24T21:01:00+07:00", "state": "withdrawn"]],
            "next": ["rung": "before-PT10M", "at": "2026-11-24T21:50:00+07:00"],
        ]
        let explanation = try #require(Explanation(answer, id: "SC-1", regulation: .standard, now: now))
        let text = explanation.lines(.vi, on: Screen())
        for line in [
            "Căn cứ      khoản 2 Điều 8", "Hiện trạng  chưa thực hiện", "  hạn  22:00", "  mở việc  Phát hiện sự cố  border-guard  viết 21:00  đến 21:01  e1",
            "  21:01  Bắt đầu tính hạn  tới border-guard  đã rút lại", "Sắp tới: nhắc việc trước hạn 10 phút, lúc 21:50",
        ] {
            #expect(text.contains(line), "\(text.joined(separator: "\n"))")
        }
        #expect(text.contains { $0.contains("border-guard (Bộ Chỉ huy Bộ đội Biên phòng tỉnh)") })
    }

    @Test("an id that is not known comes with those near it")
    func unknown() throws {
        let explanation = try #require(Explanation(["found": false, "near": ["SC-12"]], id: "SC-1", regulation: .standard, now: now))
        #expect(!explanation.isFound)
        #expect(explanation.notFound.code == .badData)
        #expect(explanation.notFound.message.en.contains("SC-12"))
    }
}

@Suite("The inbox")
struct InboxViewTests {
    private let view = InboxView(regulation: .standard, now: now)

    private func entry(_ id: String, _ type: String = "incident.detected", minute: Int64 = 0, state: Inbox.State = .new, data: JSON = ["title": "màn hình tối"])
        -> Inbox.Entry
    {
        let at = now - .hours(1) + .minutes(minute)
        return Inbox.Entry(
            receivedAt: at, state: state, routingKey: "border-guard.\(type).all",
            event: Event(id: id, sender: "border-guard", type: type, subject: "SC-1", time: at, data: data))
    }

    @Test("shows the last twenty, or what was asked for; records only with --all")
    func selection() {
        let entries = (0..<30).map { entry("e\($0)", minute: Int64($0)) } + [entry("r", "coordinator.elected", minute: 31, state: .record)]
        #expect(view.select(entries, type: nil, since: nil, all: false).map(\.event.id).first == "e10")
        #expect(view.select(entries, type: nil, since: nil, all: true).count == 31)
        #expect(view.select(entries, type: nil, since: now - .hours(1) + .minutes(28), all: false).count == 2)
        #expect(view.select(entries, type: "coordinator.elected", since: nil, all: true).count == 1)
    }

    @Test("a message is found by the beginning of its id, if that names only one")
    func show() throws {
        let entries = [entry("abc-1"), entry("abd-2")]
        #expect(try view.entry("abc", in: entries).event.id == "abc-1")
        #expect(failure { () throws(Failure) in _ = try view.entry("ab", in: entries) }?.message.en.contains("abd-2") == true)
        #expect(failure { () throws(Failure) in _ = try view.entry("x", in: entries) }?.code == .badData)
        #expect(view.lines(entries[0], .vi, on: Screen()).contains("  title: màn hình tối"))
    }

    @Test("a notice shows its wording in the language, and on one line its heading, case and deadline")
    func notice() {
        let notice = entry(
            "n", "duty.overdue",
            data: [
                "duty": "incident.notify-department", "basis": "law", "deadline": "2026-11-24T21:00:00+07:00",
                "wording": ["vi": "[QUÁ HẠN] Kính gửi: [x].", "en": "[OVERDUE] To: [x]."],
            ])
        #expect(view.line(notice, .vi, on: Screen()).contains("[QUÁ HẠN] Kính gửi"))
        #expect(view.line(notice, .en, on: Screen()).contains("[OVERDUE] To"))
        #expect(view.brief(notice, .vi, on: Screen()).hasPrefix("20:43  [QUÁ HẠN] SC-1: hạn 21:00, thông tin cho Sở"))
    }

    @Test("the watch fills the screen and no more")
    func screenful() {
        let entries = (0..<30).map { entry("e\($0)", minute: Int64($0)) }
        for table in [3, 100] {
            let lines = view.screenful((0..<table).map { "dòng \($0)" }, entries, .vi, on: Screen(columns: 60, rows: 24))
            #expect(lines.count < 24)
            #expect(lines.allSatisfy { width($0) <= 60 })
            #expect(lines.last?.hasPrefix("21:12") == true, "the newest is last")
        }
    }

    @Test("a case is open until something closes it")
    func openCases() {
        func event(_ type: String, _ subject: String, _ minute: Int64) -> Event {
            Event(id: "\(type)\(minute)", sender: "border-guard", type: type, subject: subject, time: now - .hours(1) + .minutes(minute), data: ["title": "t"])
        }
        let cases = OpenCase.among(
            [
                event("incident.detected", "SC-1", 1), event("incident.detected", "SC-2", 2), event("incident.resolved", "SC-1", 3),
                event("duty.overdue", "box/2026-11-24", 4), event("incident.detected", "SC-0", -60 * 24 * 8),
                event("report.submitted", "BC-1", 5), event("budget.drafted", "DT-1", 6),
            ], in: .standard, now: now)
        #expect(cases.map(\.subject) == ["DT-1", "SC-2"])
    }
}

@Suite("The doctor")
struct CheckTests {
    @Test("a year without its holidays is named")
    func calendar() throws {
        let check = Check.calendar(.standard, today: try #require(CivilDate("2026-11-24")))
        #expect(!check.isFine)
        #expect(check.finding.en.contains("no data for 2027"))
        #expect(check.line(.vi, on: Screen()).hasPrefix("SAI  Lịch nghỉ lễ: chưa có dữ liệu năm 2027"))
        #expect(check.line(.vi, on: Screen()).contains(". Cần: "))
    }

    @Test(
        "a clock is wrong if the coordinator's time lies well outside question and answer",
        arguments: [(0, true), (-4000, true), (4000, true), (-60_000, false), (60_000, false)] as [(Int64, Bool)])
    func clock(offset: Int64, isFine: Bool) {
        let check = Check.clock(asked: now, asOf: now + Span(milliseconds: offset), answered: now + Span(milliseconds: 20))
        #expect(check.isFine == isFine)
        if !isFine { #expect(check.finding.en.contains(offset < 0 ? "ahead of" : "behind")) }
    }

    @Test("what waits and what was refused is told with what to do")
    func spool() {
        #expect(Check.spool(waiting: 0, refused: [], path: "p").allSatisfy { $0.isFine })
        let checks = Check.spool(waiting: 2, refused: [("id1", "403")], path: "p")
        #expect(checks.allSatisfy { !$0.isFine })
        #expect(checks[1].finding.en == "1 in p/refused, the latest id1: 403")
        #expect(!Check.disk(freeBytes: 1_000_000, path: "p").isFine)
        #expect(!Check.phones(.standard).isFine)
    }
}
