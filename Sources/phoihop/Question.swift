import AMQP
import AgentKit
import Foundation
import OperatorCommands
import Topology
import Values

/// A question to the coordinator and its answer.
struct Question {
    /// What the coordinator answered, and when, in real time, this side asked and heard it.
    struct Answer {
        var json: JSON
        var asked: Instant
        var answered: Instant
    }

    let link: Link
    /// The account that asks, by which the coordinator is fair between those who do.
    let account: String

    /// A question over a connection that stands.
    init(_ link: Link, _ configuration: Configuration) {
        self.link = link
        account = if case .plain(let user, _) = configuration.endpoint.credentials { user } else { configuration.party }
    }

    /// How often to ask again where the coordinator says that this party asks too much at once.
    private static let mostAttempts = 5

    /// Asks, and waits for the answer.
    /// - Throws: that no coordinator answers, or why it does not answer this.
    func ask(_ question: JSON) async throws(Failure) -> Answer {
        for _ in 1..<Question.mostAttempts {
            let answer = try await askOnce(question)
            guard answer.json["error"] != nil, let seconds = answer.json["retryAfterSeconds"]?.int else { return try told(answer) }
            try? await Task.sleep(for: .seconds(min(5, max(1, seconds))))
        }
        return try told(try await askOnce(question))
    }

    private func told(_ answer: Answer) throws(Failure) -> Answer {
        guard let reason = answer.json["error"]?.string.map(shown) else { return answer }
        throw Failure(.unavailable, vi: "Hệ thống điều phối không trả lời câu hỏi này: \(reason)", en: "The coordinator does not answer this: \(reason)")
    }

    private func askOnce(_ question: JSON) async throws(Failure) -> Answer {
        let connection = link.connection
        let correlation = UUID().uuidString.lowercased()
        let asked = Clock.realNow
        let delivery: Delivery?
        do throws(AMQPError) {
            let replies = try connection.consume(queue: "amq.rabbitmq.reply-to", prefetch: 0, noAck: true)
            let patience = Task {
                try? await Task.sleep(for: .seconds(Link.patienceSeconds))
                replies.cancel()
            }
            defer { patience.cancel() }
            delivery = try await self.answer(from: replies) { () async throws(AMQPError) in
                try await connection.publish(
                    Publishing(
                        exchange: Topology.questions, routingKey: Topology.questionsQueue, body: question.bytes, contentType: "application/json",
                        userID: account, correlationID: correlation, replyTo: "amq.rabbitmq.reply-to", persistent: false, mandatory: false))
            } matching: {
                $0.correlationID == correlation
            }
            replies.cancel()
        } catch {
            throw Link.failure(error)
        }
        guard let delivery else {
            throw .noCoordinator
        }
        guard let json = try? JSON(parsing: delivery.body) else {
            throw Failure(.unavailable, vi: "Hệ thống điều phối trả lời không đọc được.", en: "The coordinator's answer cannot be read.")
        }
        return Answer(json: json, asked: asked, answered: Clock.realNow)
    }

    /// Asks once the way for the answer is open. Nil where the waiting was ended.
    private func answer(
        from replies: Consumer, asking ask: () async throws(AMQPError) -> Void, matching isAnswer: (Delivery) -> Bool
    ) async throws(AMQPError) -> Delivery? {
        let events = replies.makeAsyncIterator()
        while let event = try await events.next() {
            switch event {
            case .subscribed: try await ask()
            case .deliveries(let deliveries):
                if let found = deliveries.first(where: isAnswer) { return found }
            case .interrupted(let error): throw error
            }
        }
        return nil
    }
}

extension Failure {
    /// Nobody answered.
    static let noCoordinator = Failure(
        .unavailable,
        vi: "Không có hệ thống điều phối nào trả lời sau \(Int(Link.patienceSeconds)) giây: hiện KHÔNG CÓ AI theo dõi hạn. "
            + "Đề nghị báo người quản trị khởi động phoihop-coordinator.",
        en: "No coordinator answers within \(Int(Link.patienceSeconds)) s: at present NOBODY watches the deadlines. Have phoihop-coordinator started.")
}
