import Schemas
import Values

/// Data of one message type in which one member stands at an end of what its schema allows, or just beyond it.
struct Extreme {
    /// The member and what it is: `/devices/0/cause: longest`.
    var label: String
    /// The data.
    var data: JSON
    /// Whether the schema allows it.
    var isAllowed: Bool
}

/// What a schema allows at its ends, drawn from the schema's own file, so that a new member or type is met without a change here.
struct Extremes {
    private let file: JSON
    /// What stands for members by their name, so that the others are met by a message that the fold takes in.
    private let known: [String: JSON]

    init?(of type: String, known: [String: JSON] = [:]) {
        guard let text = Schemas.message(type + ".v1"), let file = try? JSON(parsing: text) else { return nil }
        (self.file, self.known) = (file, known)
    }

    /// All of them, each once.
    var all: [Extreme] {
        let values = self.values(of: file, example: file["examples"]?.array?.first, name: nil)
        return [Extreme(label: "plain", data: values.plain, isAllowed: true)]
            + values.allowed.map { Extreme(label: $0.label, data: $0.value, isAllowed: true) }
            + values.wrong.map { Extreme(label: $0.label, data: $0.value, isAllowed: false) }
    }

    private struct Values {
        var plain: JSON
        var allowed: [(label: String, value: JSON)] = []
        var wrong: [(label: String, value: JSON)] = []
    }

    private func values(of schema: JSON, example: JSON?, name: String?) -> Values {
        if let target = schema["$ref"]?.string, let definition = file[path: ["$defs", String(target.dropFirst(8))]] {
            return values(of: definition, example: example, name: name)
        }
        var values: Values
        if let constant = schema["const"] {
            values = Values(plain: constant, wrong: [("no constant", "khác")])
        } else if let choices = schema["enum"]?.array {
            values = Values(plain: example ?? choices[0], allowed: choices.map { ("choice \($0.text)", $0) }, wrong: [("no choice", "khác"), ("empty", "")])
        } else {
            switch schema["type"]?.string {
            case "string": values = texts(of: schema, example: example)
            case "integer": values = integers(of: schema, example: example)
            case "number": values = numbers(of: schema, example: example)
            case "boolean": values = Values(plain: example ?? true, allowed: [("true", true), ("false", false)], wrong: [("a text", "true")])
            case "array": values = lists(of: schema, example: example)
            default: values = objects(of: schema, example: example)
            }
        }
        if let value = name.flatMap({ known[$0] }) { values.plain = value }
        return values
    }

    // MARK: Texts and numbers

    /// The shortest and the longest text of each pattern that the schemas know.
    private static let forms: [String: (shortest: String, longest: @Sendable (Int) -> String)] = [
        "^[a-z0-9-]+$": ("-", { String(repeating: "z", count: $0) }),
        "^[0-9a-f]{64}$": (String(repeating: "0", count: 64), { _ in String(repeating: "f", count: 64) }),
        "^[a-z-]+\\.[a-z-]+$": ("-.-", { String(repeating: "z", count: $0 - 2) + ".z" }),
        "^[a-z0-9-]+\\.[a-z0-9-]+$": ("0.0", { String(repeating: "z", count: $0 - 2) + ".z" }),
        "^([01][0-9]|2[0-3]):[0-5][0-9]$": ("00:00", { _ in "23:59" }),
        "^[0-9+][0-9 ./()-]*$": ("113", { "+" + String(repeating: "9", count: $0 - 1) }),
    ]

    private func texts(of schema: JSON, example: JSON?) -> Values {
        func named(_ texts: [String]) -> [(String, JSON)] { texts.map { ($0, .string($0)) } }
        switch schema["format"]?.string {
        case "date":
            return Values(
                plain: example ?? "2030-06-03", allowed: named(["1900-01-01", "2199-12-31", "2024-02-29", "2030-06-03"]),
                wrong: named(["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "2026-02-29", "2026-00-00", ""]))
        case "date-time":
            return Values(
                plain: example ?? "2030-06-03T08:00:00+07:00",
                allowed: named([
                    "1900-01-01T00:00:00+07:00", "1900-01-01T00:00:00+23:59", "2199-12-31T23:59:59.999+07:00", "2199-12-31T23:59:59.999-23:59",
                    "1970-01-01T00:00:00Z", "2030-06-03T08:59:59.999+07:00",
                ]),
                wrong: named(["0001-01-01T00:00:00Z", "1899-12-30T23:59:59Z", "2200-01-02T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-03-14T19:12:00", ""]))
        case "uuid":
            let (least, most) = ("00000000-0000-0000-0000-000000000000", "ffffffff-FFFF-ffff-FFFF-ffffffffffff")
            return Values(plain: example ?? .string(least), allowed: named([least, most]), wrong: named([String(least.dropLast()), least + "0", ""]))
        default: break
        }
        let (least, most) = (Int(schema["minLength"]?.int ?? 0), Int(schema["maxLength"]?.int ?? 1000))
        if let pattern = schema["pattern"]?.string {
            guard let form = Extremes.forms[pattern] else { preconditionFailure("for the pattern \(pattern) this test knows no text") }
            let longest = form.longest(most)
            return Values(
                plain: example ?? .string(longest), allowed: [("shortest", .string(form.shortest)), ("longest", .string(longest))],
                wrong: [("empty", ""), ("longer", .string(longest + "0")), ("NUL", .string(form.shortest + "\0"))])
        }
        func filled(_ character: Unicode.Scalar, _ count: Int) -> JSON { .string(String(String.UnicodeScalarView(repeatElement(character, count: count)))) }
        let few = max(least, min(most, 100))
        return Values(
            plain: example ?? filled("x", max(1, least)),
            allowed: [
                ("shortest", filled("x", least)), ("longest", filled("x", most)), ("longest, four bytes each", filled("\u{1F600}", most)),
                // What is odd about a character shows in a few of them.
                ("marks alone", filled("\u{0301}", few)), ("NUL", filled("\0", few)), ("right to left", filled("\u{202E}", few)),
                ("brackets", filled("[", few)), ("braces", filled("{", few)), ("slashes", filled("/", few)),
                ("a placeholder", .string(String("{held}{explained}{course}]".prefix(most)))),
            ].filter { (least...most).contains($0.value.string?.unicodeScalars.count ?? 0) },
            wrong: [("longer", filled("x", most + 1)), ("a number", 1), ("null", nil)] + (least > 0 ? [("shorter", filled("x", least - 1))] : []))
    }

    private func integers(of schema: JSON, example: JSON?) -> Values {
        let (least, most) = (schema["minimum"]?.int ?? .min, schema["maximum"]?.int ?? .max)
        var values = Values(plain: example ?? .int(least), allowed: [("least", .int(least)), ("greatest", .int(most))])
        if (least...most).contains(0) { values.allowed.append(("zero", 0)) }
        values.wrong = [("a fraction", 1.5), ("a text", "1"), ("too large for 64 bits", .double(9.3e18))]
        if least > .min { values.wrong += [("less", .int(least - 1)), ("the least of 64 bits", .int(.min))] }
        if most < .max { values.wrong += [("more", .int(most + 1)), ("the greatest of 64 bits", .int(.max))] }
        return values
    }

    private func numbers(of schema: JSON, example: JSON?) -> Values {
        let (least, most) = (schema["minimum"]?.number ?? -.greatestFiniteMagnitude, schema["maximum"]?.number ?? .greatestFiniteMagnitude)
        let numbers = [least, most, 0, -0.0, .leastNonzeroMagnitude, 9.3e18, -9.3e18].filter { (least...most).contains($0) }
        return Values(
            plain: example ?? .double(most), allowed: numbers.map { ("\($0)", .double($0)) } + [("whole", .int(least <= 0 ? 0 : Int64(least)))],
            wrong: [("a text", "1"), ("null", nil)])
    }

    // MARK: Lists and objects

    private func lists(of schema: JSON, example: JSON?) -> Values {
        let element = self.values(of: schema["items"] ?? [:], example: example?.array?.first, name: nil)
        let (least, most) = (Int(schema["minItems"]?.int ?? 0), Int(schema["maxItems"]?.int ?? 100))
        func list(_ count: Int) -> JSON { .array(Array(repeating: element.plain, count: count)) }
        var values = Values(
            plain: example ?? list(max(1, least)), allowed: [("fewest", list(least)), ("most", list(most))],
            wrong: [("more", list(most + 1)), ("an object", [:])])
        if least > 0 { values.wrong.append(("fewer", list(least - 1))) }
        func with(_ value: JSON) -> JSON { .array([value] + Array(repeating: element.plain, count: max(0, least - 1))) }
        if most > 0 {
            values.allowed += element.allowed.map { ("0/" + $0.label, with($0.value)) }
            values.wrong += element.wrong.map { ("0/" + $0.label, with($0.value)) }
        }
        return values
    }

    private func objects(of schema: JSON, example: JSON?) -> Values {
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        let members = (schema["properties"]?.object?.members ?? []).map { member in
            (name: member.key, values: self.values(of: member.value, example: example?[member.key], name: member.key))
        }
        func object(_ value: (String, Values) -> JSON?) -> JSON {
            .object(JSONObject(members: members.compactMap { member in value(member.name, member.values).map { .init(key: member.name, value: $0) } }))
        }
        /// Of the members that need not be there, those of the example.
        func usual(_ name: String, _ values: Values) -> JSON? {
            guard required.contains(name) || example?[name] != nil || known[name] != nil else { return nil }
            return values.plain
        }
        // Not a conditional expression: in one, `nil` would be JSON's null.
        func needed(_ name: String, _ values: Values) -> JSON? {
            guard required.contains(name) else { return nil }
            return values.plain
        }
        var values = Values(plain: object(usual))
        values.allowed = [
            ("required alone", object(needed)), ("all members", object { $1.plain }),
            ("all first", object { $1.allowed.first?.value ?? $1.plain }), ("all last", object { $1.allowed.last?.value ?? $1.plain }),
            ("all second", object { ($1.allowed.dropFirst().first ?? $1.allowed.last)?.value ?? $1.plain }),
        ]
        for member in members {
            let base = known[member.name] != nil ? object { usual($0, $1) } : values.plain
            func with(_ value: JSON?) -> JSON {
                var changed = base.object ?? JSONObject()
                changed[member.name] = value
                return .object(changed)
            }
            values.allowed += member.values.allowed.map { ("\(member.name)/\($0.label)", with($0.value)) }
            values.wrong += member.values.wrong.map { ("\(member.name)/\($0.label)", with($0.value)) }
            if required.contains(member.name) {
                values.wrong.append(("no \(member.name)", with(nil)))
            } else {
                values.allowed.append(("no \(member.name)", with(nil)))
            }
        }
        if schema["additionalProperties"]?.bool == false {
            var changed = values.plain.object ?? JSONObject()
            changed["khac"] = 1
            values.wrong.append(("another member", .object(changed)))
        }
        values.wrong.append(("a list", []))
        return values
    }
}
