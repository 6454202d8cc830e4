import Values

/// Why a schema cannot be compiled, and where in its file.
public struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The place in the schema, a JSON pointer.
    public let pointer: String
    /// What is wrong there.
    public let reason: String

    /// The place and the reason.
    public var description: String { "\(pointer.isEmpty ? "the schema" : pointer): \(reason)" }
}

/// Turns a JSON Schema into a `Rule`, refusing every keyword that would not be checked, so that no schema promises more than this program keeps.
struct SchemaCompiler {
    let document: JSON

    private static let annotations: Set = ["$schema", "$id", "$defs", "title", "description", "examples"]
    /// Deeper nesting can only be a definition that refers to itself.
    private static let maximumDepth = 16

    func rule(_ schema: JSON, at pointer: String, depth: Int) throws(SchemaError) -> Rule {
        guard case .object(let object) = schema else { throw error("a schema is an object", pointer) }
        guard depth <= SchemaCompiler.maximumDepth else { throw error("nested too deep, or a definition that refers to itself", pointer) }
        func keywords(_ allowed: String...) throws(SchemaError) {
            for member in object.members
            where !allowed.contains(member.key) && !member.key.hasPrefix("x-") && !SchemaCompiler.annotations.contains(member.key) {
                throw error("the keyword \"\(member.key)\" is outside the subset, or has no meaning here", pointer)
            }
        }
        if let reference = schema["$ref"] {
            try keywords("$ref")
            guard let target = reference.string, target.hasPrefix("#/$defs/"), let definition = document[path: ["$defs", String(target.dropFirst(8))]] else {
                throw error("$ref leads to no definition of this file", pointer)
            }
            return try rule(definition, at: String(target.dropFirst()), depth: depth + 1)
        }
        if let constant = schema["const"] {
            try keywords("const")
            return .constant(constant)
        }
        switch schema["type"]?.string {
        case "string" where schema["enum"] != nil:
            try keywords("type", "enum")
            return try choices(schema, at: pointer)
        case "string":
            try keywords("type", "format", "minLength", "maxLength", "pattern")
            return try text(schema, at: pointer)
        case "integer":
            try keywords("type", "minimum", "maximum")
            return .integer(minimum: try integer("minimum", of: schema, at: pointer), maximum: try integer("maximum", of: schema, at: pointer))
        case "number":
            try keywords("type", "minimum", "maximum")
            return .number(minimum: try number("minimum", of: schema, at: pointer), maximum: try number("maximum", of: schema, at: pointer))
        case "boolean":
            try keywords("type")
            return .flag
        case "array":
            try keywords("type", "items", "minItems", "maxItems")
            let element = try schema["items"].map { (items) throws(SchemaError) in try rule(items, at: pointer + "/items", depth: depth + 1) } ?? .anything
            let (minimum, maximum) = (try count("minItems", of: schema, at: pointer), try count("maxItems", of: schema, at: pointer))
            return .list(ListRule(element: element, minimumCount: minimum ?? 0, maximumCount: maximum ?? .max))
        case "object":
            try keywords("type", "properties", "required", "additionalProperties")
            return try members(schema, at: pointer, depth: depth)
        default: throw error("\"type\" is missing, or is none of string, integer, number, boolean, array, object", pointer)
        }
    }

    /// A text of the schema in both languages: the keyword itself is English, `x-` and the keyword holds the Vietnamese.
    func words(_ keyword: String, of schema: JSON, at pointer: String) throws(SchemaError) -> MessageSchema.Words {
        guard let en = schema[keyword]?.string, let vi = schema["x-" + keyword]?["vi"]?.string, !en.isEmpty, !vi.isEmpty else {
            throw error("\"\(keyword)\" or \"x-\(keyword)\" with \"vi\" is missing", pointer)
        }
        return MessageSchema.Words(vi: vi, en: en)
    }

    private func choices(_ schema: JSON, at pointer: String) throws(SchemaError) -> Rule {
        guard let values = schema["enum"]?.array, !values.isEmpty else { throw error("\"enum\" is no list of texts", pointer) }
        var choices: [Rule.Choice] = []
        for value in values {
            guard let value = value.string else { throw error("\"enum\" is no list of texts", pointer) }
            guard let vi = schema[path: ["x-labels", value, "vi"]]?.string, let en = schema[path: ["x-labels", value, "en"]]?.string else {
                throw error("\"x-labels\" does not say in both languages what \"\(value)\" means", pointer)
            }
            choices.append(.init(value: value, label: MessageSchema.Words(vi: vi, en: en)))
        }
        guard Set(choices.map(\.value)).count == choices.count else { throw error("\"enum\" names a value twice", pointer) }
        return .choice(choices)
    }

    private func text(_ schema: JSON, at pointer: String) throws(SchemaError) -> Rule {
        var format: TextRule.Format?
        if let name = schema["format"] {
            format = name.string.flatMap(TextRule.Format.init)
            guard format != nil else { throw error("\"format\" is none of date-time, date, uuid", pointer) }
        }
        var pattern: Pattern?
        var form: MessageSchema.Words?
        if let source = schema["pattern"] {
            guard let source = source.string else { throw error("\"pattern\" is no text", pointer) }
            do { pattern = try Pattern(source) } catch { throw self.error("\"pattern\": \(error)", pointer) }
            guard let vi = schema[path: ["x-form", "vi"]]?.string, let en = schema[path: ["x-form", "en"]]?.string else {
                throw error("\"x-form\" does not say in both languages what the pattern asks for", pointer)
            }
            form = MessageSchema.Words(vi: vi, en: en)
        }
        let (minimum, maximum) = (try count("minLength", of: schema, at: pointer), try count("maxLength", of: schema, at: pointer))
        return .text(TextRule(format: format, minimumLength: minimum ?? 0, maximumLength: maximum ?? .max, pattern: pattern, form: form))
    }

    /// Whether an instant is one that may lie ahead; `x-tells` says so, and has nothing else to say.
    private func isPlan(_ schema: JSON, at pointer: String) throws(SchemaError) -> Bool {
        guard let tells = schema["x-tells"] else { return false }
        guard tells.string == "plan", schema["format"] == "date-time" else { throw error("\"x-tells\" can only be \"plan\", of a date-time", pointer) }
        return true
    }

    private func members(_ schema: JSON, at pointer: String, depth: Int) throws(SchemaError) -> Rule {
        let isOpen: Bool
        switch schema["additionalProperties"] {
        case nil, .bool(true): isOpen = true
        case .bool(false): isOpen = false
        default: throw error("\"additionalProperties\" is neither true nor false", pointer)
        }
        guard case .object(let properties) = schema["properties"] ?? [:] else { throw error("\"properties\" is no object", pointer) }
        guard properties.members.count <= ObjectRule.maximumMembers else { throw error("more than \(ObjectRule.maximumMembers) members", pointer) }
        guard let required = (schema["required"] ?? []).array?.map(\.string) else { throw error("\"required\" is no list", pointer) }
        for name in required where name.flatMap({ properties[$0] }) == nil {
            throw error("\"required\" names a member that \"properties\" does not describe: \(name ?? "no text")", pointer)
        }
        var members: [ObjectRule.Member] = []
        for property in properties.members {
            let place = pointer + "/properties/" + property.key
            members.append(
                .init(
                    name: property.key, rule: try rule(property.value, at: place, depth: depth + 1), isRequired: required.contains(property.key),
                    isPlan: try isPlan(property.value, at: place),
                    description: try words("description", of: property.value, at: place)))
        }
        return .object(ObjectRule(members: members, isOpen: isOpen))
    }

    private func integer(_ keyword: String, of schema: JSON, at pointer: String) throws(SchemaError) -> Int64? {
        guard let value = schema[keyword] else { return nil }
        guard let integer = value.int else { throw error("\"\(keyword)\" is no whole number", pointer) }
        return integer
    }

    private func number(_ keyword: String, of schema: JSON, at pointer: String) throws(SchemaError) -> Double? {
        guard let value = schema[keyword] else { return nil }
        guard let number = value.number else { throw error("\"\(keyword)\" is no number", pointer) }
        return number
    }

    private func count(_ keyword: String, of schema: JSON, at pointer: String) throws(SchemaError) -> Int? {
        guard let value = try integer(keyword, of: schema, at: pointer) else { return nil }
        guard (0...1_000_000_000).contains(value) else { throw error("\"\(keyword)\" is negative or too large", pointer) }
        return Int(value)
    }

    private func error(_ reason: String, _ pointer: String) -> SchemaError { SchemaError(pointer: pointer, reason: reason) }
}
