import Foundation
import Messages
import Regulation
import Synchronization
import Values

/// What a party has received, one line of JSON a message, in a file that only grows. It also tells which messages came before.
public final class Inbox: Sendable {
    /// What a line stands for.
    public enum State: String, Sendable, CaseIterable {
        /// A message for the operator.
        case new
        /// A notice of an earlier election, which does not hold.
        case setAside = "set-aside"
        /// Kept for the record: an election, or the cover of a forwarded message.
        case record
        /// A message of this party's own that the broker refused for good.
        case refused
    }

    /// One line.
    public struct Entry: Sendable, Hashable {
        /// When it came, by the clock of the duties.
        public var receivedAt: Instant
        /// What it stands for.
        public var state: State
        /// The key under which it was sent.
        public var routingKey: String
        /// The message.
        public var event: Event
        /// Why the broker refused it, if it did.
        public var reason: String?
        /// The message byte for byte, where it was written otherwise than this program would write it.
        public var body: [UInt8]?

        /// An entry of these parts.
        public init(receivedAt: Instant, state: State, routingKey: String, event: Event, reason: String? = nil, body: [UInt8]? = nil) {
            (self.receivedAt, self.state, self.routingKey, self.event) = (receivedAt, state, routingKey, event)
            (self.reason, self.body) = (reason, body)
        }

        fileprivate func json(offset: Span) -> JSON {
            .compact([
                "receivedAt": JSON(receivedAt, offset: offset), "id": .string(event.id), "type": .string(event.type), "sender": .string(event.sender),
                "subject": event.subject.map { .string($0) }, "exercise": .bool(event.exercise), "routingKey": .string(routingKey),
                "state": .string(state.rawValue), "reason": reason.map { .string($0) }, "event": event.json(offset: offset),
                "body": body.map { .string(String(decoding: $0, as: UTF8.self)) },
            ])
        }

        fileprivate init?(_ json: JSON) {
            guard let receivedAt = json["receivedAt"]?.instant, let state = json["state"]?.string.flatMap({ State(rawValue: $0) }),
                let routingKey = json["routingKey"]?.string, let event = json["event"].flatMap({ try? MessageReader.event(in: $0) })
            else { return nil }
            self.init(
                receivedAt: receivedAt, state: state, routingKey: routingKey, event: event, reason: json["reason"]?.string,
                body: (json["body"]?.string).map { Array($0.utf8) })
        }
    }

    /// How many ids are remembered; what came before the last so many would be kept again.
    public static let rememberedIDs = 100_000

    /// The file's name in an agent's home.
    public static let fileName = "inbox.jsonl"

    private struct Index {
        var receivedAt: [String: Instant] = [:]
        var order: [String] = []
        var next = 0
        var length: off_t

        mutating func note(_ entry: Entry) {
            // A message of our own that comes back has not been received yet; and a notice set aside with its election comes again under the same id from the next
            // leader, if it still holds.
            guard entry.state != .refused, entry.state != .setAside, receivedAt.updateValue(entry.receivedAt, forKey: entry.event.id) == nil else { return }
            if order.count < Inbox.rememberedIDs { return order.append(entry.event.id) }
            receivedAt[order[next]] = nil
            order[next] = entry.event.id
            next = (next + 1) % Inbox.rememberedIDs
        }
    }

    private let path: String
    private let offset: Span
    private let file: Descriptor
    private let index: Mutex<Index>
    /// The elections on record, in order.
    let elections: [Event]

    /// Opens the inbox of an agent's home. A line that a crash cut short is closed; its message was not acknowledged, and comes again.
    public init(home: URL, offset: Span) throws(FileError) {
        let directory = home.path(percentEncoded: false).trimmingSuffix("/")
        path = directory + "/" + Inbox.fileName
        self.offset = offset
        try makeDirectory(directory)
        file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_APPEND)
        try synchronizeDirectory(directory)
        var index = Index(length: 0)
        var elections: [Event] = []
        let isWhole = try Inbox.read(path) { entry in
            index.note(entry)
            if entry.event.type == "coordinator.elected" { elections.append(entry.event) }
        }
        if !isWhole { try file.write([UInt8(ascii: "\n")], path: path) }
        index.length = lseek(file.number, 0, SEEK_END)
        self.elections = elections
        self.index = Mutex(index)
    }

    /// When a message of this id was received; nil if it was not, or longer ago than is remembered.
    public func receivedAt(_ id: String) -> Instant? { index.withLock { $0.receivedAt[id] } }

    /// How many messages are remembered.
    public var count: Int { index.withLock { $0.receivedAt.count } }

    /// Adds entries: all, or none where it throws. When it returns, they survive a power cut. A message that is there already is left out.
    public func append(_ entries: [Entry]) throws(FileError) {
        let result = index.withLock { index -> Result<Void, FileError> in
            var content: [UInt8] = []
            let new = entries.filter { $0.state == .refused || index.receivedAt[$0.event.id] == nil }
            for entry in new {
                entry.json(offset: offset).write(to: &content)
                content.append(UInt8(ascii: "\n"))
            }
            if content.isEmpty { return .success(()) }
            do throws(FileError) {
                try file.write(content, path: path)
                try file.synchronize(path: path)
            } catch {
                // Nothing half-written stays: what follows would be on the same line.
                ftruncate(file.number, index.length)
                return .failure(error)
            }
            index.length += off_t(content.count)
            for entry in new { index.note(entry) }
            return .success(())
        }
        try result.get()
    }

    /// The entries of these messages, as they came first.
    func entries(of ids: Set<String>) throws(FileError) -> [Entry] {
        var found: [String: Entry] = [:]
        _ = try Inbox.read(path) { entry in
            if ids.contains(entry.event.id), entry.state != .refused, found[entry.event.id] == nil { found[entry.event.id] = entry }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// All entries, in the order they came.
    public func entries() throws(FileError) -> [Entry] { try Inbox.entries(path: path) }

    /// All entries of the inbox in an agent's home, which may be in use; none where there is no inbox yet.
    public static func entries(home: URL) throws(FileError) -> [Entry] {
        do throws(FileError) { return try entries(path: home.appending(path: fileName).path(percentEncoded: false)) } catch {
            if error.isMissing { return [] }
            throw error
        }
    }

    private static func entries(path: String) throws(FileError) -> [Entry] {
        var entries: [Entry] = []
        _ = try read(path) { entries.append($0) }
        return entries
    }

    /// Reads a file line by line; says whether its last line is whole. Lines that hold no entry, such as one cut short by a crash, are passed over.
    private static func read(_ path: String, _ visit: (Entry) -> Void) throws(FileError) -> Bool {
        let file = try Descriptor(opening: path, O_RDONLY)
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var line: [UInt8] = []
        func visitEntry(in line: [UInt8]) {
            if let entry = (try? JSON(parsing: line)).flatMap({ Entry($0) }) { visit(entry) }
        }
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(file.number, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError(.read, path) }
            if count == 0 {
                // All of a line may be there but its end.
                visitEntry(in: line)
                return line.isEmpty
            }
            var rest = chunk[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                visitEntry(in: line)
                line.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            line += rest
        }
    }
}
