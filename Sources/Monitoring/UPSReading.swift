import Values

/// What a UPS says of itself at one moment.
public struct UPSReading: Hashable, Sendable {
    /// `ups.status`.
    public var status: UPSStatus
    /// `battery.charge`, percent; nil if the UPS does not say.
    public var chargePercent: Double?
    /// `battery.runtime`, how long the battery will last; nil if the UPS does not say.
    public var runtime: Span?

    /// A reading of these parts.
    public init(status: UPSStatus, chargePercent: Double? = nil, runtime: Span? = nil) {
        (self.status, self.chargePercent, self.runtime) = (status, chargePercent, runtime)
    }
}

/// The flags of `ups.status`, separated by spaces: Network UPS Tools, docs/new-drivers.txt, "Status data".
public struct UPSStatus: Hashable, Sendable, CustomStringConvertible {
    /// The flags as given, in order; unknown ones too, since drivers add their own.
    public var flags: [String]

    /// Reads the flags of a status.
    public init(_ text: String) { flags = text.split(whereSeparator: \.isWhitespace).map(String.init) }

    /// The flags, separated by spaces.
    public var description: String { flags.joined(separator: " ") }

    /// What a status says of the supply.
    enum Supply: Hashable, Sendable {
        case present
        case lost(batteryLow: Bool)
        /// The UPS runs on its battery to test or calibrate it, which says nothing of the supply.
        case testing
        /// The UPS answers, but says neither of these.
        case unsaid
    }

    /// `OFF` is a loss: the mains may be there, but the equipment has no power. `FSD`, a shutdown under way, counts as `OB LB`
    /// (docs/net-protocol.txt). `CHRG`, `RB`, `OVER`, `ALARM`, `BYPASS`, `TRIM`, `BOOST` and the rest say nothing of the supply.
    var supply: Supply {
        if flags.contains("CAL") || flags.contains("TEST") { return .testing }
        if flags.contains("FSD") { return .lost(batteryLow: true) }
        if flags.contains("OB") || flags.contains("OFF") { return .lost(batteryLow: flags.contains("LB")) }
        return flags.contains("OL") ? .present : .unsaid
    }
}
