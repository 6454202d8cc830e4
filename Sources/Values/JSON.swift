/// A JSON value, RFC 8259, as the wire contract narrows it: no duplicate keys, bounded depth, valid UTF-8. Objects keep the order of their members.
public enum JSON: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case int(Int64)
    /// Any other number. One that is not finite is written as `null`.
    case double(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSON])
    /// An object.
    case object(JSONObject)
}

/// A JSON object: its members in the order written, keys unique. Two keys are the same if their bytes are: to the contract "é" in one code point and "é" in
/// two are different keys, though Swift calls the strings equal.
public struct JSONObject: Hashable, Sendable {
    /// One key and its value.
    public struct Member: Hashable, Sendable {
        /// The key.
        public var key: String
        /// The value.
        public var value: JSON
        /// A member of these two.
        public init(key: String, value: JSON) { (self.key, self.value) = (key, value) }

        /// Whether it is the member of this name.
        public func isNamed(_ name: String) -> Bool {
            // Most keys differ in length already, which is quick to see; byte by byte because equal strings may be spelt differently.
            guard key.utf8.count == name.utf8.count else { return false }
            let isSame = key.utf8.withContiguousStorageIfAvailable { a in
                name.utf8.withContiguousStorageIfAvailable { b in JSONObject.areSame(UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b)) }
            }
            return isSame.flatMap(\.self) ?? key.utf8.elementsEqual(name.utf8)
        }

        /// The same key, byte for byte, and an equal value.
        public static func == (a: Member, b: Member) -> Bool { a.isNamed(b.key) && a.value == b.value }
    }

    /// Whether two texts of one length are the same, eight bytes at a time.
    private static func areSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while place + 8 <= a.count {
            guard a.loadUnaligned(fromByteOffset: place, as: UInt64.self) == b.loadUnaligned(fromByteOffset: place, as: UInt64.self) else { return false }
            place += 8
        }
        while place < a.count {
            guard a[place] == b[place] else { return false }
            place += 1
        }
        return true
    }

    /// The members in order.
    public private(set) var members: [Member]

    /// An object of these members. Precondition: no key twice.
    public init(members: [Member] = []) { self.members = members }

    /// Where the member of a name stands. Members are looked at in the order written from a place on, and then from the beginning: who asks for them in about
    /// the order in which they were written finds each at once.
    public func place(of key: String, from place: Int = 0) -> Int? {
        // By index: an element taken out is a copy.
        for index in place..<max(place, members.count) where members[index].isNamed(key) { return index }
        for index in 0..<min(place, members.count) where members[index].isNamed(key) { return index }
        return nil
    }

    /// The value of a key; setting nil removes the member, setting a new key appends it.
    public subscript(key: String) -> JSON? {
        get { place(of: key).map { members[$0].value } }
        set {
            if let index = place(of: key) {
                if let newValue { members[index].value = newValue } else { members.remove(at: index) }
            } else if let newValue {
                members.append(Member(key: key, value: newValue))
            }
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// An object of these members; a key given twice traps, as in a dictionary literal.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        precondition(Set(elements.map(\.0)).count == elements.count, "a JSON object literal names a key twice")
        self.init(members: elements.map { Member(key: $0.0, value: $0.1) })
    }
}

extension JSON {
    /// The string, if it is one.
    public var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The integer, if it is one.
    public var int: Int64? { if case .int(let value) = self { value } else { nil } }
    /// The number, whole or not, if it is one.
    public var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
    /// The truth value, if it is one.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements, if it is an array.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
    /// The object, if it is one.
    public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    /// The instant, if it is a string that holds one in RFC 3339.
    public var instant: Instant? { string.flatMap { Instant(rfc3339: $0) } }
    /// A member of an object; nil where there is none or this is no object.
    public subscript(key: String) -> JSON? { object?[key] }
    /// What follows a path of keys: `value[path: ["data", "occurredAt"]]`.
    public subscript(path path: some Sequence<String>) -> JSON? {
        var value: JSON? = self
        for key in path { value = value?[key] }
        return value
    }
    /// What kind of value this is, in JSON Schema's words.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .int(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object; a key given twice traps, as in a dictionary literal.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        precondition(Set(elements.map(\.0)).count == elements.count, "a JSON object literal names a key twice")
        self = .object(JSONObject(members: elements.map { .init(key: $0.0, value: $0.1) }))
    }
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
    /// An instant, in RFC 3339 at this offset.
    public init(_ instant: Instant, offset: Span) { self = .string(instant.rfc3339(offset: offset)) }
    /// An object of the members that have a value.
    public static func compact(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(JSONObject(members: members.compactMap { key, value in value.map { .init(key: key, value: $0) } }))
    }
}
