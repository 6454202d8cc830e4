import AMQP
import AgentKit
import Messages
import OperatorCommands
import Regulation
import Synchronization
import Topology
import Values

/// `phoihop ledger`: what was said, from the beginning; as a story, or as it stands in the ledger, one CloudEvent a line.
struct LedgerCommand {
    let context: Context

    /// How long the ledger must be silent to count as read to its end, in seconds.
    private static let silenceSeconds = 0.7
    /// How long a notice waits for others of the same step, in seconds.
    private static let groupingSeconds = 0.2

    func run() async throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 0)
        let configuration = try context.configuration()
        let follows = context.arguments.has("follow")
        let link = try await Link.open(configuration.endpoint, name: "phoihop ledger")
        let story = Story(Timeline(regulation: configuration.regulation, language: context.language, screen: context.console.screen))
        do throws(AMQPError) {
            let position = Position()
            let ledger = try link.connection.consume(queue: Topology.ledger, prefetch: 500) {
                ["x-stream-offset": position.next.map { .int($0) } ?? .string("first")]
            }
            let watch = Task {
                while !Task.isCancelled, follows || !story.isSilent(forSeconds: LedgerCommand.silenceSeconds) {
                    try? await Task.sleep(for: .milliseconds(50))
                    if story.isSilent(forSeconds: LedgerCommand.groupingSeconds) { show(story.flush()) }
                }
                ledger.cancel()
            }
            defer { watch.cancel() }
            for try await event in ledger {
                guard case .deliveries(let deliveries) = event else {
                    if case .interrupted(let error) = event, !error.isRetriable { throw error }
                    continue
                }
                for delivery in deliveries { if position.advance(past: delivery) { show(delivery, story) } }
                if let last = deliveries.last { ledger.acknowledge(through: last) }
            }
        } catch {
            await link.close()
            throw Link.failure(error, configuration.endpoint)
        }
        show(story.flush())
        await link.close()
        return .ok
    }

    private func show(_ delivery: Delivery, _ story: Story) {
        guard let json = try? JSON(parsing: delivery.body), let event = try? MessageReader.event(in: json) else {
            let sender = delivery.userID ?? "?"
            return context.console.note(
                Wording(vi: "bỏ qua một bản ghi không đọc được, của \(sender)", en: "a record that cannot be read is left out, from \(sender)"))
        }
        let lines = story.add(event)
        if context.console.json { context.console.print(json) } else { show(lines) }
    }

    private func show(_ lines: [String]) { if !context.console.json, !lines.isEmpty { context.console.print(lines.joined(separator: "\n")) } }

    /// Where to go on after a reconnection; the connection's thread asks.
    private final class Position: Sendable {
        private let offset = Mutex<Int64?>(nil)
        var next: Int64? { offset.withLock { $0 } }

        /// Notes a record as read; false if it was read before.
        func advance(past delivery: Delivery) -> Bool {
            guard case .int(let read)? = delivery.headers["x-stream-offset"] else { return false }
            return offset.withLock { next in
                if let expected = next, read < expected { return false }
                next = read + 1
                return true
            }
        }
    }

    /// The story, told by the reader and by the clock: what waits for others like it is told when the ledger falls silent.
    private final class Story: Sendable {
        private let state: Mutex<(timeline: Timeline, lastRead: ContinuousClock.Instant)>
        init(_ timeline: Timeline) { state = Mutex((timeline, .now)) }

        func add(_ event: Event) -> [String] {
            state.withLock { state in
                state.lastRead = .now
                return state.timeline.add(event)
            }
        }
        func flush() -> [String] { state.withLock { $0.timeline.flush() } }
        func isSilent(forSeconds seconds: Double) -> Bool { state.withLock { ContinuousClock.now - $0.lastRead > .seconds(seconds) } }
    }
}
