import Monitoring
import Regulation
import Testing
import Values

@testable import Watching

@Suite struct DeskTextTests {
    @Test("the desk is told by when the Department must know, and what to type") func opening() {
        let data: JSON = [
            "kind": "technical", "occurredAt": "2026-03-14T19:12:03+07:00", "title": "màn hình LED không hoạt động", "device": "led-screen", "cause": "power",
        ]
        let lines = DeskText.opening("incident.detected", subject: "SC-20260314-1912-x7", data: data, at: "border-guard", regulation: .standard).map(\.vi)
        #expect(
            lines == [
                "SỰ CỐ SC-20260314-1912-x7: màn hình LED không hoạt động, xảy ra lúc 19:12:03 ngày 14/3/2026. Phải thông tin cho Sở Thông tin và Truyền thông "
                    + "khi xảy ra sự cố, hạn: 20:12:03 ngày 14/3/2026 (khoản 2 Điều 8 Quy định (QĐ 34/2015/QĐ-UBND)). Đề nghị xác minh, rồi chọn một lệnh:",
                "  thông tin cho Sở ngay bây giờ: phoihop publish incident.notified --subject SC-20260314-1912-x7 --kind technical "
                    + "--occurred-at 2026-03-14T19:12:03+07:00 --title 'màn hình LED không hoạt động' --device led-screen --cause power --officer …",
                "  báo động nhầm: phoihop publish incident.dismissed --subject SC-20260314-1912-x7 --reason … --officer …",
                "  đã gọi điện cho Sở: phoihop publish communication.recorded --subject SC-20260314-1912-x7 --to information-dept --means telephone "
                    + "--regarding incident.notified --called-at … --answered-by … --caller …",
            ])
    }

    @Test("who owes nothing of it within a time is told what happened") func owesNothing() {
        let data: JSON = ["kind": "technical", "occurredAt": "2026-03-14T19:12:03+07:00", "title": "x"]
        #expect(
            DeskText.opening("incident.detected", subject: "SC-1", data: data, exercise: true, at: "police", regulation: .standard).map(\.en)
                == ["[EXERCISE] INCIDENT SC-1: x, occurred at 19:12:03 on 14/3/2026."])
    }

    @Test("what resolves an incident is known from the rules of its kind, and what it says from its schema") func recovered() {
        var room = room()
        for minute in 1...5 as ClosedRange<Int64> {
            room.checked("led-screen", CheckResult(status: minute < 4 ? .critical : .ok), at: at("19:00") + .minutes(minute))
        }
        let subject = room.outgoing.last { $0.announcement.type == "incident.detected" }?.announcement.subject ?? "none"
        #expect(
            room.told().contains(
                "LED screen works again since 19:04:00 on 14/3/2026. The incident \(subject) stays open until an officer ends it: "
                    + "phoihop publish incident.resolved --subject \(subject) --resolved-at 2026-03-14T19:04:00+07:00 --measures … --officer …"))
    }

    @Test("what another party wrote cannot run as a command") func quoting() {
        let data: JSON = ["kind": "technical", "occurredAt": "2026-03-14T19:12:00+07:00", "title": "đèn'; rm -rf / #\n$(reboot)"]
        let lines = DeskText.opening("incident.detected", subject: "SC`reboot`", data: data, at: "border-guard", regulation: .standard).map(\.en)
        #expect(lines[1].contains(#"--subject 'SC`reboot`' "#))
        #expect(lines[1].contains(#"--title 'đèn'\''; rm -rf / # $(reboot)' --officer"#))
    }

    @Test("what others detect comes to the Border Guard's desk alone") func others() {
        let data: JSON = ["kind": "technical", "occurredAt": "2026-03-14T19:12:00+07:00", "title": "tủ tra cứu hỏng"]
        var guardRoom = room()
        guardRoom.heard(report("incident.detected", "SC-1", data))
        let notes = guardRoom.takeNotes()
        #expect(notes.count == 4)
        let notesNext = guardRoom.takeNotes()
        #expect(notesNext.isEmpty)
        var policeRoom = room(of: .police)
        policeRoom.heard(report("incident.detected", "SC-1", data))
        let notesThen = policeRoom.takeNotes()
        #expect(notesThen.isEmpty)
    }
}
