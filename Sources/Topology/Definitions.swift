import Regulation
import Values

/// The broker's definitions, derived from the regulation: exchanges, queues, bindings, and who may do what, in the form that
/// `rabbitmqctl import_definitions` reads.
public struct Definitions {
    private let regulation: Regulation
    private let virtualHost = "/"

    /// The definitions for a regulation.
    public init(_ regulation: Regulation) { self.regulation = regulation }

    /// As JSON. A party without a password cannot log in. With `drill`, the exchange that permits an accelerated clock is there too.
    public func json(passwords: [PartyID: String], drill: Bool = false) -> JSON {
        [
            "rabbit_version": "3.10.8",
            "vhosts": [["name": .string(virtualHost)]],
            "users": .array(accounts.map { user(named: $0, password: passwords[$0]) }),
            "permissions": .array(accounts.map(permissions)),
            "topic_permissions": .array(accounts.flatMap(topicPermissions)),
            "exchanges": .array(exchanges(drill: drill)),
            "queues": .array(queues),
            "bindings": .array(bindings),
        ]
    }

    private var accounts: [PartyID] { regulation.parties.map(\.id) }
    /// Those who have queues: everyone but the system itself.
    private var members: [PartyID] { regulation.parties.filter { $0.role != .system }.map(\.id) }

    private func user(named name: PartyID, password: String?) -> JSON {
        var user: JSONObject = ["name": .string(name), "tags": ""]
        if let password { user["password"] = .string(password) } else { user["password_hash"] = "" }
        return .object(user)
    }

    // MARK: Who may do what

    private func permissions(of party: PartyID) -> JSON {
        let (write, read) = access(of: party)
        return [
            "user": .string(party), "vhost": .string(virtualHost), "configure": "^$", "write": .string(anyOf(write)), "read": .string(anyOf(read)),
        ]
    }

    /// The names that a party may write to and read from. The default exchange goes by `amq.default`.
    private func access(of party: PartyID) -> (write: [String], read: [String]) {
        switch party {
        case Party.coordinator:
            (
                [Topology.exchange, Topology.presence, "amq.default"],
                [Topology.leader, Topology.ledger, Topology.questionsQueue, Topology.presenceQueue(of: party), Topology.deadLetters, Topology.unroutable]
            )
        case Party.provisioner: ([Topology.exchange, "amq.default"], [Topology.leader, Topology.ledger])
        default:
            (
                [Topology.exchange, Topology.presence, Topology.questions],
                [Topology.queue(of: party), Topology.urgentQueue(of: party), Topology.presenceQueue(of: party)]
                    + (regulation.party(party)?.readsLedger == true ? [Topology.ledger] : [])
            )
        }
    }

    private func anyOf(_ names: [String]) -> String { "^(" + names.map { $0.replacing(".", with: #"\."#) }.joined(separator: "|") + ")$" }

    private func topicPermissions(of party: PartyID) -> [JSON] {
        func permission(_ exchange: String, write: String) -> JSON {
            ["user": .string(party), "vhost": .string(virtualHost), "exchange": .string(exchange), "write": .string(write), "read": "^$"]
        }
        return [permission(Topology.exchange, write: routingKeys(of: party)), permission(Topology.presence, write: anyOf([party]))]
    }

    /// The routing keys under which a party may publish. RabbitMQ allows everything where no topic permission is set, so each account has one.
    private func routingKeys(of party: PartyID) -> String {
        let types = regulation.messageTypes.filter { $0.senders.contains(party) }
        func names(_ types: [MessageType]) -> String { "(" + types.map { $0.name.replacing(".", with: #"\."#) }.joined(separator: "|") + ")" }
        let toAll = types.filter { !($0.to.isEmpty && $0.isAddressable) }
        let toOne = types.filter(\.isAddressable)
        var keys: [String] = []
        if !toAll.isEmpty { keys.append(names(toAll) + #"\.all"#) }
        if !toOne.isEmpty { keys.append(names(toOne) + #"\.("# + members.joined(separator: "|") + ")") }
        return keys.isEmpty ? "^$" : "^" + party + #"\.("# + keys.joined(separator: "|") + ")$"
    }

    // MARK: What there is

    private func exchanges(drill: Bool) -> [JSON] {
        func exchange(_ name: String, _ type: String, arguments: JSON = [:]) -> JSON {
            [
                "name": .string(name), "vhost": .string(virtualHost), "type": .string(type), "durable": true, "auto_delete": false, "internal": false,
                "arguments": arguments,
            ]
        }
        return [
            exchange(Topology.exchange, "topic"),
            exchange(Topology.parties, "topic", arguments: ["alternate-exchange": .string(Topology.unroutableExchange)]),
            exchange(Topology.unroutableExchange, "fanout"),
            exchange(Topology.sink, "fanout"),
            exchange(Topology.presence, "topic"),
            exchange(Topology.questions, "direct"),
            exchange(Topology.restore, "fanout"),
        ] + (drill ? [exchange(Topology.drill, "fanout")] : [])
    }

    private var queues: [JSON] {
        func queue(_ name: String, _ arguments: JSON) -> JSON {
            ["name": .string(name), "vhost": .string(virtualHost), "durable": true, "auto_delete": false, "arguments": arguments]
        }
        let inbox: JSON = [
            "x-queue-type": "quorum", "x-delivery-limit": .int(Int64(Topology.deliveryLimit)), "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": .string(Topology.deadLetters), "x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish",
        ]
        let presence: JSON = ["x-queue-type": "classic", "x-max-length": 1000, "x-message-ttl": 60_000]
        return members.flatMap { [queue(Topology.queue(of: $0), inbox), queue(Topology.urgentQueue(of: $0), inbox)] }
            + (members + [Party.coordinator]).map { queue(Topology.presenceQueue(of: $0), presence) } + [
                queue(Topology.ledger, ["x-queue-type": "stream"]),
                queue(Topology.leader, ["x-queue-type": "quorum", "x-single-active-consumer": true]),
                queue(Topology.deadLetters, ["x-queue-type": "quorum"]),
                queue(Topology.unroutable, ["x-queue-type": "quorum"]),
                queue(Topology.questionsQueue, ["x-queue-type": "classic", "x-max-length": 1000, "x-message-ttl": 30_000]),
            ]
    }

    private var bindings: [JSON] {
        func binding(_ source: String, _ destination: String, _ key: String, toExchange: Bool = false) -> JSON {
            [
                "source": .string(source), "vhost": .string(virtualHost), "destination": .string(destination),
                "destination_type": toExchange ? "exchange" : "queue", "routing_key": .string(key), "arguments": [:],
            ]
        }
        var bindings = [
            binding(Topology.exchange, Topology.ledger, "#"),
            binding(Topology.exchange, Topology.parties, "#", toExchange: true),
            binding(Topology.unroutableExchange, Topology.unroutable, ""),
            binding(Topology.questions, Topology.questionsQueue, Topology.questionsQueue),
            binding(Topology.restore, Topology.ledger, ""),
            binding(Topology.presence, Topology.presenceQueue(of: Party.coordinator), "#"),
        ]
        // A party hears the coordinator, and its own agents, by which two of them notice each other.
        bindings += members.flatMap { party in
            [Party.coordinator, party].map { binding(Topology.presence, Topology.presenceQueue(of: party), $0) }
        }
        // One binding a type, not `*.*.*.<party>`: that one would put an urgent notice into the ordinary queue as well.
        for type in regulation.messageTypes {
            for party in members {
                let queue = type.isUrgent ? Topology.urgentQueue(of: party) : Topology.queue(of: party)
                if type.to.contains(party) {
                    bindings.append(binding(Topology.parties, queue, "*.\(type.name).*"))
                } else if type.isAddressable {
                    bindings.append(binding(Topology.parties, queue, "*.\(type.name).\(party)"))
                }
            }
            if type.to.isEmpty && !type.isAddressable { bindings.append(binding(Topology.parties, Topology.sink, "*.\(type.name).*", toExchange: true)) }
        }
        return bindings
    }
}
