import Coordination
import Messages
import Regulation
import Reporting
import Simulation
import Testing
import Values

/// A year of everyday work from a seed, whose figures are reckoned a second time from the bare messages.
@Suite struct YearTests {
    private static let year = Result {
        let performance = Performance(of: try Scenario(parsing: "from 2026-01-01 to 2026-12-31\nwork 7\n", regulation: .standard))
        return (performance: performance, reading: reading(performance))
    }

    private func performance() throws -> Performance { try YearTests.year.get().performance }
    private func ledger() throws -> LedgerReading { try YearTests.year.get().reading }

    /// The messages of a type by their case, the first of each.
    private func first(_ type: String, in events: [Event]) -> [String: Event] {
        Dictionary(events.filter { $0.type == type }.map { ($0.subject ?? $0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test(arguments: [("2026-H1", 1...6), ("2026-H2", 7...12), ("2026", 1...12)])
    func theFiguresAreThoseOfTheBareMessages(_ name: String, _ months: ClosedRange<Int>) throws {
        let performance = try performance()
        let report = try PeriodReport(try #require(ReportPeriod(name)), from: ledger())
        let offset = Span.hours(7)
        func isInPeriod(_ instant: Instant?) -> Bool {
            guard let date = instant.map({ LocalTime($0, offset: offset).date }) else { return false }
            return date.year == 2026 && months.contains(date.month)
        }
        let events = performance.ledger
        let detected = first("incident.detected", in: events).filter { isInPeriod($0.value.data["occurredAt"]?.instant) }
        let dismissed = first("incident.dismissed", in: events)
        let notified = first("incident.notified", in: events)
        let real = detected.keys.filter { dismissed[$0] == nil }
        #expect(try report.count("incidents.real") == real.count)
        #expect(try report.count("incidents.false-alarms") == detected.count - real.count)
        // A call that the Department confirmed told it too, and earlier.
        let calls = first("communication.recorded", in: events)
        let windows = events.filter { $0.type == "maintenance.window-opened" }
        var late = 0
        let spans = real.compactMap { subject -> Span? in
            guard let told = notified[subject].map({ min($0.time, calls[subject]?.data["calledAt"]?.instant ?? $0.time) }),
                let detection = detected[subject]?.data, let occurred = detection["occurredAt"]?.instant
            else { return nil }
            // In announced maintenance the hour runs from its end.
            let window = windows.first { window in
                guard let from = window.data["from"]?.instant, let until = window.data["until"]?.instant, let device = detection["device"] else { return false }
                return window.data["devices"]?.array?.contains(device) == true && from <= occurred && occurred < until
            }
            if told - occurred > .hours(1), told - (window?.data["until"]?.instant ?? occurred) > .hours(1) { late += 1 }
            return told - occurred
        }.sorted()
        #expect(try report.count("incidents.notified.in-time") == spans.count - late)
        #expect(try report.count("incidents.notified.late") == late)
        #expect(try report.value("incidents.stage.notified.worst") == spans.last.map { .span($0) })
        let middle = (spans[(spans.count - 1) / 2].milliseconds + spans[spans.count / 2].milliseconds) / 2
        #expect(try report.value("incidents.stage.notified.median") == .span(Span(milliseconds: middle)))

        let days = events.filter { $0.type == "operations.day-closed" }.filter { event in
            isInPeriod(event.data["date"]?.string.flatMap { CivilDate($0) }.map { Instant($0, offset: offset) })
        }
        let operated = days.compactMap { $0.data["operatedMinutes"]?.int }
        #expect(try report.count("hours.days.met") == operated.count { $0 >= 840 })
        #expect(try report.count("hours.days.short") == operated.count { $0 < 840 })
        #expect(try report.value("hours.month.total.operated") == .minutes(Int(operated.reduce(0, +))))

        let opened = events.filter { $0.type == "suggestion-box.opened" && isInPeriod($0.time) }
        let inTime = opened.count { LocalTime($0.time, offset: offset).timeOfDay <= TimeOfDay(minutes: 8 * 60) }
        #expect(try report.count("feedback.box.in-time") == inTime)
        #expect(try report.count("feedback.box.late") == opened.count - inTime)
        #expect(try report.count("feedback.box.letters") == opened.reduce(0) { $0 + Int($1.data["letters"]?.int ?? 0) })
        let received = first("feedback.received", in: events).filter { isInPeriod($0.value.data["receivedAt"]?.instant) }
        #expect(try report.count("feedback.received") == received.count)
        let answered = first("feedback.resolved", in: events)
        #expect(try report.count("feedback.resolved") == received.keys.count { answered[$0] != nil })
    }

    @Test func twoHalvesMakeTheYear() throws {
        let reading = try ledger()
        func figures(_ name: String) throws -> [String: Int] {
            let report = try PeriodReport(try #require(ReportPeriod(name)), from: reading)
            return Dictionary(uniqueKeysWithValues: report.figures.compactMap { if case .count(let count) = $0.value { ($0.id, count) } else { nil } })
        }
        let (first, second, year) = (try figures("2026-H1"), try figures("2026-H2"), try figures("2026"))
        let decided = year.keys.filter { id in
            (id.hasPrefix("duties.law.") || id.hasPrefix("duties.mark.")) && !id.hasSuffix(".open")
                || ["incidents.real", "hours.days.met", "hours.days.short", "hours.days.no-record", "feedback.received", "feedback.box.in-time"].contains(id)
        }
        #expect(decided.count > 100)
        for id in decided { #expect((first[id] ?? 0) + (second[id] ?? 0) == year[id], "\(id)") }
    }

    @Test func everyFigureIsTracedToWhatIsOnTheLedger() throws {
        let performance = try performance()
        let report = try PeriodReport(try #require(ReportPeriod("2026")), from: ledger())
        let (ids, obligations) = (Set(performance.ledger.map(\.id)), Set(performance.standings.map(\.id)))
        #expect(Set(report.figures.map(\.id)).count == report.figures.count, "no two figures have one name")
        for figure in report.figures {
            #expect(ids.isSuperset(of: figure.support.events), "\(figure.id)")
            #expect(obligations.isSuperset(of: figure.support.obligations), "\(figure.id)")
            // What counts something rests on something.
            if case .count(let count) = figure.value, count > 0,
                !["scope.records", "scope.refused", "reports.half-year.owed", "reports.year.owed"].contains(figure.id)
            {
                #expect(figure.support.count > 0, "\(figure.id)")
            }
        }
        for obligation in report.figures.filter({ $0.id.hasPrefix("duties.law.") && $0.id.hasSuffix(".late") && !$0.id.hasPrefix("duties.law.total") }) {
            guard case .count(let count) = obligation.value else { continue }
            #expect(obligation.support.obligations.count == count)
        }
    }

    @Test func theSameLedgerGivesTheSameBytes() throws {
        let performance = try performance()
        let period = try #require(ReportPeriod("2026-H1"))
        let (first, second) = (try PeriodReport(period, from: ledger()), try PeriodReport(period, from: reading(performance)))
        #expect(first.json.bytes == second.json.bytes)
        for language in Language.allCases {
            #expect(MarkdownReport(first, language: language).markdown == MarkdownReport(second, language: language).markdown)
            #expect(HTMLReport(first, language: language).html == HTMLReport(second, language: language).html)
        }
    }
}
