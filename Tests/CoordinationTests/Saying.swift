import Regulation
import Schemas
import Values

/// Something said at a time of the day: the example of its schema, with what the story changes in it.
struct Saying: Sendable {
    var at: String
    var sender: PartyID
    var type: String
    var subject: String
    var to = "all"
    /// Members that differ from the example; null takes one out.
    var changes: JSON = [:]

    init(_ at: String, _ sender: PartyID, _ type: String, _ subject: String, to: String = "all", _ changes: JSON = [:]) {
        (self.at, self.sender, self.type, self.subject, self.to, self.changes) = (at, sender, type, subject, to, changes)
    }

    var data: JSON {
        guard let schema = Schemas.message(type + ".v1"), let example = try? JSON(parsing: schema)["examples"]?.array?.first,
            var data = example.object
        else { preconditionFailure("\(type) has no example") }
        for member in changes.object?.members ?? [] {
            // Not a conditional expression: in one, `nil` would be JSON's null.
            if member.value == .null { data[member.key] = nil } else { data[member.key] = member.value }
        }
        return .object(data)
    }
}

extension Gate {
    @discardableResult
    mutating func hear(_ saying: Saying, at time: String? = nil) -> String {
        at(time ?? saying.at, saying.sender, saying.type, saying.subject, saying.data, to: saying.to)
    }
}
