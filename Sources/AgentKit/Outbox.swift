import AMQP
import Broker
import Foundation
import Messages
import Regulation
import Synchronization
import Values

/// Sends what is in the spool: in order, many at a time, as soon as there is a way to the broker.
public actor Outbox {
    /// How many messages are under way at once.
    static let batchLimit = 1024
    /// How often the spool is looked at for what other processes put there, in seconds.
    static let pollSeconds = 0.5

    private let spool: Spool
    private let connection: Connection
    private let log: Logger
    private let onRefused: @Sendable (Spool.Entry, String) async -> Void
    private var machine = OutboxMachine()
    private let losses = Atomic<UInt64>(0)
    private let wakeups: AsyncStream<Void>
    private nonisolated let wakeup: AsyncStream<Void>.Continuation
    private var isPassing = false

    /// An outbox that sends over a connection, which must be the party's own. `onRefused` is told of messages that the broker refuses for good.
    public init(
        spool: Spool, connection: Connection, log: Logger, onRefused: @escaping @Sendable (Spool.Entry, String) async -> Void = { _, _ in }
    ) {
        (self.spool, self.connection, self.log, self.onRefused) = (spool, connection, log, onRefused)
        (wakeups, wakeup) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something new is in the spool.
    public nonisolated func wake() { wakeup.yield() }

    /// The connection was lost, and what was confirmed lately perhaps with it: that is sent again over the next.
    public nonisolated func connectionLost() { losses.add(1, ordering: .relaxed) }

    /// Sends whatever comes into the spool, until the task is cancelled.
    public func run() async {
        let wakeup = wakeup
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while (try? await Task.sleep(for: .seconds(Outbox.pollSeconds))) != nil { wakeup.yield() }
            }
            for await _ in wakeups {
                await pass()
                tick()
            }
            group.cancelAll()
        }
    }

    /// Sends what is in the spool and says whether nothing is left. Messages that cannot be sent now stay.
    public func flush() async -> Bool {
        await pass()
        return (try? spool.pendingCount()) == 0
    }

    private func pass() async {
        // A pass gives way to others while it waits for confirmations; a second one would send everything twice.
        if isPassing || connection.generation == 0 { return }
        isPassing = true
        defer { isPassing = false }
        do throws(SpoolError) {
            try await sendAgain()
            while !Task.isCancelled {
                let now = monotonicSeconds()
                let entries = try spool.pending(limit: Outbox.batchLimit, skipping: machine.heldBack(at: now)).filter { machine.maySend($0.name, at: now) }
                var progress = 0
                for start in stride(from: 0, to: entries.count, by: Outbox.batchLimit) {
                    progress += try await send(Array(entries[start..<min(start + Outbox.batchLimit, entries.count)]))
                }
                if progress == 0 { return }
            }
        } catch {
            log.write(.error, Wording(vi: "không đọc được thư mục tin chờ gửi: \(error.text.vi)", en: "the spool cannot be worked on: \(error)"))
        }
    }

    private func tick() {
        guard let files = try? spool.sentFiles() else { return }
        for case .forget(let over) in machine.ticked(sentFiles: files, at: monotonicSeconds()) { over.forEach(spool.forget) }
    }

    private func sendAgain() async throws(SpoolError) {
        let actions = machine.connected(generation: losses.load(ordering: .relaxed) + 1, sentFiles: try spool.sentFiles(), at: monotonicSeconds())
        for case .sendAgain(let files) in actions {
            let files = Set(files)
            let entries = try spool.sent().filter { files.contains($0.file) }
            log.write(.info, Wording(vi: "gửi lại \(entries.count) tin vừa gửi", en: "sending the latest \(entries.count) messages again"))
            _ = await connection.publish(entries.map(Publishing.init))
        }
    }

    /// Sends messages and settles each; says how many left the spool.
    private func send(_ entries: [Spool.Entry]) async throws(SpoolError) -> Int {
        let results = await connection.publish(entries.map(Publishing.init))
        var settled = 0
        for (entry, result) in zip(entries, results) {
            for action in machine.settled(entry.name, file: entry.file, OutboxMachine.Outcome(result), at: monotonicSeconds()) {
                switch action {
                case .confirm:
                    try spool.confirm(entry)
                    settled += 1
                case .refuse(_, let reason):
                    settled += 1
                    await refuse(entry, reason)
                case .tellWaiting(let reason):
                    log.write(
                        .error,
                        Wording(
                            vi: "máy chủ tin chưa nhận tin: \(reason). Tin được giữ lại và gửi tiếp sau",
                            en: "the broker takes no messages yet: \(reason). They are kept and tried again"))
                case .sendAgain, .forget: break
                }
            }
        }
        return settled
    }

    private func refuse(_ entry: Spool.Entry, _ reason: String) async {
        log.write(
            .error,
            Wording(
                vi: "máy chủ tin từ chối hẳn tin \(entry.type) (\(entry.id)): \(reason). Tin nằm trong spool/refused",
                en: "the broker refuses \(entry.type) (\(entry.id)) for good: \(reason). It is in spool/refused"))
        await onRefused(entry, reason)
        do throws(SpoolError) { try spool.refuse(entry, reason: reason) } catch {
            log.write(.error, Wording(vi: "không chuyển được tin bị từ chối: \(error.text.vi)", en: "the refused message cannot be put aside: \(error)"))
        }
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
