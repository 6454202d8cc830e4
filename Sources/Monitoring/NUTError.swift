import Values

/// Why `upsd` gave no answer. Its description says what was wrong, where, and what to do.
public struct NUTError: Error, Hashable, CustomStringConvertible {
    /// Which kind of trouble.
    public enum Code: Hashable, Sendable {
        /// No connection could be made.
        case connectFailed
        /// No answer within the time allowed.
        case timedOut
        /// `upsd` closed the connection.
        case closed
        /// A line or a list longer than the client takes.
        case tooLong
        /// An answer that is not of the protocol.
        case malformed
        /// A name or password with a control character in it, which the protocol cannot carry.
        case cannotSend
        /// An error that `upsd` reported (docs/net-protocol.txt, "Error responses").
        case refused(Refusal)
    }

    /// The errors of the protocol that a reading client can meet.
    public enum Refusal: Hashable, Sendable {
        /// `ACCESS-DENIED`.
        case accessDenied
        /// `UNKNOWN-UPS`.
        case unknownUPS
        /// `VAR-NOT-SUPPORTED`.
        case variableNotSupported
        /// `DATA-STALE`.
        case dataStale
        /// `DRIVER-NOT-CONNECTED`.
        case driverNotConnected
        /// `INVALID-USERNAME`, `INVALID-PASSWORD`, `USERNAME-REQUIRED` or `PASSWORD-REQUIRED`.
        case credentials
        /// Any other, by its name.
        case other(String)

        init(_ name: String) {
            switch name {
            case "ACCESS-DENIED": self = .accessDenied
            case "UNKNOWN-UPS": self = .unknownUPS
            case "VAR-NOT-SUPPORTED": self = .variableNotSupported
            case "DATA-STALE": self = .dataStale
            case "DRIVER-NOT-CONNECTED": self = .driverNotConnected
            case "INVALID-USERNAME", "INVALID-PASSWORD", "USERNAME-REQUIRED", "PASSWORD-REQUIRED": self = .credentials
            default: self = .other(name)
            }
        }

        var advice: String {
            switch self {
            case .accessDenied: "this host or user may not ask; allow it in upsd.users, or in LISTEN of upsd.conf and the firewall"
            case .unknownUPS: "no UPS of this name; LIST UPS names those there are, ups.conf defines them"
            case .variableNotSupported: "the UPS does not report this variable"
            case .dataStale: "the driver runs but gets nothing from the UPS; check the cable and the UPS, then the driver's log"
            case .driverNotConnected: "the driver is not running; start it with upsdrvctl start, or see its log"
            case .credentials: "user name or password is missing or wrong; compare with upsd.users"
            case .other(let name): "upsd answered \(name); see docs/net-protocol.txt of Network UPS Tools"
            }
        }
    }

    /// Which kind of trouble.
    public let code: Code
    /// What was wrong, where, and what to do.
    public let description: String
}
