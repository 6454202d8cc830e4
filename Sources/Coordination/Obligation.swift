import Messages
import Regulation
import Values

/// An open instance of a duty: who owes what, since when, by when, and what became of it. All of it is derived from the evidence of its case.
struct Obligation: Sendable {
    /// `<duty>/<case>`, and `<duty>/<case>/<party>` where each of many parties has its own.
    let id: String
    /// The rule it was opened under, which it keeps.
    let rules: Rules
    /// The duty.
    let duty: Duty
    /// The subject of its case, or the period of a calendar duty.
    let key: String
    /// The period, for a duty of the calendar.
    let period: Recurrence.Period?
    /// Whose own obligation it is, where each of many parties has one.
    let party: PartyID?
    /// Since when a period that was in course when the system started is watched.
    let watchedFrom: Instant?

    /// Who owes it.
    var obligor: PartyID = ""
    /// To whom it is owed, as far as that is known.
    var addressees: [PartyID]
    /// The message that opened it; none for a duty of the calendar.
    var openedBy: Event?
    /// When it opened: the arrival of that message, or the start of the period.
    var openedAt = Instant(milliseconds: 0)
    /// From when the clock runs.
    var startsAt = Instant(milliseconds: 0)
    /// When what it is about occurred: the clock may run from later, where maintenance held it back.
    var occurredAt = Instant(milliseconds: 0)
    /// The last instant that is in time; nil where none is set.
    var deadline: Instant?
    /// When this deadline became known. What lies before it is not reminded of backwards, and the steps after the deadline count from it.
    var knownAt = Instant(milliseconds: 0)
    /// What became of it.
    var outcome = Outcome.open
    /// What was claimed of it, and the calls that were entered, in the ledger's order.
    var claims: [Claim] = []
    /// The calls, and what was entered for others, that somebody must confirm.
    var calls: [Claim] = []
    /// Whether it belongs to a drill.
    var exercise = false
    /// What is said of the case, for its title.
    var title: String?
    /// How far its case has come, where that is told of cases of its kind.
    var stage: String?
    /// The maintenance window that holds it back: the clock runs from its end.
    var heldBy: PlannedTime?
    /// The working days that it goes by.
    var workingDays: WorkingDays?
    /// What the obligor says of it: reasons, lateness included. They excuse nothing and stay on record.
    var explanations: [Evidence] = []
    /// The extensions of its mark that took effect.
    var extensions: [Evidence] = []
    /// For hours of operation, when they were lost and why; what is down still is lost to the end of the day, unless it comes up again.
    var lost: [(cause: String, range: Range<Instant>)] = []

    /// The notices sent, in the ledger's order.
    var notices: [SentNotice] = []

    enum Outcome: Sendable {
        case open
        /// Done at an instant, by a message; `course` says where the time went.
        case fulfilled(at: Instant, by: Event, course: [Step])
        /// Ended without the act: a false alarm, a merged case.
        case closed(Event)
        /// What opened it was taken back.
        case void
    }

    /// A step on the way from occurrence to receipt.
    struct Step: Sendable, Hashable {
        var name: String
        var at: Instant
    }

    /// When it is to be looked at again whether the device of its case works; nil: when something is said of that.
    private(set) var looksAgainAt: Instant?
    /// Whether what becomes of it turns on whether the device of its case works.
    private(set) var followsDevice = false

    /// The act by which it is done in time only if a receipt is believed, where the broker was not asked yet: its id and place in the ledger.
    var restingOnReceipt: (id: String, offset: Int64)?

    init(duty: Duty, key: String, period: Recurrence.Period?, party: PartyID? = nil, watchedFrom: Instant? = nil, rules: Rules) {
        (self.duty, self.key, self.period, self.party, self.watchedFrom, self.rules) = (duty, key, period, party, watchedFrom, rules)
        // The case of a period is named after its duty already; a subject is a party's to choose, and must not be able to name another's obligation.
        id = period == nil ? duty.id + "/" + key + (party.map { "/" + $0 } ?? "") : key
        addressees = duty.addressees.compactMap(\.party)
    }

    /// Whether it is fulfilled after its deadline.
    var isLate: Bool {
        if case .fulfilled(let at, _, _) = outcome, let deadline { at > deadline } else { false }
    }

    /// Whether it still awaits its act.
    var isOpen: Bool { if case .open = outcome { true } else { false } }

    /// By whose message it opened; the coordinator where the calendar opened it.
    var causedBy: PartyID { openedBy?.sender ?? LedgerState.coordinator }

    /// A party's name in full.
    func name(of party: PartyID) -> Wording { rules.regulation.party(party)?.name ?? Wording(vi: party, en: party) }

    /// Whether it is done by the message of this id.
    func isFulfilled(by id: String) -> Bool { if case .fulfilled(_, let by, _) = outcome { by.id == id } else { false } }

    /// Whether what becomes of it turns on when a message arrived: its clock runs from then, or the message is the act by which it is done, or may prove to be,
    /// or may have ended it before a window was over, or moved its deadline before that had passed.
    func rests(on item: Evidence) -> Bool {
        let isItsBeginning = duty.startsAt == nil && openedBy?.id == item.event.id && startsAt == item.arrivedAt
        return isItsBeginning || isFulfilled(by: item.event.id) || mayHaveEndedInWindow(item) || mayHaveMovedDate(item)
            || claims.contains { $0.id == item.event.id && $0.mayHaveCountedAlone }
    }

    private func mayHaveEndedInWindow(_ item: Evidence) -> Bool {
        guard let heldBy, duty.maintenance?.endedBy.contains(item.event.type) == true else { return false }
        return item.notBefore <= heldBy.until && item.arrivedAt > heldBy.until
    }

    private func mayHaveMovedDate(_ item: Evidence) -> Bool {
        guard case .messages(let matchers) = duty.opening, openedBy?.id != item.event.id, matchers.contains(where: { $0.matches(item.event) }) else {
            return false
        }
        return duty.due.cases.contains { if case .field(nil, let path, _) = $0.term { item.event[path] != nil } else { false } }
    }

    /// The subject of the case that it is about.
    var subject: String {
        if case .claims = duty.opening { openedBy?.subject ?? key } else { key }
    }

    /// Derives everything anew from evidence that counts.
    mutating func judge(_ raw: [Evidence], _ circumstances: Circumstances) {
        (outcome, calls, restingOnReceipt, looksAgainAt, followsDevice) = (.open, [], nil, nil, false)
        let (all, isDrill) = self.standing(raw)
        // What was said under another name tells nothing else of this case.
        let nearby = raw.contains { !$0.isOfSubject } ? all.filter { isNearby($0) } : []
        let standing = nearby.isEmpty ? all : all.filter { !isNearby($0) }
        let windows = circumstances.windows
        workingDays = days(standing, circumstances)?.noting(rescheduling)
        let calendar = calendar
        lost = []
        heldBy = nil
        var openings: [Evidence] = []
        switch duty.opening {
        case .messages(let matchers):
            title = standing.fact(Obligation.titlePath)?.string ?? standing.fact(Obligation.contentTitlePath)?.string
            stage = stage(standing, matchers)
            openings = standing.filter { item in
                item.isOfSubject && !item.isOfTheOther && matchers.contains { $0.matches(item.event) } && isNamed(in: item.event)
            }
            guard let first = openings.first else {
                outcome = .void
                return
            }
            openedBy = first.event
            openedAt = first.arrivedAt
            // The clock runs from the earliest proof; when that became known decides from when reminders are fair.
            let starts = openings.map { item in (at: duty.startsAt.flatMap { item.event[$0]?.instant } ?? item.arrivedAt, known: item.knownAt) }
            let earliest = duty.startsAt == nil ? starts[0] : starts.min { ($0.at, $0.known) < ($1.at, $1.known) } ?? starts[0]
            (startsAt, knownAt) = earliest
            exercise = isDrill ?? first.event.exercise
        case .calendar:
            // One of the calendar is opened with its period.
            guard let period else {
                outcome = .void
                return
            }
            (openedAt, startsAt, knownAt) = (period.opens, period.opens, max(period.opens, watchedFrom ?? period.opens))
            // Of a day that turned out to be off nothing is owed.
            if case .calendar(.workingDaily) = duty.opening, !calendar.isWorkingDay(calendar.local(period.opens).date) {
                outcome = .void
                return
            }
        case .claims:
            guard let claim = standing.first(where: { $0.event.id == key }) else {
                outcome = .void
                return
            }
            (openings, openedBy, openedAt, exercise) = ([claim], claim.event, claim.arrivedAt, claim.event.exercise)
            (startsAt, knownAt) = (claim.arrivedAt, claim.arrivedAt)
        }
        addressees = deriveAddressees(standing)
        let since: Instant?
        (obligor, since) = deriveObligor(standing, openings, circumstances)
        if obligor.isEmpty {
            // The message that names who owes it has not come.
            outcome = .void
            return
        }
        occurredAt = startsAt
        if let window = heldBy(windows, standing, startsAt: startsAt) {
            let own = deriveDeadline(standing, openings: openings, circumstances)
            if !isUnplanned(openings, standing, until: window.until, deadline: own) { (heldBy, startsAt) = (window, window.until) }
        }
        // Who comes to owe it by what is said later has the whole term from then.
        if let since, since > startsAt { (startsAt, knownAt) = (since, max(knownAt, since)) }
        // A superior is never overdue.
        let due = deriveDeadline(inTime(standing, openings, circumstances), openings: openings, circumstances)
        deadline = owesASuperior ? nil : extended(due)
        deriveOutcome(standing, nearby, circumstances)
    }

    /// Of what is said of a claim, what may move the time in which it is answered: that nobody on duty knows, where that came before the time was over.
    private mutating func inTime(_ standing: [Evidence], _ openings: [Evidence], _ circumstances: Circumstances) -> [Evidence] {
        guard case .claims = duty.opening, standing.count > openings.count else { return standing }
        let asked = deriveDeadline(openings, openings: openings, circumstances)
        return standing.filter { item in item.event.id == key || asked.map { item.arrivedAt <= $0 } ?? true }
    }

    /// What counts of the evidence, every correction applied, and whether the case is a drill: what began it says so, and nothing that is said later (duties,
    /// reading 12). What is said as a drill counts for nothing in a real case, unless it was corrected, or who was told understood it as real.
    private func standing(_ raw: [Evidence]) -> (standing: [Evidence], isDrill: Bool?) {
        func counting(_ items: [Evidence]) -> [Evidence] {
            let evidence = rules.corrections.applied(to: items)
            return evidence.contains(where: \.isWithdrawn) ? evidence.filter { !$0.isWithdrawn } : evidence
        }
        var standing = counting(raw)
        guard case .messages = duty.opening, raw.contains(where: \.event.exercise) else { return (standing, nil) }
        guard let beginning = standing.beginning(rules) ?? standing.first else { return (standing, nil) }
        if beginning.event.exercise { return (standing, true) }
        var left: Set<Int> = []
        for item in standing where item.event.exercise {
            let told = (rules[item.event.type]?.message.to ?? []).filter { $0 != item.event.sender }
            if !raw.answers(to: item, by: told, rules, calendar).contains(where: \.isYes) { left.insert(item.sequence) }
        }
        if !left.isEmpty { standing = counting(raw.filter { !left.contains($0.sequence) }) }
        // What a correction made real counts from then.
        let drilled = Set(raw.lazy.filter(\.event.exercise).map(\.sequence))
        for index in standing.indices where standing[index].sequence != beginning.sequence && drilled.contains(standing[index].sequence) {
            if !standing[index].event.exercise { standing[index].arrivedAt = standing[index].knownAt }
        }
        return (standing, false)
    }

    private static let titlePath = FieldPath("data.title")
    private static let contentTitlePath = FieldPath("data.contentTitle")

    /// Whether the obligor is one that is never reminded and never overdue: the People's Committee, the Ministry.
    var owesASuperior: Bool { rules.regulation.party(obligor)?.role == .superior }

    /// Whether a message that opens such an obligation opens this one: it names the party, where it must name one.
    private func isNamed(in event: Event) -> Bool {
        guard case .named(let path) = duty.each else { return true }
        return event[path]?.string == party
    }

    private func deriveAddressees(_ standing: [Evidence]) -> [PartyID] {
        var seen: Set<PartyID> = []
        return duty.addressees.compactMap { addressee in
            switch addressee {
            case .party(let id): id
            case .sender(let type): standing.first { $0.event.type == type }?.event.author
            case .opener: openedBy?.sender
            }
        }.filter { seen.insert($0).inserted }
    }

    /// Who owes it, and since when, where that follows from what was said after it began.
    private mutating func deriveObligor(
        _ standing: [Evidence], _ openings: [Evidence], _ circumstances: Circumstances
    ) -> (PartyID, since: Instant?) {
        if let party { return (party, nil) }
        var since: Instant?
        for (index, rule) in duty.obligors.enumerated() {
            if let type = rule.senderOf {
                if let sender = standing.first(where: { $0.event.type == type })?.event.author, rules.regulation.party(sender) != nil { return (sender, since) }
            } else if let named = rule.named {
                guard let item = standing.last(where: { $0.event.type == named.type && $0.event[named.path] != nil }),
                    let party = item.event[named.path]?.string, rules.regulation.party(party) != nil
                else { continue }
                let first = standing.first { $0.event.type == named.type && $0.event[named.path]?.string == party } ?? item
                let told = max(since ?? first.knownAt, first.knownAt)
                // Whom a plan names may object. Who owes it anyway gains no time by that.
                if let no = timelyObjection(to: item, by: party, since: told, standing, openings, circumstances) {
                    if party != duty.obligors.last?.party { since = no }
                    continue
                }
                return (party, told)
            } else if let party = rule.party, standing.satisfy(rule.conditions) {
                // The rule that holds in any case names who owes it from the beginning.
                if rule.conditions.isEmpty { return (party, since) }
                let telling = rule.conditions.compactMap { condition in
                    standing.first { item in item.event[condition.path].map { condition.values.contains($0) } ?? false }
                }
                let told = telling.map(\.knownAt).max() ?? openedAt
                if let handed = handover(rule, to: duty.obligors.dropFirst(index + 1), standing, circumstances) {
                    since = handed
                    continue
                }
                // Whom a cause makes owe it may object as well.
                let from = max(since ?? told, told)
                let objections = telling.compactMap { timelyObjection(to: $0, by: party, since: from, standing, openings, circumstances) }
                if let no = objections.min() {
                    since = no
                    continue
                }
                return (party, from)
            }
        }
        return (duty.obligors.last?.party ?? "", since)
    }

    /// When a party that a message makes owe it said no to that, before it was late itself; nil where it did not. The word stays on record with the claims.
    private mutating func timelyObjection(
        to item: Evidence, by party: PartyID, since: Instant, _ standing: [Evidence], _ openings: [Evidence], _ circumstances: Circumstances
    ) -> Instant? {
        guard let no = objection(to: item, by: party, standing) else { return nil }
        var own = self
        (own.obligor, own.startsAt) = (party, max(startsAt, since))
        let term = own.extended(own.deriveDeadline(standing, openings: openings, circumstances))
        let isInTime = term.map { no <= $0 } ?? true
        if !calls.contains(where: { $0.id == item.event.id }) {
            var claim = Claim(item, .moves, isInTime ? .denied : .counts, messageStands: true)
            claim.answers = standing.answers(to: item, by: [party], rules, calendar)
            calls.append(claim)
        }
        return isInTime ? no : nil
    }

    /// When a party said no to a message that makes it owe something; nil where it did not.
    private func objection(to item: Evidence, by party: PartyID, _ standing: [Evidence]) -> Instant? {
        guard let no = standing.answers(to: item, by: [party], rules, calendar).first(where: { !$0.isYes }) else { return nil }
        return standing.first { $0.event.id == no.id }?.arrivedAt
    }

    /// When a party handed over what it owed: by its word that it is done, where the device does not work then, or who owes it next says so.
    private mutating func handover(
        _ rule: ObligorRule, to next: ArraySlice<ObligorRule>, _ standing: [Evidence], _ circumstances: Circumstances
    ) -> Instant? {
        guard let type = rule.until, let party = rule.party, let done = standing.first(where: { $0.event.type == type && $0.event.author == party }) else {
            return nil
        }
        followsDevice = true
        if !exercise, circumstances.changes.isDown(at: done.arrivedAt) { return done.arrivedAt }
        return next.compactMap(\.party).contains { objection(to: done, by: $0, standing) != nil } ? done.arrivedAt : nil
    }

    private mutating func deriveOutcome(_ standing: [Evidence], _ nearby: [Evidence], _ circumstances: Circumstances) {
        var acts: [Act.Done] = []
        for matcher in duty.fulfilledBy where matcher.repeated == nil {
            // By index: an element taken out is a copy, and evidence is large.
            for index in standing.indices where matcher.matches(standing[index], of: key, obligor: obligor) && !isDrillOfAnother(standing[index]) {
                let item = standing[index]
                switch act(item, matcher, standing, circumstances.receipts) {
                case .counts(let at, let course):
                    guard matcher.works, !exercise else {
                        acts.append((at, item, course))
                        continue
                    }
                    followsDevice = true
                    guard let works = circumstances.changes.works(from: item.arrivedAt) else { continue }
                    let isAtOnce = works <= item.arrivedAt
                    acts.append((isAtOnce ? at : works, item, isAtOnce ? course : course + [Step(name: Obligation.worksStep, at: works)]))
                case .waits: break
                }
            }
        }
        acts += lateMerges(standing)
        for matcher in duty.fulfilledBy { if let rule = matcher.repeated, let act = repeated(matcher, rule, standing, circumstances) { acts.append(act) } }
        if !nearby.isEmpty { acts += nearbyActs(nearby, standing, circumstances) }
        let act = acts.min { ($0.at, $0.by.event.id) < ($1.at, $1.by.event.id) }
        let closing = duty.closedBy.isEmpty ? nil : closing(standing, circumstances)
        if let act, closing.map({ act.at <= $0.arrivedAt }) ?? true {
            outcome = .fulfilled(at: act.at, by: act.by.event, course: act.course)
            if let deadline, act.course.last?.name == Obligation.latestStep, act.by.arrivedAt > deadline, !act.by.isStamped, let offset = act.by.offset {
                restingOnReceipt = (act.by.event.id, offset)
            }
        } else if let closing {
            outcome = .closed(closing.event)
        } else if let takingBack = standing.first(where: { isTakenBack(by: $0) }) {
            outcome = .closed(takingBack.event)
        }
    }

    /// The act with which something has been said often enough since the obligation opened.
    private mutating func repeated(_ matcher: Matcher, _ rule: Repetition, _ standing: [Evidence], _ circumstances: Circumstances) -> Act.Done? {
        var said: [Act.Done] = []
        for item in standing where matcher.matches(item, of: key, obligor: obligor) && !isDrillOfAnother(item) && item.arrivedAt >= openedAt {
            if case .counts(let at, let course) = act(item, matcher, standing, circumstances.receipts) { said.append((at, item, course)) }
        }
        said.sort { ($0.at, $0.by.event.id) < ($1.at, $1.by.event.id) }
        return said.indices.first { index in
            // One number, written in two ways, is one.
            let values = Set(said[...index].compactMap { $0.by.event[rule.path]?.text.filter { $0.isLetter || $0.isNumber } })
            return index + 1 >= rule.times && values.count >= rule.values
        }.map { said[$0] }
    }

    /// What ends the case without the act. A case merged into this one brings its openings and its acts, but its own end is not this one's. One whose device
    /// does not work goes on all the same (duties, reading 14), from when that is known.
    private mutating func closing(_ standing: [Evidence], _ circumstances: Circumstances) -> Evidence? {
        for item in standing where (item.event.subject ?? item.event.id) == key {
            if isPlannedEnd(item, circumstances) { return item }
            guard duty.closedBy.contains(where: { $0.matches(item.event) }), !isLateMerge(item) else { continue }
            guard !exercise, let rule = rules.claims[item.event.type]?.reopens else { return item }
            followsDevice = true
            let (reopened, look) = circumstances.changes.reopening(of: item.arrivedAt, rule, reached: circumstances.reached)
            looksAgainAt = look
            guard let reopened else { return item }
            knownAt = max(knownAt, reopened)
        }
        return nil
    }

    /// Whether a message takes back the claim that this one is to answer, or ends the maintenance that it is about.
    private func isTakenBack(by item: Evidence) -> Bool {
        guard case .claims = duty.opening else { return false }
        if let openedBy, item.event.type == rules.regulation.maintenance?.closes { return item.event.subject == openedBy.subject ?? openedBy.id }
        return item.event.takesBack == key && item.event.sender == openedBy?.sender
    }

    /// Whether a message merges this case into another after the deadline: that ends no lateness, it settles it late.
    private func isLateMerge(_ item: Evidence) -> Bool {
        guard let deadline, item.arrivedAt > deadline else { return false }
        return rules.claims[item.event.type]?.into != nil
    }

    private func lateMerges(_ standing: [Evidence]) -> [(at: Instant, by: Evidence, course: [Step])] {
        // Few cases are merged, and nothing is late that came in time.
        guard let deadline, standing.indices.contains(where: { standing[$0].arrivedAt > deadline }) else { return [] }
        return standing.filter { item in
            item.member == nil && isLateMerge(item) && (item.event.subject ?? item.event.id) == key && duty.closedBy.contains { $0.matches(item.event) }
        }.map { ($0.arrivedAt, $0, [Step(name: "occurred", at: occurredAt), Step(name: "merged", at: $0.arrivedAt)]) }
    }

    /// Whether a message only cites this case and belongs to a drill that the case is no part of.
    private func isDrillOfAnother(_ item: Evidence) -> Bool { !item.isOfSubject && item.event.exercise && !exercise }

    /// Whether a message ends a case that a maintenance window holds back, before the window is over: its device works by then.
    private mutating func isPlannedEnd(_ item: Evidence, _ circumstances: Circumstances) -> Bool {
        guard let heldBy, let rule = duty.maintenance, rule.endedBy.contains(item.event.type), item.arrivedAt <= heldBy.until else { return false }
        followsDevice = true
        return exercise || circumstances.changes.works(from: item.arrivedAt).map { $0 <= heldBy.until } ?? false
    }

    private func stage(_ standing: [Evidence], _ matchers: [Matcher]) -> String? {
        guard let followed = matchers.lazy.compactMap({ matcher in self.rules[matcher.type] }).first(where: \.isFollowed) else { return nil }
        return followed.kind?.stage { type in standing.contains { $0.event.type == type } }
    }

    /// What a message does for the duty.
    enum Act {
        /// What was done, when, by which message, and where the time went.
        typealias Done = (at: Instant, by: Evidence, course: [Step])

        case counts(Instant, course: [Step])
        case waits
    }

    /// The instant of an act, by evidence and never by its sender's word alone: the coordinator's observation, the addressee's receipt, or the confirmed
    /// time of a call.
    mutating func act(_ item: Evidence, _ matcher: Matcher, _ standing: [Evidence], _ receipts: [String: [Receipt]]) -> Act {
        // A receiver's word that somebody did what was owed to others is worth no more than its receipt would be.
        if let witness = item.witness, !addressees.isEmpty, !addressees.contains(witness) { return .waits }
        var course = duty.startsAt == nil ? [] : [Step(name: "occurred", at: occurredAt)]
        let detection = standing.first { item in rules[item.event.type].map { $0.begins && $0.isFollowed } == true }
        if let detected = detection { course.append(Step(name: "detected", at: detected.event.time)) }
        if let confirmer = matcher.confirmedBy, let path = matcher.at {
            let claimed = item.event[path]?.instant ?? item.arrivedAt
            course.append(Step(name: "called", at: claimed))
            // What the addressee itself enters needs no second word of its own.
            if item.event.sender == confirmer { return .counts(min(claimed, item.arrivedAt), course: course) }
            if let answer = confirmation(of: item, by: [confirmer], standing) {
                course.append(Step(name: "confirmed", at: answer.arrivedAt))
                return .counts(min(claimed, item.arrivedAt), course: course)
            }
            // The obligor's own entry is itself word to whom it is owed, from when it is on record.
            guard item.event.sender == obligor, item.event.author == obligor else { return .waits }
            course.append(Step(name: Obligation.enteredStep, at: item.arrivedAt))
            return .counts(item.arrivedAt, course: course)
        }
        // One party's word does not fulfil another's duty, unless whom it is owed to enters it or confirms it.
        let isAnothers = item.event.author != item.event.sender || matcher.needsWord && item.event.author != obligor
        if isAnothers, !addressees.isEmpty, !addressees.contains(item.event.sender) {
            guard let answer = confirmation(of: item, by: addressees, standing) else { return .waits }
            course.append(Step(name: "confirmed", at: answer.arrivedAt))
        }
        course += [Step(name: "sent", at: item.event.time), Step(name: "arrived", at: item.arrivedAt)]
        var at = item.arrivedAt
        if let receipt = receipts[item.event.id]?.filter({ addressees.contains($0.party) }).min(by: { $0.at < $1.at }) {
            course.append(Step(name: "received", at: receipt.at))
            at = min(at, receipt.proof(of: item))
        }
        if let deadline, at <= deadline, item.notAfter > deadline { course.append(Step(name: Obligation.latestStep, at: item.notAfter)) }
        return .counts(at, course: course)
    }

    /// The step that says when a call was entered that nobody has confirmed.
    static let enteredStep = "entered"
    /// The step that says since when the device works again.
    private static let worksStep = "works"

    /// The answer by which one of some parties confirms a call, or what was entered for another; notes that it is owed, and what was said of it.
    private mutating func confirmation(of item: Evidence, by parties: [PartyID], _ standing: [Evidence]) -> Evidence? {
        let answers = standing.answers(to: item, by: parties, rules, calendar)
        let yes = answers.first(where: \.isYes)
        if !calls.contains(where: { $0.id == item.event.id }) {
            var call = Claim(item, .call, yes != nil ? .counts : answers.isEmpty ? .waits : .denied)
            (call.answerers, call.answers) = (parties, answers)
            calls.append(call)
        }
        return yes.flatMap { yes in standing.first { $0.event.id == yes.id } }
    }

    /// Whether it is done by a call that nobody has confirmed.
    var restsOnUnconfirmedCall: Bool {
        if case .fulfilled(_, let by, _) = outcome { calls.contains { $0.id == by.id && $0.state != .counts } } else { false }
    }

    /// The step that says by when it had come for certain, where that is after the deadline and the deadline lies within what the clocks leave open.
    private static let latestStep = "latest"
}

/// A receiver's word that it has a message.
struct Receipt: Sendable, Hashable {
    /// Who received it.
    var party: PartyID
    /// The receiver's clock then.
    var at: Instant
    /// When the receipt itself came in.
    var recordedAt: Instant

    /// By how much a claimed instant may lie outside what the ledger brackets before it is set aside.
    static let tolerance = Span.seconds(60)

    /// The earliest arrival of a message that it proves: not before that was written, and not before what is known of its place in the ledger. What lies
    /// outside the bracket altogether proves nothing, for then a clock is off.
    func proof(of item: Evidence) -> Instant {
        isBelievable(notBefore: item.notBefore) ? max(at, item.notBefore, min(item.event.time, item.arrivedAt)) : item.arrivedAt
    }

    /// Whether the claim lies between the last mark before the message and the receipt's own arrival.
    func isBelievable(notBefore: Instant) -> Bool { at + Receipt.tolerance >= notBefore && at <= recordedAt + Receipt.tolerance }
}
