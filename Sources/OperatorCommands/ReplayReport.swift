import Coordination
import Messages
import Regulation
import Values

/// How the notices on a ledger would have been under another regulation, in words.
public struct ReplayReport: Sendable {
    /// A notice on record, the one that there would have been in its place, or both where they differ.
    public struct Difference: Sendable {
        /// As it is on record; nil: it would have been new.
        public var recorded: Replay.Notice?
        /// As it would have been; nil: it would not have been.
        public var replayed: Replay.Notice?
    }

    /// What differs, by obligation.
    public let differences: [Difference]
    private let replay: Replay
    private let regulation: Regulation

    /// A notice counts as moved from this on: times are shown to the minute, and the leader's own steps take a moment.
    static let tolerance = Span.minutes(1)

    /// A report of a replay that has read a whole ledger.
    public init(_ replay: Replay, under regulation: Regulation) {
        (self.replay, self.regulation) = (replay, regulation)
        // The same step may have been taken more than once, for deadlines that moved.
        var free = Dictionary(grouping: replay.replayed, by: \.key)
        var differences: [Difference] = []
        for notice in replay.recorded {
            guard let others = free[notice.key], !others.isEmpty else {
                differences.append(Difference(recorded: notice))
                continue
            }
            // The one that speaks of the same deadline, if there is one.
            let index = others.firstIndex { $0.deadline == notice.deadline } ?? 0
            let other = others[index]
            free[notice.key]?.remove(at: index)
            if ReplayReport.differ(notice, other) { differences.append(Difference(recorded: notice, replayed: other)) }
        }
        for notice in replay.replayed {
            guard let index = free[notice.key]?.firstIndex(of: notice) else { continue }
            free[notice.key]?.remove(at: index)
            differences.append(Difference(replayed: notice))
        }
        self.differences = differences.sorted { ReplayReport.order($0) < ReplayReport.order($1) }
    }

    private static func order(_ difference: Difference) -> (String, Int64, String, String) {
        guard let notice = difference.recorded ?? difference.replayed else { return ("", 0, "", "") }
        return (notice.key.obligation, notice.at.milliseconds, notice.key.rung, notice.key.to)
    }

    private static func differ(_ a: Replay.Notice, _ b: Replay.Notice) -> Bool {
        let apart = a.at > b.at ? a.at - b.at : b.at - a.at
        return a.deadline != b.deadline || apart > tolerance || a.isLate != b.isLate || a.isWithdrawn != b.isWithdrawn
    }

    // MARK: For people and for programs

    /// The report, line by line.
    public func lines(_ language: Language, on screen: Screen) -> [String] {
        let vi = language == .vi
        let (was, would) = (replay.recorded.count, replay.replayed.count)
        var lines = [
            vi
                ? "\(replay.messageCount) tin của các bên; thông báo trong sổ: \(was); theo bản \(shown(regulation.version)): \(would)."
                : "\(replay.messageCount) messages of the parties; notices on record: \(was); under edition \(shown(regulation.version)): \(would)."
        ]
        if differences.isEmpty { return lines + [vi ? "Mọi thông báo đều như đã có." : "Every notice would have been as it was."] }
        let words = DutyWords(regulation, language)
        var obligation = ""
        for difference in differences {
            guard let notice = difference.recorded ?? difference.replayed else { continue }
            if notice.key.obligation != obligation {
                obligation = notice.key.obligation
                lines += ["", screen.paint(heading(obligation, language), .bold)]
            }
            let name = "\(words.step(named: notice.key.rung)) – \(words.party(notice.key.to))"
            switch (difference.recorded, difference.replayed) {
            case (let was?, let would?):
                let (before, after) = (said(was, language), said(would, language))
                lines.append(
                    "  " + screen.paint(vi ? "khác" : "changed", .yellow) + " \(name): " + (vi ? "\(before) thành \(after)" : "\(before) becomes \(after)"))
            case (let was?, nil): lines.append("  " + screen.paint(vi ? "không còn" : "gone", .red) + " \(name): \(said(was, language))")
            case (nil, let would?): lines.append("  " + screen.paint(vi ? "thêm" : "new", .green) + " \(name): \(said(would, language))")
            case (nil, nil): break
            }
        }
        return lines
    }

    private func heading(_ obligation: String, _ language: Language) -> String {
        let parts = obligation.split(separator: "/", maxSplits: 1).map(String.init)
        let title = parts.first.flatMap { regulation.duty($0) }?.title[language]
        return shown((title.map { $0 + " – " } ?? "") + obligation)
    }

    private func said(_ notice: Replay.Notice, _ language: Language) -> String {
        let vi = language == .vi
        let offset = regulation.calendar.offset
        var text = Phrase.time(notice.at, language, offset: offset)
        if let deadline = notice.deadline { text += (vi ? ", hạn " : ", deadline ") + Phrase.time(deadline, language, offset: offset) }
        if notice.isLate { text += vi ? ", chậm" : ", late" }
        if notice.isWithdrawn { text += vi ? ", sau đó thu hồi" : ", withdrawn afterwards" }
        return text
    }

    /// The report as data.
    public var json: JSON {
        func json(_ notice: Replay.Notice) -> JSON {
            let offset = regulation.calendar.offset
            return .compact([
                "type": .string(notice.type), "at": JSON(notice.at, offset: offset), "deadline": notice.deadline.map { JSON($0, offset: offset) },
                "late": .bool(notice.isLate), "withdrawn": .bool(notice.isWithdrawn),
            ])
        }
        return [
            "version": .string(regulation.version), "messages": .int(Int64(replay.messageCount)), "recorded": .int(Int64(replay.recorded.count)),
            "replayed": .int(Int64(replay.replayed.count)),
            "differences": .array(
                differences.map { difference in
                    let key = (difference.recorded ?? difference.replayed)?.key
                    return .compact([
                        "obligation": key.map { .string($0.obligation) }, "rung": key.map { .string($0.rung) }, "to": key.map { .string($0.to) },
                        "recorded": difference.recorded.map(json), "replayed": difference.replayed.map(json),
                    ])
                }),
        ]
    }
}
