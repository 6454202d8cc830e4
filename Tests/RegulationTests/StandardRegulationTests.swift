import Messages
import Schemas
import Testing
import Values

@testable import Coordination
@testable import Regulation

/// The regulation compiled in: nothing named in it is missing, nothing in it goes unused.
@Suite struct StandardRegulationTests {
    let regulation = Regulation.standard

    @Test func everyMessageTypeHasASchemaAndEverySchemaAType() {
        let schemas = Set(Schemas.messageNames.map { String($0.dropLast(".v1".count)) })
        let types = Set(regulation.messageTypes.map(\.name))
        #expect(types.subtracting(schemas).isEmpty)
        #expect(schemas.subtracting(types).isEmpty)
        #expect(Schemas.messageNames.allSatisfy { $0.hasSuffix(".v1") })
        for type in types { #expect(MessageSchema.named(type) != nil) }
    }

    @Test func theDutiesThatWatchTheClockAreThere() {
        let law = regulation.duties.filter { $0.due.basis == .law }.map(\.id)
        #expect(
            law == [
                "incident.notify-department", "operate.daily-hours", "suggestion-box.open", "report.half-year", "report.year", "report.consolidate",
            ])
        #expect(regulation.duty("incident.notify-department")?.due.cases.map(\.term) == [.within(.hours(1))])
        #expect(regulation.duty("incident.notify-department")?.article == "8.2")
    }

    @Test func everyPartyNamedExistsAndOnlyMembersAreNotified() {
        let ids = Set(regulation.parties.map(\.id))
        let members = Set(regulation.parties.filter { $0.role != .system }.map(\.id))
        for type in regulation.messageTypes {
            #expect(!type.from.isEmpty && ids.isSuperset(of: type.from), "\(type.name)")
            #expect(members.isSuperset(of: type.to), "\(type.name)")
            #expect(Set(type.to).count == type.to.count && Set(type.from).count == type.from.count, "\(type.name) names a party twice")
        }
        for duty in regulation.duties {
            let matchers = duty.fulfilledBy + duty.closedBy + duty.openingMessages
            let named =
                duty.obligors.compactMap(\.party) + duty.addressees.compactMap(\.party) + matchers.flatMap { $0.from + [$0.confirmedBy].compactMap(\.self) }
            #expect(members.isSuperset(of: named), "\(duty.id)")
            for rung in duty.ladder { #expect(members.union(["obligor", "addressee"]).isSuperset(of: rung.to + rung.copy), "\(duty.id)") }
        }
        #expect(members.isSuperset(of: regulation.groups.values.flatMap(\.self)))
        #expect(Set(regulation.groups["everyone"] ?? []) == members)
    }

    @Test func nobodyIsExpectedToSayWhatTheyMayNot() {
        for duty in regulation.duties {
            for matcher in duty.fulfilledBy + duty.closedBy + duty.openingMessages {
                let from = regulation.messageType(matcher.type)?.from ?? []
                #expect(Set(from).isSuperset(of: matcher.from), "\(duty.id): \(matcher.type)")
                if matcher.confirmedBy != nil { #expect(regulation.messageType("communication.confirmed")?.from.contains(matcher.confirmedBy ?? "") == true) }
            }
            // Whoever owes a duty can fulfil it alone.
            for obligor in regulation.possibleObligors(of: duty) {
                let canFulfil = duty.fulfilledBy.contains {
                    ($0.from.isEmpty || $0.from.contains(obligor)) && regulation.messageType($0.type)?.from.contains(obligor) == true
                }
                #expect(canFulfil, "\(obligor) cannot fulfil \(duty.id)")
            }
            if let alternative = duty.alternativeTo {
                let other = regulation.duty(alternative)
                #expect(other != nil && other?.alternativeTo == nil, "\(duty.id)")
                #expect(duty.fulfilledBy.allSatisfy { act in other?.closedBy.contains { $0.type == act.type } == true }, "\(duty.id)")
            }
        }
    }

    @Test func everyMemberThatADutyLooksAtIsInTheSchema() {
        for duty in regulation.duties {
            let matchers = duty.fulfilledBy + duty.closedBy + duty.openingMessages
            for matcher in matchers {
                for condition in matcher.conditions { check(condition, in: [matcher.type], duty) }
                for path in [matcher.at, matcher.period?.path, matcher.citing].compactMap(\.self) {
                    #expect(field(path, in: [matcher.type]) != nil, "\(duty.id): \(path)")
                }
            }
            let opening = duty.openingMessages.map(\.type)
            if let path = duty.startsAt { for type in opening { #expect(field(path, in: [type])?.kind == .instant, "\(duty.id): \(type) has no \(path)") } }
            let inCase = opening + matchers.map(\.type) + ["incident.corrected"]
            for condition in duty.obligors.flatMap(\.conditions) + duty.due.cases.flatMap(\.conditions) { check(condition, in: inCase, duty) }
            for named in duty.obligors.compactMap(\.named) { #expect(field(named.path, in: [named.type]) != nil, "\(duty.id): \(named.path)") }
            if case .named(let path) = duty.each { for type in opening { #expect(field(path, in: [type])?.isRequired == true, "\(duty.id): \(path)") } }
            // Whoever is meant by a message's sender, the message is one of the case.
            let senders = duty.obligors.compactMap(\.senderOf) + duty.addressees.compactMap { if case .sender(let type) = $0 { type } else { nil } }
            let known = Set(regulation.duties.flatMap { $0.openingMessages.map(\.type) })
            #expect(known.isSuperset(of: senders), "\(duty.id)")
            for dueCase in duty.due.cases {
                if case .field(let type, let path, _) = dueCase.term {
                    #expect(field(path, in: type.map { [$0] } ?? opening)?.kind == .instant, "\(duty.id): \(path)")
                }
                if case .operation(let operation) = dueCase.term,
                    case .choice(let devices)? = field(FieldPath("data.device"), in: [operation.shownBy])?.kind
                {
                    #expect(devices.contains(operation.device))
                }
            }
        }
    }

    private func check(_ condition: Condition, in types: [String], _ duty: Duty) {
        guard let field = field(condition.path, in: types) else {
            Issue.record("\(duty.id): no message of \(types) has \(condition.path)")
            return
        }
        for value in condition.values {
            switch field.kind {
            case .choice(let choices): #expect(choices.contains(value.string ?? ""), "\(duty.id): \(condition.path) is never \(value.text)")
            case .flag: #expect(value.bool != nil, "\(duty.id): \(condition.path)")
            default: #expect(value.string != nil, "\(duty.id): \(condition.path)")
            }
        }
    }

    private func field(_ path: FieldPath, in types: [String]) -> MessageSchema.Field? {
        for type in types {
            var fields = MessageSchema.named(type)?.fields ?? []
            var found: MessageSchema.Field?
            for key in path.keys.dropFirst() {
                found = fields.first { $0.name == key }
                fields = found?.members ?? []
            }
            if let found { return found }
        }
        return nil
    }

    @Test func everyWordingIsThereAndNoneIsIdle() {
        var used: Set<String> = [
            "footer", "exercise-prefix", "exercise-suffix", "no-phone", "no-deadline", "none", "discovered-late", "withdrawn", "forwarded", "refused",
            "refused-more", "silent", "returned", "set-aside", "set-aside-incident",
            "missing-again", "missing-testimony", "real-or-drill", "provisional-year", "same-case",
        ]
        for basis in DueRule.Basis.allCases { used.formUnion(["basis-", "overdue-", "deadline-"].map { $0 + basis.rawValue }) }
        used.formUnion(["explained", "held-until", "unconfirmed-call", "unconfirmed-nearby"])
        if case .choice(let kinds)? = field(FieldPath("data.kind"), in: [regulation.maintenance?.opens].compactMap(\.self))?.kind {
            used.formUnion(kinds.map { "cause-planned-" + $0 })
        }
        used.formUnion(["refused", "merged", "planned", "dismissed", "fulfilled-in-time", "corrected", "unjustified"].map { "reason-" + $0 })
        used.formUnion(
            ["occurred", "detected", "called", "confirmed", "sent", "arrived", "received", "latest", "entered", "merged", "works", "nearby"].map {
                "step-" + $0
            })
        used.formUnion(regulation.caseKinds.flatMap(\.stages).map { "state-" + $0.name })
        used.formUnion(["fault", "maintenance"].map { "cause-" + $0 })
        if case .choice(let causes)? = field(FieldPath("data.cause"), in: regulation.operations.map(\.shownBy))?.kind {
            used.formUnion(causes.map { "cause-" + $0 })
        }
        for rung in regulation.duties.flatMap(\.ladder) {
            used.insert(rung.wording)
            if rung.moment == .settled { used.insert(rung.wording + "-late") }
        }
        let known = Set(regulation.wordings.keys)
        #expect(used.subtracting(known).sorted() == [], "not worded")
        #expect(known.subtracting(used).sorted() == [], "never said")
        for (name, wording) in regulation.wordings { #expect(!wording.vi.isEmpty && !wording.en.isEmpty, "\(name)") }
    }

    /// What the coordinator can put into the notices of an obligation.
    static let ofObligations: Set<String> = [
        "obligor", "addressee", "to", "incident", "case", "duty", "article", "basis", "occurred", "detector", "deadline", "left", "overdue", "late", "spare",
        "received",
        "course", "discovered", "phone", "contact", "state", "causes", "period", "into", "deadline-word", "Deadline-word", "OVERDUE-WORD",
        "explained", "held", "unconfirmed", "claim", "claimant", "explained-at", "former", "other", "window", "announcer", "until", "extender",
        "extension-reason",
    ]

    /// What it can put into its other notices.
    static let ofOthers: [String: Set<String>] = [
        "withdrawn": ofObligations.union(["title", "reason"]), "forwarded": ["to", "message", "sender", "time"],
        "refused": ["to", "sender", "message", "id", "time", "reason", "remedy", "phone"], "refused-more": ["count", "ids"],
        "silent": ["to", "party", "phone", "last-seen"], "returned": ["to", "party", "phone", "last-seen", "returned"],
        "set-aside": ["message", "id", "sender"], "set-aside-incident": ["message", "id", "sender"],
        "missing-again": ["to", "count"], "missing-testimony": ["to", "count"], "provisional-year": ["year"], "same-case": ["other"],
    ]

    @Test func everyPlaceholderIsOneThatTheCoordinatorFills() {
        let notices = Set(regulation.duties.flatMap(\.ladder).flatMap { [$0.wording, $0.wording + "-late"] })
        for (name, wording) in regulation.wordings {
            let isOfObligation = notices.contains(name) || name.hasPrefix("reason-") || ["explained", "held-until", "unconfirmed-nearby"].contains(name)
            let known = StandardRegulationTests.ofOthers[name] ?? (isOfObligation ? StandardRegulationTests.ofObligations : [])
            for text in [wording.vi, wording.en] {
                let misspelt = placeholders(in: text).subtracting(known)
                #expect(misspelt.isEmpty, "\(name) has \(misspelt.sorted())")
                #expect(text.replacing(/\{[^{}]*\}/, with: "").allSatisfy { $0 != "{" && $0 != "}" }, "\(name) has a lone brace")
            }
            #expect(placeholders(in: wording.vi) == placeholders(in: wording.en), "\(name) says more in one language")
        }
        for wording in [regulation.citation.full, regulation.citation.short] {
            #expect(placeholders(in: wording.vi) == ["clause", "article"] && placeholders(in: wording.en) == ["clause", "article"])
        }
        #expect(placeholders(in: regulation.citation.ours.vi + regulation.citation.ours.en).isEmpty)
    }

    private func placeholders(in text: String) -> Set<String> { Set(text.matches(of: /\{([^{}]*)\}/).map { String($0.1) }) }

    @Test(arguments: Regulation.standard.duties.map(\.id)) func theCoordinatorFillsEachOfThem(_ id: String) throws {
        var probing = regulation
        let all = StandardRegulationTests.ofObligations.sorted().map { "{\($0)}" }.joined(separator: "|")
        probing.wordings["probe"] = Wording(vi: all, en: all)
        let duty = try #require(probing.duty(id))
        let obligation = Obligation(duty: duty, key: "SC-1", period: nil, rules: Rules(probing, allowedSkew: .zero))
        let text = NoticeText(obligation, reached: Instant(milliseconds: 0), phones: [:])
        for name in ["probe"] + duty.ladder.map(\.wording) {
            let wording = text.wording(named: name, to: "police")
            for text in [wording.vi, wording.en] { #expect(!text.contains("{") && !text.contains("}"), "\(name): \(text)") }
        }
    }

    @Test func refusalsAndForwardedMessagesLeaveNoPlaceholder() {
        let event = Event(id: "e1", sender: "police", type: "incident.detected", time: Instant(milliseconds: 0), data: [:])
        let refusal = Refusal(Wording(vi: "lý do", en: "a reason"), remedy: Wording(vi: "gửi lại", en: "send it again"))
        let one = Refused(refusal, body: [], routingKey: "x")
        for decision in [
            Answer.forwarded(event, routingKey: "police.incident.detected.all", to: "border-guard", rules: regulation),
            Answer.refused(.init(members: [one], count: 1), to: "police", phone: nil, rules: regulation),
            Answer.refused(.init(members: [one, one], count: 3), to: "police", phone: nil, rules: regulation),
        ] {
            let wording = Wording(decision.data["wording"])
            for text in [wording.vi, wording.en] { #expect(!text.isEmpty && !text.contains("{"), "\(text)") }
        }
    }

    @Test(arguments: [
        ("8.2", "Clause 2, Article 8 of the Regulation issued with Decision No. 34/2015/QĐ-UBND"),
        ("15.1", "Clause 1, Article 15 of the Regulation issued with Decision No. 34/2015/QĐ-UBND"),
        ("ours", "a duty of this system's own, which no clause orders"),
    ]) func aClauseIsCitedInFull(_ article: String, _ text: String) {
        #expect(regulation.citation.cite(article).en == text)
        #expect(regulation.citation.cite(article, short: true).vi.contains(article == "ours" ? "hệ thống" : "QĐ 34/2015/QĐ-UBND"))
    }

    @Test func theDigestTellsTwoRegulationsApart() throws {
        let same = try Regulation(json: regulation.source)
        #expect(same == regulation && same.digest == regulation.digest && same.digest.count == 16)
        let other = try Regulation(json: regulation.source.changed(at: "/version", to: "next"))
        #expect(other.digest != regulation.digest)
        #expect(fnv1a([]) == "cbf29ce484222325" && fnv1a(Array("a".utf8)) == "af63dc4c8601ec8c")
    }

    @Test func everyRungOfALadderHasANameOfItsOwnWithinIt() {
        for duty in regulation.duties { #expect(Set(duty.ladder.map(\.id)).count == duty.ladder.count, "\(duty.id)") }
        #expect(
            regulation.duty("incident.notify-department")?.ladder.map { "\($0.id) \($0.messageType)" } == [
                "opening duty.opened", "held notice.held-back", "before-PT30M duty.reminded", "before-PT10M duty.reminded", "deadline duty.overdue",
                "after-PT30M duty.escalated",
                "every-PT1H duty.overdue", "settled duty.fulfilled",
            ])
    }
}

extension Regulation {
    /// Everyone who may come to owe a duty and has no excuse: whom nobody names freely, and nobody but who may send what opens it.
    func possibleObligors(of duty: Duty) -> Set<PartyID> {
        var parties = Set(duty.obligors.compactMap(\.party))
        if case .of(let list) = duty.each { parties.formUnion(list) }
        for type in duty.obligors.compactMap(\.senderOf) { parties.formUnion(messageType(type)?.from ?? []) }
        return parties
    }
}

extension Duty {
    /// The messages that open it; none for a duty of the calendar.
    var openingMessages: [Matcher] { if case .messages(let matchers) = opening { matchers } else { [] } }
}
