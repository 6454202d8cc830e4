import Messages
import Regulation
import Values

/// A time announced beforehand in which devices are worked on, or the supply is off: what is found down in it is planned, and no incident. It always expires.
struct MaintenanceWindow: Sendable {
    /// The subject of its messages.
    let subject: String
    /// `maintenance`, `power-cut`, `order`.
    let kind: String
    /// The devices it is about; nil: all of the Cluster.
    let devices: Set<String>?
    /// The message that announced it.
    var announcement: Evidence
    /// By which the party that leads agreed to it, if it did.
    var agreement: Evidence?
    /// When it was to end.
    let announcedUntil: Instant
    /// When its end was told that came earlier; nil where none was.
    var closedAt: Instant?
    /// Since when it counts by its announcement.
    let announcedFrom: Instant

    /// When it ends: as announced, or earlier.
    var until: Instant { announced.until }
    /// Who announced it.
    var by: PartyID { announcement.event.author }
    /// Why.
    var reason: String { announcement.event.data["reason"]?.string ?? "" }

    init(_ announcement: Evidence, subject: String, from: Instant, until: Instant) {
        (self.announcement, self.subject, announcedFrom, announcedUntil) = (announcement, subject, from, until)
        kind = announcement.event.data["kind"]?.string ?? ""
        devices = (announcement.event.data["devices"]?.array).map { Set($0.compactMap(\.string)) }
    }

    /// The messages by whose coming earlier it would count from earlier.
    var comingLate: [Evidence] { [announcement, agreement].compactMap(\.self).filter { $0.arrivedAt > announcedFrom } }

    /// Notes the broker's word of when one of its messages came in.
    mutating func stamp(_ id: String, within range: Range<Instant>) {
        if announcement.event.id == id { announcement.stamp(within: range) }
        if agreement?.event.id == id { agreement?.stamp(within: range) }
    }

    /// Notes that its messages had come in by an instant.
    mutating func setBack(to instant: Instant) {
        announcement.setBack(to: instant)
        agreement?.setBack(to: instant)
    }

    /// What was announced, and what became of it.
    var announced: AnnouncedWindow {
        AnnouncedWindow(
            subject: subject, kind: kind, devices: devices, from: announcedFrom, until: announcedUntil, announcedAt: announcement.arrivedAt, closedAt: closedAt)
    }

    /// The same with what the rule for such windows asks.
    func announced(_ rule: Maintenance, lead: PartyID) -> AnnouncedWindow {
        var window = announced
        window.agreedAt = by == lead && announcement.event.sender == lead ? announcement.arrivedAt : agreement?.arrivedAt
        window.isNumbered = rule.alone?.supplied.map { announcement.event[$0.number] != nil } ?? false
        return window
    }
}

/// A time of a maintenance window's, as a whole or a part of it.
struct PlannedTime: Sendable {
    /// The window.
    let window: MaintenanceWindow
    /// The time, and for which devices.
    let time: HeldTime
    /// Whether it holds clocks back. What was announced and holds none is a cause of lost hours all the same.
    let holds: Bool

    /// Since when.
    var from: Instant { time.range.lowerBound }
    /// Up to when.
    var until: Instant { time.range.upperBound }
    /// What lost hours of operation are put down to.
    var cause: String { "planned-" + window.kind }

    /// Whether what is said of a device, or of none in particular, lies in it.
    func covers(device: String?, at instant: Instant) -> Bool { time.covers(device: device, at: instant) }

    /// What some windows plan, under a regulation: each as it was announced, and what of it holds.
    static func all(_ windows: some Collection<MaintenanceWindow>, in regulation: Regulation) -> [PlannedTime] {
        guard let rule = regulation.maintenance, !windows.isEmpty else { return [] }
        var times = windows.inOrder.map { PlannedTime(window: $0, time: $0.announced.time, holds: false) }
        for exercise in [false, true] {
            let some = windows.of(exercise: exercise)
            let named = Dictionary(uniqueKeysWithValues: some.map { ($0.subject, $0) })
            times += rule.held(some.map { $0.announced(rule, lead: regulation.lead) }, in: regulation.calendar).compactMap { held in
                named[held.subject].map { PlannedTime(window: $0, time: held, holds: true) }
            }
        }
        return times
    }
}

extension Collection<MaintenanceWindow> {
    /// In the order in which they were announced.
    fileprivate var inOrder: [MaintenanceWindow] { sorted { ($0.announcement.sequence, $0.subject) < ($1.announcement.sequence, $1.subject) } }

    /// Those of drills, or those that are real, in that order: a drill's window bears on drills.
    fileprivate func of(exercise: Bool) -> [MaintenanceWindow] { inOrder.filter { $0.announcement.event.exercise == exercise } }
}

extension LedgerState {
    /// Opens or closes a maintenance window, or tells its sender why not.
    mutating func takeWindow(_ item: Evidence) throws(Refusal) {
        let (event, arrivedAt) = (item.event, item.arrivedAt)
        let subject = event.subject ?? event.id
        guard let regulation, let maintenance = regulation.maintenance else { return }
        switch event.type {
        case maintenance.opens:
            guard let from = event.data["from"]?.instant, let until = event.data["until"]?.instant else { return }
            if windows[subject] != nil { throw .windowIsThere(subject) }
            if until <= from { throw .windowEndsBeforeItBegins }
            if until - from > maintenance.longest { throw .windowTooLong(maintenance.longest) }
            if until <= arrivedAt { throw .windowIsOver(until, regulation) }
            var window = MaintenanceWindow(item, subject: subject, from: from, until: until)
            window.agreement = confirmations[event.id]?.first { isAgreement($0, regulation) }
            windows[subject] = window
            askForAgreement(window, maintenance, regulation)
        default:
            guard event.type == maintenance.closes else { return }
            guard let window = windows[subject] else { throw .noWindow(subject) }
            guard event.author == window.by || event.author == regulation.lead else { throw .windowOfAnother(window.by, regulation) }
            windows[subject]?.closedAt = min(window.closedAt ?? arrivedAt, arrivedAt)
            withdrawQuestion(window.announcement.event.id, by: item)
        }
        rederiveMaintained()
    }

    /// Takes the word of the party that leads that a window holds as it was announced.
    mutating func takeAgreement(_ item: Evidence) {
        guard let regulation, isAgreement(item, regulation), let id = item.event.data["confirms"]?.string,
            let window = windows.values.first(where: { $0.announcement.event.id == id }), window.agreement == nil
        else { return }
        windows[window.subject]?.agreement = item
        rederiveMaintained()
    }

    private func isAgreement(_ item: Evidence, _ regulation: Regulation) -> Bool {
        item.event.sender == regulation.lead && item.event.saysYes && !item.isWithdrawn
    }

    /// Asks the party that leads about a window that holds less than was announced.
    private mutating func askForAgreement(_ window: MaintenanceWindow, _ rule: Maintenance, _ regulation: Regulation) {
        let lead = regulation.lead
        let all = windows.values.of(exercise: window.announcement.event.exercise).map { $0.announced(rule, lead: lead) }
        guard rule.needsAgreement(window.announced(rule, lead: lead), among: all, in: regulation.calendar) else { return }
        // Who announces very many is asked about for some: each question rings at the desk of the party that leads.
        let asked = windows.values.count { $0.by == window.by && $0.subject != window.subject && $0.until > window.announcement.arrivedAt }
        guard asked < Claim.weighed else { return }
        ask([lead], about: window.announcement, title: window.reason)
    }

    /// Derives anew what may lie in a window: cases whose clock it holds back, and hours of operation that it explains.
    mutating func rederiveMaintained() {
        // Most of them are settled.
        for id in maintained.filter({ obligations[$0]?.isOpen == true }).sorted() { rederive(obligation: id) }
    }
}

extension Obligation {
    /// The window that holds the obligation back, the one that ends last where they follow each other; the clock then begins when it ends.
    func heldBy(_ windows: [PlannedTime], _ standing: [Evidence], startsAt: Instant) -> PlannedTime? {
        guard let rule = duty.maintenance, windows.indices.contains(where: { windows[$0].holds && windows[$0].time.range.contains(startsAt) }),
            standing.satisfy(rule.conditions)
        else { return nil }
        let device = standing.fact(Obligation.devicePath)?.string
        var holder: PlannedTime?
        var start = startsAt
        // Each step leads to a later end.
        while let window = windows.filter({
            $0.holds && (rule.kinds.isEmpty || rule.kinds.contains($0.window.kind)) && $0.window.announcement.event.exercise == exercise
                && $0.covers(device: device, at: start)
        }).max(by: { ($0.until, $0.window.subject) < ($1.until, $1.window.subject) }) {
            (holder, start) = (window, window.until)
        }
        return holder
    }

    /// Whether somebody says that it is no planned matter: who tells of it within its own term, and any person who reports it while the window lasts. Told later,
    /// it keeps the clock that the obligor was given.
    func isUnplanned(_ openings: [Evidence], _ standing: [Evidence], until end: Instant, deadline: Instant?) -> Bool {
        if standing.contains(where: { item in isNotification(item) && deadline.map { item.arrivedAt <= $0 } ?? true }) { return true }
        guard let found = duty.maintenance?.found else { return false }
        return openings.contains { $0.event[found] == nil && !isNotification($0) && $0.arrivedAt < end }
    }

    /// Whether a message fulfils the duty otherwise than by ending what is planned.
    private func isNotification(_ item: Evidence) -> Bool {
        duty.fulfilledBy.contains { $0.matches(item, of: key, obligor: obligor) && duty.maintenance?.endedBy.contains($0.type) != true }
    }

    private static let devicePath = FieldPath("data.device")
}

extension Refusal {
    fileprivate static func windowIsThere(_ subject: String) -> Refusal {
        Refusal(
            Wording(vi: "đã có thời gian bảo trì mã \(subject)", en: "there is a maintenance window \(subject) already"),
            remedy: Wording(vi: "dùng mã khác cho thời gian bảo trì mới", en: "use another subject for a new one"))
    }
    fileprivate static let windowEndsBeforeItBegins = Refusal(
        Wording(vi: "until không sau from", en: "until is not after from"),
        remedy: Wording(vi: "ghi thời điểm kết thúc sau thời điểm bắt đầu", en: "write an end that lies after the beginning"))
    fileprivate static func windowTooLong(_ longest: Span) -> Refusal {
        Refusal(
            Wording(
                vi: "thời gian bảo trì dài hơn \(Phrase.span(longest, .vi))", en: "the maintenance window is longer than \(Phrase.span(longest, .en))"),
            remedy: Wording(vi: "thông báo từng đợt ngắn hơn", en: "announce shorter ones, one after another"))
    }
    fileprivate static func windowIsOver(_ until: Instant, _ rules: Regulation) -> Refusal {
        let offset = rules.calendar.offset
        return Refusal(
            Wording(
                vi: "thời gian bảo trì đã kết thúc lúc \(Phrase.time(until, .vi, offset: offset)), trước khi hệ thống ghi nhận thông báo",
                en: "the maintenance window was over at \(Phrase.time(until, .en, offset: offset)), before it came on record"),
            remedy: Wording(
                vi: "giải trình việc đã xảy ra bằng phoihop publish duty.explained", en: "explain what happened with: phoihop publish duty.explained"))
    }
    fileprivate static func noWindow(_ subject: String) -> Refusal {
        Refusal(
            Wording(vi: "không có thời gian bảo trì nào mã \(subject)", en: "there is no maintenance window \(subject)"),
            remedy: Wording(vi: "kiểm tra lại mã vụ việc của thông báo bảo trì", en: "use the subject under which it was opened"))
    }
    fileprivate static func windowOfAnother(_ by: PartyID, _ rules: Regulation?) -> Refusal {
        let name = { (party: PartyID) in rules?.party(party)?.name ?? Wording(vi: party, en: party) }
        let (announcer, lead) = (name(by), name(rules?.lead ?? by))
        return Refusal(
            Wording(vi: "thời gian bảo trì này do \(announcer.vi) thông báo", en: "this window was announced by \(announcer.en)"),
            remedy: Wording(vi: "để bên đã thông báo hoặc \(lead.vi) kết thúc", en: "leave its end to that party or to the \(lead.en)"))
    }
}
