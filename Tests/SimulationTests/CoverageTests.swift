import Regulation
import Simulation
import Testing
import Values

/// Every duty of Decision 34/2015/QĐ-UBND: who says what to whom by when, and the scenarios in which it is met and in which it goes overdue.
@Suite struct CoverageTests {
    static let stories: [Coverage.Story] = {
        do {
            return try ScenarioTests.files.map { Coverage.Story($0, Performance(of: try ScenarioTests.scenario($0))) }
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    static let coverage = Coverage(of: .standard, shownBy: stories)

    /// The rows of the table of duties, in its order. Of its rows only `security.guard` is no duty here: it has no clock.
    static let table = [
        "incident.notify-department", "incident.acknowledge", "incident.brief-committee", "incident.propose-plan", "incident.contain", "incident.resolve",
        "incident.dismiss", "content.withdraw", "operate.daily-hours", "operate.close-day", "assets.register", "content.daily-update",
        "content.urgent-update", "content.vet", "content.publish", "content.supply-on-request", "content.keep-copy", "production.order",
        "production.deliver", "tourism.integrate", "backup.periodic", "maintenance.plan", "contingency.plan", "power.supply", "power.plan",
        "site.sanitation", "site.fire-safety", "site.appearance", "site.post-contacts", "suggestion-box.open", "feedback.forward",
        "feedback.forward-station", "feedback.resolve", "security.handle-violation", "inspection.periodic", "training.hold", "training.nominate",
        "budget.draft", "budget.agree", "budget.consolidate", "budget.submit", "budget.appraise", "budget.approve", "budget.guide", "report.half-year",
        "report.year", "report.consolidate", "report.ad-hoc", "review.annual", "account.report-compromise", "account.revoke", "royalty.settle",
        "consultation.answer", "meeting.minute", "amendment.consolidate", "conduct.record", "communication.confirm",
        "notice.reach",
    ]

    /// The duties that the text dates itself: 8.1, 8.2, 9.5, 15.1 and 15.2. Every other date is a mark of this system's own.
    static let byLaw = ["incident.notify-department", "operate.daily-hours", "suggestion-box.open", "report.half-year", "report.year", "report.consolidate"]

    @Test func everyRowOfTheTableIsADutyOfTheRegulation() {
        let duties = Regulation.standard.duties
        #expect(duties.map(\.id).sorted() == CoverageTests.table.sorted())
        #expect(duties.filter { $0.due.basis == .law }.map(\.id).sorted() == CoverageTests.byLaw.sorted())
        // What has no clock is told as such: the standing duty of security (10.2) among it.
        let unclocked = Regulation.standard.unclocked
        #expect(Set(unclocked.map(\.article)).isSuperset(of: ["3", "4", "6", "10.2", "13.1", "14.1", "14.4", "14.5", "16.3", "17.1"]))
        #expect(unclocked.allSatisfy { !$0.text.vi.isEmpty && !$0.text.en.isEmpty && $0.text.vi != $0.text.en })
    }

    @Test(arguments: table) func aDutyHasItsRouteItsActItsTermItsWordsAndItsScenarios(_ id: String) throws {
        let row = try #require(CoverageTests.coverage.rows.first { $0.duty.id == id })
        #expect(row.gaps.isEmpty, "\(row.gaps)")
        for shown in row.wanted { #expect(row.stories[shown]?.isEmpty == false) }
    }

    @Test func onlyWhatAwaitsASuperiorOrAnInvestigationHasNoTerm() {
        let rows = CoverageTests.coverage.rows
        #expect(rows.filter { $0.wanted.contains(.awaited) }.map(\.duty.id) == ["security.handle-violation", "budget.approve"])
    }

    @Test func withoutItsScenarioADutyIsNotCovered() throws {
        let coverage = Coverage(of: .standard, shownBy: CoverageTests.stories.filter { $0.name != "meeting.scenario" })
        #expect(!coverage.isComplete)
        #expect(coverage.rows.filter { !$0.gaps.isEmpty }.map(\.duty.id) == ["meeting.minute"])
        #expect(coverage.rows.first { $0.duty.id == "meeting.minute" }?.gaps == [.notShown(.met), .notShown(.overdue)])
    }

    @Test func aScenarioThatDoesNotComeAsItExpectsShowsNothing() throws {
        let text = """
            date 2026-03-16
            08:00 newspaper reports-compromise
            expect in-time account.report-compromise
            expect late account.revoke
            """
        let story = Coverage.Story("wrong", Performance(of: try Scenario(parsing: text, regulation: .standard)))
        let coverage = Coverage(of: .standard, shownBy: [story])
        #expect(coverage.failed == ["wrong"])
        #expect(coverage.rows.allSatisfy { $0.stories.isEmpty })
    }

    @Test func aDrillShowsNothing() throws {
        let text = "date 2026-03-16\nexercise\n08:00 newspaper reports-compromise\nexpect in-time account.report-compromise"
        let story = Coverage.Story("drill", Performance(of: try Scenario(parsing: text, regulation: .standard)))
        #expect(story.isAsExpected && story.shown.isEmpty)
    }

    @Test(
        arguments: [
            ("meeting.minute", ["title"], ["vi": "biên bản", "en": "biên bản"], .unworded("title")),
            ("consultation.answer", ["fulfilledBy"], [["on": "coordinator.marked"]], .noAct),
            ("royalty.settle", ["obligor"], "police", .cannotSay("police")),
            ("feedback.forward", ["addressee"], "police", .unreached("feedback.forwarded")),
            ("operate.close-day", ["due", "basis"], "law", .noTerm),
            ("consultation.answer", ["due"], ["basis": "law"], .noTerm),
        ] as [(String, [String], JSON, Coverage.Gap)])
    func whatADutyLacksIsFound(_ id: String, _ path: [String], _ value: JSON, _ gap: Coverage.Gap) throws {
        var source = try #require(Regulation.standard.source.object)
        let duties = try #require(source["duties"]?.array)
        source["duties"] = .array(duties.map { $0["id"]?.string == id ? $0.setting(path[...], to: value) : $0 })
        let regulation = try Regulation(json: .object(source))
        let rows = Coverage(of: regulation, shownBy: CoverageTests.stories).rows
        let gaps = try #require(rows.first { $0.duty.id == id }).gaps
        #expect(gaps.contains(gap), "\(gaps)")
        #expect(rows.allSatisfy { $0.duty.id == id || $0.gaps.isEmpty })
    }
}

extension JSON {
    /// With a member, however deep, of another value.
    fileprivate func setting(_ path: ArraySlice<String>, to value: JSON) -> JSON {
        guard let key = path.first else { return value }
        var object = object ?? JSONObject()
        object[key] = (object[key] ?? [:]).setting(path.dropFirst(), to: value)
        return .object(object)
    }
}
