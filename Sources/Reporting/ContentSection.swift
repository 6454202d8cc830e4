import Coordination
import Messages
import Regulation
import Values

extension Survey {
    /// Content published, submissions and how they were vetted, content taken off (articles 7.1, 13.1, 14.3).
    func content() -> Section {
        var blocks: [Block] = [.facts(updates())]
        blocks += published()
        blocks += submissions()
        blocks.append(.facts(challenges()))
        return Section(id: "content", title: Words.content, blocks: blocks)
    }

    /// The working days on which content was published or found to be current.
    private func updates() -> [Row] {
        let facts = Facts("content.days")
        let days = obligations(fulfilledBy: "content.nothing-new").filter { range.contains($0.standing.startsAt) }
        func row(_ key: String, _ label: Wording, _ isMeant: (DutyCase) -> Bool) -> Row {
            let found = days.filter(isMeant)
            return facts.row(key, label, days.isEmpty ? .missing(.noData) : .count(found.count), found.map(\.support).joined)
        }
        return [
            facts.row("all", Words.updateDays, .counted(days.count), days.map(\.support).joined),
            row("published", Words.updatedDays) { $0.grounds.settledBy?.type == "content.published" },
            row("nothing-new", Words.nothingNewDays) { $0.grounds.settledBy?.type == "content.nothing-new" },
            row("no-record", Words.updateNoRecord) { $0.grounds.settledBy == nil && $0.standing.isOverdue(asOf: knownTo) },
        ]
    }

    private func published() -> [Block] {
        let facts = Facts("content")
        let items = statements(of: "content.published", on: "publishedAt")
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
            table.add("not-said", Words.notSaid, [.text(Words.notSaid), .figure(.count(silent.count), Support(events: silent.map(\.0.event.id)))])
        }
        return [.facts([all]), .table(table.table)]
    }

    private func submissions() -> [Block] {
        let facts = Facts("content.submissions")
        let all = cases.compactMap { account -> (account: CaseAccount, first: Statement)? in
            guard let first = account.statements.first(where: { !$0.isWithdrawn && $0.event.type == "content.submitted" }), range.contains(first.arrivedAt)
            else { return nil }
            return (account, first)
        }
        let received = facts.row("received", Words.submitted, .counted(all.count), Support(events: all.map(\.first.event.id)))
        guard !all.isEmpty else { return [.facts([received])] }
        var byOutcome: [String: [Support]] = [:]
        var times = Times()
        for (account, first) in all {
            // The last word on it counts; the time is that of the first.
            let verdict = account.statements.last { !$0.isWithdrawn && $0.event.type == "content.vetted" }
            let support = Support(events: [first.event.id] + [verdict?.event.id].compactMap(\.self))
            byOutcome[verdict?.event.data["outcome"]?.string ?? "", default: []].append(support)
            if let act = act("content.vetted", in: account, obligations(of: account)) {
                times.add(act.at - first.arrivedAt, account.subject, Support(events: [first.event.id]) + act.support)
            }
        }
        func row(_ key: String, _ label: Wording, _ outcome: String) -> Row {
            let found = byOutcome[outcome] ?? []
            return facts.row(key, label, .count(found.count), found.joined)
        }
        return [
            .facts(
                [
                    received, row("accepted", Words.vetted("accepted"), "accepted"), row("returned", Words.vetted("returned"), "returned"),
                    row("refused", Words.vetted("refused"), "refused"), row("awaiting", Words.awaitingVetting, ""),
                ] + timeRows("content.vetting", Words.vettingTime, times))
        ]
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

    private func challenges() -> [Row] {
        let facts = Facts("content.challenges")
        let all = cases.compactMap { account -> (account: CaseAccount, first: Statement)? in
            guard let first = account.statements.first(where: { !$0.isWithdrawn && $0.event.type == "content.challenged" }), range.contains(first.arrivedAt)
            else { return nil }
            return (account, first)
        }
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
        let rows = [received, row("withdrawn", Words.withdrawnContent, "content.withdrawn"), row("upheld", Words.upheldContent, "content.upheld")]
        return rows + timeRows("content.challenge-time", Words.challengeTime, times)
    }
}
