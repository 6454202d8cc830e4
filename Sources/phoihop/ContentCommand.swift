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
        var board = ContentBoard()
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
