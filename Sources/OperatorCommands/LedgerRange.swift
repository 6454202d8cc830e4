import AgentKit
import Coordination
import Messages
import Values

/// A part of a ledger: from one record or time to another.
public struct LedgerRange: Sendable {
    /// Where it begins or ends.
    public enum Bound: Sendable, Hashable {
        /// A record by its number, from 1.
        case record(Int)
        /// A time by the coordinator's clock.
        case time(Instant)
    }

    /// The first that is in it; the ledger's beginning where nil.
    public var from: Bound?
    /// The last that is in it; the ledger's end where nil.
    public var to: Bound?

    /// The whole ledger.
    public static let whole = LedgerRange()

    private init() { (from, to) = (nil, nil) }

    /// Whether it is the whole ledger.
    public var isWhole: Bool { from == nil && to == nil }

    /// A range of the words of a command line: the number of a record, or a time.
    /// - Throws: usage, where one is neither, or the range ends before it begins.
    public init(from: String?, to: String?, _ phrases: TimePhrase) throws(Failure) {
        self.from = try LedgerRange.bound("from", from, phrases)
        self.to = try LedgerRange.bound("to", to, phrases)
        let isReversed =
            switch (self.from, self.to) {
            case (.record(let first), .record(let last)): last < first
            case (.time(let first), .time(let last)): last < first
            default: false
            }
        if isReversed { throw Failure(.usage, vi: "--to không được trước --from.", en: "--to must not lie before --from.") }
    }

    private static func bound(_ name: String, _ text: String?, _ phrases: TimePhrase) throws(Failure) -> Bound? {
        guard let text else { return nil }
        if let number = Int(text) {
            if number > 0 { return .record(number) }
            throw Failure(.usage, vi: "--\(name): bản ghi được đánh số từ 1.", en: "--\(name): records are numbered from 1.")
        }
        switch phrases.instant(text) {
        case .success(let instant): return .time(instant)
        case .failure(let error):
            throw Failure(.usage, vi: "--\(name): \(error.explanation.vi)", en: "--\(name): \(error.explanation.en)")
        }
    }
}

/// Takes a range out of a ledger, record by record. Only the coordinator's records tell the time: what a party said came in after the one before it and before the
/// one after it. So all is taken that may have come in within the range.
public struct LedgerExtract: Sendable {
    private let range: LedgerRange
    private var number = 0
    private var hasBegun: Bool
    /// What parties said since the coordinator's last record before the range.
    private var held: [LedgerLine] = []
    /// Whether the range is over.
    public private(set) var isOver = false

    /// The records of a range of a ledger that is read from its beginning.
    public init(_ range: LedgerRange) {
        self.range = range
        if case .time = range.from { hasBegun = false } else { hasBegun = true }
    }

    /// Takes in the next record; gives those that are now known to be in the range.
    public mutating func take(_ line: LedgerLine) -> [LedgerLine] {
        number += 1
        let time = line.carriage.userID == LedgerState.coordinator ? (try? JSON(parsing: line.body))?["time"]?.instant : nil
        switch range.to {
        case .record(let last) where number > last: isOver = true
        case .time(let last): if let time, time > last { isOver = true }
        default: break
        }
        if isOver { return [] }
        if case .record(let first) = range.from, number < first { return [] }
        if case .time(let first) = range.from, !hasBegun {
            guard let time else {
                held.append(line)
                return []
            }
            if time < first {
                held = []
                return []
            }
            hasBegun = true
            defer { held = [] }
            return held + [line]
        }
        return [line]
    }

    /// The ledger is at its end, or the range is over: gives what may be in it still.
    public mutating func finish() -> [LedgerLine] {
        defer { held = [] }
        return hasBegun ? [] : held
    }
}
