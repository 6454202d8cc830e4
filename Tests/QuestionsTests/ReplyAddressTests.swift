import Foundation
import Questions
import Testing

/// An address as RabbitMQ 3.10 makes it, and what can be changed in it.
func address(
    node: String = "reply@54665812", tag: UInt8 = 118, id: UInt32 = 0x2b6, serial: UInt32 = 0, creation: UInt32 = 0x6b08_bd91, more: [UInt8] = [],
    key: [UInt8] = Array(repeating: 7, count: 16)
) -> String {
    var process: [UInt8] = [131, 88, tag]
    process += tag == 119 ? [UInt8(node.utf8.count)] : [UInt8(node.utf8.count >> 8), UInt8(node.utf8.count & 255)]
    process += Array(node.utf8)
    for word in [id, serial, creation] { process += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
    return "amq.rabbitmq.reply-to.\(Data(process + more).base64EncodedString()).\(Data(key).base64EncodedString())"
}

@Suite("An answer goes only to what has the form of a broker's address")
struct ReplyAddressTests {
    @Test(
        "addresses that the broker has made are taken",
        arguments: [
            "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA1NDY2NTgxMgAAArYAAAAAawi9kQ==.vKu23YTJ4xaFBJShRmV1KQ==",
            "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA1NDY2NTgxMgAABO4AAAAAawi9kQ==.WNj6lL3fh/5q70SuxQm5pw==",
        ])
    func genuine(_ text: String) throws { #expect(try #require(ReplyAddress(text)).text == text) }

    @Test(
        "what the broker would end the connection for, or nobody would get, is no address",
        arguments: [
            "", "amq.rabbitmq.reply-to", "amq.rabbitmq.reply-to.", "party.border-guard", "amq.rabbitmq.reply-to..",
            "amq.rabbitmq.reply-to.g1hkABFyZXBseUAxMjM0NTY3ODkAAAAAAAAAAAAAAAA=.AAAA", "amq.rabbitmq.reply-to.!!!!.vKu23YTJ4xaFBJShRmV1KQ==",
            "amq.rabbitmq.reply-to.g2EB.vKu23YTJ4xaFBJShRmV1KQ==", "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA1NDY2NTgxMgAAArYAAAAAawi9kQ==",
            address(more: [1]), address(node: "reply@10.255.255.1"), address(node: "reply@"), address(node: "rabbit@12"), address(node: "other@12"),
            address(node: "reply@12345678901"),
            address(tag: 97), address(key: [1, 2, 3]), address() + ".x", address() + "\n", "\u{1F41E}" + address(),
            "amq.rabbitmq.reply-to." + String(repeating: "A", count: 300),
        ])
    func forged(_ text: String) { #expect(ReplyAddress(text) == nil) }

    @Test("none is none") func missing() { #expect(ReplyAddress(nil) == nil) }

    @Test("addresses of one node are alike, and those of others are not; nor is one whose numbers no broker of today gives")
    func shapes() throws {
        let shape = try #require(ReplyAddress(address())).shape
        #expect(ReplyAddress(address(id: 5, serial: 9, creation: 1, key: Array(repeating: 9, count: 16)))?.shape == shape)
        let others = [
            address(node: "reply@54665813"), address(tag: 100), address(tag: 119), address(id: 0x8000), address(serial: 0x2000),
            address(id: .max, serial: .max),
        ]
        for other in others {
            #expect(try #require(ReplyAddress(other)).shape != shape)
        }
    }
}
