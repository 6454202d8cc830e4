import AMQP
import Foundation
import Messages
import Regulation
import Synchronization
import Values

/// Incoming messages that do not count, each kept whole in a file of its own with the reason. There is room for so many; beyond it the oldest and the newest are
/// kept and the rest is counted, for good. What was sent through the exchange stands in the ledger in any case.
public final class Quarantine: Sendable {
    /// The directory's name in an agent's home.
    public static let directoryName = "quarantine"

    /// How much is kept.
    public struct Limits: Sendable {
        /// The greatest number of files.
        public var files = 2000
        /// The greatest number of bytes in all of them.
        public var bytes = 64 * 1024 * 1024
        /// How many of the oldest stay.
        public var oldest = 500
        /// How many are written within a second: more would hold up the messages that count. The last before nothing more comes is written in any case.
        public var filesPerSecond = 20
        /// The limits of an agent.
        public init() {}
    }

    private struct State {
        /// The files there are, in the order in which they came.
        var files: [(name: String, bytes: Int)] = []
        var bytes = 0
        /// Messages that are not kept.
        var counted: Int64 = 0
        /// Whether the file with that count is this process's own and names nothing, so that the next count takes exactly its place.
        var hasCountFile = false
        var number = 0
        /// When the second began of which the files are counted, on the monotonic clock.
        var second = -1.0
        var inSecond = 0
    }

    private let path: String
    private let offset: Span
    private let limits: Limits
    private let state: Mutex<State>

    /// Opens the quarantine of an agent's home, and goes on removing where it was interrupted.
    public init(home: URL, offset: Span, limits: Limits = Limits()) throws(FileError) {
        path = Quarantine.path(home)
        (self.offset, self.limits) = (offset, limits)
        try makeDirectory(path)
        try makeDirectory(path + "/tmp")
        var found = State()
        let count = try Quarantine.count(path)
        found.counted = count.counted
        for name in try namesInDirectory(path) where name.hasSuffix(".json") {
            // Counted already, and then not removed.
            if count.removing.contains(name) {
                unlink("\(path)/\(name)")
                continue
            }
            var status = stat()
            guard stat("\(path)/\(name)", &status) == 0 else { continue }
            found.files.append((name, Int(status.st_size)))
            found.bytes += Int(status.st_size)
        }
        found.files.sort { $0.name < $1.name }
        state = Mutex(found)
    }

    private static func path(_ home: URL) -> String { home.path(percentEncoded: false).trimmingSuffix("/") + "/" + directoryName }

    /// A delivery and the reason why it does not count.
    public typealias Refused = (delivery: Delivery, refusal: Refusal)

    /// Keeps deliveries, each with the reason why it does not count. What is beyond the limits is counted. What is done is taken out of the list, so that
    /// trying again after an error does not do it twice.
    ///
    /// - Parameters:
    ///   - goesOn: whether more is known to follow at once.
    ///   - monotonicSeconds: the time on a clock that only runs forward; now where nil.
    ///   - tell: is given each message and the name of its file, nil where it was only counted.
    /// - Returns: how many messages were counted and not kept since the quarantine was emptied last, those removed to make room included.
    @discardableResult
    public func keep(
        _ refused: inout [Refused], goesOn: Bool = false, at now: Instant, monotonicSeconds seconds: Double? = nil,
        tell: (Refused, String?) -> Void = { _, _ in }
    ) throws(FileError) -> Int64 {
        let seconds = seconds ?? monotonicSeconds()
        var written: [(name: String, bytes: Int)] = []
        var counted: Int64 = 0
        do throws(FileError) {
            while let item = refused.first {
                if let number = nextNumber(at: seconds, isLast: refused.count == 1 && !goesOn) {
                    let bytes = Array((content(item.delivery, item.refusal, at: now).indentedText + "\n").utf8)
                    let name = "\(padded(Clock.realNow.milliseconds, 15))-\(padded(Int64(number), 6))-\(getpid()).json"
                    try writeDurably(bytes, temporary: "\(path)/tmp/\(name)", to: "\(path)/\(name)", in: path)
                    written.append((name, bytes.count))
                    tell(item, name)
                } else {
                    counted += 1
                    tell(item, nil)
                }
                refused.removeFirst()
            }
        } catch {
            _ = try note(written, counted: counted)
            throw error
        }
        return try note(written, counted: counted)
    }

    /// The number of the next file; nil where enough were written within this second.
    private func nextNumber(at seconds: Double, isLast: Bool) -> Int? {
        state.withLock { state in
            if seconds - state.second >= 1 || seconds < state.second { (state.second, state.inSecond) = (seconds, 0) }
            guard state.inSecond < limits.filesPerSecond || isLast else { return nil }
            state.inSecond += 1
            state.number += 1
            return state.number
        }
    }

    /// Notes what was written and what was only counted, and makes room.
    private func note(_ written: [(name: String, bytes: Int)], counted: Int64) throws(FileError) -> Int64 {
        let result: Result<Int64, FileError> = state.withLock { state in
            state.files += written
            state.bytes += written.reduce(0) { $0 + $1.bytes }
            state.counted += counted
            var removing: [String] = []
            if state.files.count > limits.files || state.bytes > limits.bytes {
                // Some at once, since each time the count goes to disk.
                let (files, bytes) = (limits.files - limits.files / 50, limits.bytes - limits.bytes / 50)
                while state.files.count > max(1, files) || (state.bytes > bytes && state.files.count > 1) {
                    // From between the oldest and the newest.
                    let file = state.files.remove(at: min(limits.oldest, state.files.count / 2))
                    state.bytes -= file.bytes
                    state.counted += 1
                    removing.append(file.name)
                }
            }
            guard counted > 0 || !removing.isEmpty else { return .success(state.counted) }
            do throws(FileError) {
                let isInPlace = removing.isEmpty && state.hasCountFile
                // What an error leaves is not known.
                state.hasCountFile = false
                if isInPlace { try overwriteCount(state.counted) } else { try replaceCount(state.counted, removing) }
                state.hasCountFile = removing.isEmpty
            } catch { return .failure(error) }
            for name in removing { unlink("\(path)/\(name)") }
            return .success(state.counted)
        }
        return try result.get()
    }

    /// The count goes to disk first and names what goes: whoever is stopped in between neither forgets a message nor counts one twice.
    private func replaceCount(_ count: Int64, _ removing: [String]) throws(FileError) {
        let name = Quarantine.countName
        try writeDurably(Quarantine.countLine(count, removing), temporary: "\(path)/tmp/\(name)", to: "\(path)/\(name)", in: path)
    }

    /// A count that names nothing is always as long, and is written in its place without waiting for the disk: in a flood this happens with each batch. It
    /// outlives the process; should the power fail, some messages of the last seconds may be missing in it.
    private func overwriteCount(_ count: Int64) throws(FileError) {
        let path = "\(path)/\(Quarantine.countName)"
        try Descriptor(opening: path, O_WRONLY | O_CREAT).write(Quarantine.countLine(count, []), path: path)
    }

    private static func countLine(_ count: Int64, _ removing: [String]) -> [UInt8] {
        // As many places as there can be digits.
        let number = (String(repeating: " ", count: 19) + "\(count)").suffix(19)
        return Array("{\"counted\":\(number),\"removing\":\(JSON.array(removing.map { .string($0) }).text)}\n".utf8)
    }

    private func content(_ delivery: Delivery, _ refusal: Refusal, at now: Instant) -> JSON {
        let text = String(validating: delivery.body, as: UTF8.self)
        let headers = delivery.headers.sorted { $0.key < $1.key }.map { JSONObject.Member(key: $0.key, value: .string("\($0.value)")) }
        return .compact([
            "refusedAt": JSON(now, offset: offset), "reason": refusal.reason.json, "remedy": refusal.remedy.json,
            "sender": refusal.sender.map { .string($0) }, "type": refusal.type.map { .string($0) }, "id": refusal.eventID.map { .string($0) },
            "exchange": .string(delivery.exchange), "routingKey": .string(delivery.routingKey), "userID": delivery.userID.map { .string($0) },
            "messageID": delivery.messageID.map { .string($0) }, "contentType": delivery.contentType.map { .string($0) },
            "expiration": delivery.expiration.map { .string($0) }, "headers": .object(JSONObject(members: headers)),
            "body": text.map { .string($0) }, "bodyBase64": text == nil ? .string(Data(delivery.body).base64EncodedString()) : nil,
        ])
    }

    // MARK: What is there

    /// The file that says how many messages were not kept.
    private static let countName = "counted"

    private static func count(_ path: String) throws(FileError) -> (counted: Int64, removing: Set<String>) {
        guard access("\(path)/\(countName)", F_OK) == 0 else { return (0, []) }
        // A file that somebody else wrote says nothing.
        guard case .success(let json) = Result(catching: { try JSON(parsing: readFile("\(path)/\(countName)")) }) else { return (0, []) }
        return (max(0, json["counted"]?.int ?? 0), Set(json["removing"]?.array?.compactMap(\.string) ?? []))
    }

    /// How many messages are in the quarantine of an agent's home, and how many more were counted and not kept.
    public static func size(home: URL) throws(FileError) -> (kept: Int, counted: Int64) {
        let path = path(home)
        guard isDirectory(path) else { return (0, 0) }
        return (try namesInDirectory(path).count { $0.hasSuffix(".json") }, try count(path).counted)
    }

    /// What is in the quarantine of an agent's home, oldest first: file names and contents.
    public static func entries(home: URL) throws(FileError) -> [(name: String, content: JSON)] {
        let path = home.appending(path: directoryName).path(percentEncoded: false)
        guard isDirectory(path) else { return [] }
        var entries: [(name: String, content: JSON)] = []
        for name in try namesInDirectory(path) where name.hasSuffix(".json") {
            let bytes = try readFile("\(path)/\(name)")
            entries.append((name, (try? JSON(parsing: bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))))
        }
        return entries
    }
}
