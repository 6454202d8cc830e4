import Topology
import Values

/// As much of a broker as its definitions decide: who may do what, and where a message goes.
struct Broker {
    struct Binding {
        var source: String
        var destination: String
        var toExchange: Bool
        var words: [Substring]
    }

    private let json: JSON
    let bindings: [Binding]
    private let bindingsBySource: [String: [Binding]]
    private let exchanges: [String: JSON]

    init(_ json: JSON) {
        self.json = json
        bindings = (json["bindings"]?.array ?? []).map { binding in
            func text(_ key: String) -> String { binding[key]?.string ?? "" }
            return Binding(
                source: text("source"), destination: text("destination"), toExchange: text("destination_type") == "exchange",
                words: Broker.words(text("routing_key")))
        }
        bindingsBySource = Dictionary(grouping: bindings, by: \.source)
        exchanges = Dictionary(uniqueKeysWithValues: (json["exchanges"]?.array ?? []).map { ($0["name"]?.string ?? "", $0) })
    }

    private func names(_ kind: String) -> [String] { (json[kind]?.array ?? []).compactMap { $0["name"]?.string } }
    var exchangeNames: [String] { names("exchanges") }
    var queueNames: [String] { names("queues") }
    private static func words(_ key: String) -> [Substring] { key.split(separator: ".", omittingEmptySubsequences: false) }
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
    func queuesReached(from exchange: String, by key: String) -> [String] { route(exchange, Broker.words(key), seen: []).queues }

    /// The exchanges it passes through.
    func exchangesReached(from exchange: String, by key: String) -> [String] { route(exchange, Broker.words(key), seen: []).exchanges }

    /// A queue bound several times to one exchange gets a message once; by way of two exchanges it would too, but that would hide a fault.
    private func route(_ name: String, _ key: [Substring], seen: Set<String>) -> (queues: [String], exchanges: [String]) {
        guard !seen.contains(name), let type = exchanges[name]?["type"]?.string else { return ([], []) }
        let matching = (bindingsBySource[name] ?? []).filter { matches($0.words, key, type: type) }
        var queues = matching.filter { !$0.toExchange }.map(\.destination)
        var passed = [name]
        var next = Set(matching.filter(\.toExchange).map(\.destination)).sorted()
        if matching.isEmpty, let alternate = exchanges[name]?["arguments"]?["alternate-exchange"]?.string { next = [alternate] }
        for exchange in next {
            let further = route(exchange, key, seen: seen.union([name]))
            queues += further.queues
            passed += further.exchanges
        }
        return (queues, passed)
    }

    private func matches(_ pattern: [Substring], _ key: [Substring], type: String) -> Bool {
        switch type {
        case "fanout": true
        case "direct": pattern == key
        default: topicMatches(pattern[...], key[...])
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
