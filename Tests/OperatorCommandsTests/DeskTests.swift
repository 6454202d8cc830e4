import OperatorCommands
import Regulation
import Testing
import Values

@Suite("What a desk owes is answered with one key")
struct DeskTests {
    private func status(_ duty: String, obligor: String, exercise: Bool = false) -> JSON {
        [
            "obligations": [
                [
                    "id": .string("\(duty)/SC-1"), "duty": .string(duty), "obligor": .string(obligor), "subject": "SC-1", "case": "màn hình LED tối",
                    "deadline": "2026-11-24T22:20:00+07:00", "exercise": .bool(exercise),
                ],
                [
                    "id": "suggestion-box.open/2026-11-24", "duty": "suggestion-box.open", "obligor": "economic-zone",
                    "subject": "suggestion-box.open/2026-11-24",
                ],
            ],
            "incidents": [
                [
                    "subject": "SC-1", "title": "màn hình LED tối", "kind": "technical", "occurredAt": "2026-11-24T21:20:00+07:00", "device": "led-screen",
                ]
            ],
        ]
    }

    private let given = [
        "officer": "Trung úy Hải", "reason": "- tuột cáp", "calledAt": "21:30", "answeredBy": "Lan", "number": "0214 3840 111", "caller": "Hải",
        "summary": "LED tối", "resolvedAt": "now",
        "measures": "thay nguồn",
    ]

    @Test(
        "every answer is a message that would be accepted, in the drill where the case is one",
        arguments: [
            ("incident.notify-department", "border-guard"), ("incident.acknowledge", "information-dept"), ("incident.brief-committee", "information-dept"),
            ("incident.resolve", "border-guard"), ("notice.reach", "information-dept"),
        ])
    func answers(_ duty: String, _ party: String) throws {
        let desk = Desk(status(duty, obligor: party, exercise: true), party: party, regulation: .standard)
        let item = try #require(desk.items.first)
        #expect(desk.items.count == 1 && !desk.answers(to: item).isEmpty)
        for answer in desk.answers(to: item) {
            let line = try #require(desk.line(answer, to: item, given: given))
            let message = try publish(Array(line.dropFirst()), as: party)[0]
            #expect(message.event.type == answer.type && message.event.subject == "SC-1" && message.event.exercise)
            #expect(answer.to == nil || message.event.data["to"]?.string == item.addressee ?? Regulation.standard.lead)
        }
    }

    @Test("the notification carries what the detection said")
    func notification() throws {
        let desk = Desk(status("incident.notify-department", obligor: "border-guard"), party: "border-guard", regulation: .standard)
        let item = try #require(desk.items.first)
        let line = try #require(desk.line(desk.answers(to: item)[0], to: item, given: given))
        let data = try publish(Array(line.dropFirst()))[0].event.data
        #expect(data["occurredAt"] == "2026-11-24T21:20:00+07:00" && data["device"] == "led-screen" && data["kind"] == "technical")
    }

    @Test("without an answer to what was asked nothing is said")
    func missing() throws {
        let desk = Desk(status("incident.notify-department", obligor: "border-guard"), party: "border-guard", regulation: .standard)
        let item = try #require(desk.items.first)
        #expect(desk.line(desk.answers(to: item)[1], to: item, given: ["officer": "Hải"]) == nil)
    }

    @Test("an incident stands before paperwork that is long overdue, of one sort what is due first")
    func urgentFirst() {
        let paper: [JSON] = (1...12).map { day in
            [
                "id": .string("report.ad-hoc/YC-\(day)"), "duty": "report.ad-hoc", "obligor": "border-guard", "subject": .string("YC-\(day)"),
                "deadline": .string("2026-10-\(day + 10)T17:00:00+07:00"),
            ]
        }
        let own = status("incident.notify-department", obligor: "border-guard")["obligations"]?.array ?? []
        let desk = Desk(["obligations": .array(paper.reversed() + own)], party: "border-guard", regulation: .standard)
        #expect(desk.items.map(\.subject) == ["SC-1"] + (1...12).map { "YC-\($0)" })
        #expect(desk.items.first?.isUrgent == true && desk.items.dropFirst().allSatisfy { !$0.isUrgent })
    }

    @Test("what others owe is not on the desk")
    func others() {
        #expect(Desk(status("incident.notify-department", obligor: "border-guard"), party: "police", regulation: .standard).items.isEmpty)
    }

    @Test("a row that names no keys keeps its duty off the desk")
    func offTheDesk() throws {
        let source = try #require(Regulation.standard.source.object)
        func items(_ desk: JSON?) throws -> [Desk.Item] {
            var source = source
            source["duties"] = source["duties"]?.array.map { rows in
                .array(
                    rows.map { row in
                        guard row["id"] == "incident.contain", var row = row.object else { return row }
                        row["desk"] = desk
                        return .object(row)
                    })
            }
            let status = status("incident.contain", obligor: "information-dept")
            return Desk(status, party: "information-dept", regulation: try Regulation(json: .object(source))).items
        }
        #expect(try items([]).isEmpty)
        #expect(try !items(nil).isEmpty)
    }

    /// The regulation built in, its rows without what they say of the desk.
    private static func withoutDesk() throws -> Regulation {
        var source = try #require(Regulation.standard.source.object)
        source["duties"] = .array(
            try #require(source["duties"]?.array).map { row in
                var row = try #require(row.object)
                row["desk"] = nil
                return .object(row)
            })
        return try Regulation(json: .object(source))
    }

    @Test("without a word on the desk every act that its party may say has a key, and asks for what the message requires and nobody knows")
    func derived() throws {
        let regulation = try DeskTests.withoutDesk()
        #expect(regulation.desks.isEmpty)
        func answers(_ id: String, _ party: PartyID) throws -> [DeskAnswer] { regulation.answers(to: try #require(regulation.duty(id)), by: party) }
        let notify = try answers("incident.notify-department", "border-guard")
        // What the Department finds itself is no act of the guard's.
        #expect(notify.map(\.type) == ["incident.notified", "communication.recorded"] && notify.map(\.key) == ["1", "2"])
        #expect(notify[0].known == ["kind", "occurredAt", "title", "device", "cause"] && notify[0].asks == ["officer"] && notify[0].says == [:])
        #expect(notify[1].says == ["regarding": "incident.notified", "to": "information-dept"])
        #expect(notify[1].asks == ["means", "calledAt", "caller", "answeredBy"])
        // Another case is cited; two of one type are told apart; to whom it goes is named where the case decides.
        let supply = try #require(answers("content.supply-on-request", "newspaper").first)
        #expect(supply.known == ["request"] && supply.asks == ["title", "answersFor"])
        let site = try #require(answers("site.sanitation", "economic-zone").first)
        #expect(site.says == ["topic": "sanitation"] && site.known.isEmpty)
        let review = try answers("review.annual", "information-dept")
        #expect(Set(review.map(\.label.en)).count == 2 && Set(review.map(\.label.vi)).count == 2)
        let vet = try #require(answers("content.vet", "information-dept").first)
        #expect(vet.to == DeskAnswer.addressee && vet.asks == ["outcome", "officer"])
        // A condition that leaves a choice is asked for.
        #expect(try answers("communication.confirm", "police").first?.asks.contains("outcome") == true)
    }

    @Test("every answer that is derived is a message that would be accepted")
    func derivedAreAccepted() throws {
        let regulation = try DeskTests.withoutDesk()
        var tried = 0
        for duty in regulation.duties {
            for party in regulation.parties.map(\.id) {
                for answer in regulation.answers(to: duty, by: party) {
                    let schema = try #require(regulation.schema(of: answer.type))
                    let subject = "\(regulation.caseKinds[0].prefix)-1"
                    let status: JSON = [
                        "obligations": [
                            [
                                "duty": .string(duty.id), "obligor": .string(party), "subject": .string(subject), "case": "x", "addressee": "police",
                                "confirms": ["id": "m1", "by": "police", "type": "incident.corrected"],
                            ]
                        ]
                    ]
                    let desk = Desk(status, party: party, regulation: regulation)
                    let item = try #require(desk.items.first)
                    // As an officer might fill it in.
                    let given = schema.fields.reduce(into: [String: String]()) { given, field in
                        given[field.name] =
                            switch field.kind {
                            case .instant: "08:15"
                            case .date: "2026-11-24"
                            case .flag: "yes"
                            case .choice(let values): values.first
                            default: schema.example?[field.name].map { $0.string ?? $0.text } ?? "police"
                            }
                    }
                    let line = try #require(desk.line(answer, to: item, given: given), "\(duty.id)")
                    #expect(throws: Never.self, "\(line)") { try publish(Array(line.dropFirst()), as: party) }
                    tried += 1
                }
            }
        }
        #expect(tried > 60)
    }
}
