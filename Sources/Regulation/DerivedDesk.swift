import Schemas
import Values

extension Regulation {
    /// What answers a duty at the desk of a party where the duty's row does not say: each act that fulfils it is a key. The officer is asked for what the message
    /// requires and nobody knows.
    func derivedAnswers(to duty: Duty, by party: PartyID) -> [DeskAnswer] {
        var answers: [DeskAnswer] = []
        for matcher in duty.fulfilledBy where matcher.from.isEmpty || matcher.from.contains(party) {
            guard let answer = derivedAnswer(matcher, to: duty), answers.count < DerivedDesk.keys.count,
                !answers.contains(where: { ($0.type, $0.says) == (answer.type, answer.says) })
            else { continue }
            answers.append(answer)
        }
        return zip(DerivedDesk.keys, answers).map { key, answer in
            var answer = answer
            answer.key = key
            // Two of one type are told apart by what they say.
            if answers.count(where: { $0.type == answer.type }) > 1 { answer.label = label(of: answer) }
            return answer
        }
    }

    /// Nil where no line of a desk could say it: a member has parts of its own, or the case that it continues is not known.
    private func derivedAnswer(_ matcher: Matcher, to duty: Duty) -> DeskAnswer? {
        guard let type = messageType(matcher.type), let schema = type.schema else { return nil }
        var answer = DeskAnswer(key: " ", label: title(of: type.name), type: type.name)
        let isOfCalendar = if case .calendar = duty.opening { true } else { false }
        // A period is no case that others speak of.
        if isOfCalendar, let part = caseKind(of: type.name)?.part, part == .continues || part == .ends { return nil }
        var open: Set<String> = []
        for condition in matcher.conditions where condition.path.keys.first == "data" && condition.path.keys.count == 2 {
            let name = condition.path.keys[1]
            if condition.values.count == 1, let value = condition.values.first { answer.says[name] = value } else { open.insert(name) }
        }
        let fields = schema.fields.filter { answer.says[$0.name] == nil }
        let isToBeNamed = fields.contains { $0.name == "to" && $0.isRequired } || (type.isAddressable && type.to.isEmpty)
        if isToBeNamed { answer.to = DeskAnswer.addressee }
        let cited = matcher.citing?.keys.last
        for field in fields where !(isToBeNamed && field.name == "to") {
            if field.name == cited || (!isOfCalendar && cited == nil && DeskAnswer.facts.contains(field.name)) {
                answer.known.append(field.name)
            } else if field.isRequired || open.contains(field.name) {
                if field.kind == .object { return nil }
                answer.asks.append(field.name)
            }
        }
        return answer
    }

    private func label(of answer: DeskAnswer) -> Wording {
        let fields = schema(of: answer.type)?.fields ?? []
        return answer.label.map { language, title in
            let says = answer.says.members.map { member -> String in
                guard let text = member.value.string else { return member.value.text }
                let words = fields.first { $0.name == member.key }?.labels[text]
                return words.map { language == .vi ? $0.vi : $0.en } ?? text
            }
            return says.isEmpty ? title : "\(title) (\(says.joined(separator: ", ")))"
        }
    }
}

private enum DerivedDesk {
    /// The keys, the first one first.
    static let keys: [Character] = ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
}
