import Dispatch
import Synchronization

/// A consumer as both sides see it: the thread puts events in, the reader takes them out and leaves acknowledgements.
final class Subscription: Sendable {
    /// What the reader asks for.
    struct Wishes {
        var generation: UInt64 = 0
        /// All up to this tag; 0 for none.
        var through: UInt64 = 0
        var single: [(tag: UInt64, verdict: Mailbox.Verdict)] = []
        var cancel = false
    }

    private enum Ending { case no, quiet, failure(AMQPError) }

    private struct State {
        var events = Fifo<Consumer.Event>()
        var reader: CheckedContinuation<Result<Consumer.Event?, AMQPError>, Never>?
        /// How often the reader has waited, so that a time limit ends its own wait and no later one.
        var waits = 0
        var ending = Ending.no
        var wishes = Wishes()
        var isTouched = false
        /// The tag from which on an acknowledgement shall wake the thread.
        var urgentFrom: UInt64 = 0
    }

    let queue: String
    let tag: String
    let prefetch: UInt16
    let noAck: Bool
    let exclusive: Bool
    let arguments: @Sendable () -> FieldTable
    private let state = Mutex(State())

    /// How many deliveries are handed out at once at most: half of the prefetch, so that the broker goes on delivering while that half is read, and no more than
    /// a processor's cache holds between the thread that receives them and the one that reads them.
    var batchLimit: Int { noAck || prefetch == 0 ? Subscription.longestBatch : max(1, min(Subscription.longestBatch, Int(prefetch) / 2)) }
    private static let longestBatch = 125

    init(
        queue: String, tag: String, prefetch: UInt16, noAck: Bool, exclusive: Bool, arguments: @escaping @Sendable () -> FieldTable
    ) {
        self.queue = queue
        self.tag = tag
        self.prefetch = prefetch
        self.noAck = noAck
        self.exclusive = exclusive
        self.arguments = arguments
    }

    // MARK: - For the reader

    /// The next event; after `timeoutSeconds`, an error.
    func next(timeoutSeconds: Double) async -> Result<Consumer.Event?, AMQPError> {
        let wait = state.withLock { $0.waits + 1 }
        let timer = DispatchWorkItem { [weak self] in self?.expire(wait: wait, afterSeconds: timeoutSeconds) }
        DispatchQueue.global().asyncAfter(deadline: .now() + timeoutSeconds, execute: timer)
        defer { timer.cancel() }
        return await next()
    }

    func next() async -> Result<Consumer.Event?, AMQPError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result = state.withLock { state -> Result<Consumer.Event?, AMQPError>? in
                    if let event = state.events.popFirst() { return .success(event) }
                    switch state.ending {
                    case .quiet: return .success(nil)
                    case .failure(let error):
                        state.ending = .quiet
                        return .failure(error)
                    case .no: break
                    }
                    // Cancellation may have come before there was a reader to release.
                    if Task.isCancelled { return .success(nil) }
                    precondition(state.reader == nil, "a consumer has one reader at a time")
                    state.reader = continuation
                    state.waits += 1
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let reader = state.withLock { $0.reader.take() }
            reader?.resume(returning: .success(nil))
        }
    }

    private func expire(wait: Int, afterSeconds seconds: Double) {
        let reader = state.withLock { state in state.waits == wait ? state.reader.take() : nil }
        reader?.resume(returning: .failure(AMQPError(.timeout, "nothing came from '\(queue)' in \(seconds) s")))
    }

    var hasUnread: Bool { state.withLock { $0.events.count > 0 } }

    /// What has come and was not read.
    func takeUnread() -> [Consumer.Event] { state.withLock { $0.events.removeAll() } }

    /// What the thread must be told after a wish.
    enum Notice { case none, relaxed, urgent }

    /// Leaves a wish. A plain acknowledgement is urgent only when the broker is about to wait for it.
    func wish(generation: UInt64, tag: UInt64, isAcknowledgement: Bool = true, _ change: (inout Wishes) -> Void) -> Notice {
        state.withLock { state in
            guard generation >= state.wishes.generation else { return .none }
            if generation > state.wishes.generation {
                state.wishes = Wishes(generation: generation, cancel: state.wishes.cancel)
                state.urgentFrom = 0
            }
            change(&state.wishes)
            let isUrgent = !isAcknowledgement || tag >= state.urgentFrom
            if isUrgent { state.urgentFrom = tag + UInt64(prefetch / 4) }
            defer { state.isTouched = true }
            return isUrgent ? .urgent : state.isTouched ? .none : .relaxed
        }
    }

    /// Ends the reading at once, and asks to end the subscription. True if the thread must be told.
    func cancel() -> Bool {
        let unread = finish(nil)
        if !noAck {
            for delivery in unread {
                _ = wish(generation: delivery.generation, tag: delivery.deliveryTag, isAcknowledgement: false) {
                    $0.single.append((delivery.deliveryTag, .reject(requeue: true)))
                }
            }
        }
        return state.withLock { state in
            let first = !state.wishes.cancel
            state.wishes.cancel = true
            state.isTouched = true
            return first
        }
    }

    var isCancelled: Bool { state.withLock { $0.wishes.cancel } }

    // MARK: - For the thread

    func takeWishes() -> Wishes {
        state.withLock { state in
            state.isTouched = false
            let wishes = state.wishes
            state.wishes = Wishes(generation: wishes.generation, cancel: wishes.cancel)
            return wishes
        }
    }

    /// False if nobody will ever read it.
    func deliver(_ batch: [Delivery]) -> Bool {
        let (accepted, reader) = state.withLock { state -> (Bool, CheckedContinuation<Result<Consumer.Event?, AMQPError>, Never>?) in
            guard case .no = state.ending else { return (false, nil) }
            if let reader = state.reader.take() { return (true, reader) }
            if state.events.count > 0, case .deliveries(var earlier) = state.events[state.events.count - 1], earlier.count + batch.count <= batchLimit {
                // Taken out first so that appending does not copy.
                state.events[state.events.count - 1] = .deliveries([])
                earlier.append(contentsOf: batch)
                state.events[state.events.count - 1] = .deliveries(earlier)
            } else {
                state.events.append(.deliveries(batch))
            }
            return (true, nil)
        }
        reader?.resume(returning: .success(.deliveries(batch)))
        return accepted
    }

    func announce(_ event: Consumer.Event) {
        let reader = state.withLock { state -> CheckedContinuation<Result<Consumer.Event?, AMQPError>, Never>? in
            if let reader = state.reader.take() { return reader }
            state.events.append(event)
            return nil
        }
        reader?.resume(returning: .success(event))
    }

    /// Deliveries have stopped. What was not handed out is dropped, since it will come again, and returned; unless the broker counts it as done.
    @discardableResult
    func interrupt(_ error: AMQPError) -> [Delivery] {
        let (reader, dropped) = state.withLock { state -> (CheckedContinuation<Result<Consumer.Event?, AMQPError>, Never>?, [Delivery]) in
            guard case .no = state.ending else { return (nil, []) }
            if let reader = state.reader.take() { return (reader, []) }
            var dropped: [Delivery] = []
            // Earlier news goes too: a reader that does not read must not be able to pile up those of a flapping line.
            for event in state.events.removeAll() {
                guard case .deliveries(let batch) = event else { continue }
                if noAck { state.events.append(event) } else { dropped += batch }
            }
            state.events.append(.interrupted(error))
            return (nil, dropped)
        }
        reader?.resume(returning: .success(.interrupted(error)))
        return dropped
    }

    /// Ends the sequence, by throwing if there is an error. Returns the deliveries that were never handed out.
    @discardableResult
    func finish(_ error: AMQPError?) -> [Delivery] {
        let (reader, unread) = state.withLock { state -> (CheckedContinuation<Result<Consumer.Event?, AMQPError>, Never>?, [Delivery]) in
            guard case .no = state.ending else { return (nil, []) }
            var unread: [Delivery] = []
            if error == nil {
                for event in state.events.removeAll() {
                    if case .deliveries(let batch) = event { unread += batch }
                }
            }
            let reader = state.reader.take()
            state.ending = error == nil || reader != nil ? .quiet : error.map { .failure($0) } ?? .quiet
            return (reader, unread)
        }
        reader?.resume(returning: error.map { .failure($0) } ?? .success(nil))
        return unread
    }
}
