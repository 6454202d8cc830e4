import AMQP
import AgentKit
import Broker
import Build
import Coordination
import Foundation
import Messages
import Regulation
import Topology
import Values

/// Something was set aside that this coordinator has read already: it must begin anew.
struct MustBeReadAgain: Error {
    /// What the process ends with, so that it is started again.
    static let exitStatus = EX_TEMPFAIL
}

/// The coordinator as it runs: it tails the ledger into the fold, stands for leadership when it gets the token, and as leader publishes what the fold
/// calls for. All it knows is in the ledger; it may be killed at any moment.
actor Coordinator {
    private let configuration: Configuration
    private let log: Logger
    private let instance: String
    /// Reads the ledger.
    private let reading: Connection
    /// Holds the token. Notices leave on its channel, so that a leader that lost the token cannot send.
    private var leading: Connection

    /// Decides; all else here performs it.
    private var leader: Leader
    private var token: Delivery?
    private var tokenConsumer: Consumer?
    private let position = LedgerPosition()
    /// Where the ledger ended when the broker was asked last.
    private var ledgerEnd: Int64?
    private var presence = PresenceBoard()
    private var beats: Consumer?
    private var ground: [String: UInt32] = [:]
    /// Answers questions, once the ledger is read.
    private var desk: QuestionDesk?
    /// What ends this process: a consumer that is gone for good.
    private let ends: AsyncStream<AMQPError>
    private let end: AsyncStream<AMQPError>.Continuation

    /// Where what is in hand is told to the guardian; nil in a process that has none.
    private let hand: Hand?
    /// What this coordinator and those before it fell over, as it was told at the start.
    private let fellOver: InHand

    init(_ configuration: Configuration, log: Logger, instance: String, hand: Hand? = nil, fellOver: InHand = .nothing) {
        (self.hand, self.fellOver) = (hand, fellOver)
        (self.configuration, self.log, self.instance) = (configuration, log, instance)
        leader = Coordinator.leader(configuration, instance, SetAside(build: Build.id), hand)
        (ends, end) = AsyncStream.makeStream()
        reading = Coordinator.connection("ledger", configuration, log)
        leading = Coordinator.connection("token", speaks: true, configuration, log)
    }

    private static func connection(_ name: String, speaks: Bool = false, _ configuration: Configuration, _ log: Logger) -> Connection {
        var options = Options()
        options.heartbeatSeconds = 5
        options.connectionName = "coordinator \(name)"
        if speaks { options.requiredQueues = Topology.requiredForSpeaking }
        return Connection(configuration.endpoint, options: options, onEvent: report(name, log))
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

    private static func leader(_ configuration: Configuration, _ instance: String, _ setAside: SetAside, _ hand: Hand?) -> Leader {
        let options = LedgerState.Options(rate: configuration.clock.rate)
        var state = LedgerState(regulation: configuration.regulation, options: options, setAside: setAside)
        if let hand { state.holds = { hand.hold($0) } }
        return Leader(
            reading: state, regulation: configuration.regulation, instance: instance, options: options,
            duties: { [clock = configuration.clock] in clock.virtual(fromWall: $0) }, makeID: { _ in UUID().uuidString.lowercased() })
    }

    /// Reads the ledger for what it says is to be left out, and adds to it what this coordinator fell over. Nothing is folded.
    private func findSetAside() async throws {
        let connection = Coordinator.connection("first reading", configuration, log)
        defer { Task { await connection.close() } }
        try await connection.waitUntilConnected(timeoutSeconds: .infinity)
        var aside = SetAside(build: Build.id)
        var end: LedgerEnd?
        while end == nil {
            do throws(AMQPError) {
                end = try await LedgerEnd(askedAt: configuration.endpoint, connectionName: "coordinator first end", timeoutSeconds: Leader.answerSeconds)
            } catch {
                log.write(.warning, verbatim: "where the ledger ends is not known: \(error)")
                try await Task.sleep(for: .seconds(1))
            }
        }
        guard let end else { return }
        let stream = try LedgerStream(on: connection, to: end, patienceSeconds: Coordinator.firstReadingSeconds)
        while let records = try await stream.next() {
            for record in records {
                let isMeant = if case .record(_, record.offset) = fellOver { true } else { false }
                guard isMeant || record.delivery.routingKey.hasPrefix(SetAside.routingPrefix) else { continue }
                let read = LedgerState.Record(body: record.delivery.body, carriage: Carriage(record.delivery), offset: record.offset)
                aside.note(read)
                if isMeant, !aside.holds(read) {
                    try await setAside(
                        SetAside.event(of: read, build: Build.id, time: configuration.clock.now, in: configuration.regulation), in: &aside, on: connection)
                }
            }
        }
        if case .obligation(let id) = fellOver, !aside.obligations.contains(id) {
            try await setAside(
                SetAside.event(ofObligation: id, build: Build.id, time: configuration.clock.now, in: configuration.regulation), in: &aside, on: connection)
        }
        leader = Coordinator.leader(configuration, instance, aside, hand)
    }

    /// Has the ledger say that something is set aside, so that all who read it leave it out.
    private func setAside(_ event: Event, in aside: inout SetAside, on connection: Connection) async throws {
        let publishing = Publishing(event, to: RoutingKey.all, offset: configuration.offset)
        try await connection.publish(publishing)
        log.write(.error, Wording(event.data["wording"]))
        aside.note(
            LedgerState.Record(
                body: publishing.body,
                carriage: Carriage(
                    exchange: publishing.exchange, routingKey: publishing.routingKey, userID: event.sender, messageID: event.id, contentType: Event.contentType)
            ))
    }

    /// How long the ledger may say nothing before its end is reached.
    private static let firstReadingSeconds = 30.0

    /// Runs until cancelled. Throws what waiting does not cure: a wrong password, a missing ledger.
    func run() async throws {
        try await reading.waitUntilConnected(timeoutSeconds: .infinity)
        try await checkGround()
        try await findSetAside()
        let ledger = try reading.consume(queue: Topology.ledger, prefetch: Coordinator.prefetch) { [position] in position.arguments }
        perform(leader.started(at: moment))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.follow(ledger) }
            group.addTask { try await self.keepTime() }
            group.addTask { try await self.beat() }
            group.addTask { [ends] in for await error in ends { throw error } }
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
                // The broker sends more while a part of these is worked on, and what else there is to do has its turn.
                for start in stride(from: 0, to: deliveries.count, by: Coordinator.slice) {
                    let some = deliveries[start..<min(start + Coordinator.slice, deliveries.count)]
                    try await read(some)
                    if let last = some.last { ledger.acknowledge(through: last) }
                    await Task.yield()
                }
            case .subscribed: log.write(.info, verbatim: "reading the ledger from \(position.next.map(String.init) ?? "its beginning")")
            case .interrupted(let error): log.write(.warning, verbatim: "the ledger: \(error)")
            }
        }
        if !Task.isCancelled { throw AMQPError(.cancelled, "the ledger is not read any more") }
    }

    /// How many records the broker sends ahead. On a machine that has much to do its answers take a third of a second, in which thousands come in.
    private static let prefetch: UInt16 = 2000

    /// How many records are read in one go.
    private static let slice = 100

    private func read(_ deliveries: ArraySlice<Delivery>) async throws {
        // After a reconnection a chunk may bring earlier records along.
        let records = deliveries.compactMap { delivery in
            position.advance(past: delivery).map { LedgerState.Record(body: delivery.body, carriage: Carriage(delivery), offset: $0) }
        }
        let gaps = leader.state.gapCounts
        perform(leader.recordsRead(records, at: moment, share: Leader.share))
        hand?.hold(.nothing)
        while leader.hasUnread {
            await Task.yield()
            perform(leader.workedOn(at: moment, share: Leader.share))
            hand?.hold(.nothing)
        }
        if leader.state.mustBeReadAgain { throw MustBeReadAgain() }
        tellGaps(since: gaps)
    }

    /// Tells of messages that were received and are not on the ledger.
    private func tellGaps(since before: (missing: Int, testified: Int, contradicted: Int)) {
        let now = leader.state.gapCounts
        if now.contradicted > before.contradicted {
            log.write(
                .error,
                Wording(
                    vi: "BÁO ĐỘNG: một mã tin có hai nội dung khác nhau; xem phoihop status",
                    en: "ALARM: a message has two bodies under one id; see phoihop status"))
        }
        guard now.missing != before.missing else { return }
        log.write(
            now.missing > before.missing ? .warning : .notice,
            Wording(
                vi: "sổ thiếu \(now.missing) tin mà nơi nhận đã xác nhận; xem phoihop status",
                en: "\(now.missing) messages that were received are not on the ledger; see phoihop status"))
    }

    // MARK: The token

    private func followToken() {
        guard tokenConsumer == nil else { return }
        follow("the token", queue: Topology.leader, prefetch: 1, keep: { self.tokenConsumer = $0 }) { event in
            switch event {
            case .deliveries(let deliveries): for delivery in deliveries { self.tokenArrived(delivery) }
            case .subscribed: break
            case .interrupted: self.tokenLost()
            }
        }
    }

    private func tokenArrived(_ delivery: Delivery) {
        // A spare token does no harm; it is held as well.
        if let token, token.generation == delivery.generation { return }
        token = delivery
        perform(leader.tokenReceived(at: moment))
    }

    private func tokenLost() {
        token = nil
        perform(leader.tokenLost(at: moment))
    }

    /// Lets a standby have the token: only a connection that closes makes it the one that is served.
    private func handOver(seconds: Double) {
        let former = leading
        (token, tokenConsumer, beats) = (nil, nil, nil)
        leading = Coordinator.connection("token", speaks: true, configuration, log)
        Task {
            await former.close()
            try? await Task.sleep(for: .seconds(seconds))
            followToken()
        }
    }

    /// Reads a queue in a task of its own. Where it ends for good, this process ends: nobody notices one that reads nothing any more.
    private func follow(
        _ name: String, queue: String, prefetch: UInt16, noAck: Bool = false, keep: (Consumer) -> Void, _ take: @escaping (Consumer.Event) -> Void
    ) {
        do throws(AMQPError) {
            let consumer = try leading.consume(queue: queue, prefetch: prefetch, noAck: noAck)
            keep(consumer)
            Task {
                do throws(AMQPError) { for try await event in consumer { take(event) } } catch { endBecause(error, of: name) }
            }
        } catch { endBecause(error, of: name) }
    }

    private func endBecause(_ error: AMQPError, of name: String) {
        // What this side closed or cancelled itself is no failure.
        if error.code == .closed || error.code == .cancelled { return }
        log.write(.error, verbatim: "\(name): \(error)")
        end.yield(error)
    }

    // MARK: What the leader wants

    private var moment: Leader.Moment { Leader.Moment(seconds: Coordinator.seconds(), wall: Clock.realNow) }

    private func perform(_ actions: [Leader.Action]) {
        for action in actions {
            switch action {
            case .learnEnd: learnEnd()
            case .awaitToken:
                followToken()
                desk = desk ?? openDesk()
                Task { [desk] in await desk?.begin() }
                print("phoihop-coordinator ready")
                fflush(nil)
            case .returnToken:
                if let token { tokenConsumer?.reject(token, requeue: true) }
                token = nil
            case .handOver(let seconds): handOver(seconds: seconds)
            case .publish(let publications): publish(publications)
            case .ask(let inquiry): ask(inquiry)
            case .say(let remark):
                if case .leads = remark { presence = PresenceBoard() }
                log.write(remark)
            }
        }
    }

    private func learnEnd() {
        Task {
            do throws(AMQPError) {
                let found = try await LedgerEnd(askedAt: configuration.endpoint, connectionName: "coordinator end", timeoutSeconds: Leader.answerSeconds)
                let end: Int64? = if case .at(let offset) = found { offset } else { nil }
                perform(leader.ledgerEndKnown(end, at: moment))
            } catch {
                log.write(.warning, verbatim: "where the ledger ends is not known: \(error)")
                perform(leader.ledgerEndNotKnown(at: moment))
            }
        }
    }

    /// Publishes on the token's channel, in this generation of it only.
    private func publish(_ publications: [Leader.Publication]) {
        let ids = publications.map(\.event.id)
        guard let generation = token?.generation else { return told(ids.map { ($0, .lost("without the token")) }) }
        let publishings = publications.map { Publishing($0.event, to: $0.to, offset: configuration.offset) }
        // In this order on the wire: a mark that is read back tells that what was published before it has been read, or is not on the ledger.
        let submission = leading.submit(publishings, generation: generation)
        Task {
            let results = await submission.results
            told(zip(ids, results).map { ($0, Leader.Outcome($1)) })
        }
    }

    private func told(_ outcomes: [(String, Leader.Outcome)]) {
        for (id, outcome) in outcomes where outcome != .confirmed { perform(leader.published(id, outcome, at: moment)) }
    }

    /// Asks the broker when records came in.
    private func ask(_ inquiry: Leader.ArrivalInquiry) {
        let clock = configuration.clock
        let own = StampSearch.Act(id: "", offset: inquiry.own, guess: inquiry.written.milliseconds / 1000)
        let acts = inquiry.acts.map { act in
            StampSearch.Act(id: act.id, offset: act.offset, guess: clock.wall(fromVirtual: act.notBefore).milliseconds / 1000)
        }
        Task {
            do throws(AMQPError) {
                let stamps = try await Stamps(
                    of: [own] + acts, askedAt: configuration.endpoint, connectionName: "coordinator stamps", timeoutSeconds: Leader.answerSeconds)
                let arrivals = stamps.seconds.mapValues { Instant(milliseconds: ($0 + 1) * 1000) }
                perform(leader.arrivalsTold(inquiry.number, arrivals, own: arrivals[own.id], at: moment))
            } catch { perform(leader.arrivalsNotTold(inquiry.number, reason: "\(error)", at: moment)) }
        }
    }

    // MARK: Time

    /// The one timer: it looks at the clock when the next deadline has settled, and at least every quarter of a second, since the machine's clock may be set.
    private func keepTime() async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: .seconds(leader.patience(at: moment)))
            perform(leader.timePassed(at: moment))
            hand?.hold(.nothing)
        }
    }

    private static func seconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    // MARK: Presence and the coordinator's own ground

    private func beat() async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: .seconds(PresenceBoard.beatSeconds))
            followBeats()
            returnFreeMemory()
            let leads = leader.election != nil
            // One whose publications do not come about is no sign that anybody watches.
            if !leads || leader.isAtWork(at: moment) { await showLife(as: leads ? "leader" : "standby") }
            guard leads else { continue }
            reportSilence()
            await inspectGround()
            await lookAtEnd()
        }
    }

    private func showLife(as role: String) async {
        let beat: JSON = [
            "party": .string(LedgerState.coordinator), "role": .string(role), "instance": .string(instance),
            "at": JSON(Clock.realNow + leader.correction, offset: configuration.offset),
        ]
        do throws(AMQPError) {
            try await leading.publish(
                Publishing(
                    exchange: Topology.presence, routingKey: LedgerState.coordinator, body: beat.bytes, contentType: "application/json",
                    userID: LedgerState.coordinator, persistent: false, mandatory: false))
        } catch { log.write(.debug, verbatim: "a sign of life was not taken: \(error)") }
    }

    /// The beats are the leader's alone to read: of two readers each would hear every other one, and an agent whose beats all went to the standby would count
    /// as silent.
    private func followBeats() {
        guard leader.election != nil else {
            beats?.cancel()
            beats = nil
            return
        }
        guard beats == nil else { return }
        let queue = Topology.presenceQueue(of: LedgerState.coordinator)
        follow("presence", queue: queue, prefetch: 100, noAck: true, keep: { self.beats = $0 }) { event in
            if case .deliveries(let deliveries) = event { self.hear(deliveries) }
        }
    }

    private func hear(_ deliveries: [Delivery]) {
        for delivery in deliveries {
            guard let party = delivery.userID, party == delivery.routingKey else { continue }
            let beat = try? JSON(parsing: delivery.body)
            if party != LedgerState.coordinator { presence.heard(party, beat, at: Clock.realNow) }
            guard let beat, let at = beat["at"]?.instant else { continue }
            perform(leader.beatHeard(party, instance: beat["instance"]?.string, clockShows: at, at: moment))
        }
    }

    /// Publishes who has fallen silent and who has come back.
    private func reportSilence() {
        guard let regulation = leader.state.regulation else { return }
        let news = presence.news(expected: leader.state.agencies, silent: leader.state.silentParties, now: Clock.realNow)
        let notices = news.flatMap { item in
            Set([item.party, regulation.lead]).sorted().map {
                item.notice(to: $0, phone: leader.state.phone(of: item.party), regulation: regulation, clock: configuration.clock)
            }
        }
        perform(leader.found(notices, at: moment))
    }

    /// How far the reading lags is told in the answer to "status".
    private func lookAtEnd() async {
        do throws(AMQPError) {
            let end = try await LedgerEnd(askedAt: configuration.endpoint, connectionName: "coordinator looks", timeoutSeconds: Leader.answerSeconds)
            if case .at(let offset) = end { ledgerEnd = offset }
        } catch { log.write(.warning, verbatim: "where the ledger ends is not known: \(error)") }
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
    private func snapshot() async -> QuestionDesk.Snapshot {
        // Nobody is told of what has been taken in by half.
        while leader.state.isObserving { await Task.yield() }
        var about = JSONObject()
        if leader.election != nil {
            about["agents"] = presence.json(silent: leader.state.silentParties, offset: configuration.offset)
            about["ground"] = .object(JSONObject(members: ground.keys.sorted().map { .init(key: $0, value: .int(Int64(ground[$0] ?? 0))) }))
        }
        let seconds = leader.lagSeconds(at: moment)
        about["lag"] = .compact([
            "seconds": .double((seconds * 100).rounded() / 100), "records": ledgerEnd.map { .int(max(0, $0 - (leader.lastOffset ?? -1))) },
        ])
        return QuestionDesk.Snapshot(state: leader.state, leads: leader.election != nil, about: about)
    }

    private func openDesk() -> QuestionDesk {
        QuestionDesk(configuration, log: log, instance: instance, onEvent: Coordinator.report("questions", log)) { await self.snapshot() }
    }
}
