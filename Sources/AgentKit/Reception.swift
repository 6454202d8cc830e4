import AMQP
import Messages
import Regulation
import Synchronization
import Values

/// What an agent has been given from one of its queues and has not acknowledged: the machine that decides on it, and the deliveries themselves. Two work with
/// it, who keeps what came in and who issues the receipts.
final class Reception: Sendable {
    /// Receipts to be published in one message.
    struct Batch: Sendable {
        /// Its number.
        var number: Int
        /// What it says.
        var receipts: [InboxMachine.Receipt]
        /// Who sent each message, by the broker's word, so that it can be asked for should the ledger lack it; by the message's id.
        var senders: [String: PartyID]
        /// The connection's generation to which the deliveries belong; nil where they are gone.
        var generation: UInt64?
    }

    private struct State {
        var machine: InboxMachine
        var deliveries: [InboxMachine.Ticket: Delivery] = [:]
        var isIssuing = false
    }

    private let state: Mutex<State>

    init(_ machine: InboxMachine) { state = Mutex(State(machine: machine)) }

    /// How many deliveries the queue is to be consumed with.
    var prefetch: UInt16 { state.withLock { $0.machine.prefetch } }

    /// A delivery arrived and was read.
    func arrived(_ delivery: Delivery, _ reading: Result<[Received], Refusal>, known: (String) -> Instant?) -> [InboxMachine.Action] {
        state.withLock {
            $0.deliveries[delivery.ticket] = delivery
            return $0.machine.arrived(delivery.ticket, redelivered: delivery.redelivered, reading, known: known)
        }
    }

    /// What the deliveries held is on disk.
    func kept(_ deliveries: [Delivery]) -> [InboxMachine.Action] {
        state.withLock { state in deliveries.flatMap { state.machine.kept($0.ticket) } }
    }

    /// Whether somebody must begin to issue receipts: some are owed, and nobody does.
    func beginsIssuing() -> Bool {
        state.withLock {
            guard $0.machine.owesReceipts, !$0.isIssuing else { return false }
            $0.isIssuing = true
            return true
        }
    }

    /// The receipts owed now; where there are none, nobody issues any more.
    func owed() -> [Batch] {
        state.withLock { state in
            guard state.machine.owesReceipts else {
                state.isIssuing = false
                return []
            }
            let generation = state.deliveries.values.map(\.generation).max()
            var senders: [String: PartyID] = [:]
            for delivery in state.deliveries.values { if let id = delivery.messageID { senders[id] = delivery.userID } }
            return state.machine.batchEnded().compactMap { action in
                guard case .issueReceipts(let number, let receipts) = action else { return nil }
                return Batch(number: number, receipts: receipts, senders: senders, generation: generation)
            }
        }
    }

    /// The receipts of a batch are with the broker, or were refused there for good.
    func settled(_ batch: Batch) -> [InboxMachine.Action] { state.withLock { $0.machine.receiptsSettled(batch: batch.number) } }

    /// Takes out a delivery that is to be acknowledged; nil if it is gone.
    func takeOut(_ ticket: InboxMachine.Ticket) -> Delivery? { state.withLock { $0.deliveries.removeValue(forKey: ticket) } }

    /// Deliveries have stopped; those not acknowledged come again. Gives how many those are.
    func interrupted() -> Int {
        state.withLock { state in
            state.machine.interrupted()
            defer { state.deliveries = [:] }
            return state.deliveries.count
        }
    }
}

extension Delivery {
    /// What an inbox machine calls it by.
    fileprivate var ticket: InboxMachine.Ticket { InboxMachine.Ticket(generation: generation, tag: deliveryTag) }
}
