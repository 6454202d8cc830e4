import Foundation
import Synchronization

/// News of a connection.
public enum ConnectionEvent: Sendable {
    /// Connected, or its channel opened again after the broker had closed it.
    case connected(generation: UInt64)
    /// Connecting failed, or the connection or its channel was lost.
    case disconnected(AMQPError)
    /// Another attempt follows after this time.
    case retrying(afterSeconds: Double)
    /// The broker takes no messages for now.
    case blocked(reason: String)
    /// The broker takes messages again.
    case unblocked
}

/// A connection to a broker that comes back by itself.
///
/// It has one thread and one channel. Everything callers ask for is queued and done by that thread.
public final class Connection: Sendable {
    private let mailbox: Mailbox
    private let consumers = Atomic(0)

    /// Starts the connection's thread at once; it connects, and reconnects for ever, with growing and random waits, until `close()`.
    ///
    /// `onEvent` is called on that thread and must not wait for anything.
    public init(_ endpoint: Endpoint, options: Options = .init(), onEvent: @escaping @Sendable (ConnectionEvent) -> Void = { _ in }) {
        let mailbox = Mailbox(endpoint, options, onEvent)
        self.mailbox = mailbox
        let thread = Thread { Loop(mailbox).run() }
        thread.name = "amqp \(options.connectionName)"
        // librabbitmq decodes nested headers recursively: the deepest that fit a frame need 4 MB.
        thread.stackSize = 16 << 20
        thread.start()
        Mailbox.keepWatch(mailbox)
    }

    deinit { _ = mailbox.close() }

    /// Counts how often the connection has been established and its channel opened.
    public var generation: UInt64 { mailbox.generation }

    /// How long `publish`, `inspect` and `get` wait for the broker.
    public var requestTimeoutSeconds: Double { mailbox.options.requestTimeoutSeconds }

    /// Waits until connected.
    /// - Throws: the first error that waiting does not cure (wrong password, bad certificate, unknown virtual host), or the last error if
    ///   `timeoutSeconds` pass. Attempts go on in either case.
    public func waitUntilConnected(timeoutSeconds: Double) async throws(AMQPError) {
        let mailbox = mailbox
        try await mailbox.whenConnected().value(timeoutSeconds: timeoutSeconds) { .failure(mailbox.timeoutError("waiting for the connection")) }
    }

    /// Tries to connect at once where the next attempt is only due later. Changes nothing while connected, or while an attempt is under way.
    public func hurry() { mailbox.hurry() }

    /// Publishes and returns when the broker has confirmed.
    ///
    /// Any number may be under way at once; calls made one after another reach the wire in that order. If the broker refuses one of several
    /// messages under way, it closes the channel without telling which; the unconfirmed ones are then sent again one at a time, so that
    /// only the refused one fails. So a message may arrive twice, with the same `messageID`.
    /// - Parameter generation: if given, the message is sent in this generation only, else fails with `.connectionLost`. It is never
    ///   sent again.
    /// - Throws: `.returned`, `.nacked`, the broker's refusal (403, 404, 406), `.connectionLost` if the connection was lost before the
    ///   confirmation, `.timeout` or `.blocked` after `requestTimeoutSeconds`, `.cancelled`, `.invalid`. After `.connectionLost`,
    ///   `.timeout`, `.blocked` and `.cancelled` the message may or may not have arrived, unless the reason says it was not sent.
    public func publish(_ publishing: Publishing, generation: UInt64? = nil) async throws(AMQPError) {
        try await publish([publishing], generation: generation)[0].get()
    }

    /// Publishes many at once; the results are in the order of the messages. See `publish(_:generation:)`.
    public func publish(_ publishings: [Publishing], generation: UInt64? = nil) async -> [Result<Void, AMQPError>] {
        await submit(publishings, generation: generation).results
    }

    /// Puts many on their way before it returns, so that whoever submits one after another knows the order on the wire; their confirmations are waited for
    /// apart. See `publish(_:generation:)`.
    public func submit(_ publishings: [Publishing], generation: UInt64? = nil) -> Submission {
        let batch = Batch(count: publishings.count)
        let frameMax = max(4096, mailbox.options.frameMax)
        let deadline = monotonicNanoseconds() + UInt64(max(0, mailbox.options.requestTimeoutSeconds) * 1e9)
        var messages: [Outgoing] = []
        messages.reserveCapacity(publishings.count)
        for (index, publishing) in publishings.enumerated() {
            if let defect = publishing.defect(frameMax: frameMax) {
                batch.settle(index, .failure(defect))
            } else {
                messages.append(Outgoing(publishing, generation: generation, deadline: deadline, batch: batch, index: index))
            }
        }
        if !mailbox.enqueue(messages) {
            for message in messages { message.fail(Mailbox.closedError) }
        }
        return Submission(batch: batch, isEmpty: publishings.isEmpty)
    }

    /// Messages on their way.
    public struct Submission: Sendable {
        fileprivate let batch: Batch
        fileprivate let isEmpty: Bool

        /// What became of each, in the order of the messages, once that is known of all.
        public var results: [Result<Void, AMQPError>] {
            get async {
                if isEmpty { return [] }
                return await withTaskCancellationHandler {
                    await batch.wait()
                } onCancel: {
                    batch.cancel()
                }
            }
        }
    }

    /// Starts a consumer, which is restored after every reconnection.
    /// - Parameters:
    ///   - queue: a queue or stream; `amq.rabbitmq.reply-to` with `noAck` for direct answers on this connection.
    ///   - prefetch: how many deliveries may be unacknowledged. 0 is no limit, and refused by streams.
    ///   - noAck: the broker counts deliveries as done when sent. Nothing then bounds how many wait to be read.
    ///   - exclusive: no other consumer may read the queue.
    ///   - arguments: asked anew at every subscription, so that a stream goes on at the right offset (`x-stream-offset`: a number inclusive,
    ///     "first", "last", "next", or a time). At that time, events may still wait to be read.
    /// - Throws: `.closed`, `.invalid`.
    public func consume(
        queue: String, prefetch: UInt16, noAck: Bool = false, exclusive: Bool = false,
        arguments: @escaping @Sendable () -> FieldTable = { [:] }
    ) throws(AMQPError) -> Consumer {
        if queue.utf8.count > 255 { throw AMQPError(.invalid, "the queue's name is longer than 255 bytes") }
        let number = consumers.add(1, ordering: .relaxed).newValue
        let subscription = Subscription(
            queue: queue, tag: "consumer-\(number)", prefetch: prefetch, noAck: noAck, exclusive: exclusive, arguments: arguments)
        guard mailbox.add(subscription) else { throw Mailbox.closedError }
        return Consumer(subscription, mailbox, self)
    }

    /// How many messages wait in a queue, and how many consumers it has.
    /// - Throws: `.notFound`, `.accessRefused`, `.resourceLocked`, or that there was no answer. A refusal closes the channel, so that consumers
    ///   are interrupted for a moment.
    public func inspect(queue: String) async throws(AMQPError) -> (messages: UInt32, consumers: UInt32) {
        let promise = Promise<(messages: UInt32, consumers: UInt32)>()
        return try await ask(.queue(queue, promise), queue, promise)
    }

    /// Returns if the exchange exists. See `inspect(queue:)`.
    public func inspect(exchange: String) async throws(AMQPError) {
        let promise = Promise<Void>()
        try await ask(.exchange(exchange, promise), exchange, promise)
    }

    /// Fetches one message from a queue, nil if it is empty.
    /// - Parameter noAck: if false, it stays unacknowledged until `acknowledge(_:)` or `reject(_:requeue:)`, or returns to the queue when the
    ///   connection ends.
    public func get(queue: String, noAck: Bool = true) async throws(AMQPError) -> Delivery? {
        let promise = Promise<Delivery?>()
        return try await ask(.get(queue: queue, noAck: noAck, promise), queue, promise)
    }

    /// Acknowledges a message fetched with `get`.
    public func acknowledge(_ delivery: Delivery) {
        mailbox.settle(Mailbox.Settlement(generation: delivery.generation, tag: delivery.deliveryTag, verdict: .acknowledge))
    }

    /// Refuses a message fetched with `get`: back to the queue, or to its dead letters.
    public func reject(_ delivery: Delivery, requeue: Bool) {
        mailbox.settle(Mailbox.Settlement(generation: delivery.generation, tag: delivery.deliveryTag, verdict: .reject(requeue: requeue)))
    }

    private func ask<Value>(_ request: Request, _ name: String, _ promise: Promise<Value>) async throws(AMQPError) -> Value {
        if name.utf8.count > 255 { throw AMQPError(.invalid, "the name is longer than 255 bytes") }
        if !mailbox.request(request) { request.fail(Mailbox.closedError) }
        let mailbox = mailbox
        return try await promise.value(timeoutSeconds: mailbox.options.requestTimeoutSeconds) {
            .failure(mailbox.timeoutError(request.doing))
        }
    }

    /// Takes no more messages, waits for the confirmations of those under way (at most `sendTimeoutSeconds`), closes, and ends the thread.
    public func close() async {
        // A thread that is still connecting may take its time; it ends by itself.
        let patience = mailbox.close() ? mailbox.options.sendTimeoutSeconds + 3 : 0.5
        _ = try? await mailbox.ended.value(timeoutSeconds: patience) { .success(()) }
    }
}
