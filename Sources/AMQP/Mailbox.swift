import CRabbitMQ
import Dispatch
import Foundation
import Synchronization

/// What callers, on any thread, leave for the connection's thread, and what that thread lets them know.
final class Mailbox: Sendable {
    enum Phase { case connecting, connected, closed }

    /// Everything that has arrived since the thread last looked.
    struct Arrivals {
        var subscriptions: [Subscription] = []
        /// Subscriptions with acknowledgements, refusals or a cancellation to pass on.
        var touched: [Subscription] = []
        var requests: [Request] = []
        /// Acknowledgements of messages fetched with `get`: the delivery's generation and tag, and what to do.
        var settlements: [Settlement] = []
        var closing = false
        /// Somebody does not want to wait for the next attempt to connect.
        var isHurried = false
    }

    struct Settlement {
        var generation: UInt64
        var tag: UInt64
        var verdict: Verdict
    }

    enum Verdict { case acknowledge, reject(requeue: Bool) }

    private struct State {
        var phase = Phase.connecting
        var generation: UInt64 = 0
        var lastError: AMQPError?
        var blockedReason: String?
        var closing = false
        var outgoing = Fifo<Outgoing>()
        var arrivals = Arrivals()
        var waiters: [Promise<Void>] = []
        var wakePending = false
        /// When the thread will look into this box at the latest, if that is yet to come. Nanoseconds, monotonic.
        var looksAt: UInt64 = 0
    }

    let endpoint: Endpoint
    let options: Options
    let onEvent: @Sendable (ConnectionEvent) -> Void
    let ended = Promise<Void>()

    private let state = Mutex(State())
    /// An eventfd that `poll` watches beside the socket.
    let wakeDescriptor: Int32
    /// A duplicate of the socket's descriptor, so that the watchdog cannot hit a file that got the same number since; -1 without one.
    private let watched = Mutex<Int32>(-1)
    /// Since when the thread has been in a call that may stand still; 0 if it is not. Nanoseconds, monotonic.
    private let busySince = Atomic<UInt64>(0)

    init(_ endpoint: Endpoint, _ options: Options, _ onEvent: @escaping @Sendable (ConnectionEvent) -> Void) {
        self.endpoint = endpoint
        self.options = options
        self.onEvent = onEvent
        wakeDescriptor = crabbitmq_eventfd()
        precondition(wakeDescriptor >= 0, "no file descriptor is left for a connection")
    }

    deinit { Foundation.close(wakeDescriptor) }

    // MARK: - For callers

    var generation: UInt64 { state.withLock { $0.generation } }

    private func wake(_ needed: Bool) {
        if needed { crabbitmq_eventfd_signal(wakeDescriptor) }
    }

    /// Changes the state, and wakes the thread unless it has been woken and has not looked yet.
    private func post(_ change: (inout State) -> Void) {
        let needed = state.withLock { state -> Bool in
            change(&state)
            defer { state.wakePending = true }
            return !state.wakePending
        }
        wake(needed)
    }

    /// Queues messages for sending. False if the connection is closed.
    func enqueue(_ messages: [Outgoing]) -> Bool {
        var accepted = true
        post { state in
            if state.closing {
                accepted = false
            } else {
                for message in messages { state.outgoing.append(message) }
            }
        }
        return accepted
    }

    func add(_ subscription: Subscription) -> Bool {
        var accepted = true
        post { state in
            if state.closing {
                accepted = false
            } else {
                state.arrivals.subscriptions.append(subscription)
            }
        }
        return accepted
    }

    /// Leaves a subscription's wishes. Unless they are urgent, the thread is not woken if it will look by itself in a moment.
    func touch(_ subscription: Subscription, urgent: Bool) {
        let needed = state.withLock { state -> Bool in
            state.arrivals.touched.append(subscription)
            // The clock is read under the lock: then the thread's own look, at `looksAt` or later, comes after this.
            if state.wakePending || !urgent && monotonicNanoseconds() < state.looksAt { return false }
            state.wakePending = true
            return true
        }
        wake(needed)
    }

    func hurry() { post { $0.arrivals.isHurried = true } }

    func settle(_ settlement: Settlement) { post { $0.arrivals.settlements.append(settlement) } }

    func request(_ request: Request) -> Bool {
        var accepted = true
        post { state in
            if state.closing {
                accepted = false
            } else {
                state.arrivals.requests.append(request)
            }
        }
        return accepted
    }

    /// Returns whether the connection was up, so that there is something to wait for.
    func close() -> Bool {
        var connected = false
        var waiters: [Promise<Void>] = []
        post { state in
            state.closing = true
            state.arrivals.closing = true
            connected = state.phase == .connected
            waiters = state.waiters
            state.waiters = []
        }
        for waiter in waiters { waiter.settle(.failure(Mailbox.closedError)) }
        return connected
    }

    static let closedError = AMQPError(.closed, "the connection was closed by this side")

    /// A promise kept when the connection is up, or when it is known that it will not come up by waiting.
    func whenConnected() -> Promise<Void> {
        let promise = Promise<Void>()
        let result = state.withLock { state -> Result<Void, AMQPError>? in
            if state.closing { return .failure(Mailbox.closedError) }
            if state.phase == .connected { return .success(()) }
            if let error = state.lastError, !error.isRetriable { return .failure(error) }
            state.waiters.append(promise)
            return nil
        }
        if let result { promise.settle(result) }
        return promise
    }

    /// What to tell somebody whose time is up, given what they were waiting for.
    func timeoutError(_ doing: String) -> AMQPError {
        state.withLock { state in
            if let reason = state.blockedReason {
                return AMQPError(.blocked, "the broker takes no messages (\(reason)); gave up \(doing)")
            }
            if state.phase != .connected {
                let why = state.lastError.map { ": \($0.reason)" } ?? ""
                return AMQPError(state.lastError?.code ?? .timeout, "not connected to \(endpoint)\(why); gave up \(doing)", isRetriable: true)
            }
            return AMQPError(.timeout, "no answer from the broker; gave up \(doing)")
        }
    }

    /// Fails the queued messages whose time is up or that nobody waits for, oldest first.
    func expireQueued(at now: UInt64) {
        let expired = state.withLock { state -> [Outgoing] in
            var expired: [Outgoing] = []
            while let first = state.outgoing.first, first.deadline <= now || first.isAbandoned, let message = state.outgoing.popFirst() {
                expired.append(message)
            }
            return expired
        }
        if expired.isEmpty { return }
        let error = timeoutError("sending; the message was not sent")
        for message in expired { message.fail(error) }
    }

    // MARK: - For the connection's thread

    func takeArrivals() -> Arrivals {
        state.withLock { state in
            state.wakePending = false
            var arrivals = Arrivals()
            arrivals.closing = state.closing
            swap(&arrivals, &state.arrivals)
            return arrivals
        }
    }

    /// Moves queued messages, in order, until there are `limit`.
    func takeOutgoing(_ limit: Int, into messages: inout [Outgoing]) {
        guard limit > 0 else { return }
        state.withLock { state in
            while messages.count < limit, let message = state.outgoing.popFirst() { messages.append(message) }
        }
    }

    /// Puts messages back in front, in order.
    func putBack(_ messages: ArraySlice<Outgoing>) {
        if messages.isEmpty { return }
        state.withLock { state in
            for message in messages.reversed() { state.outgoing.prepend(message) }
        }
    }

    var hasQueued: Bool { state.withLock { !$0.outgoing.isEmpty } }

    var isClosing: Bool { state.withLock { $0.closing } }

    /// The channel is open: a new generation begins.
    func connected() -> UInt64 {
        let (generation, waiters) = state.withLock { state -> (UInt64, [Promise<Void>]) in
            state.generation += 1
            state.phase = .connected
            state.lastError = nil
            defer { state.waiters = [] }
            return (state.generation, state.waiters)
        }
        for waiter in waiters { waiter.settle(.success(())) }
        return generation
    }

    func disconnected(_ error: AMQPError) {
        let waiters = state.withLock { state -> [Promise<Void>] in
            state.phase = .connecting
            state.lastError = error
            state.blockedReason = nil
            guard !error.isRetriable else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.settle(.failure(error)) }
    }

    func blocked(_ reason: String?) { state.withLock { $0.blockedReason = reason } }

    /// The thread is about to end. Whatever is left fails.
    func end() {
        let (outgoing, arrivals, waiters) = state.withLock { state -> ([Outgoing], Arrivals, [Promise<Void>]) in
            state.phase = .closed
            state.closing = true
            defer {
                state.arrivals = Arrivals()
                state.waiters = []
            }
            return (state.outgoing.removeAll(), state.arrivals, state.waiters)
        }
        for message in outgoing { message.fail(Mailbox.closedError) }
        for request in arrivals.requests { request.fail(Mailbox.closedError) }
        for subscription in arrivals.subscriptions { subscription.finish(nil) }
        for waiter in waiters { waiter.settle(.failure(Mailbox.closedError)) }
        ended.settle(.success(()))
    }

    // MARK: - The watchdog

    func watch(_ descriptor: Int32) {
        let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        let previous = watched.withLock { watched -> Int32 in
            defer { watched = duplicate }
            return watched
        }
        if previous >= 0 { Foundation.close(previous) }
    }

    func unwatch() {
        let previous = watched.withLock { watched -> Int32 in
            defer { watched = -1 }
            return watched
        }
        if previous >= 0 { Foundation.close(previous) }
    }

    func willLook(at time: UInt64) { state.withLock { $0.looksAt = time } }

    func busy() { busySince.store(monotonicNanoseconds(), ordering: .relaxed) }
    func idle() { busySince.store(0, ordering: .relaxed) }

    /// Looks four times a second whether a write stands still (librabbitmq's writes have no time limit) and whose time is up, even while the
    /// thread is busy connecting. Ends with the connection.
    static func keepWatch(_ mailbox: Mailbox) {
        DispatchQueue.global().asyncAfter(deadline: .now() + 0.25) { [weak mailbox] in
            guard let mailbox, !mailbox.ended.isSettled else { return }
            let now = monotonicNanoseconds()
            mailbox.expireQueued(at: now)
            let since = mailbox.busySince.load(ordering: .relaxed)
            if since != 0, now > since, Double(now - since) / 1e9 > mailbox.options.sendTimeoutSeconds {
                mailbox.watched.withLock { descriptor in
                    if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
                }
            }
            keepWatch(mailbox)
        }
    }
}

/// A question to the broker.
enum Request: Sendable {
    case queue(String, Promise<(messages: UInt32, consumers: UInt32)>)
    case exchange(String, Promise<Void>)
    case get(queue: String, noAck: Bool, Promise<Delivery?>)

    var isSettled: Bool {
        switch self {
        case .queue(_, let promise): promise.isSettled
        case .exchange(_, let promise): promise.isSettled
        case .get(_, _, let promise): promise.isSettled
        }
    }

    var doing: String {
        switch self {
        case .queue(let name, _): "looking for the queue '\(name)'"
        case .exchange(let name, _): "looking for the exchange '\(name)'"
        case .get(let queue, _, _): "fetching from the queue '\(queue)'"
        }
    }

    func fail(_ error: AMQPError) {
        switch self {
        case .queue(_, let promise): promise.settle(.failure(error))
        case .exchange(_, let promise): promise.settle(.failure(error))
        case .get(_, _, let promise): promise.settle(.failure(error))
        }
    }
}
