import Content
import Messages
import OperatorCommands
import Regulation
import Testing
import Values

private let hash = String(repeating: "0a", count: 32)
private let reference = FileReference(uri: "https://h/t/clip.mp4", name: "clip\u{1B}[31m.mp4", mediaType: "video/mp4", bytes: 52_428_800, sha256: hash)
private let submitted = Event(id: "id", sender: "newspaper", type: "content.submitted", subject: "ND-1", time: now, data: [:])

@Suite("Files in messages, and what is said of them")
struct FileReportTests {
    @Test("--file makes references, and says that a copy is kept where the type has a word for it")
    func attached() throws {
        let submission = try publish("content.submitted", "--title", "x", "--answers-for", "A", "--file", "a.mp4", "--file=b.mp4", as: "newspaper")[0].event
            .data
        #expect(FileReference.list(in: submission).map(\.name) == ["a.mp4", "b.mp4"])
        #expect(submission["copyKept"] == true)
        let kept = try publish("content.copy-kept", "--subject", "ND-1", "--file", "a.mp4", as: "newspaper")[0].event.data
        #expect(kept["copyKept"] == nil && FileReference.list(in: kept).count == 1)
        let without = try publish("content.submitted", "--title", "x", "--answers-for", "A", as: "newspaper")[0].event.data
        #expect(without["copyKept"] == nil && without["files"] == nil)
        let own = try publish("content.submitted", "--title", "x", "--answers-for", "A", "--copy-kept", "no", "--file", "a.mp4", as: "newspaper")[0].event.data
        #expect(own["copyKept"] == false, "the sender's own word stands")
    }

    @Test("files beside references of others are added, and nothing is said to be kept of those")
    func mixed() throws {
        let data = try publish(
            "content.submitted", "--title", "x", "--answers-for", "A", "--files", reference.json.text, "--file", "a.mp4", as: "newspaper")[0].event.data
        #expect(FileReference.list(in: data).map(\.bytes) == [reference.bytes, 12])
        #expect(data["copyKept"] == nil)
    }

    @Test("one file does not go with many messages, nor with a type that names none")
    func refused() throws {
        let two = "{\"title\":\"x\",\"answersFor\":\"A\"}\n{\"title\":\"y\",\"answersFor\":\"A\"}\n"
        let many = try #require(failure { () throws(Failure) in _ = try publish("content.submitted", "--file", "a", as: "newspaper", data: two) })
        #expect(many.message.en.contains("--file is for one message"))
        let none = try #require(failure { () throws(Failure) in _ = try publish("incident.detected", "--file", "a") })
        #expect(none.code == .usage)
        let missing = try #require(failure { () throws(Failure) in _ = try publish("content.copy-kept", "--subject", "ND-1", as: "newspaper") })
        #expect(missing.message.en.contains("--file is missing"))
    }

    @Test("limits are the schema's, and other types have none")
    func limitsOfFiles() {
        func limits(_ type: String) -> FileLimits? { FileLimits(of: Regulation.standard.messageType(type)) }
        #expect(limits("content.submitted") == limits("content.published"))
        #expect(limits("content.submitted")?.count == 50)
        #expect(limits("incident.detected") == nil)
    }

    private func lines(_ checks: [FileCheck], _ language: Language) -> String {
        FileReport(subject: "ND-1", submission: submitted, checks, content: Regulation.standard.content).lines(language, on: Screen()).joined(separator: "\n")
    }

    @Test("what is right is told with what to do next")
    func right() {
        let check = FileCheck(reference, .success(FileFacts(bytes: 52_428_800, mediaType: "video/mp4", sha256: hash)), wasKept: false)
        let text = lines([check], .vi)
        #expect(text.contains("đúng, đã lưu") && text.contains("52\u{00A0}428\u{00A0}800"))
        #expect(text.contains("Tiếp theo: phoihop publish content.vetted --subject ND-1 --to newspaper --outcome accepted"))
        #expect(!text.contains("\u{1B}"), "a name cannot steer the terminal")
        #expect(FileReport(subject: "ND-1", submission: nil, [check], content: nil).holds)
    }

    @Test("each thing that can be wrong is told with its reason and with what to do, in both languages", arguments: Language.allCases)
    func wrong(language: Language) {
        let problems: [FetchProblem] = [
            .badPlace, .missing, .notPermitted, .unreachable("x"), .tooLong, .timedOut(after: .seconds(9)), .notKept(Wording(vi: "x", en: "x")), .failed("x"),
        ]
        var checks = problems.map { FileCheck(reference, .failure($0), wasKept: false) }
        checks.append(FileCheck(reference, .success(FileFacts(bytes: 1, mediaType: "text/plain", sha256: hash)), wasKept: false))
        checks.append(
            FileCheck(reference, .success(FileFacts(bytes: 52_428_800, mediaType: "video/mp4", sha256: hash.replacing("0a", with: "0b"))), wasKept: false))
        var reasons: Set<String> = []
        for check in checks {
            let found = FileReport.problems(check)
            #expect(!found.isEmpty)
            for problem in found {
                reasons.insert(problem.reason[language])
                #expect(!problem.remedy[language].isEmpty)
                #expect(lines([check], language).contains(shown(problem.reason[language])))
            }
        }
        #expect(reasons.count == checks.count + 1, "a wrong length and a wrong type of one file are two things")
        #expect(lines(checks, language).contains("0/10"))
        #expect(lines(checks, language).contains("--outcome returned"))
    }
}

@Suite("What is posted, for people")
struct ContentReportTests {
    private func event(_ type: String, _ subject: String, hours: Int64, exercise: Bool = false, _ data: JSON) -> Event {
        Event(
            id: "\(type)/\(subject)", sender: type == "content.submitted" ? "newspaper" : "information-dept", type: type, subject: subject,
            time: now - .hours(hours), data: data, exercise: exercise)
    }

    private func report(kept: Bool) throws -> ContentReport {
        var board = ContentBoard(try #require(Regulation.standard.content))
        board.read(event("content.submitted", "ND-1", hours: 50, ["title": "Chợ phiên", "files": [reference.json]]))
        board.read(
            event("content.published", "ND-2", hours: 30, ["title": "Lễ hội", "devices": ["led-screen"], "until": "2026-12-31", "files": [reference.json]]))
        board.read(event("content.challenged", "ND-7", hours: 2, ["contentTitle": "x", "publication": "ND-2"]))
        board.read(event("content.published", "ND-3", hours: 3, exercise: true, ["title": "thử"]))
        board.read(event("content.vetted", "ND-4", hours: 1, ["outcome": "refused"]))
        board.read(event("content.withdrawn", "ND-8", hours: 1, [:]))
        return ContentReport(board, at: now, regulation: .standard) { _ in kept }
    }

    @Test("what is posted and what waits how long, a drill marked, a challenge named, what is lacking told")
    func lines() throws {
        let text = try report(kept: false).lines(all: false, .en, on: Screen()).joined(separator: "\n")
        #expect(text.contains("ND-2  Lễ hội (challenged: ND-7)"))
        #expect(text.contains("31/12/2026") && text.contains("led-screen") && text.contains("1, 1 not kept"))
        #expect(text.contains("[EXERCISE] thử"))
        let waiting = try #require(text.split(separator: "\n").first { $0.hasPrefix("ND-1") })
        #expect(waiting.contains("newspaper") && waiting.contains("to be checked and vetted") && waiting.contains("2 d 2 h"))
        #expect(text.contains("does not say which content (give --publication CASE): ND-8"))
        #expect(!text.contains("ND-4"))
        let all = try report(kept: true).lines(all: true, .vi, on: Screen()).joined(separator: "\n")
        #expect(all.contains("ĐÃ XONG") && all.contains("đã từ chối") && all.contains("tệp đã đúng, chờ thẩm định") && !all.contains("chưa lưu"))
    }

    @Test("as data it is all there")
    func json() throws {
        let json = try report(kept: false).json
        #expect(json["posted"]?.array?.compactMap { $0["subject"]?.string } == ["ND-2", "ND-3"])
        #expect(json["posted"]?.array?.first?["notKept"] == 1)
        #expect(json["onTheWay"]?.array?.first?["stage"] == "submitted")
        #expect(json["over"]?.array?.first?["stage"] == "refused")
        #expect(json["unplaced"] == ["ND-8"])
    }
}

@Suite("Sizes for people")
struct SizeTests {
    @Test("thousands apart, lengths rounded up")
    func sizes() {
        #expect([0, 999, 1_000, 52_428_800, -1_234].map { grouped($0) } == ["0", "999", "1\u{00A0}000", "52\u{00A0}428\u{00A0}800", "-1234"])
        #expect([999, 1_000, 1_001, 999_999, 1_000_001].map { size($0) } == ["999 B", "1 kB", "2 kB", "1000 kB", "2 MB"])
    }

    @Test("the doctor names each missing program with its package")
    func doctor() {
        #expect(Check.tools(missing: []).isFine)
        let check = Check.tools(missing: [("/usr/bin/curl", "curl"), ("/usr/bin/file", "file")])
        #expect(!check.isFine && check.remedy?.en == "run apt-get install curl file")
    }
}
