import AMQP
import Foundation
import Messages

/// A message as it goes over the wire, and as the program in C reads it from a file: four lengths (32 bits, this machine's order), then routing key,
/// id, user and body.
struct Message {
    var routingKey: String
    var id: String
    var user: String
    var body: [UInt8]

    static func write(_ messages: [Message], to path: String) throws {
        var file = Data()
        for message in messages {
            let parts = [Array(message.routingKey.utf8), Array(message.id.utf8), Array(message.user.utf8), message.body]
            for part in parts { withUnsafeBytes(of: UInt32(part.count)) { file.append(contentsOf: $0) } }
            for part in parts { file.append(contentsOf: part) }
        }
        try file.write(to: URL(fileURLWithPath: path))
    }

    static func read(_ path: String) throws -> [Message] {
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        var messages: [Message] = []
        var position = 0
        func take(_ count: Int) throws -> [UInt8] {
            guard position + count <= file.count else { throw BenchError("\(path) is cut off") }
            defer { position += count }
            return Array(file[position..<position + count])
        }
        while position < file.count {
            let lengths = try take(16).withUnsafeBytes { bytes in (0..<4).map { Int(bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) } }
            messages.append(
                Message(
                    routingKey: String(decoding: try take(lengths[0]), as: UTF8.self), id: String(decoding: try take(lengths[1]), as: UTF8.self),
                    user: String(decoding: try take(lengths[2]), as: UTF8.self), body: try take(lengths[3])))
        }
        return messages
    }

    var carriage: Carriage {
        Carriage(exchange: "phoihop", routingKey: routingKey, userID: user, messageID: id, contentType: Event.contentType)
    }
}

/// Why a measurement could not be made.
struct BenchError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
