import Messages
import Regulation
import Schemas
import Values

/// A message to measure with: one of the text in force, as the example in its schema says it.
struct Sample {
    let type: MessageType
    let sender: PartyID
    private let form: MessageSchema

    /// Who tells what is due by law within a fixed time: it goes to its addressee's urgent queue.
    static func notice() throws -> Sample {
        let duty = Regulation.standard.duties.first { duty in
            if duty.due.basis == .law, case .within? = duty.due.cases.first?.term { true } else { false }
        }
        return try Sample(duty?.fulfilledBy.first?.type, "is due by law within a fixed time") { _ in true }
    }

    /// Whether a device is in operation: it goes to the ledger alone.
    static func status() throws -> Sample {
        try Sample(Regulation.standard.operations.first?.shownBy, "shows that a device is in operation") { _ in true }
    }

    /// What an agency says to one party and nothing follows from, as an opinion that it gives.
    static func ordinary() throws -> Sample {
        let text = Regulation.standard
        let openings = text.duties.flatMap { duty -> [String] in if case .messages(let matchers) = duty.opening { matchers.map(\.type) } else { [] } }
        let isMeant = { (party: PartyID) in party != text.lead && text.party(party)?.isAgency == true }
        let type = text.messageTypes.first { type in
            type.owesReceipt && !type.isUrgent && type.isAddressable && type.to.isEmpty && !openings.contains(type.name) && type.from.contains(where: isMeant)
        }
        return try Sample(type?.name, "is said to one party alone", isMeant)
    }

    private init(_ type: String?, _ what: String, _ isSender: (PartyID) -> Bool) throws {
        guard let type = type.flatMap(Regulation.standard.messageType), let form = type.schema, let sender = type.from.first(where: isSender) else {
            throw BenchError("the regulation has no message that \(what)")
        }
        (self.type, self.sender, self.form) = (type, sender, form)
    }

    /// What it says, all of it at one time.
    func data(at time: Instant) -> JSON {
        var data = form.example ?? JSONObject()
        for field in form.fields where field.kind == .instant && data[field.name] != nil {
            data[field.name] = JSON(time, offset: Regulation.standard.calendar.offset)
        }
        return .object(data)
    }

    /// The message.
    func event(id: String, subject: String? = nil, at time: Instant) -> Event {
        Event(id: id, sender: sender, type: type.name, subject: subject, time: time, data: data(at: time))
    }
}
