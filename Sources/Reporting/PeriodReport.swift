import Coordination
import Regulation
import Values

/// The Department's report on half a year or a year, gathered from the ledger alone (articles 15.1 and 15.2): what was reported, what happened, how long it
/// took, and how the duties stand. Every figure carries the ids of what it rests on. Drills are left out.
public struct PeriodReport: Sendable {
    /// What it covers.
    public let period: ReportPeriod
    /// Whether the period is over as far as the ledger goes.
    public let isOver: Bool
    /// The first instant of the period that the ledger covers.
    public let from: Instant
    /// The last instant of the period that the ledger covers.
    public let upTo: Instant
    /// The time of the coordinator's first record.
    public let beganAt: Instant
    /// Up to when the ledger is known, beyond the period too: what was done late is told by this.
    public let knownTo: Instant
    /// The ledger's id.
    public let ledgerID: String?
    /// The text in force at the ledger's end.
    public let regulation: Regulation
    /// What it says.
    public let sections: [Section]
    /// What each record is whose id stands in a figure.
    public let entries: [String: LedgerReading.Entry]
    /// How each obligation stands whose id does.
    public let standings: [String: Standing]

    /// Draws up the report of a period from a ledger read to its end.
    /// - Throws: where the ledger holds no regulation, or nothing of the period.
    public init(_ period: ReportPeriod, from reading: LedgerReading) throws(ReportError) {
        guard let regulation = reading.state.regulation, let beganAt = reading.beganAt, let knownTo = reading.knownTo else {
            throw ReportError(text: Words.noRegulation)
        }
        let range = period.range(in: regulation.calendar)
        func day(_ instant: Instant) -> Wording { ReportText.both(regulation.calendar) { $0.date(regulation.calendar.local(instant).date) } }
        guard knownTo >= range.lowerBound else { throw ReportError(text: Words.endsBefore(day(knownTo))) }
        guard beganAt < range.upperBound else { throw ReportError(text: Words.beginsAfter(day(beganAt))) }
        let lastInstant = range.upperBound - Span(milliseconds: 1)
        (self.period, self.regulation, self.beganAt, self.knownTo, ledgerID) = (period, regulation, beganAt, knownTo, reading.state.ledgerID)
        (isOver, upTo, from) = (knownTo >= lastInstant, min(knownTo, lastInstant), max(beganAt, range.lowerBound))
        entries = reading.entries
        standings = Dictionary(uniqueKeysWithValues: reading.state.standings.map { ($0.id, $0) })
        let survey = Survey(reading, period: period, regulation: regulation, beganAt: beganAt, knownTo: knownTo)
        let typed = ReportRule.Section.allCases.compactMap { section in regulation.report.titles[section].flatMap { survey.section(section, $0) } }
        sections = [survey.scope()] + typed + [survey.duties(), survey.claimed()]
        let rows = sections.flatMap { section in section.blocks.flatMap(\.rows) }.filter { !$0.figures.isEmpty }
        references = rows.enumerated().map { index, row in Reference(number: index + 1, key: row.id, label: row.label, figures: row.figures) }
        byID = Dictionary(rows.flatMap(\.figures).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The numbers in the text, in order.
    public let references: [Reference]
    private let byID: [String: Figure]

    /// Every figure, in the order of the report.
    public var figures: [Figure] { references.flatMap(\.figures) }

    /// A number in the text and the figures that it stands for: one line of a table, or one fact.
    public struct Reference: Sendable, Hashable {
        /// From 1, in the order of the report.
        public var number: Int
        /// What the ids of its figures begin with.
        public var key: String
        /// What it is about.
        public var label: Wording
        /// The figures.
        public var figures: [Figure]
    }

    /// The type of message by which the officer publishes the report; nil where the text has none.
    public var consolidation: String? { regulation.report[.reportsConsolidated] }

    /// The figure of an id.
    public func figure(_ id: String) -> Figure? { byID[id] }
}

/// A part of a report.
public struct Section: Sendable, Hashable {
    /// What the ids of its figures begin with.
    public var id: String
    /// Its heading.
    public var title: Wording
    /// What it says, in order.
    public var blocks: [Block]
}

/// A piece of a section.
public enum Block: Sendable, Hashable {
    /// A remark.
    case note(Wording)
    /// Single figures, a line each.
    case facts([Row])
    /// A table.
    case table(ReportTable)
    /// A drawing of figures that stand in the table that follows.
    case chart(Chart)

    /// The lines that hold figures.
    var rows: [Row] {
        switch self {
        case .facts(let rows): rows
        case .table(let table): table.rows
        case .note, .chart: []
        }
    }
}

/// A table of a report.
public struct ReportTable: Sendable, Hashable {
    /// What it shows.
    public var caption: Wording
    /// The heads of the columns.
    public var heads: [Wording]
    /// The lines, each with as many cells as there are heads.
    public var rows: [Row]
    /// Whether lengths of time are written `1:05` instead of in words.
    public var isCompact = false
    /// What is to be known for reading it.
    public var note: Wording?
}

/// A line: of a table, or a fact of one figure.
public struct Row: Sendable, Hashable {
    /// What the ids of its figures begin with.
    public var id: String
    /// What it is about.
    public var label: Wording
    /// Its cells; of a fact, the one figure.
    public var cells: [Cell]
    /// Whether it sums up the others.
    public var isTotal = false

    /// The figures among its cells.
    public var figures: [Figure] { cells.compactMap { if case .figure(let figure) = $0 { figure } else { nil } } }
}

/// A cell of a line.
public enum Cell: Sendable, Hashable {
    /// Words.
    case text(Wording)
    /// A figure.
    case figure(Figure)
}
