import Messages
import Regulation
import Values

extension ScenarioReader {
    private static let notices: [(words: [String], type: String)] = [
        (["opened", "mở-việc"], SystemType.dutyOpened), (["reminded", "nhắc"], SystemType.dutyReminded), (["overdue", "quá-hạn"], SystemType.dutyOverdue),
        (["escalated", "báo-cấp-trên"], SystemType.dutyEscalated), (["settled", "báo-xong"], SystemType.dutyFulfilled),
        (["withdrawn", "rút-lại"], SystemType.noticeWithdrawn),
        (["refused", "không-tiếp-nhận"], SystemType.messageRefused), (["forwarded", "chuyển-lại"], SystemType.messageForwarded),
        (["held-back", "tạm-hoãn"], SystemType.noticeHeldBack), (["rescheduled", "dời-mốc"], SystemType.dutyRescheduled),
    ]

    private static let states: [(words: [String], state: Expectation.State)] = [
        (["open", "chưa-xong"], .open), (["unmet", "còn-quá-hạn"], .overdue), (["fulfilled", "hoàn-thành"], .fulfilled), (["in-time", "đúng-hạn"], .inTime),
        (["late", "chậm"], .late), (["closed", "kết-thúc"], .closed), (["void", "không-còn"], .void),
        (["drill", "diễn-tập"], .drill), (["real", "thật"], .real),
    ]

    /// Reads what follows `expect`: `[DAY] [TIME] WHAT …`.
    func readExpectation(_ words: inout Words) throws(Fault) -> Expectation {
        let date = words.take { CivilDate($0) } ?? day
        var expectation = Expectation(line: 0, text: "", claim: .nothing)
        let isDated = date != day
        if let time = words.take({ ClockTime($0) }) {
            let at = calendar.instant(date) + time.span
            // A time to the minute means the whole minute; the leader may say two seconds late what is due.
            expectation.time = at..<(at + (time.hasSeconds ? .seconds(1) : .minutes(1)))
        } else if isDated {
            throw Fault(vi: "sau ngày phải có giờ", en: "after a day a time must follow")
        }
        let none = words.take(["no", "không"])
        let count = none ? 0 : words.take { Int($0) }
        guard let word = words.take()?.lowercased() else { throw ScenarioReader.unknown("") }
        if let notice = ScenarioReader.notices.first(where: { $0.words.contains(word) }) {
            var parties: [PartyID] = []
            while let party = words.take({ self.regulation.party($0)?.id }) { parties.append(party) }
            expectation.claim = .notices(type: notice.type, count: count, to: parties)
            expectation.obligor = try readObligor(&words)
            try readSelection(&words, into: &expectation)
            return expectation
        }
        if none, ["duty", "việc"].contains(word) {
            expectation.obligor = try readObligor(&words)
            try readSelection(&words, into: &expectation)
            return expectation
        }
        guard count == nil, let state = ScenarioReader.states.first(where: { $0.words.contains(word) })?.state else { throw ScenarioReader.unknown(word) }
        // Both `late` and `fulfilled late` are said.
        let manner =
            state == .fulfilled
            ? words.take { word in ScenarioReader.states.first { $0.words.contains(word) && [.inTime, .late].contains($0.state) }?.state } : nil
        let at = try readTime(words.takePair(["at", "lúc"]), date)
        let due = try readTime(words.takePair(["due", "hạn"]), date)
        expectation.claim = .state(manner ?? state, due: due, at: at)
        expectation.obligor = try readObligor(&words)
        try readSelection(&words, into: &expectation)
        guard expectation.duty != nil || expectation.subject != nil else {
            let example = [regulation.duties.first?.id, regulation.caseKinds.first.map { $0.prefix + "-1" }].compactMap(\.self).joined(separator: " ")
            throw Fault(
                vi: "việc nào, của vụ việc nào? ví dụ: expect open \(example)", en: "which duty, of which case? such as: expect open \(example)")
        }
        return expectation
    }

    /// Reads `by PARTY`: whose duty is meant.
    private func readObligor(_ words: inout Words) throws(Fault) -> PartyID? {
        guard let party = words.takePair(["by", "bởi", "của"]) else { return nil }
        if regulation.party(party) != nil { return party }
        throw unknownParty(party)
    }

    private func readTime(_ text: String?, _ day: CivilDate) throws(Fault) -> Instant? {
        guard let text else { return nil }
        if let instant = calendar.read(text, on: day) { return instant }
        throw Fault(
            vi: "“\(text)” không phải là thời điểm; đề nghị ghi như 09:00 hoặc 2026-03-17T08:00",
            en: "“\(text)” is no time; write it as 09:00 or 2026-03-17T08:00")
    }

    /// Reads `[for] [DUTY] [CASE]`.
    private func readSelection(_ words: inout Words, into expectation: inout Expectation) throws(Fault) {
        _ = words.take(["for", "về"])
        while let word = words.take() {
            if let duty = regulation.duty(word) {
                expectation.duty = duty
            } else if let subject = facts.subject(word) ?? CivilDate(word)?.description, expectation.subject == nil {
                expectation.subject = subject
            } else {
                let known = regulation.duties.map(\.id) + facts.names.suffix(8) + regulation.parties.map(\.id)
                let near = nearest(to: word, in: known)
                throw Fault(
                    vi: "“\(word)” không phải là việc, vụ việc hay ngày nào đã nêu ở trên" + (near.map { "; có phải là \($0)?" } ?? ""),
                    en: "“\(word)” is no duty, no case and no day told above" + (near.map { "; did you mean \($0)?" } ?? ""))
            }
        }
    }

    private static func unknown(_ word: String) -> Fault {
        let known = notices.compactMap(\.words.first) + states.compactMap(\.words.first) + ["no"]
        let near = nearest(to: word, in: notices.flatMap(\.words) + states.flatMap(\.words))
        return Fault(
            vi: "sau expect không thể là “\(word)”" + (near.map { "; có phải là \($0)?" } ?? "; có thể là: \(known.joined(separator: ", "))"),
            en: "“\(word)” cannot follow expect" + (near.map { "; did you mean \($0)?" } ?? "; what can: \(known.joined(separator: ", "))"))
    }
}
