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
        let lines = DeskText.opening(subject: "SC-20260314-1912-x7", data: data, regulation: .standard).map(\.vi)
        #expect(
            lines == [
                "SỰ CỐ SC-20260314-1912-x7: màn hình LED không hoạt động, xảy ra lúc 19:12:03 ngày 14/3/2026. Hạn thông tin cho Sở: 20:12:03 ngày 14/3/2026 "
                    + "(khoản 2 Điều 8). Đề nghị xác minh, rồi chọn một lệnh:",
                "  thông tin cho Sở: phoihop publish incident.notified --subject SC-20260314-1912-x7 --kind technical "
                    + "--occurred-at 2026-03-14T19:12:03+07:00 --title 'màn hình LED không hoạt động' --device led-screen --cause power --officer 'HỌ TÊN'",
                "  báo động nhầm: phoihop publish incident.dismissed --subject SC-20260314-1912-x7 --reason 'LÝ DO' --officer 'HỌ TÊN'",
            ])
    }

    @Test("what another party wrote cannot run as a command") func quoting() {
        let data: JSON = ["kind": "technical", "occurredAt": "2026-03-14T19:12:00+07:00", "title": "đèn'; rm -rf / #\n$(reboot)"]
        let lines = DeskText.opening(subject: "SC`reboot`", data: data, regulation: .standard).map(\.en)
        #expect(lines[1].contains(#"--subject 'SC`reboot`' "#))
        #expect(lines[1].contains(#"--title 'đèn'\''; rm -rf / # $(reboot)' --officer"#))
    }

    @Test("what others detect comes to the Border Guard's desk alone") func others() {
        let data: JSON = ["kind": "technical", "occurredAt": "2026-03-14T19:12:00+07:00", "title": "tủ tra cứu hỏng"]
        var guardRoom = room()
        guardRoom.heard(report("incident.detected", "SC-1", data))
        let notes = guardRoom.takeNotes()
        #expect(notes.count == 3)
        let notesNext = guardRoom.takeNotes()
        #expect(notesNext.isEmpty)
        var policeRoom = room(role: .police)
        policeRoom.heard(report("incident.detected", "SC-1", data))
        let notesThen = policeRoom.takeNotes()
        #expect(notesThen.isEmpty)
    }
}
