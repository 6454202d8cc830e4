import Values

/// What becomes of the messages in the spool: which are sent, kept, put aside. It knows files and results, and does nothing itself. Times are seconds on a clock
/// that only runs forward.
public struct OutboxMachine: Sendable {
    /// What the broker, or the way to it, said of one message.
    public enum Outcome: Sendable, Hashable {
        /// The broker has it.
        case confirmed
        /// The broker said no, and would say so again.
        case refused(String)
        /// The broker said no without a reason; it may take the message later.
        case nacked(String)
        /// No answer, or no way to the broker: nothing about this message.
        case unreached
        /// What the message goes through is not there; the message is not to blame.
        case missing(String)
    }

    /// What is to be done.
    public enum Action: Sendable, Hashable {
        /// Move the message to those sent.
        case confirm(String)
        /// Put the message aside, and tell the operator why.
        case refuse(String, reason: String)
        /// Tell the operator what the messages wait for; said once until something is confirmed.
        case tellWaiting(reason: String)
        /// Send again what was confirmed lately.
        case sendAgain([String])
        /// Remove these files, which were kept long enough.
        case forget([String])
    }

    /// How long a confirmed message is kept, in seconds: the broker syncs its log well within that.
    public static let keptSeconds = 60.0
    /// How often a message is nacked before it counts as refused; with the waits between, about a quarter of an hour.
    public static let nackLimit = 20
    /// The longest wait before a nacked message is sent again, in seconds.
    static let longestWaitSeconds = 60.0

    private struct Nacked {
        var file: String
        var count = 0
        var notBefore = 0.0
    }

    private var nacked: [String: Nacked] = [:]
    private var isWaitingTold = false
    /// When each file in `sent` was confirmed, or first seen there, and over which connection; 0 for one of before.
    private var sent: [String: (at: Double, generation: UInt64)] = [:]
    private var generation: UInt64?

    /// A machine that has seen nothing yet.
    public init() {}

    /// Whether a message that waits in the spool may be sent now.
    public func maySend(_ entry: String, at now: Double) -> Bool { nacked[entry].map { $0.notBefore <= now } ?? true }

    /// The files whose message may not be sent yet. A file of many messages is none of these.
    public func heldBack(at now: Double) -> Set<String> {
        Set(nacked.values.filter { $0.notBefore > now && !$0.file.hasSuffix(Spool.segmentSuffix) }.map(\.file))
    }

    /// The connection, established `generation` times so far, can be used: what was confirmed over an earlier one may be lost.
    public mutating func connected(generation: UInt64, sentFiles: [String], at now: Double) -> [Action] {
        if self.generation == generation { return [] }
        self.generation = generation
        for file in sentFiles where sent[file] == nil { sent[file] = (now, 0) }
        let files = sentFiles.filter { sent[$0].map { $0.generation < generation } ?? true }
        return files.isEmpty ? [] : [.sendAgain(files)]
    }

    /// What was to be sent again did not get through: it is to be sent again once more.
    public mutating func sendingAgainFailed() { generation = nil }

    /// A message was sent, and this came of it; a confirmation came over the connection of this generation.
    public mutating func settled(_ entry: String, file: String, _ outcome: Outcome, generation: UInt64, at now: Double) -> [Action] {
        switch outcome {
        case .confirmed:
            nacked[entry] = nil
            isWaitingTold = false
            sent[file] = (now, generation)
            return [.confirm(entry)]
        case .refused(let reason):
            nacked[entry] = nil
            return [.refuse(entry, reason: reason)]
        case .nacked(let reason):
            var state = nacked[entry] ?? Nacked(file: file)
            state.count += 1
            if state.count >= OutboxMachine.nackLimit {
                nacked[entry] = nil
                return [.refuse(entry, reason: reason)]
            }
            state.notBefore = now + min(OutboxMachine.longestWaitSeconds, Double(1 << min(state.count - 1, 6)))
            nacked[entry] = state
            return state.count == 3 ? tellOnce(reason) : []
        case .unreached:
            return []
        case .missing(let reason):
            return tellOnce(reason)
        }
    }

    /// Time has passed; `sentFiles` are those kept.
    public mutating func ticked(sentFiles: [String], at now: Double) -> [Action] {
        for file in sentFiles where sent[file] == nil { sent[file] = (now, 0) }
        let over = sentFiles.filter { sent[$0].map { now - $0.at >= OutboxMachine.keptSeconds } ?? false }
        let kept = Set(sentFiles).subtracting(over)
        sent = sent.filter { kept.contains($0.key) }
        return over.isEmpty ? [] : [.forget(over)]
    }

    private mutating func tellOnce(_ reason: String) -> [Action] {
        if isWaitingTold { return [] }
        isWaitingTold = true
        return [.tellWaiting(reason: reason)]
    }
}
