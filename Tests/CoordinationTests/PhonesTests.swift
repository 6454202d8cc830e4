import Testing
import Values

@testable import Coordination

/// Telephone numbers that are declared: a party's own, or any by the word of the party that leads.
@Suite struct PhonesTests {
    private func declare(_ gate: inout Gate, _ at: String, _ sender: String, _ phone: String, of party: String? = nil) {
        gate.at(at, sender, "phone.declared", nil, party.map { ["phone": .string(phone), "party": .string($0)] } ?? ["phone": .string(phone)])
    }

    @Test func theLastThatWasDeclaredIsTheOneToCall() {
        var gate = Gate(on: "2026-03-16")
        #expect(gate.state.phone(of: "information-dept") == nil)
        declare(&gate, "07:00", "information-dept", "0214 3840 888")
        declare(&gate, "07:01", "information-dept", "0214 3840 999")
        declare(&gate, "07:02", "information-dept", "113", of: "police")
        declare(&gate, "07:03", "police", "0214 3820 115", of: "border-guard")
        declare(&gate, "07:04", "information-dept", "114", of: "nobody")
        gate.run(until: "07:05")
        #expect(gate.state.phones == ["information-dept": "0214 3840 999", "police": "113"])
        #expect(gate.events.filter { $0.type == "message.refused" }.map { $0.data["to"]?.string } == ["police", "information-dept"])
        // Notices give it.
        gate.at("08:00", "border-guard", "incident.detected", "SC-1", detected("08:00"))
        gate.run(until: "08:51")
        let reminder = gate.events.last { $0.type == "duty.reminded" }
        #expect(reminder?.data["wording"]?["vi"]?.string?.contains("0214 3840 999") == true)
    }
}
