import Messages
import Monitoring
import Regulation
import Schemas
import Testing
import Values

@testable import Watching

/// The offset of Lào Cai.
let local = Span.hours(7)

/// An instant of Saturday 14 March 2026, or of so many days later, by the clock of Lào Cai: `at("19:12")`, `at("00:30", day: 1)`.
func at(_ time: String, day: Int = 0) -> Instant {
    guard let time = TimeOfDay(time) else { preconditionFailure("\(time) is no time of day") }
    return Instant(saturday.advanced(by: day), time, offset: local)
}

/// 14 March 2026.
let saturday = CivilDate(daysSinceEpoch: 20_526)

/// Counts, so that every name differs from the one before and is known beforehand.
struct Counting: RandomNumberGenerator, Sendable {
    private var count: UInt64 = 0
    mutating func next() -> UInt64 {
        count += 1
        return count << 59
    }
}

/// The LED screen, checked every minute.
func screen(interval: Span = .minutes(1)) -> WatchedDevice {
    WatchedDevice(
        id: "led-screen", title: Wording(vi: "màn hình LED", en: "LED screen"), check: Plugin("/usr/lib/nagios/plugins/check_tcp", ["-p", "9100"]),
        timeout: .seconds(10), interval: interval, attemptsToConfirmBad: 3, attemptsToConfirmGood: 2, lostAfter: .minutes(10), raisesIncident: true)
}

/// The UPS at the gate, asked every few seconds.
let gateSupply = WatchedSupply(
    name: "gate", source: .ups(host: "127.0.0.1", port: 3493), poll: .seconds(5), grace: .seconds(15), lostAfter: .seconds(60))

extension Party {
    /// Watches devices, their incidents, and the hours of operation.
    static let borderGuard = standard("border-guard")
    /// Watches the supply.
    static let economicZone = standard("economic-zone")
    /// Watches devices.
    static let police = standard("police")

    private static func standard(_ id: PartyID) -> Party {
        guard let party = Regulation.standard.party(id) else { preconditionFailure("\(id) is no party") }
        return party
    }
}

extension Equipment.Supply {
    /// The messages that tell of the supply.
    static let standard = Regulation.standard.equipment?.supply
}

/// A room with the Border Guard's eyes on the LED screen, unless told otherwise.
func room(
    _ configuration: WatchConfiguration = WatchConfiguration(devices: [screen()]), of party: Party = .borderGuard, now: Instant = at("19:00")
) -> Watchroom {
    var room = Watchroom(
        configuration, of: party, regulation: .standard, rate: 1, now: now, names: CaseNames(in: .standard, random: Counting()))
    let problems = room.resume(nil, at: now)
    #expect(problems.isEmpty)
    return room
}

extension Watchroom {
    /// Hears a message as soon as it was written.
    mutating func heard(_ event: Event) { heard(event, at: event.time) }

    /// What was told to the operator since the last time, in English.
    mutating func told() -> [String] {
        takeNotes().map { note in
            if case .tell(_, let wording) = note { wording.en } else { "" }
        }
    }

    /// Takes what is to be said, as an agent does that could send it, and holds it against its schema and the right to send it.
    mutating func say(as party: PartyID) -> [Announcement] {
        let said = outgoing
        for message in said {
            let event = Event(
                id: message.id, sender: party, type: message.announcement.type, subject: message.announcement.subject, time: at("23:59", day: 9),
                data: message.announcement.data)
            #expect(throws: Never.self) { try MessageReader(regulation: .standard, allowedSkew: .zero).check(event, to: RoutingKey.all) }
            wasSaid(message.id)
        }
        return said.map(\.announcement)
    }
}

/// A message of the Economic Zone.
func report(_ type: String, _ subject: String, _ data: JSON, exercise: Bool = false, at time: Instant = at("19:00")) -> Event {
    Event(id: "\(type)-\(subject)", sender: "economic-zone", type: type, subject: subject, time: time, data: data, exercise: exercise)
}

/// The Economic Zone announces maintenance of some devices, or of all of the Cluster.
func maintenance(
    _ subject: String, from: Instant, until: Instant, kind: String = "maintenance", devices: [String]? = ["led-screen"], writtenAt: Instant
) -> Event {
    report(
        "maintenance.window-opened", subject,
        .compact([
            "kind": .string(kind), "from": JSON(from, offset: local), "until": JSON(until, offset: local),
            "devices": devices.map { .array($0.map { .string($0) }) }, "reason": "thay nguồn", "officer": "Trực ban",
        ]), at: writtenAt)
}

/// The Economic Zone says that the supply is lost since an instant.
func lost(_ subject: String, since: Instant, exercise: Bool = false) -> Event {
    report(
        "power.status-changed", subject, ["ups": "gate", "status": "on-battery", "since": JSON(since, offset: local), "supplyLost": true],
        exercise: exercise)
}

/// The Economic Zone says that the supply is back.
func restored(_ subject: String, at instant: Instant) -> Event { report("power.restored", subject, ["restoredAt": JSON(instant, offset: local)]) }

extension JSON {
    /// The value as it comes back from a file.
    func written() throws -> JSON { try JSON(parsing: bytes) }
}
