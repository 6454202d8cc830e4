import AgentKit
import Broker
import Build
import Coordination
import Foundation
import Messages
import OperatorCommands
import Regulation
import Reporting
import Values

/// `phoihop report`: the Department's figures for a half-year or a year, gathered from the ledger alone.
struct ReportCommand {
    let context: Context

    /// How a report is written.
    private enum Format: String, CaseIterable {
        case markdown = "md"
        case html, json

        init?(_ word: String) {
            switch word.lowercased() {
            case "md", "markdown": self = .markdown
            case "html", "htm": self = .html
            case "json": self = .json
            default: return nil
            }
        }
    }

    func run() async throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 0)
        let period = try period()
        let out = try context.arguments.value("out")
        let format = try format(of: out)
        let reading = try await reading()
        let report: PeriodReport
        do throws(ReportError) { report = try PeriodReport(period, from: reading) } catch { throw Failure(.badData, vi: error.text.vi, en: error.text.en) }
        if let name = try context.arguments.value("trace") {
            try trace(name, in: report, format)
            return .ok
        }
        let text = text(of: report, format)
        guard let out else {
            context.console.write(text)
            return .ok
        }
        try write(text, to: out)
        context.console.print(publishing(report, file: out))
        return .ok
    }

    // MARK: What is asked for

    private func period() throws(Failure) -> ReportPeriod {
        guard let text = try context.arguments.value("period") else {
            throw Failure(
                .usage, vi: "Kỳ nào? phoihop report --period 2026-H1 (6 tháng đầu năm), 2026-H2 hoặc 2026 (cả năm).",
                en: "Which period? phoihop report --period 2026-H1 (the first half), 2026-H2, or 2026 (the year).")
        }
        if let period = ReportPeriod(text) { return period }
        throw Failure(
            .usage, vi: "“\(shown(text))” không phải là kỳ báo cáo; đề nghị ghi 2026-H1, 2026-H2 hoặc 2026.",
            en: "“\(shown(text))” is no period of a report; write 2026-H1, 2026-H2 or 2026.")
    }

    private func format(of out: String?) throws(Failure) -> Format {
        let named = try context.arguments.value("format")
        if let named, Format(named) == nil {
            throw Failure(
                .usage, vi: "--format “\(shown(named))” không có; có: md, html, json.", en: "There is no --format “\(shown(named))”; there are: md, html, json."
            )
        }
        if let format = named.flatMap({ Format($0) }) { return format }
        if context.console.json { return .json }
        guard let out else { return .markdown }
        if let format = Format(URL(fileURLWithPath: out).pathExtension) { return format }
        throw Failure(
            .usage, vi: "Không rõ ghi \(shown(out)) ở dạng nào; đề nghị đặt đuôi .md, .html, .json, hoặc thêm --format.",
            en: "It is not clear in which format to write \(shown(out)); end its name in .md, .html or .json, or add --format.")
    }

    // MARK: The ledger

    private func reading() async throws(Failure) -> LedgerReading {
        guard let path = try context.arguments.value("ledger") else {
            let configuration = try context.configuration()
            var aside = SetAside(build: Build.id)
            try await LedgerReader(endpoint: configuration.endpoint).read { delivery, offset in
                aside.note(LedgerState.Record(body: delivery.body, carriage: Carriage(delivery), offset: offset))
            }
            var reading = LedgerReading(options: .init(rate: configuration.clock.rate), setAside: aside)
            try await LedgerReader(endpoint: configuration.endpoint).read { delivery, offset in
                reading.read(LedgerState.Record(body: delivery.body, carriage: Carriage(delivery), offset: offset))
            }
            return reading
        }
        let regulation = try context.regulation()
        var aside = SetAside(build: Build.id)
        var records: [LedgerState.Record] = []
        for (index, line) in try bytes(of: path).split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let record = LedgerText.record(Array(line), in: regulation) else {
                throw LedgerFile.failure(path, "line \(index + 1) is no record of a ledger", "dòng \(index + 1) không phải bản ghi của sổ")
            }
            aside.note(record)
            records.append(record)
        }
        var reading = LedgerReading(options: .init(rate: try context.clock().rate), setAside: aside)
        for record in records { reading.read(record) }
        return reading
    }

    private func bytes(of path: String) throws(Failure) -> [UInt8] {
        if path == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() ?? Data() else {
            throw LedgerFile.failure(path, "cannot be read", "không đọc được")
        }
        return Array(data)
    }

    // MARK: What is told

    private func text(of report: PeriodReport, _ format: Format) -> String {
        switch format {
        case .markdown: MarkdownReport(report, language: context.language).markdown
        case .html: HTMLReport(report, language: context.language).html
        case .json: report.json.text + "\n"
        }
    }

    private func trace(_ name: String, in report: PeriodReport, _ format: Format) throws(Failure) {
        guard let trace = Trace(name, in: report) else {
            let near = nearest(to: name, in: report.references.flatMap { [$0.key] + $0.figures.map(\.id) })
            throw Failure(
                .usage, vi: "Báo cáo không có số liệu “\(shown(name))”" + (near.map { "; có phải là \($0)?" } ?? ".") + " Các mã có trong --format json.",
                en: "The report has no figure “\(shown(name))”" + (near.map { "; did you mean \($0)?" } ?? ".") + " The ids are in --format json.")
        }
        if format == .json { context.console.print(trace.json) } else { context.console.print(trace.lines(context.language).joined(separator: "\n")) }
    }

    /// Writes the file in one step. A former one that says something else may hold an officer's own words, and is kept beside it.
    private func write(_ text: String, to path: String) throws(Failure) {
        let data = Data(text.utf8)
        let file = URL(fileURLWithPath: path)
        if let former = FileManager.default.contents(atPath: path), former != data {
            let kept = URL(fileURLWithPath: path + "~")
            do { try former.write(to: kept, options: .atomic) } catch { throw cannotWrite(kept.path, error) }
            context.console.note(Wording(vi: "Bản cũ được giữ thành \(path)~", en: "The former file is kept as \(path)~"))
        }
        do { try data.write(to: file, options: .atomic) } catch { throw cannotWrite(path, error) }
    }

    private func cannotWrite(_ path: String, _ error: any Error) -> Failure {
        Failure(
            .cannotCreate, vi: "Không ghi được \(shown(path)): \(error.localizedDescription)",
            en: "\(shown(path)) cannot be written: \(error.localizedDescription)")
    }

    /// What was written, and how the officer publishes the consolidated report when it is ready.
    private func publishing(_ report: PeriodReport, file: String) -> Wording {
        guard let type = report.consolidation else { return Wording(vi: "Đã ghi \(file).", en: "Written: \(file).") }
        let period = report.period
        let summary = report.summary.map { _, text in quoted(text) }
        let command = summary.map { _, summary in
            "  phoihop publish \(type) --period \(period.consolidatedPeriod) --year \(period.year) --summary \(summary) --file \(quoted(file))"
        }
        return Wording(
            vi: "Đã ghi \(file). Khi cán bộ đã soạn xong, gửi báo cáo tổng hợp bằng:\n\(command.vi)",
            en: "Written: \(file). When the officer has finished it, publish the consolidated report by:\n\(command.en)")
    }

    /// A word for the shell, quoted where it must be.
    private func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./".contains($0)) }
        return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
