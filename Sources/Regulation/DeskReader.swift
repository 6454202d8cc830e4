import Values

/// Reads the desk of a duty's row: `[{ "key": "1", "label": {…}, "type": "incident.dismissed", "asks": ["reason", "officer"] }]`.
struct DeskReader {
    /// The names of the message types.
    let typeNames: Set<String>
    /// The parties by id.
    let parties: [PartyID]

    /// The answers to a duty, whose acts these are.
    func answers(_ node: Node, fulfilledBy: [Matcher]) -> [DeskAnswer] {
        var keys: Set<Character> = []
        return node.elements.compactMap { node in
            let answer = answer(node, citing: fulfilledBy.compactMap { $0.citing?.keys.last })
            if let key = answer?.key, !keys.insert(key).inserted {
                node.optional("key")?.problem(vi: "phím “\(key)” đã dùng ở trên: chọn phím khác", en: "the key \"\(key)\" is taken above: choose another")
            }
            return answer
        }
    }

    private func answer(_ node: Node, citing: [String]) -> DeskAnswer? {
        node.allow("key", "label", "type", "known", "says", "to", "asks")
        let key = node.member("key")?.parsed(vi: "một chữ số hoặc một chữ thường, khác “q”", en: "one digit or one lower-case letter other than \"q\"") {
            text in
            text.utf8.count == 1 && text != "q" ? text.first.flatMap { $0.isNumber || $0.isLowercase ? $0 : nil } : nil
        }
        let label = node.member("label")?.wording
        let name = node.member("type")?.parsed(vi: "một loại tin: khai báo tại /messageTypes", en: "a message type: declare it under /messageTypes") {
            typeNames.contains($0) ? $0 : nil
        }
        let to = node.optional("to")?.parsed(vi: "“\(DeskAnswer.addressee)” hoặc một bên", en: "\"\(DeskAnswer.addressee)\" or a party") {
            $0 == DeskAnswer.addressee || parties.contains($0) ? $0 : nil
        }
        let (known, says, asks) = (node.optional("known"), node.optional("says"), node.optional("asks"))
        guard let key, let label, let name else { return nil }
        var answer = DeskAnswer(key: key, label: label, type: name)
        answer.to = to
        let facts = DeskAnswer.facts + citing
        answer.known = (known?.elements ?? []).compactMap { element in
            let list = facts.joined(separator: ", ")
            return element.parsed(
                vi: "một trong \(list): mục khác thì đưa vào “asks”", en: "one of \(list): put another under \"asks\""
            ) { facts.contains($0) ? $0 : nil }
        }
        for (name, value) in says?.entries ?? [] { answer.says[name] = value.value }
        answer.asks = (asks?.elements ?? []).map(\.string)
        var given: Set<String> = []
        for name in (to == nil ? [] : ["to"]) + answer.known + answer.says.members.map(\.key) + answer.asks where !given.insert(name).inserted {
            node.problem(vi: "mục “\(name)” được nêu hai lần: bỏ một", en: "the member \"\(name)\" is given twice: remove one")
        }
        return answer
    }
}
