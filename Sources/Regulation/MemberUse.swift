import Schemas

/// A member that the program itself writes, or reads, in messages of a type that a text names for a part of the program's.
package struct MemberUse: Sendable {
    /// How far the part rests on it.
    package enum Need: Sendable {
        /// The part cannot be played without it.
        case needed
        /// It is written wherever the type has it.
        case offered
        /// It is written where the type has it and something is known.
        case known
    }

    /// The member's name.
    package let name: String
    /// What values it takes: of a choice, those that the program writes or knows.
    package let kind: MessageSchema.Field.Kind
    /// How far the part rests on it.
    package let need: Need

    /// A member without which the part cannot be played.
    package static func needed(_ name: String, _ kind: MessageSchema.Field.Kind) -> MemberUse { MemberUse(name: name, kind: kind, need: .needed) }
    /// A member that is written wherever the type has it.
    package static func offered(_ name: String, _ kind: MessageSchema.Field.Kind) -> MemberUse { MemberUse(name: name, kind: kind, need: .offered) }
    /// A member that is written where the type has it and something is known.
    package static func known(_ name: String, _ kind: MessageSchema.Field.Kind) -> MemberUse { MemberUse(name: name, kind: kind, need: .known) }

    /// Whether a member of a schema can be the one meant.
    fileprivate func fits(_ field: MessageSchema.Field) -> Bool {
        switch (kind, field.kind) {
        case (.choice(let wanted), .choice(let known)): Set(wanted).isSubset(of: known)
        case (.choice, .text), (.integer, .number): true
        default: kind == field.kind
        }
    }
}

extension MessageSchema {
    /// What a type lacks to play a part, and, where the program writes such messages, what it requires and the program does not write.
    ///
    /// - Parameter given: the members that the text itself gives.
    package func misfits(_ uses: [MemberUse], isWritten: Bool, given: [String] = []) -> [Wording] {
        let lacking = uses.compactMap { use -> Wording? in
            let field = fields.first { $0.name == use.name }
            if field.map(use.fits) ?? (use.need != .needed) { return nil }
            let words = use.kind.words
            return Wording(
                vi: "tin \(type) phải có mục “\(use.name)” là \(words.vi): sửa mẫu tin, hoặc nêu loại tin khác",
                en: "\(type) must have the member \"\(use.name)\", which is \(words.en): change its schema, or name another type")
        }
        guard isWritten else { return lacking }
        let written = Set(uses.filter { $0.need != .known }.map(\.name) + given)
        return lacking
            + fields.filter { $0.isRequired && !written.contains($0.name) }.map { field in
                Wording(
                    vi:
                        "tin \(type) bắt buộc có mục “\(field.name)”, mà chương trình không phải lúc nào cũng biết: để mục đó không bắt buộc, hoặc nêu loại tin khác",
                    en: "\(type) requires \"\(field.name)\", which the program does not always know: do not require it, or name another type")
            }
    }
}

extension MessageSchema.Field.Kind {
    /// What such a value is, in words.
    fileprivate var words: Wording {
        switch self {
        case .text: Wording(vi: "lời", en: "a text")
        case .instant: Wording(vi: "thời điểm", en: "an instant")
        case .date: Wording(vi: "ngày", en: "a date")
        case .integer, .number: Wording(vi: "số", en: "a number")
        case .flag: Wording(vi: "đúng hay sai", en: "true or false")
        case .choice(let values): Wording(vi: "một trong \(values.joined(separator: ", "))", en: "one of \(values.joined(separator: ", "))")
        case .list: Wording(vi: "danh sách", en: "a list")
        case .object: Wording(vi: "đối tượng", en: "an object")
        }
    }
}
