import Dispatch
import Foundation
import Values

/// Reads a UPS from `upsd`, the server of Network UPS Tools, over its network protocol (docs/net-protocol.txt).
///
/// Each call makes a connection of its own and ends it, so nothing half dead is left behind when `upsd` or the network goes away. The protocol is
/// not encrypted here: keep it on the loopback interface or a network of its own. Calls of one client run one after another on a thread of Dispatch,
/// never on a cooperative one.
public final class NUTClient: Sendable {
    /// Where and as whom to ask.
    public struct Configuration: Hashable, Sendable {
        /// The host of `upsd`, an address or a name. A name is looked up at each call, and the look-up has the resolver's own timeout.
        public var host: String
        /// Its port.
        public var port: UInt16
        /// The user of upsd.users, if one is needed; reading normally needs none. `upsd` checks it only when a command requires it.
        public var username: String?
        /// The user's password.
        public var password: String?
        /// How long connecting may take.
        public var connectTimeout: Span
        /// How long the whole answer to one command may take.
        public var replyTimeout: Span

        /// A configuration; by default the local `upsd`.
        public init(
            host: String = "127.0.0.1", port: UInt16 = 3493, username: String? = nil, password: String? = nil, connectTimeout: Span = .seconds(5),
            replyTimeout: Span = .seconds(5)
        ) {
            (self.host, self.port, self.username, self.password) = (host, port, username, password)
            (self.connectTimeout, self.replyTimeout) = (connectTimeout, replyTimeout)
        }
    }

    private let configuration: Configuration
    private let queue = DispatchQueue(label: "phoihop.nut")

    /// A client; nothing is connected yet.
    public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

    /// The UPSes there are, and what each is called: `LIST UPS`.
    /// - Throws: `NUTError`.
    public func upses() async throws -> [String: String] { try await ask { try $0.list("UPS", []) } }

    /// All variables of a UPS: `LIST VAR`.
    /// - Throws: `NUTError`.
    public func variables(of ups: String) async throws -> [String: String] { try await ask { try $0.list("VAR", [ups]) } }

    /// One variable of a UPS: `GET VAR`.
    /// - Throws: `NUTError`; `refused(.variableNotSupported)` where the UPS has none of this name.
    public func variable(_ name: String, of ups: String) async throws -> String { try await ask { try $0.variable(name, of: ups) } }

    /// Status, charge and runtime of a UPS; charge and runtime are nil where the UPS does not report them.
    /// - Throws: `NUTError`.
    public func reading(of ups: String) async throws -> UPSReading {
        try await ask { connection in
            func optional(_ name: String) throws -> String? {
                do { return try connection.variable(name, of: ups) } catch let error as NUTError where error.code == .refused(.variableNotSupported) {
                    return nil
                }
            }
            return UPSReading(
                status: try connection.variable("ups.status", of: ups), charge: try optional("battery.charge"), runtime: try optional("battery.runtime"))
        }
    }

    private func ask<T: Sendable>(_ question: @escaping @Sendable (NUTConnection) throws -> T) async throws -> T {
        let configuration = configuration
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        let connection = try NUTConnection(configuration)
                        let answer = try question(connection)
                        connection.logout()
                        return answer
                    })
            }
        }
    }
}
