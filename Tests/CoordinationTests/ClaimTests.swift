import Regulation
import Testing
import Values

@testable import Coordination

/// What moves or ends what is owed, and whose word it needs (duties, readings 11, 13, 14, 18). The rows of the table of hours are scenarios.
struct ClaimTests {
    private let notify = "incident.notify-department/SC-1"
    private let resolve = "incident.resolve/SC-1"

    private func gate() -> Gate {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"), id: "found")
        return gate
    }

    private func correction(_ id: String, _ changes: JSONObject) -> JSON {
        var data: JSONObject = ["corrects": .string(id), "reason": "xem lại"]
        for member in changes.members { data[member.key] = member.value }
        return .object(data)
    }

    private func occurred(_ time: String) -> JSONObject { ["occurredAt": .string("2026-03-16T\(time):00+07:00")] }

    @Test func aSlipPutRightWithinTwoMinutesCountsAtOnceAndOnlyOnce() {
        var gate = gate()
        gate.at("08:01", "border-guard", "incident.corrected", "SC-1", correction("found", occurred("07:58")))
        gate.at("08:02", "border-guard", "incident.corrected", "SC-1", correction("found", occurred("08:00")))
        #expect(gate.obligation(notify)?.deadline == gate.instant("08:58"))
        var late = self.gate()
        late.at("08:02:01", "border-guard", "incident.corrected", "SC-1", correction("found", occurred("08:02")))
        #expect(late.obligation(notify)?.deadline == late.instant("09:00"))
        var answered = self.gate()
        answered.at("08:00:30", "police", "incident.detected", "SC-1", detected("08:00"))
        answered.at("08:01", "border-guard", "incident.corrected", "SC-1", correction("found", occurred("08:01")))
        #expect(answered.obligation(notify)?.deadline == answered.instant("09:00"))
    }

    @Test func whatOneSaysAgainstOneselfCountsAtOnce() {
        var gate = gate()
        gate.at("08:20", "border-guard", "incident.corrected", "SC-1", correction("found", occurred("07:30")))
        #expect(gate.obligation(notify)?.deadline == gate.instant("08:30"))
        #expect(gate.said(about: "communication.confirm").isEmpty)
    }

    @Test func whoIsOwedMaySpeakInTheObligorsFavourAndNobodyElse() {
        var gate = gate()
        gate.at("08:20", "information-dept", "incident.corrected", "SC-1", correction("found", occurred("08:10")), id: "later")
        #expect(gate.obligation(notify)?.deadline == gate.instant("09:10"))
        var other = self.gate()
        other.at("08:05", "police", "incident.detected", "SC-1", detected("07:50"), id: "second")
        other.at("08:20", "police", "incident.corrected", "SC-1", correction("second", occurred("08:00")), id: "back")
        #expect(other.obligation(notify)?.deadline == other.instant("08:50"))
        other.agree("08:25", "border-guard", "back", in: "SC-1")
        #expect(other.obligation(notify)?.deadline == other.instant("08:50"), "the obligor's own word is none in its favour")
        other.agree("08:30", "information-dept", "back", in: "SC-1")
        #expect(other.obligation(notify)?.deadline == other.instant("09:00"))
    }

    @Test func aDenialWithinThreeWorkingDaysIsOneAndLaterARemark() {
        for (time, counts) in [("2026-03-19 23:59", false), ("2026-03-20 00:00", true)] {
            var gate = gate()
            gate.at("08:30", "border-guard", "incident.dismissed", "SC-1", ["reason": "x", "officer": "y"], id: "claim")
            gate.agree(time, "information-dept", "claim", in: "SC-1", outcome: "denied")
            #expect(gate.obligation(notify)?.isOpen == !counts, "\(time)")
        }
    }

    @Test func aDenialRestoresTheHourAndFiresNothingBackwards() {
        var gate = gate()
        gate.at("08:30", "border-guard", "incident.dismissed", "SC-1", ["reason": "x", "officer": "y"], id: "claim")
        gate.agree("10:00", "information-dept", "claim", in: "SC-1", outcome: "denied")
        gate.run(until: "12:00")
        let said = gate.said(about: "incident.notify-department").filter { $0.contains("overdue") || $0.contains("escalated") || $0.contains("reminded") }
        #expect(said.first == "08:30 duty.reminded border-guard" || said.first == "10:00 duty.overdue border-guard", "\(said)")
        #expect(said.contains("10:00 duty.overdue border-guard") && said.contains("10:30 duty.escalated peoples-committee"))
        #expect(!said.contains { $0.hasPrefix("09:") })
    }

    @Test func aClaimThatNeverCountedDelaysNothingWhenItIsDenied() {
        var gate = gate()
        gate.at("08:59", "border-guard", "incident.corrected", "SC-1", correction("found", occurred("08:45")), id: "claim")
        gate.agree("09:20", "information-dept", "claim", in: "SC-1", outcome: "denied")
        gate.run(until: "11:00")
        #expect(gate.said(about: "incident.notify-department").contains("09:30 duty.escalated peoples-committee"))
        #expect(gate.obligation(notify)?.knownAt == gate.instant("08:00"))
    }

    @Test func whoeverFoundItMustAgreeThatItIsNone() {
        var gate = gate()
        gate.at("08:05", "police", "incident.detected", "SC-1", detected("08:00"))
        gate.at("08:06", "culture-dept", "incident.detected", "SC-1", detected("08:00"))
        gate.at("08:30", "border-guard", "incident.dismissed", "SC-1", ["reason": "x", "officer": "y"], id: "claim")
        for party in ["information-dept", "police"] {
            gate.agree("08:31", party, "claim", in: "SC-1")
            #expect(gate.obligation(notify)?.isOpen == true, "\(party)")
        }
        gate.agree("08:32", "culture-dept", "claim", in: "SC-1")
        #expect(gate.obligation(notify)?.isOpen == false)
    }

    @Test func anAnswerMayNameAnotherCaseAndComeFirst() {
        var gate = gate()
        gate.agree("08:10", "information-dept", "claim", in: "SC-9")
        gate.at("08:30", "border-guard", "incident.corrected", "SC-1", correction("found", occurred("08:20")), id: "claim")
        gate.agree("08:40", "information-dept", "claim", in: "SC-8")
        #expect(gate.obligation(notify)?.deadline == gate.instant("09:20"))
    }

    @Test func aClaimTakenBackAsksNobodyAnyMore() {
        var gate = gate()
        gate.at("08:30", "border-guard", "incident.corrected", "SC-1", correction("found", occurred("08:20")), id: "claim")
        #expect(gate.obligation("communication.confirm/claim/information-dept")?.isOpen == true)
        gate.at("08:35", "border-guard", "incident.corrected", "SC-1", correction("claim", ["withdrawn": true]))
        #expect(gate.obligation("communication.confirm/claim/information-dept")?.isOpen == false)
        #expect(gate.obligation(notify)?.claims.first { $0.id == "claim" }?.state == .takenBack)
        gate.agree("08:40", "information-dept", "claim", in: "SC-1")
        #expect(gate.obligation(notify)?.deadline == gate.instant("09:00"))
    }

    @Test func noMoreClaimsOfOnePartyAreWeighedThanTheirShare() {
        var gate = gate()
        for number in 0..<40 {
            gate.at("08:30", "border-guard", "incident.corrected", "SC-1", correction("found", occurred("08:20")), id: "c\(number)")
        }
        gate.agree("08:40", "information-dept", "c39", in: "SC-1")
        #expect(gate.obligation(notify)?.deadline == gate.instant("09:00"))
        gate.agree("08:41", "information-dept", "c0", in: "SC-1")
        #expect(gate.obligation(notify)?.deadline == gate.instant("09:20"))
        // Who floods takes nobody else's place.
        gate.at("08:42", "information-dept", "incident.corrected", "SC-1", correction("found", occurred("08:30")))
        #expect(gate.obligation(notify)?.deadline == gate.instant("09:30"))
    }

    @Test func aThirdPartysEntryOfACallWaitsForItsConfirmation() {
        var gate = gate()
        let call: JSON = [
            "means": "telephone", "calledAt": "2026-03-16T08:10:00+07:00", "caller": "x", "answeredBy": "y", "to": "information-dept",
            "regarding": "incident.notified",
        ]
        gate.at("08:20", "police", "communication.recorded", "SC-1", call, id: "call")
        #expect(gate.obligation(notify)?.isOpen == true)
        gate.agree("08:30", "information-dept", "call", in: "SC-1")
        #expect(gate.obligation(notify)?.isOpen == false)
    }

    @Test func aSuperiorIsNeverAsked() {
        var gate = gate()
        gate.at("08:10", "border-guard", "incident.notified", "SC-1", notified("08:00"))
        gate.at("08:30", "information-dept", "incident.dismissed", "SC-1", ["reason": "x", "officer": "y"], id: "claim")
        #expect(gate.obligation("incident.brief-committee/SC-1")?.isOpen == true)
        let asked = gate.state.obligations.keys.filter { $0.hasPrefix("communication.confirm/") }
        #expect(asked.sorted() == ["communication.confirm/claim/border-guard"])
        gate.agree("08:40", "border-guard", "claim", in: "SC-1")
        #expect(gate.obligation("incident.brief-committee/SC-1")?.isOpen == false)
    }
}
