import Coordination
import Foundation
import Messages
import Monitoring
import OperatorCommands
import Regulation
import Reporting
import Schemas
import Simulation
import Values
import Watching

/// A way in for what others write, taken as far as the product takes it. Whatever the bytes are, it returns; what it says of them is of no interest.
public enum Probe: String, CaseIterable, Sendable {
    /// The body of a message: reader, fold, leader, answers.
    case message
    /// A text of the regulation, or lines `POINTER VALUE` that change the standard one: checks, tables, amendment, a ledger replayed under it.
    case regulation
    /// A scenario: read, and played where it is short.
    case scenario
    /// Lines of a ledger in a file: fold, audit, replay, report.
    case ledger
    /// A check plugin's exit code, one byte, and output; the agent's watchroom.
    case plugin
    /// What `upsd` answers, whatever it is asked; the agent's watch on the supply.
    case upsd
    /// An agent's `monitor.json`.
    case monitor

    /// Takes one input in.
    public func take(_ bytes: [UInt8]) {
        switch self {
        case .message: Probe.message(bytes)
        case .regulation: Probe.regulation(bytes)
        case .scenario: Probe.scenario(bytes)
        case .ledger: Probe.ledger(bytes)
        case .plugin: Probe.plugin(bytes)
        case .upsd: Probe.upsd(bytes)
        case .monitor: _ = try? WatchConfiguration(parsing: bytes, watches: Probe.party.watches)
        }
    }

    // MARK: The ledger

    /// A morning at the gate, as all probes of the ledger find it.
    public static let story = """
        date 2030-06-03
        07:40 border-guard detects SC-1 title="màn hình LED không hiển thị" occurredAt=07:30
        07:41 border-guard detects SC-2 title="tủ tra cứu không hoạt động" occurredAt=07:30 id=found
        07:45 border-guard telephones SC-1 id=call
        07:50 culture-dept requests-content as YC-1 askedOf=newspaper
        07:55 economic-zone receives-feedback as PA-1
        07:56 peoples-committee requests-report as BC-1 askedOf=information-dept dueAt=2030-06-20T17:00
        07:57 border-guard announces-window as BT-1 kind=maintenance from=21:00 until=22:00
        07:58 peoples-committee directs as CD-1
        """

    /// The ledger of that morning.
    public static let morning: Ledger = {
        do {
            var ledger = try Ledger(story)
            ledger.goOn(by: .seconds(1))
            return ledger
        } catch { fatalError("the story of the probes is no scenario: \(error)") }
    }()

    private static func message(_ bytes: [UInt8]) {
        var ledger = morning
        let json = try? JSON(parsing: bytes)
        let sender = json?["source"]?.string.map { String($0.dropFirst("/parties/".count)) }
        let type = json?["type"]?.string.flatMap { MessageType.name(ofEventType: $0) } ?? "incident.detected"
        let rule = Regulation.standard.messageType(type)
        let to = rule.map { $0.to.isEmpty && $0.isAddressable ? "police" : RoutingKey.all } ?? RoutingKey.all
        ledger.put(
            LedgerState.Record(
                body: bytes,
                carriage: Carriage(
                    exchange: "phoihop", routingKey: RoutingKey(sender: sender ?? "border-guard", type: type, to: to).description,
                    userID: sender ?? "border-guard", messageID: json?["id"]?.string, contentType: Event.contentType), offset: 1000))
        ledger.goOn(by: .seconds(1))
        if let subject = json?["subject"]?.string { _ = ledger.state.explain(subject) }
        ledger.goOn(by: .hours(2))
        _ = ledger.state.status(asOf: ledger.now).bytes
    }

    private static func ledger(_ bytes: [UInt8]) {
        let regulation = Regulation.standard
        var (state, audit, replay, reading) = (morning.state, Audit(), Replay(under: regulation), LedgerReading())
        for record in morning.records {
            audit.read(record)
            replay.read(record)
            reading.read(record)
        }
        for line in bytes.split(separator: UInt8(ascii: "\n")).prefix(8) {
            guard let record = LedgerText.record(Array(line), in: regulation) else { continue }
            // A leader whose clock runs a century ahead opens all periods of that century, which takes long and is another matter.
            if let time = (try? JSON(parsing: record.body))?["time"]?.instant, time > morning.now + .days(40) { continue }
            state.evolve(record)
            audit.read(record)
            replay.read(record)
            reading.read(record)
        }
        replay.finish()
        _ = (state.digest, state.decisions, state.status(asOf: morning.now), audit.result(), ReplayReport(replay, under: regulation))
        if let period = ReportPeriod("2030-H1"), let report = try? PeriodReport(period, from: reading) {
            _ = (HTMLReport(report, language: .vi).html, report.json.bytes)
        }
    }

    // MARK: Texts of the operator's

    private static func regulation(_ bytes: [UInt8]) {
        let text = bytes.first == UInt8(ascii: "/") ? changed(bytes) : bytes
        let check = RegulationCheck(RegulationText(text))
        for language in Language.allCases { _ = check.lines("quy-dinh.json", language) }
        guard let regulation = try? Regulation(parsing: text) else { return }
        let screen = Screen(columns: 80)
        for language in Language.allCases {
            _ = RegulationTable(regulation).lines(language, on: screen)
            for duty in regulation.duties { _ = RegulationTable(regulation).lines(of: duty, language, on: screen) }
            _ = Amendment(from: .standard, to: regulation).lines(language, on: screen)
        }
        var replay = Replay(under: regulation)
        for record in morning.records { replay.read(record) }
        replay.finish()
        _ = try? Scenario(parsing: story, regulation: regulation)
    }

    /// The standard regulation with values put in place of its own: a JSON pointer, a blank and the value on each line.
    private static func changed(_ lines: [UInt8]) -> [UInt8] {
        var json = Regulation.standard.source
        for line in lines.split(separator: UInt8(ascii: "\n")).prefix(8) {
            let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1)
            guard parts.count == 2, let value = try? JSON(parsing: Array(parts[1])) else { continue }
            let keys = String(decoding: parts[0], as: UTF8.self).split(separator: "/").map(String.init)
            put(value, at: keys[...], in: &json)
        }
        return json.bytes
    }

    private static func put(_ value: JSON, at keys: ArraySlice<String>, in json: inout JSON) {
        guard let key = keys.first else {
            json = value
            return
        }
        switch json {
        case .object(var object):
            var member = object[key] ?? .null
            put(value, at: keys.dropFirst(), in: &member)
            object[key] = member
            json = .object(object)
        case .array(var elements):
            guard let index = Int(key), elements.indices.contains(index) else { return }
            put(value, at: keys.dropFirst(), in: &elements[index])
            json = .array(elements)
        default: return
        }
    }

    private static func scenario(_ bytes: [UInt8]) {
        guard let scenario = try? Scenario(parsing: String(decoding: bytes, as: UTF8.self), regulation: .standard),
            scenario.days.upperBound.daysSinceEpoch - scenario.days.lowerBound.daysSinceEpoch < 3
        else { return }
        let report = SimulationReport(Performance(of: scenario))
        for language in Language.allCases { _ = report.lines(language, on: Screen(columns: 80)) }
    }

    // MARK: Equipment

    /// Of one that watches both the devices and the supply.
    private static let party: Party = {
        guard var party = Regulation.standard.parties.first(where: { $0.watches.contains(.operations) }) else {
            fatalError("nobody keeps the hours of operation")
        }
        party.watches.insert(.supply)
        return party
    }()

    private static let watched: WatchConfiguration = {
        let device: JSON = [
            "id": "led-screen", "title": ["vi": "màn hình", "en": "the screen"], "command": ["/bin/true"], "attemptsToConfirmBad": 1,
            "attemptsToConfirmGood": 1,
        ]
        do { return try WatchConfiguration(json: ["devices": [device], "ups": ["name": "gate", "graceSeconds": 0]], watches: party.watches) } catch {
            fatalError("what the probes watch cannot be read: \(error)")
        }
    }()

    private static func plugin(_ bytes: [UInt8]) {
        let result = CheckResult(ending: .exited(Int32(bytes.first ?? 0)), output: Array(bytes.dropFirst()))
        watch { room, now in
            room.checked("led-screen", result, at: now)
            room.supplyChecked(result, at: now)
        }
    }

    private static func upsd(_ bytes: [UInt8]) {
        guard let reading = UpsdServer.shared.reading(answering: bytes) else { return }
        watch { room, now in room.wasRead(reading, at: now) }
    }

    /// Lets a watchroom see something again and again for a day, save what it has seen and take it up again.
    private static func watch(_ see: (inout Watchroom, Instant) -> Void) {
        let start = morning.now
        var room = Watchroom(watched, of: party, regulation: .standard, rate: 1, now: start)
        for hour in [Int64(0), 1, 2, 15, 24] {
            see(&room, start + .hours(hour))
            room.timePassed(to: start + .hours(hour) + .minutes(20))
        }
        for message in room.outgoing {
            let data = message.announcement.data
            // What the agent is to say must be what its type takes; otherwise it would wait for ever.
            if let problem = MessageSchema.named(message.announcement.type)?.problems(in: data).first {
                fatalError("\(message.announcement.type) cannot be said: \(problem)")
            }
        }
        guard let saved = try? JSON(parsing: room.state.bytes) else { fatalError("the state is no JSON") }
        var again = Watchroom(watched, of: party, regulation: .standard, rate: 1, now: start)
        _ = again.resume(saved, at: start + .days(2))
    }
}
