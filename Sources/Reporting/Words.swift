import Coordination
import Regulation
import Values

/// All that a report says in words, in both languages. It tells what was on record by when, and finds no fault with anybody: "quá hạn" for deadlines of the law,
/// "quá mốc theo dõi" for marks of this system.
enum Words {
    private static func say(_ vi: String, _ en: String) -> Wording { Wording(vi: vi, en: en) }

    // MARK: Without a report

    static let noRegulation = say(
        "Sổ ghi chưa có Quy định nào được áp dụng, nên chưa thể tổng hợp. Đề nghị dùng sổ do phoihop ledger export ghi, từ bản ghi đầu tiên.",
        "No regulation was adopted in this ledger, so nothing can be gathered. Use a ledger as phoihop ledger export keeps it, from its first record.")
    static func endsBefore(_ date: Wording) -> Wording {
        say("Sổ ghi chỉ đến ngày \(date.vi), trước kỳ báo cáo.", "The ledger goes to \(date.en) only, before the period of the report.")
    }
    static func beginsAfter(_ date: Wording) -> Wording {
        say("Sổ ghi bắt đầu từ ngày \(date.vi), sau kỳ báo cáo.", "The ledger begins on \(date.en), after the period of the report.")
    }

    // MARK: Head

    static func title(_ period: ReportPeriod) -> Wording {
        let (vi, en) =
            switch period.part {
            case .firstHalf: ("6 tháng đầu năm \(period.year)", "the first half of \(period.year)")
            case .secondHalf: ("6 tháng cuối năm \(period.year)", "the second half of \(period.year)")
            case .year: ("năm \(period.year)", "the year \(period.year)")
            }
        return say("Số liệu tổng hợp \(vi)", "Consolidated figures for \(en)")
    }
    static func basedOn(_ citation: Wording) -> Wording { say("Căn cứ: \(citation.vi).", "Under \(citation.en).") }
    static let disclaimer = say(
        "Số liệu tự động từ sổ ghi của hệ thống phối hợp, để cán bộ soạn báo cáo; không thay thế văn bản hành chính, không kết luận về đúng, sai của cơ quan nào.",
        "Figures gathered from the ledger of the coordination system, for the officer who writes the report; they replace no official document and pass no judgement."
    )
    static func covers(_ from: Wording, _ to: Wording, isOver: Bool) -> Wording {
        isOver
            ? say("Từ \(from.vi) đến hết kỳ (\(to.vi)).", "From \(from.en) to the end of the period (\(to.en)).")
            : say("Từ \(from.vi); kỳ chưa hết, số liệu tính đến \(to.vi).", "From \(from.en); the period is not over, figures are to \(to.en).")
    }
    static let referencesTitle = say("Căn cứ của các số liệu", "What the figures rest on")
    static func referencesNote(_ period: ReportPeriod) -> Wording {
        say(
            "Số trong ngoặc vuông dẫn tới mã các bản ghi và việc làm căn cứ. Xem đủ một số liệu: phoihop report --period \(period) --trace SỐ",
            "A number in brackets leads to the ids of the records and obligations behind a figure. All of one figure: phoihop report --period \(period) --trace NUMBER"
        )
    }
    static func idCount(_ support: Support) -> Wording {
        say(
            "\(support.events.count) bản ghi, \(support.obligations.count) việc", "\(support.events.count) records, \(support.obligations.count) obligations")
    }
    static func more(_ count: Int) -> Wording { say("và \(count) mã nữa", "and \(count) more") }
    static let nothingBehind = say("không có bản ghi nào", "no record")

    // MARK: Claims

    static let claims = say("Đính chính, gộp, rút, báo động nhầm, cuộc gọi", "Corrected, merged, taken back, dismissed, called")
    static let claimsNote = say(
        "Mọi điều đã nói làm thay đổi, kết thúc hoặc miễn một việc phải làm: ai nói, lúc nào, ai đồng ý, và hạn sẽ là bao nhiêu nếu không tính (hoặc nếu tính) điều đó.",
        "All that was said and moves, ends or excuses what is owed: by whom, when, with whose agreement, and what the deadline would be if it were otherwise.")
    static let claimsAll = say("Số lần", "How often")
    static let claimsCount = say("Được tính", "Count")
    static let claimsWait = say("Chờ trả lời, chưa tính", "Await an answer and do not count")
    static let claimsDenied = say("Bên kia nói không đúng", "The other side says no")
    static let claimsTakenBack = say("Đã rút", "Taken back")
    static let claimsEach = say("Từng lần", "Each of them")
    static let claimWhat = say("Nội dung", "What")
    static let claimBy = say("Ai nói", "By whom")
    static let claimAnswers = say("Trả lời", "Answers")
    static let claimState = say("Tính hay không", "Whether it counts")
    static let claimOtherwise = say("Hạn nếu khác đi", "Deadline if it were otherwise")
    static let claimDuties = say("Số việc", "Duties")
    static let claimUnanswered = say("chưa ai trả lời", "nobody has answered")
    static let claimNoneNeeded = say("không cần ai đồng ý", "needs nobody's word")
    static let daysDeclared = say("Ngày nghỉ, ngày làm bù đã công bố", "Days declared off or worked")
    static let dayDeclared = say("Ngày", "Day")
    static let dayWorked = say("làm việc", "worked")
    static let dayOff = say("nghỉ", "off")
    static let dayDecision = say("Quyết định", "Decision")
    static let dayMoved = say("Số hạn được tính lại", "Deadlines reckoned anew")
    static let dayClaimed = say(
        "công bố sau khi ngày đã bắt đầu: từng hạn cần bên kia đồng ý", "declared after the day began: each deadline needs the other side's word")
    static let claimYes = say("đúng", "yes")
    static let claimNo = say("không đúng", "no")
    static func claimState(_ state: Claim.State) -> Wording {
        switch state {
        case .counts: claimsCount
        case .waits: claimsWait
        case .denied: claimsDenied
        case .takenBack: claimsTakenBack
        }
    }

    // MARK: Values

    static let noData = say("không có số liệu", "no data")
    static let dash = say("–", "–")
    static let notSaid = say("không ghi", "not said")
    static let total = say("Cộng", "Total")
    static let planned = say("theo kế hoạch", "planned")

    static func state(_ state: DutyState, _ basis: DueRule.Basis) -> Wording {
        switch (state, basis) {
        case (.inTime, .law): say("đúng hạn", "in time")
        case (.inTime, .mark): say("trong mốc theo dõi", "within the monitoring mark")
        case (.late, .law): say("chậm so với hạn", "done late")
        case (.late, .mark): say("sau mốc theo dõi", "done past the monitoring mark")
        case (.overdue, .law): say("quá hạn, chưa ghi nhận", "overdue, not on record")
        case (.overdue, .mark): say("quá mốc theo dõi, chưa ghi nhận", "past the monitoring mark, not on record")
        case (.open, .law): say("còn hạn", "not yet due")
        case (.open, .mark): say("chưa tới mốc", "mark not yet reached")
        case (.ended, _): say("kết thúc khác", "ended otherwise")
        }
    }
    static func stateHead(_ state: DutyState, _ basis: DueRule.Basis) -> Wording {
        switch (state, basis) {
        case (.inTime, .law): say("Đúng hạn", "In time")
        case (.inTime, .mark): say("Trong mốc", "Within mark")
        case (.late, .law): say("Chậm", "Late")
        case (.late, .mark): say("Sau mốc", "Past mark")
        case (.overdue, .law): say("Quá hạn", "Overdue")
        case (.overdue, .mark): say("Quá mốc theo dõi", "Not done, past mark")
        case (.open, .law): say("Còn hạn", "Not yet due")
        case (.open, .mark): say("Chưa tới mốc", "Before mark")
        case (.ended, _): say("Kết thúc khác", "Ended otherwise")
        }
    }

    static let device = say("Thiết bị", "Device")
    static let cause = say("Nguyên nhân", "Cause")

    static func languageName(_ code: String) -> Wording {
        switch code {
        case "vi": say("tiếng Việt", "Vietnamese")
        case "en": say("tiếng Anh", "English")
        case "zh": say("tiếng Trung", "Chinese")
        case "other": say("ngôn ngữ khác", "another language")
        default: say(code, code)
        }
    }
    static func languageOrder(_ code: String) -> Int { ["vi", "en", "zh"].firstIndex(of: code) ?? 3 }

    /// `khoản 2 Điều 8`; of a duty that no clause orders, that it is this system's.
    static func clause(_ article: String) -> Wording {
        let parts = article.split(separator: ".")
        guard parts.count == 2 else { return say("của hệ thống", "this system's") }
        return say("khoản \(parts[1]) Điều \(parts[0])", "Clause \(parts[1]), Art. \(parts[0])")
    }

    static func medianOf(_ what: Wording) -> Wording { say("\(what.vi), trung vị", "\(what.en), median") }
    static func longestOf(_ what: Wording, _ subject: String) -> Wording { say("\(what.vi), dài nhất (\(subject))", "\(what.en), longest (\(subject))") }

    static let party = say("Cơ quan", "Party")
    static let deadline = say("Hạn", "Deadline")
    static let outcome = say("Kết quả", "Outcome")
    static let lateBy = say("Chậm", "Late by")
    static let day = say("Ngày", "Day")
    static let days = say("Số ngày", "Days")
    static let times = say("Số lần", "Times")
    static let topic = say("Nội dung", "Topic")
    static let itemCount = say("Số lượng", "Number")

    // MARK: The ledger

    static let scope = say("Phạm vi số liệu", "What the figures cover")
    static let scopeNote = say(
        "“Không có số liệu”: sổ ghi không có bản ghi nào về việc đó; không có nghĩa là bằng không.",
        "“No data”: the ledger holds no record of it; that does not mean nought.")
    static func beganWithin(_ time: Wording) -> Wording {
        say(
            "Sổ ghi bắt đầu lúc \(time.vi), trong kỳ báo cáo: phần trước đó không có số liệu.",
            "The ledger begins at \(time.en), within the period: of what was before there is no data.")
    }
    static func notOver(_ time: Wording) -> Wording {
        say("Kỳ báo cáo chưa hết: số liệu tính đến \(time.vi).", "The period is not over: figures are to \(time.en).")
    }
    static let ledgerBegan = say("Bản ghi đầu tiên của hệ thống điều phối", "First record of the coordinator")
    static let ledgerKnownTo = say("Bản ghi cuối cùng của hệ thống điều phối", "Last record of the coordinator")
    static let recordsRead = say("Số bản ghi đã đọc (toàn sổ)", "Records read (all of the ledger)")
    static let recordsTestified = say("Số tin chỉ có theo lời nơi nhận", "Messages there by their receivers' word alone")
    static let recordsMissing = say("Số tin nơi nhận đã xác nhận mà sổ không có", "Messages that were received and are not on the ledger")
    static let recordsRefused = say("Trong đó không được tính, do chưa đúng quy cách", "Of these not counted, being out of form")
    static let drillCases = say("Diễn tập đã loại ra: số vụ việc trong kỳ", "Drills left out: cases of the period")
    static let drills = say("Các cuộc diễn tập trong kỳ", "The drills of the period")
    static let drillCase = say("Mã", "Name")
    static let drillBegunBy = say("Đơn vị bắt đầu", "Begun by")
    static let drillFrom = say("Từ lúc", "From")
    static let drillTo = say("Tin cuối lúc", "Last message at")
    static let drillSaid = say("Số tin", "Messages")
    static let drillMessages = say("Diễn tập đã loại ra: số tin trong kỳ", "Drills left out: messages of the period")
    static let drillDuties = say("Diễn tập đã loại ra: số việc trong kỳ", "Drills left out: obligations of the period")

    // MARK: Reports

    static func reportsTable(_ title: Wording, _ article: String) -> Wording {
        say("Việc “\(title.vi)” (\(clause(article).vi))", "“\(title.en)” (\(clause(article).en))")
    }
    static let noReportDue = say("Không có báo cáo định kỳ nào tới hạn trong kỳ.", "No periodic report falls due in the period.")
    static let document = say("Số, ngày văn bản", "Document")
    static let sentAt = say("Gửi lúc", "Sent at")
    static func reportsOwed(_ title: Wording) -> Wording { say("Số cơ quan phải \(title.vi)", "Parties that owe it: \(title.en)") }
    static let reportsInTime = say("Gửi đúng hạn", "Sent in time")
    static let reportsLate = say("Gửi chậm so với hạn", "Sent late")
    static let reportsOverdue = say("Quá hạn, chưa ghi nhận báo cáo", "Overdue, no report on record")
    static let reportsOpen = say("Còn hạn, chưa ghi nhận báo cáo", "Not yet due, no report on record")
    static func reportsChart(_ title: Wording) -> Wording { say("Báo cáo theo hạn: \(title.vi)", "Reports by deadline: \(title.en)") }
    static let reportsUnit = say("cơ quan", "parties")
    static let reportsBar = say("Các cơ quan phải báo cáo", "Parties that owe the report")
    static func adHocAsked(_ article: String) -> Wording {
        let parts = article.split(separator: ".")
        let (vi, en) = parts.count == 2 ? (" (khoản \(parts[1]) Điều \(parts[0]))", " (Clause \(parts[1]), Article \(parts[0]))") : ("", "")
        return say("Báo cáo đột xuất được yêu cầu" + vi, "Ad hoc reports asked for" + en)
    }
    static func adHocState(_ state: DutyState) -> Wording {
        switch state {
        case .inTime: say("Báo cáo đột xuất gửi trong thời hạn được yêu cầu", "Ad hoc reports sent in the time asked for")
        case .late: say("Báo cáo đột xuất gửi sau thời hạn được yêu cầu", "Ad hoc reports sent after the time asked for")
        case .overdue: say("Báo cáo đột xuất chưa ghi nhận, đã qua thời hạn được yêu cầu", "Ad hoc reports not on record, the time asked for past")
        case .open, .ended: say("Báo cáo đột xuất còn trong thời hạn được yêu cầu", "Ad hoc reports not yet due")
        }
    }

    // MARK: Incidents

    static let stage = say("Mốc", "Stage")
    static let median = say("Trung vị", "Median")
    static let longest = say("Dài nhất", "Longest")
    static let stageNote = say(
        "Mốc là lúc có trên sổ ghi, hoặc lúc gọi điện đã được xác nhận; không theo lời khai của riêng bên gửi.",
        "A stage is reached when it is on record, or at the time of a confirmed call; never by its sender's word alone.")
    /// `10 phút`, `6 giờ`, `7 ngày`: in the largest unit of which it is a whole number.
    static func tick(_ span: Span) -> Wording {
        let minutes = span.milliseconds / 60_000
        if minutes > 0, minutes % 1440 == 0 { return say("\(minutes / 1440) ngày", "\(minutes / 1440) d") }
        if minutes > 0, minutes % 60 == 0 { return say("\(minutes / 60) giờ", "\(minutes / 60) h") }
        return say("\(minutes) phút", "\(minutes) min")
    }
    static let incidentListNote = say(
        "Các cột mốc: giờ:phút kể từ lúc xảy ra. “–”: chưa có trên sổ ghi.", "Stages: hours:minutes since the occurrence. “–”: not on record.")
    static let occurred = say("Xảy ra", "Occurred")

    // MARK: Hours

    static let noOperationDuty = say("Quy định đang áp dụng không đặt giờ vận hành.", "The regulation in force sets no hours of operation.")
    static func hoursNote(_ device: Wording, _ minimum: Wording, _ window: String, _ length: Wording) -> Wording {
        say(
            "Tính theo \(device.vi): tối thiểu \(minimum.vi) mỗi ngày trong khung \(window) (\(length.vi)). Thời gian không có ghi nhận không tính là hoạt động, cũng không tính là mất.",
            "The \(device.en) decides: at least \(minimum.en) a day within \(window) (\(length.en)). Time without record counts neither as operation nor as loss."
        )
    }
    static let daysAll = say("Số ngày đã qua trong kỳ mà sổ ghi bao quát", "Days of the period that are over and that the ledger covers")
    static let daysMet = say("Số ngày đủ giờ", "Days on which the minimum was met")
    static let daysShort = say("Số ngày thiếu giờ", "Days on which it was not")
    static let daysNoRecord = say("Số ngày không đủ ghi nhận để kết luận", "Days without record enough to tell")
    static let hoursByMonth = say("Giờ vận hành theo tháng", "Hours of operation by month")
    static let hoursByMonthNote = say(
        "“Yêu cầu”: số giờ tối thiểu mỗi ngày nhân số ngày đã qua, kể cả ngày không có ghi nhận.",
        "“Required”: the minimum a day times the days that are over, those without record included.")
    static let month = say("Tháng", "Month")
    static let met = say("Đủ giờ", "Met")
    static let short = say("Thiếu giờ", "Short")
    static let noRecord = say("Không đủ ghi nhận", "No record")
    static let operated = say("Đã vận hành", "Operated")
    static let required = say("Yêu cầu", "Required")
    static let lostByCause = say("Thời gian mất theo nguyên nhân", "Time lost by cause")
    static let lostTime = say("Thời gian mất", "Time lost")
    static let lostPlanned = say("Trong đó theo kế hoạch", "Of which planned")
    static let daysAffected = say("Số ngày", "Days")
    static let lostNote = say(
        "Nêu nguyên nhân; không quy cho cơ quan nào.", "Causes are told; nothing is laid to any party's charge.")
    static let hoursByDevice = say("Giờ vận hành theo thiết bị", "Hours of operation by device")
    static let hoursByDeviceNote = say(
        "Dòng đầu là thiết bị quyết định; các thiết bị khác để tham khảo.", "The device of the first line decides; the others are shown beside it.")
    static let windows = say("Số đợt bảo trì, cắt điện, tạm dừng đã thông báo trước", "Maintenance, power cuts and stops announced beforehand")
    static let shortDays = say("Những ngày thiếu giờ", "Days on which the minimum was not met")
    static let missingTime = say("Thiếu", "Missing")
    static let lostTo = say("Mất do", "Lost to")

    static let chartOperated = say("đã vận hành", "operated")
    static let chartRequired = say("yêu cầu", "required")
    static let chartHoursUnit = say("giờ", "hours")
    static let chartNoDays = [say("không có", "no"), say("số liệu", "data")]
    static func chartDaysWithout(_ count: Int) -> [Wording] { [say("\(count) ngày", "\(count) d"), say("không rõ", "unknown")] }

    // MARK: Content

    static let updateDays = say("Số ngày làm việc trong kỳ mà sổ ghi bao quát", "Working days of the period that the ledger covers")
    static let updatedDays = say("Số ngày làm việc có đăng phát nội dung", "Working days on which content was published")
    static let nothingNewDays = say("Số ngày làm việc ghi nhận không có nội dung mới", "Working days on record as having nothing new")
    static let updateNoRecord = say("Số ngày làm việc không có ghi nhận", "Working days without record")
    static let published = say("Số nội dung đã đăng phát", "Items published")
    static let byLanguage = say("Nội dung đã đăng phát theo ngôn ngữ", "Items published by language")
    static let languageHead = say("Ngôn ngữ", "Language")
    static let languageNote = say("Một nội dung bằng nhiều ngôn ngữ được tính ở từng ngôn ngữ.", "An item in several languages is counted under each.")
    static let submitted = say("Số thông tin được gửi đến để thẩm định", "Submissions received")
    static func vetted(_ outcome: Wording) -> Wording { say("Kết quả thẩm định: \(outcome.vi)", "Vetted: \(outcome.en)") }
    static let awaitingVetting = say("Chưa ghi nhận kết quả thẩm định", "Not on record as vetted")
    static let vettingTime = say("Thời gian từ khi gửi đến khi thẩm định", "Time from submission to vetting")
    static let challenged = say("Số nội dung bị phản ánh", "Items challenged")
    static let withdrawnContent = say("Đã gỡ, ngừng phát", "Withdrawn")
    static let upheldContent = say("Giữ lại, có nêu lý do", "Upheld, with reasons")
    static let challengeTime = say("Thời gian từ khi phản ánh đến khi gỡ hoặc giữ", "Time from challenge to withdrawal or upholding")

    // MARK: Feedback

    static let feedbackReceived = say("Số ý kiến tiếp nhận", "Pieces of feedback received")
    static func feedbackForwarded(_ lead: Wording) -> Wording { say("Đã thông báo với \(lead.vi)", "Forwarded to \(lead.en)") }
    static let feedbackResolved = say("Đã giải quyết", "Resolved")
    static let feedbackTransferred = say("Đã chuyển cơ quan có thẩm quyền", "Transferred to the competent authority")
    static let feedbackOpen = say("Chưa ghi nhận kết quả", "No outcome on record")
    static func forwardingTime(_ lead: Wording) -> Wording {
        say("Thời gian từ khi tiếp nhận đến khi thông báo với \(lead.vi)", "Time from receipt to forwarding")
    }
    static func settlingTime(_ lead: Wording) -> Wording {
        say("Thời gian từ khi \(lead.vi) nhận đến khi có kết quả", "Time from \(lead.en)'s hearing of it to the outcome")
    }
    static let channel = say("Kênh tiếp nhận", "Channel")
    static let feedbackKind = say("Loại ý kiến", "Kind")
    static let byChannel = say("Ý kiến theo kênh tiếp nhận", "Feedback by channel")
    static let byFeedbackKind = say("Ý kiến theo loại", "Feedback by kind")
    static let boxDays = say("Hòm thư góp ý: số ngày làm việc đã tới hạn mở", "Suggestion box: working days on which it fell due")
    static let boxInTime = say("Hòm thư góp ý: số ngày mở đúng hạn", "Suggestion box: opened in time")
    static let boxLate = say("Hòm thư góp ý: số ngày mở chậm so với hạn", "Suggestion box: opened late")
    static let boxNoRecord = say("Hòm thư góp ý: số ngày quá hạn, chưa ghi nhận mở", "Suggestion box: overdue, no opening on record")
    static let letters = say("Số thư lấy ra", "Letters taken out")

    // MARK: Inspections

    static let inspectionCount = say("Số cuộc kiểm tra", "Inspections")
    static let inspectionKind = say("Hình thức", "Kind")
    static let withFaults = say("Có phát hiện hỏng hóc", "Found faults")
    static let lastOn = say("Gần nhất", "Last")
    static let siteCount = say("Số lần kiểm tra khu vực đặt thiết bị", "Inspections of the site")
    static let siteByTopic = say("Kiểm tra khu vực theo nội dung", "Inspections of the site by topic")
    static let inOrder = say("Đạt", "In order")
    static let notInOrder = say("Chưa đạt", "Not in order")
    static let trainingCount = say("Số lớp tập huấn", "Training courses")
    static let trainingByTopic = say("Tập huấn theo nội dung", "Training by topic")
    static let courses = say("Số lớp", "Courses")
    static let participants = say("Lượt người dự", "Participants")
    static let backupCount = say("Số lần sao lưu dữ liệu, thông tin đăng tải", "Backups of the information posted")
    static let backupLast = say("Lần sao lưu gần nhất", "Last backup")
    static let backupWeeks = say("Số tuần có sao lưu", "Weeks with a backup")
    static let backupWeeksWithout = say("Số tuần quá mốc theo dõi, chưa ghi nhận sao lưu", "Weeks past the mark without a backup on record")

    // MARK: Duties

    static let duties = say("Thực hiện các việc theo Quy định", "How the duties stand")
    static let dutiesNote = say(
        "Mỗi việc tính một lần: vào kỳ mà việc được thực hiện, kết thúc, hoặc tới hạn mà chưa thực hiện. Giờ vận hành hằng ngày xem mục trên. “Quá hạn” là so với thời hạn theo Quy định; “mốc theo dõi” do hệ thống đặt, Quy định không ấn định.",
        "Each obligation counts once: in the period in which it was done or ended, or fell due without that. For the daily hours of operation see above. “Overdue” is against a time set by the Regulation; “monitoring marks” are this system's, not set by the Regulation."
    )
    static func dutiesOf(_ basis: DueRule.Basis) -> Wording {
        basis == .law
            ? say("Việc có thời hạn theo Quy định", "Duties with a deadline set by the Regulation")
            : say("Việc có mốc theo dõi của hệ thống", "Duties with a monitoring mark of this system")
    }
    static func dutiesChart(_ basis: DueRule.Basis) -> Wording {
        basis == .law
            ? say("Việc có thời hạn theo Quy định, theo cơ quan", "Duties with a deadline of the Regulation, by party")
            : say("Việc có mốc theo dõi, theo cơ quan", "Duties with a monitoring mark, by party")
    }
    static let dutiesUnit = say("việc", "obligations")
    static let duty = say("Việc", "Duty")
    static let clause = say("Điều khoản", "Clause")
    static let reached = say("Báo cáo lên cấp trên đến được người", "What superiors were told, and when it reached a person")
    static let toldAt = say("Báo lúc", "Told at")
    static let reachedAt = say("Đến người lúc", "Reached a person at")
    static let reachedBy = say("Bằng", "By")
    static let took = say("Mất", "Took")
    static let notInTime = say("Việc không đúng thời hạn theo Quy định", "Not in time by a deadline of the Regulation")
    static let caseHead = say("Vụ việc, ngày", "Case or day")
    static func periodFrom(_ date: Wording) -> Wording { say("kỳ từ \(date.vi)", "period from \(date.en)") }
    static let doneAt = say("Thực hiện lúc", "Done at")
    static let stillOpen = say("quá hạn, chưa ghi nhận", "overdue, not on record")
    static let explained = say("Giải trình", "Explained")
    static let carriedOpen = say("Việc quá hạn hoặc quá mốc từ kỳ trước, đến nay chưa ghi nhận", "Overdue from earlier periods and still not on record")
    static let carriedDone = say("Việc quá hạn hoặc quá mốc từ kỳ trước, đã thực hiện trong kỳ này", "Overdue from earlier periods and done in this one")
    static let awaitingDecision = say("Việc đang chờ cấp trên quyết định", "Awaiting a superior's decision")
    static let explanations = say("Số ý kiến giải trình trong kỳ", "Explanations in the period")
    static let extensions = say("Số lần gia hạn mốc theo dõi trong kỳ", "Marks extended in the period")

    // MARK: Summary

    static func summaryReports(owed: Int, inTime: Int, late: Int) -> Wording {
        say("\(inTime + late)/\(owed) cơ quan gửi báo cáo (\(inTime) đúng hạn)", "\(inTime + late) of \(owed) parties reported (\(inTime) in time)")
    }
    static func summaryHours(_ met: Int, of days: Int) -> Wording {
        say("\(met)/\(days) ngày vận hành đủ giờ", "\(met) of \(days) days with the hours of operation met")
    }
}

extension Regulation {
    /// What a report calls the party that leads.
    var leadInReports: Wording { report.lead ?? party(lead)?.name ?? Wording(vi: lead, en: lead) }
}
