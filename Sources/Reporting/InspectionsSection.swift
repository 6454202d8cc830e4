import Coordination
import Messages
import Regulation
import Values

extension Survey {
    /// Inspections, the site, training, backups (articles 7.3, 7.6, 7.8, 9.3 to 9.5).
    func inspections(_ title: Wording) -> Section {
        var blocks: [Block] = []
        if let type = report[.inspectionHeld] { blocks += inspected(type) }
        if let type = report[.siteInspected] { blocks += site(type) }
        if let type = report[.trainingHeld] { blocks += training(type) }
        if let type = report[.backupTaken] { blocks += backups(type) }
        return Section(id: "inspections", title: title, blocks: blocks)
    }

    private func inspected(_ type: String) -> [Block] {
        let all = statements(of: type, on: "heldOn")
        let facts = Facts("inspections")
        let count = facts.row("count", Words.inspectionCount, .counted(all.count), Support(events: all.map(\.event.id)))
        guard !all.isEmpty else { return [.facts([count])] }
        var table = TableBuilder(
            "inspections.held", report.caption ?? regulation.title(of: type),
            [.init(nil, Words.inspectionKind), .init("count", Words.times), .init("faults", Words.withFaults), .init("last", Words.lastOn)])
        for kind in values(of: "kind", in: type) {
            let found = all.filter { $0.event.data["kind"]?.string == kind }
            let label = label(kind, of: "kind", in: type)
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

    private func site(_ type: String) -> [Block] {
        let all = statements(of: type, on: "inspectedAt")
        let count = Facts("site").row("count", Words.siteCount, .counted(all.count), Support(events: all.map(\.event.id)))
        guard !all.isEmpty else { return [.facts([count])] }
        var table = TableBuilder(
            "site.topic", Words.siteByTopic,
            [.init(nil, Words.topic), .init("count", Words.times), .init("in-order", Words.inOrder), .init("not-in-order", Words.notInOrder)])
        for topic in values(of: "topic", in: type) {
            let found = all.filter { $0.event.data["topic"]?.string == topic }
            let label = label(topic, of: "topic", in: type)
            func figure(_ isInOrder: Bool) -> TableBuilder.Draft {
                let items = found.filter { $0.event.data["inOrder"]?.bool == isInOrder }
                return .figure(found.isEmpty ? .missing(.noData) : .count(items.count), Support(events: items.map(\.event.id)))
            }
            table.add(
                topic, label, [.text(label), .figure(.counted(found.count), Support(events: found.map(\.event.id))), figure(true), figure(false)])
        }
        return [.facts([count]), .table(table.table)]
    }

    private func training(_ type: String) -> [Block] {
        let all = statements(of: type, on: "heldOn")
        let count = Facts("training").row("count", Words.trainingCount, .counted(all.count), Support(events: all.map(\.event.id)))
        guard !all.isEmpty else { return [.facts([count])] }
        var table = TableBuilder(
            "training.topic", Words.trainingByTopic, [.init(nil, Words.topic), .init("count", Words.courses), .init("participants", Words.participants)])
        for topic in values(of: "topic", in: type) {
            let found = all.filter { $0.event.data["topic"]?.string == topic }
            let label = label(topic, of: "topic", in: type)
            let ids = Support(events: found.map(\.event.id))
            let people = found.reduce(0) { $0 + Int($1.event.data["participants"]?.int ?? 0) }
            table.add(
                topic, label,
                [.text(label), .figure(.counted(found.count), ids), .figure(found.isEmpty ? .missing(.noData) : .count(people), ids)])
        }
        return [.facts([count]), .table(table.table)]
    }

    private func backups(_ type: String) -> [Block] {
        let all = statements(of: type, on: "takenAt")
        let facts = Facts("backups")
        let count = facts.row("count", Words.backupCount, .counted(all.count), Support(events: all.map(\.event.id)))
        let last = all.compactMap { item in item.event.data["takenAt"]?.instant.map { ($0, item.event.id) } }.max { $0.0 < $1.0 }
        let weeks = obligations(fulfilledBy: type).compactMap { item in state(item).map { (item, $0) } }
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
