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
        let desk = Desk(status(duty, obligor: party, exercise: true), party: party)
        let item = try #require(desk.items.first)
        #expect(desk.items.count == 1 && !Desk.answers(to: item).isEmpty)
        for answer in Desk.answers(to: item) {
            let line = try #require(Desk.line(answer, to: item, given: given, in: .standard))
            let message = try publish(Array(line.dropFirst()), as: party)[0]
            #expect(message.event.type == answer.type && message.event.subject == "SC-1" && message.event.exercise)
            #expect(!answer.isCall || message.event.data["to"]?.string == item.addressee ?? Regulation.standard.lead)
        }
    }

    @Test("the notification carries what the detection said")
    func notification() throws {
        let desk = Desk(status("incident.notify-department", obligor: "border-guard"), party: "border-guard")
        let item = try #require(desk.items.first)
        let line = try #require(Desk.line(Desk.answers(to: item)[0], to: item, given: given, in: .standard))
        let data = try publish(Array(line.dropFirst()))[0].event.data
        #expect(data["occurredAt"] == "2026-11-24T21:20:00+07:00" && data["device"] == "led-screen" && data["kind"] == "technical")
    }

    @Test("without an answer to what was asked nothing is said")
    func missing() throws {
        let desk = Desk(status("incident.notify-department", obligor: "border-guard"), party: "border-guard")
        let item = try #require(desk.items.first)
        #expect(Desk.line(Desk.answers(to: item)[1], to: item, given: ["officer": "Hải"], in: .standard) == nil)
    }

    @Test("what others owe is not on the desk")
    func others() { #expect(Desk(status("incident.notify-department", obligor: "border-guard"), party: "police").items.isEmpty) }
}
