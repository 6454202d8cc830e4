import Messages
import Regulation
import Values

extension LedgerState {
    private var offset: Span { regulation?.calendar.offset ?? .zero }

    /// The answer to "status": open obligations by deadline, incidents, silent agents.
    public func status(asOf now: Instant) -> JSON {
        let open = obligations.values.filter(\.isOpen).sorted {
            ($0.deadline?.milliseconds ?? .max, $0.id) < ($1.deadline?.milliseconds ?? .max, $1.id)
        }
        return [
            "asOf": JSON(now, offset: offset), "leader": election.map { .string($0.instance) } ?? nil,
            "ledger": .compact(["id": ledgerID.map { .string($0) }, "records": .int(Int64(recordCount)), "refused": .int(Int64(refusedCount))]),
            "obligations": .array(open.map { summary(of: $0, asOf: now) }), "incidents": .array(incidents),
            "agents": .array(
                silentSince.keys.sorted().map { ["party": .string($0), "lastSeenAt": silentSince[$0].map { JSON($0, offset: offset) } ?? nil, "silent": true] }),
        ]
    }

    private func summary(of obligation: Obligation, asOf now: Instant) -> JSON {
        let isOverdue = obligation.deadline.map { now > $0 } ?? false
        let isHeld = obligation.hold.map { $0.contains(now) } ?? false
        let isPlanned = obligation.heldBy.map { now < $0.until } ?? false
        return .compact([
            "id": .string(obligation.id), "duty": .string(obligation.duty.id), "title": obligation.duty.title.json, "article": .string(obligation.duty.article),
            "basis": .string(obligation.duty.due.basis.rawValue), "obligor": .string(obligation.obligor),
            "addressee": obligation.addressees.first.map { .string($0) },
            "subject": .string(obligation.key), "case": obligation.title.map { .string($0) }, "startedAt": JSON(obligation.startsAt, offset: offset),
            "deadline": obligation.deadline.map { JSON($0, offset: offset) }, "state": isPlanned ? "planned" : isHeld ? "held" : isOverdue ? "overdue" : "open",
            "next": next(obligation), "explained": obligation.explanations.isEmpty ? nil : true, "exercise": .bool(obligation.exercise),
        ])
    }

    private func next(_ obligation: Obligation) -> JSON? {
        reached.flatMap { obligation.nextStep(after: $0) }.map { ["rung": .string($0.name), "at": JSON($0.at, offset: offset)] }
    }

    private var incidents: JSON.Elements {
        cases.keys.filter { root(of: $0) == $0 }.sorted().compactMap { subject -> JSON? in
            guard let item = cases[subject], item.isIncident else { return nil }
            let evidence = item.evidence
            let standing = Case.corrected(evidence).filter { !$0.isWithdrawn }
            let types = Set(standing.map(\.event.type))
            if types.contains("incident.resolved") || types.contains("incident.dismissed") { return nil }
            let state =
                types.contains("incident.contained")
                ? "contained" : types.contains("incident.acknowledged") ? "acknowledged" : types.contains("incident.notified") ? "notified" : "detected"
            return .compact([
                "subject": .string(subject), "title": standing.fact(FieldPath("data.title")), "kind": standing.fact(FieldPath("data.kind")),
                "occurredAt": standing.fact(FieldPath("data.occurredAt")), "device": standing.fact(FieldPath("data.device")), "state": .string(state),
                "exercise": .bool(standing.contains { $0.event.exercise }),
            ])
        }
    }

    /// The answer to "explain": the rule, the clock's inputs, the evidence, the receipts, the notices sent and withdrawn, the next step.
    public func explain(_ id: String) -> JSON {
        if let obligation = obligations[id] { return explain(obligation) }
        if let key = caseOfEvent[id] ?? (cases[id] == nil ? nil : id), let item = cases[key] {
            let about = item.obligations.compactMap { obligations[$0] }.sorted { $0.id < $1.id }
            let evidence = Case.corrected(item.evidence)
            return .compact([
                "found": true, "kind": caseOfEvent[id] == nil ? "incident" : "event",
                "title": evidence.fact(FieldPath("data.title")).map { ["vi": $0, "en": $0] },
                "subject": .string(key), "evidence": .array(evidence.map { describe($0, role: $0.event.id == id ? "asked" : "of the case") }),
                "receipts": .array(describeReceipts(of: evidence)), "near": .array(about.map { .string($0.id) }),
            ])
        }
        if let refusal = refusals[id] {
            return [
                "found": true, "kind": "refused", "reason": refusal.reason.json, "remedy": refusal.remedy.json,
                "sender": refusal.sender.map { .string($0) } ?? nil,
            ]
        }
        let near = (Array(obligations.keys) + Array(cases.keys)).filter { $0.contains(id) }.sorted().prefix(8)
        return ["found": false, "near": .array(near.map { .string($0) })]
    }

    private func explain(_ obligation: Obligation) -> JSON {
        let duty = obligation.duty
        let evidence = Case.corrected(evidence(of: obligation.key))
        var clock: JSON.Elements = [
            [
                "label": ["vi": "tính từ", "en": "runs from"], "at": JSON(obligation.startsAt, offset: offset),
                "source": obligation.openedBy.map { .string($0.id) } ?? nil,
            ]
        ]
        clock.append([
            "label": ["vi": "ghi nhận", "en": "opened"], "at": JSON(obligation.openedAt, offset: offset),
            "source": obligation.openedBy.map { .string($0.id) } ?? nil,
        ])
        if let deadline = obligation.deadline {
            clock.append(["label": ["vi": "hạn", "en": "deadline"], "at": JSON(deadline, offset: offset), "source": nil])
        }
        if let window = obligation.heldBy {
            clock.append([
                "label": Wording(vi: "tạm hoãn vì bảo trì \(window.subject) đến", en: "held back by maintenance \(window.subject) until").json,
                "at": JSON(window.until, offset: offset), "source": .string(window.announcement.event.id),
            ])
        }
        for item in obligation.extensions {
            guard let until = item.event.data["until"]?.instant else { continue }
            clock.append([
                "label": ["vi": "được gia hạn đến", "en": "extended until"], "at": JSON(until, offset: offset), "source": .string(item.event.id),
            ])
        }
        if let hold = obligation.hold {
            clock.append([
                "label": ["vi": "chờ xác nhận cuộc gọi đến", "en": "held for a call's confirmation until"], "at": JSON(hold.upperBound, offset: offset),
                "source": nil,
            ])
        }
        if case .fulfilled(let at, let by, let course) = obligation.outcome {
            for step in course {
                let label = obligation.rules.regulation.wordings["step-" + step.name]?.json ?? ["vi": .string(step.name), "en": .string(step.name)]
                clock.append(["label": label, "at": JSON(step.at, offset: offset), "source": .string(by.id)])
            }
            clock.append([
                "label": obligation.isLate ? ["vi": "thực hiện, chậm", "en": "fulfilled, late"] : ["vi": "thực hiện, đúng hạn", "en": "fulfilled, in time"],
                "at": JSON(at, offset: offset), "source": .string(by.id),
            ])
        }
        return .compact([
            "found": true, "kind": "obligation", "id": .string(obligation.id), "title": duty.title.json,
            "rule": [
                "duty": .string(duty.id), "article": .string(duty.article), "citation": obligation.rules.regulation.citation.cite(duty.article).json,
                "basis": .string(duty.due.basis.rawValue), "obligor": .string(obligation.obligor),
                "addressee": obligation.addressees.first.map { .string($0) } ?? nil,
                "version": .string(obligation.rules.regulation.version), "fulfilledBy": .array(duty.fulfilledBy.map { .string($0.type) }),
            ],
            "state": .string(stateName(obligation)), "clock": .array(clock),
            "evidence": .array(evidence.map { describe($0, role: role(of: $0, in: obligation)) }),
            "receipts": .array(describeReceipts(of: evidence)),
            "explanations": .array((obligation.explanations + obligation.extensions).map { describeReason($0) }),
            "notices": .array(
                obligation.notices.map { notice in
                    [
                        "id": .string(notice.id), "type": .string(notice.type), "to": .string(notice.to), "at": JSON(notice.at, offset: offset),
                        "state": notice.isWithdrawn ? "withdrawn" : notice.counts ? "sent" : "void", "title": notice.title.json,
                    ]
                }), "next": next(obligation), "exercise": .bool(obligation.exercise),
        ])
    }

    private func stateName(_ obligation: Obligation) -> String {
        switch obligation.outcome {
        case .open: "open"
        case .fulfilled where obligation.isLate: obligation.duty.due.devices.isEmpty ? "fulfilled-late" : "short"
        case .fulfilled: "fulfilled"
        case .closed(let event): Obligation.endings[event.type] ?? "planned"
        case .void: "taken-back"
        }
    }

    private func role(of item: Evidence, in obligation: Obligation) -> String {
        if item.isWithdrawn { return "taken back" }
        if item.event.type == Obligation.extensionType { return "extends" }
        if item.event.type == Obligation.explanationType { return "explains" }
        if case .fulfilled(_, let by, _) = obligation.outcome, by.id == item.event.id { return "fulfils" }
        if case .closed(let by) = obligation.outcome, by.id == item.event.id { return "closes" }
        if obligation.openedBy?.id == item.event.id { return "opens" }
        return item.amendedAt == nil ? "of the case" : "corrected"
    }

    private func describe(_ item: Evidence, role: String) -> JSON {
        let isOfAnother = item.event.author != item.event.sender
        return .compact([
            "id": .string(item.event.id), "type": .string(item.event.type), "sender": .string(item.event.sender),
            "onBehalfOf": isOfAnother ? .string(item.event.author) : nil, "document": isOfAnother ? item.event.data["document"] : nil,
            "writtenAt": JSON(item.event.time, offset: offset),
            "arrivedAt": JSON(item.arrivedAt, offset: offset), "role": .string(role),
        ])
    }

    private func describeReason(_ item: Evidence) -> JSON {
        .compact([
            "id": .string(item.event.id), "type": .string(item.event.type), "by": .string(item.event.author), "recordedBy": .string(item.event.sender),
            "at": JSON(item.arrivedAt, offset: offset), "reason": item.event.data["reason"], "document": item.event.data["document"],
        ])
    }

    private func describeReceipts(of evidence: [Evidence]) -> JSON.Elements {
        evidence.flatMap { item in
            (receipts[item.event.id] ?? []).map { receipt in
                [
                    "party": .string(receipt.party), "id": .string(item.event.id), "receivedAt": JSON(receipt.at, offset: offset),
                    "believable": .bool(receipt.isBelievable(notBefore: item.notBefore)),
                ]
            }
        }
    }
}

extension JSON {
    /// The elements of an array being put together.
    typealias Elements = [JSON]
}
