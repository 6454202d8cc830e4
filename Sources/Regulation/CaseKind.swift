import Values

/// A kind of case: an incident, a piece of feedback, a budget. It gives its cases their names and says what begins, continues and ends one.
public struct CaseKind: Sendable, Hashable {
    /// `incident`.
    public var id: String
    /// The letters before the names of its cases, `SC` for *sự cố*. No other kind has them.
    public var prefix: String
    /// What it is called.
    public var name: Wording
    /// Types that begin a case, which gets a name.
    public var begins: [String]
    /// Types that are said by themselves, under a name or without one.
    public var alone: [String]
    /// Types that continue a case, and must name it.
    public var continues: [String]
    /// Types that end a case, and must name it.
    public var ends: [String]
    /// Of the types that continue one, those that begin one where none is known, or where a drill goes by that name: who must tell tells first.
    public var mayBegin: [String] = []
    /// When what is said under a name that nobody knows may mean an open case; nil: never.
    public var near: Nearness?
    /// What moves, ends or excuses what is owed, and so counts only as far as it does not serve who says it.
    public var claims: [ClaimRule] = []
    /// The steps of such a case, the first one first. A kind with stages is told in `status` as long as a case of it is open.
    public var stages: [Stage] = []

    /// How far a case has come once something was said of it.
    public struct Stage: Sendable, Hashable {
        /// The message type, noun and verb.
        public var type: String
        /// `notified`; the wording `state-notified` says it in words.
        public var name: String
    }

    /// How far a case has come of which messages of some types were said; nil where it has not begun.
    public func stage(where isSaid: (_ type: String) -> Bool) -> String? { stages.last { isSaid($0.type) }?.name }
    /// Whether the course of its cases is told.
    public var isFollowed: Bool { !stages.isEmpty }
    /// The types that end a case for good: a merge lets it go on in another.
    public var finalEnds: [String] { ends.filter { type in !claims.contains { $0.type == type && $0.into != nil } } }

    /// What a message does to a case.
    public enum Part: Sendable, Hashable {
        /// It begins one.
        case begins
        /// It stands by itself.
        case alone
        /// It continues one.
        case continues
        /// It ends one.
        case ends
    }

    /// What messages of a type do to a case of this kind; nil where they have nothing to do with it.
    public func part(of type: String) -> Part? {
        if begins.contains(type) { return .begins }
        if alone.contains(type) { return .alone }
        if ends.contains(type) { return .ends }
        return continues.contains(type) ? .continues : nil
    }
}

/// A type of message that may move, end or excuse what is owed in a case, and when whoever says it needs nobody's word.
///
/// What a party says against itself counts at once, and so does what who is owed says in the obligor's favour; all else waits for the word of the other side.
public struct ClaimRule: Sendable, Hashable {
    /// Noun and verb.
    public var type: String
    /// Within so long after a message, who said it puts a slip in it right alone: once a case, before anybody else has said anything. Zero: never.
    public var slip: Span = .zero
    /// Who alone found a case of which this is said may say it alone before the deadline; nil: never.
    public var alone: [Condition]?
    /// Whether it ends a case, which needs the word of whoever else found it.
    public var endsCase = false
    /// The member that names the case into which this one goes; nil where it is no merge.
    public var into: FieldPath?
    /// When a case that it ended goes on all the same, since its device does not work; nil: never.
    public var reopens: Reopening?
    /// The members of another message that it puts right, the message being named by `corrects`; nil where it is no correction.
    public var corrects: [String]?
    /// The members by which it sets a date for what is owed, `data.resolveBy`. Of such a message only these are the claim, each for the duties that go by it.
    public var dates: [FieldPath]?
    /// An earlier date counts without the obligor's word where it leaves so long. Nil: never.
    public var ahead: Span?

    /// How a notice says what became of a case that such a message ended: `merged` or `dismissed`, a part of the names of wordings.
    public var ending: String? { into != nil ? "merged" : endsCase ? "dismissed" : nil }
}

extension ClaimRule {
    /// A rule that leaves nothing to whoever says it.
    public init(type: String) { self.type = type }
}

/// When two messages may be about one case.
public struct Nearness: Sendable, Hashable {
    /// They name the same thing here, as a device,
    public var same: FieldPath
    /// or the same kind here,
    public var kind: FieldPath
    /// and times here
    public var at: FieldPath
    /// that are no further apart.
    public var within: Span
}

/// When a case goes on that somebody said is none: a monitor still finds its device down.
public struct Reopening: Sendable, Hashable {
    /// The device is down so long after that was said,
    public var after: Span
    /// or is down again within so long,
    public var within: Span
    /// without having worked for so long in between.
    public var good: Span
}

extension Regulation {
    /// The rule for claims of a type; nil where messages of it are none.
    public func claimRule(of type: String) -> ClaimRule? {
        for kind in caseKinds { if let rule = kind.claims.first(where: { $0.type == type }) { return rule } }
        return nil
    }

    /// Whether messages of a type are about cases whose course is told.
    public func isFollowed(_ type: String) -> Bool { caseKind(of: type)?.kind.isFollowed == true }

    /// The kind of case that messages of a type are about, and what they do to it; the first kind that names the type where several do. Nil for what
    /// belongs to no case: readings, the day's routine, receipts.
    public func caseKind(of type: String) -> (kind: CaseKind, part: CaseKind.Part)? {
        for kind in caseKinds { if let part = kind.part(of: type) { return (kind, part) } }
        return nil
    }
}
