import AgentKit
import Content
import Files
import Foundation
import Messages
import OperatorCommands
import Regulation
import Values

/// What messages about content take from the content itself: an acceptance says that the files were checked, and cannot do without; a publication names
/// the files that were handed in (Clause 1, Article 7).
struct ContentWork {
    let context: Context
    let composer: Composer
    let home: URL

    /// Completes messages. Those of other types stay as they are.
    /// - Throws: bad data, where content would be accepted whose files are unchecked or wrong.
    func complete(_ messages: [Outgoing]) async throws(Failure) -> [Outgoing] {
        var completed: [Outgoing] = []
        for message in messages { completed.append(try await complete(message)) }
        return completed
    }

    private func complete(_ message: Outgoing) async throws(Failure) -> Outgoing {
        guard let content = composer.regulation.content, let subject = message.event.subject, var data = message.event.data.object else { return message }
        let fields = Set(composer.regulation.schema(of: message.event.type)?.fields.map(\.name) ?? [])
        switch message.event.type {
        case content.vetted where fields.contains("filesCheckedAt") && data["outcome"] == "accepted" && data["filesUncheckedReason"] == nil:
            let files = try await suppliedFiles(subject, message.event.exercise)
            guard !files.isEmpty else { return message }
            try await requireRight(files, subject)
            data["filesCheckedAt"] = JSON(try context.clock().now, offset: composer.regulation.calendar.offset)
        case content.published where fields.contains("files") && data["files"] == nil && !isNew:
            let files: [FileReference]
            do throws(Failure) {
                files = try await CaseRecords(of: subject, context).suppliedFiles(under: subject, exercise: message.event.exercise)
            } catch {
                context.console.note(
                    Wording(
                        vi: "Không tra được tệp của \(shown(subject)), tin đăng tải không nêu tệp nào; đề nghị ghi --file nếu có. \(error.message.vi)",
                        en:
                            "The files of \(shown(subject)) could not be looked up, and the publication names none; give --file if there are any. \(error.message.en)"
                    ))
                return message
            }
            guard !files.isEmpty else { return message }
            let store = FileStore(home: home)
            let absent = files.filter { !store.has($0) }
            if !absent.isEmpty {
                let names = absent.map { shown($0.title) }.joined(separator: ", ")
                context.console.note(
                    Wording(
                        vi: "Kho chưa có tệp: \(names). Bản sao lưu sẽ thiếu; đề nghị chạy phoihop files check \(shown(subject)), "
                            + "hoặc đăng lại kèm --file đúng tệp đã đăng",
                        en: "The store has not: \(names). The backup will lack them; run phoihop files check \(shown(subject)), "
                            + "or publish again with --file, naming what was posted"))
            }
            data["files"] = .array(files.map(\.json))
        default: return message
        }
        var completed = message
        completed.event.data = .object(data)
        return try composer.recheck(completed)
    }

    /// Whether the message begins a case of its own, of which nothing can have been handed in.
    private var isNew: Bool { (try? context.arguments.value("subject"))??.lowercased() == "new" }

    private func suppliedFiles(_ subject: String, _ exercise: Bool) async throws(Failure) -> [FileReference] {
        do throws(Failure) { return try await CaseRecords(of: subject, context).suppliedFiles(under: subject, exercise: exercise) } catch {
            throw Failure(
                error.code,
                vi: "Chưa chấp nhận được: hộp tin không có nội dung \(shown(subject)), và không đọc được sổ để biết có tệp hay không. \(error.message.vi)\n"
                    + ContentWork.anyway.vi,
                en:
                    "Not accepted: the inbox knows nothing of \(shown(subject)), and the ledger cannot be read to see whether it has files. \(error.message.en)\n"
                    + ContentWork.anyway.en)
        }
    }

    private func requireRight(_ files: [FileReference], _ subject: String) async throws(Failure) {
        let store = FileStore(home: home)
        var problems: [Wording] = []
        for file in files {
            do throws(FilesError) {
                guard let check = try await store.examine(file) else {
                    problems.append(
                        Wording(
                            vi: "\(shown(file.title)): chưa kiểm tra (kho chưa có tệp nguyên vẹn)",
                            en: "\(shown(file.title)): not checked (the store has not the exact file)"))
                    continue
                }
                problems += FileReport.problems(check).map { problem in
                    problem.reason.map { _, text in "\(shown(file.title)): \(shown(text))" }
                }
            } catch {
                problems.append(error.text)
            }
        }
        guard !problems.isEmpty else { return }
        var failure = Failure(
            .badData, Wording(vi: "Chưa chấp nhận được \(shown(subject)), vì có tệp:", en: "\(shown(subject)) was not accepted, because of its files:"),
            problems: problems)
        failure.message.vi += "\nLấy và kiểm tra tệp: phoihop files check \(shown(subject))\n" + ContentWork.anyway.vi
        failure.message.en += "\nTo fetch and check them: phoihop files check \(shown(subject))\n" + ContentWork.anyway.en
        throw failure
    }

    private static let anyway = Wording(
        vi: "Vẫn chấp nhận thì ghi lý do, lý do sẽ nằm trong sổ: --files-unchecked-reason …",
        en: "To accept it all the same, give the reason, which goes on record: --files-unchecked-reason …")
}
