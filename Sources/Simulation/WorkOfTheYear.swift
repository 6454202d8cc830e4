import Regulation
import Values

/// What has its season: duties of the week, the month, the quarter and the year, each done from the day that begins its time.
extension WorkingDay {
    mutating func keepTheYear() {
        keepTheWeek()
        switch (date.month, date.day) {
        case (1, 5): planTraining()
        case (3, 2): order()
        case (5, 4): callForBudget()
        case (6, 1): report("half-year", days: 14)
        case (7, 1): review("interim")
        case (10, 1): plan()
        case (12, 1): report("year", days: 14)
        default: break
        }
        if date.day == 3 { keepTheMonth() }
    }

    /// Most weeks, on one of the four days that follow the week's first.
    private mutating func keepTheWeek() {
        let weekday = date.weekday
        let acts = acts(missedOnceIn: 12) { if case .weekly(weekday, _) = $0 { true } else { false } }
        for act in acts { at(random.next(in: 1...4) * 1440 + 9 * 60 + random.next(in: 0...400), act) }
    }

    private mutating func keepTheMonth() {
        var acts = acts(missedOnceIn: 8) { if case .monthly = $0 { true } else { false } }
        if date.month % 3 == 0 { acts += self.acts(missedOnceIn: 5) { if case .quarterly = $0 { true } else { false } } }
        for act in acts { on(workingDay: random.next(in: 1...15), act) }
    }

    /// What is done to fulfil the duties that recur so; now and then one is forgotten.
    private mutating func acts(missedOnceIn count: UInt64, _ recurs: (Recurrence) -> Bool) -> [String] {
        var acts: [String] = []
        for duty in regulation.duties {
            guard case .calendar(let recurrence) = duty.opening, recurs(recurrence) else { continue }
            for party in obligors(of: duty) where !once(in: count) {
                if let act = act(fulfilling: duty, by: party) { acts.append(act) }
            }
        }
        return acts
    }

    private mutating func planTraining() {
        let name = caseName("schedules-training", on: "\(date.year)")
        guard let scheduled = act("schedules-training", "as \(name) topic=using-equipment heldOn=\(date.advanced(by: 60))") else { return }
        on(workingDay: 5, scheduled)
        for party in agencies("nominates") { on(workingDay: 5 + days(atMost: 5, late: 4), act("nominates", name, by: party)) }
        on(workingDay: 40, act("holds-training", name))
    }

    /// The year's content is ordered, and delivered in summer.
    private mutating func order() {
        for party in agencies("delivers") {
            let name = caseName("orders", on: "\(date.year)-\(party)")
            let ordered = once(in: 4) ? random.next(in: 23...30) : random.next(in: 2...20)
            guard let order = act("orders", "as \(name) orderedFrom=\(party) dueAt=\(date.year)-06-30T17:00") else { return }
            on(workingDay: ordered, order)
            on(workingDay: random.next(in: 60...88), act("delivers", name, by: party))
        }
    }

    /// The estimates are drawn up, agreed, submitted, appraised, approved and guided; who leads consolidates.
    private mutating func callForBudget() {
        let year = date.year
        let call = "as \(caseName("calls-for-budget", on: "\(year)")) draftBy=\(year)-06-24T17:00 consolidateBy=\(year)-07-10T17:00"
        on(workingDay: 2, act("calls-for-budget", call))
        for party in agencies("drafts") {
            let name = caseName("drafts", on: "\(year)-\(party)")
            var day = random.next(in: 10...40)
            on(workingDay: day, act("drafts", "as \(name)", by: party))
            let acts = [(act("agrees", name), 10), (act("submits-budget", name, by: party), 10), (act("appraises", name), 15)] as [(String?, Int64)]
            for (act, limit) in acts {
                day += days(atMost: limit)
                on(workingDay: day, act)
            }
            day += random.next(in: 5...30)
            on(workingDay: day, act("approves", name))
            on(workingDay: day + days(atMost: 10), act("guides", name))
        }
        let name = caseName("consolidates-budget", on: "\(year)-chung")
        guard let consolidated = act("consolidates-budget", "as \(name)") else { return }
        on(workingDay: once(in: 4) ? 55 : 45, consolidated)
        on(workingDay: 56 + days(atMost: 8), act("appraises", name))
        on(workingDay: 80, act("approves", name))
        on(workingDay: 80 + days(atMost: 10), act("guides", name))
    }

    /// Every reporting party reports, most in time and some on paper; who leads consolidates.
    private mutating func report(_ period: String, days last: Int64) {
        for party in agencies("reports") {
            if once(in: 15) { continue }
            let day = once(in: 8) ? last + random.next(in: 2...6) : random.next(in: 4...last - 1)
            let name = caseName("reports", on: "\(date)-\(party)")
            guard once(in: 5) else {
                on(workingDay: day, act("reports", "as \(name) period=\(period)", by: party))
                continue
            }
            // It was sent the day before it is entered.
            let sent = workingDay(day).advanced(by: -1)
            let document = "document.number=\(random.next(in: 1...200))/BC document.date=\(sent) document.sentAt=\(sent)T16:00"
            on(workingDay: day, act("reports", "as \(name) period=\(period) onBehalfOf=\(party) \(document)", by: regulation.lead))
        }
        on(workingDay: once(in: 4) ? 22 : 17, act("consolidates-reports", "as \(caseName("consolidates-reports")) period=\(period)"))
        if period == "year" { on(workingDay: 18, act("reviews", "as \(caseName("reviews")) kind=final")) }
    }

    private mutating func review(_ kind: String) {
        on(workingDay: once(in: 4) ? 25 : random.next(in: 5...20), act("reviews", "as \(caseName("reviews")) kind=\(kind)"))
    }

    /// The plans of the year; what is forgotten now stays undone.
    private mutating func plan() {
        let plan = caseName("proposes-maintenance", on: "\(date.year)")
        var acts: [String?] = []
        if let proposer = parties("proposes-maintenance").first {
            on(workingDay: random.next(in: 5...20), act("proposes-maintenance", "as \(plan)", by: proposer))
            acts += parties("agrees-maintenance").filter { $0 != proposer }.map { act("agrees-maintenance", plan, by: $0) }
        }
        let filed = regulation.verb("files-plan")?.type
        for duty in regulation.duties where duty.fulfilledBy.contains(where: { $0.type == filed }) {
            acts += obligors(of: duty).map { act(fulfilling: duty, by: $0) }
        }
        acts.append(act("takes-stock", ""))
        for act in acts where !once(in: 8) { on(workingDay: random.next(in: 21...55), act) }
    }
}
