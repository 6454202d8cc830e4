import Regulation
import Values

/// What is done at desks on working days: letters, contributions, requests, directions, meetings.
extension WorkingDay {
    mutating func workAtTheDesk() {
        if once(in: 3) { takeLetter() }
        if once(in: 3) { contribute() }
        if !once(in: 15) { on(workingDay: 0, "information-dept " + one(of: ["has-nothing-new", "publishes as TT-SO-\(date)"])) }
        if once(in: 40) { direct() }
        if once(in: 15) { askForContent() }
        if once(in: 15) { provideTourismNews() }
        if once(in: 25) { askForReport() }
        if once(in: 15) { consult() }
        if once(in: 20) { meet() }
        if once(in: 50) { proposeAmendment() }
        if once(in: 40) { commend() }
    }

    private mutating func takeLetter() {
        let name = "PA-\(date)"
        let received = 8 * 60 + random.next(in: 0...120)
        at(received, "economic-zone receives-feedback as \(name)")
        at(received + random.next(in: 5...400), "economic-zone forwards \(name)")
        if !once(in: 20) { at(received + 401 + random.next(in: 60...9000), "information-dept answers \(name)") }
    }

    /// A contribution goes from its submission through vetting to publication, and to its royalty where a contributor wrote it.
    private mutating func contribute() {
        let (name, sender) = ("TT-\(date)", one(of: ["newspaper", "broadcaster", "culture-dept", "economic-zone"]))
        let submitted = 8 * 60 + random.next(in: 0...500)
        let isKept = !once(in: 3)
        at(submitted, "\(sender) submits as \(name)" + (isKept ? " copyKept=yes" : ""))
        if !isKept { at(submitted + random.next(in: 1...7), "\(sender) keeps-copy \(name)") }
        let vetted = days(atMost: 2)
        if once(in: 5) { return on(workingDay: vetted, "information-dept vets \(name) outcome=returned reason=\"thiếu nguồn\"") }
        on(workingDay: vetted, "information-dept vets \(name) outcome=accepted")
        let published = vetted + days(atMost: 1)
        let isContributors = once(in: 3)
        on(workingDay: published, "information-dept publishes \(name)" + (isContributors ? " fromContributor=yes" : ""))
        if isContributors, !once(in: 6) { on(workingDay: published + random.next(in: 1...10), "information-dept pays-royalty \(name)") }
    }

    private mutating func direct() {
        let name = "CD-\(date)"
        let directed = 8 * 60 + random.next(in: 0...400)
        at(directed, "\(one(of: ["peoples-committee", "ministry"])) directs as \(name)")
        let published = directed + (once(in: 5) ? random.next(in: 121...200) : random.next(in: 15...115))
        at(published, "information-dept publishes as TT-\(name) directive=\(name)")
    }

    /// The last minute of the working hours of the n-th working day after this one, as a line writes it.
    private func endOfWork(_ count: Int) -> String {
        var day = date
        for _ in 0..<count { day = calendar.workingDay(after: day) }
        return "\(day)T17:00"
    }

    private mutating func askForContent() {
        let (name, asked) = ("YC-TT-\(date)", one(of: ["police", "culture-dept", "border-guard"]))
        on(workingDay: 0, "information-dept requests-content as \(name) askedOf=\(asked) dueAt=\(endOfWork(5))")
        let answered = days(atMost: 4)
        on(workingDay: answered, "\(asked) submits as TT-\(name) request=\(name) copyKept=yes")
        on(workingDay: answered + days(atMost: 2), "information-dept vets TT-\(name) outcome=returned reason=\"đề nghị bổ sung\"")
    }

    private mutating func provideTourismNews() {
        on(workingDay: 0, "culture-dept provides-tourism-news as DL-\(date)")
        on(workingDay: days(atMost: 5), "information-dept integrates DL-\(date)")
    }

    private mutating func askForReport() {
        let (name, asked) = ("YC-BC-\(date)", one(of: ["police", "finance-dept", "border-guard"]))
        on(workingDay: 0, "\(one(of: ["peoples-committee", "ministry"])) requests-report as \(name) askedOf=\(asked) dueAt=\(endOfWork(4))")
        on(workingDay: days(atMost: 3), "\(asked) reports as BC-\(name) period=ad-hoc request=\(name)")
    }

    private mutating func consult() {
        let (name, asked) = ("YK-\(date)", one(of: ["police", "finance-dept", "culture-dept", "economic-zone"]))
        on(workingDay: 0, "information-dept consults as \(name) askedOf=\(asked) dueAt=\(endOfWork(6))")
        on(workingDay: days(atMost: 5), "\(asked) gives-opinion \(name)")
    }

    private mutating func meet() {
        let (name, host) = ("HOP-\(date)", one(of: ["information-dept", "economic-zone"]))
        on(workingDay: 0, "\(host) convenes as \(name) to=border-guard meetingTime=\(endOfWork(3))")
        on(workingDay: 3 + days(atMost: 5), "\(host) sends-minutes \(name)")
    }

    private mutating func proposeAmendment() {
        on(workingDay: 0, "\(one(of: ["border-guard", "police", "newspaper"])) proposes-amendment as KN-\(date)")
        if !once(in: 8) { on(workingDay: random.next(in: 5...60), "information-dept consolidates-amendment KN-\(date)") }
    }

    private mutating func commend() {
        on(workingDay: 0, "\(one(of: ["border-guard", "economic-zone"])) commends as KTH-\(date)")
        if !once(in: 8) { on(workingDay: random.next(in: 5...60), "information-dept records-conduct KTH-\(date) kind=commendation") }
    }
}
