import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// The hour of khoản 2 Điều 8: given what was said when, then these notices at these times.
@Suite struct HourTests {
    let duty = "incident.notify-department"

    @Test func aSilentGuardIsRemindedTwiceThenOverdueThenEscalatedOnce() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "10:05")
        #expect(
            gate.said(about: duty) == [
                "08:00 duty.opened border-guard", "08:30 duty.reminded border-guard", "08:50 duty.reminded border-guard",
                "09:00 duty.overdue border-guard", "09:00 duty.overdue information-dept",
                "09:30 duty.escalated peoples-committee", "09:30 duty.escalated border-guard", "09:30 duty.escalated information-dept",
                "10:00 duty.overdue border-guard", "10:00 duty.overdue information-dept",
            ])
        gate.at("10:08", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.run(until: "23:00")
        #expect(gate.said(about: duty).suffix(2) == ["10:08 duty.fulfilled border-guard", "10:08 duty.fulfilled information-dept"])
        #expect(gate.obligation("incident.notify-department/SC-1")?.isLate == true)
    }

    @Test func repeatsAreBounded() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "2026-03-18 08:00")
        let overdue = gate.said(about: duty).filter { $0.hasSuffix("duty.overdue border-guard") }
        #expect(overdue.count == 1 + 12)
        #expect(gate.said(about: duty).filter { $0.contains("peoples-committee") }.count == 1)
    }

    @Test(arguments: [("09:00:00.000", false), ("09:00:00.001", true), ("08:59:59.999", false)])
    func theLastInstantOfTheHourIsStillInTime(_ time: String, _ isLate: Bool) {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "08:59")
        gate.isWatched = false
        gate.at(time, "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.isWatched = true
        gate.run(until: "12:00")
        #expect(gate.obligation("incident.notify-department/SC-1")?.isLate == isLate)
        #expect(gate.said(about: duty).contains { $0.contains("duty.overdue") } == false)
    }

    @Test func aNoticeInTimeEndsTheRemindersAndThanks() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at("08:20", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.run(until: "12:00")
        #expect(
            gate.said(about: duty) == ["08:00 duty.opened border-guard", "08:20 duty.fulfilled border-guard", "08:20 duty.fulfilled information-dept"])
    }

    @Test func aNoticeBeforeTheDetectionOpensAndFulfilsAtOnce() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:20", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.at("08:21", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "12:00")
        #expect(gate.said(about: duty) == ["08:20 duty.fulfilled border-guard", "08:20 duty.fulfilled information-dept"])
    }

    @Test func theSenderCannotStopTheClockByBackDating() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at("09:10", "border-guard", "incident.notified", "SC-1", notified("08:00"), written: "08:30")
        #expect(gate.obligation("incident.notify-department/SC-1")?.isLate == true)
    }

    @Test func aCoordinatorThatWasDownSendsTheOverdueNoticeOnceWhenItReturns() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "08:40")
        gate.isWatched = false
        gate.run(until: "09:10")
        gate.isWatched = true
        gate.elect(term: 2)
        gate.run(until: "09:20")
        #expect(gate.said(about: duty).dropFirst(2) == ["09:10 duty.overdue border-guard", "09:10 duty.overdue information-dept"])
    }

    @Test func aCoordinatorThatWasDownMakesNoTimelyNoticeLate() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.isWatched = false
        let notice = gate.at("08:59", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.at(
            "08:59:02", "information-dept", "receipt.issued", nil,
            ["receipts": [["id": .string(notice), "receivedAt": "2026-03-16T08:59:01+07:00"]]])
        gate.run(until: "11:00")
        gate.isWatched = true
        gate.elect(term: 2)
        gate.run(until: "11:10")
        #expect(gate.obligation("incident.notify-department/SC-1")?.isLate == false)
        #expect(!gate.said(about: duty).contains { $0.contains("overdue") })
    }

    @Test(arguments: [("08:59:00", false), ("09:00:00", false), ("09:00:02", true)])
    func whatCameInTimeWhileNobodyWasThereIsInTimeByTheBrokersWord(_ before: String, _ isLate: Bool) {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.isWatched = false
        let notice = gate.at("08:58:59.500", "border-guard", "incident.notified", "SC-1", notified("08:00"), written: "09:00:01")
        gate.run(until: "11:00")
        gate.elect(term: 2)
        #expect(gate.state.doubtful.map(\.id) == [notice])
        gate.own(
            "coordinator.marked",
            ["reachedAt": "2026-03-16T11:00:00+07:00", "stamps": [["id": .string(notice), "arrivedAt": .string("2026-03-16T\(before)+07:00")]]])
        gate.isWatched = true
        gate.run(until: "11:10")
        #expect(gate.state.doubtful.isEmpty)
        #expect(gate.obligation("incident.notify-department/SC-1")?.isLate == isLate)
        #expect(gate.said(about: duty).filter { $0.contains("fulfilled") }.count == 2)
    }

    @Test func aClockThatBeganWhileNobodyWasThereRunsFromTheArrivalByTheBrokersWord() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.isWatched = false
        let notice = gate.at("08:30", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        let acknowledgement = gate.at("08:40", "information-dept", "incident.acknowledged", "SC-1", ["officer": "Lan"])
        let late = gate.at("09:30", "border-guard", "incident.notified", "SC-2", notified("08:20"))
        gate.run(until: "11:00")
        gate.elect(term: 2)
        // What may have been in time without anybody's seeing it comes first.
        #expect(gate.state.doubtful.map(\.id) == [notice, late, acknowledgement])
        let stamps: JSON = [
            ["id": .string(notice), "arrivedAt": "2026-03-16T08:30:01+07:00"], ["id": .string(acknowledgement), "arrivedAt": "2026-03-16T08:40:01+07:00"],
        ]
        gate.own("coordinator.marked", ["reachedAt": "2026-03-16T11:00:00+07:00", "stamps": stamps])
        #expect(gate.obligation("incident.acknowledge/SC-1")?.deadline == gate.instant("08:45"))
        #expect(gate.obligation("incident.acknowledge/SC-1")?.isLate == false)
    }

    @Test func anIncidentDiscoveredAfterItsHourIsOverdueAtOnceAndNotRemindedBackwards() {
        var gate = Gate(on: "2026-03-16")
        gate.at("10:30", "police", "incident.detected", "SC-1", detected("09:00"))
        gate.run(until: "11:05")
        #expect(
            gate.said(about: duty) == [
                "10:30 duty.opened border-guard", "10:30 duty.overdue border-guard", "10:30 duty.overdue information-dept",
                "11:00 duty.escalated peoples-committee", "11:00 duty.escalated border-guard", "11:00 duty.escalated information-dept",
            ])
        let notice = gate.events.first { $0.type == "duty.overdue" && $0.subject == "SC-1" }
        #expect(notice?.data["wording"]?["vi"]?.string?.contains("phát hiện sau khi đã hết hạn") == true)
    }

    @Test func whatTheDepartmentDetectedItselfItHasBeenTold() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:10", "information-dept", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "10:00")
        #expect(!gate.said(about: duty).contains { $0.contains("overdue") || $0.contains("reminded") })
    }

    @Test func aTelephoneCallConfirmedCountsFromTheTimeOfTheCall() {
        var gate = Gate(on: "2026-03-14")
        let detection = detected("19:12", on: "2026-03-14")
        gate.at("19:12", "border-guard", "incident.detected", "SC-1", detection)
        let call = gate.at(
            "20:40", "border-guard", "communication.recorded", "SC-1",
            [
                "means": "telephone", "calledAt": "2026-03-14T19:20:00+07:00", "caller": "Trực ban Đồn", "answeredBy": "Trực ban Sở",
                "to": "information-dept", "regarding": "incident.notified",
            ])
        gate.at("20:45", "information-dept", "communication.confirmed", "SC-1", ["confirms": .string(call), "outcome": "confirmed", "officer": "Lan"])
        gate.run(until: "22:00")
        let said = gate.said(about: duty)
        #expect(said.filter { $0.contains("overdue") } == ["20:12 duty.overdue border-guard", "20:12 duty.overdue information-dept"])
        #expect(said.filter { $0.contains("escalated") }.isEmpty, "the entry of 20:40 is word to the Department")
        #expect(said.filter { $0.contains("withdrawn") } == ["20:45 notice.withdrawn border-guard", "20:45 notice.withdrawn information-dept"])
        #expect(gate.obligation("incident.notify-department/SC-1")?.isLate == false)
    }

    @Test func aCallNobodyConfirmsCountsFromItsEntry() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.at(
            "08:55", "border-guard", "communication.recorded", "SC-1",
            [
                "means": "telephone", "calledAt": "2026-03-16T08:30:00+07:00", "caller": "Trực ban Đồn", "answeredBy": "Trực ban Sở",
                "to": "information-dept", "regarding": "incident.notified",
            ])
        gate.run(until: "09:40")
        #expect(gate.said(about: duty).filter { $0.contains("overdue") } == [])
        let obligation = gate.obligation("incident.notify-department/SC-1")
        #expect(obligation?.restsOnUnconfirmedCall == true && obligation?.isLate == false)
        let settled = gate.events.first { $0.type == "duty.fulfilled" && $0.data["duty"]?.string == duty }
        #expect(settled?.data["wording"]?["vi"]?.string?.contains("Chờ xác nhận cuộc gọi.") == true)
        // Who was called is asked, reminded, and overdue.
        #expect(
            gate.said(about: "communication.confirm") == [
                "08:55 duty.opened information-dept", "09:00 duty.reminded information-dept", "09:05 duty.reminded information-dept",
                "09:10 duty.overdue information-dept", "09:10 duty.overdue border-guard",
            ])
    }

    @Test func aDeniedCallCountsFromItsEntry() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        let call = gate.at(
            "09:40", "border-guard", "communication.recorded", "SC-1",
            [
                "means": "telephone", "calledAt": "2026-03-16T08:30:00+07:00", "caller": "Trực ban Đồn", "answeredBy": "Trực ban Sở",
                "to": "information-dept", "regarding": "incident.notified",
            ])
        gate.agree("09:50", "information-dept", call, in: "SC-1", outcome: "denied")
        gate.run(until: "11:05")
        guard case .fulfilled(let at, _, _)? = gate.obligation("incident.notify-department/SC-1")?.outcome else {
            Issue.record("it is settled")
            return
        }
        #expect(at == gate.instant("09:40"))
        #expect(gate.said(about: duty).filter { $0.contains("overdue") }.first == "09:00 duty.overdue border-guard")
    }

    @Test func aFalseAlarmDismissedInTimeRaisesNothing() {
        var gate = Gate(on: "2026-04-27")
        gate.at("08:03", "border-guard", "incident.detected", "SC-1", detected("08:03", on: "2026-04-27"))
        gate.at("08:20", "border-guard", "incident.dismissed", "SC-1", ["reason": "tuột cáp mạng của máy giám sát", "officer": "Hải"])
        gate.run(until: "12:00")
        #expect(gate.said(about: duty) == ["08:03 duty.opened border-guard"])
    }

    @Test func aDismissalTakenBackReopensTheHour() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        let dismissal = gate.at("08:20", "border-guard", "incident.dismissed", "SC-1", ["reason": "nhầm", "officer": "Hải"])
        gate.at("08:40", "information-dept", "incident.corrected", "SC-1", ["corrects": .string(dismissal), "reason": "sự cố có thật", "withdrawn": true])
        gate.run(until: "09:01")
        #expect(gate.said(about: duty).suffix(2) == ["09:00 duty.overdue border-guard", "09:00 duty.overdue information-dept"])
    }

    @Test func aReceiptBetweenTheMarksCountsAndAnImpossibleOneDoesNot() {
        for (receivedAt, isLate) in [("08:59:59", false), ("08:40:00", true)] {
            var gate = Gate(on: "2026-03-16")
            gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
            let notice = gate.at("09:00:00.501", "border-guard", "incident.notified", "SC-1", notified("08:00"), written: "08:59:59")
            gate.at(
                "09:00:01", "information-dept", "receipt.issued", nil,
                ["receipts": [["id": .string(notice), "receivedAt": .string("2026-03-16T\(receivedAt)+07:00")]]])
            // It came within the second in which the deadline lies, as the broker tells.
            let obligation = gate.obligation("incident.notify-department/SC-1")
            #expect(obligation?.isLate == isLate)
            guard case .fulfilled(_, _, let course)? = obligation?.outcome else {
                Issue.record("not fulfilled")
                continue
            }
            #expect((course.last?.name == "latest") == !isLate)
        }
    }

    @Test("a receipt from a clock that is behind proves nothing of the time before the message was written, or before the ledger can have held it")
    func aReceiptCannotBeEarlierThanItsMessage() throws {
        // The Department's clock is 40 s behind: within the tolerance, and on the favourable side of the deadline.
        for written in ["09:00:20", "08:59:00"] {
            var gate = Gate(on: "2026-03-16")
            gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
            let notice = gate.at("09:00:20", "border-guard", "incident.notified", "SC-1", notified("08:00"), written: written)
            gate.at(
                "09:00:21", "information-dept", "receipt.issued", nil,
                ["receipts": [["id": .string(notice), "receivedAt": "2026-03-16T08:59:40+07:00"]]])
            gate.run(until: "09:01")
            #expect(try #require(gate.obligation("incident.notify-department/SC-1")).isLate, "written \(written)")
        }
    }

    @Test("where a receipt alone would make it punctual, the broker is asked, and its word decides")
    func theBrokerDecidesBetweenInTimeAndLate() throws {
        for (comes, isLate) in [("08:59:30", false), ("09:00:30", true)] {
            var gate = Gate(on: "2026-03-16")
            gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
            gate.run(until: "08:59")
            // Nobody watches while it comes in; the receipt claims the last second of the hour.
            gate.isWatched = false
            let notice = gate.at(comes, "border-guard", "incident.notified", "SC-1", notified("08:00"), written: "08:59:10")
            gate.at(
                "09:00:40", "information-dept", "receipt.issued", nil,
                ["receipts": [["id": .string(notice), "receivedAt": "2026-03-16T08:59:50+07:00"]]])
            gate.isWatched = true
            gate.run(until: "09:05")
            let obligation = try #require(gate.obligation("incident.notify-department/SC-1"))
            #expect(obligation.isLate == isLate && !obligation.isOpen, "comes \(comes)")
            #expect(obligation.restingOnReceipt == nil)
            #expect(gate.state.doubtful.isEmpty)
            let settled = try #require(gate.events.last { $0.type == "duty.fulfilled" && $0.data["obligation"]?.string == obligation.id })
            #expect((settled.data["late"]?.bool ?? false) == isLate)
        }
    }

    @Test func aDrillIsMarkedInEveryNotice() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"), exercise: true)
        gate.run(until: "09:00")
        let notices = gate.events.filter { $0.type.hasPrefix("duty.") && $0.subject == "SC-1" }
        #expect(notices.count > 3)
        #expect(notices.allSatisfy { $0.exercise && $0.data["wording"]?["vi"]?.string?.hasPrefix("[DIỄN TẬP] [") == true })
    }

    @Test func everyNoticeCarriesClauseDeadlineBasisAndBothWordings() throws {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "10:00")
        gate.at("10:08", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        let notices = gate.events.filter { ($0.data["obligation"]?.string ?? "").hasPrefix(duty) }
        for notice in notices {
            let vi = try #require(notice.data["wording"]?["vi"]?.string)
            let en = try #require(notice.data["wording"]?["en"]?.string)
            for (text, words) in [
                (vi, ["khoản 2 Điều 8 Quy định ban hành kèm theo Quyết định số 34/2015/QĐ-UBND", "thời hạn theo Quy định", "09h00 ngày 16/3/2026"]),
                (en, ["Clause 2, Article 8 of the Regulation issued with Decision No. 34/2015/QĐ-UBND", "set by the Regulation", "09:00 on 16 March 2026"]),
            ] {
                for word in words { #expect(text.contains(word), "\(notice.id): \(text)") }
                #expect(!text.contains("{") && !text.contains("}"), "a placeholder is left: \(text)")
                for never in ["vi phạm", "cảnh cáo"] { #expect(!text.replacing("không phải kết luận vi phạm", with: "").contains(never)) }
            }
            #expect(notice.data["deadline"]?.string == "2026-03-16T09:00:00+07:00")
            #expect(notice.data["basis"]?.string == "law" && notice.data["article"]?.string == "8.2")
        }
        let late = notices.last { $0.type == "duty.fulfilled" }
        #expect(late?.data["wording"]?["vi"]?.string?.contains("CHẬM 1 giờ 08 phút") == true)
        #expect(late?.data["marginSeconds"]?.int == -68 * 60)
    }
}
