import Coordination
import Messages
import Regulation
import Schemas
import Values

extension Scenario {
    /// Reads a scenario. `readFile` gives what a file that a line names holds, such as a regulation adopted on the way; its path begins where the
    /// scenario lies. Throws all that is wrong, line by line.
    public init(parsing text: String, regulation: Regulation, readFile: @escaping (String) -> [UInt8]? = { _ in nil }) throws(ScenarioError) {
        var reader = ScenarioReader(regulation, readFile)
        self = try reader.read(text)
    }

    /// The file that the scenario's line `regulation FILE` names, to be read before the rest can be.
    public static func regulationFile(in text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline) {
            var words = Words(line)
            if words.take(ScenarioWords.regulation) { return words.take() }
        }
        return nil
    }
}

/// Reads a scenario from top to bottom; what a line leaves out follows from those before it.
struct ScenarioReader {
    let regulation: Regulation
    var calendar: WorkCalendar { regulation.calendar }
    var facts: Facts
    private var problems: [ScenarioError.Problem] = []
    private var days: ClosedRange<CivilDate>?
    /// Whether the days were told as a span, which lines keep within.
    private var isSpan = false
    /// The day that lines without one mean.
    private(set) var day: CivilDate
    private var isExercise = false
    private var faultSeed: UInt64?
    private var workSeed: UInt64?
    private var isRoutine = false
    private var last: (at: Instant, line: Int)?
    private var acts: [Act] = []
    private var expectations: [Expectation] = []
    /// What the parties do every day beside what the scenario tells, still to come.
    private var everyday: ArraySlice<(at: Instant, text: String)>?
    private var undone: [(text: String, why: Wording)] = []
    private var messageCount = 0

    /// What a file beside the scenario holds.
    private let readFile: (String) -> [UInt8]?

    static let expect = ["expect", "kỳ-vọng"]

    init(_ regulation: Regulation, _ readFile: @escaping (String) -> [UInt8]?) {
        (self.regulation, self.readFile) = (regulation, readFile)
        facts = Facts(regulation)
        day = CivilDate(daysSinceEpoch: 0)
    }

    mutating func read(_ text: String) throws(ScenarioError) -> Scenario {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            do throws(Fault) { try read(line, number: index + 1) } catch { problems.append(.init(line: index + 1, text: error.text)) }
        }
        if days == nil, problems.isEmpty { problems.append(.init(line: 1, text: ScenarioReader.noDay.text)) }
        guard problems.isEmpty, let days else { throw ScenarioError(problems: problems) }
        doEveryday(until: nil, in: days)
        var scenario = Scenario(days: days, regulation: regulation)
        (scenario.faultSeed, scenario.workSeed) = (faultSeed, workSeed)
        (scenario.acts, scenario.expectations, scenario.undone) = (acts, expectations, undone)
        return scenario
    }

    private mutating func read(_ line: Substring, number: Int) throws(Fault) {
        var words = Words(line)
        guard words.isComplete else { throw Fault(vi: "thiếu một dấu ngoặc kép; đề nghị đóng ngoặc", en: "a quotation mark is missing; close the quotation") }
        guard !words.isEmpty else { return }
        if try readHeader(&words) { return }
        guard let days else { throw ScenarioReader.noDay }
        if words.take(ScenarioReader.expect) {
            var expectation = try readExpectation(&words)
            (expectation.line, expectation.text) = (number, Words(line).text)
            return expectations.append(expectation)
        }
        if let named = words.take({ CivilDate($0) }) { try turn(to: named, days) }
        if words.isEmpty { return }
        guard let time = words.take({ ClockTime($0) }) else {
            throw Fault(
                vi: "“\(words.rest[0])” không phải là giờ; dòng bắt đầu bằng giờ như 08:00, bằng ngày và giờ, hoặc bằng expect",
                en: "“\(words.rest[0])” is no time; a line begins with a time such as 08:00, with a day and a time, or with expect")
        }
        let at = calendar.instant(day) + time.span
        if let last, at < last.at {
            throw Fault(
                vi: "\(calendar.written(at)) sớm hơn dòng \(last.line); đề nghị xếp các dòng theo thứ tự thời gian, hoặc ghi ngày trước giờ",
                en: "\(calendar.written(at)) lies before line \(last.line); put the lines in the order of time, or write the day before the time")
        }
        last = (at, number)
        doEveryday(until: at, in: self.days ?? days)
        try readSentence(&words, at: at)
    }

    // MARK: The head

    private static let noDay = Fault(
        vi: "dòng đầu phải cho biết ngày: date 2026-03-16, hoặc from 2026-01-01 to 2026-12-31",
        en: "the first line must tell the day: date 2026-03-16, or from 2026-01-01 to 2026-12-31")

    /// Reads a line of the head. Whether it is one.
    private mutating func readHeader(_ words: inout Words) throws(Fault) -> Bool {
        if words.take(["date", "ngày"]) {
            try begin(try readDate(&words), nil)
        } else if words.take(["from", "từ"]) {
            let first = try readDate(&words)
            guard words.take(["to", "đến"]) else { throw Fault(vi: "đề nghị ghi: from NGÀY to NGÀY", en: "write: from DAY to DAY") }
            try begin(first, try readDate(&words))
        } else if words.take(ScenarioWords.regulation) {
            guard words.take() != nil else { throw Fault(vi: "đề nghị ghi tên tệp: regulation TỆP", en: "name the file: regulation FILE") }
        } else if words.rest.count == 1, words.take(["exercise", "diễn-tập"]) {
            isExercise = true
        } else if words.take(["routine", "việc-hằng-ngày"]) {
            isRoutine = true
        } else if words.take(["work", "làm-việc"]) {
            workSeed = try readSeed(&words, "work")
        } else if words.take(["faults", "trục-trặc"]) {
            faultSeed = try readSeed(&words, "faults")
        } else {
            return false
        }
        try expectEnd(words)
        guard acts.isEmpty else {
            throw Fault(vi: "dòng này phải đứng trước mọi việc xảy ra", en: "this line must stand before everything that happens")
        }
        return true
    }

    private mutating func begin(_ first: CivilDate, _ last: CivilDate?) throws(Fault) {
        guard days == nil else { throw Fault(vi: "ngày đã được ghi rồi; đề nghị chỉ ghi một lần", en: "the day is told already; tell it once") }
        guard let end = last ?? Optional(first), end >= first else { throw Fault(vi: "ngày cuối sớm hơn ngày đầu", en: "the last day lies before the first") }
        try expectStory(from: first, to: end)
        (days, isSpan, day) = (first...end, last != nil, first)
    }

    /// How many years a scenario tells at most.
    private static let longestYears = 5

    private func expectStory(from first: CivilDate, to last: CivilDate) throws(Fault) {
        let longest = ScenarioReader.longestYears
        guard last.daysSinceEpoch - first.daysSinceEpoch <= 366 * longest else {
            throw Fault(
                vi: "từ \(first) đến \(last) dài quá \(longest) năm; đề nghị xem lại ngày, hoặc chia thành nhiều kịch bản",
                en: "from \(first) to \(last) is longer than \(longest) years; check the day, or divide the scenario")
        }
    }

    private func readDate(_ words: inout Words) throws(Fault) -> CivilDate {
        if let date = words.take({ CivilDate($0) }) { return date }
        throw Fault(
            vi: "“\(words.rest.first ?? "")” không phải là ngày có thật; đề nghị ghi như 2026-03-16",
            en: "“\(words.rest.first ?? "")” is no day of the calendar; write it as 2026-03-16")
    }

    private func readSeed(_ words: inout Words, _ name: String) throws(Fault) -> UInt64 {
        if let seed = words.take({ UInt64($0) }) { return seed }
        throw Fault(vi: "đề nghị ghi một số nguyên: \(name) 7", en: "write a whole number: \(name) 7")
    }

    private mutating func turn(to named: CivilDate, _ days: ClosedRange<CivilDate>) throws(Fault) {
        guard named >= days.lowerBound, !isSpan || named <= days.upperBound else {
            throw Fault(
                vi: "ngày \(named) nằm ngoài \(days.lowerBound) – \(days.upperBound)", en: "\(named) lies outside \(days.lowerBound) to \(days.upperBound)")
        }
        try expectStory(from: days.lowerBound, to: named)
        self.days = days.lowerBound...max(days.upperBound, named)
        day = named
    }

    func expectEnd(_ words: Words) throws(Fault) {
        guard !words.isEmpty else { return }
        throw Fault(
            vi: "thừa “\(words.text)”; nếu là một mục thì đề nghị ghi mục=giá-trị",
            en: "“\(words.text)” is not expected here; if it is a field, write field=value")
    }

    // MARK: What the parties do every day

    private mutating func doEveryday(until instant: Instant?, in days: ClosedRange<CivilDate>) {
        // A day that a later line adds has its everyday work too.
        if everyday == nil || !isSpan { refillEveryday(days) }
        // What would happen after the last day is no part of the story.
        let end = instant ?? calendar.endOfDay(days.upperBound)
        while let next = everyday?.first, next.at <= end {
            everyday?.removeFirst()
            var words = Words(next.text)
            do throws(Fault) { try readSentence(&words, at: next.at) } catch { undone.append((next.text, error.text)) }
        }
    }

    private var lastEveryday: CivilDate?

    private mutating func refillEveryday(_ days: ClosedRange<CivilDate>) {
        guard isRoutine || workSeed != nil else { return everyday = everyday ?? [] }
        let first = lastEveryday.map { $0.advanced(by: 1) } ?? days.lowerBound
        guard first <= days.upperBound else { return }
        lastEveryday = days.upperBound
        let work = PartiesAtWork(regulation: regulation, seed: workSeed).lines(in: first...days.upperBound)
        let all = Array(everyday ?? []) + work
        everyday = all.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)[...]
    }

    // MARK: What happens

    private mutating func readSentence(_ words: inout Words, at: Instant) throws(Fault) {
        guard let who = words.take() else { throw Fault(vi: "ai làm gì lúc này?", en: "who does what at this time?") }
        if ScenarioWords.regulation.contains(who) { return acts.append(Act(at: at, what: try adoption(&words))) }
        guard let word = words.take()?.lowercased() else { throw Fault(vi: "\(who) làm gì?", en: "what does \(who) do?") }
        if ScenarioWords.coordinator.contains(who) {
            try expectEnd(words)
            return acts.append(Act(at: at, what: try coordinatorAct(word)))
        }
        if regulation.verbs.contains(where: { $0.things.contains(who) }) { return try readThing(who, word, &words, at: at) }
        guard regulation.party(who) != nil else { return try readDevice(who, word, &words, at: at) }
        if ScenarioWords.stops.contains(word) || ScenarioWords.starts.contains(word) {
            try expectEnd(words)
            return acts.append(Act(at: at, what: ScenarioWords.stops.contains(word) ? .stops(who) : .starts(who)))
        }
        if ScenarioWords.repeats.contains(word) {
            guard let id = words.take(), let message = facts.messages[id] else {
                throw Fault(
                    vi: "chưa có tin nào mang mã này; đặt mã bằng id=MÃ ở dòng trước", en: "no message has this id; give an earlier one an id with id=ID")
            }
            try expectEnd(words)
            return acts.append(Act(at: at, what: .says(message.event, to: message.to)))
        }
        if ScenarioWords.says.contains(word) {
            guard let name = words.take() else { throw Fault(vi: "\(who) gửi loại tin nào?", en: "which type does \(who) say?") }
            return try say(name, who, &words, at: at)
        }
        guard let verb = regulation.verb(word) else { throw unknownVerb(word) }
        try say(verb, who, &words, at: at)
    }

    private func unknownVerb(_ word: String) -> Fault {
        let near = nearest(to: word, in: regulation.verbs.flatMap(\.words) + ScenarioWords.verbs)
        let elsewhere = Wording(
            vi: " trong quy định này (mục verbs của /messageTypes); xem phoihop help simulate, hoặc ghi: ĐƠN-VỊ says LOẠI-TIN mục=giá-trị",
            en: " in this regulation (verbs under /messageTypes); see phoihop help simulate, or write: PARTY says TYPE field=value")
        return Fault(
            vi: "không có động từ “\(word)”" + (near.map { "; có phải là \($0)?" } ?? elsewhere.vi),
            en: "there is no verb “\(word)”" + (near.map { "; did you mean \($0)?" } ?? elsewhere.en))
    }

    func unknownParty(_ word: String) -> Fault {
        let parties = regulation.parties.map(\.id)
        let near = nearest(to: word, in: parties)
        return Fault(
            vi: "không có đơn vị “\(word)”" + (near.map { "; có phải là \($0)?" } ?? ". Các đơn vị: \(parties.joined(separator: ", "))"),
            en: "there is no party “\(word)”" + (near.map { "; did you mean \($0)?" } ?? ". Parties: \(parties.joined(separator: ", "))"))
    }

    /// Reads `regulation FILE adopted`.
    private func adoption(_ words: inout Words) throws(Fault) -> Act.What {
        guard let file = words.take(), words.take(["adopted", "có-hiệu-lực"]) else {
            throw Fault(vi: "đề nghị ghi: GIỜ quy-định TỆP có-hiệu-lực", en: "write: TIME regulation FILE adopted")
        }
        try expectEnd(words)
        guard let text = readFile(file) else {
            throw Fault(
                vi: "không đọc được tệp quy định “\(file)”; đường dẫn tính từ thư mục của kịch bản",
                en: "the regulation file “\(file)” cannot be read; its path begins where the scenario lies")
        }
        do throws(RegulationError) { return .adopts(try Regulation(parsing: text)) } catch {
            throw Fault(
                vi: "“\(file)” không phải quy định đúng mẫu; xem: phoihop regulation check \(file)",
                en: "“\(file)” is no regulation in order; see: phoihop regulation check \(file)")
        }
    }

    private func coordinatorAct(_ word: String) throws(Fault) -> Act.What {
        if ScenarioWords.stops.contains(word) { return .stops(LedgerState.coordinator) }
        if ScenarioWords.starts.contains(word) { return .starts(LedgerState.coordinator) }
        if ScenarioWords.changes.contains(word) { return .replaced }
        throw Fault(vi: "hệ thống điều phối chỉ có: stops, starts, changes", en: "the coordinator does nothing but: stops, starts, changes")
    }

    private mutating func readThing(_ thing: String, _ word: String, _ words: inout Words, at: Instant) throws(Fault) {
        guard let verb = regulation.verb(word, of: thing) else {
            let verbs = regulation.verbs.filter { $0.things.contains(thing) }
            func known(_ language: Language) -> String { verbs.map { $0.word(language) }.joined(separator: ", ") }
            throw Fault(vi: "\(thing) chỉ có: \(known(.vi))", en: "the \(thing) does nothing but: \(known(.en))")
        }
        try compose(verb.type, speaker(of: verb.type), &words, at: at, data: verb.says)
    }

    /// Who says what befalls things, which do not speak for themselves.
    private func speaker(of type: String) throws(Fault) -> PartyID {
        if let party = regulation.usualSender(of: type) { return party }
        throw Fault(
            vi: "trong quy định này không ai gửi \(type); khai báo tại /messageTypes",
            en: "under this regulation nobody says \(type); declare it under /messageTypes")
    }

    private mutating func readDevice(_ device: String, _ word: String, _ words: inout Words, at: Instant) throws(Fault) {
        let isVerbOfThings = ScenarioWords.fails.contains(word) || ScenarioWords.recovers.contains(word) || ScenarioWords.becomes.contains(word)
        if !isVerbOfThings || !device.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }) {
            guard ScenarioWords.verbs.contains(word) || regulation.verb(word) != nil else { throw unknownVerb(word) }
            throw unknownParty(device)
        }
        let now = JSON(at, offset: calendar.offset)
        var data: JSONObject = ["device": .string(device), "since": now, "status": "critical"]
        if ScenarioWords.recovers.contains(word) { data["status"] = "ok" }
        if ScenarioWords.becomes.contains(word) {
            guard let status = words.take() else { throw Fault(vi: "\(device) ở trạng thái nào?", en: "what is \(device)?") }
            data["status"] = .string(status)
        }
        guard let shownBy = regulation.operations.first?.shownBy else {
            throw Fault(vi: "quy định này không đòi hỏi thiết bị nào vận hành", en: "this regulation asks no device to be in operation")
        }
        let watcher = try speaker(of: shownBy)
        guard ScenarioWords.fails.contains(word), let type = regulation.failureType, let form = type.schema else {
            return try compose(shownBy, watcher, &words, at: at, data: data)
        }
        // The incident's own members are for the incident alone; the cause is both's.
        var status = words.causeAlone
        try compose(shownBy, watcher, &status, at: at, data: data)
        try compose(type.name, watcher, &words, at: at, data: found(device, form, at: at))
    }

    /// What a monitor says of a failure, as far as the message has a place for it. What a check printed shows that no person reports it.
    private func found(_ device: String, _ form: MessageSchema, at: Instant) -> JSONObject {
        var found: JSONObject = [:]
        for field in form.fields {
            switch (field.name, field.kind) {
            case ("kind", .choice(let kinds)): found[field.name] = kinds.first.map { .string($0) }
            case ("occurredAt", .instant): found[field.name] = JSON(at, offset: calendar.offset)
            case ("title", .text): found[field.name] = .string(facts.title(of: device))
            case ("device", _): found[field.name] = .string(device)
            case ("detectedBy", .text): found[field.name] = "máy giám sát"
            case ("evidence", .text): found[field.name] = "CRITICAL"
            default: break
            }
        }
        return found
    }

    private mutating func say(_ verb: Verb, _ sender: PartyID, _ words: inout Words, at: Instant) throws(Fault) {
        var data = verb.says
        // What tells how long a device was in operation tells all of the day.
        if regulation.duties.contains(where: { !$0.due.operations.isEmpty && $0.fulfilledBy.contains { $0.type == verb.type } }) {
            for member in facts.dayRecord(at: at).members { data[member.key] = member.value }
        }
        try compose(verb.type, sender, &words, at: at, data: data)
    }

    private mutating func say(_ name: String, _ sender: PartyID, _ words: inout Words, at: Instant) throws(Fault) {
        try compose(name, sender, &words, at: at, data: JSONObject(), isGeneral: true)
    }

    /// Lets a party say something, of which the line tells the case and the members; in the general form, all of them.
    mutating func compose(
        _ name: String, _ sender: PartyID, _ words: inout Words, at: Instant, data given: JSONObject, isGeneral: Bool = false
    ) throws(Fault) {
        var sentence = Sentence(name, sender, at: at, data: given, exercise: isExercise, regulation: regulation)
        let form = try sentence.form()
        for field in words.takeFields() { try sentence.set(field.name, field.value, form, day: day) }
        if words.takeFlag(["exercise", "diễn-tập"]) { sentence.exercise = true }
        let into = words.takePair(["into", "vào"])
        let named = words.takePair(["as", "là"])
        let reference = words.take()
        try expectEnd(words)
        let claim = regulation.claimRule(of: name)
        if let into { sentence.data[claim?.into?.keys.last ?? "into"] = .string(facts.subject(into) ?? into) }
        let about = isGeneral ? nil : regulation.caseKind(of: name)
        switch about {
        case (let kind, .begins)?, (let kind, .alone)?:
            sentence.subject = named ?? reference.map { facts.subject($0) ?? $0 } ?? facts.freshSubject(kind.prefix)
        case (let kind, _)?: if let named { sentence.subject = named } else { sentence.subject = try subject(reference, kind.prefix, name) }
        case nil: sentence.subject = named ?? reference.map { facts.subject($0) ?? $0 }
        }
        // Who tells of a case whose course is told, and puts nothing right in it, tells of its device too.
        let isContinued = if case (let kind, .continues)? = about { kind.isFollowed && claim?.corrects == nil } else { false }
        // The general form says what it says; a verb fills in what goes without saying.
        if !isGeneral {
            if claim?.corrects != nil, sentence.data["corrects"] == nil, let reference {
                sentence.data["corrects"] = facts.message(reference).map { .string($0) }
            }
            // Who names a message means that one; who names a case, what waits in it.
            if form.fields.contains(where: { $0.name == "confirms" }), sentence.data["confirms"] == nil, let reference, facts.messages[reference] != nil {
                sentence.data["confirms"] = .string(reference)
            }
            for field in form.fields where sentence.data[field.name] == nil {
                if field.isRequired {
                    sentence.data[field.name] = facts.standIn(for: field, in: form, of: sentence.subject, sender: sender, at: at)
                } else if isContinued, ["device", "cause"].contains(field.name), let subject = sentence.subject {
                    sentence.data[field.name] = facts.repeated(field.name, of: subject)
                }
            }
            if sentence.to == nil, let type = regulation.messageType(name), type.isAddressable {
                sentence.to = facts.addressee(of: sentence.data, sentence.subject, sender: sender)
            }
        }
        repeat { messageCount += 1 } while facts.messages["m\(messageCount)"] != nil
        let (event, to) = try sentence.event(id: "m\(messageCount)", form)
        guard facts.messages[event.id] == nil else {
            throw Fault(
                vi: "mã “\(event.id)” đã có rồi; gửi lại cùng một tin: ĐƠN-VỊ repeats MÃ",
                en: "the id “\(event.id)” is taken; to send the same message again: PARTY repeats ID")
        }
        facts.note(event, to: to)
        acts.append(Act(at: at, what: .says(event, to: to)))
    }

    private func subject(_ reference: String?, _ prefix: String, _ type: String) throws(Fault) -> String {
        if let reference {
            if let subject = facts.subject(reference) { return subject }
            let known = facts.names.suffix(8).joined(separator: ", ")
            throw Fault(
                vi: "chưa có vụ việc hay thiết bị “\(reference)” nào" + (known.isEmpty ? "" : " (đã có: \(known))") + "; mở vụ việc mới bằng: as \(reference)",
                en: "no case or device “\(reference)” has come up" + (known.isEmpty ? "" : " (known: \(known))") + "; to begin one: as \(reference)")
        }
        if let subject = facts.lastSubject(prefix) { return subject }
        throw Fault(
            vi: "\(type) thuộc vụ việc nào? đề nghị ghi tên vụ việc, hoặc as \(prefix)-1",
            en: "to which case does \(type) belong? name it, or write as \(prefix)-1")
    }
}

extension Words {
    /// Of a device's failure, the words that tell its cause.
    fileprivate var causeAlone: Words {
        Words(rest.filter { $0.hasPrefix("cause=") }.joined(separator: " "))
    }
}
