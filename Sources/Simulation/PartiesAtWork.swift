import Regulation
import Values

/// What the parties do every day beside what a scenario tells: the box is opened and the day closed. From a seed, they do all that they owe, mostly in time,
/// sometimes late or not at all: devices fail, letters come in, contributions go from hand to hand, budgets and reports have their season, and every case goes
/// through its stages; the same seed gives the same work.
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
            var day = WorkingDay(calendar: regulation.calendar, date: date, random: random)
            if seed == nil { day.routine(under: regulation) } else { day.live() }
            lines += day.lines
        }
        return lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }
}

/// What begins on one day, and what follows from it on later days, as lines of a scenario. Cases are named after the day.
struct WorkingDay {
    let calendar: WorkCalendar
    let date: CivilDate
    var random: Random
    private(set) var lines: [(at: Instant, text: String)] = []

    init(calendar: WorkCalendar, date: CivilDate, random: Random) { (self.calendar, self.date, self.random) = (calendar, date, random) }

    /// What is always done, and in time.
    mutating func routine(under regulation: Regulation) {
        if calendar.isWorkingDay(date), let party = regulation.usualSender(of: "suggestion-box.opened") { at(7 * 60 + 35, "\(party) opens-box") }
        if let party = regulation.usualSender(of: "operations.day-closed") { at(22 * 60 + 5, "\(party) closes-day") }
    }

    /// What is done in a year of all parties at work.
    mutating func live() {
        watchTheGate()
        if calendar.isWorkingDay(date) { workAtTheDesk() }
        keepTheYear()
    }

    // MARK: When

    /// A line so many minutes after midnight, which may be on the next day.
    mutating func at(_ minutes: Int64, _ text: String) { lines.append((calendar.instant(date) + .minutes(minutes), text)) }

    /// So many minutes after midnight of this day, as a line writes it.
    func time(_ minutes: Int64) -> String { "\(date)T\(TimeOfDay(minutes: Int(minutes)))" }

    /// A line in working hours of the n-th working day after this one, 0 for this day itself.
    mutating func on(workingDay count: Int64, _ text: String) {
        var day = date
        for _ in 0..<count { day = calendar.workingDay(after: day) }
        lines.append((calendar.instant(day) + .minutes(8 * 60 + random.next(in: 0...500)), text))
    }

    /// A number of working days that is mostly at most so many, and sometimes a few more.
    mutating func days(atMost count: Int64, late: UInt64 = 8) -> Int64 {
        random.chance(1, of: late) ? count + random.next(in: 1...3) : random.next(in: 1...count)
    }

    /// Whether something happens that happens once in so many.
    mutating func once(in count: UInt64) -> Bool { random.chance(1, of: count) }

    /// One of these.
    mutating func one(of words: [String]) -> String { words[Int(random.next(in: 0...Int64(words.count - 1)))] }
}

extension Regulation {
    /// Who says a message where a story tells only what happens: whom the text names first among those that may. Nil where nobody may.
    func usualSender(of type: String) -> PartyID? { messageType(type)?.from.first }
}
