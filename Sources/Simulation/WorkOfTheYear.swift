import Regulation
import Values

/// What has its season: duties of the week, the month, the quarter and the year, each done from the day that begins its time.
extension WorkingDay {
    mutating func keepTheYear() {
        if date.weekday == 1 { keepTheWeek() }
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

    /// Most weeks, on a day from Tuesday to Friday.
    private mutating func keepTheWeek() {
        for act in ["information-dept backs-up", "economic-zone inspects-site topic=sanitation", "economic-zone inspects-site topic=appearance"] {
            if !once(in: 12) { at(random.next(in: 1...4) * 1440 + 9 * 60 + random.next(in: 0...400), act) }
        }
    }

    private mutating func keepTheMonth() {
        if !once(in: 8) { on(workingDay: random.next(in: 1...15), "economic-zone inspects-site topic=fire-safety") }
        guard date.month % 3 == 0 else { return }
        if !once(in: 5) { on(workingDay: random.next(in: 1...15), "economic-zone inspects-site topic=\(one(of: ["suggestion-box", "hotline-number"]))") }
        if !once(in: 5) { on(workingDay: random.next(in: 1...15), "information-dept inspects") }
    }

    private mutating func planTraining() {
        let name = "TH-\(date.year)"
        on(workingDay: 5, "information-dept schedules-training as \(name) topic=using-equipment heldOn=\(date.advanced(by: 60))")
        for party in ["border-guard", "economic-zone"] { on(workingDay: 5 + days(atMost: 5, late: 4), "\(party) nominates \(name)") }
        on(workingDay: 40, "information-dept holds-training \(name)")
    }

    /// The year's content is ordered, and delivered in summer.
    private mutating func order() {
        for party in ["newspaper", "broadcaster"] {
            let name = "DH-\(date.year)-\(party)"
            let ordered = once(in: 4) ? random.next(in: 23...30) : random.next(in: 2...20)
            on(workingDay: ordered, "information-dept orders as \(name) orderedFrom=\(party) dueAt=\(date.year)-06-30T17:00")
            on(workingDay: random.next(in: 60...88), "\(party) delivers \(name)")
        }
    }

    /// The estimates of the guard and the zone are drawn up, agreed, submitted, appraised, approved and guided; the Department consolidates.
    private mutating func callForBudget() {
        let year = date.year
        on(workingDay: 2, "finance-dept calls-for-budget as HD-\(year) draftBy=\(year)-06-24T17:00 consolidateBy=\(year)-07-10T17:00")
        for party in ["border-guard", "economic-zone"] {
            let name = "DT-\(year)-\(party)"
            var day = random.next(in: 10...40)
            on(workingDay: day, "\(party) drafts as \(name)")
            for (act, limit) in [("information-dept agrees", 10), ("\(party) submits-budget", 10), ("finance-dept appraises", 15)] as [(String, Int64)] {
                day += days(atMost: limit)
                on(workingDay: day, "\(act) \(name)")
            }
            day += random.next(in: 5...30)
            on(workingDay: day, "peoples-committee approves \(name)")
            on(workingDay: day + days(atMost: 10), "finance-dept guides \(name)")
        }
        on(workingDay: once(in: 4) ? 55 : 45, "information-dept consolidates-budget as DT-\(year)-chung")
        on(workingDay: 56 + days(atMost: 8), "finance-dept appraises DT-\(year)-chung")
        on(workingDay: 80, "peoples-committee approves DT-\(year)-chung")
        on(workingDay: 80 + days(atMost: 10), "finance-dept guides DT-\(year)-chung")
    }

    /// Every reporting party reports, most in time and some on paper; the Department consolidates.
    private mutating func report(_ period: String, days last: Int64) {
        for party in ["border-guard", "economic-zone", "police", "newspaper", "broadcaster", "finance-dept", "culture-dept"] {
            if once(in: 15) { continue }
            let day = once(in: 8) ? last + random.next(in: 2...6) : random.next(in: 4...last - 1)
            let name = "BC-\(date)-\(party)"
            guard once(in: 5) else {
                on(workingDay: day, "\(party) reports as \(name) period=\(period)")
                continue
            }
            let document = "document.number=\(random.next(in: 1...200))/BC document.date=\(date.advanced(by: 5)) document.sentAt=\(date.advanced(by: 5))T16:00"
            on(workingDay: day, "information-dept reports as \(name) period=\(period) onBehalfOf=\(party) \(document)")
        }
        on(workingDay: once(in: 4) ? 22 : 17, "information-dept consolidates-reports as BCTH-\(date) period=\(period)")
        if period == "year" { on(workingDay: 18, "information-dept reviews as SK-\(date) kind=final") }
    }

    private mutating func review(_ kind: String) {
        on(workingDay: once(in: 4) ? 25 : random.next(in: 5...20), "information-dept reviews as SK-\(date) kind=\(kind)")
    }

    /// The plans of the year; what is forgotten now stays undone.
    private mutating func plan() {
        let year = date.year
        on(workingDay: random.next(in: 5...20), "information-dept proposes-maintenance as BT-\(year)")
        let acts = [
            "border-guard agrees-maintenance BT-\(year)", "information-dept files-plan as DP-\(year) topic=cluster",
            "economic-zone files-plan as DP-DIEN-\(year) topic=power", "border-guard takes-stock as TS-\(year)",
        ]
        for act in acts where !once(in: 8) { on(workingDay: random.next(in: 21...55), act) }
    }
}
