import Values

/// Something wrong in a regulation file: where, what, and what to do.
public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// JSON Pointer (RFC 6901) to the place.
    public var pointer: String
    /// What is wrong and what to do.
    public var reason: Wording

    /// A problem at a place.
    package init(pointer: String, vi: String, en: String) { (self.pointer, reason) = (pointer, Wording(vi: vi, en: en)) }

    /// The place, then the reason, in English.
    public var description: String { "\(pointer.isEmpty ? "/" : pointer): \(reason.en)" }
}

/// All that is wrong in a regulation file.
public struct RegulationError: Error, Sendable, CustomStringConvertible {
    /// The problems, in the order in which they were found, from the top of the file to its end.
    public var problems: [Problem]

    /// One problem a line, in English.
    public var description: String { problems.text.en }
}

extension [Problem] {
    /// One problem a line.
    public var text: Wording {
        func lines(_ language: Language) -> String { map { "\($0.pointer.isEmpty ? "/" : $0.pointer): \($0.reason[language])" }.joined(separator: "\n") }
        return Wording(vi: lines(.vi), en: lines(.en))
    }
}

extension JSONError {
    /// The reason and the place.
    public var text: Wording { Wording(vi: "\(vietnamese) (byte \(offset))", en: description) }

    /// That a file is no JSON.
    package var problem: Problem { Problem(pointer: "", vi: "không phải JSON: \(text.vi)", en: "no JSON: \(text.en)") }
}

/// A value in a file of data being read, with its place. Reading what is not there notes a problem and goes on, so that one reading finds them all.
package struct Node {
    /// What was found wrong so far.
    package final class Problems {
        package var list: [Problem] = []
        package init() {}
    }

    package let value: JSON
    package let pointer: String
    package let problems: Problems

    /// A value and its place; problems are noted in `problems`.
    package init(value: JSON, pointer: String, problems: Problems) { (self.value, self.pointer, self.problems) = (value, pointer, problems) }

    package func problem(vi: String, en: String) { problems.list.append(Problem(pointer: pointer, vi: vi, en: en)) }

    /// That another kind of value is wanted here.
    private func wrongKind(_ vi: String, _ en: String) {
        let found =
            switch value {
            case .null: "null"
            case .bool: "đúng/sai"
            case .int, .double: "số"
            case .string: "chuỗi"
            case .array: "mảng"
            case .object: "đối tượng"
            }
        problem(vi: "phải là \(vi), không phải \(found)", en: "must be \(en), not \(value.kind)")
    }

    /// The member, which must be there.
    package func member(_ key: String) -> Node? {
        if let node = optional(key) { return node }
        if value.object == nil {
            wrongKind("đối tượng", "an object")
        } else {
            problem(vi: "thiếu mục “\(key)”: thêm vào", en: "the member \"\(key)\" is missing: add it")
        }
        return nil
    }

    /// The member, if it is there.
    package func optional(_ key: String) -> Node? {
        value[key].map { Node(value: $0, pointer: pointer + "/" + key.replacing("~", with: "~0").replacing("/", with: "~1"), problems: problems) }
    }

    /// Notes every member that is none of these.
    package func allow(_ keys: String...) { allow(keys) }

    /// The same of a list.
    func allow(_ keys: [String]) {
        guard let object = value.object else { return wrongKind("đối tượng", "an object") }
        for member in object.members where !keys.contains(member.key) {
            let known = keys.joined(separator: ", ")
            problem(
                vi: "ở đây không có mục “\(member.key)”: bỏ đi, hoặc dùng một trong các mục \(known)",
                en: "the member \"\(member.key)\" is not known here: remove it, or use one of \(known)")
        }
    }

    /// The elements of an array.
    package var elements: [Node] {
        guard let array = value.array else {
            wrongKind("mảng", "an array")
            return []
        }
        return array.enumerated().map { Node(value: $1, pointer: "\(pointer)/\($0)", problems: problems) }
    }

    /// The elements of an array that must have some; the words say what belongs there.
    func filled(vi: String, en: String) -> [Node] {
        if value.array?.isEmpty == true { problem(vi: "không được để trống: nêu \(vi)", en: "must not be empty: name \(en)") }
        return elements
    }

    /// Notes unless just one of these members is there. Whether it is well written is told at its own place.
    func expectOne(of keys: String...) {
        guard let object = value.object else { return }
        guard keys.count(where: { object[$0] != nil }) != 1 else { return }
        let (first, last) = (keys.dropLast().joined(separator: ", "), keys.last ?? "")
        problem(vi: "nêu một trong \(first) và \(last), chỉ một thôi", en: "name one of \(first) and \(last), and one only")
    }

    /// The members of an object whose keys are names of the file's own.
    var entries: [(key: String, node: Node)] {
        guard let object = value.object else {
            wrongKind("đối tượng", "an object")
            return []
        }
        return object.members.compactMap { member in optional(member.key).map { (member.key, $0) } }
    }

    /// A string, as it is.
    package var string: String {
        if let string = value.string { return string }
        wrongKind("chuỗi", "a string")
        return ""
    }

    /// A string that means something, which the words say: `read` gives what, or nil where it means nothing.
    package func parsed<T>(vi: String, en: String, _ read: (String) -> T?) -> T? {
        guard let text = value.string else {
            problem(vi: "phải là chuỗi: \(vi)", en: "must be a string: \(en)")
            return nil
        }
        guard let result = read(text) else {
            problem(vi: "“\(text)” không phải \(vi)", en: "\"\(text)\" is not \(en)")
            return nil
        }
        return result
    }

    /// An integer in a range.
    package func integer(_ range: ClosedRange<Int>) -> Int? {
        if let int = value.int, let int = Int(exactly: int), range.contains(int) { return int }
        problem(
            vi: "phải là số nguyên từ \(range.lowerBound) đến \(range.upperBound)",
            en: "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }

    /// One of the values of an enumeration.
    func choice<T: CaseIterable & RawRepresentable<String>>(_: T.Type) -> T? {
        let all = T.allCases.map(\.rawValue).joined(separator: ", ")
        return parsed(vi: "một trong \(all)", en: "one of \(all)") { T(rawValue: $0) }
    }

    /// A text in both languages.
    package var wording: Wording {
        allow("vi", "en")
        return Wording(vi: text("vi"), en: text("en"))
    }

    private func text(_ key: String) -> String {
        guard let node = member(key) else { return "" }
        if node.value.string?.isEmpty == true {
            node.problem(vi: "không được để trống: phải có lời bằng cả hai ngôn ngữ", en: "must not be empty: the wording is owed in both languages")
        }
        return node.string
    }

    var span: Span? { parsed(vi: "khoảng thời gian như PT1H, PT30M hoặc P7D", en: "a duration such as PT1H, PT30M or P7D") { Span(iso: $0) } }
    var time: TimeOfDay? { parsed(vi: "giờ trong ngày như 07:30", en: "a time of day such as 07:30") { TimeOfDay($0) } }
    var date: CivilDate? { parsed(vi: "ngày như 2026-03-14", en: "a date such as 2026-03-14") { CivilDate($0) } }
    var monthDay: MonthDay? {
        parsed(vi: "tháng và ngày mà năm nào cũng có, như 06-20", en: "a month and a day that every year has, such as 06-20") { text in
            CivilDate("2001-" + text).map { MonthDay($0.month, $0.day) }
        }
    }
}
