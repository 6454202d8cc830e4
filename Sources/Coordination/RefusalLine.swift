import Messages
import Regulation
import Values

/// A message that does not count, and what its sender is told of it.
struct Refused: Sendable, Hashable {
    /// Why.
    var refusal: Refusal
    /// The beginning of the message as it came.
    private var beginning: [UInt8]
    /// What tells it from other messages, repetitions of itself excepted.
    var digest: String
    /// The same as a number.
    var number: UInt64 { UInt64(digest, radix: 16) ?? 0 }

    /// A message that does not count.
    init(_ refusal: Refusal, body: [UInt8], routingKey: String) {
        self.refusal = refusal
        beginning = Array(body.prefix(400))
        digest = fnv1a(Array(routingKey.utf8) + [0] + Array((refusal.sender ?? "?").utf8) + [0] + body)
    }

    /// The beginning of the message as text; nil where it is empty.
    var excerpt: String? { Answer.clipped(String(decoding: beginning, as: UTF8.self), 200) }

    /// Whether its refusal may still be taken back: an extension that came in while no coordinator led may turn out to have come in time.
    var mayCount: Bool { refusal.type == SystemType.dutyExtended }
}

/// The words to one party about messages of its that do not count. The first few are told at once, each by itself. What follows within a second is gathered
/// into one word, which says how many they are and names the first. So whoever sends ten thousand wrong messages gets a few words a second, and a party that
/// was quiet is told at once.
struct RefusalLine: Sendable {
    /// At most so many words within the span.
    static let limit = 3
    /// The span, which a drill's clock stretches.
    static let span = Span.seconds(1)
    /// How many of the messages a word names; the rest it counts.
    static let named = 20

    /// Messages that will be told of in one word.
    struct Gathering: Sendable, Hashable {
        /// The first of them, and all whose refusal may still be taken back.
        var members: [Refused]
        /// How many they are.
        var count: Int
    }

    /// The ids of the words that are to be published, each with the id of the message that it is about alone.
    private(set) var owed: [String: String?] = [:]
    /// When the last ones came on record, in order.
    private(set) var said: [Instant] = []
    private(set) var gathering: Gathering?

    /// A message was refused. Gives what is to be told at once.
    mutating func refused(_ item: Refused, at now: Instant, _ span: Span) -> Gathering? {
        if gathering == nil, hasRoom(at: now, span) { return Gathering(members: [item], count: 1) }
        var all = gathering ?? Gathering(members: [], count: 0)
        gathering = nil
        all.count += 1
        if all.members.count < RefusalLine.named || item.mayCount { all.members.append(item) }
        gathering = all
        return nil
    }

    /// A word is to be published.
    mutating func willSay(_ id: String, about gathering: Gathering) {
        owed.updateValue(gathering.count == 1 ? gathering.members.first?.refusal.eventID : nil, forKey: id)
    }

    /// A word came on record.
    mutating func wasSaid(_ id: String, at instant: Instant) {
        guard owed.removeValue(forKey: id) != nil else { return }
        said.append(instant)
        if said.count > RefusalLine.limit { said.removeFirst() }
    }

    /// Takes what was gathered, if it may be told now.
    mutating func takeGathering(at now: Instant, _ span: Span) -> Gathering? {
        guard hasRoom(at: now, span) else { return nil }
        defer { gathering = nil }
        return gathering
    }

    /// When what was gathered may be told; nil where that depends on a word that is not on record yet.
    func nextInstant(_ span: Span) -> Instant? {
        guard gathering != nil, owed.count < RefusalLine.limit else { return nil }
        let waits = owed.count + said.count - RefusalLine.limit
        return waits < 0 || said.isEmpty ? Instant(milliseconds: 0) : said[min(waits, said.count - 1)] + span
    }

    /// A message counts after all. Gives the id of the word about it that need not be said.
    mutating func counts(_ eventID: String) -> String? {
        if let id = owed.first(where: { $0.value == eventID })?.key {
            owed.removeValue(forKey: id)
            return id
        }
        if let index = gathering?.members.firstIndex(where: { $0.refusal.eventID == eventID }) {
            gathering?.members.remove(at: index)
            gathering?.count -= 1
            if gathering?.members.isEmpty == true { gathering = nil }
        }
        return nil
    }

    private func hasRoom(at now: Instant, _ span: Span) -> Bool { owed.count + said.count { $0 + span > now } < RefusalLine.limit }
}
