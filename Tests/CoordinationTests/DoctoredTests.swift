import Messages
import Regulation
import Simulation
import Testing
import Values

@testable import Coordination

/// A ledger that was doctored, in every way there is, at every record: what can be seen is seen, and named at its place.
@Suite struct DoctoredTests {
    private static let day: [LedgerState.Record] = {
        let text = """
            date 2026-03-16
            routine
            08:00 led-screen fails
            08:05 police detects SC-2 device=kiosk-1 title="tủ tra cứu treo" occurredAt=08:04
            08:40 border-guard telephones SC-2 calledAt=08:20
            08:45 information-dept confirms-call SC-2
            09:00 coordinator stops
            09:10 coordinator starts
            09:20 coordinator changes
            10:08 border-guard notifies led-screen
            10:10 information-dept acknowledges led-screen officer="Chị Lan"
            10:30 police notifies led-screen
            11:00 led-screen recovers
            11:20 border-guard resolves SC-1
            """
        guard let scenario = try? Scenario(parsing: text, regulation: .standard) else { preconditionFailure("no scenario") }
        return Performance(of: scenario).records
    }()

    private func audit(_ records: [LedgerState.Record], isWhole: Bool = false) -> [Audit.Finding] {
        var audit = Audit(isWhole: isWhole)
        for record in records { audit.read(record) }
        return audit.result()
    }

    /// The audits of the first records, of none, of one, and so on: what comes before the doctored place is read once.
    private static let begun: [Audit] = {
        var audits = [Audit()]
        for record in day {
            var audit = audits[audits.count - 1]
            audit.read(record)
            audits.append(audit)
        }
        return audits
    }()

    /// What is found where other records follow the first ones.
    private func audit(after place: Int, _ records: some Sequence<LedgerState.Record>) -> [Audit.Finding] {
        var audit = DoctoredTests.begun[place]
        for record in records { audit.read(record) }
        return audit.result()
    }

    private func event(_ record: LedgerState.Record) throws -> Event { try MessageReader.event(in: try JSON(parsing: record.body)) }

    /// The notices that count, each with its place.
    private func notices() throws -> [(place: Int, event: Event)] {
        var election: String?
        var notices: [(Int, Event)] = []
        for (place, record) in DoctoredTests.day.enumerated() where record.carriage.userID == LedgerState.coordinator {
            let event = try event(record)
            if event.type == "coordinator.elected" { election = event.id }
            let isNotice = !event.type.hasPrefix("coordinator.") && event.type != "regulation.adopted"
            if isNotice, event.election == election { notices.append((place, event)) }
        }
        return notices
    }

    @Test func whatIsInOrderPasses() throws {
        #expect(audit(DoctoredTests.day).isEmpty)
        #expect(try notices().count > 20)
    }

    @Test func everyNoticeTakenOutIsMissed() throws {
        for notice in try notices() {
            let first = audit(after: notice.place, DoctoredTests.day[(notice.place + 1)...]).first
            #expect(first?.id == notice.event.id && first?.fault == .missing, "\(notice.event.id): \(String(describing: first))")
            #expect(first.map { $0.place < notice.place } == true)
        }
    }

    @Test func everyMemberOfEveryNoticeAlteredIsNamedAtItsPlace() throws {
        for notice in try notices() {
            for member in notice.event.data.object?.members ?? [] {
                var (event, data) = (notice.event, notice.event.data.object ?? JSONObject())
                data[member.key] = altered(member.value)
                event.data = .object(data)
                var record = DoctoredTests.day[notice.place]
                record.body = event.encoded(offset: .hours(7))
                let findings = audit(after: notice.place, [record]).filter { $0.fault != .missing }
                let isNamed = Set(findings.map(\.place)) == [notice.place]
                #expect(isNamed, "\(event.id) \(member.key): \(findings.prefix(2))")
            }
        }
    }

    /// Another value of the same kind, which readers accept where they can.
    private func altered(_ value: JSON) -> JSON {
        switch value {
        case .string(let text):
            if let instant = Instant(rfc3339: text) { return JSON(instant + .minutes(1), offset: .hours(7)) }
            return .string(text + "x")
        case .int(let number): return .int(number + 1)
        case .bool(let flag): return .bool(!flag)
        case .array(let items): return .array(Array(items.dropLast()))
        case .object(var object):
            for member in object.members { object[member.key] = altered(member.value) }
            return .object(object)
        case .null, .double: return value
        }
    }

    @Test func aNoticeToSomebodyElseOrOfAnotherCaseIsNamed() throws {
        let notice = try #require(try notices().first { $0.event.type == "duty.overdue" })
        var event = notice.event
        event.subject = "SC-9"
        event.exercise = true
        var records = DoctoredTests.day
        records[notice.place].body = event.encoded(offset: .hours(7))
        #expect(audit(records).first == Audit.Finding(fault: .altered(["subject", "exercise"]), id: event.id, place: notice.place))
    }

    @Test func aNoticeWhoseDeadlineAndIdWereChangedTogetherHasNoGround() throws {
        let notice = try #require(try notices().first { $0.event.type == "duty.overdue" })
        let deadline = try #require(notice.event.data["deadline"]?.instant)
        var event = notice.event
        let later = deadline + .minutes(5)
        event.id = event.id.replacing(String(deadline.milliseconds), with: String(later.milliseconds))
        if var data = event.data.object {
            data["deadline"] = JSON(later, offset: .hours(7))
            event.data = .object(data)
        }
        var records = DoctoredTests.day
        records[notice.place].body = event.encoded(offset: .hours(7))
        records[notice.place].carriage.messageID = event.id
        let findings = audit(records)
        #expect(findings.contains(Audit.Finding(fault: .unjustified, id: event.id, place: notice.place)))
        #expect(findings.contains { $0.fault == .missing && $0.id == notice.event.id })
    }

    @Test func twoRecordsThatChangedPlacesAreNamed() {
        for place in 1..<DoctoredTests.day.count {
            let swapped = [DoctoredTests.day[place], DoctoredTests.day[place - 1]]
            #expect(audit(after: place - 1, swapped).contains { $0.fault == .outOfOrder && $0.place == place }, "\(place)")
        }
    }

    @Test func aNoticeMovedBeforeItsCauseIsSeenEvenWhereAllWasNumberedAnew() throws {
        for notice in try notices() where notice.event.type == "duty.overdue" {
            var records = DoctoredTests.day
            // Before the mark that it follows.
            let mark = try #require(
                records[..<notice.place].lastIndex { $0.carriage.routingKey == "coordinator.coordinator.marked.all" })
            records.insert(records.remove(at: notice.place), at: mark)
            for index in records.indices { records[index].offset = Int64(index) }
            #expect(audit(records).first == Audit.Finding(fault: .unjustified, id: notice.event.id, place: mark))
        }
    }

    @Test func aRecordThatStandsThereTwiceIsNamed() {
        for place in DoctoredTests.day.indices {
            let doubled = [DoctoredTests.day[place], DoctoredTests.day[place]]
            #expect(audit(after: place, doubled).contains { $0.fault == .outOfOrder && $0.place == place + 1 }, "\(place)")
        }
    }

    @Test func everyMessageTakenOutThatWasAcknowledgedIsMissed() throws {
        var acknowledged: Set<String> = []
        for record in DoctoredTests.day where record.carriage.routingKey.contains(".receipt.issued.") {
            for receipt in try event(record).data["receipts"]?.array ?? [] { if let id = receipt["id"]?.string { acknowledged.insert(id) } }
        }
        // What a deposed leader said stands there again, and counts there.
        let times = Dictionary(DoctoredTests.day.map { ($0.carriage.messageID ?? "", 1) }, uniquingKeysWith: +)
        let messages = DoctoredTests.day.enumerated().filter {
            let id = $0.element.carriage.messageID ?? ""
            return acknowledged.contains(id) && times[id] == 1
        }
        #expect(messages.count > 10)
        for (place, record) in messages {
            let findings = audit(after: place, DoctoredTests.day[(place + 1)...])
            #expect(!findings.isEmpty, "\(record.carriage.routingKey) \(record.carriage.messageID ?? "")")
        }
    }

    @Test func aTextOfTheRegulationThatWasChangedIsNamed() throws {
        var records = DoctoredTests.day
        let place = try #require(records.firstIndex { $0.carriage.routingKey == "coordinator.regulation.adopted.all" })
        let text = String(decoding: records[place].body, as: UTF8.self).replacing("\"PT1H\"", with: "\"PT2H\"")
        records[place].body = Array(text.utf8)
        #expect(audit(records).first?.fault == .otherRegulation)
        #expect(audit(records).first?.place == place)
    }

    @Test func aLedgerWithoutItsBeginningIsNamed() {
        #expect(audit(Array(DoctoredTests.day.dropFirst(3)), isWhole: true).first?.fault == .beginsLater)
    }

    /// What cannot be seen: nothing says how long a ledger is, and on what nobody acts nothing rests.
    @Test func whatNothingRestsOnCanBeTakenOutUnseen() throws {
        let place = try #require(DoctoredTests.day.lastIndex { $0.carriage.routingKey.contains(".operations.day-closed.") })
        let quiet = try #require(DoctoredTests.day[..<place].lastIndex { $0.carriage.routingKey.contains(".marked.") })
        #expect(audit(Array(DoctoredTests.day[...quiet])).allSatisfy { $0.fault == .missing })
    }
}
