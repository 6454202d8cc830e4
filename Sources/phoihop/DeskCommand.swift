import AgentKit
import Foundation
import OperatorCommands
import Regulation
import Schemas
import Values

/// `phoihop desk`: what the duty officer owes, each answered with one key. A bell rings for what is new.
struct DeskCommand {
    let context: Context

    /// How often the coordinator is asked, in seconds.
    private static let askSeconds: Int32 = 5
    /// How many obligations are shown: each has one digit.
    private static let shownItems = 9

    func run() async throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 0)
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw Failure(
                .usage, vi: "phoihop desk cần một cửa sổ lệnh để bấm phím; dùng phoihop status và phoihop publish thay thế",
                en: "phoihop desk needs a terminal to press keys at; use phoihop status and phoihop publish instead")
        }
        let configuration = try context.configuration()
        var known: Set<String> = []
        var officer = context.environment["PHOIHOP_OFFICER"]
        while true {
            let desk: Desk
            do throws(Failure) {
                desk = Desk(
                    try await Question.put(Desk.question(of: configuration.party), to: configuration), party: configuration.party,
                    regulation: configuration.regulation)
            } catch {
                context.console.note(error.message)
                if await key(within: DeskCommand.askSeconds) == "q" { return .ok }
                continue
            }
            let names = Set(desk.items.map { $0.duty + "/" + $0.subject + ($0.claim.map { "/" + $0.id } ?? "") })
            let isNew = !names.isSubset(of: known)
            known = names
            show(desk, configuration, ringing: isNew)
            guard let pressed = await key(within: DeskCommand.askSeconds) else { continue }
            if pressed == "q" { return .ok }
            // One obligation needs no number of its own; of several, the number comes first.
            guard let item = try await choose(desk, pressed) else { continue }
            let answers = desk.answers(to: item.item)
            guard let answer = answers.first(where: { $0.key == item.key }) else { continue }
            await say(answer, to: item.item, at: desk, in: configuration.regulation, officer: &officer)
        }
    }

    private var vi: Bool { context.language == .vi }

    private func show(_ desk: Desk, _ configuration: Configuration, ringing: Bool) {
        let times = TimeWriter(now: configuration.clock.now, calendar: configuration.regulation.calendar)
        let screen = context.console.screen
        var lines = [
            screen.paint((vi ? "BÀN TRỰC – " : "DESK – ") + (configuration.regulation.party(configuration.party)?.name[context.language] ?? ""), .bold), "",
        ]
        if desk.items.isEmpty { lines.append(screen.paint(vi ? "Không có việc nào chờ trả lời." : "Nothing waits for an answer.", .green)) }
        for (index, item) in desk.items.prefix(DeskCommand.shownItems).enumerated() {
            let left = item.deadline.map { times.left(until: $0, context.language) } ?? ""
            let drill = item.exercise ? (configuration.regulation.wordings["exercise-prefix"]?[context.language] ?? "") : ""
            let duty = configuration.regulation.duty(item.duty)?.title[context.language] ?? item.duty
            let number = desk.items.count > 1 ? "\(index + 1))  " : ""
            let isLate = item.deadline.map { $0 < times.now } ?? false
            lines.append(screen.paint("\(number)\(drill)\(shown(item.subject)), \(shown(item.title ?? "")) – \(duty): \(left)", isLate ? .red : .yellow))
            if let claim = item.claim {
                let said = [claim.at.map(times.text), claim.reason.map(shown)].compactMap(\.self).joined(separator: ", ")
                lines.append(
                    "      \(shown(claim.by)): \(configuration.regulation.title(of: shown(claim.type))[context.language])" + (said.isEmpty ? "" : " (\(said))"))
            }
            for answer in desk.answers(to: item) { lines.append("      [\(answer.key)] \(answer.label[context.language])") }
        }
        let more = desk.items.count - DeskCommand.shownItems
        if more > 0 { lines.append(vi ? "Còn \(more) việc khác: phoihop status" : "And \(more) more: phoihop status") }
        lines += ["", screen.paint(vi ? "[q] thoát" : "[q] leave", .dim)]
        context.console.print((ringing ? "\u{07}" : "") + "\u{1B}[H\u{1B}[J" + lines.joined(separator: "\n"))
    }

    private func choose(_ desk: Desk, _ pressed: Character) async throws(Failure) -> (item: Desk.Item, key: Character)? {
        let items = desk.items
        if items.count == 1, let item = items.first { return (item, pressed) }
        guard let number = pressed.wholeNumberValue, items.indices.contains(number - 1) else { return nil }
        let item = items[number - 1]
        context.console.print(
            (vi ? "Việc \(number), trả lời phím nào? " : "For \(number), which key? ")
                + desk.answers(to: item).map { "[\($0.key)] \($0.label[context.language])" }.joined(separator: "  "))
        return await key(within: 60).map { (item, $0) }
    }

    /// Asks for what is missing, then publishes the way `phoihop publish` does.
    private func say(_ answer: DeskAnswer, to item: Desk.Item, at desk: Desk, in regulation: Regulation, officer: inout String?) async {
        var given: [String: String] = [:]
        let fields = regulation.schema(of: answer.type)?.fields ?? []
        context.console.print(answer.label.map { _, text in text + ":" })
        for name in desk.asked(answer, to: item) {
            let field = fields.first { $0.name == name }
            let usual = ["officer", "caller"].contains(name) ? officer : field?.tellsThePast == true ? (vi ? "bây giờ" : "now") : nil
            var words = (vi ? field?.description.vi : field?.description.en) ?? name
            if case .choice(let values)? = field?.kind { words += " (\(values.joined(separator: ", ")))" }
            FileHandle.standardOutput.write(Data("  \(words)\(usual.map { " [\($0)]" } ?? ""): ".utf8))
            let text = readLine()?.trimmingCharacters(in: .whitespaces) ?? ""
            given[name] = text.isEmpty ? usual : text
            if ["officer", "caller"].contains(name) { officer = given[name] }
        }
        if let line = desk.line(answer, to: item, given: given) {
            _ = await Program(line: line + context.settings, environment: context.environment).run()
        } else {
            context.console.note(Wording(vi: "Chưa đủ thông tin, tin chưa được gửi.", en: "Something is missing; nothing was sent."))
        }
        context.console.print(vi ? "Bấm phím bất kỳ để tiếp tục." : "Press any key to go on.")
        _ = await key(within: 60)
    }

    /// The next key pressed, nil if none is within so many seconds.
    private func key(within seconds: Int32) async -> Character? {
        var usual = termios()
        tcgetattr(STDIN_FILENO, &usual)
        var raw = usual
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        defer { tcsetattr(STDIN_FILENO, TCSANOW, &usual) }
        var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, seconds * 1000) > 0 else { return nil }
        var byte: UInt8 = 0
        // A terminal that is gone ends the desk.
        guard read(STDIN_FILENO, &byte, 1) == 1 else { return "q" }
        return Character(Unicode.Scalar(byte))
    }
}
