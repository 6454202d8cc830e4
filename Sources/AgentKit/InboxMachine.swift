import Messages
import Regulation
import Values

/// What becomes of the deliveries of one queue: each is kept before its receipt is issued, and its receipt confirmed before it is acknowledged. So a crash at any
/// point loses nothing, and a message that comes twice is kept once.
public struct InboxMachine: Sendable {
    /// A delivery, which can be acknowledged within its generation of the connection.
    public struct Ticket: Sendable, Hashable {
        /// The connection's generation.
        public var generation: UInt64
        /// The number on the channel.
        public var tag: UInt64
        /// A ticket of these.
        public init(generation: UInt64, tag: UInt64) { (self.generation, self.tag) = (generation, tag) }
    }

    /// A receipt that is owed.
    public struct Receipt: Sendable, Hashable {
        /// The message's id.
        public var id: String
        /// When it came first.
        public var receivedAt: Instant
        /// Whether it belongs to a drill.
        public var exercise: Bool
        /// A receipt of these.
        public init(id: String, receivedAt: Instant, exercise: Bool) { (self.id, self.receivedAt, self.exercise) = (id, receivedAt, exercise) }
    }

    /// What is to be done, in this order.
    public enum Action: Sendable, Hashable {
        /// Give the message to the hooks. Before it is kept: after a crash between the two it comes again, and a hook had better run twice than not at all.
        case handToHooks(Received)
        /// Keep the message.
        case keep(Received, Inbox.State)
        /// Keep the refused delivery whole, with the reason.
        case quarantine(Ticket, Refusal)
        /// Show the operator the message.
        case tell(Received)
        /// Tell the operator that a notice was set aside.
        case tellSetAside(Received)
        /// Publish one message with these receipts.
        case issueReceipts(batch: Int, [Receipt])
        /// The broker may forget the delivery.
        case acknowledge(Ticket)
        /// Subscribe anew, to take so many deliveries at once.
        case consume(prefetch: UInt16)
    }

    /// How many receipts one message may carry, by its schema.
    public static let receiptLimit = 500
    /// How many deliveries may be under way: what one message of receipts can answer. Each batch waits once for the disk and once for the broker, however large.
    public static let freePrefetch = UInt16(receiptLimit)
    /// How many elections are remembered.
    static let electionLimit = 1000

    private struct Delivery {
        var receipts: [Receipt]
        var toTell: [Action]
    }

    private let owesReceipt: Set<String>
    /// Deliveries that are being kept or put into quarantine.
    private var arrived: [Ticket: Delivery] = [:]
    /// Kept deliveries whose receipts have not been issued, in order.
    private var owing: [(ticket: Ticket, receipts: [Receipt])] = []
    /// Deliveries whose receipts are on their way, by batch.
    private var issuing: [Int: [Ticket]] = [:]
    private var batches = 0
    private var terms: [String: Int64] = [:]
    private var latestTerm: Int64 = 0

    /// How many deliveries the queue is to be consumed with. One at a time after an unclean stop, and while deliveries come again: if one of them is what stops this
    /// program, it must not count against its neighbours.
    public private(set) var prefetch: UInt16

    /// A machine for the queue of an agent. `elections` are the `coordinator.elected` it has kept.
    public init(owesReceipt: Set<String>, afterUncleanStop: Bool, elections: [Event] = []) {
        self.owesReceipt = owesReceipt
        prefetch = afterUncleanStop ? 1 : InboxMachine.freePrefetch
        for event in elections { note(election: event) }
    }

    /// A delivery arrived and was read. `known` tells when a message of an id was received before.
    public mutating func arrived(
        _ ticket: Ticket, redelivered: Bool, _ reading: Result<[Received], Refusal>, known: (String) -> Instant?
    ) -> [Action] {
        var actions: [Action] = []
        if redelivered != (prefetch == 1) {
            prefetch = redelivered ? 1 : InboxMachine.freePrefetch
            actions.append(.consume(prefetch: prefetch))
        }
        switch reading {
        case .failure(let refusal):
            arrived[ticket] = Delivery(receipts: [], toTell: [])
            return [.quarantine(ticket, refusal)] + actions
        case .success(let messages):
            var delivery = Delivery(receipts: [], toTell: [])
            var keeping: [Action] = []
            for received in messages {
                let event = received.event
                let before = known(event.id)
                if owesReceipt.contains(event.type) {
                    delivery.receipts.append(Receipt(id: event.id, receivedAt: before ?? received.receivedAt, exercise: event.exercise))
                }
                if before != nil { continue }
                let (keep, tell) = decide(received)
                keeping += keep
                delivery.toTell += tell
            }
            arrived[ticket] = delivery
            return keeping + (keeping.isEmpty ? kept(ticket) : []) + actions
        }
    }

    private mutating func decide(_ received: Received) -> (keep: [Action], tell: [Action]) {
        switch received.event.type {
        case SystemType.coordinatorElected:
            note(election: received.event)
            return ([.keep(received, .record)], [])
        case SystemType.messageForwarded, SystemType.messageMissing:
            return ([.keep(received, .record)], [])
        default:
            if let election = received.event.election, let term = terms[election], term < latestTerm {
                return ([.keep(received, .setAside)], [.tellSetAside(received)])
            }
            return ([.handToHooks(received), .keep(received, .new)], [.tell(received)])
        }
    }

    private mutating func note(election event: Event) {
        guard let term = event.data["term"]?.int else { return }
        if terms.count >= InboxMachine.electionLimit, let oldest = terms.min(by: { $0.value < $1.value })?.key { terms[oldest] = nil }
        terms[event.id] = term
        latestTerm = max(latestTerm, term)
    }

    /// What a delivery held is kept: on disk, or in quarantine.
    public mutating func kept(_ ticket: Ticket) -> [Action] {
        guard let delivery = arrived.removeValue(forKey: ticket) else { return [] }
        if delivery.receipts.isEmpty { return delivery.toTell + [.acknowledge(ticket)] }
        owing.append((ticket, delivery.receipts))
        return delivery.toTell
    }

    /// Whether deliveries are kept whose receipts have not been issued.
    public var owesReceipts: Bool { !owing.isEmpty }

    /// The next receipts may go out: all that are owed.
    public mutating func batchEnded() -> [Action] {
        var actions: [Action] = []
        var receipts: [Bool: [Receipt]] = [:]
        var tickets: [Ticket] = []
        func close() {
            // Drills and what is real do not share a message; all of a delivery's receipts are out before it is acknowledged.
            let parts = [false, true].compactMap { receipts[$0] }
            for (index, part) in parts.enumerated() {
                batches += 1
                issuing[batches] = index == parts.count - 1 ? tickets : []
                actions.append(.issueReceipts(batch: batches, part))
            }
            (receipts, tickets) = ([:], [])
        }
        for (ticket, owed) in owing {
            if receipts.values.reduce(0, { $0 + $1.count }) + owed.count > InboxMachine.receiptLimit { close() }
            for receipt in owed { receipts[receipt.exercise, default: []].append(receipt) }
            tickets.append(ticket)
        }
        close()
        owing = []
        return actions
    }

    /// The receipts of a batch are with the broker, or were refused there for good and cannot be issued. Batches are settled in the order they were issued in.
    public mutating func receiptsSettled(batch: Int) -> [Action] { (issuing.removeValue(forKey: batch) ?? []).map { .acknowledge($0) } }

    /// Deliveries have stopped; those not acknowledged come again.
    public mutating func interrupted() {
        arrived = [:]
        owing = []
        issuing = [:]
    }
}
