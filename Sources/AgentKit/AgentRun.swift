import AMQP
import Broker
import Foundation
import Messages
import Regulation
import Synchronization
import Topology
import Values

/// One run of an agent, from its start to its end.
final class AgentRun: Sendable {
    /// Why it ends.
    private enum End: Sendable {
        case asked
        case failed(Int32, Wording)
    }

    /// How often this agent shows that it is alive, in seconds.
    static let beatSeconds = 5.0
    /// How long the broker may take to answer before an agent that runs once gives up, in seconds.
    static let connectSeconds = 3.0
    /// How long the spool may take to empty at the end, in seconds.
    static let flushSeconds = 3.0
    /// How many agents of one party are reckoned with.
    static let mostAgents: UInt32 = 8
    /// How often the reference for the clock is left in the home, in seconds.
    static let referenceSeconds = 60.0

    let configuration: Configuration
    let name: String
    let log: Logger
    private let supervisor: Supervisor
    private let lock: Descriptor
    private let runningMark: String
    private let stoppedUncleanly: Bool
    private let spool: Spool
    private let inbox: Inbox
    private let quarantine: Quarantine
    private let hooks: Hooks
    private let state: StateFiles
    private let receiving: Connection
    private let sending: Connection
    private let outbox: Outbox
    private let reader: DeliveryReader
    private let owesReceipt: Set<String>
    private let watch = Mutex(PresenceWatch())
    private let clocks = Mutex(ClockWatch())
    private let peers: Mutex<PeerWatch>
    /// Tells this run of this agent from every other.
    private let mark = UUID().uuidString.lowercased()
    private let vitals = Vitals()
    private let files = FileThreads()
    private let subscribed = Mutex<Set<String>>([])
    /// How many deliveries are between their arrival and their acknowledgement.
    private let underWay = Mutex(0)
    private let isReady = Atomic<Bool>(false)
    private let messages: AsyncStream<Received>
    private let message: AsyncStream<Received>.Continuation

    convenience init(starting agent: Agent) throws(StartError) {
        do { try self.init(agent) } catch let error as StartError {
            throw error
        } catch let error as FileError {
            throw .file(error)
        } catch let SpoolError.file(error) {
            throw .file(error)
        } catch { preconditionFailure("an agent's start throws what it cannot: \(error)") }
    }

    private init(_ agent: Agent) throws {
        (configuration, name, log) = (agent.configuration, agent.name, agent.log)
        peers = Mutex(PeerWatch(own: mark))
        let (log, configuration) = (agent.log, agent.configuration)
        supervisor = Supervisor(environment: agent.environment)
        let home = configuration.home
        let path = home.path(percentEncoded: false).trimmingSuffix("/")
        try makeDirectory(path)
        lock = try Descriptor(opening: path + "/lock", O_RDWR | O_CREAT)
        guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else { throw StartError.alreadyRuns(path) }
        runningMark = path + "/running"
        stoppedUncleanly = access(runningMark, F_OK) == 0
        _ = try Descriptor(opening: runningMark, O_WRONLY | O_CREAT)
        spool = try Spool(directory: home.appending(path: "spool"), offset: configuration.offset) { log.write(.error, $0) }
        inbox = try Inbox(home: home, offset: configuration.offset)
        quarantine = try Quarantine(home: home, offset: configuration.offset)
        state = try StateFiles(home: home)
        hooks = try Hooks(programs: configuration.hooks, home: home, offset: configuration.offset, log: log)
        reader = DeliveryReader(reader: MessageReader(configuration), party: configuration.party)
        owesReceipt = Set(configuration.regulation.messageTypes.filter(\.owesReceipt).map(\.name))
        (messages, message) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1000))

        var options = Options()
        let link = Link(log)
        options.connectionName = "\(agent.name) receiving"
        receiving = Connection(configuration.endpoint, options: options) { link.happened($0, on: .receiving) }
        options.connectionName = "\(agent.name) sending"
        options.requiredQueues = Topology.requiredForSpeaking
        sending = Connection(configuration.endpoint, options: options) { link.happened($0, on: .sending) }
        let operatorsEyes = OperatorsEyes(inbox: inbox, clock: configuration.clock, log: log)
        // From now on the operators' commands leave the sending to this agent. Where one of them is sending at this moment, the outbox claims the right later.
        outbox = Outbox(spool: spool, connection: sending, right: try spool.claimSending(), vitals: vitals) { operatorsEyes.show($0) }
        link.outbox.withLock { $0 = outbox }
    }

    func run(stop: (@Sendable () async -> Void)?, body: @escaping @Sendable (AgentContext) async throws -> Void) async -> Int32 {
        if stoppedUncleanly {
            log.write(
                .warning,
                Wording(
                    vi: "lần trước dừng đột ngột; nhận từng tin một cho đến khi hết tin phát lại",
                    en: "the last run did not end in order; taking one message at a time until none comes again"))
        }
        let end = await withTaskGroup(of: End?.self) { group in
            let signals = Signals([SIGTERM, SIGINT])
            defer { withExtendedLifetime(signals) {} }
            group.addTask { [stream = signals.stream] in
                for await _ in stream { return .asked }
                return nil
            }
            if let stop {
                group.addTask {
                    await stop()
                    return .asked
                }
            }
            group.addTask { await self.work(body) }
            group.addTask { await self.tick() }
            group.addTask(executorPreference: files) {
                await self.outbox.run()
                return self.ended("sending")
            }
            var end: End?
            while end == nil, let result = await group.next() { end = result }
            if case .asked = end { log.write(.info, Wording(vi: "đang dừng", en: "stopping")) }
            supervisor.stopping()
            group.cancelAll()
            return end ?? .asked
        }
        return await finish(end)
    }

    private func finish(_ end: End) async -> Int32 {
        message.finish()
        hooks.stop()
        if case .asked = end { await flush() }
        await receiving.close()
        await sending.close()
        unlink(runningMark)
        guard case .failed(let status, let text) = end else { return ExitStatus.ok }
        log.write(.error, text)
        return status
    }

    /// Sends what is still in the spool, for a short while.
    private func flush() async {
        let outbox = outbox
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await outbox.flush() }
            group.addTask { try? await Task.sleep(for: .seconds(AgentRun.flushSeconds)) }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: Working

    /// Connects, then receives; the agent's own part need not wait for that.
    private func work(_ body: @escaping @Sendable (AgentContext) async throws -> Void) async -> End? {
        let context = AgentContext(
            configuration: configuration, log: log, state: state, onMessage: messages,
            publisher: Publisher(configuration, spool: spool) { [outbox] in outbox.wake() })
        return await withTaskGroup(of: End?.self) { group in
            // Whether a drill's clock is allowed, only the broker tells.
            if configuration.clock.isSystem { group.addTask(executorPreference: self.files) { await self.runBody(body, context) } }
            group.addTask {
                if let end = await self.connect() { return end }
                return await withTaskGroup(of: End?.self) { group in
                    if !self.configuration.clock.isSystem { group.addTask(executorPreference: self.files) { await self.runBody(body, context) } }
                    for queue in self.queues {
                        group.addTask(executorPreference: self.files) {
                            await self.receive(queue)
                            return self.ended("receiving from \(queue)")
                        }
                    }
                    group.addTask {
                        await self.listenForPresence()
                        return self.ended("listening for the coordinator")
                    }
                    group.addTask {
                        await self.beat()
                        return self.ended("the sign of life")
                    }
                    group.addTask(executorPreference: self.files) {
                        await self.leaveReference()
                        return self.ended("the watch over the clock")
                    }
                    if self.configuration.once { group.addTask { await self.whenNothingIsLeft() } }
                    return await AgentRun.firstEnd(&group)
                }
            }
            return await AgentRun.firstEnd(&group)
        }
    }

    /// Work that is to go on for ever has ended: by the end of the agent, or else the agent ends with it, rather than standing there without.
    private func ended(_ work: String) -> End? {
        if Task.isCancelled { return nil }
        return .failed(ExitStatus.software, Wording(vi: "đã dừng giữa chừng: \(work); đề nghị khởi động lại", en: "has ended by itself: \(work); start again"))
    }

    private static func firstEnd(_ group: inout TaskGroup<End?>) async -> End? {
        for await result in group {
            if let result {
                group.cancelAll()
                return result
            }
        }
        return nil
    }

    private func runBody(_ body: @Sendable (AgentContext) async throws -> Void, _ context: AgentContext) async -> End? {
        do {
            try await body(context)
            return nil
        } catch is CancellationError {
            return nil
        } catch {
            return .failed(ExitStatus.software, Wording(vi: "lỗi: \(error)", en: "failed: \(error)"))
        }
    }

    /// Waits for the broker, and checks that it holds what this agent needs.
    private func connect() async -> End? {
        while !Task.isCancelled {
            do throws(AMQPError) {
                try await sending.waitUntilConnected(timeoutSeconds: AgentRun.connectSeconds)
                return try await Provisioning(sending, configuration).problem().map { .failed(ExitStatus.configuration, $0) }
            } catch {
                if let end = permanent(error) { return end }
                if configuration.once {
                    return .failed(
                        ExitStatus.unavailable,
                        Wording(
                            vi: "không tới được máy chủ tin \(configuration.endpoint): \(error.reason)",
                            en: "the broker \(configuration.endpoint) cannot be reached: \(error.reason)"))
                }
            }
        }
        return nil
    }

    /// What waiting does not mend.
    private func permanent(_ error: AMQPError) -> End? {
        let broker = "\(configuration.endpoint)"
        switch error.code {
        case .authentication:
            return .failed(
                ExitStatus.noPermission,
                Wording(
                    vi: "máy chủ tin \(broker) không nhận tài khoản này; kiểm tra tên và mật khẩu trong --broker hoặc PHOIHOP_BROKER",
                    en: "the broker \(broker) does not accept this account; check user and password in --broker or PHOIHOP_BROKER"))
        case .unknownHost:
            return .failed(
                ExitStatus.noHost,
                Wording(
                    vi: "không tìm thấy máy chủ tin \(broker): \(error.reason); kiểm tra tên máy trong --broker hoặc PHOIHOP_BROKER",
                    en: "the broker \(broker) is not found: \(error.reason); check the host in --broker or PHOIHOP_BROKER"))
        case .accessRefused:
            return .failed(
                ExitStatus.noPermission,
                Wording(
                    vi: "tài khoản chưa được cấp quyền trên máy chủ tin \(broker): \(error.reason)",
                    en: "the account has no permission at the broker \(broker): \(error.reason)"))
        default:
            if error.isRetriable || error.code == .closed || error.code == .cancelled { return nil }
            return .failed(
                ExitStatus.configuration,
                Wording(vi: "không dùng được máy chủ tin \(broker): \(error.reason)", en: "the broker \(broker) cannot be used: \(error.reason)"))
        }
    }

    // MARK: Receiving

    /// The queues of this party, the urgent one first.
    private var queues: [String] { [Topology.urgentQueue(of: configuration.party), Topology.queue(of: configuration.party)] }

    private func receive(_ queue: String) async {
        let reception = Reception(InboxMachine(owesReceipt: owesReceipt, afterUncleanStop: stoppedUncleanly, elections: inbox.elections))
        while !Task.isCancelled {
            do throws(AMQPError) {
                let consumer = try receiving.consume(queue: queue, prefetch: reception.prefetch)
                // The broker's word on receipts is waited for beside what comes in meanwhile; it must be there before the queue is consumed in another way.
                try await withDiscardingTaskGroup(returning: Result<Void, AMQPError>.self) { group in
                    do throws(AMQPError) {
                        try await take(from: consumer, queue, reception, &group)
                        return .success(())
                    } catch { return .failure(error) }
                }.get()
                consumer.cancel()
            } catch {
                log.write(.error, Wording(vi: "không nhận được từ \(queue): \(error.reason)", en: "cannot receive from \(queue): \(error.reason)"))
                interrupted(reception)
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    /// Takes what a consumer gives until it ends, or is to be begun anew to take more or fewer deliveries at once.
    private func take(from consumer: Consumer, _ queue: String, _ reception: Reception, _ group: inout DiscardingTaskGroup) async throws(AMQPError) {
        let prefetch = reception.prefetch
        for try await event in consumer {
            switch event {
            case .subscribed: subscribed(queue)
            case .interrupted: interrupted(reception)
            case .deliveries(let deliveries):
                await take(deliveries, from: consumer, reception)
                if reception.beginsIssuing() { group.addTask { await self.issueReceipts(of: reception, "receipts of \(queue)", consumer) } }
                if reception.prefetch != prefetch { return }
            }
        }
    }

    private func interrupted(_ reception: Reception) {
        let lost = reception.interrupted()
        underWay.withLock { $0 -= lost }
    }

    /// Issues the receipts that are owed, and those that come to be owed meanwhile: one message after the other, however many batches came in.
    private func issueReceipts(of reception: Reception, _ work: String, _ consumer: Consumer) async {
        while case let batches = reception.owed(), !batches.isEmpty {
            for batch in batches where await issue(batch, work) {
                for action in reception.settled(batch) { perform(action, reception, consumer) }
            }
        }
        vitals.rest(work)
    }

    private func subscribed(_ queue: String) {
        let isComplete = subscribed.withLock {
            $0.insert(queue)
            return $0.count == 2
        }
        guard isComplete, !isReady.exchange(true, ordering: .relaxed) else { return }
        supervisor.ready()
        supervisor.status("ready")
        // To the pipe or file at once, whatever it is.
        let line = Array("\(name) ready\n".utf8)
        _ = line.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }

    /// Takes deliveries through all of their steps up to their receipts; when it returns, they are on disk, or come again.
    private func take(_ deliveries: [Delivery], from consumer: Consumer, _ reception: Reception) async {
        underWay.withLock { $0 += deliveries.count }
        let work = "receiving from \(deliveries.first?.consumerTag ?? "")"
        vitals.advance(work)
        defer { vitals.rest(work) }
        var arrived: [String: Instant] = [:]
        var keeping = Keeping()
        var inquiries: [Event] = []
        for delivery in deliveries {
            let reading = reader.read(delivery.body, Carriage(delivery), receivedAt: configuration.clock.now)
            // Also one that came before: it may not have been answered then, and an answer given twice counts once.
            if case .success(let messages) = reading { inquiries += messages.map(\.event).filter { $0.type == SystemType.messageMissing } }
            for action in reception.arrived(delivery, reading, known: { arrived[$0] ?? inbox.receivedAt($0) }) {
                switch action {
                case .handToHooks(let received): keeping.toHooks.append(received)
                case .keep(let received, let state):
                    arrived[received.event.id] = received.receivedAt
                    let isOuter = received.event.id == delivery.messageID
                    let body = isOuter && received.event.encoded(offset: configuration.offset) != delivery.body ? delivery.body : nil
                    keeping.entries.append(
                        Inbox.Entry(receivedAt: received.receivedAt, state: state, routingKey: received.routingKey, event: received.event, body: body))
                case .quarantine(_, let refusal): keeping.refused.append((delivery, refusal))
                default: perform(action, reception, consumer)
                }
            }
        }
        keeping.goesOn = consumer.hasUnread
        guard await keep(&keeping, work), await answer(inquiries) else { return }
        for action in reception.kept(deliveries) { perform(action, reception, consumer) }
    }

    private func perform(_ action: InboxMachine.Action, _ reception: Reception, _ consumer: Consumer) {
        switch action {
        case .acknowledge(let ticket):
            guard let delivery = reception.takeOut(ticket) else { return }
            consumer.acknowledge(delivery)
            underWay.withLock { $0 -= 1 }
        case .tell(let received): tell(received)
        case .tellSetAside(let received):
            log.write(
                .notice,
                Wording(
                    vi: "bỏ qua thông báo của lần bầu trước: \(received.event.line(configuration.regulation, .vi))",
                    en: "set aside, from an earlier election: \(received.event.line(configuration.regulation, .en))"))
        case .handToHooks, .keep, .quarantine, .issueReceipts, .consume: break
        }
    }

    /// What must be on disk before a batch of deliveries goes on. What is done is taken out, so that trying again does not do it twice.
    private struct Keeping {
        var toHooks: [Received] = []
        var entries: [Inbox.Entry] = []
        var refused: [Quarantine.Refused] = []
        /// Whether there were as many deliveries as may be under way, so that more follow.
        var goesOn = false
    }

    private func keep(_ keeping: inout Keeping, _ work: String) async -> Bool {
        while !Task.isCancelled {
            vitals.advance(work)
            do throws(FileError) {
                while let received = keeping.toHooks.first {
                    try hooks.enqueue(received)
                    keeping.toHooks.removeFirst()
                }
                try inbox.append(keeping.entries)
                keeping.entries = []
                if !keeping.refused.isEmpty {
                    var rest = 0
                    let counted = try quarantine.keep(&keeping.refused, goesOn: keeping.goesOn, at: configuration.clock.now) { item, file in
                        if let file { tell(item.refusal, keptIn: file) } else { rest += 1 }
                    }
                    if rest > 0 {
                        log.write(
                            .warning,
                            Wording(
                                vi: "\(rest) tin không hợp lệ nữa chỉ được đếm, không giữ; tổng số tin không giữ: \(counted)",
                                en: "\(rest) more messages that do not count are counted and not kept; not kept in all: \(counted)"))
                    }
                }
                return true
            } catch {
                log.write(
                    .error,
                    Wording(
                        vi: "không lưu được tin đến: \(error.text.vi). Tin vẫn ở máy chủ, thử lại sau 5 giây",
                        en: "what came in cannot be kept: \(error.text.en). It stays with the broker; trying again in 5 s"))
                try? await Task.sleep(for: .seconds(5))
            }
        }
        return false
    }

    private func tell(_ refusal: Refusal, keptIn file: String) {
        log.write(
            .warning,
            Wording(
                vi: "tin không hợp lệ từ \(refusal.sender ?? "?"): \(refusal.reason.vi); giữ tại quarantine/\(file)",
                en: "a message from \(refusal.sender ?? "?") does not count: \(refusal.reason.en); kept in quarantine/\(file)"))
    }

    /// Puts what is asked for into the spool: this party's own messages as they were sent, those of others as they were received.
    private func answer(_ inquiries: [Event]) async -> Bool {
        if inquiries.isEmpty { return true }
        let again = inquiries.reduce(into: Set<String>()) { $0.formUnion(Healing.ids(in: $1, wanted: "again")) }
        let received = inquiries.reduce(into: Set<String>()) { $0.formUnion(Healing.ids(in: $1, wanted: "testimony")) }
        while !Task.isCancelled {
            do {
                let sent = spool.kept.find(again)
                try spool.writeAgain(sent)
                let entries = received.isEmpty ? [] : try inbox.entries(of: received)
                for entry in entries {
                    for event in Healing.testimonies(to: entry, by: configuration.party, at: configuration.clock.now, offset: configuration.offset) {
                        try spool.write(event, to: RoutingKey.all)
                    }
                }
                log.write(
                    .notice,
                    Wording(
                        vi: "sổ thiếu \(again.count + received.count) tin: gửi lại \(sent.count) tin đã gửi, \(entries.count) tin đã nhận",
                        en: "\(again.count + received.count) messages are missing on the ledger: \(sent.count) sent again, \(entries.count) told as received"))
                outbox.wake()
                return true
            } catch {
                log.write(
                    .error,
                    Wording(vi: "chưa gửi lại được tin mà sổ thiếu: \(error)", en: "what the ledger lacks cannot be sent again yet: \(error)"))
                try? await Task.sleep(for: .seconds(5))
            }
        }
        return false
    }

    private func tell(_ received: Received) {
        log.write(
            .notice,
            Wording(vi: received.event.line(configuration.regulation, .vi), en: received.event.line(configuration.regulation, .en)))
        message.yield(received)
    }

    /// Publishes receipts and says whether the deliveries may be acknowledged. The same message is tried until it is confirmed or the deliveries are lost.
    private func issue(_ batch: Reception.Batch, _ work: String) async -> Bool {
        let receipts = batch.receipts
        let list = receipts.map { receipt -> JSON in
            .compact([
                "id": .string(receipt.id), "receivedAt": JSON(receipt.receivedAt, offset: configuration.offset),
                "sender": batch.senders[receipt.id].map { .string($0) },
            ])
        }
        let event = Event(
            id: UUID().uuidString.lowercased(), sender: configuration.party, type: SystemType.receiptIssued, time: configuration.clock.now,
            data: ["receipts": .array(list)], exercise: receipts.first?.exercise ?? false)
        let publishing = Publishing(event, to: RoutingKey.all, offset: configuration.offset)
        while !Task.isCancelled, batch.generation == receiving.generation {
            vitals.advance(work)
            do throws(AMQPError) {
                try await sending.publish(publishing)
                return true
            } catch {
                let outcome = OutboxMachine.Outcome(.failure(error))
                if case .refused(let reason) = outcome {
                    log.write(
                        .error,
                        Wording(
                            vi: "máy chủ tin từ chối xác nhận \(receipts.count) tin đã đến: \(reason)",
                            en: "the broker refuses the receipts of \(receipts.count) messages: \(reason)"))
                    return true
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
        return false
    }

    // MARK: Presence

    private func listenForPresence() async {
        while !Task.isCancelled {
            do throws(AMQPError) {
                for try await event in try receiving.consume(queue: Topology.presenceQueue(of: configuration.party), prefetch: 0, noAck: true) {
                    switch event {
                    case .subscribed: watch.withLock { $0.connected(at: monotonicSeconds()) }
                    case .interrupted: watch.withLock { $0.disconnected() }
                    case .deliveries(let deliveries):
                        deliveries.forEach(hear)
                    }
                }
            } catch {
                watch.withLock { $0.disconnected() }
                log.write(.warning, Wording(vi: "không nghe được điều phối: \(error.reason)", en: "the coordinator cannot be heard: \(error.reason)"))
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    private func hear(_ delivery: Delivery) {
        guard let sender = delivery.userID, sender == delivery.routingKey, let beat = try? JSON(parsing: delivery.body) else { return }
        switch sender {
        case Party.coordinator:
            let role = beat["role"]?.string
            say(watch.withLock { $0.heard(role, at: monotonicSeconds()) })
            if role == PresenceWatch.leader, let shows = beat["at"]?.instant {
                clocks.withLock { $0.heard(beat["instance"]?.string, shows: shows, running: runningSeconds()) }
            }
        case configuration.party:
            guard let instance = beat["instance"]?.string else { return }
            say(peers.withLock { $0.heard(beat["run"]?.string ?? instance, instance: instance, at: monotonicSeconds()) })
        default: break
        }
    }

    /// Tells the operator: in the log, and in the inbox, where whoever comes later finds it.
    private func remark(_ level: Logger.Level, _ text: Wording) {
        log.write(level, text)
        let now = configuration.clock.now
        let event = Event(
            id: UUID().uuidString.lowercased(), sender: configuration.party, type: "agent.remarked", time: now, data: ["wording": text.json])
        do throws(FileError) {
            try inbox.append([
                Inbox.Entry(
                    receivedAt: now, state: .remark, routingKey: RoutingKey(sender: event.sender, type: event.type, to: event.sender).description, event: event)
            ])
        } catch { log.write(.error, Wording(vi: "không ghi được hộp thư: \(error.text.vi)", en: "the inbox cannot be written: \(error)")) }
    }

    private func say(_ action: PeerWatch.Action?) {
        switch action {
        case nil: break
        case .sayAnother(let instance):
            remark(
                .error,
                Wording(
                    vi:
                        "CÓ HAI TÁC TỬ CÙNG LÀM VIỆC CHO \(configuration.party): một tác tử khác chạy tại \(singleLine(instance)), tác tử này tại \(instanceName). "
                        + "Mỗi nơi chỉ nhận được một phần tin; đề nghị dừng một",
                    en: "TWO AGENTS SERVE \(configuration.party): another runs as \(singleLine(instance)), this one as \(instanceName). "
                        + "Each receives only a part of the messages; end one of them"))
            supervisor.status("another agent serves this party")
        case .sayGone(let instance):
            remark(
                .notice,
                Wording(
                    vi: "tác tử khác của \(configuration.party) tại \(singleLine(instance)) đã dừng; tin đã nhận ở đó nằm trong hộp tin ở đó",
                    en: "the other agent of \(configuration.party), \(singleLine(instance)), is gone; what it received is in its inbox"))
            supervisor.status("ready")
        }
    }

    private func say(_ action: ClockWatch.Action?) {
        switch action {
        case nil: break
        case .sayOff(let ahead): remark(.error, ClockWatch.wording(ahead))
        case .sayRight: remark(.notice, Wording(vi: "đồng hồ máy này đã đúng trở lại", en: "this machine's clock is right again"))
        }
    }

    /// Leaves in the home what the coordinator's clock shows, and says so where this machine's is off.
    private func leaveReference() async {
        var writtenAt: Double?
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let running = runningSeconds()
            say(clocks.withLock { $0.ticked(shows: Clock.realNow, running: running) })
            guard let reference = clocks.withLock({ $0.reference }), writtenAt.map({ running - $0 >= AgentRun.referenceSeconds }) ?? true else { continue }
            writtenAt = running
            do throws(FileError) { try reference.write(state) } catch { log.write(.debug, verbatim: "\(error)") }
        }
    }

    private func say(_ action: PresenceWatch.Action?) {
        switch action {
        case nil: break
        case .sayNobodyWatches(let seconds):
            log.write(
                .warning,
                Wording(
                    vi: "KHÔNG CÓ AI THEO DÕI THỜI HẠN: \(seconds) giây nay không có tín hiệu điều phối. Tin vẫn gửi và nhận được; hãy tự theo dõi thời hạn",
                    en: "NOBODY IS WATCHING THE CLOCK: no sign of a coordinator for \(seconds) s. Messages still go and come; watch the deadlines yourselves"))
        case .sayWatchedAgain:
            log.write(.notice, Wording(vi: "hệ thống điều phối đã theo dõi thời hạn trở lại", en: "a coordinator is watching the clock again"))
        }
    }

    private func beat() async {
        repeat {
            let body: JSON = .compact([
                "party": .string(configuration.party), "at": JSON(Clock.realNow, offset: configuration.offset), "instance": .string(instanceName),
                "run": .string(mark),
                "version": .string(Agent.version), "inboxDepth": await inboxDepth().map { .int(Int64($0)) },
                "spoolDepth": (try? spool.pendingCount()).map { .int(Int64($0)) },
            ])
            let publishing = Publishing(
                exchange: Topology.presence, routingKey: configuration.party, body: body.bytes, contentType: "application/json",
                userID: configuration.party, persistent: false, mandatory: false)
            // A beat that does not get through now is worth nothing later.
            _ = await sending.publish(Array(repeating: publishing, count: await listeners()), generation: sending.generation)
        } while (try? await Task.sleep(for: .seconds(AgentRun.beatSeconds))) != nil
    }

    /// How many messages wait in this party's queues; nil where the broker does not say.
    private func inboxDepth() async -> UInt32? {
        var depth: UInt32 = 0
        for queue in queues {
            guard let messages = try? await sending.inspect(queue: queue).messages else { return nil }
            depth = depth.addingReportingOverflow(messages).overflow ? .max : depth + messages
        }
        return depth
    }

    /// How many of the party's agents listen for beats. The queue hands each beat to one of them in turn; as many copies reach every one.
    private func listeners() async -> Int {
        let consumers = (try? await sending.inspect(queue: Topology.presenceQueue(of: configuration.party)).consumers) ?? 1
        return Int(max(1, min(consumers, AgentRun.mostAgents)))
    }

    /// What people call this agent.
    private var instanceName: String { "\(AgentRun.hostName)/\(getpid())" }

    /// The machine's own name, without asking any server for it.
    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func tick() async -> End? {
        let interval = min(1, supervisor.watchdogSeconds.map { $0 / 3 } ?? 1)
        var told: [String] = []
        while (try? await Task.sleep(for: .seconds(interval))) != nil {
            let now = monotonicSeconds()
            let stuck = vitals.stuck(at: now)
            if stuck.isEmpty { supervisor.watchdog() }
            if stuck != told, !stuck.isEmpty {
                let list = stuck.joined(separator: ", ")
                log.write(
                    .error,
                    Wording(
                        vi: "không tiến triển từ \(Int(Vitals.patienceSeconds)) giây nay: \(list); đề nghị khởi động lại tác tử",
                        en: "no progress for \(Int(Vitals.patienceSeconds)) s: \(list); start the agent again"))
            }
            told = stuck
            say(watch.withLock { $0.ticked(at: now) })
            peers.withLock { $0.ticked(at: now) }.forEach { say($0) }
        }
        return ended("the timer")
    }

    /// For `--once`: returns when both queues and the spool are empty.
    private func whenNothingIsLeft() async -> End? {
        while (try? await Task.sleep(for: .milliseconds(500))) != nil {
            guard isReady.load(ordering: .relaxed), (try? spool.pendingCount()) == 0 else { continue }
            // A message that waits no more may still be on its way through; the end waits for that.
            if await inboxDepth() == 0, underWay.withLock({ $0 }) == 0 { return .asked }
        }
        return nil
    }
}

/// Puts before the operator what becomes of the messages in the spool.
private struct OperatorsEyes: Sendable {
    let inbox: Inbox
    let clock: Clock
    let log: Logger

    func show(_ news: Outbox.News) {
        switch news {
        case .confirmed: break
        case .refused(let entry, let error):
            log.write(
                .error,
                Wording(
                    vi: "máy chủ tin từ chối hẳn tin \(entry.type) (\(entry.id)): \(error.reason). Tin nằm trong spool/refused",
                    en: "the broker refuses \(entry.type) (\(entry.id)) for good: \(error.reason). It is in spool/refused"))
            note(entry, error.reason)
        case .waiting(let error):
            log.write(
                .error,
                Wording(
                    vi: "máy chủ tin chưa nhận tin: \(error.reason). Tin được giữ lại và gửi tiếp sau",
                    en: "the broker takes no messages yet: \(error.reason). They are kept and tried again"))
        case .sendsAgain(let count):
            log.write(.info, Wording(vi: "gửi lại \(count) tin vừa gửi", en: "sending the latest \(count) messages again"))
        case .trouble(let error):
            log.write(.error, Wording(vi: "không xử lý được thư mục tin chờ gửi: \(error.text.vi)", en: "the spool cannot be worked on: \(error)"))
        case .tookOver:
            log.write(
                .warning,
                Wording(
                    vi: "một lệnh khác giữ quyền gửi quá lâu (có thể đang bị tạm dừng); tác tử gửi thay",
                    en: "another command kept the right to send for too long, perhaps stopped; this agent sends now"))
        }
    }

    private func note(_ entry: Spool.Entry, _ reason: String) {
        guard let event = entry.event else { return }
        let key = RoutingKey(sender: entry.sender, type: entry.type, to: entry.to).description
        do throws(FileError) {
            try inbox.append([Inbox.Entry(receivedAt: clock.now, state: .refused, routingKey: key, event: event, reason: reason)])
        } catch { log.write(.error, Wording(vi: "không ghi được hộp thư: \(error.text.vi)", en: "the inbox cannot be written: \(error)")) }
    }
}

/// Tells the operator of the way to the broker, once each time it is lost or found, and the outbox of what may be lost with it. An agent that can send and
/// not receive is as cut off as one that can do neither.
private final class Link: Sendable {
    enum Way: Hashable { case receiving, sending }

    let outbox = Mutex<Outbox?>(nil)
    private let log: Logger
    private let lost = Mutex<Set<Way>>([])

    init(_ log: Logger) { self.log = log }

    func happened(_ event: ConnectionEvent, on way: Way) {
        switch event {
        case .connected:
            if way == .sending {
                outbox.withLock { $0 }?.hindered(nil)
                outbox.withLock { $0 }?.wake()
            }
            if lost.withLock({ $0.remove(way) != nil && $0.isEmpty }) {
                log.write(.notice, Wording(vi: "đã nối lại với máy chủ tin", en: "connected to the broker again"))
            }
        case .disconnected(let error):
            if way == .sending { outbox.withLock { $0 }?.hindered(error) }
            log.write(.debug, verbatim: "\(error)")
            if error.isRetriable, error.code != .closed, lost.withLock({ lost in lost.insert(way).inserted && lost.count == 1 }) {
                log.write(
                    .warning,
                    Wording(
                        vi: "không có máy chủ tin: \(error.reason). Tin được giữ lại, đang thử nối lại",
                        en: "no broker: \(error.reason). Messages are kept; trying to connect"))
            }
        case .blocked where way == .receiving, .unblocked where way == .receiving: break
        case .blocked(let reason):
            outbox.withLock { $0 }?.hindered(AMQPError(.blocked, reason))
            log.write(
                .warning, Wording(vi: "máy chủ tin tạm thời không nhận tin: \(reason)", en: "the broker takes no messages for now: \(reason)"))
        case .unblocked:
            outbox.withLock { $0 }?.hindered(nil)
            log.write(.notice, Wording(vi: "máy chủ tin nhận tin trở lại", en: "the broker takes messages again"))
        case .retrying: break
        }
    }
}

/// Signals as a stream. While it exists, they do not end the program.
private final class Signals {
    let stream: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        self.stream = stream
        sources = numbers.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            let count = Atomic<Int>(0)
            source.setEventHandler {
                // Who asks twice does not want to wait for order; the next start will find out.
                if count.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
                continuation.yield(number)
            }
            source.resume()
            return source
        }
    }

    deinit { sources.forEach { $0.cancel() } }
}
