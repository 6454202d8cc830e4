import AgentKit
import Broker
import Content
import Files
import Foundation
import Messages
import OperatorCommands
import Regulation

/// `phoihop content`: what is posted on the Cluster, and what is on its way there, from the ledger.
struct ContentCommand {
    let context: Context

    func run() async throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 0)
        let configuration = try context.configuration()
        let reader = MessageReader(regulation: configuration.regulation)
        var board = ContentBoard(try context.content(of: configuration.regulation))
        try await LedgerReader(endpoint: configuration.endpoint).read { delivery, _ in
            if case .success(let event) = reader.read(delivery.body, Carriage(delivery)) { board.read(event) }
        }
        let store = FileStore(home: configuration.home)
        let report = ContentReport(board, at: configuration.clock.now, regulation: configuration.regulation) { store.has($0) }
        let console = context.console
        if console.json {
            console.print(report.json)
        } else {
            console.print(report.lines(all: context.arguments.has("all"), context.language, on: console.screen).joined(separator: "\n"))
        }
        return .ok
    }
}

extension Context {
    /// Which message types play which part for content.
    /// - Throws: where the text has nothing to do with content.
    func content(of regulation: Regulation) throws(Failure) -> ContentTypes {
        if let content = regulation.content { return content }
        throw Failure(
            .usage,
            vi: "Quy định này (bản \(shown(regulation.version))) không có bảng nội dung: không nêu tin nào đăng nội dung (mục “content”).",
            en:
                "Under this regulation (edition \(shown(regulation.version))) there is no board of content: it names no messages for it (the member \"content\")."
        )
    }
}
