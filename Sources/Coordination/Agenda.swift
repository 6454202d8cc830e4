import Regulation
import Values

/// What is to be published, the most urgent first. The leader takes from it as many decisions as it may have on their way; what is open beyond those costs
/// nothing: an entry is put in, replaced and taken out in constant time, and nothing is worded before it is taken.
///
/// Within one urgency each party that caused entries has a lane of its own, first in, first out, and the lanes take turns. So of ten thousand openings that one
/// party brings about at once, no more than every second goes before the one of another party.
struct Agenda: Sendable {
    /// How urgent an entry is.
    enum Urgency: Int, Sendable, Comparable, CaseIterable {
        /// A deadline has passed: somebody is late, or a superior is told.
        case overdue
        /// Everything else about an obligation: that it opened, will be due, is done, was wrongly told.
        case notice
        /// A message that does not count, or that somebody seems not to have received.
        case answer

        static func < (a: Urgency, b: Urgency) -> Bool { a.rawValue < b.rawValue }
    }

    /// What an entry calls for. Notices and forwarded messages are worded only when they are asked for: while a ledger is read again, nearly all of them follow
    /// in it.
    enum Content: Sendable {
        /// Notices of an obligation, as the ledger stood when it was known up to `reached`.
        case notices([Obligation.DueNotice], reached: Instant)
        /// A message is sent again to these parties.
        case forwards([PartyID])
        /// What is said to a party about messages of its own that do not count.
        case refusal(Decision)
        /// A party is asked for messages that are not on the ledger.
        case inquiry(Decision)
    }

    /// One entry: the obligation, the message or the refusal that it is about, and what is to be said.
    struct Entry: Sendable {
        /// The id of what it is about.
        var key: String
        var content: Content
        var lane: Lane
        /// Its place among all entries ever made.
        fileprivate(set) var number: Int
    }

    /// Where an entry waits.
    struct Lane: Sendable, Hashable, Comparable {
        var urgency: Urgency
        /// The party that caused it; the coordinator where the calendar did.
        var party: PartyID

        static func < (a: Lane, b: Lane) -> Bool { (a.urgency, a.party) < (b.urgency, b.party) }
    }

    private(set) var entries: [String: Entry] = [:]
    private var lanes: [Lane: Line] = [:]
    private var count = 0

    /// Whether nothing is to be published.
    var isEmpty: Bool { entries.isEmpty }

    /// What is to be said of something; nil for nothing.
    subscript(key: String) -> Content? { entries[key]?.content }

    /// Puts in what is to be said of something, in place of what was to be said of it before. An entry that stays in its lane keeps its place.
    mutating func put(_ content: Content, for key: String, in lane: Lane) {
        if entries[key]?.lane == lane {
            entries[key]?.content = content
            return
        }
        remove(key)
        entries[key] = Entry(key: key, content: content, lane: lane, number: count)
        lanes[lane, default: Line()].append(key, count)
        count += 1
    }

    /// Takes out what was to be said of something.
    mutating func remove(_ key: String) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        let left = entries
        lanes[entry.lane]?.left { number, key in left[key]?.number == number }
        if lanes[entry.lane]?.isEmpty == true { lanes[entry.lane] = nil }
    }

    /// Entries in the order of their urgency, of each no more than `take` leaves; stops when `take` has left `limit` decisions in all. Of one urgency the lanes
    /// take turns; those taken are given in the order of their keys, so that it does not matter what came first where all of it can be said.
    ///
    /// - Parameters:
    ///   - room: how many decisions of a lane may be taken; what is overdue is not kept back by it.
    ///   - take: gives the part of an entry that is wanted and how many decisions it makes, at most as many as it is asked for; none where it is 0.
    func next(
        _ limit: Int, room laneRoom: (Lane) -> Int = { _ in .max }, _ take: (Entry, _ atMost: Int) -> (Content, count: Int)
    ) -> [(entry: Entry, content: Content)] {
        var chosen: [(entry: Entry, content: Content)] = []
        var room = limit
        for urgency in Urgency.allCases where room > 0 {
            var found: [(entry: Entry, content: Content)] = []
            var lines = lanes.keys.filter { $0.urgency == urgency }.sorted().compactMap { lane in
                lanes[lane].map { (cursor: $0.cursor, room: urgency == .overdue ? .max : laneRoom(lane)) }
            }.filter { $0.room > 0 }
            while room > 0, !lines.isEmpty {
                for index in lines.indices where room > 0 {
                    // To the next entry of this lane that is wanted.
                    while let (number, key) = lines[index].cursor.next() {
                        guard let entry = entries[key], entry.number == number else { continue }
                        let (content, count) = take(entry, min(room, lines[index].room))
                        guard count > 0 else { continue }
                        found.append((entry, content))
                        room -= count
                        lines[index].room -= count
                        break
                    }
                }
                lines.removeAll { $0.cursor.isAtEnd || $0.room <= 0 }
            }
            chosen += found.sorted { $0.entry.key < $1.entry.key }
        }
        return chosen
    }
}

extension Agenda {
    /// Keys in the order in which they came. One that is taken out leaves a hole; the holes are closed when they are the greater part.
    fileprivate struct Line: Sendable {
        private var keys: [(number: Int, key: String)] = []
        private var head = 0
        private var holes = 0

        /// Fewer holes are left as they are.
        private static let fewHoles = 32

        var isEmpty: Bool { holes == keys.count }

        mutating func append(_ key: String, _ number: Int) { keys.append((number, key)) }

        /// Notes that one of the keys has been taken out; `isThere` tells which are left.
        mutating func left(_ isThere: (Int, String) -> Bool) {
            holes += 1
            while head < keys.count, !isThere(keys[head].number, keys[head].key) { head += 1 }
            guard holes > Line.fewHoles, holes * 2 > keys.count else { return }
            keys = keys[head...].filter { isThere($0.number, $0.key) }
            (head, holes) = (0, 0)
        }

        /// Goes through the keys from the first that is there; some of those that follow may be holes.
        struct Cursor {
            fileprivate let keys: [(number: Int, key: String)]
            fileprivate var place: Int
            var isAtEnd: Bool { place >= keys.count }
            mutating func next() -> (number: Int, key: String)? {
                guard place < keys.count else { return nil }
                defer { place += 1 }
                return keys[place]
            }
        }
        var cursor: Cursor { Cursor(keys: keys, place: head) }
    }
}

extension Array {
    /// The first so many of the elements that are wanted.
    func first(_ limit: Int, where isWanted: (Element) -> Bool) -> [Element] {
        var found: [Element] = []
        for element in self where found.count < limit && isWanted(element) { found.append(element) }
        return found
    }
}
