import Values

/// By which messages the agents of parties tell of the equipment that they watch. What a text leaves out, no agent says under it.
public struct Equipment: Sendable, Hashable {
    /// That a device does not work: an incident.
    public var failure: Failure?
    /// How a device is.
    public var status: String?
    /// How the supply is.
    public var supply: Supply?
    /// What a day's hours of operation came to.
    public var day: String?

    /// By such messages; nothing is told where none is named.
    public init(failure: Failure? = nil, status: String? = nil, supply: Supply? = nil, day: String? = nil) {
        (self.failure, self.status, self.supply, self.day) = (failure, status, supply, day)
    }

    /// How the failure of a device is told.
    public struct Failure: Sendable, Hashable {
        /// The message type.
        public var type: String
        /// What such a message says whatever the device.
        public var says: JSONObject
    }

    /// How it is told of the supply.
    public struct Supply: Sendable, Hashable {
        /// The type that tells how it is, and begins the case of an outage.
        public var status: String
        /// The type that tells its return.
        public var restored: String
    }
}

extension Party {
    /// Equipment that a party's agent watches.
    public enum Watched: String, Sendable, CaseIterable {
        /// Devices: how they are is recorded.
        case devices
        /// A device that does not work is an incident.
        case incidents
        /// The hours of operation of the devices are kept, and the day is closed.
        case operations
        /// The power supply.
        case supply
    }
}

extension Equipment {
    /// What is written of the failure of a device.
    package static let inFailure: [MemberUse] = [
        .needed("occurredAt", .instant), .needed("title", .text), .needed("device", .text), .known("lastKnownGoodAt", .instant),
        .known("cause", .choice([])), .offered("detectedBy", .text), .known("evidence", .text),
    ]
    /// What is written of how a device is.
    package static let inStatus: [MemberUse] = [
        .needed("device", .text), .needed("status", .choice(["ok", "warning", "critical", "unknown"])), .needed("since", .instant),
        .known("output", .text), .known("cause", .choice([])), .known("window", .text), .known("performance", .list),
    ]
    /// What is written of how the supply is.
    package static let inSupply: [MemberUse] = [
        .needed("status", .choice(["online", "on-battery", "low-battery", "off", "monitor-lost"])), .needed("since", .instant),
        .needed("supplyLost", .flag), .offered("ups", .text), .known("chargePercent", .integer), .known("runtimeSeconds", .integer),
    ]
    /// What is written of the return of the supply.
    package static let inReturn: [MemberUse] = [.needed("restoredAt", .instant), .offered("lostAt", .instant), .offered("ups", .text)]
    /// What is written of a day's hours of operation.
    package static let inDay: [MemberUse] = [
        .needed("date", .date), .needed("operatedMinutes", .integer), .needed("devices", .list), .offered("windowFrom", .text),
        .offered("windowTo", .text), .offered("minimumMinutes", .integer),
    ]
}
