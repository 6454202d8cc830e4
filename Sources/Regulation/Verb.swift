import Schemas
import Values

/// A verb of the language of scenarios: a word that stands for a message type. `08:40 border-guard notifies SC-1` says a message as `says` begins it, and as the
/// line goes on.
public struct Verb: Sendable, Hashable {
    /// The word in English and in Vietnamese; further ones mean the same.
    public var words: [String]
    /// The things of which it is said, by their names, as the power that `fails`; empty where a party says it. Things do not speak for themselves: whoever may
    /// send the type says it.
    public var things: [String] = []
    /// The type of the message.
    public var type: String
    /// What it says beside what the line says.
    public var says = JSONObject()

    /// The word in a language.
    public func word(_ language: Language) -> String { Verb.word(language, of: words) }
    /// The word in a language, after the thing of which it is said: `power fails`.
    public func phrase(_ language: Language) -> String { things.isEmpty ? word(language) : "\(Verb.word(language, of: things)) \(word(language))" }

    /// All its words, of the thing of which it is said: `power, điện: fails, mất, hỏng`.
    public var phrases: String { (things.isEmpty ? "" : things.joined(separator: ", ") + ": ") + words.joined(separator: ", ") }

    private static func word(_ language: Language, of words: [String]) -> String {
        (language == .en ? words.first : words.dropFirst().first ?? words.first) ?? ""
    }
}

extension Regulation {
    /// Every verb, in the order of the message types.
    public var verbs: [Verb] { messageTypes.flatMap(\.verbs) }
    /// The verb of a word, said of a thing or, where none is named, by a party.
    public func verb(_ word: String, of thing: String? = nil) -> Verb? {
        for type in messageTypes {
            if let verb = type.verbs.first(where: { $0.words.contains(word) && (thing.map($0.things.contains) ?? $0.things.isEmpty) }) { return verb }
        }
        return nil
    }
}

/// The words that the language of scenarios has itself, under every text, in English and in Vietnamese.
public enum ScenarioWords {
    /// A device does not work.
    public static let fails = ["fails", "hỏng", "mất"]
    /// It works again.
    public static let recovers = ["recovers", "returns", "chạy-lại", "có-lại"]
    /// It has another status.
    public static let becomes = ["is", "ở"]
    /// A program stops.
    public static let stops = ["stops", "ngừng"]
    /// It runs again.
    public static let starts = ["starts", "khởi-động"]
    /// Another coordinator takes over.
    public static let changes = ["changes", "đổi-máy"]
    /// A party says a message of any type.
    public static let says = ["says", "gửi"]
    /// A party says a message again.
    public static let repeats = ["repeats", "gửi-lại"]
    /// All that may stand after who acts.
    public static let verbs = fails + recovers + becomes + stops + starts + changes + says + repeats

    /// The program that leads.
    public static let coordinator = [Party.coordinator, "điều-phối"]
    /// The text that is played.
    public static let regulation = ["regulation", "quy-định"]
}

/// Reads the verbs of a text, each with all that is wrong with it.
struct VerbReader {
    /// What may not be called a thing: parties, devices, and what the language of scenarios has itself.
    private let taken: (String) -> Bool
    /// The verbs so far, with the thing of which they are said.
    private var known: Set<String> = []

    init(taken: @escaping (String) -> Bool) { self.taken = taken }

    /// `[{ "words": ["telephones", "gọi-điện"], "says": { "means": "telephone" } }]`, of a thing `{ "of": ["power", "điện"], "words": ["fails", "mất"], … }`.
    mutating func verbs(_ node: Node, of type: String, _ schema: MessageSchema?) -> [Verb] {
        if SystemType.ofTheSystem.contains(type) {
            node.problem(
                vi: "chỉ hệ thống gửi tin “\(type)”: bỏ các động từ này", en: "only the system itself says \"\(type)\": remove these verbs")
        }
        return node.elements.map { verb($0, of: type, schema) }
    }

    private mutating func verb(_ node: Node, of type: String, _ schema: MessageSchema?) -> Verb {
        node.allow("words", "of", "says")
        let of = node.optional("of")
        let things = (of?.filled(vi: "tên gọi sự vật", en: "what the thing is called") ?? []).compactMap(thing)
        var words: [String] = []
        if let list = node.member("words") {
            if let count = list.value.array?.count, count < 2 {
                list.problem(vi: "phải có từ tiếng Anh rồi từ tiếng Việt", en: "must name the word in English, then the one in Vietnamese")
            }
            for element in list.elements {
                guard let word = VerbReader.word(element) else { continue }
                words.append(word)
                if of == nil, ScenarioWords.verbs.contains(word) {
                    element.problem(
                        vi: "“\(word)” là từ của ngôn ngữ kịch bản: đặt từ khác",
                        en: "\"\(word)\" is a word of the language of scenarios itself: choose another")
                }
                for said in things.isEmpty ? [word] : things.map({ "\($0) \(word)" }) where !known.insert(said).inserted {
                    element.problem(vi: "động từ “\(said)” được nêu hai lần: bỏ một", en: "the verb \"\(said)\" is there twice: remove one")
                }
            }
        }
        let says = node.optional("says").map { VerbReader.says($0, schema) } ?? JSONObject()
        return Verb(words: words, things: things, type: type, says: says)
    }

    private func thing(_ node: Node) -> String? {
        guard let name = VerbReader.word(node) else { return nil }
        if taken(name) {
            node.problem(
                vi: "“\(name)” đã là một bên, một thiết bị hoặc từ của ngôn ngữ kịch bản: đặt tên khác",
                en: "\"\(name)\" is a party, a device or a word of the language of scenarios already: choose another")
        }
        return name
    }

    /// A line is divided at blanks, and its verb is read in lower case.
    private static func word(_ node: Node) -> String? {
        node.parsed(
            vi: "một từ gồm chữ thường, chữ số và dấu gạch nối, không có dấu cách", en: "a word of lower-case letters, digits and hyphens, without blanks"
        ) {
            let isWord = !$0.isEmpty && $0 == $0.lowercased() && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
            return isWord ? $0 : nil
        }
    }

    private static func says(_ node: Node, _ schema: MessageSchema?) -> JSONObject {
        for (name, member) in node.entries {
            for problem in schema?.problems(with: member.value, as: name) ?? [] {
                let reason = problem.reason
                member.problems.list.append(Problem(pointer: node.pointer + problem.pointer, vi: reason.vi, en: reason.en))
            }
        }
        return node.value.object ?? JSONObject()
    }
}
