import Regulation
import Values

import class Schemas.MessageSchema

/// The wire contract as a document of AsyncAPI 3.0, derived from the regulation: what may be published under which key, what comes in which queue, and in
/// which form. The schemas it refers to stand beside it in `schemas/`.
public struct AsyncAPI {
    private let regulation: Regulation

    /// The contract for a regulation.
    public init(_ regulation: Regulation) { self.regulation = regulation }

    private static let bindingVersion: JSON = "0.3.0"
    /// The dialect of the schemas: AsyncAPI's own is an older draft.
    private static let schemaFormat: JSON = "application/schema+json;version=2020-12"
    private static let contentType: JSON = "application/cloudevents+json"
    /// The channel on which the coordinator answers a question: its address is the asker's.
    private static let answers = "answers"

    private var members: [PartyID] { regulation.parties.filter { $0.role != .system }.map(\.id) }
    private var coordinators: [PartyID] { regulation.parties.map(\.id).filter { $0 == Party.coordinator } }

    /// The document.
    public var json: JSON {
        [
            "asyncapi": "3.0.0",
            "id": "urn:phoihop:contract",
            "info": info,
            "defaultContentType": AsyncAPI.contentType,
            "servers": servers,
            "channels": object(types.map { ($0.name, channel(of: $0)) } + queues + others),
            "operations": object(sending + receiving + presence + questions),
            "components": [
                "messages": object(types.map { ($0.name, message(of: $0)) } + otherMessages),
                "operationBindings": operationBindings,
                "securitySchemes": ["account": ["type": "userPassword", "description": "One account a party, named as the party."]],
            ],
        ]
    }

    private var types: [MessageType] { regulation.messageTypes }

    private var info: JSON {
        [
            "title": "PhoiHop", "version": .string(regulation.version),
            "description": .string(
                """
                How the parties to Decision 34/2015/QĐ-UBND speak to one another. A message is a CloudEvent 1.0 in structured JSON of at most 256 KiB. It is \
                published persistent, mandatory and with publisher confirms to the topic exchange \(Topology.exchange), with message_id the event's id and \
                user_id the party's account, and without CC, BCC and expiration, which every reader refuses. Its key is <party>.<type>.<to>. Whoever reads a \
                message of a type that owes one (x-owes-receipt) issues receipt.issued before acknowledging the delivery. All in a key's last place stands for the \
                type's addressees (x-addressees). Instants are RFC 3339 with an offset.
                """),
        ]
    }

    private var servers: JSON {
        func server(_ scheme: String, port: String, _ description: String) -> JSON {
            [
                "host": .string("{host}:\(port)"), "protocol": .string(scheme), "protocolVersion": "0-9-1", "description": .string(description),
                "variables": ["host": ["default": "localhost", "description": "The broker's host, as whoever provisions it says."]],
                "security": [["$ref": "#/components/securitySchemes/account"]],
            ]
        }
        return ["tls": server("amqps", port: "5671", "The broker, by TLS."), "plain": server("amqp", port: "5672", "The broker on the same machine.")]
    }

    // MARK: Channels

    private func channel(of type: MessageType) -> JSON {
        let to = (type.to.isEmpty && type.isAddressable ? [] : ["all"]) + (type.isAddressable ? members : [])
        return [
            "address": .string("{party}.\(type.name).{to}"), "title": title(of: type), "description": .string(description(of: type)),
            "parameters": [
                "party": ["description": "Who says it.", "enum": strings(type.senders)],
                "to": ["description": "To whom: all stands for those whom the regulation names.", "enum": strings(to)],
            ],
            "messages": object([(type.name, reference("components", "messages", type.name))]),
            "bindings": exchange(Topology.exchange, "topic"),
            "x-addressees": strings(type.to),
        ]
    }

    private func description(of type: MessageType) -> String {
        var text =
            type.to.isEmpty
            ? (type.isAddressable ? "Goes to the one party named in its key" : "Goes to the ledger alone") : "Goes to \(type.to.joined(separator: ", "))"
        if type.isAddressable && !type.to.isEmpty { text += ", or to the one party named in its key" }
        return text + (type.isUrgent ? "; urgent" : "") + (type.owesReceipt ? "; owes a receipt" : "") + "."
    }

    private var queues: [(String, JSON)] {
        let inboxes = members.flatMap { party in
            [false, true].map { isUrgent -> (String, JSON) in
                let name = isUrgent ? Topology.urgentQueue(of: party) : Topology.queue(of: party)
                let what = isUrgent ? "Incidents and notices for \(party)." : "What else is said to \(party)."
                return (name, queue(name, messages: received(by: party, urgent: isUrgent).map(\.name), what))
            }
        }
        return inboxes + [(Topology.ledger, queue(Topology.ledger, messages: types.map(\.name), "A stream: everything ever said, in one order."))]
    }

    private func received(by party: PartyID, urgent: Bool) -> [MessageType] {
        types.filter { $0.isUrgent == urgent && ($0.to.contains(party) || $0.isAddressable) }
    }

    private func queue(_ name: String, messages: [String], _ description: String) -> JSON {
        [
            "address": .string(name), "description": .string(description),
            "messages": object(messages.map { ($0, reference("components", "messages", $0)) }),
            "bindings": [
                "amqp": [
                    "is": "queue",
                    "queue": ["name": .string(name), "durable": true, "exclusive": false, "autoDelete": false, "vhost": "/"],
                    "bindingVersion": AsyncAPI.bindingVersion,
                ]
            ],
        ]
    }

    private func exchange(_ name: String, _ type: String) -> JSON {
        [
            "amqp": [
                "is": "routingKey",
                "exchange": ["name": .string(name), "type": .string(type), "durable": true, "autoDelete": false, "vhost": "/"],
                "bindingVersion": AsyncAPI.bindingVersion,
            ]
        ]
    }

    /// Presence and questions.
    private var others: [(String, JSON)] {
        let presence: JSON = [
            "address": "{party}", "description": "Signs of life, every five seconds; whoever is silent for thirty is reported. Never in the ledger.",
            "parameters": ["party": ["description": "Whose sign it is.", "enum": strings(members + coordinators)]],
            "messages": ["beat": reference("components", "messages", "beat")], "bindings": exchange(Topology.presence, "topic"),
        ]
        let questions: JSON = [
            "address": .string(Topology.questionsQueue), "description": "Questions to the coordinator.",
            "messages": ["question": reference("components", "messages", "question")], "bindings": exchange(Topology.questions, "direct"),
        ]
        let answers: JSON = [
            "address": nil, "description": "The answer comes to amq.rabbitmq.reply-to on the channel that asked.",
            "messages": ["answer": reference("components", "messages", "answer")],
        ]
        let heard = (members + coordinators).map { party -> (String, JSON) in
            let name = Topology.presenceQueue(of: party)
            let whose = members.contains(party) ? "The coordinator's signs of life, and those of the party's own agents." : "All signs of life."
            return (name, queue(name, messages: ["beat"], whose))
        }
        return [(Topology.presence, presence)] + heard + [(Topology.questionsQueue, questions), (AsyncAPI.answers, answers)]
    }

    // MARK: Operations

    /// What each party may say: one operation for each type.
    private var sending: [(String, JSON)] {
        regulation.parties.flatMap { party in
            types.filter { $0.senders.contains(party.id) }.map { type -> (String, JSON) in
                var operation = send(type.name, type.name, party.id)
                operation["title"] = title(of: type)
                operation["bindings"] = reference("components", "operationBindings", party.id)
                return ("\(party.id).says.\(type.name)", .object(operation))
            }
        }
    }

    private func send(_ channel: String, _ message: String, _ party: PartyID) -> JSONObject {
        [
            "action": "send", "channel": reference("channels", channel), "tags": [["name": .string(party)]],
            "messages": [reference("channels", channel, "messages", message)], "bindings": ["amqp": transient(as: party)],
        ]
    }

    /// Whatever the channel carries.
    private func receive(_ channel: String, _ party: PartyID, acknowledges: Bool = true) -> JSON {
        [
            "action": "receive", "channel": reference("channels", channel), "tags": [["name": .string(party)]],
            "bindings": ["amqp": ["ack": .bool(acknowledges), "bindingVersion": AsyncAPI.bindingVersion]],
        ]
    }

    /// What each party hears: one operation for each of its queues, and the ledger for those who may read it.
    private var receiving: [(String, JSON)] {
        let inboxes = members.flatMap { party -> [(String, JSON)] in
            [
                ("\(party).hears", receive(Topology.queue(of: party), party)),
                ("\(party).hears.urgent", receive(Topology.urgentQueue(of: party), party)),
            ]
        }
        let readers = regulation.parties.filter(\.readsLedger).map(\.id)
        return inboxes + readers.map { ("\($0).reads.ledger", receive(Topology.ledger, $0)) }
    }

    private var presence: [(String, JSON)] {
        (members + coordinators).flatMap { party -> [(String, JSON)] in
            [
                ("\(party).beats", .object(send(Topology.presence, "beat", party))),
                ("\(party).hears.beats", receive(Topology.presenceQueue(of: party), party, acknowledges: false)),
            ]
        }
    }

    private var questions: [(String, JSON)] {
        members.map { party -> (String, JSON) in
            var operation = send(Topology.questionsQueue, "question", party)
            operation["reply"] = [
                "address": ["location": "$message.header#/reply_to", "description": "The property reply_to."],
                "channel": reference("channels", AsyncAPI.answers), "messages": [reference("channels", AsyncAPI.answers, "messages", "answer")],
            ]
            return ("\(party).asks", .object(operation))
        }
    }

    private func transient(as party: PartyID) -> JSON {
        ["userId": .string(party), "deliveryMode": 1, "mandatory": false, "bindingVersion": AsyncAPI.bindingVersion]
    }

    private var operationBindings: JSON {
        object(
            regulation.parties.map { party in
                (party.id, ["amqp": ["userId": .string(party.id), "deliveryMode": 2, "mandatory": true, "bindingVersion": AsyncAPI.bindingVersion]])
            })
    }

    // MARK: Messages

    private func message(of type: MessageType) -> JSON {
        let name = type.name + MessageType.eventTypeSuffix
        let tags: [JSON] = [.string(type.article == "ours" ? "ours" : "article-\(type.article)")] + (type.isUrgent ? ["urgent"] : [])
        let event: JSON = [
            "properties": [
                "type": ["const": .string(type.eventType)], "dataschema": ["const": .string("urn:phoihop:schemas:\(name)")],
                "source": ["enum": strings(type.senders.map { "/parties/\($0)" })], "data": ["$ref": .string("./messages/\(name).json")],
            ]
        ]
        return .compact([
            "name": .string(type.eventType), "title": title(of: type), "summary": type.schema.map { .string($0.description.en) },
            "contentType": AsyncAPI.contentType,
            "correlationId": ["location": "$message.payload#/correlationid", "description": "The event with which the conversation began."],
            "tags": .array(tags.map { ["name": $0] }), "payload": payload(["allOf": [["$ref": "./envelope.v1.json"], event]]),
            "x-owes-receipt": .bool(type.owesReceipt),
            "bindings": ["amqp": ["contentEncoding": "utf-8", "messageType": .string(type.name), "bindingVersion": AsyncAPI.bindingVersion]],
        ])
    }

    private func payload(_ schema: JSON) -> JSON { ["schemaFormat": AsyncAPI.schemaFormat, "schema": schema] }

    private var otherMessages: [(String, JSON)] {
        func message(_ title: String, _ schema: JSON) -> JSON { ["title": .string(title), "contentType": "application/json", "payload": payload(schema)] }
        let count: JSON = ["type": "integer", "minimum": 0]
        let beat: JSON = [
            "type": "object", "required": ["party", "at"],
            "properties": [
                "party": ["enum": strings(members + coordinators)], "at": ["type": "string", "format": "date-time"], "instance": ["type": "string"],
                "run": ["type": "string", "description": "Tells this run of this agent from every other; by it two agents of one party notice each other."],
                "version": ["type": "string"], "inboxDepth": count, "spoolDepth": count,
            ],
        ]
        let digest: JSON = ["type": "object", "required": ["ask"], "properties": ["ask": ["const": "digest"]]]
        let status: JSON = [
            "type": "object", "required": ["ask"],
            "properties": [
                "ask": ["const": "status"],
                "party": ["enum": strings(members), "description": "Only what this party owes, and the incidents that it is about."],
                "atMost": ["type": "integer", "minimum": 0, "description": "How many obligations and how many incidents at most."],
                "from": ["type": "object", "description": "For the page that follows: the `next` of the page before, as it came."],
            ],
        ]
        let answer: JSON = [
            "type": "object",
            "properties": [
                "complete": [
                    "type": "boolean",
                    "description": "Whether the answer holds all there is. If not, `next` leads to the next page, or `cut` counts what is left out.",
                ],
                "next": ["type": "object"], "cut": ["type": "object", "additionalProperties": count],
                "error": ["type": "string", "description": "Why there is no answer."],
                "retryAfterSeconds": ["type": "integer", "description": "After how long to ask again: this account asked too much at once."],
            ],
        ]
        let explain: JSON = [
            "type": "object", "required": ["ask", "id"],
            "properties": ["ask": ["const": "explain"], "id": ["type": "string", "description": "The id of an obligation, a case or an event."]],
        ]
        return [
            ("beat", message("A sign of life", beat)),
            (
                "question",
                message("A question: how things stand, which state a coordinator holds, or why something is owed", ["oneOf": [status, digest, explain]])
            ),
            ("answer", message("The coordinator's answer", answer)),
        ]
    }

    private func title(of type: MessageType) -> JSON { .string(type.schema?.title.en ?? type.name) }

    // MARK: JSON

    private func reference(_ keys: String...) -> JSON { ["$ref": .string("#/" + keys.joined(separator: "/"))] }
    private func strings(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
    private func object(_ members: [(String, JSON)]) -> JSON { .object(JSONObject(members: members.map { .init(key: $0.0, value: $0.1) })) }
}
