import Values

/// The state of the supply, from the readings of a UPS or the results of a check plugin.
///
/// An outage begins with the first reading that shows it and is said once it has lasted for `blip`, uncontradicted; it ends with the first reading
/// of an equally long return. A shorter return neither ends it nor moves its start. A lost contact changes nothing in what is known of the supply.
public struct PowerMonitor: Hashable, Sendable {
    /// How long a state of the supply must last before it is said. The default is 15 s: a battery test that the driver does not flag runs about 10 s,
    /// and the start is never moved, so waiting costs the obligor nothing and nobody's minutes. Read the UPS at least every 5 s.
    public let blip: Span
    /// How long contact may be lost before it is said. The default is 60 s: `upsd` calls a silent driver stale after 15 s, and a restart passes by.
    public let contactLimit: Span
    /// The outage under way, said or not yet.
    public internal(set) var outage: Outage?
    /// The loss of contact under way, said or not yet.
    public internal(set) var silence: Silence?
    /// The last reading that showed the supply present.
    public internal(set) var lastKnownGood: Instant?
    /// When anything was last heard, even an error, or monitoring began or resumed.
    public internal(set) var heardAt: Instant?
    /// What the UPS says, or said not long ago, that a person should know.
    var remarks: [UPSRemark: Remark] = [:]

    /// How long a remark is not repeated.
    static let remarkInterval = Span.hours(1)
    /// By how many per cent the battery must have been emptied since for a remark to be repeated at once.
    static let remarkableDischarge = 10.0

    /// A remark of the UPS.
    struct Remark: Hashable, Sendable {
        /// Since when the UPS has said it; nil while it does not.
        var since: Instant?
        /// When it was passed on last.
        var toldAt: Instant?
        /// The charge at that time.
        var chargePercent: Double?
    }

    /// A stretch without supply.
    public struct Outage: Hashable, Sendable {
        /// The first reading that showed it.
        public var since: Instant
        /// The last reading before that showed the supply present.
        public var lastKnownGood: Instant?
        /// Whether it lasted long enough to be said.
        public var isConfirmed: Bool
        /// Whether the low battery was said.
        public var isBatteryLow: Bool
        /// Since when the supply seems to be back; nil while it does not.
        public var backSince: Instant?
    }

    /// A stretch in which nothing is known of the supply.
    public struct Silence: Hashable, Sendable {
        /// When it began.
        public var since: Instant
        /// Whether it lasted long enough to be said.
        public var isConfirmed: Bool
    }

    /// A monitor that knows nothing yet.
    public init(blip: Span = .seconds(15), contactLimit: Span = .seconds(60)) { (self.blip, self.contactLimit) = (blip, contactLimit) }

    // MARK: Inputs

    /// The UPS was read.
    public mutating func wasRead(_ reading: UPSReading, at instant: Instant) -> [PowerEvent] {
        let events: [PowerEvent]
        switch reading.status.supply {
        case .present(let isTesting):
            // A test explains readings on battery that have not yet become an outage; it explains no outage away.
            if isTesting, outage?.isConfirmed == false { outage = nil }
            events = supplySeen(at: instant)
        case .lost(let batteryLow): events = lossSeen(at: instant, low: batteryLow ? reading : nil)
        case .testing: events = testSeen(at: instant)
        case .unsaid:
            let status = "\(reading.status)".prefix(100)
            let reason = "the UPS reports \"\(status)\", which says nothing of the supply; look at the UPS and its driver"
            events = contactFailed(reason, at: instant)
        }
        return events + remarked(reading, at: max(instant, heardAt ?? instant))
    }

    /// A check plugin of this name, its executable's, gave a result.
    public mutating func checked(_ result: CheckResult, by plugin: String = "", at instant: Instant) -> [PowerEvent] {
        switch SupplyCheck(result, plugin: plugin) {
        case .ups(let reading): wasRead(reading, at: instant)
        case .present: supplySeen(at: instant)
        case .lost: lossSeen(at: instant, low: nil)
        case .unseen(let reason): contactFailed(reason, at: instant)
        }
    }

    /// The UPS could not be read; why, as a sentence.
    public mutating func contactFailed(_ reason: String, at instant: Instant) -> [PowerEvent] {
        let now = heard(at: instant)
        silence = silence ?? Silence(since: now, isConfirmed: false)
        return outageConfirmed(at: now) + silenceConfirmed(reason, at: now)
    }

    /// Nothing was heard up to this instant. To be called now and then while the UPS should be read, so that silence too is noticed.
    public mutating func timePassed(to now: Instant) -> [PowerEvent] {
        guard let heardAt, now > heardAt else { return [] }
        if silence == nil, now - heardAt > contactLimit { silence = Silence(since: heardAt, isConfirmed: false) }
        return outageConfirmed(at: now) + silenceConfirmed("the UPS was not read", at: now)
    }

    /// The agent runs, for the first time or again after a stop; silence counts from here. Time without an agent is not by itself a lost contact, and proves nothing that was not proved before: what had not lasted long enough to be said begins anew.
    public mutating func resumed(at now: Instant) {
        guard let last = heardAt else {
            heardAt = now
            return
        }
        // The clock was set back meanwhile, how far is not known: no time is taken to have passed.
        guard last <= now else { return moveInstants { min($0, now) } }
        heardAt = now
        guard now - last > contactLimit else { return }
        if outage?.isConfirmed == false { outage = nil }
        outage?.backSince = nil
        if silence?.isConfirmed == false { silence = nil }
        for remark in remarks.keys { remarks[remark]?.since = nil }
    }

    /// The machine slept, or the agent stood still, up to this instant: what had not lasted long enough to be said must be seen again.
    public mutating func wasAway(until now: Instant) {
        resumed(at: now)
        if outage?.isConfirmed == false { outage = nil }
        outage?.backSince = nil
        if silence?.isConfirmed == false { silence = nil }
    }

    /// The machine's clock was set. What is under way keeps how long it has lasted, and what is said of it from now on is in the new time; where the clock jumped
    /// further ahead than contact may be lost, the time that was skipped is one in which nobody looked.
    public mutating func clockStepped(_ step: ClockStep) {
        if step.span > contactLimit { return wasAway(until: step.now) }
        moveInstants(step.moved)
    }

    private mutating func moveInstants(_ move: (Instant) -> Instant) {
        outage?.since.move(move)
        outage?.lastKnownGood.move(move)
        outage?.backSince.move(move)
        silence?.since.move(move)
        lastKnownGood.move(move)
        heardAt.move(move)
        for kind in remarks.keys {
            remarks[kind]?.since.move(move)
            remarks[kind]?.toldAt.move(move)
        }
    }

    // MARK: What they mean

    private mutating func supplySeen(at instant: Instant) -> [PowerEvent] {
        let now = heard(at: instant)
        var events = contactRegained(at: now)
        lastKnownGood = now
        guard var current = outage else { return events }
        let back = current.backSince ?? now
        current.backSince = back
        outage = current
        guard now - back >= blip else { return events }
        outage = nil
        if current.isConfirmed { events.append(.restored(at: back, lostAt: current.since)) }
        return events
    }

    private mutating func lossSeen(at instant: Instant, low reading: UPSReading?) -> [PowerEvent] {
        let now = heard(at: instant)
        var events = contactRegained(at: now)
        var current = outage ?? Outage(since: now, lastKnownGood: lastKnownGood, isConfirmed: false, isBatteryLow: false, backSince: nil)
        current.backSince = nil
        outage = current
        // An empty battery does not wait: the equipment is about to go dark.
        events += outageConfirmed(at: now, atOnce: reading != nil)
        if let reading, !current.isBatteryLow {
            outage?.isBatteryLow = true
            events.append(.lowBattery(at: now, chargePercent: reading.chargePercent, runtime: reading.runtime))
        }
        return events
    }

    /// A test explains readings on battery that have not yet become an outage; it explains no outage away.
    private mutating func testSeen(at instant: Instant) -> [PowerEvent] {
        let now = heard(at: instant)
        if outage?.isConfirmed == false { outage = nil }
        return contactRegained(at: now)
    }

    /// What the UPS says beside, once it has said so for as long as an outage must last.
    private mutating func remarked(_ reading: UPSReading, at now: Instant) -> [PowerEvent] {
        let said = reading.status.remarks
        return UPSRemark.allCases.compactMap { kind in
            guard said.contains(kind) else {
                // What was told is remembered for as long as it is not told again.
                let isOld = remarks[kind]?.toldAt.map { now - $0 > PowerMonitor.remarkInterval } ?? true
                if isOld { remarks[kind] = nil } else { remarks[kind]?.since = nil }
                return nil
            }
            var remark = remarks[kind] ?? Remark()
            let since = remark.since ?? now
            remark.since = since
            defer { remarks[kind] = remark }
            guard now - since >= blip else { return nil }
            if remark.toldAt != nil {
                // A remark that goes on without end is told once.
                guard let before = remark.chargePercent, let charge = reading.chargePercent, kind == .discharging,
                    before - charge >= PowerMonitor.remarkableDischarge
                else { return nil }
            }
            (remark.toldAt, remark.chargePercent) = (now, reading.chargePercent)
            return .remark(kind, reading)
        }
    }

    // MARK: Steps they share

    /// An input dated before the previous one is taken as if it came with it.
    private mutating func heard(at instant: Instant) -> Instant {
        let now = max(instant, heardAt ?? instant)
        heardAt = now
        return now
    }

    private mutating func contactRegained(at now: Instant) -> [PowerEvent] {
        defer { silence = nil }
        guard let silence, silence.isConfirmed else { return [] }
        return [.monitorReturned(at: now, lostAt: silence.since)]
    }

    private mutating func outageConfirmed(at now: Instant, atOnce: Bool = false) -> [PowerEvent] {
        guard let current = outage, !current.isConfirmed, current.backSince == nil, atOnce || now - current.since >= blip else { return [] }
        outage?.isConfirmed = true
        return [.outage(since: current.since, lastKnownGood: current.lastKnownGood)]
    }

    private mutating func silenceConfirmed(_ reason: String, at now: Instant) -> [PowerEvent] {
        guard let current = silence, !current.isConfirmed, now - current.since >= contactLimit else { return [] }
        silence?.isConfirmed = true
        return [.monitorLost(since: current.since, reason: reason)]
    }
}

extension Instant {
    mutating func move(_ move: (Instant) -> Instant) { self = move(self) }
}

extension Instant? {
    mutating func move(_ move: (Instant) -> Instant) { self = map(move) }
}
