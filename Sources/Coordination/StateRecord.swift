import Messages
import Regulation
import Values

/// A state written down whole, in one form only: everything that a decision can depend on, each member by its name, in an order of its own. Two states are
/// the same if their records are, byte for byte.
///
/// What is not in it: where the broker keeps a record, which changes when a ledger is restored (the order of the records is kept); and the regulation that serves
/// to read what comes before the first adoption, once that has been read. Messages stand for themselves by id and digest, for they are in the ledger.
extension LedgerState {
    /// The number of the form; another one where the form changes.
    static let recordFormat: Int64 = 4

    /// The state as JSON.
    public var record: JSON {
        let offset = regulation?.calendar.offset ?? .zero
        func time(_ instant: Instant?) -> JSON { instant.map { JSON($0, offset: offset) } ?? .null }
        func strings(_ texts: some Sequence<String>) -> JSON { .array(texts.map { .string($0) }) }
        func refusal(_ refusal: Refusal) -> JSON {
            [
                "reason": refusal.reason.json, "remedy": refusal.remedy.json, "id": text(refusal.eventID), "type": text(refusal.type),
                "writtenAt": time(refusal.writtenAt), "sender": text(refusal.sender),
            ]
        }
        func period(_ period: Recurrence.Period) -> JSON { ["key": .string(period.key), "opens": time(period.opens), "ends": time(period.ends)] }
        let election: JSON = self.election.map { ["id": .string($0.id), "term": .int($0.term), "instance": .string($0.instance)] } ?? .null
        // One after the other: one large literal takes the compiler minutes.
        var record = JSONObject()
        record["format"] = .int(LedgerState.recordFormat)
        record["rate"] = .double(options.rate)
        record["ledger"] = text(ledgerID)
        record["records"] = .int(Int64(recordCount))
        record["refused"] = .int(Int64(refusedCount))
        record["election"] = election
        record["reached"] = time(reached)
        record["observedAt"] = time(observedAt)
        record["regulation"] = text(rules?.regulation.digest ?? bootstrap.regulation.digest)
        record["isAdopted"] = .bool(rules != nil)
        record["earlier"] = strings(earlier.map(\.regulation.digest))
        record["waiting"] = strings(waiting.map { fnv1a(Array($0.carriage.routingKey.utf8) + [0] + $0.body) })
        record["nextOpening"] = sorted(nextOpening, period)
        record["firstOpening"] = time(firstOpening)
        record["obligations"] = .array(obligations.keys.sorted().compactMap { obligations[$0]?.record(offset) })
        record["cases"] = sorted(cases) { item in
            ["evidence": .array(item.evidence.map { $0.record(offset) }), "obligations": strings(item.obligations)]
        }
        record["caseOfEvent"] = sorted(caseOfEvent) { .string($0) }
        record["otherCases"] = sorted(otherCases) { strings($0) }
        record["confirmations"] = sorted(confirmations) { .array($0.map { $0.record(offset) }) }
        record["mergedInto"] = sorted(mergedInto) { .string($0) }
        record["setAside"] = setAside.record
        record["windows"] = sorted(windows) { $0.record(offset) }
        record["days"] = days.record
        record["phones"] = sorted(phones) { .string($0) }
        record["nearby"] = nearby.record
        record["strays"] = sorted(strays) { .string($0.subject) }
        record["receipts"] = sorted(receipts) { receipts in
            .array(receipts.map { ["party": .string($0.party), "at": time($0.at), "recordedAt": time($0.recordedAt)] })
        }
        record["maintained"] = strings(maintained.sorted())
        record["receiving"] = strings(receiving.sorted())
        record["awaiting"] = sorted(awaiting) { item in
            [
                "event": .string(item.event.digest), "routingKey": .string(item.routingKey), "from": strings(item.from.sorted()), "since": time(item.since),
            ]
        }
        record["silentSince"] = sorted(silentSince) { time($0) }
        record["refusals"] = sorted(refusals, refusal)
        record["lastRefusal"] = lastRefusal.map(refusal) ?? .null
        record["refusing"] = sorted(refusing) { line in
            [
                "owed": sorted(line.owed) { text($0) }, "said": .array(line.said.map { time($0) }),
                "gathering": line.gathering.map { word in
                    ["members": .array(word.members.map { .string($0.digest) }), "count": .int(Int64(word.count))]
                } ?? .null,
            ]
        }
        record["told"] = strings(told.sorted().map { String($0, radix: 16) })
        record["unsayable"] = strings(unsayable.sorted())
        record["gaps"] = gapRecord
        record["wakes"] = .array(
            wakes.instants.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { ["at": time($0.value), "key": $0.key.record] })
        record["agenda"] = .array(agenda.entries.values.sorted { $0.number < $1.number }.map { $0.record(offset) })
        record["stale"] = strings(stale.sorted())
        record["lastStatus"] = sorted(lastStatus) { .array($0.map { $0.record(offset) }) }
        record["observed"] = sorted(observed) { item in
            [
                "device": .string(item.device), "since": time(item.since),
                "changes": .array(
                    item.changes.map {
                        ["id": .string($0.id), "at": time($0.at), "arrivedAt": time($0.arrivedAt), "isDown": .bool($0.isDown)]
                    }),
            ]
        }
        record["followers"] = sorted(followers) { strings($0.sorted()) }
        record["realOrDrill"] = strings(realOrDrill.sorted())
        record["unobserved"] = .array(
            unobserved.map {
                ["event": .string($0.event.digest), "routingKey": .string($0.record.carriage.routingKey), "notBefore": time($0.notBefore)]
            })
        record["leaderless"] = strings(leaderless.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key))
        record["refusedExtensions"] = sorted(refusedExtensions) { $0.record(offset) }
        record["evidenceCount"] = .int(Int64(evidenceCount))
        record["seen"] = strings(seen.sorted())
        return .object(record)
    }

    /// A digest of the record, FNV-1a of 64 bits in hexadecimal: tells whether two have the same state, where nobody has a reason to forge one.
    public var digest: String { fnv1a(record.bytes) }
}

private func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

/// An object with its keys in order.
private func sorted<Value>(_ values: [String: Value], _ json: (Value) -> JSON) -> JSON {
    .object(JSONObject(members: values.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: json($0.value)) }))
}

extension Event {
    fileprivate var digest: String { "\(id) \(fnv1a(encoded(offset: .zero)))" }
}

extension Evidence {
    fileprivate func record(_ offset: Span) -> JSON {
        [
            "event": .string(event.digest), "arrivedAt": JSON(arrivedAt, offset: offset), "notBefore": JSON(notBefore, offset: offset),
            "notAfter": JSON(notAfter, offset: offset), "isStamped": .bool(isStamped), "offset": .bool(self.offset != nil),
            "sequence": .int(Int64(sequence)), "isOfSubject": .bool(isOfSubject), "amendedAt": amendedAt.map { JSON($0, offset: offset) } ?? .null,
            "isWithdrawn": .bool(isWithdrawn), "witness": text(witness),
        ]
    }
}

extension MaintenanceWindow {
    fileprivate func record(_ offset: Span) -> JSON {
        [
            "subject": .string(subject), "kind": .string(kind), "devices": devices.map { .array($0.sorted().map { .string($0) }) } ?? .null,
            "announcement": announcement.record(offset), "agreement": agreement?.record(offset) ?? .null,
            "announcedFrom": JSON(announcedFrom, offset: offset), "announcedUntil": JSON(announcedUntil, offset: offset),
            "closedAt": closedAt.map { JSON($0, offset: offset) } ?? .null,
        ]
    }
}

extension PlannedTime {
    fileprivate func record(_ offset: Span) -> JSON {
        [
            "window": window.record(offset), "devices": time.devices.map { .array($0.sorted().map { .string($0) }) } ?? .null,
            "from": JSON(from, offset: offset),
            "until": JSON(until, offset: offset), "holds": .bool(holds),
        ]
    }
}

extension WakeQueue.Key {
    fileprivate var record: JSON {
        switch self {
        case .obligation(let id): ["obligation": .string(id)]
        case .receipt(let id): ["receipt": .string(id)]
        case .refusals(let party): ["refusals": .string(party)]
        case .gap(let id): ["gap": .string(id)]
        case .stray(let id): ["stray": .string(id)]
        }
    }
}

extension Agenda.Entry {
    fileprivate func record(_ offset: Span) -> JSON {
        let content: JSON =
            switch content {
            case .notices(let due, let reached): ["notices": .array(due.map { .string($0.id) }), "reached": JSON(reached, offset: offset)]
            case .forwards(let parties): ["forwards": .array(parties.map { .string($0) })]
            case .refusal(let decision), .inquiry(let decision): ["refusal": .string("\(decision.id) \(fnv1a(decision.data.bytes))")]
            }
        return ["key": .string(key), "urgency": .int(Int64(lane.urgency.rawValue)), "party": .string(lane.party), "content": content]
    }
}

extension Obligation {
    fileprivate func record(_ offset: Span) -> JSON {
        func time(_ instant: Instant?) -> JSON { instant.map { JSON($0, offset: offset) } ?? .null }
        func range(_ range: Range<Instant>) -> JSON { ["from": time(range.lowerBound), "until": time(range.upperBound)] }
        var record = JSONObject()
        record["id"] = .string(id)
        record["rules"] = .string(rules.regulation.digest)
        record["duty"] = .string(duty.id)
        record["key"] = .string(key)
        record["period"] = period.map { ["key": .string($0.key), "opens": time($0.opens), "ends": time($0.ends)] } ?? .null
        record["party"] = text(party)
        record["watchedFrom"] = time(watchedFrom)
        record["obligor"] = .string(obligor)
        record["addressees"] = .array(addressees.map { .string($0) })
        record["openedBy"] = text(openedBy?.digest)
        record["openedAt"] = time(openedAt)
        record["startsAt"] = time(startsAt)
        record["occurredAt"] = time(occurredAt)
        record["deadline"] = time(deadline)
        record["knownAt"] = time(knownAt)
        record["outcome"] = outcomeRecord(offset)
        record["claims"] = .array(claims.map { $0.record(offset) })
        record["calls"] = .array(calls.map { $0.record(offset) })
        record["restingOnReceipt"] = text(restingOnReceipt?.id)
        record["exercise"] = .bool(exercise)
        record["looksAgainAt"] = looksAgainAt.map { JSON($0, offset: offset) } ?? .null
        record["followsDevice"] = .bool(followsDevice)
        record["title"] = text(title)
        record["stage"] = text(stage)
        record["heldBy"] = heldBy?.record(offset) ?? .null
        record["explanations"] = .array(explanations.map { $0.record(offset) })
        record["extensions"] = .array(extensions.map { $0.record(offset) })
        record["workingDays"] = text(workingDays?.by)
        if let rescheduling {
            record["rescheduling"] = [
                "from": time(rescheduling.from), "to": time(rescheduling.to), "at": time(rescheduling.at), "by": .string(rescheduling.by),
            ]
        }
        record["lost"] = .array(lost.map { ["cause": .string($0.cause), "range": range($0.range)] })
        record["notices"] = .array(notices.map { $0.record(offset) })
        return .object(record)
    }

    private func outcomeRecord(_ offset: Span) -> JSON {
        switch outcome {
        case .open: ["is": "open"]
        case .fulfilled(let at, let by, let course):
            [
                "is": "fulfilled", "at": JSON(at, offset: offset), "by": .string(by.digest),
                "course": .array(course.map { ["name": .string($0.name), "at": JSON($0.at, offset: offset)] }),
            ]
        case .closed(let by): ["is": "closed", "by": .string(by.digest)]
        case .void: ["is": "void"]
        }
    }
}

extension Claim {
    fileprivate func record(_ offset: Span) -> JSON {
        [
            "id": .string(id), "type": .string(type), "sender": .string(sender), "officer": text(officer), "at": JSON(at, offset: offset),
            "effect": .string(effect.rawValue),
            "state": .string(state.rawValue), "answerers": .array(answerers.map { .string($0) }), "isOneEnough": .bool(isOneEnough),
            "answers": .array(answers.map { ["by": .string($0.by), "officer": text($0.officer), "isYes": .bool($0.isYes), "id": .string($0.id)] }),
            "deadlineOtherwise": deadlineOtherwise.map { JSON($0, offset: offset) } ?? .null, "mayHaveCountedAlone": .bool(mayHaveCountedAlone),
        ]
    }
}

extension SentNotice {
    fileprivate func record(_ offset: Span) -> JSON {
        [
            "id": .string(id), "type": .string(type), "to": .string(to), "at": JSON(at, offset: offset),
            "deadline": deadline.map { JSON($0, offset: offset) } ?? .null, "title": title.json, "counts": .bool(counts), "isWithdrawn": .bool(isWithdrawn),
        ]
    }
}
