import Messages
import Regulation
import Schemas
import Values

/// A message being put together from a line.
struct Sentence {
    let type: String
    let sender: PartyID
    let at: Instant
    let regulation: Regulation
    var data: JSONObject
    var exercise: Bool
    var subject: String?
    var to: String?
    private var id: String?
    private var written: Instant?

    init(_ type: String, _ sender: PartyID, at: Instant, data: JSONObject, exercise: Bool, regulation: Regulation) {
        (self.type, self.sender, self.at, self.data, self.exercise, self.regulation) = (type, sender, at, data, exercise, regulation)
    }

    /// The form of its data.
    func form() throws(Fault) -> MessageSchema {
        if let known = regulation.messageType(type) {
            if let schema = known.schema { return schema }
            throw Fault(
                vi: "loại tin “\(type)” chưa có mẫu: thêm messages/\(type).v1.json bên cạnh regulation.json",
                en: "there is no schema for “\(type)”: add messages/\(type).v1.json beside regulation.json")
        }
        let near = nearest(to: type, in: regulation.messageTypes.map(\.name))
        throw Fault(
            vi: "không có loại tin “\(type)”" + (near.map { "; có phải là \($0)?" } ?? "; xem phoihop describe"),
            en: "there is no message type “\(type)”" + (near.map { "; did you mean \($0)?" } ?? "; see phoihop describe"))
    }

    /// Takes in `name=value`: a member of the data, or of the message itself.
    mutating func set(_ name: String, _ value: String, _ form: MessageSchema, day: CivilDate) throws(Fault) {
        let keys = name.split(separator: ".").map(String.init)
        if let field = form.fields.first(where: { $0.name == keys.first }) {
            let leaf = keys.count > 1 ? field.members.first { $0.name == keys[1] } : field
            let read = try read(value, as: leaf?.kind ?? .text, name, day)
            if keys.count > 1 {
                var object = data[keys[0]]?.object ?? JSONObject()
                object[keys[1]] = read
                data[keys[0]] = .object(object)
            } else {
                data[name] = read
            }
            // A message whose own member names the party that is told goes there too.
            if name == "to", let type = regulation.messageType(type), type.isAddressable, !type.to.contains(value) { to = value }
            return
        }
        switch name {
        case "id": id = value
        case "to": to = value
        case "exercise": exercise = truth(value) ?? false
        case "written": written = try read(value, as: .instant, name, day).instant
        default:
            let known = form.fields.map(\.name) + ["id", "to", "written", "exercise"]
            let near = nearest(to: name, in: known)
            throw Fault(
                vi: "\(type) không có mục “\(name)”" + (near.map { "; có phải là \($0)?" } ?? ". Các mục: \(known.joined(separator: ", "))"),
                en: "\(type) has no field “\(name)”" + (near.map { "; did you mean \($0)?" } ?? ". Fields: \(known.joined(separator: ", "))"))
        }
    }

    private func truth(_ word: String) -> Bool? {
        switch word.lowercased() {
        case "true", "yes", "có": true
        case "false", "no", "không": false
        default: nil
        }
    }

    private func read(_ text: String, as kind: MessageSchema.Field.Kind, _ name: String, _ day: CivilDate) throws(Fault) -> JSON {
        switch kind {
        case .instant:
            guard let instant = regulation.calendar.read(text, on: day) else {
                throw Fault(
                    vi: "\(name): “\(text)” không phải là thời điểm; đề nghị ghi như 08:04 hoặc 2026-03-16T08:04",
                    en: "\(name): “\(text)” is no time; write it as 08:04 or 2026-03-16T08:04")
            }
            return JSON(instant, offset: regulation.calendar.offset)
        case .integer: if let number = Int64(text) { return .int(number) }
        case .number: if let number = Double(text), number.isFinite { return .double(number) }
        case .flag: if let truth = truth(text) { return .bool(truth) }
        case .list, .object: if let json = try? JSON(parsing: Array(text.utf8)) { return json }
        case .text, .date, .choice: return .string(text)
        }
        throw Fault(
            vi: "\(name): “\(text)” không đọc được; xem phoihop describe \(type)", en: "\(name): “\(text)” cannot be read; see phoihop describe \(type)")
    }

    /// The message. Who may say it is for the coordinator to judge; that it has the form of its type is checked here, since a slip of the pen is likelier.
    func event(id fallback: String, _ form: MessageSchema) throws(Fault) -> (Event, to: String) {
        if let problem = form.problems(in: .object(data)).first { throw Fault(vi: "\(type): \(problem.reason.vi)", en: "\(type): \(problem.reason.en)") }
        let to = to.flatMap { party in regulation.messageType(type)?.to.contains(party) == true ? nil : party } ?? RoutingKey.all
        guard to == RoutingKey.all || regulation.party(to) != nil else { throw Fault(vi: "không có đơn vị “\(to)”", en: "there is no party “\(to)”") }
        return (
            Event(id: id ?? fallback, sender: sender, type: type, subject: subject, time: written ?? at, data: .object(data), exercise: exercise), to
        )
    }
}

extension WorkCalendar {
    /// A time of a day, `08:04`, or with its own day: `2026-03-16T08:04`, `2026-03-16 08:04`, RFC 3339.
    func read(_ text: String, on day: CivilDate) -> Instant? {
        if let instant = Instant(rfc3339: text) { return instant }
        if let time = ClockTime(text) { return instant(day) + time.span }
        guard text.utf8.count >= 16, let date = CivilDate(String(text.prefix(10))), let time = ClockTime(String(text.dropFirst(11))) else { return nil }
        return instant(date) + time.span
    }
}
