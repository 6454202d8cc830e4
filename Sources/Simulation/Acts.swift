import Coordination
import Messages
import Values

extension Scenario {
    /// What is said and done, in the order of time, with what the scenario's faults make of it.
    var actsAsPlayed: [Act] { faultSeed.map { Faults(seed: $0).spoil(acts, in: self, regulation.calendar) } ?? acts }

    /// When the first thing happens; nil where nothing does.
    public var firstAct: Instant? { actsAsPlayed.first?.at }

    /// What is said and done, as JSON, in the order of time: for who plays the scenario on a real broker. Each says when (`at`), who (`party`), and what
    /// (`act`): `says`, with the routing key and the event; `stops` or `starts`, of the party's agent or of the coordinator; `changes`, where another
    /// coordinator takes over; `adopts`, where the coordinator puts another text of the regulation into force.
    public var actsAsJSON: [JSON] { actsAsPlayed.map { $0.json(offset: regulation.calendar.offset) } }
}

extension Act {
    fileprivate func json(offset: Span) -> JSON {
        let at = JSON(self.at, offset: offset)
        switch what {
        case .says(let event, let to):
            let key = RoutingKey(sender: event.sender, type: event.type, to: to).description
            return ["at": at, "party": .string(event.sender), "act": "says", "routingKey": .string(key), "event": event.json(offset: offset)]
        case .stops(let party): return ["at": at, "party": .string(party), "act": "stops"]
        case .starts(let party): return ["at": at, "party": .string(party), "act": "starts"]
        case .adopts(let regulation):
            return ["at": at, "party": .string(LedgerState.coordinator), "act": "adopts", "regulation": regulation.source]
        case .replaced: return ["at": at, "party": .string(LedgerState.coordinator), "act": "changes"]
        }
    }
}
