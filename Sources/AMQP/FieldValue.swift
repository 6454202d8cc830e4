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

/// Headers or arguments by name.
public typealias FieldTable = [String: FieldValue]
