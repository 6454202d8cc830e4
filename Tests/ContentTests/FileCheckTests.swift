import Content
import Regulation
import Testing
import Values

private let hash = String(repeating: "0a", count: 32)
private let otherHash = String(repeating: "0b", count: 32)

@Suite("A reference held against a file")
struct FileCheckTests {
    private let reference = FileReference(uri: "https://h/t/clip.mp4?x=1#a", mediaType: "video/mp4", bytes: 12, sha256: hash)

    @Test("references are read from messages, and what is none is passed over")
    func reading() {
        let data: JSON = [
            "files": [
                reference.json, ["uri": "x", "bytes": 1], ["uri": "x", "bytes": -1, "sha256": .string(hash)],
                ["uri": "x", "bytes": 1, "sha256": .string(hash.uppercased())], ["uri": "x", "bytes": 1, "sha256": "../../etc/passwd"],
            ]
        ]
        #expect(FileReference.list(in: data) == [reference])
        #expect(FileReference.list(in: [:]) == [])
        #expect(reference.title == "clip.mp4")
        #expect(FileReference(uri: "file:///x/\(hash)", name: "a b.txt", bytes: 1, sha256: hash).title == "a b.txt")
    }

    @Test("limits come from the type's schema")
    func limits() {
        let schema: JSON = ["properties": ["files": ["maxItems": 50, "items": ["properties": ["bytes": ["maximum": 1000]]]]]]
        #expect(FileLimits(schema: schema)?.count == 50)
        #expect(FileLimits(schema: schema)?.bytes == 1000)
        #expect(FileLimits(schema: ["properties": [:]]) == nil)
    }

    @Test(
        "media types agree where they mean the same",
        arguments: [
            ("video/mp4", "video/mp4", true), ("Video/MP4; codecs=x", "video/mp4", true), ("audio/wav", "audio/x-wav", true), ("text/csv", "text/plain", true),
            ("text/xml", "application/xml", true), ("application/json", "text/plain", true), ("image/jpg", "image/jpeg", true),
            ("video/mp4", "text/plain", false), ("video/mp4", "application/octet-stream", false), ("image/png", "image/jpeg", false),
            ("text/plain", "application/x-executable", false), ("application/pdf", "text/plain", false),
        ])
    func types(named: String, found: String, agree: Bool) {
        #expect(MediaType.agree(named: named, found: found) == agree)
    }

    @Test(
        "each aspect is judged by itself",
        arguments: [
            (FileFacts(bytes: 12, mediaType: "video/mp4", sha256: hash), [FileCheck.Aspect](), true),
            (FileFacts(bytes: 11, mediaType: "video/mp4", sha256: otherHash), [.bytes, .sha256], false),
            (FileFacts(bytes: 12, mediaType: "video/mp4", sha256: otherHash), [.sha256], false),
            (FileFacts(bytes: 12, mediaType: "text/html", sha256: hash), [.mediaType], true),
        ])
    func aspects(facts: FileFacts, wrong: [FileCheck.Aspect], exact: Bool) {
        let check = FileCheck(reference, .success(facts), wasKept: false)
        #expect(FileCheck.Aspect.allCases.filter { check.holds($0) == false } == wrong)
        #expect(check.holds == wrong.isEmpty)
        #expect(check.isExact == exact)
    }

    @Test("what could not be had is not said to be wrong in what nobody saw")
    func unseen() {
        let missing = FileCheck(reference, .failure(.missing), wasKept: false)
        #expect(FileCheck.Aspect.allCases.map { missing.holds($0) } == [false, nil, nil, nil])
        let long = FileCheck(reference, .failure(.tooLong), wasKept: false)
        #expect(FileCheck.Aspect.allCases.map { long.holds($0) } == [true, false, nil, nil])
        #expect(!missing.holds && !long.holds && !long.isExact)
        let untyped = FileReference(uri: "x", bytes: 12, sha256: hash)
        #expect(FileCheck(untyped, .success(FileFacts(bytes: 12, mediaType: "any/thing", sha256: hash)), wasKept: true).holds)
    }

    @Test(
        "how curl ended is told by cause",
        arguments: [
            (Int32(22), 404, FetchProblem.missing), (22, 410, .missing), (22, 403, .notPermitted), (22, 500, .failed("said")), (37, 0, .missing),
            (78, 0, .missing),
            (67, 0, .notPermitted), (63, 0, .tooLong), (63, 200, .tooLong), (63, 404, .missing), (63, 403, .notPermitted), (63, 502, .failed("HTTP 502")),
            (7, 0, .unreachable("said")), (6, 0, .unreachable("said")), (60, 0, .unreachable("said")),
            (1, 0, .badPlace),
            (3, 0, .badPlace), (18, 200, .failed("said")),
        ])
    func endings(code: Int32, status: Int, problem: FetchProblem) {
        #expect(FetchProblem(curl: code, status: status, said: "said") == problem)
    }
}

@Suite("Backups by name and date")
struct BackupPlanTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    @Test("an old one goes once enough newer ones are there and its day is over, and never the last")
    func retention() throws {
        let kept = try [("backup-1", "2026-01-10"), ("backup-2", "2026-03-01"), ("backup-3", "2026-01-12"), ("backup-4", "2026-01-13")].map {
            BackupPlan.Kept(name: $0.0, keptUntil: try day($0.1))
        }
        #expect(BackupPlan.removable(kept, keeping: 2, on: try day("2026-02-01")).map(\.name) == ["backup-1"])
        #expect(BackupPlan.removable(kept, keeping: 2, on: try day("2026-01-10")) == [])
        #expect(BackupPlan.removable(kept, keeping: 1, on: try day("2027-01-01")).map(\.name) == ["backup-3", "backup-2", "backup-1"])
        #expect(BackupPlan.removable([kept[0]], keeping: 0, on: try day("2027-01-01")) == [])
        #expect(BackupPlan.keptUntil(takenOn: try day("2026-01-01"), keeping: 8) == (try day("2026-02-25")))
    }

    @Test("a manifest is what sha256sum reads, and leads nowhere outside the backup")
    func manifest() {
        let lines = [BackupPlan.Line(sha256: hash, path: "ledger.jsonl"), .init(sha256: otherHash, path: "files/\(otherHash)")]
        let text = BackupPlan.manifest(lines)
        #expect(text == "\(hash)  ledger.jsonl\n\(otherHash)  files/\(otherHash)\n")
        #expect(BackupPlan.lines(ofManifest: text) == lines)
        for bad in ["", "x", "\(hash) a\n", "\(hash)  /etc/passwd\n", "\(hash)  files/../../x\n", "\(hash)  \n"] {
            #expect(BackupPlan.lines(ofManifest: bad) == nil, "\(bad)")
        }
    }

    @Test("names sort by local time")
    func names() {
        let local = LocalTime(Instant(milliseconds: 1_795_540_805_000), offset: .hours(7))
        #expect(BackupPlan.stamp(local) == "20261125-002005")
    }
}
