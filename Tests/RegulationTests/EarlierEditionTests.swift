import Regulation
import Testing
import Values

/// A ledger holds the editions under which it was written. One from before 2015-08-10/4 left to the program what the data says since.
@Suite struct EarlierEditionTests {
    /// The edition built in as it was before: without the stages of a case, what is corrected, what announces maintenance, what shows operation.
    private static func earlier(_ json: JSON) -> JSON {
        switch json {
        case .object(let object):
            .object(
                JSONObject(
                    members: object.members.compactMap { member in
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
        // It stays what it was: its digest is that of the text as it came.
        #expect(regulation.source == json && regulation.digest != Regulation.standard.digest)
    }

    @Test func oneWithoutMaintenanceIsFilledInToo() throws {
        var object = try #require(Self.earlier(Regulation.standard.source).object)
        (object["maintenance"], object["devices"]) = (nil, nil)
        let regulation = try Regulation(json: .object(object))
        #expect(regulation.maintenance == nil && regulation.caseKinds == Regulation.standard.caseKinds && !regulation.operations.isEmpty)
    }

    @Test func ofALaterEditionNothingIsGuessed() throws {
        var object = try #require(Regulation.standard.source.object)
        object["maintenance"] = ["longest": "P7D", "opens": "maintenance.window-opened"]
        let error = try #require(throws: RegulationError.self) { try Regulation(json: .object(object)) }
        #expect(error.problems.map(\.pointer) == ["/maintenance"])
    }
}
