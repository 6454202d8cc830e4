import Regulation

/// The names of what the broker holds, as the wire contract gives them.
public enum Topology {
    /// The topic exchange that everything said goes to.
    public static let exchange = "phoihop"
    /// The topic exchange that routes to the parties' queues.
    public static let parties = "phoihop.parties"
    /// Where a message goes that no party's queue takes: an exchange and a queue behind it.
    public static let unroutableExchange = "phoihop.unroutable"
    /// The queue of messages that no party's queue took.
    public static let unroutable = "unroutable"
    /// Takes what is evidence alone and goes to no party.
    public static let sink = "phoihop.sink"
    /// Liveness of agents and coordinators.
    public static let presence = "phoihop.presence"
    /// Questions to the coordinator.
    public static let questions = "phoihop.questions"
    /// The queue of questions.
    public static let questionsQueue = "coordinator.questions"
    /// Restored records enter the ledger here.
    public static let restore = "phoihop.restore"
    /// Its existence permits a drill's clock.
    public static let drill = "phoihop.drill"
    /// The stream that holds everything ever said.
    public static let ledger = "ledger"
    /// What must be there before anybody says anything: while the ledger is absent, the broker confirms what only the parties' queues have taken.
    public static let requiredForSpeaking = [ledger]
    /// The queue of the leadership token.
    public static let leader = "coordinator.leader"
    /// Messages delivered too often without an acknowledgement.
    public static let deadLetters = "dead-letters"
    /// The queue of a party's ordinary messages.
    public static func queue(of party: PartyID) -> String { "party.\(party)" }
    /// The queue of a party's incidents and notices.
    public static func urgentQueue(of party: PartyID) -> String { "party.\(party).urgent" }
    /// The queue of the presence that a party watches.
    public static func presenceQueue(of party: PartyID) -> String { "presence.\(party)" }
    /// On a restored record, that its first publication carried what the contract forbids, which the broker would obey again.
    public static let forbiddenHeader = "phoihop-forbidden"
    /// How often a message is delivered before it goes to the dead letters.
    public static let deliveryLimit = 10
}
