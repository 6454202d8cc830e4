import Messages
import Regulation
import Testing
import Values

@testable import Coordination

@Suite("A ledger under another regulation")
struct ReplayTests {
    /// Two incidents: one of which the Department is told after 90 minutes, and one that proves a false alarm.
    private func day() -> Gate {
        var gate = Gate(on: "2026-03-16")
        gate.at("09:00", "border-guard", "incident.detected", "SC-1", detected("08:59"))
        gate.at("10:30", "border-guard", "incident.notified", "SC-1", notified("08:59"))
        gate.at("10:40", "information-dept", "incident.acknowledged", "SC-1", ["officer": "Trực ban Sở"])
        gate.at("11:00", "police", "incident.detected", "SC-2", detected("10:55", title: "loa không có tiếng"))
        gate.at("11:20", "border-guard", "incident.dismissed", "SC-2", ["reason": "thử thiết bị", "officer": "Trung úy Hải"])
        gate.run(until: "23:00")
        return gate
    }

    private func replay(_ records: [LedgerState.Record], under regulation: Regulation) -> Replay {
        var replay = Replay(under: regulation)
        for record in records { replay.read(record) }
        replay.finish()
        return replay
    }

    /// The regulation built in, with another text in place of one.
    private func amended(_ old: String, _ new: String) throws -> Regulation {
        try Regulation(json: JSON(parsing: Regulation.standard.source.text.replacing(old, with: new)))
    }

    private func said(_ notices: [Replay.Notice], about duty: String) -> [String] {
        notices.filter { $0.key.obligation.hasPrefix(duty + "/") }.map { notice in
            "\(LocalTime(notice.at, offset: .hours(7)).timeOfDay) \(notice.key.rung) \(notice.key.to)" + (notice.isLate ? " late" : "")
        }
    }

    @Test("under the regulation that it was written by, every notice is as it was")
    func unchanged() {
        let gate = day()
        let replay = replay(gate.records, under: .standard)
        #expect(replay.messageCount == 5 && replay.recorded.count > 20)
        #expect(replay.recorded.count == replay.replayed.count)
        for (recorded, replayed) in zip(replay.recorded, replay.replayed) {
            #expect(recorded.key == replayed.key && recorded.deadline == replayed.deadline && recorded.isLate == replayed.isLate)
            #expect(abs((recorded.at - replayed.at).milliseconds) <= 1000, "\(recorded) \(replayed)")
        }
    }

    @Test("with two hours for the notification nobody would have been late")
    func twoHours() throws {
        let regulation = try amended(#""due":{"basis":"law","within":"PT1H"}"#, #""due":{"basis":"law","within":"PT2H"}"#)
        let replay = replay(day().records, under: regulation)
        let duty = "incident.notify-department/SC-1"
        #expect(said(replay.recorded, about: "incident.notify-department").contains("09:59 deadline border-guard"))
        #expect(said(replay.recorded, about: "incident.notify-department").contains("10:30 settled border-guard late"))
        let hour = replay.replayed.filter { $0.key.obligation == duty }
        #expect(
            said(hour, about: "incident.notify-department") == [
                "09:00 opening border-guard", "10:29 before-PT30M border-guard", "10:30 settled border-guard", "10:30 settled information-dept",
            ])
        // What hangs on other rules is as it was.
        #expect(said(replay.recorded, about: "operate.close-day") == said(replay.replayed, about: "operate.close-day"))
    }

    @Test("a duty that the new text does not have is owed no more, and what a party said under another's rule still counts")
    func removed() throws {
        var json = Regulation.standard.source.object ?? [:]
        json["duties"] = .array((json["duties"]?.array ?? []).filter { $0["id"] != "incident.acknowledge" })
        let replay = replay(day().records, under: try Regulation(json: .object(json)))
        #expect(!said(replay.recorded, about: "incident.acknowledge").isEmpty)
        #expect(said(replay.replayed, about: "incident.acknowledge").isEmpty)
        #expect(replay.refusedCount == 0)
    }

    @Test("an empty ledger and one without a coordinator give no notices")
    func empty() {
        #expect(replay([], under: .standard).replayed.isEmpty)
        let parties = day().records.filter { $0.carriage.userID != "coordinator" }
        let replay = replay(parties, under: .standard)
        #expect(replay.messageCount == 5 && replay.replayed.isEmpty && replay.recorded.isEmpty)
    }
}
