import AMQP
import Messages
import Regulation
import Topology
import Values

extension Carriage {
    /// What the broker carried beside a delivery's body.
    public init(_ delivery: Delivery) {
        let wasForbidden = delivery.exchange == Topology.restore && delivery.headers[Topology.forbiddenHeader] != nil
        let forbidden = wasForbidden || delivery.expiration != nil || delivery.headers["CC"] != nil || delivery.headers["BCC"] != nil
        self.init(
            exchange: delivery.exchange, routingKey: delivery.routingKey, userID: delivery.userID, messageID: delivery.messageID,
            contentType: delivery.contentType, hasForbiddenProperties: forbidden)
    }
}

extension Publishing {
    /// A message as the wire contract wants it: persistent, mandatory, under its id and its sender's account. Times in the body are at `offset` from UTC.
    public init(_ event: Event, to: String, offset: Span) {
        self.init(id: event.id, sender: event.sender, type: event.type, to: to, body: event.encoded(offset: offset))
    }

    /// The same, of a body that is encoded already.
    public init(id: String, sender: PartyID, type: String, to: String, body: [UInt8]) {
        self.init(
            exchange: Topology.exchange, routingKey: RoutingKey(sender: sender, type: type, to: to).description, body: body, contentType: Event.contentType,
            messageID: id, userID: sender)
    }
}
