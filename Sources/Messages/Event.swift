import Regulation
import Values

/// One message between the parties: a CloudEvents 1.0 event in structured JSON, as the wire contract lays down.
public struct Event: Sendable, Hashable {
    /// Unique for ever; a UUID from a party, derived and readable from the coordinator.
    public var id: String
    /// The party that says it (`source`, `/parties/<id>` on the wire).
    public var sender: PartyID
    /// Noun and verb, `incident.notified`.
    public var type: String
    /// The case it belongs to: an incident, a submission, a report.
    public var subject: String?
    /// The sender's clock when it was written.
    public var time: Instant
    /// What is said; its shape is `schemas/messages/<type>.v1.json`.
    public var data: JSON
    /// The event that began the exchange.
    public var correlationID: String?
    /// The event that caused this one.
    public var causationID: String?
    /// Whether it belongs to a drill.
    public var exercise: Bool
    /// W3C trace context, carried on as it came.
    public var traceparent: String?
    /// On the coordinator's records, the id of the `coordinator.elected` under which it speaks.
    public var election: String?

    /// An event of these parts.
    public init(
        id: String, sender: PartyID, type: String, subject: String? = nil, time: Instant, data: JSON, correlationID: String? = nil,
        causationID: String? = nil, exercise: Bool = false, traceparent: String? = nil, election: String? = nil
    ) {
        (self.id, self.sender, self.type, self.subject, self.time, self.data) = (id, sender, type, subject, time, data)
        (self.correlationID, self.causationID, self.exercise, self.traceparent, self.election) = (correlationID, causationID, exercise, traceparent, election)
    }

    /// The media type of a message's body.
    public static let contentType = "application/cloudevents+json"
    /// The largest body, in bytes.
    public static let maximumBytes = 262_144
    /// What stands before a party's id in `source`.
    static let sourcePrefix = "/parties/"

    /// Whether it says yes to the message that it confirms.
    public var saysYes: Bool { data["outcome"]?.string == "confirmed" }

    /// A member by its path: `data.occurredAt`, or `time`.
    public subscript(path: FieldPath) -> JSON? {
        let keys = path.keys
        if keys.first == "data" {
            // Nearly all paths lead to a member of the data itself.
            return keys.count == 2 ? data[keys[1]] : data[path: keys.dropFirst()]
        }
        // Not a conditional expression: in one, `nil` would be JSON's null.
        guard keys == ["time"] else { return nil }
        return JSON(time, offset: .zero)
    }

    /// The envelope as JSON, times at an offset from UTC.
    public func json(offset: Span) -> JSON {
        .compact([
            "specversion": "1.0", "id": .string(id), "source": .string(Event.sourcePrefix + sender),
            "type": .string(MessageType.eventTypePrefix + type + MessageType.eventTypeSuffix), "subject": subject.map { .string($0) },
            "time": JSON(time, offset: offset), "datacontenttype": "application/json", "dataschema": .string("urn:phoihop:schemas:\(type).v1"),
            "correlationid": correlationID.map { .string($0) }, "causationid": causationID.map { .string($0) },
            "exercise": exercise ? true : nil, "traceparent": traceparent.map { .string($0) }, "election": election.map { .string($0) }, "data": data,
        ])
    }

    /// The body as it goes over the wire.
    public func encoded(offset: Span) -> [UInt8] { json(offset: offset).bytes }
}

/// A routing key: `<party>.<noun>.<verb>.<to>`.
public struct RoutingKey: Sendable, Hashable, CustomStringConvertible {
    /// Who says it.
    public var sender: PartyID
    /// Noun and verb.
    public var type: String
    /// The addressee that the case decides, or `all`, the regulation's fixed addressees.
    public var to: String

    /// The fixed addressees.
    public static let all = "all"

    /// A key of these parts.
    public init(sender: PartyID, type: String, to: String = RoutingKey.all) { (self.sender, self.type, self.to) = (sender, type, to) }

    /// Reads a key; nil where it has not four parts.
    public init?(_ text: String) {
        // By bytes: dividing into characters would cost more than the rest of reading a message.
        let (bytes, dot) = (text.utf8, UInt8(ascii: "."))
        guard let first = bytes.firstIndex(of: dot), let last = bytes.lastIndex(of: dot), first < last else { return nil }
        let type = bytes[bytes.index(after: first)..<last]
        guard let middle = type.firstIndex(of: dot), type[type.index(after: middle)...].firstIndex(of: dot) == nil else { return nil }
        let to = bytes[bytes.index(after: last)...]
        guard first > bytes.startIndex, middle > type.startIndex, type.index(after: middle) < type.endIndex, !to.isEmpty else { return nil }
        self.init(sender: String(Substring(bytes[..<first])), type: String(Substring(type)), to: String(Substring(to)))
    }

    /// The addressee in a key, if it is one of this sender and type; nil where it is not.
    public static func addressee(in text: String, sender: PartyID, type: String) -> String? {
        // Most of the key is known: no more than the addressee is taken out of it.
        let (sent, said) = (sender.utf8.count, type.utf8.count)
        guard text.hasPrefix(sender), text.utf8.count > sent + said + 2 else { return nil }
        let rest = text.utf8.dropFirst(sent)
        let to = rest.dropFirst(said + 2)
        guard rest.first == UInt8(ascii: "."), Substring(rest.dropFirst().prefix(said)) == type, rest.dropFirst(said + 1).first == UInt8(ascii: "."),
            !to.contains(UInt8(ascii: "."))
        else { return nil }
        return String(Substring(to))
    }

    /// With dots between the parts.
    public var description: String { "\(sender).\(type).\(to)" }
}

/// What the broker carried beside the body: its properties and its routing.
public struct Carriage: Sendable, Hashable {
    /// The exchange it was published to.
    public var exchange: String
    /// The routing key as published.
    public var routingKey: String
    /// The `user_id` property, which the broker has checked if it is there.
    public var userID: String?
    /// The `message_id` property.
    public var messageID: String?
    /// The `content_type` property.
    public var contentType: String?
    /// Whether the headers hold `CC` or `BCC`, or the properties an `expiration`, which the broker obeys without checking.
    public var hasForbiddenProperties: Bool

    /// A carriage of these parts.
    public init(
        exchange: String, routingKey: String, userID: String?, messageID: String?, contentType: String?, hasForbiddenProperties: Bool = false
    ) {
        (self.exchange, self.routingKey, self.userID, self.messageID) = (exchange, routingKey, userID, messageID)
        (self.contentType, self.hasForbiddenProperties) = (contentType, hasForbiddenProperties)
    }
}
