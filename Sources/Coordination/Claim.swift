import Messages
import Regulation
import Values

/// What a message that moves, ends or excuses what is owed does to one obligation, and whether it counts there (duties, reading 11): what a party says against
/// itself counts at once, and what who is owed says in the obligor's favour; all else waits for the other side's word.
public struct Claim: Sendable, Hashable {
    /// What comes of an obligation by it.
    public enum Effect: String, Sendable {
        /// Nothing.
        case nothing
        /// The obligor is better off.
        case favours
        /// The obligor is worse off.
        case burdens
        /// Another owes it.
        case moves
        /// It is no claim but a call that was entered, or what was entered for another.
        case call
    }
    /// Whether it counts.
    public enum State: String, Sendable, CaseIterable {
        /// It does.
        case counts
        /// It waits for somebody's word.
        case waits
        /// The other side says no.
        case denied
        /// It was taken back.
        case takenBack = "taken-back"
    }

    /// The message's id.
    public var id: String
    /// Noun and verb.
    public var type: String
    /// Who claims.
    public var sender: PartyID
    /// The officer who answers for it, where it names one.
    public var officer: String?
    /// When it came in.
    public var at: Instant
    /// What comes of the obligation by it.
    public var effect: Effect
    /// Whether it counts.
    public var state: State
    /// Whose word it waits for, or waited for.
    public var answerers: [PartyID] = []
    /// Whether one of these is enough; otherwise all must agree.
    public var isOneEnough = true
    /// The last answer of each who was asked.
    public var answers: [Answer] = []
    /// What the deadline would be if it were otherwise with the claim; nil where there would be none.
    public var deadlineOtherwise: Instant?
    /// The case for which it counts though it was said under another name; nil for all else.
    var nearby: String?
    /// Whether the message counts whatever becomes of this: only its date is claimed, or somebody objects to what follows from it.
    let messageStands: Bool
    /// Whether it might have counted by itself, had it come in as early as it may have.
    var mayHaveCountedAlone = false

    /// What somebody said of a claim.
    public struct Answer: Sendable, Hashable {
        /// Who.
        public var by: PartyID
        /// The officer who answers for that.
        public var officer: String?
        /// Whether it was yes.
        public var isYes: Bool
        /// The message that says so.
        public var id: String
    }

    init(_ item: Evidence, _ effect: Effect, _ state: State, messageStands: Bool = false) {
        (id, type, sender, at) = (item.event.id, item.event.type, item.event.sender, item.arrivedAt)
        officer = (item.event.data["officer"] ?? item.event.data["caller"])?.string
        (self.effect, self.state, self.messageStands) = (effect, state, messageStands)
    }

    /// Whose word is to be asked for.
    var asks: Bool { !answerers.isEmpty && state != .takenBack && effect != .nothing }

    /// How many claims of one party are weighed in one case; more wait, whoever agrees. Each costs a reckoning of all duties of the case.
    static let weighed = 16
}

extension Obligation {
    /// Derives everything anew from the evidence of the case and of those merged into it, each claim judged by what it changes.
    ///
    /// - Parameter others: what was said of the case into which this one is merged.
    mutating func derive(from raw: [Evidence], _ circumstances: Circumstances, others: [Evidence] = []) {
        var isAnswer = false
        if case .claims = duty.opening { isAnswer = true }
        let ofDays = isAnswer ? [] : claimsOfDays(raw, circumstances)
        guard !isAnswer, !ofDays.isEmpty || raw.contains(where: { claimRule(of: $0) != nil }) else {
            judge(raw, circumstances)
            claims = calls
            return
        }
        let raw = ofDays.isEmpty ? raw : (raw + ofDays).sorted { $0.sequence < $1.sequence }
        var weighing = Weighing(self, raw, circumstances, others: others)
        weighing.weighAll()
        self = weighing.standing
        claims = weighing.claims + calls
    }

    /// The rule by which a message, or a date that it sets, moves, ends or excuses what is owed here; nil where it does not.
    fileprivate func claimRule(of item: Evidence) -> ClaimRule? {
        guard let rule = rules.claims[item.event.type] else { return nil }
        guard let dates = rule.dates else { return rule }
        return duty.due.isSet(by: rule.type, dates) && dates.contains { item.event[$0] != nil } ? rule : nil
    }

    /// What of a message counts by itself; nil where nothing does.
    func uncontested(_ item: Evidence) -> Evidence? { claimRule(of: item).map { $0.uncontested(item) } ?? item }

    /// Whether it stands better for the obligor, worse, or is somebody else's, with a claim than without it.
    ///
    /// - Parameter instant: when the claim came in: what is overdue by then weighs more than what was done late.
    fileprivate func effect(comparedWith without: Obligation, asOf instant: Instant) -> Claim.Effect {
        if obligor != without.obligor, !obligor.isEmpty, !without.obligor.isEmpty { return .moves }
        let (before, after) = (without.burden(asOf: instant), burden(asOf: instant))
        if after.rank != before.rank { return after.rank < before.rank ? .favours : .burdens }
        if exercise != without.exercise { return exercise ? .favours : .burdens }
        guard after.rank > 0, after.by != before.by else { return .nothing }
        return after.by < before.by ? .favours : .burdens
    }

    /// What weighs on the obligor: nothing, an act that is owed by an instant, an act that came late by so much, one that is overdue. Less is better for the
    /// obligor.
    private func burden(asOf instant: Instant) -> (rank: Int, by: Int64) {
        switch outcome {
        case .void, .closed: (0, 0)
        case .open: (deadline.map { $0 < instant } == true ? 3 : 1, deadline.map { -$0.milliseconds } ?? .min)
        case .fulfilled(let at, _, _): isLate ? (2, (at - (deadline ?? at)).milliseconds) : (0, 0)
        }
    }
}

/// The weighing of all claims in the evidence of an obligation, one after another as they stand in the ledger.
private struct Weighing {
    private let key: String
    private let rules: Rules
    private let raw: [Evidence]
    private let circumstances: Circumstances
    private let others: [Evidence]
    /// What counts so far.
    private var counted: [Evidence]
    /// The merged cases whose merge counts.
    private var included: Set<String> = []
    /// When the last of the claims that had counted was denied.
    private var deniedAt: Instant?
    /// The type by which days are declared.
    private let declares: String?
    /// The one slip of the case that was put right at once.
    private let slip: String?

    /// The obligation as it stands with what counts.
    private(set) var standing: Obligation
    /// What was found of each claim.
    private(set) var claims: [Claim] = []

    init(_ obligation: Obligation, _ raw: [Evidence], _ circumstances: Circumstances, others: [Evidence]) {
        (key, rules, self.raw, self.circumstances, self.others) = (obligation.key, obligation.rules, raw, circumstances, others)
        declares = circumstances.days?.calendar.declares
        slip = Weighing.slip(in: raw, rules)
        (counted, standing) = ([], obligation)
        counted = raw.compactMap { $0.member == nil ? uncontested($0) : nil }
        standing.judge(counted, circumstances)
    }

    mutating func weighAll() {
        var number: [PartyID: Int] = [:]
        var waiting = raw.filter { rule(of: $0) != nil }
        var goesOn = true
        while goesOn {
            goesOn = false
            var left: [Evidence] = []
            for item in waiting {
                guard let rule = rule(of: item), isWithin(item, rule) else {
                    left.append(item)
                    continue
                }
                number[item.event.sender, default: 0] += 1
                if number[item.event.sender, default: 0] > Claim.weighed {
                    claims.append(Claim(item, .nothing, .waits, messageStands: rule.dates != nil))
                } else {
                    weigh(item, rule)
                }
                // A merge brings in what stands in the other case, claims of it included.
                goesOn = true
            }
            waiting = left
            if waiting.isEmpty { break }
        }
        noteTakenBack()
        if let deniedAt { standing.knownAt = max(standing.knownAt, deniedAt) }
        claims.sort { ($0.at, $0.id) < ($1.at, $1.id) }
    }

    /// What a message moves or ends; nil where it is no claim. What is said of a day after it began is one under every text.
    private func rule(of item: Evidence) -> ClaimRule? {
        standing.claimRule(of: item) ?? (item.event.type == declares ? ClaimRule(type: item.event.type) : nil)
    }

    /// What of a message counts by itself; nil where nothing does.
    private func uncontested(_ item: Evidence) -> Evidence? { rule(of: item).map { $0.uncontested(item) } ?? item }

    /// Whether a claim is said of this case, or of one that is merged into it, or merges one into it.
    private func isWithin(_ item: Evidence, _ rule: ClaimRule) -> Bool {
        guard let member = item.member else { return true }
        if included.contains(member) { return true }
        guard let into = rule.into.flatMap({ item.event[$0]?.string }) else { return false }
        return into == key || included.contains(into)
    }

    private mutating func weigh(_ item: Evidence, _ rule: ClaimRule) {
        let brought = item.member.flatMap { member in rule.into != nil && !included.contains(member) ? (member, self.brought(from: member, by: item)) : nil }
        // What sets a date stands there already without it.
        let rest = rule.dates == nil ? counted : counted.filter { $0.event.id != item.event.id }
        var candidate = (rest + [item] + (brought?.1 ?? [])).sorted { $0.sequence < $1.sequence }
        if item.member == nil, rule.into != nil { candidate = candidate.filter { !$0.isOfTheOther } + actsOfTheOther() }
        var with = standing
        with.judge(candidate, circumstances)
        let effect = with.effect(comparedWith: standing, asOf: item.arrivedAt)
        var claim = Claim(item, effect, .counts, messageStands: rule.dates != nil)
        judge(&claim, item, rule, with: with)
        if claim.state == .counts {
            claim.deadlineOtherwise = standing.deadline
            (counted, standing) = (candidate, with)
            if let member = brought?.0 { included.insert(member) }
        } else {
            claim.deadlineOtherwise = with.deadline
        }
        claims.append(claim)
    }

    /// Whether a claim counts, and whose word it needs if it does not by itself.
    private mutating func judge(_ claim: inout Claim, _ item: Evidence, _ rule: ClaimRule, with: Obligation) {
        if claim.effect == .nothing || item.event.id == slip { return }
        let sender = item.event.sender
        let finders = rule.endsCase ? self.finders.filter { $0 != sender && $0 != standing.obligor }.sorted() : []
        switch claim.effect {
        case .nothing, .call: return
        case .burdens:
            if sender == standing.obligor { return }
            // That it is no drill counts at once, as long as it makes nobody late.
            if standing.exercise, !with.exercise, with.deadline.map({ $0 > item.arrivedAt }) ?? true { return }
            if let ahead = rule.ahead, let deadline = with.deadline, deadline >= item.arrivedAt + ahead { return }
            claim.answerers = [standing.obligor]
        case .moves:
            if sender == with.obligor { return }
            claim.answerers = [with.obligor]
        case .favours:
            if finders.isEmpty, let conditions = rule.alone, self.finders == [sender], counted.satisfy(conditions) {
                claim.answerers = others(than: sender)
                let deadline = standing.deadline
                let isInTime = { (instant: Instant) in deadline.map { instant <= $0 } ?? true }
                note(&claim, item)
                if isInTime(item.arrivedAt) {
                    guard let no = claim.answers.first(where: { !$0.isYes }) else { return }
                    claim.state = .denied
                    // It counted until then: what the denial restores fires nothing backwards.
                    if let denial = raw.first(where: { $0.event.id == no.id }) { deniedAt = max(deniedAt ?? denial.arrivedAt, denial.arrivedAt) }
                    return
                }
                claim.mayHaveCountedAlone = isInTime(item.notBefore)
            } else if !finders.isEmpty {
                (claim.answerers, claim.isOneEnough) = (finders, false)
            } else if sender != standing.obligor, standing.addressees.contains(sender) {
                return
            } else {
                claim.answerers = others(than: sender)
            }
        }
        note(&claim, item)
        let yes = claim.answers.count(where: \.isYes)
        let isAgreed = claim.isOneEnough ? yes > 0 : yes == claim.answerers.count
        claim.state = isAgreed ? .counts : yes == claim.answers.count ? .waits : .denied
    }

    /// Notes what was said of a claim by those whose word it needs.
    private func note(_ claim: inout Claim, _ item: Evidence) {
        let answerers = claim.answerers
        claim.answers = raw.answers(to: item, by: answerers, rules, standing.calendar)
    }

    /// Who found what the case is about.
    private var finders: Set<PartyID> { Set(counted.filter { rules[$0.event.type]?.begins == true && $0.isOfSubject }.map(\.event.sender)) }

    /// The other side: who is owed; where that is a superior, which is never asked, whoever else told of the case.
    private func others(than sender: PartyID) -> [PartyID] {
        let parties = rules.regulation
        func asked(_ ids: [PartyID]) -> [PartyID] {
            var seen: Set<PartyID> = [sender, standing.obligor]
            return ids.filter { parties.party($0)?.isAgency == true && seen.insert($0).inserted }
        }
        let owed = asked(standing.addressees)
        if !owed.isEmpty { return owed }
        let telling = asked(counted.filter(\.isOfSubject).map(\.event.sender))
        if !telling.isEmpty { return telling }
        let lead = asked([parties.lead])
        return lead.isEmpty ? standing.addressees : lead
    }

    // MARK: Merging

    /// What of a merged case counts for this one: where its own duty was settled or late by then, that stays with it, and only what is said afterwards counts
    /// here. What was said of it before this case occurred fulfils nothing of this one.
    private func brought(from member: String, by merge: Evidence) -> [Evidence] {
        let items = raw.compactMap { $0.member == member ? uncontested($0) : nil }
        var own = Obligation(duty: standing.duty, key: member, period: nil, party: standing.party, rules: rules)
        own.judge(items.filter { $0.sequence < merge.sequence }.map { $0.own }, circumstances)
        let isOver = !own.isOpen || own.deadline.map { $0 < merge.arrivedAt } == true
        var isVoid = false
        if case .void = own.outcome { isVoid = true }
        let startsAt = { () -> Instant? in if case .void = standing.outcome { nil } else { standing.startsAt } }()
        let acts = Set(standing.duty.fulfilledBy.map(\.type))
        return items.filter { item in
            if isOver, !isVoid, item.sequence < merge.sequence { return false }
            return startsAt.map { !acts.contains(item.event.type) || item.arrivedAt >= $0 } ?? true
        }
    }

    /// Of what was said of the case into which this one goes, the acts by which this duty may be fulfilled.
    private func actsOfTheOther() -> [Evidence] {
        let acts = Set(standing.duty.fulfilledBy.map(\.type))
        let startsAt = standing.startsAt
        return others.filter { acts.contains($0.event.type) && $0.arrivedAt >= startsAt }.map { item in
            var item = item
            item.isOfTheOther = true
            return item
        }
    }

    // MARK: Slips and what was taken back

    /// The first correction of a case by which who made a slip put it right at once, before anybody else had said anything.
    private static func slip(in raw: [Evidence], _ rules: Rules) -> String? {
        var place: [String: Int] = [:]
        // Where the messages begin that one party says without another's in between.
        var begins = 0
        for (index, item) in raw.enumerated() {
            if index > 0, raw[index - 1].event.sender != item.event.sender { begins = index }
            defer { if place[item.event.id] == nil { place[item.event.id] = index } }
            guard let rule = rules.claims[item.event.type], rule.slip > .zero, let target = item.event.data["corrects"]?.string.flatMap({ place[$0] }),
                target >= begins, item.arrivedAt <= raw[target].arrivedAt + rule.slip
            else { continue }
            return item.event.id
        }
        return nil
    }

    private mutating func noteTakenBack() {
        let takenBack = Set(rules.corrections.applied(to: counted).filter(\.isWithdrawn).map(\.event.id))
        let senders = Dictionary(claims.map { ($0.id, $0.sender) }) { first, _ in first }
        let saidAgain = Set(
            raw.compactMap { item -> String? in
                guard let id = item.event.takesBack else { return nil }
                return senders[id] == item.event.sender ? id : nil
            })
        for index in claims.indices where takenBack.contains(claims[index].id) || (claims[index].state != .counts && saidAgain.contains(claims[index].id)) {
            claims[index].state = .takenBack
        }
    }
}

extension [Evidence] {
    /// What was said of a claim or a call. Who says no, says so within three working days; later it is a remark.
    ///
    /// - Parameter parties: whose word is asked for; of each, the last.
    func answers(to item: Evidence, by parties: [PartyID], _ rules: Rules, _ calendar: @autoclosure () -> WorkCalendar) -> [Claim.Answer] {
        var last: [PartyID: Claim.Answer] = [:]
        for answer in said(of: item, rules, calendar) where parties.contains(answer.by) { last[answer.by] = answer }
        return parties.compactMap { last[$0] }
    }

    private func said(of item: Evidence, _ rules: Rules, _ calendar: () -> WorkCalendar) -> [Claim.Answer] {
        compactMap { answer in
            guard !answer.isWithdrawn else { return nil }
            let data = answer.event.data
            // Who takes back what another claims says no to it.
            let isTakingBack = answer.event.takesBack == item.event.id && answer.event.sender != item.event.sender
            guard isTakingBack || rules[answer.event.type]?.isAnswer == true && data["confirms"]?.string == item.event.id else { return nil }
            let isYes = answer.event.saysYes
            if !isYes, !isTakingBack, data["outcome"]?.string != "denied" { return nil }
            if !isYes, answer.arrivedAt > calendar().end(ofWorkingDay: Claim.denialWorkingDays, after: item.arrivedAt) { return nil }
            return Claim.Answer(by: answer.event.sender, officer: answer.event.data["officer"]?.string, isYes: isYes, id: answer.event.id)
        }
    }
}

extension Claim {
    /// Within so many working days a claim may be denied.
    static let denialWorkingDays = 3
}

extension ClaimRule {
    /// What of a message of this type counts whatever becomes of the claim: where it sets dates, all but these; nil where nothing does.
    fileprivate func uncontested(_ item: Evidence) -> Evidence? {
        guard let dates, var data = item.event.data.object else { return nil }
        var item = item
        for path in dates { data[path.keys.last ?? ""] = nil }
        item.event.data = .object(data)
        return item
    }
}

extension Evidence {
    /// The same as evidence of its own case.
    fileprivate var own: Evidence {
        var item = self
        item.member = nil
        return item
    }
}
