import Regulation
import Values

/// What is done at desks on working days: letters, contributions, requests, directions, meetings.
extension WorkingDay {
    mutating func workAtTheDesk() {
        if once(in: 3) { takeLetter() }
        if once(in: 3) { contribute() }
        if !once(in: 15) {
            let acts = [act("has-nothing-new", ""), act("publishes", "as \(caseName("publishes", "SO"))")].compactMap(\.self)
            on(workingDay: 0, one(of: acts))
        }
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
        let name = caseName("receives-feedback")
        guard let party = agencies("forwards").first, let taken = act("receives-feedback", "as \(name)", by: party) else { return }
        let received = 8 * 60 + random.next(in: 0...120)
        at(received, taken)
        at(received + random.next(in: 5...400), act("forwards", name, by: party))
        if !once(in: 20) { at(received + 401 + random.next(in: 60...9000), act("answers", name)) }
    }

    /// A contribution goes from its submission through vetting to publication, and to its royalty where a contributor wrote it.
    private mutating func contribute() {
        guard let sender = one(of: agencies("submits")) else { return }
        let name = caseName("submits")
        let submitted = 8 * 60 + random.next(in: 0...500)
        let isKept = !once(in: 3)
        at(submitted, act("submits", "as \(name)" + (isKept ? " copyKept=yes" : ""), by: sender))
        if !isKept { at(submitted + random.next(in: 1...7), act("keeps-copy", name, by: sender)) }
        let vetted = days(atMost: 2)
        if once(in: 5) { return on(workingDay: vetted, act("vets", "\(name) outcome=returned reason=\"thiếu nguồn\"")) }
        on(workingDay: vetted, act("vets", "\(name) outcome=accepted"))
        let published = vetted + days(atMost: 1)
        let isContributors = once(in: 3)
        on(workingDay: published, act("publishes", name + (isContributors ? " fromContributor=yes" : "")))
        if isContributors, !once(in: 6) { on(workingDay: published + random.next(in: 1...10), act("pays-royalty", name)) }
    }

    private mutating func direct() {
        guard let party = one(of: others("directs")) else { return }
        let name = caseName("directs")
        let directed = 8 * 60 + random.next(in: 0...400)
        at(directed, act("directs", "as \(name)", by: party))
        let published = directed + (once(in: 5) ? random.next(in: 121...200) : random.next(in: 15...115))
        at(published, act("publishes", "as \(caseName("publishes", "CD")) directive=\(name)"))
    }

    /// The last minute of the working hours of the n-th working day after this one, as a line writes it.
    private func endOfWork(_ count: Int) -> String {
        var day = date
        for _ in 0..<count { day = calendar.workingDay(after: day) }
        return "\(day)T\(calendar.hours.last?.upperBound ?? TimeOfDay(minutes: 17 * 60))"
    }

    private mutating func askForContent() {
        guard let asked = one(of: agencies("submits")) else { return }
        let name = caseName("requests-content", "TT")
        guard let request = act("requests-content", "as \(name) askedOf=\(asked) dueAt=\(endOfWork(5))") else { return }
        on(workingDay: 0, request)
        let answered = days(atMost: 4)
        let content = caseName("submits", "YC")
        on(workingDay: answered, act("submits", "as \(content) request=\(name) copyKept=yes", by: asked))
        on(workingDay: answered + days(atMost: 2), act("vets", "\(content) outcome=returned reason=\"đề nghị bổ sung\""))
    }

    private mutating func provideTourismNews() {
        let name = caseName("provides-tourism-news")
        guard let news = act("provides-tourism-news", "as \(name)") else { return }
        on(workingDay: 0, news)
        on(workingDay: days(atMost: 5), act("integrates", name))
    }

    private mutating func askForReport() {
        guard let asked = one(of: agencies("reports")), let party = one(of: parties("requests-report").filter { $0 != asked }) else { return }
        let name = caseName("requests-report", "BC")
        on(workingDay: 0, act("requests-report", "as \(name) askedOf=\(asked) dueAt=\(endOfWork(4))", by: party))
        on(workingDay: days(atMost: 3), act("reports", "as \(caseName("reports", "YC")) period=ad-hoc request=\(name)", by: asked))
    }

    private mutating func consult() {
        guard let party = one(of: agencies("consults")), let asked = one(of: agencies("gives-opinion").filter { $0 != party }) else { return }
        let name = caseName("consults")
        on(workingDay: 0, act("consults", "as \(name) askedOf=\(asked) dueAt=\(endOfWork(6))", by: party))
        on(workingDay: days(atMost: 5), act("gives-opinion", name, by: asked))
    }

    private mutating func meet() {
        guard let host = one(of: agencies("convenes")), let guest = one(of: agencies("convenes").filter { $0 != host }) else { return }
        let name = caseName("convenes")
        on(workingDay: 0, act("convenes", "as \(name) to=\(guest) meetingTime=\(endOfWork(3))", by: host))
        on(workingDay: 3 + days(atMost: 5), act("sends-minutes", name, by: host))
    }

    private mutating func proposeAmendment() {
        guard let party = one(of: agencies("proposes-amendment")) else { return }
        let name = caseName("proposes-amendment")
        on(workingDay: 0, act("proposes-amendment", "as \(name)", by: party))
        if !once(in: 8) { on(workingDay: random.next(in: 5...60), act("consolidates-amendment", name)) }
    }

    private mutating func commend() {
        guard let party = one(of: agencies("commends")) else { return }
        let name = caseName("commends")
        on(workingDay: 0, act("commends", "as \(name)", by: party))
        if !once(in: 8) { on(workingDay: random.next(in: 5...60), act("records-conduct", "\(name) kind=commendation")) }
    }
}
