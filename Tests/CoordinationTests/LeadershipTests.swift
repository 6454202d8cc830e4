import Coordination
import Synchronization
import Testing

/// The state machine of leadership: given these inputs at these seconds, then these actions. Elections are named e1, e2, … in the order made.
@Suite struct LeadershipTests {
    enum Input: Sendable {
        case token(Double)
        case lost
        case read(String, term: Int64, Double)
        case time(Double)
    }

    struct Step: Sendable {
        let input: Input
        let actions: [Leadership.Action]
        let state: Leadership.State
        init(_ input: Input, _ state: Leadership.State) { self.init(input, [], state) }
        init(_ input: Input, _ actions: [Leadership.Action], _ state: Leadership.State) {
            (self.input, self.actions, self.state) = (input, actions, state)
        }
    }

    struct Story: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let steps: [Step]
        init(_ name: String, _ steps: [Step]) { (testDescription, self.steps) = (name, steps) }
    }

    private static func stand(_ election: String, _ term: Int64) -> [Leadership.Action] { [.stand(election: election, term: term)] }

    /// A coordinator that leads since second 1 under e1, the first election there was.
    private static let leading = [
        Step(.token(0), stand("e1", 1), .standing(election: "e1", since: 0)),
        Step(.read("e1", term: 1, 1), [.lead(election: "e1")], .leading(election: "e1")),
    ]

    /// One that has put the token back to renew it, in second 601.
    private static let renewing = leading + [Step(.time(601), [.returnToken], .renewing(election: "e1", since: 601))]

    static let taking: [Story] = [
        Story(
            "without the token it reads along",
            [
                Step(.read("x", term: 3, 1), .standby), Step(.time(1000), .standby), Step(.lost, .standby),
            ]),
        Story("it acts only after reading its election back", leading),
        Story(
            "its term is one more than the last it read",
            [
                Step(.read("x", term: 7, 1), .standby), Step(.read("y", term: 4, 2), .standby),
                Step(.token(3), stand("e1", 8), .standing(election: "e1", since: 3)),
                Step(.read("e1", term: 8, 4), [.lead(election: "e1")], .leading(election: "e1")),
            ]),
        Story(
            "a read-back in the fifth second is in time",
            [
                Step(.token(0), stand("e1", 1), .standing(election: "e1", since: 0)), Step(.time(5), .standing(election: "e1", since: 0)),
                Step(.read("e1", term: 1, 5), [.lead(election: "e1")], .leading(election: "e1")),
            ]),
        Story(
            "without a read-back within five seconds it gives the token up",
            [
                Step(.token(0), stand("e1", 1), .standing(election: "e1", since: 0)), Step(.time(4.9), .standing(election: "e1", since: 0)),
                Step(.time(5.1), [.returnToken], .standby), Step(.time(6.1), .standby),
                Step(.read("e1", term: 1, 7), .standby),
                Step(.token(8), stand("e2", 2), .standing(election: "e2", since: 8)),
                Step(.read("e2", term: 2, 9), [.lead(election: "e2")], .leading(election: "e2")),
            ]),
        Story("its own election read again changes nothing", leading + [Step(.read("e1", term: 1, 2), .leading(election: "e1"))]),
    ]

    static let contested: [Story] = [
        Story(
            "another's election read while it leads makes it stand again, above the other's term",
            leading + [
                Step(.read("x", term: 2, 5), stand("e2", 3), .standing(election: "e2", since: 5)),
                Step(.read("e2", term: 3, 6), [.lead(election: "e2")], .leading(election: "e2")),
            ]),
        Story(
            "another's election of an older term too: the last word in the ledger counts",
            leading + [
                Step(.read("x", term: 1, 5), stand("e2", 2), .standing(election: "e2", since: 5))
            ]),
        Story(
            "of two candidates of one term, the one read later stands again",
            [
                Step(.token(0), stand("e1", 1), .standing(election: "e1", since: 0)), Step(.read("x", term: 1, 1), .standing(election: "e1", since: 0)),
                Step(.read("e1", term: 1, 1), stand("e2", 2), .standing(election: "e2", since: 1)),
                Step(.read("e2", term: 2, 2), [.lead(election: "e2")], .leading(election: "e2")),
            ]),
        Story(
            "of two candidates of one term, the one read first stands again too",
            [
                Step(.token(0), stand("e1", 1), .standing(election: "e1", since: 0)),
                Step(.read("e1", term: 1, 1), [.lead(election: "e1")], .leading(election: "e1")),
                Step(.read("x", term: 1, 1), stand("e2", 2), .standing(election: "e2", since: 1)),
            ]),
        Story(
            "an election above its own, read before its own, makes it stand again",
            [
                Step(.token(0), stand("e1", 1), .standing(election: "e1", since: 0)), Step(.read("x", term: 9, 1), .standing(election: "e1", since: 0)),
                Step(.read("e1", term: 1, 2), stand("e2", 10), .standing(election: "e2", since: 2)),
            ]),
        Story(
            "an election below its own does not",
            [
                Step(.read("y", term: 4, 0), .standby), Step(.token(0), stand("e1", 5), .standing(election: "e1", since: 0)),
                Step(.read("x", term: 2, 1), .standing(election: "e1", since: 0)),
                Step(.read("e1", term: 5, 2), [.lead(election: "e1")], .leading(election: "e1")),
            ]),
        Story(
            "a token that comes while it stands makes it stand anew, and the old election leads nothing",
            [
                Step(.token(0), stand("e1", 1), .standing(election: "e1", since: 0)), Step(.token(1), stand("e2", 1), .standing(election: "e2", since: 1)),
                Step(.read("e1", term: 1, 2), .standing(election: "e2", since: 1)),
                Step(.read("e2", term: 1, 2), stand("e3", 2), .standing(election: "e3", since: 2)),
                Step(.read("e3", term: 2, 3), [.lead(election: "e3")], .leading(election: "e3")),
            ]),
        Story(
            "a token that comes while it leads was away in between: it stands anew",
            leading + [Step(.token(50), stand("e2", 2), .standing(election: "e2", since: 50))]),
    ]

    static let losing: [Story] = [
        Story(
            "the token lost while it stands",
            [
                Step(.token(0), stand("e1", 1), .standing(election: "e1", since: 0)), Step(.lost, .standby), Step(.read("e1", term: 1, 1), .standby),
                Step(.time(10), .standby),
            ]),
        Story(
            "the token lost while it leads",
            leading + [Step(.lost, .standby), Step(.time(700), .standby), Step(.token(701), stand("e2", 2), .standing(election: "e2", since: 701))]),
        Story("the token lost while it renews", renewing + [Step(.lost, .standby), Step(.token(602), stand("e2", 2), .standing(election: "e2", since: 602))]),
        Story("the token lost twice", leading + [Step(.lost, .standby), Step(.lost, .standby)]),
    ]

    static let renewals: [Story] = [
        Story(
            "every ten minutes it puts the token back and goes on under the same election",
            leading + [
                Step(.time(600), .leading(election: "e1")), Step(.time(600.5), [.returnToken], .renewing(election: "e1", since: 600.5)),
                Step(.time(601.5), .renewing(election: "e1", since: 600.5)), Step(.token(602), [], .leading(election: "e1")),
                Step(.time(1202), .leading(election: "e1")),
                Step(.time(1202.5), [.returnToken], .renewing(election: "e1", since: 1202.5)), Step(.token(1203), [], .leading(election: "e1")),
            ]),
        Story(
            "a token that does not return within five seconds is another's",
            renewing + [
                Step(.time(606), .renewing(election: "e1", since: 601)), Step(.time(606.1), [], .standby),
                Step(.token(607), stand("e2", 2), .standing(election: "e2", since: 607)),
            ]),
        Story(
            "another's election read while the token is back in its queue ends the leadership",
            renewing + [
                Step(.read("x", term: 2, 602), [], .standby), Step(.time(610), .standby),
                Step(.token(611), stand("e2", 3), .standing(election: "e2", since: 611)),
            ]),
        Story(
            "its own election read again while it renews changes nothing",
            renewing + [
                Step(.read("e1", term: 1, 602), [], .renewing(election: "e1", since: 601)), Step(.token(603), [], .leading(election: "e1")),
            ]),
    ]

    @Test(arguments: taking + contested + losing + renewals) func leadershipGoes(_ story: Story) {
        let count = Mutex(0)
        var leadership = Leadership { _ in
            count.withLock { count in
                count += 1; return "e\(count)"
            }
        }
        for (index, step) in story.steps.enumerated() {
            var actions: [Leadership.Action] = []
            switch step.input {
            case .token(let seconds): actions = leadership.tokenReceived(at: seconds)
            case .lost: leadership.tokenLost()
            case .read(let id, let term, let seconds): actions = leadership.electionRead(id: id, term: term, at: seconds)
            case .time(let seconds): actions = leadership.timePassed(at: seconds)
            }
            #expect(actions == step.actions, "step \(index), \(step.input)")
            #expect(leadership.state == step.state, "step \(index), \(step.input)")
            if case .leading(let election) = step.state { #expect(leadership.election == election) } else { #expect(leadership.election == nil) }
        }
    }

    /// Two coordinators, one token, a ledger in one order: at no time do both act under an election that is the last in the ledger.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func atMostOneActsUnderTheLastElection(_ seed: UInt64) {
        var random = Lottery(state: seed)
        let count = Mutex(0)
        var nodes = (0..<2).map { _ in
            Leadership { _ in
                count.withLock { count in
                    count += 1; return "e\(count)"
                }
            }
        }
        var ledger: [(id: String, term: Int64)] = []
        var read = [0, 0]
        var holder: Int?
        var elections = 0
        func perform(_ actions: [Leadership.Action], by node: Int) {
            for action in actions {
                switch action {
                // Notices leave on the channel that holds the token, elections too.
                case .stand(let id, let term): if holder == node { ledger.append((id, term)) }
                case .returnToken: if holder == node { holder = nil }
                case .lead: elections += 1
                }
            }
        }
        for second in 0..<3_000 {
            let now = Double(second)
            for node in [0, 1].shuffled(using: &random) {
                switch Int.random(in: 0..<12, using: &random) {
                case 0 where holder == nil:
                    holder = node
                    perform(nodes[node].tokenReceived(at: now), by: node)
                case 1 where holder == node && Int.random(in: 0..<40, using: &random) == 0:
                    holder = nil
                    nodes[node].tokenLost()
                case 2...9 where read[node] < ledger.count:
                    let record = ledger[read[node]]
                    read[node] += 1
                    perform(nodes[node].electionRead(id: record.id, term: record.term, at: now), by: node)
                default: perform(nodes[node].timePassed(at: now), by: node)
                }
            }
            let acting = [0, 1].filter { nodes[$0].election != nil && nodes[$0].election == ledger.last?.id }
            #expect(acting.count <= 1, "seed \(seed), second \(second)")
            #expect(acting.allSatisfy { $0 == holder || nodes[$0].election == nil }, "seed \(seed), second \(second): it acts without the token")
        }
        #expect(elections > 0, "seed \(seed)")
    }

    private struct Lottery: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) | (state << 31)
        }
    }
}
