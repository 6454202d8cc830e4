import Messages
import Regulation
import Simulation
import Testing
import Values

@testable import Coordination

/// The state written down whole.
@Suite struct StateRecordTests {
    private func performance() throws -> Performance {
        let text = """
            date 2026-03-16
            routine
            07:00 economic-zone says maintenance.window-opened BT-1 kind=maintenance from=13:00 until=14:00 reason="lau màn hình" officer="Chị Hoa"
            08:00 led-screen fails
            08:05 police detects SC-2 device=kiosk-1 title="tủ tra cứu treo" occurredAt=07:50
            08:10 information-dept merges SC-2 into SC-1 reason="cùng một sự cố"
            08:40 border-guard telephones SC-1 calledAt=08:20
            08:45 information-dept stops
            09:28 border-guard notifies SC-1
            09:29 coordinator stops
            09:40 border-guard detects SC-3 title="loa rè"
            09:45 coordinator starts
            09:46 coordinator stops
            09:55 police detects SC-4 title="cửa tủ mở"
            """
        return Performance(of: try Scenario(parsing: text, regulation: .standard))
    }

    private func state(_ records: some Sequence<LedgerState.Record>) -> LedgerState {
        var state = LedgerState()
        for record in records { state.evolve(record) }
        return state
    }

    @Test func theSameRecordsGiveTheSameWhereverTheBrokerKeepsThem() throws {
        let records = try performance().records
        let moved = records.map { record in
            var record = record
            record.offset = record.offset.map { $0 * 3 + 1000 }
            return record
        }
        var (state, other) = (LedgerState(), LedgerState())
        for (record, elsewhere) in zip(records, moved) {
            state.evolve(record)
            other.evolve(elsewhere)
            #expect(state.record.bytes == other.record.bytes)
        }
    }

    @Test func everyRecordChangesIt() throws {
        var state = LedgerState()
        var digests: Set<String> = []
        let records = try performance().records
        for record in records {
            state.evolve(record)
            digests.insert(state.digest)
        }
        #expect(digests.count == records.count)
    }

    /// What holds a member must have it in its record; a member that is added is to be added there, or here with the reason why not.
    @Test func nothingIsLeftOut() throws {
        let state = state(try performance().records)
        func names(_ value: Any) -> Set<String> { Set(Mirror(reflecting: value).children.compactMap(\.label)) }
        func keys(_ json: JSON?) -> Set<String> { Set((json?.object?.members ?? []).map(\.key)) }
        let renamed = [
            "options": "rate", "ledgerID": "ledger", "recordCount": "records", "refusedCount": "refused", "rules": "regulation", "bootstrap": "isAdopted",
            // Kept beside what they are made from.
            "mergedFrom": "mergedInto", "maintenance": "windows", "cooling": "cases",
        ]
        // Who is told what is in hand, that all is to be read again, and what the last record opened, decide nothing of what is read; between two records
        // nothing is taken in by half, and which cases wait is seen from the messages that do.
        let aside: Set = ["holds", "mustBeReadAgain", "justOpened", "observation", "unobservedCases"]
        #expect(Set(names(state).subtracting(aside).map { renamed[$0] ?? $0 }).subtracting(keys(state.record)) == [])

        let obligation = try #require(state.obligations.values.first)
        let record = state.record["obligations"]?.array?.first
        #expect(names(obligation).subtracting(keys(record)) == [])

        let notice = try #require(state.obligations.values.flatMap(\.notices).first)
        let notices = state.record["obligations"]?.array?.flatMap { $0["notices"]?.array ?? [] }
        #expect(names(notice).subtracting(keys(notices?.first)) == [])

        let item = try #require(state.cases.values.flatMap(\.evidence).first)
        let cases = state.record["cases"]?.object?.members.flatMap { $0.value["evidence"]?.array ?? [] }
        // Of which other case it was said follows from the merges.
        #expect(names(item).subtracting(keys(cases?.first)).subtracting(["member", "isOfTheOther"]) == [])
        let window = try #require(state.windows.values.first)
        #expect(names(window).subtracting(keys(state.record["windows"]?.object?.members.first?.value)) == [])
        let ofCase = ["storage": "evidence", "isFollowed": "evidence", "touchedAt": "evidence"]
        #expect(
            Set(names(try #require(state.cases.values.first)).map { ofCase[$0] ?? $0 }).subtracting(keys(state.record["cases"]?.object?.members.first?.value))
                == [])
    }

    @Test func whatDiffersInOneMemberDiffers() throws {
        let before = state(try performance().records)
        func differs(_ change: (inout LedgerState) throws -> Void) rethrows -> Bool {
            var after = before
            try change(&after)
            return after.digest != before.digest
        }
        let id = "incident.notify-department/SC-1"
        #expect(before.obligations[id]?.notices.isEmpty == false && !before.awaiting.isEmpty && !before.mergedInto.isEmpty)
        #expect(differs { $0.obligations[id]?.notices[0].isWithdrawn = true })
        #expect(differs { $0.obligations[id]?.deadline = Instant(milliseconds: 1) })
        #expect(differs { $0.obligations[id]?.outcome = .void })
        #expect(differs { $0.mergedInto = [:] })
        #expect(differs { $0.awaiting = [:] })
        #expect(differs { $0.silentSince["police"] = Instant(milliseconds: 1) })
        #expect(differs { $0.wakes = WakeQueue() })
        #expect(differs { $0.receipts = [:] })
        #expect(differs { $0.agenda.put(.forwards(["police"]), for: "x", in: Agenda.Lane(urgency: .answer, party: "police")) })
    }
}
