import Values

extension MessageSchema {
    /// One thing that is wrong with the data of a message: where, what, and what to do about it.
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// How many problems of one message are told at most; nobody reads more, and a hostile message must not make more.
        public static let limit = 20

        /// The place in `data`, a JSON pointer (RFC 6901): `/devices/0/cause`. A missing member has the place where it belongs.
        public private(set) var pointer: String
        let fault: Fault

        /// The kinds of things that can be wrong, each with what its sentence needs.
        enum Fault: Hashable, Sendable {
            case wrongKind(wanted: Field.Kind, found: String)
            case missing(Words)
            case unknown(String, known: [String])
            case notConstant(String)
            case notAChoice(String, [Rule.Choice])
            case notAnInstant(String, RFC3339Fault)
            case notADate(String)
            case outsideYears(String)
            case notAUUID(String)
            case wrongForm(String, Words)
            case tooShort(minimum: Int)
            case tooLong(Int, maximum: Int)
            case tooSmall(String, minimum: String)
            case tooLarge(String, maximum: String)
            case tooFew(Int, minimum: Int)
            case tooMany(Int, maximum: Int)
        }

        fileprivate init(_ fault: Fault, pointer: String) { (self.fault, self.pointer) = (fault, pointer) }

        /// What is wrong and what to do, a sentence that names the place.
        public var reason: Words { Words(vi: vietnamese, en: english) }

        /// The reason in English.
        public var description: String { english }

        fileprivate mutating func place(under token: String) { pointer = "/" + Problem.escaped(token) + pointer }

        /// A reference token of a JSON pointer. A name as long as a hostile sender likes is cut.
        fileprivate static func escaped(_ token: String) -> String {
            guard token.utf8.count <= 64, token.utf8.allSatisfy({ $0 != UInt8(ascii: "~") && $0 != UInt8(ascii: "/") && (0x20..<0x7F).contains($0) }) else {
                return excerpt(token).split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
                    .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
            }
            return token
        }
    }
}

extension [MessageSchema.Problem] {
    /// Adds a problem with the value itself, or with a member of it.
    mutating func report(_ fault: MessageSchema.Problem.Fault, at member: String? = nil) {
        guard count < MessageSchema.Problem.limit else { return }
        append(MessageSchema.Problem(fault, pointer: member.map { "/" + MessageSchema.Problem.escaped($0) } ?? ""))
    }

    /// Says of the problems from an index on that they lie inside a member or an element.
    mutating func place(from start: Int, under token: String) {
        for index in start..<count { self[index].place(under: token) }
    }
}

extension MessageSchema.Problem {
    private var place: String { pointer.isEmpty ? "data" : "\"\(pointer.dropFirst())\"" }

    /// A time without seconds, with them.
    private static func completed(_ text: String) -> String { excerpt(String(text.prefix(16)) + ":00" + text.dropFirst(16)) }

    private var english: String {
        switch fault {
        case .wrongKind(let wanted, let found):
            let hint = MessageSchema.Problem.unquoted(wanted, found) ? "; write it without quotation marks" : ""
            return "\(place) must be \(wanted.noun.en), but is \(MessageSchema.Problem.nouns[found]?.en ?? found)\(hint)."
        case .missing(let description): return "\(place) is missing. What belongs there: \(description.en)"
        case .unknown(let name, let known):
            if let nearest = nearest(to: name, among: known) { return "\(place) is not known here; did you mean \"\(nearest)\"?" }
            return "\(place) is not known here; leave it out. Known are: \(known.joined(separator: ", "))."
        case .notConstant(let value): return "\(place) must be \(value)."
        case .notAChoice(let text, let choices):
            let hint = nearest(to: text, among: choices.map(\.value)).map { "; did you mean \"\($0)\"?" } ?? "."
            return "\(place) is \"\(excerpt(text))\", which is none of the values allowed: \(choices.listed(in: \.en))\(hint)"
        case .notAnInstant(let text, .noOffset): return "\(place) has no offset from UTC; for Lào Cai time write \(excerpt(text))+07:00."
        case .notAnInstant(let text, .noSeconds): return "\(place) has no seconds; write \(MessageSchema.Problem.completed(text))."
        case .notAnInstant(let text, .neitherSecondsNorOffset):
            return "\(place) has neither seconds nor an offset from UTC; for Lào Cai time write \(excerpt(text)):00+07:00."
        case .notAnInstant(let text, .leapSecond): return "\(place) is \"\(excerpt(text))\", the second 60 of a minute; write the second 59."
        case .notAnInstant(let text, .form):
            return "\(place) is \"\(excerpt(text))\", which is no date and time with an offset from UTC; write it as 2026-03-14T19:12:00+07:00."
        case .notADate(let text): return "\(place) is \"\(excerpt(text))\", which is no day of the calendar; write year-month-day, as 2026-03-14."
        case .outsideYears(let text), .notAnInstant(let text, .outsideYears):
            let years = CivilDate.years
            return "\(place) is \"\(excerpt(text))\", which lies outside the years \(years.lowerBound) to \(years.upperBound); check the year."
        case .notAUUID(let text): return "\(place) is \"\(excerpt(text))\", which is no UUID; write it as 3c1f0a52-8f4e-4a57-9b1c-2f6d0e8a7b41."
        case .wrongForm(let text, let form): return "\(place) is \"\(excerpt(text))\", which has not the form wanted: \(form.en)."
        case .tooShort(let minimum):
            return minimum == 1 ? "\(place) is empty; fill it in." : "\(place) is too short; write at least \(minimum) characters."
        case .tooLong(let length, let maximum): return "\(place) has \(length) characters, but at most \(maximum) are allowed; shorten it."
        case .tooSmall(let value, let minimum): return "\(place) is \(value), but must be at least \(minimum)."
        case .tooLarge(let value, let maximum): return "\(place) is \(value), but must be at most \(maximum)."
        case .tooFew(let count, let minimum): return "\(place) has \(count) entries, but needs at least \(minimum)."
        case .tooMany(let count, let maximum): return "\(place) has \(count) entries, but may have at most \(maximum); send several messages."
        }
    }

    private var vietnamese: String {
        switch fault {
        case .wrongKind(let wanted, let found):
            let hint = MessageSchema.Problem.unquoted(wanted, found) ? "; đề nghị ghi không có dấu ngoặc kép" : ""
            return "\(place) phải là \(wanted.noun.vi), nhưng đang là \(MessageSchema.Problem.nouns[found]?.vi ?? found)\(hint)."
        case .missing(let description): return "Thiếu \(place). Nội dung cần ghi: \(description.vi)"
        case .unknown(let name, let known):
            if let nearest = nearest(to: name, among: known) { return "Không có mục \(place); có phải là \"\(nearest)\"?" }
            return "Không có mục \(place); đề nghị bỏ. Các mục có thể ghi: \(known.joined(separator: ", "))."
        case .notConstant(let value): return "\(place) phải là \(value)."
        case .notAChoice(let text, let choices):
            let hint = nearest(to: text, among: choices.map(\.value)).map { "; có phải là \"\($0)\"?" } ?? "."
            return "\(place) là \"\(excerpt(text))\", không thuộc các giá trị cho phép: \(choices.listed(in: \.vi))\(hint)"
        case .notAnInstant(let text, .noOffset): return "\(place) thiếu chênh lệch giờ so với UTC; giờ Lào Cai đề nghị ghi \(excerpt(text))+07:00."
        case .notAnInstant(let text, .noSeconds): return "\(place) thiếu giây; đề nghị ghi \(MessageSchema.Problem.completed(text))."
        case .notAnInstant(let text, .neitherSecondsNorOffset):
            return "\(place) thiếu giây và chênh lệch giờ so với UTC; giờ Lào Cai đề nghị ghi \(excerpt(text)):00+07:00."
        case .notAnInstant(let text, .leapSecond): return "\(place) là \"\(excerpt(text))\", giây thứ 60 của phút; đề nghị ghi giây 59."
        case .notAnInstant(let text, .form):
            return "\(place) là \"\(excerpt(text))\", chưa phải ngày giờ kèm chênh lệch giờ so với UTC; đề nghị ghi như 2026-03-14T19:12:00+07:00."
        case .notADate(let text): return "\(place) là \"\(excerpt(text))\", không phải ngày có thật trên lịch; đề nghị ghi năm-tháng-ngày, như 2026-03-14."
        case .outsideYears(let text), .notAnInstant(let text, .outsideYears):
            let years = CivilDate.years
            return "\(place) là \"\(excerpt(text))\", nằm ngoài các năm từ \(years.lowerBound) đến \(years.upperBound); đề nghị kiểm tra lại năm."
        case .notAUUID(let text): return "\(place) là \"\(excerpt(text))\", không phải mã UUID; đề nghị ghi như 3c1f0a52-8f4e-4a57-9b1c-2f6d0e8a7b41."
        case .wrongForm(let text, let form): return "\(place) là \"\(excerpt(text))\", chưa đúng dạng: \(form.vi)."
        case .tooShort(let minimum):
            return minimum == 1 ? "\(place) đang để trống; đề nghị ghi nội dung." : "\(place) quá ngắn; đề nghị ghi ít nhất \(minimum) ký tự."
        case .tooLong(let length, let maximum): return "\(place) có \(length) ký tự, tối đa là \(maximum); đề nghị rút gọn."
        case .tooSmall(let value, let minimum): return "\(place) là \(value), phải từ \(minimum) trở lên."
        case .tooLarge(let value, let maximum): return "\(place) là \(value), không được quá \(maximum)."
        case .tooFew(let count, let minimum): return "\(place) có \(count) mục, cần ít nhất \(minimum)."
        case .tooMany(let count, let maximum): return "\(place) có \(count) mục, tối đa là \(maximum); đề nghị gửi thành nhiều tin."
        }
    }

    /// Whether a number, or true or false, was probably written between quotation marks.
    private static func unquoted(_ wanted: MessageSchema.Field.Kind, _ found: String) -> Bool {
        switch wanted {
        case .integer, .number, .flag: found == "string"
        default: false
        }
    }

    /// What JSON's kinds of values are called.
    private static let nouns: [String: MessageSchema.Words] = [
        "null": MessageSchema.Words(vi: "null", en: "null"),
        "boolean": MessageSchema.Words(vi: "true hoặc false", en: "true or false"),
        "integer": MessageSchema.Words(vi: "số nguyên", en: "a whole number"),
        "number": MessageSchema.Words(vi: "số thập phân", en: "a number with a fraction"),
        "string": MessageSchema.Words(vi: "chuỗi ký tự", en: "a text"),
        "array": MessageSchema.Words(vi: "danh sách", en: "a list"),
        "object": MessageSchema.Words(vi: "đối tượng", en: "an object"),
    ]
}

extension MessageSchema.Field.Kind {
    /// What a value of this kind is called.
    fileprivate var noun: MessageSchema.Words {
        switch self {
        case .text: MessageSchema.Words(vi: "chuỗi ký tự", en: "a text")
        case .instant: MessageSchema.Words(vi: "ngày giờ trong dấu ngoặc kép", en: "a date and time in quotation marks")
        case .date: MessageSchema.Words(vi: "ngày trong dấu ngoặc kép", en: "a date in quotation marks")
        case .integer: MessageSchema.Words(vi: "số nguyên", en: "a whole number")
        case .number: MessageSchema.Words(vi: "số", en: "a number")
        case .flag: MessageSchema.Words(vi: "true hoặc false", en: "true or false")
        case .choice(let values):
            MessageSchema.Words(vi: "một trong các giá trị: \(values.joined(separator: ", "))", en: "one of: \(values.joined(separator: ", "))")
        case .list: MessageSchema.Words(vi: "danh sách", en: "a list")
        case .object: MessageSchema.Words(vi: "đối tượng", en: "an object")
        }
    }
}

extension [Rule.Choice] {
    /// The values with their meaning.
    fileprivate func listed(in language: KeyPath<MessageSchema.Words, String>) -> String {
        map { "\($0.value) (\($0.label[keyPath: language]))" }.joined(separator: ", ")
    }
}

/// The name that was probably meant: the one with the fewest letters to change, hyphens, underscores and capitals aside, if they are few.
private func nearest(to name: String, among known: [String]) -> String? {
    func letters(_ name: String) -> [UInt8] { name.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: " ") } }
    guard name.utf8.count <= 64 else { return nil }
    let wanted = letters(name)
    let best = known.map { (name: $0, distance: distance(wanted, letters($0))) }.min { $0.distance < $1.distance }
    return best.flatMap { $0.distance <= wanted.count / 3 ? $0.name : nil }
}

/// How many letters must be put in, taken out or changed to make one word the other.
private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let substitution = diagonal + (letter == b[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
        }
    }
    return row[b.count]
}
