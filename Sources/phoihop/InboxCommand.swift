import AgentKit
import Foundation
import OperatorCommands
import Regulation
import Values

/// `phoihop inbox`.
struct InboxCommand {
    let context: Context

    func run() throws(Failure) -> ExitCode {
        let (_, home, regulation, clock) = try context.local()
        let arguments = context.arguments
        let view = InboxView(regulation: regulation, now: clock.now)
        let entries = try InboxCommand.entries(home)
        let console = context.console
        if arguments.words.first == "show" {
            try arguments.expectWords(atMost: 2)
            guard arguments.words.count == 2 else {
                throw Failure(.usage, vi: "Đề nghị ghi mã: phoihop inbox show MÃ", en: "Name an id: phoihop inbox show ID")
            }
            let entry = try view.entry(arguments.words[1], in: entries)
            if console.json {
                console.print(entry.event.json(offset: regulation.calendar.offset))
            } else {
                console.print(view.lines(entry, context.language, on: console.screen).joined(separator: "\n"))
            }
            return .ok
        }
        try arguments.expectWords(atMost: 1)
        let type = try arguments.words.first.map { name throws(Failure) in try view.type(named: name) }
        var since: Instant?
        if let text = try arguments.value("since") {
            switch TimePhrase(now: clock.now, calendar: regulation.calendar).instant(text) {
            case .success(let instant): since = instant
            case .failure(let unreadable): throw Failure(.usage, vi: "--since: \(unreadable.explanation.vi)", en: "--since: \(unreadable.explanation.en)")
            }
        }
        let selected = view.select(entries, type: type, since: since, all: arguments.has("all"))
        if console.json {
            for entry in selected { console.print(InboxCommand.json(entry, regulation)) }
            return .ok
        }
        if selected.isEmpty {
            let path = home.appending(path: Inbox.fileName).path(percentEncoded: false)
            console.print(
                entries.isEmpty
                    ? Wording(vi: "Hộp tin trống (\(path)).", en: "The inbox is empty (\(path)).")
                    : Wording(
                        vi: "Không có tin nào như vậy; hộp tin có \(entries.count) tin.", en: "There is no such message; the inbox holds \(entries.count)."))
        }
        for entry in selected { console.print(view.line(entry, context.language, on: console.screen)) }
        return .ok
    }

    static func entries(_ home: URL) throws(Failure) -> [Inbox.Entry] {
        do throws(FileError) { return try Inbox.entries(home: home) } catch {
            throw Failure(.cannotCreate, vi: "Không đọc được hộp tin: \(error)", en: "The inbox cannot be read: \(error)")
        }
    }

    static func json(_ entry: Inbox.Entry, _ regulation: Regulation) -> JSON {
        let offset = regulation.calendar.offset
        return .compact([
            "receivedAt": JSON(entry.receivedAt, offset: offset), "state": .string(entry.state.rawValue), "reason": entry.reason.map { .string($0) },
            "type": .string(entry.event.type), "event": entry.event.json(offset: offset),
        ])
    }
}
