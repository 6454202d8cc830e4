import Regulation
import Values

/// One thing that a report says, and what on the ledger it rests on.
public struct Figure: Sendable, Hashable {
    /// The name by which it is traced: `incidents.notified.in-time`.
    public var id: String
    /// What it tells.
    public var label: Wording
    /// The value.
    public var value: Value
    /// What it rests on.
    public var support: Support
}

/// The messages and obligations behind a figure, by their ids, each once and in the order of the ledger.
public struct Support: Sendable, Hashable {
    /// Messages.
    public var events: [String]
    /// Obligations, as `phoihop explain` takes them.
    public var obligations: [String]

    /// What rests on these; ids given twice are kept once.
    public init(events: [String] = [], obligations: [String] = []) {
        func unique(_ ids: [String]) -> [String] {
            var seen: Set<String> = []
            return ids.filter { seen.insert($0).inserted }
        }
        (self.events, self.obligations) = (unique(events), unique(obligations))
    }

    /// Nothing on record.
    public static let none = Support()

    /// How many ids.
    public var count: Int { events.count + obligations.count }

    static func + (a: Support, b: Support) -> Support { Support(events: a.events + b.events, obligations: a.obligations + b.obligations) }
}

extension [Support] {
    /// All of them together.
    var joined: Support { Support(events: flatMap(\.events), obligations: flatMap(\.obligations)) }
}

/// The value of a figure.
public enum Value: Sendable, Hashable {
    /// So many.
    case count(Int)
    /// Time of operation, in minutes.
    case minutes(Int)
    /// How long something took.
    case span(Span)
    /// A moment.
    case instant(Instant)
    /// The last instant that is in time.
    case deadline(Instant)
    /// A day.
    case date(CivilDate)
    /// How a duty stands.
    case state(DutyState, DueRule.Basis)
    /// Words on record: the number of a document.
    case text(String)
    /// There is none, and why.
    case missing(Missing)

    /// Why there is no value.
    public enum Missing: String, Sendable {
        /// The ledger says nothing of it: nobody may read a nought into that.
        case noData = "no-data"
        /// The ledger has the case, and not this step of it.
        case notOnRecord = "not-on-record"
    }

    /// So many, or no data where there is nothing.
    static func counted(_ count: Int) -> Value { count == 0 ? .missing(.noData) : .count(count) }
}

/// How a duty stands in a report.
public enum DutyState: String, Sendable, CaseIterable {
    /// Done by its deadline, or where none is set.
    case inTime = "in-time"
    /// Done after its deadline.
    case late
    /// Its deadline has passed and nothing is on record.
    case overdue
    /// Its deadline had not come when the period, or the ledger, ended.
    case open
    /// Ended without the act: a false alarm, a merged case.
    case ended = "ended-otherwise"
}
