/// Reads a queue or stream, in batches, for as long as the connection exists.
///
/// It has one reader at a time. When it is no longer referred to, it is cancelled.
public final class Consumer: AsyncSequence, Sendable {
    /// What a consumer has to tell.
    public enum Event: Sendable {
        /// All that was read in one go, in order; at most the prefetch.
        case deliveries([Delivery])
        /// The broker serves this consumer from now on, in this generation.
        case subscribed(generation: UInt64)
        /// Deliveries have stopped: connection or channel lost, queue deleted. What was delivered and not acknowledged comes again. The consumer
        /// subscribes again by itself; if that cannot succeed, the sequence ends by throwing.
        case interrupted(AMQPError)
    }

    /// Consumers end only by errors of this kind.
    public typealias Failure = AMQPError

    private let subscription: Subscription
    private let mailbox: Mailbox
    /// Kept, because a connection nobody refers to closes.
    private let connection: Connection

    init(_ subscription: Subscription, _ mailbox: Mailbox, _ connection: Connection) {
        self.subscription = subscription
        self.mailbox = mailbox
        self.connection = connection
    }

    deinit { cancel() }

    /// The consumer's name on its connection, as in its deliveries.
    public var consumerTag: String { subscription.tag }

    /// Reads the consumer's events.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let consumer: Consumer

        /// The next event; nil after `cancel()`, after the connection's `close()`, or if the task is cancelled.
        /// - Throws: why the broker will not serve this consumer (no such queue, no permission).
        public func next() async throws(AMQPError) -> Event? { try await consumer.subscription.next().get() }

        /// The same, whatever actor it is called on.
        public func next(isolation actor: isolated (any Actor)?) async throws(AMQPError) -> Event? {
            try await consumer.subscription.next().get()
        }
    }

    /// Begins to read.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(consumer: self) }

    /// The next event, waiting for it at most so long. See `AsyncIterator.next()`.
    /// - Throws: `.timeout` if nothing came; the consumer goes on and may be asked again.
    public func next(timeoutSeconds: Double) async throws(AMQPError) -> Event? { try await subscription.next(timeoutSeconds: timeoutSeconds).get() }

    /// Takes what has come and was not read, without waiting. An answer to `Connection.inspect` comes after all that the broker sent before it, so what was sent
    /// by then is among these.
    public func takeUnread() -> [Event] { subscription.takeUnread() }

    /// Whether more has come that was not read.
    public var hasUnread: Bool { subscription.hasUnread }

    /// Acknowledges everything this consumer was given up to and including `delivery`. Acknowledgements of one pass are sent as one.
    /// Those of an earlier generation are ignored, and so is doing it twice.
    public func acknowledge(through delivery: Delivery) {
        tell(subscription.wish(generation: delivery.generation, tag: delivery.deliveryTag) { $0.through = Swift.max($0.through, delivery.deliveryTag) })
    }

    /// Acknowledges this delivery alone.
    public func acknowledge(_ delivery: Delivery) {
        tell(subscription.wish(generation: delivery.generation, tag: delivery.deliveryTag) { $0.single.append((delivery.deliveryTag, .acknowledge)) })
    }

    /// Refuses this delivery: back to the queue, or to its dead letters. On a stream, where a broker would close the connection, it only
    /// acknowledges.
    public func reject(_ delivery: Delivery, requeue: Bool) {
        tell(
            subscription.wish(generation: delivery.generation, tag: delivery.deliveryTag, isAcknowledgement: false) {
                $0.single.append((delivery.deliveryTag, .reject(requeue: requeue)))
            })
    }

    private func tell(_ notice: Subscription.Notice) {
        switch notice {
        case .none: break
        case .relaxed: mailbox.touch(subscription, urgent: false)
        case .urgent: mailbox.touch(subscription, urgent: true)
        }
    }

    /// Ends the subscription. Deliveries that were not read yet go back to the queue; those that were read may still be acknowledged.
    public func cancel() {
        if subscription.cancel() { mailbox.touch(subscription, urgent: true) }
    }
}
