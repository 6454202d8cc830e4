import AgentKit
import Monitoring
import Regulation
import Values

/// The watch on the supply: what the UPS or the check finds, said as messages. From outage to restoration they bear one subject, over restarts too.
public struct SupplyWatch: Sendable {
    /// How the supply is, as messages have it.
    enum Status: String, Sendable {
        case online, off
        case onBattery = "on-battery"
        case lowBattery = "low-battery"
        case monitorLost = "monitor-lost"
    }

    /// By which messages it is told.
    private let types: Equipment.Supply
    private let name: String
    /// The file name of the check's executable; empty where a UPS is asked.
    private let plugin: String
    private let offset: Span
    var monitor: PowerMonitor
    /// The case of the outage under way.
    private(set) var outage: String?
    /// The case of the loss of the monitor that was said while no outage was under way, until something is known again.
    private(set) var silence: String?
    /// What was said last of the outage under way.
    private(set) var said: Status?
    /// Whether what was known before was lost, and others may still hold an outage to be under way that has ended since.
    private(set) var owesWord = false

    /// A watch that knows nothing yet, on a clock that runs at a rate. Messages give times at an offset from UTC.
    public init(_ supply: WatchedSupply, saying types: Equipment.Supply, rate: Double, offset: Span) {
        (self.types, name, self.offset) = (types, supply.name, offset)
        plugin = if case .check(let check, _) = supply.source { check.name } else { "" }
        monitor = PowerMonitor(blip: supply.grace.scaled(by: rate), contactLimit: supply.lostAfter.scaled(by: rate))
    }

    // MARK: Inputs

    /// The UPS was read.
    public mutating func wasRead(_ reading: UPSReading, at instant: Instant, names: inout CaseNames) -> [Decision] {
        monitor.wasRead(reading, at: instant).flatMap { decide($0, reading, &names) } + standing(reading, at: instant, &names)
    }

    /// The check gave a result.
    public mutating func checked(_ result: CheckResult, at instant: Instant, names: inout CaseNames) -> [Decision] {
        let reading = result.upsReading
        return monitor.checked(result, by: plugin, at: instant).flatMap { decide($0, reading, &names) } + standing(reading, at: instant, &names)
    }

    /// The UPS could not be read.
    public mutating func contactFailed(_ reason: String, at instant: Instant, names: inout CaseNames) -> [Decision] {
        monitor.contactFailed(reason, at: instant).flatMap { decide($0, nil, &names) }
    }

    /// Nothing came up to this instant.
    public mutating func timePassed(to now: Instant, names: inout CaseNames) -> [Decision] {
        monitor.timePassed(to: now).flatMap { decide($0, nil, &names) }
    }

    /// The machine's clock was set. What was said of an outage under way as of a time that is yet to come, nobody has believed; it is said again.
    public mutating func clockStepped(_ step: ClockStep, allowedSkew: Span) -> [Decision] {
        let before = monitor.outage
        monitor.clockStepped(step)
        guard let outage, let since = monitor.outage?.since, let before, before.since > step.now + allowedSkew else { return [] }
        return [announce(said ?? .onBattery, since: since, nil, subject: outage)]
    }

    /// What was known before is lost. Once anything is known of the supply, it is said, though it be there as usual.
    public mutating func pastWasLost() { owesWord = true }

    // MARK: Decisions

    private mutating func decide(_ event: PowerEvent, _ reading: UPSReading?, _ names: inout CaseNames) -> [Decision] {
        switch event {
        case .outage(let since, _):
            let subject = silence ?? names.fresh(for: types.status, at: since)
            (outage, silence) = (subject, nil)
            return [announce(reading?.status.isOff == true ? .off : .onBattery, since: since, reading, subject: subject)]
        case .lowBattery(let at, _, _):
            return [announce(.lowBattery, since: at, reading, subject: outage)]
        case .restored(let at, let lostAt):
            let subject = outage ?? names.fresh(for: types.status, at: lostAt)
            (outage, said) = (nil, nil)
            let restored = Announcement(
                type: types.restored, subject: subject,
                data: .compact(["restoredAt": JSON(at, offset: offset), "lostAt": JSON(lostAt, offset: offset), "ups": name.fitting(100)]))
            return [.announce(restored), announce(.online, since: at, reading, subject: subject)]
        case .monitorLost(let since, let reason):
            if outage == nil { silence = names.fresh(for: types.status, at: since) }
            return [announce(.monitorLost, since: since, nil, subject: outage ?? silence), .tell(.warning, DeskText.supplyUnseen(reason))]
        case .monitorReturned: return []
        case .remark(let remark, let reading): return [.tell(.warning, DeskText.remark(remark, of: name, reading))]
        }
    }

    /// What no event of the monitor's tells: how the supply is once it is watched again, and what changes within an outage.
    private mutating func standing(_ reading: UPSReading?, at instant: Instant, _ names: inout CaseNames) -> [Decision] {
        guard monitor.silence == nil else { return [] }
        if let outage {
            owesWord = false
            let status: Status = reading?.status.isOff == true ? .off : monitor.outage?.isBatteryLow == true ? .lowBattery : .onBattery
            return status == said || monitor.outage?.backSince != nil ? [] : [announce(status, since: instant, reading, subject: outage)]
        }
        if owesWord, silence == nil, monitor.outage == nil, monitor.lastKnownGood != nil {
            silence = names.fresh(for: types.status, at: instant)
        }
        // What may become an outage is said when it is one, under the same name.
        guard let subject = silence, monitor.outage == nil else { return [] }
        (silence, owesWord) = (nil, false)
        return [announce(.online, since: instant, reading, subject: subject)]
    }

    private mutating func announce(_ status: Status, since: Instant, _ reading: UPSReading?, subject: String?) -> Decision {
        if outage != nil { said = status }
        let isLost = status == .onBattery || status == .lowBattery || status == .off
        return .announce(
            Announcement(
                type: types.status, subject: subject,
                data: .compact([
                    "ups": name.fitting(100), "status": .string(status.rawValue), "since": JSON(since, offset: offset),
                    "chargePercent": reading?.chargePercent.map { .int(Int64(min(max($0, 0), 100).rounded())) },
                    "runtimeSeconds": reading?.runtime.map { .int(max(0, $0.milliseconds / 1000)) }, "supplyLost": .bool(isLost),
                ])))
    }
}

extension SupplyWatch {
    var state: JSON {
        .compact([
            "monitor": monitor.state, "outage": outage.map { .string($0) }, "silence": silence.map { .string($0) }, "said": said.map { .string($0.rawValue) },
            "owesWord": owesWord ? true : nil,
        ])
    }

    /// Takes up a saved state.
    /// - Throws: `StateError` if it is not one that `state` gave.
    mutating func resume(_ state: JSON) throws {
        monitor = try PowerMonitor(blip: monitor.blip, contactLimit: monitor.contactLimit, state: state["monitor"] ?? .null)
        (outage, silence) = (state["outage"]?.string, state["silence"]?.string)
        said = state["said"]?.string.flatMap(Status.init(rawValue:))
        owesWord = state["owesWord"]?.bool == true
        // The two must tell of the same outage; the monitor is believed.
        if monitor.outage?.isConfirmed != true { (outage, said) = (nil, nil) }
    }
}
