import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// Where days begin and end, who may fulfil whose duty, and what a change of the text changes.
@Suite struct DutyEdgeTests {
    private func report(_ at: String, _ sender: PartyID, _ period: String = "half-year", _ changes: JSON = [:]) -> Saying {
        var all: JSONObject = ["period": .string(period), "year": 2026, "document": nil]
        for member in changes.object?.members ?? [] { all[member.key] = member.value }
        return Saying(at, sender, "report.submitted", "BC-\(sender)", .object(all))
    }

    /// The standing text with only these duties.
    private func text(_ duties: String...) -> JSON {
        var object = Regulation.standard.source.object ?? JSONObject()
        // A report on duties that are not there would be a slip.
        object["report"] = [:]
        object["duties"] = .array(Regulation.standard.source["duties"]?.array?.filter { duties.contains($0["id"]?.string ?? "") } ?? [])
        return .object(object)
    }

    @Test(arguments: [
        ("2026-06-19 23:59:59", false), ("2026-06-19 23:59:59.999", false), ("2026-06-20 00:00:00", true), ("2026-06-20 00:00:00.001", true),
    ])
    func theReportOfTheTwentiethIsLate(_ at: String, _ isLate: Bool) {
        var gate = Gate(on: "2026-06-15", under: text("report.half-year"))
        gate.run(until: "2026-06-19 23:59")
        gate.isWatched = false
        gate.hear(report(at, "police"))
        gate.isWatched = true
        gate.run(until: "2026-06-22 12:00")
        #expect(gate.obligation("report.half-year/2026-01-01/police")?.isLate == isLate)
    }

    @Test func eachPartyHasAReportOfItsOwn() {
        var gate = Gate(on: "2026-06-01", under: text("report.half-year"))
        let reporting = Regulation.standard.groups["reporting"] ?? []
        #expect(reporting.count == 7 && !reporting.contains("information-dept"))
        #expect(gate.state.obligations.keys.sorted() == reporting.map { "report.half-year/2026-01-01/\($0)" }.sorted())
        gate.hear(report("2026-06-10 09:00", "police"))
        #expect(gate.obligation("report.half-year/2026-01-01/police")?.isOpen == false)
        for party in reporting where party != "police" {
            let obligation = gate.obligation("report.half-year/2026-01-01/\(party)")
            #expect(obligation?.isOpen == true && obligation?.obligor == party)
        }
        gate.run(until: "2026-06-20 12:00")
        let told = gate.events.filter { $0.type == "duty.overdue" && $0.data["to"]?.string != "information-dept" }.map { $0.data["to"]?.string ?? "" }
        #expect(told.sorted() == reporting.filter { $0 != "police" }.sorted())
    }

    @Test func theReminderOfAFixedDateGoesOutOnTheLastWorkingDay() {
        var gate = Gate(on: "2026-12-01", under: text("report.year"))
        gate.run(until: "2026-12-20 12:00")
        let reminders = gate.events.filter { $0.type == "duty.reminded" && $0.data["to"]?.string == "border-guard" }.map(\.time)
        #expect(reminders.contains(gate.instant("2026-12-18 08:00")))
        #expect(reminders.count == 2)
    }

    @Test(arguments: [("2026-12-19T22:00:00+07:00", false), ("2026-12-19T23:59:59+07:00", false), ("2026-12-20T00:00:00+07:00", true)])
    func aReportSentAsADocumentCountsFromItsSending(_ sentAt: String, _ isLate: Bool) {
        var gate = Gate(on: "2026-12-14", under: text("report.year"))
        // The Department's registry enters the paper on Monday.
        gate.hear(
            report(
                "2026-12-21 08:10", "information-dept", "year",
                ["onBehalfOf": "border-guard", "document": ["number": "123/BC", "date": "2026-12-19", "sentAt": .string(sentAt)]]))
        gate.run(until: "2026-12-21 12:00")
        let obligation = gate.obligation("report.year/2026-07-01/border-guard")
        #expect(obligation?.isOpen == false && obligation?.isLate == isLate)
        let withdrawn = gate.events.filter { $0.type == "notice.withdrawn" && $0.data["obligation"]?.string == obligation?.id }
        #expect(withdrawn.isEmpty == isLate)
        #expect(gate.obligation("report.year/2026-07-01/information-dept") == nil)
    }

    @Test func theSendersOwnWordOfASendingWaitsForTheDepartment() {
        var gate = Gate(on: "2026-12-14", under: text("report.year"))
        let id = gate.hear(
            report("2026-12-21 07:00", "border-guard", "year", ["document": ["number": "123/BC", "date": "2026-12-19", "sentAt": "2026-12-19T22:00:00+07:00"]]))
        #expect(gate.obligation("report.year/2026-07-01/border-guard")?.isLate == true)
        gate.at(
            "2026-12-21 08:10", "information-dept", "communication.confirmed", "BC-border-guard",
            ["confirms": .string(id), "outcome": "confirmed", "officer": "Văn thư Sở"])
        #expect(gate.obligation("report.year/2026-07-01/border-guard")?.isLate == false)
    }

    @Test func anotherPartysWordCountsOnlyWhenTheAddresseeConfirmsIt() {
        var gate = Gate(on: "2026-06-01", under: text("report.half-year"))
        let id = gate.hear(
            report("2026-06-10 09:00", "economic-zone", "half-year", ["onBehalfOf": "border-guard", "document": ["number": "9/BC", "date": "2026-06-10"]]))
        #expect(gate.obligation("report.half-year/2026-01-01/border-guard")?.isOpen == true)
        #expect(gate.obligation("report.half-year/2026-01-01/economic-zone")?.isOpen == true)
        gate.at(
            "2026-06-10 10:00", "information-dept", "communication.confirmed", "BC-economic-zone",
            ["confirms": .string(id), "outcome": "confirmed", "officer": "Văn thư Sở"])
        #expect(gate.obligation("report.half-year/2026-01-01/border-guard")?.isOpen == false)
        #expect(gate.obligation("report.half-year/2026-01-01/economic-zone")?.isOpen == true)
    }

    @Test(arguments: [
        ("an ordinary week", "2026-03-16 08:00", "2026-03-18 23:59:59.999"), ("Friday evening", "2026-03-13 18:00", "2026-03-17 23:59:59.999"),
        ("a day off", "2026-03-14 10:00", "2026-03-17 23:59:59.999"), ("a make-up Saturday", "2026-08-21 16:50", "2026-08-24 23:59:59.999"),
        ("before Tết", "2026-02-13 15:00", "2026-02-24 23:59:59.999"), ("in Tết", "2026-02-18 09:00", "2026-02-24 23:59:59.999"),
        ("the last instant of a day", "2026-03-16 23:59:59.999", "2026-03-18 23:59:59.999"),
    ])
    func workingDaysOfVettingAreThoseOfTheCalendar(_ name: String, _ submitted: String, _ deadline: String) {
        var gate = Gate(on: String(submitted.prefix(10)), under: text("content.vet"))
        gate.hear(Saying(submitted, "newspaper", "content.submitted", "TT-1"))
        #expect(gate.obligation("content.vet/TT-1")?.deadline == gate.instant(deadline), "\(name)")
    }

    @Test(arguments: [("2028-02-01", "2028-02-29"), ("2027-02-01", "2027-02-28")]) func theMonthOfALeapYearHasItsLastDay(_ on: String, _ last: String) {
        let gate = Gate(on: on, under: text("site.fire-safety"))
        #expect(gate.obligation("site.fire-safety/\(on)")?.deadline == gate.instant("\(last) 23:59:59.999"))
    }

    @Test func aYearInCourseIsWatchedFromTheStartAndWhatHasPassedIsNot() {
        let gate = Gate(on: "2026-09-01", under: text("production.order", "power.plan", "report.half-year", "report.year"))
        #expect(gate.obligation("production.order/2026-01-01") == nil)
        #expect(gate.obligation("report.half-year/2026-01-01/police") == nil)
        #expect(gate.obligation("power.plan/2026-01-01")?.isOpen == true)
        #expect(gate.obligation("report.year/2026-07-01/police")?.isOpen == true)
    }

    @Test func aLateReportCountsForItsOwnYear() {
        var gate = Gate(on: "2026-12-01", under: text("report.year"))
        gate.hear(report("2027-08-02 09:00", "police", "year"))
        #expect(gate.obligation("report.year/2026-07-01/police")?.isLate == true)
        #expect(gate.obligation("report.year/2027-07-01/police")?.isOpen == true)
    }

    @Test func theYearsGuidanceMovesTheDateOfTheEstimate() {
        var gate = Gate(on: "2026-05-04", under: text("budget.draft"))
        gate.hear(Saying("2026-05-11 09:00", "finance-dept", "budget.called", "HD-1", ["budgetYear": 2027, "draftBy": "2026-06-24T17:00:00+07:00"]))
        for party in ["border-guard", "economic-zone"] {
            #expect(gate.obligation("budget.draft/2026-01-01/\(party)")?.deadline == gate.instant("2026-06-24 17:00"))
        }
    }

    @Test func onePartyDoesNotAgreeWithItself() {
        var gate = Gate(on: "2026-03-16", under: text("maintenance.plan"))
        gate.hear(Saying("08:00", "information-dept", "maintenance.proposed", "BT-1", ["year": 2026]))
        gate.hear(Saying("09:00", "information-dept", "maintenance.agreed", "BT-1", ["year": 2026]))
        #expect(gate.obligation("maintenance.plan/2026-01-01/information-dept")?.isOpen == false)
        #expect(gate.obligation("maintenance.plan/2026-01-01/border-guard")?.isOpen == true)
        gate.hear(Saying("10:00", "border-guard", "maintenance.agreed", "BT-1", ["year": 2026]))
        #expect(gate.obligation("maintenance.plan/2026-01-01/border-guard")?.isOpen == false)
    }

    @Test func whoAskedMayMoveTheDateUntilItHasPassed() {
        var gate = Gate(on: "2026-03-16", under: text("consultation.answer"))
        func ask(_ at: String, _ sender: PartyID, _ dueAt: String) -> Saying {
            Saying(at, sender, "consultation.requested", "YK-1", to: "police", ["askedOf": "police", "dueAt": .string(dueAt)])
        }
        let id = "consultation.answer/YK-1/police"
        gate.hear(ask("08:00", "information-dept", "2026-03-18T17:00:00+07:00"))
        gate.hear(ask("09:00", "border-guard", "2026-03-30T17:00:00+07:00"))
        #expect(gate.obligation(id)?.deadline == gate.instant("2026-03-18 17:00"))
        gate.hear(ask("2026-03-17 09:00", "information-dept", "2026-03-20T17:00:00+07:00"))
        #expect(gate.obligation(id)?.deadline == gate.instant("2026-03-20 17:00"))
        gate.hear(ask("2026-03-23 09:00", "information-dept", "2026-03-27T17:00:00+07:00"))
        #expect(gate.obligation(id)?.deadline == gate.instant("2026-03-20 17:00"))
    }

    @Test func onlyWhomTheRequestNamesAnswersIt() {
        var gate = Gate(on: "2026-03-16", under: text("content.supply-on-request", "content.vet"))
        for party in ["police", "culture-dept"] {
            gate.hear(
                Saying("08:00", "information-dept", "content.requested", "YC-1", to: party, ["askedOf": .string(party), "dueAt": "2026-03-20T17:00:00+07:00"]))
        }
        gate.hear(Saying("09:00", "newspaper", "content.submitted", "TT-1", ["request": "YC-1"]))
        #expect(gate.obligation("content.supply-on-request/YC-1/police")?.isOpen == true)
        gate.hear(Saying("10:00", "police", "content.submitted", "TT-2", ["request": "YC-1"]))
        #expect(gate.obligation("content.supply-on-request/YC-1/police")?.isOpen == false)
        #expect(gate.obligation("content.supply-on-request/YC-1/culture-dept")?.isOpen == true)
        // Each submission is vetted as a case of its own.
        #expect(gate.obligation("content.vet/TT-2")?.isOpen == true && gate.obligation("content.vet/YC-1") == nil)
        #expect(gate.obligation("content.vet/TT-2")?.addressees == ["police"])
    }

    @Test func whoDoesNotExistIsAskedNothingAndASuperiorIsNeverLate() {
        var gate = Gate(on: "2026-03-16", under: text("consultation.answer"))
        gate.hear(Saying("08:00", "information-dept", "consultation.requested", "YK-1", to: "police", ["askedOf": "navy"]))
        gate.hear(Saying("08:00", "information-dept", "consultation.requested", "YK-2", to: "ministry", ["askedOf": "ministry"]))
        #expect(gate.state.obligations.keys.sorted() == ["consultation.answer/YK-2/ministry"])
        gate.run(until: "2026-04-30 08:00")
        #expect(gate.obligation("consultation.answer/YK-2/ministry")?.deadline == nil)
        #expect(!gate.events.contains { $0.type.hasPrefix("duty.") })
    }

    @Test func anObligationKeepsTheRuleItWasOpenedUnder() throws {
        var gate = Gate(on: "2026-03-16", under: text("content.vet", "report.half-year"))
        gate.hear(Saying("08:00", "newspaper", "content.submitted", "TT-1"))
        // The new text gives vetting five days, has it end with publication, and drops the half-year report.
        var vet = try #require(text("content.vet")["duties"]?.array?.first?.object)
        vet["due"] = ["basis": "mark", "workingDays": 5]
        vet["fulfilledBy"] = [["on": "content.published"]]
        var object = try #require(Regulation.standard.source.object)
        object["version"] = "next"
        (object["duties"], object["report"]) = ([.object(vet)], [:])
        gate.run(until: "09:00")
        gate.adopt(.object(object))
        #expect(gate.state.regulation?.version == "next")
        gate.hear(Saying("10:00", "newspaper", "content.submitted", "TT-2"))
        #expect(gate.obligation("content.vet/TT-1")?.deadline == gate.instant("2026-03-18 23:59:59.999"))
        #expect(gate.obligation("content.vet/TT-2")?.deadline == gate.instant("2026-03-23 23:59:59.999"))
        for subject in ["TT-1", "TT-2"] { gate.hear(Saying("11:00", "information-dept", "content.vetted", subject, to: "newspaper")) }
        #expect(gate.obligation("content.vet/TT-1")?.isOpen == false)
        #expect(gate.obligation("content.vet/TT-2")?.isOpen == true)
        gate.hear(report("2026-06-10 09:00", "police"))
        #expect(gate.obligation("report.half-year/2026-01-01/police")?.isOpen == false)
        #expect(gate.obligation("report.half-year/2026-01-01/border-guard")?.isOpen == true)
        // Read again from the ledger, it is the same.
        var replayed = LedgerState()
        for record in gate.records { replayed.evolve(record) }
        #expect(replayed.status(asOf: gate.now).text == gate.state.status(asOf: gate.now).text)
    }

    @Test func aDrillIsNoPartOfTheYearsWork() {
        var gate = Gate(on: "2026-03-16", under: text("suggestion-box.open", "content.urgent-update"))
        let box = Saying("07:40", "economic-zone", "suggestion-box.opened", "H-1", ["openedAt": "2026-03-16T07:40:00+07:00"])
        gate.at(box.at, box.sender, box.type, box.subject, box.data, exercise: true)
        #expect(gate.obligation("suggestion-box.open/2026-03-16")?.isOpen == true)
        gate.hear(Saying("07:45", "peoples-committee", "directive.issued", "CD-1"))
        let update = Saying("07:50", "information-dept", "content.published", "ND-1", ["directive": "CD-1", "publishedAt": "2026-03-16T07:50:00+07:00"])
        gate.at(update.at, update.sender, update.type, update.subject, update.data, exercise: true)
        #expect(gate.obligation("content.urgent-update/CD-1")?.isOpen == true)
        gate.hear(update, at: "07:55")
        #expect(gate.obligation("content.urgent-update/CD-1")?.isOpen == false)
    }
}
