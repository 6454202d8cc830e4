import Messages
import Regulation
import Values

// A drill never touches a real case, nor a real case a drill (duties, reading 12).
extension LedgerState {
    /// The name under which a real message counts that was said under a drill's name: it begins a case of its own beside the drill. Nil where it goes by its own.
    func nameBesideDrill(_ event: Event, _ type: TypeRules) -> String? {
        guard type.mayBegin, !event.exercise, let subject = event.subject, isDrill(subject) == true else { return nil }
        return LedgerState.nameBeside(drill: subject)
    }

    /// The name of the real case beside a drill.
    public static func nameBeside(drill subject: String) -> String {
        var name = Substring(subject)
        // A subject must fit an id.
        while name.utf8.count > 98 { name = name.dropLast() }
        return name + "-T"
    }

    /// Whether a case is a drill, by what began it, corrections of it applied; nil where nothing is known of the case.
    func isDrill(_ subject: String) -> Bool? {
        guard let rules, let evidence = cases[subject]?.evidence else { return nil }
        guard let first = evidence.beginning(rules) else { return nil }
        // Most cases have nothing of a drill.
        if !evidence.contains(where: { $0.event.exercise || $0.event.data["exercise"] != nil }) { return false }
        return corrected(evidence, of: subject).beginning(rules)?.event.exercise ?? first.event.exercise
    }

    /// Whether a message is a drill's and was said in a real case: it counts for nothing there, and somebody may have meant it.
    func isDrillInRealCase(_ item: Evidence, _ subject: String) -> Bool { item.event.exercise && isDrill(subject) == false }

    /// Asks those to whom such messages go, and who sent it, whether it is real or a drill's.
    mutating func askWhetherReal(_ item: Evidence, _ type: TypeRules) {
        guard let regulation else { return }
        // Who says much that is in doubt is asked about some of it: each question rings at others' desks.
        let isInDoubt = { (other: Evidence) in other.event.sender == item.event.sender && self.realOrDrill.contains(other.event.id) }
        guard let evidence = cases[item.event.subject ?? item.event.id]?.evidence, evidence.count(where: isInDoubt) < Claim.weighed else { return }
        let desks = Set(type.message.to + [item.event.sender]).filter { regulation.party($0)?.isAgency == true }
        realOrDrill.insert(item.event.id)
        ask(desks, about: item, title: regulation.wordings["real-or-drill"]?.vi)
    }

    /// Where all who were asked say that a message is a drill's, it is. Unanswered it stays what it was said to be.
    mutating func settleWhetherReal(_ answer: Evidence) {
        guard let rules, let id = answer.event.data["confirms"]?.string, realOrDrill.contains(id), let key = caseOf(id), let asked = cases[id] else { return }
        let desks = asked.obligations.compactMap { obligations[$0]?.party }
        guard let item = cases[key]?.evidence.first(where: { $0.event.id == id }), !item.event.exercise else { return }
        let answers = asked.evidence.answers(to: item, by: desks, rules, days.known?.calendar ?? rules.regulation.calendar)
        guard answers.count == desks.count, !answers.contains(where: \.isYes) else { return }
        cases[key]?.declareDrill(id, at: answer.arrivedAt)
        stale.insert(key)
        stale.insert(root(of: key))
    }

    /// Checks that a merge joins two cases of one kind, two real ones or two drills, and leads back to neither.
    func checkMerge(_ event: Event, into path: FieldPath, _ rules: Rules) throws(Refusal) {
        guard let subject = event.subject, let into = event[path]?.string else { return }
        if into == subject || root(of: into) == subject { throw .mergeOfItself(subject, into) }
        let kinds = [subject, into].map { cases[$0]?.evidence.beginning(rules).flatMap { rules[$0.event.type]?.kind } }
        if let kind = kinds[0], let other = kinds[1], kind.id != other.id { throw .mergeOfKinds(subject, kind, into, other) }
        if let isDrill = isDrill(subject), let other = self.isDrill(into), isDrill != other { throw .mergeWithDrill(isDrill ? subject : into) }
    }
}

extension [Evidence] {
    /// What began a case: the first that was said of it, and stands, of what begins one. It says whether the case is a drill, and of which kind it is.
    func beginning(_ rules: Rules) -> Evidence? {
        first { $0.isOfSubject && !$0.isWithdrawn && $0.member == nil && !$0.isOfTheOther && rules[$0.event.type]?.mayBegin == true }
    }
}

extension Refusal {
    fileprivate static func mergeOfItself(_ subject: String, _ into: String) -> Refusal {
        Refusal(
            subject == into
                ? Wording(vi: "không thể gộp \(subject) vào chính nó", en: "\(subject) cannot be merged into itself")
                : Wording(vi: "\(into) đã gộp vào \(subject)", en: "\(into) is merged into \(subject) already"),
            remedy: Wording(vi: "nêu vụ việc khác ở into", en: "name another case at into"))
    }
    fileprivate static func mergeOfKinds(_ subject: String, _ kind: CaseKind, _ into: String, _ other: CaseKind) -> Refusal {
        Refusal(
            Wording(
                vi: "\(subject) là \(kind.name.vi), \(into) là \(other.name.vi)", en: "\(subject) is of kind \(kind.name.en), \(into) of kind \(other.name.en)"),
            remedy: Wording(vi: "chỉ gộp hai vụ việc cùng loại", en: "merge cases of one kind only"))
    }
    fileprivate static func mergeWithDrill(_ drill: String) -> Refusal {
        Refusal(
            Wording(vi: "\(drill) là diễn tập, vụ việc kia là thật", en: "\(drill) is a drill, the other case is real"),
            remedy: Wording(vi: "không gộp diễn tập với sự cố thật", en: "do not merge a drill with a real case"))
    }
}
