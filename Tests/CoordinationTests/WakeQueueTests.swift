import Testing
import Values

@testable import Coordination

@Suite struct WakeQueueTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test func eachIsLookedAtOnceAtItsEarliestInstant() {
        var queue = WakeQueue()
        for instant: Int64 in [5, 3, 9, 3] { queue.insert(.obligation("a"), at: at(instant)) }
        queue.insert(.receipt("a"), at: at(4))
        #expect(queue.first == at(3))
        #expect(queue.takeDue(at: at(2)).isEmpty)
        #expect(queue.takeDue(at: at(4)) == [.obligation("a"), .receipt("a")])
        #expect(queue.takeDue(at: at(99)).isEmpty)
    }

    @Test func whatIsForgottenIsNotLookedAtAndTakesNoRoom() {
        var queue = WakeQueue()
        for number in 0..<10_000 { queue.insert(.obligation("\(number)"), at: at(Int64(number))) }
        for number in 0..<9_999 { queue.remove(.obligation("\(number)")) }
        #expect(queue.instants.count == 1)
        #expect(queue.takeDue(at: at(9_998)).isEmpty)
        #expect(queue.takeDue(at: at(9_999)) == [.obligation("9999")])
    }

    @Test func aThousandLooksAtOneThingLeaveOneEntry() {
        var queue = WakeQueue()
        for number in 0..<100_000 { queue.insert(.obligation("a"), at: at(Int64(number))) }
        #expect(queue.takeDue(at: at(0)) == [.obligation("a")])
        #expect(queue.first == nil)
    }
}
