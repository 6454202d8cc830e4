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
        let console = context.console
        if arguments.words.first == "show" {
            try arguments.expectWords(atMost: 2)
            guard arguments.words.count == 2 else {
                throw Failure(.usage, vi: "Đề nghị ghi mã: phoihop inbox show MÃ", en: "Name an id: phoihop inbox show ID")
            }
            let entry = try view.entry(arguments.words[1], in: try InboxCommand.candidates(arguments.words[1], home))
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
        let (all, isAny) = (arguments.has("all"), Seen())
        let selected = try InboxCommand.reading { () throws(FileError) in
            if let since { return view.select(try Inbox.entries(home: home, since: since), type: type, since: since, all: all) }
            if all { return view.select(try Inbox.entries(home: home), type: type, since: nil, all: true) }
            return try Inbox.latest(InboxView.usualCount, home: home) { entry in
                isAny.count += 1
                return view.isWanted(entry, type: type, since: nil, all: false)
            }
        }
        if console.json {
            for entry in selected { console.print(InboxCommand.json(entry, regulation)) }
            return .ok
        }
        if selected.isEmpty {
            let path = home.appending(path: Inbox.fileNames).path(percentEncoded: false)
            let isEmpty = isAny.count == 0 && type == nil && since == nil
            console.print(
                isEmpty
                    ? Wording(vi: "Hộp tin trống (\(path)).", en: "The inbox is empty (\(path)).")
                    : Wording(vi: "Không có tin nào như vậy.", en: "There is no such message."))
        }
        for entry in selected { console.print(view.line(entry, context.language, on: console.screen)) }
        return .ok
    }

    /// Counts what is looked at.
    private final class Seen { var count = 0 }

    /// The messages that an id, or the beginning of one, may mean. Where one has exactly this id, nothing older is looked at.
    private static func candidates(_ id: String, _ home: URL) throws(Failure) -> [Inbox.Entry] {
        var found: [Inbox.Entry] = []
        try reading { () throws(FileError) in
            try Inbox.readBack(home: home) { entry in
                if entry.event.id.hasPrefix(id) { found.append(entry) }
                return entry.event.id != id
            }
        }
        return found.reversed()
    }

    /// Reads the inbox.
    static func reading<Value>(_ read: () throws(FileError) -> Value) throws(Failure) -> Value {
        do throws(FileError) { return try read() } catch {
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
