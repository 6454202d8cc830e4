import AgentKit
import Coordination
import Messages
import OperatorCommands
import Regulation
import Testing
import Values

/// Which records a range of a ledger takes.
@Suite("A part of a ledger")
struct LedgerRangeTests {
    /// Parties' messages, and the coordinator's marks with their times.
    private static let ledger = ["created", "m 08:00", "a", "b", "m 08:10", "c", "m 08:20", "d"]
    private let phrases = TimePhrase(now: Instant(CivilDate("2026-03-16")!, TimeOfDay("12:00")!, offset: .hours(7)), calendar: Regulation.standard.calendar)

    private func line(_ place: Int) -> LedgerLine {
        let text = LedgerRangeTests.ledger[place]
        let isMark = text.hasPrefix("m ")
        let body = isMark ? "{\"time\":\"2026-03-16T\(text.dropFirst(2)):00+07:00\"}" : "{\"id\":\"\(text)\"}"
        let user = isMark ? "coordinator" : "police"
        let carriage = Carriage(exchange: "phoihop", routingKey: "k", userID: user, messageID: text, contentType: Event.contentType)
        return LedgerLine(offset: Int64(place * 2), delivery: carriage, body: Array(body.utf8))
    }

    private func extract(_ from: String?, _ to: String?) throws -> [String] {
        var extract = LedgerExtract(try LedgerRange(from: from, to: to, phrases))
        var lines: [LedgerLine] = []
        for place in LedgerRangeTests.ledger.indices where !extract.isOver { lines += extract.take(line(place)) }
        lines += extract.finish()
        return lines.compactMap(\.carriage.messageID)
    }

    @Test(
        "all that may have come within it is taken, and nothing else",
        arguments: [
            (nil, nil, "created,m 08:00,a,b,m 08:10,c,m 08:20,d"), ("3", "5", "a,b,m 08:10"), ("7", nil, "m 08:20,d"), (nil, "2", "created,m 08:00"),
            ("08:05", "08:15", "a,b,m 08:10,c"), ("08:10", "08:10", "a,b,m 08:10,c"), ("08:30", nil, "d"), (nil, "07:00", "created"),
            ("08:10", "5", "a,b,m 08:10"), ("6", "08:19", "c"), ("07:00", "08:00", "created,m 08:00,a,b"),
        ] as [(String?, String?, String)])
    func ranges(_ from: String?, _ to: String?, _ expected: String) throws { #expect(try extract(from, to).joined(separator: ",") == expected) }

    @Test("what is no range is told", arguments: [("0", nil), ("5", "3"), ("09:00", "08:00"), ("soon", nil)] as [(String?, String?)])
    func wrong(_ from: String?, _ to: String?) {
        #expect(failure { () throws(Failure) in _ = try LedgerRange(from: from, to: to, phrases) }?.code == .usage)
    }
}
