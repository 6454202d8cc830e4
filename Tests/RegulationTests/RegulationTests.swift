import Schemas
import Testing
import Values

@testable import Regulation

@Suite struct RegulationTests {
    @Test func theStandardRegulationIsWhole() {
        do {
            let regulation = try Regulation(json: JSON(parsing: Schemas.regulation))
            #expect(regulation.duties.count >= 16)
        } catch {
            Issue.record("\(error)")
        }
    }
}
