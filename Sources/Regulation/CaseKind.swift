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

extension Regulation {
    /// The kind of case that messages of a type are about, and what they do to it; the first kind that names the type where several do. Nil for what
    /// belongs to no case: readings, the day's routine, receipts.
    public func caseKind(of type: String) -> (kind: CaseKind, part: CaseKind.Part)? {
        for kind in caseKinds { if let part = kind.part(of: type) { return (kind, part) } }
        return nil
    }
}
