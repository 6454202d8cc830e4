import Messages
import Regulation
import Values

extension Obligation {
    /// The last instant that is in time, by the first case of the due rule that applies.
    mutating func deriveDeadline(_ standing: [Evidence], openings: [Evidence], _ circumstances: Circumstances) -> Instant? {
        let calendar = calendar
        for dueCase in duty.due.cases {
            guard dueCase.types.isEmpty || openings.first.map({ dueCase.types.contains($0.event.type) }) == true, standing.satisfy(dueCase.conditions),
                !dueCase.duringWorkingHours || calendar.isWorkingTime(startsAt)
            else { continue }
            switch dueCase.term {
            case .within(let span): return startsAt + span
            case .workingDays(let count): return calendar.end(ofWorkingDay: count, after: startsAt)
            case .workingHours(let span): return calendar.instant(afterWorking: span, from: startsAt)
            case .nextWorkingDay(let time): return calendar.nextWorkingDay(at: time, after: startsAt)
            case .unfetched(let span):
                let fetched = openings.first.flatMap { fetchedAt($0, circumstances.receipts) }
                if fetched.map({ $0 > startsAt + span }) ?? true { return startsAt + span }
            case .timeOfDay(let time): return calendar.instant(calendar.local(startsAt).date, time)
            case .before(let days): return firstDay(days, calendar) { calendar.instant($0) - Span(milliseconds: 1) }
            case .by(let days): return firstDay(days, calendar) { calendar.endOfDay($0) }
            case .endOfPeriod: return period?.ends
            case .endOfQuarter: return Recurrence.quarterly(TimeOfDay(minutes: 0)).period(containing: startsAt, in: calendar)?.ends
            // Without a value in any message, the next case decides.
            case .field(let type?, let path, let ahead):
                if let instant = standing.filter({ $0.event.type == type }).fact(path)?.instant { return instant - ahead }
            case .field(nil, let path, let ahead): if let instant = dateAsked(openings, path) { return instant - ahead }
            case .operation(let operation): return deriveOperation(standing, operation, windows: circumstances.windows, calendar: calendar)
            }
        }
        return nil
    }

    /// When a machine of whom it is owed to had a message, by its receipt; nil where none came.
    private func fetchedAt(_ item: Evidence, _ receipts: [String: [Receipt]]) -> Instant? {
        receipts[item.event.id]?.filter { addressees.contains($0.party) }.map { $0.proof(of: item) }.min()
    }

    /// The year whose movable days off are not known yet, where the deadline turns on them.
    var provisionalYear: Int? {
        guard let deadline, duty.due.isInWorkingTime else { return nil }
        let calendar = calendar
        return [startsAt, deadline].map { calendar.local($0).date }.first { !calendar.hasData(for: $0) }?.year
    }

    /// The last instant in time for the first of some days of the year that leaves any time after the start.
    private func firstDay(_ days: [MonthDay], _ calendar: WorkCalendar, lastInstant: (CivilDate) -> Instant) -> Instant? {
        let year = calendar.local(startsAt).date.year
        return (days.compactMap { $0.date(in: year) } + days.compactMap { $0.date(in: year + 1) }).map(lastInstant).first { $0 > startsAt }
    }

    /// The date that the opening message asks for. Who asked may move it, as long as it has not passed.
    private func dateAsked(_ openings: [Evidence], _ path: FieldPath) -> Instant? {
        var asked: (at: Instant, by: PartyID)?
        for item in openings {
            guard let instant = item.event[path]?.instant else { continue }
            if let known = asked, known.by != item.event.sender || item.arrivedAt > known.at { continue }
            asked = (instant, item.event.sender)
        }
        return asked?.at
    }

    /// The instant at which the minimum can no longer be reached, nil while it can. Time of which nothing is known counts neither way.
    private mutating func deriveOperation(
        _ standing: [Evidence], _ operation: Operation, windows: [PlannedTime], calendar: WorkCalendar
    ) -> Instant? {
        let date = calendar.local(startsAt).date
        let (opens, closes) = (calendar.instant(date, operation.from), calendar.instant(date, operation.to))
        let allowed = (closes - opens) - operation.minimum
        let changes = standing.indices.compactMap { index -> (at: Instant, status: String, cause: String)? in
            guard standing[index].event.type == operation.shownBy, let data = standing[index].event.data.object, data["device"]?.string == operation.device,
                let since = data["since"]?.instant, let status = data["status"]?.string
            else { return nil }
            return (since, status, data["cause"]?.string ?? (status == "maintenance" ? "maintenance" : "fault"))
        }.sorted { $0.at < $1.at }
        var total = Span.zero
        var unreachable: Instant?
        for (index, change) in changes.enumerated() where Operation.isDown(change.status) {
            let begin = max(change.at, opens)
            let end = min(index + 1 < changes.count ? changes[index + 1].at : closes, closes)
            guard begin < end else { continue }
            if unreachable == nil, total + (end - begin) > allowed { unreachable = begin + (allowed - total) }
            total = total + (end - begin)
            noteLoss(of: operation.device, from: begin, until: end, cause: change.cause, windows: windows)
        }
        return unreachable
    }

    /// The hours lost up to an instant, by cause, in the order of their beginning.
    func losses(upTo instant: Instant) -> [(cause: String, span: Span)] {
        var losses: [(cause: String, span: Span)] = []
        for (cause, range) in lost where range.lowerBound < instant {
            let span = min(range.upperBound, instant) - range.lowerBound
            if let known = losses.firstIndex(where: { $0.cause == cause }) {
                losses[known].span = losses[known].span + span
            } else {
                losses.append((cause, span))
            }
        }
        return losses
    }

    /// Notes lost time with its cause: what lies in a maintenance window was planned.
    private mutating func noteLoss(of device: String, from begin: Instant, until end: Instant, cause: String, windows: [PlannedTime]) {
        var at = begin
        while at < end {
            let window = windows.first { !$0.holds && $0.covers(device: device, at: at) }
            let next = window?.until ?? windows.filter { !$0.holds && $0.from > at && $0.covers(device: device, at: $0.from) }.map(\.from).min() ?? end
            lost.append((window?.cause ?? cause, at..<min(next, end)))
            at = min(next, end)
        }
    }
}
