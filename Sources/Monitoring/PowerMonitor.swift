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
    var heardAt: Instant?

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
        switch reading.status.supply {
        case .present: return supplySeen(at: instant)
        case .lost(let batteryLow): return lossSeen(at: instant, low: batteryLow ? reading : nil)
        case .testing: return testSeen(at: instant)
        case .unsaid:
            let reason = "the UPS reports \"\(reading.status)\", which says nothing of the supply; look at the UPS and its driver"
            return contactFailed(reason, at: instant)
        }
    }

    /// A check plugin that stands in for the UPS gave a result: critical is an outage, unknown is a lost contact.
    public mutating func checked(_ result: CheckResult, at instant: Instant) -> [PowerEvent] {
        switch result.status {
        case .ok, .warning: supplySeen(at: instant)
        case .critical: lossSeen(at: instant, low: nil)
        case .unknown: contactFailed(result.explanation, at: instant)
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

    /// The agent runs, for the first time or again after a stop, which is not by itself a lost contact; silence counts from here.
    public mutating func resumed(at now: Instant) { _ = heard(at: now) }

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
