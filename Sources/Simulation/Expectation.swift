import Coordination
import Messages
import Regulation
import Values

/// What is expected of a simulation.
public struct Expectation: Sendable {
    /// Notices of one kind, or how duties stand.
    enum Claim: Sendable {
        /// So many notices of a type; or, where no number is given, one to each of these parties and to nobody else.
        case notices(type: String, count: Int?, to: [PartyID])
        /// Every duty that is meant stands so, and there is one.
        case state(State, due: Instant?, at: Instant?)
        /// No such duty has opened.
        case nothing
    }

    /// How a duty may stand.
    enum State: String, Sendable, CaseIterable { case open, overdue, fulfilled, inTime = "in-time", late, closed, void, drill, real }

    /// The number of its line.
    public var line: Int
    /// The line as written.
    public var text: String
    var claim: Claim
    /// The time that is meant: of the notices, all of this span; of a state, its beginning. Nil: the whole, or the end.
    var time: Range<Instant>?
    /// The duty that is meant, all where nil.
    var duty: Duty?
    /// The case or the first day of the period that is meant, all where nil.
    var subject: String?
    /// Whose duty is meant, anyone's where nil.
    var obligor: PartyID?

    /// Whether what a simulation came to is what was expected, and what it was.
    public struct Result: Sendable {
        /// What was expected.
        public var expectation: Expectation
        /// Whether it was so.
        public var isMet: Bool
        /// What was seen instead, one entry a notice or a duty.
        public var seen: [Wording]
        /// What of the duty that it names it shows, if it is as expected.
        public var shows: Shown?
    }

    func check(_ notices: [Event], _ standings: [Standing], asOf now: Instant, _ calendar: WorkCalendar) -> Result {
        var result = compare(notices, standings, asOf: now, calendar)
        if result.isMet { result.shows = shown(by: standings.filter(isMeant)) }
        return result
    }

    private func compare(_ notices: [Event], _ standings: [Standing], asOf now: Instant, _ calendar: WorkCalendar) -> Result {
        switch claim {
        case .notices(let type, let count, let to):
            let said = notices.filter { $0.type == type && isMeant($0, standings) && (time?.contains($0.time) ?? true) }
            let parties = said.compactMap { $0.data["to"]?.string }
            let isMet =
                count.map { $0 == parties.filter { to.isEmpty || to.contains($0) }.count }
                ?? (to.isEmpty ? !parties.isEmpty : Set(parties) == Set(to))
            // Where there is none at that time, those of other times tell more than nothing does.
            let shown = said.isEmpty ? notices.filter { $0.type == type && isMeant($0, standings) } : said
            return Result(expectation: self, isMet: isMet, seen: Expectation.describe(shown, calendar))
        case .state(let state, let due, let at):
            let meant = standings.filter(isMeant)
            let isMet = !meant.isEmpty && meant.allSatisfy { isIn(state, $0, asOf: now) && $0.matches(due: due, at: at) }
            return Result(expectation: self, isMet: isMet, seen: meant.map { $0.described(calendar, asOf: now) })
        case .nothing:
            let meant = standings.filter(isMeant)
            return Result(expectation: self, isMet: meant.isEmpty, seen: meant.map { $0.described(calendar, asOf: now) })
        }
    }

    /// The duty whose obligations tell: an alternative opens none of its own, it ends those of another.
    private var watched: String? { duty?.alternativeTo ?? duty?.id }

    private func isIn(_ state: State, _ standing: Standing, asOf now: Instant) -> Bool {
        if let duty, duty.alternativeTo != nil, [.fulfilled, .closed].contains(state) {
            guard case .closed(let type) = standing.outcome else { return false }
            return duty.fulfilledBy.contains { $0.type == type }
        }
        return standing.isIn(state, asOf: now)
    }

    private func isMeant(_ standing: Standing) -> Bool {
        (watched ?? standing.duty) == standing.duty && (subject ?? standing.subject) == standing.subject && (obligor ?? standing.obligor) == standing.obligor
    }

    private func isMeant(_ notice: Event, _ standings: [Standing]) -> Bool {
        let obligation = notice.data["obligation"]?.string ?? ""
        if let watched, !obligation.hasPrefix(watched + "/") { return false }
        // A withdrawal does not name who owes it.
        if let obligor, (notice.data["obligor"]?.string ?? standings.first { $0.id == obligation }?.obligor) != obligor { return false }
        return subject.map { notice.subject == $0 || (obligation + "/").contains("/\($0)/") } ?? true
    }

    /// The notices, those of the same time and duty in one.
    private static func describe(_ notices: [Event], _ calendar: WorkCalendar) -> [Wording] {
        var groups: [(head: String, to: [PartyID])] = []
        for notice in notices {
            let head = "\(calendar.written(notice.time)) \(notice.type) \(notice.data["obligation"]?.string ?? "")"
            let to = notice.data["to"]?.string ?? ""
            if groups.last?.head == head { groups[groups.count - 1].to.append(to) } else { groups.append((head, [to])) }
        }
        return groups.map { group in
            let text = group.head + " → " + group.to.sorted().joined(separator: " ")
            return Wording(vi: text, en: text)
        }
    }
}

extension Standing {
    func isIn(_ state: Expectation.State, asOf now: Instant) -> Bool {
        switch (state, outcome) {
        case (.open, .open), (.fulfilled, .fulfilled), (.closed, .closed), (.void, .void): true
        case (.overdue, .open): isOverdue(asOf: now)
        case (.inTime, .fulfilled): !isLate
        case (.late, .fulfilled): isLate
        case (.drill, _): exercise
        case (.real, _): !exercise
        default: false
        }
    }

    func matches(due: Instant?, at: Instant?) -> Bool {
        if let due, deadline != due { return false }
        guard let at else { return true }
        if case .fulfilled(let done) = outcome { return done == at }
        return false
    }

    func described(_ calendar: WorkCalendar, asOf now: Instant) -> Wording {
        let state: Wording =
            switch outcome {
            case .open: isOverdue(asOf: now) ? Wording(vi: "quá hạn", en: "overdue") : Wording(vi: "chưa xong", en: "open")
            case .fulfilled: isLate ? Wording(vi: "chậm", en: "fulfilled late") : Wording(vi: "đúng hạn", en: "fulfilled in time")
            case .closed(let type): Wording(vi: "kết thúc bởi \(type)", en: "closed by \(type)")
            case .void: Wording(vi: "không còn", en: "void")
            }
        let done: String = if case .fulfilled(let at) = outcome { calendar.written(at) } else { "" }
        return state.map { language, text in
            let when = done.isEmpty ? "" : (language == .vi ? " lúc " : " at ") + done
            let due = deadline.map { (language == .vi ? ", hạn " : ", due ") + calendar.written($0) } ?? ""
            let drill = exercise ? (language == .vi ? ", diễn tập" : ", a drill") : ""
            return "\(duty) \(subject): \(text)\(when)\(due), \(obligor)\(drill)"
        }
    }
}

extension WorkCalendar {
    /// `2026-03-16 09:00`, seconds only where there are any.
    func written(_ instant: Instant) -> String {
        let local = local(instant)
        let rest = Int64(local.second) * 1000 + Int64(local.millisecond)
        let tail = instant.rfc3339(offset: offset).dropFirst(16).prefix { $0 != "+" && $0 != "Z" }
        return "\(local.date) \(local.timeOfDay)" + (rest == 0 ? "" : tail)
    }
}
