import Values

/// A verb of a duty officer's: which message it stands for.
public struct Verb: Sendable {
    /// How it belongs to a case.
    enum Role { case begins, continues, routine }

    /// The word, in English and in Vietnamese.
    public let words: [String]
    /// The message's type.
    public let type: String
    /// The letters before the names of its cases.
    let prefix: String
    let role: Role
    /// What it says beside what the line says.
    let data: JSONObject

    private init(_ words: [String], _ type: String, _ prefix: String, _ role: Role, _ data: JSONObject = JSONObject()) {
        (self.words, self.type, self.prefix, self.role, self.data) = (words, type, prefix, role, data)
    }

    /// Every verb, those that belong together side by side.
    public static let all: [Verb] = incidents + gate + letters + content + plans + site + budget + reports + others

    private static let incidents = [
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
            ["means": "telephone", "regarding": "incident.notified"]),
        Verb(["explains", "giải-trình"], "duty.explained", "GT", .begins),
        Verb(["extends", "gia-hạn"], "duty.extended", "GH", .begins),
        Verb(["confirms-call", "xác-nhận-cuộc-gọi"], "communication.confirmed", "SC", .continues, ["outcome": "confirmed"]),
        Verb(["denies-call", "không-nhận-cuộc-gọi"], "communication.confirmed", "SC", .continues, ["outcome": "denied"]),
    ]

    private static let gate = [
        Verb(["opens-box", "mở-hòm-thư"], "suggestion-box.opened", "", .routine),
        Verb(["closes-day", "chốt-ngày"], "operations.day-closed", "", .routine),
        Verb(["announces-window", "báo-trước-bảo-trì"], "maintenance.window-opened", "CS", .begins),
        Verb(["ends-window", "hết-bảo-trì"], "maintenance.window-closed", "CS", .continues),
        Verb(["suspects", "nghi-vấn"], "violation.suspected", "VV", .begins),
        Verb(["handles", "xử-lý"], "violation.handled", "VV", .continues),
        Verb(["transfers-violation", "chuyển-vụ-vi-phạm"], "violation.transferred", "VV", .continues),
        Verb(["reports-compromise", "báo-lộ-tài-khoản"], "account.compromised", "TK", .begins),
        Verb(["revokes", "thu-hồi"], "account.revoked", "TK", .continues),
    ]

    private static let letters = [
        Verb(["receives-feedback", "nhận-phản-ánh"], "feedback.received", "PA", .begins),
        Verb(["forwards", "chuyển-phản-ánh"], "feedback.forwarded", "PA", .continues),
        Verb(["answers", "trả-lời"], "feedback.resolved", "PA", .continues),
        Verb(["transfers", "chuyển-thẩm-quyền"], "feedback.transferred", "PA", .continues),
    ]

    private static let content = [
        Verb(["submits", "cung-cấp"], "content.submitted", "TT", .begins),
        Verb(["keeps-copy", "lưu-bản"], "content.copy-kept", "TT", .continues),
        Verb(["vets", "thẩm-định"], "content.vetted", "TT", .continues),
        Verb(["publishes", "đăng"], "content.published", "TT", .begins),
        Verb(["has-nothing-new", "không-có-tin-mới"], "content.nothing-new", "", .routine),
        Verb(["directs", "chỉ-đạo"], "directive.issued", "CD", .begins),
        Verb(["requests-content", "đề-nghị-cung-cấp"], "content.requested", "YC", .begins),
        Verb(["challenges", "phản-ánh-nội-dung"], "content.challenged", "ND", .begins),
        Verb(["withdraws", "gỡ"], "content.withdrawn", "ND", .continues),
        Verb(["upholds", "giữ"], "content.upheld", "ND", .continues),
        Verb(["orders", "đặt-hàng"], "production.ordered", "DH", .begins),
        Verb(["delivers", "giao-sản-phẩm"], "production.delivered", "DH", .continues),
        Verb(["pays-royalty", "trả-nhuận-bút"], "royalty.settled", "TT", .continues),
        Verb(["provides-tourism-news", "gửi-tin-du-lịch"], "tourism-info.provided", "DL", .begins),
        Verb(["integrates", "tích-hợp"], "tourism-info.integrated", "DL", .continues),
        Verb(["backs-up", "sao-lưu"], "backup.completed", "SL", .begins),
    ]

    private static let plans = [
        Verb(["proposes-maintenance", "đề-xuất-bảo-trì"], "maintenance.proposed", "BT", .begins),
        Verb(["agrees-maintenance", "thống-nhất-bảo-trì"], "maintenance.agreed", "BT", .continues),
        Verb(["files-plan", "lập-phương-án"], "contingency-plan.filed", "DP", .begins),
        Verb(["registers-asset", "ghi-sổ-tài-sản"], "asset.registered", "TS", .begins),
        Verb(["takes-stock", "kiểm-kê"], "asset.changed", "TS", .begins, ["change": "stock-take"]),
        Verb(["schedules-training", "lên-lịch-tập-huấn"], "training.scheduled", "TH", .begins),
        Verb(["nominates", "cử-cán-bộ"], "training.nominated", "TH", .continues),
        Verb(["holds-training", "tổ-chức-tập-huấn"], "training.completed", "TH", .begins),
    ]

    private static let site = [
        Verb(["inspects-site", "kiểm-tra-khu-vực"], "site.inspected", "KV", .begins),
        Verb(["inspects", "kiểm-tra"], "inspection.completed", "KT", .begins, ["kind": "periodic"]),
    ]

    private static let budget = [
        Verb(["calls-for-budget", "hướng-dẫn-dự-toán"], "budget.called", "HD", .begins),
        Verb(["drafts", "lập-dự-toán"], "budget.drafted", "DT", .begins),
        Verb(["agrees", "thống-nhất-dự-toán"], "budget.agreed", "DT", .continues, ["outcome": "agreed"]),
        Verb(["consolidates-budget", "tổng-hợp-dự-toán"], "budget.consolidated", "DT", .begins),
        Verb(["submits-budget", "gửi-dự-toán"], "budget.submitted", "DT", .continues),
        Verb(["appraises", "thẩm-định-dự-toán"], "budget.appraised", "DT", .continues),
        Verb(["approves", "phê-duyệt"], "budget.approved", "DT", .continues),
        Verb(["guides", "hướng-dẫn-kinh-phí"], "budget.guided", "DT", .continues),
    ]

    private static let reports = [
        Verb(["reports", "nộp-báo-cáo"], "report.submitted", "BC", .begins),
        Verb(["confirms-report", "xác-nhận-báo-cáo"], "communication.confirmed", "BC", .continues, ["outcome": "confirmed"]),
        Verb(["consolidates-reports", "tổng-hợp-báo-cáo"], "report.consolidated", "BCTH", .begins),
        Verb(["requests-report", "yêu-cầu-báo-cáo"], "report.requested", "YC", .begins),
        Verb(["reviews", "sơ-tổng-kết"], "review.completed", "SK", .begins),
    ]

    private static let others = [
        Verb(["consults", "xin-ý-kiến"], "consultation.requested", "YK", .begins),
        Verb(["gives-opinion", "cho-ý-kiến"], "consultation.answered", "YK", .continues),
        Verb(["convenes", "mời-họp"], "meeting.convened", "HOP", .begins),
        Verb(["sends-minutes", "gửi-biên-bản"], "meeting.minuted", "HOP", .continues),
        Verb(["proposes-amendment", "kiến-nghị-sửa-đổi"], "amendment.proposed", "KN", .begins),
        Verb(["consolidates-amendment", "tổng-hợp-kiến-nghị"], "amendment.consolidated", "KN", .continues),
        Verb(["commends", "đề-nghị-khen-thưởng"], "commendation.proposed", "KTH", .begins),
        Verb(["records-conduct", "ghi-nhận"], "conduct.recorded", "KTH", .continues),
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
