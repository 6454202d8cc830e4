import Content
import Regulation
import Values

/// What is posted on the Cluster, and what is on its way there, made for people (Clause 1, Article 7).
public struct ContentReport: Sendable {
    private struct Row {
        var item: ContentItem
        var stage: ContentItem.Stage
        var since: Instant
        /// How many of its files are not in the store.
        var missing: Int
    }

    private let rows: [Row]
    private let unplaced: [String]
    private let now: Instant
    private let regulation: Regulation

    /// A report of a board at an instant. `isKept` says whether a file is in the Department's store.
    public init(_ board: ContentBoard, at now: Instant, regulation: Regulation, isKept: (FileReference) -> Bool) {
        (self.now, self.regulation, unplaced) = (now, regulation, board.unplaced)
        rows = board.items.map { item in
            let (stage, since) = item.stage(at: now, in: regulation.calendar, isKept: isKept)
            return Row(item: item, stage: stage, since: since, missing: item.files.count { !isKept($0) })
        }.sorted { ($0.since, $0.item.subject) < ($1.since, $1.item.subject) }
    }

    private var posted: [Row] { rows.filter { $0.stage == .posted } }
    private var onTheWay: [Row] { rows.filter { $0.stage.isOnTheWay } }
    private var over: [Row] { rows.filter { $0.stage != .posted && !$0.stage.isOnTheWay } }

    /// The report, line by line. `all` also shows what is over: withdrawn, expired, returned, refused.
    public func lines(all: Bool, _ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        var lines = section(
            vi ? "ĐANG ĐĂNG TRÊN CỤM" : "POSTED ON THE CLUSTER", vi ? "Chưa có nội dung nào." : "Nothing.", posted,
            vi ? ["MÃ", "NỘI DUNG", "ĐĂNG TỪ", "ĐẾN HẾT", "THIẾT BỊ", "TỆP"] : ["CASE", "CONTENT", "POSTED", "UNTIL", "DEVICES", "FILES"], language, screen
        ) { row, times in
            [
                Table.Cell(times.text(row.since)), Table.Cell(row.item.publications.last?.until.map { "\($0.day)/\($0.month)/\($0.year)" } ?? ""),
                Table.Cell(shown(row.item.devices.joined(separator: ", "))), files(row, vi),
            ]
        }
        lines.append("")
        lines += section(
            vi ? "ĐANG XỬ LÝ" : "ON THE WAY", vi ? "Không có nội dung nào chờ." : "Nothing waits.", onTheWay,
            vi ? ["MÃ", "NỘI DUNG", "BÊN CUNG CẤP", "TÌNH TRẠNG", "ĐÃ CHỜ", "TỆP"] : ["CASE", "CONTENT", "FROM", "STATE", "WAITS", "FILES"], language, screen
        ) { row, times in
            [
                Table.Cell(shown(row.item.submission?.by ?? "")), Table.Cell(ContentReport.words(row.stage, vi), row.stage == .submitted ? .yellow : nil),
                Table.Cell(times.length(max(.zero, now - row.since), language)), files(row, vi),
            ]
        }
        if all {
            lines.append("")
            lines += section(
                vi ? "ĐÃ XONG" : "OVER", vi ? "Không có." : "Nothing.", over,
                vi ? ["MÃ", "NỘI DUNG", "TÌNH TRẠNG", "TỪ"] : ["CASE", "CONTENT", "STATE", "SINCE"],
                language, screen
            ) { row, times in [Table.Cell(ContentReport.words(row.stage, vi)), Table.Cell(times.text(row.since))] }
        }
        if !unplaced.isEmpty {
            lines.append("")
            lines.append(
                (vi
                    ? "Bị phản ánh hoặc đã gỡ, nhưng sổ không nói là nội dung nào (ghi --publication MÃ): "
                    : "Challenged or taken off, but the ledger does not say which content (give --publication CASE): ")
                    + unplaced.map(shown).joined(separator: ", "))
        }
        return lines
    }

    private func section(
        _ heading: String, _ empty: String, _ rows: [Row], _ heads: [String], _ language: Language, _ screen: Screen,
        _ cells: (Row, TimeWriter) -> [Table.Cell]
    ) -> [String] {
        guard !rows.isEmpty else { return [screen.paint(heading, .bold), empty] }
        let times = TimeWriter(now: now, calendar: regulation.calendar)
        let drill = regulation.wordings["exercise-prefix"]?[language] ?? ""
        return [screen.paint(heading, .bold)]
            + Table(
                heads,
                rows: rows.map { row in
                    let isChallenged = !row.item.openChallenges.isEmpty && row.stage == .posted
                    let challenge =
                        isChallenged
                        ? (language == .vi ? " (đang bị phản ánh: " : " (challenged: ") + row.item.openChallenges.joined(separator: ", ") + ")" : ""
                    let title = (row.item.exercise ? drill : "") + shown(row.item.title) + shown(challenge)
                    return [Table.Cell(shown(row.item.subject)), Table.Cell(title, isChallenged ? .red : nil)] + cells(row, times)
                }, flexible: [1: 16]
            ).lines(on: screen)
    }

    private func files(_ row: Row, _ vi: Bool) -> Table.Cell {
        let count = row.item.files.count
        guard row.missing > 0 else { return Table.Cell("\(count)") }
        return Table.Cell(vi ? "\(count), \(row.missing) chưa lưu" : "\(count), \(row.missing) not kept", .red)
    }

    private static func words(_ stage: ContentItem.Stage, _ vi: Bool) -> String {
        switch stage {
        case .submitted: vi ? "chờ kiểm tra tệp, thẩm định" : "to be checked and vetted"
        case .checked: vi ? "tệp đã đúng, chờ thẩm định" : "files right, to be vetted"
        case .accepted: vi ? "đã chấp nhận, chờ đăng" : "accepted, to be published"
        case .returned: vi ? "đã trả lại" : "returned"
        case .refused: vi ? "đã từ chối" : "refused"
        case .posted: vi ? "đang đăng" : "posted"
        case .withdrawn: vi ? "đã gỡ" : "withdrawn"
        case .expired: vi ? "hết hạn đăng" : "expired"
        }
    }

    /// The report as data: everything, whatever is shown.
    public var json: JSON {
        let offset = regulation.calendar.offset
        func list(_ rows: [Row]) -> JSON { .array(rows.map { $0.item.json(stage: $0.stage, since: $0.since, notKept: $0.missing, offset: offset) }) }
        return [
            "asOf": JSON(now, offset: offset), "posted": list(posted), "onTheWay": list(onTheWay), "over": list(over),
            "unplaced": .array(unplaced.map { .string($0) }),
        ]
    }
}

extension ContentItem {
    /// The item as data. `notKept` is how many of its files are not in the store, where somebody looked.
    public func json(stage: Stage, since: Instant, notKept: Int? = nil, offset: Span) -> JSON {
        .compact([
            "subject": .string(subject), "title": .string(title), "exercise": exercise ? true : nil, "stage": .string(stage.rawValue),
            "since": JSON(since, offset: offset), "notKept": notKept.map { .int(Int64($0)) },
            "submission": submission.map { submission in
                .compact([
                    "by": .string(submission.by), "at": JSON(submission.at, offset: offset), "answersFor": submission.answersFor.map { .string($0) },
                    "wantedFor": submission.wantedFor.map { .string($0.description) },
                ])
            },
            "vetting": vetting.map { vetting in
                .compact([
                    "at": JSON(vetting.at, offset: offset), "outcome": .string(vetting.outcome), "reason": vetting.reason.map { .string($0) },
                    "filesCheckedAt": vetting.filesCheckedAt.map { JSON($0, offset: offset) },
                    "filesUncheckedReason": vetting.filesUncheckedReason.map { .string($0) },
                ])
            },
            "publications": publications.isEmpty
                ? nil
                : .array(
                    publications.map { publication in
                        .compact([
                            "at": JSON(publication.at, offset: offset), "title": .string(publication.title),
                            "devices": .array(publication.devices.map { .string($0) }), "languages": .array(publication.languages.map { .string($0) }),
                            "until": publication.until.map { .string($0.description) }, "files": .array(publication.files.map(\.json)),
                        ])
                    }),
            "withdrawals": withdrawals.isEmpty
                ? nil
                : .array(withdrawals.map { .compact(["at": JSON($0.at, offset: offset), "device": $0.device.map { .string($0) }]) }),
            "openChallenges": openChallenges.isEmpty ? nil : .array(openChallenges.map { .string($0) }), "files": .array(files.map(\.json)),
        ])
    }
}
