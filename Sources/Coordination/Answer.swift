import Messages
import Regulation
import Values

/// What the coordinator says to a single party about a message of its own or one that it lacks.
enum Answer {
    /// The id under which a message is sent again to a party.
    static func forwardedID(_ id: String, to party: PartyID) -> String { "\(id)/forwarded/\(party)" }

    /// A message sent again to a party from which no receipt came, the original inside.
    static func forwarded(_ event: Event, routingKey: String, to: PartyID, rules: Regulation) -> Decision {
        let wording = fill(["forwarded"], to: to, rules: rules) { name, language in
            switch name {
            case "message": typeTitle(event.type, language)
            case "sender": rules.party(event.sender)?.name[language] ?? event.sender
            case "time": Phrase.time(event.time, language, offset: rules.calendar.offset)
            default: nil
            }
        }
        return Decision(
            id: forwardedID(event.id, to: to), type: SystemType.messageForwarded, to: to, subject: event.subject,
            data: [
                "original": .string(String(decoding: event.encoded(offset: rules.calendar.offset), as: UTF8.self)), "originalRoutingKey": .string(routingKey),
                "to": .string(to), "reason": "no receipt", "wording": wording.json,
            ], exercise: event.exercise, causationID: event.id)
    }

    /// Whom a refusal is told to: the sender, or the party that leads where the sender is not known.
    static func recipient(of refusal: Refusal, rules: Regulation) -> PartyID {
        refusal.sender.flatMap { rules.party($0) }.flatMap { $0.role == .system ? nil : $0.id } ?? rules.lead
    }

    /// The word to a sender that its messages do not count: of the first it says why, others it names, the rest it counts. What stands in a refused message is
    /// anybody's, and is cut to what a notice may hold: a notice that no reader takes would be sent for ever.
    ///
    /// - Parameter phone: the telephone number of the party that leads.
    static func refused(_ word: RefusalLine.Gathering, to: PartyID, phone: String?, rules: Regulation) -> Decision {
        let members = word.members.prefix(RefusalLine.named)
        guard let first = members.first else { preconditionFailure("a word about refused messages is about one of them at least") }
        let refusal = first.refusal
        let offset = rules.calendar.offset
        let known = refusal.sender.flatMap { rules.party($0) }.flatMap { $0.role == .system ? nil : $0.id }
        // A user whose name is no party's form is told in the wording alone.
        let sender = refusal.sender.flatMap { rules.party($0)?.id }
        let others = members.dropFirst()
        let wording = fill(word.count > 1 ? ["refused", "refused-more"] : ["refused"], to: to, rules: rules) { name, language in
            switch name {
            case "sender": known.flatMap { rules.party($0)?.name[language] } ?? refusal.sender.map(excerpt) ?? "?"
            case "message": typeTitle(refusal.type.map(excerpt) ?? "?", language)
            case "id": refusal.eventID.map(excerpt) ?? "?"
            case "time": refusal.writtenAt.map { Phrase.time($0, language, offset: offset) } ?? "?"
            case "reason": refusal.reason[language]
            case "remedy": refusal.remedy[language]
            case "phone": phone ?? rules.wordings["no-phone"]?[language] ?? ""
            case "count": "\(word.count - 1)"
            case "ids": others.prefix(5).map { $0.refusal.eventID.map(excerpt) ?? "?" }.joined(separator: ", ") + (word.count > 6 ? ", …" : "")
            default: nil
            }
        }
        let digest = word.count == 1 ? first.digest : fnv1a(members.flatMap { Array($0.digest.utf8) + [0] } + Array("\(word.count)".utf8))
        return Decision(
            id: "refused/\(digest)/\(to)", type: SystemType.messageRefused, to: to,
            data: .compact([
                "refused": clipped(refusal.eventID, 255).map { .string($0) }, "sender": sender.map { .string($0) },
                "messageType": clipped(refusal.type, 100).map { .string($0) },
                "writtenAt": refusal.writtenAt.map { JSON($0, offset: offset) }, "reason": .string(refusal.reason.en),
                "remedy": .string(refusal.remedy.en), "to": .string(to), "wording": wording.json,
                "excerpt": first.excerpt.map { .string($0) }, "count": word.count > 1 ? .int(Int64(word.count)) : nil,
                "others": others.isEmpty
                    ? nil
                    : .array(
                        others.map { other in
                            .compact([
                                "refused": clipped(other.refusal.eventID, 255).map { .string($0) },
                                "messageType": clipped(other.refusal.type, 100).map { .string($0) },
                                "writtenAt": other.refusal.writtenAt.map { JSON($0, offset: offset) }, "reason": .string(other.refusal.reason.en),
                            ])
                        }),
            ]), exercise: false, causationID: nil)
    }

    /// What a sender wrote, cut to what a message of ours may hold; nil where nothing is left.
    static func clipped(_ text: String?, _ limit: Int) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    }

    private static func typeTitle(_ type: String, _ language: Language) -> String { type }

    private static func fill(_ names: [String], to: PartyID, rules: Regulation, _ value: (String, Language) -> String?) -> Wording {
        let templates = names.compactMap { rules.wordings[$0] }
        guard !templates.isEmpty else { return Wording(vi: names[0], en: names[0]) }
        func filled(_ language: Language) -> String {
            var result = templates.map { $0[language] }.joined(separator: " ")
            for key in ["message", "sender", "time", "count", "ids", "id", "reason", "remedy", "phone"] {
                if let value = value(key, language) { result = result.replacing("{\(key)}", with: value) }
            }
            result = result.replacing("{to}", with: rules.party(to)?.name[language] ?? to)
            return result + " " + (rules.wordings["footer"]?[language] ?? "")
        }
        return Wording(vi: filled(.vi), en: filled(.en))
    }
}
