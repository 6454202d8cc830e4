import AgentKit
import Messages
import Regulation
import Values

/// What a party received, made for people.
public struct InboxView: Sendable {
    private let regulation: Regulation
    private let now: Instant
    /// How many of the last are shown where nothing else is asked for.
    public static let usualCount = 20

    /// A view at an instant.
    public init(regulation: Regulation, now: Instant) { (self.regulation, self.now) = (regulation, now) }

    /// Which entries are asked for, in the order they came.
    public func select(_ entries: [Inbox.Entry], type: String?, since: Instant?, all: Bool) -> [Inbox.Entry] {
        let wanted = entries.filter { isWanted($0, type: type, since: since, all: all) }
        return all || since != nil ? wanted : wanted.suffix(InboxView.usualCount)
    }

    /// Whether an entry is asked for.
    public func isWanted(_ entry: Inbox.Entry, type: String?, since: Instant?, all: Bool) -> Bool {
        (all || entry.state != .record) && (type.map { entry.event.type == $0 } ?? true) && (since.map { entry.receivedAt >= $0 } ?? true)
    }

    /// The type that was meant.
    /// - Throws: usage, with the nearest known type.
    public func type(named name: String) throws(Failure) -> String {
        guard regulation.messageType(name) == nil else { return name }
        let near = nearest(to: name.lowercased(), in: regulation.messageTypes.map(\.name))
        throw Failure(
            .usage, vi: "Không có loại tin “\(shown(name))”" + (near.map { "; có phải là \($0)?" } ?? ".") + " Xem: phoihop describe",
            en: "There is no message type “\(shown(name))”" + (near.map { "; did you mean \($0)?" } ?? ".") + " See: phoihop describe")
    }

    /// The one entry of an id, or of the beginning of one.
    /// - Throws: bad data, where there is none or more than one.
    public func entry(_ id: String, in entries: [Inbox.Entry]) throws(Failure) -> Inbox.Entry {
        if let exact = entries.last(where: { $0.event.id == id }) { return exact }
        let near = entries.filter { $0.event.id.hasPrefix(id) && !id.isEmpty }
        if let one = near.last, Set(near.map(\.event.id)).count == 1 { return one }
        let ids = Set(near.map(\.event.id)).sorted().prefix(5).map { "\n    \(shown($0))" }.joined()
        guard near.isEmpty else {
            throw Failure(
                .badData, vi: "Nhiều tin có mã bắt đầu bằng “\(shown(id))”:\(ids)", en: "Several messages have an id beginning with “\(shown(id))”:\(ids)")
        }
        throw Failure(
            .badData, vi: "Hộp tin không có mã “\(shown(id))”. Xem: phoihop inbox --all", en: "The inbox has no “\(shown(id))”. See: phoihop inbox --all")
    }

    /// An entry on one line of a screen: a notice by its heading, duty, case and deadline, anything else as in lists.
    public func brief(_ entry: Inbox.Entry, _ language: Language, on screen: Screen) -> String {
        let times = TimeWriter(now: now, calendar: regulation.calendar)
        let data = entry.event.data
        var text = shown(entry.event.line(regulation, language))
        if let duty = data["duty"]?.string, data["wording"] != nil {
            let deadline = data["deadline"]?.instant.map { instant in
                (regulation.wordings["deadline-\(data["basis"]?.string ?? "law")"]?[language] ?? "") + " " + times.text(instant) + ", "
            }
            let title = regulation.duty(duty)?.title[language] ?? shown(duty)
            let drill = entry.event.exercise ? regulation.wordings["exercise-prefix"]?[language] ?? "" : ""
            let heading = drill + "[\(shown(Wording(data["wording"]).heading[language]))] "
            text = heading + [entry.event.subject.map { shown($0) + ": " } ?? "", deadline ?? "", title].joined()
        }
        let time = times.text(entry.receivedAt) + "  "
        return time + screen.paint(fitted(text, (screen.columns ?? .max) - width(time)), colour(entry))
    }

    /// What fills a screen: the table of what is owed, and below it as many of the latest messages as there is room for.
    public func screenful(_ table: [String], _ entries: [Inbox.Entry], _ language: Language, on screen: Screen) -> [String] {
        let rows = screen.rows ?? 50
        // A third of the screen is the messages'.
        let room = max(3, rows - max(4, rows / 3) - 2)
        var lines = table
        if table.count > room {
            lines = table.prefix(room - 1) + [language == .vi ? "… xem đủ: phoihop status" : "… all of it: phoihop status"]
        }
        let latest = select(entries, type: nil, since: nil, all: false).suffix(max(1, rows - lines.count - 3))
        return lines + ["", screen.paint(language == .vi ? "TIN ĐẾN" : "RECEIVED", .bold)] + latest.map { brief($0, language, on: screen) }
    }

    private func colour(_ entry: Inbox.Entry) -> Colour? {
        let isGrave =
            entry.state == .refused || entry.state == .remark
            || [SystemType.dutyOverdue, SystemType.dutyEscalated, SystemType.messageRefused, SystemType.agentSilent].contains(entry.event.type)
        return entry.state == .setAside ? .dim : isGrave ? .red : entry.event.type == SystemType.dutyReminded ? .yellow : nil
    }

    /// An entry on a line, or on several where the screen is narrow.
    public func line(_ entry: Inbox.Entry, _ language: Language, on screen: Screen) -> String {
        let vi = language == .vi
        let times = TimeWriter(now: now, calendar: regulation.calendar)
        var text = shown(entry.event.line(regulation, language))
        // The footer is the same everywhere; `inbox show` has it.
        if let footer = regulation.wordings["footer"]?[language], text.hasSuffix(footer) { text = String(text.dropLast(footer.count + 1)) }
        switch entry.state {
        case .new, .record, .remark: break
        case .setAside: text += vi ? " [không còn hiệu lực]" : " [does not hold any more]"
        case .refused: text = (vi ? "[KHÔNG GỬI ĐƯỢC] " : "[NOT SENT] ") + text + (entry.reason.map { ": " + shown($0) } ?? "")
        }
        let time = times.text(entry.receivedAt) + "  "
        let lines = wrapped(text + "  (\(InboxView.brief(entry.event.id)))", to: screen.columns.map { $0 - width(time) })
        return lines.enumerated().map { index, line in
            (index == 0 ? time : String(repeating: " ", count: width(time))) + screen.paint(line, colour(entry))
        }.joined(separator: "\n")
    }

    /// An entry in full.
    public func lines(_ entry: Inbox.Entry, _ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        let event = entry.event
        let calendar = regulation.calendar
        func full(_ instant: Instant) -> String {
            let local = calendar.local(instant)
            return "\(local.timeOfDay)\(vi ? " ngày" : "") \(local.date.day)/\(local.date.month)/\(local.date.year)"
        }
        var lines = [screen.paint(regulation.title(of: event.type)[language] + " – " + event.type, .bold)]
        func line(_ label: String, _ text: String?) {
            guard let text else { return }
            lines.append(label + String(repeating: " ", count: max(1, 12 - width(label))) + shown(text))
        }
        if event.exercise { lines.append(regulation.wordings["exercise-prefix"]?[language] ?? "") }
        line(vi ? "Mã" : "Id", event.id)
        line(vi ? "Người gửi" : "Sender", event.sender + (regulation.party(event.sender).map { " (\($0.name[language]))" } ?? ""))
        line(vi ? "Vụ việc" : "Case", event.subject)
        line(vi ? "Viết lúc" : "Written", full(event.time))
        line(vi ? "Nhận lúc" : "Received", full(entry.receivedAt))
        line(vi ? "Lý do" : "Reason", entry.reason)
        if let wording = StatusReport.wording(event.data["wording"], language) { lines += ["", wording] }
        let form = Form(regulation.schema(of: event.type))
        let members = (event.data.object?.members ?? []).filter { $0.key != "wording" }
        if !members.isEmpty { lines.append("") }
        for member in members {
            let field = form?.fields.first { $0.name == member.key }
            var text = member.value.string ?? member.value.text
            if field?.kind == .instant, let instant = member.value.instant { text = full(instant) }
            if let meaning = member.value.string.flatMap({ field?.meaning(of: $0, language) }) { text += " (\(meaning))" }
            lines.append("  " + shown(member.key) + ": " + shown(text))
        }
        return lines
    }

    /// The first part of a UUID, which suffices to name it; any other id whole.
    static func brief(_ id: String) -> String {
        let parts = id.split(separator: "-")
        return parts.map(\.count) == [8, 4, 4, 4, 12] ? String(parts[0]) : shown(id)
    }
}
