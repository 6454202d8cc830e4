/// Whether this coordinator leads: a state machine without I/O. Its inputs are the token of `coordinator.leader` coming and going, elections read from
/// the ledger, and the time, in seconds of a clock that never steps; its outputs are what the shell does next.
public struct Leadership: Sendable {
    /// Where it stands.
    public enum State: Sendable, Hashable {
        /// It reads along without the token. It leaves by receiving the token.
        case standby
        /// It has the token and has published its election. It leaves by reading that back, by losing the token, or after `readBackSeconds`.
        case standing(election: String, since: Double)
        /// It has read its election back and acts. It leaves by losing the token, by reading another's election, or to renew the token.
        case leading(election: String)
        /// It has put the token back to keep the broker from taking it, and publishes nothing until it returns. It leaves by receiving the token, by losing
        /// it, by reading another's election, or after `readBackSeconds`.
        case renewing(election: String, since: Double)
    }

    /// What the shell does next.
    public enum Action: Sendable, Hashable {
        /// Publish `coordinator.elected` with this id and term.
        case stand(election: String, term: Int64)
        /// Put the token back into its queue.
        case returnToken
        /// Begin to act under this election.
        case lead(election: String)
    }

    /// How long its own election may take to come back before the token is given up.
    public static let readBackSeconds = 5.0
    /// How long the token is held at a time; the broker takes a delivery away after 30 minutes.
    public static let renewalSeconds = 600.0

    /// Where it stands.
    public private(set) var state = State.standby
    private var tokenSince = 0.0
    private var lastTerm: Int64 = 0
    private let makeID: @Sendable (Int64) -> String

    /// A coordinator without the token. `lastTerm` is the last that it has read of; `makeID` gives a new id for the election of a term.
    public init(lastTerm: Int64 = 0, makeID: @escaping @Sendable (Int64) -> String) { (self.lastTerm, self.makeID) = (lastTerm, makeID) }

    /// It acts under an election that it has read already, holding the token since this second.
    mutating func leads(election: String, since seconds: Double) {
        tokenSince = seconds
        state = .leading(election: election)
    }

    /// The election under which it acts, nil while it does not.
    public var election: String? { if case .leading(let election) = state { election } else { nil } }

    /// The token arrived. If it comes to one that stands or leads, it was away in between, and another may have led: it stands anew.
    public mutating func tokenReceived(at seconds: Double) -> [Action] {
        tokenSince = seconds
        if case .renewing(let election, _) = state {
            state = .leading(election: election)
            return []
        }
        return stand(at: seconds)
    }

    /// The token is gone: its connection broke or its queue was lost.
    public mutating func tokenLost() { state = .standby }

    /// An election stands in the ledger.
    public mutating func electionRead(id: String, term: Int64, at seconds: Double) -> [Action] {
        let isNews = term > lastTerm
        lastTerm = max(lastTerm, term)
        switch state {
        case .standing(let own, _) where own == id:
            // Its term was counted from what it had read by then; if another's lies between, agents could not tell which is later.
            guard isNews else { return stand(at: seconds) }
            state = .leading(election: id)
            return [.lead(election: id)]
        case .leading(let own) where own != id:
            // It has the token, so the other has not, and must not be the last word.
            return stand(at: seconds)
        case .renewing(let own, _) where own != id:
            // The token went to the other while it was back in its queue.
            state = .standby
            return []
        case .standby, .standing, .leading, .renewing: return []
        }
    }

    /// Time has passed; to be called about once a second.
    public mutating func timePassed(at seconds: Double) -> [Action] {
        switch state {
        case .standing(_, let since) where seconds - since > Leadership.readBackSeconds:
            state = .standby
            return [.returnToken]
        case .renewing(_, let since) where seconds - since > Leadership.readBackSeconds:
            state = .standby
            return []
        case .leading(let election) where seconds - tokenSince > Leadership.renewalSeconds:
            state = .renewing(election: election, since: seconds)
            return [.returnToken]
        case .standby, .standing, .leading, .renewing: return []
        }
    }

    /// The second at which time alone changes something; nil while it does not.
    var nextLook: Double? {
        switch state {
        case .standby: nil
        case .standing(_, let since), .renewing(_, let since): since + Leadership.readBackSeconds + 0.001
        case .leading: tokenSince + Leadership.renewalSeconds + 0.001
        }
    }

    private mutating func stand(at seconds: Double) -> [Action] {
        let election = makeID(lastTerm + 1)
        state = .standing(election: election, since: seconds)
        return [.stand(election: election, term: lastTerm.saturatingAdd(1))]
    }
}
