import AMQP
import Foundation
import OperatorCommands
import Topology

/// A connection to the broker for one command.
struct Link {
    let connection: Connection

    /// How long the broker may take to answer.
    static let patienceSeconds = 5.0

    /// A connection that stands.
    /// - Parameter speaks: whether something is said on it, so that the ledger must be there; else it is for reading and asking alone.
    /// - Throws: that the broker is away, or that it does not let this party in.
    static func open(_ endpoint: Endpoint, name: String, speaks: Bool) async throws(Failure) -> Link {
        var options = Options()
        if speaks { options.requiredQueues = Topology.requiredForSpeaking }
        options.connectionName = name
        options.connectTimeoutSeconds = patienceSeconds
        options.requestTimeoutSeconds = patienceSeconds
        let connection = Connection(endpoint, options: options)
        do throws(AMQPError) {
            try await connection.waitUntilConnected(timeoutSeconds: patienceSeconds)
        } catch {
            await connection.close()
            throw failure(error, endpoint)
        }
        return Link(connection: connection)
    }

    /// The same, with what went wrong as a value.
    static func attempt(_ endpoint: Endpoint, speaks: Bool) async -> Result<Link, Failure> {
        do throws(Failure) { return .success(try await open(endpoint, name: "phoihop", speaks: speaks)) } catch { return .failure(error) }
    }

    func close() async { await connection.close() }

    /// An error of the broker in the operator's words.
    static func failure(_ error: AMQPError, _ endpoint: Endpoint? = nil) -> Failure {
        let place = endpoint.map { " \($0.host):\($0.port)" } ?? ""
        switch error.code {
        case .connectionRefused:
            return Failure(
                .unavailable, vi: "Máy chủ tin\(place) không chạy (từ chối kết nối). Đề nghị kiểm tra máy chủ, hoặc địa chỉ trong PHOIHOP_BROKER.",
                en: "The broker\(place) does not run (connection refused). Check the server, or the address in PHOIHOP_BROKER.")
        case .unknownHost:
            return Failure(
                .unavailable, vi: "Không tìm thấy máy chủ tin\(place): tên máy không có trong DNS. Đề nghị kiểm tra PHOIHOP_BROKER.",
                en: "The broker\(place) is not found: the host name is unknown. Check PHOIHOP_BROKER.")
        case .authentication:
            return Failure(
                .notPermitted, vi: "Máy chủ tin\(place) không nhận tên hoặc mật khẩu. Đề nghị kiểm tra PHOIHOP_BROKER, hoặc xin cấp lại mật khẩu.",
                en: "The broker\(place) does not accept the user or the password. Check PHOIHOP_BROKER, or ask for a new password.")
        case .tls:
            return Failure(
                .unavailable, vi: "Kết nối TLS tới máy chủ tin\(place) không thành: \(error.reason)", en: "TLS with the broker\(place) failed: \(error.reason)")
        case .accessRefused:
            return Failure(.notPermitted, vi: "Máy chủ tin không cho phép: \(error.reason)", en: "The broker does not permit it: \(error.reason)")
        case .notFound:
            return Failure(
                .unavailable, vi: "Máy chủ tin chưa được cấu hình đủ: \(error.reason). Đề nghị nạp lại phoihop broker definitions.",
                en: "The broker is not fully provisioned: \(error.reason). Import phoihop broker definitions again.")
        case .blocked:
            return Failure(
                .unavailable, vi: "Máy chủ tin tạm ngừng nhận tin (đầy đĩa hoặc bộ nhớ): \(error.reason)",
                en: "The broker takes no messages at present (disk or memory full): \(error.reason)")
        case .unreachable, .timeout:
            return Failure(
                .unavailable, vi: "Máy chủ tin\(place) không trả lời. Đề nghị kiểm tra đường truyền.", en: "The broker\(place) does not answer. Check the line."
            )
        default:
            return Failure(.unavailable, vi: "Máy chủ tin\(place): \(error.reason)", en: "The broker\(place): \(error.reason)")
        }
    }
}
