import Values

/// A schema compiled into what has to be checked. Checking costs nothing where all is well: places are written into the problems on the way back up.
indirect enum Rule: Sendable {
    case anything
    case constant(JSON)
    case choice([Choice])
    case text(TextRule)
    case integer(minimum: Int64?, maximum: Int64?)
    case number(minimum: Double?, maximum: Double?)
    case flag
    case list(ListRule)
    case object(ObjectRule)

    /// One value of an `enum` and what it means.
    struct Choice: Hashable, Sendable {
        let value: String
        let label: MessageSchema.Words
    }

    /// Appends what is wrong with the value.
    func check(_ value: JSON, into problems: inout [MessageSchema.Problem]) {
        guard let fault = ownFault(of: value, &problems) else { return }
        problems.report(fault)
    }

    private func ownFault(of value: JSON, _ problems: inout [MessageSchema.Problem]) -> MessageSchema.Problem.Fault? {
        switch self {
        case .anything: return nil
        case .constant(let constant): return value == constant ? nil : .notConstant(constant.text)
        case .choice(let choices):
            guard case .string(let text) = value else { return wrongKind(value) }
            return choices.contains { isSame($0.value, text) } ? nil : .notAChoice(text, choices)
        case .text(let rule):
            guard case .string(let text) = value else { return wrongKind(value) }
            return rule.fault(of: text)
        case .integer(let minimum, let maximum):
            guard case .int(let number) = value else { return wrongKind(value) }
            if let minimum, number < minimum { return .tooSmall(String(number), minimum: String(minimum)) }
            if let maximum, number > maximum { return .tooLarge(String(number), maximum: String(maximum)) }
            return nil
        case .number(let minimum, let maximum):
            guard let number = value.number else { return wrongKind(value) }
            if let minimum, number < minimum { return .tooSmall(value.text, minimum: "\(minimum)") }
            if let maximum, number > maximum { return .tooLarge(value.text, maximum: "\(maximum)") }
            return nil
        case .flag:
            guard case .bool = value else { return wrongKind(value) }
            return nil
        case .list(let rule):
            guard case .array(let elements) = value else { return wrongKind(value) }
            return rule.check(elements, into: &problems)
        case .object(let rule):
            guard case .object(let object) = value else { return wrongKind(value) }
            rule.check(object, into: &problems)
            return nil
        }
    }

    private func wrongKind(_ value: JSON) -> MessageSchema.Problem.Fault { .wrongKind(wanted: kind, found: value.kind) }

    /// The kind of value in the words of `Field`.
    var kind: MessageSchema.Field.Kind {
        switch self {
        case .anything, .object: .object
        case .constant: .text
        case .choice(let choices): .choice(choices.map(\.value))
        case .text(let rule):
            switch rule.format {
            case .instant: .instant
            case .date: .date
            case .uuid, nil: .text
            }
        case .integer: .integer
        case .number: .number
        case .flag: .flag
        case .list: .list
        }
    }
}

/// Whether two strings are the same code points. Swift's `==` also holds for canonically equivalent strings, which differ in length from one that is ASCII.
private func isSame(_ name: String, _ other: String) -> Bool { name.utf8.count == other.utf8.count && name == other }

/// What a text must keep to.
final class TextRule: Sendable {
    enum Format: String, Sendable {
        case instant = "date-time"
        case date
        case uuid
    }

    let format: Format?
    private let minimumLength: Int
    private let maximumLength: Int
    private let pattern: Pattern?
    private let form: MessageSchema.Words?

    init(format: Format?, minimumLength: Int, maximumLength: Int, pattern: Pattern?, form: MessageSchema.Words?) {
        (self.format, self.minimumLength, self.maximumLength, self.pattern, self.form) = (format, minimumLength, maximumLength, pattern, form)
    }

    func fault(of text: String) -> MessageSchema.Problem.Fault? {
        // A text has at most as many code points as bytes, so most need no counting.
        let bytes = text.utf8.count
        if bytes > maximumLength {
            let length = text.unicodeScalars.count
            if length > maximumLength { return .tooLong(length, maximum: maximumLength) }
        }
        if bytes < minimumLength * 4, text.unicodeScalars.count < minimumLength { return .tooShort(minimum: minimumLength) }
        switch format {
        case .instant: if let fault = Instant.fault(inRFC3339: text) { return .notAnInstant(text, fault) }
        case .date where CivilDate(text) == nil: return CivilDate.isOutsideYears(text) ? .outsideYears(text) : .notADate(text)
        case .uuid where !TextRule.uuid.matches(text): return .notAUUID(text)
        default: break
        }
        if let pattern, let form, !pattern.matches(text) { return .wrongForm(text, form) }
        return nil
    }

    private static let uuid = Pattern(ranges: [(8, "-"), (4, "-"), (4, "-"), (4, "-"), (12, nil)])
}

/// What a list must keep to.
final class ListRule: Sendable {
    let element: Rule
    private let minimumCount: Int
    private let maximumCount: Int

    init(element: Rule, minimumCount: Int, maximumCount: Int) {
        (self.element, self.minimumCount, self.maximumCount) = (element, minimumCount, maximumCount)
    }

    func check(_ elements: [JSON], into problems: inout [MessageSchema.Problem]) -> MessageSchema.Problem.Fault? {
        if elements.count < minimumCount { return .tooFew(elements.count, minimum: minimumCount) }
        if elements.count > maximumCount { return .tooMany(elements.count, maximum: maximumCount) }
        for (index, value) in elements.enumerated() {
            let before = problems.count
            element.check(value, into: &problems)
            if problems.count > before { problems.place(from: before, under: String(index)) }
            if problems.count >= MessageSchema.Problem.limit { break }
        }
        return nil
    }
}

/// What an object must keep to.
final class ObjectRule: Sendable {
    struct Member: Sendable {
        let name: String
        let rule: Rule
        let isRequired: Bool
        /// Whether it tells of what is meant to happen, or by when something is wanted.
        let isPlan: Bool
        let description: MessageSchema.Words
    }

    /// Members are remembered in one machine word while an object is checked.
    static let maximumMembers = 64

    let members: [Member]
    private let isOpen: Bool
    private let required: UInt64

    init(members: [Member], isOpen: Bool) {
        precondition(members.count <= ObjectRule.maximumMembers)
        (self.members, self.isOpen) = (members, isOpen)
        required = members.enumerated().reduce(0) { $1.element.isRequired ? $0 | 1 << UInt64($1.offset) : $0 }
    }

    func check(_ object: JSONObject, into problems: inout [MessageSchema.Problem]) {
        var present: UInt64 = 0
        // Messages are mostly written in the order of the schema, so the next member is looked for behind the last one.
        var expected = 0
        for entry in object.members {
            guard let index = check(entry.value, as: entry.key, from: expected, into: &problems) else {
                if problems.count >= MessageSchema.Problem.limit { return }
                continue
            }
            present |= 1 << UInt64(index)
            expected = index + 1
        }
        guard required & ~present != 0 else { return }
        for (index, member) in members.enumerated() where required & ~present & 1 << UInt64(index) != 0 {
            problems.report(.missing(member.description), at: member.name)
        }
    }

    /// Appends what is wrong with one member, and says which one it is; nil where it is not known.
    @discardableResult func check(_ value: JSON, as key: String, from start: Int = 0, into problems: inout [MessageSchema.Problem]) -> Int? {
        guard let index = index(of: key, from: start) else {
            if !isOpen { problems.report(.unknown(key, known: members.map(\.name)), at: key) }
            return nil
        }
        let before = problems.count
        members[index].rule.check(value, into: &problems)
        if problems.count > before { problems.place(from: before, under: key) }
        return index
    }

    private func index(of key: String, from start: Int) -> Int? {
        for index in start..<members.count where isSame(members[index].name, key) { return index }
        for index in 0..<min(start, members.count) where isSame(members[index].name, key) { return index }
        return nil
    }
}
