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

    /// A reading of what `upsd` says. What no battery can have is left out: drivers pass on what a UPS gives for "unknown", such as a charge of 255 or -1,
    /// or a runtime of ten thousand million million seconds.
    public init(status: String, charge: String?, runtime: String?) {
        self.init(
            status: UPSStatus(status), chargePercent: charge.flatMap { DecimalNumber.whole($0) }.flatMap(UPSReading.charge),
            runtime: runtime.flatMap { DecimalNumber.whole($0) }.flatMap(UPSReading.runtime))
    }

    /// A charge as it can be: some UPS count a little beyond full.
    static func charge(_ percent: Double) -> Double? { (0...105).contains(percent) ? min(percent, 100) : nil }

    /// The longest runtime that is believed.
    static let longestRuntime = Span.days(31)

    static func runtime(_ seconds: Double) -> Span? {
        guard (0...Double(longestRuntime.milliseconds / 1000)).contains(seconds) else { return nil }
        return Span(milliseconds: Int64((seconds * 1000).rounded()))
    }
}

/// The flags of `ups.status`, separated by spaces: Network UPS Tools, docs/new-drivers.txt, "Status data".
public struct UPSStatus: Hashable, Sendable, CustomStringConvertible {
    /// The flags as given, in order; unknown ones too, since drivers add their own.
    public var flags: [String]

    /// Reads the flags of a status; a driver gives no more than a dozen, so what follows some dozens is left out.
    public init(_ text: String) { flags = text.split(maxSplits: UPSStatus.limit, whereSeparator: \.isWhitespace).prefix(UPSStatus.limit).map(String.init) }

    private static let limit = 50

    /// The flags, separated by spaces.
    public var description: String { flags.joined(separator: " ") }

    /// What a status says of the supply.
    enum Supply: Hashable, Sendable {
        /// It is there; the UPS may be testing itself or its battery.
        case present(testing: Bool)
        case lost(batteryLow: Bool)
        /// The UPS runs on its battery to test or calibrate it, which says nothing of the supply.
        case testing
        /// The UPS answers, but says nothing of the supply.
        case unsaid
    }

    /// What the flags say of the supply, whatever their order.
    ///
    /// - `OL` and `OB` say it themselves; where both stand, the one that does harm is believed.
    /// - `OFF` is a loss: the mains may be there, but the equipment has no power.
    /// - `FSD`, a shutdown under way, counts as `OB LB` (docs/net-protocol.txt), in a test too; but `upsd` keeps the flag until it is started again, so
    ///   beside `OL` it says nothing.
    /// - `CAL` and `TEST` explain why a UPS runs on its battery or has its output off.
    /// - `BYPASS`, `ECO`, `TRIM` and `BOOST` pass the mains on, which must then be there.
    /// - `CHRG`, `DISCHRG`, `LB`, `HB`, `RB`, `OVER`, `ALARM` and the rest say nothing of the supply.
    var supply: Supply {
        let isTesting = has("CAL") || has("TEST")
        if has("OB") {
            if has("FSD") { return .lost(batteryLow: true) }
            return isTesting ? .testing : .lost(batteryLow: has("LB"))
        }
        if has("OFF") { return isTesting ? .testing : .lost(batteryLow: has("LB")) }
        if has("OL") { return .present(testing: isTesting) }
        if has("FSD") { return .lost(batteryLow: true) }
        if isTesting { return .testing }
        return has("BYPASS") || has("ECO") || has("TRIM") || has("BOOST") ? .present(testing: false) : .unsaid
    }

    /// Whether the UPS gives no power at all.
    public var isOff: Bool { has("OFF") && !has("CAL") && !has("TEST") }

    /// What a person should look at, although it is no outage.
    var remarks: [UPSRemark] {
        UPSRemark.allCases.filter { remark in
            switch remark {
            case .discharging: has("OL") && has("DISCHRG") && !has("OB") && !has("CAL") && !has("TEST")
            case .shutdownStays: has("FSD") && has("OL") && !has("OB")
            case .contradiction: has("OL") && has("OB")
            case .bypass: has("BYPASS")
            case .overload: has("OVER")
            case .replaceBattery: has("RB")
            case .alarm: has("ALARM")
            }
        }
    }

    private func has(_ flag: String) -> Bool { flags.contains(flag) }
}

/// What a UPS says that is no outage, but that a person should know.
public enum UPSRemark: String, Hashable, Sendable, CaseIterable {
    /// `OL DISCHRG`: on mains, and yet the battery is being emptied. Some models say so when the mains are gone.
    case discharging
    /// `FSD OL`: the mains are back, and the shutdown that was ordered still stands.
    case shutdownStays = "shutdown-stays"
    /// `OL OB`: on mains and on battery at once.
    case contradiction
    /// `BYPASS`: the equipment is fed past the battery.
    case bypass
    /// `OVER`: more is connected than the UPS can carry.
    case overload
    /// `RB`: the battery must be replaced.
    case replaceBattery = "replace-battery"
    /// `ALARM`.
    case alarm
}
