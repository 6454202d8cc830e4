import Foundation
import Regulation
import Testing
import Values

@testable import Simulation

/// Other texts than this Decision, each a folder with its own offices, messages, hours and duties: played by the same program, which knows none of them.
@Suite struct TextsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../texts").standardizedFileURL

    private static func files(_ folder: String, _ suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).filter { $0.hasSuffix(suffix) }.sorted()
    }

    private static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appending(path: path))) }

    private static func regulation(_ text: String) throws -> Regulation {
        let hasMessages = FileManager.default.fileExists(atPath: root.appending(path: text + "/messages").path)
        let schemas = try hasMessages ? files(text + "/messages", ".json").map { (file: $0, bytes: try bytes("\(text)/messages/\($0)")) } : []
        return try Regulation(RegulationText(bytes(text + "/regulation.json"), schemas: schemas))
    }

    @Test(arguments: ["dam", "gate"]) func everyDutyIsMetInOneStoryAndOverdueInAnother(_ text: String) throws {
        let regulation = try Self.regulation(text)
        var stories: [Coverage.Story] = []
        for file in try Self.files(text, ".scenario") {
            let scenario = try Scenario(parsing: String(decoding: Self.bytes("\(text)/\(file)"), as: UTF8.self), regulation: regulation)
            let performance = Performance(of: scenario)
            for result in performance.results where !result.isMet { Issue.record("\(text)/\(file): \(result)") }
            stories.append(Coverage.Story(file, performance))
        }
        let coverage = Coverage(of: regulation, shownBy: stories)
        #expect(coverage.isComplete, "\(coverage.rows.filter { !$0.gaps.isEmpty }.map { "\($0.duty.id): \($0.gaps)" }) \(coverage.failed)")
    }

    /// A party, a device, a message type, a kind of case and a duty are a row each, and a type's schema a file; nothing else is touched, and nothing is built.
    @Test(arguments: ["told.scenario", "untold.scenario"]) func whatIsAddedIsARow(_ file: String) throws {
        var text = try #require(Regulation.standard.source.object)
        let rows = try #require(JSON(parsing: Self.bytes("addition/rows.json")).object)
        for section in rows.members where section.key != "groups" {
            text[section.key] = .array((text[section.key]?.array ?? []) + (section.value.array ?? []))
        }
        var groups = try #require(text["groups"]?.object)
        for group in rows["groups"]?.object?.members ?? [] { groups[group.key] = .array((groups[group.key]?.array ?? []) + (group.value.array ?? [])) }
        text["groups"] = .object(groups)
        let schemas = try Self.files("addition/messages", ".json").map { (file: $0, bytes: try Self.bytes("addition/messages/\($0)")) }
        let regulation = try Regulation(RegulationText(JSON.object(text).bytes, schemas: schemas))
        let scenario = try Scenario(parsing: String(decoding: Self.bytes("addition/\(file)"), as: UTF8.self), regulation: regulation)
        for result in Performance(of: scenario).results where !result.isMet { Issue.record("\(file): \(result)") }
    }

    /// What is owed at a time of the day is done then, whatever it is, and what the text has verbs for is done in a year of all parties at work.
    @Test(arguments: [("dam", "level.report-daily"), ("gate", "wall.close-day")])
    func thePartiesWorkUnderAnyText(_ text: String, _ daily: String) throws {
        let regulation = try Self.regulation(text)
        let routine = Performance(of: try Scenario(parsing: "from 2026-05-04 to 2026-05-10\nroutine", regulation: regulation))
        let days = routine.standings.filter { $0.duty == daily }
        #expect(days.count == 7 && days.allSatisfy { if case .fulfilled = $0.outcome { !$0.isLate } else { false } })
        let year = try Scenario(parsing: "from 2026-01-01 to 2026-12-31\nwork 7", regulation: regulation)
        #expect(year.undone.map { "\($0.text): \($0.why.en)" } == [])
        let work = Performance(of: year)
        let outcomes = work.standings.filter { $0.duty == daily }
        #expect(outcomes.count == 365 && outcomes.contains(where: \.isLate))
        #expect(!work.story.contains { $0.type == SystemType.messageRefused })
        if text == "gate" {
            let told = work.standings.filter { $0.duty == "failure.tell-office" }
            #expect(told.count > 50 && told.contains(where: \.isLate) && told.contains { if case .fulfilled = $0.outcome { !$0.isLate } else { false } })
        }
    }

    /// A word is the text's: under another it means nothing, and one that means something else there says that.
    @Test func aVerbIsTheTextsOwn() throws {
        let story = "date 2026-08-10\n12:00 dam-company decides-release releasesAt=18:00"
        let dam = try Self.regulation("dam")
        let said = try Scenario(parsing: story, regulation: dam).acts.compactMap { act in if case .says(let event, _) = act.what { event } else { nil } }
        #expect(said.map(\.type) == ["release.decided"] && said.first?.subject == "XL-1" && said.first?.data["title"] == "đợt xả lũ theo kịch bản")
        let error = try #require(throws: ScenarioError.self) { try Scenario(parsing: "date 2026-08-10\n12:00 dam-company notifies XL-1", regulation: dam) }
        #expect(error.problems.first?.text.en.hasPrefix("there is no verb “notifies”") == true)
        // The parties' work goes on without what a word of another meaning has no place for.
        var source = try #require(dam.source.object)
        let types = try #require(source["messageTypes"]?.array)
        source["messageTypes"] = .array(
            types.map { type in
                guard type["type"] == "level.reported", var row = type.object else { return type }
                row["verbs"] = [["words": ["backs-up", "sao-lưu"]], ["words": ["submits", "cung-cấp"]]]
                return .object(row)
            })
        let year = try Scenario(parsing: "from 2026-05-04 to 2026-05-31\nwork 7", regulation: Regulation(json: .object(source)))
        #expect(!year.undone.isEmpty && !year.acts.isEmpty)
    }

    @Test func aSchemaOfTheTextsOwnIsRead() throws {
        let regulation = try Self.regulation("dam")
        #expect(regulation.title(of: "release.warned").vi == "Đã báo hạ du")
        // What goes into the ledger holds it.
        #expect(try Regulation(json: regulation.source).schema(of: "release.warned") == regulation.schema(of: "release.warned"))
        #expect(try Regulation(json: regulation.source).digest == regulation.digest)
        #expect(Regulation.standard.schema(of: "release.warned") == nil)
    }

    @Test(arguments: [
        ("messages/x.y.v1.json", "x.y.v1.json", "{", "messages/x.y.v1.json"), ("messages/xy.json", "xy.json", "{}", "messages/xy.json"),
        ("no such type", "x.y.v1.json", #"{"title":"X","x-title":{"vi":"Y"},"description":"X","x-description":{"vi":"Y"},"type":"object"}"#, "/schemas/x.y"),
        ("outside the subset", "release.warned.v1.json", #"{"type":"object","oneOf":[]}"#, "/schemas/release.warned"),
        (
            "the system's own", "duty.overdue.v1.json", #"{"title":"X","x-title":{"vi":"Y"},"description":"X","x-description":{"vi":"Y"},"type":"object"}"#,
            "/schemas/duty.overdue"
        ),
    ])
    func aSchemaThatCannotBeUsedIsToldWithItsPlace(_ what: String, _ file: String, _ schema: String, _ place: String) throws {
        let text = RegulationText(try Self.bytes("dam/regulation.json"), schemas: [(file, Array(schema.utf8))])
        let error = try #require(throws: RegulationError.self) { try Regulation(text) }
        #expect(error.problems.contains { $0.pointer.hasPrefix(place) && !$0.reason.vi.isEmpty }, "\(error)")
    }
}
