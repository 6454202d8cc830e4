import Regulation
import Values

/// One thing that `doctor` looks at, and what it found.
public struct Check: Sendable, Hashable {
    /// What is looked at.
    public var name: Wording
    /// What was found.
    public var finding: Wording
    /// What to do about it; nil where all is fine.
    public var remedy: Wording?

    /// Whether all is fine.
    public var isFine: Bool { remedy == nil }

    /// A thing that is fine.
    public static func fine(_ name: Wording, _ finding: Wording) -> Check { Check(name: name, finding: finding, remedy: nil) }

    /// A thing that is not.
    public static func wrong(_ name: Wording, _ finding: Wording, todo: Wording) -> Check { Check(name: name, finding: finding, remedy: todo) }

    /// The check on a line, its mark first.
    public func line(_ language: Language, on screen: Screen) -> String {
        let vi = language == .vi
        let mark = isFine ? screen.paint(vi ? "TỐT" : "OK ", .green) : screen.paint(vi ? "SAI" : "BAD", .red)
        return "\(mark)  \(name[language]): \(finding[language])" + (remedy.map { (vi ? ". Cần: " : ". To do: ") + $0[language] } ?? "")
    }

    /// The check as data.
    public var json: JSON {
        .compact(["check": name.json, "ok": .bool(isFine), "finding": finding.json, "todo": remedy?.json])
    }
}

extension Check {
    /// Whether what was received is on the ledger, by what an answer to "status" says of gaps; nil where it says nothing.
    public static func gaps(_ gaps: JSON?) -> Check? {
        guard let gaps else { return nil }
        func count(_ name: String) -> Int64 { gaps[name]?.int ?? 0 }
        let (missing, more, testified, contradicted) = (count("missing"), count("passedOver"), count("testified"), count("contradicted"))
        let name = Wording(vi: "Sổ", en: "The ledger")
        var found: [Wording] = []
        if contradicted > 0 {
            found.append(
                Wording(
                    vi: "BÁO ĐỘNG: \(contradicted) tin có hai nội dung khác nhau dưới cùng một mã",
                    en: "ALARM: \(contradicted) messages have two bodies under one id"))
        }
        if missing + more > 0 {
            found.append(
                Wording(
                    vi: "thiếu \(missing) tin mà nơi nhận đã xác nhận" + (more > 0 ? ", và \(more) xác nhận không theo dõi thêm" : ""),
                    en: "\(missing) messages that were received are missing" + (more > 0 ? ", and \(more) receipts more are not followed up" : "")))
        }
        let told = Wording(
            vi: testified > 0 ? "\(testified) tin chỉ có theo lời nơi nhận" : "đủ mọi tin đã xác nhận",
            en: testified > 0 ? "\(testified) messages are there by their receivers' word alone" : "has all that was received")
        if found.isEmpty { return .fine(name, told) }
        if testified > 0 { found.append(told) }
        return .wrong(
            name, Wording(vi: found.map(\.vi).joined(separator: "; "), en: found.map(\.en).joined(separator: "; ")),
            todo: Wording(
                vi: "bật máy của nơi gửi và nơi nhận để hệ thống hỏi lại; xem: phoihop explain MÃ-TIN",
                en: "let the agents of sender and receivers run, so that they can be asked; see: phoihop explain MESSAGE"))
    }

    /// Whether the regulation knows the holidays of this year and the next.
    public static func calendar(_ regulation: Regulation, today: CivilDate) -> Check {
        let name = Wording(vi: "Lịch nghỉ lễ", en: "Public holidays")
        let missing = [today.year, today.year + 1].filter { regulation.calendar.years[$0] == nil }
        guard !missing.isEmpty else {
            return .fine(name, Wording(vi: "có dữ liệu năm \(today.year) và \(today.year + 1)", en: "data for \(today.year) and \(today.year + 1)"))
        }
        let years = missing.map(String.init).joined(separator: ", ")
        return .wrong(
            name,
            Wording(
                vi: "chưa có dữ liệu năm \(years) (Tết, Giỗ Tổ, ngày làm bù), hạn tính theo ngày làm việc có thể sai",
                en: "no data for \(years) (Tết, the Hùng Kings' day, make-up days), deadlines in working days may be wrong"),
            todo: Wording(
                vi: "bổ sung holidays và makeUpDays của năm \(years) vào calendar.years trong tệp quy định",
                en: "add holidays and makeUpDays of \(years) to calendar.years in the regulation"))
    }

    /// Whether the telephone of every agency is known: from the regulation, or since it was declared.
    public static func phones(_ regulation: Regulation, declared: Set<PartyID> = []) -> Check {
        let name = Wording(vi: "Điện thoại trực", en: "Duty telephones")
        let missing = regulation.parties.filter { $0.isAgency && $0.phone == nil && !declared.contains($0.id) }.map(\.id)
        guard !missing.isEmpty else { return .fine(name, Wording(vi: "đủ mọi đơn vị", en: "on file for every agency")) }
        let list = missing.joined(separator: ", ")
        return .wrong(
            name, Wording(vi: "chưa khai báo của \(list)", en: "not on file for \(list)"),
            todo: regulation.declaresPhone.map {
                Wording(vi: "từng đơn vị công bố: phoihop publish \($0) --phone SỐ", en: "let each declare it: phoihop publish \($0) --phone NUMBER")
            } ?? Wording(vi: "ghi \"phone\" của các đơn vị này trong tệp quy định", en: "enter their \"phone\" in the regulation"))
    }

    /// Whether this machine's clock agrees with the coordinator's, whose time lies between the question and the answer. Times are those of the duties,
    /// which in a drill run `rate` times as fast.
    public static func clock(asked: Instant, asOf: Instant, answered: Instant, rate: Double = 1) -> Check {
        let name = Wording(vi: "Đồng hồ máy này", en: "This machine's clock")
        let isAhead = asOf < asked
        let off = Double(isAhead ? (asked - asOf).milliseconds : asOf > answered ? (asOf - answered).milliseconds : 0) / rate
        guard off > Double(allowedClockDifference.milliseconds) else {
            return .fine(name, Wording(vi: "khớp với hệ thống điều phối", en: "agrees with the coordinator's"))
        }
        let seconds = Int64(saturating: (off / 1000).rounded(.up))
        return .wrong(
            name,
            Wording(
                vi: "\(isAhead ? "nhanh" : "chậm") hơn hệ thống điều phối \(seconds) giây",
                en: "\(seconds) s \(isAhead ? "ahead of" : "behind") the coordinator's"),
            todo: Wording(
                vi: "bật đồng bộ giờ trên cả hai máy (timedatectl set-ntp true)", en: "let both machines keep network time (timedatectl set-ntp true)"))
    }

    /// How far the clocks of two machines may differ before `doctor` says so. A minute off, messages are refused as lying in the future.
    public static let allowedClockDifference = Span.seconds(5)

    /// Whether there is room for messages.
    public static func disk(freeBytes: Int64, path: String) -> Check {
        let name = Wording(vi: "Đĩa", en: "Disk")
        let megabytes = freeBytes / 1_000_000
        let found = Wording(vi: "còn \(megabytes) MB tại \(path)", en: "\(megabytes) MB free at \(path)")
        guard freeBytes < leastFreeBytes else { return .fine(name, found) }
        return .wrong(name, found, todo: Wording(vi: "dọn đĩa; đầy đĩa thì không giữ được tin", en: "make room; on a full disk no message can be kept"))
    }

    /// Less free space than this is worth a word.
    public static let leastFreeBytes: Int64 = 200_000_000

    /// Whether the programs that files need are installed. Each goes with the Debian package that it comes in.
    public static func tools(missing: [(path: String, package: String)]) -> Check {
        let name = Wording(vi: "Chương trình cho tệp", en: "Programs for files")
        guard !missing.isEmpty else { return .fine(name, Wording(vi: "đủ", en: "all installed")) }
        let paths = missing.map(\.path).joined(separator: ", ")
        let packages = Set(missing.map(\.package)).sorted().joined(separator: " ")
        return .wrong(
            name,
            Wording(
                vi: "thiếu \(paths); không gửi, không kiểm tra, không sao lưu tệp được", en: "\(paths) missing; files cannot be sent, checked or backed up"),
            todo: Wording(vi: "chạy apt-get install \(packages)", en: "run apt-get install \(packages)"))
    }

    /// Whether so many messages came that do not count that not all of them were kept.
    public static func quarantine(kept: Int, counted: Int64, path: String) -> Check {
        let name = Wording(vi: "Tin không hợp lệ đã nhận", en: "Messages received that do not count")
        guard counted > 0 else {
            return .fine(name, Wording(vi: kept == 0 ? "không có" : "\(kept) tin trong \(path)", en: kept == 0 ? "none" : "\(kept) in \(path)"))
        }
        return .wrong(
            name, Wording(vi: "\(kept) tin trong \(path), \(counted) tin nữa không giữ được", en: "\(kept) in \(path), \(counted) more were not kept"),
            todo: Wording(
                vi: "xem ai đã gửi và báo nơi đó; xong thì xóa các tệp trong thư mục ấy rồi khởi động lại tác tử",
                en: "see who sent them and tell that party; then remove the files there and restart the agent"))
    }

    /// Whether messages wait or were refused.
    public static func spool(waiting: Int, refused: [(id: String, reason: String)], path: String) -> [Check] {
        let out = Wording(vi: "Tin chờ gửi", en: "Messages to be sent")
        let bad = Wording(vi: "Tin bị từ chối", en: "Refused messages")
        let first =
            waiting == 0
            ? Check.fine(out, Wording(vi: "không có", en: "none"))
            : .wrong(
                out, Wording(vi: "\(waiting) tệp đang chờ", en: "\(waiting) file(s) waiting"),
                todo: Wording(
                    vi: "nối lại máy chủ tin; tác tử của đơn vị, hoặc lần publish sau, sẽ gửi",
                    en: "get the broker back; the party's agent, or the next publish, sends them"))
        guard let last = refused.last else { return [first, .fine(bad, Wording(vi: "không có", en: "none"))] }
        return [
            first,
            .wrong(
                bad,
                Wording(
                    vi: "\(refused.count) tin trong \(path)/refused, gần nhất \(shown(last.id)): \(shown(last.reason))",
                    en: "\(refused.count) in \(path)/refused, the latest \(shown(last.id)): \(shown(last.reason))"),
                todo: Wording(
                    vi: "sửa và gửi lại bằng phoihop publish, rồi xóa tệp ở đó", en: "mend and send them again with phoihop publish, then remove them there")),
        ]
    }
}
