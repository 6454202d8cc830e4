import Coordination
import Messages
import Regulation
import Values

extension Survey {
    /// How every duty stands, by party and duty: deadlines of the law, then marks of this system, which are not worded alike (duties, reading 7).
    func duties() -> Section {
        var blocks: [Block] = [.note(Words.dutiesNote)]
        for basis in [DueRule.Basis.law, .mark] {
            let items = counted(basis)
            blocks += table(basis, items)
            if basis == .law { blocks += notInTime(items) }
        }
        blocks += reached()
        blocks.append(.facts(others()))
        return Section(id: "duties", title: Words.duties, blocks: blocks)
    }

    /// The obligations of the period with their states. The hours of operation have a section of their own, and a superior is never overdue.
    private func counted(_ basis: DueRule.Basis) -> [(item: DutyCase, state: DutyState)] {
        obligations.compactMap { item in
            guard item.basis == basis, item.grounds.duty.due.operations.isEmpty, regulation.party(item.standing.obligor)?.role != .superior else { return nil }
            return state(item).map { (item, $0) }
        }
    }

    private func table(_ basis: DueRule.Basis, _ items: [(item: DutyCase, state: DutyState)]) -> [Block] {
        let prefix = "duties." + basis.rawValue
        guard !items.isEmpty else { return [.facts([Facts(prefix).row("count", Words.dutiesOf(basis), .missing(.noData), .none)])] }
        let states = DutyState.allCases
        var table = TableBuilder(
            prefix, Words.dutiesOf(basis),
            [.init(nil, Words.party), .init(nil, Words.duty), .init(nil, Words.clause)] + states.map { .init($0.rawValue, Words.stateHead($0, basis)) })
        var chart = StackedChart(title: Words.dutiesChart(basis), unit: Words.dutiesUnit, basis: basis, bars: [])
        let rank = Dictionary(uniqueKeysWithValues: regulation.duties.enumerated().map { ($1.id, $0) })
        func counts(_ items: [(item: DutyCase, state: DutyState)]) -> [TableBuilder.Draft] {
            states.map { state in
                let found = items.filter { $0.state == state }
                return .figure(.count(found.count), found.map(\.item.support).joined)
            }
        }
        let byParty = Dictionary(grouping: items) { $0.item.standing.obligor }
        for (party, owed) in byParty.sorted(by: { (order($0.key), $0.key) < (order($1.key), $1.key) }) {
            let byDuty = Dictionary(grouping: owed) { $0.item.standing.duty }
            for (duty, items) in byDuty.sorted(by: { (rank[$0.key] ?? .max, $0.key) < (rank[$1.key] ?? .max, $1.key) }) {
                let title = items[0].item.grounds.duty.title
                let label = Wording(vi: "\(name(of: party).vi), \(title.vi)", en: "\(name(of: party).en), \(title.en)")
                table.add(
                    "\(party).\(duty)", label, [.text(name(of: party)), .text(title), .text(Words.clause(items[0].item.grounds.duty.article))] + counts(items))
            }
            chart.bars.append(.init(label: name(of: party), parts: states.map { state in .init(state: state, count: owed.count { $0.state == state }) }))
        }
        table.add("total", Words.total, [.text(Words.total), .text(Wording(vi: "", en: "")), .text(Wording(vi: "", en: ""))] + counts(items), isTotal: true)
        return [.chart(.stacked(chart)), .table(table.table)]
    }

    /// What the law's deadlines were not kept for, one by one, with what the party explained.
    private func notInTime(_ items: [(item: DutyCase, state: DutyState)]) -> [Block] {
        let found = items.filter { $0.state == .late || $0.state == .overdue }.sorted {
            ($0.item.standing.deadline?.milliseconds ?? 0, $0.item.standing.id) < ($1.item.standing.deadline?.milliseconds ?? 0, $1.item.standing.id)
        }
        guard !found.isEmpty else { return [] }
        var table = TableBuilder(
            "duties.not-in-time", Words.notInTime,
            [
                .init(nil, Words.party), .init(nil, Words.duty), .init(nil, Words.caseHead), .init("deadline", Words.deadline), .init("done-at", Words.doneAt),
                .init("late-by", Words.lateBy), .init(nil, Words.explained),
            ])
        for (item, _) in found {
            let standing = item.standing
            let done: Value = if case .fulfilled(let at) = standing.outcome { .instant(at) } else { .missing(.notOnRecord) }
            table.add(
                standing.id,
                Wording(
                    vi: "\(name(of: standing.obligor).vi), \(item.grounds.duty.title.vi)", en: "\(name(of: standing.obligor).en), \(item.grounds.duty.title.en)"
                ),
                [
                    .text(name(of: standing.obligor)), .text(item.grounds.duty.title), .text(caseWords(item)),
                    .figure(standing.deadline.map { .deadline($0) } ?? .missing(.notOnRecord), item.support),
                    .figure(done, item.support + Support(events: item.grounds.explanations.map(\.event.id))),
                    item.lateBy.map { .figure(.span($0), item.support) } ?? .text(Words.stillOpen),
                    .text(explanation(item)),
                ])
        }
        return [.table(table.table)]
    }

    /// How long it took until what was said to a superior's office had reached a person there, and by what (duties, reading 20).
    private func reached() -> [Block] {
        let found = obligations.filter { $0.grounds.duty.due.turnsOnReceipt && range.contains($0.standing.openedAt) && state($0) != nil }.sorted {
            ($0.standing.openedAt.milliseconds, $0.standing.id) < ($1.standing.openedAt.milliseconds, $1.standing.id)
        }
        guard !found.isEmpty else { return [] }
        var table = TableBuilder(
            "duties.reached", Words.reached,
            [
                .init(nil, Words.caseHead), .init("told-at", Words.toldAt), .init("reached-at", Words.reachedAt), .init(nil, Words.reachedBy),
                .init("took", Words.took),
            ])
        for item in found {
            let standing = item.standing
            var (at, took): (Value, Value) = (.missing(.notOnRecord), .missing(.notOnRecord))
            if case .fulfilled(let instant) = standing.outcome { (at, took) = (.instant(instant), .span(instant - standing.openedAt)) }
            table.add(
                standing.id, caseWords(item),
                [
                    .text(caseWords(item)), .figure(.instant(standing.openedAt), item.support), .figure(at, item.support),
                    .text(item.grounds.settledBy.map { regulation.title(of: $0.type) } ?? Words.dash), .figure(took, item.support),
                ])
        }
        return [.table(table.table)]
    }

    /// What the party explained, in its own words; a person's name does not belong there.
    private func explanation(_ item: DutyCase) -> Wording {
        let reasons = item.grounds.explanations.compactMap { $0.event.data["reason"]?.string }
        return reasons.isEmpty ? Words.dash : Wording(vi: reasons.joined(separator: " / "), en: reasons.joined(separator: " / "))
    }

    /// The case, or the day or the longer period of a duty of the calendar.
    private func caseWords(_ item: DutyCase) -> Wording {
        if case .calendar(let recurrence) = item.grounds.duty.opening, let day = CivilDate(item.standing.subject) {
            let words = both { $0.date(day) }
            return recurrence.isLong ? Words.periodFrom(words) : words
        }
        let title = item.standing.title.map { ": " + $0 } ?? ""
        return Wording(vi: item.standing.subject + title, en: item.standing.subject + title)
    }

    private func others() -> [Row] {
        let facts = Facts("duties")
        let earlier = obligations.filter { item in
            item.standing.deadline.map { $0 < range.lowerBound } == true && item.grounds.duty.due.operations.isEmpty && state(item) == nil
        }
        let still = earlier.filter { $0.standing.isOverdue(asOf: knownTo) }
        let caughtUp = earlier.filter { item in
            if case .fulfilled(let at) = item.standing.outcome { item.standing.isLate && range.contains(at) } else { false }
        }
        let awaiting = obligations.filter { item in
            regulation.party(item.standing.obligor)?.role == .superior && item.standing.outcome == .open && item.standing.openedAt < range.upperBound
        }
        // Of what was before the ledger there is nothing to carry over, and nothing to say.
        let isKnown = beganAt < range.lowerBound
        var rows = [
            facts.row("carried-open", Words.carriedOpen, isKnown ? .count(still.count) : .missing(.noData), still.map(\.support).joined),
            facts.row("carried-done", Words.carriedDone, isKnown ? .count(caughtUp.count) : .missing(.noData), caughtUp.map(\.support).joined),
            facts.row("awaiting-decision", Words.awaitingDecision, .count(awaiting.count), awaiting.map(\.support).joined),
        ]
        for (key, label, statements) in [("explained", Words.explanations, \Grounds.explanations), ("extended", Words.extensions, \Grounds.extensions)] {
            let found = obligations.flatMap { item in item.grounds[keyPath: statements].filter { range.contains($0.arrivedAt) }.map { (item, $0) } }
            let support = Support(events: found.map(\.1.event.id), obligations: found.map(\.0.standing.id))
            rows.append(facts.row(key, label, .count(found.count), support))
        }
        return rows
    }
}
