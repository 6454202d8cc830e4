/// A message to send.
public struct Publishing: Sendable {
    /// The exchange; empty for the default exchange.
    public var exchange: String
    /// The routing key.
    public var routingKey: String
    /// The payload.
    public var body: [UInt8]
    /// MIME type of the body.
    public var contentType: String?
    /// The sender's id for the message. Should be unique: it helps to tell which message a refusal is about.
    public var messageID: String?
    /// The sending user; the broker refuses any other than the connection's.
    public var userID: String?
    /// The id of what this answers.
    public var correlationID: String?
    /// Where answers go.
    public var replyTo: String?
    /// The application's name for the kind of message.
    public var type: String?
    /// Headers. `FieldValue.other` cannot be sent.
    public var headers: FieldTable
    /// Whether the message survives a restart of the broker.
    public var persistent: Bool
    /// Whether a message that reaches no queue is an error (`.returned`).
    public var mandatory: Bool

    /// A message; persistent and mandatory unless told otherwise.
    public init(
        exchange: String, routingKey: String, body: [UInt8], contentType: String? = nil, messageID: String? = nil, userID: String? = nil,
        correlationID: String? = nil, replyTo: String? = nil, type: String? = nil, headers: FieldTable = [:], persistent: Bool = true,
        mandatory: Bool = true
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.body = body
        self.contentType = contentType
        self.messageID = messageID
        self.userID = userID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.type = type
        self.headers = headers
        self.persistent = persistent
        self.mandatory = mandatory
    }
}

/// A message received.
public struct Delivery: Sendable {
    /// The payload.
    public var body: [UInt8]
    /// The exchange it was published to.
    public var exchange: String
    /// The key it was published with.
    public var routingKey: String
    /// The consumer it came to; empty if it was fetched with `get`.
    public var consumerTag: String
    /// Its number on the channel, meaningful only within `generation`.
    public var deliveryTag: UInt64
    /// Whether it may have been delivered before.
    public var redelivered: Bool
    /// MIME type of the body.
    public var contentType: String?
    /// The sender's id for the message.
    public var messageID: String?
    /// The sending user, as checked by the broker if set.
    public var userID: String?
    /// The id of what this answers.
    public var correlationID: String?
    /// Where answers go.
    public var replyTo: String?
    /// Time to live as the sender set it, in milliseconds, as text.
    public var expiration: String?
    /// The application's name for the kind of message.
    public var type: String?
    /// Headers, with nested ones as `FieldValue.other`. A message read from a stream has its offset in `x-stream-offset`.
    public var headers: FieldTable
    /// Which of the connection's channels it came by; acknowledgements of earlier generations are ignored.
    public var generation: UInt64

    /// A delivery, also for tests of what handles one.
    public init(
        body: [UInt8] = [], exchange: String = "", routingKey: String = "", consumerTag: String = "", deliveryTag: UInt64 = 0,
        redelivered: Bool = false, contentType: String? = nil, messageID: String? = nil, userID: String? = nil, correlationID: String? = nil,
        replyTo: String? = nil, expiration: String? = nil, type: String? = nil, headers: FieldTable = [:], generation: UInt64 = 0
    ) {
        self.body = body
        self.exchange = exchange
        self.routingKey = routingKey
        self.consumerTag = consumerTag
        self.deliveryTag = deliveryTag
        self.redelivered = redelivered
        self.contentType = contentType
        self.messageID = messageID
        self.userID = userID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.type = type
        self.headers = headers
        self.generation = generation
    }
}

extension Publishing {
    /// Bytes the properties take in a content header.
    var propertiesSize: Int {
        var size = 2 + (persistent ? 1 : 0) + (headers.isEmpty ? 0 : headersSize)
        for text in [contentType, messageID, userID, correlationID, replyTo, type] { if let text { size += 1 + text.utf8.count } }
        return size
    }

    /// Why this cannot be sent, or nil. Found out beforehand: librabbitmq notices only after it has sent half of the message.
    func defect(frameMax: Int) -> AMQPError? {
        for field in shortStrings {
            guard let text = field.value else { continue }
            if text.utf8.count > 255 { return AMQPError(.invalid, "\(field.name) has \(text.utf8.count) bytes, the protocol allows 255") }
        }
        for (key, value) in headers {
            if key.isEmpty || key.utf8.count > 128 { return AMQPError(.invalid, "the header name '\(key.prefix(40))' must have 1 to 128 bytes") }
            if value == .other { return AMQPError(.invalid, "the header '\(key)' is of a kind that cannot be sent") }
        }
        let room = frameMax - Session.frameOverhead
        if propertiesSize > room { return AMQPError(.invalid, "the headers take \(propertiesSize) bytes, a frame has room for \(room)") }
        return nil
    }

    private var shortStrings: [(name: String, value: String?)] {
        [
            ("exchange", exchange), ("routing key", routingKey), ("content type", contentType), ("message id", messageID), ("user id", userID),
            ("correlation id", correlationID), ("reply-to", replyTo), ("type", type),
        ]
    }

    private var headersSize: Int {
        headers.reduce(4) { size, entry in
            let value =
                switch entry.value {
                case .string(let text): 5 + text.utf8.count
                case .bytes(let bytes): 5 + bytes.count
                case .bool: 2
                case .int, .timestamp: 9
                case .other: 1
                }
            return size + 1 + entry.key.utf8.count + value
        }
    }
}
