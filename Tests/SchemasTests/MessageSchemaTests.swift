import Schemas
import Testing
import Values

private let types = Schemas.messageNames.map { String($0.dropLast(3)) }

/// The parsed file of a message type.
private func document(_ type: String) throws -> JSON { try JSON(parsing: #require(Schemas.message(type + ".v1"))) }

/// The schema of a message type, compiled here so that a schema outside the subset fails a test, where `named` would end the program.
private func schema(_ type: String) throws -> MessageSchema { try MessageSchema(type: type, parsing: #require(Schemas.message(type + ".v1"))) }

@Suite("Every message schema")
struct EveryMessageSchema {
    @Test("is named noun.verb.v1, and so says its $id") func naming() throws {
        #expect(types.count >= 42)
        for name in Schemas.messageNames {
            #expect(name.hasSuffix(".v1") && name.split(separator: ".").count == 3, "\(name)")
            #expect(try document(String(name.dropLast(3)))["$id"] == .string("urn:phoihop:schemas:" + name))
            #expect(try document(String(name.dropLast(3)))["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        }
    }

    @Test("keeps to the subset that is checked, with words in both languages", arguments: types) func subset(type: String) throws {
        let schema = try schema(type)
        for words in [schema.title, schema.description] + schema.fields.flatMap({ [$0] + $0.members }).flatMap({ [$0.description] + $0.labels.values }) {
            #expect(!words.vi.isEmpty && !words.en.isEmpty)
        }
        #expect(schema.title.vi != schema.title.en)
        for field in schema.fields + schema.fields.flatMap(\.members) {
            if case .choice(let values) = field.kind { #expect(Set(values) == Set(field.labels.keys)) } else { #expect(field.labels.isEmpty) }
        }
    }

    @Test("lets no unknown member through, and names its instants …At", arguments: types) func shape(type: String) throws {
        #expect(try document(type)["additionalProperties"] == false)
        // What may lie ahead has another name: an instant named …At must have passed.
        let exceptions: Set = [
            "at", "since", "silentSince", "deadline", "resolveBy", "publishBy", "draftBy", "consolidateBy", "meetingTime", "lastKnownGoodAt", "from", "until",
            "formerly",
        ]
        let fields = try schema(type).fields
        for field in fields + fields.flatMap(\.members) where field.kind == .instant {
            #expect(field.name.hasSuffix("At") || exceptions.contains(field.name), "\(field.name)")
        }
    }

    @Test("has examples, all of which it accepts", arguments: types) func examples(type: String) throws {
        let examples = try #require(try document(type)["examples"]?.array)
        #expect(!examples.isEmpty)
        for example in examples { #expect(try schema(type).problems(in: example) == [], "\(example.text)") }
    }

    @Test("has counterexamples, none of which it accepts, each wrong at one place", arguments: types) func counterexamples(type: String) throws {
        let counterexamples = try #require(try document(type)["x-counterexamples"]?.array)
        #expect(counterexamples.count >= 2)
        for counterexample in counterexamples {
            let why = try #require(counterexample["why"]?.string)
            let problems = try schema(type).problems(in: #require(counterexample["data"]))
            #expect(problems.count == 1, "\(why): \(problems)")
            #expect(problems.allSatisfy { !$0.reason.vi.isEmpty && !$0.reason.en.isEmpty })
        }
    }
}

/// A change to a good `incident.detected`, and what is said of it.
struct Mistake: Sendable {
    let key: String
    let value: JSON?
    let en: String
    let vi: String
}

private let causes = (
    en:
        "fault (equipment fault), power (power cut), content (the content shown), network (network), vandalism (vandalism), human (human action), unknown (not known yet)",
    vi:
        "fault (hỏng thiết bị), power (mất điện), content (nội dung đăng tải), network (đường truyền), vandalism (hành vi xâm hại), human (thao tác của con người), unknown (chưa rõ)"
)

private let mistakes = [
    Mistake(
        key: "title", value: nil, en: #""title" is missing. What belongs there: A short name of the incident, such as "LED screen dark"."#,
        vi: #"Thiếu "title". Nội dung cần ghi: Tên ngắn của sự cố, ví dụ "màn hình LED không hiển thị"."#),
    Mistake(key: "title", value: "", en: #""title" is empty; fill it in."#, vi: #""title" đang để trống; đề nghị ghi nội dung."#),
    Mistake(
        key: "title", value: .string(String(repeating: "ế", count: 201)), en: #""title" has 201 characters, but at most 200 are allowed; shorten it."#,
        vi: #""title" có 201 ký tự, tối đa là 200; đề nghị rút gọn."#),
    Mistake(
        key: "title", value: 5, en: #""title" must be a text, but is a whole number."#, vi: #""title" phải là chuỗi ký tự, nhưng đang là số nguyên."#),
    Mistake(
        key: "occurredAt", value: "2026-03-14T19:12:00", en: #""occurredAt" has no offset from UTC; for Lào Cai time write 2026-03-14T19:12:00+07:00."#,
        vi: #""occurredAt" thiếu chênh lệch giờ so với UTC; giờ Lào Cai đề nghị ghi 2026-03-14T19:12:00+07:00."#),
    Mistake(
        key: "occurredAt", value: "2026-03-14T19:12+07:00", en: #""occurredAt" has no seconds; write 2026-03-14T19:12:00+07:00."#,
        vi: #""occurredAt" thiếu giây; đề nghị ghi 2026-03-14T19:12:00+07:00."#),
    Mistake(
        key: "occurredAt", value: "2026-03-14T19:12",
        en: #""occurredAt" has neither seconds nor an offset from UTC; for Lào Cai time write 2026-03-14T19:12:00+07:00."#,
        vi: #""occurredAt" thiếu giây và chênh lệch giờ so với UTC; giờ Lào Cai đề nghị ghi 2026-03-14T19:12:00+07:00."#),
    Mistake(
        key: "occurredAt", value: "14/3/2026 19:12",
        en: #""occurredAt" is "14/3/2026 19:12", which is no date and time with an offset from UTC; write it as 2026-03-14T19:12:00+07:00."#,
        vi: #""occurredAt" là "14/3/2026 19:12", chưa phải ngày giờ kèm chênh lệch giờ so với UTC; đề nghị ghi như 2026-03-14T19:12:00+07:00."#),
    Mistake(
        key: "occurredAt", value: 1_773_490_320, en: #""occurredAt" must be a date and time in quotation marks, but is a whole number."#,
        vi: #""occurredAt" phải là ngày giờ trong dấu ngoặc kép, nhưng đang là số nguyên."#),
    Mistake(
        key: "cause", value: "netwrok", en: #""cause" is "netwrok", which is none of the values allowed: \#(causes.en); did you mean "network"?"#,
        vi: #""cause" là "netwrok", không thuộc các giá trị cho phép: \#(causes.vi); có phải là "network"?"#),
    Mistake(
        key: "cause", value: "sét", en: #""cause" is "sét", which is none of the values allowed: \#(causes.en)."#,
        vi: #""cause" là "sét", không thuộc các giá trị cho phép: \#(causes.vi)."#),
    Mistake(
        key: "device", value: "LED screen",
        en: #""device" is "LED screen", which has not the form wanted: only lower-case letters, digits and hyphens, such as led-screen."#,
        vi: #""device" là "LED screen", chưa đúng dạng: chỉ gồm chữ thường không dấu, chữ số và dấu gạch nối, ví dụ led-screen."#),
    Mistake(
        key: "unlawfulContent", value: "true", en: #""unlawfulContent" must be true or false, but is a text; write it without quotation marks."#,
        vi: #""unlawfulContent" phải là true hoặc false, nhưng đang là chuỗi ký tự; đề nghị ghi không có dấu ngoặc kép."#),
    Mistake(
        key: "occuredAt", value: "2026-03-14T19:12:00+07:00", en: #""occuredAt" is not known here; did you mean "occurredAt"?"#,
        vi: #"Không có mục "occuredAt"; có phải là "occurredAt"?"#),
    Mistake(
        key: "unlawful_content", value: true, en: #""unlawful_content" is not known here; did you mean "unlawfulContent"?"#,
        vi: #"Không có mục "unlawful_content"; có phải là "unlawfulContent"?"#),
    Mistake(
        key: "severity", value: 3,
        en:
            #""severity" is not known here; leave it out. Known are: kind, occurredAt, lastKnownGoodAt, title, device, cause, unlawfulContent, description, detectedBy, evidence."#,
        vi:
            #"Không có mục "severity"; đề nghị bỏ. Các mục có thể ghi: kind, occurredAt, lastKnownGoodAt, title, device, cause, unlawfulContent, description, detectedBy, evidence."#
    ),
]

@Suite("A message schema")
struct MessageSchemaTests {
    private let detected: JSON = [
        "kind": "technical", "occurredAt": "2026-03-14T19:12:00+07:00", "title": "màn hình LED không hiển thị", "device": "led-screen", "cause": "power",
    ]

    private func reasons(_ type: String, _ data: JSON) throws -> [String] {
        try schema(type).problems(in: data).map(\.reason.en)
    }

    private func changed(_ key: String, _ value: JSON?) -> JSON {
        var object = detected.object ?? JSONObject()
        object[key] = value
        return .object(object)
    }

    @Test("is found by its type, and nil for a type nobody described") func named() throws {
        for _ in 1...2 {
            let found = try #require(MessageSchema.named("incident.detected"))
            #expect(found.type == "incident.detected" && found.title.vi == "Phát hiện sự cố" && found.problems(in: detected).isEmpty)
        }
        #expect(MessageSchema.named("incident.invented") == nil)
        #expect(MessageSchema.named("regulation") == nil)
        #expect(MessageSchema.named("incident.detected.v1") == nil)
    }

    @Test("tells its fields in the order of the file") func fields() throws {
        let call = try schema("communication.recorded")
        #expect(call.title.vi == "Ghi nhận thông tin qua điện thoại, văn bản")
        #expect(call.fields.prefix(3).map(\.name) == ["means", "calledAt", "caller"])
        #expect(call.fields.prefix(3).map(\.kind) == [.choice(["telephone", "fax", "paper", "radio", "in-person"]), .instant, .text])
        #expect(call.fields.first?.labels["radio"]?.vi == "bộ đàm")
        let paper = try #require(call.fields.last)
        #expect(paper.kind == .object && !paper.isRequired && paper.members.map(\.name) == ["number", "date"] && paper.members.map(\.kind) == [.text, .date])
        #expect(try schema("receipt.issued").fields.map(\.kind) == [.list])
        #expect(try schema("receipt.issued").fields.first?.members.map(\.name) == ["id", "receivedAt", "sender"])
        #expect(try schema("suggestion-box.opened").fields.prefix(3).map(\.kind) == [.instant, .integer, .text])
        #expect(try schema("duty.fulfilled").fields.first { $0.name == "late" }?.kind == .flag)
        #expect(try schema("device.status-changed").fields.last?.members.map(\.kind) == [.text, .number, .text])
    }

    @Test("says of a mistake what is wrong and what to do", arguments: mistakes) func mistake(_ mistake: Mistake) throws {
        let problems = try schema("incident.detected").problems(in: changed(mistake.key, mistake.value))
        #expect(problems.map(\.pointer) == ["/" + mistake.key])
        #expect(problems.map(\.reason.en) == [mistake.en])
        #expect(problems.map(\.reason.vi) == [mistake.vi])
    }

    @Test("says so where the data are no object at all") func noObject() throws {
        #expect(try reasons("incident.detected", .null) == ["data must be an object, but is null."])
        #expect(try schema("incident.detected").problems(in: []).map(\.pointer) == [""])
    }

    @Test("points into lists and objects") func nestedPlaces() throws {
        var day = try #require(try document("operations.day-closed")["examples"]?.array?.first?.object)
        day["devices"] = [
            ["device": "led-screen", "operatedMinutes": 720, "noRecordMinutes": 0, "lost": []],
            ["device": "kiosk-1", "operatedMinutes": 2000, "lost": [["cause": "powr", "minutes": "180"]]],
        ]
        let problems = try schema("operations.day-closed").problems(in: .object(day))
        #expect(
            problems.map(\.pointer) == ["/devices/1/operatedMinutes", "/devices/1/lost/0/cause", "/devices/1/lost/0/minutes", "/devices/1/noRecordMinutes"])
        #expect(problems.first?.reason.en == #""devices/1/operatedMinutes" is 2000, but must be at most 1440."#)
        #expect(problems.last?.reason.vi == #"Thiếu "devices/1/noRecordMinutes". Nội dung cần ghi: Số phút không có ghi nhận."#)
    }

    @Test("counts a list's elements") func listLength() throws {
        let receipt: JSON = ["id": "a", "receivedAt": "2026-03-14T19:21:04Z"]
        let issued = try schema("receipt.issued")
        #expect(issued.problems(in: ["receipts": .array(Array(repeating: receipt, count: 500))]).isEmpty)
        #expect(
            issued.problems(in: ["receipts": .array(Array(repeating: receipt, count: 501))]).map(\.reason.en) == [
                #""receipts" has 501 entries, but may have at most 500; send several messages."#
            ])
        #expect(issued.problems(in: ["receipts": []]).map(\.reason.en) == [#""receipts" has 0 entries, but needs at least 1."#])
    }

    @Test("counts a text's length in code points") func codePoints() throws {
        for (count, isAllowed) in [(200, true), (201, false)] {
            // One code point of four bytes, and a letter made of two code points.
            #expect(try reasons("incident.detected", changed("title", .string(String(repeating: "\u{1F4FA}", count: count)))).isEmpty == isAllowed)
            #expect(
                try reasons("incident.detected", changed("title", .string(String(repeating: "e\u{301}", count: count / 2) + "xx".prefix(count % 2)))).isEmpty
                    == isAllowed)
        }
    }

    @Test("wants whole numbers written without a fraction") func wholeNumbers() throws {
        let opened: JSON = ["openedAt": "2026-03-16T07:35:00+07:00", "letters": 2.5, "officer": "Trực ban Ban Quản lý Khu kinh tế"]
        #expect(try reasons("suggestion-box.opened", opened) == [#""letters" must be a whole number, but is a number with a fraction."#])
        let parsed = try JSON(parsing: #"{"openedAt":"2026-03-16T07:35:00+07:00","letters":2.0,"officer":"x"}"#)
        #expect(try schema("suggestion-box.opened").problems(in: parsed).map(\.pointer) == ["/letters"])
    }

    @Test("is not taken in by names that only look the same") func lookalikes() throws {
        // U+212A, the Kelvin sign, is canonically the same as K.
        let problems = try schema("incident.detected").problems(in: changed("last\u{212A}nownGoodAt", "2026-03-14T19:11:00+07:00"))
        #expect(problems.count == 1)
        #expect(problems.first?.reason.en.hasSuffix(#"did you mean "lastKnownGoodAt"?"#) == true)
    }

    @Test("tells a bounded number of problems in bounded words") func bounds() throws {
        let many = JSON.object(JSONObject(members: (0..<10_000).map { .init(key: "x\($0)", value: .null) }))
        #expect(try schema("incident.detected").problems(in: many).count == MessageSchema.Problem.limit)
        let long = try schema("incident.detected").problems(in: changed(String(repeating: "/~", count: 50_000), 1))
        #expect(long.count == 1 && long.allSatisfy { $0.pointer.utf8.count < 400 && $0.reason.en.utf8.count < 800 })
        let receipts = JSON.array((0..<500).map { _ in ["id": ""] })
        #expect(try schema("receipt.issued").problems(in: ["receipts": receipts]).count == MessageSchema.Problem.limit)
    }

    @Test("shows foreign text without what steers a terminal") func terminalSequences() throws {
        let reason = try reasons("incident.detected", changed("device", "a\u{1B}[2J\u{202E}b\n"))
        #expect(reason.count == 1 && reason[0].hasPrefix("\"device\" is \"a\u{FFFD}[2J\u{FFFD}b\u{FFFD}\", which"))
        #expect(try reasons("incident.detected", changed("x\u{1B}[31m", 1)).allSatisfy { !$0.unicodeScalars.contains("\u{1B}") })
        #expect(try schema("incident.detected").problems(in: changed("a/b~c", 1)).map(\.pointer) == ["/a~1b~0c"])
    }
}

@Suite("A schema outside the subset")
struct SchemaErrorTests {
    /// A schema with one member, described in both languages.
    private func compile(_ member: String, root: String = "", defs: String = "{}") throws -> MessageSchema {
        try MessageSchema(
            type: "test.made",
            parsing: """
                {"title": "T", "x-title": {"vi": "T"}, "description": "D", "x-description": {"vi": "D"}, "type": "object", "additionalProperties": false, "$defs": \(defs),
                 "properties": {"m": {"description": "M", "x-description": {"vi": "M"}, \(member)}}\(root)}
                """)
    }

    @Test(
        "is refused",
        arguments: [
            #""type": "string", "contentEncoding": "base64""#, #""type": "string", "minimum": 1"#, #""type": "integer", "minimum": 1.5"#,
            #""type": "integer", "exclusiveMinimum": 0"#, #""type": ["string", "null"]"#, #""oneOf": []"#, #""type": "string", "format": "email""#,
            #""type": "string", "pattern": "^a.b$", "x-form": {"vi": "f", "en": "f"}"#, #""type": "string", "pattern": "^[a-z]+$""#,
            #""type": "string", "pattern": "[a-z]+", "x-form": {"vi": "f", "en": "f"}"#, #""type": "string", "enum": ["a"]"#,
            #""type": "string", "x-tells": "plan""#, #""type": "string", "format": "date-time", "x-tells": "past""#,
            #""type": "string", "enum": ["a", "a"], "x-labels": {"a": {"vi": "a", "en": "a"}}"#, #""type": "string", "minLength": -1"#,
            #""type": "object", "additionalProperties": {"type": "string"}"#, #""type": "object", "required": ["x"]"#, #""type": "array", "uniqueItems": true"#,
            #""type": "array", "items": {"type": "strange"}"#, ##""$ref": "#/$defs/absent""##, #""$ref": "other.json""#, ##""$ref": "#/$defs/loop""##,
            ##""$ref": "#/$defs/day", "minLength": 1"##,
        ])
    func refused(member: String) {
        let defs = ##"{"day": {"type": "string", "format": "date"}, "loop": {"type": "array", "items": {"$ref": "#/$defs/loop"}}}"##
        #expect(throws: SchemaError.self) { try compile(member, defs: defs) }
    }

    @Test("is refused with the place and the keyword") func reason() {
        let error = #expect(throws: SchemaError.self) { try compile(#""type": "array", "items": {"type": "string", "contains": 1}"#) }
        #expect(error?.description == #"/properties/m/items: the keyword "contains" is outside the subset, or has no meaning here"#)
        #expect(throws: SchemaError.self) { try compile(#""type": "boolean""#, root: #", "minProperties": 1"#) }
        #expect(throws: SchemaError.self) { try MessageSchema(type: "test.made", parsing: "{") }
        #expect(throws: SchemaError.self) { try MessageSchema(type: "test.made", parsing: #"{"type": "string"}"#) }
    }

    @Test("is not what follows a reference, compares with a constant or bounds a number") func accepted() throws {
        let day = try compile(##""$ref": "#/$defs/day""##, defs: #"{"day": {"type": "string", "format": "date"}}"#)
        #expect(day.fields.map(\.kind) == [.date])
        #expect(day.problems(in: ["m": "2028-02-29"]).isEmpty)
        #expect(day.problems(in: ["m": "2026-02-29"]).count == 1)
        let constant = try compile(#""const": "1.0""#)
        #expect(constant.problems(in: ["m": "1.0"]).isEmpty)
        #expect(constant.problems(in: ["m": 1.0]).map(\.reason.en) == [#""m" must be "1.0"."#])
        let number = try compile(#""type": "number", "minimum": -0.5, "maximum": 3"#)
        for (value, isAllowed) in [(-0.5, true), (3.0, true), (-0.6, false), (3.01, false)] {
            #expect(number.problems(in: ["m": .double(value)]).isEmpty == isAllowed)
        }
        #expect(number.problems(in: ["m": 3]).isEmpty)
    }
}
