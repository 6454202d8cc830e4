import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// What the ledger's own ways may do to the fold: order, repetition, elections, corrections, merges.
@Suite struct LedgerTests {
    let duty = "incident.notify-department"

    @Test func replayingTheLedgerGivesTheSameStateAndNothingLeftToSay() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "09:40")
        gate.at("09:41", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.run(until: "12:00")
        var replayed = LedgerState()
        for record in gate.records { replayed.evolve(record) }
        #expect(replayed.decisions.isEmpty)
        #expect(replayed.status(asOf: gate.now).text == gate.state.status(asOf: gate.now).text)
        #expect(replayed.obligations.count == gate.state.obligations.count)
    }

    @Test func repeatedMessagesChangeNothing() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"), id: "same")
        gate.at("08:10", "border-guard", "incident.detected", "SC-1", detected("08:10"), id: "same")
        #expect(gate.obligation("incident.notify-department/SC-1")?.deadline == gate.instant("09:00"))
    }

    @Test func noticesOfADeposedLeaderDoNotCountAndAreSentAgainUnderTheSameId() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "08:59")
        gate.isWatched = false
        gate.elect(term: 2)
        gate.run(until: "09:00:01")
        let id = "incident.notify-department/SC-1/\(gate.instant("09:00").milliseconds)/deadline/border-guard"
        let stale = Decision(
            id: id, type: "duty.overdue", to: "border-guard", subject: "SC-1",
            data: [
                "obligation": "incident.notify-department/SC-1", "duty": "incident.notify-department", "article": "8.2", "basis": "law",
                "obligor": "border-guard", "to": "border-guard", "rung": "deadline", "deadline": "2026-03-16T09:00:00+07:00",
                "startedAt": "2026-03-16T08:00:00+07:00", "wording": ["vi": "[QUÁ HẠN] x", "en": "[OVERDUE] x"],
            ], exercise: false)
        gate.own("duty.overdue", stale.data, id: id, election: "elected/1", to: "border-guard", subject: "SC-1")
        gate.isWatched = true
        gate.run(until: "09:00:02")
        #expect(gate.events.filter { $0.id == id }.map(\.election) == ["elected/1", "elected/2"])
        #expect(!gate.events.contains { $0.type == "notice.withdrawn" })
    }

    @Test func anOverdueNoticeWithoutGroundIsWithdrawn() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "08:20")
        let id = "incident.notify-department/SC-1/\(gate.instant("09:00").milliseconds)/deadline/border-guard"
        gate.own(
            "duty.overdue",
            [
                "obligation": "incident.notify-department/SC-1", "duty": "incident.notify-department", "article": "8.2", "basis": "law",
                "obligor": "border-guard", "to": "border-guard", "rung": "deadline", "deadline": "2026-03-16T09:00:00+07:00",
                "startedAt": "2026-03-16T08:00:00+07:00", "wording": ["vi": "[QUÁ HẠN] x", "en": "[OVERDUE] x"],
            ], id: id, election: "another", to: "border-guard", subject: "SC-1")
        gate.run(until: "08:21")
        #expect(gate.events.filter { $0.type == "notice.withdrawn" }.map { $0.data["reason"]?.string } == ["unjustified"])
    }

    @Test func aCorrectionOfTheOccurrenceMovesTheDeadline() {
        var gate = Gate(on: "2026-03-16")
        let id = gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at(
            "08:40", "border-guard", "incident.corrected", "SC-1",
            ["corrects": .string(id), "reason": "giờ ghi nhầm", "occurredAt": "2026-03-16T08:30:00+07:00"], id: "correction")
        gate.agree("08:45", "information-dept", "correction", in: "SC-1")
        gate.run(until: "09:31")
        #expect(gate.said(about: duty).filter { $0.contains("overdue") }.first == "09:30 duty.overdue border-guard")
    }

    @Test func aCorrectionCanSettleANoticeLateWithoutRemindersBackwards() {
        var gate = Gate(on: "2026-03-16")
        let id = gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at("08:50", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.at(
            "10:00", "border-guard", "incident.corrected", "SC-1",
            ["corrects": .string(id), "reason": "xem lại nhật ký", "occurredAt": "2026-03-16T07:10:00+07:00"])
        gate.run(until: "12:00")
        #expect(gate.obligation("incident.notify-department/SC-1")?.isLate == true)
        #expect(!gate.said(about: duty).contains { $0.contains("overdue") })
        #expect(gate.said(about: duty).suffix(2) == ["10:00 duty.fulfilled border-guard", "10:00 duty.fulfilled information-dept"])
    }

    @Test func onlyTheSenderAndTheDepartmentMayCorrect() {
        var gate = Gate(on: "2026-03-16")
        let id = gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at("08:10", "police", "incident.corrected", "SC-1", ["corrects": .string(id), "reason": "x", "withdrawn": true])
        #expect(gate.obligation("incident.notify-department/SC-1")?.isOpen == true)
    }

    @Test func twoDetectionsMergedAreOneObligationAndUnmergedTwo() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at("08:05", "police", "incident.detected", "SC-2", detected("07:50"))
        let merge = gate.at("08:10", "information-dept", "incident.merged", "SC-2", ["into": "SC-1", "reason": "cùng một sự cố"])
        #expect(gate.obligation("incident.notify-department/SC-1")?.deadline == gate.instant("09:00"))
        #expect(gate.obligation("incident.notify-department/SC-2")?.isOpen == true)
        gate.agree("08:11", "police", merge, in: "SC-2")
        gate.agree("08:12", "border-guard", merge, in: "SC-2")
        #expect(gate.obligation("incident.notify-department/SC-1")?.deadline == gate.instant("08:50"))
        #expect(gate.obligation("incident.notify-department/SC-2")?.isOpen == false)
        #expect(gate.events.contains { $0.type == "notice.withdrawn" && $0.data["reason"]?.string == "merged" })
        let back = gate.at(
            "08:15", "information-dept", "incident.corrected", "SC-2", ["corrects": .string(merge), "reason": "hai sự cố khác nhau", "withdrawn": true])
        #expect(gate.obligation("incident.notify-department/SC-1")?.deadline == gate.instant("08:50"))
        gate.agree("08:16", "border-guard", back, in: "SC-2")
        #expect(gate.obligation("incident.notify-department/SC-1")?.deadline == gate.instant("09:00"))
        #expect(gate.obligation("incident.notify-department/SC-2")?.deadline == gate.instant("08:50"))
    }

    @Test func aRefusedMessageChangesNothingAndItsSenderIsTold() throws {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "police", "incident.notified", "SC-1", notified("08:00"))
        let refusal = try #require(gate.events.last { $0.type == "message.refused" })
        #expect(refusal.type == "message.refused" && refusal.data["to"]?.string == "police")
        #expect(refusal.data["reason"]?.string == "police may not send incident.notified")
        #expect(gate.state.obligations.values.filter { $0.key == "SC-1" }.isEmpty)
    }

    @Test(arguments: [nil, "", String(repeating: "i", count: 200_000), String(repeating: "i" + String(repeating: "\u{301}", count: 9), count: 60)])
    func whatIsRefusedIsToldOnceWhateverItHolds(id: String?) throws {
        var gate = Gate(on: "2026-03-16")
        let before = gate.events.count
        gate.put(
            LedgerState.Record(
                body: JSON.compact(["id": id.map { .string($0) }, "type": .string(MessageType.eventTypePrefix + (id ?? "") + ".v1")]).bytes,
                carriage: Carriage(exchange: "phoihop", routingKey: "police.incident.detected.all", userID: nil, messageID: nil, contentType: nil)))
        gate.run(until: "08:00")
        let refusals = gate.events[before...].filter { $0.type == "message.refused" }
        #expect(refusals.map { $0.data["to"]?.string } == ["information-dept"])
        #expect(refusals.first?.data["sender"] == nil)
    }

    @Test func whatTheCoordinatorSaysWronglyIsNotSaidAgain() {
        var gate = Gate(on: "2026-03-16")
        gate.isWatched = false
        gate.at("08:00", "police", "incident.notified", "SC-1", notified("08:00"))
        gate.own("coordinator.marked", ["reachedAt": JSON(gate.now, offset: .hours(7))])
        let ids = gate.state.decisions.map(\.id).filter { $0.hasPrefix("refused/") }
        #expect(ids.count == 1)
        gate.own("message.refused", ["no": "message of ours"], id: ids.first, to: "police")
        #expect(!gate.state.decisions.contains { $0.id == ids.first })
    }

    @Test func anOccurrenceInTheFutureIsRefused() throws {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:02"))
        #expect(gate.events.last { $0.type == "message.refused" }?.data["reason"]?.string == "occurredAt lies in the future")
        #expect(gate.state.obligations.values.filter { $0.key == "SC-1" }.isEmpty)
    }

    @Test func anUrgentMessageWithoutReceiptIsForwardedOnceAfterTwoMinutes() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.notified", "SC-1", notified("08:00"), id: "n1")
        gate.run(until: "08:30")
        #expect(gate.events.filter { $0.type == "message.forwarded" && $0.causationID == "n1" }.map { $0.data["to"]?.string } == ["information-dept"])
        #expect(gate.events.first { $0.causationID == "n1" && $0.type == "message.forwarded" }?.time == gate.instant("08:02"))
    }

    @Test func aMessageWithItsReceiptIsNotForwarded() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.notified", "SC-1", notified("08:00"), id: "n1")
        gate.at("08:01", "information-dept", "receipt.issued", nil, ["receipts": [["id": "n1", "receivedAt": "2026-03-16T08:00:30+07:00"]]])
        gate.run(until: "08:30")
        #expect(!gate.events.contains { $0.type == "message.forwarded" && $0.causationID == "n1" })
    }
}

/// Duties of the calendar and the other duties of this regulation.
@Suite struct DutyTests {
    @Test func theSuggestionBoxIsOpenedEveryWorkingDayAndMissedOnesAreOverdueAtEight() {
        var gate = Gate(on: "2026-03-13")
        gate.at("07:40", "economic-zone", "suggestion-box.opened", "box", ["openedAt": "2026-03-13T07:35:00+07:00", "letters": 2, "officer": "Mai"])
        gate.run(until: "2026-03-16 08:30")
        // Friday was met; Saturday and Sunday owe nothing; Monday was missed.
        #expect(
            gate.said(about: "suggestion-box.open") == [
                "07:40 duty.fulfilled economic-zone", "07:50 duty.reminded economic-zone", "08:00 duty.overdue economic-zone",
                "08:00 duty.overdue information-dept",
            ])
    }

    @Test func anActBeforeThePeriodWasMarkedStillCounts() {
        var gate = Gate(on: "2026-03-16")
        gate.isWatched = false
        gate.at("07:31", "economic-zone", "suggestion-box.opened", "box", ["openedAt": "2026-03-16T07:31:00+07:00", "letters": 0, "officer": "Mai"])
        gate.run(until: "09:00")
        gate.isWatched = true
        gate.elect(term: 2)
        gate.run(until: "09:01")
        #expect(gate.said(about: "suggestion-box.open") == ["09:00 duty.fulfilled economic-zone"])
    }

    @Test func fourteenHoursThatCanNoLongerBeReachedAreSaidAtThatInstant() {
        var gate = Gate(on: "2026-03-16")
        gate.run(until: "07:30")
        gate.at(
            "09:00", "border-guard", "device.status-changed", "led-screen",
            ["device": "led-screen", "status": "critical", "since": "2026-03-16T09:00:00+07:00"])
        gate.at("09:40", "border-guard", "device.status-changed", "led-screen", ["device": "led-screen", "status": "ok", "since": "2026-03-16T09:40:00+07:00"])
        gate.at(
            "12:00", "border-guard", "device.status-changed", "led-screen",
            ["device": "led-screen", "status": "critical", "since": "2026-03-16T12:00:00+07:00", "cause": "power"])
        gate.run(until: "13:00")
        #expect(
            gate.said(about: "operate.daily-hours") == ["12:20 duty.overdue border-guard", "12:20 duty.overdue information-dept"])
    }

    @Test func anOutageAcrossMidnightCountsFromTheOpeningOfTheWindow() {
        var gate = Gate(on: "2026-03-15")
        gate.run(until: "21:00")
        gate.at(
            "21:30", "border-guard", "device.status-changed", "led-screen",
            ["device": "led-screen", "status": "critical", "since": "2026-03-15T21:30:00+07:00"])
        gate.run(until: "2026-03-16 09:00")
        #expect(gate.said(about: "operate.daily-hours") == ["08:00 duty.overdue border-guard", "08:00 duty.overdue information-dept"])
    }

    @Test(
        "an outage since the night counts from the opening of the window, however late it is told and whoever was there to read it",
        arguments: [("03:00", "08:40", false), ("2026-03-14 12:00", "08:40", false), ("03:00", "06:00", true), ("03:00", "08:09", true)])
    func outagesSinceTheNight(_ began: String, _ told: String, _ isUnwatched: Bool) {
        var gate = Gate(on: "2026-03-13")
        gate.run(until: "2026-03-16 02:00")
        func status(_ status: String, _ since: String) -> JSON {
            ["device": "led-screen", "status": .string(status), "since": JSON(gate.instant(since), offset: .hours(7))]
        }
        gate.isWatched = !isUnwatched
        let since = began.count > 5 ? began : "2026-03-16 \(began)"
        gate.at("2026-03-16 \(told)", "border-guard", "device.status-changed", "led-screen", status("critical", since))
        // What follows before anybody reads takes nothing back.
        gate.at("2026-03-16 08:50", "border-guard", "device.status-changed", "led-screen", status("ok", "2026-03-16 08:45"))
        gate.isWatched = true
        if isUnwatched { gate.elect(term: 2) }
        gate.run(until: "2026-03-16 09:00")
        let today = gate.events.filter { $0.sender == "coordinator" && $0.data["obligation"]?.string == "operate.daily-hours/2026-03-16" }
        #expect(today.map { "\($0.type) \($0.data["to"]?.string ?? "")" } == ["duty.overdue border-guard", "duty.overdue information-dept"])
    }

    @Test func aMissingDayRecordIsOverdueAtHalfPastTen() {
        var gate = Gate(on: "2026-03-16")
        gate.run(until: "23:00")
        #expect(gate.said(about: "operate.close-day") == ["22:30 duty.overdue border-guard", "22:30 duty.overdue information-dept"])
    }

    @Test func afterANotificationTheDepartmentAcknowledgesBriefsContainsAndPlans() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        let open = gate.state.obligations.values.filter { $0.isOpen && $0.key == "SC-1" }.map(\.id).sorted()
        #expect(open == ["incident.acknowledge/SC-1", "incident.brief-committee/SC-1", "incident.contain/SC-1", "incident.resolve/SC-1"])
        gate.at("08:05", "information-dept", "incident.acknowledged", "SC-1", ["officer": "Lan"])
        gate.at("08:30", "information-dept", "incident.briefed", "SC-1", ["summary": "LED tắt", "officer": "Lan"])
        gate.at(
            "09:00", "border-guard", "incident.contained", "SC-1", ["measures": "ngắt nguồn", "officer": "Hải", "containedAt": "2026-03-16T08:55:00+07:00"])
        gate.at("10:00", "border-guard", "incident.resolved", "SC-1", ["measures": "thay nguồn", "officer": "Hải", "resolvedAt": "2026-03-16T09:55:00+07:00"])
        #expect(gate.state.obligations.values.filter { $0.isOpen && $0.key == "SC-1" }.map(\.id) == ["incident.propose-plan/SC-1"])
    }

    @Test func theHandlingPlanSetsWhoResolvesAndByWhen() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.at(
            "09:00", "information-dept", "handling-plan.proposed", "SC-1",
            ["plan": "thay tấm LED", "officer": "Lan", "resolveBy": "2026-03-20T17:00:00+07:00", "responsible": "economic-zone"])
        let obligation = gate.obligation("incident.resolve/SC-1")
        #expect(obligation?.obligor == "economic-zone" && obligation?.deadline == gate.instant("2026-03-20 17:00"))
    }

    @Test(arguments: [
        ("16:00", "information-security", "18:00"), ("16:00", "technical", "18:00"), ("18:00", "technical", "2026-03-17 08:00"),
        ("18:00", "information-security", "20:00"), ("00:10", "technical", "08:00"),
    ])
    func theBriefingIsDueInTwoHoursOrNextMorning(_ at: String, _ kind: String, _ due: String) {
        var gate = Gate(on: "2026-03-16")
        var data = notified(at)
        if var object = data.object {
            object["kind"] = .string(kind)
            data = .object(object)
        }
        gate.at(at, "border-guard", "incident.notified", "SC-1", data)
        #expect(gate.obligation("incident.brief-committee/SC-1")?.deadline == gate.instant(due))
    }

    @Test func lossOfSupplyIsOverdueAfterThirtyMinutes() {
        var gate = Gate(on: "2026-03-16")
        gate.at(
            "08:00", "economic-zone", "power.status-changed", "DIEN-1",
            ["ups": "gate", "status": "on-battery", "since": "2026-03-16T08:00:00+07:00", "supplyLost": true])
        gate.run(until: "08:31")
        #expect(gate.said(about: "power.supply").last == "08:30 duty.overdue border-guard")
        #expect(gate.events.last { $0.type == "duty.overdue" }?.data["wording"]?["vi"]?.string?.hasPrefix("[QUÁ MỐC THEO DÕI]") == true)
    }

    @Test func aSuspectedViolationHasNoDeadlineAndIsAskedAfterEveryTenWorkingDays() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "economic-zone", "violation.suspected", "VP-1", ["observedAt": "2026-03-16T07:55:00+07:00", "description": "có người cạy tủ"])
        gate.run(until: "2026-04-15 08:00")
        let said = gate.events.filter { ($0.data["obligation"]?.string ?? "") == "security.handle-violation/VP-1" }
        #expect(said.map { LocalTime($0.time, offset: .hours(7)).date.description } == ["2026-03-31", "2026-04-14"])
    }
}
