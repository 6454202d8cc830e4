import Coordination
import Messages
import OperatorCommands
import Regulation
import Testing
import Values

@Suite("What a ledger would have been, in words")
struct ReplayReportTests {
    private let offset = Span.hours(7)

    /// A line of a ledger: a party's message, or a record of the coordinator's.
    private func line(_ sender: PartyID, _ type: String, at time: String, _ data: JSON, id: String, of subject: String? = nil) throws -> String {
        let instant = try #require(Instant(rfc3339: "2026-03-16T\(time)+07:00"))
        let election = sender == "coordinator" ? "el" : nil
        let event = Event(id: id, sender: sender, type: type, subject: subject, time: instant, data: data, election: election)
        return String(decoding: event.encoded(offset: offset), as: UTF8.self)
    }

    /// An incident notified within the hour, as `phoihop ledger --json` prints it.
    private func ledger() throws -> [String] {
        let regulation: JSON = ["regulation": Regulation.standard.source, "digest": .string(Regulation.standard.digest)]
        let incident: JSON = ["kind": "technical", "occurredAt": "2026-03-16T09:00:00+07:00", "title": "màn hình LED không hiển thị"]
        var notice: JSONObject = incident.object ?? [:]
        notice["officer"] = "Trung úy Hải"
        return [
            try line("coordinator", "coordinator.elected", at: "08:00:00", ["term": 1, "instance": "t", "version": "1"], id: "el"),
            try line("coordinator", "regulation.adopted", at: "08:00:00", regulation, id: "re"),
            try line("border-guard", "incident.detected", at: "09:01:00", incident, id: "e1", of: "SC-1"),
            try line("coordinator", "coordinator.marked", at: "09:01:00", ["reachedAt": "2026-03-16T09:01:00+07:00"], id: "m1"),
            try line("border-guard", "incident.notified", at: "09:40:00", .object(notice), id: "e2", of: "SC-1"),
            try line("coordinator", "coordinator.marked", at: "09:40:00", ["reachedAt": "2026-03-16T09:40:00+07:00"], id: "m2"),
        ]
    }

    private func report(under regulation: Regulation) throws -> ReplayReport {
        var replay = Replay(under: regulation)
        for line in try ledger() { replay.read(try #require(LedgerText.record(Array(line.utf8), in: regulation))) }
        replay.finish()
        return ReplayReport(replay, under: regulation)
    }

    @Test("a notice that is not on record and would have been is told as new, with its deadline")
    func new() throws {
        let half = Regulation.standard.source.text.replacing(#""due":{"basis":"law","within":"PT1H"}"#, with: #""due":{"basis":"law","within":"PT30M"}"#)
        let report = try report(under: try Regulation(json: JSON(parsing: half)))
        let lines = report.lines(.en, on: Screen())
        #expect(lines[0].hasPrefix("2 messages of the parties; notices on record: 0; under edition 2015-08-10/7: "))
        #expect(lines.contains("inform the Department of an incident – incident.notify-department/SC-1"))
        #expect(
            lines.contains(
                "  new the notice at the deadline – Department of Information and Communications: 09:30 on 16 March 2026, deadline 09:30 on 16 March 2026"))
        #expect(
            lines.contains {
                $0.hasPrefix("  new the word that it is done – Provincial Border Guard Command: 09:40 on 16 March 2026") && $0.hasSuffix(", late")
            })
        #expect(report.json["differences"]?.array?.count == report.differences.count)
        #expect(report.lines(.vi, on: Screen())[0].hasPrefix("2 tin của các bên"))
    }

    @Test("a line that is no record is none")
    func noRecord() {
        #expect(LedgerText.record(Array("{}".utf8), in: .standard) == nil)
        #expect(LedgerText.record(Array("x".utf8), in: .standard) == nil)
    }
}
