import Messages
import Regulation
import Values

/// A day, a month or a year as a story: who says what when, and what is expected of it. Written as text, a line each; `phoihop help simulate` tells the form.
public struct Scenario: Sendable {
    /// The first day and the last.
    public internal(set) var days: ClosedRange<CivilDate>
    /// The rules.
    public let regulation: Regulation
    /// From which seed messages are repeated and delayed and leaders replaced; nil: nothing of the kind happens.
    public var faultSeed: UInt64?
    /// From which seed the parties' everyday work is drawn, where it is.
    public internal(set) var workSeed: UInt64?
    /// Everyday work for which this text has words of another meaning, and so is left out: the line, and what is wrong with it there.
    var undone: [(text: String, why: Wording)] = []
    /// What is said and done, in the order of time.
    var acts: [Act] = []
    /// What is expected.
    var expectations: [Expectation] = []

    init(days: ClosedRange<CivilDate>, regulation: Regulation) { (self.days, self.regulation) = (days, regulation) }
}

/// One thing that happens.
struct Act: Sendable {
    enum What: Sendable {
        case says(Event, to: String)
        case stops(PartyID)
        case starts(PartyID)
        case replaced
        /// The coordinator puts another text of the regulation into force.
        case adopts(Regulation)
    }
    var at: Instant
    var what: What
}

/// Everything that is wrong with a scenario.
public struct ScenarioError: Error, Sendable, Hashable {
    /// A fault of one line, and what to write instead.
    public struct Problem: Sendable, Hashable {
        /// The line's number, from 1.
        public var line: Int
        /// What is wrong.
        public var text: Wording
    }
    /// The faults, in the order of the lines.
    public var problems: [Problem]
}
