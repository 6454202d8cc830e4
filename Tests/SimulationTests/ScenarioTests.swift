import Coordination
import Foundation
import Messages
import Regulation
import Testing
import Values

@testable import Simulation

/// Days at the gate, told as scenarios in `Tests/scenarios`.
@Suite struct ScenarioTests {
    static let files: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".scenario") }.sorted()
    }()
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scenarios")

    static func scenario(_ file: String) throws -> Scenario {
        try Scenario(parsing: String(contentsOf: directory.appendingPathComponent(file), encoding: .utf8), regulation: .standard) { name in
            FileManager.default.contents(atPath: directory.appendingPathComponent(name).path).map { Array($0) }
        }
    }

    @Test func thereAreScenarios() { #expect(ScenarioTests.files.count >= 45) }

    @Test(arguments: files) func everyScenarioComesAsItExpectsAndTheSameAgain(_ file: String) throws {
        let performance = Performance(of: try ScenarioTests.scenario(file))
        #expect(!performance.results.isEmpty, "a scenario of the tests expects something")
        for result in performance.results where !result.isMet {
            Issue.record("line \(result.expectation.line): \(result.expectation.text)\n  seen: \(result.seen.map(\.en).joined(separator: "\n        "))")
        }
        // Nobody is refused and nothing is taken back but where the scenario expects it.
        for (type, words) in [("message.refused", ["refused", "không-tiếp-nhận"]), ("notice.withdrawn", ["withdrawn", "rút-lại"])] {
            let isExpected = performance.results.contains { result in words.contains { result.expectation.text.contains($0) } }
            #expect(isExpected || !performance.story.contains { $0.type == type }, "\(type)")
        }
        // Whatever the coordinator says, every reader takes.
        let reader = MessageReader(regulation: performance.scenario.regulation, allowedSkew: .seconds(60))
        for record in performance.records where record.carriage.userID == LedgerState.coordinator {
            if case .failure(let refusal) = reader.read(record.body, record.carriage) { Issue.record("\(refusal.account)") }
        }
        // Its ledger is the same, byte for byte, gives the same state when it is read again, and stands up to an audit.
        #expect(performance.bytes == Performance(of: try ScenarioTests.scenario(file)).bytes)
        #expect(performance.replayed.standings == performance.standings)
        #expect(performance.faults.isEmpty)
    }

    /// All parties, under other names in the text and in the story: nothing in the program knows the old ones.
    @Test(arguments: files) func underOtherNamesOfAllPartiesTheSameIsSaid(_ file: String) throws {
        let parties = Regulation.standard.parties.filter { $0.role != .system }.map(\.id)
        func renamed(_ text: String) -> String { parties.reduce(text) { $0.replacing($1, with: $1 + "-x") } }
        func named(_ text: String) -> String { parties.reduce(text) { $0.replacing($1 + "-x", with: $1) } }
        func renamed(_ bytes: [UInt8]) -> [UInt8] { Array(renamed(String(decoding: bytes, as: UTF8.self)).utf8) }
        let regulation = try Regulation(parsing: renamed(Regulation.standard.source.bytes))
        #expect(regulation.lead == Regulation.standard.lead + "-x")
        let text = try String(contentsOf: ScenarioTests.directory.appendingPathComponent(file), encoding: .utf8)
        let scenario = try Scenario(parsing: renamed(text), regulation: regulation) { name in
            FileManager.default.contents(atPath: ScenarioTests.directory.appendingPathComponent(name).path).map { renamed(Array($0)) }
        }
        let performance = Performance(of: scenario)
        #expect(performance.isAsExpected && performance.faults.isEmpty)
        func told(_ performance: Performance) -> [String] {
            performance.story.filter { $0.type != "regulation.adopted" }.map { event in
                named(
                    "\(event.time) \(event.sender) \(event.type) \(event.subject ?? "") \(event.data["to"]?.string ?? "") \(event.data["wording"]?.text ?? "")"
                )
            }
        }
        #expect(try told(performance) == told(Performance(of: ScenarioTests.scenario(file))))
    }

    @Test func theDueTimeOfEveryDutyIsExpectedSomewhere() throws {
        var known: Set<String> = []
        for file in ScenarioTests.files {
            for expectation in try ScenarioTests.scenario(file).expectations {
                if case .state(_, let due?, _) = expectation.claim, due.milliseconds > 0, let duty = expectation.duty { known.insert(duty.id) }
            }
        }
        let dated = Regulation.standard.duties.filter { !$0.due.cases.isEmpty && $0.alternativeTo == nil }
        #expect(dated.map(\.id).filter { !known.contains($0) } == [])
    }

    @Test func bothLanguagesOfTheFormSayTheSame() throws {
        let vi = try Scenario(
            parsing: """
                ngày 2026-03-16
                diễn-tập
                08:00 led-screen hỏng là SC-7
                08:40 border-guard thông-báo led-screen
                09:00 điều-phối ngừng
                09:10 điều-phối khởi-động
                09:20 điện mất
                09:30 điện có-lại
                """, regulation: .standard)
        let en = try Scenario(
            parsing: """
                date 2026-03-16
                exercise
                08:00 led-screen fails as SC-7   # a comment
                08:40 border-guard notifies led-screen

                09:00 coordinator stops
                09:10 coordinator starts
                09:20 power fails
                09:30 power returns
                """, regulation: .standard)
        #expect(Performance(of: vi).bytes == Performance(of: en).bytes)
    }

    @Test func everyActOfADutyHasAVerb() {
        let verbs = Regulation.standard.verbs
        var acts = Set(Regulation.standard.duties.flatMap { $0.fulfilledBy.map(\.type) })
        for duty in Regulation.standard.duties { if case .messages(let matchers) = duty.opening { acts.formUnion(matchers.map(\.type)) } }
        #expect(acts.subtracting(verbs.map(\.type)).subtracting(SystemType.ofTheSystem) == [])
        #expect(verbs.filter { !$0.things.isEmpty }.map(\.type) == ["power.status-changed", "power.restored"])
    }

    @Test func aVerbSaysWhatGoesWithoutSayingAndToWhom() throws {
        let scenario = try Scenario(
            parsing: """
                date 2026-03-16
                08:00 newspaper submits title="Lễ hội"
                08:10 information-dept vets outcome=accepted
                08:20 information-dept requests-content askedOf=police dueAt=17:00
                08:30 police submits request=YC-1
                08:35 peoples-committee requests-report askedOf=police dueAt=17:00
                08:36 police reports period=ad-hoc request=YC-2
                08:40 information-dept convenes to=border-guard meetingTime=2026-03-20T08:00
                08:50 information-dept sends-minutes
                09:00 border-guard drafts
                """, regulation: .standard)
        let said = scenario.acts.compactMap { act in if case .says(let event, let to) = act.what { (event, to) } else { nil } }
        #expect(said.map(\.1) == ["all", "newspaper", "police", "all", "police", "peoples-committee", "border-guard", "border-guard", "all"])
        #expect(said.compactMap(\.0.subject) == ["TT-1", "TT-1", "YC-1", "TT-2", "YC-2", "BC-1", "HOP-1", "HOP-1", "DT-1"])
        #expect(said.last?.0.data["budgetYear"]?.int == 2027)
        let performance = Performance(of: scenario)
        #expect(!performance.story.contains { $0.type == "message.refused" })
    }

    @Test(arguments: [
        ("08:00 led-screen fails", 1, "the first line must tell the day"),
        ("date 2026-02-30", 1, "“2026-02-30” is no day of the calendar; write it as 2026-03-16"),
        ("date 2026-03-16\n\n08:00 bordr-guard notifies", 3, "there is no party “bordr-guard”; did you mean border-guard?"),
        ("date 2026-03-16\n08:00 border-guard notfies", 2, "there is no verb “notfies”; did you mean notifies?"),
        ("date 2026-03-16\n08:00 border-guard xyzzyxyzzy", 2, "there is no verb “xyzzyxyzzy” in this regulation (verbs under /messageTypes)"),
        ("date 2026-03-16\n08:00 power notifies", 2, "the power does nothing but: fails, returns"),
        ("date 2026-03-16\n08:00 power fails\nexpect open", 3, "which duty, of which case? such as: expect open incident.notify-department SC-1"),
        ("date 2026-03-16\n08:00 border-guard notifies SC-7", 2, "no case or device “SC-7” has come up; to begin one: as SC-7"),
        ("date 2026-03-16\n08:00 police says incident.detectd", 2, "there is no message type “incident.detectd”; did you mean incident.detected?"),
        ("date 2026-03-16\n08:00 police detects titel=x", 2, "incident.detected has no field “titel”; did you mean title?"),
        ("date 2026-03-16\n08:00 police detects occurredAt=8h", 2, "occurredAt: “8h” is no time; write it as 08:04 or 2026-03-16T08:04"),
        ("date 2026-03-16\n08:00 police detects\n07:59 police detects", 3, "2026-03-16 07:59 lies before line 2; put the lines in the order of time"),
        ("from 2026-03-16 to 2026-03-17\n2026-03-18 08:00 power fails", 2, "2026-03-18 lies outside 2026-03-16 to 2026-03-17"),
        (
            "date 1900-01-01\nroutine\n2126-03-15 08:00 power fails", 3,
            "from 1900-01-01 to 2126-03-15 is longer than 5 years; check the day, or divide the scenario"
        ),
        ("date 2026-03-16\n08:00 power fails\nfaults 7", 3, "this line must stand before everything that happens"),
        ("date 2026-03-16\n08:00 police detects id=a\n08:01 police detects id=a", 3, "the id “a” is taken"),
        ("date 2026-03-16\nexpect overdu", 2, "“overdu” cannot follow expect; did you mean overdue?"),
        ("date 2026-03-16\nexpect overdue for SC-1", 2, "“SC-1” is no duty, no case and no day told above"),
        ("date 2026-03-16\n08:00 police detects title=\"x", 2, "a quotation mark is missing; close the quotation"),
        ("date 2026-03-16\nexpect open incident.resolve by polce", 2, "there is no party “polce”; did you mean police?"),
        ("date 2026-03-16\n08:00 regulation next.json", 2, "write: TIME regulation FILE adopted"),
        ("date 2026-03-16\n08:00 regulation next.json adopted", 2, "the regulation file “next.json” cannot be read"),
        ("date 2026-03-16\n08:00 newspaper submits outcome=x", 2, "content.submitted has no field “outcome”"),
    ])
    func aFaultIsToldWithItsLineAndWhatToDo(_ text: String, _ line: Int, _ begin: String) throws {
        let error = try #require(throws: ScenarioError.self) { try Scenario(parsing: text, regulation: .standard) }
        #expect(error.problems.map(\.line) == [line])
        let problem = try #require(error.problems.first)
        #expect(problem.text.en.hasPrefix(begin), "\(problem.text.en)")
        #expect(!problem.text.vi.isEmpty && problem.text.vi != problem.text.en)
    }

    @Test func aFileThatIsNoRegulationIsNotAdopted() throws {
        let text = "date 2026-03-16\n08:00 quy-định next.json có-hiệu-lực"
        let error = try #require(throws: ScenarioError.self) { try Scenario(parsing: text, regulation: .standard) { _ in Array("{}".utf8) } }
        #expect(error.problems.first?.text.en == "“next.json” is no regulation in order; see: phoihop regulation check next.json")
        _ = try Scenario(parsing: text, regulation: .standard) { name in name == "next.json" ? Regulation.standard.source.bytes : nil }
    }

    @Test func whatDidNotComeAsExpectedIsToldWithWhatCame() throws {
        let performance = Performance(
            of: try Scenario(
                parsing: """
                    date 2026-03-16
                    08:00 led-screen fails
                    08:40 border-guard notifies led-screen
                    expect 09:00 overdue border-guard for incident.notify-department
                    expect 08:30 reminded border-guard information-dept for incident.notify-department SC-1
                    expect late incident.notify-department SC-1
                    expect in-time incident.notify-department SC-1 at 08:40
                    """, regulation: .standard))
        #expect(performance.results.map(\.isMet) == [false, false, false, true])
        #expect(!performance.isAsExpected)
        #expect(performance.results[0].seen.isEmpty)
        #expect(performance.results[1].seen.map(\.en) == ["2026-03-16 08:30 duty.reminded incident.notify-department/SC-1 → border-guard"])
        #expect(
            performance.results[2].seen.map(\.en) == [
                "incident.notify-department SC-1: fulfilled in time at 2026-03-16 08:40, due 2026-03-16 09:00, border-guard"
            ])
    }
}

/// A whole year of the parties at work, drawn from a seed.
@Suite struct YearTests {
    static func year(seed: UInt64, faults: UInt64? = nil) throws -> Scenario {
        let head = "from 2026-01-01 to 2026-12-31\nwork \(seed)\n" + (faults.map { "faults \($0)\n" } ?? "")
        return try Scenario(parsing: head, regulation: .standard)
    }

    /// Two years, each played once.
    static let years: [(seed: UInt64, faults: UInt64?, performance: Performance)] = {
        let seeds: [(UInt64, UInt64?)] = [(7, nil), (34, 2015)]
        do { return try seeds.map { ($0, $1, Performance(of: try year(seed: $0, faults: $1))) } } catch { preconditionFailure("\(error)") }
    }()

    @Test(arguments: 0..<2) func aYearOfThePartiesAtWorkIsTheSameAgainAndHoldsTogether(_ index: Int) throws {
        let (seed, faults, performance) = YearTests.years[index]
        #expect(performance.bytes == Performance(of: try YearTests.year(seed: seed, faults: faults)).bytes)

        let replayed = performance.replayed
        #expect(replayed.standings == performance.standings)
        #expect(performance.faults.isEmpty)
        #expect(!performance.story.contains { $0.type == "message.refused" })
        #expect(replayed.refusedCount == 0, "\(replayed.lastRefusal?.account ?? "")")

        let calendar = Regulation.standard.calendar
        let days = (0..<365).map { CivilDate(daysSinceEpoch: $0 + (CivilDate("2026-01-01")?.daysSinceEpoch ?? 0)) }
        let opened = { (duty: String) in performance.standings.filter { $0.duty == duty }.map(\.subject) }
        #expect(opened("operate.close-day") == days.map(\.description))
        #expect(opened("suggestion-box.open") == days.filter(calendar.isWorkingDay).map(\.description))
        #expect(opened("incident.notify-department").count > 50)

        let notices = performance.story.filter { $0.sender == LedgerState.coordinator && $0.data["obligation"] != nil }
        for notice in notices where notice.type == "duty.overdue" || notice.type == "duty.escalated" {
            if let deadline = notice.data["deadline"]?.instant, notice.time < deadline { Issue.record("\(notice.id) is early") }
        }
        let repeated = Dictionary(grouping: notices, by: \.id).filter { $0.value.count > 1 }
        #expect(repeated.isEmpty, "said twice: \(repeated.keys.sorted().prefix(3))")
        // Whoever was in time was not called late; with faults a message may come so late that the notice was right when it was sent.
        let late = Set(notices.filter { $0.type == "duty.overdue" }.compactMap { $0.data["obligation"]?.string })
        let withdrawn = Set(notices.filter { $0.type == "notice.withdrawn" }.compactMap { $0.data["obligation"]?.string })
        let inTime = performance.standings.filter { if case .fulfilled = $0.outcome { !$0.isLate } else { false } }
        #expect(inTime.filter { late.contains($0.id) && !withdrawn.contains($0.id) }.isEmpty)
    }

    /// Every duty arises in every year, nearly all is done in time, and something is late.
    @Test(arguments: 0..<2) func aYearOfThePartiesAtWorkExercisesEveryDuty(_ index: Int) {
        let standings = YearTests.years[index].performance.standings
        let duties = Regulation.standard.duties.filter { $0.alternativeTo == nil }.map(\.id)
        #expect(Set(standings.map(\.duty)) == Set(duties))
        let done = standings.filter { if case .fulfilled = $0.outcome { true } else { false } }
        let late = done.count(where: \.isLate)
        #expect(late > 50 && late * 8 < done.count, "\(late) of \(done.count) late")
        #expect(done.count * 10 > standings.count * 9, "\(done.count) of \(standings.count) done")
        // A false alarm is the alternative's only trace.
        #expect(standings.contains { $0.outcome == .closed(by: "incident.dismissed") })
    }

    @Test func whatComesOnceAYearIsMetInTimeInOneYearOrTheOther() {
        let standings = YearTests.years.flatMap(\.performance.standings)
        let met = Set(standings.filter { if case .fulfilled = $0.outcome { !$0.isLate } else { false } }.map(\.duty))
        #expect(Regulation.standard.duties.filter { $0.alternativeTo == nil && !met.contains($0.id) }.map(\.id) == [])
    }

    /// What a party has a verb for it can say.
    @Test func nothingOfTheEverydayWorkIsLeftOut() throws {
        for seed: UInt64 in 1...5 { #expect(try YearTests.year(seed: seed).undone.map { "\($0.text): \($0.why.en)" } == []) }
    }

    @Test func anotherSeedIsAnotherMonth() throws {
        let months = try [1, 2].map { try Scenario(parsing: "from 2026-03-01 to 2026-03-31\nwork \($0)", regulation: .standard) }
        #expect(Performance(of: months[0]).bytes != Performance(of: months[1]).bytes)
    }

    @Test func aDaysWorkDoesNotDependOnWhereTheSpanBegan() throws {
        let spans = try ["2026-03-01", "2026-03-20"].map { try Scenario(parsing: "from \($0) to 2026-03-31\nwork 7", regulation: .standard) }
        let boxes = spans.map { Performance(of: $0).ledger.filter { $0.type == "suggestion-box.opened" }.map(\.time) }
        #expect(Array(boxes[0].suffix(boxes[1].count)) == boxes[1])
    }
}

extension Performance {
    /// The ledger as it would go over the wire.
    var bytes: [[UInt8]] { ledger.map { $0.encoded(offset: .hours(7)) } }

    /// What an audit of the ledger finds: notices that do not follow, that are missing, or that no reader accepts.
    var faults: [Audit.Finding] {
        var audit = Audit()
        for record in records { audit.read(record) }
        return audit.result()
    }

    /// What follows from the ledger, read again from its beginning.
    var replayed: LedgerState {
        var state = LedgerState(regulation: scenario.regulation)
        for record in records { state.evolve(record) }
        return state
    }
}
