import AgentKit
import Foundation
import Messages
import Monitoring
import Regulation
import Values

/// All that an agent has seen, and what it has to say of it: decisions alone, no clock and no I/O. What is to be said stands in `outgoing`, with its id, until
/// it has been; kept together with what was seen, it is said once, whatever is interrupted.
public struct Watchroom: Sendable {
    /// A message that is to be said.
    public struct Outgoing: Hashable, Sendable {
        /// Its id, which it keeps over restarts.
        public var id: String
        /// The message.
        public var announcement: Announcement
    }

    private let party: Party
    private let regulation: Regulation
    private let equipment: Equipment
    private var names: CaseNames
    private var devices: [DeviceWatch]
    private var supply: SupplyWatch?
    private var record: OperatingRecord?
    private var reports: SupplyReports
    private var planned: PlannedWork
    /// By how much the clocks of others may differ from this machine's.
    private let allowedSkew: Span
    /// How much later than a device the UPS may show that the supply is gone.
    private let lag: Span
    /// What is known of what is not watched now, because the file does not name it or cannot be read: it is kept for when it is watched again.
    private var unwatched = Unwatched()
    /// What is to be said, in order.
    public private(set) var outgoing: [Outgoing] = []
    /// What nobody would accept, the last of it: kept for the officer.
    public private(set) var refused: [Outgoing] = []
    /// What is to be told to the operator.
    public private(set) var notes: [Decision] = []

    /// The most that waits to be said; then the oldest messages on the status of devices go, and after them the oldest of all.
    static let outgoingLimit = 1_000
    /// The most refused messages that are kept, and notes; the oldest go.
    static let (refusedLimit, notesLimit) = (50, 1_000)
    /// The most devices whose state is kept though they are not watched.
    static let unwatchedLimit = 100

    /// The saved state of what is not watched.
    private struct Unwatched: Sendable {
        var devices: [JSONObject.Member] = []
        var supply: JSON?
        var record: JSON?
    }

    /// A room of a party's in which nothing was seen yet.
    public init(
        _ configuration: WatchConfiguration, of party: Party, regulation: Regulation, rate: Double, now: Instant, names: CaseNames? = nil
    ) {
        let offset = regulation.calendar.offset
        let equipment = regulation.equipment ?? Equipment()
        (self.party, self.regulation, self.equipment, planned) = (party, regulation, equipment, PlannedWork(regulation))
        allowedSkew = Span.minutes(1).scaled(by: max(1, rate))
        lag = max(.minutes(1), Span.seconds(5).scaled(by: rate))
        reports = SupplyReports(equipment.supply, lag: lag)
        self.names = names ?? CaseNames(in: regulation)
        devices = configuration.devices.map { DeviceWatch($0, regulation: regulation, rate: rate) }
        if let types = equipment.supply { supply = configuration.supply.map { SupplyWatch($0, saying: types, rate: rate, offset: offset) } }
        if party.watches.contains(.operations), !devices.isEmpty {
            record = OperatingRecord(configuration.devices, regulation: regulation, rate: rate, now: now)
        }
    }

    // MARK: Inputs

    /// A check of a device that began at an instant gave a result.
    public mutating func checked(_ device: String, _ result: CheckResult, at instant: Instant) {
        guard let index = devices.firstIndex(where: { $0.device.id == device }) else { return }
        take(devices[index].monitor.checked(result, at: instant), of: index, result)
    }

    /// The UPS was read.
    public mutating func wasRead(_ reading: UPSReading, at instant: Instant) { take(supply?.wasRead(reading, at: instant, names: &names)) }

    /// The check of the supply gave a result.
    public mutating func supplyChecked(_ result: CheckResult, at instant: Instant) { take(supply?.checked(result, at: instant, names: &names)) }

    /// The UPS could not be read; why, as a sentence.
    public mutating func supplyUnread(_ reason: String, at instant: Instant) { take(supply?.contactFailed(reason, at: instant, names: &names)) }

    /// Another party said something, or the own one of maintenance. Gives whether that changes what is to be kept.
    @discardableResult
    public mutating func heard(_ event: Event, at now: Instant) -> Bool {
        tellOfOpening(event.type, event.subject, event.data, exercise: event.exercise)
        let (isReport, window) = (reports.heard(event), planned.heard(event, at: now))
        if isReport { record?.supplyChanged(reports) }
        if let window { record?.planned(window) }
        return isReport || window != nil
    }

    /// Time went on to this instant.
    public mutating func timePassed(to now: Instant) {
        for index in devices.indices {
            take(devices[index].monitor.timePassed(to: now), of: index, nil)
            take(devices[index].timePassed(to: now, planned, supply: reports, names: &names))
        }
        take(supply?.timePassed(to: now, names: &names))
        take(record?.closeDays(at: now).map { .announce($0) })
    }

    /// The machine slept, or the agent stood still; nobody looked until now. That tells nothing of what is watched.
    public mutating func wasAway(until now: Instant) {
        for index in devices.indices { take(devices[index].monitor.wasAway(until: now), of: index, nil) }
        supply?.monitor.wasAway(until: now)
        record?.wasAway(until: now)
    }

    /// The machine's clock was set.
    public mutating func clockStepped(_ step: ClockStep) {
        for index in outgoing.indices { outgoing[index].announcement.move(by: step, in: regulation) }
        record?.clockStepped(step)
        for index in devices.indices {
            let before = devices[index].monitor
            take(devices[index].monitor.clockStepped(step), of: index, nil)
            take(devices[index].clockStepped(step, from: before, allowedSkew: allowedSkew, supply: reports, planned: planned))
        }
        let skew = allowedSkew
        take(supply?.clockStepped(step, allowedSkew: skew))
    }

    /// A message would count nowhere, and why. It is not tried again; it is kept, and the officer is told.
    public mutating func wasRefused(_ id: String, _ refusal: Refusal) {
        guard let index = outgoing.firstIndex(where: { $0.id == id }) else { return }
        let message = outgoing.remove(at: index)
        refused = refused.suffix(Watchroom.refusedLimit - 1) + [message]
        tell(.error, DeskText.refused(message.announcement, refusal))
    }

    /// A message was said.
    public mutating func wasSaid(_ id: String) { outgoing.removeAll { $0.id == id } }

    /// The notes, which are then gone.
    public mutating func takeNotes() -> [Decision] {
        defer { notes = [] }
        return notes
    }

    // MARK: What follows

    private mutating func take(_ events: [DeviceEvent], of index: Int, _ result: CheckResult?) {
        for event in events {
            if case .statusChanged(let change) = event { record?.statusChanged(change) }
            take(devices[index].decide(event, result: result, supply: reports, planned: planned, names: &names))
        }
    }

    private mutating func take(_ decisions: [Decision]?) {
        for decision in decisions ?? [] {
            guard case .announce(let announcement) = decision else {
                notes.append(decision)
                continue
            }
            let fitting = announcement.fitting(regulation.schema(of: announcement.type))
            outgoing.append(Outgoing(id: UUID().uuidString.lowercased(), announcement: fitting))
            note(fitting)
        }
        bound()
    }

    private mutating func tell(_ level: Logger.Level, _ text: Wording) { notes.append(.tell(level, text)) }

    private mutating func bound() {
        let surplus = outgoing.count - Watchroom.outgoingLimit
        if surplus > 0 {
            // A tenth more than must be, so that this is not done, and told, for each message.
            var toLeaveOut = surplus + Watchroom.outgoingLimit / 10
            let (wanted, status) = (toLeaveOut, equipment.status)
            outgoing.removeAll { message in
                guard toLeaveOut > 0, message.announcement.type == status else { return false }
                toLeaveOut -= 1
                return true
            }
            if outgoing.count > Watchroom.outgoingLimit {
                toLeaveOut -= outgoing.count - Watchroom.outgoingLimit
                outgoing.removeFirst(outgoing.count - Watchroom.outgoingLimit)
            }
            tell(.error, DeskText.leftOut(wanted - toLeaveOut))
        }
        if notes.count > Watchroom.notesLimit { notes.removeFirst(notes.count - Watchroom.notesLimit) }
    }

    private mutating func note(_ announcement: Announcement) {
        notes.append(.tell(.notice, DeskText.announced(announcement)))
        tellOfOpening(announcement.type, announcement.subject, announcement.data)
    }

    /// The desk of who watches for incidents is told of each, and what to answer.
    private mutating func tellOfOpening(_ type: String, _ subject: String?, _ data: JSON, exercise: Bool = false) {
        guard party.watches.contains(.incidents), type == equipment.failure?.type, let subject else { return }
        notes += DeskText.opening(type, subject: subject, data: data, exercise: exercise, at: party.id, regulation: regulation).map { .tell(.warning, $0) }
    }
}

// MARK: - Saved state

extension Watchroom {
    /// Everything that must be known after a restart.
    public var state: JSON {
        .compact([
            "devices": .object(JSONObject(members: devices.map { .init(key: $0.device.id, value: $0.state) } + unwatched.devices)),
            "supply": supply?.state ?? unwatched.supply, "record": record?.state ?? unwatched.record, "reports": reports.state, "planned": planned.state,
            "outgoing": .array(outgoing.map(\.state)), "refused": refused.isEmpty ? nil : .array(refused.map(\.state)),
        ])
    }

    /// Begins to watch, with the state saved last; nil at the first time. A part that cannot be read begins without a past; the reasons are returned. `pastWasLost`
    /// says that there was a state, and it is gone.
    public mutating func resume(_ state: JSON?, at now: Instant, pastWasLost: Bool = false) -> [String] {
        var problems: [String] = []
        func part(_ work: () throws -> Void) -> Bool {
            do { try work() } catch {
                problems.append("\(error)")
                return false
            }
            return true
        }
        reports = SupplyReports(equipment.supply, state: state?["reports"], lag: lag)
        planned = PlannedWork(regulation, state: state?["planned"])
        if let saved = state?["record"] {
            if record == nil { unwatched.record = saved } else { _ = part { try record?.resume(saved, at: now) } }
        }
        for member in state?["devices"]?.object?.members ?? [] {
            if let index = devices.firstIndex(where: { $0.device.id == member.key }) {
                _ = part { try devices[index].resume(member.value) }
            } else if unwatched.devices.count < Watchroom.unwatchedLimit {
                unwatched.devices.append(member)
            }
        }
        var supplyIsLost = pastWasLost
        if let saved = state?["supply"] {
            if supply == nil { unwatched.supply = saved } else if !part({ try supply?.resume(saved) }) { supplyIsLost = true }
        }
        if supplyIsLost { supply?.pastWasLost() }
        outgoing = (state?["outgoing"]?.array ?? []).suffix(Watchroom.outgoingLimit).compactMap(Outgoing.init(saved:))
        refused = (state?["refused"]?.array ?? []).suffix(Watchroom.refusedLimit).compactMap(Outgoing.init(saved:))
        for item in outgoing { note(item.announcement) }
        for index in devices.indices { take(devices[index].monitor.resumed(at: now), of: index, nil) }
        supply?.monitor.resumed(at: now)
        return problems
    }
}

extension Watchroom.Outgoing {
    fileprivate var state: JSON {
        .compact([
            "id": .string(id), "type": .string(announcement.type), "subject": announcement.subject.map { .string($0) }, "data": announcement.data,
        ])
    }

    fileprivate init?(saved item: JSON) {
        guard let id = item["id"]?.string, let type = item["type"]?.string, let data = item["data"] else { return nil }
        self.init(id: id, announcement: Announcement(type: type, subject: item["subject"]?.string, data: data))
    }
}

extension Announcement {
    /// Moves what it tells of the past to the clock as it is now.
    fileprivate mutating func move(by step: ClockStep, in regulation: Regulation) {
        guard let object = data.object, let past = regulation.schema(of: type)?.pastMembers else { return }
        data = .object(
            JSONObject(
                members: object.members.map { member in
                    guard past.contains(member.key), let text = member.value.string, let instant = Instant(rfc3339: text) else { return member }
                    let moved = step.moved(instant)
                    return moved == instant ? member : .init(key: member.key, value: JSON(moved, offset: .zero))
                }))
    }
}
