import Topology
import Values

/// As much of a broker as its definitions decide: who may do what, and where a message goes.
struct Broker {
    struct Binding {
        var source: String
        var destination: String
        var toExchange: Bool
        var key: String
    }

    private let json: JSON
    let bindings: [Binding]

    init(_ json: JSON) {
        self.json = json
        bindings = (json["bindings"]?.array ?? []).map { binding in
            func text(_ key: String) -> String { binding[key]?.string ?? "" }
            return Binding(
                source: text("source"), destination: text("destination"), toExchange: text("destination_type") == "exchange", key: text("routing_key"))
        }
    }

    private func names(_ kind: String) -> [String] { (json[kind]?.array ?? []).compactMap { $0["name"]?.string } }
    var exchangeNames: [String] { names("exchanges") }
    var queueNames: [String] { names("queues") }
    private func exchange(_ name: String) -> JSON? { json["exchanges"]?.array?.first { $0["name"]?.string == name } }
    func arguments(of queue: String) -> JSON? { json["queues"]?.array?.first { $0["name"]?.string == queue }?["arguments"] }

    /// Whether a user may configure, write or read a thing of this name. The broker looks for the pattern anywhere in the name.
    func may(_ user: String, _ action: String, _ name: String) throws -> Bool {
        let permission = json["permissions"]?.array?.first { $0["user"]?.string == user }
        guard let pattern = permission?[action]?.string else { return false }
        return try Regex(pattern).firstMatch(in: name) != nil
    }

    func topicPermissions(of user: String) -> [JSON] { (json["topic_permissions"]?.array ?? []).filter { $0["user"]?.string == user } }

    /// The pattern of routing keys a user may publish under; everything, as with the broker, where none is set.
    func topicPattern(of user: String, on exchange: String) -> String {
        topicPermissions(of: user).first { $0["exchange"]?.string == exchange }?["write"]?.string ?? ".*"
    }

    /// The queues a message is put into, once for each time it is put there.
    func queuesReached(from exchange: String, by key: String) -> [String] { route(exchange, key, seen: []).queues }

    /// The exchanges it passes through.
    func exchangesReached(from exchange: String, by key: String) -> [String] { route(exchange, key, seen: []).exchanges }

    /// A queue bound several times to one exchange gets a message once; by way of two exchanges it would too, but that would hide a fault.
    private func route(_ name: String, _ key: String, seen: Set<String>) -> (queues: [String], exchanges: [String]) {
        guard !seen.contains(name) else { return ([], []) }
        let matching = bindings.filter { $0.source == name && matches($0.key, key, type: exchange(name)?["type"]?.string ?? "") }
        var queues = matching.filter { !$0.toExchange }.map(\.destination)
        var exchanges = [name]
        var next = Set(matching.filter(\.toExchange).map(\.destination)).sorted()
        if matching.isEmpty, let alternate = exchange(name)?["arguments"]?["alternate-exchange"]?.string { next = [alternate] }
        for exchange in next {
            let further = route(exchange, key, seen: seen.union([name]))
            queues += further.queues
            exchanges += further.exchanges
        }
        return (queues, exchanges)
    }

    private func matches(_ pattern: String, _ key: String, type: String) -> Bool {
        switch type {
        case "fanout": true
        case "direct": pattern == key
        default:
            topicMatches(pattern.split(separator: ".", omittingEmptySubsequences: false)[...], key.split(separator: ".", omittingEmptySubsequences: false)[...])
        }
    }

    /// AMQP's topic matching: a star stands for one word, a number sign for any number.
    private func topicMatches(_ pattern: ArraySlice<Substring>, _ words: ArraySlice<Substring>) -> Bool {
        guard let first = pattern.first else { return words.isEmpty }
        if first == "#" { return topicMatches(pattern.dropFirst(), words) || (!words.isEmpty && topicMatches(pattern, words.dropFirst())) }
        guard let word = words.first, first == "*" || first == word else { return false }
        return topicMatches(pattern.dropFirst(), words.dropFirst())
    }
}
