import Regulation
import Values

extension PeriodReport {
    /// The report as data: every figure with its value, its words in both languages, and the ids of what it rests on.
    public var json: JSON {
        let offset = regulation.calendar.offset
        return [
            "report": .string(period.description), "title": Words.title(period).json,
            "period": [
                "firstDay": .string(period.firstDay.description), "lastDay": .string(period.lastDay.description), "isOver": .bool(isOver),
                "from": JSON(from, offset: offset), "upTo": JSON(upTo, offset: offset),
            ],
            "ledger": .compact([
                "id": ledgerID.map { .string($0) }, "beganAt": JSON(beganAt, offset: offset), "knownTo": JSON(knownTo, offset: offset),
                "regulation": .string(regulation.version),
            ]),
            "figures": .array(references.flatMap { reference in reference.figures.map { json($0, reference: reference.number) } }),
        ]
    }

    /// A figure with its reference's number.
    func json(_ figure: Figure, reference: Int) -> JSON {
        let offset = regulation.calendar.offset
        let (value, unit): (JSON, String) =
            switch figure.value {
            case .count(let count): (.int(Int64(count)), "count")
            case .minutes(let minutes): (.int(Int64(minutes)), "minutes")
            case .span(let span): (.double(Double(span.milliseconds) / 1000), "seconds")
            case .instant(let instant), .deadline(let instant): (JSON(instant, offset: offset), "instant")
            case .date(let date): (.string(date.description), "date")
            case .state(let state, _): (.string(state.rawValue), "state")
            case .text(let text): (.string(text), "text")
            case .missing(let missing): (.null, missing.rawValue)
            }
        let text = ReportText.both(regulation.calendar) { $0.text(figure.value) }
        return [
            "id": .string(figure.id), "reference": .int(Int64(reference)), "label": figure.label.json, "value": value, "unit": .string(unit), "text": text.json,
            "events": .array(figure.support.events.map { .string($0) }), "obligations": .array(figure.support.obligations.map { .string($0) }),
        ]
    }
}
