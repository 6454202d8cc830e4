/// What went wrong, in the broker's words where the broker said something.
public struct AMQPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure a caller may want to tell apart.
    public enum Code: String, Sendable, Hashable {
        /// The host answered that nothing listens on the port.
        case connectionRefused
        /// The host could not be reached in time.
        case unreachable
        /// The host name is not known.
        case unknownHost
        /// User name and password, or the certificate, were not accepted.
        case authentication
        /// The TLS handshake failed: certificate, host name, version or files.
        case tls
        /// 403: the user lacks a permission.
        case accessRefused
        /// 404: no such queue, exchange or virtual host.
        case notFound
        /// 405: the queue belongs to another connection.
        case resourceLocked
        /// 406: the broker's state or limits forbid it.
        case preconditionFailed
        /// The message reached no queue.
        case returned
        /// A queue refused the message.
        case nacked
        /// The broker takes no messages at present (memory or disk alarm).
        case blocked
        /// No answer in time.
        case timeout
        /// The connection or its channel was lost; the outcome of what was under way is unknown.
        case connectionLost
        /// The broker ended the consumer: its queue was deleted or moved.
        case consumerCancelled
        /// This side closed the connection.
        case closed
        /// One side did not keep to the protocol.
        case protocolError
        /// The calling task was cancelled.
        case cancelled
        /// The endpoint's address is malformed.
        case badURI
        /// The message or request cannot be expressed in the protocol (a name over 255 bytes, headers over a frame).
        case invalid
    }

    /// The kind of failure.
    public let code: Code
    /// What the broker or the system said, and what was being done.
    public let reason: String
    /// Whether the same thing may succeed later without anyone changing anything.
    public let isRetriable: Bool

    /// An error; unless told otherwise, whether it is retriable follows from its code.
    public init(_ code: Code, _ reason: String, isRetriable: Bool? = nil) {
        self.code = code
        self.reason = reason
        self.isRetriable = isRetriable ?? code.isUsuallyRetriable
    }

    /// Code and reason in one line.
    public var description: String { "\(code.rawValue): \(reason)" }
}

extension AMQPError.Code {
    fileprivate var isUsuallyRetriable: Bool {
        switch self {
        case .connectionRefused, .unreachable, .unknownHost, .resourceLocked, .nacked, .blocked, .timeout, .connectionLost, .consumerCancelled:
            true
        case .authentication, .tls, .accessRefused, .notFound, .preconditionFailed, .returned, .closed, .protocolError, .cancelled, .badURI, .invalid:
            false
        }
    }
}

extension AMQPError {
    /// The broker closed the channel with this code and text.
    static func channelClosed(code: UInt16, text: String, doing: String) -> AMQPError {
        let reason = "\(text) (\(doing))"
        switch code {
        // A consumer that wants a queue for itself is told 403 while another consumer is there; that one may leave.
        case 403: return AMQPError(.accessRefused, reason, isRetriable: text.contains("in exclusive use"))
        case 404: return AMQPError(.notFound, reason, isRetriable: text.contains("down or inaccessible"))
        case 405: return AMQPError(.resourceLocked, reason)
        // Both pass by themselves: a stream's replica that is still starting, and a delivery that was held too long.
        case 406: return AMQPError(.preconditionFailed, reason, isRetriable: text.contains("running replica") || text.contains("timed out"))
        case 541, 506: return AMQPError(.connectionLost, reason)
        default: return AMQPError(.protocolError, reason)
        }
    }
}
