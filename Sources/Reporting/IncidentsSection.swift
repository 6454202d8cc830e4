import Coordination
import Messages
import Regulation
import Schemas
import Values

/// What became of one incident.
struct Incident {
    var account: CaseAccount
    var occurredAt: Instant
    /// What shows when it occurred.
    var openings: Support
    var kind: String?
    var device: String?
    var cause: String?
    var title: String?
    /// When each stage was reached, and what shows it.
    var stages: [Stage: (at: Instant, support: Support)]
    /// The duty to tell the Department, which stands in time, late, or open.
    var notification: DutyCase?
    var isDismissed: Bool
    /// Whether it lay in a maintenance window and ended within it: announced, and no incident.
    var isPlanned: Bool
    /// Whether the Department said so too.
    var isCountersigned: Bool

    var subject: String { account.subject }
    var ids: Support { Support(events: account.statements.filter { !$0.isWithdrawn }.map(\.event.id)) }

    /// A stage of an incident, in the order of the regulation.
    enum Stage: String, CaseIterable {
        case detected, notified, acknowledged, briefed, planned, contained, resolved

        /// The message that shows it.
        var type: String { self == .planned ? "handling-plan.proposed" : "incident." + rawValue }
    }

    /// How long after its occurrence a stage was reached.
    func time(to stage: Stage) -> Span? { stages[stage].map { $0.at - occurredAt } }
}

extension Survey {
    private static let openingTypes: Set = ["incident.detected", "incident.notified"]

    /// The incidents that occurred in the period, by their occurrence; merged ones within the one that stands. Those taken back altogether are not among them.
    func incidentsOfPeriod() -> [Incident] {
        cases.compactMap(incident).filter { range.contains($0.occurredAt) }.sorted { ($0.occurredAt, $0.subject) < ($1.occurredAt, $1.subject) }
    }

    private func incident(_ account: CaseAccount) -> Incident? {
        let standing = account.statements.filter { !$0.isWithdrawn }
        let openings = standing.filter { Survey.openingTypes.contains($0.event.type) }
        let occurred = openings.compactMap { $0.event.data["occurredAt"]?.instant }.min()
        guard let occurred else { return nil }
        let owed = obligations(of: account)
        let notification = owed.first { item in item.grounds.duty.fulfilledBy.contains { $0.type == "incident.notified" } }
        func fact(_ member: String) -> String? { standing.last { $0.event.data[member] != nil }?.event.data[member]?.string }
        let dismissals = standing.filter { $0.event.type == "incident.dismissed" }
        let agreed = notification?.grounds.claims.filter { claim in claim.answers.contains(where: \.isYes) }.map(\.id) ?? []
        // Who is to be told of the incident agrees that there is none.
        let told = notification?.grounds.duty.addressees.compactMap(\.party) ?? []
        var incident = Incident(
            account: account, occurredAt: occurred, openings: Support(events: openings.map(\.event.id)), kind: fact("kind"), device: fact("device"),
            cause: fact("cause"), title: fact("title"), stages: [:], notification: notification, isDismissed: !dismissals.isEmpty,
            isPlanned: notification.map(isPlanned) ?? false,
            isCountersigned: dismissals.contains { told.contains($0.event.sender) || agreed.contains($0.event.id) })
        for stage in Incident.Stage.allCases { incident.stages[stage] = act(stage.type, in: account, owed) }
        // Told by telephone, or found by the Department itself, it is told too: the duty knows when.
        if let notification, case .fulfilled(let at) = notification.standing.outcome {
            let by = notification.grounds.settledBy.map(\.id)
            incident.stages[.notified] = (at, Support(events: [by].compactMap(\.self), obligations: [notification.standing.id]))
        }
        return incident
    }

    /// Whether what was found lay in a maintenance window, and ended there or lies in it still. What outlasts the window is an incident.
    private func isPlanned(_ notification: DutyCase) -> Bool {
        guard notification.grounds.heldBy != nil else { return false }
        switch notification.standing.outcome {
        case .open: return knownTo <= notification.standing.startsAt
        case .closed(let type): return !["incident.dismissed", "incident.merged"].contains(type)
        case .fulfilled, .void: return false
        }
    }

    /// Incidents by kind, device and cause; how long each stage took; how many were notified within the hour (article 8.2).
    func incidents() -> Section {
        let all = incidentsOfPeriod()
        let real = all.filter { !$0.isDismissed && !$0.isPlanned }
        let planned = all.filter { $0.isPlanned && !$0.isDismissed }
        let dismissed = all.filter(\.isDismissed)
        let facts = Facts("incidents")
        let none = all.isEmpty
        func some(_ items: [Incident]) -> Value { none ? .missing(.noData) : .count(items.count) }
        let merged = all.filter { !$0.account.merged.isEmpty }
        let mergers = merged.flatMap { $0.account.statements.filter { $0.event.type == "incident.merged" && !$0.isWithdrawn }.map(\.event.id) }
        let mergedCount = merged.reduce(0) { $0 + $1.account.merged.count }
        let unresolved = real.filter { $0.stages[.resolved] == nil }
        var blocks: [Block] = [
            .facts([
                facts.row("real", Words.incidentsReal, some(real), real.map(\.openings).joined),
                facts.row("false-alarms", Words.falseAlarms, some(dismissed), dismissed.map(\.ids).joined),
                facts.row(
                    "false-alarms-not-countersigned", Words.falseAlarmsOpen, some(dismissed.filter { !$0.isCountersigned }),
                    dismissed.filter { !$0.isCountersigned }.map(\.ids).joined),
                facts.row("planned", Words.plannedStops, some(planned), planned.map(\.ids).joined),
                facts.row("merged", Words.incidentsMerged, none ? .missing(.noData) : .count(mergedCount), Support(events: mergers)),
                facts.row(
                    "unresolved", Words.incidentsUnresolved, real.isEmpty ? .missing(.noData) : .count(unresolved.count), unresolved.map(\.openings).joined),
            ])
        ]
        guard !real.isEmpty else { return Section(id: "incidents", title: Words.incidents, blocks: blocks) }
        blocks.append(.facts(withinTheHour(real)))
        blocks.append(tally("kind", Words.byKind, real) { $0.kind })
        blocks.append(tally("device", Words.byDevice, real) { $0.device })
        blocks.append(tally("cause", Words.byCause, real) { $0.cause })
        blocks += stageTimes(real)
        blocks.append(list(real))
        return Section(id: "incidents", title: Words.incidents, blocks: blocks)
    }

    private func withinTheHour(_ real: [Incident]) -> [Row] {
        let facts = Facts("incidents.notified")
        let known = real.compactMap { incident -> (Incident, DutyCase, DutyState)? in
            guard let item = incident.notification else { return nil }
            switch item.standing.outcome {
            case .fulfilled: return (incident, item, item.standing.isLate ? .late : .inTime)
            case .open: return (incident, item, item.standing.isOverdue(asOf: knownTo) ? .overdue : .open)
            case .closed, .void: return (incident, item, .ended)
            }
        }
        func row(_ state: DutyState, _ label: Wording) -> Row {
            let items = known.filter { $0.2 == state }
            return facts.row(state.rawValue, label, known.isEmpty ? .missing(.noData) : .count(items.count), items.map(\.1.support).joined)
        }
        return [
            row(.inTime, Words.notifiedInTime), row(.late, Words.notifiedLate), row(.overdue, Words.notifiedOverdue), row(.open, Words.notifiedOpen),
        ]
    }

    private func tally(_ member: String, _ caption: Wording, _ real: [Incident], _ value: (Incident) -> String?) -> Block {
        var table = TableBuilder("incidents." + member, caption, [.init(nil, Words.of(member)), .init("count", Words.numberOfIncidents)])
        let groups = Dictionary(grouping: real) { value($0) ?? "" }
        for (key, items) in groups.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
            let label = key.isEmpty ? Words.notSaid : member == "device" ? name(ofDevice: key) : Words.label(key, of: member)
            table.add(key.isEmpty ? "not_said" : key, label, [.text(label), .figure(.count(items.count), items.map(\.openings).joined)])
        }
        return .table(table.table)
    }

    private func stageTimes(_ real: [Incident]) -> [Block] {
        var table = TableBuilder(
            "incidents.stage", Words.stageTimes,
            [
                .init(nil, Words.stage), .init("count", Words.casesReached), .init("median", Words.median), .init("worst", Words.longest),
                .init("worst-case", Words.longestCase),
            ], note: Words.stageNote)
        var chart = StagesChart(title: Words.stageTimes, stages: [])
        for stage in Incident.Stage.allCases {
            var times = Times()
            for incident in real {
                guard let reached = incident.stages[stage], let span = incident.time(to: stage) else { continue }
                times.add(span, incident.subject, incident.openings + reached.support)
            }
            let worst = times.worst
            chart.stages.append(.init(label: Words.stage(stage), median: times.median, worst: worst?.span))
            table.add(
                stage.rawValue, Words.stage(stage),
                [
                    .text(Words.stage(stage)), .figure(.counted(times.items.count), times.support),
                    .figure(times.median.map { .span($0) } ?? .missing(.noData), times.support),
                    .figure(worst.map { .span($0.span) } ?? .missing(.noData), worst?.support ?? .none),
                    worst.map { .figure(.text($0.subject), $0.support) } ?? .text(Words.dash),
                ])
        }
        return [.chart(.stages(chart)), .table(table.table)]
    }

    private func list(_ real: [Incident]) -> Block {
        var table = TableBuilder(
            "incidents.case", Words.incidentList,
            [.init(nil, Words.incident), .init("occurred", Words.occurred)] + Incident.Stage.allCases.map { .init($0.rawValue, Words.stageShort($0)) }
                + [.init("hour", Words.withinHour)], isCompact: true, note: Words.incidentListNote)
        for incident in real {
            let device = incident.device.map(name(ofDevice:))
            let details = [device, incident.kind.map { Words.label($0, of: "kind") }, incident.cause.map { Words.label($0, of: "cause") }].compactMap(\.self)
            let words = Wording(
                vi: "\(incident.subject): \(incident.title ?? "") (\(details.map(\.vi).joined(separator: "; ")))",
                en: "\(incident.subject): \(incident.title ?? "") (\(details.map(\.en).joined(separator: "; ")))")
            var cells: [TableBuilder.Draft] = [.text(words), .figure(.instant(incident.occurredAt), incident.openings)]
            for stage in Incident.Stage.allCases {
                let support = incident.stages[stage].map { incident.openings + $0.support }
                cells.append(.figure(incident.time(to: stage).map { .span($0) } ?? .missing(.notOnRecord), support ?? .none))
            }
            if let item = incident.notification {
                let state: DutyState =
                    switch item.standing.outcome {
                    case .fulfilled: item.standing.isLate ? .late : .inTime
                    case .open: item.standing.isOverdue(asOf: knownTo) ? .overdue : .open
                    case .closed, .void: .ended
                    }
                cells.append(.figure(.state(state, item.basis), item.support))
            } else {
                cells.append(.text(Words.dash))
            }
            table.add(incident.subject, Wording(vi: incident.subject, en: incident.subject), cells)
        }
        return .table(table.table)
    }
}
