import AgentKit
import Monitoring
import Regulation
import Values

/// The watch on one device: what its check finds, said as messages. An outage raises one incident, over restarts too.
public struct DeviceWatch: Sendable {
    /// The device.
    public let device: WatchedDevice
    private let regulation: Regulation
    var monitor: DeviceMonitor
    /// The incidents raised of outages under way.
    private(set) var incidents: [OutageCause: String] = [:]

    /// What was suspected in announced maintenance, and is no incident unless it outlasts it.
    private(set) var heldBack: [OutageCause: SuspectedIncident] = [:]

    /// A watch that knows nothing yet, under a regulation, on a clock that runs at a rate.
    public init(_ device: WatchedDevice, regulation: Regulation, rate: Double) {
        (self.device, self.regulation) = (device, regulation)
        monitor = DeviceMonitor(device: device.id, damping: device.damping(rate: rate))
    }

    /// By which messages it is told of devices.
    private var equipment: Equipment { regulation.equipment ?? Equipment() }
    private var offset: Span { regulation.calendar.offset }

    /// What follows from something the monitor says. `result` is the check's result that led to it; nil where time alone did.
    public mutating func decide(
        _ event: DeviceEvent, result: CheckResult?, supply: SupplyReports, planned: PlannedWork, names: inout CaseNames
    ) -> [Decision] {
        switch event {
        case .statusChanged(let change):
            guard let type = equipment.status else { return [] }
            return [.announce(announcement(type, of: change, result, supply, planned))]
        case .incidentSuspected(let incident):
            guard device.raisesIncident, let failure = equipment.failure else { return [] }
            if let held = planned.heldTime(of: device.id, at: incident.occurredAt) {
                heldBack[incident.cause] = incident
                return [.tell(.notice, DeskText.heldBack(device, held, offset: offset))]
            }
            let subject = names.fresh(for: failure.type, at: incident.occurredAt)
            incidents[incident.cause] = subject
            return [.announce(announcement(failure, of: incident, subject: subject, result, supply))]
        case .recovered(let recovery):
            heldBack[recovery.cause] = nil
            guard let subject = incidents.removeValue(forKey: recovery.cause) else { return [] }
            return [.tell(.notice, DeskText.recovered(device, recovery, subject: subject, regulation: regulation))]
        case .flapping(let flapping): return [.tell(.warning, DeskText.flapping(device, flapping, offset: offset))]
        }
    }

    /// Time went on: what outlasts the maintenance it was found in is an incident, from its end on.
    mutating func timePassed(to now: Instant, _ planned: PlannedWork, supply: SupplyReports, names: inout CaseNames) -> [Decision] {
        var decisions: [Decision] = []
        for cause in OutageCause.allCases {
            guard var incident = heldBack[cause], let end = planned.end(of: device.id, from: incident.occurredAt), end <= now else { continue }
            heldBack[cause] = nil
            incident.occurredAt = end
            decisions += decide(.incidentSuspected(incident), result: nil, supply: supply, planned: planned, names: &names)
        }
        return decisions
    }

    /// The machine's clock was set, and the monitor, which was like this before, follows it. What was said of a time that is yet to come, nobody has believed;
    /// what of it still holds is said again.
    mutating func clockStepped(
        _ step: ClockStep, from before: DeviceMonitor, allowedSkew: Span, supply: SupplyReports, planned: PlannedWork
    ) -> [Decision] {
        for cause in OutageCause.allCases { if let incident = heldBack[cause] { heldBack[cause] = incident.moved(by: step) } }
        func isUnbelieved(_ instant: Instant?) -> Bool { instant.map { $0 > step.now + allowedSkew } ?? false }
        var decisions: [Decision] = []
        if let type = equipment.status, let status = monitor.status, let since = monitor.statusSince, isUnbelieved(before.statusSince) {
            let change = StatusChange(device: device.id, from: nil, to: status, since: since)
            decisions.append(.announce(announcement(type, of: change, nil, supply, planned)))
        }
        for (cause, old, new) in [
            (OutageCause.deviceFailed, before.outage, monitor.outage), (.monitorLost, before.monitorLoss, monitor.monitorLoss),
        ] {
            guard let failure = equipment.failure, let subject = incidents[cause], let new, isUnbelieved(old?.since) else { continue }
            let incident = SuspectedIncident(
                device: device.id, cause: cause, occurredAt: new.since, lastKnownGoodAt: new.lastKnownGood, output: "")
            decisions.append(.announce(announcement(failure, of: incident, subject: subject, nil, supply)))
        }
        return decisions
    }

    private func announcement(
        _ type: String, of change: StatusChange, _ result: CheckResult?, _ supply: SupplyReports, _ planned: PlannedWork
    ) -> Announcement {
        let measurements = (result?.performance ?? []).prefix(50).compactMap { datum -> JSON? in
            guard let value = datum.value, value.isFinite, let label = datum.label.fitting(100) else { return nil }
            return .compact(["label": label, "value": .double(value), "unit": datum.unit.fitting(20)])
        }
        let window = change.to == .critical ? planned.window(of: device.id, at: change.since) : nil
        let isDark = change.to == .critical && supply.explain(change.since)
        return Announcement(
            type: type, subject: device.id,
            data: .compact([
                "device": .string(device.id), "status": .string(change.to.rawValue), "since": JSON(change.since, offset: offset),
                "output": change.output.fitting(4000), "cause": window.map { .string($0.cause.rawValue) } ?? (isDark ? "power" : nil),
                "window": window?.subject.fitting(100),
                "performance": measurements.isEmpty ? nil : .array(measurements),
            ]))
    }

    private func announcement(
        _ failure: Equipment.Failure, of incident: SuspectedIncident, subject: String, _ result: CheckResult?, _ supply: SupplyReports
    ) -> Announcement {
        let title =
            switch incident.cause {
            case .deviceFailed: device.title.vi + " không hoạt động"
            case .monitorLost: "mất tín hiệu giám sát " + device.title.vi
            }
        let output = [incident.output, result?.longOutput ?? ""].filter { !$0.isEmpty }.joined(separator: "\n")
        let found = JSON.compact([
            "occurredAt": JSON(incident.occurredAt, offset: offset), "lastKnownGoodAt": incident.lastKnownGoodAt.map { JSON($0, offset: offset) },
            "title": title.fitting(200), "device": .string(device.id), "cause": supply.explain(incident.occurredAt) ? "power" : nil,
            "detectedBy": device.checkName.fitting(200), "evidence": output.fitting(4000),
        ])
        var data = failure.says
        for member in found.object?.members ?? [] { data[member.key] = member.value }
        return Announcement(type: failure.type, subject: subject, data: .object(data))
    }
}

extension DeviceWatch {
    var state: JSON {
        let open = OutageCause.allCases.compactMap { cause in incidents[cause].map { JSONObject.Member(key: cause.rawValue, value: .string($0)) } }
        let held = OutageCause.allCases.compactMap { cause in heldBack[cause].map { JSONObject.Member(key: cause.rawValue, value: $0.state) } }
        return ["monitor": monitor.state, "incidents": .object(JSONObject(members: open)), "heldBack": .object(JSONObject(members: held))]
    }

    /// Takes up a saved state.
    /// - Throws: `StateError` if it is not one that `state` gave.
    mutating func resume(_ state: JSON) throws {
        monitor = try DeviceMonitor(device: device.id, damping: monitor.damping, state: state["monitor"] ?? .null)
        (incidents, heldBack) = ([:], [:])
        for cause in OutageCause.allCases {
            incidents[cause] = state["incidents"]?[cause.rawValue]?.string
            heldBack[cause] = state["heldBack"]?[cause.rawValue].flatMap { SuspectedIncident.saved($0, device: device.id, cause: cause) }
        }
    }
}

extension SuspectedIncident {
    fileprivate func moved(by step: ClockStep) -> SuspectedIncident {
        var incident = self
        (incident.occurredAt, incident.lastKnownGoodAt) = (step.moved(occurredAt), lastKnownGoodAt.map(step.moved))
        return incident
    }

    fileprivate var state: JSON {
        .compact(["occurredAt": occurredAt.state, "lastKnownGoodAt": lastKnownGoodAt?.state, "output": .string(output)])
    }

    /// What a saved state holds of it; nil where it is none.
    fileprivate static func saved(_ state: JSON, device: String, cause: OutageCause) -> SuspectedIncident? {
        guard let occurredAt = state["occurredAt"]?.instant else { return nil }
        return SuspectedIncident(
            device: device, cause: cause, occurredAt: occurredAt, lastKnownGoodAt: state["lastKnownGoodAt"]?.instant, output: state["output"]?.string ?? "")
    }
}
