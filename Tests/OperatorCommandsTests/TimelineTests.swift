import Messages
import OperatorCommands
import Regulation
import Testing
import Values

@Suite("The ledger as a story")
struct TimelineTests {
    private func event(_ type: String, _ subject: String?, by sender: PartyID = "border-guard", _ data: JSON = [:]) -> Event {
        Event(id: "\(type)/\(subject ?? "")", sender: sender, type: type, subject: subject, time: now, data: data)
    }

    /// The lines of what was said, without their time: the sign, and what was said.
    private func lines(_ regulation: Regulation, _ events: [Event]) -> [String] {
        var timeline = Timeline(regulation: regulation, language: .en, screen: Screen())
        return events.flatMap { timeline.add($0) }.dropFirst().map { String($0.dropFirst("21:40:00  ".count)) }
    }

    private func story() -> [Event] {
        [
            event("power.status-changed", "DIEN-1", by: "economic-zone", ["status": "on-battery", "supplyLost": true]),
            event("power.status-changed", "DIEN-1", by: "economic-zone", ["status": "low-battery", "supplyLost": true]),
            event("device.status-changed", "led-screen", ["device": "led-screen", "status": "critical"]),
            event("incident.detected", "SC-1", ["title": "LED dark", "kind": "technical"]),
            event("incident.detected", "SC-1", by: "police", ["title": "LED dark", "kind": "technical"]),
            event("content.submitted", "TT-1", by: "newspaper", ["title": "Lễ hội"]),
            event("incident.resolved", "SC-1", ["measures": "cáp mới"]), event("power.restored", "DIEN-1", by: "economic-zone"),
        ]
    }

    @Test("what is urgent is marked where its case begins and where it ends, and how something is stands behind it")
    func marks() {
        let lines = lines(.standard, story())
        #expect(lines.map { $0.prefix(1) } == ["●", "·", "·", "●", "·", "·", "○", "○"])
        #expect(lines[1].hasSuffix(": low-battery") && lines[2].hasSuffix(": led-screen critical") && lines[6].hasSuffix("SC-1, LED dark: cáp mới"))
    }

    @Test("so it is under a text that names its messages otherwise")
    func another() throws {
        let names = ["incident.detected": "fault.found", "incident.resolved": "fault.mended"]
        let text = names.reduce(Regulation.standard.source.text) { $0.replacing("\"\($1.key)\"", with: "\"\($1.value)\"") }
        let regulation = try Regulation(json: JSON(parsing: text))
        let events = story().map { event in
            var event = event
            event.type = names[event.type] ?? event.type
            return event
        }
        #expect(lines(regulation, events).map { $0.prefix(1) } == ["●", "·", "·", "●", "·", "·", "○", "○"])
    }
}
