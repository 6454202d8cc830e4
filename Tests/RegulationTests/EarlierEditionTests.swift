import Regulation
import Testing
import Values

/// A ledger holds the editions under which it was written. One from before 2015-08-10/4 left to the program what the data says since.
@Suite struct EarlierEditionTests {
    /// The edition built in as it was before: without the stages of a case, what is corrected, what announces maintenance, what shows operation, what is reported on.
    private static func earlier(_ json: JSON) -> JSON {
        switch json {
        case .object(let object):
            .object(
                JSONObject(
                    members: object.members.compactMap { member in
                        if member.key == "report", member.value["incidents"] != nil { return nil }
                        if ["stages", "corrects", "opens", "closes"].contains(member.key), member.value.object == nil, member.value.string != "claims" {
                            // What opens a duty stays.
                            if member.key != "opens" || member.value.array == nil { return nil }
                        }
                        if member.key == "operation", var operation = member.value.object {
                            operation["on"] = nil
                            return .init(key: member.key, value: .object(operation))
                        }
                        return .init(key: member.key, value: earlier(member.value))
                    }))
        case .array(let elements): .array(elements.map(earlier))
        default: json
        }
    }

    @Test func whatItLeftOutIsFilledIn() throws {
        let json = Self.earlier(Regulation.standard.source)
        #expect(json["maintenance"]?["opens"] == nil && json["cases"]?.array?.first?["stages"] == nil)
        let regulation = try Regulation(json: json)
        #expect(regulation.maintenance == Regulation.standard.maintenance)
        #expect(regulation.operations == Regulation.standard.operations && !regulation.operations.isEmpty)
        #expect(regulation.caseKinds == Regulation.standard.caseKinds)
        #expect(regulation.report == Regulation.standard.report)
        // It stays what it was: its digest is that of the text as it came.
        #expect(regulation.source == json && regulation.digest != Regulation.standard.digest)
    }

    @Test func oneWithoutMaintenanceIsFilledInToo() throws {
        var object = try #require(Self.earlier(Regulation.standard.source).object)
        (object["maintenance"], object["devices"]) = (nil, nil)
        let regulation = try Regulation(json: .object(object))
        #expect(regulation.maintenance == nil && regulation.caseKinds == Regulation.standard.caseKinds && !regulation.operations.isEmpty)
    }

    /// One that has all the rest, too, and one that has other types: its ledger is read, and its report has the sections that it had.
    @Test func whatItsReportIsAboutIsFilledIn() throws {
        var object = try #require(Regulation.standard.source.object)
        object["report"] = nil
        #expect(try Regulation(json: .object(object)).report == Regulation.standard.report)
        object["messageTypes"] = object["messageTypes"]?.array.map { types in .array(types.filter { $0["type"]?.string != "royalty.settled" }) }
        object["duties"] = object["duties"]?.array.map { duties in .array(duties.filter { $0["id"]?.string != "royalty.settle" }) }
        object["cases"] = []
        #expect(try Regulation(json: .object(object)).report == Regulation.standard.report)
    }

    @Test func anotherTextWithoutItHasNone() throws {
        var object = try #require(Regulation.standard.source.object)
        (object["report"], object["decision"]) = (nil, ["number": "1/2026/QĐ-UBND"])
        let report = try Regulation(json: .object(object)).report
        #expect(report.titles.isEmpty && report.types.isEmpty && report.incidents == nil)
        object["decision"] = nil
        #expect(try Regulation(json: .object(object)).report.titles.isEmpty)
    }

    @Test func oneThatSaysThatItHasNoneHasNone() throws {
        var object = try #require(Regulation.standard.source.object)
        object["report"] = [:]
        #expect(try Regulation(json: .object(object)).report.titles.isEmpty)
    }

    @Test func ofALaterEditionNothingIsGuessed() throws {
        var object = try #require(Regulation.standard.source.object)
        object["maintenance"] = ["longest": "P7D", "opens": "maintenance.window-opened"]
        let error = try #require(throws: RegulationError.self) { try Regulation(json: .object(object)) }
        #expect(error.problems.map(\.pointer) == ["/maintenance"])
    }

    /// The edition built in as it was before 2015-08-10/7: without what is watched, what is content, what the desk says.
    private static func withoutParts() throws -> JSONObject {
        func without(_ member: String, _ list: JSON?) -> JSON {
            .array(
                (list?.array ?? []).map { row in
                    guard var row = row.object else { return row }
                    row[member] = nil
                    return .object(row)
                })
        }
        var object = try #require(Regulation.standard.source.object)
        (object["equipment"], object["content"], object["report"]) = (nil, nil, nil)
        object["parties"] = without("watches", object["parties"])
        object["duties"] = without("desk", object["duties"])
        return object
    }

    @Test func whatIsWatchedWhatIsContentAndTheDeskAreAsToday() throws {
        let regulation = try Regulation(json: .object(Self.withoutParts()))
        #expect(regulation.equipment == Regulation.standard.equipment && regulation.equipment != nil)
        #expect(regulation.content == Regulation.standard.content && regulation.content != nil)
        #expect(regulation.parties == Regulation.standard.parties)
        #expect(regulation.desks == Regulation.standard.desks && !regulation.desks.isEmpty)
    }

    @Test func ofWhatTheyAreAsTodayOnlyWhatMakesSenseUnderTheEdition() throws {
        var object = try Self.withoutParts()
        // Nobody closes the day, and nobody says that an incident was none.
        let gone = ["operations.day-closed", "content.published", "incident.dismissed"]
        object["messageTypes"] = .array(try #require(object["messageTypes"]?.array).filter { row in !gone.contains(row["type"]?.string ?? "") })
        func without(_ value: JSON) -> JSON {
            switch value {
            case .array(let elements):
                .array(elements.filter { element in !gone.contains(element.string ?? element["on"]?.string ?? "") }.map(without))
            case .object(let object): .object(JSONObject(members: object.members.map { .init(key: $0.key, value: without($0.value)) }))
            default: value
            }
        }
        object["cases"] = object["cases"].map(without)
        object["duties"] = .array(
            try #require(object["duties"]?.array).map(without).filter { duty in
                let text = duty.text
                return duty["fulfilledBy"]?.array?.isEmpty == false && duty["opens"]?.array?.isEmpty != true && !gone.contains(where: text.contains)
            })
        let regulation = try Regulation(json: .object(object))
        #expect(regulation.equipment?.day == nil && regulation.equipment?.failure == Regulation.standard.equipment?.failure)
        #expect(regulation.content == nil)
        #expect(regulation.party("border-guard")?.watches == [] && regulation.party("police")?.watches == [.devices])
        #expect(regulation.desks["incident.notify-department"] == nil && regulation.desks["incident.resolve"] != nil)
    }

    @Test func aTextThatSaysAnyOfItIsTakenAtItsWord() throws {
        var object = try Self.withoutParts()
        object["equipment"] = ["status": "device.status-changed"]
        let regulation = try Regulation(json: .object(object))
        #expect(regulation.equipment == Equipment(status: "device.status-changed") && regulation.content == nil && regulation.desks.isEmpty)
        #expect(!regulation.parties.contains { !$0.watches.isEmpty })
    }
}
