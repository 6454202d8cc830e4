import AMQP
import Foundation
import Messages
import Regulation
import Synchronization
import Values

/// Why a message could not be put into the spool.
public enum SpoolError: Error, Sendable, CustomStringConvertible {
    /// The disk failed, or is full.
    case file(FileError)
    /// The message is larger than any the wire contract allows.
    case tooLarge(bytes: Int)

    /// What was wrong and what to do.
    public var text: Wording {
        switch self {
        case .file(let error): error.text
        case .tooLarge(let bytes):
            Wording(
                vi: "tin dài \(bytes) byte, quá \(Event.maximumBytes) byte; gửi tệp dưới dạng đường dẫn kèm SHA-256",
                en: "the message has \(bytes) bytes, more than \(Event.maximumBytes); send files as references with their SHA-256")
        }
    }

    /// In English.
    public var description: String { text.en }
}

/// The messages on their way out, a directory kept the maildir way: a file is written whole under `tmp`, and renamed into `new`. Confirmed ones rest in `sent` for a
/// while, since the broker may lose what it confirmed; those refused for good stay in `refused`, each with a `.reason` beside it.
///
/// Any number of processes may write into one spool at once. One at a time sends what is in it: the one that has the right to (`claimSending`).
public final class Spool: Sendable {
    /// A message in the spool.
    public struct Entry: Sendable, Hashable {
        /// The file that holds it; sorts by time of writing.
        public var file: String
        /// Its place in a file of many messages; 0 in a file of its own.
        public var index: Int
        /// The event's id.
        public var id: String
        /// Who says it.
        public var sender: PartyID
        /// Noun and verb.
        public var type: String
        /// The addressee, or `all`.
        public var to: String
        /// The event as it goes over the wire.
        public var body: [UInt8]

        /// Identifies the entry in its spool.
        public var name: String { "\(file)/\(index)" }
        /// The event, read back from the body.
        public var event: Event? { (try? JSON(parsing: body)).flatMap { try? MessageReader.event(in: $0) } }
    }

    /// A message that the broker refused for good.
    public struct Refused: Sendable, Hashable {
        /// The message.
        public var entry: Entry
        /// Why, in the broker's words.
        public var reason: String
        /// Of what kind the refusal is, where the file tells it.
        public var code: AMQPError.Code?
    }

    /// What the name of a file of many messages ends in.
    static let segmentSuffix = ".segment"

    /// The directory.
    public let directory: URL
    private let path: String
    /// What was sent some time ago.
    let kept: KeptMessages
    private let offset: Span
    private let onTrouble: @Sendable (Wording) -> Void
    private let count = Atomic<Int>(0)
    /// How many messages of each file of many are settled; it moves on when all are.
    private let settled = Mutex<[String: Segment]>([:])

    private struct Segment {
        var count: Int
        var settled: Set<Int> = []
    }

    /// Opens a spool, making its directories where they are missing. Times in the messages are written at `offset` from UTC.
    /// `onTrouble` is told of files that cannot be read and are moved aside.
    public init(directory: URL, offset: Span, onTrouble: @escaping @Sendable (Wording) -> Void = { _ in }) throws(SpoolError) {
        (self.directory, self.offset, self.onTrouble) = (directory, offset, onTrouble)
        path = directory.path(percentEncoded: false).trimmingSuffix("/")
        do throws(FileError) {
            for name in ["tmp", "new", "sent", "refused"] { try makeDirectory(path + "/" + name) }
            kept = try KeptMessages(spool: path, onTrouble: onTrouble)
            removeRemains()
        } catch { throw .file(error) }
    }

    // MARK: Writing

    /// Takes a message: when this returns, it survives a power cut.
    @discardableResult
    public func write(_ event: Event, to: String) throws(SpoolError) -> Entry {
        try write([(event, to)], suffix: "")[0]
    }

    /// Takes many messages in one file: all of them or none.
    @discardableResult
    public func writeSegment(_ messages: [(Event, String)]) throws(SpoolError) -> [Entry] {
        messages.isEmpty ? [] : try write(messages, suffix: Spool.segmentSuffix)
    }

    private func write(_ messages: [(Event, String)], suffix: String) throws(SpoolError) -> [Entry] {
        let file = newName(messages.count == 1 ? messages[0].0.id : nil) + suffix
        var entries: [Entry] = []
        var content: [UInt8] = []
        for (event, to) in messages {
            let body = event.encoded(offset: offset)
            guard body.count <= Event.maximumBytes else { throw .tooLarge(bytes: body.count) }
            let entry = Entry(file: file, index: entries.count, id: event.id, sender: event.sender, type: event.type, to: to, body: body)
            Spool.append(entry, to: &content)
            entries.append(entry)
        }
        try put(content, as: file)
        // Who sends them need not read the file back to learn how many it holds.
        if suffix == Spool.segmentSuffix { settled.withLock { $0[file] = Segment(count: entries.count) } }
        return entries
    }

    /// Takes messages that were sent once more, byte for byte; each in a file of its own. When this returns, they survive a power cut.
    func writeAgain(_ entries: [Entry]) throws(SpoolError) {
        for entry in entries {
            var content: [UInt8] = []
            Spool.append(entry, to: &content)
            try put(content, as: newName(entry.id))
        }
    }

    private func put(_ content: [UInt8], as file: String) throws(SpoolError) {
        do { try writeDurably(content, temporary: "\(path)/tmp/\(file)", to: "\(path)/new/\(file)", in: path + "/new") } catch { throw .file(error) }
    }

    /// A name that sorts by time, then by order within this process, and that no other process gives. For a single message it ends in what its id makes.
    private func newName(_ id: String?) -> String {
        let number = count.add(1, ordering: .relaxed).newValue
        let unique = "\(padded(Clock.realNow.milliseconds, 15))-\(padded(Int64(number), 9))-\(getpid())-\(UUID().uuidString.prefix(8).lowercased())"
        return id.map { unique + Spool.mark(of: $0) } ?? unique
    }

    /// What the name of a message's own file ends in, by which the message is found without reading the others.
    static func mark(of id: String) -> String { "-id" + fnv1a(id.utf8) }

    /// Two lines a message: who is to get it, then its body.
    private static func append(_ entry: Entry, to content: inout [UInt8]) {
        let head: JSON = ["to": .string(entry.to), "id": .string(entry.id), "sender": .string(entry.sender), "type": .string(entry.type)]
        head.write(to: &content)
        content.append(UInt8(ascii: "\n"))
        content += entry.body
        content.append(UInt8(ascii: "\n"))
    }

    // MARK: Reading

    /// The messages that wait to be sent, in the order of their writing. `limit` bounds how many, the last file read being taken whole; files in `skipping` are left out.
    public func pending(limit: Int = .max, skipping: Set<String> = []) throws(SpoolError) -> [Entry] {
        unsettled(try read("new", limit: limit, skipping: skipping))
    }

    /// The messages of some files that wait to be sent.
    func pending(in files: [String]) throws(SpoolError) -> [Entry] {
        var entries: [Entry] = []
        for file in files { entries += try read("new", file) }
        return unsettled(entries)
    }

    private func unsettled(_ entries: [Entry]) -> [Entry] {
        settled.withLock { segments in entries.filter { !(segments[$0.file]?.settled.contains($0.index) ?? false) } }
    }

    /// The message of an id that waits, or was confirmed lately; nil where neither knows it. Files of many messages are read, of the others only the one.
    public func known(_ id: String) throws(SpoolError) -> (entry: Entry, waits: Bool)? {
        for place in ["new", "sent"] {
            let names: [String]
            do throws(FileError) { names = try namesInDirectory("\(path)/\(place)") } catch { throw .file(error) }
            for name in names.reversed() where name.hasSuffix(Spool.segmentSuffix) || name.hasSuffix(Spool.mark(of: id)) {
                if let entry = try read(place, name).first(where: { $0.id == id }) { return (entry, place == "new") }
            }
        }
        return nil
    }

    /// Whether a file still waits to be sent.
    public func isWaiting(_ file: String) -> Bool { access("\(path)/new/\(file)", F_OK) == 0 || errno != ENOENT }

    /// Whether a file could not be read by who was to send it, and was moved aside.
    public func isUnreadable(_ file: String) -> Bool { access("\(path)/refused/\(file).unreadable", F_OK) == 0 }

    /// How many files wait to be sent.
    public func pendingCount() throws(SpoolError) -> Int {
        do { return try namesInDirectory(path + "/new").count } catch { throw .file(error) }
    }

    /// The confirmed messages that are still kept.
    public func sent() throws(SpoolError) -> [Entry] { try read("sent", limit: .max, skipping: []) }

    /// The files of confirmed messages that are still kept.
    func sentFiles() throws(SpoolError) -> [String] {
        do { return try namesInDirectory(path + "/sent") } catch { throw .file(error) }
    }

    /// The messages that were refused for good.
    public func refused() throws(SpoolError) -> [Refused] {
        try read("refused", limit: .max, skipping: []).map(refused)
    }

    /// Those of a file's messages that were refused for good.
    public func refused(of file: String) throws(SpoolError) -> [Refused] {
        let file = file.trimmingSuffix(Spool.segmentSuffix)
        let names: [String]
        do throws(FileError) { names = try namesInDirectory(path + "/refused") } catch { throw .file(error) }
        var found: [Refused] = []
        for name in names where name.hasPrefix(file) && !Spool.isRemark(name) { found += try read("refused", name).map(refused) }
        return found
    }

    private func refused(_ entry: Entry) -> Refused {
        let remark = (try? readFile("\(path)/refused/\(entry.file).reason")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lines = remark.split(separator: "\n", omittingEmptySubsequences: false)
        return Refused(entry: entry, reason: lines.first.map(String.init) ?? "", code: lines.dropFirst().first.flatMap { AMQPError.Code(rawValue: String($0)) })
    }

    /// Whether a file is no message, but lies beside one.
    private static func isRemark(_ name: String) -> Bool { name.hasSuffix(".reason") || name.hasSuffix(".unreadable") }

    private func read(_ place: String, limit: Int, skipping: Set<String>) throws(SpoolError) -> [Entry] {
        let names: [String]
        do { names = try namesInDirectory("\(path)/\(place)") } catch { throw .file(error) }
        var entries: [Entry] = []
        for name in names where !Spool.isRemark(name) && !skipping.contains(name) {
            if entries.count >= limit { break }
            entries += try read(place, name)
        }
        return entries
    }

    /// The messages in a file; none where the file is gone, or cannot be read and was moved aside.
    private func read(_ place: String, _ name: String) throws(SpoolError) -> [Entry] {
        do throws(FileError) {
            if let found = Spool.entries(in: try readFile("\(path)/\(place)/\(name)"), file: name) {
                if place == "new", name.hasSuffix(Spool.segmentSuffix) {
                    settled.withLock { if $0[name] == nil { $0[name] = Segment(count: found.count) } }
                }
                return found
            }
            moveAside(name, from: place, reason: "its content is not that of a message")
        } catch {
            // Another process may have sent it meanwhile.
            if error.isMissing { return [] }
            if error.isPassing { throw .file(error) }
            moveAside(name, from: place, reason: error.description)
        }
        return []
    }

    /// The messages in a file's content; nil where it is none.
    static func entries(in content: [UInt8], file: String) -> [Entry]? {
        var entries: [Entry] = []
        var lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        guard lines.popLast()?.isEmpty == true, lines.count % 2 == 0, !lines.isEmpty else { return nil }
        while let head = lines.popFirst(), let body = lines.popFirst() {
            guard let head = try? JSON(parsing: Array(head)), let to = head["to"]?.string, let id = head["id"]?.string, let sender = head["sender"]?.string,
                let type = head["type"]?.string, (try? JSON(parsing: Array(body)))?["id"]?.string == id
            else { return nil }
            entries.append(Entry(file: file, index: entries.count, id: id, sender: sender, type: type, to: to, body: Array(body)))
        }
        return entries
    }

    private func moveAside(_ name: String, from place: String, reason: String) {
        let aside = "\(path)/refused/\(name).unreadable"
        do throws(FileError) {
            try renameFile("\(path)/\(place)/\(name)", aside)
            onTrouble(
                Wording(
                    vi: "tệp tin đang chờ gửi không đọc được, đã chuyển sang \(aside): \(reason)",
                    en: "a file in the spool cannot be read and was moved to \(aside): \(reason)"))
        } catch {
            if error.isMissing { return }
            onTrouble(
                Wording(
                    vi: "tệp tin đang chờ gửi không đọc được và cũng không chuyển đi được: \(reason); \(error.text.vi)",
                    en: "a file in the spool cannot be read, nor moved aside: \(reason); \(error)"))
        }
    }

    // MARK: Settling

    /// Notes that the broker has confirmed a message. It is kept in `sent` until `forget`.
    public func confirm(_ entry: Entry) throws(SpoolError) {
        guard settles(entry) else { return }
        try move(entry.file, to: "sent/\(entry.file)")
    }

    /// Puts a message aside that the broker refuses for good, with the reason. On a full disk it is put aside without: it must not be sent over and over.
    public func refuse(_ entry: Entry, reason: String, code: AMQPError.Code? = nil) throws(SpoolError) {
        let isAlone = !entry.file.hasSuffix(Spool.segmentSuffix)
        let name = isAlone ? entry.file : entry.file.trimmingSuffix(Spool.segmentSuffix) + "-\(entry.index)"
        let remark = singleLine(reason) + "\n" + (code.map { $0.rawValue + "\n" } ?? "")
        do throws(FileError) {
            if !isAlone {
                var content: [UInt8] = []
                Spool.append(entry, to: &content)
                try writeDurably(content, temporary: "\(path)/tmp/\(name)", to: "\(path)/refused/\(name)", in: path + "/refused")
            }
            try writeDurably(Array(remark.utf8), temporary: "\(path)/tmp/\(name).reason", to: "\(path)/refused/\(name).reason", in: path + "/refused")
        } catch {
            if isAlone { try move(name, to: "refused/\(name)") }
            throw .file(error)
        }
        if isAlone { try move(name, to: "refused/\(name)") } else if settles(entry) { try move(entry.file, to: "sent/\(entry.file)") }
    }

    /// Sends a refused message again, once what was wrong is mended.
    public func retry(_ refused: Refused) throws(SpoolError) {
        do throws(FileError) {
            try renameFile("\(path)/refused/\(refused.entry.file)", "\(path)/new/\(refused.entry.file)")
            unlink("\(path)/refused/\(refused.entry.file).reason")
        } catch { throw .file(error) }
    }

    /// Takes a confirmed file whose time in `sent` is over out of it.
    func forget(_ file: String) { kept.keep(file) }

    /// Whether a file of many is known to hold more messages than so many.
    func holdsMore(_ file: String, than count: Int) -> Bool { settled.withLock { ($0[file]?.count ?? 0) > count } }

    /// Whether with this message all of its file are settled.
    private func settles(_ entry: Entry) -> Bool {
        settled.withLock { segments in
            guard var segment = segments[entry.file] else { return true }
            segment.settled.insert(entry.index)
            let isWhole = segment.settled.count >= segment.count
            segments[entry.file] = isWhole ? nil : segment
            return isWhole
        }
    }

    private func move(_ file: String, to place: String) throws(SpoolError) {
        do throws(FileError) { try renameFile("\(path)/new/\(file)", "\(path)/\(place)") } catch {
            // Another process has settled it already.
            if !error.isMissing { throw .file(error) }
        }
    }

    /// Removes what writers left under `tmp` when they died. No one was promised these messages: `write` had not returned.
    private func removeRemains() {
        let dayAgo = Int(Clock.realNow.milliseconds / 1000) - 86_400
        for name in (try? namesInDirectory(path + "/tmp")) ?? [] {
            var status = stat()
            if lstat("\(path)/tmp/\(name)", &status) == 0, status.st_mtim.tv_sec < dayAgo { unlink("\(path)/tmp/\(name)") }
        }
    }
}

/// A number with leading zeros.
func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}

extension String {
    /// Without an ending that is there.
    func trimmingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
}
