import Regulation
import Values

/// A drawing of figures. The same figures stand in a table or in facts beside it.
public enum Chart: Sendable, Hashable {
    /// Hours of operation, a column a month, against what is asked for.
    case hours(HoursChart)
    /// How long each stage took, on a scale that shows minutes and days.
    case stages(StagesChart)
    /// How duties stand, a bar a party.
    case stacked(StackedChart)
}

/// Hours of operation by month.
public struct HoursChart: Sendable, Hashable {
    /// A month.
    public struct Month: Sendable, Hashable {
        /// Its name.
        public var label: Wording
        /// The minutes on record; nil where nothing is.
        public var minutes: Int?
        /// The minutes asked for in the days that are over.
        public var required: Int
        /// How many of those days have no record.
        public var daysWithoutRecord: Int
    }
    /// What it shows.
    public var title: Wording
    /// The months, in order.
    public var months: [Month]
}

/// Median and longest time of each stage.
public struct StagesChart: Sendable, Hashable {
    /// A stage.
    public struct Stage: Sendable, Hashable {
        /// Its name.
        public var label: Wording
        /// The middle of the times; nil where no case came to it.
        public var median: Span?
        /// The longest.
        public var worst: Span?
    }
    /// What it shows.
    public var title: Wording
    /// The stages, in order.
    public var stages: [Stage]
    /// A time to be marked: the law's hour; nil where none is the same for all.
    public var limit: Span?
}

/// How duties stand, a bar each.
public struct StackedChart: Sendable, Hashable {
    /// A piece of a bar.
    public struct Part: Sendable, Hashable {
        /// How these stand.
        public var state: DutyState
        /// How many.
        public var count: Int
    }
    /// A bar.
    public struct Bar: Sendable, Hashable {
        /// Whose it is.
        public var label: Wording
        /// Its pieces.
        public var parts: [Part]
        /// How long it is.
        public var total: Int { parts.reduce(0) { $0 + $1.count } }
    }
    /// What it shows.
    public var title: Wording
    /// What is counted.
    public var unit: Wording
    /// Whether it is about deadlines of the law or marks of ours, which are not worded alike.
    public var basis: DueRule.Basis
    /// The bars, in order.
    public var bars: [Bar]
}
