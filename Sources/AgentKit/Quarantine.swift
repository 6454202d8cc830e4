import AMQP
import Foundation
import Messages
import Regulation
import Synchronization
import Values

/// Incoming messages that do not count, each kept whole in a file of its own with the reason. Nothing is dropped.
public final class Quarantine: Sendable {
    /// The directory's name in an agent's home.
    public static let directoryName = "quarantine"

    private let path: String
    private let offset: Span
    private let count = Atomic<Int>(0)

    /// Opens the quarantine of an agent's home.
    public init(home: URL, offset: Span) throws(FileError) {
        path = home.path(percentEncoded: false).trimmingSuffix("/") + "/" + Quarantine.directoryName
        self.offset = offset
        try makeDirectory(path)
        try makeDirectory(path + "/tmp")
    }

    /// Keeps a delivery with the reason why it does not count; gives the file's name.
    @discardableResult
    public func keep(_ delivery: Delivery, _ refusal: Refusal, at now: Instant) throws(FileError) -> String {
        let text = String(validating: delivery.body, as: UTF8.self)
        let headers = delivery.headers.sorted { $0.key < $1.key }.map { JSONObject.Member(key: $0.key, value: .string("\($0.value)")) }
        let json: JSON = .compact([
            "refusedAt": JSON(now, offset: offset), "reason": refusal.reason.json, "remedy": refusal.remedy.json,
            "sender": refusal.sender.map { .string($0) }, "type": refusal.type.map { .string($0) }, "id": refusal.eventID.map { .string($0) },
            "exchange": .string(delivery.exchange), "routingKey": .string(delivery.routingKey), "userID": delivery.userID.map { .string($0) },
            "messageID": delivery.messageID.map { .string($0) }, "contentType": delivery.contentType.map { .string($0) },
            "expiration": delivery.expiration.map { .string($0) }, "headers": .object(JSONObject(members: headers)),
            "body": text.map { .string($0) }, "bodyBase64": text == nil ? .string(Data(delivery.body).base64EncodedString()) : nil,
        ])
        let number = count.add(1, ordering: .relaxed).newValue
        let name = "\(padded(Clock.realNow.milliseconds, 15))-\(padded(Int64(number), 6))-\(getpid()).json"
        try writeDurably(Array((json.indentedText + "\n").utf8), temporary: "\(path)/tmp/\(name)", to: "\(path)/\(name)", in: path)
        return name
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
