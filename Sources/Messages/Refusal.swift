import Regulation
import Values

/// Why a message does not count, in words for its sender, and what to do about it. Nothing is dropped: whoever refuses keeps the message.
public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, in both languages, one sentence without its full stop.
    public var reason: Wording
    /// What the sender should do, in both languages.
    public var remedy: Wording
    /// The refused message's id, if it could be read.
    public var eventID: String?
    /// Its type, if it could be read.
    public var type: String?
    /// When it was written, by its sender's clock, if it could be read.
    public var writtenAt: Instant?
    /// Who sent it, as far as the broker vouches for it.
    public var sender: PartyID?

    /// A refusal of a message of which nothing is known yet.
    public init(_ reason: Wording, remedy: Wording) { (self.reason, self.remedy) = (reason, remedy) }

    /// The same, of a message that could be read.
    public func naming(_ event: Event) -> Refusal {
        var refusal = self
        (refusal.eventID, refusal.type, refusal.writtenAt, refusal.sender) = (event.id, event.type, event.time, event.sender)
        return refusal
    }

    /// The same, with what equals another's words in their memory: of ten thousand refusals for one reason the reason is kept once.
    package func sharing(_ other: Refusal) -> Refusal {
        var refusal = self
        if reason == other.reason { refusal.reason = other.reason }
        if remedy == other.remedy { refusal.remedy = other.remedy }
        if type == other.type { refusal.type = other.type }
        if sender == other.sender { refusal.sender = other.sender }
        return refusal
    }

    /// The reason and the remedy, in English.
    public var description: String { "\(reason.en); please \(remedy.en)" }

    /// Which message, from whom, and why, in English, for a log.
    public var account: String { "\(type ?? "of no known type") \(eventID ?? "without an id") from \(sender ?? "an unnamed user"): \(reason.en)" }

    /// The reason and the remedy in one language.
    public func text(_ language: Language) -> String {
        language == .vi ? "\(reason.vi); đề nghị \(remedy.vi)" : description
    }
}
