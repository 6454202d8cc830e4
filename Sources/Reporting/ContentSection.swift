import Coordination
import Messages
import Regulation
import Values

extension Survey {
    /// Content published, submissions and how they were vetted, content taken off (articles 7.1, 13.1, 14.3).
    func content(_ title: Wording) -> Section {
        var blocks: [Block] = []
        if let published = report[.contentPublished] {
            if let nothingNew = report[.nothingNew] { blocks.append(.facts(updates(published, nothingNew: nothingNew))) }
            blocks += self.published(published)
        }
        if let submitted = report[.contentSubmitted] { blocks += submissions(submitted, vetted: report[.contentVetted]) }
        if let challenged = report[.contentChallenged] { blocks.append(.facts(challenges(challenged))) }
        return Section(id: "content", title: title, blocks: blocks)
    }

    /// The working days on which content was published or found to be current.
    private func updates(_ published: String, nothingNew: String) -> [Row] {
        let facts = Facts("content.days")
        let days = obligations(fulfilledBy: nothingNew).filter { range.contains($0.standing.startsAt) }
        func row(_ key: String, _ label: Wording, _ isMeant: (DutyCase) -> Bool) -> Row {
            let found = days.filter(isMeant)
            return facts.row(key, label, days.isEmpty ? .missing(.noData) : .count(found.count), found.map(\.support).joined)
        }
        return [
            facts.row("all", Words.updateDays, .counted(days.count), days.map(\.support).joined),
            row("published", Words.updatedDays) { $0.grounds.settledBy?.type == published },
            row("nothing-new", Words.nothingNewDays) { $0.grounds.settledBy?.type == nothingNew },
            row("no-record", Words.updateNoRecord) { $0.grounds.settledBy == nil && $0.standing.isOverdue(asOf: knownTo) },
        ]
    }

    private func published(_ type: String) -> [Block] {
        let facts = Facts("content")
        let items = statements(of: type, on: "publishedAt")
        let ids = Support(events: items.map(\.event.id))
        let all = facts.row("published", Words.published, .counted(items.count), ids)
        guard !items.isEmpty else { return [.facts([all])] }
        var table = TableBuilder(
            "content.language", Words.byLanguage, [.init(nil, Words.languageHead), .init("count", Words.itemCount)], note: Words.languageNote)
        let named = items.map { item in (item, (item.event.data["languages"]?.array ?? []).compactMap(\.string)) }
        for language in Set(named.flatMap(\.1)).sorted(by: { (Words.languageOrder($0), $0) < (Words.languageOrder($1), $1) }) {
            let found = named.filter { $0.1.contains(language) }
            table.add(
                language, Words.languageName(language),
                [.text(Words.languageName(language)), .figure(.count(found.count), Support(events: found.map(\.0.event.id)))])
        }
        let silent = named.filter(\.1.isEmpty)
        if !silent.isEmpty {
            table.add("not_said", Words.notSaid, [.text(Words.notSaid), .figure(.count(silent.count), Support(events: silent.map(\.0.event.id)))])
        }
        return [.facts([all]), .table(table.table)]
    }

    /// The cases in which something of a type was said, and first in the period.
    private func accounts(withFirst type: String) -> [(account: CaseAccount, first: Statement)] {
        cases.compactMap { account in
            guard let first = account.statements.first(where: { !$0.isWithdrawn && $0.event.type == type }), range.contains(first.arrivedAt) else { return nil }
            return (account, first)
        }
    }

    private func submissions(_ submitted: String, vetted: String?) -> [Block] {
        let facts = Facts("content.submissions")
        let all = accounts(withFirst: submitted)
        let received = facts.row("received", Words.submitted, .counted(all.count), Support(events: all.map(\.first.event.id)))
        guard !all.isEmpty, let vetted else { return [.facts([received])] }
        var byOutcome: [String: [Support]] = [:]
        var times = Times()
        for (account, first) in all {
            // The last word on it counts; the time is that of the first.
            let verdict = account.statements.last { !$0.isWithdrawn && $0.event.type == vetted }
            let support = Support(events: [first.event.id] + [verdict?.event.id].compactMap(\.self))
            byOutcome[verdict?.event.data["outcome"]?.string ?? "", default: []].append(support)
            if let act = act(vetted, in: account, obligations(of: account)) {
                times.add(act.at - first.arrivedAt, account.subject, Support(events: [first.event.id]) + act.support)
            }
        }
        func row(_ key: String, _ label: Wording, _ outcome: String) -> Row {
            let found = byOutcome[outcome] ?? []
            return facts.row(key, label, .count(found.count), found.joined)
        }
        let outcomes = values(of: "outcome", in: vetted).map { row($0, Words.vetted(label($0, of: "outcome", in: vetted)), $0) }
        return [.facts([received] + outcomes + [row("awaiting", Words.awaitingVetting, "")] + timeRows("content.vetting", Words.vettingTime, times))]
    }

    /// Median and longest of lengths of time, as facts.
    func timeRows(_ prefix: String, _ what: Wording, _ times: Times) -> [Row] {
        let facts = Facts(prefix)
        guard let median = times.median, let worst = times.worst else { return [facts.row("median", Words.medianOf(what), .missing(.noData), .none)] }
        return [
            facts.row("median", Words.medianOf(what), .span(median), times.support),
            facts.row("worst", Words.longestOf(what, worst.subject), .span(worst.span), worst.support),
        ]
    }

    private func challenges(_ challenged: String) -> [Row] {
        let facts = Facts("content.challenges")
        let all = accounts(withFirst: challenged)
        let received = facts.row("received", Words.challenged, .counted(all.count), Support(events: all.map(\.first.event.id)))
        guard !all.isEmpty else { return [received] }
        var times = Times()
        func row(_ key: String, _ label: Wording, _ type: String) -> Row {
            let found = all.compactMap { item -> Support? in
                guard let act = act(type, in: item.account, obligations(of: item.account)) else { return nil }
                times.add(act.at - item.first.arrivedAt, item.account.subject, Support(events: [item.first.event.id]) + act.support)
                return Support(events: [item.first.event.id]) + act.support
            }
            return facts.row(key, label, .count(found.count), found.joined)
        }
        var rows = [received]
        if let withdrawn = report[.contentWithdrawn] { rows.append(row("withdrawn", Words.withdrawnContent, withdrawn)) }
        if let upheld = report[.contentUpheld] { rows.append(row("upheld", Words.upheldContent, upheld)) }
        // Where nothing answers a challenge, none takes any time.
        guard report[.contentWithdrawn] != nil || report[.contentUpheld] != nil else { return rows }
        return rows + timeRows("content.challenge-time", Words.challengeTime, times)
    }
}
