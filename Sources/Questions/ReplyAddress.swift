import Foundation

/// Where an answer goes: the address that RabbitMQ gives to an asker's channel, `amq.rabbitmq.reply-to.<process>.<key>`.
///
/// An asker can write there what it likes. The broker ends the connection on which an answer to an address it cannot decode is sent, so only what has the form
/// of an address is answered at all. Even then the broker ends the connection if the node in it is none of its own, which its form does not show: `shape` tells
/// whether another address like it has been answered before.
public struct ReplyAddress: Hashable, Sendable {
    /// The address, which is the routing key of the answer.
    public let text: String
    /// What decides whether the broker can decode it: the node, and in which way the rest is written.
    public let shape: Shape

    /// What addresses of one node have in common.
    public struct Shape: Hashable, Sendable {
        let node: String
        let atomTag: UInt8
        /// Whether its numbers are larger than those of today's brokers. Of such no two are alike: the broker decodes some, and ends the connection for others.
        let isWide: Bool
    }

    private static let prefix = "amq.rabbitmq.reply-to."
    /// What routing keys may have, in bytes.
    private static let maximumBytes = 255
    /// The key is a random number of so many bytes.
    private static let keyBytes = 16
    /// The largest numbers that a process id of Erlang 25 has; of others the broker ends the connection.
    private static let greatest = (id: UInt32(0x7fff), serial: UInt32(0x1fff))

    /// Reads an address. Nil for what the broker does not make.
    public init?(_ text: String?) {
        guard let text, text.utf8.count <= ReplyAddress.maximumBytes, text.hasPrefix(ReplyAddress.prefix) else { return nil }
        let parts = text.dropFirst(ReplyAddress.prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let process = ReplyAddress.decoded(parts[0]), let key = ReplyAddress.decoded(parts[1]), key.count == ReplyAddress.keyBytes,
            let shape = ReplyAddress.shape(of: process)
        else { return nil }
        (self.text, self.shape) = (text, shape)
    }

    /// The bytes of base64 in its one proper spelling.
    private static func decoded(_ text: Substring) -> [UInt8]? {
        guard let data = Data(base64Encoded: String(text)), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }

    /// A process of a node `reply@<number>` in Erlang's external term format: version, NEW_PID_EXT, an atom, then id, serial and creation.
    private static func shape(of process: [UInt8]) -> Shape? {
        guard process.count > 5, process[0] == 131, process[1] == 88 else { return nil }
        let tag = process[2]
        let start: Int
        let length: Int
        switch tag {
        // ATOM_EXT and ATOM_UTF8_EXT with two bytes of length, SMALL_ATOM_UTF8_EXT with one.
        case 100, 118: (start, length) = (5, Int(process[3]) << 8 | Int(process[4]))
        case 119: (start, length) = (4, Int(process[3]))
        default: return nil
        }
        guard process.count == start + length + 12 else { return nil }
        let node = String(decoding: process[start..<start + length], as: UTF8.self)
        let number = node.dropFirst("reply@".count)
        guard node.hasPrefix("reply@"), (1...10).contains(number.utf8.count), number.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        func word(_ index: Int) -> UInt32 { process[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        let isWide = word(start + length) > greatest.id || word(start + length + 4) > greatest.serial
        return Shape(node: node, atomTag: tag, isWide: isWide)
    }
}
