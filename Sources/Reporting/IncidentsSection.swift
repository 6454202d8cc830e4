import Coordination
import Messages
import Regulation
import Values

/// What became of one incident.
struct Incident {
    var account: CaseAccount
    var occurredAt: Instant
    /// What shows when it occurred.
    var openings: Support
    /// What was said of it last, by the members by which incidents are counted.
    var facts: [String: String]
    var title: String?
    /// When each stage was reached, by the stage's name, and what shows it.
    var stages: [String: (at: Instant, support: Support)]
    /// The duty to tell who must be told, which stands in time, late, or open.
    var notification: DutyCase?
    var isDismissed: Bool
    /// Whether it lay in a maintenance window and ended within it: announced, and no incident.
    var isPlanned: Bool
    /// Whether who must be told said that it is none, too.
    var isCountersigned: Bool

    var subject: String { account.subject }
    var ids: Support { Support(events: account.statements.filter { !$0.isWithdrawn }.map(\.event.id)) }

    /// How long after its occurrence a stage was reached.
    func time(to stage: ReportRule.Stage) -> Span? { stages[stage.name].map { $0.at - occurredAt } }
}

extension Survey {
    /// The incidents that occurred in the period, by their occurrence; merged ones within the one that stands. Those taken back altogether are not among them.
    private func incidentsOfPeriod(_ rule: ReportRule.Incidents) -> [Incident] {
        // An incident occurred when the clock of the duty to tell of it starts.
        let start = duties(fulfilledBy: rule.told).first?.startsAt
        return cases.compactMap { incident($0, rule, start) }.filter { range.contains($0.occurredAt) }.sorted {
            ($0.occurredAt, $0.subject) < ($1.occurredAt, $1.subject)
        }
    }

    private func incident(_ account: CaseAccount, _ rule: ReportRule.Incidents, _ start: FieldPath?) -> Incident? {
        let standing = account.statements.filter { !$0.isWithdrawn }
        let openings = standing.filter { rule.openings.contains($0.event.type) }
        let occurred = openings.compactMap { opening -> Instant? in
            guard let start else { return opening.arrivedAt }
            return opening.event[start]?.instant
        }.min()
        guard let occurred else { return nil }
        let owed = obligations(of: account)
        let notification = owed.first { item in item.grounds.duty.fulfilledBy.contains { $0.type == rule.told } }
        func fact(_ member: String) -> String? { standing.last { $0.event.data[member] != nil }?.event.data[member]?.string }
        let dismissals = standing.filter { rule.dismissals.contains($0.event.type) }
        let agreed = notification?.grounds.claims.filter { claim in claim.answers.contains(where: \.isYes) }.map(\.id) ?? []
        // Who is to be told of the incident agrees that there is none.
        let told = notification?.grounds.duty.addressees.compactMap(\.party) ?? []
        var incident = Incident(
            account: account, occurredAt: occurred, openings: Support(events: openings.map(\.event.id)),
            facts: Dictionary(uniqueKeysWithValues: rule.members.compactMap { member in fact(member).map { (member, $0) } }), title: fact("title"), stages: [:],
            notification: notification, isDismissed: !dismissals.isEmpty, isPlanned: notification.map { isPlanned($0, rule) } ?? false,
            isCountersigned: dismissals.contains { told.contains($0.event.sender) || agreed.contains($0.event.id) })
        for stage in rule.stages { incident.stages[stage.name] = act(stage.type, in: account, owed) }
        // Told by telephone, or found by who must be told, it is told too: the duty knows when.
        if let stage = rule.toldStage, let notification, case .fulfilled(let at) = notification.standing.outcome {
            let by = notification.grounds.settledBy.map(\.id)
            incident.stages[stage.name] = (at, Support(events: [by].compactMap(\.self), obligations: [notification.standing.id]))
        }
        return incident
    }

    /// Whether what was found lay in a maintenance window, and ended there or lies in it still. What outlasts the window is an incident.
    private func isPlanned(_ notification: DutyCase, _ rule: ReportRule.Incidents) -> Bool {
        guard notification.grounds.heldBy != nil else { return false }
        switch notification.standing.outcome {
        case .open: return knownTo <= notification.standing.startsAt
        case .closed(let type): return !(rule.dismissals + rule.merges).contains(type)
        case .fulfilled, .void: return false
        }
    }

    /// Incidents by kind, device and cause; how long each stage took; how many were notified within the hour (article 8.2).
    func incidents(_ rule: ReportRule.Incidents, _ words: IncidentWords, _ title: Wording) -> Section {
        let all = incidentsOfPeriod(rule)
        let real = all.filter { !$0.isDismissed && !$0.isPlanned }
        let planned = all.filter { $0.isPlanned && !$0.isDismissed }
        let dismissed = all.filter(\.isDismissed)
        let facts = Facts("incidents")
        let none = all.isEmpty
        func some(_ items: [Incident]) -> Value { none ? .missing(.noData) : .count(items.count) }
        let merged = all.filter { !$0.account.merged.isEmpty }
        let mergers = merged.flatMap { $0.account.statements.filter { rule.merges.contains($0.event.type) && !$0.isWithdrawn }.map(\.event.id) }
        let mergedCount = merged.reduce(0) { $0 + $1.account.merged.count }
        let unresolved = real.filter { incident in rule.stages.last.map { incident.stages[$0.name] == nil } ?? false }
        var rows = [facts.row("real", words.real, some(real), real.map(\.openings).joined)]
        if !rule.dismissals.isEmpty {
            rows += [
                facts.row("false-alarms", words.dismissed, some(dismissed), dismissed.map(\.ids).joined),
                facts.row(
                    "false-alarms-not-countersigned", words.notCountersigned, some(dismissed.filter { !$0.isCountersigned }),
                    dismissed.filter { !$0.isCountersigned }.map(\.ids).joined),
            ]
        }
        if regulation.maintenance != nil { rows.append(facts.row("planned", words.planned, some(planned), planned.map(\.ids).joined)) }
        if !rule.merges.isEmpty {
            rows.append(facts.row("merged", words.merged, none ? .missing(.noData) : .count(mergedCount), Support(events: mergers)))
        }
        rows.append(
            facts.row("unresolved", words.unfinished, real.isEmpty ? .missing(.noData) : .count(unresolved.count), unresolved.map(\.openings).joined))
        var blocks: [Block] = [.facts(rows)]
        guard !real.isEmpty else { return Section(id: "incidents", title: title, blocks: blocks) }
        blocks.append(.facts(toldInTime(real, words)))
        blocks += rule.members.map { tally($0, real, words) }
        blocks += stageTimes(real, rule.stages, words)
        blocks.append(list(real, rule, words))
        return Section(id: "incidents", title: title, blocks: blocks)
    }

    private func toldInTime(_ real: [Incident], _ words: IncidentWords) -> [Row] {
        let facts = Facts("incidents.notified")
        let known = real.compactMap { incident -> (Incident, DutyCase, DutyState)? in
            guard let item = incident.notification else { return nil }
            switch item.standing.outcome {
            case .fulfilled: return (incident, item, item.standing.isLate ? .late : .inTime)
            case .open: return (incident, item, item.standing.isOverdue(asOf: knownTo) ? .overdue : .open)
            case .closed, .void: return (incident, item, .ended)
            }
        }
        func row(_ state: DutyState) -> Row {
            let items = known.filter { $0.2 == state }
            return facts.row(state.rawValue, words.told(state), known.isEmpty ? .missing(.noData) : .count(items.count), items.map(\.1.support).joined)
        }
        return [row(.inTime), row(.late), row(.overdue), row(.open)]
    }

    private func tally(_ member: String, _ real: [Incident], _ words: IncidentWords) -> Block {
        let by = words.by(member)
        var table = TableBuilder("incidents." + member, by.caption, [.init(nil, by.head), .init("count", words.count)])
        let groups = Dictionary(grouping: real) { $0.facts[member] ?? "" }
        for (key, items) in groups.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }) {
            let label = key.isEmpty ? Words.notSaid : self.words(key, of: member, words)
            table.add(key.isEmpty ? "not_said" : key, label, [.text(label), .figure(.count(items.count), items.map(\.openings).joined)])
        }
        return .table(table.table)
    }

    /// What was said of an incident in words: as the schema says it, or what the device is called.
    private func words(_ value: String, of member: String, _ words: IncidentWords) -> Wording {
        words.field(member)?.labels[value].map { Wording(vi: $0.vi, en: $0.en) } ?? name(ofDevice: value)
    }

    private func stageTimes(_ real: [Incident], _ stages: [ReportRule.Stage], _ words: IncidentWords) -> [Block] {
        var table = TableBuilder(
            "incidents.stage", words.stageTimes,
            [
                .init(nil, Words.stage), .init("count", words.count), .init("median", Words.median), .init("worst", Words.longest),
                .init("worst-case", words.longestCase),
            ], note: Words.stageNote)
        var chart = StagesChart(title: words.stageTimes, stages: [], limit: words.limit)
        for stage in stages {
            var times = Times()
            for incident in real {
                guard let reached = incident.stages[stage.name], let span = incident.time(to: stage) else { continue }
                times.add(span, incident.subject, incident.openings + reached.support)
            }
            let worst = times.worst
            chart.stages.append(.init(label: stage.title, median: times.median, worst: worst?.span))
            table.add(
                stage.name, stage.title,
                [
                    .text(stage.title), .figure(.counted(times.items.count), times.support),
                    .figure(times.median.map { .span($0) } ?? .missing(.noData), times.support),
                    .figure(worst.map { .span($0.span) } ?? .missing(.noData), worst?.support ?? .none),
                    worst.map { .figure(.text($0.subject), $0.support) } ?? .text(Words.dash),
                ])
        }
        return [.chart(.stages(chart)), .table(table.table)]
    }

    private func list(_ real: [Incident], _ rule: ReportRule.Incidents, _ words: IncidentWords) -> Block {
        var table = TableBuilder(
            "incidents.case", words.list,
            [.init(nil, words.head), .init("occurred", Words.occurred)] + rule.stages.map { .init($0.name, $0.head) }
                + [.init("hour", words.limitHead)], isCompact: true, note: Words.incidentListNote)
        // What it is about comes before the choices that say more of it.
        let (choices, names) = (
            rule.members.filter { words.field($0)?.labels.isEmpty == false }, rule.members.filter { words.field($0)?.labels.isEmpty != false }
        )
        for incident in real {
            let details = (names + choices).compactMap { member in incident.facts[member].map { self.words($0, of: member, words) } }
            let line = Wording(vi: details.map(\.vi).joined(separator: "; "), en: details.map(\.en).joined(separator: "; ")).map { _, details in
                [incident.subject + (incident.title.map { ": " + $0 } ?? ""), details.isEmpty ? "" : "(\(details))"].filter { !$0.isEmpty }.joined(
                    separator: " ")
            }
            var cells: [TableBuilder.Draft] = [.text(line), .figure(.instant(incident.occurredAt), incident.openings)]
            for stage in rule.stages {
                let support = incident.stages[stage.name].map { incident.openings + $0.support }
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
