extension MessageSchema {
    /// A member's name as a flag of a command line, without its hyphens: `occurred-at` for `occurredAt`.
    public static func flag(_ name: String) -> String { name.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) } }

    /// One member of a message, as people and command lines need to know it.
    public struct Field: Sendable {
        /// What values a member takes.
        public enum Kind: Hashable, Sendable {
            /// Free text, an id, a time of day.
            case text
            /// An instant, RFC 3339 with an explicit offset.
            case instant
            /// A day, `2026-03-14`.
            case date
            /// A whole number.
            case integer
            /// A number.
            case number
            /// True or false.
            case flag
            /// One of these values.
            case choice([String])
            /// A list; `Field.members` tells the members of its elements, if they are objects.
            case list
            /// An object; `Field.members` tells its members.
            case object
        }

        /// The member's name.
        public let name: String
        /// What values it takes.
        public let kind: Kind
        /// Whether it must be present.
        public let isRequired: Bool
        /// Whether it is an instant at which something happened, and so cannot lie ahead; otherwise `x-tells` says that it is a plan.
        public let tellsThePast: Bool
        /// The members of the object, or of each object in the list; empty for every other kind.
        public let members: [Field]

        /// What it says, in a sentence for the officer who fills it in.
        public let description: Words
        /// What each value of a choice means; empty for every other kind.
        public let labels: [String: Words]

        init(_ member: ObjectRule.Member) {
            name = member.name
            isRequired = member.isRequired
            description = member.description
            switch member.rule {
            case .choice(let choices): labels = Dictionary(uniqueKeysWithValues: choices.map { ($0.value, $0.label) })
            default: labels = [:]
            }
            kind = member.rule.kind
            tellsThePast = kind == .instant && !member.isPlan
            switch member.rule {
            case .object(let object): members = object.members.map(Field.init)
            case .list(let list):
                if case .object(let object) = list.element { members = object.members.map(Field.init) } else { members = [] }
            default: members = []
            }
        }
    }

    /// The member of a name, in an object or in the objects of a list by a path such as `devices.lost.cause`; nil where there is none.
    public func field(_ path: String) -> Field? {
        var members = fields
        var found: Field?
        for name in path.split(separator: ".") {
            found = members.first { $0.name == name }
            members = found?.members ?? []
        }
        return found
    }
}
