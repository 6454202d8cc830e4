import AgentKit
import Messages
import Monitoring
import Regulation
import Schemas
import Values

/// What the agent says to the desk.
enum DeskText {
    /// The opening notice of an incident: what, since when, by when what is owed, and the commands that answer it. One entry a line.
    ///
    /// - Parameter party: whose desk it is; the duty told is the first that the incident opens and this party owes within a time.
    static func opening(
        _ type: String, subject: String, data: JSON, exercise: Bool = false, at party: PartyID, regulation: Regulation
    ) -> [Wording] {
        guard let occurredAt = data["occurredAt"]?.instant else { return [] }
        let offset = regulation.calendar.offset
        let owed = regulation.duties.lazy.filter { $0.isOpened(by: type, data) && $0.alternativeTo == nil && $0.isOwed(by: party) }
            .compactMap { duty in duty.due.cases.lazy.compactMap { if case .within(let span) = $0.term { (duty, span) } else { nil } }.first }.first
        let kind = regulation.caseKind(of: type)?.kind.name ?? Wording(vi: type, en: type)
        let mark = exercise ? regulation.wordings["exercise-prefix"] ?? Wording(vi: "", en: "") : Wording(vi: "", en: "")
        let (title, occurred) = (data["title"]?.string ?? subject, clock(occurredAt, offset))
        let head = Wording(
            vi: "\(mark.vi)\(kind.vi.uppercased()) \(subject): \(title), xảy ra lúc \(occurred.vi).",
            en: "\(mark.en)\(kind.en.uppercased()) \(subject): \(title), occurred at \(occurred.en).")
        guard let (duty, within) = owed else { return [head] }
        let (deadline, article) = (clock(occurredAt + within, offset), regulation.citation.cite(duty.article, short: true))
        let facts = (data.object?.members ?? []).reduce(into: [String: String]()) { facts, member in facts[member.key] = member.value.string }
        let answers = regulation.answers(to: duty, by: party)
        let next = answers.isEmpty ? Wording(vi: "", en: "") : Wording(vi: " Đề nghị xác minh, rồi chọn một lệnh:", en: " Verify, then enter one of:")
        return [
            Wording(
                vi: "\(head.vi) Phải \(duty.title.vi), hạn: \(deadline.vi) (\(article.vi)).\(next.vi)",
                en: "\(head.en) To do: \(duty.title.en), by \(deadline.en) (\(article.en)).\(next.en)")
        ]
            + answers.map { answer in
                let said = answer.said(facts, to: duty.addressees.first?.party, in: regulation).map { (name: $0.name, value: quoted($0.value)) }
                let line = command(answer.type, subject, said, asking: answer.asked(facts, in: regulation)) + (exercise ? " --exercise" : "")
                return answer.label.map { _, label in "  \(label): \(line)" }
            }
    }

    static func recovered(_ device: WatchedDevice, _ recovery: Recovery, subject: String, regulation: Regulation) -> Wording {
        let at = clock(recovery.at, regulation.calendar.offset)
        let kind = regulation.equipment?.failure.flatMap { regulation.caseKind(of: $0.type)?.kind }
        // What ends a case and is no claim that it never was one.
        let resolving = kind?.ends.first { type in kind?.claims.contains { $0.type == type } == false }
        let fields = resolving.flatMap { regulation.schema(of: $0) }?.fields.filter(\.isRequired) ?? []
        let known = fields.filter(\.tellsThePast).map { (name: $0.name, value: recovery.at.rfc3339(offset: regulation.calendar.offset)) }
        let line = resolving.map { ": " + command($0, subject, known, asking: fields.filter { !$0.tellsThePast }.map(\.name)) } ?? "."
        let name = kind?.name ?? Wording(vi: "vụ việc", en: "case")
        return Wording(
            vi: "\(device.title.vi) hoạt động trở lại từ \(at.vi). \(name.vi) \(subject) vẫn mở cho đến khi cán bộ kết thúc\(line)",
            en: "\(device.title.en) works again since \(at.en). The \(name.en) \(subject) stays open until an officer ends it\(line)")
    }

    /// The command that says a message, with dots for what the officer is to fill in.
    private static func command(_ type: String, _ subject: String, _ said: [(name: String, value: String)], asking: [String]) -> String {
        let flags = said.map { "--\(MessageSchema.flag($0.name)) \($0.value)" } + asking.map { "--\(MessageSchema.flag($0)) …" }
        return (["phoihop publish \(type) --subject \(quoted(subject))"] + flags).joined(separator: " ")
    }

    static func flapping(_ device: WatchedDevice, _ flapping: Flapping, offset: Span) -> Wording {
        let since = clock(flapping.since, offset)
        return Wording(
            vi: "\(device.title.vi) chập chờn: \(flapping.changes) lần từ \(since.vi); đề nghị kiểm tra nguồn, dây và đường truyền",
            en: "\(device.title.en) goes back and forth: \(flapping.changes) times since \(since.en); look at its power, cables and network")
    }

    static func heldBack(_ device: WatchedDevice, _ held: HeldTime, offset: Span) -> Wording {
        let until = clock(held.range.upperBound, offset)
        return Wording(
            vi:
                "\(device.title.vi) ngừng trong thời gian bảo trì \(held.subject) đã thông báo: chưa coi là sự cố; nếu đến \(until.vi) chưa hoạt động thì là sự cố",
            en: "\(device.title.en) is down within the announced maintenance \(held.subject): no incident yet; it is one if it is still down at \(until.en)")
    }

    static func supplyUnseen(_ text: String) -> Wording {
        // A check may have said as much as it liked.
        let reason = text.count > 300 ? text.prefix(300) + "…" : text[...]
        return Wording(vi: "không còn theo dõi được nguồn điện: \(reason)", en: "the supply is no longer watched: \(reason)")
    }

    /// What a UPS says that is no outage.
    static func remark(_ remark: UPSRemark, of ups: String, _ reading: UPSReading) -> Wording {
        let status = "\(reading.status)".prefix(100)
        let charge = reading.chargePercent.map { Wording(vi: ", ắc quy còn \(Int($0.rounded())) %", en: ", battery at \(Int($0.rounded())) %") }
        let what =
            switch remark {
            case .discharging:
                Wording(
                    vi: "vừa báo có điện lưới vừa báo xả ắc quy; đề nghị xem có điện thật không. Có loại báo như vậy khi mất điện: khi đó đặt onlinedischarge "
                        + "trong ups.conf (man usbhid-ups)",
                    en: "says both that the mains are there and that its battery is being emptied; see whether they are. Some models say so when they are "
                        + "not: then set onlinedischarge in ups.conf (man usbhid-ups)")
            case .shutdownStays:
                Wording(
                    vi: "đã có điện lại nhưng lệnh tắt máy (FSD) vẫn còn; khởi động lại upsd để bỏ lệnh",
                    en: "has its mains back, but the order to shut down (FSD) still stands; restart upsd to clear it")
            case .contradiction:
                Wording(
                    vi: "vừa báo có điện lưới vừa báo chạy ắc quy; coi như mất điện. Đề nghị kiểm tra bộ lưu điện và trình điều khiển",
                    en: "says both that it is on mains and that it is on battery; it is taken to be on battery. Look at the UPS and its driver")
            case .bypass:
                Wording(
                    vi: "đang nối tắt (BYPASS): mất điện lưới là thiết bị tắt ngay", en: "is on bypass: if the mains fail, the equipment goes dark at once")
            case .overload: Wording(vi: "quá tải (OVER); đề nghị bớt tải", en: "is overloaded (OVER); take some load off")
            case .replaceBattery: Wording(vi: "báo cần thay ắc quy (RB)", en: "asks for a new battery (RB)")
            case .alarm: Wording(vi: "đang báo động (ALARM); đề nghị xem tại bộ lưu điện", en: "raises an alarm (ALARM); look at the UPS")
            }
        return Wording(
            vi: "bộ lưu điện \(ups) \(what.vi) (\(status)\(charge?.vi ?? ""))", en: "UPS \(ups) \(what.en) (\(status)\(charge?.en ?? ""))")
    }

    /// A message of the agent's own that nobody would accept.
    static func refused(_ announcement: Announcement, _ refusal: Refusal) -> Wording {
        let line = announced(announcement)
        return Wording(
            vi: "KHÔNG GỬI ĐƯỢC và sẽ không thử lại: \(refusal.text(.vi)). Nội dung: \(line.vi). Giữ trong state/watch.json; đề nghị gửi bằng phoihop publish",
            en: "NOT SENT, and not tried again: \(refusal.text(.en)). What it was: \(line.en). It is kept in state/watch.json; send it with phoihop publish")
    }

    /// More waits to be sent than is kept.
    static func leftOut(_ count: Int) -> Wording {
        Wording(
            vi: "còn quá nhiều tin chờ ghi: đã bỏ \(count) tin trạng thái thiết bị cũ nhất; đề nghị xem đĩa còn chỗ không",
            en: "too much waits to be sent: the \(count) oldest messages on the status of devices were left out; see whether the disk is full")
    }

    /// The machine's clock cannot be right.
    static func clockImplausible(_ wall: Instant, earliest: Instant, offset: Span) -> Wording {
        let (shown, least) = (clock(wall, offset), clock(earliest, offset))
        return Wording(
            vi: "ĐỒNG HỒ MÁY SAI: đang chỉ \(shown.vi), trong khi không thể trước \(least.vi). Tạm ngừng theo dõi và ghi tin theo dõi; tin đến vẫn nhận. "
                + "Đề nghị chỉnh giờ (timedatectl). Nếu giờ máy đúng, dừng tác tử, xóa state/watch.json rồi chạy lại",
            en:
                "THE MACHINE'S CLOCK IS WRONG: it shows \(shown.en), and it cannot be before \(least.en). Watching is suspended, and nothing is said of what is "
                + "watched; messages are still received. Set the clock (timedatectl). If it is right, stop the agent, remove state/watch.json and start again")
    }

    /// The machine's clock can be right again.
    static func clockPlausible(_ wall: Instant, offset: Span) -> Wording {
        let shown = clock(wall, offset)
        return Wording(vi: "đồng hồ máy chỉ \(shown.vi): theo dõi tiếp", en: "the machine's clock shows \(shown.en): watching goes on")
    }

    /// The machine's clock was set.
    static func clockStepped(by span: Span) -> Wording {
        let seconds = abs(span.milliseconds) / 1000
        return Wording(
            vi: "đồng hồ máy vừa được chỉnh \(span < .zero ? "lùi" : "tiến") \(seconds) s; khoảng thời gian bị nhảy không có dữ liệu theo dõi",
            en: "the machine's clock was set \(span < .zero ? "back" : "forward") by \(seconds) s; nothing is recorded of the time that was skipped")
    }

    /// The file of what is to be watched cannot be used.
    static func wrongFile(_ path: String, _ reason: Wording, isWatching: Bool) -> Wording {
        let meanwhile =
            isWatching
            ? Wording(vi: "vẫn theo dõi như trước", en: "what was watched before still is")
            : Wording(vi: "KHÔNG THEO DÕI GÌ; tin vẫn nhận và gửi", en: "NOTHING IS WATCHED; messages are still received and sent")
        return Wording(
            vi: "\(path) có lỗi: \(meanwhile.vi). Đề nghị sửa; tệp được đọc lại ngay khi thay đổi:\n\(reason.vi)",
            en: "\(path) is wrong: \(meanwhile.en). Mend it; it is read again as soon as it changes:\n\(reason.en)")
    }

    static func nothingWatched(_ path: String) -> Wording {
        Wording(
            vi: "không theo dõi thiết bị nào: chưa có gì trong \(path); đề nghị khai báo tại đó",
            en: "nothing is watched: there is nothing in \(path); declare there what to watch")
    }

    static func watching(_ configuration: WatchConfiguration) -> Wording {
        let devices = configuration.devices.map { "\($0.id) (\($0.checkName), \(plain($0.interval)) s)" }
        let supply = configuration.supply.map { "\($0.name) (\(plain($0.poll)) s)" }
        let list = (devices + [supply].compactMap { $0 }).joined(separator: ", ")
        return Wording(vi: "đang theo dõi: \(list)", en: "watching: \(list)")
    }

    /// A message of the agent's own, for the log.
    static func announced(_ announcement: Announcement) -> Wording {
        let data = announcement.data
        let words = ["device", "ups", "status", "date", "operatedMinutes", "title"].compactMap { key -> String? in
            switch data[key] {
            case .string(let text)?: text
            case .int(let number)?: "\(number) min"
            default: nil
            }
        }
        let line = "\(announcement.type)\(announcement.subject.map { " \($0)" } ?? ""): \(words.joined(separator: ", "))"
        return Wording(vi: "đã ghi \(line)", en: "said \(line)")
    }

    /// `19:12:03 ngày 14/3/2026`; `19:12:03 on 14/3/2026`.
    private static func clock(_ instant: Instant, _ offset: Span) -> Wording {
        let local = LocalTime(instant, offset: offset)
        let time = "\(local.timeOfDay):\(local.second < 10 ? "0" : "")\(local.second)"
        let date = "\(local.date.day)/\(local.date.month)/\(local.date.year)"
        return Wording(vi: "\(time) ngày \(date)", en: "\(time) on \(date)")
    }

    private static func plain(_ span: Span) -> String { span.milliseconds % 1000 == 0 ? "\(span.milliseconds / 1000)" : "\(span.seconds)" }

    /// A word of a command line, safe to be copied into a shell.
    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:+".contains($0)) }
        return isPlain ? text : "'" + singleLine(text).replacing("'", with: "'\\''") + "'"
    }
}

extension Duty {
    /// Whether a message opens it.
    fileprivate func isOpened(by type: String, _ data: JSON) -> Bool {
        guard case .messages(let matchers) = opening else { return false }
        return matchers.contains { matcher in
            matcher.type == type
                && matcher.conditions.allSatisfy { condition in data[path: condition.path.keys.dropFirst()].map(condition.values.contains) == true }
        }
    }

    /// Whether a party owes it, in some case at least.
    fileprivate func isOwed(by party: PartyID) -> Bool {
        if case .of(let parties) = each { return parties.contains(party) }
        return obligors.contains { $0.party == party }
    }
}
