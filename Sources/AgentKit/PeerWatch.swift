/// Whether another agent serves the same party. Two of them share the party's messages, so that each of their operators sees half. Times are seconds on a clock that only
/// runs forward.
public struct PeerWatch: Sendable {
    /// What is to be said.
    public enum Action: Sendable, Hashable {
        /// Another agent is at work; its instance.
        case sayAnother(String)
        /// It is gone.
        case sayGone(String)
    }

    /// How far apart two beats must lie to show that an agent lives: what was left in the queue from before a restart comes all at once.
    public static let apartSeconds = 3.0
    /// After so long without a beat another agent is gone.
    public static let goneSeconds = 20.0
    /// How many agents are told apart at most.
    static let limit = 16

    private struct Peer {
        var instance: String
        var first: Double
        var last: Double
        var isTold = false
    }

    private let own: String
    private var peers: [String: Peer] = [:]

    /// A watch of the agent whose beats bear this mark, which no other agent has.
    public init(own: String) { self.own = own }

    /// The instances of other agents that are at work.
    public var others: [String] { peers.values.filter(\.isTold).map(\.instance).sorted() }

    /// A beat of one of the party's agents came in: its mark, and its instance as people call it.
    public mutating func heard(_ mark: String, instance: String, at now: Double) -> Action? {
        guard mark != own, peers[mark] != nil || peers.count < PeerWatch.limit else { return nil }
        var peer = peers[mark] ?? Peer(instance: instance, first: now, last: now)
        peer.last = now
        let isNews = !peer.isTold && now - peer.first >= PeerWatch.apartSeconds
        if isNews { peer.isTold = true }
        peers[mark] = peer
        return isNews ? .sayAnother(peer.instance) : nil
    }

    /// Time has passed.
    public mutating func ticked(at now: Double) -> [Action] {
        let gone = peers.filter { now - $0.value.last >= PeerWatch.goneSeconds }
        for mark in gone.keys { peers[mark] = nil }
        return gone.values.filter(\.isTold).map { .sayGone($0.instance) }.sorted { "\($0)" < "\($1)" }
    }
}
