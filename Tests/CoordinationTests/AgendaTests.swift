import Messages
import Regulation
import Testing
import Values

@testable import Coordination

/// What is published first when more is due than can be on its way.
@Suite struct AgendaTests {
    private func lane(_ urgency: Agenda.Urgency, _ party: PartyID = "border-guard") -> Agenda.Lane { Agenda.Lane(urgency: urgency, party: party) }

    /// The keys of the next so many entries; each makes as many decisions as it names parties.
    private func keys(_ agenda: Agenda, _ limit: Int, without: Set<String> = []) -> [String] {
        agenda.next(limit) { entry, room in
            guard case .forwards(let parties) = entry.content, !without.contains(entry.key) else { return (entry.content, 0) }
            return (.forwards(Array(parties.prefix(room))), min(parties.count, room))
        }.map(\.entry.key)
    }

    @Test func whatIsOverdueGoesBeforeWhatIsNewAndThatBeforeAnswers() {
        var agenda = Agenda()
        agenda.put(.forwards(["a"]), for: "1", in: lane(.answer))
        agenda.put(.forwards(["a"]), for: "2", in: lane(.notice))
        agenda.put(.forwards(["a"]), for: "3", in: lane(.overdue))
        #expect(keys(agenda, 9) == ["3", "2", "1"])
        #expect(keys(agenda, 2) == ["3", "2"])
    }

    @Test func whatIsNotOverdueIsTakenAsFarAsItsLaneHasRoom() {
        var agenda = Agenda()
        for number in 0..<5 { agenda.put(.forwards(["a"]), for: "new-\(number)", in: lane(.notice)) }
        agenda.put(.forwards(["a"]), for: "answer", in: lane(.answer))
        for number in 0..<3 { agenda.put(.forwards(["a"]), for: "late-\(number)", in: lane(.overdue)) }
        func taken(_ limit: Int, _ room: Int) -> [String] { agenda.next(limit, room: { _ in room }) { entry, _ in (entry.content, 1) }.map(\.entry.key) }
        #expect(taken(9, 0) == ["late-0", "late-1", "late-2"] && taken(9, -7) == taken(9, 0))
        #expect(taken(9, 2) == ["late-0", "late-1", "late-2", "new-0", "new-1", "answer"])
        #expect(taken(2, 4) == ["late-0", "late-1"])
        #expect(taken(20, 20).count == 9 && taken(20, 5).count == 9)
    }

    @Test func ofOneUrgencyThePartiesTakeTurns() {
        var agenda = Agenda()
        for number in 0..<10_000 { agenda.put(.forwards(["a"]), for: "flood-\(number)", in: lane(.notice, "culture-dept")) }
        agenda.put(.forwards(["a"]), for: "single", in: lane(.notice, "police"))
        #expect(Set(keys(agenda, 2)) == ["flood-0", "single"])
        // What is on its way already costs the others nothing.
        #expect(Set(keys(agenda, 3, without: ["flood-0", "flood-1"])) == ["flood-2", "flood-3", "single"])
    }

    @Test func whatCanAllBeSaidIsInTheOrderOfItsKeys() {
        var agenda = Agenda()
        for key in ["c", "a", "d", "b"] { agenda.put(.forwards(["a"]), for: key, in: lane(.notice, key == "d" ? "police" : "border-guard")) }
        #expect(keys(agenda, 9) == ["a", "b", "c", "d"])
        #expect(keys(agenda, 3) == ["a", "c", "d"])
    }

    @Test func whatBecomesMoreUrgentChangesItsLaneAndWhatIsReplacedKeepsItsPlace() {
        var agenda = Agenda()
        for key in ["1", "2", "3"] { agenda.put(.forwards(["a"]), for: key, in: lane(.notice)) }
        agenda.put(.forwards(["a", "b"]), for: "1", in: lane(.notice))
        #expect(keys(agenda, 2) == ["1"])
        agenda.put(.forwards(["a"]), for: "3", in: lane(.overdue))
        #expect(keys(agenda, 1) == ["3"])
        agenda.put(.forwards(["a"]), for: "3", in: lane(.notice))
        agenda.remove("1")
        #expect(keys(agenda, 1) == ["2"])
        agenda.remove("2")
        agenda.remove("3")
        #expect(agenda.isEmpty && keys(agenda, 9) == [])
    }

    /// Entries come and go in any order; what is left is what a plain list would have.
    @Test(arguments: 1...20)
    func whateverComesAndGoesTheOrderIsThatOfAList(seed: UInt64) {
        var random = SplitMix(state: seed)
        var agenda = Agenda()
        var list: [(key: String, lane: Agenda.Lane)] = []
        for _ in 0..<3000 {
            let key = "k\(random.next() % 300)"
            if random.next() % 5 < 3 {
                let lane = lane(random.next() % 2 == 0 ? .overdue : .notice, "p")
                if let index = list.firstIndex(where: { $0.key == key }) {
                    if list[index].lane == lane { continue }
                    list.remove(at: index)
                }
                list.append((key, lane))
                agenda.put(.forwards(["a"]), for: key, in: lane)
            } else {
                list.removeAll { $0.key == key }
                agenda.remove(key)
            }
            let limit = Int(random.next() % 40)
            let inOrder = list.filter { $0.lane.urgency == .overdue } + list.filter { $0.lane.urgency == .notice }
            let expected = inOrder.prefix(limit)
            let sorted = [Agenda.Urgency.overdue, .notice].flatMap { urgency in expected.filter { $0.lane.urgency == urgency }.map(\.key).sorted() }
            #expect(keys(agenda, limit) == sorted)
        }
    }

    /// Ten thousand are open and a hundred on their way: a hundred more are taken without looking at the others.
    @Test func takingSomeDoesNotLookAtAll() {
        var agenda = Agenda()
        for number in 0..<10_000 { agenda.put(.forwards(["a"]), for: "\(number)", in: lane(.notice)) }
        let inFlight = Set((0..<100).map(String.init))
        var looks = 0
        let taken = agenda.next(100) { entry, _ in
            looks += 1
            return (entry.content, inFlight.contains(entry.key) ? 0 : 1)
        }
        #expect(taken.count == 100 && looks == 200)
    }

    @Test func theLeaderTakesWhatIsOverdueBeforeTheOpeningsOfAFlood() {
        var gate = Gate(on: "2026-03-16")
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "08:59")
        gate.isWatched = false
        gate.run(until: "09:00")
        for number in 0..<200 { gate.at("09:00", "police", "incident.detected", "F-\(number)", detected("09:00")) }
        gate.own("coordinator.marked", ["reachedAt": JSON(gate.now, offset: .hours(7))])
        gate.own("coordinator.marked", ["reachedAt": JSON(gate.now + .seconds(1), offset: .hours(7))])
        let all = gate.state.decisions
        #expect(all.count > 200)
        let first = gate.state.decisions(limit: 3) { _ in true }
        #expect(first.count == 3 && first.prefix(2).allSatisfy { $0.type == "duty.overdue" && $0.subject == "SC-1" })
        let next = gate.state.decisions(limit: 3) { id in !first.contains { $0.id == id } }
        #expect(next.count == 3 && next.allSatisfy { $0.type == "duty.opened" } && Set(next.map(\.id)).isDisjoint(with: first.map(\.id)))
        #expect(Set(gate.state.dueIDs) == Set(all.map(\.id)))
    }
}

/// Random numbers that are the same at every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
