import Regulation
import Values

/// What a regulation's data says, in words that a legal officer reads: who owes what to whom, what opens it, by when, and the steps of reminding.
/// Every command that words a duty takes its words from here.
public struct DutyWords: Sendable {
    let regulation: Regulation
    let language: Language
    private var vi: Bool { language == .vi }

    /// Words for what this regulation says, in a language.
    public init(_ regulation: Regulation, _ language: Language) { (self.regulation, self.language) = (regulation, language) }

    // MARK: Parties and clauses

    /// A party's name; its id where the regulation does not know it.
    public func party(_ id: PartyID) -> String { regulation.party(id)?.name[language] ?? id }

    /// What kind of part a party takes.
    public func role(of party: Party) -> String {
        switch party.role {
        case .agency: vi ? "cơ quan phối hợp" : "agency"
        case .lead: vi ? "cơ quan chủ trì" : "lead agency"
        case .superior: vi ? "cấp trên, không bị nhắc" : "superior, never reminded"
        case .system: vi ? "hệ thống" : "system"
        }
    }

    /// Several parties' names, one after another; a group that they make up by its name.
    public func parties(_ ids: [PartyID]) -> String {
        let group = regulation.groups.sorted { $0.key < $1.key }.first { $0.value.count > 3 && $0.value == ids }
        switch group?.key {
        case "everyone"?: return vi ? "mọi đơn vị" : "every party"
        case let name?: return vi ? "nhóm \(name)" : "group \(name)"
        case nil: return ids.isEmpty ? nobody : ids.map(party).joined(separator: ", ")
        }
    }

    /// `khoản 2 Điều 8`, or that no clause orders it.
    public func article(_ article: String) -> String {
        let numbers = article.split(separator: ".")
        guard numbers.count == 2 else { return vi ? "của hệ thống" : "ours" }
        return vi ? "khoản \(numbers[1]) Điều \(numbers[0])" : "Clause \(numbers[1]), Art. \(numbers[0])"
    }

    /// Who owes a duty.
    public func obligors(of duty: Duty) -> String {
        switch duty.each {
        case .of(let ids): (vi ? "mỗi đơn vị: " : "each of ") + parties(ids)
        case .named: vi ? "đơn vị được yêu cầu" : "the party asked"
        case .answering:
            vi ? "bên được gọi, hoặc bên kia của đề nghị (không bao giờ là cấp trên)" : "the party called, or the other side of a claim; never a superior"
        case nil: obligors(duty.obligors)
        }
    }

    private func obligors(_ rules: [ObligorRule]) -> String {
        rules.map { rule in
            let who =
                rule.party.map(party) ?? rule.senderOf.map { vi ? "đơn vị gửi tin “\(message($0))”" : "who sent “\(message($0))”" }
                ?? rule.named.map { named in
                    let name = field(named.path, of: named.type)
                    return vi ? "đơn vị nêu trong tin “\(message(named.type))”: \(name)" : "the party that “\(message(named.type))” names: \(name)"
                } ?? nobody
            var terms = rule.conditions.isEmpty ? [] : ["\(vi ? "nếu" : "if") \(conditions(rule.conditions, of: nil))"]
            if let until = rule.until {
                terms.append(
                    vi
                        ? "đến khi gửi “\(message(until))” mà thiết bị vẫn ngừng"
                        : "until it says “\(message(until))” while the device is still down")
            }
            return terms.isEmpty ? who : "\(who) (\(terms.joined(separator: "; ")))"
        }.joined(separator: vi ? "; không thì " : "; else ")
    }

    /// To whom a duty is owed.
    public func addressees(_ addressees: [Addressee]) -> String {
        let names = addressees.map { addressee in
            switch addressee {
            case .party(let id): party(id)
            case .sender(let type): vi ? "đơn vị gửi tin “\(message(type))”" : "who sent “\(message(type))”"
            case .opener: vi ? "đơn vị đã ghi cuộc gọi hoặc đề nghị" : "who entered the call or claims"
            }
        }
        return names.isEmpty ? nobody : names.joined(separator: ", ")
    }

    // MARK: What opens and what fulfils

    /// What opens an obligation.
    public func opening(_ opening: Opening) -> String {
        switch opening {
        case .messages(let matchers): (vi ? "khi có tin " : "on ") + messages(matchers)
        case .calendar(let recurrence): self.recurrence(recurrence)
        case .claims:
            vi
                ? "khi có cuộc gọi được nhập, hoặc có đề nghị cần bên kia đồng ý" : "on a call that was entered, or a claim that needs the other side's word"
        }
    }

    /// How often a duty recurs: `mỗi ngày làm việc, lúc 07:30`.
    public func recurrence(_ recurrence: Recurrence) -> String {
        switch recurrence {
        case .daily(let time): (vi ? "hằng ngày" : "every day") + at(time)
        case .workingDaily(let time): (vi ? "mỗi ngày làm việc" : "every working day") + at(time)
        case .weekly(let weekday, let time): (vi ? "hằng tuần, \(self.weekday(weekday))" : "every week on \(self.weekday(weekday))") + at(time)
        case .monthly(let day, let time): (vi ? "hằng tháng, ngày \(day)" : "every month on day \(day)") + at(time)
        case .quarterly(let time): (vi ? "hằng quý, ngày đầu quý" : "every quarter on its first day") + at(time)
        case .yearly(let days, let time): (vi ? "hằng năm, ngày \(dates(days))" : "every year on \(dates(days))") + at(time)
        }
    }

    /// The messages meant: `“Phát hiện sự cố” (sự cố kỹ thuật hoặc sự cố an ninh thông tin)`.
    public func messages(_ matchers: [Matcher]) -> String { matchers.map(message).joined(separator: vi ? "; hoặc " : "; or ") }

    /// One message meant, and what it must say.
    public func message(_ matcher: Matcher) -> String {
        var more: [String] = []
        if !matcher.from.isEmpty { more.append((vi ? "của " : "from ") + parties(matcher.from)) }
        if !matcher.conditions.isEmpty { more.append(conditions(matcher.conditions, of: matcher.type)) }
        if let confirming = matcher.confirmedBy, let at = matcher.at {
            let (field, party) = (field(at, of: matcher.type), party(confirming))
            more.append(
                vi ? "tính từ lúc nhập; được \(party) xác nhận thì tính từ: \(field)" : "counted from its entry; confirmed by \(party), from: \(field)")
        }
        if matcher.isObligorsOwn { more.append(vi ? "của chính bên phải làm" : "the obligor's own") }
        if matcher.needsWord {
            more.append(vi ? "bên khác nói thì bên được nhận xác nhận mới tính" : "said by others, it counts once who is owed confirms it")
        }
        if matcher.works { more.append(vi ? "tính khi không máy giám sát nào còn báo thiết bị ngừng" : "counted once no monitor finds the device down") }
        if let rule = matcher.repeated {
            let (times, values, name) = (rule.times, rule.values, field(rule.path, of: matcher.type))
            more.append(
                vi ? "đủ \(times) tin, với \(values) giá trị khác nhau của: \(name)" : "said \(times) times, with \(values) different values of: \(name)")
        }
        if let citing = matcher.citing { more.append(vi ? "nêu: \(field(citing, of: matcher.type))" : "citing: \(field(citing, of: matcher.type))") }
        if let period = matcher.period { more.append((vi ? "kỳ theo: " : "its period by: ") + self.period(period, of: matcher.type)) }
        return "“\(message(matcher.type))”" + (more.isEmpty ? "" : " (\(more.joined(separator: "; ")))")
    }

    private func dates(_ days: [MonthDay]) -> String { days.map { date($0.month, $0.day) }.joined(separator: vi ? " hoặc " : " or ") }

    private func period(_ rule: PeriodRule, of type: String) -> String {
        var name = field(rule.path, of: type)
        if rule.day != MonthDay(12, 31) { name += vi ? " (tính đến \(dates([rule.day])))" : " (to \(dates([rule.day])))" }
        guard rule.yearsBefore > 0 else { return name }
        return name + (vi ? ", trước đó \(rule.yearsBefore) năm" : ", \(plural(rule.yearsBefore, "year")) before")
    }

    /// What a message type is called.
    public func message(_ type: String) -> String { regulation.title(of: type)[language] }

    /// From when the clock runs; nil where the calendar says.
    public func start(of duty: Duty) -> String? {
        guard case .messages(let matchers) = duty.opening else { return nil }
        guard let path = duty.startsAt else { return vi ? "khi tin đến hệ thống" : "the message's arrival" }
        return field(path, of: matchers.first?.type)
    }

    /// What a message under a name that nobody knows counts for.
    public func nearness(_ near: Nearness) -> String {
        let within = length(near.within)
        return vi
            ? "tin báo dưới mã chưa ai biết tạm tính cho vụ việc đang chờ tin đó, nếu cùng \(near.same), hoặc cùng \(near.kind) và \(near.at) cách nhau không quá \(within), đến khi một trong hai bên nói là việc khác"
            : "what is told under a name that nobody knows counts for the time being in the open case that awaits it, where \(near.same) is the same, or \(near.kind) is and \(near.at) no more than \(within) apart, until either side says that it is another matter"
    }

    /// Who may say what moves or ends what is owed, until when, and with whose agreement.
    public func claim(_ rule: ClaimRule) -> String {
        var name = "“\(message(rule.type))”"
        if let dates = rule.dates { name = dates.map { field($0, of: rule.type) }.joined(separator: ", ") }
        var text =
            vi
            ? "\(name): có lợi cho bên phải làm thì bên được nhận đồng ý mới tính; làm bên phải làm muộn đi thì bên đó đồng ý mới tính; nói điều bất lợi cho chính mình thì tính ngay"
            : "\(name): in the obligor's favour it counts once who is owed agrees; against the obligor, once the obligor agrees; what one says against oneself counts at once"
        if rule.endsCase {
            text += vi ? "; vụ việc do bên khác phát hiện thì mọi bên đã phát hiện phải đồng ý" : "; where others found the case, all who found it must agree"
        }
        if let reopens = rule.reopens {
            let (after, within, good) = (length(reopens.after), length(reopens.within), length(reopens.good))
            text +=
                vi
                ? "; thiết bị còn ngừng sau \(after), hoặc ngừng lại trong \(within) mà chưa chạy được \(good), thì vụ việc tiếp tục như chưa khép lại"
                : "; where the device is still down \(after) later, or down again within \(within) without having worked for \(good), the case goes on as if nobody had said so"
        }
        if let alone = rule.alone {
            let which = conditions(alone, of: nil)
            text +=
                vi
                ? "; bên duy nhất đã phát hiện được tự nói trước hạn, nếu là \(which)"
                : "; who alone found the case may say it alone before the deadline, where it is \(which)"
        }
        if rule.slip > .zero {
            text +=
                vi
                ? "; sửa ngay lỗi của chính mình trong \(length(rule.slip)), một lần mỗi vụ việc, khi chưa ai trả lời, thì tính ngay"
                : "; a slip of one's own, put right within \(length(rule.slip)), once a case, before anybody has answered, counts at once"
        }
        if let members = rule.corrects {
            let list = members.joined(separator: ", ")
            text += vi ? "; sửa được: \(list)" : "; may put right: \(list)"
        }
        if let ahead = rule.ahead.map(length) {
            text += vi ? "; sớm hơn mà còn ít nhất \(ahead) thì tính ngay" : "; an earlier one counts at once where it leaves at least \(ahead)"
        }
        if let into = rule.into.map({ field($0, of: rule.type) }) {
            text +=
                vi
                ? "; gộp vào: \(into); gộp khi đã quá hạn không xóa việc chậm"
                : "; merged into: \(into); merged after its deadline, what was late stays late"
        }
        return text
    }

    /// When an announced maintenance window holds a duty back.
    public func maintenance(_ rule: MaintenanceRule) -> String {
        var kinds = ""
        if !rule.kinds.isEmpty {
            let known = regulation.maintenance.flatMap { regulation.schema(of: $0.opens) }?.fields.first { $0.name == "kind" }
            let names = rule.kinds.map { known?.meaning(of: $0, language) ?? $0 }
            kinds = " (" + names.joined(separator: vi ? " hoặc " : " or ") + ")"
        }
        var text = vi ? "trong thời gian bảo trì đã thông báo trước\(kinds)" : "during maintenance announced beforehand\(kinds)"
        if !rule.conditions.isEmpty { text += (vi ? ", nếu là " : ", where it is ") + conditions(rule.conditions, of: nil) }
        if rule.found != nil {
            text += vi ? "; chỉ khi phép kiểm tra tự phát hiện, người báo thì không" : "; only what a monitor finds, never what a person reports"
        }
        if !rule.endedBy.isEmpty {
            text +=
                (vi ? "; khép lại nếu lúc đó có tin " : "; over where by then there is ")
                + rule.endedBy.map { message($0) }.joined(separator: vi ? " hoặc " : " or ")
        }
        return text
    }

    /// How much of what is announced holds, and by whose word.
    public func terms(_ rule: Maintenance) -> String {
        var text =
            vi
            ? "dài nhất \(length(rule.longest)) (\(rule.opens), \(rule.closes))" : "at most \(length(rule.longest)) (\(rule.opens), \(rule.closes))"
        guard let alone = rule.alone else { return text }
        let hours = alone.allowances.map { allowance in
            vi
                ? "từ \(allowance.from) đến \(allowance.to) nhiều nhất \(length(allowance.atMost))"
                : "from \(allowance.from) to \(allowance.to) at most \(length(allowance.atMost))"
        }.joined(separator: "; ")
        let together = length(alone.together)
        text +=
            vi
            ? "; bên thông báo tự quyết: nhiều nhất \(alone.devices) thiết bị cùng lúc; \(hours); mọi đợt của một thiết bị trong \(together) cộng lại"
            : "; by its announcer's word alone: at most \(plural(alone.devices, "device")) at once; \(hours); all windows of a device within \(together) count together"
        if let supplied = alone.supplied {
            let (ahead, atMost) = (length(supplied.ahead), length(supplied.atMost))
            let known = regulation.schema(of: rule.opens)?.fields.first { $0.name == "kind" }
            let kinds = supplied.kinds.map { known?.meaning(of: $0, language) ?? $0 }.joined(separator: vi ? " hoặc " : " or ")
            text +=
                vi
                ? "; \(kinds) của nhà cung cấp, báo trước \(ahead), có số thông báo (\(supplied.number)): cả đợt, nhiều nhất \(atMost)"
                : "; \(kinds) by a supplier, announced \(ahead) ahead with the number of its notice (\(supplied.number)): for its length, at most \(atMost)"
        }
        let lead = party(regulation.lead)
        return text + (vi ? "; hơn thế thì \(lead) đồng ý mới tính" : "; more holds once the \(lead) agrees")
    }

    // MARK: The desk, equipment, content

    /// What answers a duty at the desk: `[1] thông tin cho Sở ngay bây giờ: “Thông báo sự cố”, hỏi: cán bộ trực`.
    public func desk(of duty: Duty) -> String {
        guard let answers = regulation.desks[duty.id] else {
            return vi ? "mỗi tin hoàn thành việc này là một phím" : "a key for each message that fulfils it"
        }
        return answers.isEmpty ? (vi ? "không trả lời tại bàn trực" : "not answered at the desk") : answers.map(answer).joined(separator: "; ")
    }

    private func answer(_ answer: DeskAnswer) -> String {
        var more: [String] = []
        func members(_ names: [String]) -> String { names.map { field(FieldPath("data." + $0), of: answer.type) }.joined(separator: ", ") }
        if !answer.known.isEmpty { more.append((vi ? "đã biết: " : "known: ") + members(answer.known)) }
        let said = answer.says.members.map { Condition(path: FieldPath("data." + $0.key), values: [$0.value]) }
        if !said.isEmpty { more.append((vi ? "ghi sẵn: " : "says: ") + conditions(said, of: answer.type)) }
        if let to = answer.to { more.append((vi ? "gửi: " : "to: ") + recipients([to])) }
        if !answer.asks.isEmpty { more.append((vi ? "hỏi: " : "asks: ") + members(answer.asks)) }
        return "[\(answer.key)] \(answer.label[language]): “\(message(answer.type))”" + (more.isEmpty ? "" : " (\(more.joined(separator: "; ")))")
    }

    /// What a party's agent watches, and how it tells of it; nil where it watches nothing.
    public func watches(of party: Party) -> String? {
        let equipment = regulation.equipment ?? Equipment()
        let parts = Party.Watched.allCases.filter(party.watches.contains).map { watched -> String in
            let (what, types): (String, [String?]) =
                switch watched {
                case .devices: (vi ? "thiết bị" : "devices", [equipment.status])
                case .incidents: (vi ? "thiết bị ngừng là sự cố" : "a device that is down is an incident", [equipment.failure?.type])
                case .operations: (vi ? "giờ vận hành, chốt ngày" : "hours of operation, and the day's end", [equipment.day])
                case .supply: (vi ? "nguồn điện" : "the power supply", [equipment.supply?.status, equipment.supply?.restored])
                }
            return "\(what) (\(types.compactMap(\.self).map { "“\(message($0))”" }.joined(separator: ", ")))"
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// By which messages it is told of equipment; nil where nothing is watched.
    public func equipment(_ equipment: Equipment?) -> String? {
        guard let equipment else { return nil }
        var parts: [String] = []
        if let failure = equipment.failure {
            let says = failure.says.members.map { Condition(path: FieldPath("data." + $0.key), values: [$0.value]) }
            let what = says.isEmpty ? "" : " (\(conditions(says, of: failure.type)))"
            parts.append((vi ? "thiết bị ngừng: " : "a device is down: ") + "“\(message(failure.type))”" + what)
        }
        if let status = equipment.status { parts.append((vi ? "tình trạng thiết bị: " : "how a device is: ") + "“\(message(status))”") }
        if let supply = equipment.supply {
            parts.append((vi ? "nguồn điện: " : "the supply: ") + "“\(message(supply.status))”, “\(message(supply.restored))”")
        }
        if let day = equipment.day { parts.append((vi ? "chốt ngày: " : "the day's end: ") + "“\(message(day))”") }
        return parts.joined(separator: "; ")
    }

    /// Which message types play which part for content; nil where a text has nothing to do with it.
    public func content(_ types: ContentTypes?) -> String? {
        types.map { $0.named.map { "\($0.title[language]): “\(message($0.type))”" }.joined(separator: "; ") }
    }

    private func conditions(_ conditions: [Condition], of type: String?) -> String {
        conditions.map { condition in
            let field = declared(condition.path, in: type)
            let values = condition.values.map { value -> String in
                if let text = value.string {
                    return field?.meaning(of: text, language) ?? regulation.party(text)?.name[language]
                        ?? (regulation.messageType(text) == nil ? text : "“\(message(text))”")
                }
                return value.bool.map { $0 ? (vi ? "có" : "yes") : (vi ? "không" : "no") } ?? value.text
            }
            let either = values.joined(separator: vi ? " hoặc " : " or ")
            if case .choice? = field?.kind { return either }
            let name = field.map { clause($0.words(language)) } ?? condition.path.description
            return "\(name): \(either)"
        }.joined(separator: vi ? ", và " : ", and ")
    }

    /// A member's meaning, as its schema says it.
    private func field(_ path: FieldPath, of type: String?) -> String {
        if path.keys == ["time"] { return vi ? "thời điểm lập tin" : "when it was written" }
        return declared(path, in: type).map { clause($0.words(language)) } ?? path.description
    }

    /// A member as declared by the type, or, where the case decides which type, by the first that has it.
    private func declared(_ path: FieldPath, in type: String?) -> Field? {
        guard path.keys.count >= 2, path.keys[0] == "data" else { return nil }
        let types = type.map { [$0] } ?? regulation.messageTypes.map(\.name)
        return types.lazy.compactMap { type -> Field? in
            // A member of a member is looked for inside the object that holds it.
            let top = regulation.schema(of: type)?.fields.first { $0.name == path.keys[1] }
            return path.keys.dropFirst(2).reduce(top) { field, key in field?.members.first { $0.name == key } }
        }.first
    }

    /// A sentence as part of another.
    private func clause(_ sentence: String) -> String {
        let text = sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    // MARK: By when

    /// By when, and whether the law or the system says so: `trong 1 giờ (thời hạn theo Quy định)`.
    public func due(_ rule: DueRule) -> String {
        let basis = regulation.wordings["basis-\(rule.basis.rawValue)"]?[language] ?? rule.basis.rawValue
        return "\(terms(rule)) (\(basis))"
    }

    /// By when, without its basis.
    public func terms(_ rule: DueRule) -> String {
        guard !rule.cases.isEmpty else { return vi ? "không ấn định thời hạn" : "no term set" }
        return rule.cases.map { dueCase in
            var when = dueCase.types.isEmpty ? [] : [dueCase.types.map { "“\(message($0))”" }.joined(separator: vi ? " hoặc " : " or ")]
            if !dueCase.conditions.isEmpty { when.append(conditions(dueCase.conditions, of: nil)) }
            if dueCase.duringWorkingHours { when.append(vi ? "trong giờ làm việc" : "in working hours") }
            if let rule = dueCase.period, case .field(let type?, _, _) = dueCase.term {
                when.append((vi ? "kỳ theo " : "its period by ") + period(rule, of: type))
            }
            return term(dueCase.term) + (when.isEmpty ? "" : (vi ? " nếu " : " if ") + when.joined(separator: vi ? ", " : ", "))
        }.joined(separator: vi ? "; không thì " : "; else ")
    }

    /// One term: `trong 1 giờ`.
    public func term(_ term: DueTerm) -> String {
        switch term {
        case .within(let span): return vi ? "trong \(length(span))" : "within \(length(span))"
        case .workingDays(let count): return vi ? "trong \(count) ngày làm việc" : "within \(plural(count, "working day"))"
        case .workingHours(let span): return vi ? "trong \(length(span)) làm việc" : "within \(length(span)) of working time"
        case .unfetched(let span):
            return vi
                ? "\(length(span)) nếu đến lúc đó chưa máy nào của bên được nhận có tin"
                : "\(length(span)) where no machine of who is owed has the message by then"
        case .nextWorkingDay(let time): return vi ? "\(time) ngày làm việc kế tiếp" : "by \(time) of the next working day"
        case .timeOfDay(let time): return vi ? "chậm nhất \(time) cùng ngày" : "by \(time) of that day"
        case .before(let days): return vi ? "trước ngày \(dates(days))" : "before \(dates(days))"
        case .by(let days): return vi ? "chậm nhất ngày \(dates(days))" : "by \(dates(days))"
        case .endOfPeriod: return vi ? "trong kỳ" : "within the period"
        case .endOfQuarter: return vi ? "trong quý" : "within the quarter"
        case .field(let type, let path, let ahead):
            let name = field(path, of: type)
            let before = ahead > .zero ? (vi ? "trước đó \(length(ahead)), " : "\(length(ahead)) before it, ") : ""
            guard let type else { return before + (vi ? "theo mục “\(name)” của tin" : "by what the message says: \(name)") }
            return before + (vi ? "theo tin “\(message(type))”: \(name)" : "by what “\(message(type))” says: \(name)")
        case .operation(let operation):
            let (device, minimum, from, to) = (operation.device, length(operation.minimum), operation.from, operation.to)
            let shown = message(operation.shownBy)
            return vi
                ? "\(device) vận hành đủ \(minimum) trong khoảng \(from)–\(to), theo tin “\(shown)”"
                : "\(device) in operation \(minimum) between \(from) and \(to), as “\(shown)” shows"
        }
    }

    // MARK: The ladder

    /// All steps of a ladder, in their order.
    public func ladder(_ rungs: [Rung]) -> String {
        rungs.isEmpty ? (vi ? "không nhắc" : "no reminders") : rungs.map(rung).joined(separator: "; ")
    }

    /// One step: `trước hạn 30 phút: nhắc bên có trách nhiệm`.
    public func rung(_ rung: Rung) -> String {
        let act: String =
            switch rung.moment {
            case .opening, .held, .extended, .rescheduled: vi ? "báo" : "tell"
            case .before, .lastWorkingDayBefore, .everyWorkingDays: vi ? "nhắc" : "remind"
            case .deadline, .every: vi ? "báo quá hạn cho" : "overdue, to"
            case .after: vi ? "báo cáo" : "escalate to"
            case .settled: vi ? "báo đã xong cho" : "settled, to"
            }
        let copy = rung.copy.isEmpty ? "" : (vi ? " (đồng gửi " : " (copy: ") + recipients(rung.copy) + ")"
        let night = rung.waits ? (vi ? ", ban đêm chờ đến sáng" : ", at night not before the morning") : ""
        return "\(moment(rung.moment)): \(act) \(recipients(rung.to))\(copy)\(night)"
    }

    /// When a step is taken.
    public func moment(_ moment: Rung.Moment) -> String {
        switch moment {
        case .opening: vi ? "khi phát sinh" : "at the opening"
        case .held: vi ? "khi tạm hoãn tính hạn vì bảo trì đã thông báo" : "when announced maintenance holds it back"
        case .extended: vi ? "khi mốc theo dõi được gia hạn" : "when its mark is extended"
        case .rescheduled: vi ? "khi hạn được tính lại vì ngày nghỉ, ngày làm bù" : "when its deadline is reckoned anew by other working days"
        case .before(let span): vi ? "trước hạn \(length(span))" : "\(length(span)) before the deadline"
        case .lastWorkingDayBefore(let time): vi ? "\(time) ngày làm việc cuối cùng trước hạn" : "\(time) of the last working day before the deadline"
        case .deadline: vi ? "khi hết hạn" : "at the deadline"
        case .after(let span): vi ? "quá hạn \(length(span))" : "\(length(span)) after the deadline"
        case .every(let span, let times):
            vi ? "sau đó cứ \(length(span)), tối đa \(times) lần" : "then every \(length(span)), at most \(plural(times, "time"))"
        case .everyWorkingDays(let days, let times):
            vi ? "cứ \(days) ngày làm việc, tối đa \(times) lần" : "every \(plural(days, "working day")), at most \(plural(times, "time"))"
        case .settled: vi ? "khi xong" : "when it is settled"
        }
    }

    /// A step by the name that notices give it: `before-PT30M`, `deadline`, `every-PT1H-3`.
    public func step(named name: String) -> String {
        let parts = name.split(separator: "-").map(String.init)
        func span() -> String { parts.count > 1 ? Span(iso: parts[1]).map { " " + length($0) } ?? "" : "" }
        switch parts.first {
        case "opening": return vi ? "thông báo bắt đầu tính hạn" : "the opening notice"
        case "held": return vi ? "ghi nhận tạm hoãn tính hạn" : "the word that it is held back"
        case "extended": return vi ? "thông báo gia hạn" : "the word that its mark is extended"
        case "rescheduled": return vi ? "thông báo tính lại hạn" : "the word that its deadline is another"
        case "before": return vi ? "nhắc việc trước hạn\(span())" : "a reminder\(span()) before the deadline"
        case "last": return vi ? "nhắc việc, ngày làm việc cuối" : "a reminder on the last working day"
        case "deadline": return vi ? "thông báo khi hết hạn" : "the notice at the deadline"
        case "after": return vi ? "báo cáo cấp trên khi quá hạn\(span())" : "the report to the superior\(span()) after the deadline"
        case "every":
            let count = parts.last.flatMap { Int($0) }.map { vi ? " lần \($0)" : " no. \($0)" } ?? ""
            return (vi ? "nhắc lại" : "another reminder") + count
        case "settled": return vi ? "báo đã xong" : "the word that it is done"
        default: return shown(name)
        }
    }

    func recipients(_ names: [String]) -> String {
        names.map { name in
            switch name {
            case "obligor": vi ? "bên phải làm" : "who owes it"
            case "addressee": vi ? "bên nhận" : "who is owed"
            default: party(name)
            }
        }.joined(separator: vi ? " và " : " and ")
    }

    // MARK: Small words

    private var nobody: String { vi ? "không nêu" : "none named" }
    private func at(_ time: TimeOfDay) -> String { time.minutes == 0 ? "" : (vi ? ", lúc \(time)" : " at \(time)") }
    private func plural(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private func date(_ month: Int, _ day: Int) -> String {
        CivilDate(year: 2001, month: month, day: day).map { vi ? "\($0.day)/\($0.month)" : "\($0.day) \(DutyWords.months[$0.month - 1])" } ?? "\(day)/\(month)"
    }
    /// A weekday, 1 for Monday.
    func weekday(_ number: Int) -> String {
        let index = (number + 6) % 7
        return vi ? ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"][index] : DutyWords.weekdays[index]
    }
    private static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]

    /// `1 giờ`, `90 phút`, `2 ngày`: whole units, as a rule is written. A day is 24 hours.
    func length(_ span: Span) -> String {
        let seconds = span.milliseconds / 1000
        let units: [(seconds: Int64, vi: String, en: String)] = [
            (86_400, "ngày", "day"), (3_600, "giờ", "hour"), (60, "phút", "minute"), (1, "giây", "second"),
        ]
        // A day of a clock is 24 hours in words, so that nobody takes it for a calendar day.
        let unit = units.first { seconds % $0.seconds == 0 && ($0.seconds < 86_400 || seconds >= 172_800) } ?? units[3]
        let count = Int(seconds / unit.seconds)
        return vi ? "\(count) \(unit.vi)" : plural(count, unit.en)
    }
}
