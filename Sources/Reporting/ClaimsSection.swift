import Coordination
import Regulation
import Values

extension Survey {
    /// What was corrected, merged, dismissed, taken back or entered as a call, by whom, with whose agreement, and what the duties would be without it
    /// (duties, reading 11). It cannot be left out.
    func claimed() -> Section {
        let own = claims.filter { range.contains($0.claim.at) }
        let byClaim = Dictionary(grouping: own) { $0.claim.id }
        let facts = Facts("claims")
        func support(_ items: [(claim: Claim, standing: Standing)]) -> Support {
            items.map { Support(events: [$0.claim.id] + $0.claim.answers.map(\.id), obligations: [$0.standing.id]) }.joined
        }
        func row(_ state: Claim.State) -> Row {
            let ids = Set(own.filter { $0.claim.state == state }.map(\.claim.id))
            return facts.row(
                state.rawValue.replacing("-", with: "_"), Words.claimState(state), .count(ids.count), support(own.filter { ids.contains($0.claim.id) }))
        }
        var blocks: [Block] = [
            .note(Words.claimsNote),
            .facts(
                [
                    facts.row("all", Words.claimsAll, .counted(byClaim.count), support(own))
                ] + Claim.State.allCases.map(row)),
        ]
        let declared = declaredDays.filter { range.contains($0.day.at) }
        if !declared.isEmpty { blocks.append(.table(table(of: declared))) }
        guard !own.isEmpty else { return Section(id: "claims", title: Words.claims, blocks: blocks) }
        var table = TableBuilder(
            "claims.each", Words.claimsEach,
            [
                .init(nil, Words.claimWhat), .init(nil, Words.claimBy), .init(nil, Words.claimAnswers), .init(nil, Words.claimState),
                .init(nil, Words.claimOtherwise), .init("duties", Words.claimDuties),
            ])
        let text = { (change: (ReportText) -> String) in ReportText.both(self.calendar, change) }
        for items in byClaim.values.sorted(by: { ($0[0].claim.at, $0[0].claim.id) < ($1[0].claim.at, $1[0].claim.id) }) {
            let first = items[0]
            let (claim, title) = (first.claim, regulation.title(of: first.claim.type))
            let what = text { "\(title[$0.language]), \($0.time(claim.at))" }
            let states = Set(items.map(\.claim.state)).sorted { $0.rawValue < $1.rawValue }.map { Words.claimState($0) }
            table.add(
                claim.id, what,
                [
                    .text(what), .text(named(claim.sender, claim.officer)), .text(answers(items.map(\.claim))), .text(states.joined("; ")),
                    .text(items.compactMap { otherwise($0.claim, $0.standing) }.joined("; ")), .figure(.count(items.count), support(items)),
                ])
        }
        blocks.append(.table(table.table))
        return Section(id: "claims", title: Words.claims, blocks: blocks)
    }

    /// The days that were declared in the period, by whose decision, and how many deadlines each moved.
    private func table(of declared: [(day: DeclaredDay, moved: [String])]) -> ReportTable {
        var table = TableBuilder(
            "claims.days", Words.daysDeclared,
            [
                .init(nil, Words.dayDeclared), .init(nil, Words.dayDecision), .init(nil, Words.claimBy), .init(nil, Words.claimState),
                .init("moved", Words.dayMoved),
            ])
        for (day, moved) in declared {
            let label = ReportText.both(calendar) { text in text.date(day.date) }.map { language, date in
                "\(date): \((day.isWorked ? Words.dayWorked : Words.dayOff)[language])"
            }
            let by = ReportText.both(calendar) { text in "\(self.name(of: day.by)[text.language]), \(text.time(day.at))" }
            table.add(
                day.id, label,
                [
                    .text(label), .text(Wording(vi: day.decision, en: day.decision)), .text(by), .text(day.isInTime ? Words.claimNoneNeeded : Words.dayClaimed),
                    .figure(.count(moved.count), Support(events: [day.id], obligations: moved)),
                ])
        }
        return table.table
    }

    private func named(_ party: PartyID, _ officer: String?) -> Wording { name(of: party).map { _, name in officer.map { "\(name) (\($0))" } ?? name } }

    private func answers(_ claims: [Claim]) -> Wording {
        var seen: Set<String> = []
        let said = claims.flatMap(\.answers).filter { seen.insert($0.id).inserted }
        if said.isEmpty { return claims.contains { !$0.answerers.isEmpty } ? Words.claimUnanswered : Words.claimNoneNeeded }
        return said.map { answer in
            let (who, word) = (named(answer.by, answer.officer), answer.isYes ? Words.claimYes : Words.claimNo)
            return who.map { language, who in "\(who): \(word[language])" }
        }.joined("; ")
    }

    /// What a duty would be without the claim where it counts, and with it where it does not.
    private func otherwise(_ claim: Claim, _ standing: Standing) -> Wording? {
        guard claim.effect != .call else { return nil }
        let duty = regulation.duty(standing.duty)?.title ?? Wording(vi: standing.duty, en: standing.duty)
        let deadline = ReportText.both(calendar) { text in claim.deadlineOtherwise.map { text.time($0) } ?? "–" }
        return duty.map { language, duty in "\(duty): \(deadline[language])" }
    }
}

extension [Wording] {
    fileprivate func joined(_ separator: String) -> Wording {
        Wording(vi: map(\.vi).joined(separator: separator), en: map(\.en).joined(separator: separator))
    }
}
