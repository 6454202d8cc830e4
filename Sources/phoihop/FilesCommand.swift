import AgentKit
import Content
import Files
import Foundation
import OperatorCommands
import Regulation

/// `phoihop files`: whether the files of a case are what its messages say.
struct FilesCommand {
    let context: Context

    func run() async throws(Failure) -> ExitCode {
        let words = context.arguments.words
        guard words.first == "check" else {
            throw Failure(
                .usage, vi: "Đề nghị ghi: phoihop files check MÃ (mã vụ việc hoặc mã tin)", en: "Write: phoihop files check CASE (or the id of a message)")
        }
        try context.arguments.expectWords(atMost: 2)
        guard words.count == 2 else {
            throw Failure(.usage, vi: "Kiểm tra tệp của vụ việc nào? phoihop files check MÃ", en: "The files of which case? phoihop files check CASE")
        }
        return try await check(words[1])
    }

    /// Fetches what is not in the store yet, and holds everything against its reference.
    private func check(_ subject: String) async throws(Failure) -> ExitCode {
        let (_, home, regulation, _) = try context.local()
        let records = try await CaseRecords(of: subject, context)
        let files = records.files
        guard !files.isEmpty else {
            throw Failure(
                .badData, vi: "Không có tin nào của “\(shown(subject))” kèm tệp, trong hộp tin cũng như trong sổ.",
                en: "No message of “\(shown(subject))” names a file, neither in the inbox nor in the ledger.")
        }
        let store = FileStore(home: home)
        var checks: [FileCheck] = []
        for (index, file) in files.enumerated() {
            // Fetching may take long, and whoever waits wants to know for what.
            if !context.console.json, !store.has(file) {
                let what = "\(index + 1)/\(files.count) \(shown(file.title)), \(size(file.bytes)) …"
                context.console.note(Wording(vi: "đang lấy tệp \(what)", en: "fetching \(what)"))
            }
            checks.append(await store.check(file, environment: context.environment))
        }
        let report = FileReport(subject: subject, submission: records.withFiles.last, checks, content: regulation.content)
        let console = context.console
        if console.json {
            console.print(report.json { store.path(of: $0) })
        } else {
            console.print(report.lines(context.language, on: console.screen).joined(separator: "\n"))
        }
        return report.holds ? .ok : .badData
    }
}
