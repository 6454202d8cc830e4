import Values

/// Something wrong in a regulation file: where, what, and what to do.
public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// JSON Pointer (RFC 6901) to the place.
    public var pointer: String
    /// What is wrong and what to do.
    public var reason: String

    /// The place, then the reason.
    public var description: String { "\(pointer.isEmpty ? "/" : pointer): \(reason)" }
}

/// All that is wrong in a regulation file.
public struct RegulationError: Error, Sendable, CustomStringConvertible {
    /// The problems, in the order in which they were found, from the top of the file to its end.
    public var problems: [Problem]

    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
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

    package func problem(_ reason: String) { problems.list.append(Problem(pointer: pointer, reason: reason)) }

    /// The member, which must be there.
    package func member(_ key: String) -> Node? {
        if let node = optional(key) { return node }
        problem(value.object == nil ? "must be an object, not \(value.kind)" : "the member \"\(key)\" is missing: add it")
        return nil
    }

    /// The member, if it is there.
    package func optional(_ key: String) -> Node? {
        value[key].map { Node(value: $0, pointer: pointer + "/" + key.replacing("~", with: "~0").replacing("/", with: "~1"), problems: problems) }
    }

    /// Notes every member that is none of these.
    package func allow(_ keys: String...) {
        guard let object = value.object else { return problem("must be an object, not \(value.kind)") }
        for member in object.members where !keys.contains(member.key) {
            problem("the member \"\(member.key)\" is not known here: remove it, or use one of \(keys.joined(separator: ", "))")
        }
    }

    /// The elements of an array.
    package var elements: [Node] {
        guard let array = value.array else {
            problem("must be an array, not \(value.kind)")
            return []
        }
        return array.enumerated().map { Node(value: $1, pointer: "\(pointer)/\($0)", problems: problems) }
    }

    /// The elements of an array that must have some; `what` says what belongs there.
    func filled(_ what: String) -> [Node] {
        if value.array?.isEmpty == true { problem("must not be empty: name \(what)") }
        return elements
    }

    /// Notes unless just one of these members is there. Whether it is well written is told at its own place.
    func expectOne(of keys: String...) {
        guard let object = value.object else { return }
        guard keys.count(where: { object[$0] != nil }) != 1 else { return }
        problem("name one of \(keys.dropLast().joined(separator: ", ")) and \(keys.last ?? ""), and one only")
    }

    /// The members of an object whose keys are names of the file's own.
    var entries: [(key: String, node: Node)] {
        guard let object = value.object else {
            problem("must be an object, not \(value.kind)")
            return []
        }
        return object.members.compactMap { member in optional(member.key).map { (member.key, $0) } }
    }

    /// A string, as it is.
    package var string: String {
        if let string = value.string { return string }
        problem("must be a string, not \(value.kind)")
        return ""
    }

    /// A string that means something: `read` gives what, or nil where it means nothing.
    package func parsed<T>(_ what: String, _ read: (String) -> T?) -> T? {
        guard let text = value.string else {
            problem("must be a string: \(what)")
            return nil
        }
        guard let result = read(text) else {
            problem("\"\(text)\" is not \(what)")
            return nil
        }
        return result
    }

    /// An integer in a range.
    package func integer(_ range: ClosedRange<Int>) -> Int? {
        if let int = value.int, let int = Int(exactly: int), range.contains(int) { return int }
        problem("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }

    /// One of the values of an enumeration.
    func choice<T: CaseIterable & RawRepresentable<String>>(_: T.Type) -> T? {
        parsed("one of " + T.allCases.map(\.rawValue).joined(separator: ", ")) { T(rawValue: $0) }
    }

    /// A text in both languages.
    package var wording: Wording {
        allow("vi", "en")
        return Wording(vi: text("vi"), en: text("en"))
    }

    private func text(_ key: String) -> String {
        guard let node = member(key) else { return "" }
        if node.value.string?.isEmpty == true { node.problem("must not be empty: the wording is owed in both languages") }
        return node.string
    }

    var span: Span? { parsed("a duration such as PT1H, PT30M or P7D") { Span(iso: $0) } }
    var time: TimeOfDay? { parsed("a time of day such as 07:30") { TimeOfDay($0) } }
    var date: CivilDate? { parsed("a date such as 2026-03-14") { CivilDate($0) } }
    var monthDay: MonthDay? {
        parsed("a month and a day that every year has, such as 06-20") { text in CivilDate("2001-" + text).map { MonthDay($0.month, $0.day) } }
    }
}
