import Messages
import Regulation
import Values

extension LedgerState {
    /// Among no more obligations than these the one that may have been meant is looked for.
    private static let comparable = 1000

    /// What a party says of an obligation by its id: it explains, or it extends a monitoring mark. Either takes effect, or its sender is told why not.
    mutating func takeRemark(_ item: Evidence) throws(Refusal) {
        let id = item.event.data["obligation"]?.string ?? ""
        guard let obligation = obligations[id] else {
            // Every obligation is compared with what was written, letter by letter: among thousands that would hold up what is due.
            let near = obligations.count > LedgerState.comparable ? nil : nearest(to: id, in: obligations.keys)
            throw .noObligation(id, near: near)
        }
        if item.event.type == SystemType.dutyExtended {
            try obligation.checkExtension(item)
            obligations[id]?.extensions.append(item)
        } else {
            guard item.event.author == obligation.obligor else { throw .notTheObligor(obligation) }
            obligations[id]?.explanations.append(item)
        }
        append(item, to: obligation.key)
        rederive(case: obligation.key)
    }
}

extension Obligation {
    /// By when it is due after the extensions on record. A deadline of the text never moves.
    func extended(_ deadline: Instant?) -> Instant? {
        guard let deadline, duty.due.basis == .mark else { return deadline }
        return extensions.compactMap { $0.event.data["until"]?.instant }.reduce(deadline) { max($0, $1) }
    }

    /// Who may extend its mark.
    var entitledToExtend: [PartyID] {
        let parties = rules.regulation.extensionBy.flatMap { $0 == "addressee" ? addressees : [$0] }
        var seen: Set<PartyID> = [obligor]
        return parties.filter { seen.insert($0).inserted }
    }

    /// Throws why an extension has no effect: only a mark can be extended, by who is entitled, before it passes.
    func checkExtension(_ item: Evidence) throws(Refusal) {
        let calendar = rules.regulation.calendar
        guard duty.due.basis == .mark else { throw .deadlineOfTheText(self) }
        guard isOpen, let deadline else { throw .nothingToExtend(self) }
        guard entitledToExtend.contains(item.event.author) else { throw .notEntitled(item.event.author, self) }
        guard item.arrivedAt <= deadline else { throw .markHasPassed(deadline, offset: calendar.offset) }
        guard let until = item.event.data["until"]?.instant, until > deadline else { throw .notLater(than: deadline, offset: calendar.offset) }
    }
}

extension Refusal {
    fileprivate static func noObligation(_ id: String, near: String?) -> Refusal {
        let id = excerpt(id)
        return Refusal(
            Wording(
                vi: "không có việc nào mã “\(id)”" + (near.map { "; có phải \($0)?" } ?? ""),
                en: "there is no obligation “\(id)”" + (near.map { "; did you mean \($0)?" } ?? "")),
            remedy: Wording(vi: "xem mã các việc bằng lệnh phoihop status", en: "see the ids with: phoihop status"))
    }
    fileprivate static func notTheObligor(_ obligation: Obligation) -> Refusal {
        let name = obligation.name(of: obligation.obligor)
        return Refusal(
            Wording(vi: "việc này thuộc trách nhiệm của \(name.vi)", en: "this duty is owed by \(name.en)"),
            remedy: Wording(vi: "để bên có trách nhiệm giải trình", en: "leave the explanation to that party"))
    }
    fileprivate static func deadlineOfTheText(_ obligation: Obligation) -> Refusal {
        let article = obligation.rules.citation(of: obligation.duty.article)
        return Refusal(
            Wording(
                vi: "thời hạn này do \(article.vi) ấn định, không gia hạn được",
                en: "this deadline is set by \(article.en) and cannot be extended"),
            remedy: Wording(vi: "giải trình bằng lệnh phoihop publish duty.explained", en: "explain instead, with: phoihop publish duty.explained"))
    }
    fileprivate static func nothingToExtend(_ obligation: Obligation) -> Refusal {
        Refusal(
            Wording(
                vi: obligation.isOpen ? "việc này không có mốc theo dõi" : "việc này đã kết thúc",
                en: obligation.isOpen ? "this duty has no mark" : "this duty is settled already"),
            remedy: Wording(vi: "xem hiện trạng bằng lệnh phoihop explain", en: "see how it stands with: phoihop explain"))
    }
    fileprivate static func notEntitled(_ party: PartyID, _ obligation: Obligation) -> Refusal {
        let entitled = obligation.entitledToExtend.map { obligation.name(of: $0) }
        let name = obligation.name(of: party)
        return Refusal(
            Wording(vi: "\(name.vi) không có quyền gia hạn việc này", en: "\(name.en) may not extend this mark"),
            remedy: Wording(
                vi: "đề nghị bên có quyền gia hạn: " + entitled.map(\.vi).joined(separator: "; "),
                en: "ask who may: " + entitled.map(\.en).joined(separator: "; ")))
    }
    fileprivate static func markHasPassed(_ deadline: Instant, offset: Span) -> Refusal {
        Refusal(
            Wording(
                vi: "mốc theo dõi đã qua lúc \(Phrase.time(deadline, .vi, offset: offset))",
                en: "the monitoring mark passed at \(Phrase.time(deadline, .en, offset: offset))"),
            remedy: Wording(vi: "giải trình bằng lệnh phoihop publish duty.explained", en: "explain instead, with: phoihop publish duty.explained"))
    }
    fileprivate static func notLater(than deadline: Instant, offset: Span) -> Refusal {
        Refusal(
            Wording(
                vi: "thời điểm gia hạn không sau mốc hiện tại, \(Phrase.time(deadline, .vi, offset: offset))",
                en: "until does not lie after the present mark, \(Phrase.time(deadline, .en, offset: offset))"),
            remedy: Wording(vi: "ghi thời điểm muộn hơn", en: "write a later one"))
    }
}
