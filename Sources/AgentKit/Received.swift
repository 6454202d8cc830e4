import Messages
import Regulation
import Schemas
import Values

/// A message that came in, has been checked, and is this party's to know.
public struct Received: Sendable, Hashable {
    /// The message.
    public var event: Event
    /// The key under which it was sent.
    public var routingKey: String
    /// When it came, by the clock of the duties.
    public var receivedAt: Instant

    /// A message that came in.
    public init(event: Event, routingKey: String, receivedAt: Instant) { (self.event, self.routingKey, self.receivedAt) = (event, routingKey, receivedAt) }
}

extension Event {
    /// The message on one line, for the log and for lists: a notice in its own words, anything else by sender, kind, case and title. A drill is marked.
    public func line(_ regulation: Regulation, _ language: Language) -> String {
        let mark = regulation.wordings["exercise-prefix"]?[language] ?? ""
        let words: String
        if let wording = data["wording"]?[language.rawValue]?.string {
            words = wording
        } else {
            let party = regulation.party(sender)?.name[language] ?? sender
            let title = regulation.title(of: type)[language]
            let about = ["title", "summary", "description", "reason"].lazy.compactMap { data[$0]?.string }.first
            words = "\(party): \(title)" + (subject.map { " (\($0))" } ?? "") + (about.map { ": " + $0 } ?? "")
        }
        return singleLine(exercise && !words.hasPrefix(mark) ? mark + words : words)
    }
}

/// Reads what the broker delivers, and opens what the coordinator forwards.
struct DeliveryReader: Sendable {
    let reader: MessageReader
    /// Whose messages these are.
    let party: PartyID

    /// The message, followed by the one inside it where it is forwarded; or why it does not count.
    func read(_ body: [UInt8], _ carriage: Carriage, receivedAt: Instant) -> Result<[Received], Refusal> {
        reader.read(body, carriage).flatMap { meant($0, carriage.routingKey) }.flatMap { past($0, at: receivedAt) }.flatMap { event in
            let outer = Received(event: event, routingKey: carriage.routingKey, receivedAt: receivedAt)
            guard event.type == SystemType.messageForwarded else { return .success([outer]) }
            return inner(of: event).map { [outer, Received(event: $0.event, routingKey: $0.key, receivedAt: receivedAt)] }
        }
    }

    /// The event, unless it came to the wrong party.
    private func meant(_ event: Event, _ key: String) -> Result<Event, Refusal> {
        do throws(Refusal) { try reader.check(key, isMeantFor: party) } catch {
            var refusal = error
            (refusal.sender, refusal.eventID, refusal.type, refusal.writtenAt) = (event.sender, event.id, event.type, event.time)
            return .failure(refusal)
        }
        return .success(event)
    }

    /// The event, unless it tells of what lies in the future.
    private func past(_ event: Event, at now: Instant) -> Result<Event, Refusal> {
        do throws(Refusal) { try reader.check(event, isPastAt: now) } catch { return .failure(error) }
        return .success(event)
    }

    /// The message inside a forwarded one. The coordinator, who took it from the ledger, vouches for its carriage; its sender is the one its key names.
    private func inner(of event: Event) -> Result<(event: Event, key: String), Refusal> {
        let body = Array((event.data["original"]?.string ?? "").utf8)
        let key = event.data["originalRoutingKey"]?.string ?? ""
        guard RoutingKey(key)?.type != SystemType.messageForwarded else {
            return .failure(
                Refusal(
                    Wording(vi: "tin chuyển lại chứa một tin chuyển lại khác", en: "a forwarded message holds another forwarded message"),
                    remedy: Wording(vi: "chuyển chính tin gốc", en: "forward the original itself")))
        }
        let id = (try? JSON(parsing: body))?["id"]?.string
        let carriage = Carriage(
            exchange: "", routingKey: key, userID: RoutingKey(key)?.sender, messageID: id, contentType: Event.contentType)
        return reader.read(body, carriage).flatMap { meant($0, key) }.map { ($0, key) }
    }
}
