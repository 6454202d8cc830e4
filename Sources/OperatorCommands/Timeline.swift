import AgentKit
import Messages
import Regulation
import Schemas
import Values

/// The ledger as a story: what was said, in order, a line each. Notices that went to several parties at once are one line; receipts and marks, which
/// nobody reads, are left out.
public struct Timeline: Sendable {
    private let regulation: Regulation
    private let language: Language
    private let screen: Screen
    private var titles: [String: String] = [:]
    /// The cases that have begun.
    private var begun: Set<String> = []
    private var date: CivilDate?
    private var group: (key: String, event: Event, to: [PartyID])?

    /// A story in a language, for a screen.
    public init(regulation: Regulation, language: Language, screen: Screen) { (self.regulation, self.language, self.screen) = (regulation, language, screen) }

    private static let silent: Set<String> = [SystemType.receiptIssued, SystemType.coordinatorMarked, SystemType.ledgerCreated]

    /// The lines that a message adds. A notice waits for others like it until `flush`.
    public mutating func add(_ event: Event) -> [String] {
        if let subject = event.subject, let title = event.data["title"]?.string ?? event.data["contentTitle"]?.string { titles[subject] = title }
        if Timeline.silent.contains(event.type) { return [] }
        if event.data["wording"] != nil, let to = event.data["to"]?.string {
            let key = [event.type, event.data["obligation"]?.string ?? event.id, event.data["rung"]?.string ?? ""].joined(separator: " ")
            if group?.key == key {
                group?.to.append(to)
                return []
            }
            let lines = flush()
            group = (key, event, [to])
            return lines
        }
        let lines = flush() + line(for: event, mark: mark(event), words: words(event), to: [])
        if let subject = event.subject { begun.insert(subject) }
        return lines
    }

    /// The line of the notice that waits, if one does.
    public mutating func flush() -> [String] {
        guard let (_, event, to) = group else { return [] }
        group = nil
        return line(for: event, mark: mark(event), words: "[\(Wording(event.data["wording"]).heading[language])]" + about(event), to: to)
    }

    private mutating func line(for event: Event, mark: (sign: String, colour: Colour?), words: String, to: [PartyID]) -> [String] {
        let local = regulation.calendar.local(event.time)
        var lines: [String] = []
        if local.date != date {
            date = local.date
            lines.append(screen.paint(Phrase.day(local.date, language), .bold))
        }
        let second = local.second < 10 ? "0\(local.second)" : "\(local.second)"
        let head = "\(local.timeOfDay):\(second)  \(mark.sign) "
        let recipients = to.isEmpty ? "" : "  → " + to.sorted().joined(separator: ", ")
        let text = wrapped(shown(words) + recipients, to: screen.columns.map { $0 - width(head) })
        for (index, part) in text.enumerated() {
            lines.append((index == 0 ? head : String(repeating: " ", count: width(head))) + screen.paint(part, mark.colour))
        }
        return lines
    }

    /// A sign before a line, so that the eye finds what matters.
    private func mark(_ event: Event) -> (sign: String, colour: Colour?) {
        switch event.type {
        case SystemType.dutyOpened: ("◷", nil)
        case SystemType.dutyReminded: ("◔", .yellow)
        case SystemType.dutyOverdue, SystemType.dutyEscalated: ("▲", .red)
        case SystemType.dutyFulfilled: ("✓", event.data["late"]?.bool == true ? .yellow : .green)
        case SystemType.noticeWithdrawn, SystemType.messageRefused, SystemType.agentSilent: ("✗", .red)
        default:
            // What is urgent begins and ends where everybody looks.
            switch regulation.messageType(event.type)?.isUrgent == true ? regulation.caseKind(of: event.type)?.part : nil {
            case .begins? where !begun.contains(event.subject ?? ""): ("●", .bold)
            case .ends?: ("○", .green)
            default: ("·", regulation.party(event.sender)?.role == .system ? .dim : nil)
            }
        }
    }

    private func words(_ event: Event) -> String {
        let title = regulation.title(of: event.type)[language]
        let sender = regulation.party(event.sender)?.name[language] ?? event.sender
        let detail: String? =
            switch event.type {
            case SystemType.coordinatorElected: event.data["instance"]?.string
            case SystemType.regulationAdopted: event.data["regulation"]?["version"]?.string
            default:
                // How something is tells more than anything else that is said of it.
                event.data["status"]?.string.map { status in [event.data["device"]?.string, status].compactMap(\.self).joined(separator: " ") }
                    ?? ["reason", "summary", "measures", "plan", "outcome"].lazy.compactMap { event.data[$0]?.string }.first
            }
        return "\(sender): \(title)" + about(event) + (detail.map { ": \($0)" } ?? "")
    }

    private func about(_ event: Event) -> String {
        let drill = event.exercise ? " " + (regulation.wordings["exercise-prefix"]?[language] ?? "").trimmingSpaces : ""
        let duty = event.data["duty"]?.string.flatMap { regulation.duty($0)?.title[language] }.map { " " + $0 } ?? ""
        guard let subject = event.subject else { return drill + duty }
        return drill + duty + " – \(subject)" + (titles[subject].map { ", \($0)" } ?? "")
    }
}

extension String {
    fileprivate var trimmingSpaces: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}

/// Days as people write them.
private enum Phrase {
    static func day(_ date: CivilDate, _ language: Language) -> String {
        let weekdays =
            language == .vi
            ? ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật"]
            : ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        return "\(weekdays[date.weekday - 1])\(language == .vi ? "," : "") \(date.day)/\(date.month)/\(date.year)"
    }
}
