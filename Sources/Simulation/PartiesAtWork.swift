import Regulation
import Schemas
import Values

/// What the parties do every day beside what a scenario tells: they do in time what is owed at a time of the day. From a seed, they do all that they owe, mostly
/// in time, sometimes late or not at all: devices fail, letters come in, contributions go from hand to hand, budgets and reports have their season, and every case
/// goes through its stages; the same seed gives the same work. Who does it follows from the text; what a text has no verb for is not done under it.
struct PartiesAtWork {
    let regulation: Regulation
    let seed: UInt64?

    /// The lines of a scenario that tell of it, in the order of time.
    func lines(in days: ClosedRange<CivilDate>) -> [(at: Instant, text: String)] {
        var lines: [(at: Instant, text: String)] = []
        for number in days.lowerBound.daysSinceEpoch...days.upperBound.daysSinceEpoch {
            let date = CivilDate(daysSinceEpoch: number)
            // A day's work does not depend on where the span began.
            let random = Random(seed: (seed ?? 0) &+ UInt64(bitPattern: Int64(number)) &* 0x2545_F491_4F6C_DD1D)
            var day = WorkingDay(regulation: regulation, date: date, random: random)
            if seed == nil { day.routine() } else { day.live() }
            lines += day.lines
        }
        return lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }
}

/// What begins on one day, and what follows from it on later days, as lines of a scenario. Cases are named after the day.
struct WorkingDay {
    let regulation: Regulation
    let date: CivilDate
    var random: Random
    private(set) var lines: [(at: Instant, text: String)] = []
    var calendar: WorkCalendar { regulation.calendar }

    init(regulation: Regulation, date: CivilDate, random: Random) { (self.regulation, self.date, self.random) = (regulation, date, random) }

    /// What is always done, and in time.
    mutating func routine() {
        for (duty, opens, due) in dutiesOfTheDay { for party in obligors(of: duty) { at(min(opens + 5, due), act(fulfilling: duty, by: party)) } }
    }

    /// What is done in a year of all parties at work.
    mutating func live() {
        keepTheDay()
        watchTheGate()
        if calendar.isWorkingDay(date) { workAtTheDesk() }
        keepTheYear()
    }

    // MARK: When

    /// A line so many minutes after midnight, which may be on the next day; none where nobody does it.
    mutating func at(_ minutes: Int64, _ text: String?) { if let text { lines.append((calendar.instant(date) + .minutes(minutes), text)) } }

    /// So many minutes after midnight of this day, as a line writes it.
    func time(_ minutes: Int64) -> String { "\(date)T\(TimeOfDay(minutes: Int(minutes)))" }

    /// A line in working hours of the n-th working day after this one, 0 for this day itself; none where nobody does it.
    mutating func on(workingDay count: Int64, _ text: String?) {
        guard let text else { return }
        lines.append((calendar.instant(workingDay(count)) + .minutes(8 * 60 + random.next(in: 0...500)), text))
    }

    /// The n-th working day after this one.
    func workingDay(_ count: Int64) -> CivilDate { (0..<count).reduce(date) { day, _ in calendar.workingDay(after: day) } }

    /// A number of working days that is mostly at most so many, and sometimes a few more.
    mutating func days(atMost count: Int64, late: UInt64 = 8) -> Int64 {
        random.chance(1, of: late) ? count + random.next(in: 1...3) : random.next(in: 1...count)
    }

    /// Whether something happens that happens once in so many.
    mutating func once(in count: UInt64) -> Bool { random.chance(1, of: count) }

    /// One of these; nil where there is none.
    mutating func one(of words: [String]) -> String? { words.isEmpty ? nil : words[Int(random.next(in: 0...Int64(words.count - 1)))] }

    // MARK: Who does what

    /// The type that a verb stands for.
    func type(_ verb: String) -> MessageType? { regulation.verb(verb).flatMap { regulation.messageType($0.type) } }

    /// Who may do what a verb says; nobody where the text has no such verb.
    func parties(_ verb: String) -> [PartyID] { type(verb)?.from ?? [] }

    /// Of those, who tells it to others: not who hears it anyway.
    func others(_ verb: String) -> [PartyID] { parties(verb).filter { type(verb)?.to.contains($0) == false } }

    /// Of the others, the agencies: they owe what follows.
    func agencies(_ verb: String) -> [PartyID] { others(verb).filter { regulation.party($0)?.isAgency == true } }

    /// What a line says: `border-guard notifies SC-1`. Nil where the text has no such verb, or the party may not do it; where none is named, whom the text names
    /// first does it.
    func act(_ verb: String, _ rest: String, by party: PartyID? = nil) -> String? {
        let able = parties(verb)
        guard let who = party.map({ able.contains($0) ? $0 : nil }) ?? able.first else { return nil }
        return "\(who) \(verb) \(rest)"
    }

    /// The name of a case of this day that a verb is about, `SC-2026-03-16`; with a word before the day, or of another time, where there are several.
    func caseName(_ verb: String, _ more: String? = nil, on time: String? = nil) -> String {
        caseName(of: regulation.verb(verb)?.type ?? "", more, on: time)
    }

    /// The name of a case of this day that messages of a type are about.
    func caseName(of type: String, _ more: String? = nil, on time: String? = nil) -> String {
        [regulation.caseKind(of: type)?.kind.prefix, more, time ?? "\(date)"].compactMap(\.self).joined(separator: "-")
    }

    // MARK: What the calendar asks

    /// Who owes a duty whatever its case.
    func obligors(of duty: Duty) -> [PartyID] {
        if case .of(let parties) = duty.each { return parties }
        return duty.obligors.compactMap { $0.conditions.isEmpty ? $0.party : nil }
    }

    /// What a party does to fulfil a duty: the first act for which there is a verb, which needs no case that something else begins.
    mutating func act(fulfilling duty: Duty, by party: PartyID) -> String? {
        for matcher in duty.fulfilledBy where matcher.repeated == nil {
            guard let type = regulation.messageType(matcher.type), type.from.contains(party), matcher.from.isEmpty || matcher.from.contains(party) else {
                continue
            }
            if let part = regulation.caseKind(of: type.name)?.part, part == .continues || part == .ends { continue }
            let wanted = matcher.conditions.map { ($0.path.keys.dropFirst().joined(separator: "."), $0.values) }
            let verb = type.verbs.first { verb in
                verb.things.isEmpty && wanted.allSatisfy { name, values in verb.says[name].map(values.contains) ?? true }
            }
            guard let verb else { continue }
            var words = [party, verb.word(.en)]
            for (name, values) in wanted where verb.says[name] == nil {
                if let value = one(of: values.map { $0.string ?? $0.text }) { words.append("\(name)=\"\(value)\"") }
            }
            return words.joined(separator: " ")
        }
        return nil
    }

    /// What is owed on this day at a time of it, with the minutes of the day between which it is done in time.
    private var dutiesOfTheDay: [(duty: Duty, opens: Int64, due: Int64)] {
        regulation.duties.compactMap { duty in
            guard case .calendar(let recurrence) = duty.opening, case .timeOfDay(let due) = duty.due.cases.first?.term else { return nil }
            let opens: TimeOfDay
            switch recurrence {
            case .daily(let time): opens = time
            case .workingDaily(let time) where calendar.isWorkingDay(date): opens = time
            default: return nil
            }
            return opens < due ? (duty, Int64(opens.minutes), Int64(due.minutes)) : nil
        }
    }

    /// What is owed on this day is mostly done in time, now and then late or not at all.
    private mutating func keepTheDay() {
        for (duty, opens, due) in dutiesOfTheDay {
            for party in obligors(of: duty) where !once(in: 50) {
                let minute = once(in: 25) ? due + random.next(in: 1...50) : random.next(in: opens...due - 1)
                at(minute, act(fulfilling: duty, by: party).map { $0 + letters(duty) })
            }
        }
    }

    /// How many letters lay in a box that was opened.
    private mutating func letters(_ duty: Duty) -> String {
        let hasLetters = duty.fulfilledBy.contains { regulation.messageType($0.type)?.schema?.fields.contains { $0.name == "letters" } == true }
        return hasLetters ? " letters=\(random.next(in: 0...4))" : ""
    }
}

extension Regulation {
    /// Who says a message where a story tells only what happens: whom the text names first among those that may. Nil where nobody may.
    func usualSender(of type: String) -> PartyID? { messageType(type)?.from.first }

    /// The type by which it is said that a device does not work: it begins a case whose course is told, and names the device. Nil where there is none.
    var failureType: MessageType? {
        let types = caseKinds.filter(\.isFollowed).flatMap(\.begins).compactMap(messageType)
        return types.first { $0.schema?.fields.contains { $0.name == "device" } == true }
    }
}
