import AgentKit
import Coordination
import Dispatch
import Regulation
import Values

/// When each agent was last heard of, in real time, and what of it is news.
struct PresenceBoard {
    /// Agents and the leader make themselves heard so often.
    static let beatSeconds = 5
    /// After so long without a beat an agent counts as silent.
    static let silence = Span.seconds(30)

    /// Two agents of one party show themselves in turn; each must have been heard within so many seconds.
    static let togetherSeconds = 12.0
    /// How many agents of one party are told apart.
    static let mostAgents = 16

    /// When one agent of a party was heard.
    private struct Agent {
        var instance: String
        /// When it was heard first and last.
        var first: Double
        var last: Double
    }

    private let since = Clock.realNow
    private let begun: Double
    private var lastSeen: [PartyID: (at: Instant, moment: Double)] = [:]
    private var agents: [PartyID: [String: Agent]] = [:]

    init(moment: Double = PresenceBoard.moment) { begun = moment }

    /// Seconds on a clock that only runs forward, for how long it was silent.
    static var moment: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    /// A beat of a party's agent came in. It names its instance, and what tells this run of it from every other.
    mutating func heard(_ party: PartyID, _ beat: JSON? = nil, at instant: Instant, moment: Double = PresenceBoard.moment) {
        lastSeen[party] = (instant, moment)
        guard let instance = beat?["instance"]?.string else { return }
        let mark = beat?["run"]?.string ?? instance
        var known = (agents[party] ?? [:]).filter { moment - $0.value.last <= PresenceBoard.togetherSeconds }
        if known[mark] != nil || known.count < PresenceBoard.mostAgents {
            known[mark] = Agent(instance: instance, first: known[mark]?.first ?? moment, last: moment)
        }
        agents[party] = known
    }

    /// The agents that serve a party at once; none where it has one. After a restart the run before is heard no more: of two at work, each is heard after the other began.
    func together(_ party: PartyID, moment: Double = PresenceBoard.moment) -> [String] {
        let known = (agents[party] ?? [:]).values.filter { moment - $0.last <= PresenceBoard.togetherSeconds }
        let latest = known.map(\.first).max() ?? 0
        let alive = known.filter { $0.last > latest || $0.first == latest }
        return alive.count > 1 ? alive.map(\.instance).sorted() : []
    }

    /// Parties that fell silent and parties that came back, compared with what the ledger says of them. An agent that this leader has not heard of yet
    /// has until the end of the first period.
    func news(expected: [PartyID], silent: [PartyID: Instant], now: Instant, moment: Double = PresenceBoard.moment) -> [PresenceNews] {
        expected.compactMap { party in
            let seen = lastSeen[party]?.at
            let isSilent = moment - (lastSeen[party]?.moment ?? begun) > Double(PresenceBoard.silence.milliseconds) / 1000
            if let silentSince = silent[party] { return seen != nil && !isSilent ? .returned(party, silentSince: silentSince, at: now) : nil }
            return isSilent ? .silent(party, lastSeen: seen ?? since) : nil
        }
    }

    /// For the answer to "status".
    func json(silent: [PartyID: Instant], offset: Span) -> JSON {
        .array(
            Set(lastSeen.keys).union(silent.keys).subtracting([LedgerState.coordinator]).sorted().map { party in
                let together = together(party)
                return .compact([
                    "party": .string(party), "silent": .bool(silent[party] != nil),
                    "lastSeenAt": (lastSeen[party]?.at ?? silent[party]).map { JSON($0, offset: offset) },
                    "together": together.isEmpty ? nil : .array(together.map { .string($0) }),
                ])
            })
    }
}

/// An agent fell silent, or came back.
enum PresenceNews {
    case silent(PartyID, lastSeen: Instant)
    case returned(PartyID, silentSince: Instant, at: Instant)

    var party: PartyID {
        switch self {
        case .silent(let party, _), .returned(let party, _, _): party
        }
    }

    /// The notice of it to a party. Presence is in real time; the notice tells it on the clock of the duties.
    ///
    /// - Parameter phone: the telephone number of the party whose agent it is.
    func notice(to: PartyID, phone: String?, regulation: Regulation, clock: Clock) -> Decision {
        let offset = regulation.calendar.offset
        switch self {
        case .silent(let party, let lastSeen):
            let seen = clock.virtual(fromWall: lastSeen)
            return Decision(
                id: "silent/\(party)/\(seen.milliseconds)/\(to)", type: SystemType.agentSilent, to: to, subject: nil,
                data: [
                    "party": .string(party), "lastSeenAt": JSON(seen, offset: offset), "to": .string(to),
                    "wording": wording("silent", party, ["last-seen": seen], to: to, phone, regulation).json,
                ], exercise: false, causationID: nil)
        case .returned(let party, let silentSince, let at):
            let returned = clock.virtual(fromWall: at)
            return Decision(
                id: "returned/\(party)/\(silentSince.milliseconds)/\(to)", type: SystemType.agentReturned, to: to, subject: nil,
                data: [
                    "party": .string(party), "silentSince": JSON(silentSince, offset: offset), "returnedAt": JSON(returned, offset: offset), "to": .string(to),
                    "wording": wording("returned", party, ["last-seen": silentSince, "returned": returned], to: to, phone, regulation).json,
                ], exercise: false, causationID: nil)
        }
    }

    private func wording(_ name: String, _ party: PartyID, _ times: [String: Instant], to: PartyID, _ phone: String?, _ regulation: Regulation) -> Wording {
        guard let template = regulation.wordings[name], let footer = regulation.wordings["footer"] else { return Wording(vi: name, en: name) }
        return template.map { language, text in
            var text = text.replacing("{party}", with: regulation.party(party)?.name[language] ?? party)
            text = text.replacing("{to}", with: regulation.party(to)?.name[language] ?? to)
            text = text.replacing("{phone}", with: phone ?? regulation.wordings["no-phone"]?[language] ?? "")
            for (name, time) in times { text = text.replacing("{\(name)}", with: Phrase.time(time, language, offset: regulation.calendar.offset)) }
            return text + " " + footer[language]
        }
    }
}
