import OperatorCommands
import Regulation

/// `phoihop describe`.
struct DescribeCommand {
    let context: Context

    func run() throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 1)
        if let name = context.arguments.words.first {
            try describe(name)
            return .ok
        }
        let regulation = try context.regulation()
        let list = TypeList(regulation: regulation, party: try context.party(in: regulation))
        let console = context.console
        if console.json { console.print(list.json) } else { console.print(list.lines(context.language, on: console.screen).joined(separator: "\n")) }
        return .ok
    }

    func describe(_ name: String) throws(Failure) {
        let regulation = try context.regulation()
        let known = try InboxView(regulation: regulation, now: .init(milliseconds: 0)).type(named: name)
        guard let type = regulation.messageType(known), let description = TypeDescription(type, regulation: regulation) else {
            throw Failure(.badData, vi: "Loại tin \(known) chưa có mẫu.", en: "The type \(known) has no schema.")
        }
        let console = context.console
        if console.json {
            console.print(description.json)
        } else {
            console.print(description.lines(context.language, on: console.screen).joined(separator: "\n"))
        }
    }
}
