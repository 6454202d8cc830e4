import Regulation
import Schemas
import Values

/// How far a regulation's duties are covered: each with who says what to whom, and the scenarios in which it is met and in which it goes overdue.
public struct Coverage: Sendable {
    /// A scenario that was played, by its file's name.
    public struct Story: Sendable {
        /// The file's name.
        public var name: String
        /// Whether all came as it expects. One that does not shows nothing.
        public var isAsExpected: Bool
        /// What it shows of each duty, and by how many expectations.
        public var shown: [String: [Shown: Int]]

        /// What a performance shows, by its expectations that name a duty and came true.
        public init(_ name: String, _ performance: Performance) {
            self.name = name
            isAsExpected = performance.isAsExpected
            shown = [:]
            for result in performance.results {
                if let duty = result.expectation.duty, let what = result.shows { shown[duty.id, default: [:]][what, default: 0] += 1 }
            }
        }
    }

    /// Something that a duty lacks.
    public enum Gap: Sendable, Hashable {
        /// Its title, or the wording of this name, is not there in both languages.
        case unworded(String)
        /// No message and no day opens it.
        case noOpening
        /// No message fulfils it that anyone could say.
        case noAct
        /// A message type has no schema, and so cannot be said.
        case noSchema(String)
        /// This party may owe it, and may say nothing that fulfils it.
        case cannotSay(PartyID)
        /// The message does not reach all to whom the duty is owed.
        case unreached(String)
        /// It is said to be due by law, and no term is given.
        case noTerm
        /// No scenario shows this.
        case notShown(Shown)
    }

    /// One duty.
    public struct Row: Sendable {
        /// The duty.
        public var duty: Duty
        /// Where the messages that fulfil it go, beside the ledger, whoever is owed in the case.
        public var recipients: [PartyID]
        /// The scenarios that show it; the one that tells most of it first.
        public var stories: [Shown: [String]]
        /// What it lacks.
        public var gaps: [Gap]

        /// What scenarios must show: that it is met, and that it goes overdue or, where nothing is due, that it is awaited.
        public var wanted: [Shown] { [.met, duty.due.cases.isEmpty ? .awaited : .overdue] }
    }

    /// The duties, in the regulation's order.
    public let rows: [Row]
    /// The scenarios that did not come as they expect.
    public let failed: [String]
    /// Whether no row has a gap and every scenario came as it expects.
    public var isComplete: Bool { failed.isEmpty && rows.allSatisfy(\.gaps.isEmpty) }

    /// What these stories show of a regulation's duties.
    public init(of regulation: Regulation, shownBy stories: [Story]) {
        failed = stories.filter { !$0.isAsExpected }.map(\.name).sorted()
        let stories = stories.filter(\.isAsExpected)
        rows = regulation.duties.map { duty in
            var row = Row(duty: duty, recipients: Coverage.recipients(of: duty, regulation), stories: [:], gaps: Coverage.gaps(in: duty, regulation))
            for shown in Shown.allCases {
                let telling = stories.compactMap { story in story.shown[duty.id]?[shown].map { (count: $0, others: story.shown.count, name: story.name) } }
                let names = telling.sorted { (-$0.count, $0.others, $0.name) < (-$1.count, $1.others, $1.name) }.map(\.name)
                if !names.isEmpty { row.stories[shown] = names }
            }
            row.gaps += row.wanted.filter { row.stories[$0] == nil }.map { .notShown($0) }
            return row
        }
    }

    // MARK: Routes

    /// The parties that may come to owe a duty.
    private static func obligors(of duty: Duty, _ regulation: Regulation) -> [PartyID] {
        // Whom a message names is for its sender to choose, among those that can act.
        let able = regulation.parties.filter { $0.role != .system }.map(\.id).filter { party in duty.fulfilledBy.contains { say($0, party, regulation) } }
        switch duty.each {
        case .of(let parties): return parties
        case .named, .answering: return able
        case nil:
            return duty.obligors.flatMap { rule -> [PartyID] in
                if let party = rule.party { return [party] }
                guard let type = rule.senderOf, case .messages(let matchers) = duty.opening else { return able }
                guard let opening = matchers.first(where: { $0.type == type }) else { return able }
                return opening.from.isEmpty ? regulation.messageType(type)?.from ?? [] : opening.from
            }
        }
    }

    private static func say(_ matcher: Matcher, _ party: PartyID, _ regulation: Regulation) -> Bool {
        (matcher.from.isEmpty || matcher.from.contains(party)) && regulation.messageType(matcher.type)?.from.contains(party) == true
    }

    private static func recipients(of duty: Duty, _ regulation: Regulation) -> [PartyID] {
        let obligors = obligors(of: duty, regulation)
        var seen = Set(obligors.count == 1 ? obligors : [])
        let acts = duty.fulfilledBy.filter { matcher in obligors.contains { say(matcher, $0, regulation) } }
        return acts.flatMap { regulation.messageType($0.type)?.to ?? [] }.filter { seen.insert($0).inserted }
    }

    // MARK: Gaps

    private static func gaps(in duty: Duty, _ regulation: Regulation) -> [Gap] {
        var gaps: [Gap] = []
        func isWorded(_ wording: Wording?) -> Bool { wording.map { !$0.vi.isEmpty && !$0.en.isEmpty && $0.vi != $0.en } ?? false }
        if !isWorded(duty.title) { gaps.append(.unworded("title")) }
        for name in Set(duty.ladder.map(\.wording)).sorted() where !isWorded(regulation.wordings[name]) { gaps.append(.unworded(name)) }
        if case .messages(let matchers) = duty.opening, matchers.isEmpty { gaps.append(.noOpening) }
        let obligors = obligors(of: duty, regulation)
        if duty.fulfilledBy.isEmpty || obligors.isEmpty { gaps.append(.noAct) }
        for type in duty.types.sorted() where regulation.schema(of: type) == nil { gaps.append(.noSchema(type)) }
        for party in obligors where !duty.fulfilledBy.contains(where: { say($0, party, regulation) }) { gaps.append(.cannotSay(party)) }
        for matcher in duty.fulfilledBy where !reaches(matcher, duty.addressees, regulation) { gaps.append(.unreached(matcher.type)) }
        if duty.due.basis == .law, duty.due.cases.isEmpty || duty.article == "ours" { gaps.append(.noTerm) }
        return gaps
    }

    private static func reaches(_ matcher: Matcher, _ addressees: [Addressee], _ regulation: Regulation) -> Bool {
        guard let type = regulation.messageType(matcher.type) else { return false }
        return type.isAddressable
            || addressees.allSatisfy { addressee in
                // What the addressee says itself it knows.
                addressee.party.map { type.to.contains($0) || type.from == [$0] || matcher.from == [$0] } ?? false
            }
    }
}
