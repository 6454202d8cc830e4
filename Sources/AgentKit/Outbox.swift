import AMQP
import Broker
import Foundation
import Messages
import Regulation
import Synchronization
import Values

/// Sends what is in the spool: in order, many at a time, as soon as there is a way to the broker. Agents and the operators' command both send with it, and only
/// one of them at a time: the one that has the right to send.
public actor Outbox {
    /// What becomes of the messages.
    public enum News: Sendable {
        /// The broker has these.
        case confirmed([Spool.Entry])
        /// The broker refuses the message for good, and why; it is put aside after this.
        case refused(Spool.Entry, AMQPError)
        /// The broker takes no messages yet; told once until it takes one.
        case waiting(AMQPError)
        /// The latest messages, so many, are sent again because a connection was lost.
        case sendsAgain(Int)
        /// The spool cannot be worked on; told once until it can.
        case trouble(SpoolError)
        /// Another process had the right to send for too long; it was taken away.
        case tookOver
    }

    /// How many messages are under way at once.
    static let batchLimit = 1024
    /// How often the spool is looked at by itself, in seconds.
    static let pollSeconds = 0.5
    /// How long an agent leaves the right to send with another process, in seconds. The operators' command has it for less; it may have been stopped.
    static let claimPatienceSeconds = 20.0
    /// How often a new message may make an agent without a connection try to connect at once.
    static let hurrySeconds: UInt64 = 1

    private let spool: Spool
    private let connection: Connection
    private let onNews: @Sendable (News) async -> Void
    private var machine = OutboxMachine()
    private var right: SendingRight?
    private var claimingSince: Double?
    private var isTroubleTold = false
    private let hurriedAt = Atomic<UInt64>(0)
    private let hindrance = Mutex<AMQPError?>(nil)
    private var notedHindrance: AMQPError?
    private let wakeups: AsyncStream<Void>
    private nonisolated let wakeup: AsyncStream<Void>.Continuation
    private var isPassing = false
    private let vitals: Vitals
    private static let work = "sending"

    /// An outbox that sends over a connection, which must be the party's own. Without a right to send, it claims that itself.
    public init(spool: Spool, connection: Connection, right: SendingRight? = nil, onNews: @escaping @Sendable (News) async -> Void) {
        self.init(spool: spool, connection: connection, right: right, vitals: Vitals(), onNews: onNews)
    }

    init(spool: Spool, connection: Connection, right: SendingRight?, vitals: Vitals, onNews: @escaping @Sendable (News) async -> Void) {
        (self.spool, self.connection, self.right, self.vitals, self.onNews) = (spool, connection, right, vitals, onNews)
        (wakeups, wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something new is in the spool.
    public nonisolated func wake() {
        let now = UInt64(monotonicSeconds())
        let before = hurriedAt.load(ordering: .relaxed)
        if now >= before + Outbox.hurrySeconds, hurriedAt.compareExchange(expected: before, desired: now, ordering: .relaxed).exchanged { connection.hurry() }
        wakeup.yield()
    }

    /// The connection says that messages cannot go through at present, or that they can.
    public nonisolated func hindered(_ error: AMQPError?) { hindrance.withLock { $0 = error } }

    // MARK: All that comes

    /// Sends whatever comes into the spool, until the task is cancelled.
    public func run() async {
        let wakeup = wakeup
        let arrivals = DirectoryWatch(spool.directory.appending(path: "new").path(percentEncoded: false)) { [self] in wake() }
        defer { withExtendedLifetime(arrivals) {} }
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await Task.sleep(for: .seconds(Outbox.pollSeconds))) != nil {
                    await self.leaveWord()
                    wakeup.yield()
                }
            }
            for await _ in wakeups {
                await pass()
                forgetOld()
            }
            group.cancelAll()
        }
        leaveWord(nil)
    }

    /// Sends what is in the spool and says whether nothing is left. Messages that cannot be sent now stay.
    public func flush() async -> Bool {
        await pass()
        return (try? spool.pendingCount()) == 0
    }

    private func pass() async {
        // A pass gives way to others while it waits for confirmations; a second one would send everything twice.
        if isPassing { return }
        isPassing = true
        vitals.advance(Outbox.work)
        defer {
            isPassing = false
            vitals.rest(Outbox.work)
        }
        do throws(SpoolError) {
            guard try claim(), connection.generation > 0 else { return }
            try await sendAgain()
            while !Task.isCancelled {
                let now = monotonicSeconds()
                let entries = try spool.pending(limit: Outbox.batchLimit, skipping: machine.heldBack(at: now)).filter { machine.maySend($0.name, at: now) }
                var progress = 0
                for start in stride(from: 0, to: entries.count, by: Outbox.batchLimit) {
                    let results = try await send(Array(entries[start..<min(start + Outbox.batchLimit, entries.count)]))
                    progress += results.count { $0.isSettled }
                }
                isTroubleTold = false
                if progress == 0 { return }
            }
        } catch {
            if !isTroubleTold { await onNews(.trouble(error)) }
            isTroubleTold = true
        }
    }

    /// Takes the right to send, and says whether this outbox has it.
    private func claim() throws(SpoolError) -> Bool {
        if right != nil { return true }
        let now = monotonicSeconds()
        let since = claimingSince ?? now
        claimingSince = since
        right = try spool.claimSending()
        if right == nil, now - since >= Outbox.claimPatienceSeconds {
            right = try spool.takeOverSending()
            if right != nil { Task { await onNews(.tookOver) } }
        }
        if right != nil { claimingSince = nil }
        return right != nil
    }

    private func forgetOld() {
        guard right != nil, let files = try? spool.sentFiles() else { return }
        for case .forget(let over) in machine.ticked(sentFiles: files, at: monotonicSeconds()) { over.forEach(spool.forget) }
    }

    private func sendAgain() async throws(SpoolError) {
        let actions = machine.connected(generation: connection.generation, sentFiles: try spool.sentFiles(), at: monotonicSeconds())
        for case .sendAgain(let files) in actions {
            let files = Set(files)
            let entries = try spool.sent().filter { files.contains($0.file) }
            await onNews(.sendsAgain(entries.count))
            let results = await connection.publish(entries.map(Publishing.init))
            if results.map(OutboxMachine.Outcome.init).contains(.unreached) { machine.sendingAgainFailed() }
        }
    }

    // MARK: One time

    /// What came of a message that was sent.
    public struct Sent: Sendable {
        /// The message.
        public var entry: Spool.Entry
        /// What it means for the message.
        public var outcome: OutboxMachine.Outcome
        /// What the broker, or the way to it, said; nil for a confirmation.
        public var error: AMQPError?

        /// Whether the message has left those that wait.
        var isSettled: Bool {
            switch outcome {
            case .confirmed, .refused: true
            case .nacked, .unreached, .missing: false
            }
        }
    }

    /// Sends some messages once, and before them those that wait from before: about so many, the oldest first. Needs the right to send. Gives what came of all of
    /// them; of a message that another process has sent meanwhile, nothing.
    public func sendOnce(_ mine: [Spool.Entry], afterAtMost limit: Int) async throws(SpoolError) -> [Sent] {
        guard try claim() else { return [] }
        let files = Dictionary(grouping: mine, by: \.file)
        let older = try spool.pending(limit: limit, skipping: Set(files.keys))
        // A file of many is sent whole: what was settled of it is known only while this process lasts.
        let parts = files.filter { spool.holdsMore($0.key, than: $0.value.count) }.keys.sorted()
        let new = try mine.filter { !parts.contains($0.file) && spool.isWaiting($0.file) } + spool.pending(in: parts)
        return try await send(older + new)
    }

    /// Sends messages and settles each.
    private func send(_ entries: [Spool.Entry]) async throws(SpoolError) -> [Sent] {
        if entries.isEmpty { return [] }
        let results = zip(entries, await connection.publish(entries.map(Publishing.init))).map { entry, result in
            Sent(entry: entry, outcome: OutboxMachine.Outcome(result), error: result.failure)
        }
        // Messages that waited for a connection were confirmed over the one there is now.
        let generation = connection.generation
        var confirmed: [Spool.Entry] = []
        var trouble: SpoolError?
        for result in results {
            for action in machine.settled(result.entry.name, file: result.entry.file, result.outcome, generation: generation, at: monotonicSeconds()) {
                do throws(SpoolError) {
                    switch action {
                    case .confirm:
                        try spool.confirm(result.entry)
                        confirmed.append(result.entry)
                    case .refuse(_, let reason):
                        await onNews(.refused(result.entry, result.error ?? AMQPError(.nacked, reason)))
                        try spool.refuse(result.entry, reason: reason, code: result.error?.code)
                    case .tellWaiting(let reason): await onNews(.waiting(result.error ?? AMQPError(.nacked, reason)))
                    case .sendAgain, .forget: break
                    }
                } catch {
                    // The others are settled all the same.
                    trouble = error
                }
            }
        }
        if !confirmed.isEmpty { await onNews(.confirmed(confirmed)) }
        vitals.advance(Outbox.work)
        hindered(results.first { !$0.isSettled }?.error)
        if let trouble { throw trouble }
        return results
    }

    // MARK: Word for others

    /// Leaves word of what keeps the messages here, for commands that wait for one of them.
    private func leaveWord() { leaveWord(hindrance.withLock { $0 }) }

    private func leaveWord(_ error: AMQPError?) {
        guard right != nil, error != notedHindrance else { return }
        // Where it cannot be written the commands say less; the spool's own trouble is told elsewhere.
        guard (try? spool.noteObstacle(error)) != nil else { return }
        notedHindrance = error
    }
}

extension Result where Failure == AMQPError {
    /// The error, if it is one.
    fileprivate var failure: AMQPError? {
        if case .failure(let error) = self { error } else { nil }
    }
}

extension Publishing {
    init(_ entry: Spool.Entry) { self.init(id: entry.id, sender: entry.sender, type: entry.type, to: entry.to, body: entry.body) }
}

extension OutboxMachine.Outcome {
    /// What the result of a publishing says about the message.
    init(_ result: Result<Void, AMQPError>) {
        switch result {
        case .success: self = .confirmed
        case .failure(let error):
            switch error.code {
            case .nacked, .protocolError: self = .nacked(error.reason)
            case .notFound: self = .missing(error.reason)
            case .returned, .invalid: self = .refused(error.reason)
            case .accessRefused, .preconditionFailed: self = error.isRetriable ? .unreached : .refused(error.reason)
            default: self = .unreached
            }
        }
    }
}
