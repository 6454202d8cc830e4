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
    /// When it ends: as announced, or earlier.
    var until: Instant
    /// Whether it was ended earlier.
    var isCutShort = false
    /// Since when it counts by its announcement.
    let announcedFrom: Instant

    /// Since when it counts: its beginning, or later where it was announced after that. Nobody can plan what has already happened.
    var from: Instant { max(announcedFrom, announcement.arrivedAt) }
    /// Whether it would count from earlier had its announcement come earlier.
    var isAnnouncedLate: Bool { announcement.arrivedAt > announcedFrom }
    /// Who announced it.
    var by: PartyID { announcement.event.author }
    /// Why.
    var reason: String { announcement.event.data["reason"]?.string ?? "" }

    init(_ announcement: Evidence, subject: String, from: Instant, until: Instant) {
        (self.announcement, self.subject, announcedFrom, self.until) = (announcement, subject, from, until)
        kind = announcement.event.data["kind"]?.string ?? ""
        devices = (announcement.event.data["devices"]?.array).map { Set($0.compactMap(\.string)) }
    }

    /// Whether what is said of a device, or of none in particular, lies in it.
    func covers(device: String?, at instant: Instant) -> Bool {
        guard from <= instant, instant < until else { return false }
        guard let devices else { return true }
        return device.map { devices.contains($0) } ?? false
    }

    /// What lost hours of operation are put down to.
    var cause: String { "planned-" + kind }
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
            windows[subject] = MaintenanceWindow(item, subject: subject, from: from, until: until)
        default:
            guard event.type == maintenance.closes else { return }
            guard let window = windows[subject] else { throw .noWindow(subject) }
            guard event.author == window.by || event.author == regulation.lead else { throw .windowOfAnother(window.by, regulation) }
            windows[subject]?.until = max(window.from, min(window.until, arrivedAt))
            windows[subject]?.isCutShort = true
        }
        rederiveMaintained()
    }

    /// Derives anew what may lie in a window: cases whose clock it holds back, and hours of operation that it explains.
    mutating func rederiveMaintained() {
        for id in maintained.sorted() where obligations[id]?.isOpen == true { rederive(obligation: id) }
    }
}

extension Obligation {
    /// The window that holds the obligation back, the one that ends last where they follow each other; the clock then begins when it ends.
    func heldBy(_ windows: [MaintenanceWindow], _ standing: [Evidence], startsAt: Instant) -> MaintenanceWindow? {
        guard let rule = duty.maintenance, !windows.isEmpty, standing.satisfy(rule.conditions) else { return nil }
        let device = standing.fact(Obligation.devicePath)?.string
        var holder: MaintenanceWindow?
        var start = startsAt
        // Each step leads to a later end.
        while let window = windows.filter({
            (rule.kinds.isEmpty || rule.kinds.contains($0.kind)) && $0.announcement.event.exercise == exercise && $0.covers(device: device, at: start)
        }).max(by: { ($0.until, $0.subject) < ($1.until, $1.subject) }) {
            (holder, start) = (window, window.until)
        }
        return holder
    }

    /// Whether a message fulfils the duty otherwise than by ending what is planned.
    func isNotification(_ item: Evidence) -> Bool {
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
