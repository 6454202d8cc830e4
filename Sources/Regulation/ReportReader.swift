import Schemas
import Values

/// Reads what a report is about. Noted is what would leave figures empty for good: a type that there is none of, a member that a section reads and the type lacks, a
/// duty that nobody has.
struct ReportReader {
    /// The names of all types, and those types that can be read.
    let typeNames: Set<String>
    let types: [MessageType]
    /// The ids of all kinds of cases, and those kinds that can be read.
    let kindIDs: Set<String>
    let kinds: [CaseKind]
    /// The duties; nil where something is wrong in them, which is told by itself.
    let duties: [Duty]?

    func rule(_ node: Node) -> ReportRule {
        node.allow(["about", "lead"] + ReportRule.Section.allCases.map(\.rawValue))
        var rule = ReportRule(about: node.optional("about")?.wording, lead: node.optional("lead")?.wording)
        for section in ReportRule.Section.allCases {
            guard let place = node.optional(section.rawValue) else { continue }
            rule.titles[section] = place.member("title")?.wording
            if section == .incidents { rule.incidents = incidents(place) } else { read(section, place, into: &rule) }
        }
        rule.caption = node.optional(ReportRule.Section.inspections.rawValue)?.optional("caption")?.wording
        return rule
    }

    private func read(_ section: ReportRule.Section, _ node: Node, into rule: inout ReportRule) {
        let parts = ReportRule.Part.allCases.filter { $0.section == section }
        node.allow(["title"] + parts.map(\.member) + (section == .inspections ? ["caption"] : []))
        if node.value.object != nil, !parts.contains(where: { node.value[$0.member] != nil }) {
            let known = parts.map(\.member).joined(separator: ", ")
            node.problem(
                vi: "nêu loại tin của ít nhất một trong các mục \(known), hoặc bỏ phần này",
                en: "name the type of at least one of \(known), or remove this section")
        }
        for part in parts {
            guard let place = node.optional(part.member) else { continue }
            if let needs = part.profile.needs, node.value[needs.member] == nil {
                place.problem(
                    vi: "mục “\(part.member)” cần có mục “\(needs.member)”: thêm vào, hoặc bỏ mục này",
                    en: "\"\(part.member)\" goes with \"\(needs.member)\": add that, or remove this")
            }
            rule.types[part] = type(place, reads: part.profile.reads, isOwed: part.profile.isOwed)
        }
        if section == .hours, let duties, !duties.contains(where: { !$0.due.operations.isEmpty }) {
            node.problem(
                vi: "không việc nào đặt giờ vận hành (\"operation\"): thêm việc đó, hoặc bỏ phần này",
                en: "no duty sets hours of operation (\"operation\"): add one, or remove this section")
        }
    }

    /// A type that plays a part.
    private func type(_ node: Node, reads: KeyValuePairs<String, ReportRule.Part.Form>, isOwed: Bool) -> String? {
        let name = node.parsed(vi: "một loại tin: khai báo tại /messageTypes", en: "a message type: declare it under /messageTypes") {
            typeNames.contains($0) ? $0 : nil
        }
        guard let name else { return nil }
        if let type = types.first(where: { $0.name == name }) {
            for (path, form) in reads where !form.fits(type.schema?.field(path)) {
                node.problem(
                    vi: "báo cáo đọc mục “\(path)” (\(form.words.vi)) mà tin “\(name)” không có: nêu loại tin khác, hoặc thêm vào mẫu tin",
                    en: "the report reads the member \(path) (\(form.words.en)), which \(name) lacks: name another type, or add it to the schema")
            }
        }
        if isOwed { expectDuty(name, at: node) }
        return name
    }

    private func expectDuty(_ type: String, at node: Node) {
        guard let duties, !duties.contains(where: { duty in duty.fulfilledBy.contains { $0.type == type } }) else { return }
        node.problem(
            vi: "báo cáo nêu việc mà tin “\(type)” hoàn thành, nhưng không việc nào như vậy: khai báo tại /duties, hoặc nêu loại tin khác",
            en: "the report tells how the duty stands that \(type) fulfils, and there is none: declare it under /duties, or name another type")
    }

    // MARK: Incidents

    private func incidents(_ node: Node) -> ReportRule.Incidents? {
        node.allow("title", "case", "told", "dismissed", "by", "stages")
        let id = node.member("case")?.parsed(vi: "một loại vụ việc: khai báo tại /cases", en: "a kind of case: declare it under /cases") {
            kindIDs.contains($0) ? $0 : nil
        }
        let places = node.member("stages")?.filled(vi: "các mốc của vụ việc", en: "the steps of a case") ?? []
        let dismissed = node.optional("dismissed")?.wording
        guard let kind = kinds.first(where: { $0.id == id }) else { return nil }
        let stages = places.compactMap { place in
            let stage = stage(place, kind)
            if let stage { expectTrace(of: stage.type, kind, at: place) }
            return stage
        }
        noteRepeats(of: "name", in: places)
        let told = node.member("told")?.parsed(
            vi: "loại tin của một mốc nêu tại “stages”", en: "the type of a step named under \"stages\""
        ) { text in stages.contains { $0.type == text } ? text : nil }
        if let told, let place = node.optional("told") { expectDuty(told, at: place) }
        let members = node.optional("by")?.elements ?? []
        let by = members.compactMap { member($0, of: kind.begins + (told.map { kind.begins.contains($0) ? [] : [$0] } ?? [])) }
        noteRepeats(of: nil, in: members)
        guard let told else { return nil }
        return ReportRule.Incidents(kind: kind, told: told, dismissed: dismissed, members: by, stages: stages)
    }

    /// `{ "on": "incident.notified", "name": "notified", "title": { … }, "head": { … } }`.
    private func stage(_ node: Node, _ kind: CaseKind) -> ReportRule.Stage? {
        node.allow("on", "name", "title", "head")
        let type = node.member("on")?.parsed(vi: "một loại tin của loại vụ việc này", en: "a message type of this kind of case") {
            kind.part(of: $0) == nil ? nil : $0
        }
        let name = node.member("name")?.parsed(
            vi: "mã gồm chữ thường, chữ số và dấu gạch nối, khác occurred và hour",
            en: "an id of lower-case letters, digits and hyphens, other than occurred and hour"
        ) { text -> String? in
            let isIdentifier = !text.isEmpty && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
            // The other columns of the list of incidents are called so.
            return isIdentifier && text != "occurred" && text != "hour" ? text : nil
        }
        let (title, head) = (node.member("title")?.wording, node.member("head")?.wording)
        guard let type, let name, let title, let head else { return nil }
        return ReportRule.Stage(type: type, name: name, title: title, head: head)
    }

    /// Of a case is kept what is a step of it, or bears on a duty.
    private func expectTrace(of type: String, _ kind: CaseKind, at node: Node) {
        guard let duties, !kind.stages.contains(where: { $0.type == type }) else { return }
        let bearing = duties.contains { duty in
            if case .messages(let matchers) = duty.opening, matchers.contains(where: { $0.type == type }) { return true }
            return (duty.fulfilledBy + duty.closedBy).contains { $0.type == type }
        }
        if bearing { return }
        node.optional("on")?.problem(
            vi: "tin “\(type)” không phải một bước của vụ việc (/cases, “stages”) và không liên quan việc nào: thêm vào “stages”, hoặc nêu tin khác",
            en: "\(type) is no step of the case (/cases, \"stages\") and bears on no duty: add it to \"stages\", or name another type")
    }

    /// A member by which cases are counted, of a message that begins one.
    private func member(_ node: Node, of begins: [String]) -> String? {
        let list = begins.joined(separator: ", ")
        let beginning = types.filter { begins.contains($0.name) }
        // Of one that cannot be read it is not known which members it has.
        if beginning.count < begins.count { return node.string }
        return node.parsed(
            vi: "mục dạng chữ, hoặc chọn trong danh sách, của tin mở vụ việc (\(list))", en: "a member that is text or a choice of what begins a case (\(list))"
        ) { name -> String? in
            let forms: [ReportRule.Part.Form] = [.text, .choice]
            let isThere = beginning.contains { type in forms.contains { $0.fits(type.schema?.field(name)) } }
            return isThere && !name.contains(".") ? name : nil
        }
    }

    /// Notes what is there twice among strings, or among a member of objects.
    private func noteRepeats(of key: String?, in nodes: [Node]) {
        var seen: Set<String> = []
        for node in nodes {
            guard let name = (key.map { node.value[$0] } ?? node.value)?.string, !seen.insert(name).inserted else { continue }
            node.problem(vi: "“\(name)” được nêu hai lần: bỏ một", en: "\"\(name)\" is there twice: remove one")
        }
    }
}

extension ReportRule.Part.Form {
    /// Whether a member is of this form.
    fileprivate func fits(_ field: MessageSchema.Field?) -> Bool {
        switch field?.kind {
        case .instant: self == .instant
        case .date: self == .date
        case .integer: self == .integer
        case .flag: self == .flag
        case .choice: self == .choice
        case .text: self == .text
        case .list: self == .list
        case .number, .object, nil: false
        }
    }

    fileprivate var words: Wording {
        switch self {
        case .instant: Wording(vi: "thời điểm", en: "an instant")
        case .date: Wording(vi: "ngày", en: "a date")
        case .integer: Wording(vi: "số nguyên", en: "a whole number")
        case .flag: Wording(vi: "có hoặc không", en: "true or false")
        case .choice: Wording(vi: "chọn trong danh sách", en: "a choice")
        case .text: Wording(vi: "chữ", en: "text")
        case .list: Wording(vi: "danh sách", en: "a list")
        }
    }
}
