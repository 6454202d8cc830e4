import Messages
import Regulation
import Values

/// What is open in a state, in the order in which it is told: obligations by deadline, so that the longest overdue come first, and incidents by when they
/// occurred. Made once for a state, it answers "status" page after page, each below a number of bytes; only what is on a page is put into words.
public struct StatusBoard: Sendable {
    /// What a question for a page asks for.
    public struct Request: Sendable, Hashable {
        /// Only what this party owes, and the incidents that it is about.
        public var party: PartyID?
        /// How many of each list at most.
        public var atMost: Int?
        /// Where the page before ended: its "next".
        public var from: Cursor?

        /// A request for a first page of all.
        public init(party: PartyID? = nil, atMost: Int? = nil, from: Cursor? = nil) { (self.party, self.atMost, self.from) = (party, atMost, from) }

        /// Reads a question. Nil where what it says besides "ask" cannot be meant.
        public init?(_ question: JSON) {
            if let value = question["party"] {
                guard let party = value.string, party.utf8.count <= StatusBoard.longestName else { return nil }
                self.party = party
            }
            if let value = question["atMost"] {
                guard let count = value.int, count >= 0 else { return nil }
                atMost = Int(clamping: count)
            }
            if let value = question["from"] {
                guard let cursor = Cursor(value) else { return nil }
                from = cursor
            }
        }
    }

    /// Where a page ended, in both lists.
    public struct Cursor: Sendable, Hashable {
        enum Place: Sendable, Hashable {
            case beginning
            case after(Key)
            case end
        }
        var obligations: Place
        var incidents: Place

        init(obligations: Place, incidents: Place) { (self.obligations, self.incidents) = (obligations, incidents) }

        init?(_ json: JSON) {
            guard json.object != nil, let obligations = Place(json["obligations"]), let incidents = Place(json["incidents"]) else { return nil }
            (self.obligations, self.incidents) = (obligations, incidents)
        }

        var json: JSON { .compact(["obligations": obligations.json, "incidents": incidents.json]) }
    }

    /// The place of an item in its list: by time, what has none last, then by name.
    struct Key: Sendable, Hashable, Comparable {
        var milliseconds: Int64
        var name: String

        init(_ instant: Instant?, _ name: String) { (milliseconds, self.name) = (instant?.milliseconds ?? .max, name) }

        static func < (a: Key, b: Key) -> Bool { (a.milliseconds, a.name) < (b.milliseconds, b.name) }
    }

    /// Answers have at most so many bytes: the broker takes 262,144.
    public static let maximumBytes = 192 * 1024
    /// What the counts, the agents and the rest of the head may take of these.
    private static let headBytes = 24 * 1024
    /// What one item may have of them: the regulation in force may give a duty a title of any length.
    private static let longestItem = 16 * 1024
    /// The longest name a question may give.
    static let longestName = 255

    private let state: LedgerState
    private let open: [Key]
    private let incidents: [Key]

    /// The board of a state.
    public init(_ state: LedgerState) {
        self.state = state
        open = state.obligations.values.compactMap { $0.isOpen ? Key($0.deadline, $0.id) : nil }.sorted()
        incidents = state.cases.keys.compactMap { subject in
            state.openIncident(subject).map { Key($0.standing.fact(FieldPath("data.occurredAt"))?.instant, subject) }
        }.sorted()
    }

    /// How many records the state of this board has read.
    public var recordCount: Int { state.recordCount }

    /// A page. `about` are further members, which the state does not know; they should be short.
    public func page(_ request: Request, asOf now: Instant, about: JSONObject = JSONObject(), limit: Int = maximumBytes) -> JSON {
        let offset = state.regulation?.calendar.offset ?? .zero
        let mine = request.party.map { party in open.filter { state.obligations[$0.name]?.obligor == party } } ?? open
        let subjects = request.party == nil ? nil : Set(mine.compactMap { state.obligations[$0.name].map { state.root(of: $0.key) } })
        let cases = subjects.map { subjects in incidents.filter { subjects.contains($0.name) } } ?? incidents
        let cursor = request.from ?? Cursor(obligations: .beginning, incidents: .beginning)
        let room = limit - StatusBoard.headBytes
        // Of a page that tells of both lists, two thirds go to what is owed.
        let share = cursor.incidents == .end || cases.isEmpty ? room : room / 3 * 2
        let owed = StatusBoard.fill(mine, from: cursor.obligations, atMost: request.atMost, bytes: share) { key in
            state.obligations[key.name].map { state.summary(of: $0, asOf: now) }
        }
        let going = StatusBoard.fill(cases, from: cursor.incidents, atMost: request.atMost, bytes: room - owed.bytes) { state.describe(incident: $0.name) }
        let isComplete = owed.place == .end && going.place == .end
        var page: JSONObject = [
            "asOf": JSON(now, offset: offset), "leader": state.election.map { .string($0.instance) } ?? nil,
            "ledger": .compact([
                "id": state.ledgerID.map { .string($0) }, "records": .int(Int64(state.recordCount)), "refused": .int(Int64(state.refusedCount)),
            ]),
            "counts": [
                "obligations": .int(Int64(mine.count)), "overdue": .int(Int64(mine.prefix { $0.milliseconds < now.milliseconds }.count)),
                "incidents": .int(Int64(cases.count)),
            ],
            "complete": .bool(isComplete && request.from == nil),
            "obligations": .array(owed.items), "incidents": .array(going.items),
            "agents": .array(
                state.silentSince.keys.sorted().map {
                    ["party": .string($0), "lastSeenAt": state.silentSince[$0].map { JSON($0, offset: offset) } ?? nil, "silent": true]
                }),
        ]
        page["gaps"] = state.gapSummary
        if !state.phones.isEmpty {
            page["phones"] = .object(JSONObject(members: state.phones.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .string($0.value)) }))
        }
        if !isComplete { page["next"] = Cursor(obligations: owed.place, incidents: going.place).json }
        for member in about.members { page[member.key] = member.value }
        return .object(page)
    }

    /// Takes items from a list as long as there is room for them. Of one that is too long by itself only the name is told.
    private static func fill(
        _ keys: [Key], from place: Cursor.Place, atMost: Int?, bytes: Int, _ tell: (Key) -> JSON?
    ) -> (items: [JSON], bytes: Int, place: Cursor.Place) {
        var items: [JSON] = []
        var used = 0
        var index =
            switch place {
            case .beginning: keys.startIndex
            case .after(let key): keys.firstIndex(after: key)
            case .end: keys.endIndex
            }
        while index < keys.endIndex, items.count < atMost ?? .max {
            if var item = tell(keys[index]) {
                if item.bytes.count > longestItem { item = ["id": .string(keys[index].name), "subject": .string(keys[index].name), "cut": true] }
                let size = item.bytes.count + 1
                guard used + size <= bytes else { break }
                used += size
                items.append(item)
            }
            index += 1
        }
        let end: Cursor.Place = index == keys.endIndex ? .end : index == keys.startIndex ? .beginning : .after(keys[index - 1])
        return (items, used, end)
    }
}

extension StatusBoard.Cursor.Place {
    fileprivate init?(_ json: JSON?) {
        switch json {
        case nil, .null: self = .beginning
        case .bool(true): self = .end
        case let json?:
            guard let name = json["after"]?.string, name.utf8.count <= StatusBoard.longestName else { return nil }
            guard let at = json["at"] else {
                self = .after(StatusBoard.Key(nil, name))
                return
            }
            guard let milliseconds = at.int else { return nil }
            self = .after(StatusBoard.Key(Instant(milliseconds: milliseconds), name))
        }
    }

    fileprivate var json: JSON? {
        switch self {
        case .beginning: nil
        case .end: true
        case .after(let key): .compact(["at": key.milliseconds == .max ? nil : .int(key.milliseconds), "after": .string(key.name)])
        }
    }
}

extension [StatusBoard.Key] {
    /// The first index whose key comes after another.
    fileprivate func firstIndex(after key: StatusBoard.Key) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] <= key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension LedgerState {
    private var offset: Span { regulation?.calendar.offset ?? .zero }

    /// The first page of the answer to "status".
    public func status(asOf now: Instant) -> JSON { StatusBoard(self).page(StatusBoard.Request(), asOf: now) }

    fileprivate func summary(of obligation: Obligation, asOf now: Instant) -> JSON {
        let isOverdue = obligation.deadline.map { now > $0 } ?? false
        let waiting = obligation.claims.count { $0.state == .waits && $0.asks }
        let isPlanned = obligation.heldBy.map { now < $0.until } ?? false
        return .compact([
            "id": .string(obligation.id), "duty": .string(obligation.duty.id), "title": obligation.duty.title.json, "article": .string(obligation.duty.article),
            "basis": .string(obligation.duty.due.basis.rawValue), "obligor": .string(obligation.obligor),
            "addressee": obligation.addressees.first.map { .string($0) },
            "subject": .string(obligation.subject), "case": obligation.title.map { .string(LedgerState.brief($0, 80)) },
            "startedAt": JSON(obligation.startsAt, offset: offset),
            "deadline": obligation.deadline.map { JSON($0, offset: offset) }, "state": isPlanned ? "planned" : isOverdue ? "overdue" : "open",
            "next": next(obligation), "claimed": waiting == 0 ? nil : .int(Int64(waiting)), "confirms": claimed(obligation),
            "explained": obligation.explanations.isEmpty ? nil : true, "exercise": .bool(obligation.exercise),
        ])
    }

    /// The claim or the call that an obligation is to answer.
    private func claimed(_ obligation: Obligation) -> JSON? {
        guard case .claims = obligation.duty.opening, let event = obligation.openedBy else { return nil }
        return .compact([
            "id": .string(event.id), "type": .string(event.type), "by": .string(event.sender), "at": JSON(event.time, offset: offset),
            "reason": (event.data["reason"] ?? event.data["summary"])?.string.map { .string(LedgerState.brief($0, 120)) },
        ])
    }

    /// The next step of an obligation's ladder.
    func next(_ obligation: Obligation) -> JSON? {
        reached.flatMap { obligation.nextStep(after: $0) }.map { ["rung": .string($0.name), "at": JSON($0.at, offset: offset)] }
    }

    /// What stands of a case whose course is told and that is neither over nor merged, and its kind; nil where a subject is none.
    fileprivate func openIncident(_ subject: String) -> (standing: [Evidence], kind: CaseKind)? {
        guard root(of: subject) == subject, let item = cases[subject], item.isFollowed else { return nil }
        let standing = corrected(item.evidence, of: subject).filter { !$0.isWithdrawn }
        guard let kind = standing.lazy.compactMap({ item in self.rules?[item.event.type]?.kind }).first(where: \.isFollowed) else { return nil }
        return standing.contains { kind.finalEnds.contains($0.event.type) } ? nil : (standing, kind)
    }

    fileprivate func describe(incident subject: String) -> JSON? {
        guard let (standing, kind) = openIncident(subject) else { return nil }
        func fact(_ name: String) -> JSON? {
            standing.fact(FieldPath("data." + name)).map { value in value.string.map { .string(LedgerState.brief($0, 200)) } ?? value }
        }
        return .compact([
            "subject": .string(subject), "title": fact("title"), "kind": fact("kind"), "occurredAt": fact("occurredAt"), "device": fact("device"),
            "state": kind.stage { type in standing.contains { $0.event.type == type } }.map { .string($0) },
            "exercise": .bool(isDrill(subject) ?? false),
        ])
    }

    /// A text that others wrote, at most so long that a page has room for many.
    private static func brief(_ text: String, _ most: Int) -> String {
        let scalars = text.unicodeScalars
        guard scalars.index(scalars.startIndex, offsetBy: most, limitedBy: scalars.endIndex) ?? scalars.endIndex != scalars.endIndex else { return text }
        return String(String.UnicodeScalarView(scalars.prefix(most - 1))) + "…"
    }
}
