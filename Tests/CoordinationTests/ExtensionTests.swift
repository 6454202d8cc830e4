import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// Explanations, which excuse nothing, and extensions of monitoring marks: by who is entitled, before they pass, and never of the text.
@Suite struct ExtensionTests {
    private let vetting = "content.vet/TB-1"
    private let hour = "incident.notify-department/SC-1"

    /// Monday 09:00: a submission, to be vetted by the end of Wednesday.
    private var gate: Gate {
        var gate = Gate(on: "2026-03-16")
        gate.hear(Saying("09:00", "newspaper", "content.submitted", "TB-1"))
        return gate
    }

    private func extend(_ at: String, _ sender: PartyID, _ obligation: String, until: String, _ more: JSON = [:]) -> Saying {
        var changes: JSONObject = ["obligation": .string(obligation), "until": .string(until)]
        for member in more.object?.members ?? [] { changes[member.key] = member.value }
        return Saying(at, sender, "duty.extended", "GH-1", .object(changes))
    }

    private func refusals(_ gate: Gate) -> [String] {
        gate.events.filter { $0.type == "message.refused" }.map { ($0.data["to"]?.string ?? "") + ": " + ($0.data["reason"]?.string ?? "") }
    }

    @Test func anExtendedMarkIsTheNewOneAndWhoOwesItIsTold() {
        var gate = gate
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-18 23:59:59.999"))
        gate.hear(extend("2026-03-17 10:00", "newspaper", vetting, until: "2026-03-20T17:00:00+07:00"))
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-20 17:00"))
        gate.run(until: "2026-03-21 12:00")
        let said = gate.events.filter { $0.sender == "coordinator" && $0.data["obligation"]?.string == vetting }.map {
            "\(LocalTime($0.time, offset: .hours(7)).date) \($0.type) \($0.data["to"]?.string ?? "")"
        }
        #expect(
            said == [
                "2026-03-17 duty.rescheduled information-dept", "2026-03-20 duty.reminded information-dept",
                "2026-03-20 duty.overdue information-dept", "2026-03-20 duty.overdue newspaper",
            ])
        let notice = gate.events.first { $0.type == "duty.rescheduled" }
        #expect(notice?.data["wording"]?["vi"]?.string?.contains("Mốc theo dõi mới: 17h00 ngày 20/3/2026") == true)
        #expect(refusals(gate).isEmpty)
    }

    @Test func aDeadlineOfTheTextNeverMoves() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.hear(extend("08:10", "information-dept", hour, until: "2026-03-16T12:00:00+07:00"))
        #expect(gate.obligation(hour)?.deadline == gate.instant("09:00"))
        #expect(
            refusals(gate) == [
                "information-dept: this deadline is set by Clause 2, Article 8 of the Regulation issued with Decision No. 34/2015/QĐ-UBND and cannot be extended"
            ])
    }

    @Test(arguments: [
        ("2026-03-17 10:00", "information-dept", "2026-03-20T17:00:00+07:00", "may not extend this mark"),
        ("2026-03-17 10:00", "police", "2026-03-20T17:00:00+07:00", "may not extend this mark"),
        ("2026-03-19 00:00:01", "newspaper", "2026-03-20T17:00:00+07:00", "the monitoring mark passed at 23:59 on 18 March 2026"),
        ("2026-03-17 10:00", "newspaper", "2026-03-18T12:00:00+07:00", "until does not lie after the present mark"),
    ])
    func whatDoesNotExtendIsToldToItsSender(_ at: String, _ sender: PartyID, _ until: String, _ reason: String) throws {
        var gate = gate
        gate.hear(extend(at, sender, vetting, until: until))
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-18 23:59:59.999"))
        let told = try #require(refusals(gate).first)
        #expect(refusals(gate).count == 1 && told.hasPrefix(sender) && told.contains(reason), "\(told)")
        #expect(!gate.events.contains { $0.type == "duty.rescheduled" })
    }

    @Test func nothingIsExtendedThatIsSettledOrUnknown() {
        var gate = gate
        gate.hear(Saying("10:00", "information-dept", "content.vetted", "TB-1", to: "newspaper"))
        gate.hear(extend("10:05", "newspaper", vetting, until: "2026-03-20T17:00:00+07:00"))
        gate.hear(extend("10:06", "newspaper", "content.vet/TB-11", until: "2026-03-20T17:00:00+07:00"))
        #expect(
            refusals(gate) == [
                "newspaper: this duty is settled already", "newspaper: there is no obligation “content.vet/TB-11”; did you mean content.vet/TB-1?",
            ])
    }

    @Test func aDocumentOfTheCommitteeIsRecordedOnItsBehalf() {
        var gate = Gate(on: "2026-03-16")
        gate.hear(Saying("09:00", "newspaper", "content.submitted", "TB-1"))
        gate.hear(
            extend(
                "10:00", "information-dept", vetting, until: "2026-03-25T17:00:00+07:00",
                ["onBehalfOf": "peoples-committee", "document": ["number": "512/UBND-VX", "date": "2026-03-16"]]))
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-25 17:00"))
        let explained = gate.state.explain(vetting)["explanations"]?.array?.first
        #expect(explained?["by"] == "peoples-committee" && explained?["recordedBy"] == "information-dept" && explained?["document"]?["number"] == "512/UBND-VX")
    }

    @Test func anExtensionThatCameWhileNoCoordinatorLedIsDatedByTheBroker() throws {
        var gate = gate
        gate.run(until: "2026-03-18 23:00")
        gate.isWatched = false
        let id = gate.hear(extend("2026-03-18 23:30", "newspaper", vetting, until: "2026-03-20T17:00:00+07:00"))
        gate.run(until: "2026-03-19 08:00")
        gate.elect(term: 2)
        #expect(gate.state.doubtful.map(\.id) == [id])
        gate.own(
            "coordinator.marked",
            ["reachedAt": "2026-03-19T07:59:59+07:00", "stamps": [["id": .string(id), "arrivedAt": "2026-03-18T23:30:01+07:00"]]])
        #expect(gate.obligation(vetting)?.deadline == gate.instant("2026-03-20 17:00"))
        gate.isWatched = true
        gate.run(until: "2026-03-19 12:00")
        #expect(refusals(gate).isEmpty && gate.state.refusedCount == 0)
        #expect(!gate.events.contains { $0.type == "duty.overdue" && $0.data["obligation"]?.string == vetting })
    }

    @Test func anExplanationStaysOnRecordAndExcusesNothing() throws {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.hear(Saying("09:10", "border-guard", "duty.explained", "SC-1", ["obligation": .string(hour)]))
        gate.hear(Saying("09:11", "police", "duty.explained", "SC-1", ["obligation": .string(hour)]))
        gate.run(until: "09:31")
        #expect(gate.obligation(hour)?.deadline == gate.instant("09:00"))
        let escalated = try #require(gate.events.first { $0.type == "duty.escalated" })
        #expect(escalated.data["wording"]?["vi"]?.string?.contains("đã giải trình lúc 09h10 ngày 16/3/2026") == true)
        let overdue = try #require(gate.events.first { $0.type == "duty.overdue" })
        #expect(overdue.data["wording"]?["vi"]?.string?.contains("giải trình lúc") == false)
        #expect(refusals(gate) == ["police: this duty is owed by Provincial Border Guard Command"])
        gate.hear(Saying("09:40", "border-guard", "incident.notified", "SC-1", ["occurredAt": "2026-03-16T08:00:00+07:00"]))
        #expect(gate.obligation(hour)?.isLate == true)
        // A settled duty is explained as well.
        gate.hear(Saying("10:00", "border-guard", "duty.explained", "SC-1", ["obligation": .string(hour)]))
        #expect(gate.state.explain(hour)["explanations"]?.array?.count == 2)
    }

    @Test func aRequestOfAPartyThatIsNotThereIsRefused() {
        var gate = Gate(on: "2026-03-16")
        gate.hear(Saying("09:00", "information-dept", "content.requested", "YC-1", to: "police", ["askedOf": "polise"]))
        #expect(refusals(gate).first?.hasPrefix("information-dept: data.askedOf: there is no party “polise” that can do it; did you mean police?") == true)
        #expect(gate.obligation("content.supply-on-request/YC-1/polise") == nil)
        // Only the press delivers what is ordered.
        gate.hear(Saying("09:05", "information-dept", "production.ordered", "DH-1", to: "police", ["orderedFrom": "police"]))
        #expect(refusals(gate).last?.contains("data.orderedFrom: there is no party “police” that can do it") == true)
    }
}
