import Messages
import Regulation
import Values

/// The last cases that each party began, by what they are about: where somebody tells of something under a name that nobody knows, they may have meant one of these.
struct NearbyCases: Sendable {
    /// How many of each party are remembered.
    private static let remembered = 32

    private struct Begun: Sendable {
        var key: String
        /// What the case is about: its device, and its kind.
        var things: [String]
    }
    private var begun: [PartyID: [Begun]] = [:]

    /// Their names.
    var names: [String] { begun.values.flatMap { $0.map(\.key) }.sorted() }

    /// Notes that a case was begun.
    mutating func note(_ key: String, begunBy event: Event, _ rule: Nearness) {
        if begun[event.sender]?.contains(where: { $0.key == key }) == true { return }
        begun[event.sender, default: []].append(Begun(key: key, things: rule.things(of: event)))
        if begun[event.sender, default: []].count > NearbyCases.remembered { begun[event.sender]?.removeFirst() }
    }

    /// The cases about the same device, or of the same kind, by their names.
    func cases(like event: Event, _ rule: Nearness) -> [String] {
        let things = rule.things(of: event)
        return begun.values.flatMap { known in known.filter { $0.things.contains(where: things.contains) }.map(\.key) }.sorted()
    }

    /// Forgets a case for which nothing more can be meant.
    mutating func forget(_ key: String) { for party in begun.keys { begun[party]?.removeAll { $0.key == key } } }

    /// What a later reading depends on.
    var record: JSON {
        let parties = begun.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        return .object(
            JSONObject(
                members: parties.map { party, known in
                    .init(key: party, value: .array(known.map { ["case": .string($0.key), "things": .array($0.things.map { .string($0) })] }))
                }))
    }
}

extension Nearness {
    /// What a message is about: its device, and its kind.
    fileprivate func things(of event: Event) -> [String] {
        [event[same].map { "\(same) \($0.text)" }, event[kind].map { "\(kind) \($0.text)" }].compactMap(\.self)
    }

    /// Whether two messages may be about one thing: the same device, or the same kind at nearly the same time.
    fileprivate func holds(_ event: Event, _ other: Event) -> Bool {
        if let thing = event[same], thing == other[same] { return true }
        guard let kind = event[kind], kind == other[self.kind], let at = event[at]?.instant, let other = other[self.at]?.instant else { return false }
        return abs((at - other).milliseconds) <= within.milliseconds
    }
}

extension LedgerState {
    /// Lets a message under a name that nobody knew count, for the time being, in the cases near it that await such a message (duties, reading 19).
    mutating func countNearby(_ item: Evidence, _ type: TypeRules, _ rules: Rules) {
        guard let rule = type.kind?.near else { return }
        let subject = item.event.subject ?? item.event.id
        for name in nearby.cases(like: item.event, rule) {
            let key = root(of: name)
            let isAwaited = cases[key]?.obligations.contains { obligations[$0]?.awaits(item.event) == true } ?? false
            guard isAwaited else {
                nearby.forget(name)
                continue
            }
            guard key != root(of: subject), let beginning = cases[key]?.evidence.beginning(rules), beginning.event.exercise == item.event.exercise,
                rule.holds(item.event, beginning.event), cases[key]?.evidence.contains(where: { $0.event.id == item.event.id }) == false
            else { continue }
            var copy = item
            copy.isOfSubject = false
            append(copy, to: key)
            otherCases[item.event.id] = Set(otherCases[item.event.id] ?? []).union([key]).sorted()
            stale.insert(key)
        }
    }
}

// MARK: Names that nobody knows

extension LedgerState {
    /// How long what continues a case may wait for what begins it before its sender is told that there is none: they may come by different ways.
    static let beginningSpan = Span.seconds(30)

    /// A message that continues a case which nobody began.
    struct Stray: Sendable {
        var event: Event
        var subject: String
    }

    /// Whether nothing was said yet by which the case of a name begins.
    private func isUnbegun(_ subject: String, _ rules: Rules) -> Bool {
        cases[subject]?.evidence.allSatisfy { !$0.isOfSubject || rules[$0.event.type]?.needsCase == true } ?? true
    }

    /// Lets a message that continues a case nobody began wait for its beginning. It is kept, and counts once the case has begun.
    mutating func awaitBeginning(_ item: Evidence, _ rules: Rules) {
        guard let subject = item.event.subject, isUnbegun(subject, rules) else { return }
        strays[item.event.id] = Stray(event: item.event, subject: subject)
        wakes.insert(.stray(item.event.id), at: item.arrivedAt + options.stretched(LedgerState.beginningSpan))
    }

    /// Tells the sender of such a message that its case has not begun, and which is near by its name.
    mutating func tellStray(_ id: String) {
        guard let stray = strays.removeValue(forKey: id), let rules, isUnbegun(stray.subject, rules) else { return }
        let refusal = Refusal.noCase(stray.subject, near: nearest(to: stray.subject, in: nearby.names)).naming(stray.event)
        tell(Refused(refusal, body: stray.event.encoded(offset: rules.regulation.calendar.offset), routingKey: stray.subject), to: stray.event.sender)
    }
}

extension Refusal {
    fileprivate static func noCase(_ subject: String, near: String?) -> Refusal {
        let subject = excerpt(subject)
        return Refusal(
            Wording(
                vi: "chưa có ai mở vụ việc “\(subject)”; tin được giữ, chưa tính",
                en: "nobody has begun a case “\(subject)”; it is kept, and does not count yet"),
            remedy: Wording(
                vi: near.map { "kiểm tra mã: có phải \($0)? Nếu phải, gửi lại dưới mã đó" } ?? "kiểm tra mã bằng lệnh phoihop status",
                en: near.map { "check the name: did you mean \($0)? If so, say it again under that" } ?? "check the name with: phoihop status"))
    }
}

extension Obligation {
    /// Whether it is open, and a message is one by which it would be done.
    fileprivate func awaits(_ event: Event) -> Bool {
        isOpen && duty.fulfilledBy.contains { $0.citing == nil && $0.matches(event, obligor: obligor) }
    }

    /// Whether a message was said under another name, and counts here for the time being.
    func isNearby(_ item: Evidence) -> Bool {
        guard case .messages = duty.opening else { return false }
        return !item.isOfSubject && (item.event.subject ?? item.event.id) != key && rules[item.event.type].map { $0.mayBegin && $0.kind?.near != nil } == true
    }

    /// What was said under another name and fulfils the duty, until who owes it or who is owed says that it meant something else.
    mutating func nearbyActs(_ nearby: [Evidence], _ standing: [Evidence], _ circumstances: Circumstances) -> [Act.Done] {
        var acts: [Act.Done] = []
        for item in nearby {
            for matcher in duty.fulfilledBy where matcher.citing == nil && matcher.matches(item.event, obligor: obligor) {
                guard case .counts(let at, let course) = act(item, matcher, standing, circumstances.receipts), !isDenied(item, standing) else { continue }
                acts.append((at, item, course + [Step(name: Obligation.nearbyStep, at: at)]))
            }
        }
        return acts
    }

    /// Whether one of the two says that a message meant something else; notes that who is owed is asked, and what was said of it.
    private mutating func isDenied(_ item: Evidence, _ standing: [Evidence]) -> Bool {
        let answers = standing.answers(to: item, by: addressees + [obligor], rules, calendar)
        let isDenied = answers.contains { !$0.isYes }
        if !calls.contains(where: { $0.id == item.event.id }) {
            var call = Claim(item, .call, isDenied ? .denied : answers.isEmpty ? .waits : .counts)
            (call.answerers, call.answers, call.nearby) = (addressees, answers, key)
            calls.append(call)
        }
        return isDenied
    }

    /// The step that says when it was told under another name.
    private static let nearbyStep = "nearby"

    /// The name under which it was told, where that is another and nobody has said yet that it is meant.
    var toldNearby: String? {
        guard case .fulfilled(_, let by, _) = outcome, calls.contains(where: { $0.id == by.id && $0.nearby != nil && $0.state == .waits }) else { return nil }
        return by.subject
    }
}
