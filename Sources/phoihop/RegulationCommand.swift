import AgentKit
import Build
import Coordination
import Foundation
import Messages
import OperatorCommands
import Regulation
import Simulation
import Values

/// `phoihop regulation …`: the regulation as text, to be read, checked, and amended.
struct RegulationCommand {
    let context: Context
    private static let names = ["table", "show", "check", "coverage", "diff", "replay"]

    func run() throws(Failure) -> ExitCode {
        var words = context.arguments.words[...]
        switch words.popFirst() {
        case "check": return try check(words)
        case "coverage": return try coverage(words)
        case "diff": return try diff(words)
        case "replay": try replay(words)
        case "table": try table(words)
        case "show": try show(words)
        case nil:
            throw Failure(
                .usage, vi: "Đề nghị ghi phoihop regulation table, show VIỆC|LOẠI-VỤ-VIỆC|BÊN, check TỆP, coverage, diff CŨ MỚI hoặc replay SỔ.",
                en: "Write phoihop regulation table, show DUTY|CASE|PARTY, check FILE, coverage, diff OLD NEW or replay LEDGER.")
        case let other?:
            let near = nearest(to: other, in: RegulationCommand.names)
            let known = RegulationCommand.names.joined(separator: ", ")
            throw Failure(
                .usage, vi: "Không có phoihop regulation \(shown(other)); " + (near.map { "có phải là \($0)?" } ?? "có \(known)."),
                en: "There is no phoihop regulation \(shown(other)); " + (near.map { "did you mean \($0)?" } ?? "there are \(known)."))
        }
        return .ok
    }

    private func check(_ words: ArraySlice<String>) throws(Failure) -> ExitCode {
        let file = try files(words, "check FILE", count: 1)[0]
        let check = RegulationCheck(try text(file))
        show(check.json) { check.lines(file, context.language) }
        return check.findings.isEmpty ? .ok : .badData
    }

    /// Plays every scenario of a directory, and tells which duty is met where and goes overdue where.
    private func coverage(_ words: ArraySlice<String>) throws(Failure) -> ExitCode {
        guard words.count <= 1 else { throw usage("coverage [DIR]") }
        let directory = words.first ?? "Tests/scenarios"
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory))?.filter { $0.hasSuffix(".scenario") }.sorted() ?? []
        guard !files.isEmpty else {
            throw Failure(
                .usage, vi: "Thư mục \(shown(directory)) không có kịch bản (*.scenario); đề nghị ghi: phoihop regulation coverage THƯ-MỤC.",
                en: "There is no scenario (*.scenario) in \(shown(directory)); write: phoihop regulation coverage DIR.")
        }
        let regulation = try context.regulation()
        var stories: [Coverage.Story] = []
        for file in files {
            let scenario = try ScenarioFile(path: URL(fileURLWithPath: directory).appendingPathComponent(file).path, context: context).scenario()
            // A scenario of a regulation of its own says nothing of this one.
            if scenario.regulation.digest == regulation.digest { stories.append(Coverage.Story(file, Performance(of: scenario))) }
        }
        let coverage = Coverage(of: regulation, shownBy: stories)
        let report = CoverageReport(coverage, of: regulation)
        show(report.json) {
            context.arguments.has("markdown") ? report.markdown(context.language) : report.lines(context.language, on: context.console.screen)
        }
        return coverage.isComplete ? .ok : .unexpected
    }

    private func diff(_ words: ArraySlice<String>) throws(Failure) -> ExitCode {
        let files = try files(words, "diff OLD NEW", count: 2)
        let amendment = Amendment(from: try regulation(in: files[0]), to: try regulation(in: files[1]))
        show(amendment.json) { amendment.lines(context.language, on: context.console.screen) }
        return .ok
    }

    /// What a ledger would have been under the regulation that `--regulation` names.
    private func replay(_ words: ArraySlice<String>) throws(Failure) {
        let file = try files(words, "replay --regulation NEW LEDGER.jsonl", count: 1)[0]
        let regulation = try context.regulation()
        var aside = SetAside(build: Build.id)
        var records: [LedgerState.Record] = []
        for (index, line) in try read(file).split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let record = LedgerText.record(Array(line), in: regulation) else {
                throw LedgerFile.failure(file, "line \(index + 1) is no record of a ledger", "dòng \(index + 1) không phải bản ghi của sổ")
            }
            aside.note(record)
            records.append(record)
        }
        var replay = Replay(under: regulation, options: .init(rate: try context.clock().rate), setAside: aside)
        for record in records { replay.read(record) }
        replay.finish()
        let report = ReplayReport(replay, under: regulation)
        show(report.json) { report.lines(context.language, on: context.console.screen) }
    }

    private func table(_ words: ArraySlice<String>) throws(Failure) {
        guard words.count <= 1 else { throw usage("table [FILE]") }
        let regulation = if let file = words.first { try regulation(in: file) } else { try context.regulation() }
        let table = RegulationTable(regulation)
        show(table.json) {
            context.arguments.has("markdown") ? table.markdown(context.language) : table.lines(context.language, on: context.console.screen)
        }
    }

    private func show(_ words: ArraySlice<String>) throws(Failure) {
        guard words.count == 1, let name = words.first else { throw usage("show DUTY|CASE|PARTY") }
        let table = RegulationTable(try context.regulation())
        if let kind = table.caseKind(named: name) {
            return show(table.json(kind)) { table.lines(of: kind, context.language, on: context.console.screen) }
        }
        if let party = table.party(named: name) {
            return show(table.json(party)) { table.lines(of: party, context.language, on: context.console.screen) }
        }
        let duty = try table.duty(named: name)
        show(table.json(duty)) { table.lines(of: duty, context.language, on: context.console.screen) }
    }

    private func show(_ json: JSON, _ lines: () -> [String]) {
        if context.console.json { context.console.print(json) } else { context.console.print(lines().joined(separator: "\n")) }
    }

    // MARK: Files

    private func usage(_ form: String) -> Failure {
        Failure(
            .usage, vi: "Đề nghị ghi phoihop regulation \(form); xem phoihop help regulation.",
            en: "Write phoihop regulation \(form); see phoihop help regulation.")
    }

    private func files(_ words: ArraySlice<String>, _ form: String, count: Int) throws(Failure) -> [String] {
        guard words.count == count else { throw usage(form) }
        return Array(words)
    }

    private func read(_ file: String) throws(Failure) -> [UInt8] {
        let data = file == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
        guard let data else {
            throw Failure(
                .usage, vi: "Không đọc được tệp \(shown(file)); đề nghị kiểm tra tên và quyền đọc.",
                en: "The file \(shown(file)) cannot be read; check its name and permissions.")
        }
        return Array(data)
    }

    /// A regulation as it lies there: a file, standard input, or a folder with the schemas of its messages.
    private func text(_ file: String) throws(Failure) -> RegulationText {
        if file == "-" { return RegulationText(try read(file)) }
        do throws(FileError) { return try RegulationText(at: file) } catch {
            throw Failure(.usage, vi: "\(shown(file)) không đọc được: \(error.text.vi)", en: "\(shown(file)) cannot be read: \(error.text.en)")
        }
    }

    /// The regulation of a file that must be in order as far as its reader goes.
    private func regulation(in file: String) throws(Failure) -> Regulation {
        let check = RegulationCheck(try text(file))
        if let regulation = check.regulation { return regulation }
        throw Failure(
            .badData, Wording(vi: "\(shown(file)) có lỗi:", en: "\(shown(file)) is wrong:"),
            problems: check.findings.map { finding in finding.reason.map { _, text in "\(finding.pointer.isEmpty ? "/" : finding.pointer): \(text)" } })
    }
}
