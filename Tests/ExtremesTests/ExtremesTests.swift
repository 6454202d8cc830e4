import Coordination
import Messages
import OperatorCommands
import Probes
import Regulation
import Reporting
import Schemas
import Synchronization
import Testing
import Values

/// Every end of every member of every schema goes through reader, fold, leader, answers, audit, replay and report. What a schema allows counts; what lies beyond
/// is refused; nothing traps.
@Suite struct ExtremesTests {
    /// The cases that messages belong to, by the first part of their type.
    private static let subjects = [
        "incident": "SC-1", "handling-plan": "SC-1", "communication": "SC-1", "content": "YC-1", "feedback": "PA-1", "report": "BC-1", "maintenance": "BT-1",
        "directive": "CD-1",
    ]

    /// How many messages are said of one case before the leader's mark.
    private static let batch = 40

    private static let counted = Mutex((allowed: 0, wrong: 0))

    /// What members say that name something of the story.
    private static func known(_ ledger: Ledger) -> [String: JSON] {
        let mark = ledger.state.standings.first { $0.outcome == .open && ledger.state.grounds(of: $0.id)?.duty.due.basis == .mark }?.id
        return [
            "corrects": "found", "confirms": "call", "into": "SC-2", "obligation": mark.map { .string($0) } ?? "incident.resolve/SC-1", "request": "YC-1",
            "directive": "CD-1",
        ]
    }

    @Test(arguments: Schemas.messageNames.map { String($0.dropLast(3)) }) func everyEndOfEveryMemberIsTakenOrRefused(_ type: String) throws {
        let beginning = Probe.morning
        let regulation = Regulation.standard
        let schema = try #require(MessageSchema.named(type))
        let extremes = try #require(Extremes(of: type, known: ExtremesTests.known(beginning))).all
        let rule = try #require(regulation.messageType(type))
        let sender = try #require(rule.from.first)
        let to =
            rule.to.isEmpty && rule.isAddressable ? regulation.parties.first { $0.role == .agency && $0.id != sender }?.id ?? RoutingKey.all : RoutingKey.all
        let subject = ExtremesTests.subjects[String(type.prefix { $0 != "." })]

        var whole = beginning
        for start in stride(from: 0, to: extremes.count, by: ExtremesTests.batch) {
            // Of a case of its own; and of the story's, a few at a time as if nothing else had been said of it.
            var alone = beginning
            for number in start..<min(start + ExtremesTests.batch, extremes.count) {
                let extreme = extremes[number]
                let problems = schema.problems(in: extreme.data)
                #expect(problems.isEmpty == extreme.isAllowed, "\(type), \(extreme.label): \(problems.map(\.reason.en))")
                // Its document is the same member in most types, and bears on no case.
                if subject != nil, !extreme.label.hasPrefix("document/") {
                    ExtremesTests.say(type, sender, subject: subject ?? "T", to: to, extreme.data, in: &alone)
                }
                ExtremesTests.say(type, sender, subject: "T-\(number)", to: to, extreme.data, in: &whole)
            }
            alone.goOn(by: .seconds(1))
            whole.goOn(by: .seconds(1))
            ask(alone.state, at: alone.now, about: subject ?? "T")
        }
        // Then time goes on, and what was said is reminded of and comes due.
        for span in [Span.minutes(30), .hours(1), .hours(4), .days(1)] { whole.goOn(by: span) }
        ask(whole.state, at: whole.now, about: "T-0")
        read(whole, type, isOwn: sender == LedgerState.coordinator)
        ExtremesTests.counted.withLock { count in
            count.allowed += extremes.count { $0.isAllowed }
            count.wrong += extremes.count { !$0.isAllowed }
            print("extremes: \(count.allowed) inputs that the schemas allow, \(count.wrong) beyond them, each in two ledgers; last \(type)")
        }
    }

    /// Says it as its sender would. An election begins a term of its own, and the ledger's leader stands again after it.
    private static func say(_ type: String, _ sender: PartyID, subject: String, to: String, _ data: JSON, in ledger: inout Ledger) {
        ledger.say(type, sender, subject: subject, to: to, data)
        if type == "coordinator.elected" { ledger.elect(term: 2) }
    }

    /// What anyone may ask, and how it is shown.
    private func ask(_ state: LedgerState, at now: Instant, about subject: String) {
        let regulation = Regulation.standard
        let status = state.status(asOf: now)
        #expect((try? JSON(parsing: status.bytes)) == status)
        let owed = state.standings.filter { $0.subject == subject }.map(\.id)
        for language in Language.allCases {
            _ = StatusReport(status, regulation: regulation)?.lines(language, on: Screen(columns: 80))
            for id in owed + [subject] {
                _ = Explanation(state.explain(id), id: id, regulation: regulation, now: now)?.lines(language, on: Screen(columns: 80))
            }
        }
    }

    /// Whoever reads the ledger again: standbys, verify, replay, reports.
    private func read(_ ledger: Ledger, _ type: String, isOwn: Bool) {
        let regulation = Regulation.standard
        var again = LedgerState()
        var audit = Audit(isWhole: false)
        var replay = Replay(under: regulation)
        var reading = LedgerReading()
        for record in ledger.records {
            again.evolve(record)
            audit.read(record)
            replay.read(record)
            reading.read(record)
        }
        replay.finish()
        #expect(again.digest == ledger.state.digest)
        let findings = audit.result()
        // What the coordinator itself is made to say here is without ground, and receipts are made out here for what nobody said.
        #expect(findings.isEmpty || isOwn || type == "receipt.issued", "\(type): \(findings.prefix(3))")
        _ = (ReplayReport(replay, under: regulation), StateSummary(again))
        guard let period = ReportPeriod("2030-H1"), let report = try? PeriodReport(period, from: reading) else { return }
        #expect((try? JSON(parsing: report.json.bytes)) != nil)
        #expect(!HTMLReport(report, language: .vi).html.isEmpty && !MarkdownReport(report, language: .en).markdown.isEmpty)
    }
}
