import Messages
import Testing
import Values

@testable import Coordination

/// A ledger that was written as it should be passes; one that was tampered with shows where it no longer fits.
@Suite struct AuditTests {
    private func day() -> [LedgerState.Record] {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"), id: "detection")
        gate.run(until: "09:40")
        gate.at("09:41", "border-guard", "incident.notified", "SC-1", notified("08:00"), id: "notification")
        gate.at("09:50", "police", "incident.notified", "SC-1", notified("08:00"), id: "not-theirs")
        gate.run(until: "23:00")
        return gate.records
    }

    private func audit(_ records: [LedgerState.Record]) -> [Audit.Finding] {
        var audit = Audit()
        for record in records { audit.read(record) }
        return audit.result()
    }

    private func text(_ record: LedgerState.Record) -> String { String(decoding: record.body, as: UTF8.self) }

    @Test func whatIsInOrderPasses() { #expect(audit(day()).isEmpty) }

    /// It would have lain in the future when the message came, which would not have counted.
    @Test func anOccurrenceMovedAfterwardsShowsAtOnce() throws {
        var records = day()
        let index = try #require(records.firstIndex { text($0).contains(#""id":"detection""#) })
        records[index].body = Array(text(records[index]).replacing("2026-03-16T08:00:00+07:00\",\"title", with: "2026-03-16T08:05:00+07:00\",\"title").utf8)
        let findings = audit(records)
        let first = try #require(findings.first)
        #expect(first.fault == .missing && first.id.hasPrefix("refused/") && [index, index + 1].contains(first.place))
        #expect(findings.contains { $0.fault == .unjustified && $0.id.contains("/opening/") })
    }

    @Test func aNotificationTakenOutShowsAtItsSettlement() throws {
        let records = day().filter { !text($0).contains(#""id":"notification""#) }
        let first = try #require(audit(records).first)
        #expect(first.id.contains("settled-late"))
    }

    @Test func anOverdueNoticeTakenOutIsMissed() {
        let records = day().filter { !text($0).contains("/deadline/information-dept\",\"source") }
        #expect(audit(records).contains { $0.fault == .missing && $0.id.hasSuffix("/deadline/information-dept") })
    }

    @Test func anOverdueNoticeAlteredIsNamedWithItsMember() throws {
        var records = day()
        let index = try #require(records.firstIndex { text($0).contains("/deadline/border-guard\",\"source") })
        records[index].body = Array(text(records[index]).replacing(#""basis":"law""#, with: #""basis":"mark""#).utf8)
        #expect(audit(records).first == Audit.Finding(fault: .altered(["basis"]), id: try #require(records[index].carriage.messageID), place: index))
    }

    /// Nothing else would tell: the text that was in force before stays, and every notice is judged by it.
    @Test func anAdoptedTextThatCannotBeReadIsNamedWithTheReason() throws {
        var records = day()
        let index = try #require(records.firstIndex { $0.carriage.routingKey == "coordinator.regulation.adopted.all" })
        records[index].body = Array(text(records[index]).replacing(#""utcOffset":"+07:00""#, with: #""utcOffset":"+7""#).utf8)
        let findings = audit(records)
        #expect(
            findings.contains { finding in
                guard case .unreadable(let reason) = finding.fault else { return false }
                return finding.place == index && reason.en.contains("cannot be read: /calendar/utcOffset") && finding.id == records[index].carriage.messageID
            }, "\(findings.prefix(3))")
        #expect(findings.contains { $0.fault == .otherRegulation && $0.place == index })
    }
}
