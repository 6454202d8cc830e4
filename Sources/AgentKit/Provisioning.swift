import AMQP
import Regulation
import Topology

/// Checks that the broker holds what an agent needs. Agents declare nothing: the provisioning account alone does.
public struct Provisioning: Sendable {
    private let connection: Connection
    private let configuration: Configuration

    /// A check over a connection of the party's own.
    public init(_ connection: Connection, _ configuration: Configuration) { (self.connection, self.configuration) = (connection, configuration) }

    /// What is missing at the broker, in a sentence that says what to do; nil if nothing is.
    public func problem() async throws(AMQPError) -> Wording? {
        let party = configuration.party
        for exchange in [Topology.exchange, Topology.presence] where try await !exists(exchange: exchange) {
            return missing("exchange \(exchange)")
        }
        for queue in [Topology.urgentQueue(of: party), Topology.queue(of: party), Topology.presenceQueue(of: party)] {
            do throws(AMQPError) { _ = try await connection.inspect(queue: queue) } catch {
                guard error.code == .notFound, !error.isRetriable else { throw error }
                return missing("queue \(queue)")
            }
        }
        return try await drillProblem()
    }

    /// Whether an accelerated clock is refused here.
    public func drillProblem() async throws(AMQPError) -> Wording? {
        if configuration.clock.isSystem { return nil }
        if try await exists(exchange: Topology.drill) { return nil }
        return Wording(
            vi: "máy chủ tin này không dành cho diễn tập (thiếu exchange \(Topology.drill)); bỏ --clock, hoặc dùng máy chủ diễn tập",
            en: "this broker is not for drills (it has no exchange \(Topology.drill)), so --clock is refused; leave it out, or use a broker for drills")
    }

    private func exists(exchange: String) async throws(AMQPError) -> Bool {
        do throws(AMQPError) {
            try await connection.inspect(exchange: exchange)
            return true
        } catch {
            guard error.code == .notFound, !error.isRetriable else { throw error }
            return false
        }
    }

    private func missing(_ what: String) -> Wording {
        Wording(
            vi: "máy chủ tin \(configuration.endpoint) chưa được cấu hình: thiếu \(what). Chạy deploy/up hoặc nạp definitions",
            en: "the broker \(configuration.endpoint) is not provisioned, \(what) is missing; run deploy/up or import the definitions")
    }
}
