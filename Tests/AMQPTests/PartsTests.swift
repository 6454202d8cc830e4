import Testing

@testable import AMQP

@Suite struct EndpointTests {
    @Test(arguments: [
        ("amqp://u:p@h", "amqp://u@h:5672/"), ("amqp://u:p@h:1/v", "amqp://u@h:1/v"), ("amqp://u:p@h/%2F", "amqp://u@h:5672/"),
        ("amqp://u:p%40s@[::1]:7/a%2Fb", "amqp://u@[::1]:7/a/b"), ("amqps://u:p@h?cafile=/a%20b", "amqps://u@h:5671/"),
        ("amqps://h:9/v?cafile=a&certfile=b&keyfile=c&auth=external", "amqps://h:9/v"),
    ])
    func anAddressIsReadAndNeverShowsThePassword(uri: String, description: String) throws {
        #expect(try Endpoint(uri: uri).description == description)
    }

    @Test(arguments: [
        "", "h", "http://u:p@h", "amqp://h", "amqp://u@h", "amqp://u:p@", "amqp://u:p@h:0", "amqp://u:p@h:x", "amqp://u:p@h:70000",
        "amqp://u:p@h/a/b", "amqp://u:p@h?cafile=x", "amqp://u:p@h?what=x", "amqp://u:%zz@h", "amqp://u:%00@h", "amqp://u:p@h#f",
        "amqps://u:p@h", "amqps://u:p@h?cafile=a&certfile=b", "amqps://h?cafile=a&auth=external", "amqps://u:p@h?cafile=a&auth=magic", "amqp://u:p@[::1",
    ])
    func aMalformedAddressIsRefusedWithAReason(uri: String) {
        let error = #expect(throws: AMQPError.self) { try Endpoint(uri: uri) }
        #expect(error?.code == .badURI)
    }

    @Test func theReasonDoesNotRepeatThePassword() {
        let error = #expect(throws: AMQPError.self) { try Endpoint(uri: "amqp://u:secret@h:bad") }
        #expect(error?.description.contains("secret") == false)
    }

    @Test func theSpecialCharactersOfAPasswordAreDecoded() throws {
        guard case .plain("ü:", "p@/ :") = try Endpoint(uri: "amqp://%C3%BC%3A:p%40%2F%20:@h").credentials else {
            Issue.record("decoded wrongly")
            return
        }
    }
}

@Suite struct UnacknowledgedTests {
    @Test("single acknowledgements are sent as one as far as nothing open is acknowledged with them")
    func singleOnesTogether() {
        var random = SystemRandomNumberGenerator()
        var saved = 0
        for _ in 0..<500 {
            var mine = Unacknowledged()
            var open: Set<UInt64> = []
            var others: Set<UInt64> = []
            for tag in UInt64(1)...40 {
                if Int.random(in: 0..<8, using: &random) == 0 { others.insert(tag) } else { open.insert(tag); mine.delivered(tag) }
            }
            while !open.isEmpty {
                let some = open.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
                let sent = mine.acknowledge(some + some.prefix(2) + [99], othersEarliest: others.min())
                // What the broker makes of it: a multiple one takes everything up to its tag, whosoever it is.
                var taken: [UInt64] = []
                for acknowledgement in sent {
                    let all = open.union(others).subtracting(taken)
                    taken += acknowledgement.multiple ? all.filter { $0 <= acknowledgement.tag } : [acknowledgement.tag]
                }
                #expect(taken.sorted() == some.sorted())
                saved += some.count - sent.count
                open.subtract(some)
                if let other = others.min(), Bool.random(using: &random) { others.remove(other) }
            }
            #expect(mine.isEmpty)
        }
        #expect(saved > 100)
    }

    @Test func acknowledgingThroughATagIsOneAcknowledgement() {
        var mine = Unacknowledged()
        for tag: UInt64 in [3, 4, 7, 9] { mine.delivered(tag) }
        let first = mine.acknowledge(through: 8, othersEarliest: nil)
        #expect(first == [.init(tag: 7, multiple: true)])
        #expect(mine.earliest == 9)
        let again = mine.acknowledge(through: 8, othersEarliest: nil)
        #expect(again == [])
    }

    @Test func theDeliveriesOfOtherConsumersAreLeftAlone() {
        var mine = Unacknowledged()
        for tag: UInt64 in [1, 2, 4, 6] { mine.delivered(tag) }
        let sent = mine.acknowledge(through: 6, othersEarliest: 3)
        #expect(sent == [.init(tag: 2, multiple: true), .init(tag: 4, multiple: false), .init(tag: 6, multiple: false)])
        #expect(mine.isEmpty)
    }

    @Test func aTagIsSettledOnce() {
        var mine = Unacknowledged()
        for tag: UInt64 in [1, 2, 3] { mine.delivered(tag) }
        let settled: [Bool] = [mine.settle(2), mine.settle(2), mine.settle(5)]
        #expect(settled == [true, false, false])
        let sent = mine.acknowledge(through: 2, othersEarliest: nil)
        #expect(sent == [.init(tag: 1, multiple: true)])
        let last = mine.settle(3)
        #expect(last && mine.isEmpty)
    }
}

@Suite struct ConfirmWindowTests {
    private func window(_ count: Int, deadline: (Int) -> UInt64 = { _ in 100 }) -> ConfirmWindow {
        let batch = Batch(count: count)
        var window = ConfirmWindow()
        for index in 0..<count {
            let publishing = Publishing(exchange: "e", routingKey: "k\(index % 2)", body: [UInt8(index)], messageID: "\(index)")
            window.sent(Outgoing(publishing, generation: nil, deadline: deadline(index), batch: batch, index: index))
        }
        return window
    }

    private func ids(_ outcomes: [ConfirmWindow.Outcome]) -> [String] { outcomes.map { $0.outgoing.publishing.messageID ?? "" } }

    @Test func confirmationsMayComeOutOfOrderAndTogether() {
        var window = window(5)
        var outcomes: [ConfirmWindow.Outcome] = []
        window.confirmed(3, multiple: false, refused: false, into: &outcomes)
        window.confirmed(2, multiple: true, refused: false, into: &outcomes)
        window.confirmed(2, multiple: true, refused: false, into: &outcomes)
        window.confirmed(9, multiple: true, refused: false, into: &outcomes)
        window.confirmed(5, multiple: true, refused: true, into: &outcomes)
        #expect(ids(outcomes) == ["2", "0", "1", "3", "4"])
        #expect(outcomes.map { $0.result.error?.code } == [nil, nil, nil, .nacked, .nacked])
        #expect(window.isEmpty)
    }

    @Test func aReturnedMessageFailsWhenItIsConfirmed() {
        var window = window(4)
        let back = Delivery(body: [2], exchange: "e", routingKey: "k0", messageID: "2")
        window.returned(back, reason: AMQPError(.returned, "no"))
        var outcomes: [ConfirmWindow.Outcome] = []
        window.confirmed(0, multiple: true, refused: false, into: &outcomes)
        #expect(outcomes.map { $0.result.error?.code } == [nil, nil, .returned, nil])
    }

    @Test func expiredMessagesKeepTheirNumber() {
        var window = window(3) { $0 == 2 ? 200 : 100 }
        let expired = window.expire(at: 150).map(\.publishing.messageID)
        #expect(expired == ["0", "1"])
        var outcomes: [ConfirmWindow.Outcome] = []
        window.confirmed(2, multiple: false, refused: false, into: &outcomes)
        #expect(outcomes.isEmpty)
        window.confirmed(3, multiple: false, refused: false, into: &outcomes)
        #expect(ids(outcomes) == ["2"])
    }

    @Test func theUnconfirmedAreHandedBackInOrder() {
        var window = window(4)
        var outcomes: [ConfirmWindow.Outcome] = []
        window.confirmed(2, multiple: false, refused: false, into: &outcomes)
        let unconfirmed = window.reset().map(\.publishing.messageID)
        #expect(unconfirmed == ["0", "2", "3"])
        #expect(window.isEmpty)
    }
}

@Suite struct FifoTests {
    @Test func itKeepsOrderWhileGrowingAndWrapping() {
        var fifo = Fifo<Int>()
        var model: [Int] = []
        for step in 0..<1000 {
            if step % 7 == 3 {
                fifo.prepend(step)
                model.insert(step, at: 0)
            } else if step % 3 == 2 {
                let (popped, expected) = (fifo.popFirst(), model.removeFirst())
                #expect(popped == expected)
            } else {
                fifo.append(step)
                model.append(step)
            }
            #expect(fifo.count == model.count && fifo.first == model.first && fifo.last == model.last)
        }
        #expect((0..<fifo.count).map { fifo[$0] } == model)
        let all = fifo.removeAll()
        #expect(all == model)
    }
}

@Suite struct PublishingTests {
    @Test(arguments: [
        Publishing(exchange: String(repeating: "x", count: 256), routingKey: "", body: []),
        Publishing(exchange: "", routingKey: String(repeating: "é", count: 128), body: []),
        Publishing(exchange: "", routingKey: "", body: [], messageID: String(repeating: "x", count: 300)),
        Publishing(exchange: "", routingKey: "", body: [], headers: ["": .bool(true)]),
        Publishing(exchange: "", routingKey: "", body: [], headers: ["a": .other]),
        Publishing(exchange: "", routingKey: "", body: [], headers: ["a": .string(String(repeating: "x", count: 131_072))]),
    ])
    func whatTheProtocolCannotExpressIsRefusedBeforehand(publishing: Publishing) {
        #expect(publishing.defect(frameMax: 131_072)?.code == .invalid)
    }
}
