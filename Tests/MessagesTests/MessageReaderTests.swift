import Messages
import Regulation
import Testing
import Values

/// A message as it comes off the wire: one that keeps the contract, of which each test changes one thing.
struct Wire: Sendable {
    var envelope: JSON = [
        "specversion": "1.0", "id": "0b6f4a3e-51f5-4b7a-8a55-0d4f1f4c9e21", "source": "/parties/border-guard", "type": "vn.laocai.phoihop.incident.notified.v1",
        "subject": "SC-2026-014", "time": "2026-03-14T19:20:00+07:00", "datacontenttype": "application/json",
        "dataschema": "urn:phoihop:schemas:incident.notified.v1",
        "data": ["kind": "technical", "occurredAt": "2026-03-14T19:12:00+07:00", "title": "màn hình LED không hiển thị", "officer": "Trung úy Hải"],
    ]
    var carriage = Carriage(
        exchange: "phoihop", routingKey: "border-guard.incident.notified.all", userID: "border-guard", messageID: "0b6f4a3e-51f5-4b7a-8a55-0d4f1f4c9e21",
        contentType: "application/cloudevents+json")
    var body: [UInt8]?

    /// With another value, or none, for a member of the envelope.
    func with(_ key: String, _ value: JSON?) -> Wire {
        guard var object = envelope.object else { return self }
        object[key] = value
        var wire = self
        wire.envelope = .object(object)
        return wire
    }

    /// With another id, on the carriage too.
    func withID(_ id: String) -> Wire {
        var wire = with("id", .string(id))
        wire.carriage.messageID = id
        return wire
    }

    /// Said by another party, or of another type, or to another addressee.
    func said(by sender: String = "border-guard", _ type: String = "incident.notified", to: String = "all") -> Wire {
        var wire = with("source", .string("/parties/" + sender)).with("type", .string("vn.laocai.phoihop.\(type).v1")).with("dataschema", nil)
        wire.carriage.routingKey = "\(sender).\(type).\(to)"
        wire.carriage.userID = sender
        return wire
    }

    /// With other properties.
    func carried(_ change: (inout Carriage) -> Void) -> Wire {
        var wire = self
        change(&wire.carriage)
        return wire
    }

    static func body(_ text: String) -> Wire {
        var wire = Wire()
        wire.body = Array(text.utf8)
        return wire
    }

    func read() -> Result<Event, Refusal> { MessageReader(regulation: .standard).read(body ?? envelope.bytes, carriage) }
}

@Suite struct MessageReaderTests {
    struct Given: Sendable, CustomTestStringConvertible {
        let what: String
        let wire: Wire
        let reason: String
        var testDescription: String { what }
        init(_ what: String, _ wire: Wire, _ reason: String) { (self.what, self.wire, self.reason) = (what, wire, reason) }
    }

    static let brokenBodies: [Given] = [
        Given("too large", .body("\"" + String(repeating: "x", count: 262_143) + "\""), "the message has 262145 bytes, more than 262144"),
        Given("empty", .body(""), "ends too early (byte 0)"), Given("no JSON", .body("xin chào"), "no JSON value begins here (byte 0)"),
        Given("a key twice", .body(#"{"id":"a","id":"b"}"#), "the member \"id\" stands twice in one object (byte 10)"),
        Given("no object", .body("[]"), "body must be a JSON object"),
        Given("deep", .body(String(repeating: "[", count: 65)), "nested deeper than 64 levels"), Given("trailing", .body("{}x"), "text after the end"),
    ]

    static let brokenCarriages: [Given] = [
        Given("CC, BCC or expiration", Wire().carried { $0.hasForbiddenProperties = true }, "CC, BCC or an expiration"),
        Given("no user", Wire().carried { $0.userID = nil }, "no user_id"),
        Given("no content type", Wire().carried { $0.contentType = nil }, "the content-type is missing"),
        Given("plain JSON", Wire().carried { $0.contentType = "application/json" }, "the content-type is application/json"),
        Given("batch", Wire().carried { $0.contentType = "application/cloudevents-batch+json" }, "application/cloudevents-batch+json"),
        Given("an empty type", Wire().carried { $0.contentType = ";application/cloudevents+json" }, "the content-type is ;application"),
        Given("another's account", Wire().carried { $0.userID = "police" }, "the source names border-guard, but the account is police"),
        Given("another message id", Wire().carried { $0.messageID = "x" }, "message_id differs"),
        Given("no message id", Wire().carried { $0.messageID = nil }, "message_id differs"),
        Given("a key of another sender", Wire().carried { $0.routingKey = "police.incident.notified.all" }, "police.incident.notified.all does not match"),
        Given("a key of another type", Wire().carried { $0.routingKey = "border-guard.incident.detected.all" }, "does not match"),
        Given("a short key", Wire().carried { $0.routingKey = "border-guard.incident.notified" }, "does not match"),
        Given("a long key", Wire().carried { $0.routingKey = "border-guard.incident.notified.all.all" }, "does not match"),
        Given("an empty key", Wire().carried { $0.routingKey = "" }, "does not match"),
        Given("a key with a hole", Wire().carried { $0.routingKey = "border-guard..notified.all" }, "does not match"),
    ]

    static let brokenEnvelopes: [Given] = [
        Given("no specversion", Wire().with("specversion", nil), "specversion is missing"),
        Given("specversion 0.3", Wire().with("specversion", "0.3"), "specversion must be \"1.0\""),
        Given("a number", Wire().with("specversion", 1.0), "specversion must be a string"), Given("no id", Wire().with("id", nil), "id is missing"),
        Given("an empty id", Wire().withID(""), "id must be a string of 1 to 255 bytes"),
        Given("an id too long for AMQP", Wire().withID(String(repeating: "a", count: 256)), "id must be a string of 1 to 255 bytes"),
        Given("an id of 256 bytes in 86 letters", Wire().withID(String(repeating: "ệ", count: 86)), "1 to 255 bytes"),
        Given("a party's id too long for a notice's", Wire().withID(String(repeating: "a", count: 101)), "the id has 101 bytes, more than 100"),
        Given("a derived id", Wire().withID("a/b"), "a slash, which is kept for the coordinator's ids"),
        Given("no source", Wire().with("source", nil), "source is missing"),
        Given("a bare source", Wire().with("source", "border-guard"), "source must be /parties/<id>"),
        Given("nobody's source", Wire().with("source", "/parties/"), "source names"),
        Given("no type", Wire().with("type", nil), "type is missing"),
        Given("a foreign type", Wire().with("type", "com.example.x"), "there is no message type com.example.x"),
        Given("version 2", Wire().with("type", "vn.laocai.phoihop.incident.notified.v2"), "there is no message type vn.laocai"),
        Given("no noun and no verb", Wire().with("type", "vn.laocai.phoihop.v1"), "there is no message type vn.laocai.phoihop.v1"),
        Given("a misspelt type", Wire().said("incident.notifed"), "there is no message type incident.notifed; did you mean incident.notified?"),
        Given("no time", Wire().with("time", nil), "time is missing"),
        Given("a time without offset", Wire().with("time", "2026-03-14T19:20:00"), "time must be an RFC 3339 time with an offset"),
        Given("a time without seconds", Wire().with("time", "2026-03-14T19:20+07:00"), "such as 2026-03-14T19:12:00+07:00: the seconds are missing"),
        Given("a time without seconds in UTC", Wire().with("time", "2026-03-14T19:20Z"), "the seconds are missing"),
        Given("a time without offset, told", Wire().with("time", "2026-03-14T19:20:00"), "the offset is missing"),
        Given("a time with neither", Wire().with("time", "2026-03-14T19:20"), "the seconds and the offset are missing"),
        Given("a leap second", Wire().with("time", "2026-03-14T23:59:60Z"), "the second 60 cannot be used"),
        Given("a time that is null", Wire().with("time", .null), "time is missing"),
        Given("an id that is null", Wire().with("id", .null), "id is missing"),
        Given("data in base64", Wire().with("data", nil).with("data_base64", "e30="), "data_base64 is not read here"),
        Given("data twice", Wire().with("data_base64", "e30="), "data_base64 is not read here"),
        Given("JSON of another kind", Wire().with("datacontenttype", "application/vnd.x+json"), "datacontenttype must be application/json"),
        Given("text that names JSON", Wire().with("datacontenttype", "text/plain; application/json"), "datacontenttype must be application/json"),
        Given("a content type of parameters alone", Wire().with("datacontenttype", "; charset=utf-8"), "datacontenttype must be application/json"),
        Given("a content type that is no string", Wire().with("datacontenttype", 1), "datacontenttype must be a string"),
        Given("a day without a time", Wire().with("time", "2026-03-14"), "time must be an RFC 3339"),
        Given("an empty subject", Wire().with("subject", ""), "subject must be a string of 1 to 100 bytes"),
        Given("a long subject", Wire().with("subject", .string(String(repeating: "a", count: 101))), "subject must be a string of 1 to 100 bytes"),
        Given("a subject of 102 bytes in 34 letters", Wire().with("subject", .string(String(repeating: "ệ", count: 34))), "subject must be"),
        Given("a subject that is no string", Wire().with("subject", 14), "subject must be a string"),
        Given("no data", Wire().with("data", nil), "data is missing"),
        Given("XML", Wire().with("datacontenttype", "application/xml"), "datacontenttype must be application/json"),
        Given(
            "another's schema", Wire().with("dataschema", "urn:phoihop:schemas:incident.detected.v1"),
            "dataschema must be urn:phoihop:schemas:incident.notified.v1"),
        Given("exercise in quotes", Wire().with("exercise", "true"), "exercise must be true or false"),
        Given("exercise as a number", Wire().with("exercise", 1), "exercise must be true or false"),
        Given("an empty cause", Wire().with("causationid", ""), "causationid must be"),
        Given("a cause too long", Wire().with("correlationid", .string(String(repeating: "a", count: 256))), "correlationid must be"),
        Given("a trace that is no string", Wire().with("traceparent", []), "traceparent must be"),
        Given("an election that is no string", Wire().with("election", 1), "election must be"),
    ]

    static let brokenContents: [Given] = [
        Given("who may not say it", Wire().said(by: "police"), "police may not send incident.notified"),
        Given("who is nobody", Wire().said(by: "navy"), "navy may not send incident.notified"),
        Given("the coordinator's word from another", Wire().said("coordinator.elected"), "border-guard may not send coordinator.elected"),
        Given("to one where all is fixed", Wire().said(to: "police"), "incident.notified cannot be addressed to \"police\""),
        Given("to nobody known", Wire().said("communication.recorded", to: "navy"), "cannot be addressed to \"navy\""),
        Given("to the coordinator, which has no queue", Wire().said("communication.recorded", to: "coordinator"), "cannot be addressed to \"coordinator\""),
        Given("to all where the case decides", Wire().said(by: "coordinator", "duty.opened", to: "all"), "cannot be addressed to \"all\""),
        Given("data of another kind", Wire().with("data", "x"), "data must be an object"),
        Given("a member missing", Wire().with("data", [:]), "is missing. What belongs there"),
        Given(
            "a member too many", Wire().with("data", ["kind": "technical", "occurredAt": "2026-03-14T19:12:00+07:00", "title": "x", "officer": "x", "knd": 1]),
            "did you mean \"kind\"?"),
    ]

    @Test(arguments: brokenBodies + brokenCarriages + brokenEnvelopes + brokenContents) func aMessageThatBreaksTheContractIsRefusedInWords(_ given: Given) {
        switch given.wire.read() {
        case .success(let event): Issue.record("read as \(event)")
        case .failure(let refusal):
            #expect(refusal.reason.en.contains(given.reason), "\(refusal)")
            for text in [refusal.reason.vi, refusal.reason.en, refusal.remedy.vi, refusal.remedy.en] { #expect(!text.isEmpty && text.utf8.count < 1000) }
            #expect(refusal.reason.vi != refusal.reason.en && refusal.remedy.vi != refusal.remedy.en)
            #expect(refusal.text(.vi).contains("đề nghị") && refusal.text(.en) == refusal.description)
            #expect(refusal.sender == given.wire.carriage.userID)
        }
    }

    @Test func aRefusalSaysWhatCouldBeReadOfTheMessage() throws {
        guard case .failure(let refusal) = Wire().with("data", [:]).read() else { throw Missing() }
        #expect(refusal.eventID == "0b6f4a3e-51f5-4b7a-8a55-0d4f1f4c9e21")
        #expect(refusal.type == "incident.notified")
        #expect(refusal.writtenAt == Instant(milliseconds: 1_773_490_800_000))
        guard case .failure(let unread) = Wire.body("{").read() else { throw Missing() }
        #expect(unread.eventID == nil && unread.type == nil && unread.writtenAt == nil && unread.sender == "border-guard")
    }

    struct Missing: Error {}

    @Test(arguments: [
        Wire(), Wire().withID(String(repeating: "a", count: 100)), Wire().with("subject", nil),
        Wire().with("subject", .string(String(repeating: "a", count: 100))),
        Wire().with("dataschema", nil), Wire().with("datacontenttype", nil), Wire().with("exercise", true), Wire().with("exercise", false),
        Wire().with("partitionkey", "x").with("sequence", 5).with("ext1", ["nested": true]),
        Wire().carried { $0.contentType = "application/cloudevents+json; charset=utf-8" },
        Wire().carried { $0.contentType = "application/cloudevents+json;charset=UTF-8" },
        Wire().carried { $0.contentType = "application/cloudevents+json ; charset=utf-8" }, Wire().carried { $0.contentType = "Application/CloudEvents+JSON" },
        Wire().with("datacontenttype", "application/json; charset=utf-8"), Wire().with("datacontenttype", "application/json;charset=\"UTF-8\"; v=1"),
        Wire().with("datacontenttype", "Application/JSON"), Wire().with("datacontenttype", " application/json ;"), Wire().with("datacontenttype", nil),
        Wire().with("datacontenttype", .null).with("dataschema", .null).with("subject", .null).with("exercise", .null).with("correlationid", .null)
            .with("causationid", .null).with("traceparent", .null).with("election", .null).with("data_base64", .null),
        Wire().with("comexampleextension", "text").with("comexamplenumber", 5).with("comexampleflag", true).with("comexamplenone", .null)
            .with("partitionkey", "x").with("sequence", "1").with("tracestate", "a=b"),
    ]) func aMessageThatKeepsTheContractIsRead(_ wire: Wire) throws {
        let event = try wire.read().get()
        #expect(event.sender == "border-guard" && event.type == "incident.notified" && event.data == wire.envelope["data"])
        #expect(event.exercise == (wire.envelope["exercise"]?.bool ?? false))
        #expect(event.subject == wire.envelope["subject"]?.string)
    }

    @Test func hostileNamesAreCutAndCannotSteerTheScreen() throws {
        let hostile = "\u{1B}[2J\u{202E}" + String(repeating: "x", count: 240)
        for wire in [
            Wire().said("incident." + hostile), Wire().carried { $0.routingKey = hostile }, Wire().carried { $0.contentType = hostile },
            Wire().with("source", .string("/parties/" + hostile)),
            Wire().said("communication.recorded", to: hostile), Wire().with("type", .string(hostile)),
        ] {
            guard case .failure(let refusal) = wire.read() else { throw Missing() }
            for text in [refusal.text(.vi), refusal.text(.en)] {
                #expect(!text.contains("\u{1B}") && !text.unicodeScalars.contains("\u{202E}"), "\(refusal)")
                #expect(text.utf8.count < 600)
            }
        }
    }

    @Test func theCoordinatorsIDsMayBeDerivedAndLong() throws {
        let id = "incident.notify-department/" + String(repeating: "a", count: 100) + "/1773493920000/before-PT30M/border-guard"
        var wire = Wire().withID(id).said(by: "coordinator", "coordinator.marked")
        wire = wire.with("data", ["reachedAt": "2026-03-14T19:12:00+07:00"]).with("election", "e1")
        #expect(try wire.read().get().election == "e1")
    }

    @Test(arguments: [
        ("occurredAt", 60_000, false), ("occurredAt", 60_001, true), ("time", 60_001, false), ("resolveBy", 3_600_000, false),
        ("occurredAt", -86_400_000, false),
    ])
    func whatIsSaidToHaveHappenedMayLieAheadByTheSkewAlone(_ member: String, _ ahead: Int64, _ isRefused: Bool) {
        let now = Instant(milliseconds: 1_773_490_320_000)
        let at = now + Span(milliseconds: ahead)
        let event = Event(
            id: "a", sender: "police", type: "incident.detected", time: now,
            data: .object(JSONObject(members: [.init(key: member, value: JSON(at, offset: .hours(7)))])))
        let reader = MessageReader(regulation: .standard)
        if isRefused {
            #expect { try reader.check(event, isPastAt: now) } throws: { ($0 as? Refusal)?.reason.en == "\(member) lies in the future" }
        } else {
            #expect(throws: Never.self) { try reader.check(event, isPastAt: now) }
        }
    }

    @Test(
        arguments: [
            ("incident.notifed", "incident.notified"), ("incident-notified", "incident.notified"), ("duty.reminder", "duty.reminded"), ("", nil), ("x", nil),
            ("weather.report", nil),
            ("power.restored", "power.restored"),
        ] as [(String, String?)]) func theNearestNameIsOfferedWhereFewLettersDiffer(_ word: String, _ expected: String?)
    {
        #expect(nearest(to: word, in: Regulation.standard.messageTypes.map(\.name)) == expected)
    }

    @Test func aWordOfWhichNothingMatchesIsNearToNothing() {
        #expect(nearest(to: "ab", in: ["cd", "abc"]) == "abc")
        #expect(nearest(to: "ab", in: ["cd", "xy"]) == nil)
        #expect(nearest(to: "seed", in: [String]()) == nil)
        #expect(nearest(to: "vi", in: ["vo", "va"]) == "va", "of equals the first by name")
    }
}

@Suite struct EventTests {
    static let full = Event(
        id: "0b6f4a3e-51f5-4b7a-8a55-0d4f1f4c9e21", sender: "border-guard", type: "incident.notified", subject: "SC-2026-014",
        time: Instant(milliseconds: 1_773_490_800_123),
        data: ["kind": "technical", "list": [1, 2.5, .null, "đ"]], correlationID: "c1", causationID: "c2", exercise: true,
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", election: "e1")

    @Test(arguments: [Span.zero, .hours(7), .hours(-11)]) func anEventComesBackWithAllItsMembers(_ offset: Span) throws {
        let envelope = try JSON(parsing: EventTests.full.encoded(offset: offset))
        #expect(try MessageReader.event(in: envelope) == EventTests.full)
        let least = Event(id: "a", sender: "police", type: "incident.detected", time: Instant(milliseconds: -1), data: [:])
        #expect(try MessageReader.event(in: least.json(offset: offset)) == least)
    }

    @Test func theEnvelopeIsWrittenAsTheContractHasIt() throws {
        let text = EventTests.full.json(offset: .hours(7)).text
        #expect(text.hasPrefix(#"{"specversion":"1.0","id":"0b6f4a3e-51f5-4b7a-8a55-0d4f1f4c9e21","source":"/parties/border-guard","#))
        #expect(text.contains(#""type":"vn.laocai.phoihop.incident.notified.v1","subject":"SC-2026-014","time":"2026-03-14T19:20:00.123+07:00""#))
        #expect(text.contains(#""exercise":true"#))
        let plain = Event(id: "a", sender: "police", type: "incident.detected", time: Instant(milliseconds: 0), data: [:]).json(offset: .zero)
        #expect(plain["exercise"] == nil && plain["subject"] == nil && plain["election"] == nil)
    }

    @Test func aMemberIsFoundByItsPath() {
        let event = Event(id: "a", sender: "police", type: "x.y", time: Instant(milliseconds: 0), data: ["a": ["b": 1]])
        #expect(event[FieldPath("data.a.b")] == 1 && event[FieldPath("data")] == ["a": ["b": 1]] && event[FieldPath("time")] == "1970-01-01T00:00:00Z")
        #expect(event[FieldPath("data.b")] == nil && event[FieldPath("id")] == nil && event[FieldPath("")] == nil)
    }

    @Test(arguments: [
        ("incident.detected", "occurredAt", true), ("device.status-changed", "since", true), ("directive.issued", "dueAt", false),
        ("handling-plan.proposed", "resolveBy", false), ("meeting.convened", "meetingTime", false), ("maintenance.window-opened", "from", false),
        ("budget.called", "draftBy", false),
    ])
    func onlyWhatHasHappenedMustLieInThePast(_ type: String, _ member: String, _ tellsThePast: Bool) throws {
        let schema = try #require(Regulation.standard.schema(of: type))
        #expect(schema.fields.first { $0.name == member }?.tellsThePast == tellsThePast)
        #expect(schema.pastMembers.contains(member) == tellsThePast)
    }

    @Test(arguments: ["a.b.c.d", "border-guard.incident.notified.all"]) func aRoutingKeyHasFourParts(_ text: String) {
        #expect(RoutingKey(text)?.description == text)
        #expect(RoutingKey(text)?.type.split(separator: ".").count == 2)
    }

    @Test(arguments: ["", "a.b.c", "a.b.c.d.e", ".b.c.d", "a.b.c.", "a..c.d"]) func anythingElseIsNoRoutingKey(_ text: String) {
        #expect(RoutingKey(text) == nil)
    }
}

/// Acts recorded on behalf of a party that works on paper.
@Suite struct OnBehalfTests {
    private func report(by sender: String, of party: String?, document: JSON? = ["number": "9/BC", "date": "2026-06-10"]) -> Refusal? {
        var data: JSONObject = ["period": "half-year", "year": 2026, "summary": "Tình hình sáu tháng đầu năm."]
        if let party { data["onBehalfOf"] = .string(party) }
        if let document { data["document"] = document }
        let wire = Wire().said(by: sender, "report.submitted").with("data", .object(data))
        if case .failure(let refusal) = wire.read() { return refusal }
        return nil
    }

    private func guarded(by sender: String, of party: String?) -> Refusal? {
        var data: JSONObject = ["openedAt": "2026-03-16T07:32:00+07:00", "letters": 2, "officer": "Nguyễn Văn Hòa"]
        if let party { (data["onBehalfOf"], data["document"]) = (.string(party), ["number": "12/GB", "date": "2026-03-16"]) }
        let wire = Wire().said(by: sender, "suggestion-box.opened").with("data", .object(data))
        if case .failure(let refusal) = wire.read() { return refusal }
        return nil
    }

    @Test func whoReceivesADocumentRecordsItAndNamesIt() {
        #expect(report(by: "information-dept", of: "border-guard") == nil)
        #expect(
            report(by: "information-dept", of: "border-guard", document: nil)?.reason.en == "it is recorded on behalf of border-guard, and no document is named"
        )
        #expect(report(by: "police", of: "police")?.reason.en == "onBehalfOf names the sender itself")
        #expect(report(by: "police", of: "polise")?.reason.en == "onBehalfOf: polise may not send report.submitted; did you mean police?")
        #expect(report(by: "police", of: "peoples-committee")?.reason.en == "onBehalfOf: peoples-committee may not send report.submitted")
    }

    @Test func whatOnlyAnotherMaySayIsRecordedOnItsBehalfAlone() {
        #expect(guarded(by: "economic-zone", of: nil) == nil)
        #expect(guarded(by: "information-dept", of: "economic-zone") == nil)
        #expect(
            guarded(by: "information-dept", of: nil)?.reason.en
                == "information-dept may record suggestion-box.opened only on behalf of a party that works on paper")
        #expect(guarded(by: "police", of: "economic-zone")?.reason.en == "police may not send suggestion-box.opened")
    }

    @Test func noticesAndOrdersOfTheSystemAreNobodysToRecord() {
        for type in Regulation.standard.messageTypes where type.from.contains("coordinator") || type.name.hasPrefix("incident.notified") {
            #expect(type.recorders.isEmpty, "\(type.name)")
        }
    }
}
