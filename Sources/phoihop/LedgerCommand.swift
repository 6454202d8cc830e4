import AMQP
import AgentKit
import Coordination
import Foundation
import Messages
import OperatorCommands
import Regulation
import Synchronization
import Values

/// `phoihop ledger`: what was said, from the beginning; as a story, or as it stands in the ledger, one CloudEvent a line. It can be kept in a file, and
/// the coordinator judged by it.
struct LedgerCommand {
    let context: Context

    /// How long a notice waits for others of the same step, in seconds.
    private static let groupingSeconds = 0.2

    func run() async throws(Failure) -> ExitCode {
        switch context.arguments.words.first {
        case nil: return try await tell()
        case "export":
            try context.arguments.expectWords(atMost: 2)
            guard context.arguments.words.count == 2 else {
                throw Failure(.usage, vi: "Đề nghị ghi tên tệp: phoihop ledger export TỆP", en: "Name a file: phoihop ledger export FILE")
            }
            return try await export(to: context.arguments.words[1])
        case "import":
            try context.arguments.expectWords(atMost: 2)
            guard context.arguments.words.count == 2 else {
                throw Failure(.usage, vi: "Đề nghị ghi tên tệp: phoihop ledger import TỆP", en: "Name a file: phoihop ledger import FILE")
            }
            return try await LedgerRestore(context: context, path: context.arguments.words[1]).run()
        case "verify":
            try context.arguments.expectWords(atMost: 2)
            return try await LedgerReview(context: context, path: context.arguments.words.dropFirst().first).verify()
        case "state":
            try context.arguments.expectWords(atMost: 2)
            return try await LedgerReview(context: context, path: context.arguments.words.dropFirst().first).tellState()
        case let word?:
            throw Failure(
                .usage, vi: "Không có lệnh phoihop ledger \(shown(word)). Có: phoihop ledger, và phoihop ledger export, verify, state, import",
                en: "There is no phoihop ledger \(shown(word)). There are: phoihop ledger, and phoihop ledger export, verify, state, import")
        }
    }

    // MARK: The story

    private func tell() async throws(Failure) -> ExitCode {
        let configuration = try context.configuration()
        let story = Story(Timeline(regulation: configuration.regulation, language: context.language, screen: context.console.screen))
        let reader = LedgerReader(endpoint: configuration.endpoint)
        if context.arguments.has("follow") {
            try await reader.follow(pauseSeconds: LedgerCommand.groupingSeconds, pause: { show(story.flush()) }) { delivery, _ in show(delivery, story) }
        } else {
            try await reader.read { delivery, _ in show(delivery, story) }
        }
        show(story.flush())
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

    /// The story, told by the reader and by the clock: what waits for others like it is told when the ledger falls silent.
    private final class Story: Sendable {
        private let timeline: Mutex<Timeline>
        init(_ timeline: Timeline) { self.timeline = Mutex(timeline) }
        func add(_ event: Event) -> [String] { timeline.withLock { $0.add(event) } }
        func flush() -> [String] { timeline.withLock { $0.flush() } }
    }

    // MARK: Export

    private func export(to path: String) async throws(Failure) -> ExitCode {
        let configuration = try context.configuration()
        let phrases = TimePhrase(now: configuration.clock.now, calendar: configuration.regulation.calendar)
        let range = try LedgerRange(from: context.arguments.value("from"), to: context.arguments.value("to"), phrases)
        let (total, count) = try await LedgerExport(endpoint: configuration.endpoint, console: context.console).run(to: path, range)
        if context.console.json {
            context.console.print(["file": .string(path), "records": .int(Int64(total)), "new": .int(Int64(count))])
        } else {
            context.console.print(Wording(vi: "\(path): \(total) bản ghi, \(count) bản ghi mới", en: "\(path): \(total) records, \(count) of them new"))
        }
        return .ok
    }
}
