import Messages
import Regulation
import Values

/// A record that the leader should publish now: a notice, a refusal, a forwarded message. Its id is derived, so that it is the same whoever makes it.
public struct Decision: Sendable, Hashable {
    /// The event's id.
    public var id: String
    /// Noun and verb.
    public var type: String
    /// The party it goes to, or `all`.
    public var to: String
    /// The case.
    public var subject: String?
    /// Its data, wording in both languages included.
    public var data: JSON
    /// Whether it belongs to a drill.
    public var exercise: Bool
    /// The event that caused it.
    public var causationID: String?

    /// A decision of these parts.
    public init(id: String, type: String, to: String, subject: String? = nil, data: JSON, exercise: Bool, causationID: String? = nil) {
        (self.id, self.type, self.to, self.subject) = (id, type, to, subject)
        (self.data, self.exercise, self.causationID) = (data, exercise, causationID)
    }

    /// The event, written at an instant under an election.
    public func event(time: Instant, election: String) -> Event {
        Event(
            id: id, sender: LedgerState.coordinator, type: type, subject: subject, time: time, data: data, causationID: causationID, exercise: exercise,
            election: election)
    }
}

/// A notice on record.
struct SentNotice: Sendable {
    var id: String
    var type: String
    var to: PartyID
    /// When it came into the ledger.
    var at: Instant
    /// The deadline it speaks of.
    var deadline: Instant?
    /// Its title, the bracketed words at its beginning.
    var title: Wording
    /// Whether it was sent under the election in force. One that was not does not count, and its id is sent again.
    var counts: Bool
    /// Whether it was withdrawn.
    var isWithdrawn = false

    /// Whether the coordinator's messages of this type are notices of an obligation.
    static func isOne(_ type: String) -> Bool { type.hasPrefix(SystemType.dutyNoun) || type == SystemType.noticeHeldBack }

    /// Whether it is of a step, whatever deadline it speaks of: its id is `<obligation>/<deadline>/<step>/<party>`.
    func isOf(step: String) -> Bool {
        let (bytes, name) = (Array(id.utf8), Array("/\(step)/".utf8))
        guard bytes.count >= name.count else { return false }
        return (0...bytes.count - name.count).contains { start in bytes[start...].starts(with: name) }
    }
}
