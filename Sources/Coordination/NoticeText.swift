import Messages
import Regulation
import Schemas
import Values

/// The wording of a notice: the regulation's template with what is known of the obligation filled in, in both languages.
struct NoticeText {
    private let obligation: Obligation
    private let reached: Instant
    private let rules: Regulation
    private let phones: [PartyID: String]

    init(_ obligation: Obligation, reached: Instant, phones: [PartyID: String]) {
        (self.obligation, self.reached, rules, self.phones) = (obligation, reached, obligation.rules.regulation, phones)
    }

    /// The text of a named wording to a party, drill marking and footer included.
    func wording(named name: String, to party: PartyID) -> Wording {
        finish(rules.wordings[name]?.map { language, text in fill(text, language, to: party) } ?? Wording(vi: name, en: name))
    }

    /// The correction of a notice, by its title and the reason it no longer holds.
    func withdrawal(title: Wording, reason: String, to party: PartyID) -> Wording {
        let because = rules.wordings["reason-" + reason]?.map { language, text in fill(text, language, to: party) } ?? Wording(vi: reason, en: reason)
        let text = rules.wordings["withdrawn"] ?? Wording(vi: "", en: "")
        return finish(
            text.map { language, text in
                fill(text.replacing("{title}", with: title[language]).replacing("{reason}", with: because[language]), language, to: party)
            })
    }

    private func finish(_ wording: Wording) -> Wording {
        wording.map { language, text in
            func phrase(_ name: String) -> String { rules.wordings[name]?[language] ?? "" }
            let provisional = obligation.provisionalYear.map { " " + phrase("provisional-year").replacing("{year}", with: "\($0)") } ?? ""
            let text = text + provisional
            let marked = obligation.exercise ? phrase("exercise-prefix") + text + " " + phrase("exercise-suffix") : text
            return marked + " " + phrase("footer")
        }
    }

    /// `isInner`: the template stands in another one already, and takes in no further one.
    private func fill(_ template: String, _ language: Language, to party: PartyID, isInner: Bool = false) -> String {
        var result = ""
        // By bytes: what a character is takes long to find out, and braces are one byte each.
        let bytes = template.utf8
        var place = bytes.startIndex
        while let open = bytes[place...].firstIndex(of: UInt8(ascii: "{")), let close = bytes[open...].firstIndex(of: UInt8(ascii: "}")) {
            result += template[place..<open]
            result += value(String(template[bytes.index(after: open)..<close]), language, to: party, isInner: isInner)
            place = bytes.index(after: close)
        }
        return result + template[place...]
    }

    private func value(_ name: String, _ language: Language, to party: PartyID, isInner: Bool) -> String {
        func phrase(_ name: String) -> String { rules.wordings[name]?[language] ?? name }
        let basis = obligation.duty.due.basis.rawValue
        switch name {
        case "obligor": return partyName(obligation.obligor, language)
        case "addressee":
            let names = obligation.addressees.map { partyName($0, language) }
            return names.isEmpty ? phrase("none") : names.joined(separator: "; ")
        case "to": return partyName(party, language)
        case "incident": return caseName ?? obligation.subject
        case "case": return caseName.map { " – " + $0 } ?? obligation.period.flatMap { CivilDate($0.key) }.map { " – " + Phrase.date($0, language) } ?? ""
        case "duty": return obligation.duty.title[language]
        case "article": return obligation.rules.citation(of: obligation.duty.article)[language]
        case "basis": return phrase("basis-" + basis)
        case "occurred": return time(obligation.occurredAt, language)
        case "detector": return detector(language)
        case "deadline": return obligation.deadline.map { time($0, language) } ?? phrase("no-deadline")
        case "left": return obligation.deadline.map { left(until: $0, language) } ?? ""
        case "overdue": return obligation.deadline.map { Phrase.span(max(reached - $0, .zero), language) } ?? ""
        case "late", "spare": return margin(language)
        case "received":
            if case .fulfilled(let at, _, _) = obligation.outcome { return time(at, language) }
            return phrase("none")
        case "course":
            guard case .fulfilled(_, _, let course) = obligation.outcome else { return phrase("none") }
            return course.map { phrase("step-" + $0.name) + " " + time($0.at, language) }.joined(separator: " → ")
        case "discovered":
            return obligation.deadline.map { obligation.openedAt > $0 } == true ? phrase("discovered-late") + " " : ""
        case "unconfirmed":
            if isInner { return "" }
            if obligation.toldNearby != nil { return fill(phrase("unconfirmed-nearby"), language, to: party, isInner: true) }
            return obligation.restsOnUnconfirmedCall ? fill(phrase("unconfirmed-call"), language, to: party, isInner: true) : ""
        case "other": return obligation.toldNearby ?? ""
        case "claim": return claim(language)
        case "claimant": return obligation.openedBy.map { partyName($0.sender, language) } ?? ""
        case "phone": return obligation.addressees.first.flatMap { rules.phone(of: $0, declared: phones) } ?? phrase("no-phone")
        case "contact": return rules.party(obligation.obligor)?.contact?[language] ?? partyName(obligation.obligor, language)
        case "state": return obligation.stage.map { phrase("state-" + $0) } ?? phrase("none")
        case "causes":
            let causes = obligation.losses(upTo: reached).map { phrase("cause-" + $0.cause) + " " + Phrase.span($0.span, language) }
            return causes.isEmpty ? phrase("none") : causes.joined(separator: ", ")
        case "period": return obligation.period.flatMap { CivilDate($0.key) }.map { Phrase.date($0, language) } ?? ""
        case "into":
            if case .closed(let event) = obligation.outcome { return event.data["into"]?.string ?? "" }
            return ""
        case "held": return obligation.heldBy == nil || isInner ? "" : fill(phrase("held-until"), language, to: party, isInner: true)
        case "window": return obligation.heldBy?.window.subject ?? ""
        case "announcer": return obligation.heldBy.map { partyName($0.window.by, language) } ?? ""
        case "until": return obligation.heldBy.map { time($0.until, language) } ?? ""
        case "former": return obligation.rescheduling.map { time($0.from, language) } ?? ""
        case "extender": return obligation.extensions.last.map { partyName($0.event.author, language) } ?? ""
        case "extension-reason": return reason(of: obligation.extensions.last)
        case "explained": return obligation.explanations.isEmpty || isInner ? "" : fill(phrase("explained"), language, to: party, isInner: true)
        case "explained-at": return obligation.explanations.last.map { time($0.arrivedAt, language) } ?? ""
        case "deadline-word": return phrase("deadline-" + basis)
        case "Deadline-word": return capitalized(phrase("deadline-" + basis))
        case "OVERDUE-WORD": return phrase("overdue-" + basis).uppercased()
        default: return "{\(name)}"
        }
    }

    /// To the nearest minute: a reminder goes out half a second after its time, and is still that of 30 minutes.
    private func left(until deadline: Instant, _ language: Language) -> String {
        let minutes = (max(deadline - max(reached, obligation.openedAt), .zero).milliseconds + 30_000) / 60_000
        return Phrase.span(.minutes(minutes), language).uppercased()
    }

    /// What is claimed: what the message is called, when it was said, and what it says of times.
    private func claim(_ language: Language) -> String {
        guard let event = obligation.openedBy else { return "" }
        let title = rules.title(of: event.type)[language]
        let reason = reason(of: event.data)
        return "“\(title)” (\(time(event.time, language)))" + (reason.isEmpty ? "" : ": \(reason)")
    }

    /// The reason that a message gives, short enough for a notice and without a full stop of its own.
    private func reason(of item: Evidence?) -> String {
        reason(of: item?.event.data ?? .null)
    }

    private func reason(of data: JSON) -> String {
        let text = (data["reason"] ?? data["summary"])?.string ?? ""
        let short = text.count > 500 ? text.prefix(500) + "…" : text[...]
        return String(short.hasSuffix(".") ? short.dropLast() : short)
    }

    private var caseName: String? {
        guard obligation.openedBy != nil else { return nil }
        return obligation.title.map { "\(obligation.subject), \($0)" } ?? obligation.subject
    }

    private func detector(_ language: Language) -> String {
        let name = obligation.openedBy.map { partyName($0.sender, language) } ?? ""
        guard let by = obligation.openedBy?.data["detectedBy"]?.string else { return name }
        return "\(by) (\(name))"
    }

    private func margin(_ language: Language) -> String {
        guard case .fulfilled(let at, _, _) = obligation.outcome, let deadline = obligation.deadline else { return "" }
        let span = at > deadline ? at - deadline : deadline - at
        return Phrase.span(span, language)
    }

    private func partyName(_ id: PartyID, _ language: Language) -> String { rules.party(id)?.name[language] ?? id }
    private func time(_ instant: Instant, _ language: Language) -> String { Phrase.time(instant, language, offset: rules.calendar.offset) }
    private func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

/// Dates, times and durations as people read them.
public enum Phrase {
    /// `09h00 ngày 14/3/2026`; `09:00 on 14 March 2026`.
    public static func time(_ instant: Instant, _ language: Language, offset: Span) -> String {
        let local = LocalTime(instant, offset: offset)
        let (hour, minute) = (two(local.hour), two(local.minute))
        return language == .vi ? "\(hour)h\(minute) ngày \(date(local.date, .vi))" : "\(hour):\(minute) on \(date(local.date, .en))"
    }

    /// `14/3/2026`; `14 March 2026`.
    public static func date(_ date: CivilDate, _ language: Language) -> String {
        language == .vi ? "\(date.day)/\(date.month)/\(date.year)" : "\(date.day) \(months[date.month - 1]) \(date.year)"
    }

    /// `08 phút`, `1 giờ 05 phút`, `2 ngày`; `8 minutes`, `1 hour 5 minutes`. Begun minutes of less than one are given in seconds; others are cut.
    public static func span(_ span: Span, _ language: Language) -> String {
        let seconds = Int64(span.milliseconds.magnitude / 1000)
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60)
        if seconds < 60 { return language == .vi ? "\(seconds) giây" : count(seconds, "second") }
        var parts: [String] = []
        if days > 0 { parts.append(language == .vi ? "\(days) ngày" : count(days, "day")) }
        if hours > 0 { parts.append(language == .vi ? "\(hours) giờ" : count(hours, "hour")) }
        if minutes > 0, days == 0 { parts.append(language == .vi ? "\(two(Int(minutes))) phút" : count(minutes, "minute")) }
        return parts.joined(separator: " ")
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
    private static func count(_ value: Int64, _ unit: String) -> String { "\(value) \(unit)\(value == 1 ? "" : "s")" }
}
