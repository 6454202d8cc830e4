import Messages
import Regulation
import Values

extension LedgerState {
    private var offset: Span { regulation?.calendar.offset ?? .zero }

    /// The answer to "explain": the rule, the clock's inputs, the evidence, the receipts, the notices sent and withdrawn, the next step. Where that is more
    /// than `limit` bytes, the middle of its lists is left out; `cut` then tells how many of each.
    public func explain(_ id: String, limit: Int = StatusBoard.maximumBytes) -> JSON {
        for most in [100, 50, 25, 10, 4, 2] {
            var cutting = Cutting(most: most)
            guard var answer = explain(id, &cutting).object else { continue }
            answer["complete"] = .bool(cutting.omitted.members.isEmpty)
            if !cutting.omitted.members.isEmpty { answer["cut"] = .object(cutting.omitted) }
            let json = JSON.object(answer)
            if json.bytes.count <= limit { return json }
        }
        return ["found": true, "kind": "too-long", "complete": false]
    }

    /// Keeps the beginning and the end of lists, and counts what it leaves out.
    private struct Cutting {
        let most: Int
        var omitted = JSONObject()

        mutating func ends<Item>(of items: [Item], _ name: String) -> [Item] {
            guard items.count > most else { return items }
            omitted[name] = .int(Int64(items.count - most))
            return items.prefix(most - most / 2) + items.suffix(most / 2)
        }
    }

    private func explain(_ id: String, _ cutting: inout Cutting) -> JSON {
        if let obligation = obligations[id] { return explain(obligation, &cutting) }
        if let key = caseOf(id), let item = cases[key] {
            let about = item.obligations.compactMap { obligations[$0]?.id }.sorted()
            let evidence = corrected(item.evidence, of: key).filter { !$0.isNotice }
            return .compact([
                "found": true, "kind": evidence.contains { $0.event.id == id } ? "event" : "incident",
                "title": evidence.fact(FieldPath("data.title")).map { ["vi": $0, "en": $0] },
                "subject": .string(key),
                "evidence": .array(cutting.ends(of: evidence, "evidence").map { describe($0, role: $0.event.id == id ? "asked" : "of the case") }),
                "receipts": .array(describeReceipts(of: evidence, &cutting)), "near": .array(cutting.ends(of: about, "near").map { .string($0) }),
            ])
        }
        if let gap = explain(gap: id) { return gap }
        if let refusal = refusals[id] {
            return [
                "found": true, "kind": "refused", "reason": refusal.reason.json, "remedy": refusal.remedy.json,
                "sender": refusal.sender.map { .string($0) } ?? nil,
            ]
        }
        let near = (Array(obligations.keys) + Array(cases.keys)).filter { $0.contains(id) }.sorted().prefix(8)
        return ["found": false, "near": .array(near.map { .string($0) })]
    }

    private func explain(_ obligation: Obligation, _ cutting: inout Cutting) -> JSON {
        let duty = obligation.duty
        let evidence = corrected(evidence(of: obligation.key), of: obligation.key).filter { !$0.isNotice }
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
        if let year = obligation.provisionalYear, let deadline = obligation.deadline {
            clock.append([
                "label": Wording(vi: "tạm tính, chưa có lịch nghỉ lễ năm \(year)", en: "provisional, the days off of \(year) are not known yet").json,
                "at": JSON(deadline, offset: offset), "source": nil,
            ])
        }
        if let rescheduling = obligation.rescheduling {
            clock.append([
                "label": ["vi": "tính lại theo ngày làm việc, trước đây là", "en": "reckoned anew by other working days, formerly"],
                "at": JSON(rescheduling.from, offset: offset), "source": .string(rescheduling.by),
            ])
        }
        if let held = obligation.heldBy {
            clock.append([
                "label": Wording(vi: "tạm hoãn vì bảo trì \(held.window.subject) đến", en: "held back by maintenance \(held.window.subject) until").json,
                "at": JSON(held.until, offset: offset), "source": .string(held.window.announcement.event.id),
            ])
        }
        for item in obligation.extensions {
            guard let until = item.event.data["until"]?.instant else { continue }
            clock.append([
                "label": ["vi": "được gia hạn đến", "en": "extended until"], "at": JSON(until, offset: offset), "source": .string(item.event.id),
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
                "duty": .string(duty.id), "article": .string(duty.article), "citation": obligation.rules.citation(of: duty.article).json,
                "basis": .string(duty.due.basis.rawValue), "obligor": .string(obligation.obligor),
                "addressee": obligation.addressees.first.map { .string($0) } ?? nil,
                "version": .string(obligation.rules.regulation.version), "fulfilledBy": .array(duty.fulfilledBy.map { .string($0.type) }),
            ],
            "state": .string(stateName(obligation)), "clock": .array(cutting.ends(of: clock, "clock")),
            "evidence": .array(cutting.ends(of: evidence, "evidence").map { describe($0, role: role(of: $0, in: obligation)) }),
            "receipts": .array(describeReceipts(of: evidence, &cutting)),
            "claims": .array(cutting.ends(of: obligation.claims.filter { $0.effect != .nothing }, "claims").map { describe($0) }),
            "explanations": .array(cutting.ends(of: obligation.explanations + obligation.extensions, "explanations").map { describeReason($0) }),
            "notices": .array(
                cutting.ends(of: obligation.notices, "notices").map { notice in
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
        case .fulfilled where obligation.isLate: obligation.duty.due.operations.isEmpty ? "fulfilled-late" : "short"
        case .fulfilled: "fulfilled"
        case .closed(let event): obligation.rules.claims[event.type]?.ending ?? "planned"
        case .void: "taken-back"
        }
    }

    private func role(of item: Evidence, in obligation: Obligation) -> String {
        let claim = obligation.claims.first { $0.id == item.event.id && $0.effect != .call && ($0.state == .waits || $0.state == .denied) }
        if let claim, !claim.messageStands || obligation.openedBy?.id != item.event.id { return "claims" }
        if item.isWithdrawn { return "taken back" }
        if item.event.type == SystemType.dutyExtended { return "extends" }
        if item.event.type == SystemType.dutyExplained { return "explains" }
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
            "arrivedAt": JSON(item.arrivedAt, offset: offset), "role": .string(role), "witness": item.witness.map { .string($0) },
        ])
    }

    /// A claim: who says what, what it changes, who must agree, who did.
    private func describe(_ claim: Claim) -> JSON {
        .compact([
            "id": .string(claim.id), "type": .string(claim.type), "by": .string(claim.sender), "at": JSON(claim.at, offset: offset),
            "effect": .string(claim.effect.rawValue), "state": .string(claim.state.rawValue),
            "deadlineOtherwise": claim.deadlineOtherwise.map { JSON($0, offset: offset) },
            "answerers": .array(claim.answerers.map { .string($0) }), "all": claim.isOneEnough ? nil : true,
            "answers": .array(
                claim.answers.map { answer in
                    .compact([
                        "id": .string(answer.id), "by": .string(answer.by), "officer": answer.officer.map { .string($0) }, "agrees": .bool(answer.isYes),
                    ])
                }),
        ])
    }

    private func describeReason(_ item: Evidence) -> JSON {
        .compact([
            "id": .string(item.event.id), "type": .string(item.event.type), "by": .string(item.event.author), "recordedBy": .string(item.event.sender),
            "at": JSON(item.arrivedAt, offset: offset), "reason": item.event.data["reason"], "document": item.event.data["document"],
        ])
    }

    private func describeReceipts(of evidence: [Evidence], _ cutting: inout Cutting) -> JSON.Elements {
        let all = evidence.flatMap { item in (receipts[item.event.id] ?? []).map { (item, $0) } }
        return cutting.ends(of: all, "receipts").map { item, receipt in
            [
                "party": .string(receipt.party), "id": .string(item.event.id), "receivedAt": JSON(receipt.at, offset: offset),
                "believable": .bool(receipt.isBelievable(notBefore: item.notBefore)),
            ]
        }
    }
}

extension JSON {
    /// The elements of an array being put together.
    typealias Elements = [JSON]
}
