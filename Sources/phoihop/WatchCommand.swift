import AgentKit
import Foundation
import OperatorCommands
import Regulation
import Values

/// `phoihop watch`: what comes in, as it comes; on a terminal with the table of what is owed. Ends on Ctrl-C.
struct WatchCommand {
    let context: Context

    /// How often the inbox is looked at, in seconds.
    private static let pollSeconds = 0.5
    /// How often the coordinator is asked, in seconds.
    private static let askSeconds = 10.0
    /// How many messages a screen may hold.
    private static let mostShown = 500

    func run() async throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 0)
        let (_, home, regulation, clock) = try context.local()
        signal(SIGINT) { _ in _exit(0) }
        let isTerminal = isatty(STDOUT_FILENO) == 1 && !context.console.json
        return isTerminal ? try await onTerminal(home, regulation, clock) : try await inLines(home, regulation, clock)
    }

    private func pause() async { try? await Task.sleep(for: .seconds(WatchCommand.pollSeconds)) }

    private func inLines(_ home: URL, _ regulation: Regulation, _ clock: Clock) async throws(Failure) -> ExitCode {
        var tail = try InboxCommand.reading { () throws(FileError) in try InboxTail(home: home) }
        while true {
            await pause()
            let view = InboxView(regulation: regulation, now: clock.now)
            for entry in try InboxCommand.reading({ () throws(FileError) in try tail.next() }) where entry.state != .record {
                let console = context.console
                if console.json { console.print(InboxCommand.json(entry, regulation)) } else { console.print(view.line(entry, context.language, on: Screen())) }
            }
        }
    }

    private func onTerminal(_ home: URL, _ regulation: Regulation, _ clock: Clock) async throws(Failure) -> ExitCode {
        let configuration = try context.configuration()
        var tail = try InboxCommand.reading { () throws(FileError) in try InboxTail(home: home) }
        var entries = try InboxCommand.reading { () throws(FileError) in try Inbox.latest(WatchCommand.mostShown, home: home) { $0.state != .record } }
        var isFirst = true
        var report: [String] = [context.language == .vi ? "Đang hỏi hệ thống điều phối …" : "Asking the coordinator …"]
        var nextAsk = ContinuousClock.now
        while true {
            let new = try InboxCommand.reading { () throws(FileError) in try tail.next() }
            entries = (entries + new).suffix(WatchCommand.mostShown)
            let isDue = ContinuousClock.now >= nextAsk
            if isDue {
                do throws(Failure) {
                    let answer = try await Question.put(["ask": "status"], to: configuration)
                    let lines = StatusReport(answer, regulation: regulation)?.lines(context.language, on: context.console.screen)
                    report = lines ?? [Failure.unreadableAnswer.message[context.language]]
                } catch {
                    report = [context.console.screen.paint(error.message[context.language], .red)]
                }
                nextAsk = ContinuousClock.now + .seconds(WatchCommand.askSeconds)
            }
            if isDue || isFirst || !new.isEmpty {
                isFirst = false
                let view = InboxView(regulation: regulation, now: clock.now)
                let lines = view.screenful(report, entries, context.language, on: context.console.screen)
                // Home, the lines each cleared to its end, then the rest of the screen.
                context.console.write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J")
            }
            await pause()
        }
    }
}
