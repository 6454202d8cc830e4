import Messages
import Regulation
import Simulation
import Synchronization
import Testing
import Values

@testable import Coordination

/// What the program fell over is left out by all who read the ledger, and by nobody else.
@Suite struct SetAsideTests {
    private let start = Instant(rfc3339: "2026-03-16T08:00:00+07:00") ?? Instant(milliseconds: 0)

    /// A ledger in which an incident was said, and others after it; the incident's record is the third.
    private func ledger() throws -> [LedgerState.Record] {
        let text = """
            date 2026-03-16
            08:00 border-guard detects SC-1 title="màn hình LED" id=poison
            08:05 border-guard detects SC-2 title="âm thanh"
            """
        return Performance(of: try Scenario(parsing: text, regulation: .standard)).records
    }

    private func own(_ event: Event) -> LedgerState.Record {
        let key = RoutingKey(sender: event.sender, type: event.type).description
        return LedgerState.Record(
            body: event.encoded(offset: .hours(7)),
            carriage: Carriage(exchange: "phoihop", routingKey: key, userID: event.sender, messageID: event.id, contentType: Event.contentType), offset: 9999)
    }

    private func poison(_ records: [LedgerState.Record]) throws -> LedgerState.Record { try #require(records.first { $0.carriage.messageID == "poison" }) }

    /// Reads a ledger as every reader does: first for what is set aside, then for the rest.
    private func read(_ records: [LedgerState.Record], build: String = "1", holds: (@Sendable (InHand) -> Void)? = nil) -> LedgerState {
        var aside = SetAside(build: build)
        for record in records { aside.note(record) }
        var state = LedgerState(setAside: aside)
        state.holds = holds
        for record in records { state.evolve(record) }
        return state
    }

    @Test func aRecordIsLeftOutThoughTheWordOfItComesLater() throws {
        let records = try ledger()
        let aside = records + [own(SetAside.event(of: try poison(records), build: "1", time: start + .days(1), in: .standard))]
        let (all, rest) = (read(records), read(aside))
        #expect(all.standings.contains { $0.subject == "SC-1" } && !rest.standings.contains { $0.subject == "SC-1" })
        #expect(rest.standings.contains { $0.subject == "SC-2" })
        #expect(!rest.isOnRecord("poison") && rest.recordCount == aside.count && rest.digest == read(aside).digest)
        #expect(!rest.mustBeReadAgain)
    }

    @Test func theWordOfItIsAMessageThatAllReadersTake() throws {
        let said = SetAside.event(of: try poison(try ledger()), build: "1", time: start + .days(1), in: .standard)
        let words = try #require(said.data["wording"]?["vi"]?.string)
        #expect(words.hasPrefix("[SỰ CỐ CHƯA ĐỌC ĐƯỢC]") && words.contains("poison") && !words.contains("{"))
        let state = read(
            try ledger() + [own(said), own(SetAside.event(ofObligation: "incident.contain/SC-2", build: "1", time: start + .days(1), in: .standard))])
        #expect(state.refusedCount == 0 && state.isOnRecord(said.id))
    }

    @Test func anotherBuildReadsItAgain() throws {
        let records = try ledger()
        let aside = records + [own(SetAside.event(of: try poison(records), build: "1", time: start + .days(1), in: .standard))]
        #expect(read(aside, build: "2").standings.contains { $0.subject == "SC-1" })
        #expect(!read(aside, build: "2").mustBeReadAgain)
    }

    @Test func anotherBodyUnderTheSameIDIsRead() throws {
        let records = try ledger()
        var other = try poison(records)
        other.body.append(0x20)
        let aside = records + [own(SetAside.event(of: other, build: "1", time: start + .days(1), in: .standard))]
        #expect(read(aside).standings.contains { $0.subject == "SC-1" })
    }

    @Test func onlyTheCoordinatorSetsAside() throws {
        let records = try ledger()
        var forged = own(SetAside.event(of: try poison(records), build: "1", time: start + .days(1), in: .standard))
        forged.carriage.userID = "police"
        #expect(read(records + [forged]).standings.contains { $0.subject == "SC-1" })
    }

    @Test func whoReadItBeforeTheWordCameMustReadAgain() throws {
        let records = try ledger()
        var state = read(records)
        let said = own(SetAside.event(of: try poison(records), build: "1", time: start + .days(1), in: .standard))
        state = LedgerState(setAside: SetAside(build: "1"))
        for record in records { state.evolve(record) }
        #expect(!state.mustBeReadAgain)
        state.evolve(said)
        #expect(state.mustBeReadAgain)
    }

    @Test func anObligationIsLeftOutOfWhatIsDue() throws {
        let records = try ledger()
        let id = "incident.notify-department/SC-1"
        let said = own(SetAside.event(ofObligation: id, build: "1", time: start + .days(1), in: .standard))
        // From the ledger's beginning: the notices on record are then without ground, but nothing new comes of it.
        let state = read(records.filter { !($0.carriage.messageID ?? "").hasPrefix(id) } + [said])
        #expect(!state.decisions.contains { $0.id.hasPrefix(id + "/") })
        #expect(state.decisions.contains { $0.id.hasPrefix("incident.notify-department/SC-2/") } || state.standings.contains { $0.subject == "SC-2" })
    }

    @Test func whatIsInHandIsTold() throws {
        let told = Told()
        _ = read(try ledger()) { told.note($0) }
        #expect(told.all.contains { if case .record("poison", _) = $0 { true } else { false } })
        #expect(told.all.contains(.obligation("incident.notify-department/SC-1")))
    }
}

private final class Told: Sendable {
    private let things = Mutex<[InHand]>([])
    func note(_ thing: InHand) { things.withLock { $0.append(thing) } }
    var all: [InHand] { things.withLock { $0 } }
}

/// How often a program fell where.
@Suite struct FallsTests {
    private let record = InHand.record(id: "a", offset: 7)

    @Test(arguments: [4, 5, 6, 11] as [Int32]) func atTheThirdStartItIsSetAside(_ signal: Int32) {
        var falls = Falls()
        #expect(falls.childEnded(.signalled(signal), holding: record, build: "1") == .start(afterMilliseconds: 200))
        #expect(falls.childEnded(.signalled(signal), holding: record, build: "1") == .setAside(record))
    }

    @Test(arguments: [1, 2, 3, 7, 9, 15, 24, 25] as [Int32]) func whoeverEndsItFromOutsideProvesNothing(_ signal: Int32) {
        var falls = Falls()
        for _ in 0..<10 { #expect(falls.childEnded(.signalled(signal), holding: record, build: "1") == .end(128 + signal)) }
        #expect(falls.childEnded(.signalled(4), holding: record, build: "1") == .start(afterMilliseconds: 200))
    }

    @Test func placesAndBuildsAreCountedApart() {
        var falls = Falls()
        #expect(falls.childEnded(.signalled(4), holding: record, build: "1") == .start(afterMilliseconds: 200))
        #expect(falls.childEnded(.signalled(4), holding: .obligation("x"), build: "1") == .start(afterMilliseconds: 200))
        #expect(falls.childEnded(.signalled(4), holding: record, build: "2") == .start(afterMilliseconds: 200))
        #expect(falls.childEnded(.signalled(4), holding: record, build: "2") == .setAside(record))
    }

    @Test func anEndIsAnEndAndFallsOverNothingAreBounded() {
        var falls = Falls()
        #expect(falls.childEnded(.exited(0), holding: record, build: "1") == .end(0))
        #expect(falls.childEnded(.exited(69), holding: .nothing, build: "1") == .end(69))
        for _ in 0..<4 { #expect(falls.childEnded(.signalled(11), holding: .nothing, build: "1") == .start(afterMilliseconds: 1000)) }
        #expect(falls.childEnded(.signalled(11), holding: .nothing, build: "1") == .end(70))
    }
}
