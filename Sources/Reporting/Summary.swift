import Regulation
import Values

extension PeriodReport {
    /// The report in two sentences, as a draft for the summary of `report.consolidated`.
    public var summary: Wording {
        func count(_ id: String) -> Int? { if case .count(let count)? = figure(id)?.value { count } else { nil } }
        let duty = period.part == .firstHalf ? "half-year" : "year"
        var parts: [Wording] = []
        if let owed = count("reports.\(duty).owed"), let sent = count("reports.\(duty).in-time"), let late = count("reports.\(duty).late") {
            parts.append(Words.summaryReports(owed: owed, inTime: sent, late: late))
        }
        if let real = count("incidents.real") { parts.append(Words.summaryIncidents(real, inTime: count("incidents.notified.in-time") ?? 0)) }
        if let days = count("hours.days.all"), let met = count("hours.days.met") { parts.append(Words.summaryHours(met, of: days)) }
        let title = Words.title(period)
        return Wording(
            vi: ([title.vi] + parts.map(\.vi)).joined(separator: "; ") + ".", en: ([title.en] + parts.map(\.en)).joined(separator: "; ") + ".")
    }
}
