import AMQP
import Broker
import Testing

@Suite("How far the ledger was read")
struct LedgerPositionTests {
    private func delivery(_ offset: Int64?) -> Delivery { Delivery(headers: offset.map { ["x-stream-offset": .int($0)] } ?? [:]) }

    @Test("each record counts once, also where a chunk begins before it, and what has no place in the ledger never does")
    func once() {
        let position = LedgerPosition()
        #expect(position.arguments == ["x-stream-offset": .string("first")])
        let offsets: [Int64?] = [0, 1, 1, 0, nil, 5, 4, -1, .max, 6]
        #expect(offsets.map { position.advance(past: delivery($0)) } == [0, 1, nil, nil, nil, 5, nil, nil, nil, 6])
        #expect(position.next == 7)
        #expect(position.arguments == ["x-stream-offset": .int(7)])
        #expect(LedgerPosition(next: 3).advance(past: delivery(2)) == nil)
    }

    @Test("an end is reached by who goes on after its last record, an empty ledger's by everybody")
    func reached() {
        #expect(LedgerEnd.empty.isReached(goingOnAt: nil))
        #expect(!LedgerEnd.at(0).isReached(goingOnAt: nil))
        #expect(!LedgerEnd.at(7).isReached(goingOnAt: 7))
        #expect(LedgerEnd.at(7).isReached(goingOnAt: 8))
    }
}
