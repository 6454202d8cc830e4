import Messages
import Regulation
import Values

/// What the coordinator says to a single party about a message of its own or one that it lacks.
enum Answer {
    /// The id under which a message is sent again to a party.
    static func forwardedID(_ id: String, to party: PartyID) -> String { "\(id)/forwarded/\(party)" }

    /// A message sent again to a party from which no receipt came, the original inside.
    static func forwarded(_ event: Event, routingKey: String, to: PartyID, rules: Regulation) -> Decision {
        let wording = fill("forwarded", to: to, rules: rules) { name, language in
            switch name {
            case "message": typeTitle(event.type, language)
            case "sender": rules.party(event.sender)?.name[language] ?? event.sender
            case "time": Phrase.time(event.time, language, offset: rules.calendar.offset)
            default: nil
            }
        }
        return Decision(
            id: forwardedID(event.id, to: to), type: "message.forwarded", to: to, subject: event.subject,
            data: [
                "original": .string(String(decoding: event.encoded(offset: rules.calendar.offset), as: UTF8.self)), "originalRoutingKey": .string(routingKey),
                "to": .string(to), "reason": "no receipt", "wording": wording.json,
            ], exercise: event.exercise, causationID: event.id)
    }

    /// The word to a sender that its message does not count. Where the sender is not known, the Department is told. What stands in the refused message is
    /// anybody's, and is cut to what a notice may hold: a notice that no reader takes would be sent for ever.
    static func refused(_ refusal: Refusal, body: [UInt8], routingKey: String, rules: Regulation) -> Decision {
        let known = refusal.sender.flatMap { rules.party($0) }.flatMap { $0.role == .system ? nil : $0.id }
        let to = known ?? "information-dept"
        // A user whose name is no party's form is told in the wording alone.
        let sender = refusal.sender.flatMap { rules.party($0)?.id }
        let wording = fill("refused", to: to, rules: rules) { name, language in
            switch name {
            case "sender": known.flatMap { rules.party($0)?.name[language] } ?? refusal.sender.map(excerpt) ?? "?"
            case "message": typeTitle(refusal.type.map(excerpt) ?? "?", language)
            case "id": refusal.eventID.map(excerpt) ?? "?"
            case "time": refusal.writtenAt.map { Phrase.time($0, language, offset: rules.calendar.offset) } ?? "?"
            case "reason": refusal.reason[language]
            case "remedy": refusal.remedy[language]
            case "phone": rules.party("information-dept")?.phone ?? rules.wordings["no-phone"]?[language] ?? ""
            default: nil
            }
        }
        let digest = fnv1a(Array(routingKey.utf8) + [0] + Array((refusal.sender ?? "?").utf8) + [0] + body)
        return Decision(
            id: "refused/\(digest)/\(to)", type: "message.refused", to: to,
            data: .compact([
                "refused": clipped(refusal.eventID, 255).map { .string($0) }, "sender": sender.map { .string($0) },
                "messageType": clipped(refusal.type, 100).map { .string($0) },
                "writtenAt": refusal.writtenAt.map { JSON($0, offset: rules.calendar.offset) }, "reason": .string(refusal.reason.en),
                "remedy": .string(refusal.remedy.en), "to": .string(to), "wording": wording.json,
                "excerpt": clipped(String(decoding: body.prefix(400), as: UTF8.self), 200).map { .string($0) },
            ]), exercise: false, causationID: nil)
    }

    /// What a sender wrote, cut to what a message of ours may hold; nil where nothing is left.
    private static func clipped(_ text: String?, _ limit: Int) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    }

    private static func typeTitle(_ type: String, _ language: Language) -> String { type }

    private static func fill(_ name: String, to: PartyID, rules: Regulation, _ value: (String, Language) -> String?) -> Wording {
        guard let template = rules.wordings[name] else { return Wording(vi: name, en: name) }
        return template.map { language, text in
            var result = text
            for key in ["message", "sender", "time", "id", "reason", "remedy", "phone"] {
                if let value = value(key, language) { result = result.replacing("{\(key)}", with: value) }
            }
            result = result.replacing("{to}", with: rules.party(to)?.name[language] ?? to)
            return result + " " + (rules.wordings["footer"]?[language] ?? "")
        }
    }
}
