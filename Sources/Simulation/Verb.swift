import Values

/// A verb of a duty officer's: which message it stands for.
struct Verb {
    /// How it belongs to a case.
    enum Role { case begins, continues, routine }

    /// The word, in English and in Vietnamese.
    let words: [String]
    /// The message.
    let type: String
    /// The letters before the names of its cases.
    let prefix: String
    let role: Role
    /// What it says beside what the line says.
    let data: JSONObject

    private init(_ words: [String], _ type: String, _ prefix: String, _ role: Role, _ data: JSONObject = JSONObject()) {
        (self.words, self.type, self.prefix, self.role, self.data) = (words, type, prefix, role, data)
    }

    static let all = [
        Verb(["detects", "phát-hiện"], "incident.detected", "SC", .begins),
        Verb(["notifies", "thông-báo"], "incident.notified", "SC", .continues),
        Verb(["acknowledges", "xác-nhận"], "incident.acknowledged", "SC", .continues),
        Verb(["briefs", "báo-cáo"], "incident.briefed", "SC", .continues),
        Verb(["plans", "đề-xuất"], "handling-plan.proposed", "SC", .continues),
        Verb(["contains", "ngăn-chặn"], "incident.contained", "SC", .continues),
        Verb(["resolves", "khắc-phục"], "incident.resolved", "SC", .continues),
        Verb(["dismisses", "báo-động-nhầm"], "incident.dismissed", "SC", .continues),
        Verb(["merges", "nhập"], "incident.merged", "SC", .continues),
        Verb(["corrects", "đính-chính"], "incident.corrected", "SC", .continues),
        Verb(["takes-back", "rút-tin"], "incident.corrected", "SC", .continues, ["withdrawn": true]),
        Verb(
            ["telephones", "gọi-điện"], "communication.recorded", "SC", .continues,
            ["means": "telephone", "to": "information-dept", "regarding": "incident.notified"]),
        Verb(["confirms-call", "xác-nhận-cuộc-gọi"], "communication.confirmed", "SC", .continues, ["outcome": "confirmed"]),
        Verb(["denies-call", "không-nhận-cuộc-gọi"], "communication.confirmed", "SC", .continues, ["outcome": "denied"]),
        Verb(["opens-box", "mở-hòm-thư"], "suggestion-box.opened", "", .routine),
        Verb(["closes-day", "chốt-ngày"], "operations.day-closed", "", .routine),
        Verb(["receives-feedback", "nhận-phản-ánh"], "feedback.received", "PA", .begins),
        Verb(["forwards", "chuyển-phản-ánh"], "feedback.forwarded", "PA", .continues),
        Verb(["answers", "trả-lời"], "feedback.resolved", "PA", .continues),
        Verb(["transfers", "chuyển-thẩm-quyền"], "feedback.transferred", "PA", .continues),
        Verb(["challenges", "phản-ánh-nội-dung"], "content.challenged", "ND", .begins),
        Verb(["withdraws", "gỡ"], "content.withdrawn", "ND", .continues),
        Verb(["upholds", "giữ"], "content.upheld", "ND", .continues),
        Verb(["suspects", "nghi-vấn"], "violation.suspected", "VV", .begins),
        Verb(["handles", "xử-lý"], "violation.handled", "VV", .continues),
    ]

    static func named(_ word: String) -> Verb? { all.first { $0.words.contains(word) } }

    // What things and agents do, rather than people.
    static let fails = ["fails", "hỏng", "mất"]
    static let recovers = ["recovers", "returns", "chạy-lại", "có-lại"]
    static let becomes = ["is", "ở"]
    static let stops = ["stops", "ngừng"]
    static let starts = ["starts", "khởi-động"]
    static let changes = ["changes", "đổi-máy"]
    static let says = ["says", "gửi"]
    static let repeats = ["repeats", "gửi-lại"]

    /// Every word that may stand after who acts.
    static let words = all.flatMap(\.words) + fails + recovers + becomes + stops + starts + changes + says + repeats
}
