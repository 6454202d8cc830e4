import Messages
import Regulation
import Testing
import Values

@testable import Coordination

@Suite("Answers to status and explain are bounded, and say whether they are whole")
struct StatusBoardTests {
    /// The least room in which there is some for items.
    private static let limit = 40 * 1024

    /// So many incidents with the longest title and subject there may be, all of them characters of four bytes.
    private func gate(_ count: Int) -> Gate {
        var gate = Gate(on: "2026-03-16")
        let title = String(repeating: "\u{1F41E}", count: 200)
        for number in 0..<count {
            let subject = "SC-\(number)-" + String(repeating: "\u{1F41E}", count: 22)
            let minute = number % 50
            gate.at(
                "08:55", "border-guard", "incident.detected", subject,
                [
                    "kind": "technical", "occurredAt": .string("2026-03-16T08:\(minute < 10 ? "0" : "")\(minute):00+07:00"), "title": .string(title),
                    "device": "led-screen",
                ])
        }
        gate.run(until: "09:30")
        return gate
    }

    private func pages(_ state: LedgerState, asOf now: Instant, party: PartyID? = nil) throws -> [JSON] {
        var pages: [JSON] = []
        repeat {
            var question: JSONObject = ["ask": "status"]
            question["from"] = pages.last?["next"]
            question["party"] = party.map { .string($0) }
            let request = try #require(StatusBoard.Request(.object(question)))
            pages.append(StatusBoard(state).page(request, asOf: now, limit: StatusBoardTests.limit))
        } while pages.last?["next"] != nil && pages.count < 100
        return pages
    }

    private func names(_ pages: [JSON], _ list: String, _ name: String) -> [String] {
        pages.flatMap { ($0[list]?.array ?? []).compactMap { $0[name]?.string } }
    }

    @Test("page after page all is told once, the longest overdue first, and no page is more than the broker takes")
    func walk() throws {
        let gate = gate(20)
        let pages = try pages(gate.state, asOf: gate.now)
        #expect(pages.count > 2)
        for page in pages {
            #expect(page.bytes.count <= StatusBoardTests.limit && page["complete"] == false)
            #expect(page["counts"]?["incidents"] == 20)
        }
        let ids = names(pages, "obligations", "id")
        let open = gate.state.obligations.values.filter(\.isOpen)
        #expect(ids.count == open.count && Set(ids) == Set(open.map(\.id)) && pages[0]["counts"]?["obligations"]?.int == Int64(open.count))
        let subjects = names(pages, "incidents", "subject")
        #expect(subjects.count == 20 && Set(subjects).count == 20)
        let deadlines = pages.flatMap { ($0["obligations"]?.array ?? []).map { $0["deadline"]?.instant?.milliseconds ?? .max } }
        #expect(deadlines == deadlines.sorted() && deadlines.contains(gate.instant("09:00").milliseconds))
        #expect(pages[0]["counts"]?["overdue"]?.int == Int64(open.count { ($0.deadline ?? gate.now) < gate.now }))
    }

    @Test("a small state is told whole")
    func whole() {
        let gate = gate(3)
        let status = gate.state.status(asOf: gate.now)
        #expect(status["complete"] == true && status["next"] == nil && status["incidents"]?.array?.count == 3)
    }

    @Test("between two pages what was settled is gone, what is new comes in its place, and nothing else moves")
    func steady() throws {
        var gate = gate(20)
        let before = Set(names(try pages(gate.state, asOf: gate.now), "incidents", "subject"))
        let first = StatusBoard(gate.state).page(StatusBoard.Request(), asOf: gate.now, limit: StatusBoardTests.limit)
        let told = names([first], "incidents", "subject")
        gate.at("09:31", "border-guard", "incident.resolved", told[0], ["resolvedAt": "2026-03-16T09:30:00+07:00", "measures": "x", "officer": "y"])
        gate.run(until: "09:32")
        var rest: [JSON] = []
        var next = first["next"]
        while let from = next {
            let request = try #require(StatusBoard.Request(["from": from]))
            rest.append(StatusBoard(gate.state).page(request, asOf: gate.now, limit: StatusBoardTests.limit))
            next = rest.last?["next"]
        }
        let all = told + names(rest, "incidents", "subject")
        #expect(all.count == 20 && Set(all) == before && told.count < 20)
    }

    @Test("a party's own page holds what it owes, and the incidents that this is about")
    func own() throws {
        let gate = gate(20)
        let pages = try pages(gate.state, asOf: gate.now, party: "border-guard")
        #expect(pages.allSatisfy { ($0["obligations"]?.array ?? []).allSatisfy { $0["obligor"] == "border-guard" } })
        #expect(names(pages, "incidents", "subject").count == 20)
        let other = try self.pages(gate.state, asOf: gate.now, party: "fatherland-front")
        #expect(names(other, "incidents", "subject").isEmpty && other[0]["complete"] == true)
    }

    @Test("no more than is asked for")
    func atMost() throws {
        let gate = gate(20)
        let request = try #require(StatusBoard.Request(["atMost": 0]))
        let page = StatusBoard(gate.state).page(request, asOf: gate.now)
        #expect(page["obligations"] == [] && page["incidents"] == [] && page["complete"] == false && page["counts"]?["incidents"] == 20)
    }

    @Test(
        "what cannot be meant is no request",
        arguments: [
            ["party": 1], ["party": .string(String(repeating: "x", count: 300))], ["atMost": -1], ["atMost": "5"], ["atMost": 1.5], ["from": "x"], ["from": []],
            ["from": ["obligations": ["after": 5]]], ["from": ["incidents": false]], ["from": ["incidents": ["after": "x", "at": "y"]]],
            ["from": ["obligations": ["after": .string(String(repeating: "x", count: 300))]]],
        ] as [JSON])
    func senseless(_ question: JSON) { #expect(StatusBoard.Request(question) == nil) }

    @Test(
        "any place may be asked from",
        arguments: [Int64.min, -1, 0, 1_773_626_400_000, Int64.max] as [Int64])
    func anyPlace(_ milliseconds: Int64) throws {
        let gate = gate(3)
        let place: JSON = ["at": .int(milliseconds), "after": ""]
        let request = try #require(StatusBoard.Request(["from": ["obligations": place, "incidents": place], "atMost": .int(.max)]))
        let page = StatusBoard(gate.state).page(request, asOf: gate.now)
        let hasDeadline = (page["obligations"]?.array ?? []).contains { $0["deadline"] != nil }
        #expect(hasDeadline == (milliseconds < gate.now.milliseconds))
    }

    @Test("an explanation of a case with thousands of records is cut in the middle, and counts what it leaves out")
    func explanation() throws {
        var gate = gate(1)
        let subject = try #require(gate.state.status(asOf: gate.now)["incidents"]?.array?.first?["subject"]?.string)
        for _ in 0..<150 {
            gate.at(
                "10:00", "border-guard", "incident.notified", subject,
                ["kind": "technical", "occurredAt": "2026-03-16T08:00:00+07:00", "title": "x", "officer": "y"])
        }
        gate.run(until: "11:30")
        for id in [subject, "incident.notify-department/" + subject] {
            let answer = gate.state.explain(id)
            #expect(answer["found"] == true && answer["complete"] == false && answer.bytes.count <= StatusBoard.maximumBytes)
            #expect((answer["evidence"]?.array?.count ?? 0) + Int(answer["cut"]?["evidence"]?.int ?? 0) == 151)
            #expect(gate.state.explain(id, limit: 20_000).bytes.count <= 20_000)
        }
        #expect(gate.state.explain("nothing of the kind")["complete"] == true)
    }
}
