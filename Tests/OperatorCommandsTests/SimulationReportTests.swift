import OperatorCommands
import Regulation
import Simulation
import Testing

@Suite("The report of a simulation")
struct SimulationReportTests {
    private func report(_ text: String) throws -> SimulationReport {
        SimulationReport(Performance(of: try Scenario(parsing: text, regulation: .standard)))
    }

    @Test("tells the story, counts the duties, and names every line that did not come as expected")
    func report() throws {
        let lines = try report(
            """
            date 2026-03-14
            faults 9
            08:00 police detects title="LED dark"
            09:20 border-guard notifies
            expect escalated peoples-committee
            """
        ).lines(.en, on: Screen())
        #expect(lines.first == "Saturday 14/3/2026")
        #expect(lines.contains { $0.contains("▲ [OVERDUE] inform the Department of an incident – SC-1, LED dark  → border-guard, information-dept") })
        #expect(lines.contains("Faults are drawn from the seed: faults 9"))
        #expect(lines.contains { $0.hasPrefix("incident.notify-department  ·    1 ") })
        #expect(lines.contains { $0.contains("20 min late, at 09:20") && $0.hasSuffix("border-guard      incident.notify-department  SC-1, LED dark") })
        #expect(lines.suffix(3) == ["As expected: 0/1", "line 5  expected  expect escalated peoples-committee", "    seen  nothing"])
    }

    @Test("a scenario that is not right is told line by line")
    func failure() throws {
        let error = try #require(throws: ScenarioError.self) { try Scenario(parsing: "date 2026-03-16\n8:00 x\n09:00 police flies", regulation: .standard) }
        let failure = Failure(error, in: "day.scenario")
        #expect(failure.code == .badData)
        #expect(failure.message.en.split(separator: "\n").map { $0.prefix(11) } == ["The scenari", "  - line 2:", "  - line 3:"])
    }
}
