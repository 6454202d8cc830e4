import Messages
import Regulation
import Values

extension Obligation {
    /// A rung of the ladder at the instant it is to be taken.
    struct LadderStep: Sendable {
        var rung: Rung
        var name: String
        var at: Instant
        var repetition: Int?
    }

    /// The steps that the obligation calls for as it stands, those to come included, in order.
    func steps(reached: Instant) -> [LadderStep] {
        switch outcome {
        case .open: openSteps(reached: reached).sorted { $0.at < $1.at }
        case .fulfilled(let at, _, _):
            duty.ladder.filter { $0.moment == .settled }.map { LadderStep(rung: $0, name: isLate ? "settled-late" : "settled", at: at, repetition: nil) }
        case .closed, .void: []
        }
    }

    private func openSteps(reached: Instant) -> [LadderStep] {
        var steps: [LadderStep] = []
        let calendar = calendar
        func add(_ rung: Rung, at instant: Instant, name: String? = nil, repetition: Int? = nil) {
            // What can wait does not go out at night.
            let at = rung.waits ? calendar.morning(after: instant) : instant
            steps.append(LadderStep(rung: rung, name: name ?? rung.id, at: at, repetition: repetition))
        }
        /// Of steps that repeat, the latest that is due and the next: after an interruption one is sent, not all that were missed.
        func addRepeats(_ rung: Rung, times: Int, instant: (Int) -> Instant) {
            for count in 1...times {
                let isMissed = count < times && instant(count + 1) <= reached && !notices.contains { $0.counts && $0.isOf(step: "\(rung.id)-\(count)") }
                if !isMissed { add(rung, at: instant(count), name: "\(rung.id)-\(count)", repetition: count) }
                if instant(count) > reached { break }
            }
        }
        var reminders: [(rung: Rung, at: Instant)] = []
        /// A reminder that would come at night comes in the morning, or the evening before where the morning is too late.
        func remind(_ rung: Rung, of deadline: Instant, at instant: Instant) {
            let morning = calendar.morning(after: instant)
            reminders.append((rung, !rung.waits ? instant : morning < deadline ? morning : calendar.evening(before: instant)))
        }
        for rung in duty.ladder {
            switch rung.moment {
            // What a maintenance window holds back is told when it ends, unless it is over by then.
            case .opening: add(rung, at: max(openedAt, heldBy?.until ?? openedAt))
            case .held: if let heldBy, heldBy.window.closedAt == nil, reached < heldBy.until { add(rung, at: openedAt) }
            case .extended: if let last = extensions.last { add(rung, at: last.arrivedAt) }
            case .rescheduled: if let rescheduling, rescheduling.to == deadline { add(rung, at: rescheduling.at) }
            case .settled: break
            case .everyWorkingDays(let days, let times): addRepeats(rung, times: times) { calendar.end(ofWorkingDay: days * $0, after: startsAt) }
            // Of time in which somebody is at work to use it.
            case .before(let span):
                if let deadline {
                    remind(rung, of: deadline, at: duty.due.isInWorkingTime ? calendar.instant(beforeWorking: span, to: deadline) : deadline - span)
                }
            case .lastWorkingDayBefore(let time):
                if let deadline {
                    remind(rung, of: deadline, at: calendar.instant(calendar.workingDay(before: calendar.local(deadline).date.advanced(by: 1)), time))
                }
            case .deadline, .after, .every:
                guard let deadline else { break }
                // A case that became known after its deadline is overdue then, and the steps that follow count from then.
                let known = max(deadline, knownAt)
                let base = rung.waits ? calendar.morning(after: known) : known
                switch rung.moment {
                case .after(let span): add(rung, at: base + span)
                case .every(let span, let times): addRepeats(rung, times: times) { base + span * $0 }
                default: add(rung, at: base)
                }
            }
        }
        // No reminder backwards: none for an instant before the deadline was known, and after an interruption only the latest.
        if let deadline, reached < deadline {
            let fair = reminders.filter { $0.at > knownAt }.sorted { $0.at < $1.at }
            for (index, reminder) in fair.enumerated() where index + 1 == fair.count || fair[index + 1].at > reached || has(reminder.rung) {
                add(reminder.rung, at: reminder.at)
            }
        }
        return steps
    }

    private func has(_ rung: Rung) -> Bool { notices.contains { $0.counts && $0.isOf(step: rung.id) } }

    /// The id of a step's notice to a party.
    func noticeID(_ step: String, to party: PartyID) -> String { "\(id)/\(deadline.map { String($0.milliseconds) } ?? "none")/\(step)/\(party)" }

    /// The id of a step's notice that is still to be sent to a party; nil where one stands. One that was withdrawn and is called for again gets an id of its own:
    /// its readers know the first.
    private func idToSend(_ step: String, to party: PartyID) -> String? {
        let first = noticeID(step, to: party)
        var id = first
        var count = 1
        while let notice = notices.first(where: { $0.id == id && $0.counts }) {
            if !notice.isWithdrawn { return nil }
            count += 1
            id = "\(first)/\(count)"
        }
        return id
    }

    /// Notes that all of its notices had been sent by an instant.
    mutating func setBack(to instant: Instant) { for index in notices.indices { notices[index].at = min(notices[index].at, instant) } }

    /// The parties that a step goes to; those in copy marked so.
    func recipients(of rung: Rung) -> [(party: PartyID, isCopy: Bool)] {
        var found: [(party: PartyID, isCopy: Bool)] = []
        func add(_ party: PartyID, _ isCopy: Bool) { if !found.contains(where: { $0.party == party }) { found.append((party, isCopy)) } }
        func add(_ roles: [String], _ isCopy: Bool) {
            for role in roles {
                switch role {
                // Superiors are not reminded of what they decide.
                case "obligor": if !owesASuperior { add(obligor, isCopy) }
                case "addressee": for party in addressees { add(party, isCopy) }
                default: add(role, isCopy)
                }
            }
        }
        add(rung.to, false)
        add(rung.copy, true)
        return found
    }

    /// A notice that is to be published, not worded yet.
    struct DueNotice: Sendable {
        enum Content: Sendable {
            case step(LadderStep, to: PartyID, isCopy: Bool)
            case withdrawal(of: SentNotice, reason: String)
        }
        var id: String
        var content: Content

        /// Whether it says that a deadline has passed.
        var isGrave: Bool {
            if case .step(let step, _, _) = content {
                step.rung.messageType == SystemType.dutyOverdue || step.rung.messageType == SystemType.dutyEscalated
            } else {
                false
            }
        }
    }

    /// The notices to publish now that the ledger is known up to `reached`, and corrections of notices that no longer hold.
    func dueNotices(of steps: [LadderStep], reached: Instant) -> [DueNotice] {
        var due: [DueNotice] = []
        for step in steps where step.at <= reached || isAtOnce(step.rung) {
            for (party, isCopy) in recipients(of: step.rung) {
                guard let id = idToSend(step.name, to: party) else { continue }
                due.append(DueNotice(id: id, content: .step(step, to: party, isCopy: isCopy)))
            }
        }
        for notice in notices where !notice.isWithdrawn {
            if let reason = reasonToWithdraw(notice) { due.append(DueNotice(id: notice.id + "/withdrawn", content: .withdrawal(of: notice, reason: reason))) }
        }
        return due
    }

    /// Whether a step is taken as soon as what it tells is known, without waiting for time.
    private func isAtOnce(_ rung: Rung) -> Bool {
        switch rung.moment {
        case .opening: heldBy == nil && !rung.waits
        case .rescheduled: !rung.waits
        case .held, .extended, .settled: true
        default: false
        }
    }

    /// The notices in words.
    ///
    /// - Parameter phones: the telephone numbers that were declared; of other parties those of the text hold.
    func decisions(_ due: [DueNotice], reached: Instant, phones: [PartyID: String]) -> [Decision] {
        due.map { item in
            switch item.content {
            case .step(let step, let party, let isCopy):
                notice(step, id: item.id, to: party, isCopy: isCopy, text: NoticeText(self, reached: reached, phones: phones))
            case .withdrawal(let notice, let reason):
                withdrawal(of: notice, id: item.id, reason: reason, text: NoticeText(self, reached: notice.at, phones: phones))
            }
        }
    }

    /// The next step that is still to be taken.
    func nextStep(after reached: Instant) -> LadderStep? { nextStep(of: steps(reached: reached), after: reached) }

    /// The next of its steps, given in order, that is still to be taken.
    func nextStep(of steps: [LadderStep], after reached: Instant) -> LadderStep? {
        guard isOpen else { return nil }
        return steps.first { step in
            step.at > reached
                && recipients(of: step.rung).contains { recipient in
                    // To whom nothing has been sent, everything is still to be sent.
                    !notices.contains { $0.to == recipient.party } || idToSend(step.name, to: recipient.party) != nil
                }
        }
    }

    /// Why a notice on record no longer holds; nil where it does.
    private func reasonToWithdraw(_ notice: SentNotice) -> String? {
        switch notice.type {
        case SystemType.dutyOverdue, SystemType.dutyEscalated:
            switch outcome {
            case .void: return "refused"
            case .closed(let event): return rules.claims[event.type]?.ending ?? "planned"
            case .fulfilled where !isLate: return "fulfilled-in-time"
            case .fulfilled, .open:
                guard let deadline else { return "corrected" }
                if deadline <= notice.at { return nil }
                return notice.deadline == deadline ? "unjustified" : "corrected"
            }
        case SystemType.dutyOpened, SystemType.dutyReminded:
            switch outcome {
            case .void: return "refused"
            case .closed(let event) where rules.claims[event.type]?.into != nil: return "merged"
            default: return nil
            }
        case SystemType.dutyFulfilled:
            switch outcome {
            case .void: return "refused"
            case .open: return "corrected"
            // The new settlement says what holds now.
            case .fulfilled, .closed: return nil
            }
        default: return nil
        }
    }

    private func notice(_ step: LadderStep, id: String, to party: PartyID, isCopy: Bool, text: NoticeText) -> Decision {
        var data: JSONObject = [
            "obligation": .string(self.id), "duty": .string(duty.id), "article": .string(duty.article), "basis": .string(duty.due.basis.rawValue),
            "obligor": .string(obligor), "to": .string(party),
        ]
        let offset = rules.regulation.calendar.offset
        if openedBy != nil { data["subject"] = .string(subject) }
        if let deadline { data["deadline"] = JSON(deadline, offset: offset) }
        if case .fulfilled(let at, let by, let course) = outcome {
            data["fulfilledAt"] = JSON(at, offset: offset)
            data["fulfilledBy"] = .string(by.id)
            data["late"] = .bool(isLate)
            if let deadline { data["marginSeconds"] = .int(Int64(((deadline - at).milliseconds / 1000))) }
            data["course"] = .array(course.map { ["step": .string($0.name), "at": JSON($0.at, offset: offset)] })
        } else {
            data["startedAt"] = JSON(startsAt, offset: offset)
            data["rung"] = .string(step.name)
            if isCopy { data["copy"] = true }
            if let repetition = step.repetition { data["repeat"] = .int(Int64(repetition)) }
            if let openedBy { data["openedBy"] = .string(openedBy.id) }
            switch step.rung.moment {
            case .held:
                if let heldBy { (data["window"], data["until"]) = (.string(heldBy.window.subject), JSON(heldBy.until, offset: offset)) }
            case .extended: if let last = extensions.last { data["extendedBy"] = .string(last.event.id) }
            case .rescheduled:
                if let rescheduling { (data["extendedBy"], data["formerly"]) = (.string(rescheduling.by), JSON(rescheduling.from, offset: offset)) }
            default: break
            }
        }
        data["wording"] = text.wording(named: isLate && step.rung.moment == .settled ? step.rung.wording + "-late" : step.rung.wording, to: party).json
        var cause = openedBy?.id
        if case .fulfilled(_, let by, _) = outcome { cause = by.id }
        return Decision(
            id: id, type: step.rung.messageType, to: party, subject: openedBy == nil ? nil : subject, data: .object(data), exercise: exercise,
            causationID: cause)
    }

    private func withdrawal(of notice: SentNotice, id withdrawalID: String, reason: String, text: NoticeText) -> Decision {
        Decision(
            id: withdrawalID, type: SystemType.noticeWithdrawn, to: notice.to, subject: openedBy == nil ? nil : subject,
            data: [
                "withdraws": .string(notice.id), "obligation": .string(id), "to": .string(notice.to), "reason": .string(reason),
                "wording": text.withdrawal(title: notice.title, reason: reason, to: notice.to).json,
            ], exercise: exercise, causationID: notice.id)
    }
}
