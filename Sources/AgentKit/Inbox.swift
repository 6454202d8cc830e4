import Foundation
import Messages
import Regulation
import Synchronization
import Values

/// What a party has received, one line of JSON a message, in files that only grow, one a month. It also tells which messages came before.
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
        /// What this agent itself has to tell its operator; nobody sent it.
        case remark
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

    /// What the names of the files in an agent's home look like, one a month.
    public static let fileNames = "inbox-*.jsonl"

    private struct Index {
        var receivedAt: [String: Instant] = [:]
        var order: [String] = []
        var next = 0
        /// The month's file that was written to last.
        var file: MonthFile?

        mutating func note(_ id: String, _ at: Instant) {
            guard receivedAt.updateValue(at, forKey: id) == nil else { return }
            if order.count < Inbox.rememberedIDs { return order.append(id) }
            receivedAt[order[next]] = nil
            order[next] = id
            next = (next + 1) % Inbox.rememberedIDs
        }
    }

    /// A file that is written to.
    private struct MonthFile {
        var name: String
        var descriptor: Descriptor
        var length: off_t
    }

    private let directory: String
    private let offset: Span
    private let index: Mutex<Index>
    /// The elections on record as far as they are remembered, in order.
    let elections: [Event]

    /// Opens the inbox of an agent's home, and takes over one that is a single file, as it was before. Of the messages in it the latest are remembered; what lies
    /// before them is not read.
    public init(home: URL, offset: Span) throws(FileError) {
        directory = home.path(percentEncoded: false).trimmingSuffix("/")
        self.offset = offset
        try makeDirectory(directory)
        try Inbox.takeOver(in: directory, offset: offset)
        var months: [[(id: String, at: Instant)]] = []
        var elections: [Event] = []
        for name in try InboxFiles.names(in: directory).reversed() {
            var found: [(id: String, at: Instant)] = []
            var elected: [Event] = []
            try InboxFiles.read("\(directory)/\(name)") { entry, _ in
                if entry.state.isReceived { found.append((entry.event.id, entry.receivedAt)) }
                if entry.event.type == SystemType.coordinatorElected { elected.append(entry.event) }
            }
            months.append(found)
            elections = elected + elections
            if months.reduce(0, { $0 + $1.count }) >= Inbox.rememberedIDs, !elections.isEmpty { break }
        }
        var index = Index()
        for month in months.reversed() { for message in month { index.note(message.id, message.at) } }
        self.elections = elections
        self.index = Mutex(index)
    }

    /// Brings the lines of a single file into files by month. Whatever interrupts this, it is done anew at the next start: the single file goes last.
    private static func takeOver(in directory: String, offset: Span) throws(FileError) {
        let single = "\(directory)/\(InboxFiles.singleName)"
        guard access(single, F_OK) == 0 else { return }
        var open: [String: Descriptor] = [:]
        var known: [String: Set<String>] = [:]
        var failure: FileError?
        /// The new file of a month. It begins with what is there already: of an attempt that was interrupted, or of a time when the files were by month before.
        func file(_ name: String, _ path: String) throws(FileError) -> Descriptor {
            if let file = open[name] { return file }
            let file = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC)
            var ids: Set<String> = []
            if access("\(directory)/\(name)", F_OK) == 0 {
                try file.write(try readFile("\(directory)/\(name)"), path: path)
                try InboxFiles.read("\(directory)/\(name)") { entry, _ in ids.insert(entry.event.id) }
            }
            (open[name], known[name]) = (file, ids)
            return file
        }
        try InboxFiles.read(single) { entry, line in
            guard failure == nil else { return }
            let name = InboxFiles.name(of: entry.receivedAt, offset: offset)
            let path = "\(directory)/.\(name).moving"
            do throws(FileError) {
                let file = try file(name, path)
                if known[name]?.contains(entry.event.id) != true { try file.write(line + [UInt8(ascii: "\n")], path: path) }
            } catch { failure = error }
        }
        if let failure { throw failure }
        for (name, file) in open { try file.synchronize(path: name) }
        for name in open.keys.sorted() { try renameFile("\(directory)/.\(name).moving", "\(directory)/\(name)") }
        try synchronizeDirectory(directory)
        unlink(single)
        try synchronizeDirectory(directory)
    }

    /// When a message of this id was received; nil if it was not, or longer ago than is remembered.
    public func receivedAt(_ id: String) -> Instant? { index.withLock { $0.receivedAt[id] } }

    /// How many messages are remembered.
    public var count: Int { index.withLock { $0.receivedAt.count } }

    /// Adds entries. When it returns, they survive a power cut. A message that is there already is left out; so where it throws, trying again adds what is missing.
    public func append(_ entries: [Entry]) throws(FileError) {
        let result = index.withLock { index -> Result<Void, FileError> in
            let new = entries.filter { !$0.state.isReceived || index.receivedAt[$0.event.id] == nil }
            var rest = new[...]
            while let first = rest.first {
                let name = InboxFiles.name(of: first.receivedAt, offset: offset)
                let part = rest.prefix { InboxFiles.name(of: $0.receivedAt, offset: offset) == name }
                do throws(FileError) { try append(part, to: name, &index) } catch { return .failure(error) }
                rest = rest.dropFirst(part.count)
            }
            return .success(())
        }
        try result.get()
    }

    private func append(_ entries: ArraySlice<Entry>, to name: String, _ index: inout Index) throws(FileError) {
        var content: [UInt8] = []
        for entry in entries {
            entry.json(offset: offset).write(to: &content)
            content.append(UInt8(ascii: "\n"))
        }
        var file = if let open = index.file, open.name == name { open } else { try self.open(name) }
        do throws(FileError) {
            try file.descriptor.write(content, path: name)
            try file.descriptor.synchronize(path: name)
        } catch {
            // Nothing half-written stays: what follows would be on the same line.
            ftruncate(file.descriptor.number, file.length)
            throw error
        }
        file.length += off_t(content.count)
        index.file = file
        for entry in entries where entry.state.isReceived { index.note(entry.event.id, entry.receivedAt) }
    }

    /// The entries of these messages, looked for from the last one back.
    func entries(of ids: Set<String>) throws(FileError) -> [Entry] {
        var found: [String: Entry] = [:]
        try Inbox.readBack(home: URL(fileURLWithPath: directory)) { entry in
            if ids.contains(entry.event.id), entry.state != .refused, entry.state != .remark { found[entry.event.id] = entry }
            return found.count < ids.count
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Opens a month's file. A line that a crash cut short is closed; its message was not acknowledged, and comes again.
    private func open(_ name: String) throws(FileError) -> MonthFile {
        let path = "\(directory)/\(name)"
        let descriptor = try Descriptor(opening: path, O_RDWR | O_CREAT | O_APPEND)
        try synchronizeDirectory(directory)
        let length = lseek(descriptor.number, 0, SEEK_END)
        var last = UInt8(ascii: "\n")
        if length > 0, pread(descriptor.number, &last, 1, length - 1) == 1, last != UInt8(ascii: "\n") {
            try descriptor.write([UInt8(ascii: "\n")], path: path)
        }
        return MonthFile(name: name, descriptor: descriptor, length: lseek(descriptor.number, 0, SEEK_END))
    }
}

extension Inbox.State {
    /// Whether an entry stands for a message received. One of our own that comes back has not been received yet; and a notice set aside with its election comes
    /// again under the same id from the next leader, if it still holds.
    fileprivate var isReceived: Bool { self == .new || self == .record }
}

// MARK: - Reading

extension Inbox {
    /// All entries, in the order they came.
    public func entries() throws(FileError) -> [Entry] { try Inbox.entries(in: directory) }

    /// All entries of the inbox in an agent's home, which may be in use; none where there is no inbox yet. Long after the beginning these are many.
    public static func entries(home: URL) throws(FileError) -> [Entry] { try entries(in: home.path(percentEncoded: false).trimmingSuffix("/")) }

    private static func entries(in directory: String) throws(FileError) -> [Entry] {
        var entries: [Entry] = []
        for name in try InboxFiles.names(in: directory) { try InboxFiles.read("\(directory)/\(name)") { entry, _ in entries.append(entry) } }
        return entries
    }

    /// Goes through the entries of the inbox in an agent's home from the latest back, until `visit` says that it has seen enough.
    public static func readBack(home: URL, _ visit: (Entry) -> Bool) throws(FileError) {
        let directory = home.path(percentEncoded: false).trimmingSuffix("/")
        for name in try InboxFiles.names(in: directory).reversed() {
            if try !InboxFiles.readBack("\(directory)/\(name)", visit) { return }
        }
    }

    /// How much earlier than it should a message may have been received by a clock that was set since.
    private static let orderSlack = Span.days(1)

    /// The entries received since an instant, in the order they came; what lies before is not read.
    public static func entries(home: URL, since instant: Instant) throws(FileError) -> [Entry] {
        var entries: [Entry] = []
        try readBack(home: home) { entry in
            if entry.receivedAt >= instant { entries.append(entry) }
            return entry.receivedAt >= instant - orderSlack
        }
        return entries.reversed()
    }

    /// The latest so many entries that are wanted, in the order they came.
    public static func latest(_ count: Int, home: URL, where isWanted: (Entry) -> Bool) throws(FileError) -> [Entry] {
        var entries: [Entry] = []
        try readBack(home: home) { entry in
            if isWanted(entry) { entries.append(entry) }
            return entries.count < count
        }
        return entries.reversed()
    }
}

/// What comes into an inbox from now on.
public struct InboxTail {
    private let directory: String
    private var lengths: [String: off_t] = [:]

    /// Follows the inbox in an agent's home from its present end.
    public init(home: URL) throws(FileError) {
        directory = home.path(percentEncoded: false).trimmingSuffix("/")
        for name in try InboxFiles.names(in: directory) { lengths[name] = InboxFiles.length("\(directory)/\(name)") }
    }

    /// What came since it was asked last, in the order it came.
    public mutating func next() throws(FileError) -> [Inbox.Entry] {
        var entries: [Inbox.Entry] = []
        let names = try InboxFiles.names(in: directory)
        // A single file that an agent has just taken over holds nothing new.
        let wasTakenOver = lengths[InboxFiles.singleName] != nil && !names.contains(InboxFiles.singleName)
        if wasTakenOver { lengths[InboxFiles.singleName] = nil }
        for name in names {
            let path = "\(directory)/\(name)"
            if wasTakenOver {
                lengths[name] = InboxFiles.length(path)
                continue
            }
            let (found, end) = try InboxFiles.read(path, from: lengths[name] ?? 0)
            lengths[name] = end
            entries += found
        }
        return entries
    }
}

/// The files of an inbox.
private enum InboxFiles {
    /// The single file of before, which an agent takes over when it starts.
    static let singleName = "inbox.jsonl"
    private static let chunkBytes: off_t = 1 << 16

    /// The file of the month of an instant, by local time: `inbox-2026-11.jsonl`.
    static func name(of instant: Instant, offset: Span) -> String { "inbox-\(LocalTime(instant, offset: offset).date.description.prefix(7)).jsonl" }

    /// The files that there are, in order; none where there is no directory.
    static func names(in directory: String) throws(FileError) -> [String] {
        do throws(FileError) {
            let names = try namesInDirectory(directory).filter { $0 == singleName || $0.hasPrefix("inbox-") && $0.hasSuffix(".jsonl") }
            return names.filter { $0 == singleName } + names.filter { $0 != singleName }
        } catch {
            if error.isMissing { return [] }
            throw error
        }
    }

    static func length(_ path: String) -> off_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_size : 0
    }

    private static func entry(in line: some Collection<UInt8>) -> Inbox.Entry? {
        line.isEmpty ? nil : (try? JSON(parsing: Array(line))).flatMap { Inbox.Entry($0) }
    }

    /// Reads a file line by line. Lines that hold no entry, such as one cut short by a crash, are passed over.
    static func read(_ path: String, _ visit: (Inbox.Entry, [UInt8]) -> Void) throws(FileError) {
        let file = try Descriptor(opening: path, O_RDONLY)
        var position: off_t = 0
        var line: [UInt8] = []
        while true {
            let chunk = try bytes(file, path, at: position, chunkBytes)
            position += off_t(chunk.count)
            var rest = chunk[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                if let entry = entry(in: line) { visit(entry, line) }
                line.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            line += rest
            if chunk.isEmpty {
                // All of a line may be there but its end.
                if let entry = entry(in: line) { visit(entry, line) }
                return
            }
        }
    }

    /// The entries of the whole lines from a place on, and where the last of them ends.
    static func read(_ path: String, from start: off_t) throws(FileError) -> (entries: [Inbox.Entry], end: off_t) {
        let file = try Descriptor(opening: path, O_RDONLY)
        var (content, position) = ([UInt8](), start)
        while true {
            let chunk = try bytes(file, path, at: position, chunkBytes)
            if chunk.isEmpty { break }
            content += chunk
            position += off_t(chunk.count)
        }
        guard let last = content.lastIndex(of: UInt8(ascii: "\n")) else { return ([], start) }
        return (content[...last].split(separator: UInt8(ascii: "\n")).compactMap { entry(in: $0) }, start + off_t(last) + 1)
    }

    /// Reads a file from its last line back; false where `visit` had seen enough.
    static func readBack(_ path: String, _ visit: (Inbox.Entry) -> Bool) throws(FileError) -> Bool {
        let file = try Descriptor(opening: path, O_RDONLY)
        var start = length(path)
        // What has been read of the line that begins before `start`.
        var tail: [UInt8] = []
        while start > 0 {
            let size = min(start, chunkBytes)
            start -= size
            var chunk = try bytes(file, path, at: start, size) + tail
            tail = []
            if start > 0 {
                let first = chunk.firstIndex(of: UInt8(ascii: "\n")) ?? chunk.count
                tail = Array(chunk[..<first])
                chunk.removeFirst(first)
            }
            for line in chunk.split(separator: UInt8(ascii: "\n")).reversed() {
                if let entry = entry(in: line), !visit(entry) { return false }
            }
        }
        return true
    }

    /// At most so many bytes at a place; fewer at the end of the file.
    private static func bytes(_ file: Descriptor, _ path: String, at place: off_t, _ size: off_t) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { pread(file.number, $0.baseAddress.map { $0 + done }, $0.count - done, place + off_t(done)) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError(.read, path) }
            if count == 0 { break }
            done += count
        }
        bytes.removeLast(bytes.count - done)
        return bytes
    }
}
