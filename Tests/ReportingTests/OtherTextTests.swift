import Foundation
import Regulation
import Reporting
import Simulation
import Testing
import Values

/// What a report is about, the text says: another text's report is in that text's words, and one that leaves a part out has a report without it.
@Suite struct OtherTextTests {
    private static let texts = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../texts").standardizedFileURL

    private static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: texts.appending(path: path))) }

    private static func regulation(_ text: String) throws -> Regulation {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: texts.appending(path: text + "/messages").path)) ?? []
        let schemas = try files.sorted().map { (file: $0, bytes: try bytes("\(text)/messages/\($0)")) }
        return try Regulation(RegulationText(bytes(text + "/regulation.json"), schemas: schemas))
    }

    private static func report(_ text: String, _ file: String, _ period: String) throws -> PeriodReport {
        let scenario = try Scenario(parsing: String(decoding: bytes("\(text)/\(file)"), as: UTF8.self), regulation: regulation(text))
        return try PeriodReport(try #require(ReportPeriod(period)), from: reading(Performance(of: scenario)))
    }

    private func texts(_ report: PeriodReport) -> [String] {
        Language.allCases.flatMap { [MarkdownReport(report, language: $0).markdown, HTMLReport(report, language: $0).html, report.summary[$0]] }
            + [report.json.text]
    }

    @Test func aReservoirsReportIsAboutReleases() throws {
        let report = try Self.report("dam", "in-time.scenario", "2026-H2")
        #expect(report.sections.map(\.id) == ["scope", "incidents", "duties", "claims"])
        #expect(try report.count("incidents.real") == 2)
        #expect(try report.value("incidents.case.XL-1.decided") == .span(.zero))
        #expect(try report.value("incidents.case.XL-1.warned") == .span(.hours(1)))
        // Of the two districts the first.
        #expect(try report.value("incidents.case.XL-1.relayed") == .span(.hours(2)))
        #expect(try report.value("incidents.case.XL-1.begun") == .span(.hours(6)))
        #expect(try report.value("incidents.case.XL-2.ended") == .missing(.notOnRecord))
        #expect(try report.value("incidents.case.XL-1.hour") == .state(.inTime, .law))
        #expect(try report.count("incidents.notified.in-time") == 2)
        #expect(try report.obligations("incidents.notified.in-time") == ["release.warn-downstream/XL-1", "release.warn-downstream/XL-2"])
        #expect(try report.count("incidents.purpose.flood.count") == 1)
        #expect(try report.count("incidents.unresolved") == 1)
        // It announces no maintenance and merges nothing.
        #expect(report.figure("incidents.planned") == nil && report.figure("incidents.merged") == nil)
        let (vi, en) = (MarkdownReport(report, language: .vi).markdown, MarkdownReport(report, language: .en).markdown)
        #expect(vi.contains("## 2. Các đợt xả lũ (Điều 9, 10)") && en.contains("## 2. Releases of water (Articles 9 and 10)"))
        #expect(vi.contains("Số đợt xả lũ xảy ra trong kỳ: **2**") && en.contains("Releases called off (not counted as releases): **0**"))
        #expect(vi.contains("Báo cho hạ du trong hạn: **2**") && en.contains("Those downstream warned before the deadline: **2**"))
        #expect(vi.contains("| cắt, giảm lũ") && en.contains("Releases by what the release is for"))
        #expect(vi.contains("Trong đó chưa có xác nhận của Ban Chỉ huy") && vi.contains("Quy chế phối hợp thông báo xả lũ hồ chứa"))
        #expect(report.summary.en == "Consolidated figures for the second half of 2026; 2 releases, 2 told to the Flood Command before the deadline.")
        #expect(report.summary.vi.contains("2 đợt xả lũ, 2 được báo cho hạ du trong hạn"))
        for text in texts(report) {
            for word in ["Sở", "sự cố", "incidents that", "Lào Cai", "Department", "hòm thư", "Điều 15"] { #expect(!text.contains(word), "\(word)") }
        }
    }

    @Test func whatWasCalledOffIsNoReleaseOnceItIsAgreed() throws {
        let report = try Self.report("dam", "unwarned.scenario", "2026")
        // The command denied that it was called off, and what was decided in earnest was warned of.
        #expect(try report.count("incidents.real") + report.count("incidents.false-alarms") == 2)
        #expect(try report.count("incidents.notified.in-time") == 1)
        #expect(report.consolidation == nil)
    }

    @Test(arguments: ["met.scenario", "undone.scenario"]) func aTextThatSaysNothingOfItHasAReportAllTheSame(_ file: String) throws {
        let report = try Self.report("gate", file, "2026")
        #expect(report.sections.map(\.id) == ["scope", "duties", "claims"])
        #expect(try report.count("scope.drill-cases") == 0)
        #expect(report.figures.contains { $0.id.hasPrefix("duties.law.port-command.failure.tell-office.") })
        // The call that was entered is told.
        #expect(try report.count("claims.all") == 1)
        for text in texts(report) { for word in ["Sở", "Department", "Lào Cai", "(Điều 7, 8)"] { #expect(!text.contains(word), "\(word)") } }
        #expect(MarkdownReport(report, language: .vi).markdown.contains("Quy chế phối hợp vận hành bảng tin tại cửa khẩu cảng"))
    }

    // MARK: Parts left out

    private static let days = """
        from 2026-06-15 to 2026-06-21
        work 7
        """

    /// The report of some days under the text built in without some members of its section `report`.
    private static func report(without members: [String]) throws -> PeriodReport {
        var text = try #require(Regulation.standard.source.object)
        var rule = try #require(text["report"]?.object)
        for member in members {
            let keys = member.split(separator: "/").map(String.init)
            if keys.count == 1 {
                rule[keys[0]] = nil
            } else {
                var section = try #require(rule[keys[0]]?.object)
                #expect(section[keys[1]] != nil, "\(member)")
                section[keys[1]] = nil
                rule[keys[0]] = .object(section)
            }
        }
        text["report"] = .object(rule)
        let scenario = try Scenario(parsing: days, regulation: Regulation(json: .object(text)))
        return try PeriodReport(try #require(ReportPeriod("2026-H1")), from: reading(Performance(of: scenario)))
    }

    private static let whole = Result { try report(without: []) }

    private static let parts: [(members: [String], figures: [String])] = [
        (["about"], [""]), (["lead"], [""]), (["inspections/caption"], [""]), (["reports"], ["reports."]), (["incidents"], ["incidents."]),
        (["hours"], ["hours."]), (["content"], ["content."]), (["feedback"], ["feedback."]),
        (["inspections"], ["inspections.", "site.", "training.", "backups."]),
        (["reports/submitted"], ["reports.half-year", "reports.ad-hoc"]), (["reports/consolidated"], ["reports.consolidate"]),
        (["incidents/by"], ["incidents.kind", "incidents.device", "incidents.cause"]), (["incidents/dismissed"], [""]),
        (["content/nothingNew"], ["content.days"]), (["content/published", "content/nothingNew"], ["content.days", "content.published", "content.language"]),
        (["content/vetted"], ["accepted", "returned", "refused", "awaiting"].map { "content.submissions." + $0 } + ["content.vetting"]),
        (["content/submitted", "content/vetted"], ["content.submissions", "content.vetting"]),
        (["content/withdrawn", "content/upheld"], ["content.challenges.withdrawn", "content.challenges.upheld", "content.challenge-time"]),
        (["content/challenged", "content/withdrawn", "content/upheld"], ["content.challenge"]),
        (["feedback/forwarded"], ["feedback."]), (["feedback/resolved", "feedback/transferred"], ["feedback."]),
        (["feedback/received", "feedback/forwarded", "feedback/resolved", "feedback/transferred"], ["feedback."]), (["feedback/opened"], ["feedback.box"]),
        (["inspections/inspected"], ["inspections."]), (["inspections/site"], ["site."]), (["inspections/training"], ["training."]),
        (["inspections/backup"], ["backups."]),
        (
            ["reports", "incidents", "hours", "content", "feedback", "inspections"],
            [
                "reports.", "incidents.", "hours.", "content.", "feedback.", "inspections.", "site.", "training.", "backups.",
            ]
        ),
    ]

    @Test(arguments: parts)
    func whatATextLeavesOutIsNotInItsReport(_ members: [String], _ prefixes: [String]) throws {
        let (whole, report) = (try Self.whole.get(), try Self.report(without: members))
        func rest(_ report: PeriodReport) -> [String: Value] {
            Dictionary(
                uniqueKeysWithValues: report.figures.filter { figure in !prefixes.contains { !$0.isEmpty && figure.id.hasPrefix($0) } }.map {
                    ($0.id, $0.value)
                })
        }
        // All else is as it was.
        #expect(rest(report) == rest(whole))
        let isWhole = !members.contains { $0.hasPrefix("feedback/") } || members == ["feedback/opened"]
        if isWhole { for prefix in prefixes where !prefix.isEmpty { #expect(!report.figures.contains { $0.id.hasPrefix(prefix) }, "\(prefix)") } }
        if members.allSatisfy({ !$0.contains("/") }), !prefixes.contains("") { #expect(report.sections.count == whole.sections.count - members.count) }
        #expect(report.sections.first?.id == "scope" && report.sections.suffix(2).map(\.id) == ["duties", "claims"])
        for text in texts(report) { #expect(!text.isEmpty) }
    }
}
