import Regulation
import Values

/// What differs between two editions of the regulation, in words: what was added, what was removed, and of what was changed each point before and after.
public struct Amendment: Sendable {
    /// A part of the regulation.
    public enum Part: String, Sendable, CaseIterable {
        /// The decision that it was issued with, and how its clauses are cited.
        case decision
        /// Parties.
        case parties
        /// Devices.
        case devices
        /// By which messages it is told of equipment.
        case equipment
        /// Message types.
        case messageTypes
        /// Kinds of cases.
        case cases
        /// Which message types play which part for content.
        case content
        /// Duties.
        case duties
        /// Who may extend a monitoring mark, and how long maintenance may last.
        case terms
        /// What the report of a period is about.
        case report
        /// Working hours and holidays.
        case calendar
        /// The wording of notices.
        case wordings
    }

    /// What happened to one thing.
    public enum Kind: String, Sendable {
        /// It is new.
        case added
        /// It is gone.
        case removed
        /// It is another than before.
        case changed
    }

    /// One point of a thing that is another than before. Before is nil where there was nothing, after where there is nothing any more.
    public struct Point: Sendable, Hashable {
        /// Which point, for programs: `due`, `ladder`.
        public var name: String
        /// Which point, in words.
        public var title: Wording
        /// What it said.
        public var before: Wording?
        /// What it says.
        public var after: Wording?
    }

    /// One thing that differs.
    public struct Change: Sendable {
        /// The part it belongs to.
        public var part: Part
        /// Its id.
        public var id: String
        /// What it is called.
        public var title: Wording
        /// What happened to it.
        public var kind: Kind
        /// Its points: those that differ, or all that say something of what is new or gone.
        public var points: [Point]
    }

    /// What differs, by part.
    public let changes: [Change]
    private let versions: (old: String, new: String)
    private let isSameData: Bool

    /// Compares two editions.
    public init(from old: Regulation, to new: Regulation) {
        versions = (old.version, new.version)
        isSameData = old.digest == new.digest
        let comparison = Comparison(old: old, new: new)
        changes =
            comparison.decision + comparison.parties + comparison.devices + comparison.equipment + comparison.messageTypes + comparison.cases
            + comparison.content + comparison.duties + comparison.terms + comparison.report + comparison.calendar + comparison.wordings
    }

    /// Whether the edition's name is the same though something differs: an amendment is a new edition.
    public var keepsVersion: Bool { !changes.isEmpty && versions.old == versions.new }

    // MARK: For people and for programs

    /// What differs, line by line.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        if changes.isEmpty {
            if isSameData { return [vi ? "Hai bản quy định như nhau." : "The two editions are the same."] }
            return [
                vi
                    ? "Hai bản (\(shown(versions.old)) và \(shown(versions.new))) như nhau về nội dung; chỉ khác tên bản, cách ghi hoặc ghi chú."
                    : "The two editions (\(shown(versions.old)) and \(shown(versions.new))) say the same; only their names, form or remarks differ."
            ]
        }
        var lines = [vi ? "Từ bản \(shown(versions.old)) sang bản \(shown(versions.new))" : "From edition \(shown(versions.old)) to \(shown(versions.new))"]
        for part in Part.allCases {
            let within = changes.filter { $0.part == part }
            if within.isEmpty { continue }
            lines += ["", screen.paint(part.title[language], .bold)]
            for change in within {
                let (verb, colour) = change.kind.words(language)
                let name = change.title[language] == change.id || change.id.isEmpty ? change.title[language] : "\(change.title[language]) (\(change.id))"
                lines.append("  " + screen.paint(verb, colour) + " " + shown(name))
                lines += change.points.flatMap { point in self.lines(of: point, change.kind, language, on: screen) }
            }
        }
        if keepsVersion {
            lines += [
                "",
                vi
                    ? "Lưu ý: hai bản cùng mang tên “\(shown(versions.new))”; đề nghị đặt tên mới cho bản sửa đổi (mục version)."
                    : "Note: both are named “\(shown(versions.new))”; give the amended edition a name of its own (the member version).",
            ]
        }
        return lines
    }

    private func lines(of point: Point, _ kind: Kind, _ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        func line(_ label: String, _ text: String) -> [String] {
            let pieces = wrapped(shown(text), to: screen.columns.map { $0 - 8 })
            return pieces.enumerated().map { $0 == 0 ? "      \(label)\($1)" : "        \($1)" }
        }
        let title = point.title[language]
        switch (point.before?[language], point.after?[language]) {
        case (let before?, let after?): return line("\(title): ", vi ? "“\(before)” thành “\(after)”" : "“\(before)” becomes “\(after)”")
        case (nil, let after?): return line("\(title)\(kind == .changed ? (vi ? " thêm" : ", added") : ""): ", after)
        case (let before?, nil): return line("\(title)\(kind == .changed ? (vi ? " bỏ" : ", removed") : ""): ", before)
        case (nil, nil): return []
        }
    }

    /// What differs as data.
    public var json: JSON {
        [
            "from": .string(versions.old), "to": .string(versions.new),
            "changes": .array(
                changes.map { change in
                    [
                        "part": .string(change.part.rawValue), "id": .string(change.id), "title": change.title.json, "kind": .string(change.kind.rawValue),
                        "points": .array(
                            change.points.map { point in
                                .compact(["point": .string(point.name), "title": point.title.json, "before": point.before?.json, "after": point.after?.json])
                            }),
                    ]
                }),
        ]
    }
}

extension Amendment.Part {
    fileprivate var title: Wording {
        switch self {
        case .decision: Wording(vi: "QUYẾT ĐỊNH VÀ CÁCH DẪN CHIẾU", en: "DECISION AND CITATION")
        case .parties: Wording(vi: "CÁC BÊN", en: "PARTIES")
        case .devices: Wording(vi: "THIẾT BỊ", en: "DEVICES")
        case .equipment: Wording(vi: "TIN VỀ THIẾT BỊ", en: "MESSAGES ON EQUIPMENT")
        case .messageTypes: Wording(vi: "LOẠI TIN", en: "MESSAGE TYPES")
        case .cases: Wording(vi: "LOẠI VỤ VIỆC", en: "KINDS OF CASES")
        case .content: Wording(vi: "TIN VỀ NỘI DUNG", en: "MESSAGES ON CONTENT")
        case .duties: Wording(vi: "VIỆC PHẢI LÀM", en: "DUTIES")
        case .terms: Wording(vi: "GIA HẠN VÀ BẢO TRÌ", en: "EXTENSIONS AND MAINTENANCE")
        case .report: Wording(vi: "BÁO CÁO", en: "REPORT")
        case .calendar: Wording(vi: "LỊCH LÀM VIỆC", en: "CALENDAR")
        case .wordings: Wording(vi: "LỜI THÔNG BÁO", en: "WORDING OF NOTICES")
        }
    }
}

extension Amendment.Kind {
    fileprivate func words(_ language: Language) -> (String, Colour) {
        let vi = language == .vi
        switch self {
        case .added: return (vi ? "thêm" : "added", .green)
        case .removed: return (vi ? "bỏ" : "removed", .red)
        case .changed: return (vi ? "sửa" : "changed", .yellow)
        }
    }
}

/// Two editions side by side, each worded by its own data.
private struct Comparison {
    let old: Regulation
    let new: Regulation

    private typealias Point = Amendment.Point
    /// A point of a thing, in each edition that has the thing.
    private typealias Aspect<T> = (name: String, title: Wording, value: (T, Regulation) -> AnyHashable, words: (T, DutyWords) -> String?)

    /// Compares lists of things that have ids: those of the new edition in their order, then those that are gone.
    private func changes<T>(
        _ part: Amendment.Part, _ before: [T], _ after: [T], id: (T) -> String, title: (T) -> Wording, points: (T?, T?) -> [Point]
    ) -> [Amendment.Change] {
        let beforeByID = Dictionary(before.map { (id($0), $0) }, uniquingKeysWith: { first, _ in first })
        let ids = Set(after.map(id))
        var changes = after.compactMap { thing -> Amendment.Change? in
            let earlier = beforeByID[id(thing)]
            let points = points(earlier, thing)
            if earlier != nil && points.isEmpty { return nil }
            return Amendment.Change(part: part, id: id(thing), title: title(thing), kind: earlier == nil ? .added : .changed, points: points)
        }
        changes += before.filter { !ids.contains(id($0)) }.map { thing in
            Amendment.Change(part: part, id: id(thing), title: title(thing), kind: .removed, points: points(thing, nil))
        }
        return changes
    }

    /// The points at which two editions of a thing differ; all of them where one edition lacks it.
    private func points<T>(_ before: T?, _ after: T?, _ aspects: [Aspect<T>]) -> [Point] {
        aspects.compactMap { aspect in
            if let before, let after, aspect.value(before, old) == aspect.value(after, new) { return nil }
            let point = Point(
                name: aspect.name, title: aspect.title, before: before.flatMap { wording($0, old, aspect.words) },
                after: after.flatMap { wording($0, new, aspect.words) })
            return point.before == nil && point.after == nil ? nil : point
        }
    }

    private func wording<T>(_ thing: T, _ edition: Regulation, _ words: (T, DutyWords) -> String?) -> Wording? {
        guard let vi = words(thing, DutyWords(edition, .vi)), let en = words(thing, DutyWords(edition, .en)) else { return nil }
        return Wording(vi: vi, en: en)
    }

    private func text(_ name: String, _ vi: String, _ en: String, _ before: Wording?, _ after: Wording?) -> [Point] {
        before == after ? [] : [Point(name: name, title: Wording(vi: vi, en: en), before: before, after: after)]
    }

    private func same(_ text: String) -> Wording { Wording(vi: text, en: text) }

    // MARK: Parts

    var decision: [Amendment.Change] {
        func decision(_ edition: Regulation) -> JSON? { edition.source["decision"] }
        func plain(_ edition: Regulation, _ key: String) -> Wording? { decision(edition)?[key]?.string.map(same) }
        var points =
            text("number", "số", "number", plain(old, "number"), plain(new, "number"))
            + text("date", "ngày ký", "date", plain(old, "date"), plain(new, "date"))
            + text("inForceFrom", "có hiệu lực từ", "in force from", plain(old, "inForceFrom"), plain(new, "inForceFrom"))
            + text("title", "tên gọi", "title", decision(old).map { Wording($0["title"]) }, decision(new).map { Wording($0["title"]) })
        points += text("full", "dẫn chiếu đầy đủ", "full citation", old.citation.full, new.citation.full)
        points += text("short", "dẫn chiếu ngắn", "short citation", old.citation.short, new.citation.short)
        points += text("ours", "việc của hệ thống", "a duty of the system's own", old.citation.ours, new.citation.ours)
        if points.isEmpty, decision(old) != decision(new) {
            points = text("decision", "dữ liệu khác", "other data", decision(old).map { same($0.text) }, decision(new).map { same($0.text) })
        }
        let title = Wording(vi: "quyết định", en: "the decision")
        return points.isEmpty ? [] : [Amendment.Change(part: .decision, id: "", title: title, kind: .changed, points: points)]
    }

    var parties: [Amendment.Change] {
        changes(.parties, old.parties, new.parties, id: \.id, title: \.name) { before, after in
            let role = { (party: Party) in Wording(vi: DutyWords(new, .vi).role(of: party), en: DutyWords(new, .en).role(of: party)) }
            var points = text("role", "vai trò", "role", before.map(role), after.map(role))
            if before != nil && after != nil { points += text("name", "tên gọi", "name", before?.name, after?.name) }
            points += text("contact", "đầu mối", "contact", before?.contact, after?.contact)
            points += text("phone", "điện thoại", "telephone", before?.phone.map(same), after?.phone.map(same))
            if before?.readsLedger != after?.readsLedger {
                let may = { (party: Party) in party.readsLedger ? Wording(vi: "được", en: "may") : Wording(vi: "không được", en: "may not") }
                points += text("reads", "đọc sổ cái", "reading the ledger", before.map(may), after.map(may))
            }
            if before?.watches ?? [] != after?.watches ?? [] {
                let watches: Aspect<Party> = ("watches", Wording(vi: "theo dõi", en: "watches"), { party, _ in party.watches }, { $1.watches(of: $0) })
                points += self.points(before, after, [watches])
            }
            return points
        }
    }

    var cases: [Amendment.Change] {
        changes(.cases, old.caseKinds, new.caseKinds, id: \.id, title: \.name) { before, after in
            var points = text("prefix", "tiền tố", "prefix", before.map { same($0.prefix) }, after.map { same($0.prefix) })
            if before != nil && after != nil { points += text("name", "tên gọi", "name", before?.name, after?.name) }
            func list(_ types: [String]) -> Wording? { types.isEmpty ? nil : same(types.joined(separator: ", ")) }
            for (was, now) in zip(CaseWords.parts(of: before), CaseWords.parts(of: after)) {
                points += text(was.member, was.title.vi, was.title.en, list(was.types.filter { !now.types.contains($0) }), nil)
                points += text(was.member, was.title.vi, was.title.en, nil, list(now.types.filter { !was.types.contains($0) }))
            }
            let stages = { (kind: CaseKind) in list(kind.stages.map { "\($0.type) → \($0.name)" }) }
            points += text("stages", "các bước", "stages", before.flatMap(stages), after.flatMap(stages))
            let near = { (kind: CaseKind) in
                kind.near.map { Wording(vi: DutyWords(new, .vi).nearness($0), en: DutyWords(new, .en).nearness($0)) }
            }
            points += text("near", "mã chưa ai biết", "unknown names", before.flatMap(near), after.flatMap(near))
            let types =
                (before?.claims ?? []).map(\.type) + (after?.claims ?? []).map(\.type).filter { type in before?.claims.contains { $0.type == type } != true }
            for type in types {
                func words(_ kind: CaseKind?, _ edition: Regulation) -> Wording? {
                    kind?.claims.first { $0.type == type }.map { rule in
                        Wording(vi: DutyWords(edition, .vi).claim(rule), en: DutyWords(edition, .en).claim(rule))
                    }
                }
                let (was, now) = (before?.claims.first { $0.type == type }, after?.claims.first { $0.type == type })
                if was != now { points += text("claims", "ai được đổi", "who may change it", words(before, old), words(after, new)) }
            }
            return points
        }
    }

    var devices: [Amendment.Change] {
        changes(.devices, old.devices, new.devices, id: \.id, title: \.name) { before, after in
            var points = before != nil && after != nil ? text("name", "tên gọi", "name", before?.name, after?.name) : []
            points += text("failure", "khi hỏng", "when it fails", before?.failure, after?.failure)
            let several = { (device: Device) in device.isNumbered ? Wording(vi: "có", en: "yes") : Wording(vi: "không", en: "no") }
            return points + text("numbered", "có nhiều chiếc đánh số", "several, with numbers", before.map(several), after.map(several))
        }
    }

    var equipment: [Amendment.Change] {
        let (before, after) = both { $1.equipment($0.equipment) }
        let points = text("equipment", "báo bằng tin nào", "told by", before, after)
        let title = Wording(vi: "thiết bị được theo dõi", en: "equipment that is watched")
        return points.isEmpty ? [] : [Amendment.Change(part: .equipment, id: "", title: title, kind: .changed, points: points)]
    }

    var content: [Amendment.Change] {
        let (before, after) = both { $1.content($0.content) }
        let points = text("content", "tin nào làm gì", "what is what", before, after)
        let title = Wording(vi: "nội dung", en: "content")
        return points.isEmpty ? [] : [Amendment.Change(part: .content, id: "", title: title, kind: .changed, points: points)]
    }

    /// What each edition says, in its own words.
    private func both(_ words: (Regulation, DutyWords) -> String?) -> (before: Wording?, after: Wording?) {
        (wording(old, old, words), wording(new, new, words))
    }

    var messageTypes: [Amendment.Change] {
        func flag(_ value: Bool) -> Wording { value ? Wording(vi: "có", en: "yes") : Wording(vi: "không", en: "no") }
        func list(_ parties: [PartyID], _ edition: Regulation) -> Wording {
            Wording(
                vi: parties.map(DutyWords(edition, .vi).party).joined(separator: ", "), en: parties.map(DutyWords(edition, .en).party).joined(separator: ", "))
        }
        return changes(
            .messageTypes, old.messageTypes, new.messageTypes, id: \.name,
            title: { new.messageType($0.name) == nil ? old.title(of: $0.name) : new.title(of: $0.name) },
            points: { before, after in
                var points = change(of: \.from, "from", Wording(vi: "ai gửi", en: "sent by"), before, after)
                points += change(of: \.recorders, "recorders", Wording(vi: "ai ghi hộ", en: "recorded by"), before, after)
                points += change(of: \.to, "to", Wording(vi: "ai nhận", en: "received by"), before, after)
                func flags(_ name: String, _ vi: String, _ en: String, _ path: KeyPath<MessageType, Bool>) -> [Point] {
                    text(name, vi, en, before.map { flag($0[keyPath: path]) }, after.map { flag($0[keyPath: path]) })
                }
                points += flags("addressable", "gửi được tới một bên", "may go to one party", \.isAddressable) + flags("urgent", "khẩn", "urgent", \.isUrgent)
                points += flags("receipt", "phải có biên nhận", "owes a receipt", \.owesReceipt)
                if before?.schema != after?.schema {
                    // The members by name, and a mark by which two that differ in the rest are told apart.
                    let form = { (type: MessageType) -> Wording? in
                        type.schema.map { same($0.fields.map(\.name).joined(separator: ", ") + " (\(fnv1a($0.document.bytes).prefix(8)))") }
                    }
                    points += text("schema", "các mục", "members", before.flatMap(form), after.flatMap(form))
                }
                let verbs = { (type: MessageType) in
                    type.verbs.isEmpty
                        ? nil : same(type.verbs.map { $0.phrases + ($0.says.members.isEmpty ? "" : " \(JSON.object($0.says).text)") }.joined(separator: "; "))
                }
                points += text("verbs", "từ trong kịch bản", "words in scenarios", before.flatMap(verbs), after.flatMap(verbs))
                return points + self.points(before, after, [article(\.article)])
            })
    }

    /// A list of parties: in a new thing the whole list, in a changed one who was added and who removed.
    private func change(of path: KeyPath<MessageType, [PartyID]>, _ name: String, _ title: Wording, _ before: MessageType?, _ after: MessageType?) -> [Point] {
        guard let before, let after else {
            return points(before, after, [(name, title, { type, _ in type[keyPath: path] }, { $1.parties($0[keyPath: path]) })])
        }
        let (earlier, later) = (before[keyPath: path], after[keyPath: path])
        func point(_ ids: [PartyID], _ edition: Regulation) -> Wording? {
            ids.isEmpty ? nil : wording(ids, edition) { ids, words in ids.map(words.party).joined(separator: ", ") }
        }
        let (gone, came) = (point(earlier.filter { !later.contains($0) }, old), point(later.filter { !earlier.contains($0) }, new))
        return [(gone, nil), (nil, came)].compactMap { before, after in
            before == nil && after == nil ? nil : Point(name: name, title: title, before: before, after: after)
        }
    }

    private func article<T>(_ path: KeyPath<T, String>) -> Aspect<T> {
        ("article", Wording(vi: "căn cứ", en: "under"), { thing, _ in thing[keyPath: path] }, { $1.article($0[keyPath: path]) })
    }

    var duties: [Amendment.Change] {
        let aspects: [Aspect<Duty>] = [
            article(\.article),
            ("obligor", Wording(vi: "bên phải làm", en: "owed by"), { duty, _ in Obligors(rules: duty.obligors, each: duty.each) }, { $1.obligors(of: $0) }),
            ("addressee", Wording(vi: "gửi tới", en: "owed to"), { duty, _ in duty.addressees }, { $1.addressees($0.addressees) }),
            ("opens", Wording(vi: "phát sinh", en: "opened"), { duty, _ in duty.opening }, { $1.opening($0.opening) }),
            ("startsAt", Wording(vi: "tính từ", en: "counted from"), { duty, _ in duty.startsAt }, { $1.start(of: $0) ?? "–" }),
            ("due", Wording(vi: "thời hạn", en: "due"), { duty, _ in duty.due }, { $1.due($0.due) }),
            (
                "fulfilledBy", Wording(vi: "xong khi có tin", en: "fulfilled by"), { duty, _ in duty.fulfilledBy },
                { $1.messages($0.fulfilledBy) }
            ),
            (
                "closedBy", Wording(vi: "khép lại bởi tin", en: "closed by"), { duty, _ in duty.closedBy },
                { $0.closedBy.isEmpty ? nil : $1.messages($0.closedBy) }
            ),
            (
                "heldDuringMaintenance", Wording(vi: "tạm hoãn", en: "held back"), { duty, _ in duty.maintenance },
                { $0.maintenance.map($1.maintenance) }
            ),
            ("alternativeTo", Wording(vi: "thay cho việc", en: "instead of"), { duty, _ in duty.alternativeTo }, { duty, _ in duty.alternativeTo }),
            ("desk", Wording(vi: "tại bàn trực", en: "at the desk"), { duty, edition in edition.desks[duty.id] }, { $1.desk(of: $0) }),
        ]
        return changes(.duties, old.duties, new.duties, id: \.id, title: \.title) { before, after in
            var points = self.points(before, after, aspects)
            if let before, let after { points = text("title", "tên việc", "title", before.title, after.title) + points }
            return points + ladder(before?.ladder ?? [], after?.ladder ?? [])
        }
    }

    /// The steps that differ. A step is known by when it is taken; one that is taken earlier or later than before is the same step, changed.
    private func ladder(_ before: [Rung], _ after: [Rung]) -> [Point] {
        let step = Wording(vi: "bước nhắc", en: "step")
        func words(_ rung: Rung, _ edition: Regulation) -> Wording? { wording(rung, edition) { $1.rung($0) } }
        let earlier = Comparison.pairs(before, after)
        var points: [Point] = []
        for (rung, index) in zip(after, earlier) {
            guard let was = index.map({ before[$0] }) else {
                points.append(Point(name: "ladder", title: step, after: words(rung, new)))
                continue
            }
            if (was.moment, was.to, was.copy, was.waits) != (rung.moment, rung.to, rung.copy, rung.waits) {
                points.append(Point(name: "ladder", title: step, before: words(was, old), after: words(rung, new)))
            }
            if was.wording != rung.wording {
                let when = wording(rung, new) { $1.moment($0.moment) } ?? same("")
                let title = Wording(vi: "lời báo \(when.vi)", en: "wording \(when.en)")
                points.append(Point(name: "wording", title: title, before: same(was.wording), after: same(rung.wording)))
            }
        }
        let kept = earlier.compactMap(\.self)
        points += before.indices.filter { !kept.contains($0) }.map { Point(name: "ladder", title: step, before: words(before[$0], old)) }
        if kept != kept.sorted() {
            let title = Wording(vi: "thứ tự các bước", en: "order of the steps")
            points.append(Point(name: "ladder", title: title, before: wording(before, old) { $1.ladder($0) }, after: wording(after, new) { $1.ladder($0) }))
        }
        return points
    }

    /// Which step each step was before: the one at the same time, else one of the same kind.
    private static func pairs(_ before: [Rung], _ after: [Rung]) -> [Int?] {
        var free = Set(before.indices)
        var pairs = [Int?](repeating: nil, count: after.count)
        func pair(by key: (Rung) -> String) {
            for index in after.indices where pairs[index] == nil {
                guard let match = before.indices.first(where: { free.contains($0) && key(before[$0]) == key(after[index]) }) else { continue }
                free.remove(match)
                pairs[index] = match
            }
        }
        pair { $0.id }
        pair { String($0.id.prefix { $0 != "-" }) }
        return pairs
    }

    var terms: [Amendment.Change] {
        func entitled(_ edition: Regulation, _ language: Language) -> String {
            let words = DutyWords(edition, language)
            return edition.extensionBy.isEmpty ? (language == .vi ? "không ai" : "nobody") : words.recipients(edition.extensionBy)
        }
        func maintenance(_ edition: Regulation) -> Wording {
            guard let maintenance = edition.maintenance else { return Wording(vi: "không có", en: "none") }
            return Wording(vi: DutyWords(edition, .vi).terms(maintenance), en: DutyWords(edition, .en).terms(maintenance))
        }
        func list(_ edition: Regulation) -> Wording { Wording(vi: entitled(edition, .vi), en: entitled(edition, .en)) }
        let points =
            text("extensions", "ai được gia hạn mốc theo dõi", "who may extend a mark", list(old), list(new))
            + text("maintenance", "bảo trì được tính thế nào", "how maintenance counts", maintenance(old), maintenance(new))
        let title = Wording(vi: "gia hạn và bảo trì", en: "extensions and maintenance")
        return points.isEmpty ? [] : [Amendment.Change(part: .terms, id: "", title: title, kind: .changed, points: points)]
    }

    var report: [Amendment.Change] {
        var points = text("about", "báo cáo về", "is on", old.report.about, new.report.about)
        points += text("lead", "cách gọi cơ quan chủ trì", "the lead agency is called", old.report.lead, new.report.lead)
        for section in ReportRule.Section.allCases {
            func told(_ edition: Regulation) -> Wording? {
                wording(section, edition) { $1.reported($0) }
            }
            let title = ReportWords.title(section)
            points += text(section.rawValue, title.vi, title.en, told(old), told(new))
        }
        let title = Wording(vi: "nội dung báo cáo kỳ", en: "what the report of a period is about")
        return points.isEmpty ? [] : [Amendment.Change(part: .report, id: "", title: title, kind: .changed, points: points)]
    }

    var calendar: [Amendment.Change] {
        let (before, after) = (old.calendar, new.calendar)
        func hours(_ calendar: WorkCalendar) -> Wording { same(calendar.hours.map { "\($0.lowerBound)–\($0.upperBound)" }.joined(separator: ", ")) }
        func weekdays(_ calendar: WorkCalendar) -> Wording {
            let days = calendar.weekdays.sorted()
            return Wording(
                vi: days.map(DutyWords(new, .vi).weekday).joined(separator: ", "), en: days.map(DutyWords(new, .en).weekday).joined(separator: ", "))
        }
        func everyYear(_ calendar: WorkCalendar) -> Wording? {
            calendar.everyYear.isEmpty ? nil : same(calendar.everyYear.sorted().map { "\($0.day)/\($0.month)" }.joined(separator: ", "))
        }
        func declares(_ calendar: WorkCalendar) -> Wording? { calendar.declares.map { same($0) } }
        func night(_ calendar: WorkCalendar) -> Wording? { calendar.night.map { same("\($0.from)–\($0.to)") } }
        func offset(_ calendar: WorkCalendar) -> Wording { same(String(Instant(milliseconds: 0).rfc3339(offset: calendar.offset).suffix(6))) }
        let general =
            text("utcOffset", "giờ địa phương", "local time", offset(before), offset(after))
            + text("workingWeekdays", "ngày làm việc", "working weekdays", weekdays(before), weekdays(after))
            + text("workingHours", "giờ làm việc", "working hours", hours(before), hours(after))
            + text("everyYear", "ngày nghỉ cố định hằng năm", "days off of every year", everyYear(before), everyYear(after))
            + text("declares", "tin công bố ngày nghỉ, ngày làm bù", "who declares days", declares(before), declares(after))
            + text("night", "giờ ban đêm", "hours of the night", night(before), night(after))
        let title = Wording(vi: "giờ làm việc", en: "working hours")
        let first = general.isEmpty ? [] : [Amendment.Change(part: .calendar, id: "", title: title, kind: .changed, points: general)]
        return first
            + Set(before.years.keys).union(after.years.keys).sorted().compactMap { year in
                let (earlier, later) = (before.years[year], after.years[year])
                func days(_ name: String, _ vi: String, _ en: String, _ path: KeyPath<WorkCalendar.Year, Set<CivilDate>>) -> [Point] {
                    func list(_ dates: Set<CivilDate>) -> Wording? {
                        dates.isEmpty ? nil : same(dates.sorted().map { "\($0.day)/\($0.month)/\($0.year)" }.joined(separator: ", "))
                    }
                    let (was, now) = (earlier?[keyPath: path] ?? [], later?[keyPath: path] ?? [])
                    return text(name, vi, en, list(was.subtracting(now)), nil) + text(name, vi, en, nil, list(now.subtracting(was)))
                }
                let points = days("holidays", "ngày nghỉ", "days off", \.holidays) + days("makeUpDays", "ngày làm bù", "make-up days", \.makeUpDays)
                if points.isEmpty && (earlier == nil) == (later == nil) { return nil }
                let title = Wording(vi: "năm \(year)", en: "the year \(year)")
                return Amendment.Change(
                    part: .calendar, id: String(year), title: title, kind: earlier == nil ? .added : later == nil ? .removed : .changed, points: points)
            }
    }

    var wordings: [Amendment.Change] {
        func names(_ edition: Regulation) -> [(key: String, value: Wording)] { edition.wordings.sorted { $0.key < $1.key } }
        return changes(.wordings, names(old), names(new), id: \.key, title: { Wording(vi: $0.key, en: $0.key) }) { before, after in
            let (earlier, later) = (before?.value, after?.value)
            return earlier == later
                ? []
                : [
                    ("vi", earlier?.vi, later?.vi, Wording(vi: "tiếng Việt", en: "Vietnamese")),
                    ("en", earlier?.en, later?.en, Wording(vi: "tiếng Anh", en: "English")),
                ]
                .compactMap { name, was, now, title in was == now ? nil : Point(name: name, title: title, before: was.map(same), after: now.map(same)) }
        }
    }
}

/// Who owes a duty, to be compared as one.
private struct Obligors: Hashable {
    var rules: [ObligorRule]
    var each: EachObligor?
}
