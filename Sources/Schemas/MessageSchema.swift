import Synchronization
import Values

/// What the `data` of one message type must look like: a file of `schemas/messages/`, compiled once into a tree of checks.
///
/// The files keep to a subset of JSON Schema 2020-12: `type`, `properties`, `required`, `additionalProperties`, `enum` of strings, `const`, `format`
/// (`date-time`, `date`, `uuid`), `minLength`, `maxLength`, `pattern` (see `Pattern`), `minimum`, `maximum`, `items`, `minItems`, `maxItems`, `$defs` with `$ref` to them,
/// annotations, and members beginning with `x-`: `x-tells` is `plan` for an instant that may lie ahead. In two points this reader is stricter than the standard: a whole number is written without fraction and
/// exponent and fits 64 bits (`2`, not `2.0`), since that is how `JSON` tells whole numbers from others; a `date-time` or a `date` lies in `CivilDate.years`.
public final class MessageSchema: Sendable {
    /// The message type, `incident.detected`.
    public let type: String
    /// The members of `data`, in the order of the file.
    public let fields: [Field]

    /// What the message is called, in a few words.
    public let title: Words
    /// What the message says, in a sentence.
    public let description: Words

    /// The schema as it was read.
    public let document: JSON

    /// The members of `data` that tell when something happened.
    public let pastMembers: [String]

    private let rule: Rule

    /// The schema built into this program of a message type in its first version: `incident.detected` finds `incident.detected.v1.json`. Nil for an unknown type.
    /// Each file is compiled at its first use and kept.
    public static func named(_ type: String) -> MessageSchema? {
        compiled.withLock { known in
            if let schema = known[type] { return schema }
            guard let text = Schemas.message(type + ".v1") else { return nil }
            do {
                let schema = try MessageSchema(type: type, parsing: text)
                known[type] = schema
                return schema
            } catch {
                preconditionFailure("schemas/messages/\(type).v1.json, built into this program: \(error)")
            }
        }
    }

    private static let compiled = Mutex<[String: MessageSchema]>([:])

    /// Compiles a schema. Refused: what is no JSON, what lies outside the subset, and what lacks its words in either language.
    public convenience init(type: String, parsing text: String) throws(SchemaError) {
        let document: JSON
        do { document = try JSON(parsing: text) } catch { throw SchemaError(pointer: "", reason: "\(error)") }
        try self.init(type: type, document)
    }

    /// Compiles a schema that was read before.
    public init(type: String, _ document: JSON) throws(SchemaError) {
        let compiler = SchemaCompiler(document: document)
        self.document = document
        self.type = type
        rule = try compiler.rule(document, at: "", depth: 0)
        guard case .object(let object) = rule else { throw SchemaError(pointer: "", reason: "data must be an object") }
        fields = object.members.map(Field.init)
        pastMembers = fields.filter(\.tellsThePast).map(\.name)
        title = try compiler.words("title", of: document, at: "")
        description = try compiler.words("description", of: document, at: "")
    }

    /// What is wrong with the `data` of a message; empty if it keeps the schema. At most `Problem.limit` are told.
    public func problems(in data: JSON) -> [Problem] {
        var problems: [Problem] = []
        rule.check(data, into: &problems)
        return problems
    }

    /// What is wrong with a value as one member of the `data`, whatever else that may hold; empty if it keeps the schema.
    public func problems(with value: JSON, as member: String) -> [Problem] {
        var problems: [Problem] = []
        if case .object(let object) = rule { object.check(value, as: member, into: &problems) }
        return problems
    }

    /// The first example of its data that the file gives.
    public var example: JSONObject? { document["examples"]?.array?.first?.object }
}

extension MessageSchema: Hashable {
    /// Two are the same where their files say the same.
    public static func == (a: MessageSchema, b: MessageSchema) -> Bool { a === b || (a.type == b.type && a.document == b.document) }

    /// Hashes the type, of which hardly ever two differ in their files.
    public func hash(into hasher: inout Hasher) { hasher.combine(type) }
}
