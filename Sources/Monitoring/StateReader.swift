import Values

/// A saved state that cannot be taken up again.
public struct StateError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public let description: String
}

/// Reads a saved state member by member and says which one is wrong.
struct StateReader {
    let json: JSON
    /// Whose state it is, as errors name it.
    let owner: String

    init(_ json: JSON, owner: String) throws {
        guard json.object != nil else {
            throw StateError(description: "the saved state of \(owner) holds a \(json.kind) for an object; remove the file to begin without a past")
        }
        (self.json, self.owner) = (json, owner)
    }

    func fail(_ key: String, _ wanted: String) -> StateError {
        StateError(description: "the saved state of \(owner) has no \(wanted) at \"\(key)\"; remove the file to begin without a past")
    }

    /// What a member holds, read by `read`; nil where the member is missing.
    func optional<T>(_ key: String, _ wanted: String, _ read: (JSON) throws -> T?) throws -> T? {
        guard let value = json[key] else { return nil }
        guard let result = try read(value) else { throw fail(key, wanted) }
        return result
    }

    func required<T>(_ key: String, _ wanted: String, _ read: (JSON) throws -> T?) throws -> T {
        guard let result = try optional(key, wanted, read) else { throw fail(key, wanted) }
        return result
    }

    func instant(_ key: String) throws -> Instant { try required(key, "instant", \.instant) }
    func optionalInstant(_ key: String) throws -> Instant? { try optional(key, "instant", \.instant) }
    func optionalString(_ key: String) throws -> String? { try optional(key, "string", \.string) }
    func flag(_ key: String) throws -> Bool { try required(key, "truth value", \.bool) }
    func optionalFlag(_ key: String) throws -> Bool? { try optional(key, "truth value", \.bool) }
    func list<T>(_ key: String, _ wanted: String, _ read: (JSON) throws -> T?) throws -> [T] {
        try required(key, "list of \(wanted)", \.array).map { element in
            guard let result = try read(element) else { throw fail(key, "list of \(wanted)") }
            return result
        }
    }
    func object<T>(_ key: String, _ read: (StateReader) throws -> T) throws -> T? {
        try optional(key, "object") { try read(StateReader($0, owner: owner)) }
    }
    func status(_ key: String) throws -> CheckStatus? { try optional(key, "check status") { $0.string.flatMap(CheckStatus.init(rawValue:)) } }
}

extension Instant {
    /// The instant as a saved state holds it: UTC, to the millisecond.
    var state: JSON { JSON(self, offset: .zero) }
}
