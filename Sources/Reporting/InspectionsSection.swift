import Coordination
import Messages
import Regulation
import Values

extension Survey {
    /// Inspections, the site, training, backups (articles 7.3, 7.6, 7.8, 9.3 to 9.5).
    func inspections() -> Section {
        Section(id: "inspections", title: Words.inspections, blocks: inspected() + site() + training() + backups())
    }

    private func inspected() -> [Block] {
        let all = statements(of: "inspection.completed", on: "heldOn")
        let facts = Facts("inspections")
        let count = facts.row("count", Words.inspectionCount, .counted(all.count), Support(events: all.map(\.event.id)))
        guard !all.isEmpty else { return [.facts([count])] }
        var table = TableBuilder(
            "inspections.held", Words.inspectionsHeld,
            [.init(nil, Words.inspectionKind), .init("count", Words.times), .init("faults", Words.withFaults), .init("last", Words.lastOn)])
        for kind in ["periodic", "ad-hoc"] {
            let found = all.filter { $0.event.data["kind"]?.string == kind }
            let label = Words.label(kind, of: "inspection.kind")
            let faults = found.filter { $0.event.data["faultsFound"]?.bool == true }
            let last = found.compactMap { item in item.event.data["heldOn"]?.string.flatMap { CivilDate($0) }.map { ($0, item.event.id) } }.max { $0.0 < $1.0 }
            table.add(
                kind, label,
                [
                    .text(label), .figure(.counted(found.count), Support(events: found.map(\.event.id))),
                    .figure(found.isEmpty ? .missing(.noData) : .count(faults.count), Support(events: faults.map(\.event.id))),
                    .figure(last.map { .date($0.0) } ?? .missing(.noData), Support(events: last.map { [$0.1] } ?? [])),
                ])
        }
        return [.facts([count]), .table(table.table)]
    }

    private func site() -> [Block] {
        let all = statements(of: "site.inspected", on: "inspectedAt")
        let count = Facts("site").row("count", Words.siteCount, .counted(all.count), Support(events: all.map(\.event.id)))
        guard !all.isEmpty else { return [.facts([count])] }
        var table = TableBuilder(
            "site.topic", Words.siteByTopic,
            [.init(nil, Words.topic), .init("count", Words.times), .init("in-order", Words.inOrder), .init("not-in-order", Words.notInOrder)])
        for topic in Words.values(of: "site.topic") {
            let found = all.filter { $0.event.data["topic"]?.string == topic }
            let label = Words.label(topic, of: "site.topic")
            func figure(_ isInOrder: Bool) -> TableBuilder.Draft {
                let items = found.filter { $0.event.data["inOrder"]?.bool == isInOrder }
                return .figure(found.isEmpty ? .missing(.noData) : .count(items.count), Support(events: items.map(\.event.id)))
            }
            table.add(
                topic, label, [.text(label), .figure(.counted(found.count), Support(events: found.map(\.event.id))), figure(true), figure(false)])
        }
        return [.facts([count]), .table(table.table)]
    }

    private func training() -> [Block] {
        let all = statements(of: "training.completed", on: "heldOn")
        let count = Facts("training").row("count", Words.trainingCount, .counted(all.count), Support(events: all.map(\.event.id)))
        guard !all.isEmpty else { return [.facts([count])] }
        var table = TableBuilder(
            "training.topic", Words.trainingByTopic, [.init(nil, Words.topic), .init("count", Words.courses), .init("participants", Words.participants)])
        for topic in Words.values(of: "training.topic") {
            let found = all.filter { $0.event.data["topic"]?.string == topic }
            let label = Words.label(topic, of: "training.topic")
            let ids = Support(events: found.map(\.event.id))
            let people = found.reduce(0) { $0 + Int($1.event.data["participants"]?.int ?? 0) }
            table.add(
                topic, label,
                [.text(label), .figure(.counted(found.count), ids), .figure(found.isEmpty ? .missing(.noData) : .count(people), ids)])
        }
        return [.facts([count]), .table(table.table)]
    }

    private func backups() -> [Block] {
        let all = statements(of: "backup.completed", on: "takenAt")
        let facts = Facts("backups")
        let count = facts.row("count", Words.backupCount, .counted(all.count), Support(events: all.map(\.event.id)))
        let last = all.compactMap { item in item.event.data["takenAt"]?.instant.map { ($0, item.event.id) } }.max { $0.0 < $1.0 }
        let weeks = obligations(fulfilledBy: "backup.completed").compactMap { item in state(item).map { (item, $0) } }
        func row(_ key: String, _ label: Wording, _ states: Set<DutyState>) -> Row {
            let found = weeks.filter { states.contains($0.1) }
            return facts.row(key, label, weeks.isEmpty ? .missing(.noData) : .count(found.count), found.map(\.0.support).joined)
        }
        return [
            .facts([
                count, facts.row("last", Words.backupLast, last.map { .instant($0.0) } ?? .missing(.noData), Support(events: last.map { [$0.1] } ?? [])),
                row("weeks", Words.backupWeeks, [.inTime, .late]), row("weeks-without", Words.backupWeeksWithout, [.overdue]),
            ])
        ]
    }
}
