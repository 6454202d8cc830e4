import Content
import Files
import Messages
import Regulation
import Values

/// What came of holding the files of a case against their references, made for people.
public struct FileReport: Sendable {
    private let subject: String
    private let checks: [FileCheck]
    private let submission: Event?
    private let content: ContentTypes?

    /// A report of these checks. `submission` is the last message that names the files; `content` tells what becomes of what is handed in.
    public init(subject: String, submission: Event?, _ checks: [FileCheck], content: ContentTypes?) {
        (self.subject, self.submission, self.checks, self.content) = (subject, submission, checks, content)
    }

    /// Whether every file is what its reference says.
    public var holds: Bool { checks.allSatisfy(\.holds) }

    /// The report, line by line: the table, what is wrong with each file and what to do, and what to do next.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        let heads =
            vi ? ["TỆP", "CÓ TỆP", "DUNG LƯỢNG", "KIỂU TỆP", "SHA-256", "KẾT QUẢ"] : ["FILE", "THERE", "BYTES", "MEDIA TYPE", "SHA-256", "RESULT"]
        let rows = checks.map { check in
            [
                Table.Cell(shown(check.reference.title)), cell(check, .existence, vi), cell(check, .bytes, vi), cell(check, .mediaType, vi),
                cell(check, .sha256, vi),
                check.holds
                    ? Table.Cell(check.wasKept ? (vi ? "đúng, lưu từ trước" : "right, kept before") : (vi ? "đúng, đã lưu" : "right, kept"), .green)
                    : Table.Cell(vi ? "SAI" : "WRONG", .red),
            ]
        }
        let wrong = checks.filter { !$0.holds }
        var lines = Table(heads, rows: rows, flexible: [0: 12, 3: 10]).lines(on: screen)
        if !wrong.isEmpty { lines.append("") }
        for check in wrong {
            for problem in FileReport.problems(check) {
                lines.append(screen.paint(shown(check.reference.title), .red) + ": " + shown(problem.reason[language]))
                lines.append((vi ? "    Cần: " : "    To do: ") + shown(problem.remedy[language]))
            }
        }
        lines += ["", summary[language]]
        if let next { lines.append((vi ? "Tiếp theo: " : "Next: ") + next) }
        return lines
    }

    /// What is said next of content that was handed in.
    private var next: String? {
        guard let submission, submission.type == content?.submitted, let vetted = content?.vetted, let subject = submission.subject else { return nil }
        let rest = holds ? "accepted" : "returned --reason …"
        return "phoihop publish \(vetted) --subject \(shown(subject)) --to \(submission.sender) --outcome \(rest) --officer …"
    }

    private var summary: Wording {
        let right = checks.count { $0.holds }
        if holds {
            return Wording(
                vi: "\(checks.count)/\(checks.count) tệp đúng như tin, đã lưu đủ.",
                en: "\(checks.count)/\(checks.count) files are what the message says, and kept.")
        }
        let again = "phoihop files check \(shown(subject))"
        return Wording(
            vi: "\(right)/\(checks.count) tệp đúng như tin. Kiểm tra lại (tệp đã đúng không phải lấy lại): \(again)",
            en: "\(right)/\(checks.count) files are what the message says. To check again (what was right is not fetched again): \(again)")
    }

    private func cell(_ check: FileCheck, _ aspect: FileCheck.Aspect, _ vi: Bool) -> Table.Cell {
        let facts = try? check.outcome.get()
        guard let holds = check.holds(aspect) else { return Table.Cell("–", .dim) }
        let word = holds ? (vi ? "có" : "yes") : (vi ? "KHÔNG" : "NO")
        let text =
            switch (aspect, facts) {
            case (.existence, _): word
            case (.bytes, let facts?): grouped(facts.bytes) + (holds ? "" : " ≠ " + grouped(check.reference.bytes))
            case (.bytes, nil): "> " + grouped(check.reference.bytes)
            case (.mediaType, let facts?): shown(facts.mediaType) + (holds ? "" : " ≠ " + shown(check.reference.mediaType ?? ""))
            default: holds ? (vi ? "khớp" : "matches") : (vi ? "KHÁC" : "DIFFERS")
            }
        return Table.Cell(text, holds ? nil : .red)
    }

    /// What is wrong with a file, each with what to do. Nothing where it is what its reference says.
    public static func problems(_ check: FileCheck) -> [(reason: Wording, remedy: Wording)] {
        switch check.outcome {
        case .failure(let problem): return [words(problem, check.reference)]
        case .success(let facts):
            var problems: [(reason: Wording, remedy: Wording)] = []
            if check.holds(.bytes) == false {
                problems.append(
                    (
                        Wording(
                            vi: "tệp dài \(grouped(facts.bytes)) byte, tin ghi \(grouped(check.reference.bytes))",
                            en: "the file has \(grouped(facts.bytes)) bytes, the message says \(grouped(check.reference.bytes))"), sendAgain
                    ))
            } else if check.holds(.sha256) == false {
                problems.append(
                    (
                        Wording(
                            vi: "nội dung tệp không phải nội dung đã gửi: SHA-256 là \(facts.sha256), tin ghi \(check.reference.sha256)",
                            en: "these are not the bytes that were submitted: their SHA-256 is \(facts.sha256), the message says \(check.reference.sha256)"),
                        sendAgain
                    ))
            }
            if check.holds(.mediaType) == false {
                let named = check.reference.mediaType ?? ""
                problems.append(
                    (
                        Wording(vi: "kiểu tệp là \(facts.mediaType), tin ghi \(named)", en: "the file is \(facts.mediaType), the message says \(named)"),
                        Wording(
                            vi: "mở thử tệp; nếu tệp dùng được, chấp nhận kèm lý do: --files-unchecked-reason …; nếu không, trả lại",
                            en: "open the file; if it can be used, accept it with the reason: --files-unchecked-reason …; else return it")
                    ))
            }
            return problems
        }
    }

    private static let sendAgain = Wording(
        vi: "đề nghị đơn vị cung cấp gửi lại (tệp đã thay đổi sau khi gửi, hoặc truyền thiếu)",
        en: "have the submitter send it again (it was changed after it was submitted, or cut short on its way)")

    private static func words(_ problem: FetchProblem, _ reference: FileReference) -> (reason: Wording, remedy: Wording) {
        let uri = shown(reference.uri)
        switch problem {
        case .badPlace:
            return (
                Wording(vi: "không lấy tệp theo địa chỉ này được: \(uri)", en: "files are not fetched from such an address: \(uri)"),
                Wording(
                    vi: "đề nghị đơn vị cung cấp gửi lại với địa chỉ \(FileStore.protocols.joined(separator: ", "))",
                    en: "have the submitter send it again under an address of \(FileStore.protocols.joined(separator: ", "))")
            )
        case .missing:
            return (
                Wording(vi: "không có tệp tại \(uri)", en: "there is no file at \(uri)"),
                Wording(
                    vi: "đề nghị đơn vị cung cấp đưa tệp trở lại; nếu địa chỉ là file: của máy khác, đơn vị đó cần đặt PHOIHOP_FILES_URI (phoihop help files)",
                    en: "have the submitter put it back; where the address is a file: of another machine, it must set PHOIHOP_FILES_URI (phoihop help files)")
            )
        case .notPermitted:
            return (
                Wording(vi: "máy chủ không cho lấy tệp: \(uri)", en: "the server does not let us have \(uri)"),
                Wording(vi: "đề nghị đơn vị cung cấp cho bên tiếp nhận quyền đọc", en: "have the submitter let the receiver read it")
            )
        case .unreachable(let said):
            return (
                Wording(vi: "không kết nối được tới nơi giữ tệp \(uri): \(said)", en: "the machine that keeps \(uri) cannot be reached: \(said)"),
                Wording(vi: "kiểm tra đường truyền, rồi kiểm tra lại", en: "see to the line, then check again")
            )
        case .tooLong:
            return (
                Wording(
                    vi: "tệp dài hơn \(grouped(reference.bytes)) byte ghi trong tin",
                    en: "the file is longer than the \(grouped(reference.bytes)) bytes that the message says"),
                sendAgain
            )
        case .timedOut(let span):
            return (
                Wording(
                    vi: "chưa lấy xong tệp sau \(span.milliseconds / 1000) giây: \(uri)",
                    en: "the file did not come within \(span.milliseconds / 1000) s: \(uri)"),
                Wording(vi: "kiểm tra đường truyền, rồi kiểm tra lại", en: "see to the line, then check again")
            )
        case .notKept(let why):
            return (
                Wording(vi: "máy này chưa lưu được tệp: \(why.vi)", en: "this machine could not keep the file: \(why.en)"),
                Wording(vi: "sửa máy này (phoihop doctor), rồi kiểm tra lại", en: "mend this machine (phoihop doctor), then check again")
            )
        case .failed(let said):
            return (
                Wording(vi: "không lấy được tệp \(uri): \(said)", en: "\(uri) could not be fetched: \(said)"),
                Wording(vi: "kiểm tra lại sau; nếu vẫn vậy, hỏi đơn vị cung cấp", en: "check again later; if it stays so, ask the submitter")
            )
        }
    }

    /// The report as data. `path` tells where a file lies in the store.
    public func json(path: (String) -> String) -> JSON {
        .compact([
            "subject": .string(subject), "submitter": submission.map { .string($0.sender) }, "holds": .bool(holds),
            "files": .array(
                checks.map { check in
                    let facts = try? check.outcome.get()
                    return .compact([
                        "file": check.reference.json, "holds": .bool(check.holds), "wasKept": .bool(check.wasKept),
                        "path": check.isExact ? .string(path(check.reference.sha256)) : nil,
                        "found": facts.map { ["bytes": .int($0.bytes), "mediaType": .string($0.mediaType), "sha256": .string($0.sha256)] },
                        "aspects": .object(
                            JSONObject(
                                members: FileCheck.Aspect.allCases.compactMap { aspect in
                                    check.holds(aspect).map { .init(key: aspect.rawValue, value: .bool($0)) }
                                })),
                        "problems": .array(FileReport.problems(check).map { ["reason": $0.reason.json, "todo": $0.remedy.json] }),
                    ])
                }),
        ])
    }
}

extension Failure {
    /// A file that could not be kept or read.
    public init(_ error: FilesError, at place: Wording = Wording(vi: "", en: "")) {
        let code: ExitCode = if case .toolMissing = error { .unavailable } else { error.isOfThisMachine ? .cannotCreate : .badData }
        let prefix = place.map { _, text in text.isEmpty ? "" : text + ": " }
        self.init(code, vi: prefix.vi + shown(error.text.vi), en: prefix.en + shown(error.text.en))
    }
}
