import Regulation
import Schemas
import Values

/// Something said at a time of the day: the example of its schema, with what the story changes in it.
struct Saying: Sendable {
    var at: String
    var sender: PartyID
    var type: String
    var subject: String
    var to = "all"
    /// Members that differ from the example; null takes one out.
    var changes: JSON = [:]

    init(_ at: String, _ sender: PartyID, _ type: String, _ subject: String, to: String = "all", _ changes: JSON = [:]) {
        (self.at, self.sender, self.type, self.subject, self.to, self.changes) = (at, sender, type, subject, to, changes)
    }

    var data: JSON {
        guard let schema = Schemas.message(type + ".v1"), let example = try? JSON(parsing: schema)["examples"]?.array?.first,
            var data = example.object
        else { preconditionFailure("\(type) has no example") }
        for member in changes.object?.members ?? [] {
            // Not a conditional expression: in one, `nil` would be JSON's null.
            if member.value == .null { data[member.key] = nil } else { data[member.key] = member.value }
        }
        return .object(data)
    }
}

extension Gate {
    @discardableResult
    mutating func hear(_ saying: Saying, at time: String? = nil) -> String {
        at(time ?? saying.at, saying.sender, saying.type, saying.subject, saying.data, to: saying.to)
    }
}

/// How one duty is met, and by when it must be.
struct Story: Sendable, CustomStringConvertible {
    var duty: String
    /// The day on which the story begins.
    var on = "2026-03-16"
    /// What opens the obligation; nothing where the calendar does.
    var opening: [Saying] = []
    /// What only the story of the unmet duty tells: the screen that went dark.
    var fault: [Saying] = []
    /// The obligation after the duty's name: the case or the period, and the party.
    var key: String
    /// The last instant in time; nil where none is set.
    var deadline: String?
    /// The act that fulfils it.
    var act: Saying

    var description: String { duty }

    private static let (d, b, e) = ("information-dept", "border-guard", "economic-zone")
    private static let endOfYear = "2026-12-31 23:59:59.999"
    private static let noPaper: JSON = ["document": nil]

    /// One story for each duty, in the regulation's order.
    static let all: [Story] = incidents + operation + content + upkeep + budget + reports + others

    private static let detected = Saying("08:00", b, "incident.detected", "SC-1", ["kind": "technical", "occurredAt": "2026-03-16T08:00:00+07:00"])
    private static let notified = Saying("08:00", b, "incident.notified", "SC-1", ["kind": "technical", "occurredAt": "2026-03-16T08:00:00+07:00"])

    private static let incidents = [
        Story(duty: "incident.notify-department", opening: [detected], key: "SC-1", deadline: "09:00", act: notified),
        Story(
            duty: "incident.acknowledge", opening: [notified], key: "SC-1", deadline: "08:15", act: Saying("08:10", d, "incident.acknowledged", "SC-1")),
        Story(duty: "incident.brief-committee", opening: [notified], key: "SC-1", deadline: "10:00", act: Saying("09:00", d, "incident.briefed", "SC-1")),
        Story(
            duty: "incident.propose-plan", opening: [Saying("08:00", d, "incident.briefed", "SC-1")], key: "SC-1", deadline: "2026-03-17 23:59:59.999",
            act: Saying("2026-03-17 15:00", d, "handling-plan.proposed", "SC-1")),
        Story(
            duty: "incident.contain", opening: [notified], key: "SC-1", deadline: "12:00",
            act: Saying("11:00", d, "incident.contained", "SC-1", ["containedAt": "2026-03-16T10:50:00+07:00"])),
        Story(
            duty: "incident.resolve", opening: [detected], key: "SC-1", deadline: "2026-03-17 08:00", act: Saying("15:00", b, "incident.resolved", "SC-1")),
        // Another way to end the hour: it closes the obligation to notify.
        Story(duty: "incident.dismiss", opening: [detected], key: "SC-1", deadline: "09:00", act: Saying("08:20", b, "incident.dismissed", "SC-1")),
    ]

    private static let operation = [
        Story(
            duty: "operate.daily-hours",
            fault: [
                Saying("07:01", b, "device.status-changed", "led-screen", ["device": "led-screen", "status": "critical", "since": "2026-03-16T07:00:00+07:00"])
            ],
            key: "2026-03-16", deadline: "08:00", act: Saying("22:05", b, "operations.day-closed", "2026-03-16", ["date": "2026-03-16"])),
        Story(
            duty: "operate.close-day", key: "2026-03-16", deadline: "22:30",
            act: Saying("22:05", b, "operations.day-closed", "2026-03-16", ["date": "2026-03-16"])),
        Story(
            duty: "assets.register", on: "2026-12-01", key: "2026-01-01", deadline: endOfYear,
            act: Saying("2026-12-16 09:00", b, "asset.changed", "TS-1", ["change": "stock-take", "changedOn": "2026-12-15"])),
        Story(
            duty: "power.supply", opening: [Saying("08:00", e, "power.status-changed", "MD-1", ["supplyLost": true, "since": "2026-03-16T08:00:00+07:00"])],
            key: "MD-1", deadline: "08:30", act: Saying("08:20", e, "power.restored", "MD-1")),
    ]

    private static let content = [
        Story(
            duty: "content.withdraw", opening: [Saying("08:00", "police", "content.challenged", "ND-1", ["observedAt": "2026-03-16T07:58:00+07:00"])],
            key: "ND-1", deadline: "08:15", act: Saying("08:10", d, "content.withdrawn", "ND-1", ["withdrawnAt": "2026-03-16T08:09:00+07:00"])),
        Story(
            duty: "content.daily-update", key: "2026-03-16", deadline: "23:59:59.999",
            act: Saying("16:00", d, "content.nothing-new", "2026-03-16", ["date": "2026-03-16"])),
        Story(
            duty: "content.urgent-update", opening: [Saying("08:00", "peoples-committee", "directive.issued", "CD-1", ["dueAt": nil])], key: "CD-1",
            deadline: "10:00", act: Saying("09:00", d, "content.published", "TT-1", ["directive": "CD-1"])),
        Story(
            duty: "content.vet", opening: [Saying("08:00", "newspaper", "content.submitted", "TT-1")], key: "TT-1", deadline: "2026-03-18 23:59:59.999",
            act: Saying("2026-03-17 09:00", d, "content.vetted", "TT-1", to: "newspaper")),
        Story(
            duty: "content.publish", opening: [Saying("08:00", d, "content.vetted", "TT-1", to: "newspaper", ["publishBy": nil])], key: "TT-1",
            deadline: "2026-03-17 23:59:59.999", act: Saying("2026-03-17 09:00", d, "content.published", "TT-1")),
        Story(
            duty: "content.supply-on-request",
            opening: [Saying("08:00", d, "content.requested", "YC-1", to: "culture-dept", ["dueAt": "2026-03-20T17:00:00+07:00"])],
            key: "YC-1/culture-dept", deadline: "2026-03-20 17:00",
            act: Saying("2026-03-19 09:00", "culture-dept", "content.submitted", "TT-2", ["request": "YC-1"])),
        Story(
            duty: "content.keep-copy", opening: [Saying("08:00", "newspaper", "content.submitted", "TT-1", ["copyKept": nil])], key: "TT-1",
            deadline: "08:05", act: Saying("08:01", "newspaper", "content.copy-kept", "TT-1")),
        Story(
            duty: "production.order", on: "2026-03-02", key: "2026-01-01", deadline: "2026-03-31 23:59:59.999",
            act: Saying("2026-03-20 09:00", d, "production.ordered", "DH-1", to: "newspaper")),
        Story(
            duty: "production.deliver",
            opening: [Saying("08:00", d, "production.ordered", "DH-1", to: "newspaper", ["dueAt": "2026-05-29T17:00:00+07:00"])],
            key: "DH-1/newspaper", deadline: "2026-05-29 17:00", act: Saying("2026-05-20 09:00", "newspaper", "production.delivered", "DH-1")),
        Story(
            duty: "tourism.integrate", opening: [Saying("08:00", "culture-dept", "tourism-info.provided", "DL-1")], key: "DL-1",
            deadline: "2026-03-23 23:59:59.999", act: Saying("2026-03-20 09:00", d, "tourism-info.integrated", "DL-1")),
        Story(
            duty: "royalty.settle", opening: [Saying("08:00", d, "content.published", "TT-1", ["fromContributor": true])], key: "TT-1",
            deadline: "2026-03-31 23:59:59.999", act: Saying("2026-03-27 09:00", d, "royalty.settled", "TT-1")),
    ]

    private static func inspection(_ duty: String, _ topic: String, key: String, deadline: String) -> Story {
        Story(
            duty: duty, key: key, deadline: deadline,
            act: Saying(
                "2026-03-18 16:00", e, "site.inspected", "KT-1", ["topic": .string(topic), "inspectedAt": "2026-03-18T15:00:00+07:00"]))
    }

    private static let upkeep = [
        Story(
            duty: "backup.periodic", key: "2026-03-16", deadline: "2026-03-22 23:59:59.999",
            act: Saying("2026-03-20 23:00", d, "backup.completed", "SL-1", ["takenAt": "2026-03-20T22:30:00+07:00"])),
        Story(
            duty: "maintenance.plan", on: "2026-12-01", key: "2026-01-01", deadline: endOfYear,
            act: Saying("2026-12-10 09:00", b, "maintenance.agreed", "BT-1", ["year": 2026])),
        Story(
            duty: "contingency.plan", on: "2026-12-01", key: "2026-01-01", deadline: endOfYear,
            act: Saying("2026-12-10 09:00", d, "contingency-plan.filed", "PA-1", ["topic": "cluster", "year": 2026])),
        Story(
            duty: "power.plan", on: "2026-12-01", key: "2026-01-01", deadline: endOfYear,
            act: Saying("2026-12-10 09:00", e, "contingency-plan.filed", "PA-2", ["topic": "power", "year": 2026])),
        inspection("site.sanitation", "sanitation", key: "2026-03-16", deadline: "2026-03-22 23:59:59.999"),
        inspection("site.fire-safety", "fire-safety", key: "2026-03-01", deadline: "2026-03-31 23:59:59.999"),
        inspection("site.appearance", "appearance", key: "2026-03-16", deadline: "2026-03-22 23:59:59.999"),
        inspection("site.post-contacts", "hotline-number", key: "2026-01-01", deadline: "2026-03-31 23:59:59.999"),
        Story(
            duty: "inspection.periodic", key: "2026-01-01", deadline: "2026-03-31 23:59:59.999",
            act: Saying("2026-03-26 09:00", d, "inspection.completed", "KT-2", ["kind": "periodic", "heldOn": "2026-03-25"])),
        Story(
            duty: "training.hold", on: "2026-12-01", key: "2026-01-01", deadline: endOfYear,
            act: Saying("2026-12-10 09:00", d, "training.completed", "TH-1", ["heldOn": "2026-12-09"])),
        Story(
            duty: "training.nominate", opening: [Saying("08:00", d, "training.scheduled", "TH-1")], key: "TH-1/border-guard",
            deadline: "2026-03-23 23:59:59.999", act: Saying("2026-03-20 09:00", b, "training.nominated", "TH-1")),
    ]

    private static let drafted = Saying("08:00", b, "budget.drafted", "DT-1")
    private static let tenWorkingDays = "2026-03-30 23:59:59.999"

    private static let budget = [
        Story(
            duty: "budget.draft", on: "2026-06-01", key: "2026-01-01/border-guard", deadline: "2026-06-30 23:59:59.999",
            act: Saying("2026-06-20 09:00", b, "budget.drafted", "DT-1", ["budgetYear": 2027])),
        Story(
            duty: "budget.agree", opening: [drafted], key: "DT-1", deadline: tenWorkingDays,
            act: Saying("2026-03-27 09:00", d, "budget.agreed", "DT-1", to: "border-guard")),
        Story(
            duty: "budget.consolidate", on: "2026-06-01", key: "2026-01-01", deadline: "2026-07-15 23:59:59.999",
            act: Saying("2026-07-10 09:00", d, "budget.consolidated", "DT-2", ["budgetYear": 2027])),
        Story(
            duty: "budget.submit", opening: [drafted, Saying("09:00", d, "budget.agreed", "DT-1", to: "border-guard")], key: "DT-1",
            deadline: tenWorkingDays, act: Saying("2026-03-27 09:00", b, "budget.submitted", "DT-1")),
        Story(
            duty: "budget.appraise", opening: [Saying("08:00", b, "budget.submitted", "DT-1")], key: "DT-1", deadline: "2026-04-06 23:59:59.999",
            act: Saying("2026-04-03 09:00", "finance-dept", "budget.appraised", "DT-1")),
        Story(
            duty: "budget.approve", opening: [Saying("08:00", "finance-dept", "budget.appraised", "DT-1")], key: "DT-1",
            act: Saying("2026-04-20 09:00", "peoples-committee", "budget.approved", "DT-1")),
        Story(
            duty: "budget.guide", opening: [Saying("08:00", "peoples-committee", "budget.approved", "DT-1")], key: "DT-1", deadline: tenWorkingDays,
            act: Saying("2026-03-27 09:00", "finance-dept", "budget.guided", "DT-1")),
    ]

    private static let reports = [
        Story(
            duty: "report.half-year", on: "2026-06-01", key: "2026-01-01/police", deadline: "2026-06-19 23:59:59.999",
            act: Saying("2026-06-12 09:00", "police", "report.submitted", "BC-1", noPaper)),
        Story(
            duty: "report.year", on: "2026-12-01", key: "2026-07-01/police", deadline: "2026-12-19 23:59:59.999",
            act: Saying("2026-12-11 09:00", "police", "report.submitted", "BC-1", ["period": "year", "document": nil])),
        Story(
            duty: "report.consolidate", on: "2026-06-01", key: "2026-01-01", deadline: "2026-06-29 23:59:59.999",
            act: Saying("2026-06-26 09:00", d, "report.consolidated", "BC-2")),
        Story(
            duty: "report.ad-hoc",
            opening: [Saying("08:00", "peoples-committee", "report.requested", "YC-2", to: "police", ["dueAt": "2026-03-20T17:00:00+07:00"])],
            key: "YC-2/police", deadline: "2026-03-20 17:00",
            act: Saying(
                "2026-03-20 09:00", "police", "report.submitted", "BC-3", to: "peoples-committee",
                ["period": "ad-hoc", "request": "YC-2", "document": nil])),
        Story(
            duty: "review.annual", on: "2026-07-01", key: "2026-01-01", deadline: "2026-07-31 23:59:59.999",
            act: Saying("2026-07-20 09:00", d, "review.completed", "SK-1", ["kind": "interim", "year": 2026])),
    ]

    private static let compromised = Saying("09:30", "newspaper", "account.compromised", "TK-1", ["discoveredAt": "2026-03-16T09:00:00+07:00"])

    private static let others = [
        Story(
            duty: "suggestion-box.open", key: "2026-03-16", deadline: "08:00",
            act: Saying("07:40", e, "suggestion-box.opened", "2026-03-16", ["openedAt": "2026-03-16T07:35:00+07:00"])),
        Story(
            duty: "feedback.forward", opening: [Saying("08:00", e, "feedback.received", "PA-1", ["receivedAt": "2026-03-16T08:00:00+07:00"])], key: "PA-1",
            deadline: "14:00", act: Saying("10:00", e, "feedback.forwarded", "PA-1")),
        Story(
            duty: "feedback.forward-station", opening: [Saying("08:00", b, "feedback.received", "PA-1", ["receivedAt": "2026-03-16T08:00:00+07:00"])],
            key: "PA-1", deadline: "12:00", act: Saying("10:00", b, "feedback.forwarded", "PA-1")),
        Story(
            duty: "feedback.resolve", opening: [Saying("08:00", e, "feedback.forwarded", "PA-1")], key: "PA-1", deadline: "2026-03-23 23:59:59.999",
            act: Saying("2026-03-20 09:00", d, "feedback.resolved", "PA-1")),
        Story(
            duty: "security.handle-violation", opening: [Saying("08:00", b, "violation.suspected", "HV-1", ["observedAt": "2026-03-16T07:50:00+07:00"])],
            key: "HV-1",
            act: Saying("2026-04-20 09:00", "police", "violation.handled", "HV-1")),
        // The message itself is the act; before it, nobody else knows.
        Story(duty: "account.report-compromise", key: "TK-1", deadline: "10:00", act: compromised),
        Story(
            duty: "account.revoke", opening: [compromised], key: "TK-1", deadline: "10:30",
            act: Saying("10:00", d, "account.revoked", "TK-1", to: "newspaper", ["revokedAt": "2026-03-16T09:40:00+07:00"])),
        Story(
            duty: "consultation.answer",
            opening: [Saying("08:00", d, "consultation.requested", "YK-1", to: "police", ["dueAt": "2026-03-24T17:00:00+07:00"])],
            key: "YK-1/police", deadline: "2026-03-24 17:00",
            act: Saying("2026-03-23 09:00", "police", "consultation.answered", "YK-1", to: d)),
        Story(
            duty: "meeting.minute",
            opening: [Saying("08:00", d, "meeting.convened", "HB-1", to: "police", ["meetingTime": "2026-03-27T08:00:00+07:00"])],
            key: "HB-1", deadline: "2026-04-03 23:59:59.999", act: Saying("2026-03-30 09:00", d, "meeting.minuted", "HB-1", to: "police")),
        Story(
            duty: "amendment.consolidate", opening: [Saying("08:00", b, "amendment.proposed", "KN-1")], key: "KN-1", deadline: "2026-06-29 23:59:59.999",
            act: Saying("2026-06-20 09:00", d, "amendment.consolidated", "KN-1")),
        Story(
            duty: "conduct.record", opening: [Saying("08:00", b, "commendation.proposed", "KT-3")], key: "KT-3", deadline: "2026-06-29 23:59:59.999",
            act: Saying("2026-06-20 09:00", d, "conduct.recorded", "KT-3")),
    ]
}
