import Messages
import Regulation
import Values

/// The coordinator's answer to "explain", made for people.
public struct Explanation: Sendable {
    private let answer: JSON
    private let id: String
    private let regulation: Regulation
    private let now: Instant

    /// An answer to a question about an id. Nil where it is none.
    public init?(_ answer: JSON, id: String, regulation: Regulation, now: Instant) {
        guard answer["found"]?.bool != nil else { return nil }
        (self.answer, self.id, self.regulation, self.now) = (answer, id, regulation, now)
    }

    /// Whether the coordinator knows the id.
    public var isFound: Bool { answer["found"]?.bool ?? false }

    /// That nothing of this id is known, with what comes near.
    public var notFound: Failure {
        let near = (answer["near"]?.array ?? []).compactMap(\.string).map(shown)
        let list = near.map { "\n    \($0)" }.joined()
        return Failure(
            .badData, vi: "Sổ cái không có mã “\(shown(id))”." + (near.isEmpty ? " Xem các mã: phoihop status" : " Gần giống:\(list)"),
            en: "The ledger knows no “\(shown(id))”." + (near.isEmpty ? " See the ids: phoihop status" : " Near it:\(list)"))
    }

    /// The explanation, line by line.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        let times = TimeWriter(now: now, calendar: regulation.calendar)
        var lines = head(language, screen)
        func section(_ title: String, _ rows: [[Table.Cell]], flexible: [Int: Int] = [:]) {
            guard let first = rows.first else { return }
            lines += ["", screen.paint(title, .bold)]
            let table = Table(first.map { _ in "" }, rows: rows, flexible: flexible).lines(on: screen).dropFirst()
            lines += table.map { "  " + $0 }
        }
        section(
            vi ? "CÁCH TÍNH THỜI GIAN" : "THE CLOCK",
            items("clock").map { item in
                let source = item["source"]?.string.map { (vi ? "theo tin " : "by message ") + shown($0) } ?? ""
                return [
                    Table.Cell(StatusReport.wording(item["label"], language) ?? ""), Table.Cell(item["at"]?.instant.map(times.text) ?? ""), Table.Cell(source),
                ]
            }, flexible: [2: 16])
        section(
            vi ? "BẰNG CHỨNG" : "EVIDENCE",
            items("evidence").map { item in
                let type = item["type"]?.string ?? ""
                let written = item["writtenAt"]?.instant.map { (vi ? "viết " : "written ") + times.text($0) } ?? ""
                let arrived = item["arrivedAt"]?.instant.map { (vi ? "đến " : "arrived ") + times.text($0) } ?? ""
                return [
                    Table.Cell(Explanation.role(item["role"]?.string ?? "", language)), Table.Cell(regulation.title(of: shown(type))[language]),
                    Table.Cell(Explanation.author(of: item["onBehalfOf"] ?? item["sender"], recordedBy: item["sender"], item["document"], language)),
                    Table.Cell(written), Table.Cell(arrived),
                    Table.Cell(shown(item["id"]?.string ?? ""), .dim),
                    Table.Cell(item["witness"]?.string.map { (vi ? "theo lời nơi nhận " : "by the word of its receiver ") + shown($0) } ?? "", .yellow),
                ]
            }, flexible: [1: 16])
        if answer["kind"]?.string == "missing" {
            let receivers = items("receivedBy").compactMap(\.string).map(shown).joined(separator: ", ")
            lines += [
                "",
                vi
                    ? "Tin này không có trong sổ; \(receivers) đã xác nhận nhận từ \(shown(answer["sender"]?.string ?? "?"))."
                    : "This message is not on the ledger; \(receivers) acknowledged it, from \(shown(answer["sender"]?.string ?? "?")).",
            ]
        }
        section(
            vi ? "ĐỀ NGHỊ VÀ TRẢ LỜI" : "CLAIMS AND ANSWERS",
            items("claims").map { item in
                let answers = (item["answers"]?.array ?? []).map { answer in
                    let who = [answer["by"]?.string, answer["officer"]?.string].compactMap { $0.map(shown) }.joined(separator: ", ")
                    return who + (answer["agrees"]?.bool == true ? (vi ? ": đúng" : ": yes") : (vi ? ": không đúng" : ": no"))
                }
                let asked = (item["answerers"]?.array ?? []).compactMap { $0.string.map(shown) }.joined(separator: item["all"] == true ? " + " : ", ")
                let of = asked.isEmpty ? "" : (vi ? "hỏi " : "asks ") + asked
                let otherwise = item["deadlineOtherwise"]?.instant.map { (vi ? "nếu khác đi, hạn " : "otherwise due ") + times.text($0) } ?? ""
                return [
                    Table.Cell(item["at"]?.instant.map(times.text) ?? ""), Table.Cell(regulation.title(of: shown(item["type"]?.string ?? ""))[language]),
                    Table.Cell(shown(item["by"]?.string ?? "")), Table.Cell(Explanation.claim(item["state"]?.string ?? "", language)),
                    Table.Cell(answers.isEmpty ? of : answers.joined(separator: "; ")), Table.Cell(otherwise),
                    Table.Cell(shown(item["id"]?.string ?? ""), .dim),
                ]
            }, flexible: [1: 16, 4: 16])
        section(
            vi ? "GIẢI TRÌNH, GIA HẠN" : "EXPLANATIONS AND EXTENSIONS",
            items("explanations").map { item in
                [
                    Table.Cell(item["at"]?.instant.map(times.text) ?? ""), Table.Cell(regulation.title(of: shown(item["type"]?.string ?? ""))[language]),
                    Table.Cell(Explanation.author(of: item["by"], recordedBy: item["recordedBy"], item["document"], language)),
                    Table.Cell(shown(item["reason"]?.string ?? "")),
                ]
            }, flexible: [3: 24])
        section(
            vi ? "BIÊN NHẬN" : "RECEIPTS",
            items("receipts").map { item in
                let doubt = item["believable"]?.bool == false ? (vi ? "đồng hồ máy nhận lệch, không tính" : "the receiver's clock is off; does not count") : ""
                return [
                    Table.Cell(shown(item["party"]?.string ?? "")),
                    Table.Cell(item["receivedAt"]?.instant.map { (vi ? "nhận " : "received ") + times.text($0) } ?? ""),
                    Table.Cell(shown(item["id"]?.string ?? ""), .dim), Table.Cell(doubt),
                ]
            }, flexible: [2: 16])
        section(
            vi ? "THÔNG BÁO CỦA HỆ THỐNG" : "NOTICES",
            items("notices").map { item in
                let reason = StatusReport.wording(item["reason"], language) ?? item["reason"]?.string.map(shown) ?? ""
                return [
                    Table.Cell(item["at"]?.instant.map(times.text) ?? ""), Table.Cell(regulation.title(of: shown(item["type"]?.string ?? ""))[language]),
                    Table.Cell((vi ? "tới " : "to ") + shown(item["to"]?.string ?? "")), Table.Cell(Explanation.state(item["state"]?.string ?? "", language)),
                    Table.Cell(reason),
                ]
            }, flexible: [1: 16])
        let omitted = answer["cut"]?.object?.members.reduce(Int64(0)) { $0.addingReportingOverflow($1.value.int ?? 0).partialValue } ?? 0
        if omitted > 0 {
            let text = vi ? "… bỏ bớt \(omitted) dòng ở giữa; đầy đủ: phoihop ledger" : "… \(omitted) lines in between are left out; all of it: phoihop ledger"
            lines += ["", screen.paint(text, .yellow)]
        }
        let near = items("near").compactMap(\.string).map(shown)
        if !near.isEmpty {
            lines += ["", screen.paint(vi ? "CÁC VIỆC LIÊN QUAN" : "DUTIES OF THE CASE", .bold)] + near.map { "  phoihop explain \($0)" }
        }
        if let next = answer["next"], let at = next["at"]?.instant {
            let step = DutyWords(regulation, language).step(named: next["rung"]?.string ?? "")
            lines += ["", (vi ? "Sắp tới: \(step), lúc " : "Next: \(step), at ") + times.text(at)]
        }
        return lines
    }

    private func head(_ language: Language, _ screen: Screen) -> [String] {
        let vi = language == .vi
        let drill = answer["exercise"]?.bool == true ? regulation.wordings["exercise-prefix"]?[language] ?? "" : ""
        let name = StatusReport.wording(answer["title"], language) ?? shown(id)
        var lines = [screen.paint(drill + name, .bold)]
        func line(_ label: String, _ text: String?) {
            guard let text, !text.isEmpty else { return }
            lines.append(label + String(repeating: " ", count: max(1, 12 - width(label))) + text)
        }
        line(vi ? "Mã" : "Id", answer["id"]?.string.map(shown) ?? shown(id))
        if let subject = answer["subject"]?.string, subject != id { line(vi ? "Vụ việc" : "Case", shown(subject)) }
        let rule = answer["rule"]
        func party(_ key: String) -> String? {
            rule?[key]?.string.map { id in shown(id) + (regulation.party(id).map { " (\($0.name[language]))" } ?? "") }
        }
        line(vi ? "Phải làm" : "Owed by", party("obligor"))
        line(vi ? "Gửi tới" : "Owed to", party("addressee"))
        line(
            vi ? "Căn cứ" : "Under",
            StatusReport.wording(rule?["citation"], language) ?? rule?["article"]?.string.map { regulation.citation.cite($0)[language] })
        line(vi ? "Thời hạn" : "Term", rule?["basis"]?.string.flatMap { regulation.wordings["basis-\($0)"]?[language] })
        line(
            vi ? "Xong khi có" : "Done by",
            rule?["fulfilledBy"]?.array.map {
                $0.compactMap(\.string).map { "\(regulation.title(of: $0)[language]) (\(shown($0)))" }.joined(separator: vi ? " hoặc " : " or ")
            })
        line(vi ? "Hiện trạng" : "State", answer["state"]?.string.map { Explanation.outcome($0, language) })
        if answer["kind"]?.string == "refused" {
            lines[0] = screen.paint(vi ? "TIN CHƯA ĐƯỢC TIẾP NHẬN" : "MESSAGE NOT ACCEPTED", .red)
            line(vi ? "Người gửi" : "Sender", answer["sender"]?.string.map(shown))
            line(vi ? "Lý do" : "Reason", StatusReport.wording(answer["reason"], language))
            line(vi ? "Cần làm" : "To do", StatusReport.wording(answer["remedy"], language))
        }
        return lines
    }

    private func items(_ key: String) -> [JSON] { answer[key]?.array ?? [] }

    // MARK: Words

    /// Whose word it is, and by which document where another recorded it.
    private static func author(of by: JSON?, recordedBy recorder: JSON?, _ document: JSON?, _ language: Language) -> String {
        let (by, recorder) = (shown(by?.string ?? ""), shown(recorder?.string ?? ""))
        if by == recorder { return by }
        let number = document?["number"]?.string.map { (language == .vi ? ", văn bản " : ", document ") + shown($0) } ?? ""
        return by + (language == .vi ? " (do \(recorder) ghi nhận\(number))" : " (recorded by \(recorder)\(number))")
    }

    private static func role(_ role: String, _ language: Language) -> String {
        let words: [String: Wording] = [
            "opens": Wording(vi: "mở việc", en: "opens"), "fulfils": Wording(vi: "hoàn thành", en: "fulfils"), "closes": Wording(vi: "kết thúc", en: "closes"),
            "taken back": Wording(vi: "đã rút", en: "taken back"), "corrected": Wording(vi: "đã đính chính", en: "corrected"),
            "of the case": Wording(vi: "cùng vụ việc", en: "of the case"), "asked": Wording(vi: "tin đang hỏi", en: "asked about"),
            "explains": Wording(vi: "giải trình", en: "explains"), "claims": Wording(vi: "đề nghị, chưa tính", en: "a claim, does not count"),
            "extends": Wording(vi: "gia hạn", en: "extends"),
        ]
        return words[role]?[language] ?? shown(role)
    }

    private static func claim(_ state: String, _ language: Language) -> String {
        let words: [String: Wording] = [
            "counts": Wording(vi: "được tính", en: "counts"), "waits": Wording(vi: "chưa tính, chờ trả lời", en: "does not count, awaits an answer"),
            "denied": Wording(vi: "không được tính, bên kia nói không đúng", en: "does not count, the other side says no"),
            "taken-back": Wording(vi: "đã rút", en: "taken back"),
        ]
        return words[state]?[language] ?? shown(state)
    }

    private static func state(_ state: String, _ language: Language) -> String {
        let words: [String: Wording] = [
            "sent": Wording(vi: "đã gửi", en: "sent"), "withdrawn": Wording(vi: "đã rút lại", en: "withdrawn"), "held": Wording(vi: "giữ lại", en: "held back"),
            "void": Wording(vi: "không tính", en: "void"),
        ]
        return words[state]?[language] ?? shown(state)
    }

    private static func outcome(_ outcome: String, _ language: Language) -> String {
        let words: [String: Wording] = [
            "open": Wording(vi: "chưa thực hiện", en: "open"), "fulfilled": Wording(vi: "đã thực hiện, đúng hạn", en: "fulfilled in time"),
            "fulfilled-late": Wording(vi: "đã thực hiện, chậm", en: "fulfilled late"),
            "short": Wording(vi: "đã chốt ngày, không đủ giờ", en: "the day is closed, short of hours"),
            "dismissed": Wording(vi: "kết thúc, báo động nhầm", en: "closed, a false alarm"),
            "planned": Wording(vi: "kết thúc, theo kế hoạch bảo trì đã thông báo", en: "closed, planned maintenance"),
            "merged": Wording(vi: "đã nhập vào vụ việc khác", en: "merged into another case"),
            "taken-back": Wording(vi: "không còn, tin mở đầu đã được rút", en: "void, what opened it was taken back"),
        ]
        return words[outcome]?[language] ?? shown(outcome)
    }
}
