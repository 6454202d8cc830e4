/// The message types of the mechanism itself, the same under every text: what the coordinator, the provisioning and the agents say of their own work, and the
/// two acts by which a party speaks of a duty whatever it is. Every other type is a regulation's own.
public enum SystemType {
    // MARK: What a duty's ladder says

    /// How the types of what is said of duties begin.
    public static var dutyNoun: String { "duty." }
    /// A duty has begun.
    public static var dutyOpened: String { "duty.opened" }
    /// A deadline comes near.
    public static var dutyReminded: String { "duty.reminded" }
    /// A deadline has passed.
    public static var dutyOverdue: String { "duty.overdue" }
    /// Somebody above is told of it.
    public static var dutyEscalated: String { "duty.escalated" }
    /// It is done, or over.
    public static var dutyFulfilled: String { "duty.fulfilled" }
    /// Its deadline is another.
    public static var dutyRescheduled: String { "duty.rescheduled" }
    /// A notice waits, and why.
    public static var noticeHeldBack: String { "notice.held-back" }
    /// A notice does not hold any more.
    public static var noticeWithdrawn: String { "notice.withdrawn" }

    // MARK: What a party says of a duty

    /// A monitoring mark is put off.
    public static var dutyExtended: String { "duty.extended" }
    /// Why a duty was done late, or not.
    public static var dutyExplained: String { "duty.explained" }

    // MARK: What is said of messages

    /// The receiver has it.
    public static var receiptIssued: String { "receipt.issued" }
    /// It does not count, and why.
    public static var messageRefused: String { "message.refused" }
    /// It comes again by another way, since no receipt came.
    public static var messageForwarded: String { "message.forwarded" }
    /// The ledger may lack it; who has it shall say so.
    public static var messageMissing: String { "message.missing" }
    /// What a party has of what the ledger may lack.
    public static var messageRecovered: String { "message.recovered" }
    /// It is left out of every reading of the ledger.
    public static var recordSetAside: String { "record.set-aside" }

    // MARK: What is said of agents and of the ledger

    /// An agent gives no sign of life.
    public static var agentSilent: String { "agent.silent" }
    /// It does again.
    public static var agentReturned: String { "agent.returned" }
    /// A coordinator leads from here on.
    public static var coordinatorElected: String { "coordinator.elected" }
    /// A mark of the leader's: how far it has read, and when.
    public static var coordinatorMarked: String { "coordinator.marked" }
    /// A regulation holds from here on.
    public static var regulationAdopted: String { "regulation.adopted" }
    /// The first record of a ledger.
    public static var ledgerCreated: String { "ledger.created" }

    /// What the coordinator and the provisioning say, which no text words anew.
    public static let ofTheSystem: Set = [
        dutyOpened, dutyReminded, dutyOverdue, dutyEscalated, dutyFulfilled, dutyRescheduled, noticeHeldBack, noticeWithdrawn, messageRefused, messageForwarded,
        messageMissing, recordSetAside, agentSilent, agentReturned, coordinatorElected, coordinatorMarked, regulationAdopted, ledgerCreated,
    ]
    /// What every agent says by itself.
    public static let ofAgents: Set = [receiptIssued, messageRecovered]
    /// What parties say of duties.
    public static let ofParties: Set = [dutyExtended, dutyExplained]
    /// All of them.
    public static let all = ofTheSystem.union(ofAgents).union(ofParties)
}
