import Regulation
import Schemas
import Values

/// Reads messages off the wire and refuses what does not keep the contract. The broker checks the user of a connection and the keys it may publish under;
/// it does not check `CC`, `BCC`, `expiration` or a missing `user_id`, so every reader does.
public struct MessageReader: Sendable {
    private let types: [String: MessageType]
    /// The same by the `type` attribute of their events.
    private let typesByAttribute: [String: MessageType]
    private let parties: [PartyID: Party]

    /// How far ahead of the reader's time an occurrence may lie before it counts as in the future.
    public var allowedSkew: Span

    /// A reader of messages under a regulation. `allowedSkew` is in the time of the messages, which a drill's clock stretches.
    public init(regulation: Regulation, allowedSkew: Span = .seconds(60)) {
        types = Dictionary(uniqueKeysWithValues: regulation.messageTypes.map { ($0.name, $0) })
        var typesByAttribute = Dictionary(uniqueKeysWithValues: regulation.messageTypes.map { ($0.eventType, $0) })
        // Looked into for every message: in a sparse table the first look finds it.
        typesByAttribute.reserveCapacity(4 * typesByAttribute.count)
        self.typesByAttribute = typesByAttribute
        parties = Dictionary(uniqueKeysWithValues: regulation.parties.map { ($0.id, $0) })
        self.allowedSkew = allowedSkew
    }

    /// The event in a message, or why it does not count.
    public func read(_ body: [UInt8], _ carriage: Carriage) -> Result<Event, Refusal> {
        var json: JSON?
        do throws(Refusal) {
            let parsed = try MessageReader.parse(body)
            json = parsed
            return .success(try event(in: parsed, carriage))
        } catch {
            var refusal = error
            refusal.sender = carriage.userID
            refusal.eventID = json?["id"]?.string
            refusal.type = json?["type"]?.string.flatMap { MessageType.name(ofEventType: $0) }
            refusal.writtenAt = json?["time"]?.instant
            return .failure(refusal)
        }
    }

    private static func parse(_ body: [UInt8]) throws(Refusal) -> JSON {
        guard body.count <= Event.maximumBytes else { throw .tooLarge(body.count) }
        do { return try JSON(parsing: body) } catch { throw .notJSON(error) }
    }

    private func event(in json: JSON, _ carriage: Carriage) throws(Refusal) -> Event {
        if carriage.hasForbiddenProperties { throw .forbiddenProperties }
        guard let user = carriage.userID else { throw .noUser }
        guard MessageReader.isEnvelope(carriage.contentType) else { throw .contentType(carriage.contentType) }
        let type = json["type"]?.string.flatMap { typesByAttribute[$0] }
        // Before the envelope, where another spelling of the type would be told as a fault of what goes with it.
        if type == nil, let name = json["type"]?.string.flatMap({ MessageType.name(ofEventType: $0) }) { throw .unknownType(name, known: types.keys) }
        var event = try MessageReader.event(in: json, type: type?.name)
        guard event.sender == user else { throw .foreignSource(event.sender, user: user) }
        guard carriage.messageID == event.id else { throw .messageID }
        let party = parties[event.sender]
        // One text for all that a party says.
        if let party { event.sender = party.id }
        // The coordinator's ids are derived and can be foretold; whoever took one first would have its notice pass for a repetition.
        if party?.role != .system {
            guard !event.id.utf8.contains(UInt8(ascii: "/")) else { throw .derivedID }
            guard event.id.utf8.count <= MessageReader.maximumPartyIDBytes else { throw .longID(event.id.utf8.count) }
        }
        guard let to = RoutingKey.addressee(in: carriage.routingKey, sender: event.sender, type: event.type) else { throw .routingKey(carriage.routingKey) }
        guard let type else { throw .unknownType(event.type, known: types.keys) }
        try check(event, type, to: to)
        return event
    }

    /// The longest id of a party's message, in bytes. The coordinator's ids hold it with a duty, a step and a party beside it, and must fit 255.
    public static let maximumPartyIDBytes = 100

    /// Whether the content type is that of an event in structured JSON.
    private static func isEnvelope(_ contentType: String?) -> Bool { contentType.map { isMedia($0, Event.contentType) } ?? false }

    /// Whether a content type is of a media type (RFC 2045). Letter case, blanks and parameters such as a charset say nothing: JSON is UTF-8.
    private static func isMedia(_ contentType: String, _ media: String) -> Bool {
        if contentType == media { return true }
        let name = contentType.prefix { $0 != ";" }
        return name.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { $0.lowercased() } == [media]
    }

    /// The event in an envelope, its members read and checked, its data not yet.
    ///
    /// An attribute that is null is one that is not there (CloudEvents 1.0, JSON format, 2.2). Attributes that the contract does not name say nothing.
    ///
    /// - Parameter name: noun and verb, where whoever asks knows them from the type already.
    public static func event(in json: JSON, type name: String? = nil) throws(Refusal) -> Event {
        guard let envelope = json.object else { throw .envelope("", "must be a JSON object", "phải là một đối tượng JSON") }
        // Nearly all envelopes are written in the order in which the members are asked for here.
        var place = 0
        func member(_ name: String) -> JSON? {
            guard let found = envelope.place(of: name, from: place) else { return nil }
            place = found + 1
            return envelope.members[found].value
        }
        // An id must fit AMQP's message_id, and what is derived from a subject must fit an id.
        func text(_ name: String, atMost limit: Int = 255) throws(Refusal) -> String? {
            guard let value = member(name), value != .null else { return nil }
            guard let text = value.string, !text.isEmpty, text.utf8.count <= limit else {
                throw .envelope(name, "must be a string of 1 to \(limit) bytes", "phải là chuỗi từ 1 đến \(limit) byte")
            }
            return text
        }
        func required(_ name: String) throws(Refusal) -> String {
            guard let text = try text(name) else { throw .envelope(name, "is missing", "còn thiếu") }
            return text
        }
        guard try required("specversion") == "1.0" else { throw .envelope("specversion", "must be \"1.0\"", "phải là \"1.0\"") }
        let id = try required("id")
        let source = try required("source")
        guard source.hasPrefix(Event.sourcePrefix) else { throw .envelope("source", "must be /parties/<id>", "phải có dạng /parties/<mã>") }
        let attribute = try required("type")
        guard let type = name ?? MessageType.name(ofEventType: attribute) else { throw .unknownType(attribute) }
        let subject = try text("subject", atMost: 100)
        let written = try required("time")
        guard let time = Instant(rfc3339: written) else { throw .time(Instant.fault(inRFC3339: written) ?? .form) }
        if let media = try text("datacontenttype"), !MessageReader.isMedia(media, "application/json") {
            throw .envelope("datacontenttype", "must be application/json", "phải là application/json")
        }
        if let schema = try text("dataschema"), !MessageReader.isSchema(schema, of: type) {
            throw .envelope("dataschema", "must be urn:phoihop:schemas:\(type).v1", "phải là urn:phoihop:schemas:\(type).v1")
        }
        let (correlationID, causationID) = (try text("correlationid"), try text("causationid"))
        var exercise = false
        if let value = member("exercise"), value != .null {
            guard let flag = value.bool else { throw .envelope("exercise", "must be true or false", "phải là true hoặc false") }
            exercise = flag
        }
        let (traceparent, election) = (try text("traceparent"), try text("election"))
        if let binary = member("data_base64"), binary != .null {
            throw .envelope(
                "data_base64", "is not read here: give the data as a JSON object in data", "không dùng ở đây: ghi dữ liệu thành đối tượng JSON trong data")
        }
        guard let data = member("data") else { throw .envelope("data", "is missing", "còn thiếu") }
        return Event(
            id: id, sender: String(Substring(source.utf8.dropFirst(Event.sourcePrefix.utf8.count))), type: type, subject: subject, time: time, data: data,
            correlationID: correlationID, causationID: causationID, exercise: exercise, traceparent: traceparent, election: election)
    }

    /// Whether a text is `urn:phoihop:schemas:<type>.v1`, without writing that out for every message.
    private static func isSchema(_ text: String, of type: String) -> Bool {
        let (prefix, suffix) = ("urn:phoihop:schemas:", ".v1")
        let name = Substring(text.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count))
        return text.hasPrefix(prefix) && text.hasSuffix(suffix) && name == type
    }

    /// Checks that the sender may say this, to this addressee, and that the data is of the type's shape.
    public func check(_ event: Event, to: String) throws(Refusal) {
        guard let type = types[event.type] else { throw .unknownType(event.type, known: types.keys) }
        try check(event, type, to: to)
    }

    private func check(_ event: Event, _ type: MessageType, to: String) throws(Refusal) {
        guard type.from.contains(event.sender) || type.recorders.contains(event.sender) else { throw .notAllowed(event.sender, type: event.type) }
        guard to == RoutingKey.all ? !(type.to.isEmpty && type.isAddressable) : type.isAddressable && parties[to].map({ $0.role != .system }) == true else {
            throw .addressee(to, type: event.type)
        }
        guard let schema = type.schema else { throw .unknownType(event.type) }
        if let problem = schema.problems(in: event.data).first { throw .data(problem) }
        try checkAuthor(of: event, type)
    }

    /// Checks an act that is recorded on behalf of another: that party must be one that may say this, and the document must be named.
    private func checkAuthor(of event: Event, _ type: MessageType) throws(Refusal) {
        guard let author = event.data["onBehalfOf"]?.string else {
            if !type.from.contains(event.sender) { throw .onlyOnBehalf(event.sender, type: type) }
            return
        }
        guard author != event.sender else { throw .onItsOwnBehalf }
        guard type.from.contains(author) else { throw .notTheirs(author, type: type) }
        guard event.data["document"]?.object != nil else { throw .noDocument(author) }
    }

    /// Checks that what came under a key is meant for a party. The broker may bring more: a sender can have a message copied to any queue with a `BCC` header,
    /// which the broker takes out, so that nobody sees why it came.
    public func check(_ key: String, isMeantFor party: PartyID) throws(Refusal) {
        guard let key = RoutingKey(key), key.to == party || types[key.type]?.to.contains(party) == true else { throw .notMeant(for: party, key: key) }
    }

    /// Checks that nothing is said to have happened later than an instant, small differences between clocks allowed. The coordinator's records tell what others
    /// claim: they are readable whatever that is, or a refusal of what lies in the future would never reach its sender.
    public func check(_ event: Event, isPastAt now: Instant) throws(Refusal) { try check(event, types[event.type], isPastAt: now) }

    /// The same, where the event's type has been looked up.
    public func check(_ event: Event, _ type: MessageType?, isPastAt now: Instant) throws(Refusal) {
        guard let past = type?.schema?.pastMembers, !past.isEmpty, parties[event.sender]?.role != .system else { return }
        for member in past {
            if let instant = event.data[member]?.instant, instant > now + allowedSkew { throw .inFuture(member, instant) }
        }
    }
}

extension Refusal {
    static func tooLarge(_ bytes: Int) -> Refusal {
        Refusal(
            Wording(vi: "tin dài \(bytes) byte, quá \(Event.maximumBytes) byte", en: "the message has \(bytes) bytes, more than \(Event.maximumBytes)"),
            remedy: Wording(vi: "gửi tệp dưới dạng đường dẫn kèm SHA-256", en: "send files as references with their SHA-256"))
    }
    static func notJSON(_ error: JSONError) -> Refusal {
        Refusal(
            Wording(vi: "nội dung không phải JSON hợp lệ: \(error.text.vi)", en: "the body is not JSON as the contract wants it: \(error.text.en)"),
            remedy: Wording(vi: "sửa nội dung và gửi lại", en: "mend it and send it again"))
    }
    /// That a regulation which was adopted is in a form that this program cannot read.
    public static func unreadableRegulation(_ error: RegulationError) -> Refusal {
        let first = Array(error.problems.prefix(3)).text
        return Refusal(
            Wording(vi: "bản Quy định được áp dụng không đọc được: \(first.vi)", en: "the regulation that was adopted cannot be read: \(first.en)"),
            remedy: Wording(vi: "dùng phiên bản phần mềm đọc được bản này", en: "use a version of the program that reads it"))
    }
    static let forbiddenProperties = Refusal(
        Wording(vi: "tin mang CC, BCC hoặc expiration", en: "the message carries CC, BCC or an expiration"),
        remedy: Wording(vi: "gửi lại không kèm các thuộc tính này", en: "send it again without them"))
    static let noUser = Refusal(
        Wording(vi: "tin không mang user_id nên không biết ai gửi", en: "the message has no user_id, so nobody vouches for its sender"),
        remedy: Wording(vi: "đặt user_id là tài khoản của đơn vị", en: "set user_id to the party's account"))
    static func longID(_ bytes: Int) -> Refusal {
        let limit = MessageReader.maximumPartyIDBytes
        return Refusal(
            Wording(vi: "id dài \(bytes) byte, quá \(limit) byte", en: "the id has \(bytes) bytes, more than \(limit)"),
            remedy: Wording(vi: "dùng UUID làm id", en: "use a UUID"))
    }
    static func contentType(_ type: String?) -> Refusal {
        let type = type.map(excerpt)
        return Refusal(
            Wording(vi: "content-type là \(type ?? "trống")", en: "the content-type is \(type ?? "missing")"),
            remedy: Wording(vi: "đặt content-type là \(Event.contentType)", en: "set it to \(Event.contentType)"))
    }
    static func envelope(_ name: String, _ en: String, _ vi: String) -> Refusal {
        Refusal(
            Wording(vi: "phong bì tin: \(name) \(vi)", en: "the envelope's \(name.isEmpty ? "body" : name) \(en)"),
            remedy: Wording(vi: "sửa phong bì theo CloudEvents 1.0 và gửi lại", en: "mend the envelope (CloudEvents 1.0) and send it again"))
    }
    static func time(_ fault: RFC3339Fault) -> Refusal {
        let example = "2026-03-14T19:12:00+07:00"
        let years = CivilDate.years
        let missing: Wording? =
            switch fault {
            case .noSeconds: Wording(vi: "thiếu giây", en: "the seconds are missing")
            case .noOffset: Wording(vi: "thiếu múi giờ", en: "the offset is missing")
            case .neitherSecondsNorOffset: Wording(vi: "thiếu giây và múi giờ", en: "the seconds and the offset are missing")
            case .leapSecond: Wording(vi: "giây 60 không dùng được", en: "the second 60 cannot be used")
            case .outsideYears:
                Wording(vi: "năm phải từ \(years.lowerBound) đến \(years.upperBound)", en: "the years go from \(years.lowerBound) to \(years.upperBound)")
            case .form: nil
            }
        return .envelope(
            "time", "must be an RFC 3339 time with an offset, such as \(example)" + (missing.map { ": \($0.en)" } ?? ""),
            "phải là thời điểm RFC 3339 có múi giờ, ví dụ \(example)" + (missing.map { ": \($0.vi)" } ?? ""))
    }
    static func foreignSource(_ source: PartyID, user: String) -> Refusal {
        let (source, user) = (excerpt(source), excerpt(user))
        return Refusal(
            Wording(vi: "source ghi \(source) nhưng tài khoản là \(user)", en: "the source names \(source), but the account is \(user)"),
            remedy: Wording(vi: "gửi bằng tài khoản của chính đơn vị", en: "send under the party's own account"))
    }
    static let derivedID = Refusal(
        Wording(vi: "id có dấu “/”, dành riêng cho hệ thống phối hợp", en: "the id holds a slash, which is kept for the coordinator's ids"),
        remedy: Wording(vi: "dùng UUID làm id", en: "use a UUID"))
    static let messageID = Refusal(
        Wording(vi: "message_id khác id của tin", en: "the message_id differs from the event's id"),
        remedy: Wording(vi: "đặt message_id bằng id", en: "set message_id to the id"))
    static func routingKey(_ key: String) -> Refusal {
        let key = excerpt(key)
        return Refusal(
            Wording(vi: "khóa định tuyến \(key) không khớp người gửi và loại tin", en: "the routing key \(key) does not match sender and type"),
            remedy: Wording(vi: "dùng khóa <đơn vị>.<loại>.<nơi nhận>", en: "use <party>.<type>.<to>"))
    }
    static func unknownType(_ type: String, known: some Sequence<String> = [String]()) -> Refusal {
        let near = nearest(to: type, in: known)
        let type = excerpt(type)
        return Refusal(
            Wording(
                vi: "không có loại tin \(type)" + (near.map { "; có phải \($0)?" } ?? ""),
                en: "there is no message type \(type)" + (near.map { "; did you mean \($0)?" } ?? "")),
            remedy: Wording(vi: "xem các loại tin bằng lệnh phoihop describe", en: "see the types with: phoihop describe"))
    }
    static func notAllowed(_ sender: PartyID, type: String) -> Refusal {
        Refusal(
            Wording(vi: "\(sender) không có quyền gửi loại tin \(type)", en: "\(sender) may not send \(type)"),
            remedy: Wording(vi: "để đơn vị có trách nhiệm gửi", en: "leave it to the party whose duty it is"))
    }
    static func onlyOnBehalf(_ sender: PartyID, type: MessageType) -> Refusal {
        let parties = type.from.joined(separator: ", ")
        return Refusal(
            Wording(
                vi: "\(sender) chỉ được ghi nhận \(type.name) thay cho cơ quan làm việc bằng văn bản giấy",
                en: "\(sender) may record \(type.name) only on behalf of a party that works on paper"),
            remedy: Wording(vi: "nêu cơ quan đó (onBehalfOf: \(parties)) và văn bản", en: "name that party (onBehalfOf: \(parties)) and its document"))
    }
    static let onItsOwnBehalf = Refusal(
        Wording(vi: "onBehalfOf nêu chính người gửi", en: "onBehalfOf names the sender itself"),
        remedy: Wording(vi: "bỏ mục này", en: "leave it out"))
    static func notTheirs(_ author: PartyID, type: MessageType) -> Refusal {
        let near = nearest(to: author, in: type.from)
        let (author, parties) = (excerpt(author), type.from.joined(separator: ", "))
        return Refusal(
            Wording(
                vi: "onBehalfOf: \(author) không có quyền gửi \(type.name)" + (near.map { "; có phải \($0)?" } ?? ""),
                en: "onBehalfOf: \(author) may not send \(type.name)" + (near.map { "; did you mean \($0)?" } ?? "")),
            remedy: Wording(vi: "nêu một trong: \(parties)", en: "name one of: \(parties)"))
    }
    static func noDocument(_ author: PartyID) -> Refusal {
        Refusal(
            Wording(
                vi: "ghi nhận thay cho \(author) mà không nêu văn bản", en: "it is recorded on behalf of \(author), and no document is named"),
            remedy: Wording(vi: "nêu số và ngày văn bản (document.number, document.date)", en: "name its number and date (document.number, document.date)"))
    }
    static func addressee(_ to: String, type: String) -> Refusal {
        let to = excerpt(to)
        return Refusal(
            Wording(vi: "loại tin \(type) không gửi được tới “\(to)”", en: "\(type) cannot be addressed to \"\(to)\""),
            remedy: Wording(vi: "xem nơi nhận bằng lệnh phoihop describe \(type)", en: "see its addressees with: phoihop describe \(type)"))
    }
    static func notMeant(for party: PartyID, key: String) -> Refusal {
        Refusal(
            Wording(vi: "tin có khóa \(key) không gửi cho \(party)", en: "what is sent under \(key) is not addressed to \(party)"),
            remedy: Wording(vi: "gửi cho đúng nơi nhận, không kèm BCC", en: "send it to its addressees, without BCC"))
    }
    static func data(_ problem: MessageSchema.Problem) -> Refusal {
        Refusal(
            Wording(vi: problem.reason.vi, en: problem.reason.en),
            remedy: Wording(vi: "sửa trường này và gửi lại", en: "mend this field and send it again"))
    }
    /// That a member asks something of a party that there is not, or that cannot do it.
    public static func noParty(_ named: String, _ path: FieldPath, able: [PartyID]) -> Refusal {
        let near = nearest(to: named, in: able)
        let named = excerpt(named)
        return Refusal(
            Wording(
                vi: "\(path): không có cơ quan nào mã “\(named)” thực hiện được việc này" + (near.map { "; có phải \($0)?" } ?? ""),
                en: "\(path): there is no party “\(named)” that can do it" + (near.map { "; did you mean \($0)?" } ?? "")),
            remedy: Wording(vi: "ghi một trong: " + able.joined(separator: ", "), en: "name one of: " + able.joined(separator: ", ")))
    }
    static func inFuture(_ field: String, _ instant: Instant) -> Refusal {
        Refusal(
            Wording(vi: "\(field) ghi thời điểm trong tương lai", en: "\(field) lies in the future"),
            remedy: Wording(vi: "kiểm tra lại giờ xảy ra và đồng hồ của máy", en: "check the time of the occurrence and the machine's clock"))
    }
}

/// The candidate that differs from a word in the fewest letters, if they are few and not all of them.
public func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
    func distance(_ a: [Character], _ b: [Character]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = cost
            }
        }
        return row[b.count]
    }
    let letters = Array(word)
    let limit = max(2, letters.count / 4)
    // A word so much longer or shorter differs in too many letters, and need not be compared.
    let near = candidates.filter { abs($0.count - letters.count) <= limit }
    let best = near.map { (word: $0, distance: distance(letters, Array($0))) }.min { ($0.distance, $0.word) < ($1.distance, $1.word) }
    return best.flatMap { $0.distance <= limit && $0.distance < letters.count ? $0.word : nil }
}
