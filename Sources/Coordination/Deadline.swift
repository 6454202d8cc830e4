import Messages
import Regulation
import Values

extension Obligation {
    /// The last instant that is in time, by the first case of the due rule that applies.
    mutating func deriveDeadline(_ standing: [Evidence], calendar: WorkCalendar) -> Instant? {
        for dueCase in duty.due.cases {
            guard standing.satisfy(dueCase.conditions), !dueCase.duringWorkingHours || calendar.isWorkingTime(startsAt) else { continue }
            switch dueCase.term {
            case .within(let span): return startsAt + span
            case .workingDays(let count): return calendar.end(ofWorkingDay: count, after: startsAt)
            case .workingHours(let span): return calendar.instant(afterWorking: span, from: startsAt)
            case .nextWorkingDay(let time): return calendar.instant(calendar.workingDay(after: calendar.local(startsAt).date), time)
            case .timeOfDay(let time): return calendar.instant(calendar.local(startsAt).date, time)
            case .before(let month, let day):
                let year = calendar.local(startsAt).date.year
                let date = [year, year + 1].lazy.compactMap { CivilDate(year: $0, month: month, day: day) }.first { calendar.instant($0) > self.startsAt }
                return date.map { calendar.instant($0) - Span(milliseconds: 1) }
            case .endOfPeriod: return period?.ends
            case .field(let type, let path):
                // Without a value in any message, the next case decides.
                if let instant = standing.filter({ type == nil || $0.event.type == type }).fact(path)?.instant { return instant }
            case .operation(let device, let minimum, let from, let to):
                return deriveOperation(standing, device: device, minimum: minimum, from: from, to: to, calendar: calendar)
            }
        }
        return nil
    }

    /// The instant at which the minimum can no longer be reached, nil while it can. Time of which nothing is known counts neither way.
    private mutating func deriveOperation(
        _ standing: [Evidence], device: String, minimum: Span, from: TimeOfDay, to: TimeOfDay, calendar: WorkCalendar
    ) -> Instant? {
        let date = calendar.local(startsAt).date
        let (opens, closes) = (calendar.instant(date, from), calendar.instant(date, to))
        let allowed = (closes - opens) - minimum
        let changes = standing.indices.compactMap { index -> (at: Instant, status: String, cause: String)? in
            guard standing[index].event.type == DueTerm.operationEvidence, let data = standing[index].event.data.object, data["device"]?.string == device,
                let since = data["since"]?.instant, let status = data["status"]?.string
            else { return nil }
            return (since, status, data["cause"]?.string ?? (status == "maintenance" ? "maintenance" : "fault"))
        }.sorted { $0.at < $1.at }
        var total = Span.zero
        var unreachable: Instant?
        for (index, change) in changes.enumerated() where ["critical", "off", "maintenance"].contains(change.status) {
            let begin = max(change.at, opens)
            let end = min(index + 1 < changes.count ? changes[index + 1].at : closes, closes)
            guard begin < end else { continue }
            if unreachable == nil, total + (end - begin) > allowed { unreachable = begin + (allowed - total) }
            total = total + (end - begin)
            if let known = lost.firstIndex(where: { $0.cause == change.cause }) {
                lost[known].span = lost[known].span + (end - begin)
            } else {
                lost.append((change.cause, end - begin))
            }
        }
        return unreachable
    }
}
