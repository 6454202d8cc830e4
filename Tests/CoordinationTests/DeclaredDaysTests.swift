import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// Days that are declared worked or off: before they begin for everybody, later by the other side's word; and texts that bring other days.
@Suite struct DeclaredDaysTests {
    private let vetting = "content.vet/TB-1"

    /// Monday 09:00: a submission, to be vetted by the end of Wednesday.
    private var gate: Gate {
        var gate = Gate(on: "2026-03-16")
        gate.hear(Saying("09:00", "newspaper", "content.submitted", "TB-1"))
        return gate
    }

    private func declare(
        _ gate: inout Gate, _ at: String, _ sender: PartyID, _ date: String, working: Bool, id: String? = nil, exercise: Bool = false
    ) {
        gate.at(
            at, sender, "calendar.day-declared", nil, ["date": .string(date), "working": .bool(working), "decision": "112/TB-UBND", "reason": "bão"], id: id,
            exercise: exercise)
    }

    private func told(_ gate: Gate, _ type: String) -> [String] {
        gate.events.filter { $0.type == type && $0.data["obligation"]?.string == vetting }.map { $0.data["to"]?.string ?? "" }.sorted()
    }

    @Test(arguments: ["peoples-committee", "information-dept"])
    func aDayThatHasNotBegunIsOffForEverybody(_ sender: PartyID) throws {
        var gate = gate
        declare(&gate, "16:00", sender, "2026-03-17", working: false)
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-19 23:59:59.999"))
        #expect(told(gate, "duty.rescheduled") == ["information-dept", "newspaper"])
        let notice = try #require(gate.events.first { $0.type == "duty.rescheduled" })
        #expect(notice.data["wording"]?["vi"]?.string?.contains("23h59 ngày 19/3/2026, trước đây 23h59 ngày 18/3/2026") == true)
        #expect(notice.data["formerly"]?.instant == gate.instant("2026-03-18 23:59:59.999"))
        // The box of that day is not opened.
        gate.run(until: "2026-03-18 12:00")
        #expect(gate.obligation("suggestion-box.open/2026-03-17") == nil)
        #expect(gate.obligation("suggestion-box.open/2026-03-18") != nil)
    }

    @Test func theSameDeclaredTwiceTellsNobodyTwice() {
        var gate = gate
        declare(&gate, "16:00", "information-dept", "2026-03-17", working: false)
        declare(&gate, "16:10", "peoples-committee", "2026-03-17", working: false)
        #expect(told(gate, "duty.rescheduled").count == 2)
        // Taken back before it begins, all is as it was.
        declare(&gate, "17:00", "information-dept", "2026-03-17", working: true)
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-18 23:59:59.999"))
        #expect(told(gate, "duty.rescheduled").count == 4)
    }

    /// The instant at which the day begins is no longer before it.
    @Test(arguments: [("2026-03-16 23:59:58", true), ("2026-03-17 00:00:02", false), ("2026-03-17 16:55", false)])
    func whoOwesItGivesItselfNoDayThatHasBegun(_ at: String, _ counts: Bool) {
        var gate = gate
        gate.run(until: at)
        declare(&gate, at, "information-dept", "2026-03-17", working: false)
        #expect(gate.obligation(vetting)?.deadline == gate.instant(counts ? "2026-03-19 23:59:59.999" : "2026-03-18 23:59:59.999"))
        let claim = gate.obligation(vetting)?.claims.first
        #expect(counts == (claim == nil))
        if !counts {
            #expect(claim?.state == .waits && claim?.answerers == ["newspaper"] && claim?.deadlineOtherwise == gate.instant("2026-03-19 23:59:59.999"))
            #expect(gate.events.contains { $0.type == "duty.opened" && $0.data["duty"] == "communication.confirm" && $0.data["to"] == "newspaper" })
        }
    }

    @Test func byTheWordOfWhoIsOwedItCounts() {
        var gate = gate
        gate.run(until: "2026-03-17 16:00")
        declare(&gate, "2026-03-17 16:00", "information-dept", "2026-03-17", working: false, id: "N-17")
        gate.agree("2026-03-17 16:30", "newspaper", "N-17", in: "TB-1")
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-19 23:59:59.999"))
        #expect(gate.obligation(vetting)?.claims.first?.state == .counts)
    }

    /// What another declares in somebody's favour, and is owed, counts at once.
    @Test func whoIsOwedGivesTheDay() {
        var gate = Gate(on: "2026-03-16")
        gate.hear(Saying("09:00", "economic-zone", "feedback.received", "GY-1", ["receivedAt": "2026-03-16T09:00:00+07:00"]))
        let id = "feedback.forward/GY-1"
        let before = gate.obligation(id)?.deadline
        declare(&gate, "10:00", "information-dept", "2026-03-16", working: false)
        #expect(gate.obligation(id)?.addressees == ["information-dept"])
        #expect(before.map { $0 < gate.obligation(id)?.deadline ?? $0 } == true)
    }

    @Test func aDayIsDeclaredInNoDrillNotLongAfterItAndNotAgainAndAgain() {
        var gate = gate
        declare(&gate, "10:00", "information-dept", "2026-03-17", working: false, exercise: true)
        declare(&gate, "10:01", "information-dept", "2026-02-12", working: false)
        for minute in 2...7 { declare(&gate, "10:0\(minute)", "information-dept", "2026-03-16", working: minute % 2 == 0) }
        let reasons = gate.events.filter { $0.type == "message.refused" }.map { $0.data["reason"]?.string ?? "" }
        #expect(
            reasons == [
                "no day is declared in a drill", "that day is more than 31 days ago", "that day was declared 4 times after it began",
                "that day was declared 4 times after it began",
            ])
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-18 23:59:59.999"))
    }

    /// A year whose days were not known is given: what was opened before is reckoned anew, and who is concerned is told. Days that have begun stay as they were.
    @Test func aYearThatIsGivenIsReckonedAnew() throws {
        var gate = Gate(on: "2027-02-01")
        gate.hear(Saying("09:00", "newspaper", "content.submitted", "TB-1"))
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2027-02-03 23:59:59.999"))
        #expect(gate.obligation(vetting)?.provisionalYear == 2027)
        var text = try #require(Regulation.standard.source.object)
        text["version"] = "2027-02-01/1"
        var calendar = try #require(text["calendar"]?.object)
        var years = try #require(calendar["years"]?.object)
        years["2027"] = ["source": "thông báo", "holidays": ["2027-02-01", "2027-02-03", "2027-02-04"], "makeUpDays": []]
        calendar["years"] = .object(years)
        text["calendar"] = .object(calendar)
        gate.run(until: "10:00")
        gate.adopt(.object(text))
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2027-02-05 23:59:59.999"))
        #expect(gate.obligation(vetting)?.provisionalYear == nil)
        #expect(told(gate, "duty.rescheduled") == ["information-dept", "newspaper"])
        #expect(gate.state.days.known?.calendar.isWorkingDay(try #require(CivilDate("2027-02-01"))) == true)
    }

    @Test func whatCanWaitDoesNotGoOutAtNight() {
        var gate = gate
        gate.run(until: "2026-03-20 12:00")
        let overdue = gate.events.filter { $0.type == "duty.overdue" && $0.data["obligation"]?.string == vetting }
        #expect(Set(overdue.map { LocalTime($0.time, offset: .hours(7)).timeOfDay.description }) == ["06:30"])
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-18 23:59:59.999"))
    }
}
