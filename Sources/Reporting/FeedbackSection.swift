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
    func feedback() -> Section {
        let all = cases.compactMap(feedback).filter { range.contains($0.receivedAt) }
        let facts = Facts("feedback")
        var rows = [facts.row("received", Words.feedbackReceived, .counted(all.count), all.map(\.opening).joined)]
        var blocks: [Block] = []
        if all.isEmpty {
            blocks.append(.facts(rows))
        } else {
            let forwarded = all.filter { $0.forwarded != nil }
            let resolved = all.filter { $0.settled != nil && !$0.isTransferred }
            let transferred = all.filter(\.isTransferred)
            let open = all.filter { $0.settled == nil }
            func row(_ key: String, _ label: Wording, _ items: [Feedback], _ support: (Feedback) -> Support?) -> Row {
                facts.row(key, label, .count(items.count), items.compactMap(support).joined)
            }
            rows += [
                row("forwarded", Words.feedbackForwarded, forwarded) { $0.forwarded?.support },
                row("resolved", Words.feedbackResolved, resolved) { $0.settled?.support },
                row("transferred", Words.feedbackTransferred, transferred) { $0.settled?.support },
                row("open", Words.feedbackOpen, open) { $0.opening },
            ]
            var (forwarding, settling) = (Times(), Times())
            for item in all {
                if let act = item.forwarded { forwarding.add(act.at - item.receivedAt, item.account.subject, item.opening + act.support) }
                if let act = item.settled {
                    let start = item.forwarded ?? (item.receivedAt, item.opening)
                    settling.add(act.at - start.at, item.account.subject, start.support + act.support)
                }
            }
            rows += timeRows("feedback.forwarding", Words.forwardingTime, forwarding) + timeRows("feedback.settling", Words.settlingTime, settling)
            blocks.append(.facts(rows))
            blocks.append(tally("channel", Words.byChannel, all))
            blocks.append(tally("kind", Words.byFeedbackKind, all))
        }
        blocks.append(.facts(box()))
        return Section(id: "feedback", title: Words.feedback, blocks: blocks)
    }

    private func feedback(_ account: CaseAccount) -> Feedback? {
        let standing = account.statements.filter { !$0.isWithdrawn }
        let types = ["feedback.received", "feedback.forwarded"]
        guard let first = types.lazy.compactMap({ type in standing.first { $0.event.type == type } }).first else { return nil }
        let owed = obligations(of: account)
        let ends = ["feedback.resolved", "feedback.transferred"].compactMap { type in act(type, in: account, owed).map { (type, $0) } }
        let end = ends.min { $0.1.at < $1.1.at }
        return Feedback(
            account: account, receivedAt: first.event.data["receivedAt"]?.instant ?? first.arrivedAt, first: first,
            forwarded: act("feedback.forwarded", in: account, owed), settled: end?.1, isTransferred: end?.0 == "feedback.transferred")
    }

    private func tally(_ member: String, _ caption: Wording, _ all: [Feedback]) -> Block {
        var table = TableBuilder("feedback." + member, caption, [.init(nil, Words.of("feedback." + member)), .init("count", Words.itemCount)])
        let groups = Dictionary(grouping: all) { $0.first.event.data[member]?.string ?? "" }
        for (key, items) in groups.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
            let label = key.isEmpty ? Words.notSaid : Words.label(key, of: "feedback." + member)
            table.add(key.isEmpty ? "not-said" : key, label, [.text(label), .figure(.count(items.count), items.map(\.opening).joined)])
        }
        return .table(table.table)
    }

    /// The suggestion box, day by day at the start of working hours.
    private func box() -> [Row] {
        let facts = Facts("feedback.box")
        let days = obligations(fulfilledBy: "suggestion-box.opened").filter { range.contains($0.standing.startsAt) }
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
        let opened = statements(of: "suggestion-box.opened", on: "openedAt")
        let letters = opened.reduce(0) { $0 + Int($1.event.data["letters"]?.int ?? 0) }
        return [
            facts.row("days", Words.boxDays, .counted(due.count), due.map(\.support).joined), row(.inTime, Words.boxInTime), row(.late, Words.boxLate),
            row(.overdue, Words.boxNoRecord),
            facts.row("letters", Words.letters, opened.isEmpty ? .missing(.noData) : .count(letters), Support(events: opened.map(\.event.id))),
        ]
    }
}
