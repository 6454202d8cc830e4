import Coordination
import Foundation
import Messages
import OperatorCommands
import Testing
import Values

@Suite("A ledger in a file")
struct LedgerFileTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID().uuidString)").path(percentEncoded: false)

    private func line(_ offset: Int64, _ body: [UInt8]) -> LedgerLine {
        let carriage = Carriage(
            exchange: "phoihop", routingKey: "police.incident.detected.all", userID: "police", messageID: "m", contentType: Event.contentType)
        return LedgerLine(offset: offset, delivery: carriage, body: body)
    }

    private func write(_ lines: [LedgerLine], cut: Int = 0) throws {
        let bytes = lines.flatMap { $0.json.bytes + [UInt8(ascii: "\n")] }
        try Data(bytes.dropLast(cut)).write(to: URL(filePath: path))
    }

    @Test("bodies come back byte for byte, those that are no text as well")
    func bytes() throws {
        let lines = [line(0, Array("{ \"a\" : 1.0 }\n".utf8)), line(7, [0xFF, 0x00, 0x7B])]
        try write(lines)
        var read: [LedgerLine] = []
        try LedgerFile.read(path) { read.append($0) }
        #expect(read == lines)
        try FileManager.default.removeItem(atPath: path)
    }

    @Test("a last line that was cut short is taken off before more is added, and told where nothing is to be added")
    func cut() throws {
        try write([line(0, [0x7B]), line(1, [0x7D])], cut: 5)
        let length = line(0, [0x7B]).json.bytes.count + 1
        #expect(failure { () throws(Failure) in try LedgerFile.read(path) { _ in } }?.message.en.contains("cut short") == true)
        let tail = try LedgerFile.tail(of: path)
        #expect(tail.count == 1 && tail.last?.offset == 0)
        #expect(try Data(contentsOf: URL(filePath: path)).count == length)
        try FileManager.default.removeItem(atPath: path)
    }

    @Test("a line that is no record is named")
    func foreign() throws {
        try Data("{\"offset\":0}\n".utf8).write(to: URL(filePath: path))
        #expect(failure { () throws(Failure) in try LedgerFile.read(path) { _ in } }?.message.en.contains("line 1") == true)
        try FileManager.default.removeItem(atPath: path)
    }
}
