import AgentKit
import Monitoring
import Regulation
import Values

/// The watch on the supply: what the UPS or the check finds, said as messages. From outage to restoration they bear one subject, over restarts too.
public struct SupplyWatch: Sendable {
    /// How the supply is, in the words of `power.status-changed`.
    enum Status: String, Sendable {
        case online, off
        case onBattery = "on-battery"
        case lowBattery = "low-battery"
        case monitorLost = "monitor-lost"
    }

    private let name: String
    private let offset: Span
    var monitor: PowerMonitor
    /// The case of the outage under way.
    private(set) var outage: String?
    /// The case of the loss of the monitor that was said while no outage was under way, until something is known again.
    private(set) var silence: String?
    /// What was said last of the outage under way.
    private(set) var said: Status?

    /// A watch that knows nothing yet, on a clock that runs at a rate. Messages give times at an offset from UTC.
    public init(_ supply: WatchedSupply, rate: Double, offset: Span) {
        (name, self.offset) = (supply.name, offset)
        monitor = PowerMonitor(blip: supply.grace.scaled(by: rate), contactLimit: supply.lostAfter.scaled(by: rate))
    }

    // MARK: Inputs

    /// The UPS was read.
    public mutating func wasRead(_ reading: UPSReading, at instant: Instant, names: inout CaseNames) -> [Decision] {
        monitor.wasRead(reading, at: instant).flatMap { decide($0, reading, &names) } + standing(reading, at: instant)
    }

    /// The check gave a result.
    public mutating func checked(_ result: CheckResult, at instant: Instant, names: inout CaseNames) -> [Decision] {
        monitor.checked(result, at: instant).flatMap { decide($0, nil, &names) } + standing(nil, at: instant)
    }

    /// The UPS could not be read.
    public mutating func contactFailed(_ reason: String, at instant: Instant, names: inout CaseNames) -> [Decision] {
        monitor.contactFailed(reason, at: instant).flatMap { decide($0, nil, &names) }
    }

    /// Nothing came up to this instant.
    public mutating func timePassed(to now: Instant, names: inout CaseNames) -> [Decision] {
        monitor.timePassed(to: now).flatMap { decide($0, nil, &names) }
    }

    // MARK: Decisions

    private mutating func decide(_ event: PowerEvent, _ reading: UPSReading?, _ names: inout CaseNames) -> [Decision] {
        switch event {
        case .outage(let since, _):
            let subject = silence ?? names.fresh(for: "power.status-changed", at: since)
            (outage, silence) = (subject, nil)
            return [announce(reading?.isOff == true ? .off : .onBattery, since: since, reading, subject: subject)]
        case .lowBattery(let at, _, _):
            return [announce(.lowBattery, since: at, reading, subject: outage)]
        case .restored(let at, let lostAt):
            let subject = outage
            (outage, said) = (nil, nil)
            let restored = Announcement(
                type: "power.restored", subject: subject,
                data: .compact(["restoredAt": JSON(at, offset: offset), "lostAt": JSON(lostAt, offset: offset), "ups": name.fitting(100)]))
            return [.announce(restored), announce(.online, since: at, reading, subject: subject)]
        case .monitorLost(let since, let reason):
            if outage == nil { silence = names.fresh(for: "power.status-changed", at: since) }
            return [announce(.monitorLost, since: since, nil, subject: outage ?? silence), .tell(.warning, DeskText.supplyUnseen(reason))]
        case .monitorReturned: return []
        }
    }

    /// What no event of the monitor's tells: how the supply is once it is watched again, and what changes within an outage.
    private mutating func standing(_ reading: UPSReading?, at instant: Instant) -> [Decision] {
        guard monitor.silence == nil else { return [] }
        if let outage {
            let status: Status = reading?.isOff == true ? .off : monitor.outage?.isBatteryLow == true ? .lowBattery : .onBattery
            return status == said || monitor.outage?.backSince != nil ? [] : [announce(status, since: instant, reading, subject: outage)]
        }
        // What may become an outage is said when it is one, under the same name.
        guard let subject = silence, monitor.outage == nil else { return [] }
        silence = nil
        return [announce(.online, since: instant, reading, subject: subject)]
    }

    private mutating func announce(_ status: Status, since: Instant, _ reading: UPSReading?, subject: String?) -> Decision {
        if outage != nil { said = status }
        let isLost = status == .onBattery || status == .lowBattery || status == .off
        return .announce(
            Announcement(
                type: "power.status-changed", subject: subject,
                data: .compact([
                    "ups": name.fitting(100), "status": .string(status.rawValue), "since": JSON(since, offset: offset),
                    "chargePercent": reading?.chargePercent.map { .int(Int64(min(max($0, 0), 100).rounded())) },
                    "runtimeSeconds": reading?.runtime.map { .int(max(0, $0.milliseconds / 1000)) }, "supplyLost": .bool(isLost),
                ])))
    }
}

extension UPSReading {
    /// Whether the UPS gives no power at all.
    fileprivate var isOff: Bool { status.flags.contains("OFF") }
}

extension SupplyWatch {
    var state: JSON {
        .compact([
            "monitor": monitor.state, "outage": outage.map { .string($0) }, "silence": silence.map { .string($0) }, "said": said.map { .string($0.rawValue) },
        ])
    }

    /// Takes up a saved state.
    /// - Throws: `StateError` if it is not one that `state` gave.
    mutating func resume(_ state: JSON) throws {
        monitor = try PowerMonitor(blip: monitor.blip, contactLimit: monitor.contactLimit, state: state["monitor"] ?? .null)
        (outage, silence) = (state["outage"]?.string, state["silence"]?.string)
        said = state["said"]?.string.flatMap(Status.init(rawValue:))
    }
}
