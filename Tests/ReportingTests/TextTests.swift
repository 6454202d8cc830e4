import Regulation
import Reporting
import Testing
import Values

@Suite struct TextTests {
    private static let hostile = #"<script>alert(1)</script> | *x* `y` [z](http://a) & "q" \ $m$"#

    /// Officers, callers and writers of letters, none of whom a report names; and a title that means mischief.
    private func story() throws -> PeriodReport {
        let title = TextTests.hostile.replacing("\"", with: "'")
        return try report(
            """
            from 2026-03-16 to 2026-03-18
            2026-03-16 08:00 border-guard detects SC-1 device=led-screen title="\(title)" detectedBy="Hạ sĩ Đinh Mạnh Cường" id=d1
            08:10 border-guard telephones SC-1 calledAt=08:05 caller="Trung úy Vũ Thế Hải" answeredBy="Chị Lò Thị Lan" id=t1
            08:20 information-dept confirms-call SC-1 officer="Chị Lò Thị Lan" id=k1
            08:30 border-guard notifies SC-1 officer="Trung úy Vũ Thế Hải" id=n`1
            09:00 economic-zone receives-feedback as PA-1 summary="Nguyễn Văn Mật tố cáo" reference=R-1 id=f1
            10:00 culture-dept says content.submitted title=a answersFor="Phạm Thị Hương" contributor="Giàng A Páo" officer="Lù Seo Vần" as TT-1 id=s1
            11:00 police says commendation.proposed nominee="Sùng A Chứ" reason=x id=c1
            2026-03-17 08:00 information-dept says training.completed topic=using-equipment heldOn=2026-03-17 participants=2 officer="Lù Seo Vần" id=t2
            """)
    }

    private static let people = ["Đinh Mạnh Cường", "Vũ Thế Hải", "Lò Thị Lan", "Nguyễn Văn Mật", "Phạm Thị Hương", "Giàng A Páo", "Lù Seo Vần", "Sùng A Chứ"]

    /// Who entered a call, and who confirmed it: of what moves a deadline, the officers are named (duties, reading 11).
    private static let answering = ["Vũ Thế Hải", "Lò Thị Lan"]

    @Test(arguments: Language.allCases) func whoMovesADeadlineIsNamed(_ language: Language) throws {
        let report = try story()
        let claims = try #require(report.sections.first { $0.id == "claims" })
        let text = MarkdownReport(report, language: language).markdown
        for person in TextTests.answering {
            #expect(text.contains(person))
            // And nowhere else.
            for section in report.sections where section.id != claims.id { #expect(!"\(section)".contains(person), "\(section.id)") }
        }
    }

    @Test(arguments: Language.allCases) func nobodyIsNamedAndNoFaultIsFound(_ language: Language) throws {
        let report = try story()
        for text in [MarkdownReport(report, language: language).markdown, HTMLReport(report, language: language).html, report.json.text] {
            for person in TextTests.people where !TextTests.answering.contains(person) { #expect(!text.contains(person), "\(person)") }
            for word in ["vi phạm", "violation", "lỗi của", "cảnh cáo"] { #expect(!text.lowercased().contains(word), "\(word)") }
        }
    }

    @Test(arguments: Language.allCases) func foreignTextIsNoMarkup(_ language: Language) throws {
        let report = try story()
        let html = HTMLReport(report, language: language).html
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        let lines = MarkdownReport(report, language: language).markdown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let row = try #require(lines.first { $0.contains("alert(1)") && $0.hasPrefix("|") })
        #expect(row.contains(#"\<script\>alert(1)\</script\> \| \*x\* \`y\` \[z\](http://a)"#))
        // Every line of a table has as many cells as its head.
        var columns: Int?
        for line in lines {
            guard line.hasPrefix("|") else {
                columns = nil
                continue
            }
            let cells = line.replacing("\\|", with: "").split(separator: "|", omittingEmptySubsequences: false).count
            #expect(cells == columns ?? cells, "\(line)")
            columns = cells
        }
        #expect(lines.contains { $0.contains("`` n`1 ``") }, "an id with a backtick is quoted with two")
    }

    @Test func aDeviceMayBeNamedAsAnythingIs() throws {
        let report = try report(
            """
            date 2026-03-16
            08:00 border-guard detects SC-1 device=not-said id=d1
            09:00 border-guard detects SC-2 id=d2
            10:00 border-guard detects total device=total id=d3
            """)
        #expect(try report.events("incidents.device.not-said.count") == ["d1"])
        #expect(try report.events("incidents.device.not_said.count") == ["d2"])
        #expect(Set(report.references.map(\.key)).count == report.references.count)
    }

    @Test func everyNumberInTheTextLeadsToItsFiguresAndBack() throws {
        let report = try story()
        let markdown = MarkdownReport(report, language: .vi).markdown
        let html = HTMLReport(report, language: .vi).html
        for reference in report.references {
            #expect(markdown.components("[^\(reference.number)]").count == 3, "once in the text, once below")
            #expect(html.contains("<a href=\"#ref-\(reference.number)\" id=\"at-\(reference.number)\">"))
            #expect(html.contains("<details id=\"ref-\(reference.number)\">"))
            let trace = try #require(Trace("\(reference.number)", in: report))
            #expect(trace.json.array?.map { $0["id"]?.string } == reference.figures.map(\.id))
        }
    }

    @Test func aFigureIsTracedRecordByRecord() throws {
        let report = try story()
        let lines = try #require(Trace("incidents.notified.in-time", in: report)).lines(.vi)
        #expect(
            lines == [
                "incidents.notified.in-time  Thông tin cho Sở trong vòng 1 giờ: 1",
                "  incident.notify-department/SC-1  hạn 09:00 16/3/2026  thực hiện lúc 08:05 16/3/2026",
                "  08:00 16/3/2026  border-guard  incident.detected  SC-1  d1", "  08:10 16/3/2026  border-guard  communication.recorded  SC-1  t1",
            ])
        #expect(Trace("incidents.stage", in: report)?.json.array?.count == 23, "all figures below a name")
        #expect(Trace("incidents.stage.notified.median", in: report)?.json.array?.count == 1)
        #expect(Trace("incidents.nothing", in: report) == nil)
        #expect(Trace("0", in: report) == nil)
    }

    @Test func thePageNeedsNothingElse() throws {
        let html = HTMLReport(try story(), language: .vi).html
        for word in ["src=", "<link", "@import", "url(", "<script", "javascript:"] { #expect(!html.contains(word), "\(word)") }
        // What is linked to is in the page.
        for target in html.components("href=\"").dropFirst().map({ $0.prefix { $0 != "\"" } }) {
            #expect(target.hasPrefix("#") && html.contains("id=\"\(target.dropFirst())\""), "\(target)")
        }
        #expect(html.components("<svg").count == html.components("</desc>").count)
    }

    @Test func theJSONHoldsEveryFigureWithItsIds() throws {
        let report = try story()
        let figures = try #require(report.json["figures"]?.array)
        #expect(figures.count == report.figures.count)
        let told = try #require(figures.first { $0["id"]?.string == "incidents.stage.notified.median" })
        #expect(told["value"] == .double(300))
        #expect(told["unit"]?.string == "seconds")
        #expect(told["text"]?["vi"]?.string == "5 phút")
        #expect(told["obligations"] == ["incident.notify-department/SC-1"])
        let none = try #require(figures.first { $0["id"]?.string == "inspections.count" })
        #expect(none["value"] == .null)
        #expect(none["unit"]?.string == "no-data")
    }
}

extension String {
    /// The pieces between occurrences of a text.
    func components(_ separator: String) -> [Substring] { split(separator: separator, omittingEmptySubsequences: false) }
}
