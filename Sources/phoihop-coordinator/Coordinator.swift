import AMQP
import AgentKit
import Coordination
import Foundation
import Messages
import Regulation
import Topology
import Values

/// The coordinator as it runs: it tails the ledger into the fold, stands for leadership when it gets the token, and as leader publishes what the fold
/// calls for. All it knows is in the ledger; it may be killed at any moment.
actor Coordinator {
    private let configuration: Configuration
    private let log: Logger
    private let instance: String
    /// Reads the ledger.
    private let reading: Connection
    /// Holds the token. Notices leave on its channel, so that a leader that lost the token cannot send.
    private let leading: Connection

    private var state: LedgerState
    private var leadership = Leadership { UUID().uuidString.lowercased() }
    private var token: Delivery?
    private var tokenConsumer: Consumer?
    private let progress = Progress()

    private var inFlight: Set<String> = []
    private var isMarking = false
    /// While the broker is asked about what came in before this leader's time, nothing is said to be late.
    private var isAsking = false
    private var adopting: String?
    private var hasCaughtUp = false
    private var lastReadAt = Clock.realNow
    private var presence = PresenceBoard()
    private var beats: Consumer?
    private var ground: [String: UInt32] = [:]
    private var count = 0
    /// Answers questions, once the ledger is read.
    private var desk: QuestionDesk?

    /// How long the ledger must be silent at the start before it counts as read to its end.
    static let silence = Span(milliseconds: 500)

    init(_ configuration: Configuration, log: Logger, instance: String) {
        (self.configuration, self.log, self.instance) = (configuration, log, instance)
        state = LedgerState(regulation: configuration.regulation, options: .init(rate: configuration.clock.rate))
        var options = Options()
        options.heartbeatSeconds = 5
        options.connectionName = "coordinator ledger"
        reading = Connection(configuration.endpoint, options: options, onEvent: Coordinator.report("ledger", log))
        options.connectionName = "coordinator token"
        leading = Connection(configuration.endpoint, options: options, onEvent: Coordinator.report("token", log))
    }

    private static func report(_ name: String, _ log: Logger) -> @Sendable (ConnectionEvent) -> Void {
        { event in
            switch event {
            case .connected: log.write(.info, verbatim: "\(name): connected")
            case .disconnected(let error): log.write(.warning, verbatim: "\(name): \(error)")
            case .retrying(let seconds): log.write(.info, verbatim: "\(name): next attempt in \((seconds * 10).rounded() / 10) s")
            case .blocked(let reason): log.write(.warning, verbatim: "\(name): the broker takes no messages: \(reason)")
            case .unblocked: log.write(.notice, verbatim: "\(name): the broker takes messages again")
            }
        }
    }

    /// Runs until cancelled. Throws what waiting does not cure: a wrong password, a missing ledger.
    func run() async throws {
        try await reading.waitUntilConnected(timeoutSeconds: .infinity)
        try await checkGround()
        let ledger = try reading.consume(queue: Topology.ledger, prefetch: 1000) { [progress] in
            ["x-stream-offset": progress.next.map { .int($0) } ?? .string("first")]
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.follow(ledger) }
            group.addTask { try await self.keepTime() }
            group.addTask { try await self.beat() }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Puts the token back and closes.
    func stop() async {
        if let token { tokenConsumer?.reject(token, requeue: true) }
        await desk?.close()
        await leading.close()
        await reading.close()
    }

    private func checkGround() async throws {
        for exchange in [Topology.exchange, Topology.presence] { try await reading.inspect(exchange: exchange) }
        for queue in [Topology.ledger, Topology.leader] { _ = try await reading.inspect(queue: queue) }
        if !configuration.clock.isSystem {
            do { try await reading.inspect(exchange: Topology.drill) } catch {
                throw UsageError(
                    Wording(
                        vi: "--clock chỉ dùng khi diễn tập: máy chủ tin này không có \(Topology.drill)",
                        en: "--clock is for drills alone: this broker has no exchange \(Topology.drill)"))
            }
        }
    }

    // MARK: The ledger

    private func follow(_ ledger: Consumer) async throws {
        for try await event in ledger {
            switch event {
            case .deliveries(let deliveries):
                for delivery in deliveries { read(delivery) }
                if let last = deliveries.last { ledger.acknowledge(through: last) }
                lastReadAt = Clock.realNow
                if hasCaughtUp { act() }
            case .subscribed: log.write(.info, verbatim: "reading the ledger from \(progress.next.map(String.init) ?? "its beginning")")
            case .interrupted(let error): log.write(.warning, verbatim: "the ledger: \(error)")
            }
        }
    }

    private func read(_ delivery: Delivery) {
        // After a reconnection the stream begins again at the last offset, and a chunk may bring earlier ones along.
        guard case .int(let offset)? = delivery.headers["x-stream-offset"], progress.advance(past: offset) else { return }
        let before = state.election
        let refused = state.refusedCount
        state.evolve(LedgerState.Record(body: delivery.body, carriage: Carriage(delivery), offset: offset))
        if state.refusedCount > refused {
            // What the coordinator itself says wrongly is a mistake in the program.
            let level: Logger.Level = state.lastRefusal?.sender == LedgerState.coordinator ? .error : .warning
            log.write(level, verbatim: "a record does not count: \(state.lastRefusal.map { $0.account } ?? "")")
        }
        if let id = delivery.messageID { inFlight.remove(id) }
        if let election = state.election, election != before {
            perform(leadership.electionRead(id: election.id, term: election.term, at: Coordinator.seconds()))
        }
    }

    // MARK: Leadership

    private func followToken() throws {
        guard tokenConsumer == nil else { return }
        let consumer = try leading.consume(queue: Topology.leader, prefetch: 1)
        tokenConsumer = consumer
        Task { [log] in
            do {
                for try await event in consumer {
                    switch event {
                    case .deliveries(let deliveries): for delivery in deliveries { self.tokenArrived(delivery) }
                    case .subscribed: break
                    case .interrupted(let error): self.tokenLost(error)
                    }
                }
            } catch { log.write(.error, verbatim: "the token: \(error)") }
        }
    }

    private func tokenArrived(_ delivery: Delivery) {
        if token != nil, token?.generation == delivery.generation, leadership.state != .standby, case .leading = leadership.state {
            // A spare token does no harm; it is held as well.
            return
        }
        token = delivery
        perform(leadership.tokenReceived(at: Coordinator.seconds()))
        if leadership.election != nil { act() }
    }

    private func tokenLost(_ error: AMQPError) {
        if leadership.state != .standby { log.write(.warning, verbatim: "leadership lost: \(error)") }
        token = nil
        inFlight = []
        isMarking = false
        adopting = nil
        leadership.tokenLost()
    }

    private func perform(_ actions: [Leadership.Action]) {
        for action in actions {
            switch action {
            case .stand(let election, let term):
                inFlight = []
                isMarking = false
                isAsking = false
                adopting = nil
                let data: JSON = ["term": .int(term), "instance": .string(instance), "version": .string(configuration.regulation.version)]
                publish([event("coordinator.elected", data, id: election, election: election)], to: [RoutingKey.all])
            case .returnToken:
                if let token { tokenConsumer?.reject(token, requeue: true) }
                token = nil
            case .lead(let election):
                stampDoubtful(election)
                presence = PresenceBoard()
                log.write(
                    .notice,
                    Wording(vi: "điều phối bắt đầu theo dõi thời hạn (\(election))", en: "this coordinator leads and watches the deadlines (\(election))"))
            }
        }
    }

    // MARK: Acting

    /// Publishes what is due, if this coordinator leads.
    private func act() {
        guard let election = leadership.election, !isAsking else { return }
        if state.regulation?.digest != configuration.regulation.digest { return adopt(election) }
        let due = state.decisions { !inFlight.contains($0) }
        if !due.isEmpty {
            let now = configuration.clock.now
            publish(due.map { $0.event(time: now, election: election) }, to: due.map(\.to))
        }
        mark(election)
    }

    private func adopt(_ election: String) {
        let digest = configuration.regulation.digest
        guard adopting != digest else { return }
        adopting = digest
        let data: JSON = .compact([
            "regulation": configuration.regulation.source, "digest": .string(digest), "previousDigest": state.regulation.map { .string($0.digest) },
        ])
        publish([event("regulation.adopted", data, id: "regulation/\(digest)/\(election)", election: election)], to: [RoutingKey.all])
    }

    /// Asks the broker when acts came in that nobody saw coming, and puts its answer into the ledger before anything is said of them.
    private func stampDoubtful(_ election: String) {
        let doubtful = Array(state.doubtful.prefix(Stamps.limit))
        guard !doubtful.isEmpty else { return }
        isAsking = true
        Task {
            var stamps: [JSON] = []
            do {
                let clock = configuration.clock
                for (id, before) in try await Stamps.find(doubtful, endpoint: configuration.endpoint, clock: clock) {
                    stamps.append(["id": .string(id), "arrivedAt": JSON(before, offset: configuration.offset)])
                }
            } catch {
                // Without the broker's word what the ledger shows stands.
                log.write(.warning, verbatim: "the broker does not tell when messages came in: \(error)")
            }
            isAsking = false
            guard leadership.election == election else { return }
            if !stamps.isEmpty {
                isMarking = true
                count += 1
                let reached = configuration.clock.virtual(fromWall: Clock.realNow - LedgerState.settling)
                let data: JSON = ["reachedAt": JSON(reached, offset: configuration.offset), "stamps": .array(stamps)]
                publish([event("coordinator.marked", data, id: "marked/\(election)/\(count)", election: election)], to: [RoutingKey.all])
            }
        }
    }

    /// Says up to which instant the ledger is known, once the next deadline has passed by the settling time; and at once where messages wait for a
    /// record that vouches for their time.
    private func mark(_ election: String) {
        let clock = configuration.clock
        let settled = clock.virtual(fromWall: Clock.realNow - LedgerState.settling)
        guard !isMarking, !isAsking, state.hasUnobserved || state.nextInstant.map({ $0 <= settled }) == true else { return }
        isMarking = true
        count += 1
        let data: JSON = ["reachedAt": JSON(settled, offset: configuration.offset)]
        publish([event("coordinator.marked", data, id: "marked/\(election)/\(count)", election: election)], to: [RoutingKey.all])
    }

    private func event(_ type: String, _ data: JSON, id: String, election: String) -> Event {
        Event(id: id, sender: LedgerState.coordinator, type: type, time: configuration.clock.now, data: data, election: election)
    }

    /// Publishes on the token's channel, in this generation of it only.
    private func publish(_ events: [Event], to: [String]) {
        guard let generation = token?.generation else { return }
        let publishings = zip(events, to).map { Publishing($0, to: $1, offset: configuration.offset) }
        inFlight.formUnion(events.map(\.id))
        let ids = events.map(\.id)
        Task {
            let results = await leading.publish(publishings, generation: generation)
            for (id, result) in zip(ids, results) { if case .failure(let error) = result { self.failed(id, error) } }
        }
    }

    private func failed(_ id: String, _ error: AMQPError) {
        log.write(.warning, verbatim: "not published, to be tried again: \(id): \(error)")
        inFlight.remove(id)
        if id.hasPrefix("marked/") { isMarking = false }
        if id.hasPrefix("regulation/") { adopting = nil }
    }

    // MARK: Time

    /// The one timer: it looks at the clock when the next deadline has settled, and at least every quarter of a second, since the machine's clock may be set.
    private func keepTime() async throws {
        var lastSecond = 0.0
        while !Task.isCancelled {
            try await Task.sleep(for: .milliseconds(wait))
            let seconds = Coordinator.seconds()
            if !hasCaughtUp, Clock.realNow - lastReadAt > Coordinator.silence {
                hasCaughtUp = true
                log.write(.notice, Wording(vi: "đã đọc hết sổ: \(state.recordCount) tin", en: "the ledger is read: \(state.recordCount) records"))
                try followToken()
                desk = openDesk()
                await desk?.begin()
                print("phoihop-coordinator ready")
                fflush(nil)
            }
            if isMarking, inFlight.allSatisfy({ !$0.hasPrefix("marked/") }) { isMarking = false }
            if let election = leadership.election { mark(election) }
            guard seconds - lastSecond >= 1 else { continue }
            lastSecond = seconds
            perform(leadership.timePassed(at: seconds))
            if leadership.election != nil { act() }
        }
    }

    /// Milliseconds until the timer must look again.
    private var wait: Int64 {
        guard hasCaughtUp, leadership.election != nil, !isMarking, let next = state.nextInstant else { return 250 }
        let due = configuration.clock.wall(fromVirtual: next) + LedgerState.settling
        return min(250, max(1, (due - Clock.realNow).milliseconds))
    }

    private static func seconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    // MARK: Presence and the coordinator's own ground

    private func beat() async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: .seconds(PresenceBoard.beatSeconds))
            try followBeats()
            guard leadership.election != nil else { continue }
            let beat: JSON = [
                "party": .string(LedgerState.coordinator), "role": "leader", "instance": .string(instance),
                "at": JSON(Clock.realNow, offset: configuration.offset),
            ]
            try? await leading.publish(
                Publishing(
                    exchange: Topology.presence, routingKey: LedgerState.coordinator, body: beat.bytes, contentType: "application/json",
                    userID: LedgerState.coordinator, persistent: false, mandatory: false))
            reportSilence()
            await inspectGround()
        }
    }

    /// The beats are the leader's alone to read: of two readers each would hear every other one, and an agent whose beats all went to the standby would count
    /// as silent.
    private func followBeats() throws {
        guard leadership.election != nil else {
            beats?.cancel()
            beats = nil
            return
        }
        guard beats == nil else { return }
        let consumer = try leading.consume(queue: Topology.presenceQueue(of: LedgerState.coordinator), prefetch: 100, noAck: true)
        beats = consumer
        Task { [log] in
            do {
                for try await event in consumer { if case .deliveries(let deliveries) = event { self.hear(deliveries) } }
            } catch { log.write(.error, verbatim: "presence: \(error)") }
        }
    }

    private func hear(_ deliveries: [Delivery]) {
        for delivery in deliveries {
            guard let party = delivery.userID, party == delivery.routingKey else { continue }
            presence.heard(party, try? JSON(parsing: delivery.body), at: Clock.realNow)
        }
    }

    /// Publishes who has fallen silent and who has come back.
    private func reportSilence() {
        guard let election = leadership.election, let regulation = state.regulation else { return }
        let watchers = ["information-dept"]
        let news = presence.news(expected: state.agencies, silent: state.silentParties, now: Clock.realNow)
        var events: [(Event, String)] = []
        for item in news {
            for to in Set([item.party] + watchers).sorted() {
                let notice = item.notice(to: to, regulation: regulation, clock: configuration.clock)
                guard !inFlight.contains(notice.id) else { continue }
                events.append((notice.event(time: configuration.clock.now, election: election), to))
            }
        }
        if !events.isEmpty { publish(events.map(\.0), to: events.map(\.1)) }
    }

    private func inspectGround() async {
        for queue in [Topology.deadLetters, Topology.unroutable] {
            do {
                // Not on the token's channel: a queue that is missing would cost it.
                let messages = try await reading.inspect(queue: queue).messages
                if messages > ground[queue] ?? 0 {
                    log.write(
                        .warning, Wording(vi: "hàng đợi \(queue) có \(messages) tin cần xem", en: "\(messages) messages wait in \(queue) and need a look"))
                }
                ground[queue] = messages
            } catch { log.write(.warning, verbatim: "\(queue): \(error)") }
        }
    }

    // MARK: Questions

    /// How things stand, for who answers questions.
    private func snapshot() -> QuestionDesk.Snapshot {
        var about = JSONObject()
        if leadership.election != nil {
            about["agents"] = presence.json(silent: state.silentParties, offset: configuration.offset)
            about["ground"] = .object(JSONObject(members: ground.keys.sorted().map { .init(key: $0, value: .int(Int64(ground[$0] ?? 0))) }))
        }
        return QuestionDesk.Snapshot(state: state, leads: leadership.election != nil, about: about)
    }

    private func openDesk() -> QuestionDesk {
        QuestionDesk(configuration, log: log, instance: instance, onEvent: Coordinator.report("questions", log)) { await self.snapshot() }
    }
}
