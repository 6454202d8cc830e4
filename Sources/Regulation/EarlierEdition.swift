import Schemas
import Values

/// What editions before 2015-08-10/4 left to the program: which types correct, how far a case has come, what announces maintenance, what shows that a device is in
/// operation. A ledger holds the editions under which it was written, and is read for as long as it is kept; what such an edition lacks is filled in here, and
/// nowhere else does the program know a type of theirs.
enum EarlierEdition {
    /// The edition with what it left out. One that lacks nothing is given back as it came.
    static func completed(_ json: JSON) -> JSON {
        guard var text = json.object else { return json }
        // One without maintenance is told by what else later editions have.
        var isEarlier = text["maintenance"] == nil && text["devices"] == nil && text["cases"]?.array?.contains { $0["stages"] != nil } != true
        if var maintenance = text["maintenance"]?.object, maintenance["opens"] == nil, maintenance["closes"] == nil {
            (maintenance["opens"], maintenance["closes"]) = ("maintenance.window-opened", "maintenance.window-closed")
            text["maintenance"] = .object(maintenance)
            isEarlier = true
        }
        // A later edition has its own words for all of this, and a slip in it is to be told.
        guard isEarlier else { return json }
        text["cases"] = text["cases"]?.array.map { .array($0.map(completed(kind:))) }
        text["duties"] = text["duties"]?.array.map { .array($0.map(completed(duty:))) }
        return .object(text)
    }

    /// What the report is about under an edition that does not say so, being from before 2015-08-10/7: under an edition of the Decision that is built in, what it says today.
    /// Another text without it has a report without the sections that it names.
    static func report(of json: JSON) -> ReportRule {
        guard let decision = json["decision"]?["number"], decision == Regulation.standard.source["decision"]?["number"] else { return ReportRule() }
        return Regulation.standard.report
    }

    /// The edition built in, for one before 2015-08-10/7: what is watched and how it is told, which types play which part for content, and what answers a duty at
    /// the desk, such an edition left to the program. Nil for one that says any of it.
    static func today(for json: JSON) -> JSON? {
        func says(_ member: String, in list: String) -> Bool { json[list]?.array?.contains { $0[member] != nil } == true }
        let isLater = json["equipment"] != nil || json["content"] != nil || says("watches", in: "parties") || says("desk", in: "duties")
        return isLater ? nil : builtIn
    }

    private static let builtIn = try? JSON(parsing: Schemas.regulation)

    private static func completed(kind json: JSON) -> JSON {
        guard var kind = json.object, kind["stages"] == nil, let begins = kind["begins"]?.array, begins.contains("incident.detected") else { return json }
        let named = Set((["begins", "continues", "ends"].flatMap { kind[$0]?.array ?? [] }).compactMap(\.string))
        let stages = stages.filter { named.contains($0.type) }
        kind["stages"] = .array(stages.map { ["on": .string($0.type), "name": .string($0.name)] })
        kind["claims"] = kind["claims"]?.array.map { claims in
            .array(
                claims.map { claim in
                    guard claim["on"] == "incident.corrected", claim["corrects"] == nil, var rule = claim.object else { return claim }
                    rule["corrects"] = corrects
                    return .object(rule)
                })
        }
        return .object(kind)
    }

    private static func completed(duty json: JSON) -> JSON {
        guard var duty = json.object, var due = duty["due"]?.object else { return json }
        func completed(term json: JSON) -> JSON {
            guard var operation = json.object, operation["on"] == nil else { return json }
            operation["on"] = "device.status-changed"
            return .object(operation)
        }
        if let operation = due["operation"] { due["operation"] = completed(term: operation) }
        due["first"] = due["first"]?.array.map { cases in
            .array(
                cases.map { item in
                    guard let operation = item["operation"], var one = item.object else { return item }
                    one["operation"] = completed(term: operation)
                    return .object(one)
                })
        }
        duty["due"] = .object(due)
        return .object(duty)
    }

    private static let stages: [(type: String, name: String)] = [
        ("incident.detected", "detected"), ("incident.notified", "notified"), ("incident.acknowledged", "acknowledged"),
        ("incident.contained", "contained"), ("incident.resolved", "resolved"),
    ]
    private static let corrects: JSON = ["occurredAt", "kind", "cause", "device", "title"]
}
