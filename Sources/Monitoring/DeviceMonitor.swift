import Values

/// The state of one device, from what its checks say.
///
/// Three rules hold it together:
/// - A result that is `ok` or `warning` is proof that the device works, `critical` is proof that it does not, `unknown` proves nothing: it counts
///   for no side and breaks no row, until so many in a row confirm that nothing is known.
/// - An outage begins with the first critical result and ends only when `confirmGood` results in a row show the device working. A shorter recovery
///   neither ends it nor moves its start, confirmed or not (duties, reading 3: the hour runs from the earliest proof).
/// - An outage raises one incident. A lost monitor is an outage of its own kind: if the device then proves to have failed, that is a second incident,
///   because the first may have been dismissed as a loose cable.
///
/// Time comes in with each input. An input dated before the previous one is taken as if it came with it.
public struct DeviceMonitor: Hashable, Sendable {
    /// The device.
    public let device: String
    /// How much proof a change needs.
    public let damping: Damping
    /// The confirmed status; nil until there is one.
    public internal(set) var status: CheckStatus?
    /// Since when the status has held.
    public internal(set) var statusSince: Instant?
    /// The run of bad results under way, confirmed as an outage or not yet.
    public internal(set) var outage: Outage?
    /// The loss of the monitor under way, once an incident was suspected of it.
    public internal(set) var monitorLoss: Outage?

    /// A stretch in which the device did not work, or nothing was known of it.
    public struct Outage: Hashable, Sendable {
        /// The earliest proof.
        public var since: Instant
        /// The last result before it that showed the device working.
        public var lastKnownGood: Instant?
        /// Whether enough results confirmed it; an incident was suspected then.
        public var isConfirmed: Bool
    }

    /// Results in a row that say the same.
    struct Row: Hashable, Sendable {
        var since: Instant
        /// The last result before the row that showed the device working.
        var lastKnownGood: Instant?
        var count = 0
    }

    /// When the last result came, or monitoring began or resumed.
    var heardAt: Instant?
    var lastKnownGood: Instant?
    var goodRow: Row?
    var criticalRow: Row?
    var unknownRow: Row?
    /// Between `ok` and `warning`: results in a row that differ from the status.
    var shiftRow: Row?
    /// Whether the last result that proved anything showed the device working.
    var lastProof: Bool?
    /// The last changes between working and not, no more than can tell flapping.
    var flips: [Instant] = []
    var isFlapping = false

    /// A monitor that knows nothing yet.
    public init(device: String, damping: Damping = Damping()) { (self.device, self.damping) = (device, damping) }

    // MARK: Inputs

    /// A check gave a result.
    public mutating func checked(_ result: CheckResult, at instant: Instant) -> [DeviceEvent] {
        let now = max(instant, heardAt ?? instant)
        var events: [DeviceEvent] = []
        if let heardAt, now - heardAt > damping.unknownLimit {
            // Silence that ends with this result: no record, but no incident either, since the monitor is back.
            events += wasBlind(since: heardAt, "no result came in since the one before")
        }
        heardAt = now
        switch result.status {
        case .ok, .warning: events += worked(result, at: now)
        case .critical: events += failed(result, at: now)
        case .unknown: events += wasUnknown(result, at: now)
        }
        return events
    }

    /// No result came up to this instant. To be called now and then while checks should be running, so that silence too is noticed.
    public mutating func timePassed(to now: Instant) -> [DeviceEvent] {
        guard let heardAt, now - heardAt > damping.unknownLimit else { return [] }
        return monitorLost(since: unknownRow?.since ?? heardAt, lastKnownGood: unknownRow?.lastKnownGood ?? lastKnownGood, "no check gave any result")
    }

    /// The agent runs, for the first time or again after a stop; silence counts from here. Time without an agent is no record; it is not by itself a lost
    /// monitor.
    public mutating func resumed(at now: Instant) -> [DeviceEvent] {
        guard let last = heardAt else {
            heardAt = now
            return []
        }
        guard last <= now else {
            // The clock was set back meanwhile, how far is not known: no time is taken to have passed.
            moveInstants { min($0, now) }
            return []
        }
        heardAt = now
        return now - last > damping.unknownLimit ? wasBlind(since: last, "the agent was not running, or its clock was set") : []
    }

    /// The machine slept, or the agent stood still, up to this instant. Unlike a stop, this may have been in the middle of a check: what had been unknown for a
    /// while is unknown anew.
    public mutating func wasAway(until now: Instant) -> [DeviceEvent] {
        let events = resumed(at: now)
        unknownRow = nil
        return events
    }

    /// The machine's clock was set. What is under way keeps how long it has lasted, and what is said of it from now on is in the new time; where the clock jumped
    /// further ahead than silence may last, the time that was skipped is one in which nobody looked.
    public mutating func clockStepped(_ step: ClockStep) -> [DeviceEvent] {
        if step.span > damping.unknownLimit { return wasAway(until: step.now) }
        moveInstants(step.moved)
        return []
    }

    private mutating func moveInstants(_ move: (Instant) -> Instant) {
        func moveRow(_ row: inout Row?) {
            row?.since.move(move)
            row?.lastKnownGood.move(move)
        }
        statusSince.move(move)
        heardAt.move(move)
        lastKnownGood.move(move)
        outage?.since.move(move)
        outage?.lastKnownGood.move(move)
        monitorLoss?.since.move(move)
        monitorLoss?.lastKnownGood.move(move)
        moveRow(&goodRow)
        moveRow(&criticalRow)
        moveRow(&unknownRow)
        moveRow(&shiftRow)
        for index in flips.indices { flips[index].move(move) }
    }

    // MARK: What a result means

    private mutating func worked(_ result: CheckResult, at now: Instant) -> [DeviceEvent] {
        var events = proved(works: true, at: now)
        criticalRow = nil
        let row = extended(goodRow, at: now)
        goodRow = row
        let before = lastKnownGood
        lastKnownGood = now
        if let status, status.isOperating, outage == nil, monitorLoss == nil {
            return events + shifted(result, status, lastKnownGood: before, at: now)
        }
        guard row.count >= damping.confirmGood || (status == nil && outage == nil && monitorLoss == nil) else { return events }
        if let ended = monitorLoss { events.append(.recovered(Recovery(device: device, cause: .monitorLost, since: ended.since, at: row.since))) }
        if let ended = outage, ended.isConfirmed {
            events.append(.recovered(Recovery(device: device, cause: .deviceFailed, since: ended.since, at: row.since)))
        }
        (monitorLoss, outage) = (nil, nil)
        if status?.isOperating != true {
            shiftRow = nil
            events += changed(to: result.status, since: row.since, lastKnownGood: row.lastKnownGood, result.explanation)
        }
        return events
    }

    /// Between `ok` and `warning`, both of which work: damped in the same way.
    private mutating func shifted(_ result: CheckResult, _ status: CheckStatus, lastKnownGood: Instant?, at now: Instant) -> [DeviceEvent] {
        guard result.status != status else {
            shiftRow = nil
            return []
        }
        var row = shiftRow ?? Row(since: now, lastKnownGood: lastKnownGood)
        row.count += 1
        shiftRow = row
        guard row.count >= (result.status == .warning ? damping.confirmBad : damping.confirmGood) else { return [] }
        shiftRow = nil
        return changed(to: result.status, since: row.since, lastKnownGood: row.lastKnownGood, result.explanation)
    }

    private mutating func failed(_ result: CheckResult, at now: Instant) -> [DeviceEvent] {
        var events = proved(works: false, at: now)
        (goodRow, shiftRow) = (nil, nil)
        let row = extended(criticalRow, at: now)
        criticalRow = row
        var run = outage ?? Outage(since: now, lastKnownGood: lastKnownGood, isConfirmed: false)
        outage = run
        guard row.count >= damping.confirmBad else { return events }
        if let ended = monitorLoss {
            monitorLoss = nil
            events.append(.recovered(Recovery(device: device, cause: .monitorLost, since: ended.since, at: row.since)))
        }
        // A stretch without knowledge inside the outage stays one: what is known again begins with this row.
        let since = run.isConfirmed || status == .unknown ? row.since : run.since
        events += changed(to: .critical, since: since, lastKnownGood: run.lastKnownGood, result.explanation)
        if !run.isConfirmed {
            run.isConfirmed = true
            outage = run
            events.append(suspected(.deviceFailed, since: run.since, lastKnownGood: run.lastKnownGood, result.explanation))
        }
        return events
    }

    private mutating func wasUnknown(_ result: CheckResult, at now: Instant) -> [DeviceEvent] {
        let row = extended(unknownRow, at: now)
        unknownRow = row
        if now - row.since > damping.unknownLimit {
            return monitorLost(since: row.since, lastKnownGood: row.lastKnownGood, result.explanation)
        }
        guard row.count >= damping.confirmBad else { return [] }
        return sightLost(since: row.since, lastKnownGood: row.lastKnownGood, result.explanation)
    }

    // MARK: Steps they share

    private func extended(_ row: Row?, at now: Instant) -> Row {
        var row = row ?? Row(since: now, lastKnownGood: lastKnownGood)
        row.count = min(row.count + 1, max(damping.confirmBad, damping.confirmGood))
        return row
    }

    /// Nobody looked for a long time. What had not been confirmed by then begins anew: whether it went on meanwhile, nobody knows.
    private mutating func wasBlind(since: Instant, _ output: String) -> [DeviceEvent] {
        let events = sightLost(since: unknownRow?.since ?? since, lastKnownGood: lastKnownGood, output)
        unknownRow = nil
        if outage?.isConfirmed == false { outage = nil }
        return events
    }

    /// Nothing is known of the device from `since` on: rows that had begun must begin again, but an outage goes on.
    private mutating func sightLost(since: Instant, lastKnownGood: Instant?, _ output: String) -> [DeviceEvent] {
        (goodRow, criticalRow, shiftRow) = (nil, nil, nil)
        return changed(to: .unknown, since: since, lastKnownGood: lastKnownGood, output)
    }

    private mutating func monitorLost(since: Instant, lastKnownGood: Instant?, _ output: String) -> [DeviceEvent] {
        let events = sightLost(since: since, lastKnownGood: lastKnownGood, output)
        guard monitorLoss == nil, outage?.isConfirmed != true else { return events }
        monitorLoss = Outage(since: since, lastKnownGood: lastKnownGood, isConfirmed: true)
        return events + [suspected(.monitorLost, since: since, lastKnownGood: lastKnownGood, output)]
    }

    private mutating func changed(to new: CheckStatus, since: Instant, lastKnownGood: Instant?, _ output: String) -> [DeviceEvent] {
        guard new != status else { return [] }
        let change = StatusChange(device: device, from: status, to: new, since: since, lastKnownGood: lastKnownGood, output: output)
        (status, statusSince) = (new, since)
        return [.statusChanged(change)]
    }

    private func suspected(_ cause: OutageCause, since: Instant, lastKnownGood: Instant?, _ output: String) -> DeviceEvent {
        .incidentSuspected(SuspectedIncident(device: device, cause: cause, occurredAt: since, lastKnownGoodAt: lastKnownGood, output: output))
    }

    /// Something is known: the row of unknown results ends, and a change between working and not is counted for flapping.
    private mutating func proved(works: Bool, at now: Instant) -> [DeviceEvent] {
        unknownRow = nil
        if let last = flips.last, now - last > damping.flapWindow { isFlapping = false }
        defer { lastProof = works }
        guard let lastProof, lastProof != works else { return [] }
        flips = flips.suffix(damping.flapBound) + [now]
        guard !isFlapping, flips.count > damping.flapBound, now - flips[0] <= damping.flapWindow else { return [] }
        isFlapping = true
        return [.flapping(Flapping(device: device, since: flips[0], at: now, changes: flips.count))]
    }
}
