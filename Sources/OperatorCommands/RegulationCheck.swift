import Messages
import Regulation
import Values

/// A regulation file read for its author: all that is wrong in it, each with its place. First what its reader refuses; where that is nothing, what can be read
/// but could never work, as it would otherwise show only when a notice is missed.
public struct RegulationCheck: Sendable {
    /// Something wrong.
    public struct Finding: Sendable, Hashable {
        /// JSON Pointer to the place, `/duties/3/due`.
        public var pointer: String
        /// What is wrong and what to do.
        public var reason: Wording
    }

    /// What is wrong, from the top of the file to its end.
    public let findings: [Finding]
    /// The regulation, where it can be read.
    public let regulation: Regulation?

    /// Reads a text.
    public init(_ text: RegulationText) {
        do throws(RegulationError) {
            let regulation = try Regulation(text)
            self.regulation = regulation
            findings = Plausibility(regulation).findings
        } catch {
            regulation = nil
            findings = error.problems.map { Finding(pointer: $0.pointer, reason: $0.reason) }
        }
    }

    /// What is wrong, or that nothing is, line by line.
    public func lines(_ file: String, _ language: Language) -> [String] {
        let vi = language == .vi
        guard findings.isEmpty, let regulation else {
            let count = findings.count
            let heading =
                vi
                ? "\(shown(file)): \(count) điểm cần sửa, mỗi điểm kèm chỗ trong tệp:"
                : "\(shown(file)): \(count == 1 ? "1 problem" : "\(count) problems"), each with its place in the file:"
            return [heading] + findings.map { "  - \($0.pointer.isEmpty ? "/" : shown($0.pointer)): \(shown($0.reason[language]))" }
        }
        let (duties, types, parties) = (regulation.duties.count, regulation.messageTypes.count, regulation.parties.count)
        let law = regulation.duties.count { $0.due.basis == .law }
        return [
            vi
                ? "\(shown(file)): đúng. Bản \(shown(regulation.version)): \(duties) việc (\(law) việc có thời hạn theo Quy định), \(types) loại tin, \(parties) bên."
                : "\(shown(file)): in order. Edition \(shown(regulation.version)): \(duties) duties (\(law) due by law), \(types) message types, \(parties) parties."
        ]
    }

    /// The same as data.
    public var json: JSON {
        .compact([
            "problems": .array(findings.map { ["pointer": .string($0.pointer), "reason": $0.reason.json] }),
            "version": regulation.map { .string($0.version) }, "digest": regulation.map { .string($0.digest) },
            "duties": regulation.map { .int(Int64($0.duties.count)) }, "messageTypes": regulation.map { .int(Int64($0.messageTypes.count)) },
        ])
    }
}

/// Looks for what a regulation says that cannot come about: an act that whoever owes it may not say, a member that no message has, a step to nobody.
private struct Plausibility {
    private let regulation: Regulation
    private(set) var findings: [RegulationCheck.Finding] = []

    init(_ regulation: Regulation) {
        self.regulation = regulation
        for (index, type) in regulation.messageTypes.enumerated() where type.schema == nil {
            note(
                "/messageTypes/\(index)/type", "chưa có mẫu cho loại tin “\(type.name)”: thêm messages/\(type.name).v1.json bên cạnh tệp này",
                "there is no schema for \(type.name): add messages/\(type.name).v1.json beside this file")
        }
        for (name, wording) in regulation.wordings.sorted(by: { $0.key < $1.key }) {
            for language in Language.allCases { checkPlaceholders(of: wording[language], at: "/wordings/\(name)/\(language.rawValue)") }
        }
        for (index, duty) in regulation.duties.enumerated() { check(duty, at: "/duties/\(index)") }
        checkMechanism()
        checkWordings()
        checkCases()
        checkMaintenance()
        checkCalendar()
        findings += PartsCheck(regulation).findings
    }

    /// What the mechanism says of itself it must be able to say under every text, or it falls silent.
    private mutating func checkMechanism() {
        let system = Set(regulation.parties.filter { $0.role == .system }.map(\.id))
        for type in SystemType.all.subtracting(SystemType.ofParties).sorted() {
            guard let known = regulation.messageType(type) else {
                note(
                    "/messageTypes", "thiếu loại tin “\(type)” mà hệ thống tự gửi: chép dòng của nó từ bản có sẵn",
                    "\(type), which the system itself says, is missing: copy its line from the edition built in")
                continue
            }
            // The agent of whoever may not say it would be refused again and again.
            for party in regulation.parties where SystemType.ofAgents.contains(type) && party.role != .system && !known.from.contains(party.id) {
                note(
                    "/messageTypes", "\(party.id) không được gửi \(type), mà phần mềm của mọi bên tự gửi: thêm vào nhóm nêu tại “from”",
                    "\(party.id) may not say \(type), which every party's agent says by itself: put it into the group named under \"from\"")
            }
            if SystemType.ofTheSystem.contains(type), !system.isSuperset(of: known.from) || known.from.isEmpty {
                note(
                    "/messageTypes", "“\(type)” chỉ hệ thống được gửi; ở đây: \(known.from.joined(separator: ", "))",
                    "\(type) is said by the system alone, not by \(known.from.joined(separator: ", "))")
            }
        }
        if !regulation.parties.contains(where: { $0.role == .lead }) {
            note(
                "/parties", "không bên nào có vai trò “lead”; khi đó \(regulation.lead) được coi là cơ quan chủ trì: ghi rõ",
                "no party has the role \"lead\", so that \(regulation.lead) would be taken to lead: say so")
        }
    }

    /// A notice is put together of wordings that the program asks for by name; one that is missing would show its bare name.
    private mutating func checkWordings() {
        let standard = Regulation.standard
        let ofRungs = Set(standard.duties.flatMap(\.ladder).flatMap { [$0.wording, $0.wording + "-late"] })
        // What belongs to this text's own stages and causes goes by those of the text at hand.
        let own = ["state-", "cause-"]
        let asked = standard.wordings.keys.filter { name in !ofRungs.contains(name) && !own.contains { name.hasPrefix($0) } }
        let stages = regulation.caseKinds.flatMap(\.stages).map { "state-" + $0.name }
        for name in Set(asked + stages).sorted() where regulation.wordings[name] == nil {
            let isOptional = Plausibility.optionalWordings.contains { name.hasPrefix($0) }
            if isOptional { continue }
            note("/wordings", "thiếu lời “\(name)” mà thông báo dùng đến", "the wording \(name), which notices use, is missing")
        }
    }

    /// Wordings that only some texts have a use for: where claims are answered, where maintenance is announced.
    private static let optionalWordings = [
        "answer-", "held-", "incident-", "set-aside-incident", "real-or-drill", "step-works", "provisional-year", "step-nearby", "unconfirmed-nearby",
        "same-case",
    ]

    private mutating func checkCases() {
        let named = Dictionary(grouping: regulation.caseKinds.flatMap { kind in kind.begins.map { ($0, kind.id) } }, by: \.0)
        for (type, kinds) in named.sorted(by: { $0.key < $1.key }) where kinds.count > 1 {
            let list = kinds.map(\.1).joined(separator: ", ")
            note("/cases", "“\(type)” mở vụ việc của nhiều loại: \(list)", "\(type) begins cases of several kinds: \(list)")
        }
        for (index, kind) in regulation.caseKinds.enumerated() {
            if let near = kind.near { check(near, of: kind, at: "/cases/\(index)/near") }
            for (number, rule) in kind.claims.enumerated() {
                for (place, path) in (rule.dates ?? []).enumerated() { checkDate(path, of: rule.type, at: "/cases/\(index)/claims/\(number)/dates/\(place)") }
            }
        }
        if regulation.caseKinds.contains(where: { !$0.claims.isEmpty }), !regulation.duties.contains(where: { $0.opening == .claims }) {
            note(
                "/cases", "có điều phải được bên kia đồng ý, mà không việc nào bắt bên đó trả lời: thêm một việc có \"opens\": \"claims\"",
                "some acts wait for another's word, and no duty asks for it: add a duty with \"opens\": \"claims\"")
        }
    }

    private mutating func check(_ near: Nearness, of kind: CaseKind, at pointer: String) {
        let types = kind.begins + kind.mayBegin
        for (name, path) in [("same", near.same), ("kind", near.kind), ("at", near.at)] where field(path, in: types) == nil {
            noteMissing(path, in: types, at: "\(pointer)/\(name)")
        }
        if kind.mayBegin.isEmpty {
            note(
                pointer, "không tin nào được mở vụ việc loại này dưới mã chưa ai biết: nêu mayBegin, hoặc bỏ near",
                "nothing may begin a case of this kind under a name that nobody knows: name mayBegin, or remove near")
        }
    }

    /// A date that is a claim must be one by which something is due.
    private mutating func checkDate(_ path: FieldPath, of type: String, at pointer: String) {
        guard let member = field(path, in: [type]) else { return noteMissing(path, in: [type], at: pointer) }
        if member.kind != .instant || path.keys.count != 2 {
            note(pointer, "“\(path)” không phải là một thời điểm trong data: nêu thành phần khác", "\(path) is no instant of data: name another member")
        } else if !regulation.duties.contains(where: { $0.due.isSet(by: type, [path]) }) {
            note(
                pointer, "không việc nào có hạn theo “\(path)”: bỏ đi, hoặc sửa due của việc đó", "nothing is due by \(path): remove it, or mend the duty's due"
            )
        }
    }

    private mutating func checkMaintenance() {
        guard let rule = regulation.maintenance, let alone = rule.alone else { return }
        if let supplied = alone.supplied {
            if field(supplied.number, in: [rule.opens]) == nil { noteMissing(supplied.number, in: [rule.opens], at: "/maintenance/alone/supplied/number") }
            if case .choice(let known)? = field(FieldPath("data.kind"), in: [rule.opens])?.kind {
                for kind in supplied.kinds where !known.contains(kind) {
                    let list = known.joined(separator: ", ")
                    note(
                        "/maintenance/alone/supplied/kinds", "không có loại bảo trì “\(kind)”; có \(list)",
                        "there is no kind of maintenance \(kind); there are \(list)")
                }
            }
        }
        if !regulation.duties.contains(where: { $0.opening == .claims }) {
            note(
                "/maintenance/alone",
                "có điều phải được \(regulation.lead) đồng ý, mà không việc nào bắt bên đó trả lời: thêm một việc có \"opens\": \"claims\"",
                "some maintenance waits for the word of \(regulation.lead), and no duty asks for it: add a duty with \"opens\": \"claims\"")
        }
        // What no allowance names is not allowed at all; two that overlap leave open which of them counts.
        let day = TimeOfDay(minutes: 1440)
        var spans = alone.allowances.flatMap { allowance -> [Range<Int>] in
            allowance.from < allowance.to
                ? [allowance.from.minutes..<allowance.to.minutes] : [allowance.from.minutes..<day.minutes, 0..<allowance.to.minutes]
        }
        spans.sort { $0.lowerBound < $1.lowerBound }
        for (earlier, later) in zip(spans, spans.dropFirst()) where later.lowerBound < earlier.upperBound {
            let time = TimeOfDay(minutes: later.lowerBound)
            note(
                "/maintenance/alone/hours", "hai khoảng giờ trùng nhau từ \(time): sửa để mỗi giờ chỉ thuộc một khoảng",
                "two of the times of day overlap from \(time) on: let every hour lie in one only")
        }
    }

    /// A day that is declared must be named, or the declaration changes nothing.
    private mutating func checkCalendar() {
        guard let type = regulation.calendar.declares else { return }
        for (name, kind) in [("date", Field.Kind.date), ("working", .flag), ("decision", .text)] {
            let member = field(FieldPath("data." + name), in: [type])
            if member?.kind == kind, member?.isRequired == true { continue }
            note(
                "/calendar/declares", "\(type) phải có mục bắt buộc “\(name)”: dùng loại tin khác, hoặc thêm mục đó vào mẫu tin",
                "\(type) must have the member \(name), and require it: name another type, or add it to the schema")
        }
    }

    private mutating func note(_ pointer: String, _ vi: String, _ en: String) {
        findings.append(.init(pointer: pointer, reason: Wording(vi: vi, en: en)))
    }

    private static func placeholders(in text: String) -> Set<String> {
        Set(text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { $0.contains("}") ? String($0.prefix { $0 != "}" }) : nil })
    }

    /// What the wordings built in leave open is what the system knows to fill in.
    private static let knownPlaceholders = Regulation.standard.wordings.values.reduce(into: Set<String>()) { known, wording in
        known.formUnion(placeholders(in: wording.vi))
        known.formUnion(placeholders(in: wording.en))
    }

    private mutating func checkPlaceholders(of text: String, at pointer: String) {
        for name in Plausibility.placeholders(in: text).subtracting(Plausibility.knownPlaceholders).sorted() {
            let near = nearest(to: name, in: Plausibility.knownPlaceholders.sorted())
            note(
                pointer, "hệ thống không biết điền gì vào {\(name)}" + (near.map { "; có phải là {\($0)}?" } ?? ": bỏ đi"),
                "the system does not know what to put for {\(name)}" + (near.map { "; did you mean {\($0)}?" } ?? ": remove it"))
        }
    }

    private mutating func check(_ duty: Duty, at pointer: String) {
        var types = regulation.caseKinds.flatMap(\.claims).filter { $0.corrects != nil }.map(\.type)
        if case .messages(let matchers) = duty.opening {
            types += matchers.map(\.type)
            check(matchers, at: pointer + "/opens")
            if let path = duty.startsAt, !matchers.contains(where: { field(path, in: [$0.type])?.kind == .instant }) {
                note(
                    pointer + "/startsAt", "không tin mở đầu nào có thời điểm “\(path)”",
                    "no opening message has an instant \(path): name one that it has")
            }
        }
        check(duty.fulfilledBy, at: pointer + "/fulfilledBy")
        check(duty.closedBy, at: pointer + "/closedBy")
        types += (duty.fulfilledBy + duty.closedBy).map(\.type)
        for (index, rule) in duty.obligors.enumerated() {
            check(rule.conditions, in: types, at: "\(pointer)/obligor/\(index)/where")
            if let party = rule.party, !duty.fulfilledBy.contains(where: { canSay($0, party) }) {
                let acts = duty.fulfilledBy.map(\.type).joined(separator: ", ")
                note(
                    pointer + "/obligor", "\(party) không được gửi tin nào hoàn thành việc này (\(acts)): cho gửi tại /messageTypes, hoặc nêu bên khác",
                    "\(party) may say nothing that fulfils it (\(acts)): let it, at /messageTypes, or name another")
            }
        }
        for (index, dueCase) in duty.due.cases.enumerated() { check(dueCase.conditions, in: types, at: "\(pointer)/due/first/\(index)/where") }
        if let rule = duty.maintenance {
            check(rule.conditions, in: types, at: pointer + "/heldDuringMaintenance/where")
            let kinds = field(FieldPath("data.kind"), in: [regulation.maintenance?.opens].compactMap(\.self))
            if case .choice(let known)? = kinds?.kind {
                for kind in rule.kinds where !known.contains(kind) {
                    let list = known.joined(separator: ", ")
                    note(
                        pointer + "/heldDuringMaintenance/kinds", "không có loại bảo trì “\(kind)”; có \(list)",
                        "there is no kind of maintenance \(kind); there are \(list)")
                }
            }
            if let found = rule.found, case .messages(let matchers) = duty.opening, field(found, in: matchers.map(\.type)) == nil {
                noteMissing(found, in: matchers.map(\.type), at: pointer + "/heldDuringMaintenance/found")
            }
        }
        if duty.due.turnsOnReceipt {
            var opening: [String] = []
            if case .messages(let matchers) = duty.opening { opening = matchers.map(\.type) }
            if opening.isEmpty || !opening.allSatisfy({ regulation.messageType($0)?.owesReceipt == true }) {
                note(
                    pointer + "/due", "“unfetched” cần tin mở đầu có xác nhận đã đến: cho tin đó receipt tại /messageTypes, hoặc bỏ đi",
                    "\"unfetched\" needs an opening message that owes a receipt: let it, at /messageTypes, or remove it here")
            }
        }
        for (earlier, later) in Plausibility.coinciding(duty.ladder) {
            note(
                pointer + "/ladder", "hai bước “\(earlier)” và “\(later)” rơi vào cùng một lúc: bỏ một, hoặc dời đi",
                "the steps \(earlier) and \(later) come at one instant: remove one, or move it")
        }
        if duty.due.turnsOnWorkingDays, !duty.ladder.isEmpty, !duty.ladder.contains(where: { $0.moment == .rescheduled }) {
            note(
                pointer + "/ladder", "hạn tính theo ngày làm việc, mà không bước nào báo khi hạn được tính lại: thêm bước \"at\": \"rescheduled\"",
                "it is due in working days, and no step tells when these change: add one \"at\": \"rescheduled\"")
        }
        if duty.addressees.isEmpty, duty.ladder.contains(where: { ($0.to + $0.copy).contains("addressee") }) {
            note(
                pointer + "/ladder", "có bước gửi tới addressee, mà việc này không nêu addressee: nêu ra, hoặc chọn ladder khác",
                "a step goes to the addressee, and the duty names none: name one, or take another ladder")
        }
    }

    /// The steps of a ladder that come at the same instant, by name.
    private static func coinciding(_ ladder: [Rung]) -> [(String, String)] {
        func meets(_ a: Rung.Moment, _ b: Rung.Moment) -> Bool {
            switch (a, b) {
            case (.after(let span), .every(let period, let times)), (.every(let period, let times), .after(let span)):
                period > .zero && span.milliseconds % period.milliseconds == 0 && span.milliseconds / period.milliseconds <= Int64(times)
            case (.before, .before), (.after, .after), (.every, .every), (.deadline, .deadline), (.opening, .opening), (.settled, .settled): a == b
            default: false
            }
        }
        return ladder.indices.flatMap { index in
            ladder[(index + 1)...].filter { meets(ladder[index].moment, $0.moment) }.map { (ladder[index].id, $0.id) }
        }
    }

    private func canSay(_ matcher: Matcher, _ party: PartyID) -> Bool {
        (matcher.from.isEmpty || matcher.from.contains(party)) && regulation.messageType(matcher.type)?.from.contains(party) == true
    }

    private mutating func check(_ matchers: [Matcher], at pointer: String) {
        for (index, matcher) in matchers.enumerated() {
            let place = "\(pointer)/\(index)"
            let from = regulation.messageType(matcher.type)?.from ?? []
            for party in matcher.from where !from.contains(party) {
                note(
                    place + "/from", "\(party) không được gửi \(matcher.type): cho gửi tại /messageTypes, hoặc bỏ đi",
                    "\(party) may not say \(matcher.type): let it, at /messageTypes, or remove it here")
            }
            check(matcher.conditions, in: [matcher.type], at: place + "/where")
            for (name, path) in [("at", matcher.at), ("period", matcher.period?.path), ("repeated/differing", matcher.repeated?.path)] {
                if let path, field(path, in: [matcher.type]) == nil { noteMissing(path, in: [matcher.type], at: "\(place)/\(name)") }
            }
        }
    }

    private mutating func check(_ conditions: [Condition], in types: [String], at pointer: String) {
        for condition in conditions {
            guard let field = field(condition.path, in: types) else {
                noteMissing(condition.path, in: types, at: "\(pointer)/\(condition.path)")
                continue
            }
            guard case .choice(let choices) = field.kind else { continue }
            for value in condition.values where !choices.contains(value.string ?? "") {
                let near = nearest(to: value.string ?? "", in: choices)
                note(
                    "\(pointer)/\(condition.path)", "“\(condition.path)” không bao giờ là \(value.text); có \(choices.joined(separator: ", "))",
                    "\(condition.path) is never \(value.text); " + (near.map { "did you mean \($0)?" } ?? "there are \(choices.joined(separator: ", "))"))
            }
        }
    }

    private mutating func noteMissing(_ path: FieldPath, in types: [String], at pointer: String) {
        let list = types.joined(separator: ", ")
        note(pointer, "không tin nào trong \(list) có mục “\(path)”", "no message of \(list) has a member \(path): name one that it has")
    }

    private func field(_ path: FieldPath, in types: [String]) -> Field? {
        guard path.keys.first == "data", path.keys.count > 1 else { return nil }
        for type in types {
            var fields = regulation.schema(of: type)?.fields ?? []
            var found: Field?
            for key in path.keys.dropFirst() {
                found = fields.first { $0.name == key }
                fields = found?.members ?? []
            }
            if let found { return found }
        }
        return nil
    }
}
