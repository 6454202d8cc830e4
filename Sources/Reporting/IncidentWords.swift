import Regulation
import Schemas
import Values

/// What is said of the cases that a report follows from step to step, in the words of their kind: of incidents under one text, of releases of water under another.
struct IncidentWords {
    let rule: ReportRule.Incidents
    private let regulation: Regulation

    /// The words of a text that follows cases; nil where it follows none.
    init?(_ regulation: Regulation) {
        guard let rule = regulation.report.incidents else { return nil }
        (self.rule, self.regulation) = (rule, regulation)
    }

    private func say(_ vi: String, _ en: String) -> Wording { Wording(vi: vi, en: en) }
    private func capital(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// `sự cố`, `incident`.
    private var one: Wording { rule.kind.name }
    /// `sự cố`, `incidents`.
    private var many: Wording { say(one.vi, one.en + "s") }
    private var capitalMany: Wording { many.map { capital($1) } }
    private var lead: Wording { regulation.leadInReports }

    /// The duty to tell who must be told.
    private var duty: Duty? { regulation.duties.first { duty in duty.fulfilledBy.contains { $0.type == rule.told } } }

    /// How long there is to tell; nil where that is another for each case.
    var limit: Span? {
        guard let cases = duty?.due.cases, cases.count == 1, case .within(let span) = cases[0].term else { return nil }
        return span
    }

    /// `1 giờ`, `the hour`; `45 phút`, `the 45 minutes`.
    private var term: Wording? {
        limit.map { span in
            let minutes = span.milliseconds / 60_000
            return say(Words.tick(span).vi, minutes == 60 ? "the hour" : minutes % 60 == 0 ? "the \(minutes / 60) hours" : "the \(minutes) minutes")
        }
    }

    /// What the end of the term is called: a deadline of the law is no mark of this system.
    private var end: Wording { duty?.due.basis == .mark ? say("mốc theo dõi", "monitoring mark") : say("hạn", "deadline") }
    private var endWithTerm: Wording { say(term.map { "\(end.vi) \($0.vi)" } ?? end.vi, term?.en ?? "the \(end.en)") }

    // MARK: How many

    /// That occurred.
    var real: Wording { say("Số \(one.vi) xảy ra trong kỳ", "\(capitalMany.en) that occurred in the period") }
    var dismissed: Wording {
        let titles = rule.dismissals.map { regulation.title(of: $0) }
        let words = rule.dismissed ?? say(titles.map(\.vi).joined(separator: ", "), titles.map(\.en).joined(separator: ", "))
        return say("\(capital(words.vi)) (không tính là \(one.vi))", "\(capital(words.en)) (not counted as \(many.en))")
    }
    var notCountersigned: Wording { say("Trong đó chưa có xác nhận của \(lead.vi)", "Of these not countersigned by \(lead.en)") }
    var planned: Wording {
        say("Dừng theo kế hoạch đã thông báo trước (không tính là \(one.vi))", "Stops as announced beforehand (not counted as \(many.en))")
    }
    var merged: Wording {
        say("Tin phát hiện trùng đã nhập vào \(one.vi) khác (tính một lần)", "Double detections merged into another \(one.en) (counted once)")
    }
    var unfinished: Wording {
        let last = rule.stages.last?.title ?? say("", "")
        return say("\(capitalMany.vi) chưa ghi nhận \(last.vi)", "\(capitalMany.en) not on record as \(last.en)")
    }

    // MARK: Told in time

    /// How many stand so, of those of whom somebody must be told.
    func told(_ state: DutyState) -> Wording {
        let title = rule.toldStage?.title ?? say("", "")
        switch state {
        case .inTime:
            return say(
                "\(capital(title.vi)) \(term.map { "trong vòng " + $0.vi } ?? "trong " + end.vi)",
                "\(capital(title.en)) \(term.map { "within " + $0.en } ?? "before the \(end.en)")")
        case .late: return say("\(capital(title.vi)) sau \(term?.vi ?? end.vi)", "\(capital(title.en)) after \(endWithTerm.en)")
        case .overdue: return say("Quá \(endWithTerm.vi), chưa ghi nhận \(title.vi)", "\(capital(endWithTerm.en)) past, no notification on record")
        case .open, .ended: return say("Còn trong \(endWithTerm.vi)", "\(capital(endWithTerm.en)) not yet over")
        }
    }

    /// The head of the column that says whether it was in time.
    var limitHead: Wording { say(capital(endWithTerm.vi), capital(term?.en ?? end.en)) }

    // MARK: Tables

    /// By what they are counted: the caption, and the head of the column.
    func by(_ member: String) -> (caption: Wording, head: Wording) {
        let (by, head) = words(of: member)
        return (say("\(capitalMany.vi) theo \(by.vi)", "\(capitalMany.en) by \(by.en)"), head)
    }

    private func words(of member: String) -> (by: Wording, head: Wording) {
        switch member {
        case "kind": return (say("loại", "kind"), say("Loại \(one.vi)", "Kind"))
        case "device": return (say("thiết bị", "device"), Words.device)
        case "cause": return (say("nguyên nhân", "cause"), Words.cause)
        default:
            let sentence = field(member)?.description
            let words = say(sentence?.vi ?? member, sentence?.en ?? member).map { _, text in text.hasSuffix(".") ? String(text.dropLast()) : text }
            return (words.map { _, text in text.prefix(1).lowercased() + text.dropFirst() }, words)
        }
    }

    /// A member as the messages that begin a case have it.
    func field(_ member: String) -> MessageSchema.Field? {
        rule.openings.lazy.compactMap { regulation.schema(of: $0)?.field(member) }.first
    }

    var count: Wording { say("Số \(one.vi)", capitalMany.en) }
    var stageTimes: Wording {
        let article = one.en.first.map { "aeiou".contains($0) } == true ? "an" : "a"
        return say("Thời gian từ lúc xảy ra \(one.vi) đến từng mốc", "Time from \(article) \(one.en)'s occurrence to each stage")
    }
    var longestCase: Wording { say("\(capitalMany.vi) dài nhất", "Longest case") }
    var list: Wording { say("Từng \(one.vi)", "Each \(one.en)") }
    var head: Wording { one.map { capital($1) } }

    // MARK: Summary

    func summary(_ count: Int, inTime: Int) -> Wording {
        say(
            "\(count) \(one.vi), \(inTime) được \(rule.toldStage?.title.vi ?? "") trong \(term?.vi ?? end.vi)",
            "\(count) \(many.en), \(inTime) told to \(lead.en) \(term.map { "within " + $0.en } ?? "before the \(end.en)")")
    }
}

extension ReportRule.Incidents {
    /// The types by which a case comes to be known: what begins one, and what tells who must be told.
    var openings: [String] { kind.begins + (kind.begins.contains(told) ? [] : [told]) }
    /// The types that end a case as none.
    var dismissals: [String] { kind.claims.filter { $0.endsCase && $0.into == nil }.map(\.type) }
    /// The types that merge a case into another.
    var merges: [String] { kind.claims.filter { $0.into != nil }.map(\.type) }
}
