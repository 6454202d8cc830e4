import Regulation
import Simulation
import Testing
import Values

@testable import OperatorCommands

@Suite struct CoverageReportTests {
    /// What one short scenario shows.
    private func report(_ text: String) throws -> CoverageReport {
        let story = Coverage.Story("accounts.scenario", Performance(of: try Scenario(parsing: text, regulation: .standard)))
        return CoverageReport(Coverage(of: .standard, shownBy: [story]), of: .standard)
    }

    private static let told = """
        date 2026-03-16
        09:30 newspaper reports-compromise discoveredAt=09:00 as TK-1
        14:00 newspaper reports-compromise discoveredAt=11:00 as TK-2
        15:30 information-dept revokes TK-2
        expect in-time account.report-compromise TK-1
        expect late account.report-compromise TK-2
        expect late account.revoke TK-2
        """

    @Test func aRowTellsClauseMessagesRouteTermAndScenarios() throws {
        let rows = try report(CoverageReportTests.told).markdown(.en)
        #expect(rows.count { $0.hasPrefix("| ") } == Regulation.standard.duties.count + 2, "a heading, a rule, and a row a duty")
        let row = try #require(rows.first { $0.hasPrefix("| account.report-compromise |") })
        var cells = row.dropFirst(2).dropLast(2).split(separator: " | ").map(String.init)
        let steps = cells.remove(at: 5)
        #expect(steps.contains("5 minutes before the deadline; at the deadline; then every 1 hour, at most 3 times"), "\(steps)")
        #expect(
            cells == [
                "account.report-compromise", "Clause 2, Art. 13", "account.compromised → account.compromised",
                "who sent “Account compromised” → Department of Information and Communications", "within 1 hour (mark)",
                "accounts", "seen late only when it is told: accounts",
            ])
        #expect(try report(CoverageReportTests.told).markdown(.vi).contains { $0.contains("| trong 1 giờ (mốc theo dõi) |") })
    }

    @Test func whatIsLackingIsListedInBothLanguages() throws {
        let report = try report(CoverageReportTests.told)
        let (vi, en) = (report.summary(.vi, Screen()), report.summary(.en, Screen()))
        #expect(en.first == "Covered: 1 of 58 duties")
        #expect(vi.first == "Đủ cả: 1/58 việc")
        #expect(en.contains("  - account.revoke: there is no scenario in which it is met"))
        #expect(vi.contains("  - account.revoke: chưa có kịch bản nào mà việc này được làm đúng hạn"))
        #expect(en.contains("  - budget.approve: there is no scenario that shows it awaited without a term"))
        #expect(!en.contains { $0.contains("account.report-compromise") })
    }

    @Test func aScenarioThatDoesNotComeAsItExpectsIsNamed() throws {
        let report = try report("date 2026-03-16\n09:30 newspaper reports-compromise\nexpect late account.report-compromise")
        #expect(report.summary(.en, Screen()).last == "  - accounts.scenario does not come as it expects; see: phoihop simulate")
        #expect(report.json["isComplete"] == false && report.json["failed"] == ["accounts.scenario"])
    }

    @Test func theDataHoldTheSame() throws {
        let json = try report(CoverageReportTests.told).json
        let row = try #require(json["duties"]?.array?.first { $0["id"] == "account.report-compromise" })
        #expect(row["met"] == ["accounts.scenario"] && row["overdue"] == ["accounts.scenario"] && row["gaps"] == [])
        #expect(row["basis"] == "mark" && row["fulfilledBy"] == ["account.compromised"])
        #expect(json["noClock"]?.array?.contains { $0["article"] == "10.2" } == true)
    }
}
