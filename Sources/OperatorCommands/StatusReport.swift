import Messages
import Regulation
import Values

/// The coordinator's answer to "status", made for people.
public struct StatusReport: Sendable {
    private let answer: JSON
    private let regulation: Regulation

    /// A report of an answer. Nil where it is none.
    public init?(_ answer: JSON, regulation: Regulation) {
        guard answer["asOf"]?.instant != nil, answer["obligations"]?.array != nil else { return nil }
        (self.answer, self.regulation) = (answer, regulation)
    }

    /// How many obligations and how many incidents are shown unless all are wanted: what an officer takes in at a glance.
    private static let shownAtOnce = 25
    /// What to ask the coordinator where not all is wanted.
    public static let question: JSON = ["ask": "status", "atMost": .int(Int64(shownAtOnce))]

    /// When the coordinator gave it, by the clock of the duties.
    public var asOf: Instant { answer["asOf"]?.instant ?? Instant(milliseconds: 0) }

    /// The report, line by line.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        let times = TimeWriter(now: asOf, calendar: regulation.calendar)
        return [head(language, times)] + counts(language, screen) + [""] + obligations(language, screen, times) + incidents(language, screen, times)
            + agents(language, screen, times) + gaps(language, screen, times)
    }

    private func head(_ language: Language, _ times: TimeWriter) -> String {
        let local = regulation.calendar.local(asOf)
        let date = "\(local.date.day)/\(local.date.month)/\(local.date.year)"
        let records = answer["ledger"]?["records"]?.int ?? 0
        let refused = answer["ledger"]?["refused"]?.int ?? 0
        let leader = answer["leader"]?.string.map(shown)
        // A coordinator at rest reads its own record back in a blink.
        let lag = answer["lag"]?["seconds"]?.number.flatMap { $0 >= 2 ? Int(exactly: $0.rounded()) : nil }
        switch language {
        case .vi:
            let behind = lag.map { "; ĐANG ĐỌC CHẬM \($0) GIÂY" } ?? ""
            let who = leader.map { "điều phối: \($0)" } ?? "CHƯA CÓ MÁY ĐIỀU PHỐI NÀO ĐANG CHỦ TRÌ"
            return "Lúc \(local.timeOfDay) ngày \(date); \(who)\(behind); sổ cái \(records) bản ghi" + (refused > 0 ? ", \(refused) tin chưa tiếp nhận" : "")
        case .en:
            let behind = lag.map { "; READING \($0) SECONDS BEHIND" } ?? ""
            let who = leader.map { "coordinator: \($0)" } ?? "NO COORDINATOR LEADS AT PRESENT"
            return "At \(local.timeOfDay) on \(date); \(who)\(behind); ledger of \(records) records" + (refused > 0 ? ", \(refused) messages not accepted" : "")
        }
    }

    /// How much there is in all, where not all is shown.
    private func counts(_ language: Language, _ screen: Screen) -> [String] {
        var lines: [String] = []
        let vi = language == .vi
        if isCut("obligations") || isCut("incidents"), let overdue = answer["counts"]?["overdue"]?.int {
            let (owed, incidents) = (count("obligations"), count("incidents"))
            let text =
                vi
                ? "TỔNG SỐ: \(owed) việc phải làm, \(overdue) đã quá hạn; \(incidents) sự cố chưa xong"
                : "IN ALL: \(owed) owed, \(overdue) overdue; \(incidents) incidents open"
            lines.append(screen.paint(text, overdue > 0 ? .red : .bold))
        }
        if answer["steady"]?.bool == false {
            lines.append(vi ? "(sổ cái có thêm tin trong khi đọc)" : "(the ledger grew while this was read)")
        }
        return lines
    }

    /// How many there are of a list, shown or not.
    private func count(_ list: String) -> Int { answer["counts"]?[list]?.int.map { Int(clamping: $0) } ?? answer[list]?.array?.count ?? 0 }

    private func isCut(_ list: String) -> Bool { count(list) > answer[list]?.array?.count ?? 0 }

    /// That a list goes on.
    private func rest(of list: String, _ language: Language, _ screen: Screen) -> [String] {
        let left = count(list) - (answer[list]?.array?.count ?? 0)
        guard left > 0 else { return [] }
        return [screen.paint(language == .vi ? "… còn \(left) nữa: phoihop status --all" : "… and \(left) more: phoihop status --all", .yellow)]
    }

    // MARK: What is owed

    private func obligations(_ language: Language, _ screen: Screen, _ times: TimeWriter) -> [String] {
        let list = (answer["obligations"]?.array ?? []).enumerated().sorted { a, b in
            let (x, y) = (a.element["deadline"]?.instant?.milliseconds ?? .max, b.element["deadline"]?.instant?.milliseconds ?? .max)
            return (x, a.offset) < (y, b.offset)
        }.map(\.element)
        let vi = language == .vi
        guard !list.isEmpty else { return [screen.paint(vi ? "Không có việc nào đang chờ." : "Nothing is owed.", .green), ""] }
        var hasMark = false
        let rows = list.map { obligation -> [Table.Cell] in
            let isMark = obligation["basis"]?.string == DueRule.Basis.mark.rawValue
            let deadline = obligation["deadline"]?.instant
            hasMark = hasMark || (isMark && deadline != nil)
            let isPast = deadline.map { times.now > $0 } ?? false
            let isNear = deadline.map { $0 - times.now < .minutes(30) } ?? false
            var left = deadline.map { times.left(until: $0, language) } ?? (vi ? "không ấn định" : "none set")
            if obligation["claimed"]?.int ?? 0 > 0 { left += vi ? ", có đề nghị chờ trả lời" : ", a claim awaits its answer" }
            if obligation["state"]?.string == "planned" { left += vi ? ", đang bảo trì" : ", maintenance" }
            let subject = [obligation["subject"]?.string, obligation["case"]?.string].compactMap { $0 }.map(shown).joined(separator: ", ")
            let title = StatusReport.wording(obligation["title"], language) ?? obligation["duty"]?.string.map(shown) ?? ""
            return [
                Table.Cell(left, isPast ? .red : isNear ? .yellow : nil), Table.Cell(deadline.map { times.text($0) + (isMark ? "*" : "") } ?? ""),
                Table.Cell(shown(obligation["obligor"]?.string ?? "")), Table.Cell(drill(obligation, language) + title), Table.Cell(subject),
            ]
        }
        let heads = vi ? ["CÒN LẠI", "HẠN", "ĐƠN VỊ", "VIỆC", "VỤ VIỆC"] : ["LEFT", "DEADLINE", "PARTY", "DUTY", "CASE"]
        var lines = [screen.paint(vi ? "VIỆC PHẢI LÀM (\(count("obligations")))" : "OWED (\(count("obligations")))", .bold)]
        lines += Table(heads, rows: rows, flexible: [3: 12, 4: 19]).lines(on: screen)
        lines += rest(of: "obligations", language, screen)
        if hasMark {
            let mark = vi ? "* mốc theo dõi của hệ thống, Quy định không ấn định" : "* a monitoring mark of this system, not set by the Regulation"
            lines.append(screen.paint(mark, .dim))
        }
        lines.append(screen.paint(vi ? "Chi tiết: phoihop explain VỤ-VIỆC" : "In detail: phoihop explain CASE", .dim))
        return lines + [""]
    }

    // MARK: What goes on

    private func incidents(_ language: Language, _ screen: Screen, _ times: TimeWriter) -> [String] {
        let list = answer["incidents"]?.array ?? []
        let vi = language == .vi
        guard !list.isEmpty else { return [screen.paint(vi ? "Không có sự cố nào chưa xong." : "No incident is open.", .green), ""] }
        let begins = regulation.caseKinds.filter(\.isFollowed).flatMap(\.begins)
        let kinds = begins.compactMap { type in regulation.schema(of: type)?.fields.first { $0.name == "kind" } }
        let rows = list.map { incident -> [Table.Cell] in
            let kind = incident["kind"]?.string.flatMap { value in
                kinds.lazy.compactMap { $0.meaning(of: value, language) }.first
            }
            return [
                Table.Cell(shown(incident["subject"]?.string ?? "")), Table.Cell(incident["occurredAt"]?.instant.map(times.text) ?? ""),
                Table.Cell(state(incident["state"]?.string ?? "", language)), Table.Cell(shown(incident["device"]?.string ?? "")),
                Table.Cell(drill(incident, language) + [incident["title"]?.string.map(shown), kind].compactMap { $0 }.joined(separator: ", ")),
            ]
        }
        let heads = vi ? ["VỤ VIỆC", "XẢY RA", "HIỆN TRẠNG", "THIẾT BỊ", "SỰ CỐ"] : ["CASE", "OCCURRED", "STATE", "DEVICE", "INCIDENT"]
        return [screen.paint(vi ? "SỰ CỐ CHƯA XONG (\(count("incidents")))" : "OPEN INCIDENTS (\(count("incidents")))", .bold)]
            + Table(heads, rows: rows, flexible: [2: 16, 4: 16]).lines(on: screen) + rest(of: "incidents", language, screen) + [""]
    }

    private func agents(_ language: Language, _ screen: Screen, _ times: TimeWriter) -> [String] {
        let silent = (answer["agents"]?.array ?? []).filter { $0["silent"]?.bool ?? false }
        let vi = language == .vi
        let doubled = self.doubled(language, screen)
        guard !silent.isEmpty else { return doubled + [screen.paint(vi ? "Không có máy nào mất liên lạc." : "No agent is silent.", .green)] }
        let rows = silent.map { agent -> [Table.Cell] in
            let id = agent["party"]?.string ?? ""
            let seen = agent["lastSeenAt"]?.instant
            let party = regulation.party(id)
            let phone =
                (answer["phones"]?[id]?.string.map(shown) ?? party?.phone).map { vi ? "gọi \($0)" : "call \($0)" } ?? regulation.wordings["no-phone"]?[language]
                ?? ""
            let since = seen.map { times.text($0) + (vi ? ", cách đây \(times.length(times.now - $0, .vi))" : ", \(times.length(times.now - $0, .en)) ago") }
            return [Table.Cell(shown(id), .red), Table.Cell(party?.name[language] ?? ""), Table.Cell(since ?? ""), Table.Cell(phone)]
        }
        let heads = vi ? ["MÁY", "ĐƠN VỊ", "TÍN HIỆU CUỐI", ""] : ["AGENT", "PARTY", "LAST SIGNAL", ""]
        return doubled + [screen.paint(vi ? "MÁY MẤT LIÊN LẠC (\(rows.count))" : "SILENT AGENTS (\(rows.count))", .bold)]
            + Table(heads, rows: rows, flexible: [1: 12]).lines(on: screen)
    }

    /// What was received and is not on the ledger.
    private func gaps(_ language: Language, _ screen: Screen, _ times: TimeWriter) -> [String] {
        guard let gaps = answer["gaps"], let check = Check.gaps(gaps), !check.isFine else { return [] }
        let vi = language == .vi
        let rows = (gaps["messages"]?.array ?? []).map { gap -> [Table.Cell] in
            let receivers = (gap["receivedBy"]?.array ?? []).compactMap(\.string).map(shown).joined(separator: ", ")
            return [
                Table.Cell(shown(gap["id"]?.string ?? "")), Table.Cell(shown(gap["sender"]?.string ?? "?")), Table.Cell(receivers),
                Table.Cell(gap["since"]?.instant.map(times.text) ?? ""), Table.Cell(gap["asked"]?.string.map { (vi ? "đã hỏi " : "asked ") + shown($0) } ?? ""),
            ]
        }
        let heads = vi ? ["MÃ TIN", "NƠI GỬI", "NƠI NHẬN", "TỪ", ""] : ["MESSAGE", "SENDER", "RECEIVED BY", "SINCE", ""]
        return ["", screen.paint(check.finding[language], .red)] + (rows.isEmpty ? [] : Table(heads, rows: rows, flexible: [0: 16, 2: 16]).lines(on: screen))
    }

    /// Parties that two agents serve at once, so that each of them receives a part.
    private func doubled(_ language: Language, _ screen: Screen) -> [String] {
        (answer["agents"]?.array ?? []).compactMap { agent in
            guard let party = agent["party"]?.string, let together = agent["together"]?.array, together.count > 1 else { return nil }
            let places = together.compactMap { $0.string.map(shown) }.joined(separator: ", ")
            let text =
                language == .vi
                ? "HAI TÁC TỬ CÙNG LÀM VIỆC CHO \(shown(party)): \(places). Mỗi nơi chỉ nhận được một phần tin; đề nghị dừng một"
                : "TWO AGENTS SERVE \(shown(party)): \(places). Each receives only a part of the messages; end one of them"
            return screen.paint(text, .red)
        }
    }

    private func drill(_ item: JSON, _ language: Language) -> String {
        item["exercise"]?.bool == true ? regulation.wordings["exercise-prefix"]?[language] ?? "" : ""
    }

    static func wording(_ json: JSON?, _ language: Language) -> String? { json?[language.rawValue]?.string.map(shown) }

    private func state(_ state: String, _ language: Language) -> String { regulation.wordings["state-" + state]?[language] ?? shown(state) }
}
