/// What a check says of a device: the four return codes of the Monitoring Plugins Development Guidelines, "Plugin Return Codes".
public enum CheckStatus: String, Hashable, Sendable, CaseIterable {
    /// Exit 0: the device works.
    case ok
    /// Exit 1: it works, but something is near its limit. It counts as in operation.
    case warning
    /// Exit 2: it does not work.
    case critical
    /// Exit 3, or no usable answer at all: nothing is known of the device.
    case unknown

    /// The status that an exit code stands for; nil where the guidelines define none.
    public init?(exitCode: Int32) {
        switch exitCode {
        case 0: self = .ok
        case 1: self = .warning
        case 2: self = .critical
        case 3: self = .unknown
        default: return nil
        }
    }

    /// Whether the device is known to work.
    public var isOperating: Bool { self == .ok || self == .warning }
}
