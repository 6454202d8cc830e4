import Messages
import Regulation
import Schemas
import Testing
import Values

@testable import Coordination

/// Every duty of Decision 34/2015/QĐ-UBND: met in time, and left undone.
@Suite struct StoryTests {
    /// The regulation with one duty alone, and the one that it is another way to end.
    private func text(of story: Story) -> JSON {
        let source = Regulation.standard.source
        guard var object = source.object, let duties = source["duties"]?.array else { preconditionFailure("no duties") }
        let row = duties.first { $0["id"]?.string == story.duty }
        let wanted = [story.duty, row?["alternativeTo"]?.string]
        object["duties"] = .array(duties.filter { wanted.contains($0["id"]?.string) })
        return .object(object)
    }

    private func duty(_ story: Story) throws -> Duty { try #require(Regulation.standard.duty(story.duty)) }
    private func id(_ story: Story) throws -> String { (try duty(story).alternativeTo ?? story.duty) + "/" + story.key }

    private func overdue(_ gate: Gate, _ id: String) -> [Event] {
        gate.events.filter { $0.type == "duty.overdue" && $0.data["obligation"]?.string == id }
    }

    @Test(arguments: Story.all) func isMetInTime(_ story: Story) throws {
        var gate = Gate(on: story.on, under: text(of: story))
        for saying in story.opening { gate.hear(saying) }
        gate.hear(story.act)
        let id = try id(story)
        let obligation = try #require(gate.obligation(id), "\(gate.state.obligations.keys.sorted())")
        #expect(!obligation.isOpen && !obligation.isLate, "\(obligation.outcome)")
        if case .void = obligation.outcome { Issue.record("nobody owes it") }
        #expect(story.fault.isEmpty ? obligation.deadline == story.deadline.map(gate.instant) : obligation.deadline == nil)
        let later = max(gate.now, story.deadline.map(gate.instant) ?? gate.now) + .hours(30 * 24)
        gate.run(until: later.rfc3339(offset: .hours(7)))
        #expect(overdue(gate, id).isEmpty)
        #expect(gate.state.refusedCount == 0, "\(String(describing: gate.state.lastRefusal))")
        #expect(!gate.events.contains { $0.type == "notice.withdrawn" })
    }

    @Test(arguments: Story.all) func isOverdueWhenLeftUndone(_ story: Story) throws {
        var gate = Gate(on: story.on, under: text(of: story))
        for saying in story.opening + story.fault { gate.hear(saying) }
        let (id, duty) = (try id(story), try duty(story))
        guard let deadline = story.deadline.map(gate.instant) else {
            // None is set: it is awaited, and nobody is called late.
            gate.run(until: "2026-12-31 12:00")
            #expect(gate.obligation(id)?.isOpen == true && gate.obligation(id)?.deadline == nil && overdue(gate, id).isEmpty)
            return
        }
        let after = (deadline + .minutes(1)).rfc3339(offset: .hours(7))
        gate.run(until: deadline.rfc3339(offset: .hours(7)))
        gate.run(until: after)
        // What its own message opens is seen late only when it comes.
        if story.opening.isEmpty, case .messages = duty.opening {
            #expect(gate.obligation(id) == nil)
        } else {
            let notices = overdue(gate, id)
            #expect(!notices.isEmpty && notices.allSatisfy { $0.data["deadline"]?.instant == deadline && $0.time >= deadline })
            #expect(notices.contains { $0.time - deadline < .seconds(1) }, "it was told late")
            #expect(gate.obligation(id)?.isOpen == true && gate.obligation(id)?.deadline == deadline)
        }
        gate.hear(story.act, at: after)
        #expect(gate.obligation(id)?.isOpen == false)
        if duty.alternativeTo == nil { #expect(gate.obligation(id)?.isLate == true) }
        #expect(gate.state.refusedCount == 0, "\(String(describing: gate.state.lastRefusal))")
    }

    /// The rows of the table of duties, in its order.
    static let table = [
        "incident.notify-department", "incident.acknowledge", "incident.brief-committee", "incident.propose-plan", "incident.contain", "incident.resolve",
        "incident.dismiss", "content.withdraw", "operate.daily-hours", "operate.close-day", "assets.register", "content.daily-update",
        "content.urgent-update", "content.vet", "content.publish", "content.supply-on-request", "content.keep-copy", "production.order",
        "production.deliver", "tourism.integrate", "backup.periodic", "maintenance.plan", "contingency.plan", "power.supply", "power.plan",
        "site.sanitation", "site.fire-safety", "site.appearance", "site.post-contacts", "suggestion-box.open", "feedback.forward",
        "feedback.forward-station", "feedback.resolve", "security.handle-violation", "inspection.periodic", "training.hold", "training.nominate",
        "budget.draft", "budget.agree", "budget.consolidate", "budget.submit", "budget.appraise", "budget.approve", "budget.guide", "report.half-year",
        "report.year", "report.consolidate", "report.ad-hoc", "review.annual", "account.report-compromise", "account.revoke", "royalty.settle",
        "consultation.answer", "meeting.minute", "amendment.consolidate", "conduct.record",
    ]

    @Test func everyDutyOfTheRegulationIsThereAndHasItsStory() {
        let duties = Set(Regulation.standard.duties.map(\.id))
        #expect(Set(StoryTests.table).symmetricDifference(duties).sorted() == [])
        #expect(Story.all.map(\.duty).sorted() == duties.sorted())
        // What has no clock is told as such: the standing duty of security among it.
        let unclocked = Regulation.standard.unclocked
        #expect(Set(unclocked.map(\.article)).isSuperset(of: ["3", "4", "6", "10.2", "13.1", "14.1", "14.4", "14.5", "16.3", "17.1"]))
        #expect(unclocked.allSatisfy { !$0.text.vi.isEmpty && !$0.text.en.isEmpty && $0.text.vi != $0.text.en })
    }

    @Test(arguments: Regulation.standard.duties.map(\.id)) func theActReachesWhomItIsOwedToAndIsWordedInBothLanguages(_ id: String) throws {
        let regulation = Regulation.standard
        let duty = try #require(regulation.duty(id))
        #expect(!duty.title.vi.isEmpty && !duty.title.en.isEmpty && duty.title.vi != duty.title.en)
        #expect(!duty.fulfilledBy.isEmpty)
        for matcher in duty.fulfilledBy {
            let type = try #require(regulation.messageType(matcher.type))
            let schema = try #require(MessageSchema.named(matcher.type))
            #expect(!schema.title.vi.isEmpty && !schema.title.en.isEmpty)
            for addressee in duty.addressees {
                let isReached = type.isAddressable || addressee.party.map { type.to.contains($0) || type.from == [$0] } ?? false
                // What the addressee says itself it knows.
                let isItsOwn = addressee.party.map { matcher.from == [$0] } ?? false
                #expect(isReached || isItsOwn, "\(matcher.type) does not reach \(addressee)")
            }
        }
        if duty.due.basis == .law { #expect(duty.article != "ours" && !duty.due.cases.isEmpty) }
        for rung in duty.ladder { #expect(regulation.wordings[rung.wording] != nil) }
    }
}
