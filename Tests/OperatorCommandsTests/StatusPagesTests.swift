import OperatorCommands
import Regulation
import Testing
import Values

@Suite("A status that comes in pages is put together, and what is shown of it fits an officer's eye")
struct StatusPagesTests {
    private func page(_ range: Range<Int>, of count: Int, records: Int64 = 7) -> JSON {
        .compact([
            "asOf": "2026-11-24T21:43:00+07:00", "leader": "a/1", "ledger": ["records": .int(records), "refused": 0],
            "counts": ["obligations": .int(Int64(count)), "overdue": 3, "incidents": 1], "complete": .bool(range == 0..<count),
            "obligations": .array(
                range.map { number in
                    [
                        "id": .string("d/\(number)"), "duty": "d", "title": ["vi": "việc", "en": "duty"], "basis": "law", "obligor": "border-guard",
                        "subject": .string("SC-\(number)"), "deadline": "2026-11-24T21:35:00+07:00", "state": "overdue", "exercise": false,
                    ]
                }), "incidents": range.lowerBound == 0 ? [["subject": "SC-1", "state": "detected"]] : [], "agents": [],
            "next": range.upperBound < count ? ["obligations": ["after": .string("d/\(range.upperBound - 1)")]] : nil,
        ])
    }

    @Test("each page is asked for by the one before, and together they are the whole")
    func whole() throws {
        var pages = StatusPages()
        #expect(pages.question == ["ask": "status"] && pages.answer == nil)
        pages.pageRead(page(0..<40, of: 100))
        #expect(pages.question == ["ask": "status", "from": ["obligations": ["after": "d/39"]]] && pages.answer?["complete"] == false)
        pages.pageRead(page(39..<80, of: 100))
        pages.pageRead(page(80..<100, of: 100))
        #expect(pages.question == nil)
        let answer = try #require(pages.answer)
        #expect(answer["obligations"]?.array?.compactMap { $0["id"]?.string } == (0..<100).map { "d/\($0)" })
        #expect(answer["incidents"]?.array?.count == 1 && answer["complete"] == true && answer["next"] == nil && answer["steady"] == nil)
    }

    @Test("that the ledger grew meanwhile is told")
    func growing() {
        var pages = StatusPages()
        pages.pageRead(page(0..<40, of: 50))
        pages.pageRead(page(40..<50, of: 50, records: 8))
        #expect(pages.answer?["steady"] == false && pages.answer?["complete"] == true)
    }

    @Test("a page that leads back to itself ends the asking, and the whole is not called complete")
    func circle() {
        var pages = StatusPages()
        pages.pageRead(page(0..<40, of: 50))
        pages.pageRead(page(0..<40, of: 50))
        #expect(pages.question == nil && pages.answer?["complete"] == false)
    }

    @Test("of ten thousand the counts come first, then the most urgent, then how many more there are")
    func cut() throws {
        let text = try #require(StatusReport(page(0..<25, of: 10_000), regulation: .standard)).lines(.en, on: Screen(columns: 80))
        #expect(text[1] == "IN ALL: 10000 owed, 3 overdue; 1 incidents open")
        #expect(text[3] == "OWED (10000)" && text.contains("… and 9975 more: phoihop status --all") && text.count < 40)
        #expect(text.allSatisfy { width($0) <= 80 })
    }
}
