import Messages
import Regulation
import Testing
import Topology
import Values

/// The broker's definitions, tried as the broker would: permissions by their patterns, routing by the bindings.
@Suite struct DefinitionsTests {
    let regulation = Regulation.standard
    let broker = Broker(Definitions(.standard).json(passwords: [:]))
    var members: [PartyID] { regulation.parties.filter { $0.role != .system }.map(\.id) }
    var accounts: [PartyID] { regulation.parties.map(\.id) }

    /// Every key that could be tried: each sender, each type, each addressee.
    private func keys(from party: PartyID) -> [RoutingKey] {
        regulation.messageTypes.flatMap { type in (accounts + ["all", "nobody"]).map { RoutingKey(sender: party, type: type.name, to: $0) } }
    }

    /// What the regulation says of a key.
    private func isAllowed(_ key: RoutingKey) -> Bool {
        guard let type = regulation.messageType(key.type), type.senders.contains(key.sender) else { return false }
        if key.to == RoutingKey.all { return !type.to.isEmpty || !type.isAddressable }
        return type.isAddressable && members.contains(key.to)
    }

    @Test(arguments: Regulation.standard.parties.map(\.id)) func aPartyMayPublishWhatTheRegulationLetsItSay(_ party: PartyID) throws {
        let pattern = try Regex(broker.topicPattern(of: party, on: Topology.exchange))
        for key in keys(from: party) { #expect((try pattern.wholeMatch(in: key.description) != nil) == isAllowed(key), "\(key)") }
    }

    @Test(arguments: Regulation.standard.parties.map(\.id)) func nobodyMayPublishInAnothersName(_ party: PartyID) throws {
        let pattern = try Regex(broker.topicPattern(of: party, on: Topology.exchange))
        for other in accounts where other != party {
            for key in keys(from: other) where isAllowed(key) { #expect(try pattern.firstMatch(in: key.description) == nil, "\(key)") }
        }
        let presence = try Regex(broker.topicPattern(of: party, on: Topology.presence))
        for other in accounts { #expect((try presence.wholeMatch(in: other) != nil) == (other == party)) }
    }

    @Test(arguments: [
        "border-guard.incident.notified", "border-guard.incident.notified.all.all", "border-guard.incidentxnotified.all", "xborder-guard.incident.notified.all",
        "border-guard.incident.notified.", "border-guard..notified.all", "border-guard.incident.*.all", "border-guard.#", "",
        "border-guard.incident.notified.al",
    ]) func aKeyOfAnotherFormIsRefused(_ key: String) throws {
        #expect(try Regex(broker.topicPattern(of: "border-guard", on: Topology.exchange)).firstMatch(in: key) == nil)
    }

    @Test func theBrokerAndEveryReaderAgreeOnWhoMaySayWhatToWhom() {
        let reader = MessageReader(regulation: regulation)
        for key in accounts.flatMap(keys) {
            let event = Event(id: "a", sender: key.sender, type: key.type, time: Instant(milliseconds: 0), data: [:])
            let refusal: Refusal?
            do throws(Refusal) {
                try reader.check(event, to: key.to)
                refusal = nil
            } catch { refusal = error }
            // The data is empty and refused for it, but only where sender and addressee are in order.
            let isAddressed = refusal.map { !$0.reason.en.contains("may not send") && !$0.reason.en.contains("cannot be addressed") } ?? true
            #expect(isAddressed == isAllowed(key), "\(key): \(refusal?.description ?? "read")")
        }
    }

    @Test func everyKeyReachesTheQueuesOfItsAddresseesOnceAndTheLedger() {
        var count = 0
        for key in accounts.flatMap(keys) where isAllowed(key) {
            count += 1
            guard let type = regulation.messageType(key.type) else { continue }
            let parties = Set(type.to + (key.to == RoutingKey.all ? [] : [key.to]))
            let queues = parties.map { type.isUrgent ? Topology.urgentQueue(of: $0) : Topology.queue(of: $0) }
            let reached = broker.queuesReached(from: Topology.exchange, by: key.description)
            #expect(reached.sorted() == (queues + [Topology.ledger]).sorted(), "\(key)")
        }
        #expect(count > 200)
    }

    @Test func whatGoesToNoOneEndsInTheSinkAndNothingAllowedIsUnroutable() {
        for key in accounts.flatMap(keys) where isAllowed(key) {
            let exchanges = broker.exchangesReached(from: Topology.exchange, by: key.description)
            let goesToNoOne = regulation.messageType(key.type)?.to.isEmpty == true && key.to == RoutingKey.all
            #expect(exchanges.contains(Topology.sink) == goesToNoOne, "\(key)")
            #expect(!exchanges.contains(Topology.unroutableExchange), "\(key)")
        }
        #expect(broker.queuesReached(from: Topology.exchange, by: "police.weather.reported.all").sorted() == [Topology.ledger, Topology.unroutable])
    }

    @Test func onlyTheCoordinatorAndTheProvisionerWriteToTheDefaultExchange() throws {
        for party in accounts { #expect(try broker.may(party, "write", "amq.default") == ["coordinator", "provisioner"].contains(party), "\(party)") }
    }

    @Test func theLedgerIsReadByCoordinatorDepartmentAndProvisionerAlone() throws {
        for party in accounts {
            #expect(try broker.may(party, "read", Topology.ledger) == ["coordinator", "information-dept", "provisioner"].contains(party), "\(party)")
        }
    }

    @Test func aPartyReadsItsOwnQueuesAndNoOthers() throws {
        for party in accounts {
            for owner in members + ["coordinator"] {
                let queues =
                    owner == "coordinator"
                    ? [Topology.presenceQueue(of: owner)] : [Topology.queue(of: owner), Topology.urgentQueue(of: owner), Topology.presenceQueue(of: owner)]
                for queue in queues { #expect(try broker.may(party, "read", queue) == (party == owner), "\(party): \(queue)") }
            }
            for queue in [Topology.deadLetters, Topology.unroutable, Topology.questionsQueue] {
                #expect(try broker.may(party, "read", queue) == (party == "coordinator"))
            }
            #expect(try broker.may(party, "read", Topology.leader) == ["coordinator", "provisioner"].contains(party))
        }
    }

    @Test func nobodyDeclaresAnythingOrWritesPastTheRouting() throws {
        let names = broker.exchangeNames + broker.queueNames + ["amq.default", "amq.topic", "x"]
        for party in accounts {
            for name in names { #expect(try !broker.may(party, "configure", name), "\(party): \(name)") }
            for exchange in [Topology.parties, Topology.sink, Topology.restore, Topology.unroutableExchange, "amq.topic", "phoihopx", "xphoihop"] {
                #expect(try !broker.may(party, "write", exchange), "\(party): \(exchange)")
            }
            #expect(try broker.may(party, "write", Topology.exchange))
            #expect(try broker.may(party, "write", Topology.questions) == members.contains(party))
            for queue in broker.queueNames { #expect(try !broker.may(party, "write", queue), "\(party): \(queue)") }
            // What is asked of the default exchange is asked of no topic, so the pattern of names decides; a read by binding is refused everywhere.
            #expect(broker.topicPermissions(of: party).allSatisfy { $0["read"] == "^$" })
        }
    }

    @Test func presenceGoesToTheCoordinatorAndToTheOwnQueueAndTheCoordinatorsToAll() {
        #expect(broker.queuesReached(from: Topology.presence, by: "police").sorted() == ["coordinator", "police"].map(Topology.presenceQueue))
        #expect(
            broker.queuesReached(from: Topology.presence, by: "coordinator").sorted()
                == accounts.filter { $0 != "provisioner" }.map(Topology.presenceQueue).sorted())
        #expect(broker.queuesReached(from: Topology.questions, by: Topology.questionsQueue) == [Topology.questionsQueue])
        #expect(broker.queuesReached(from: Topology.restore, by: "anything") == [Topology.ledger])
    }

    @Test func everyBindingLeadsFromAndToWhatIsDeclared() {
        for binding in broker.bindings {
            #expect(broker.exchangeNames.contains(binding.source), "\(binding)")
            #expect((binding.toExchange ? broker.exchangeNames : broker.queueNames).contains(binding.destination), "\(binding)")
        }
        #expect(Set(broker.exchangeNames).count == broker.exchangeNames.count && Set(broker.queueNames).count == broker.queueNames.count)
        #expect(!broker.exchangeNames.contains(Topology.drill))
        #expect(Broker(Definitions(regulation).json(passwords: [:], drill: true)).exchangeNames.contains(Topology.drill))
    }

    @Test func queuesOfPartiesLoseNothingAndTheTokenIsOneConsumersAtATime() {
        for party in members {
            for queue in [Topology.queue(of: party), Topology.urgentQueue(of: party)] {
                let arguments = broker.arguments(of: queue)
                #expect(
                    arguments?["x-queue-type"] == "quorum" && arguments?["x-delivery-limit"] == 10
                        && arguments?["x-dead-letter-routing-key"] == .string(Topology.deadLetters))
                #expect(arguments?["x-max-length"] == nil && arguments?["x-message-ttl"] == nil)
                #expect(arguments?["x-dead-letter-strategy"] == "at-least-once" && arguments?["x-overflow"] == "reject-publish")
            }
        }
        #expect(broker.arguments(of: Topology.ledger) == ["x-queue-type": "stream"])
        #expect(broker.arguments(of: Topology.leader) == ["x-queue-type": "quorum", "x-single-active-consumer": true])
    }

    @Test func aPartyWithoutAPasswordCannotLogIn() {
        let users = Definitions(regulation).json(passwords: ["police": "secret"])["users"]?.array ?? []
        #expect(users.map { $0["name"]?.string } == accounts)
        for user in users {
            let isPolice = user["name"] == "police"
            #expect(user["password"]?.string == (isPolice ? "secret" : nil) && user["password_hash"]?.string == (isPolice ? nil : ""))
            #expect(user["tags"] == "", "nobody administers and nobody impersonates")
        }
    }
}
