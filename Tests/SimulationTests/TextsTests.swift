import Foundation
import Regulation
import Simulation
import Testing
import Values

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
