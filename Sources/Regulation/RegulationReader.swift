import Schemas
import Values

extension Regulation {
    /// The regulation compiled into this binary, `schemas/regulation.json`.
    public static let standard: Regulation = {
        do { return try Regulation(json: JSON(parsing: Schemas.regulation)) } catch { fatalError("the regulation compiled in is wrong:\n\(error)") }
    }()

    /// Reads a regulation from its text. Throws all problems found.
    public init(parsing bytes: [UInt8]) throws(RegulationError) {
        try self.init(RegulationText(bytes))
    }

    /// Reads a regulation from its data. Throws all problems found, each with its JSON Pointer.
    public init(json: JSON) throws(RegulationError) {
        let root = Node(value: EarlierEdition.completed(json), pointer: "", problems: .init())
        let regulation = RegulationReader(root: root, source: json).read()
        guard let regulation, root.problems.list.isEmpty else { throw RegulationError(problems: root.problems.list) }
        self = regulation
    }
}

/// Reads the file from top to bottom; what is named must have been declared.
private final class RegulationReader {
    private let root: Node
    private var partyIDs: [PartyID] = []
    private var systemIDs: Set<PartyID> = []
    private var groups: [String: [PartyID]] = [:]
    private var typeNames: Set<String> = []
    private var wordings: [String: Wording] = [:]
    private var ladders: [String: [Rung]] = [:]
    private var schemas: [String: MessageSchema] = [:]
    private var desks: [String: [DeskAnswer]] = [:]

    /// The data as it came.
    private let source: JSON
    /// The edition built in, for one that left to the program what the data says since; nil for a later one.
    private let today: JSON?

    init(root: Node, source: JSON) { (self.root, self.source, today) = (root, source, EarlierEdition.today(for: source)) }

    func read() -> Regulation? {
        let size = source.bytes.count
        if size > Regulation.maximumBytes {
            root.problem(
                vi: "văn bản cùng các mẫu tin của nó dài \(size) byte, quá \(Regulation.maximumBytes): rút gọn lời giải thích trong messages/",
                en: "the text with its schemas has \(size) bytes, more than \(Regulation.maximumBytes): shorten the descriptions in messages/")
        }
        root.allow(
            "version", "decision", "citation", "calendar", "parties", "groups", "messageTypes", "cases", "wordings", "ladders", "onPaper", "extensions",
            "maintenance", "duties", "noClock", "schemas", "devices", "phones", "equipment", "content", "report")
        let version = root.member("version")?.string
        let citation = root.member("citation").map(citation)
        var calendar = root.member("calendar").flatMap(calendar)
        let devices = (root.optional("devices")?.elements ?? []).compactMap(device)
        var parties = root.member("parties").map { $0.elements.compactMap(party) } ?? []
        for (name, node) in root.member("groups")?.entries ?? [] { groups[name] = partyList(node) }
        let recorders = root.optional("onPaper").map(recorders) ?? []
        for (name, node) in root.optional("schemas")?.entries ?? [] { schemas[name] = schema(node, of: name) }
        var verbs = VerbReader { [partyIDs] name in
            partyIDs.contains(name) || devices.contains { $0.isCalled(name) } || (ScenarioWords.coordinator + ScenarioWords.regulation).contains(name)
        }
        let types = root.member("messageTypes").map { $0.elements.compactMap { messageType($0, recorders, &verbs) } } ?? []
        calendar?.declares = root.optional("calendar")?.optional("declares").flatMap(typeName)
        let caseKinds = (root.optional("cases")?.elements ?? []).compactMap(caseKind)
        for (name, node) in root.member("wordings")?.entries ?? [] { wordings[name] = node.wording }
        for (name, node) in root.member("ladders")?.entries ?? [] { ladders[name] = node.elements.compactMap(rung) }
        calendar?.night = root.optional("calendar")?.optional("night").flatMap(night)
        let duties = root.member("duties").map { $0.elements.compactMap(duty) } ?? []
        let extensionBy = root.optional("extensions").map(extensions) ?? []
        let declaresPhone = root.optional("phones").flatMap { node -> String? in
            node.allow("declares")
            return node.member("declares").flatMap(typeName)
        }
        let maintenance = root.optional("maintenance").flatMap(maintenance)
        let report = root.optional("report").map { reportRule($0, types, caseKinds, duties) } ?? EarlierEdition.report(of: source)
        let equipment = equipment()
        let content = root.optional("content").flatMap(content) ?? sound(today?["content"], content)
        for index in parties.indices { parties[index].watches = watches(of: parties[index], equipment) }
        let unclocked = (root.optional("noClock")?.elements ?? []).compactMap(unclocked)
        noteUnknownAlternatives(in: root.optional("duties")?.value.array ?? [])
        noteStrays(types)
        noteRepeats(parties.map(\.id), "bên", "party", in: "/parties")
        noteRepeats(devices.map(\.id), "thiết bị", "device", in: "/devices")
        noteRepeats(types.map(\.name), "loại tin", "message type", in: "/messageTypes")
        noteRepeats(caseKinds.map(\.id), "loại vụ việc", "kind of case", in: "/cases")
        noteRepeats(caseKinds.map(\.prefix), "tiền tố", "prefix", in: "/cases")
        noteRepeats(duties.map(\.id), "việc", "duty", in: "/duties")
        guard let version, let citation, let calendar else { return nil }
        return Regulation(
            version: version, citation: citation, calendar: calendar, parties: parties, lead: lead(of: parties, root.optional("parties")), devices: devices,
            groups: groups,
            messageTypes: types, caseKinds: caseKinds, duties: duties,
            extensionBy: extensionBy, declaresPhone: declaresPhone, maintenance: maintenance, report: report, equipment: equipment, content: content,
            desks: desks, unclocked: unclocked, wordings: wordings, source: source,
            digest: Regulation.digest(of: source))
    }

    private func noteRepeats(_ names: [String], _ vi: String, _ en: String, in pointer: String) {
        var seen: Set<String> = []
        for (index, name) in names.enumerated() where !seen.insert(name).inserted {
            root.problems.list.append(
                Problem(pointer: "\(pointer)/\(index)", vi: "\(vi) “\(name)” được nêu hai lần: bỏ một", en: "the \(en) \"\(name)\" is there twice: remove one"))
        }
    }

    /// A duty may be an alternative to one that stands below it, so this is looked at when all have been read.
    private func noteUnknownAlternatives(in duties: [JSON]) {
        let ids = Set(duties.compactMap { $0["id"]?.string })
        for (index, duty) in duties.enumerated() {
            guard let id = duty["alternativeTo"]?.string, !ids.contains(id) else { continue }
            root.problems.list.append(
                Problem(
                    pointer: "/duties/\(index)/alternativeTo", vi: "“\(id)” không phải việc nào: khai báo tại /duties, hoặc bỏ mục này",
                    en: "\"\(id)\" is not a duty: declare it under /duties, or remove this member"))
        }
    }

    private func citation(_ node: Node) -> Citation {
        node.allow("full", "short", "ours")
        let none = Wording(vi: "", en: "")
        return Citation(full: node.member("full")?.wording ?? none, short: node.member("short")?.wording ?? none, ours: node.member("ours")?.wording ?? none)
    }

    private func calendar(_ node: Node) -> WorkCalendar? {
        node.allow("utcOffset", "workingWeekdays", "workingHours", "everyYear", "years", "declares", "night")
        let offset = node.member("utcOffset")?.parsed(vi: "độ lệch so với UTC như +07:00", en: "an offset from UTC such as +07:00") { text -> Span? in
            guard let sign = text.first, sign == "+" || sign == "-", let time = TimeOfDay(String(text.dropFirst())), time.minutes < 1440 else { return nil }
            return .minutes(Int64(sign == "-" ? -time.minutes : time.minutes))
        }
        let weekdays =
            node.member("workingWeekdays")?.filled(vi: "ít nhất một thứ làm việc trong tuần", en: "at least one working weekday").compactMap {
                $0.integer(1...7)
            } ?? []
        let hours = workingHours(node.member("workingHours"))
        var years: [Int: WorkCalendar.Year] = [:]
        for (key, year) in node.member("years")?.entries ?? [] {
            year.allow("source", "holidays", "makeUpDays")
            let number = Int(key) ?? 0
            if !CivilDate.years.contains(number) { year.problem(vi: "“\(key)” không phải năm", en: "\"\(key)\" is not a year") }
            func days(_ name: String) -> Set<CivilDate> {
                let dates = (year.member(name)?.elements ?? []).compactMap { day -> CivilDate? in
                    let date = day.date
                    if let date, date.year != number { day.problem(vi: "ngày này không thuộc năm \(key)", en: "this day is not in \(key)") }
                    return date
                }
                return Set(dates)
            }
            years[number] = WorkCalendar.Year(holidays: days("holidays"), makeUpDays: days("makeUpDays"))
        }
        guard let offset, !weekdays.isEmpty, !hours.isEmpty else { return nil }
        let everyYear = Set(node.optional("everyYear")?.elements.compactMap(\.monthDay) ?? [])
        return WorkCalendar(offset: offset, weekdays: Set(weekdays), hours: hours, everyYear: everyYear, years: years)
    }

    /// `{ "from": "21:00", "to": "06:30", "ladders": ["days", "year"] }`: when it is night, and whose steps wait for the morning.
    private func night(_ node: Node) -> WorkCalendar.Night? {
        node.allow("from", "to", "ladders")
        for name in node.member("ladders")?.elements ?? [] {
            _ = name.parsed(vi: "một ladder: khai báo tại /ladders", en: "a ladder: declare it under /ladders") { text -> String? in
                guard let rungs = ladders[text] else { return nil }
                ladders[text] = rungs.map { rung in
                    var rung = rung
                    rung.waits = rung.moment.canWait
                    return rung
                }
                return text
            }
        }
        guard let from = node.member("from")?.time, let to = node.member("to")?.time else { return nil }
        if from == to { node.problem(vi: "“from” và “to” phải là hai giờ khác nhau", en: "\"from\" and \"to\" must be two different times") }
        return WorkCalendar.Night(from: from, to: to)
    }

    private func workingHours(_ node: Node?) -> [Range<TimeOfDay>] {
        var hours: [Range<TimeOfDay>] = []
        for range in node?.filled(vi: "giờ làm việc trong ngày", en: "the working hours of a day") ?? [] {
            let times = range.elements.map(\.time)
            // An unreadable time has been noted at its own place.
            if times.contains(nil) { continue }
            guard times.count == 2, let begin = times[0], let end = times[1], begin < end else {
                range.problem(vi: "phải là hai giờ trong ngày, giờ sớm trước", en: "must be two times of day, the earlier first")
                continue
            }
            if let last = hours.last, begin < last.upperBound {
                range.problem(
                    vi: "không được bắt đầu trước khi khoảng giờ ở trên kết thúc: xếp theo thứ tự",
                    en: "must not begin before the hours above it end: put them in order")
            }
            hours.append(begin..<end)
        }
        return hours
    }

    private func party(_ node: Node) -> Party? {
        node.allow("id", "name", "role", "contact", "phone", "reads", "watches")
        let id = node.member("id")?.parsed(
            vi: "mã gồm tối đa 40 chữ thường không dấu, chữ số và dấu gạch nối, khác “all”",
            en: "an id of at most 40 lower-case letters, digits and hyphens, other than \"all\""
        ) { text -> String? in
            isIdentifier(text) && text != "all" && text.utf8.count <= 40 ? text : nil
        }
        let name = node.member("name")?.wording
        let role = node.member("role")?.choice(Party.Role.self)
        let (contact, phone) = (node.optional("contact")?.wording, node.optional("phone")?.string)
        if let id {
            partyIDs.append(id)
            if role == .system { systemIDs.insert(id) }
        }
        guard let id, let name, let role else { return nil }
        let reads = Set(node.optional("reads")?.elements.compactMap { $0.choice(Party.Readable.self) } ?? [])
        return Party(id: id, name: name, role: role, contact: contact, phone: phone, reads: reads)
    }

    /// The party that leads. A text that names none is led by the agency that it names first.
    private func lead(of parties: [Party], _ node: Node?) -> PartyID {
        let leads = parties.filter { $0.role == .lead }
        if leads.count > 1 {
            node?.problem(
                vi: "chỉ một bên có vai trò “lead”; ở đây có \(leads.map(\.id).joined(separator: ", "))",
                en: "one party alone has the role \"lead\"; here there are \(leads.map(\.id).joined(separator: ", "))")
        }
        guard let lead = leads.first ?? parties.first(where: \.isAgency) else {
            node?.problem(vi: "phải có một bên với vai trò “lead”", en: "must have a party with the role \"lead\"")
            return ""
        }
        return lead.id
    }

    private func isIdentifier(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
    }

    private func partyID(_ node: Node) -> PartyID? {
        let known = partyIDs.joined(separator: ", ")
        return node.parsed(
            vi: "một bên: khai báo tại /parties hoặc dùng một trong \(known)", en: "a party: declare it under /parties or use one of \(known)"
        ) { partyIDs.contains($0) ? $0 : nil }
    }

    /// A list of parties, in which `@name` stands for a group.
    private func partyList(_ node: Node) -> [PartyID] {
        node.elements.flatMap { element -> [PartyID] in
            guard let text = element.value.string, text.hasPrefix("@") else { return partyID(element).map { [$0] } ?? [] }
            return element.parsed(vi: "một nhóm: khai báo tại /groups trước khi dùng", en: "a group: declare it under /groups before its use") {
                groups[String($0.dropFirst())]
            } ?? []
        }
    }

    private func messageType(_ node: Node, _ recorders: [PartyID], _ verbs: inout VerbReader) -> MessageType? {
        node.allow("type", "from", "to", "addressable", "urgent", "receipt", "article", "verbs")
        let name = node.member("type")?.parsed(
            vi: "danh từ và động từ nối bằng dấu chấm, như incident.notified", en: "a noun and a verb with a dot between, such as incident.notified",
            nounAndVerb)
        if let name { typeNames.insert(name) }
        let from = node.member("from").map(partyList) ?? []
        let to = node.member("to").map(addressees) ?? []
        let (isAddressable, isUrgent, owesReceipt) = (flag("addressable", of: node), flag("urgent", of: node), flag("receipt", of: node))
        let schema = name.flatMap { schemas[$0] ?? MessageSchema.named($0) }
        let words = node.optional("verbs").map { verbs.verbs($0, of: name ?? "", schema) } ?? []
        guard let article = node.member("article").flatMap(article), let name else { return nil }
        // A type whose schema has no place for the party and its document is recorded by nobody else.
        let isOfOthers = schema?.fields.contains { $0.name == "onBehalfOf" } ?? false
        return MessageType(
            name: name, from: from, recorders: isOfOthers ? recorders.filter { !from.contains($0) } : [], to: to, isAddressable: isAddressable,
            isUrgent: isUrgent, owesReceipt: owesReceipt, article: article, schema: schema, verbs: words)
    }

    /// The schema of a type that the text brings along. What the system says of itself it says in its own words.
    private func schema(_ node: Node, of type: String) -> MessageSchema? {
        if SystemType.all.contains(type) {
            node.problem(
                vi: "hệ thống tự nói tin “\(type)” theo mẫu của chương trình: bỏ mẫu này",
                en: "the system itself says \"\(type)\", as built in: remove this schema")
        }
        do throws(SchemaError) { return try MessageSchema(type: type, node.value) } catch {
            root.problems.list.append(
                Problem(pointer: node.pointer + error.pointer, vi: "mẫu tin không dùng được: \(error.reason)", en: "the schema cannot be used: \(error.reason)")
            )
            return nil
        }
    }

    private func noteStrays(_ types: [MessageType]) {
        let known = Set(types.map(\.name))
        for name in schemas.keys.sorted() where !known.contains(name) {
            root.problems.list.append(
                Problem(
                    pointer: "/schemas/\(name)", vi: "“\(name)” không phải loại tin nào: khai báo tại /messageTypes, hoặc bỏ mẫu này",
                    en: "\"\(name)\" is no message type: declare it under /messageTypes, or remove this schema"))
        }
    }

    private func device(_ node: Node) -> Device? {
        node.allow("id", "name", "failure", "numbered")
        let id = node.member("id")?.parsed(vi: "mã gồm chữ thường, chữ số và dấu gạch nối", en: "an id of lower-case letters, digits and hyphens") {
            isIdentifier($0) ? $0 : nil
        }
        let (name, failure) = (node.member("name")?.wording, node.member("failure")?.wording)
        guard let id, let name, let failure else { return nil }
        return Device(id: id, name: name, failure: failure, isNumbered: flag("numbered", of: node))
    }

    private func flag(_ key: String, of node: Node) -> Bool {
        guard let flag = node.optional(key) else { return false }
        if flag.value.bool == nil { flag.problem(vi: "phải là true hoặc false", en: "must be true or false") }
        return flag.value.bool ?? false
    }

    private func caseKind(_ node: Node) -> CaseKind? {
        node.allow("id", "prefix", "name", "begins", "alone", "continues", "ends", "mayBegin", "near", "claims", "stages")
        let id = node.member("id")?.parsed(vi: "mã gồm chữ thường, chữ số và dấu gạch nối", en: "an id of lower-case letters, digits and hyphens") {
            isIdentifier($0) ? $0 : nil
        }
        let prefix = node.member("prefix")?.parsed(vi: "2 đến 6 chữ in hoa không dấu", en: "2 to 6 capital letters without accents") {
            (2...6).contains($0.utf8.count) && $0.utf8.allSatisfy { (65...90).contains($0) } ? $0 : nil
        }
        let name = node.member("name")?.wording
        func types(_ key: String) -> [String] {
            (node.optional(key)?.elements ?? []).compactMap { element in
                element.parsed(vi: "một loại tin: khai báo tại /messageTypes", en: "a message type: declare it under /messageTypes") {
                    typeNames.contains($0) ? $0 : nil
                }
            }
        }
        let (begins, alone, continues, ends) = (types("begins"), types("alone"), types("continues"), types("ends"))
        if begins.isEmpty && alone.isEmpty {
            node.problem(vi: "không có tin nào mở vụ việc loại này: nêu begins hoặc alone", en: "nothing begins a case of this kind: name begins or alone")
        }
        var seen: Set<String> = []
        for type in begins + alone + continues + ends where !seen.insert(type).inserted {
            node.problem(vi: "“\(type)” được nêu hai lần: bỏ một", en: "\"\(type)\" is there twice: remove one")
        }
        let mayBegin = (node.optional("mayBegin")?.elements ?? []).compactMap { ofKind($0, Set(continues)) }
        let claims = (node.optional("claims")?.elements ?? []).compactMap { claimRule($0, types: seen, ends: ends) }
        let stages = (node.optional("stages")?.elements ?? []).compactMap { stage($0, types: seen) }
        guard let id, let prefix, let name else { return nil }
        return CaseKind(
            id: id, prefix: prefix, name: name, begins: begins, alone: alone, continues: continues, ends: ends, mayBegin: mayBegin,
            near: node.optional("near").flatMap(nearness), claims: claims, stages: stages)
    }

    /// `{ "same": "data.device", "kind": "data.kind", "at": "data.occurredAt", "within": "PT15M" }`.
    private func nearness(_ node: Node) -> Nearness? {
        node.allow("same", "kind", "at", "within")
        guard let same = node.member("same").flatMap(path), let kind = node.member("kind").flatMap(path), let at = node.member("at").flatMap(path),
            let within = node.member("within")?.span
        else { return nil }
        return Nearness(same: same, kind: kind, at: at, within: within)
    }

    /// `{ "on": "incident.notified", "name": "notified" }`.
    private func stage(_ node: Node, types: Set<String>) -> CaseKind.Stage? {
        node.allow("on", "name")
        let type = ofKind(node.member("on"), types)
        let name = node.member("name")?.parsed(vi: "mã gồm chữ thường, chữ số và dấu gạch nối", en: "an id of lower-case letters, digits and hyphens") {
            isIdentifier($0) ? $0 : nil
        }
        guard let type, let name else { return nil }
        return CaseKind.Stage(type: type, name: name)
    }

    private func ofKind(_ node: Node?, _ types: Set<String>) -> String? {
        node?.parsed(vi: "một loại tin của loại vụ việc này", en: "a message type of this kind of case") { types.contains($0) ? $0 : nil }
    }

    /// `{ "on": "incident.corrected", "corrects": ["occurredAt", …], "slip": "PT2M" }`; `{ "on": "incident.dismissed", "alone": { "where": { … } } }`; `{ "on": …, "into": "data.into" }`; `{ "on": …, "dates": ["data.resolveBy"], "ahead": "PT4H" }`.
    private func claimRule(_ node: Node, types: Set<String>, ends: [String]) -> ClaimRule? {
        node.allow("on", "slip", "alone", "into", "corrects", "reopens", "dates", "ahead")
        let type = ofKind(node.member("on"), types)
        let slip = node.optional("slip")?.span ?? .zero
        let alone = node.optional("alone").map { alone -> [Condition] in
            alone.allow("where")
            return conditions(alone.optional("where"))
        }
        let into = node.optional("into").flatMap(path)
        let corrects = node.optional("corrects").map { $0.elements.compactMap(\.string) }
        let reopens = node.optional("reopens").flatMap { node -> Reopening? in
            node.allow("after", "within", "good")
            guard let after = node.member("after")?.span, let within = node.member("within")?.span, let good = node.member("good")?.span else { return nil }
            return Reopening(after: after, within: within, good: good)
        }
        let dates = node.optional("dates").map { $0.filled(vi: "thành phần nêu thời hạn", en: "the members that set a date").compactMap(path) }
        let ahead = node.optional("ahead")?.span
        if ahead != nil, dates == nil {
            node.problem(vi: "“ahead” chỉ đi cùng “dates”: bỏ, hoặc nêu dates", en: "\"ahead\" goes with \"dates\": remove it, or name dates")
        }
        return type.map {
            ClaimRule(
                type: $0, slip: slip, alone: alone, endsCase: ends.contains($0), into: into, reopens: reopens, corrects: corrects, dates: dates, ahead: ahead)
        }
    }

    /// The parties that always receive a type. The system's own accounts have no queue to receive it in.
    private func addressees(_ node: Node) -> [PartyID] {
        let parties = partyList(node)
        for party in parties where systemIDs.contains(party) {
            node.problem(
                vi: "“\(party)” không nhận tin: bỏ đi; hệ thống điều phối đọc sổ cái",
                en: "\"\(party)\" receives no messages: remove it; the coordinator reads the ledger")
        }
        return parties
    }

    private func nounAndVerb(_ text: String) -> String? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy(isIdentifier) && text.utf8.count <= 50 ? text : nil
    }

    private func article(_ node: Node) -> String? {
        node.parsed(vi: "khoản như 8.2, tức khoản 2 Điều 8, hoặc “ours”", en: "a clause such as 8.2, for clause 2 of Article 8, or \"ours\"") { text in
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            return text == "ours" || (parts.count == 2 && parts.allSatisfy { $0.count <= 3 && UInt($0) != nil && $0.first != "+" }) ? text : nil
        }
    }

    private func unclocked(_ node: Node) -> Unclocked? {
        node.allow("article", "text")
        let article = node.member("article")?.parsed(vi: "điều như 4, hoặc khoản như 13.1", en: "an article such as 4, or a clause such as 13.1") { text in
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count <= 2 && parts.allSatisfy { $0.count <= 3 && UInt($0) != nil && $0.first != "+" } ? text : nil
        }
        let text = node.member("text")?.wording
        guard let article, let text else { return nil }
        return Unclocked(article: article, text: text)
    }

    /// Who records what parties that work on paper do.
    private func recorders(_ node: Node) -> [PartyID] {
        node.allow("recordedBy")
        return node.member("recordedBy").map(addressees) ?? []
    }

    private func extensions(_ node: Node) -> [String] {
        node.allow("by")
        return (node.member("by")?.filled(vi: "ai được gia hạn mốc theo dõi", en: "who may extend a monitoring mark") ?? []).compactMap { entitled in
            entitled.parsed(vi: "“addressee” hoặc một bên", en: "\"addressee\" or a party") { $0 == "addressee" || partyIDs.contains($0) ? $0 : nil }
        }
    }

    /// What the edition built in says where this one left it to the program, as far as that makes sense under this one.
    private func sound<T>(_ json: JSON?, _ read: (Node) -> T?) -> T? {
        guard let json else { return nil }
        let node = Node(value: json, pointer: "", problems: .init())
        let value = read(node)
        return node.problems.list.isEmpty ? value : nil
    }

    /// `{ "failure": { "type": "incident.detected", "says": { "kind": "technical" } }, "status": …, "supply": { "status": …, "restored": … }, "day": … }`.
    private func equipment() -> Equipment? {
        let own = root.optional("equipment")
        own?.allow("failure", "status", "supply", "day")
        func part<T>(_ name: String, _ read: (Node) -> T?) -> T? { own.map { $0.optional(name).flatMap(read) } ?? sound(today?["equipment"]?[name], read) }
        let failure = part("failure") { node -> Equipment.Failure? in
            node.allow("type", "says")
            let says = node.optional("says")?.value.object ?? JSONObject()
            for (member, value) in node.optional("says")?.entries ?? [] where Equipment.inFailure.contains(where: { $0.name == member }) {
                value.problem(vi: "chương trình tự ghi mục này: bỏ đi", en: "the program itself writes this: remove it")
            }
            guard let name = node.member("type").flatMap(typeName) else { return nil }
            return Equipment.Failure(type: name, says: says)
        }
        let supply = part("supply") { node -> Equipment.Supply? in
            node.allow("status", "restored")
            guard let status = node.member("status").flatMap(typeName), let restored = node.member("restored").flatMap(typeName) else { return nil }
            return Equipment.Supply(status: status, restored: restored)
        }
        let equipment = Equipment(failure: failure, status: part("status", typeName), supply: supply, day: part("day", typeName))
        return equipment == Equipment() ? nil : equipment
    }

    /// `{ "published": "content.published", "submitted": "content.submitted", … }`.
    private func content(_ node: Node) -> ContentTypes? {
        node.allow("published", "submitted", "delivered", "vetted", "challenged", "upheld", "withdrawn", "backup")
        var types = node.member("published").flatMap(typeName).map { ContentTypes(published: $0) }
        for part in ContentTypes.parts { if let name = node.optional(part.member).flatMap(typeName) { types?[keyPath: part.path] = name } }
        let named = types?.named.map(\.type) ?? []
        for (index, name) in named.enumerated() where named[..<index].contains(name) {
            node.problem(vi: "“\(name)” được nêu cho hai phần: bỏ một", en: "\"\(name)\" is named for two parts: remove one")
        }
        return types
    }

    /// What a party's agent watches: it must have words for it.
    private func watches(of party: Party, _ equipment: Equipment?) -> Set<Party.Watched> {
        func read(_ node: Node) -> Set<Party.Watched>? {
            var watches: Set<Party.Watched> = []
            for element in node.elements {
                guard let watched = element.choice(Party.Watched.self) else { continue }
                watches.insert(watched)
                let (types, place): ([String?], String) =
                    switch watched {
                    case .devices: ([equipment?.status], "status")
                    case .incidents: ([equipment?.failure?.type], "failure")
                    case .operations: ([equipment?.day], "day")
                    case .supply: ([equipment?.supply?.status, equipment?.supply?.restored], "supply")
                    }
                if types.contains(nil) {
                    element.problem(
                        vi: "chưa có tin nào để báo về “\(watched.rawValue)”: nêu tại /equipment/\(place)",
                        en: "no message tells of \"\(watched.rawValue)\": name it under /equipment/\(place)")
                }
            }
            if watches.isDisjoint(with: [.devices]), !watches.isDisjoint(with: [.incidents, .operations]) {
                node.problem(vi: "phải theo dõi thiết bị trước: thêm “devices”", en: "devices must be watched for that: add \"devices\"")
            }
            return watches
        }
        func row(_ json: JSON?) -> JSON? { json?["parties"]?.array?.first { $0["id"]?.string == party.id } }
        let own = root.optional("parties")?.elements.first { $0.value["id"]?.string == party.id }?.optional("watches")
        return own.flatMap(read) ?? sound(row(today)?["watches"], read) ?? []
    }

    private func maintenance(_ node: Node) -> Maintenance? {
        node.allow("longest", "opens", "closes", "alone")
        let (opens, closes) = (node.member("opens").flatMap(typeName), node.member("closes").flatMap(typeName))
        let alone = node.optional("alone").flatMap(alone)
        guard let longest = node.member("longest")?.span, let opens, let closes else { return nil }
        return Maintenance(longest: longest, opens: opens, closes: closes, alone: alone)
    }

    private func reportRule(_ node: Node, _ types: [MessageType], _ kinds: [CaseKind], _ duties: [Duty]) -> ReportRule {
        let ids = Set((root.optional("cases")?.value.array ?? []).compactMap { $0["id"]?.string })
        let isSound = root.problems.list.isEmpty
        return ReportReader(typeNames: typeNames, types: types, kindIDs: ids, kinds: kinds, duties: isSound ? duties : nil).rule(node)
    }

    private func alone(_ node: Node) -> Maintenance.Alone? {
        node.allow("hours", "together", "devices", "supplied")
        let allowances = (node.member("hours")?.elements ?? []).compactMap { node -> Maintenance.Allowance? in
            node.allow("from", "to", "atMost")
            guard let from = node.member("from")?.time, let to = node.member("to")?.time, let atMost = node.member("atMost")?.span else { return nil }
            return Maintenance.Allowance(from: from, to: to, atMost: atMost)
        }
        let supplied = node.optional("supplied").flatMap { node -> Maintenance.Supplied? in
            node.allow("kinds", "ahead", "atMost", "number")
            let kinds = (node.member("kinds")?.elements ?? []).compactMap(\.value.string)
            guard let ahead = node.member("ahead")?.span, let atMost = node.member("atMost")?.span, let number = node.member("number").flatMap(path) else {
                return nil
            }
            return Maintenance.Supplied(kinds: kinds, ahead: ahead, atMost: atMost, number: number)
        }
        guard let together = node.member("together")?.span, let devices = node.member("devices")?.integer(0...1000) else { return nil }
        return Maintenance.Alone(allowances: allowances, together: together, devices: devices, supplied: supplied)
    }

    private func maintenanceRule(_ node: Node) -> MaintenanceRule {
        node.allow("where", "kinds", "found", "endedBy")
        return MaintenanceRule(
            conditions: conditions(node.optional("where")), kinds: (node.optional("kinds")?.elements ?? []).compactMap(\.value.string),
            found: node.optional("found").flatMap(path), endedBy: (node.optional("endedBy")?.elements ?? []).compactMap(typeName))
    }

    private func typeName(_ node: Node) -> String? {
        node.parsed(vi: "một loại tin: khai báo tại /messageTypes", en: "a message type: declare it under /messageTypes") { typeNames.contains($0) ? $0 : nil }
    }

    private func path(_ node: Node) -> FieldPath? {
        node.parsed(vi: "đường dẫn vào tin, như data.occurredAt", en: "a path into the message, such as data.occurredAt") {
            $0.hasPrefix("data.") || $0 == "time" ? FieldPath($0) : nil
        }
    }

    private func conditions(_ node: Node?) -> [Condition] {
        (node?.entries ?? []).map { key, values in
            if values.value.array?.isEmpty == true {
                values.problem(vi: "không giá trị nào được chấp nhận: nêu ít nhất một", en: "no value is allowed here: name at least one")
            }
            if !key.hasPrefix("data.") {
                values.problem(vi: "“\(key)” phải là đường dẫn như data.kind", en: "\"\(key)\" must be a path such as data.kind")
            }
            return Condition(path: FieldPath(key), values: values.elements.map(\.value))
        }
    }

    /// A message that opens a duty.
    private func openingMatcher(_ node: Node) -> Matcher? {
        node.allow("on", "from", "where")
        let type = node.member("on").flatMap(typeName)
        let matcher = Matcher(type: type ?? "", from: node.optional("from").map(partyList) ?? [], conditions: conditions(node.optional("where")))
        return type == nil ? nil : matcher
    }

    /// A message that fulfils or closes a duty.
    private func matcher(_ node: Node) -> Matcher? {
        node.allow("on", "from", "where", "case", "at", "confirmedBy", "period", "others", "works", "repeated")
        let type = node.member("on").flatMap(typeName)
        let from = node.optional("from")
        let isOwn = from?.value == ["obligor"]
        let matcher = Matcher(
            type: type ?? "", from: isOwn ? [] : from.map(partyList) ?? [], isObligorsOwn: isOwn, citing: node.optional("case").flatMap(path),
            conditions: conditions(node.optional("where")), at: node.optional("at").flatMap(path),
            confirmedBy: node.optional("confirmedBy").flatMap(partyID), period: node.optional("period").flatMap(period),
            needsWord: node.optional("others")?.parsed(vi: "“confirmed”", en: "\"confirmed\"") { $0 == "confirmed" ? true : nil } ?? false,
            works: flag("works", of: node), repeated: node.optional("repeated").flatMap(repetition))
        return type == nil ? nil : matcher
    }

    /// `{ "times": 3, "differing": "data.number", "values": 2 }`.
    private func repetition(_ node: Node) -> Repetition? {
        node.allow("times", "differing", "values")
        let (times, values) = (node.member("times")?.integer(2...100), node.member("values")?.integer(1...100))
        guard let path = node.member("differing").flatMap(path), let times, let values else { return nil }
        if values > times {
            node.problem(
                vi: "không thể có \(values) giá trị khác nhau trong \(times) tin: giảm values, hoặc tăng times",
                en: "\(times) messages cannot have \(values) different values: lower values, or raise times")
        }
        return Repetition(times: times, path: path, values: values)
    }

    /// `"data.date"`, or `{ "year": "data.year", "day": "06-30" }`, or `{ "yearBefore": "data.budgetYear" }`.
    private func period(_ node: Node) -> PeriodRule? {
        if node.value.string != nil { return path(node).map { PeriodRule($0) } }
        node.allow("year", "yearBefore", "day")
        node.expectOne(of: "year", "yearBefore")
        let member = node.optional("year") ?? node.optional("yearBefore")
        let day = node.optional("day")?.monthDay ?? MonthDay(12, 31)
        return member.flatMap(path).map { PeriodRule($0, day: day, yearsBefore: node.value["yearBefore"] == nil ? 0 : 1) }
    }

    private func duty(_ node: Node) -> Duty? {
        node.allow(
            "id", "article", "title", "obligor", "addressee", "opens", "startsAt", "due", "fulfilledBy", "closedBy", "ladder",
            "heldDuringMaintenance", "alternativeTo", "desk")
        let id = node.member("id")?.parsed(
            vi: "danh từ và động từ nối bằng dấu chấm, như incident.acknowledge", en: "a noun and a verb with a dot between, such as incident.acknowledge",
            nounAndVerb)
        let article = node.member("article").flatMap(article)
        let title = node.member("title")?.wording
        let each = node.optional("obligor").flatMap(eachObligor)
        let obligors = each == nil ? node.member("obligor").map(obligors) ?? [] : []
        let opening = node.member("opens").flatMap(opening)
        let due = node.member("due").flatMap(dueRule)
        let ladder = node.member("ladder").map(ladder) ?? []
        let addressees = node.optional("addressee").map(addresseeRules) ?? []
        let startsAt = node.optional("startsAt").flatMap(path)
        let fulfilledBy = (node.member("fulfilledBy")?.filled(vi: "tin hoàn thành việc này", en: "a message that fulfils the duty") ?? []).compactMap(matcher)
        let closedBy = (node.optional("closedBy")?.elements ?? []).compactMap(matcher)
        let maintenance = node.optional("heldDuringMaintenance").map(maintenanceRule)
        let alternativeTo = node.optional("alternativeTo")?.string
        if (each == .answering) != (opening == .claims) {
            node.problem(
                vi: "“opens”: “claims” đi cùng “obligor”: { “answers”: “claims” }",
                en: "\"opens\": \"claims\" goes with \"obligor\": { \"answers\": \"claims\" }")
        }
        if case .named = each, case .calendar = opening {
            node.optional("obligor")?.problem(
                vi: "chỉ tin mới nêu được ai phải làm, mà việc này phát sinh theo lịch: dùng “each” với một nhóm",
                en: "only a message can name who is asked, and this duty is opened by the calendar: use \"each\" with a group")
        }
        func desk(_ node: Node) -> [DeskAnswer] {
            DeskReader(typeNames: typeNames, parties: partyIDs).answers(node, fulfilledBy: fulfilledBy)
        }
        if let id {
            let row = today?["duties"]?.array?.first { $0["id"]?.string == id }
            desks[id] = node.optional("desk").map(desk) ?? sound(row?["desk"], desk)
        }
        guard let id, let article, let title, let opening, let due else { return nil }
        // Ladders are shared; a step that cannot come is none of this duty's.
        let steps = ladder.filter { rung in
            switch rung.moment {
            case .held: maintenance != nil
            case .extended: due.basis == .mark && !due.cases.isEmpty
            case .rescheduled: due.turnsOnWorkingDays
            default: true
            }
        }
        return Duty(
            id: id, article: article, title: title, obligors: obligors, each: each, addressees: addressees, opening: opening, startsAt: startsAt, due: due,
            fulfilledBy: fulfilledBy, closedBy: closedBy, ladder: steps, maintenance: maintenance, alternativeTo: alternativeTo)
    }

    /// `{ "each": "@reporting" }` or `{ "namedIn": "data.askedOf" }`; nil for the other forms.
    private func eachObligor(_ node: Node) -> EachObligor? {
        guard let object = node.value.object, object["each"] != nil || object["namedIn"] != nil || object["answers"] != nil else { return nil }
        node.allow("each", "namedIn", "answers")
        node.expectOne(of: "each", "namedIn", "answers")
        if let answers = node.optional("answers") {
            _ = answers.parsed(vi: "“claims”", en: "\"claims\"") { $0 == "claims" ? true : nil }
            return .answering
        }
        if let each = node.optional("each") {
            if each.value.string == nil { return .of(each.filled(vi: "các bên phải làm", en: "the parties that owe the duty").isEmpty ? [] : partyList(each)) }
            let group = each.parsed(
                vi: "một nhóm như @reporting: khai báo tại /groups", en: "a group such as @reporting: declare it under /groups"
            ) { $0.hasPrefix("@") ? groups[String($0.dropFirst())] : nil }
            return .of(group ?? [])
        }
        return .named(in: node.optional("namedIn").flatMap(path) ?? FieldPath(""))
    }

    /// A party, `{ "senderOf": "content.requested" }`, or a list of such.
    private func addresseeRules(_ node: Node) -> [Addressee] {
        let nodes = node.value.array == nil ? [node] : node.filled(vi: "bên nhận", en: "a party to whom the duty is owed")
        return nodes.compactMap { node in
            guard node.value.object != nil else { return partyID(node).map { .party($0) } }
            node.allow("senderOf")
            if node.value["senderOf"] == "claim" { return .opener }
            return node.member("senderOf").flatMap(typeName).map { .sender(of: $0) }
        }
    }

    private func obligors(_ node: Node) -> [ObligorRule] {
        if let object = node.value.object {
            node.allow("senderOf", "each", "namedIn")
            if object.members.isEmpty { node.expectOne(of: "senderOf", "each", "namedIn") }
            return node.optional("senderOf").flatMap(typeName).map { [ObligorRule(conditions: [], party: nil, named: nil, senderOf: $0)] } ?? []
        }
        if node.value.string != nil { return partyID(node).map { [ObligorRule(conditions: [], party: $0, named: nil)] } ?? [] }
        let rules = node.filled(vi: "bên phải làm", en: "a party that owes the duty")
        if let last = rules.last, last.value["where"] != nil || last.value["namedBy"] != nil {
            last.problem(
                vi: "quy tắc cuối phải nêu một bên trong mọi trường hợp: thêm quy tắc chỉ có “party”",
                en: "the last rule must name a party whatever the case: add a rule with \"party\" alone")
        }
        return rules.compactMap { rule in
            rule.allow("where", "party", "namedBy", "path", "until")
            let conditions = conditions(rule.optional("where"))
            if let namedBy = rule.optional("namedBy") {
                let (type, path) = (typeName(namedBy), rule.member("path").flatMap(path))
                guard let type, let path else { return nil }
                return ObligorRule(conditions: conditions, party: nil, named: NamedField(type: type, path: path))
            }
            let until = rule.optional("until").flatMap(typeName)
            return rule.member("party").flatMap(partyID).map { ObligorRule(conditions: conditions, party: $0, named: nil, until: until) }
        }
    }

    private func opening(_ node: Node) -> Opening? {
        if node.value == "claims" { return .claims }
        if node.value.array != nil {
            return .messages(node.filled(vi: "tin làm phát sinh việc này", en: "a message that opens the duty").compactMap(openingMatcher))
        }
        node.allow("daily", "workingDaily", "weekly", "monthly", "quarterly", "yearly", "at")
        node.expectOne(of: "daily", "workingDaily", "weekly", "monthly", "quarterly", "yearly")
        let midnight = TimeOfDay(minutes: 0)
        let time = node.optional("at")?.time ?? midnight
        let kinds: [Recurrence?] = [
            node.optional("daily")?.time.map { .daily($0) },
            node.optional("workingDaily")?.time.map { .workingDaily($0) },
            node.optional("weekly")?.integer(1...7).map { .weekly($0, time) },
            node.optional("monthly")?.integer(1...28).map { .monthly($0, time) },
            node.optional("quarterly")?.time.map { .quarterly($0) },
            node.optional("yearly").map(monthDays).flatMap { $0.isEmpty ? nil : .yearly($0, time) },
        ]
        return kinds.lazy.compactMap(\.self).first.map { .calendar($0) }
    }

    private func dueRule(_ node: Node) -> DueRule? {
        let basis = node.member("basis")?.choice(DueRule.Basis.self)
        var cases: [DueCase] = []
        if let first = node.optional("first") {
            node.allow("basis", "first")
            cases = first.filled(vi: "trường hợp và thời hạn", en: "a case with its term").compactMap { dueCase($0, more: []) }
        } else if (node.value.object?.members ?? []).contains(where: { $0.key != "basis" }) {
            cases = dueCase(node, more: ["basis"]).map { [$0] } ?? []
        }
        return basis.map { DueRule(basis: $0, cases: cases) }
    }

    private func dueCase(_ node: Node, more: Set<String>) -> DueCase? {
        let terms: [DueTerm] = node.entries.compactMap { key, value in
            switch key {
            case "within": value.span.map { .within($0) }
            case "workingDays": value.integer(1...400).map { .workingDays($0) }
            case "workingHours": value.span.map { .workingHours($0) }
            case "nextWorkingDay": value.time.map { .nextWorkingDay($0) }
            case "unfetched": value.span.map { .unfetched($0) }
            case "at": value.time.map { .timeOfDay($0) }
            case "before": .before(monthDays(value))
            case "by": .by(monthDays(value))
            case "endOfPeriod": .endOfPeriod
            case "endOfQuarter": .endOfQuarter
            case "field":
                path(value).map { .field(type: node.optional("of").flatMap(typeName), $0, ahead: node.optional("ahead")?.span ?? .zero) }
            case "operation": operation(value)
            case "on", "where", "during", "of", "ahead", "period": nil
            default: unknown(key, more: more, in: node)
            }
        }
        node.expectOne(
            of: "within", "workingDays", "workingHours", "nextWorkingDay", "unfetched", "at", "before", "by", "endOfPeriod", "endOfQuarter", "field",
            "operation")
        let during = node.optional("during")?.parsed(vi: "“working-hours”", en: "\"working-hours\"") { $0 == "working-hours" ? true : nil } ?? false
        let conditions = conditions(node.optional("where"))
        let period = node.optional("period").flatMap(period)
        let types = (node.optional("on")?.elements ?? []).compactMap(typeName)
        return terms.first.map { DueCase(types: types, conditions: conditions, duringWorkingHours: during, term: $0, period: period) }
    }

    /// A day of the year, or several in the year's order.
    private func monthDays(_ node: Node) -> [MonthDay] {
        if node.value.array == nil { return node.monthDay.map { [$0] } ?? [] }
        let days = node.filled(vi: "ngày trong năm", en: "a day of the year").compactMap(\.monthDay)
        if days != days.sorted() || Set(days).count != days.count {
            node.problem(vi: "phải theo thứ tự trong năm: ghi ngày sớm trước", en: "must be in the year's order: put the earlier day first")
        }
        return days
    }

    private func unknown(_ key: String, more: Set<String>, in node: Node) -> DueTerm? {
        if !more.contains(key) { node.problem(vi: "ở đây không có mục “\(key)”: bỏ đi", en: "the member \"\(key)\" is not known here: remove it") }
        return nil
    }

    private func operation(_ node: Node) -> DueTerm? {
        node.allow("on", "device", "minimum", "from", "to")
        let shownBy = node.member("on").flatMap(typeName)
        let (device, minimum) = (node.member("device")?.string, node.member("minimum")?.span)
        let (from, to) = (node.member("from")?.time, node.member("to")?.time)
        guard let shownBy, let device, let minimum, let from, let to else { return nil }
        guard from < to, minimum <= .minutes(Int64(to.minutes - from.minutes)) else {
            node.problem(
                vi: "“from” phải trước “to”, và “minimum” không dài hơn khoảng giữa hai giờ đó",
                en: "\"from\" must lie before \"to\", and \"minimum\" must not be longer than the time between them")
            return nil
        }
        return .operation(Operation(shownBy: shownBy, device: device, minimum: minimum, from: from, to: to))
    }

    private func ladder(_ node: Node) -> [Rung] {
        if node.value.string != nil {
            return node.parsed(vi: "một ladder: khai báo tại /ladders", en: "a ladder: declare it under /ladders") { ladders[$0] } ?? []
        }
        return node.elements.compactMap(rung)
    }

    private func rung(_ node: Node) -> Rung? {
        node.allow("at", "before", "lastWorkingDayAt", "after", "every", "everyWorkingDays", "times", "to", "copy", "wording")
        let times = node.optional("times")?.integer(1...1000) ?? 1
        let moments: [Rung.Moment?] = [
            node.optional("at")?.parsed(
                vi: "“opening”, “held”, “extended”, “rescheduled”, “deadline” hoặc “settled”",
                en: "\"opening\", \"held\", \"extended\", \"rescheduled\", \"deadline\" or \"settled\""
            ) {
                [
                    "opening": .opening, "held": .held, "extended": .extended, "rescheduled": .rescheduled, "deadline": .deadline, "settled": .settled,
                ][$0]
            },
            node.optional("before")?.span.map { .before($0) },
            node.optional("lastWorkingDayAt")?.time.map { .lastWorkingDayBefore($0) },
            node.optional("after")?.span.map { .after($0) },
            node.optional("every")?.span.map { .every($0, times: times) },
            node.optional("everyWorkingDays")?.integer(1...400).map { .everyWorkingDays($0, times: times) },
        ]
        node.expectOne(of: "at", "before", "lastWorkingDayAt", "after", "every", "everyWorkingDays")
        let wording = node.member("wording")?.parsed(vi: "một lời: khai báo tại /wordings", en: "a wording: declare it under /wordings") {
            wordings[$0] == nil ? nil : $0
        }
        let (to, copy) = (node.member("to").map(recipients) ?? [], node.optional("copy").map(recipients) ?? [])
        guard let moment = moments.lazy.compactMap(\.self).first, let wording else { return nil }
        if moment == .settled, wordings[wording + "-late"] == nil {
            node.problem(
                vi: "xong mà chậm thì dùng lời “\(wording)-late”: khai báo tại /wordings",
                en: "what is settled late is worded by \"\(wording)-late\": declare it under /wordings")
        }
        return Rung(moment: moment, to: to, copy: copy, wording: wording)
    }

    private func recipients(_ node: Node) -> [String] {
        node.elements.compactMap { recipient in
            recipient.parsed(vi: "“obligor”, “addressee” hoặc một bên", en: "\"obligor\", \"addressee\" or a party") {
                ["obligor", "addressee"].contains($0) || partyIDs.contains($0) ? $0 : nil
            }
        }
    }
}
