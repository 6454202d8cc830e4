/// A value in a message's headers or in the arguments of a consumer.
public enum FieldValue: Sendable, Hashable {
    /// True or false.
    case bool(Bool)
    /// Any of the protocol's integers.
    case int(Int64)
    /// A long string that is valid UTF-8.
    case string(String)
    /// A byte array, or a long string that is not UTF-8.
    case bytes([UInt8])
    /// Seconds since the epoch.
    case timestamp(seconds: UInt64)
    /// Present, but of a kind this module does not read: tables, arrays, floating point, decimals, void. Cannot be sent.
    case other
}

/// Headers or arguments by name. A list, because a message has a few of them and a stream's delivery only one: to hash them would cost more than to look
/// through. Where the wire has a name twice, the last counts.
public struct FieldTable: Sendable, Hashable, ExpressibleByDictionaryLiteral, Sequence {
    private var fields: [(key: String, value: FieldValue)] = []

    /// A table without fields, with room for some.
    public init(minimumCapacity: Int = 0) { fields.reserveCapacity(minimumCapacity) }

    /// A table of these fields.
    public init(dictionaryLiteral elements: (String, FieldValue)...) { fields = elements.map { ($0.0, $0.1) } }

    /// How many fields there are.
    public var count: Int { fields.count }

    /// Whether there is no field.
    public var isEmpty: Bool { fields.isEmpty }

    /// The value of a name, nil where there is none. Setting one that is there replaces it, setting nil removes it.
    public subscript(name: String) -> FieldValue? {
        get { fields.last { $0.key == name }?.value }
        set {
            fields.removeAll { $0.key == name }
            if let newValue { fields.append((name, newValue)) }
        }
    }

    /// Adds a field without looking whether its name is there: what comes off the wire may hold tens of thousands.
    mutating func append(_ name: String, _ value: FieldValue) { fields.append((name, value)) }

    /// The fields, in order.
    public func makeIterator() -> some IteratorProtocol<(key: String, value: FieldValue)> { fields.makeIterator() }

    private var byName: [String: FieldValue] { Dictionary(fields.map { ($0.key, $0.value) }) { $1 } }

    /// The same names with the same values, in whatever order.
    public static func == (a: FieldTable, b: FieldTable) -> Bool { a.byName == b.byName }

    /// Hashes what equality compares.
    public func hash(into hasher: inout Hasher) { hasher.combine(byName) }
}
