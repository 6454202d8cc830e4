import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// A leader and its ledger, step by step: what it publishes waits until the test puts it there.
private struct Desk {
    var leader: Leader
    private(set) var seconds = 0.0
    /// What it published and is not on the ledger.
    var waiting: [Leader.Publication] = []
    /// What it asked and was not told.
    var inquiries: [Leader.ArrivalInquiry] = []
    private(set) var hasToken = false
    private var offset: Int64 = 0
    private let start: Instant

    /// A leader in office on this day at eight.
    init(on date: String = "2026-03-16") throws {
        start = Instant(try #require(CivilDate(date)), try #require(TimeOfDay("08:00")), offset: .hours(7))
        let regulation = Regulation.standard
        leader = Leader(reading: LedgerState(regulation: regulation), regulation: regulation, instance: "test") { "election/\($0)" }
        perform(leader.started(at: moment))
        perform(leader.ledgerEndKnown(nil, at: moment))
        perform(leader.tokenReceived(at: moment))
        settle()
        for inquiry in inquiries { tell(inquiry, [:]) }
        settle()
        pass(3)
        try #require(leader.election != nil)
    }

    var now: Instant { start + Span(milliseconds: Int64(seconds * 1000)) }
    var moment: Leader.Moment { Leader.Moment(seconds: seconds, wall: now) }

    mutating func perform(_ actions: [Leader.Action]) {
        for action in actions {
            switch action {
            case .publish(let publications): waiting += publications
            case .ask(let inquiry): inquiries.append(inquiry)
            case .awaitToken: hasToken = true
            case .returnToken: hasToken = false
            case .learnEnd, .handOver, .say: break
            }
        }
    }

    mutating func read(_ event: Event, to: String = "all") {
        let carriage = Carriage(
            exchange: "phoihop", routingKey: RoutingKey(sender: event.sender, type: event.type, to: to).description, userID: event.sender, messageID: event.id,
            contentType: Event.contentType)
        let record = LedgerState.Record(body: event.encoded(offset: .hours(7)), carriage: carriage, offset: offset)
        offset += 1
        perform(leader.recordsRead([record], at: moment))
    }

    /// A record is read, and what follows from it is taken in by shares, each at another moment; gives how many there were and what was said before the last.
    mutating func share(_ item: Leader.Publication, _ share: Int) -> (steps: Int, types: Set<String>) {
        let carriage = Carriage(
            exchange: "phoihop", routingKey: RoutingKey(sender: item.event.sender, type: item.event.type, to: item.to).description, userID: item.event.sender,
            messageID: item.event.id, contentType: Event.contentType)
        let record = LedgerState.Record(body: item.event.encoded(offset: .hours(7)), carriage: carriage, offset: offset)
        offset += 1
        var (steps, types): (Int, Set<String>) = (1, [])
        var actions = leader.recordsRead([record], at: moment, share: share)
        while leader.hasUnread {
            for case .publish(let publications) in actions { types.formUnion(publications.map(\.event.type)) }
            seconds += 0.01
            steps += 1
            actions = leader.timePassed(at: moment) + leader.workedOn(at: moment, share: share)
        }
        perform(actions)
        return (steps, types)
    }

    /// So many records come in that are no JSON; gives what the leader does.
    mutating func readInvalid(_ count: Int64) -> [Leader.Action] {
        let records = (offset..<offset + count).map { number in
            LedgerState.Record(
                body: Array("{\(number)".utf8),
                carriage: Carriage(exchange: "phoihop", routingKey: "police.a.b.all", userID: "police", messageID: "m\(number)", contentType: nil),
                offset: number)
        }
        offset += count
        return leader.recordsRead(records, at: moment)
    }

    /// Everything that it published, or the first so many of it, is on the ledger and read back, and what follows from that.
    mutating func settle(_ limit: Int = .max) {
        var left = limit
        while left > 0, !waiting.isEmpty {
            left -= 1
            let item = waiting.removeFirst()
            perform(leader.published(item.event.id, .confirmed, at: moment))
            read(item.event, to: item.to)
        }
    }

    /// What waits is confirmed and lost.
    mutating func lose() {
        let lost = waiting
        waiting = []
        for item in lost { perform(leader.published(item.event.id, .confirmed, at: moment)) }
    }

    mutating func tell(_ inquiry: Leader.ArrivalInquiry, _ arrivals: [String: Instant]) {
        inquiries.removeAll { $0.number == inquiry.number }
        perform(leader.arrivalsTold(inquiry.number, arrivals, own: inquiry.written + .seconds(1), at: moment))
    }

    /// Time passes in steps of a quarter of a second; what is published meets `fate`.
    mutating func pass(_ span: Double, _ fate: (inout Desk) -> Void = { $0.settle() }) {
        let end = seconds + span
        while seconds < end {
            seconds += 0.25
            perform(leader.timePassed(at: moment))
            fate(&self)
            if !hasToken { renewToken() }
        }
    }

    /// An incident's hour ends while the machine stands still, its notice comes in then, and the broker is asked when; gives that question.
    mutating func doubts(after seconds: Double, standing still: Double) throws -> Leader.ArrivalInquiry {
        let begin = now
        read(incident("SC-1", at: begin))
        pass(seconds)
        standStill(still)
        read(notice("SC-1", of: begin, at: now - .seconds(20)))
        for _ in 0..<4 where inquiries.isEmpty { pass(0.25) }
        let inquiry = try #require(inquiries.first)
        #expect(inquiry.acts.map(\.id) == ["notified-SC-1"])
        return inquiry
    }

    /// Nobody looks at the clock for so long, and what came in then is what happens first.
    mutating func standStill(_ span: Double) { seconds += span }

    /// The broker is asked about an act, tells when it arrived, and neither before nor after is anything of a type said.
    mutating func expect(_ act: String, arrived: Instant, neverSays type: String) throws {
        var said: [String] = []
        func listen(_ desk: inout Desk) {
            said += desk.waiting.map(\.event.type)
            desk.settle()
        }
        pass(1, listen)
        let inquiry = try #require(inquiries.first)
        #expect(inquiry.acts.map(\.id) == [act])
        tell(inquiry, [act: arrived])
        pass(60, listen)
        #expect(!said.contains(type))
    }

    private mutating func renewToken() {
        hasToken = true
        perform(leader.tokenReceived(at: moment))
    }
}

private func incident(_ name: String, by sender: PartyID = "border-guard", at instant: Instant) -> Event {
    Event(
        id: "detected-\(name)", sender: sender, type: "incident.detected", subject: name, time: instant,
        data: ["kind": "technical", "occurredAt": JSON(instant, offset: .hours(7)), "title": "màn hình LED không hiển thị"])
}

private func notice(_ name: String, of occurred: Instant, at instant: Instant) -> Event {
    Event(
        id: "notified-\(name)", sender: "border-guard", type: "incident.notified", subject: name, time: instant,
        data: ["kind": "technical", "occurredAt": JSON(occurred, offset: .hours(7)), "title": "màn hình LED không hiển thị", "officer": "Trực ban Đồn"])
}

private func contained(_ name: String, _ number: Int, at instant: Instant) -> Event {
    Event(
        id: "contained-\(name)-\(number)", sender: "border-guard", type: "incident.contained", subject: name, time: instant,
        data: ["measures": "ngắt nguồn", "officer": "Hải", "containedAt": JSON(instant, offset: .hours(7))])
}

private func call(_ name: String, at instant: Instant) -> Event {
    Event(
        id: "called-\(name)", sender: "border-guard", type: "communication.recorded", subject: name, time: instant,
        data: [
            "means": "telephone", "calledAt": JSON(instant, offset: .hours(7)), "caller": "Trực ban Đồn", "answeredBy": "Trực ban Sở",
            "to": "information-dept", "regarding": "incident.notified",
        ])
}

private func window(_ name: String, from: Instant, until: Instant, at instant: Instant) -> Event {
    Event(
        id: "announced-\(name)", sender: "information-dept", type: "maintenance.window-opened", subject: name, time: instant,
        data: [
            "kind": "power-cut", "from": JSON(from, offset: .hours(7)), "until": JSON(until, offset: .hours(7)), "reason": "cắt điện lưới",
            "officer": "Phòng Hạ tầng",
        ])
}

private func resolved(_ name: String, at instant: Instant) -> Event {
    Event(
        id: "resolved-\(name)", sender: "border-guard", type: "incident.resolved", subject: name, time: instant,
        data: ["measures": "nối lại nguồn", "resolvedAt": JSON(instant, offset: .hours(7)), "officer": "Trực ban Đồn"])
}

private func request(_ name: String, _ number: Int, due: Instant, at instant: Instant) -> Event {
    Event(
        id: "asked-\(name)-\(number)", sender: "information-dept", type: "content.requested", subject: name, time: instant,
        data: ["askedOf": "culture-dept", "summary": "Điểm du lịch mới", "dueAt": JSON(due, offset: .hours(7)), "officer": "Lan"])
}

@Suite("the leader")
struct LeaderTests {
    func types(_ publications: [Leader.Publication]) -> [String] { publications.map(\.event.type) }

    @Test func ofManyRecordsThatDoNotCountTheLogTellsSomeAndTheirNumber() throws {
        var desk = try Desk()
        var said = (lines: 0, more: 0)
        func listen(_ actions: [Leader.Action]) {
            for case .say(let remark) in actions {
                switch remark {
                case .refused: said.lines += 1
                case .refusedMore(let count): said.more += count
                default: break
                }
            }
        }
        listen(desk.readInvalid(1000))
        #expect(said == (20, 0))
        desk.standStill(0.5)
        listen(desk.readInvalid(500))
        #expect(said == (20, 0))
        desk.standStill(0.6)
        listen(desk.leader.timePassed(at: desk.moment))
        #expect(said == (20, 1480))
        listen(desk.readInvalid(3))
        #expect(said == (23, 1480))
    }

    @Test("what is confirmed and is not on the ledger is said again soon, with nothing else happening; so is the mark that was to show it")
    func whatVanishesIsSaidAgain() throws {
        var desk = try Desk()
        desk.read(incident("SC-1", at: desk.now))
        var vanished: [String] = []
        desk.pass(10) { desk in
            // The first notices vanish, and the first mark after them.
            if vanished.isEmpty, desk.waiting.contains(where: { $0.event.type == "duty.opened" }) {
                vanished = desk.waiting.map(\.event.id)
                desk.lose()
            } else if !vanished.isEmpty, !vanished.contains("mark"), types(desk.waiting) == ["coordinator.marked"] {
                vanished.append("mark")
                desk.lose()
            }
            desk.settle()
        }
        #expect(vanished.contains("mark"))
        #expect(vanished.allSatisfy { $0 == "mark" || desk.leader.state.isOnRecord($0) })
        #expect(!desk.leader.state.hasDecisions)
    }

    @Test("an answer that comes while the token is away does not keep the next question back")
    func answersWhileTheTokenIsAway() throws {
        var desk = try Desk()
        let inquiry = try desk.doubts(after: 3500, standing: 50)
        // The answer is on its way when the token goes back for a moment.
        desk.pass(601) { desk in
            desk.settle()
            if !desk.hasToken, desk.inquiries.contains(inquiry) {
                desk.tell(inquiry, [:])
                #expect(!desk.inquiries.contains { $0.number != inquiry.number })
            }
        }
        #expect(desk.inquiries.contains { $0.number > inquiry.number && $0.acts.map(\.id) == ["notified-SC-1"] }, "it asks again")
    }

    @Test("acts whose arrival is being told are not asked about again, and nothing is said of them before that is read back", arguments: [false, true])
    func tellsOnce(_ isLost: Bool) throws {
        var desk = try Desk()
        let begin = desk.now
        let inquiry = try desk.doubts(after: 3590, standing: 30)
        desk.waiting = []
        desk.tell(inquiry, ["notified-SC-1": begin + .seconds(3597)])
        #expect(desk.inquiries.isEmpty, "it waits for its own mark")
        #expect(types(desk.waiting) == ["coordinator.marked"])
        if isLost {
            desk.lose()
            desk.pass(3)
            #expect(desk.inquiries.map { $0.acts.map(\.id) } == [["notified-SC-1"]], "what was lost is asked about again")
        } else {
            desk.settle()
            desk.pass(3)
            #expect(!desk.leader.state.hasDoubts)
            #expect(desk.leader.state.obligations["incident.notify-department/SC-1"]?.isLate == false)
        }
    }

    @Test("a call that was entered in time while the machine stood still is asked about before anybody is called late")
    func callsWhileItStandsStill() throws {
        var desk = try Desk()
        let begin = desk.now
        desk.read(incident("SC-1", at: begin))
        desk.pass(3585)
        desk.standStill(60)
        desk.read(call("SC-1", at: begin + .seconds(3590)))
        try desk.expect("called-SC-1", arrived: begin + .seconds(3592), neverSays: "duty.overdue")
    }

    @Test("an end that came before the window was over, while the machine stood still, is asked about before a clock begins")
    func endsInAWindowWhileItStandsStill() throws {
        var desk = try Desk()
        let begin = desk.now
        let until = begin + .minutes(10)
        desk.read(window("BT-1", from: begin + .minutes(1), until: until, at: begin))
        desk.pass(300)
        desk.read(incident("SC-1", at: desk.now))
        desk.pass(290)
        desk.standStill(60)
        desk.read(resolved("SC-1", at: until - .seconds(5)))
        try desk.expect("resolved-SC-1", arrived: until - .seconds(3), neverSays: "duty.opened")
    }

    @Test("a date that was moved before it had passed, while the machine stood still, is asked about before anybody is called late")
    func datesMovedWhileItStandsStill() throws {
        var desk = try Desk()
        let due = desk.now + .minutes(10)
        desk.read(request("YC-1", 1, due: due, at: desk.now), to: "culture-dept")
        desk.pass(590)
        desk.standStill(60)
        desk.read(request("YC-1", 2, due: due + .hours(2), at: due - .seconds(5)), to: "culture-dept")
        try desk.expect("asked-YC-1-2", arrived: due - .seconds(3), neverSays: "duty.overdue")
    }

    @Test("where reading lags, what was read a second ago is told as soon as it counts")
    func gathersWhileReadingLags() throws {
        var desk = try Desk()
        desk.read(incident("SC-1", at: desk.now - .hours(2)))
        desk.pass(1.5) { _ in }
        #expect(!desk.waiting.isEmpty && types(desk.waiting).allSatisfy { $0 == "coordinator.marked" })
        desk.settle(2)
        #expect(types(desk.waiting).contains("duty.overdue"))
    }

    @Test("what was read of a case within the second counts first, and what comes later does not keep it back", arguments: [false, true])
    func waitsForWhatWasRead(_ isNotified: Bool) throws {
        var desk = try Desk()
        let occurred = desk.now - .hours(2)
        desk.read(incident("SC-1", at: occurred))
        desk.pass(0.5)
        if isNotified { desk.read(notice("SC-1", of: occurred, at: desk.now)) }
        desk.pass(0.75) { _ in }
        #expect(types(desk.waiting).contains("duty.overdue") == !isNotified)
        if isNotified {
            // The mark that vouches for the notice, and no later one.
            desk.settle(1)
            #expect(!types(desk.waiting).contains("duty.overdue"))
            #expect(types(desk.waiting).contains { $0.hasPrefix("duty.") })
        }
    }

    @Test("who talks on and on about a case does not keep it quiet")
    func talkKeepsNothingBack() throws {
        var desk = try Desk()
        let occurred = desk.now - .hours(2)
        desk.read(incident("SC-1", at: occurred))
        desk.pass(0.75)
        for number in 0..<4 {
            desk.read(contained("SC-1", number, at: desk.now))
            desk.pass(0.25) { _ in }
        }
        // What had been read when the second was over counts now; more has come in since.
        desk.settle(2)
        #expect(types(desk.waiting).contains("duty.overdue"))
    }

    @Test("what a mark vouches for is taken in by shares; meanwhile time is marked and nothing else is said", arguments: [1, 7, 150])
    func shares(share: Int) throws {
        var desk = try Desk()
        let begin = desk.now
        var others = try Desk()
        for number in 0..<400 {
            // An incident, and half a second later its notice: nobody may be told of one without the other.
            desk.read(incident("SC-\(number)", at: begin - .minutes(61)))
            others.read(incident("SC-\(number)", at: begin - .minutes(61)))
        }
        for number in 0..<400 {
            desk.read(notice("SC-\(number)", of: begin, at: begin - .minutes(2)))
            others.read(notice("SC-\(number)", of: begin, at: begin - .minutes(2)))
        }
        desk.perform(desk.leader.timePassed(at: desk.moment))
        let mark = try #require(desk.waiting.first)
        #expect(mark.event.type == "coordinator.marked")
        desk.waiting.removeFirst()
        let said = desk.share(mark, share)
        #expect(said.steps >= 1200 / share, "800 messages and 400 cases")
        #expect(said.types.isSubset(of: ["coordinator.marked"]), "\(said.types)")
        #expect(share > 7 || said.types == ["coordinator.marked"], "where it takes long, time is marked meanwhile")
        // What comes of it is what comes of it where it is taken in at once.
        others.read(mark.event)
        #expect(desk.leader.state.digest == others.leader.state.digest)
        #expect(!desk.leader.state.decisions.isEmpty)
    }

    @Test("what one party brings about leaves room for what another does, however much waits") func lanes() throws {
        var desk = try Desk()
        for number in 0..<100 { desk.read(incident("SC-\(number)", by: "culture-dept", at: desk.now)) }
        desk.pass(0.75)
        desk.read(incident("SC-own", at: desk.now))
        desk.settle()
        // The first notices of the many are on their way and are not read back.
        desk.pass(0.75) { desk in if !types(desk.waiting).contains("duty.opened") { desk.settle() } }
        #expect(desk.waiting.count { $0.event.type == "duty.opened" } == Leader.laneWindow)
        #expect(!desk.waiting.contains { $0.event.subject == "SC-own" })
        desk.pass(1) { _ in }
        #expect(desk.waiting.contains { $0.event.subject == "SC-own" })
    }

    /// A notice that goes out first would vouch for what came in while the machine stood still.
    @Test("after a standstill nothing is said before a mark that says so is read back", arguments: [0, 1, 2])
    func standstillIsSaidFirst(_ lost: Int) throws {
        var desk = try Desk()
        desk.read(incident("SC-1", at: desk.now))
        desk.settle()
        // The notice that it is open is due now.
        desk.standStill(30)
        desk.read(incident("SC-2", at: desk.now - .seconds(20)))
        for _ in 0..<lost {
            #expect(Set(types(desk.waiting)) == ["coordinator.marked"])
            desk.lose()
            desk.pass(0.25) { _ in }
        }
        #expect(Set(types(desk.waiting)) == ["coordinator.marked"] && desk.waiting.allSatisfy { $0.event.data["resumed"] == true })
        desk.settle(1)
        desk.pass(2) { desk in if !types(desk.waiting).contains("duty.opened") { desk.settle() } }
        #expect(types(desk.waiting).contains("duty.opened"))
    }

    @Test("after a standstill every mark says so until one is read back, whatever came in first", arguments: [0, 1, 2])
    func standstills(_ lost: Int) throws {
        var desk = try Desk()
        let begin = desk.now
        desk.read(incident("SC-1", at: begin))
        desk.pass(3590)
        // A publication is under way while the machine stands still; that its confirmation is lost is what it hears first.
        desk.read(incident("SC-2", at: desk.now))
        let underWay = try #require(desk.waiting.first).event.id
        desk.waiting = []
        desk.standStill(30)
        desk.perform(desk.leader.published(underWay, .lost("the channel broke"), at: desk.moment))
        desk.read(notice("SC-1", of: begin, at: begin + .seconds(3595)))
        var marks = 0
        desk.pass(5) { desk in
            for item in desk.waiting where item.event.type == "coordinator.marked" {
                marks += 1
                if marks <= lost + 1 { #expect(item.event.data["resumed"] == true, "mark \(marks)") }
            }
            if marks > 0, marks <= lost { desk.lose() } else { desk.settle() }
        }
        #expect(marks > lost)
        #expect(desk.inquiries.flatMap(\.acts).contains { $0.id == "notified-SC-1" }, "it asks when the notice came in")
        #expect(
            !desk.leader.state.obligations.values.contains { $0.id == "incident.notify-department/SC-1" && $0.notices.contains { $0.type == "duty.overdue" } })
    }
}

@Suite("periods and arrivals in doubt")
struct PeriodsInDoubtTests {
    /// The Department publishes on Monday, a moment before midnight and two days on; no coordinator runs until Wednesday.
    private func gate() -> (Gate, act: String) {
        var gate = Gate(on: "2026-03-16")
        gate.run(until: "20:00")
        gate.isWatched = false
        let act = gate.at(
            "23:59:50", "information-dept", "content.published", "TT-1", ["title": "nội dung", "officer": "Trực ban Sở"], written: "22:00")
        gate.run(until: "2026-03-18 09:00")
        gate.elect(term: 2)
        return (gate, act)
    }

    @Test("while it is in doubt in which day an act came in, all of those are in doubt")
    func allDaysAreInDoubt() throws {
        let (gate, act) = gate()
        let doubtful = try #require(gate.state.doubtful.first)
        #expect(doubtful.id == act)
        #expect(
            doubtful.obligations.filter { $0.hasPrefix("content.daily-update/") } == ["content.daily-update/2026-03-16"],
            "the days whose duties have opened by then")
    }

    @Test("it counts for the day in which it came in by the broker's word", arguments: ["2026-03-16", "2026-03-17", "2026-03-18"])
    func countsForItsDay(_ date: String) throws {
        var (gate, act) = gate()
        let told = date == "2026-03-16" ? "\(date)T23:59:51+07:00" : "\(date)T08:00:01+07:00"
        gate.own("coordinator.marked", ["reachedAt": "2026-03-18T09:00:00+07:00", "stamps": [["id": .string(act), "arrivedAt": .string(told)]]])
        gate.isWatched = true
        gate.run(until: "2026-03-18 09:10")
        for day in ["2026-03-16", "2026-03-17", "2026-03-18"] {
            let obligation = try #require(gate.obligation("content.daily-update/\(day)"))
            #expect(obligation.isFulfilled(by: act) == (day == date), "\(day)")
            #expect(!obligation.isLate || day != date)
        }
        #expect(gate.state.doubtful.isEmpty)
        // A replay of the same ledger comes to the same.
        var again = LedgerState(regulation: .standard)
        for record in gate.records { again.evolve(record) }
        #expect(again.digest == gate.state.digest)
    }
}
