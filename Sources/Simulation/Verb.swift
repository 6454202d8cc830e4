import Regulation
import Values

/// A verb of a duty officer's: which message it stands for.
public struct Verb: Sendable {
    /// The word, in English and in Vietnamese.
    public let words: [String]
    /// The message's type.
    public let type: String
    /// What it says beside what the line says.
    let data: JSONObject

    private init(_ words: [String], _ type: String, _ data: JSONObject = JSONObject()) { (self.words, self.type, self.data) = (words, type, data) }

    /// Every verb, those that belong together side by side.
    public static let all: [Verb] = incidents + gate + letters + content + plans + site + budget + reports + others

    private static let incidents = [
        Verb(["detects", "phát-hiện"], "incident.detected"),
        Verb(["notifies", "thông-báo"], "incident.notified"),
        Verb(["acknowledges", "xác-nhận"], "incident.acknowledged"),
        Verb(["briefs", "báo-cáo"], "incident.briefed"),
        Verb(["plans", "đề-xuất"], "handling-plan.proposed"),
        Verb(["contains", "ngăn-chặn"], "incident.contained"),
        Verb(["resolves", "khắc-phục"], "incident.resolved"),
        Verb(["dismisses", "báo-động-nhầm"], "incident.dismissed"),
        Verb(["merges", "nhập"], "incident.merged"),
        Verb(["corrects", "đính-chính"], "incident.corrected"),
        Verb(["takes-back", "rút-tin"], "incident.corrected", ["withdrawn": true]),
        Verb(
            ["telephones", "gọi-điện"], "communication.recorded",
            ["means": "telephone", "regarding": "incident.notified"]),
        Verb(["reaches-nobody", "gọi-không-được"], "communication.attempted"),
        Verb(["explains", "giải-trình"], SystemType.dutyExplained),
        Verb(["extends", "gia-hạn"], SystemType.dutyExtended),
        Verb(["confirms-call", "xác-nhận-cuộc-gọi"], "communication.confirmed", ["outcome": "confirmed"]),
        Verb(["denies-call", "không-nhận-cuộc-gọi"], "communication.confirmed", ["outcome": "denied"]),
        Verb(["opens-report", "mở-báo-cáo"], "notice.acknowledged"),
        Verb(["cannot-say", "không-biết"], "communication.confirmed", ["outcome": "unknown"]),
        Verb(["agrees-to", "đồng-ý"], "communication.confirmed", ["outcome": "confirmed"]),
        Verb(["objects-to", "không-đồng-ý"], "communication.confirmed", ["outcome": "denied"]),
    ]

    private static let gate = [
        Verb(["opens-box", "mở-hòm-thư"], "suggestion-box.opened"),
        Verb(["closes-day", "chốt-ngày"], "operations.day-closed"),
        Verb(["announces-window", "báo-trước-bảo-trì"], "maintenance.window-opened"),
        Verb(["ends-window", "hết-bảo-trì"], "maintenance.window-closed"),
        Verb(["suspects", "nghi-vấn"], "violation.suspected"),
        Verb(["handles", "xử-lý"], "violation.handled"),
        Verb(["transfers-violation", "chuyển-vụ-vi-phạm"], "violation.transferred"),
        Verb(["reports-compromise", "báo-lộ-tài-khoản"], "account.compromised"),
        Verb(["revokes", "thu-hồi"], "account.revoked"),
    ]

    private static let letters = [
        Verb(["receives-feedback", "nhận-phản-ánh"], "feedback.received"),
        Verb(["forwards", "chuyển-phản-ánh"], "feedback.forwarded"),
        Verb(["answers", "trả-lời"], "feedback.resolved"),
        Verb(["transfers", "chuyển-thẩm-quyền"], "feedback.transferred"),
    ]

    private static let content = [
        Verb(["submits", "cung-cấp"], "content.submitted"),
        Verb(["keeps-copy", "lưu-bản"], "content.copy-kept"),
        Verb(["vets", "thẩm-định"], "content.vetted"),
        Verb(["publishes", "đăng"], "content.published"),
        Verb(["has-nothing-new", "không-có-tin-mới"], "content.nothing-new"),
        Verb(["directs", "chỉ-đạo"], "directive.issued"),
        Verb(["requests-content", "đề-nghị-cung-cấp"], "content.requested"),
        Verb(["challenges", "phản-ánh-nội-dung"], "content.challenged"),
        Verb(["withdraws", "gỡ"], "content.withdrawn"),
        Verb(["upholds", "giữ"], "content.upheld"),
        Verb(["orders", "đặt-hàng"], "production.ordered"),
        Verb(["delivers", "giao-sản-phẩm"], "production.delivered"),
        Verb(["pays-royalty", "trả-nhuận-bút"], "royalty.settled"),
        Verb(["provides-tourism-news", "gửi-tin-du-lịch"], "tourism-info.provided"),
        Verb(["integrates", "tích-hợp"], "tourism-info.integrated"),
        Verb(["backs-up", "sao-lưu"], "backup.completed"),
    ]

    private static let plans = [
        Verb(["proposes-maintenance", "đề-xuất-bảo-trì"], "maintenance.proposed"),
        Verb(["agrees-maintenance", "thống-nhất-bảo-trì"], "maintenance.agreed"),
        Verb(["files-plan", "lập-phương-án"], "contingency-plan.filed"),
        Verb(["registers-asset", "ghi-sổ-tài-sản"], "asset.registered"),
        Verb(["takes-stock", "kiểm-kê"], "asset.changed", ["change": "stock-take"]),
        Verb(["schedules-training", "lên-lịch-tập-huấn"], "training.scheduled"),
        Verb(["nominates", "cử-cán-bộ"], "training.nominated"),
        Verb(["holds-training", "tổ-chức-tập-huấn"], "training.completed"),
    ]

    private static let site = [
        Verb(["inspects-site", "kiểm-tra-khu-vực"], "site.inspected"),
        Verb(["inspects", "kiểm-tra"], "inspection.completed", ["kind": "periodic"]),
    ]

    private static let budget = [
        Verb(["calls-for-budget", "hướng-dẫn-dự-toán"], "budget.called"),
        Verb(["drafts", "lập-dự-toán"], "budget.drafted"),
        Verb(["agrees", "thống-nhất-dự-toán"], "budget.agreed", ["outcome": "agreed"]),
        Verb(["consolidates-budget", "tổng-hợp-dự-toán"], "budget.consolidated"),
        Verb(["submits-budget", "gửi-dự-toán"], "budget.submitted"),
        Verb(["appraises", "thẩm-định-dự-toán"], "budget.appraised"),
        Verb(["approves", "phê-duyệt"], "budget.approved"),
        Verb(["guides", "hướng-dẫn-kinh-phí"], "budget.guided"),
    ]

    private static let reports = [
        Verb(["reports", "nộp-báo-cáo"], "report.submitted"),
        Verb(["confirms-report", "xác-nhận-báo-cáo"], "communication.confirmed", ["outcome": "confirmed"]),
        Verb(["consolidates-reports", "tổng-hợp-báo-cáo"], "report.consolidated"),
        Verb(["requests-report", "yêu-cầu-báo-cáo"], "report.requested"),
        Verb(["reviews", "sơ-tổng-kết"], "review.completed"),
    ]

    private static let others = [
        Verb(["consults", "xin-ý-kiến"], "consultation.requested"),
        Verb(["gives-opinion", "cho-ý-kiến"], "consultation.answered"),
        Verb(["convenes", "mời-họp"], "meeting.convened"),
        Verb(["sends-minutes", "gửi-biên-bản"], "meeting.minuted"),
        Verb(["proposes-amendment", "kiến-nghị-sửa-đổi"], "amendment.proposed"),
        Verb(["consolidates-amendment", "tổng-hợp-kiến-nghị"], "amendment.consolidated"),
        Verb(["commends", "đề-nghị-khen-thưởng"], "commendation.proposed"),
        Verb(["records-conduct", "ghi-nhận"], "conduct.recorded"),
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
