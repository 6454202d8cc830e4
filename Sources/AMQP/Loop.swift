import CRabbitMQ
import Foundation

/// The connection's thread: connects, then goes round between sending what callers want and reading what the broker says.
///
/// It never waits for an answer. What it has asked is noted in `expected` until the answer comes. All of it, C included, is used by this one
/// thread.
final class Loop {
    /// A consumer as the broker knows it.
    private final class Live {
        enum Phase {
            /// Not subscribed; to be done at this time (nanoseconds, monotonic).
            case waiting(until: UInt64)
            /// `basic.consume` was sent.
            case asked
            case active
            /// `basic.cancel` was sent. Deliveries still come, and go back.
            case cancelling
            /// The broker has forgotten it; its reader may still acknowledge.
            case cancelled
        }

        let subscription: Subscription
        var phase = Phase.waiting(until: 0)
        var unacknowledged = Unacknowledged()
        /// Read in this pass and not handed out.
        var batch: [Delivery] = []
        var isStream = false
        var refusals = 0

        init(_ subscription: Subscription) { self.subscription = subscription }

        func isDue(at now: UInt64) -> Bool { if case .waiting(let time) = phase { time <= now } else { false } }

        var isSubscribed: Bool {
            switch phase {
            case .asked, .active: true
            case .waiting, .cancelling, .cancelled: false
            }
        }
    }

    /// A method whose answer is to come.
    private enum Expected {
        case channelOpen, confirmSelect, qos
        /// A required queue.
        case required(String)
        case consume(Live), cancel(Live)
        case request(Request)

        var method: amqp_method_number_t {
            switch self {
            case .channelOpen: MethodID.channelOpen
            case .confirmSelect: MethodID.confirmSelect
            case .qos: MethodID.basicQos
            case .consume: MethodID.basicConsume
            case .cancel: MethodID.basicCancel
            case .request(.queue), .required: MethodID.queueDeclare
            case .request(.exchange): MethodID.exchangeDeclare
            case .request(.get): MethodID.basicGet
            }
        }

        /// Answers have the number after their question's; one question has a second possible answer.
        func isAnswered(by answer: amqp_method_number_t) -> Bool {
            answer == method + 1 || method == MethodID.basicGet && answer == MethodID.basicGetEmpty
        }
    }

    /// Whom the content that is being read is for.
    private enum Target {
        case nobody
        case consumer(Live)
        case fetched(Promise<Delivery?>, noAck: Bool)
        case returned(AMQPError)
    }

    private static let framesPerPass = 2048
    private static let framesPerRelease = 128
    /// How long a required queue that is absent is left alone, in seconds: at first, and at most.
    private static let absence = (first: 0.05, longest: 1.0)
    /// How long after handing out deliveries the thread looks for acknowledgements without being woken, in nanoseconds.
    private static let acknowledgementGrace: UInt64 = 5_000_000

    private let mailbox: Mailbox
    private let options: Options
    private let confirmWindow: Int

    private var lives: [Live] = []
    private var touched: [Subscription] = []
    private var requests: [Request] = []
    private var settlements: [Mailbox.Settlement] = []
    private var isClosing = false
    private var closingDeadline = UInt64.max

    private var generation: UInt64 = 0
    private var isOpen = false
    /// How often in a row a required queue was absent, and when the channel is to be opened again. Nanoseconds, monotonic.
    private var absences = 0
    private var reopensAt: UInt64?
    private var isBlocked = false
    private var expected: [Expected] = []
    private var window = ConfirmWindow()
    private var fetched = Unacknowledged()
    /// Deliveries nobody will read, to go back to their queue.
    private var unwanted: [(live: Live, tag: UInt64)] = []
    /// Until when callers need not wake this thread for acknowledgements.
    private var graceUntil: UInt64 = 0
    private var lastLook: UInt64 = 0
    private var outcomes: [ConfirmWindow.Outcome] = []
    private var messages: [Outgoing] = []

    /// Sent before on a channel that was closed, and to be sent again before any others.
    private var retries = Fifo<Outgoing>()
    /// Whether one of `retries` was refused, so that they go one at a time.
    private var isIsolating = false

    private var target = Target.nobody
    private var current = Delivery()
    private var remaining = 0
    private var expectsHeader = false

    private var exchanges = Repeated()
    private var routingKeys = Repeated()
    private var contentTypes = Repeated()
    private var users = Repeated()

    init(_ mailbox: Mailbox) {
        self.mailbox = mailbox
        options = mailbox.options
        confirmWindow = max(1, options.confirmWindow)
    }

    func run() {
        var attempts = 0
        while !isClosing {
            let before = generation
            let started = monotonicNanoseconds()
            do throws(AMQPError) {
                let session = try Session(mailbox.endpoint, options)
                mailbox.watch(session.descriptor)
                defer {
                    mailbox.idle()
                    mailbox.unwatch()
                }
                try serve(session)
            } catch {
                connectionLost(error)
                // A broker that accepts and at once hangs up deserves growing waits as well.
                let wasStable = generation > before && monotonicNanoseconds() - started > UInt64(options.reconnectMaximumSeconds * 1e9)
                attempts = wasStable ? 0 : attempts + 1
                absorb(mailbox.takeArrivals())
                if !isClosing { pause(attempts) }
            }
        }
        end()
    }

    private func pause(_ attempts: Int) {
        let seconds = backoff(attempts)
        mailbox.onEvent(.retrying(afterSeconds: seconds))
        let until = monotonicNanoseconds() + UInt64(seconds * 1e9)
        while !isClosing {
            let now = monotonicNanoseconds()
            if now >= until { return }
            var entry = pollfd(fd: mailbox.wakeDescriptor, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, Int32(clamping: (until - now) / 1_000_000 + 1)) == 1 {
                crabbitmq_eventfd_clear(mailbox.wakeDescriptor)
                let arrivals = mailbox.takeArrivals()
                absorb(arrivals)
                if arrivals.isHurried { return }
            }
        }
    }

    private func backoff(_ attempts: Int) -> Double {
        let longest = min(options.reconnectMaximumSeconds, options.reconnectInitialSeconds * Double(1 << min(max(attempts - 1, 0), 20)))
        return longest * Double.random(in: 0.5...1)
    }

    private func absorb(_ arrivals: Mailbox.Arrivals) {
        for subscription in arrivals.subscriptions { lives.append(Live(subscription)) }
        touched += arrivals.touched
        requests += arrivals.requests
        settlements += arrivals.settlements
        if arrivals.closing, !isClosing {
            isClosing = true
            closingDeadline = monotonicNanoseconds() + UInt64(options.sendTimeoutSeconds * 1e9)
        }
    }

    // MARK: - One connection

    /// Returns when this side has closed the connection.
    private func serve(_ session: Session) throws(AMQPError) {
        try openChannel(session)
        while true {
            mailbox.busy()
            lastLook = monotonicNanoseconds()
            absorb(mailbox.takeArrivals())
            if let time = reopensAt, time <= lastLook { try openChannel(session) }
            let isWritable = !isOpen || session.canWrite()
            if isOpen, isWritable {
                do throws(AMQPError) {
                    try sendWishes(session)
                    try sendMessages(session)
                } catch {
                    // What has been read by now still counts, and may say why the broker hung up.
                    _ = try receive(session)
                    throw error
                }
            }
            let isEmpty = try receive(session)
            mailbox.idle()
            expire()
            handOut()
            if isClosing, isFlushed || monotonicNanoseconds() >= closingDeadline {
                mailbox.busy()
                session.closeCleanly()
                return
            }
            if isEmpty { wait(session, forWriting: !isWritable) }
        }
    }

    private var isFlushed: Bool {
        window.isEmpty && retries.isEmpty && touched.isEmpty && settlements.isEmpty && unwanted.isEmpty && !mailbox.hasQueued
    }

    private func wait(_ session: Session, forWriting: Bool) {
        // Once a second at least, for the heartbeats.
        var milliseconds: UInt64 = 1000
        let now = monotonicNanoseconds()
        func until(_ time: UInt64) { milliseconds = min(milliseconds, time > now ? (time - now) / 1_000_000 + 1 : 0) }
        if let deadline = window.deadline { until(deadline) }
        if let deadline = retries.first?.deadline { until(deadline) }
        if isClosing { until(closingDeadline) }
        if graceUntil > lastLook { until(graceUntil) }
        if let reopensAt { until(reopensAt) }
        if isOpen {
            if !isSubscribing { for live in lives { if case .waiting(let time) = live.phase { until(time) } } }
            // Left over from this pass, for want of room in the socket or because the window has just opened.
            if !forWriting, !unwanted.isEmpty || canSend { milliseconds = 0 }
        }
        var entries = [
            pollfd(fd: session.descriptor, events: Int16(forWriting ? POLLIN | POLLOUT : POLLIN), revents: 0),
            pollfd(fd: mailbox.wakeDescriptor, events: Int16(POLLIN), revents: 0),
        ]
        if poll(&entries, 2, Int32(milliseconds)) > 0, entries[1].revents != 0 { crabbitmq_eventfd_clear(mailbox.wakeDescriptor) }
    }

    private var canSend: Bool {
        guard !isBlocked, !isHeldBack else { return false }
        if isIsolating { return window.isEmpty }
        return window.count < confirmWindow && (!retries.isEmpty || mailbox.hasQueued)
    }

    /// Consumers come before messages, after every reconnection too: a message may ask for an answer to one of them.
    private var isHeldBack: Bool {
        let now = monotonicNanoseconds()
        return lives.contains { $0.isDue(at: now) }
    }

    private func openChannel(_ session: Session) throws(AMQPError) {
        isOpen = false
        reopensAt = nil
        target = .nobody
        expectsHeader = false
        remaining = 0
        fetched = Unacknowledged()
        unwanted = []
        expected = []
        try session.send(MethodID.channelOpen, amqp_channel_open_t(out_of_band: amqp_empty_bytes))
        expected.append(.channelOpen)
        try session.send(MethodID.confirmSelect, amqp_confirm_select_t(nowait: 0))
        expected.append(.confirmSelect)
        for name in options.requiredQueues {
            try session.inspect(queue: name)
            expected.append(.required(name))
        }
    }

    /// The channel serves its users once everything that was asked at its opening is answered.
    private func opened() {
        isOpen = true
        absences = 0
        generation = mailbox.connected()
        mailbox.onEvent(.connected(generation: generation))
    }

    /// A required queue is absent, so that the broker has closed the channel. It is opened again a little later.
    private func requiredQueueMissed(_ error: AMQPError) {
        isOpen = false
        absences += 1
        let longest = min(Loop.absence.longest, Loop.absence.first * Double(1 << min(absences - 1, 20)))
        reopensAt = monotonicNanoseconds() + UInt64(longest * Double.random(in: 0.5...1) * 1e9)
        mailbox.disconnected(error)
        // Told once, not at every look.
        if absences == 1 { mailbox.onEvent(.disconnected(error)) }
    }

    // MARK: - Sending

    private func sendWishes(_ session: Session) throws(AMQPError) {
        for subscription in touched {
            if let live = lives.first(where: { $0.subscription === subscription }) { try grantWishes(of: live, session) }
        }
        touched.removeAll(keepingCapacity: true)

        for (live, tag) in unwanted where live.unacknowledged.settle(tag) { try settle(tag, .reject(requeue: true), live, session) }
        unwanted.removeAll(keepingCapacity: true)

        for settlement in settlements where settlement.generation == generation && fetched.settle(settlement.tag) {
            try settle(settlement.tag, settlement.verdict, nil, session)
        }
        settlements.removeAll(keepingCapacity: true)

        lives.removeAll { live in
            switch live.phase {
            case .waiting: live.subscription.isCancelled
            case .cancelled: live.unacknowledged.isEmpty
            case .asked, .active, .cancelling: false
            }
        }
        let now = monotonicNanoseconds()
        if !isSubscribing, let live = lives.first(where: { $0.isDue(at: now) }) { try subscribe(live, session) }

        for request in requests where !request.isSettled {
            switch request {
            case .queue(let name, _): try session.inspect(queue: name)
            case .exchange(let name, _): try session.inspect(exchange: name)
            case .get(let queue, let noAck, _): try session.get(queue: queue, noAck: noAck)
            }
            expected.append(.request(request))
        }
        requests.removeAll(keepingCapacity: true)
    }

    /// Consumers are subscribed one at a time: if the broker refuses one, it closes the channel without naming it.
    private var isSubscribing: Bool { expected.contains { if case .consume = $0 { true } else { false } } }

    private func grantWishes(of live: Live, _ session: Session) throws(AMQPError) {
        let wishes = live.subscription.takeWishes()
        if wishes.generation == generation {
            var acknowledged: [UInt64] = []
            for (tag, verdict) in wishes.single {
                switch verdict {
                case .acknowledge: acknowledged.append(tag)
                case .reject:
                    if live.isStream, wishes.cancel { continue }
                    if live.unacknowledged.settle(tag) { try settle(tag, verdict, live, session) }
                }
            }
            if !acknowledged.isEmpty || wishes.through > 0 {
                var earliest = fetched.earliest
                for other in lives where other !== live {
                    if let tag = other.unacknowledged.earliest { earliest = min(earliest ?? tag, tag) }
                }
                let single = live.unacknowledged.acknowledge(acknowledged, othersEarliest: earliest)
                let through = wishes.through > 0 ? live.unacknowledged.acknowledge(through: wishes.through, othersEarliest: earliest) : []
                for acknowledgement in single + through {
                    let method = amqp_basic_ack_t(delivery_tag: acknowledgement.tag, multiple: acknowledgement.multiple ? 1 : 0)
                    try session.send(MethodID.basicAck, method)
                }
            }
        }
        if wishes.cancel, live.isSubscribed {
            live.phase = .cancelling
            try session.cancel(tag: live.subscription.tag)
            expected.append(.cancel(live))
        }
    }

    private func settle(_ tag: UInt64, _ verdict: Mailbox.Verdict, _ live: Live?, _ session: Session) throws(AMQPError) {
        // Nothing goes back to a stream; the broker would close the connection.
        if case .reject(let requeue) = verdict, live?.isStream != true {
            try session.send(MethodID.basicReject, amqp_basic_reject_t(delivery_tag: tag, requeue: requeue ? 1 : 0))
        } else {
            try session.send(MethodID.basicAck, amqp_basic_ack_t(delivery_tag: tag, multiple: 0))
        }
    }

    private func subscribe(_ live: Live, _ session: Session) throws(AMQPError) {
        let subscription = live.subscription
        let arguments = subscription.arguments()
        live.isStream = arguments["x-stream-offset"] != nil
        if !subscription.noAck {
            try session.send(MethodID.basicQos, amqp_basic_qos_t(prefetch_size: 0, prefetch_count: subscription.prefetch, global: 0))
            expected.append(.qos)
        }
        live.phase = .asked
        expected.append(.consume(live))
        try session.consume(
            queue: subscription.queue, tag: subscription.tag, noAck: subscription.noAck, exclusive: subscription.exclusive,
            arguments: arguments)
    }

    private func sendMessages(_ session: Session) throws(AMQPError) {
        guard !isBlocked, !isHeldBack else { return }
        if isIsolating {
            guard window.isEmpty else { return }
            isIsolating = !retries.isEmpty
        }
        let limit = isIsolating ? 1 : confirmWindow - window.count
        while messages.count < limit, let message = retries.popFirst() { messages.append(message) }
        if !isIsolating { mailbox.takeOutgoing(limit, into: &messages) }
        if messages.isEmpty { return }
        defer { messages.removeAll(keepingCapacity: true) }

        session.gatherWrites(true)
        for (index, message) in messages.enumerated() {
            if !session.canWrite() {
                mailbox.putBack(messages[index...])
                break
            }
            if message.isAbandoned { continue }
            if let only = message.generation, only != generation {
                let reason = "the connection is in generation \(generation), the message was for \(only); it was not sent"
                outcomes.append((message, .failure(AMQPError(.connectionLost, reason))))
                continue
            }
            if message.propertiesSize > session.frameMax - Session.frameOverhead {
                outcomes.append((message, .failure(AMQPError(.invalid, "the headers are larger than the broker's frames"))))
                continue
            }
            // Before sending, for if that fails it is not known how much of it has arrived.
            window.sent(message)
            do throws(AMQPError) {
                try session.publish(message.publishing)
            } catch {
                mailbox.putBack(messages[(index + 1)...])
                throw error
            }
            mailbox.busy()
        }
        session.gatherWrites(false)
    }

    // MARK: - After each pass

    private func expire() {
        let now = monotonicNanoseconds()
        if let deadline = window.deadline, deadline <= now {
            let error = mailbox.timeoutError("waiting for the confirmation; the message may have arrived")
            for message in window.expire(at: now) { outcomes.append((message, .failure(error))) }
        }
        while let first = retries.first, first.deadline <= now, let message = retries.popFirst() {
            outcomes.append((message, .failure(mailbox.timeoutError("sending again; the message may have arrived"))))
        }
    }

    private func handOut() {
        for live in lives where !live.batch.isEmpty { handOut(live) }
        for outcome in outcomes { outcome.outgoing.settle(outcome.result) }
        outcomes.removeAll(keepingCapacity: true)
    }

    private func handOut(_ live: Live) {
        let batch = live.batch
        live.batch = []
        if !live.subscription.noAck {
            graceUntil = monotonicNanoseconds() + Loop.acknowledgementGrace
            mailbox.willLook(at: graceUntil)
        }
        if !live.subscription.deliver(batch), !live.subscription.noAck, !live.isStream {
            for delivery in batch { unwanted.append((live, delivery.deliveryTag)) }
        }
    }

    // MARK: - Receiving

    /// Reads what is there, within limits. False if there is more.
    private func receive(_ session: Session) throws(AMQPError) -> Bool {
        for count in 1...Loop.framesPerPass {
            guard let frame = try session.nextFrame() else {
                session.releaseBuffers()
                return true
            }
            try read(frame, session)
            // librabbitmq lets go of its memory only between two frames; a busy line may never be found there otherwise.
            if count % Loop.framesPerRelease == 0 { session.releaseBuffers() }
        }
        return false
    }

    private func read(_ frame: amqp_frame_t, _ session: Session) throws(AMQPError) {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: try read(frame.payload.method, session)
        case AMQP_FRAME_HEADER where expectsHeader: readHeader(frame)
        case AMQP_FRAME_BODY where remaining > 0: readBody(frame.payload.body_fragment.buffer)
        default: break
        }
    }

    private func read(_ method: amqp_method_t, _ session: Session) throws(AMQPError) {
        guard let decoded = method.decoded else { throw AMQPError(.protocolError, "a method without contents", isRetriable: true) }
        func contents<Method>(_ type: Method.Type) -> Method { decoded.assumingMemoryBound(to: type).pointee }

        switch method.id {
        case MethodID.basicDeliver: readDelivery(contents(amqp_basic_deliver_t.self))
        case MethodID.basicAck:
            let ack = contents(amqp_basic_ack_t.self)
            window.confirmed(ack.delivery_tag, multiple: ack.multiple != 0, refused: false, into: &outcomes)
        case MethodID.basicNack:
            let nack = contents(amqp_basic_nack_t.self)
            window.confirmed(nack.delivery_tag, multiple: nack.multiple != 0, refused: true, into: &outcomes)
        case MethodID.basicReturn:
            let back = contents(amqp_basic_return_t.self)
            begin(exchange: back.exchange, routingKey: back.routing_key)
            let place = "exchange '\(current.exchange)', routing key '\(current.routingKey)'"
            target = .returned(AMQPError(.returned, "\(back.reply_code) \(back.reply_text.string) (publishing to \(place))"))
        case MethodID.basicCancel:
            consumerCancelled(contents(amqp_basic_cancel_t.self).consumer_tag)
        case MethodID.channelClose:
            let close = contents(amqp_channel_close_t.self)
            try channelClosed(close, session)
        case MethodID.channelFlow:
            try session.send(MethodID.channelFlowOk, amqp_channel_flow_ok_t(active: contents(amqp_channel_flow_t.self).active))
        case MethodID.connectionClose:
            let close = contents(amqp_connection_close_t.self)
            let error = AMQPError(.connectionLost, "\(close.reply_text.string) (the broker closed the connection)")
            try session.send(MethodID.connectionCloseOk, amqp_connection_close_ok_t(), channel: 0)
            throw error
        case MethodID.connectionBlocked:
            let reason = contents(amqp_connection_blocked_t.self).reason.string
            isBlocked = true
            mailbox.blocked(reason)
            mailbox.onEvent(.blocked(reason: reason))
        case MethodID.connectionUnblocked:
            unblocked()
        default:
            try readAnswer(method.id, decoded)
        }
    }

    private func readAnswer(_ id: amqp_method_number_t, _ decoded: UnsafeMutableRawPointer) throws(AMQPError) {
        // Questions of one kind are answered in order, those of different kinds are not: queues answer for themselves, late.
        guard let index = expected.firstIndex(where: { $0.isAnswered(by: id) }) else {
            throw AMQPError(.protocolError, "unexpected method \(String(id, radix: 16))", isRetriable: true)
        }
        var question = expected.remove(at: index)
        if id == MethodID.basicCancelOk {
            let tag = decoded.assumingMemoryBound(to: amqp_basic_cancel_ok_t.self).pointee.consumer_tag
            if let live = live(tag) { question = .cancel(live) }
        }
        if case .request = question {
            // Whoever hears the answer may rely on it that what the broker sent before has reached its readers.
            for live in lives where !live.batch.isEmpty { handOut(live) }
        }
        switch (question, id) {
        case (.qos, _): break
        case (.channelOpen, _), (.confirmSelect, _), (.required, _): if expected.isEmpty { opened() }
        case (.consume(let live), _):
            if case .asked = live.phase {
                live.phase = .active
                live.refusals = 0
                live.subscription.announce(.subscribed(generation: generation))
            }
        case (.cancel(let live), _):
            live.phase = .cancelled
            // What was delivered and not read goes back to no stream. Told one by one, the broker would look for each among all the others.
            if live.isStream { live.unacknowledged = Unacknowledged() }
        case (.request(.queue(_, let promise)), _):
            let answer = decoded.assumingMemoryBound(to: amqp_queue_declare_ok_t.self).pointee
            promise.settle(.success((answer.message_count, answer.consumer_count)))
        case (.request(.exchange(_, let promise)), _): promise.settle(.success(()))
        case (.request(.get(_, _, let promise)), MethodID.basicGetEmpty): promise.settle(.success(nil))
        case (.request(.get(_, let noAck, let promise)), _):
            let answer = decoded.assumingMemoryBound(to: amqp_basic_get_ok_t.self).pointee
            begin(exchange: answer.exchange, routingKey: answer.routing_key)
            current.deliveryTag = answer.delivery_tag
            current.redelivered = answer.redelivered != 0
            target = .fetched(promise, noAck: noAck)
        }
    }

    // MARK: - Content

    private func begin(exchange: amqp_bytes_t, routingKey: amqp_bytes_t) {
        current = Delivery(exchange: exchanges.string(exchange), routingKey: routingKeys.string(routingKey), generation: generation)
        expectsHeader = true
        remaining = 0
    }

    private func live(_ tag: amqp_bytes_t) -> Live? {
        let buffer = tag.buffer
        return lives.first { $0.subscription.tag.utf8.elementsEqual(buffer) }
    }

    private func readDelivery(_ method: amqp_basic_deliver_t) {
        begin(exchange: method.exchange, routingKey: method.routing_key)
        current.deliveryTag = method.delivery_tag
        current.redelivered = method.redelivered != 0
        if let live = live(method.consumer_tag) {
            current.consumerTag = live.subscription.tag
            target = .consumer(live)
        } else {
            target = .nobody
        }
    }

    private func readHeader(_ frame: amqp_frame_t) {
        expectsHeader = false
        if let properties = frame.payload.properties.decoded?.assumingMemoryBound(to: amqp_basic_properties_t.self) {
            let flags = Int32(bitPattern: properties.pointee._flags)
            if flags & PropertyFlag.contentType != 0 { current.contentType = contentTypes.string(properties.pointee.content_type) }
            if flags & PropertyFlag.messageID != 0 { current.messageID = properties.pointee.message_id.string }
            if flags & PropertyFlag.userID != 0 { current.userID = users.string(properties.pointee.user_id) }
            if flags & PropertyFlag.correlationID != 0 { current.correlationID = properties.pointee.correlation_id.string }
            if flags & PropertyFlag.replyTo != 0 { current.replyTo = properties.pointee.reply_to.string }
            if flags & PropertyFlag.expiration != 0 { current.expiration = properties.pointee.expiration.string }
            if flags & PropertyFlag.type != 0 { current.type = properties.pointee.type.string }
            if flags & PropertyFlag.headers != 0 { current.headers = properties.pointee.headers.fields }
        }
        remaining = Int(clamping: frame.payload.properties.body_size)
        if remaining == 0 { completeContent() }
    }

    private func readBody(_ piece: UnsafeRawBufferPointer) {
        if current.body.isEmpty, piece.count < remaining {
            // The size is the broker's word only; a large body grows as it comes.
            current.body.reserveCapacity(min(remaining, 1 << 20))
        }
        if current.body.isEmpty { current.body = Array(piece) } else { current.body.append(contentsOf: piece) }
        remaining -= min(remaining, piece.count)
        if remaining == 0 { completeContent() }
    }

    private func completeContent() {
        switch target {
        case .nobody: break
        case .consumer(let live):
            if !live.subscription.noAck { live.unacknowledged.delivered(current.deliveryTag) }
            if case .cancelling = live.phase {
                if !live.subscription.noAck, !live.isStream { unwanted.append((live, current.deliveryTag)) }
            } else {
                if live.batch.isEmpty, current.headers["x-stream-offset"] != nil { live.isStream = true }
                live.batch.append(current)
                if live.batch.count >= live.subscription.batchLimit { handOut(live) }
            }
        case .fetched(let promise, let noAck):
            if !noAck {
                fetched.delivered(current.deliveryTag)
                if promise.isSettled {
                    settlements.append(Mailbox.Settlement(generation: generation, tag: current.deliveryTag, verdict: .reject(requeue: true)))
                }
            }
            promise.settle(.success(current))
        case .returned(let reason): window.returned(current, reason: reason)
        }
        target = .nobody
    }

    // MARK: - Endings

    /// The broker ended one consumer: its queue was deleted, or the node that led it went away.
    private func consumerCancelled(_ tag: amqp_bytes_t) {
        guard let live = live(tag), live.isSubscribed else { return }
        handOut(live)
        let error = AMQPError(.consumerCancelled, "the broker ended the consumer: the queue '\(live.subscription.queue)' was deleted or is moving")
        interrupt(live, error)
    }

    /// The consumer stops while the channel goes on: what it was given and has not read goes back.
    private func interrupt(_ live: Live, _ error: AMQPError) {
        for delivery in live.subscription.interrupt(error) { unwanted.append((live, delivery.deliveryTag)) }
        live.refusals += 1
        live.phase = .waiting(until: monotonicNanoseconds() + UInt64(backoff(live.refusals) * 1e9))
    }

    /// The broker closed the channel because of something that was sent. Whoever sent it is told; for all others it is opened again.
    private func channelClosed(_ close: amqp_channel_close_t, _ session: Session) throws(AMQPError) {
        let text = close.reply_text.string
        let method = amqp_method_number_t(close.class_id) << 16 | amqp_method_number_t(close.method_id)
        try session.send(MethodID.channelCloseOk, amqp_channel_close_ok_t())

        var isExplained = false
        var absence: AMQPError?
        for question in takeExpected() {
            let isGuilty = !isExplained && question.method == method
            if isGuilty { isExplained = true }
            switch question {
            case .request(let request):
                if isGuilty {
                    request.fail(.channelClosed(code: close.reply_code, text: text, doing: request.doing))
                } else if case .get = request {
                    request.fail(AMQPError(.connectionLost, "\(text) (the channel was closed while \(request.doing))"))
                } else {
                    requests.append(request)
                }
            case .consume(let live) where isGuilty:
                let error = AMQPError.channelClosed(code: close.reply_code, text: text, doing: "reading from '\(live.subscription.queue)'")
                if error.isRetriable {
                    interrupt(live, error)
                } else {
                    live.subscription.finish(error)
                    lives.removeAll { $0 === live }
                }
            case .required(let name):
                if isGuilty { absence = .channelClosed(code: close.reply_code, text: text, doing: "waiting for the queue '\(name)'") }
            case .channelOpen, .confirmSelect, .qos, .consume, .cancel: break
            }
        }
        if let absence { return requiredQueueMissed(absence) }

        let error = AMQPError(.connectionLost, "\(text) (the broker closed the channel)")
        interruptConsumers(error)
        recall(close.reply_code, text, wasRefused: method == MethodID.basicPublish)
        mailbox.onEvent(.disconnected(error))
        try openChannel(session)
    }

    /// Deals with the messages that were sent on the closed channel and not confirmed.
    private func recall(_ code: UInt16, _ text: String, wasRefused: Bool) {
        let isCertain = !window.hasExpired
        let unconfirmed = window.reset()
        let refusal: (Outgoing) -> AMQPError = { message in
            let publishing = message.publishing
            return .channelClosed(
                code: code, text: text, doing: "publishing to exchange '\(publishing.exchange)', routing key '\(publishing.routingKey)'")
        }
        if wasRefused, isCertain, unconfirmed.count == 1 {
            outcomes.append((unconfirmed[0], .failure(refusal(unconfirmed[0]))))
            return
        }
        // Those bound to their generation cannot be tried again. The text may tell, if it names exchange and key of just one.
        let bound = unconfirmed.filter { $0.generation != nil }
        let named = bound.filter { text.contains("'\($0.publishing.exchange)'") && text.contains("'\($0.publishing.routingKey)'") }
        for message in bound {
            if wasRefused, named.count == 1, message === named[0] {
                outcomes.append((message, .failure(refusal(message))))
            } else {
                outcomes.append((message, .failure(AMQPError(.connectionLost, "\(text) (the channel was closed before the confirmation)"))))
            }
        }
        for message in unconfirmed.reversed() where message.generation == nil { retries.prepend(message) }
        if wasRefused { isIsolating = true }
    }

    private func takeExpected() -> [Expected] {
        defer { expected = [] }
        return expected
    }

    private func interruptConsumers(_ error: AMQPError) {
        for live in lives {
            if live.subscription.noAck, !live.batch.isEmpty { handOut(live) }
            live.batch = []
            live.unacknowledged = Unacknowledged()
            switch live.phase {
            case .asked, .active:
                live.subscription.interrupt(error)
                live.phase = .waiting(until: 0)
            case .cancelling, .cancelled: live.phase = .cancelled
            case .waiting: break
            }
        }
    }

    private func connectionLost(_ error: AMQPError) {
        let lost = AMQPError(.connectionLost, "\(error.reason); whether the message arrived is not known")
        for message in window.reset() + retries.removeAll() { outcomes.append((message, .failure(lost))) }
        isIsolating = false
        isOpen = false
        for question in takeExpected() {
            guard case .request(let request) = question else { continue }
            if case .get = request { request.fail(AMQPError(.connectionLost, error.reason)) } else { requests.append(request) }
        }
        settlements = []
        unwanted = []
        interruptConsumers(error.isRetriable ? error : AMQPError(.connectionLost, error.reason))
        handOut()
        if isBlocked { unblocked() }
        mailbox.disconnected(error)
        mailbox.onEvent(.disconnected(error))
    }

    private func unblocked() {
        isBlocked = false
        mailbox.blocked(nil)
        mailbox.onEvent(.unblocked)
    }

    private func end() {
        absorb(mailbox.takeArrivals())
        for message in window.reset() + retries.removeAll() {
            message.fail(AMQPError(.closed, "the connection was closed before the confirmation; the message may have arrived"))
        }
        for live in lives { live.subscription.finish(nil) }
        for question in takeExpected() {
            if case .request(let request) = question { request.fail(Mailbox.closedError) }
        }
        for request in requests { request.fail(Mailbox.closedError) }
        mailbox.end()
    }
}
