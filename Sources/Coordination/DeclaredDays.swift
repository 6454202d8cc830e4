import Messages
import Regulation
import Values

/// The working days as they are known now. Very many obligations go by the same.
final class WorkingDays: Sendable {
    /// The hours of a text, and the days as the ledger has them.
    let calendar: WorkCalendar
    /// The id of the message by which they became what they are.
    let by: String
    /// That the deadline of an obligation became another by them.
    let rescheduling: Rescheduling?

    init(_ calendar: WorkCalendar, by: String, rescheduling: Rescheduling? = nil) { (self.calendar, self.by, self.rescheduling) = (calendar, by, rescheduling) }

    /// The same for an obligation whose deadline became another.
    func noting(_ rescheduling: Rescheduling?) -> WorkingDays { rescheduling.map { WorkingDays(calendar, by: by, rescheduling: $0) } ?? self }
}

/// That a day is worked, or off, by the word of who may say so.
public struct DeclaredDay: Sendable, Hashable {
    /// The day.
    public var date: CivilDate
    /// Whether it is worked.
    public var isWorked: Bool
    /// The number of the decision that says so.
    public var decision: String
    /// Who declared it.
    public var by: PartyID
    /// When that came in.
    public var at: Instant
    /// The message's id.
    public var id: String
    /// Whether it came before the day began, so that it holds for everybody. One that came later is a claim wherever something turns on it.
    public var isInTime: Bool

    /// Reads a declaration; nil where it names no day.
    init?(_ item: Evidence, in calendar: WorkCalendar) {
        let data = item.event.data
        guard let date = data["date"]?.string.flatMap({ CivilDate($0) }), let isWorked = data["working"]?.bool else { return nil }
        (self.date, self.isWorked, decision) = (date, isWorked, data["decision"]?.string ?? "")
        (by, at, id) = (item.event.sender, item.arrivedAt, item.event.id)
        isInTime = item.arrivedAt < calendar.instant(date)
    }
}

/// What the ledger says of single days. What a day is holds from its beginning: a text that is adopted later, and a declaration that comes later, change nothing of
/// it by themselves.
struct DeclaredDays: Sendable {
    /// A declaration that came after its day began.
    struct Late: Sendable {
        var date: CivilDate
        var item: Evidence
        var id: String { item.event.id }
    }

    /// How long after a day it may be declared.
    static let longest = 31
    /// How often one day may be declared after it began.
    static let often = 4

    /// The days as they are known now; nil before the first text.
    private(set) var known: WorkingDays?
    /// The declarations, in the ledger's order.
    private(set) var all: [DeclaredDay] = []
    /// Those that came after the day began.
    private(set) var late: [Late] = []
    /// Whether something else is known of days than when what turns on them was last looked at.
    private(set) var hasChanged = false
    /// Of which days something was said after they began since then.
    private(set) var claimed: Set<CivilDate> = []
    /// What was declared of days that had not begun.
    private var declared: [CivilDate: Bool] = [:]
    /// What held of days that had begun when a text came that has them otherwise.
    private var fixed: [CivilDate: Bool] = [:]
    /// Since when days are reckoned.
    private var first: CivilDate?

    /// Takes the days of a text that is adopted.
    mutating func adopt(_ calendar: WorkCalendar, by id: String, at instant: Instant) {
        let today = calendar.local(instant).date
        if let before = known?.calendar, let first, first <= today {
            var new = calendar
            new.declared = declared
            fixed.merge(before.days(first...today, otherThanIn: new)) { earlier, _ in earlier }
        }
        first = first ?? today
        reckon(calendar, by: id)
    }

    /// Takes in a declaration.
    mutating func take(_ item: Evidence, _ day: DeclaredDay) {
        all.append(day)
        if day.isInTime { return declare(day) }
        late.append(Late(date: day.date, item: item))
        claim(day.date)
    }

    /// Notes that something was said of a declaration.
    mutating func noteAnswer(to id: String) { if let day = late.first(where: { $0.id == id }) { claim(day.date) } }

    /// The declaration of this id, where it may have come before its day began.
    func mayBeInTime(_ id: String) -> Evidence? {
        guard let calendar = known?.calendar, let found = late.first(where: { $0.id == id }) else { return nil }
        return found.item.notBefore < calendar.instant(found.date) ? found.item : nil
    }

    /// Notes the broker's word of when a declaration came in.
    mutating func stamp(_ id: String, within range: Range<Instant>) {
        guard let index = late.firstIndex(where: { $0.id == id }), let calendar = known?.calendar else { return }
        late[index].item.stamp(within: range)
        move(index, in: calendar)
    }

    /// Notes that all declarations had come in by an instant.
    mutating func setBack(to instant: Instant) {
        guard let calendar = known?.calendar else { return }
        for index in late.indices.reversed() {
            late[index].item.setBack(to: instant)
            move(index, in: calendar)
        }
    }

    /// What has changed has been looked at.
    mutating func wereFollowed() { (hasChanged, claimed) = (false, []) }

    /// Lets one that proves to have come in time hold for everybody.
    private mutating func move(_ index: Int, in calendar: WorkCalendar) {
        guard let day = DeclaredDay(late[index].item, in: calendar), let place = all.firstIndex(where: { $0.id == day.id }) else { return }
        all[place] = day
        guard day.isInTime else { return }
        late.remove(at: index)
        claim(day.date)
        declare(day)
    }

    private mutating func declare(_ day: DeclaredDay) {
        guard let calendar = known?.calendar, declared[day.date] != day.isWorked else { return }
        declared[day.date] = day.isWorked
        reckon(calendar, by: day.id)
    }

    private mutating func claim(_ date: CivilDate) {
        claimed.insert(date)
        hasChanged = true
    }

    private mutating func reckon(_ text: WorkCalendar, by id: String) {
        var calendar = text
        calendar.declared = declared.merging(fixed) { _, fixed in fixed }
        // A text with the same days changes nothing.
        if let known, known.calendar == calendar { return }
        known = WorkingDays(calendar, by: id)
        hasChanged = true
    }

    /// What a later reading depends on.
    var record: JSON {
        func json(_ days: [CivilDate: Bool]) -> JSON {
            .object(JSONObject(members: days.sorted { $0.key < $1.key }.map { .init(key: $0.key.description, value: .bool($0.value)) }))
        }
        return [
            "declared": json(declared), "fixed": json(fixed), "first": first.map { .string($0.description) } ?? .null,
            "by": known.map { .string($0.by) } ?? .null,
            "hasChanged": .bool(hasChanged), "claimed": .array(claimed.sorted().map { .string($0.description) }),
            "late": .array(late.map { .string($0.id) }),
        ]
    }
}

extension LedgerState {
    /// The days that were declared worked or off, in the ledger's order.
    public var declaredDays: [DeclaredDay] { days.all }

    /// Takes in that a day is worked, or off, or tells the sender why not.
    mutating func takeDay(_ item: Evidence) throws(Refusal) {
        guard let calendar = days.known?.calendar, let day = DeclaredDay(item, in: calendar) else { return }
        if item.event.exercise { throw .dayOfDrill }
        if !day.isInTime {
            let today = calendar.local(item.arrivedAt).date
            if day.date < today.advanced(by: -DeclaredDays.longest) { throw .dayTooLongAgo }
            if days.late.count(where: { $0.date == day.date }) >= DeclaredDays.often { throw .dayDeclaredTooOften }
        }
        days.take(item, day)
    }

    /// Lets what turns on days be looked at again where something else is known of them.
    mutating func followDays() {
        guard days.hasChanged, let rules, let calendar = days.known?.calendar else { return }
        let claimed = days.claimed
        days.wereFollowed()
        for obligation in obligations.values where obligation.duty.goesByWorkingDays {
            if obligation.isOpen || claimed.contains(where: obligation.spans) { stale.insert(obligation.key) }
        }
        for duty in rules.regulation.duties {
            guard case .calendar(let recurrence) = duty.opening, case .workingDaily = recurrence, nextOpening[duty.id] != nil, let reached else { continue }
            nextOpening[duty.id] = recurrence.period(openingAfter: reached, in: calendar)
        }
        firstOpening = nextOpening.values.map(\.opens).min()
    }

    /// Derives at once what turns on days of which something else is known.
    mutating func followDaysAtOnce() {
        guard days.hasChanged else { return }
        followDays()
        let cases = stale.sorted()
        stale.removeAll(keepingCapacity: true)
        for key in cases { rederive(case: key) }
    }

    /// What was said of days after they had begun, each with what others said of that.
    var claimedDays: [ClaimedDay] {
        days.late.map { ClaimedDay(date: $0.date, declaration: $0.item, answers: confirmations[$0.id] ?? []) }
    }
}

/// A day of which something was said after it had begun.
struct ClaimedDay: Sendable {
    var date: CivilDate
    var declaration: Evidence
    /// What others said of that.
    var answers: [Evidence]
}

extension Duty {
    /// Whether anything of it turns on which days are worked: when it opens, when it is due, when somebody is reminded.
    var goesByWorkingDays: Bool {
        if due.turnsOnWorkingDays { return true }
        if case .calendar(.workingDaily) = opening { return true }
        return ladder.contains { rung in
            switch rung.moment {
            case .lastWorkingDayBefore, .everyWorkingDays: true
            default: false
            }
        }
    }
}

/// That a deadline became another, since other days are worked than were known to be.
public struct Rescheduling: Sendable, Hashable {
    /// The deadline before,
    public var from: Instant
    /// and after.
    public var to: Instant
    /// When.
    public var at: Instant
    /// The id of the message by which.
    public var by: String
}

extension Obligation {
    /// Whether a day lies between its beginning and its deadline.
    func spans(_ date: CivilDate) -> Bool {
        let first = calendar.local(min(startsAt, openedAt)).date
        return first <= date && date <= calendar.local(deadline ?? startsAt).date
    }

    /// That its deadline became another by other working days, the last time.
    var rescheduling: Rescheduling? { workingDays?.rescheduling }

    /// Working days and hours as it goes by them.
    var calendar: WorkCalendar { workingDays?.calendar ?? rules.regulation.calendar }

    /// The days that it goes by: as they are known now, and as was claimed of them in what counts. The hours are those of the text it was opened under.
    func days(_ counting: [Evidence], _ circumstances: Circumstances) -> WorkingDays? {
        guard let known = circumstances.days else { return nil }
        let days = circumstances.inForce === rules ? known : WorkingDays(rules.regulation.calendar.withDays(of: known.calendar), by: known.by)
        guard !circumstances.claimedDays.isEmpty else { return days }
        var calendar = days.calendar
        var by = days.by
        for item in counting where item.event.type == known.calendar.declares {
            guard let day = DeclaredDay(item, in: calendar) else { continue }
            calendar.declared[day.date] = day.isWorked
            by = day.id
        }
        return by == days.by ? days : WorkingDays(calendar, by: by)
    }

    /// What was claimed of days between its beginning and its deadline, and what others said of that.
    mutating func claimsOfDays(_ raw: [Evidence], _ circumstances: Circumstances) -> [Evidence] {
        guard !circumstances.claimedDays.isEmpty, duty.goesByWorkingDays else { return [] }
        judge(raw.compactMap { uncontested($0) }, circumstances)
        return circumstances.claimedDays.filter { spans($0.date) }.flatMap { [$0.declaration] + $0.answers }
    }

    /// Notes that its deadline became another by other days.
    mutating func noteRescheduling(from former: Instant?, _ days: WorkingDays?, at instant: Instant) {
        guard duty.due.turnsOnWorkingDays, isOpen, let former, let deadline, former != deadline, let days, let workingDays, days.by != workingDays.by else {
            return
        }
        self.workingDays = workingDays.noting(Rescheduling(from: former, to: deadline, at: instant, by: workingDays.by))
    }
}

extension Refusal {
    fileprivate static let dayOfDrill = Refusal(
        Wording(vi: "ngày nghỉ, ngày làm bù không công bố trong diễn tập", en: "no day is declared in a drill"),
        remedy: Wording(vi: "gửi lại không có --exercise, nếu quyết định là thật", en: "say it again without --exercise, if the decision is real"))
    fileprivate static let dayTooLongAgo = Refusal(
        Wording(
            vi: "ngày này đã qua hơn \(DeclaredDays.longest) ngày", en: "that day is more than \(DeclaredDays.longest) days ago"),
        remedy: Wording(vi: "giải trình bằng lệnh phoihop publish duty.explained", en: "explain instead, with: phoihop publish duty.explained"))
    fileprivate static let dayDeclaredTooOften = Refusal(
        Wording(
            vi: "ngày này đã được công bố \(DeclaredDays.often) lần sau khi bắt đầu", en: "that day was declared \(DeclaredDays.often) times after it began"),
        remedy: Wording(
            vi: "để các bên được hỏi trả lời lần công bố trước", en: "let those who were asked answer what was declared before"))
}
