import Messages
import Regulation
import Values

/// What a program has in hand: should it fall over it, that is known.
public enum InHand: Sendable, Hashable {
    /// A record of the ledger: its id as the broker carried it, and where the broker keeps it.
    case record(id: String, offset: Int64)
    /// An obligation, by its id.
    case obligation(String)
    /// Nothing of anyone's.
    case nothing
}

/// What is left out of every reading of a ledger, since the program that read it fell over it again and again. The ledger itself says so, by records
/// `record.set-aside` of the coordinator's, wherever in it they stand: who reads a ledger collects them first, and so all readers agree. Each holds under one
/// build of the program alone, for another may be able to read what that one could not.
public struct SetAside: Sendable, Hashable {
    /// How the routing key of such a record begins.
    public static let routingPrefix = "\(LedgerState.coordinator).\(SystemType.recordSetAside)."

    /// The build whose records are collected.
    public let build: String
    /// The SHA-256 of the bodies of records that are left out, by their id.
    private var records: [String: Set<String>] = [:]
    /// The obligations that are left out, by their id.
    public private(set) var obligations: Set<String> = []

    /// Nothing is left out yet.
    public init(build: String = "") { self.build = build }

    /// Whether nothing is left out.
    public var isEmpty: Bool { records.isEmpty && obligations.isEmpty }

    /// Takes in the next record of a first reading. What is none of these costs a look at its key; whether one was new is told.
    @discardableResult
    public mutating func note(_ record: LedgerState.Record) -> Bool {
        guard record.carriage.userID == LedgerState.coordinator, record.carriage.routingKey.hasPrefix(SetAside.routingPrefix),
            let data = (try? JSON(parsing: record.body))?["data"], data["build"]?.string == build
        else { return false }
        if let id = data["record"]?.string, let digest = data["sha256"]?.string {
            return records[id, default: []].insert(digest).inserted
        }
        return data["obligation"]?.string.map { obligations.insert($0).inserted } ?? false
    }

    /// What is left out, for the record of a state. The build is not in it: two that leave out the same read the same.
    var record: JSON {
        let left = records.keys.sorted().flatMap { id in (records[id] ?? []).sorted().map { JSON.array([.string(id), .string($0)]) } }
        return ["records": .array(left), "obligations": .array(obligations.sorted().map { .string($0) })]
    }

    /// Whether a record is left out. The body counts, for another may bear the same id.
    public func holds(_ record: LedgerState.Record) -> Bool {
        guard !records.isEmpty, let digests = records[record.carriage.messageID ?? ""] else { return false }
        return digests.contains(sha256(record.body))
    }

    /// The event that says so of a record: what it is by its routing key, for its body is what nobody can read.
    public static func event(of record: LedgerState.Record, build: String, time: Instant, in regulation: Regulation) -> Event {
        let id = record.carriage.messageID ?? ""
        let key = RoutingKey(record.carriage.routingKey)
        let digest = sha256(record.body)
        let name = key.map { regulation.isFollowed($0.type) } == true ? "set-aside-incident" : "set-aside"
        return Event(
            id: "set-aside/\(digest)/\(fnv1a(Array(build.utf8)))", sender: LedgerState.coordinator, type: SystemType.recordSetAside, time: time,
            data: .compact([
                "record": .string(clipped(id, 255)), "sha256": .string(digest), "build": .string(build),
                "sender": key.map { .string(clipped($0.sender, 100)) }, "messageType": key.map { .string(clipped($0.type, 255)) },
                "wording": wording(name, of: key?.type ?? "?", id: id, by: key?.sender ?? "?", in: regulation).json,
            ]))
    }

    /// The event that says so of an obligation.
    public static func event(ofObligation id: String, build: String, time: Instant, in regulation: Regulation) -> Event {
        let duty = regulation.duty(String(id.prefix { $0 != "/" }))
        let name = duty?.types.contains(where: regulation.isFollowed) == true ? "set-aside-incident" : "set-aside"
        return Event(
            id: "set-aside/\(fnv1a(Array(id.utf8)))/\(fnv1a(Array(build.utf8)))", sender: LedgerState.coordinator, type: SystemType.recordSetAside, time: time,
            data: [
                "obligation": .string(clipped(id, 255)), "build": .string(build),
                "wording": wording(name, of: duty?.title.vi ?? "?", id: id, by: LedgerState.coordinator, in: regulation).json,
            ])
    }

    /// What may stand in a member of so many characters.
    private static func clipped(_ text: String, _ limit: Int) -> String { String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))) }

    private static func wording(_ name: String, of message: String, id: String, by sender: String, in regulation: Regulation) -> Wording {
        let template = regulation.wordings[name] ?? Wording(vi: "[GÁC LẠI] {message} ({id})", en: "[SET ASIDE] {message} ({id})")
        return template.map { language, text in
            text.replacing("{message}", with: excerpt(message)).replacing("{id}", with: excerpt(id))
                .replacing("{sender}", with: regulation.party(sender)?.name[language] ?? excerpt(sender))
        }
    }
}
