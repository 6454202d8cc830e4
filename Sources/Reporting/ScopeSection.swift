import Regulation
import Values

extension Survey {
    /// What the report rests on: the ledger, what of the period it covers, and what was left out.
    func scope() -> Section {
        let facts = Facts("scope")
        let drills = Support(events: drills.messages, obligations: drills.obligations)
        let firsts = Support(events: self.drills.cases.compactMap { $0.statements.first?.event.id })
        var blocks: [Block] = [.note(Words.scopeNote)]
        if beganAt > range.lowerBound { blocks.append(.note(Words.beganWithin(both { $0.time(beganAt) }))) }
        if knownTo < range.upperBound - Span(milliseconds: 1) { blocks.append(.note(Words.notOver(both { $0.time(knownTo) }))) }
        // What the ledger lacks is told where it lacks something.
        var gaps: [Row] = []
        if ledger.testified > 0 { gaps.append(facts.row("testified", Words.recordsTestified, .count(ledger.testified), .none)) }
        if ledger.missing > 0 { gaps.append(facts.row("missing", Words.recordsMissing, .count(ledger.missing), .none)) }
        blocks.append(
            .facts(
                [
                    facts.row("began-at", Words.ledgerBegan, .instant(beganAt), .none),
                    facts.row("known-to", Words.ledgerKnownTo, .instant(knownTo), .none),
                    facts.row("records", Words.recordsRead, .count(ledger.records), .none),
                    facts.row("refused", Words.recordsRefused, .count(ledger.refused), .none),
                    facts.row("drill-cases", Words.drillCases, .count(self.drills.cases.count), firsts),
                    facts.row("drill-messages", Words.drillMessages, .count(self.drills.messages.count), Support(events: drills.events)),
                    facts.row("drill-duties", Words.drillDuties, .count(self.drills.obligations.count), Support(obligations: drills.obligations)),
                ] + gaps))
        if !self.drills.cases.isEmpty { blocks.append(.table(drillTable())) }
        return Section(id: "scope", title: Words.scope, blocks: blocks)
    }

    /// The drills: who began them, and how long they lasted (duties, reading 12).
    private func drillTable() -> ReportTable {
        var table = TableBuilder(
            "scope.drills", Words.drills,
            [
                .init(nil, Words.drillCase), .init(nil, Words.drillBegunBy), .init(nil, Words.drillFrom), .init(nil, Words.drillTo),
                .init("messages", Words.drillSaid),
            ]
        )
        for account in drills.cases.sorted(by: { ($0.statements.first?.sequence ?? 0, $0.subject) < ($1.statements.first?.sequence ?? 0, $1.subject) }) {
            guard let first = account.statements.first, let last = account.statements.last else { continue }
            let label = both { _ in account.subject }
            table.add(
                account.subject, label,
                [
                    .text(label), .text(name(of: first.event.sender)), .text(both { $0.time(first.arrivedAt) }), .text(both { $0.time(last.arrivedAt) }),
                    .figure(.count(account.statements.count), Support(events: account.statements.map(\.event.id))),
                ])
        }
        return table.table
    }

    /// The same text in both languages.
    func both(_ text: (ReportText) -> String) -> Wording { ReportText.both(calendar, text) }
}

/// Makes the facts of a section.
struct Facts {
    let prefix: String
    init(_ prefix: String) { self.prefix = prefix }

    func row(_ key: String, _ label: Wording, _ value: Value, _ support: Support) -> Row {
        let id = prefix + "." + key
        return Row(id: id, label: label, cells: [.figure(Figure(id: id, label: label, value: value, support: support))])
    }
}

/// Makes a table of a section: columns with their names in ids, and lines.
struct TableBuilder {
    /// A column; its name is needed where it holds figures.
    struct Column {
        var name: String?
        var head: Wording
        init(_ name: String? = nil, _ head: Wording) { (self.name, self.head) = (name, head) }
    }
    /// A cell yet to be named.
    enum Draft {
        case text(Wording)
        case figure(Value, Support)
    }

    let prefix: String
    var table: ReportTable
    private let columns: [Column]

    init(_ prefix: String, _ caption: Wording, _ columns: [Column], isCompact: Bool = false, note: Wording? = nil) {
        (self.prefix, self.columns) = (prefix, columns)
        table = ReportTable(caption: caption, heads: columns.map(\.head), rows: [], isCompact: isCompact, note: note)
    }

    /// Adds a line; its label begins the labels of its figures.
    mutating func add(_ key: String, _ label: Wording, _ cells: [Draft], isTotal: Bool = false) {
        precondition(cells.count == columns.count, "a line has as many cells as its table has columns")
        let id = prefix + "." + key
        let named = zip(columns, cells).map { column, cell -> Cell in
            switch cell {
            case .text(let text): return .text(text)
            case .figure(let value, let support):
                guard let name = column.name else { preconditionFailure("a column of figures has a name") }
                let full = Wording(vi: "\(label.vi): \(column.head.vi)", en: "\(label.en): \(column.head.en)")
                return .figure(Figure(id: id + "." + name, label: full, value: value, support: support))
            }
        }
        table.rows.append(Row(id: id, label: label, cells: named, isTotal: isTotal))
    }
}
