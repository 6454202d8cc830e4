import Values

/// What a device monitor has to say.
public enum DeviceEvent: Hashable, Sendable {
    /// The confirmed status of the device is another.
    case statusChanged(StatusChange)
    /// Something happened that article 8.2 may oblige the guard to notify within the hour. Said once an outage, at any hour of the day.
    case incidentSuspected(SuspectedIncident)
    /// What an incident was suspected of is over.
    case recovered(Recovery)
    /// The device goes back and forth. Said once, and again only after a whole window of calm.
    case flapping(Flapping)
}

/// A confirmed change of a device's status.
public struct StatusChange: Hashable, Sendable {
    /// The device.
    public var device: String
    /// The status before; nil if nothing had been confirmed yet.
    public var from: CheckStatus?
    /// The status now.
    public var to: CheckStatus
    /// The first result that showed it, which may lie well before the one that confirmed it.
    public var since: Instant
    /// The last result before `since` that showed the device working; nil if there was none.
    public var lastKnownGood: Instant?
    /// What the check said.
    public var output: String

    /// A change of these parts.
    public init(device: String, from: CheckStatus?, to: CheckStatus, since: Instant, lastKnownGood: Instant? = nil, output: String = "") {
        (self.device, self.from, self.to) = (device, from, to)
        (self.since, self.lastKnownGood, self.output) = (since, lastKnownGood, output)
    }
}

/// Why an incident is suspected.
public enum OutageCause: String, Hashable, Sendable, CaseIterable {
    /// The check says the device does not work.
    case deviceFailed = "device-failed"
    /// Nothing has been known of the device for too long.
    case monitorLost = "monitor-lost"
}

/// A suspected incident: the interval in which it occurred, and why.
public struct SuspectedIncident: Hashable, Sendable {
    /// The device.
    public var device: String
    /// Why.
    public var cause: OutageCause
    /// The earliest proof, from which the hour of article 8.2 runs (`occurredAt`).
    public var occurredAt: Instant
    /// The last result before it that showed the device working: it happened after this. Nil if it was never seen working.
    public var lastKnownGoodAt: Instant?
    /// What the check said.
    public var output: String

    /// A suspicion of these parts.
    public init(device: String, cause: OutageCause, occurredAt: Instant, lastKnownGoodAt: Instant?, output: String) {
        (self.device, self.cause, self.occurredAt, self.lastKnownGoodAt, self.output) = (device, cause, occurredAt, lastKnownGoodAt, output)
    }
}

/// The end of an outage.
public struct Recovery: Hashable, Sendable {
    /// The device.
    public var device: String
    /// What is over.
    public var cause: OutageCause
    /// When it began: the `occurredAt` of the incident.
    public var since: Instant
    /// The first result of the run that confirmed the end.
    public var at: Instant
}

/// A device that goes back and forth between working and not working.
public struct Flapping: Hashable, Sendable {
    /// The device.
    public var device: String
    /// The first of the changes counted.
    public var since: Instant
    /// The last of them.
    public var at: Instant
    /// How many there were.
    public var changes: Int
}
