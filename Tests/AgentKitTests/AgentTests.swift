import AMQP
import Broker
import Foundation
import Messages
import Regulation
import Schemas
import Testing
import Topology
import Values

@testable import AgentKit

/// Agents against a real broker. Each test has a party of its own, so that none reads what is another's.
@Suite struct AgentTests {
    private func say(_ event: Event, to: String, over connection: Connection) async throws {
        try await connection.publish(Publishing(event, to: to, offset: .hours(7)))
    }

    private func receipts(for id: String, in events: [Event]) -> [Instant] {
        events.flatMap { $0.data["receipts"]?.array ?? [] }.filter { $0["id"]?.string == id }.compactMap { $0["receivedAt"]?.instant }
    }

    private func isEmpty(_ party: PartyID, _ connection: Connection) async throws -> Bool {
        for queue in [Topology.urgentQueue(of: party), Topology.queue(of: party)] {
            if try await connection.inspect(queue: queue).messages > 0 { return false }
        }
        return true
    }

    @Test func aMessageIsKeptShownAndReceiptedOnce() async throws {
        let broker = try await TestBroker.shared
        let connection = Connection(broker.impersonator)
        let agent = try TestAgent("information-dept", broker)
        let context = try await agent.start()
        let event = notified()
        try await say(event, to: "all", over: connection)
        let entry = try await agent.entry(event.id)
        #expect(entry.event == event && entry.state == .new)
        var shown: Received?
        for await message in context.onMessage where message.event.id == event.id {
            shown = message
            break
        }
        #expect(shown?.event == event)
        try await say(event, to: "all", over: connection)
        let issued = try await broker.ledger("two receipts") {
            $0.sender == "information-dept" && !receipts(for: event.id, in: [$0]).isEmpty
        } until: {
            $0.count == 2
        }
        #expect(receipts(for: event.id, in: issued) == [entry.receivedAt, entry.receivedAt], "a second receipt tells the first arrival")
        #expect(try agent.entries().count { $0.event.id == event.id } == 1)
        #expect(agent.lines.contains("notice  Provincial Border Guard Command: "))
        try await eventually("all is acknowledged") { try await isEmpty("information-dept", connection) }
        #expect(await agent.end() == 0)
        #expect(!FileManager.default.fileExists(atPath: agent.directory.path + "/running"))
    }

    @Test func whatDoesNotCountGoesIntoQuarantineAndHoldsUpNothing() async throws {
        let broker = try await TestBroker.shared
        let connection = Connection(broker.impersonator)
        // Its own part waits, as for a slow disk, in as many places as there are threads for all tasks, and more.
        let goOn = DispatchSemaphore(value: 0)
        let count = ProcessInfo.processInfo.activeProcessorCount * 2
        let agent = try TestAgent("police", broker) { _ in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<count { group.addTask { goOn.wait() } }
            }
        }
        _ = try await agent.start()
        defer { for _ in 0..<count { goOn.signal() } }
        var publishing = Publishing(
            Event(id: "v-1", sender: "newspaper", type: "violation.suspected", time: noon, data: ["nonsense": 1]), to: "all", offset: .zero)
        try await connection.publish(publishing)
        publishing.body = [0xff]
        try await connection.publish(publishing)
        publishing.userID = nil
        try await connection.publish(publishing)
        let good = notice("police-notice", election: "e", to: "police")
        try await say(good, to: "police", over: connection)
        _ = try await agent.entry(good.id)
        try await eventually("three are in quarantine") { try Quarantine.entries(home: agent.directory.url).count == 3 }
        try await eventually("all is acknowledged") { try await isEmpty("police", connection) }
        #expect(agent.lines.contains("does not count"))
        for _ in 0..<count { goOn.signal() }
        #expect(await agent.end() == 0)
    }

    @Test func twoAgentsOfOnePartyNoticeEachOther() async throws {
        let broker = try await TestBroker.shared
        let (first, second) = (try TestAgent("newspaper", broker), try TestAgent("newspaper", broker))
        _ = try await first.start()
        _ = try await second.start()
        for agent in [first, second] {
            try await eventually("it is in the log and in the inbox", withinSeconds: 20) {
                try agent.lines.contains("TWO AGENTS SERVE newspaper") && agent.entries().contains { $0.state == .remark }
            }
        }
        #expect(await second.end() == 0)
        try await eventually("its end is told", withinSeconds: 30) { first.lines.contains("the other agent of newspaper") }
        #expect(await first.end() == 0)
    }

    @Test func aNoticeOfAnEarlierElectionIsSetAsideAcrossARestart() async throws {
        let broker = try await TestBroker.shared
        let connection = Connection(broker.impersonator)
        let directory = try TemporaryDirectory()
        var agent = try TestAgent("culture-dept", broker, directory: directory)
        _ = try await agent.start()
        for (id, term) in [("election-1", Int64(1)), ("election-2", 2)] { try await say(elected(id, term: term), to: "all", over: connection) }
        _ = try await agent.entry("election-2")
        #expect(await agent.end() == 0)
        agent = try TestAgent("culture-dept", broker, directory: directory)
        _ = try await agent.start()
        for (id, election) in [("old", "election-1"), ("current", "election-2")] {
            try await say(notice(id, election: election, to: "culture-dept"), to: "culture-dept", over: connection)
        }
        #expect(try await agent.entry("old").state == .setAside)
        #expect(try await agent.entry("current").state == .new)
        #expect(agent.lines.contains("set aside, from an earlier election"))
        #expect(await agent.end() == 0)
    }

    @Test func aForwardedMessageIsReceivedAsIfItHadComeItself() async throws {
        let broker = try await TestBroker.shared
        let connection = Connection(broker.impersonator)
        let agent = try TestAgent("peoples-committee", broker)
        _ = try await agent.start()
        let inner = Event(
            id: UUID().uuidString.lowercased(), sender: "information-dept", type: "incident.briefed", subject: "SC-1", time: noon,
            data: try sample("incident.briefed"))
        let cover = Event(
            id: "forward/\(inner.id)", sender: "coordinator", type: "message.forwarded", time: noon,
            data: [
                "original": .string(inner.json(offset: .hours(7)).text), "originalRoutingKey": "information-dept.incident.briefed.all",
                "to": "peoples-committee", "reason": "Sau 2 phút chưa có xác nhận.", "wording": ["vi": "Chuyển lại.", "en": "Sent again."],
            ])
        try await say(cover, to: "peoples-committee", over: connection)
        let entry = try await agent.entry(inner.id)
        #expect(entry.event == inner && entry.routingKey == "information-dept.incident.briefed.all")
        let issued = try await broker.ledger("the receipt") {
            $0.sender == "peoples-committee" && !receipts(for: inner.id, in: [$0]).isEmpty
        }
        #expect(!receipts(for: cover.id, in: issued).isEmpty)

        // What the coordinator quotes of a refused message is its sender's claim, and may lie in the future: the refusal is read all the same.
        var refusal = Event(
            id: "refused/1/peoples-committee", sender: "coordinator", type: "message.refused", time: Clock.realNow, data: try sample("message.refused"))
        var data = refusal.data.object ?? JSONObject()
        (data["writtenAt"], data["to"]) = ("2199-12-31T23:59:59Z", "peoples-committee")
        refusal.data = .object(data)
        try await say(refusal, to: "peoples-committee", over: connection)
        #expect(try await agent.entry(refusal.id).state == .new)
        #expect(try Quarantine.entries(home: agent.directory.url).isEmpty)
        #expect(await agent.end() == 0)
    }

    @Test func whatIsSaidWithoutABrokerIsSentWhenThereIsOne() async throws {
        let broker = try await TestBroker.shared
        let directory = try TemporaryDirectory()
        var nowhere = broker.impersonator
        nowhere.port = 1
        let lonely = try TestAgent("broadcaster", broker, endpoint: nowhere, directory: directory)
        let context = try await lonely.start()
        let event = try context.publish(type: "violation.suspected", subject: "V-1", data: try sample("violation.suspected"))
        try await eventually("the operator is told") { lonely.lines.contains("no broker") }
        #expect(await lonely.end() == 0)
        #expect(directory.names(in: "spool/new").count == 1)
        let agent = try TestAgent("broadcaster", broker, directory: directory)
        _ = try await agent.start()
        let found = try await broker.ledger("the message") { $0.id == event.id }
        #expect(found.first == event)
        try await eventually("it is confirmed") { directory.names(in: "spool/new").isEmpty && directory.names(in: "spool/sent").count == 1 }
        #expect(await agent.end() == 0)
    }

    @Test func whatWouldNotCountIsNotSaid() async throws {
        let broker = try await TestBroker.shared
        var nowhere = broker.impersonator
        nowhere.port = 1
        let agent = try TestAgent("newspaper", broker, endpoint: nowhere)
        let context = try await agent.start()
        #expect(throws: Refusal.self) { try context.publish(type: "incident.notified", data: try sample("incident.notified")) }
        #expect(throws: Refusal.self) { try context.publish(type: "violation.suspected", data: ["nonsense": true]) }
        #expect(throws: Refusal.self) { try context.publish(type: "violation.suspected", data: try sample("violation.suspected"), to: "nobody") }
        #expect(agent.directory.names(in: "spool/new").isEmpty)
        #expect(await agent.end() == 0)
    }

    @Test func whatTheBrokerRefusesForGoodIsPutAsideAndSaidAndItsNeighboursGoThrough() async throws {
        let broker = try await TestBroker.shared
        let agent = try TestAgent(TestBroker.officeID, broker, endpoint: broker.office)
        let context = try await agent.start()
        let spool = try Spool(directory: agent.directory.url.appending(path: "spool"), offset: .hours(7))
        let data = try sample("violation.suspected")
        var before: [Event] = []
        for _ in 0..<5 { before.append(try context.publish(type: "violation.suspected", data: data)) }
        // Put there past all checks: the broker knows that this account may not say it.
        var foreign = notified()
        foreign.sender = TestBroker.officeID
        try spool.write(foreign, to: "all")
        let after = try context.publish(type: "violation.suspected", data: data)
        let ids = Set((before + [after]).map(\.id))
        let found = try await broker.ledger("the neighbours") {
            ids.contains($0.id)
        } until: {
            Set($0.map(\.id)) == ids
        }
        let sent = found.count
        try await eventually("it is put aside") { try spool.refused().map(\.entry.id) == [foreign.id] && spool.pendingCount() == 0 }
        let entry = try await agent.entry(foreign.id)
        #expect(entry.state == .refused && entry.reason?.contains("refused") == true)
        #expect(agent.lines.contains("the broker refuses incident.notified"))

        // The same agent, its connection cut: what was confirmed is sent again.
        try broker.rabbitmqctl("close_all_user_connections", TestBroker.officeID, "test")
        _ = try await broker.ledger("all once more") {
            ids.contains($0.id)
        } until: {
            Set($0.dropFirst(sent).map(\.id)) == ids
        }
        try await eventually("the operator is told") { agent.lines.contains("connected to the broker again") }
        let last = try context.publish(type: "violation.suspected", data: data)
        _ = try await broker.ledger("what is said after") { $0.id == last.id }
        #expect(await agent.end() == 0)
    }

    @Test func anAgentShowsThatItIsAlive() async throws {
        let broker = try await TestBroker.shared
        let connection = Connection(broker.impersonator)
        let agent = try TestAgent("newspaper", broker)
        _ = try await agent.start()
        var beat: JSON?
        for try await case .deliveries(let deliveries) in try connection.consume(
            queue: Topology.presenceQueue(of: "coordinator"), prefetch: 0, noAck: true)
        {
            beat = deliveries.first { $0.userID == "newspaper" }.flatMap { try? JSON(parsing: $0.body) }
            if beat != nil { break }
        }
        #expect(beat?["party"] == "newspaper" && beat?["instance"]?.string?.hasSuffix("/\(getpid())") == true)
        #expect(beat?["at"]?.instant != nil && beat?["version"] == .string(Agent.version) && beat?["inboxDepth"]?.int != nil)
        #expect(await agent.end() == 0)
    }

    @Test func whatWaitingDoesNotMendEndsTheAgentWithAReason() async throws {
        let broker = try await TestBroker.shared
        var wrongPassword = broker.office
        wrongPassword.credentials = .plain(user: TestBroker.officeID, password: "wrong")
        var wrongHost = broker.office
        wrongHost.host = "no-such-host.invalid"
        var wrongVirtualHost = broker.office
        wrongVirtualHost.virtualHost = "no-such-vhost"
        var nowhere = broker.office
        nowhere.port = 1
        let drill = Clock(option: "60@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00") ?? .system
        for (agent, status, text) in [
            (try TestAgent(TestBroker.officeID, broker, endpoint: wrongPassword), Int32(77), "check user and password"),
            (try TestAgent(TestBroker.officeID, broker, endpoint: wrongHost), 68, "check the host"),
            (try TestAgent(TestBroker.officeID, broker, endpoint: wrongVirtualHost), nil, "no-such-vhost"),
            (try TestAgent("nobody", broker), 78, "queue party.nobody.urgent is missing; run deploy/up"),
            (try TestAgent("broadcaster", broker, clock: drill), 78, "this broker is not for drills"),
            (try TestAgent(TestBroker.officeID, broker, endpoint: nowhere, once: true), 69, "cannot be reached"),
        ] as [(TestAgent, Int32?, String)] {
            let outcome = await agent.outcome()
            #expect(outcome != 0 && (status == nil || outcome == status), "\(text)")
            #expect(agent.lines.contains(text), "\(agent.lines.all)")
            #expect(!agent.lines.contains("wrong@") && !agent.lines.contains(":wrong"))
        }
    }

    @Test func anAgentThatRunsOnceTakesAndSendsWhatWaitsAndLeaves() async throws {
        let broker = try await TestBroker.shared
        let connection = Connection(broker.impersonator)
        let waiting = (0..<5).map { notice("once-\($0)", election: "e", to: "economic-zone") }
        for event in waiting { try await say(event, to: "economic-zone", over: connection) }
        let agent = try TestAgent("economic-zone", broker, hooks: ["/bin/true"], once: true)
        let spool = try Spool(directory: agent.directory.url.appending(path: "spool"), offset: .hours(7))
        var own = notified()
        (own.sender, own.type, own.data) = ("economic-zone", "violation.suspected", try sample("violation.suspected"))
        try spool.write(own, to: "all")
        #expect(await agent.outcome() == 0)
        #expect(Set(try agent.entries().map(\.event.id)).isSuperset(of: waiting.map(\.id)))
        #expect(try spool.pendingCount() == 0)
        #expect(try await isEmpty("economic-zone", connection))
    }

    @Test func whileDeliveriesComeAgainOneIsTakenAtATimeAndAllAreKept() async throws {
        let broker = try await TestBroker.shared
        let connection = Connection(broker.impersonator)
        let ids = (0..<30).map { "again-\($0)" }
        for id in ids { try await say(notice(id, election: "e", to: "ministry"), to: "ministry", over: connection) }
        // Another reader takes them all and goes without a word.
        let rude = Connection(broker.impersonator)
        let consumer = try rude.consume(queue: Topology.urgentQueue(of: "ministry"), prefetch: 100)
        var seen = 0
        for try await case .deliveries(let deliveries) in consumer {
            seen += deliveries.count { $0.messageID?.hasPrefix("again-") == true }
            if seen == ids.count { break }
        }
        await rude.close()
        let agent = try TestAgent("ministry", broker)
        _ = try await agent.start()
        for id in ids { _ = try await agent.entry(id) }
        #expect(try agent.entries().map(\.event.id).filter { $0.hasPrefix("again-") }.sorted() == ids.sorted())
        try await say(notice("again-last", election: "e", to: "ministry"), to: "ministry", over: connection)
        _ = try await agent.entry("again-last")
        try await eventually("all is acknowledged") { try await isEmpty("ministry", connection) }
        #expect(await agent.end() == 0)
    }

    @Test func oneHomeHasOneAgent() async throws {
        let broker = try await TestBroker.shared
        var nowhere = broker.impersonator
        nowhere.port = 1
        let directory = try TemporaryDirectory()
        let first = try TestAgent("newspaper", broker, endpoint: nowhere, directory: directory)
        _ = try await first.start()
        let second = try TestAgent("newspaper", broker, endpoint: nowhere, directory: directory)
        #expect(await second.outcome() == ExitStatus.unavailable)
        #expect(second.lines.contains("another agent already works in"))
        #expect(await first.end() == 0)
    }

    @Test func aFloodArrivesWholeAndBulkGoesOutWhole() async throws {
        let broker = try await TestBroker.shared
        let agent = try TestAgent("border-guard", broker)
        _ = try await agent.start()
        let spool = try Spool(directory: agent.directory.url.appending(path: "spool"), offset: .hours(7))
        let data = try sample("incident.detected")
        let events = (0..<3000).map { Event(id: "flood-\($0)", sender: "border-guard", type: "incident.detected", time: noon, data: data) }
        try spool.writeSegment(events.map { ($0, "all") })
        try await eventually("all have come back", withinSeconds: 60) {
            try agent.entries().count { $0.event.id.hasPrefix("flood-") } == events.count
        }
        #expect(Set(try agent.entries().map(\.event.id)).isSuperset(of: events.map(\.id)))
        let issued = try await broker.ledger("receipts") {
            $0.sender == "border-guard" && $0.type == "receipt.issued"
        } until: {
            $0.flatMap { $0.data["receipts"]?.array ?? [] }.count >= events.count
        }
        #expect(issued.allSatisfy { ($0.data["receipts"]?.array?.count ?? 0) <= InboxMachine.receiptLimit })
        #expect(await agent.end() == 0)
    }

    @Test func anExecutableGetsReadyAndIsKilledAndGoesOn() async throws {
        let broker = try await TestBroker.shared
        let directory = try TemporaryDirectory()
        let regulation = directory.path + "/regulation.json"
        try broker.regulation.source.text.write(toFile: regulation, atomically: true, encoding: .utf8)
        guard case .plain(let user, let password) = broker.office.credentials else { return }
        let uri = "amqp://\(user):\(password)@\(broker.office.host):\(broker.office.port)/\(broker.office.virtualHost)"
        var started: [Process] = []
        defer { for process in started where process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        func start(_ run: String) throws -> (Process, @Sendable () -> String) {
            let process = Process()
            process.executableURL = try executable("phoihop-party")
            process.arguments = ["--regulation", regulation, "--lang", "en", "--log-level", "debug"]
            process.environment = ["PHOIHOP_BROKER": uri, "PHOIHOP_HOME": directory.path + "/home", "PATH": "/usr/bin:/bin"]
            let path = directory.path + "/" + run
            try Data().write(to: URL(filePath: path))
            let output = try FileHandle(forWritingTo: URL(filePath: path))
            process.standardOutput = output
            process.standardError = output
            try process.run()
            started.append(process)
            return (process, { (try? readFile(path)).map { String(decoding: $0, as: UTF8.self) } ?? "" })
        }
        let (first, firstOutput) = try start("first")
        try await eventually("the first is ready") { firstOutput().contains("phoihop-party ready\n") }
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        let (second, secondOutput) = try start("second")
        try await eventually("the second is ready") { secondOutput().contains("phoihop-party ready\n") }
        #expect(secondOutput().contains("the last run did not end in order"))
        kill(second.processIdentifier, SIGTERM)
        second.waitUntilExit()
        #expect(second.terminationReason == .exit && second.terminationStatus == 0)
        let (third, thirdOutput) = try start("third")
        try await eventually("the third is ready") { thirdOutput().contains("phoihop-party ready\n") }
        #expect(!thirdOutput().contains("did not end in order"))
        kill(third.processIdentifier, SIGINT)
        third.waitUntilExit()
        #expect(third.terminationStatus == 0)
    }

    /// An executable of this package, where it was built.
    private func executable(_ name: String) throws -> URL {
        if let directory = ProcessInfo.processInfo.environment["PHOIHOP_BIN"] { return URL(filePath: directory).appending(path: name) }
        var directory = Bundle.main.bundleURL
        for _ in 0..<4 {
            let candidate = directory.appending(path: name)
            if FileManager.default.isExecutableFile(atPath: candidate.path(percentEncoded: false)) { return candidate }
            directory.deleteLastPathComponent()
        }
        throw NoTestBroker(description: "\(name) is not built; run swift build, or name its directory with PHOIHOP_BIN")
    }

    /// The first example in a type's schema.
    private func sample(_ type: String) throws -> JSON {
        try #require(JSON(parsing: Schemas.message(type + ".v1") ?? "")["examples"]?.array?.first)
    }
}
