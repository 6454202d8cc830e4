import Coordination
import Messages
import Regulation
import Values

extension Survey {
    /// A piece of feedback with its course.
    private struct Feedback {
        var account: CaseAccount
        var receivedAt: Instant
        var first: Statement
        var forwarded: (at: Instant, support: Support)?
        var settled: (at: Instant, support: Support)?
        var isTransferred: Bool
        var opening: Support { Support(events: [first.event.id]) }
    }

    /// Feedback and how it was dealt with; the suggestion box (articles 9.5, 14.3).
    func feedback(_ title: Wording) -> Section {
        var blocks: [Block] = []
        if let received = report[.feedbackReceived] { blocks += pieces(received) }
        if let opened = report[.boxOpened] { blocks.append(.facts(box(opened))) }
        return Section(id: "feedback", title: title, blocks: blocks)
    }

    private func pieces(_ received: String) -> [Block] {
        let all = cases.compactMap { feedback($0, received) }.filter { range.contains($0.receivedAt) }
        let facts = Facts("feedback")
        var rows = [facts.row("received", Words.feedbackReceived, .counted(all.count), all.map(\.opening).joined)]
        guard !all.isEmpty else { return [.facts(rows)] }
        func row(_ key: String, _ label: Wording, _ items: [Feedback], _ support: (Feedback) -> Support?) -> Row {
            facts.row(key, label, .count(items.count), items.compactMap(support).joined)
        }
        if report[.feedbackForwarded] != nil {
            rows.append(row("forwarded", Words.feedbackForwarded(lead), all.filter { $0.forwarded != nil }) { $0.forwarded?.support })
        }
        if report[.feedbackResolved] != nil {
            rows.append(row("resolved", Words.feedbackResolved, all.filter { $0.settled != nil && !$0.isTransferred }) { $0.settled?.support })
        }
        if report[.feedbackTransferred] != nil {
            rows.append(row("transferred", Words.feedbackTransferred, all.filter(\.isTransferred)) { $0.settled?.support })
        }
        rows.append(row("open", Words.feedbackOpen, all.filter { $0.settled == nil }) { $0.opening })
        var (forwarding, settling) = (Times(), Times())
        for item in all {
            if let act = item.forwarded { forwarding.add(act.at - item.receivedAt, item.account.subject, item.opening + act.support) }
            if let act = item.settled {
                let start = item.forwarded ?? (item.receivedAt, item.opening)
                settling.add(act.at - start.at, item.account.subject, start.support + act.support)
            }
        }
        if report[.feedbackForwarded] != nil { rows += timeRows("feedback.forwarding", Words.forwardingTime(lead), forwarding) }
        if report[.feedbackResolved] ?? report[.feedbackTransferred] != nil { rows += timeRows("feedback.settling", Words.settlingTime(lead), settling) }
        return [
            .facts(rows), tally("channel", Words.byChannel, Words.channel, received, all),
            tally("kind", Words.byFeedbackKind, Words.feedbackKind, received, all),
        ]
    }

    private func feedback(_ account: CaseAccount, _ received: String) -> Feedback? {
        let standing = account.statements.filter { !$0.isWithdrawn }
        let (forwarded, transferred) = (report[.feedbackForwarded], report[.feedbackTransferred])
        let types = [received, forwarded].compactMap(\.self)
        guard let first = types.lazy.compactMap({ type in standing.first { $0.event.type == type } }).first else { return nil }
        let owed = obligations(of: account)
        let ends = [report[.feedbackResolved], transferred].compactMap { type in
            type.flatMap { type in act(type, in: account, owed).map { (type, $0) } }
        }
        let end = ends.min { $0.1.at < $1.1.at }
        return Feedback(
            account: account, receivedAt: first.event.data["receivedAt"]?.instant ?? first.arrivedAt, first: first,
            forwarded: forwarded.flatMap { act($0, in: account, owed) }, settled: end?.1, isTransferred: end != nil && end?.0 == transferred)
    }

    private func tally(_ member: String, _ caption: Wording, _ head: Wording, _ received: String, _ all: [Feedback]) -> Block {
        var table = TableBuilder("feedback.\(member)", caption, [.init(nil, head), .init("count", Words.itemCount)])
        let groups = Dictionary(grouping: all) { $0.first.event.data[member]?.string ?? "" }
        for (key, items) in groups.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
            let label = key.isEmpty ? Words.notSaid : label(key, of: member, in: received)
            table.add(key.isEmpty ? "not_said" : key, label, [.text(label), .figure(.count(items.count), items.map(\.opening).joined)])
        }
        return .table(table.table)
    }

    /// The suggestion box, day by day at the start of working hours.
    private func box(_ type: String) -> [Row] {
        let facts = Facts("feedback.box")
        let days = obligations(fulfilledBy: type).filter { range.contains($0.standing.startsAt) }
        let due = days.filter { $0.standing.outcome != .open || $0.standing.isOverdue(asOf: knownTo) }
        func row(_ state: DutyState, _ label: Wording) -> Row {
            let found = due.filter { item in
                switch item.standing.outcome {
                case .fulfilled: state == (item.standing.isLate ? .late : .inTime)
                case .open: state == .overdue
                case .closed, .void: state == .ended
                }
            }
            return facts.row(state.rawValue, label, due.isEmpty ? .missing(.noData) : .count(found.count), found.map(\.support).joined)
        }
        let opened = statements(of: type, on: "openedAt")
        let letters = opened.reduce(0) { $0 + Int($1.event.data["letters"]?.int ?? 0) }
        return [
            facts.row("days", Words.boxDays, .counted(due.count), due.map(\.support).joined), row(.inTime, Words.boxInTime), row(.late, Words.boxLate),
            row(.overdue, Words.boxNoRecord),
            facts.row("letters", Words.letters, opened.isEmpty ? .missing(.noData) : .count(letters), Support(events: opened.map(\.event.id))),
        ]
    }
}
