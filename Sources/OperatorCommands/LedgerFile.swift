import Coordination
import Foundation
import Messages
import Regulation
import Values

/// A record of the ledger on a line of a file: what the broker carried, and the body byte for byte.
public struct LedgerLine: Sendable, Hashable {
    /// Its offset in the stream.
    public var offset: Int64
    /// What the broker carried beside the body.
    public var carriage: Carriage
    /// The body.
    public var body: [UInt8]

    /// A line of a delivery.
    public init(offset: Int64, delivery carriage: Carriage, body: [UInt8]) { (self.offset, self.carriage, self.body) = (offset, carriage, body) }

    /// The line as JSON. A body that is no UTF-8 is written in base 64.
    public var json: JSON {
        let text = String(validating: body, as: UTF8.self)
        return .compact([
            "offset": .int(offset), "exchange": .string(carriage.exchange), "routingKey": .string(carriage.routingKey),
            "userId": carriage.userID.map { .string($0) }, "messageId": carriage.messageID.map { .string($0) },
            "contentType": carriage.contentType.map { .string($0) }, "forbidden": carriage.hasForbiddenProperties ? true : nil,
            "body": text.map { .string($0) }, "bodyBase64": text == nil ? .string(Data(body).base64EncodedString()) : nil,
        ])
    }

    /// Reads a line; nil where it is none.
    public init?(_ json: JSON) {
        guard let offset = json["offset"]?.int, let exchange = json["exchange"]?.string, let key = json["routingKey"]?.string else { return nil }
        guard let body = json["body"]?.string.map({ Array($0.utf8) }) ?? json["bodyBase64"]?.string.flatMap({ Data(base64Encoded: $0) }).map({ [UInt8]($0) })
        else { return nil }
        self.offset = offset
        self.body = body
        carriage = Carriage(
            exchange: exchange, routingKey: key, userID: json["userId"]?.string, messageID: json["messageId"]?.string,
            contentType: json["contentType"]?.string, hasForbiddenProperties: json["forbidden"]?.bool == true)
    }
}

/// A ledger kept in a file, one record a line.
public enum LedgerFile {
    /// What a file holds already.
    public struct Tail: Sendable {
        /// How many records.
        public var count: Int
        /// The first of them.
        public var first: LedgerLine?
        /// The last of them.
        public var last: LedgerLine?
    }

    /// Looks at a file that is to be added to: makes it where there is none, and takes off a last line that was cut short.
    /// - Throws: where it cannot be read or written, or holds something else.
    public static func tail(of path: String) throws(Failure) -> Tail {
        if !FileManager.default.fileExists(atPath: path), !FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) {
            throw failure(path, "cannot be made", "không tạo được")
        }
        guard let file = FileHandle(forUpdatingAtPath: path) else { throw failure(path, "cannot be opened", "không mở được") }
        defer { try? file.close() }
        var tail = Tail(count: 0)
        let whole = try read(path, toleratesCut: true) { line in
            tail.count += 1
            tail.first = tail.first ?? line
            tail.last = line
        }
        do { try file.truncate(atOffset: whole) } catch { throw failure(path, "\(error)", "\(error)") }
        return tail
    }

    /// Visits the records of a file. Gives the length of its whole lines, in bytes.
    /// - Throws: bad data, with the line, where one is no record.
    @discardableResult
    public static func read(_ path: String, toleratesCut: Bool = false, _ visit: (LedgerLine) throws(Failure) -> Void) throws(Failure) -> UInt64 {
        guard let file = FileHandle(forReadingAtPath: path) else { throw failure(path, "cannot be read", "không đọc được") }
        defer { try? file.close() }
        var rest: [UInt8] = []
        var (number, length) = (0, UInt64(0))
        while true {
            let chunk: Data?
            do { chunk = try file.read(upToCount: 1 << 20) } catch { throw failure(path, "\(error)", "\(error)") }
            guard let chunk, !chunk.isEmpty else { break }
            rest += chunk
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                number += 1
                guard let line = (try? JSON(parsing: Array(rest[start..<end]))).flatMap({ LedgerLine($0) }) else {
                    throw failure(path, "line \(number) is no record of a ledger", "dòng \(number) không phải bản ghi của sổ")
                }
                try visit(line)
                length += UInt64(end - start + 1)
                start = end + 1
            }
            rest.removeSubrange(..<start)
        }
        if !rest.isEmpty, !toleratesCut { throw failure(path, "its last line is cut short", "dòng cuối bị cắt ngang") }
        return length
    }

    /// The file cannot be used.
    public static func failure(_ path: String, _ en: String, _ vi: String) -> Failure {
        Failure(.badData, vi: "\(shown(path)): \(vi)", en: "\(shown(path)): \(en)")
    }

    /// The file is of another ledger than the broker's, or of another part of it.
    public static func otherLedger(_ path: String) -> Failure {
        failure(
            path, "this file is of another ledger, or of another part of it; name a new one",
            "tệp này thuộc sổ khác hoặc phần khác của sổ; đề nghị ghi tên tệp mới")
    }
}
