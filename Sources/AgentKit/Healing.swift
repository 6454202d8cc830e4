import Foundation
import Messages
import Regulation
import Values

/// What an agent answers when it is asked for messages that are not on the ledger.
enum Healing {
    /// How many bytes of a message one testimony holds: in base64 it stays well below what a message may have.
    static let partBytes = 128 * 1024

    /// The ids of the messages that an inquiry asks for, of its kind.
    static func ids(in event: Event, wanted: String) -> Set<String> {
        guard event.type == SystemType.messageMissing, event.data["wanted"]?.string == wanted else { return [] }
        return Set((event.data["messages"]?.array ?? []).compactMap { $0["id"]?.string })
    }

    /// What a party testifies of a message that it received, in as many parts as its length needs. The ids follow from the message, so that a testimony given
    /// twice counts once.
    static func testimonies(to entry: Inbox.Entry, by party: PartyID, at now: Instant, offset: Span) -> [Event] {
        let body = entry.body ?? entry.event.encoded(offset: offset)
        let parts = stride(from: 0, to: body.count, by: partBytes).map { body[$0..<min($0 + partBytes, body.count)] }
        return parts.enumerated().map { index, part in
            Event(
                id: "recovered-\(party)-\(fnv1a(Array(entry.event.id.utf8)))-\(index + 1)", sender: party, type: SystemType.messageRecovered, time: now,
                data: .compact([
                    "id": .string(entry.event.id), "routingKey": .string(entry.routingKey), "userId": .string(entry.event.sender),
                    "receivedAt": JSON(entry.receivedAt, offset: offset), "part": parts.count > 1 ? .int(Int64(index + 1)) : nil,
                    "parts": parts.count > 1 ? .int(Int64(parts.count)) : nil, "body": .string(Data(part).base64EncodedString()),
                ]), exercise: entry.event.exercise)
        }
    }
}
