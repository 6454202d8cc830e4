import Regulation
import Values

extension PeriodReport {
    /// The report in two sentences, as a draft for the summary of `report.consolidated`.
    public var summary: Wording {
        func count(_ id: String) -> Int? { if case .count(let count)? = figure(id)?.value { count } else { nil } }
        var parts: [Wording] = []
        // Of a year the report that falls due last.
        let reports = references.last { $0.key.hasPrefix("reports.") && $0.key.hasSuffix(".owed") }.map { String($0.key.dropLast("owed".count)) }
        if let reports, let owed = count(reports + "owed"), let sent = count(reports + "in-time"), let late = count(reports + "late") {
            parts.append(Words.summaryReports(owed: owed, inTime: sent, late: late))
        }
        if let words = IncidentWords(regulation), let real = count("incidents.real") {
            parts.append(words.summary(real, inTime: count("incidents.notified.in-time") ?? 0))
        }
        if let days = count("hours.days.all"), let met = count("hours.days.met") { parts.append(Words.summaryHours(met, of: days)) }
        let title = Words.title(period)
        return Wording(
            vi: ([title.vi] + parts.map(\.vi)).joined(separator: "; ") + ".", en: ([title.en] + parts.map(\.en)).joined(separator: "; ") + ".")
    }
}
