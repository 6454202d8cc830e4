import Coordination
import Messages
import Regulation
import Values

extension Survey {
    /// Who reported when, against the law's deadline (articles 15.1 to 15.3).
    func reports(_ title: Wording) -> Section {
        var blocks: [Block] = []
        var dated = false
        for duty in [report[.reportSubmitted], report[.reportsConsolidated]].compactMap(\.self).flatMap(duties(fulfilledBy:)) {
            guard case .calendar = duty.opening, isDueInPeriod(duty) else { continue }
            dated = true
            blocks += periodic(duty)
        }
        if !dated { blocks.append(.note(Words.noReportDue)) }
        if let submitted = report[.reportSubmitted] { blocks += adHoc(submitted) }
        return Section(id: "reports", title: title, blocks: blocks)
    }

    /// Whether one of the duty's days lies in the period.
    private func isDueInPeriod(_ duty: Duty) -> Bool {
        duty.due.cases.contains { dueCase in
            guard case .before(let days) = dueCase.term else { return false }
            return days.compactMap { $0.date(in: period.year) }.contains { range.contains(calendar.instant($0) - Span(milliseconds: 1)) }
        }
    }

    private func periodic(_ duty: Duty) -> [Block] {
        let key = String(duty.id.drop { $0 != "." }.dropFirst())
        var parties: [PartyID] = duty.obligors.compactMap(\.party)
        if case .of(let each) = duty.each { parties = each }
        var table = TableBuilder(
            "reports." + key, Words.reportsTable(duty.title, duty.article),
            [
                .init(nil, Words.party), .init("deadline", Words.deadline), .init("document", Words.document), .init("sent-at", Words.sentAt),
                .init("state", Words.outcome), .init("late-by", Words.lateBy),
            ])
        var found: [DutyState: [Support]] = [:]
        var owed: [Support] = []
        var unknown = 0
        for party in parties {
            let items = obligations.filter { item in
                item.standing.duty == duty.id && item.standing.obligor == party && item.standing.deadline.map(range.contains) ?? false
            }
            if items.isEmpty {
                unknown += 1
                let missing = TableBuilder.Draft.figure(.missing(.noData), .none)
                table.add(party, name(of: party), [.text(name(of: party)), .text(Words.dash), missing, missing, missing, .text(Words.dash)])
            }
            for item in items {
                guard let deadline = item.standing.deadline, let state = state(item) else { continue }
                found[state, default: []].append(item.support)
                owed.append(item.support)
                let sent: Value = if case .fulfilled(let at) = item.standing.outcome { .instant(at) } else { .missing(.notOnRecord) }
                // A party that owes several in the period, as the Department does in a year, has a line for each.
                table.add(
                    items.count == 1 ? party : party + "." + item.standing.subject, name(of: party),
                    [
                        .text(name(of: party)), .figure(.deadline(deadline), item.support),
                        document(item).map { .figure(.text($0), item.support) } ?? .text(Words.dash), .figure(sent, item.support),
                        .figure(.state(state, item.basis), item.support), item.lateBy.map { .figure(.span($0), item.support) } ?? .text(Words.dash),
                    ])
            }
        }
        if parties.count == 1 { return [.table(table.table)] }
        let facts = Facts("reports." + key)
        func count(_ state: DutyState, _ label: Wording) -> Row {
            let items = found[state] ?? []
            return facts.row(state.rawValue, label, unknown == parties.count ? .missing(.noData) : .count(items.count), items.joined)
        }
        return [
            .facts([
                facts.row("owed", Words.reportsOwed(duty.title), .count(parties.count), owed.joined),
                count(.inTime, Words.reportsInTime), count(.late, Words.reportsLate), count(.overdue, Words.reportsOverdue), count(.open, Words.reportsOpen),
            ]),
            .chart(
                .stacked(
                    StackedChart(
                        title: Words.reportsChart(duty.title), unit: Words.reportsUnit, basis: .law,
                        bars: [
                            .init(
                                label: Words.reportsBar, parts: DutyState.allCases.map { ($0, found[$0]?.count ?? 0) }.map { .init(state: $0.0, count: $0.1) })
                        ]))),
            .table(table.table),
        ]
    }

    /// Number and date of the document by which it was sent, if it was.
    private func document(_ item: DutyCase) -> String? {
        guard let document = item.grounds.settledBy?.data["document"], let number = document["number"]?.string else { return nil }
        let date = document["date"]?.string.flatMap { CivilDate($0) }
        return date.map { "\(number), \($0.day)/\($0.month)/\($0.year)" } ?? number
    }

    /// Reports that a competent authority asked for (article 15.3).
    private func adHoc(_ submitted: String) -> [Block] {
        func isAsked(_ duty: Duty) -> Bool { if case .messages = duty.opening { true } else { false } }
        guard let duty = duties(fulfilledBy: submitted).first(where: isAsked) else { return [] }
        let asked = obligations(fulfilledBy: submitted).filter { isAsked($0.grounds.duty) && state($0) != nil }
        let facts = Facts("reports.ad-hoc")
        let byState = Dictionary(grouping: asked) { state($0) }
        func count(_ state: DutyState, _ label: Wording) -> Row {
            let items = byState[state] ?? []
            return facts.row(state.rawValue, label, asked.isEmpty ? .missing(.noData) : .count(items.count), items.map(\.support).joined)
        }
        let all = facts.row("asked", Words.adHocAsked(duty.article), .counted(asked.count), asked.map(\.support).joined)
        if asked.isEmpty { return [.facts([all])] }
        return [.facts([all] + [.inTime, .late, .overdue, .open].map { count($0, Words.adHocState($0)) })]
    }
}
