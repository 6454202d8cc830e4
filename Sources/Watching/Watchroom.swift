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

    private let role: WatchRole
    private let regulation: Regulation
    private var names: CaseNames
    private var devices: [DeviceWatch]
    private var supply: SupplyWatch?
    private var record: OperatingRecord?
    private var reports = SupplyReports()
    private var planned = PlannedWork()
    /// What is to be said, in order.
    public private(set) var outgoing: [Outgoing] = []
    /// What is to be told to the operator.
    public private(set) var notes: [Decision] = []

    /// A room in which nothing was seen yet.
    public init(
        _ configuration: WatchConfiguration, role: WatchRole, regulation: Regulation, rate: Double, now: Instant, names: CaseNames? = nil
    ) {
        let offset = regulation.calendar.offset
        (self.role, self.regulation) = (role, regulation)
        self.names = names ?? CaseNames(offset: offset)
        devices = configuration.devices.map { DeviceWatch($0, rate: rate, offset: offset) }
        supply = configuration.supply.map { SupplyWatch($0, rate: rate, offset: offset) }
        if role.closesDays, !devices.isEmpty { record = OperatingRecord(configuration.devices, regulation: regulation, rate: rate, now: now) }
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

    /// Another party said something, or the own one of maintenance.
    public mutating func heard(_ event: Event) {
        if role.closesDays, event.type == "incident.detected", let subject = event.subject {
            notes += DeskText.opening(subject: subject, data: event.data, exercise: event.exercise, regulation: regulation).map { .tell(.warning, $0) }
        }
        if reports.heard(event) { record?.supplyChanged(reports) }
        if let window = planned.heard(event) { record?.planned(window) }
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
            outgoing.append(Outgoing(id: UUID().uuidString.lowercased(), announcement: announcement))
            note(announcement)
        }
    }

    private mutating func note(_ announcement: Announcement) {
        notes.append(.tell(.notice, DeskText.announced(announcement)))
        if role.closesDays, announcement.type == "incident.detected", let subject = announcement.subject {
            notes += DeskText.opening(subject: subject, data: announcement.data, regulation: regulation).map { .tell(.warning, $0) }
        }
    }
}

// MARK: - Saved state

extension Watchroom {
    /// Everything that must be known after a restart.
    public var state: JSON {
        .compact([
            "devices": .object(JSONObject(members: devices.map { .init(key: $0.device.id, value: $0.state) })),
            "supply": supply?.state, "record": record?.state, "reports": reports.state, "planned": planned.state,
            "outgoing": .array(
                outgoing.map { item in
                    .compact([
                        "id": .string(item.id), "type": .string(item.announcement.type), "subject": item.announcement.subject.map { .string($0) },
                        "data": item.announcement.data,
                    ])
                }),
        ])
    }

    /// Begins to watch, with the state saved last; nil at the first time. A part that cannot be read begins without a past; the reasons are returned.
    public mutating func resume(_ state: JSON?, at now: Instant) -> [String] {
        var problems: [String] = []
        func part(_ work: () throws -> Void) { do { try work() } catch { problems.append("\(error)") } }
        reports = SupplyReports(state: state?["reports"])
        planned = PlannedWork(state: state?["planned"])
        if let saved = state?["record"] { part { try record?.resume(saved) } }
        for index in devices.indices {
            guard let saved = state?["devices"]?[devices[index].device.id] else { continue }
            part { try devices[index].resume(saved) }
        }
        if let saved = state?["supply"] { part { try supply?.resume(saved) } }
        outgoing = (state?["outgoing"]?.array ?? []).compactMap { item in
            guard let id = item["id"]?.string, let type = item["type"]?.string, let data = item["data"] else { return nil }
            return Outgoing(id: id, announcement: Announcement(type: type, subject: item["subject"]?.string, data: data))
        }
        for item in outgoing { note(item.announcement) }
        for index in devices.indices { take(devices[index].monitor.resumed(at: now), of: index, nil) }
        supply?.monitor.resumed(at: now)
        return problems
    }
}
