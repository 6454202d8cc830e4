import Messages
import Regulation
import Testing
import Values

@testable import AgentKit

@Suite struct OutboxMachineTests {
    @Test func eachOutcomeHasItsConsequence() {
        let table: [(OutboxMachine.Outcome, [OutboxMachine.Action])] = [
            (.confirmed, [.confirm("a/0")]),
            (.refused("403"), [.refuse("a/0", reason: "403")]),
            (.nacked("busy"), []),
            (.unreached, []),
            (.missing("no exchange"), [.tellWaiting(reason: "no exchange")]),
        ]
        for (outcome, actions) in table {
            var machine = OutboxMachine()
            #expect(machine.settled("a/0", file: "a", outcome, generation: 1, at: 0) == actions, "\(outcome)")
        }
    }

    @Test func aNackedMessageWaitsLongerEachTimeAndIsRefusedInTheEnd() {
        var machine = OutboxMachine()
        var now = 0.0
        var waits: [Double] = []
        for _ in 1..<OutboxMachine.nackLimit {
            #expect(machine.maySend("a/0", at: now))
            let actions = machine.settled("a/0", file: "a", .nacked("busy"), generation: 1, at: now)
            #expect(actions.allSatisfy { $0 == .tellWaiting(reason: "busy") })
            #expect(machine.heldBack(at: now) == ["a"])
            var wait = 0.0
            while !machine.maySend("a/0", at: now + wait) { wait += 0.5 }
            waits.append(wait)
            now += wait
        }
        #expect(waits.prefix(8) == [1, 2, 4, 8, 16, 32, 60, 60])
        #expect(waits.reduce(0, +) > 600)
        #expect(machine.settled("a/0", file: "a", .nacked("busy"), generation: 1, at: now) == [.refuse("a/0", reason: "busy")])
        #expect(machine.maySend("a/0", at: now))
    }

    @Test func othersGoOnWhileOneWaits() {
        var machine = OutboxMachine()
        _ = machine.settled("a/0", file: "a", .nacked("busy"), generation: 1, at: 0)
        #expect(machine.maySend("b/0", at: 0))
    }

    @Test func whatMessagesWaitForIsSaidOnceUntilOneGetsThrough() {
        var machine = OutboxMachine()
        #expect(machine.settled("a/0", file: "a", .missing("x"), generation: 1, at: 0) == [.tellWaiting(reason: "x")])
        #expect(machine.settled("b/0", file: "b", .missing("x"), generation: 1, at: 0) == [])
        _ = machine.settled("a/0", file: "a", .confirmed, generation: 1, at: 1)
        #expect(machine.settled("b/0", file: "b", .missing("x"), generation: 1, at: 2) == [.tellWaiting(reason: "x")])
    }

    @Test func whatWasConfirmedIsSentAgainAfterALossAndForgottenInTime() {
        var machine = OutboxMachine()
        #expect(machine.connected(generation: 1, sentFiles: ["old"], at: 0) == [.sendAgain(["old"])])
        #expect(machine.connected(generation: 1, sentFiles: ["old"], at: 1) == [])
        _ = machine.settled("a/0", file: "a", .confirmed, generation: 1, at: 30)
        #expect(machine.ticked(sentFiles: ["old", "a"], at: 59.9) == [])
        #expect(machine.ticked(sentFiles: ["old", "a"], at: 60) == [.forget(["old"])])
        #expect(machine.connected(generation: 2, sentFiles: ["a"], at: 70) == [.sendAgain(["a"])])
        _ = machine.settled("b/0", file: "b", .confirmed, generation: 3, at: 71)
        #expect(machine.connected(generation: 3, sentFiles: ["a", "b"], at: 72) == [.sendAgain(["a"])], "b was confirmed over this very connection")
        #expect(machine.ticked(sentFiles: ["a"], at: 89.9) == [])
        #expect(machine.ticked(sentFiles: ["a"], at: 90) == [.forget(["a"])])
        #expect(machine.connected(generation: 4, sentFiles: [], at: 91) == [])
    }

    @Test func whatCouldNotBeSentAgainIsTriedOnceMore() {
        var machine = OutboxMachine()
        #expect(machine.connected(generation: 1, sentFiles: ["a"], at: 0) == [.sendAgain(["a"])])
        machine.sendingAgainFailed()
        #expect(machine.connected(generation: 1, sentFiles: ["a"], at: 1) == [.sendAgain(["a"])])
        #expect(machine.connected(generation: 1, sentFiles: ["a"], at: 2) == [])
    }
}

@Suite struct PresenceWatchTests {
    private enum Input { case connected, disconnected, heard, ticked }

    @Test func nobodyWatchingIsSaidOnceAndSoIsTheReturn() {
        let script: [(Double, Input, PresenceWatch.Action?)] = [
            (0, .ticked, nil), (100, .ticked, nil),
            (100, .connected, nil), (129, .ticked, nil), (130, .ticked, .sayNobodyWatches(forSeconds: 30)), (131, .ticked, nil), (200, .ticked, nil),
            (201, .heard, .sayWatchedAgain), (206, .heard, nil), (235, .ticked, nil), (236, .ticked, .sayNobodyWatches(forSeconds: 30)),
            // Without a connection silence means nothing, and what was said still holds.
            (240, .disconnected, nil), (300, .ticked, nil), (310, .connected, nil), (350, .ticked, nil), (351, .heard, .sayWatchedAgain),
            (352, .disconnected, nil), (500, .ticked, nil), (501, .connected, nil), (530, .ticked, nil), (531, .ticked, .sayNobodyWatches(forSeconds: 30)),
        ]
        var watch = PresenceWatch()
        for (time, input, expected) in script {
            switch input {
            case .connected: watch.connected(at: time)
            case .disconnected: watch.disconnected()
            case .heard: #expect(watch.heard("leader", at: time) == expected, "heard at \(time)")
            case .ticked: #expect(watch.ticked(at: time) == expected, "ticked at \(time)")
            }
        }
    }
}

extension PresenceWatchTests {
    @Test func whoStandsByDoesNotWatch() {
        var watch = PresenceWatch()
        watch.connected(at: 0)
        for time in stride(from: 5.0, to: 30, by: 5) {
            #expect(watch.heard("standby", at: time) == nil)
            #expect(watch.heard(nil, at: time) == nil)
        }
        #expect(watch.ticked(at: 30) == .sayNobodyWatches(forSeconds: 30))
        #expect(watch.heard("standby", at: 31) == nil && !watch.isWatched)
        #expect(watch.heard("leader", at: 32) == .sayWatchedAgain)
    }
}

@Suite struct PeerWatchTests {
    @Test func anotherAgentIsSaidOnceItIsHeardASecondTimeAndSoIsItsEnd() {
        var watch = PeerWatch(own: "me")
        #expect(watch.heard("me", instance: "here/1", at: 0) == nil && watch.heard("me", instance: "here/1", at: 5) == nil)
        #expect(watch.heard("other", instance: "there/1", at: 6) == nil)
        #expect(watch.heard("other", instance: "there/1", at: 11) == .sayAnother("there/1"))
        #expect(watch.heard("other", instance: "there/1", at: 16) == nil)
        #expect(watch.others == ["there/1"])
        #expect(watch.ticked(at: 35.9) == [])
        #expect(watch.ticked(at: 36) == [.sayGone("there/1")])
        #expect(watch.ticked(at: 37) == [] && watch.others == [])
    }

    @Test func whatARunOfBeforeLeftInTheQueueIsNoOtherAgent() {
        var watch = PeerWatch(own: "me")
        for _ in 0..<12 { #expect(watch.heard("before", instance: "here/0", at: 1) == nil) }
        #expect(watch.ticked(at: 21) == [])
        for number in 0..<100 { _ = watch.heard("x\(number)", instance: "x", at: 30) }
        #expect(watch.ticked(at: 60) == [], "none was told, and they are not remembered for ever")
    }

    @Test func twoWithOneNameAreTwo() {
        // In containers, host and process id are often alike.
        var watch = PeerWatch(own: "run-1")
        _ = watch.heard("run-2", instance: "localhost/1", at: 0)
        #expect(watch.heard("run-2", instance: "localhost/1", at: 5) == .sayAnother("localhost/1"))
    }
}

@Suite struct ClockWatchTests {
    private func at(_ seconds: Double) -> Instant { noon + Span(milliseconds: Int64(seconds * 1000)) }

    @Test func aClockThatIsOffIsSaidOnceAndWhenItIsRightAgain() {
        var watch = ClockWatch()
        #expect(watch.ticked(shows: at(3600), running: 100) == nil, "without a beat nothing is known")
        for second in stride(from: 0.0, through: 25, by: 5) { watch.heard("a", shows: at(second), running: 100 + second) }
        #expect(watch.ticked(shows: at(26), running: 126) == nil)
        #expect(watch.ticked(shows: at(26 + 3600), running: 126) == .sayOff(.seconds(3600)))
        #expect(watch.ticked(shows: at(27 + 3600), running: 127) == nil)
        // Set back too far.
        #expect(watch.ticked(shows: at(30 - 40), running: 130) == .sayOff(.seconds(-40)))
        #expect(watch.ticked(shows: at(31), running: 131) == .sayRight)
        #expect(watch.ticked(shows: at(32), running: 132) == nil)
    }

    @Test func whatLayInTheQueueDoesNotCount() {
        var watch = ClockWatch()
        // After a restart the beats of the last minute come at once; the coordinator went a while ago.
        for second in stride(from: -60.0, through: -40, by: 5) { watch.heard("a", shows: at(second), running: 100) }
        #expect(watch.ticked(shows: at(0), running: 100) == nil)
        watch.heard("a", shows: at(5), running: 105)
        #expect(watch.ticked(shows: at(5), running: 105) == nil)
        // A slow one among them tells less than the others.
        watch.heard("a", shows: at(10), running: 150)
        #expect(watch.ticked(shows: at(50), running: 150) == nil)
    }

    @Test func anotherLeadersClockIsAnotherClock() {
        var watch = ClockWatch()
        for second in stride(from: 0.0, through: 10, by: 5) { watch.heard("a", shows: at(second + 3600), running: 100 + second) }
        for second in stride(from: 15.0, through: 25, by: 5) { watch.heard("b", shows: at(second), running: 100 + second) }
        #expect(watch.ticked(shows: at(25), running: 125) == nil)
    }

    @Test func theReferenceIsLeftForCommandsOfThisRunOfTheMachine() throws {
        let directory = try TemporaryDirectory()
        let state = try StateFiles(home: directory.url)
        #expect(ClockReference(home: directory.url) == nil)
        let running = runningSeconds()
        try ClockReference(shows: Clock.realNow + .hours(-1), running: running).write(state)
        let ahead = try #require(ClockReference(home: directory.url)?.ownClockIsAhead(by: ClockWatch.tolerated))
        #expect((ahead - .hours(1)).magnitude < .seconds(30))
        #expect(ClockWatch.wording(.seconds(3725)).en.contains("ahead of the coordinator's by 1 h 2 min 5 s"))
        #expect(ClockWatch.wording(.seconds(-45)).vi.contains("chậm hơn hệ thống điều phối 45 giây"))
        try ClockReference(shows: Clock.realNow, running: running).write(state)
        #expect(ClockReference(home: directory.url)?.ownClockIsAhead(by: ClockWatch.tolerated) == nil)
        // A file of before the machine was started says nothing of now.
        try state.write("clock", ["boot": "another", "shows": 0, "runningMilliseconds": 0])
        #expect(ClockReference(home: directory.url) == nil)
    }
}

@Suite struct VitalsTests {
    @Test func workThatDoesNotGetOnIsStuckAndWorkThatRestsIsNot() {
        let vitals = Vitals()
        vitals.advance("receiving", at: 0)
        vitals.advance("sending", at: 0)
        vitals.rest("sending")
        #expect(vitals.stuck(at: 59) == [])
        #expect(vitals.stuck(at: 60) == ["receiving"])
        vitals.advance("receiving", at: 61)
        #expect(vitals.stuck(at: 120) == [])
    }
}

@Suite struct InboxMachineTests {
    private let ticket = InboxMachine.Ticket(generation: 1, tag: 1)
    private func ticket(_ tag: UInt64) -> InboxMachine.Ticket { InboxMachine.Ticket(generation: 1, tag: tag) }
    private func machine(afterUncleanStop: Bool = false, elections: [Event] = []) -> InboxMachine {
        InboxMachine(owesReceipt: ["incident.notified", "message.forwarded"], afterUncleanStop: afterUncleanStop, elections: elections)
    }
    private func receipt(_ id: String, exercise: Bool = false) -> InboxMachine.Receipt {
        InboxMachine.Receipt(id: id, receivedAt: noon, exercise: exercise)
    }

    @Test func aMessageIsKeptThenItsReceiptConfirmedThenItIsAcknowledged() {
        var machine = machine()
        let message = received(notified("a"))
        #expect(machine.arrived(ticket, redelivered: false, .success([message])) { _ in nil } == [.handToHooks(message), .keep(message, .new)])
        #expect(machine.batchEnded() == [], "nothing is owed before it is kept")
        #expect(machine.kept(ticket) == [.tell(message)])
        #expect(machine.batchEnded() == [.issueReceipts(batch: 1, [receipt("a")])])
        #expect(machine.receiptsSettled(batch: 1) == [.acknowledge(ticket)])
        #expect(machine.receiptsSettled(batch: 1) == [])
    }

    @Test func whatOwesNoReceiptIsAcknowledgedOnceKept() {
        var machine = machine()
        let message = received(notice("n", election: "e", to: "police"), to: "police")
        _ = machine.arrived(ticket, redelivered: false, .success([message])) { _ in nil }
        #expect(machine.kept(ticket) == [.tell(message), .acknowledge(ticket)])
        #expect(machine.batchEnded() == [])
    }

    @Test func aMessageThatComesAgainIsNotKeptAgainButItsReceiptIsIssuedWithTheFirstTime() {
        var machine = machine()
        let earlier = noon - .minutes(5)
        #expect(machine.arrived(ticket, redelivered: false, .success([received(notified("a"))])) { _ in earlier } == [])
        #expect(
            machine.batchEnded() == [
                .issueReceipts(batch: 1, [InboxMachine.Receipt(id: "a", receivedAt: earlier, exercise: false)])
            ])
    }

    @Test func aNoticeThatComesAgainIsAcknowledgedAtOnce() {
        var machine = machine()
        let message = received(notice("n", election: "e", to: "police"), to: "police")
        #expect(machine.arrived(ticket, redelivered: false, .success([message])) { _ in noon } == [.acknowledge(ticket)])
    }

    @Test func aRefusedDeliveryIsAcknowledgedOnceInQuarantine() {
        var machine = machine()
        let refusal = Refusal(Wording(vi: "sai", en: "wrong"), remedy: Wording(vi: "sửa", en: "mend it"))
        #expect(machine.arrived(ticket, redelivered: false, .failure(refusal)) { _ in nil } == [.quarantine(ticket, refusal)])
        #expect(machine.kept(ticket) == [.acknowledge(ticket)])
    }

    @Test func oneMessageCarriesManyReceiptsButNotMoreThanItMay() {
        var machine = machine()
        for tag in UInt64(1)...1201 {
            _ = machine.arrived(ticket(tag), redelivered: false, .success([received(notified("\(tag)"))])) { _ in nil }
            _ = machine.kept(ticket(tag))
        }
        let batches = machine.batchEnded().compactMap { action -> Int? in
            if case .issueReceipts(_, let receipts) = action { receipts.count } else { nil }
        }
        #expect(batches == [500, 500, 201])
        #expect(machine.receiptsSettled(batch: 2) == (UInt64(501)...1000).map { .acknowledge(ticket($0)) })
    }

    @Test func receiptsOfADrillHaveAMessageOfTheirOwn() {
        var machine = machine()
        for (tag, exercise) in [(UInt64(1), false), (2, true), (3, false)] {
            _ = machine.arrived(ticket(tag), redelivered: false, .success([received(notified("\(tag)", exercise: exercise))])) { _ in nil }
            _ = machine.kept(ticket(tag))
        }
        #expect(
            machine.batchEnded() == [
                .issueReceipts(batch: 1, [receipt("1"), receipt("3")]), .issueReceipts(batch: 2, [receipt("2", exercise: true)]),
            ])
        #expect(machine.receiptsSettled(batch: 1) == [], "a delivery is acknowledged when all are out")
        #expect(machine.receiptsSettled(batch: 2).count == 3)
    }

    @Test func aForwardedMessageOwesTwoReceiptsAndShowsTheOneInside() {
        var machine = machine()
        let cover = received(
            Event(id: "cover", sender: "coordinator", type: "message.forwarded", time: noon, data: [:]), to: "information-dept")
        let inner = received(notified("inner"))
        let actions = machine.arrived(ticket, redelivered: false, .success([cover, inner])) { _ in nil }
        #expect(actions == [.keep(cover, .record), .handToHooks(inner), .keep(inner, .new)])
        #expect(machine.kept(ticket) == [.tell(inner)])
        #expect(machine.batchEnded() == [.issueReceipts(batch: 1, [receipt("cover"), receipt("inner")])])
    }

    @Test func aForwardedMessageThatWasReceivedIsNotShownAgain() {
        var machine = machine()
        let cover = received(
            Event(id: "cover", sender: "coordinator", type: "message.forwarded", time: noon, data: [:]), to: "information-dept")
        let actions = machine.arrived(ticket, redelivered: false, .success([cover, received(notified("inner"))])) { $0 == "inner" ? noon : nil }
        #expect(actions == [.keep(cover, .record)])
        #expect(machine.kept(ticket) == [])
        #expect(machine.batchEnded() == [.issueReceipts(batch: 1, [receipt("cover"), receipt("inner")])])
    }

    @Test func aNoticeOfAnEarlierElectionIsSetAside() {
        let cases: [(election: String, later: Bool)] = [("first", true), ("second", false), ("unknown", false)]
        for (election, isSetAside) in cases {
            var machine = machine(elections: [elected("first", term: 1)])
            let election2 = received(elected("second", term: 2))
            #expect(machine.arrived(ticket(1), redelivered: false, .success([election2])) { _ in nil } == [.keep(election2, .record)])
            #expect(machine.kept(ticket(1)) == [.acknowledge(ticket(1))])
            let message = received(notice("n", election: election, to: "police"), to: "police")
            let actions = machine.arrived(ticket(2), redelivered: false, .success([message])) { _ in nil }
            #expect(actions == (isSetAside ? [.keep(message, .setAside)] : [.handToHooks(message), .keep(message, .new)]), "\(election)")
            #expect(machine.kept(ticket(2)) == [isSetAside ? .tellSetAside(message) : .tell(message), .acknowledge(ticket(2))])
        }
    }

    @Test func anElectionThatComesLateDoesNotUnseatTheLatest() {
        var machine = machine(elections: [elected("third", term: 3)])
        _ = machine.arrived(ticket(1), redelivered: false, .success([received(elected("second", term: 2))])) { _ in nil }
        let of2 = received(notice("a", election: "second", to: "police"), to: "police")
        let of3 = received(notice("b", election: "third", to: "police"), to: "police")
        #expect(machine.arrived(ticket(2), redelivered: false, .success([of2])) { _ in nil } == [.keep(of2, .setAside)])
        #expect(machine.arrived(ticket(3), redelivered: false, .success([of3])) { _ in nil }.contains(.keep(of3, .new)))
    }

    @Test func afterAnUncleanStopOneAtATimeUntilNoneComesAgain() {
        var machine = machine(afterUncleanStop: true)
        #expect(machine.prefetch == 1)
        let again = machine.arrived(ticket(1), redelivered: true, .success([received(notified("a"))])) { _ in noon }
        #expect(again == [])
        #expect(machine.prefetch == 1)
        let fresh = machine.arrived(ticket(2), redelivered: false, .success([received(notified("b"))])) { _ in noon }
        #expect(fresh == [.consume(prefetch: InboxMachine.freePrefetch)])
        #expect(machine.arrived(ticket(3), redelivered: true, .success([received(notified("c"))])) { _ in noon } == [.consume(prefetch: 1)])
    }

    @Test func whatWasUnderWayWhenDeliveriesStoppedIsForgotten() {
        var machine = machine()
        for tag in UInt64(1)...2 { _ = machine.arrived(ticket(tag), redelivered: false, .success([received(notified("\(tag)"))])) { _ in nil } }
        _ = machine.kept(ticket(1))
        _ = machine.batchEnded()
        machine.interrupted()
        #expect(machine.kept(ticket(2)) == [])
        #expect(machine.batchEnded() == [])
        #expect(machine.receiptsSettled(batch: 1) == [])
    }
}
