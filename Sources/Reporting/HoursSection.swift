import Coordination
import Messages
import Regulation
import Values

/// A device's hours on one day, from the day's record.
struct DeviceDay {
    var date: CivilDate
    /// Minutes in operation; nil where the day has no record of the device.
    var operated: Int?
    var noRecord = 0
    var lost: [(cause: String, minutes: Int, isPlanned: Bool)] = []
    var minimum: Int
    var support: Support

    /// What the day says of the minimum.
    enum Verdict { case met, short, noRecord }

    /// Time without record is neither operation nor loss: a day is short only where what is known to be lost makes it so.
    var verdict: Verdict {
        guard let operated else { return .noRecord }
        return operated >= minimum ? .met : operated + noRecord < minimum ? .short : .noRecord
    }
}

extension Survey {
    /// The days whose window lies wholly in what the ledger covers of the period, and those of which it holds a record all the same.
    private func operatingDays(from opens: TimeOfDay, to closes: TimeOfDay, recorded: Set<CivilDate>) -> [CivilDate] {
        period.days.filter { recorded.contains($0) || (calendar.instant($0, opens) >= beganAt && calendar.instant($0, closes) <= knownTo) }
    }

    /// What a device is called.
    func name(ofDevice id: String) -> Wording { regulation.device(id)?.name ?? Wording(vi: id, en: id) }

    /// Hours of operation of each device against the 14 hours a day of article 8.1.
    func hours(_ title: Wording) -> Section? {
        guard let dayClosed = report[.dayClosed] else { return nil }
        guard let term = regulation.operations.first else { return Section(id: "hours", title: title, blocks: [.note(Words.noOperationDuty)]) }
        let minimum = Int(term.minimum.milliseconds / 60_000)
        let records = dayRecords(dayClosed)
        let days = operatingDays(from: term.from, to: term.to, recorded: Set(records.keys))
        let owed = Dictionary(grouping: obligations(fulfilledBy: dayClosed)) { $0.standing.subject }
        func day(_ date: CivilDate, _ device: String) -> DeviceDay {
            let duties = Support(obligations: (owed[date.description] ?? []).map(\.standing.id))
            let minimum = (records[date]?.event.data["minimumMinutes"]?.int).map { Int($0) } ?? minimum
            guard let record = records[date] else { return DeviceDay(date: date, minimum: minimum, support: duties) }
            let support = Support(events: [record.event.id], obligations: duties.obligations)
            let entry = record.event.data["devices"]?.array?.first { $0["device"]?.string == device }
            guard let entry else { return DeviceDay(date: date, minimum: minimum, support: support) }
            let lost = (entry["lost"]?.array ?? []).map {
                (cause: $0["cause"]?.string ?? "unknown", minutes: Int($0["minutes"]?.int ?? 0), isPlanned: $0["planned"]?.bool == true)
            }
            return DeviceDay(
                date: date, operated: entry["operatedMinutes"]?.int.map { Int($0) }, noRecord: Int(entry["noRecordMinutes"]?.int ?? 0), lost: lost,
                minimum: minimum, support: support)
        }
        let named = records.values.flatMap { ($0.event.data["devices"]?.array ?? []).compactMap { $0["device"]?.string } }
        let others = Set(named).union(devices).subtracting([term.device]).sorted()
        let deciding = days.map { day($0, term.device) }
        var blocks: [Block] = [
            .note(
                Words.hoursNote(
                    name(ofDevice: term.device), both { $0.hours(minimum) }, "\(term.from)–\(term.to)",
                    both { $0.hours(term.to.minutes - term.from.minutes) }))
        ]
        var facts = dayFacts(deciding)
        if let maintenance = regulation.maintenance {
            let windows = statements(of: maintenance.opens, on: "from")
            facts.append(Facts("hours").row("windows", Words.windows, .counted(windows.count), Support(events: windows.map(\.event.id))))
        }
        blocks.append(.facts(facts))
        blocks += months(deciding)
        blocks.append(losses(deciding, dayClosed))
        blocks.append(devices([(term.device, deciding)] + others.map { other in (other, days.map { day($0, other) }) }))
        if let short = shortDays(deciding, dayClosed) { blocks.append(short) }
        return Section(id: "hours", title: title, blocks: blocks)
    }

    /// The last record of each day of the period: one drawn up again takes later knowledge into account.
    private func dayRecords(_ type: String) -> [CivilDate: Statement] {
        var records: [CivilDate: Statement] = [:]
        for statement in statements(of: type) {
            guard let date = statement.event.data["date"]?.string.flatMap({ CivilDate($0) }), (period.firstDay...period.lastDay).contains(date) else {
                continue
            }
            records[date] = statement
        }
        return records
    }

    private func dayFacts(_ days: [DeviceDay]) -> [Row] {
        let facts = Facts("hours.days")
        func row(_ key: String, _ label: Wording, _ verdict: DeviceDay.Verdict) -> Row {
            let found = days.filter { $0.verdict == verdict }
            return facts.row(key, label, days.isEmpty ? .missing(.noData) : .count(found.count), found.map(\.support).joined)
        }
        return [
            facts.row("all", Words.daysAll, .counted(days.count), days.map(\.support).joined), row("met", Words.daysMet, .met),
            row("short", Words.daysShort, .short), row("no-record", Words.daysNoRecord, .noRecord),
        ]
    }

    private func months(_ days: [DeviceDay]) -> [Block] {
        var table = TableBuilder(
            "hours.month", Words.hoursByMonth,
            [
                .init(nil, Words.month), .init("days", Words.days), .init("met", Words.met), .init("short", Words.short), .init("no-record", Words.noRecord),
                .init("operated", Words.operated), .init("required", Words.required),
            ], note: Words.hoursByMonthNote)
        var chart = HoursChart(title: Words.hoursByMonth, months: [])
        let groups = Dictionary(grouping: days) { $0.date.month }
        func add(_ key: String, _ label: Wording, _ days: [DeviceDay], isTotal: Bool = false) {
            let recorded = days.filter { $0.operated != nil }
            let operated = recorded.reduce(0) { $0 + ($1.operated ?? 0) }
            let required = days.reduce(0) { $0 + $1.minimum }
            func count(_ verdict: DeviceDay.Verdict) -> TableBuilder.Draft {
                let found = days.filter { $0.verdict == verdict }
                return .figure(days.isEmpty ? .missing(.noData) : .count(found.count), found.map(\.support).joined)
            }
            table.add(
                key, label,
                [
                    .text(label), .figure(.counted(days.count), days.map(\.support).joined), count(.met), count(.short), count(.noRecord),
                    .figure(recorded.isEmpty ? .missing(.noData) : .minutes(operated), recorded.map(\.support).joined),
                    .figure(days.isEmpty ? .missing(.noData) : .minutes(required), days.map(\.support).joined),
                ], isTotal: isTotal)
            guard !isTotal else { return }
            chart.months.append(
                .init(
                    label: label, minutes: recorded.isEmpty ? nil : operated, required: required,
                    daysWithoutRecord: days.count { $0.verdict == .noRecord }))
        }
        for month in period.firstDay.month...period.lastDay.month {
            guard let first = CivilDate(year: period.year, month: month, day: 1) else { continue }
            add(first.description.prefix(7).description, both { $0.month(first) }, groups[month] ?? [])
        }
        add("total", Words.total, days, isTotal: true)
        return [.chart(.hours(chart)), .table(table.table)]
    }

    /// The causes that article 8.1's record tells apart, then any other on record.
    private static let causes = ["fault", "power", "maintenance", "order"]

    private func losses(_ days: [DeviceDay], _ dayClosed: String) -> Block {
        var table = TableBuilder(
            "hours.lost", Words.lostByCause,
            [.init(nil, Words.cause), .init("minutes", Words.lostTime), .init("planned", Words.lostPlanned), .init("days", Words.daysAffected)],
            note: Words.lostNote)
        let others = Set(days.flatMap { $0.lost.map(\.cause) }).subtracting(Survey.causes).sorted()
        let isKnown = days.contains { $0.operated != nil }
        for cause in Survey.causes + others {
            let affected = days.filter { day in day.lost.contains { $0.cause == cause && $0.minutes > 0 } }
            let losses = affected.flatMap(\.lost).filter { $0.cause == cause }
            let minutes = losses.reduce(0) { $0 + $1.minutes }
            let planned = losses.filter(\.isPlanned).reduce(0) { $0 + $1.minutes }
            let label = label(cause, of: "devices.lost.cause", in: dayClosed)
            let support = affected.map(\.support).joined
            table.add(
                cause, label,
                [
                    .text(label), .figure(isKnown ? .minutes(minutes) : .missing(.noData), support),
                    .figure(isKnown ? .minutes(planned) : .missing(.noData), support),
                    .figure(isKnown ? .count(affected.count) : .missing(.noData), support),
                ])
        }
        return .table(table.table)
    }

    private func devices(_ all: [(device: String, days: [DeviceDay])]) -> Block {
        var table = TableBuilder(
            "hours.device", Words.hoursByDevice,
            [
                .init(nil, Words.device), .init("met", Words.met), .init("short", Words.short), .init("no-record", Words.noRecord),
                .init("operated", Words.operated), .init("lost", Words.lostTime),
            ], note: Words.hoursByDeviceNote)
        for (device, days) in all {
            let label = name(ofDevice: device)
            let recorded = days.filter { $0.operated != nil }
            func count(_ verdict: DeviceDay.Verdict) -> TableBuilder.Draft {
                let found = days.filter { $0.verdict == verdict }
                return .figure(days.isEmpty ? .missing(.noData) : .count(found.count), found.map(\.support).joined)
            }
            let operated = recorded.reduce(0) { $0 + ($1.operated ?? 0) }
            let lost = recorded.flatMap(\.lost).reduce(0) { $0 + $1.minutes }
            let support = recorded.map(\.support).joined
            table.add(
                device, label,
                [
                    .text(label), count(.met), count(.short), count(.noRecord), .figure(recorded.isEmpty ? .missing(.noData) : .minutes(operated), support),
                    .figure(recorded.isEmpty ? .missing(.noData) : .minutes(lost), support),
                ])
        }
        return .table(table.table)
    }

    private func shortDays(_ days: [DeviceDay], _ dayClosed: String) -> Block? {
        let short = days.filter { $0.verdict == .short }
        guard !short.isEmpty else { return nil }
        var table = TableBuilder(
            "hours.short", Words.shortDays,
            [.init(nil, Words.day), .init("operated", Words.operated), .init("missing", Words.missingTime), .init(nil, Words.lostTo)])
        for day in short {
            let operated = day.operated ?? 0
            let causes = day.lost.filter { $0.minutes > 0 }
            let words = both { text in
                causes.map { loss in
                    let planned = loss.isPlanned ? " (\(Words.planned[text.language]))" : ""
                    return "\(label(loss.cause, of: "devices.lost.cause", in: dayClosed)[text.language])\(planned): \(text.hours(loss.minutes))"
                }.joined(separator: "; ")
            }
            table.add(
                day.date.description, both { $0.date(day.date) },
                [
                    .text(both { $0.date(day.date) }), .figure(.minutes(operated), day.support), .figure(.minutes(day.minimum - operated), day.support),
                    .text(words),
                ])
        }
        return .table(table.table)
    }
}
