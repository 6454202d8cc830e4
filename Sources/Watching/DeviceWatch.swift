import AgentKit
import Monitoring
import Regulation
import Values

/// The watch on one device: what its check finds, said as messages. An outage raises one incident, over restarts too.
public struct DeviceWatch: Sendable {
    /// The device.
    public let device: WatchedDevice
    private let offset: Span
    var monitor: DeviceMonitor
    /// The incidents raised of outages under way.
    private(set) var incidents: [OutageCause: String] = [:]

    /// A watch that knows nothing yet, on a clock that runs at a rate. Messages give times at an offset from UTC.
    public init(_ device: WatchedDevice, rate: Double, offset: Span) {
        (self.device, self.offset) = (device, offset)
        monitor = DeviceMonitor(device: device.id, damping: device.damping(rate: rate))
    }

    /// What follows from something the monitor says. `result` is the check's result that led to it; nil where time alone did.
    public mutating func decide(_ event: DeviceEvent, result: CheckResult?, supply: SupplyReports, names: inout CaseNames) -> [Decision] {
        switch event {
        case .statusChanged(let change): return [.announce(announcement(of: change, result, supply))]
        case .incidentSuspected(let incident):
            guard device.raisesIncident else { return [] }
            let subject = names.fresh(for: "incident.detected", at: incident.occurredAt)
            incidents[incident.cause] = subject
            return [.announce(announcement(of: incident, subject: subject, result, supply))]
        case .recovered(let recovery):
            guard let subject = incidents.removeValue(forKey: recovery.cause) else { return [] }
            return [.tell(.notice, DeskText.recovered(device, recovery, subject: subject, offset: offset))]
        case .flapping(let flapping): return [.tell(.warning, DeskText.flapping(device, flapping, offset: offset))]
        }
    }

    private func announcement(of change: StatusChange, _ result: CheckResult?, _ supply: SupplyReports) -> Announcement {
        let measurements = (result?.performance ?? []).prefix(50).compactMap { datum -> JSON? in
            guard let value = datum.value, value.isFinite, let label = datum.label.fitting(100) else { return nil }
            return .compact(["label": label, "value": .double(value), "unit": datum.unit.fitting(20)])
        }
        let isDark = change.to == .critical && supply.explain(change.since)
        return Announcement(
            type: "device.status-changed", subject: device.id,
            data: .compact([
                "device": .string(device.id), "status": .string(change.to.rawValue), "since": JSON(change.since, offset: offset),
                "output": change.output.fitting(4000), "cause": isDark ? "power" : nil,
                "performance": measurements.isEmpty ? nil : .array(measurements),
            ]))
    }

    private func announcement(of incident: SuspectedIncident, subject: String, _ result: CheckResult?, _ supply: SupplyReports) -> Announcement {
        let title =
            switch incident.cause {
            case .deviceFailed: device.title.vi + " không hoạt động"
            case .monitorLost: "mất tín hiệu giám sát " + device.title.vi
            }
        let output = [incident.output, result?.longOutput ?? ""].filter { !$0.isEmpty }.joined(separator: "\n")
        return Announcement(
            type: "incident.detected", subject: subject,
            data: .compact([
                "kind": "technical", "occurredAt": JSON(incident.occurredAt, offset: offset),
                "lastKnownGoodAt": incident.lastKnownGoodAt.map { JSON($0, offset: offset) }, "title": title.fitting(200), "device": .string(device.id),
                "cause": supply.explain(incident.occurredAt) ? "power" : nil, "detectedBy": device.checkName.fitting(200), "evidence": output.fitting(4000),
            ]))
    }
}

extension DeviceWatch {
    var state: JSON {
        let open = OutageCause.allCases.compactMap { cause in incidents[cause].map { JSONObject.Member(key: cause.rawValue, value: .string($0)) } }
        return ["monitor": monitor.state, "incidents": .object(JSONObject(members: open))]
    }

    /// Takes up a saved state.
    /// - Throws: `StateError` if it is not one that `state` gave.
    mutating func resume(_ state: JSON) throws {
        monitor = try DeviceMonitor(device: device.id, damping: monitor.damping, state: state["monitor"] ?? .null)
        incidents = [:]
        for cause in OutageCause.allCases { incidents[cause] = state["incidents"]?[cause.rawValue]?.string }
    }
}
