import Coordination
import Messages
import Regulation
import Reporting
import Schemas
import Simulation
import Testing
import Values

/// A ledger on which every party, device, duty and message type bears another name, under a text that names them so, gives the same figures: a report knows none of
/// them by name.
@Suite struct RenamedTests {
    /// The new name of every old one. What the mechanism itself says, and who says it, keep theirs.
    private static let names: [String: String] = {
        let text = Regulation.standard
        func turned(_ name: String) -> String { name.split(separator: ".").map { String($0.reversed()) }.joined(separator: ".") }
        var names: [String: String] = [:]
        for party in text.parties where party.role != .system { names[party.id] = "cq-" + turned(party.id) }
        for duty in text.duties { names[duty.id] = "v-" + turned(duty.id) }
        for type in text.messageTypes where !SystemType.all.contains(type.name) { names[type.name] = "t-" + turned(type.name) }
        for device in text.devices {
            names[device.id] = "tb-" + turned(device.id)
            for number in 1...9 where device.isNumbered { names["\(device.id)-\(number)"] = "tb-\(turned(device.id))-\(number)" }
        }
        return names
    }()

    /// A name by itself, as a type of CloudEvents, in that of its schema, or as a part of an id such as `duty/case/party`.
    private static func renamed(_ text: String) -> String {
        if let type = MessageType.name(ofEventType: text) { return MessageType.eventTypePrefix + (names[type] ?? type) + MessageType.eventTypeSuffix }
        let (schema, version) = ("urn:phoihop:schemas:", ".v1")
        if text.hasPrefix(schema), text.hasSuffix(version) {
            let type = String(text.dropFirst(schema.count).dropLast(version.count))
            return schema + (names[type] ?? type) + version
        }
        return text.split(separator: "/", omittingEmptySubsequences: false).map { names[String($0)] ?? String($0) }.joined(separator: "/")
    }

    private static func renamed(_ json: JSON) -> JSON {
        switch json {
        case .string(let text): .string(renamed(text))
        case .array(let elements): .array(elements.map(renamed))
        case .object(let object):
            // Words that people read stay, also where a device is called so.
            .object(
                JSONObject(
                    members: object.members.map { .init(key: names[$0.key] ?? $0.key, value: ["vi", "en"].contains($0.key) ? $0.value : renamed($0.value)) }))
        default: json
        }
    }

    /// A schema that says little of its members: else a text that brings all its schemas along would be longer than a message may be.
    private static func bare(_ schema: JSON) -> JSON {
        guard var object = schema.object else { return schema.array.map { .array($0.map(bare)) } ?? schema }
        (object["examples"], object["x-counterexamples"]) = (nil, nil)
        if object["description"] != nil { (object["description"], object["x-description"]) = ("…", ["vi": "…"]) }
        return .object(
            JSONObject(
                members: object.members.map { member in
                    guard member.key == "properties", let properties = member.value.object else { return .init(key: member.key, value: bare(member.value)) }
                    return .init(key: member.key, value: .object(JSONObject(members: properties.members.map { .init(key: $0.key, value: bare($0.value)) })))
                }))
    }

    /// The text built in under the new names, with the schemas of the types, which no program has by these names.
    private static let text: JSON = {
        guard var text = renamed(Regulation.standard.source).object else { preconditionFailure("a text is an object") }
        var schemas = JSONObject()
        for type in Regulation.standard.messageTypes {
            if let name = names[type.name], let schema = type.schema { schemas[name] = renamed(bare(schema.document)) }
        }
        text["schemas"] = .object(schemas)
        return .object(text)
    }()

    /// A record under the new names.
    private static func renamed(_ record: LedgerState.Record) throws -> LedgerState.Record {
        var record = record
        let event = try MessageReader.event(in: JSON(parsing: record.body))
        var body = try #require(renamed(JSON(parsing: record.body)).object)
        if event.type == SystemType.regulationAdopted, var data = body["data"]?.object {
            (data["regulation"], data["digest"]) = (text, .string(Regulation.digest(of: text)))
            body["data"] = .object(data)
        }
        record.body = JSON.object(body).bytes
        let prefix = "\(event.sender).\(event.type)."
        if record.carriage.routingKey.hasPrefix(prefix) {
            let to = String(record.carriage.routingKey.dropFirst(prefix.count))
            record.carriage.routingKey = "\(renamed(event.sender)).\(renamed(event.type)).\(renamed(to))"
        }
        (record.carriage.userID, record.carriage.messageID) = (record.carriage.userID.map(renamed), record.carriage.messageID.map(renamed))
        return record
    }

    /// What a report says, without the names of its figures, in an order that does not turn on names.
    private static func said(_ report: PeriodReport) -> [String] {
        (report.json["figures"]?.array ?? []).compactMap { figure in
            guard var figure = renamed(figure).object else { return nil }
            (figure["id"], figure["reference"]) = (nil, nil)
            for list in ["events", "obligations"] {
                figure[list] = figure[list]?.array.map { .array($0.sorted { ($0.string ?? "") < ($1.string ?? "") }) }
            }
            return JSON.object(figure).text
        }.sorted()
    }

    @Test func theFiguresAreTheSameUnderOtherNames() throws {
        #expect(Set(Self.names.values).count == Self.names.count && Set(Self.names.values).isDisjoint(with: Self.names.keys))
        let performance = Performance(of: try Scenario(parsing: "from 2026-06-01 to 2026-06-28\nwork 7\n", regulation: .standard))
        let period = try #require(ReportPeriod("2026-H1"))
        let before = try PeriodReport(period, from: reading(performance))
        var reading = LedgerReading()
        for record in performance.records {
            reading.read(try Self.renamed(record))
            try #require(reading.state.refusedCount == 0, "\(String(describing: reading.state.lastRefusal))")
        }
        let after = try PeriodReport(period, from: reading)
        #expect(after.regulation.messageType("incident.notified") == nil && after.regulation.party("border-guard") == nil)
        #expect(try before.count("incidents.real") > 0 && before.count("feedback.received") > 0 && before.count("hours.days.met") > 0)
        #expect(before.sections.map(\.title) == after.sections.map(\.title))
        #expect(before.summary == after.summary)
        let (old, new) = (Self.said(before), Self.said(after))
        #expect(old.count == new.count)
        let (gone, came) = (Set(old).subtracting(new), Set(new).subtracting(old))
        #expect(gone.isEmpty && came.isEmpty, "\(gone.sorted().map { $0.prefix(160) }) \n\(came.sorted().map { $0.prefix(160) })")
    }
}
