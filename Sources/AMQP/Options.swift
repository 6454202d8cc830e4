/// How a connection behaves. All times are in seconds.
public struct Options: Sendable {
    /// How often each side shows it is alive; the connection is given up after two of them in silence. 0 turns it off.
    public var heartbeatSeconds = 10
    /// How long connecting, the TLS handshake and logging in may take, each.
    public var connectTimeoutSeconds = 10.0
    /// The largest frame this side sends, in bytes; the broker may lower it.
    public var frameMax = 131_072
    /// How many messages may be sent and not yet confirmed; more wait their turn.
    public var confirmWindow = 512
    /// How long a single write, or the flush in `close()`, may stand still before the connection is given up.
    public var sendTimeoutSeconds = 10.0
    /// How long `publish`, `inspect` and `get` wait for the broker, from the call on, connecting included.
    public var requestTimeoutSeconds = 30.0
    /// The wait before the first attempt to reconnect; it doubles from attempt to attempt, and each wait is spread over its upper half.
    public var reconnectInitialSeconds = 0.2
    /// The longest wait between attempts to reconnect.
    public var reconnectMaximumSeconds = 10.0
    /// Queues that must be there before anything is sent. They are asked for whenever the channel is opened, and until all of them answer the connection does not
    /// count as connected. A broker that starts again opens its port before all its queues live, and confirms a message that one of them has missed.
    public var requiredQueues: [String] = []
    /// What the broker's tools show for this connection.
    public var connectionName = ""

    /// The defaults.
    public init() {}
}
