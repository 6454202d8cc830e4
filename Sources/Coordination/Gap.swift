import Foundation
import Messages
import Regulation
import Values

/// A message that somebody received and that is not on the ledger: after a restart the broker may route to a party's queue a moment before it routes to the
/// ledger. First its sender is asked to send it again; then those who received it, one after another, to say what they received.
struct Gap: Sendable, Hashable {
    /// How far it has come.
    enum Stage: Sendable, Hashable {
        /// Its record may still come: a receipt may stand in the ledger before what it is for.
        case suspected
        /// The sender is asked.
        case sender
        /// The receiver of this place in their order is asked.
        case receiver(Int)
        /// All were asked.
        case lost
    }

    /// The message's id.
    var id: String
    /// Who sent it, as the receivers say; nil where none of them does.
    var sender: PartyID?
    /// Who received it, in the order of their receipts.
    var receivers: [PartyID]
    /// When the first receipt came in.
    var since: Instant
    /// The coordinator's last record before that.
    var notBefore: Instant
    var stage = Stage.suspected
    /// What the receiver that is asked has sent so far of a message that needs more than one.
    var parts: [Int: [UInt8]] = [:]

    /// How long its record may be on its way.
    static let patience = Span.seconds(10)
    /// How long it must have been missing to be asked about together with another whose time has come: hundreds that a broker lost as it came back are received
    /// within seconds, and who is asked about each by itself looks through all that it ever said as often.
    static let patienceBesideOthers = Span.seconds(5)
    /// How long who is asked may take.
    static let answerSpan = Span.seconds(60)
}

/// A message that is on the ledger only by the word of one who received it.
struct Testimony: Sendable, Hashable {
    /// Who says so.
    var witness: PartyID
    /// The message.
    var event: Event
    /// Of its bytes.
    var digest: String
}

/// All gaps, and what became of them.
struct Gaps: Sendable {
    /// Messages that are not there, by id.
    var open: [String: Gap] = [:]
    /// Messages that are there by a receiver's word, by id.
    var testimonies: [String: Testimony] = [:]
    /// Messages of which two bodies are known under one id, with the receiver whose body is not the sender's.
    var contradicted: [String: PartyID] = [:]
    /// Gaps that are not followed, because there are too many or their receiver has too many.
    var passedOver = 0
    /// How many of the open ones are more than suspected.
    var knownCount = 0
    /// How many each receiver was the first to tell of.
    var counts: [PartyID: Int] = [:]
    /// Records of deposed leaders and records set aside: they count for nothing, but they are there.
    var void: Set<String> = []

    /// How many gaps are followed, in all and of one receiver: a receipt for what nobody sent costs nothing to issue. A broker that comes back may confirm some
    /// hundreds of messages before its ledger lives, all of them to one receiver.
    static let most = 4000
    static let mostOfOne = 1000
    /// How many may be told in parts at a time.
    static let mostInParts = 32
}

/// What is asked of a party about messages that are not on the ledger.
enum GapInquiry: String, Sendable, Hashable {
    /// The sender, to send them again.
    case again
    /// A receiver, to say what it received.
    case testimony

    /// How many messages one inquiry names, by its schema.
    static let most = 100

    /// The inquiry as the leader publishes it.
    func decision(about gaps: [Gap], to: PartyID, rules: Regulation) -> Decision {
        let count = gaps.count
        let template = rules.wordings["missing-\(rawValue)"]
        let name = rules.party(to)?.name
        let wording = template.map { template in
            template.map { language, text in
                text.replacing("{to}", with: name?[language] ?? to).replacing("{count}", with: String(count)) + " "
                    + (rules.wordings["footer"]?[language] ?? "")
            }
        }
        let ids = gaps.map(\.id)
        return Decision(
            id: "missing/\(fnv1a(Array(ids.joined(separator: "\n").utf8)))/\(rawValue)/\(to)", type: SystemType.messageMissing, to: to,
            data: [
                "messages": .array(
                    gaps.map {
                        ["id": .string($0.id), "receivedBy": .string($0.receivers.first ?? to), "since": JSON($0.since, offset: rules.calendar.offset)]
                    }),
                "wanted": .string(rawValue), "to": .string(to), "wording": (wording ?? Wording(vi: "thiếu \(count) tin", en: "\(count) messages missing")).json,
            ], exercise: false)
    }
}

extension LedgerState {
    /// A receipt names a message. If that is not on the ledger, this may be a gap.
    mutating func noteGap(_ id: String, sender: PartyID?, receivedBy party: PartyID, arrivedAt: Instant, notBefore: Instant) {
        guard !seen.contains(id), refusals[id] == nil, !gaps.void.contains(id) else { return }
        if var gap = gaps.open[id] {
            if !gap.receivers.contains(party) { gap.receivers.append(party) }
            gap.sender = gap.sender ?? sender
            gaps.open[id] = gap
            return
        }
        guard gaps.open.count < Gaps.most, gaps.counts[party, default: 0] < Gaps.mostOfOne else {
            gaps.passedOver += 1
            return
        }
        gaps.counts[party, default: 0] += 1
        gaps.open[id] = Gap(id: id, sender: sender, receivers: [party], since: arrivedAt, notBefore: notBefore)
        wakes.insert(.gap(id), at: arrivedAt + options.stretched(Gap.patience))
    }

    /// A record has the id of a message: if it was missed, it is there now. Gives when it came at the earliest, if that was known by a receipt.
    mutating func closeGap(_ id: String) -> Instant? {
        // Nearly always there is none.
        guard !gaps.open.isEmpty, let gap = gaps.open.removeValue(forKey: id) else { return nil }
        if gap.stage != .suspected { gaps.knownCount -= 1 }
        if let first = gap.receivers.first { gaps.counts[first] = gaps.counts[first].flatMap { $0 > 1 ? $0 - 1 : nil } }
        wakes.remove(.gap(id))
        return gap.notBefore
    }

    /// The messages that are asked about already since others are: their time would come a little later.
    mutating func gapsToAskAboutEarly(at instant: Instant) -> [String] {
        let latest = instant - options.stretched(Gap.patienceBesideOthers)
        // One whose own time has come is not waited for any more.
        let ids = gaps.open.values.filter { $0.stage == .suspected && $0.since <= latest && wakes.holds(.gap($0.id)) }.map(\.id).sorted()
        for id in ids { wakes.remove(.gap(id)) }
        return ids
    }

    /// Asks for the messages whose time has come: one inquiry for all that one party is asked for.
    mutating func inquire(after ids: [String]) {
        guard let rules, rules[SystemType.messageMissing] != nil else { return }
        var inquiries: [PartyID: [GapInquiry: [Gap]]] = [:]
        for id in ids {
            guard var gap = gaps.open[id] else { continue }
            if gap.stage == .suspected { gaps.knownCount += 1 }
            guard let (party, inquiry) = gap.ask(rules.regulation) else {
                gaps.open[id] = gap
                continue
            }
            gaps.open[id] = gap
            inquiries[party, default: [:]][inquiry, default: []].append(gap)
        }
        for (party, kinds) in inquiries.sorted(by: { $0.key < $1.key }) {
            for (inquiry, asked) in kinds.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                for start in stride(from: 0, to: asked.count, by: GapInquiry.most) {
                    let part = Array(asked[start..<min(start + GapInquiry.most, asked.count)])
                    let decision = inquiry.decision(about: part, to: party, rules: rules.regulation)
                    if !seen.contains(decision.id) { agenda.put(.inquiry(decision), for: decision.id, in: Agenda.Lane(urgency: .answer, party: party)) }
                }
            }
        }
    }

    /// An inquiry is on record: who is asked has some time from now on.
    mutating func takeInquiry(_ event: Event) {
        agenda.remove(event.id)
        for message in event.data["messages"]?.array ?? [] {
            if let id = message["id"]?.string, gaps.open[id] != nil { wakes.insert(.gap(id), at: event.time + options.stretched(Gap.answerSpan)) }
        }
    }

    /// Takes what a receiver says that it received. It counts as a message of its sender's that this receiver had, until the sender's own comes.
    mutating func takeTestimony(_ item: Evidence) throws(Refusal) {
        let (data, witness) = (item.event.data, item.event.sender)
        // One that is there by now needs no witness.
        guard let rules, let id = data["id"]?.string, var gap = gaps.open[id] else { return }
        guard gap.receivers.contains(witness) else { throw .noReceipt(of: id) }
        guard let text = data["body"]?.string, let piece = Data(base64Encoded: text) else { throw .notBase64 }
        let count = Int(clamping: data["parts"]?.int ?? 1)
        let body: [UInt8]
        if count <= 1 {
            body = Array(piece)
        } else {
            guard !gap.parts.isEmpty || gaps.open.values.count(where: { !$0.parts.isEmpty }) < Gaps.mostInParts else { return }
            gap.parts[Int(clamping: data["part"]?.int ?? 1)] = Array(piece)
            gaps.open[id] = gap
            let pieces = (1...min(count, 8)).compactMap { gap.parts[$0] }
            guard pieces.count == count else { return }
            body = pieces.flatMap(\.self)
        }
        let carriage = Carriage(
            exchange: "", routingKey: data["routingKey"]?.string ?? "", userID: data["userId"]?.string, messageID: id, contentType: Event.contentType)
        let event: Event
        switch rules.reader.read(body, carriage) {
        case .success(let read): event = read
        case .failure(let refusal):
            // Nobody would have counted it; that it is not there changes nothing.
            refusals[id] = refusal
            _ = closeGap(id)
            return
        }
        guard event.id == id, rules.regulation.party(event.sender)?.role != .system else { throw .noReceipt(of: id) }
        try rules.reader.check(event, isPastAt: item.arrivedAt)
        let notBefore = closeGap(id) ?? item.notBefore
        seen.insert(id)
        gaps.testimonies[id] = Testimony(witness: witness, event: event, digest: fnv1a(body))
        var evidence = Evidence(event: event, arrivedAt: item.arrivedAt, notBefore: notBefore, sequence: evidenceCount)
        evidence.witness = witness
        take(evidence, rules[event.type], Record(body: body, carriage: carriage))
    }

    /// The sender's own copy of what a receiver testified to has come, and counts in its place. Gives whether it is to be read as a new message, since it says
    /// something else than the receiver did.
    mutating func yieldTestimony(to record: Record, _ event: Event) -> Bool {
        guard let testimony = gaps.testimonies.removeValue(forKey: event.id) else { return false }
        let keys = Set(otherCases[event.id] ?? []).union(caseOf(event.id).map { [$0] } ?? [])
        let roots = Set(keys.map { root(of: $0) })
        guard testimony.digest != fnv1a(record.body) else {
            for key in keys { cases[key]?.hasCome(event.id) }
            for root in roots.sorted() { rederive(case: root) }
            return false
        }
        stale.formUnion(roots)
        // Its receipts were for something else.
        gaps.contradicted[event.id] = testimony.witness
        for key in keys { cases[key]?.remove(event.id) }
        caseOfEvent[event.id] = nil
        otherCases[event.id] = nil
        receipts[event.id] = nil
        return true
    }

    // MARK: Telling

    /// Who testifies to a message that is on the ledger by a receiver's word alone, and to what; nil for any other.
    public func testimony(of id: String) -> (witness: PartyID, event: Event)? { gaps.testimonies[id].map { ($0.witness, $0.event) } }

    /// Messages that were received and are not on the ledger, those on the ledger by a receiver's word alone, and those of which two bodies are known.
    public var gapCounts: (missing: Int, testified: Int, contradicted: Int) { (gaps.knownCount, gaps.testimonies.count, gaps.contradicted.count) }

    /// The gaps for the answer to "status": the counts, and some of each kind; nil where there are none.
    var gapSummary: JSON? {
        let counts = gapCounts
        guard counts.missing + counts.testified + counts.contradicted + gaps.passedOver > 0 else { return nil }
        let offset = regulation?.calendar.offset ?? .zero
        let missing = gaps.open.values.filter { $0.stage != .suspected }.sorted { ($0.since, $0.id) < ($1.since, $1.id) }.prefix(LedgerState.mostTold)
        return [
            "missing": .int(Int64(counts.missing)), "passedOver": .int(Int64(gaps.passedOver)), "testified": .int(Int64(counts.testified)),
            "contradicted": .int(Int64(counts.contradicted)), "messages": .array(missing.map { $0.json(offset: offset) }),
            "contradictions": .array(
                gaps.contradicted.sorted { $0.key < $1.key }.prefix(LedgerState.mostTold).map { ["id": .string($0.key), "receivedBy": .string($0.value)] }),
        ]
    }

    /// How many of each kind an answer names.
    private static let mostTold = 10

    /// What there is to explain of a message that is not on the ledger.
    func explain(gap id: String) -> JSON? {
        guard let gap = gaps.open[id] else { return nil }
        var told: JSONObject = ["found": true, "kind": "missing"]
        for member in gap.json(offset: regulation?.calendar.offset ?? .zero).object?.members ?? [] { told[member.key] = member.value }
        return .object(told)
    }

    /// The gaps for the record of the state.
    var gapRecord: JSON {
        func texts(_ values: some Sequence<String>) -> JSON { .array(values.map { .string($0) }) }
        let open = gaps.open.values.sorted { $0.id < $1.id }.map { gap -> JSON in
            [
                "gap": gap.json(offset: .zero), "notBefore": JSON(gap.notBefore, offset: .zero),
                "parts": .array(gap.parts.sorted { $0.key < $1.key }.map { .string("\($0.key) \(fnv1a($0.value))") }),
            ]
        }
        return [
            "open": .array(open), "passedOver": .int(Int64(gaps.passedOver)), "void": texts(gaps.void.sorted()),
            "testimonies": texts(gaps.testimonies.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.witness) \($0.value.digest)" }),
            "contradicted": texts(gaps.contradicted.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }),
        ]
    }
}

extension Gap {
    /// Goes on to who is asked next, and for what. Nil where nobody is left to ask.
    fileprivate mutating func ask(_ regulation: Regulation) -> (PartyID, GapInquiry)? {
        func isMember(_ party: PartyID) -> Bool { regulation.party(party).map { $0.role != .system } ?? false }
        let next: Int
        switch stage {
        case .suspected:
            // What the coordinator itself said, its leader says again by itself.
            if sender == LedgerState.coordinator || id.utf8.contains(UInt8(ascii: "/")) {
                stage = .lost
                return nil
            }
            if let sender, isMember(sender) {
                stage = .sender
                return (sender, .again)
            }
            next = 0
        case .sender: next = 0
        case .receiver(let place): next = place + 1
        case .lost: return nil
        }
        parts = [:]
        guard let place = receivers.indices.dropFirst(next).first(where: { isMember(receivers[$0]) }) else {
            stage = .lost
            return nil
        }
        stage = .receiver(place)
        return (receivers[place], .testimony)
    }

    fileprivate func json(offset: Span) -> JSON {
        let asked: PartyID? =
            switch stage {
            case .suspected, .lost: nil
            case .sender: sender
            case .receiver(let place): receivers.indices.contains(place) ? receivers[place] : nil
            }
        let name =
            switch stage {
            case .suspected: "suspected"
            case .sender: "asking-sender"
            case .receiver: "asking-receiver"
            case .lost: "lost"
            }
        return .compact([
            "id": .string(id), "sender": sender.map { .string($0) }, "receivedBy": .array(receivers.prefix(10).map { .string($0) }),
            "since": JSON(since, offset: offset), "stage": .string(name), "asked": asked.map { .string($0) },
        ])
    }
}

extension Refusal {
    static func noReceipt(of id: String) -> Refusal {
        let id = excerpt(id)
        return Refusal(
            Wording(vi: "đơn vị chưa xác nhận đã nhận tin \(id) nào như vậy", en: "its sender has acknowledged no such message \(id)"),
            remedy: Wording(vi: "chỉ gửi lại tin đã nhận và đã xác nhận", en: "testify only to what was received and acknowledged"))
    }
    static let notBase64 = Refusal(
        Wording(vi: "body không phải base64", en: "body is not base64"),
        remedy: Wording(vi: "ghi nguyên văn tin đã nhận dưới dạng base64", en: "give the bytes that were received, in base64"))
}
