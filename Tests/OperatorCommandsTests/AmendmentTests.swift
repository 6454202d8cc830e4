import OperatorCommands
import Testing
import Values

@testable import Regulation

@Suite("Amending the regulation")
struct AmendmentTests {
    let source = Regulation.standard.source

    /// The regulation built in, after changes to its data.
    private func amended(_ changes: ([String], JSON?)...) throws -> Regulation {
        try Regulation(json: changes.reduce(source) { replacing($0, $1.0[...], $1.1) })
    }

    /// A value with another, or with nothing, at the place of a pointer's keys; `-` appends.
    private func replacing(_ value: JSON, _ keys: ArraySlice<String>, _ new: JSON?) -> JSON {
        guard let key = keys.first else { return new ?? .null }
        let rest = keys.dropFirst()
        if var array = value.array {
            guard key != "-" else { return .array(array + [new ?? .null]) }
            let index = Int(key) ?? array.firstIndex { $0["id"]?.string == key || $0["type"]?.string == key } ?? 0
            if rest.isEmpty && new == nil { array.remove(at: index) } else { array[index] = replacing(array[index], rest, new) }
            return .array(array)
        }
        guard var object = value.object else { return value }
        if rest.isEmpty { object[key] = new } else { object[key] = replacing(object[key] ?? [:], rest, new) }
        return .object(object)
    }

    private func words(_ new: Regulation, _ language: Language = .en) -> [String] {
        Amendment(from: .standard, to: new).lines(language, on: Screen()).map { String($0.drop { $0 == " " }) }
    }

    @Test("two editions that say the same differ in nothing")
    func same() throws {
        let amendment = Amendment(from: .standard, to: .standard)
        #expect(amendment.changes.isEmpty && !amendment.keepsVersion)
        #expect(amendment.lines(.vi, on: Screen()) == ["Hai bản quy định như nhau."])
        let renamed = try amended((["version"], "next"), (["calendar", "years", "2026", "source"], "x"))
        #expect(words(renamed) == ["The two editions (2015-08-10/7 and next) say the same; only their names, form or remarks differ."])
    }

    @Test("who leads, the days off of every year and the kinds of cases are told")
    func frames() throws {
        let new = try amended(
            (["version"], "2026-12-01/1"), (["parties", "information-dept", "role"], "agency"), (["parties", "culture-dept", "role"], "lead"),
            (["parties", "culture-dept", "reads"], ["ledger"]), (["calendar", "everyYear", "-"], "11-24"), (["cases", "feedback", "prefix"], "PK"),
            (["cases", "feedback", "ends", "-"], "feedback.forwarded"), (["cases", "feedback", "continues"], nil))
        let (english, vietnamese) = (words(new), words(new, .vi))
        #expect(new.lead == "culture-dept")
        #expect(english.contains("role: “lead agency” becomes “agency”") && english.contains("reading the ledger: “may not” becomes “may”"))
        #expect(english.contains("days off of every year: “1/1, 30/4, 1/5, 2/9” becomes “1/1, 30/4, 1/5, 2/9, 24/11”"))
        #expect(english.contains("prefix: “PA” becomes “PK”") && english.contains("ends, added: feedback.forwarded"))
        #expect(english.contains("continues, removed: feedback.forwarded"))
        #expect(vietnamese.contains("tiền tố: “PA” thành “PK”") && vietnamese.contains("LOẠI VỤ VIỆC"))
    }

    @Test("a kind of case is told in words, by its id or its prefix", arguments: ["incident", "SC", "sc"])
    func kind(_ name: String) throws {
        let table = RegulationTable(.standard)
        let kind = try #require(table.caseKind(named: name))
        let lines = table.lines(of: kind, .en, on: Screen())
        #expect(lines[0] == "incident – incident (SC-…)")
        #expect(lines.contains { $0.hasPrefix("Begins") && $0.contains("(incident.detected)") })
        #expect(lines.contains { $0.contains("(incident.merged)") && $0.contains("Provincial Border Guard Command") })
        #expect(table.lines(of: kind, .vi, on: Screen(columns: 60, rows: 24)).allSatisfy { width($0) <= 60 })
        #expect(table.caseKind(named: "incident.notify-department") == nil)
    }

    @Test("what the report says of a kind of case is told with it, and what it is about is compared")
    func report() throws {
        let table = RegulationTable(.standard)
        let feedback = try #require(table.caseKind(named: "feedback"))
        let lines = table.lines(of: feedback, .en, on: Screen())
        let line = try #require(lines.first { $0.hasPrefix("In the report") })
        #expect(
            line.contains("“Feedback and suggestion box (Clause 5, Art. 9; Clause 3, Art. 14)”: received (feedback.received); forwarded (feedback.forwarded)"))
        #expect(table.json(feedback)["report"]?.array?.first?["section"] == "feedback")
        let incident = table.lines(of: try #require(table.caseKind(named: "incident")), .vi, on: Screen(columns: 80, rows: 24))
        #expect(incident.contains { $0.hasPrefix("Trong báo cáo") } && incident.allSatisfy { width($0) <= 80 })
        #expect(table.json(try #require(table.caseKind(named: "meeting")))["report"] == nil)
        let new = try amended(
            (["version"], "2026-12-01/1"), (["report", "feedback", "transferred"], nil), (["report", "hours"], nil),
            (["report", "lead", "vi"], "Ban"))
        let (english, vietnamese) = (words(new), words(new, .vi))
        #expect(english.contains("REPORT") && vietnamese.contains("cách gọi cơ quan chủ trì: “Sở” thành “Ban”"))
        #expect(english.contains { $0.hasPrefix("section on feedback: “") && $0.contains("transferred (feedback.transferred)") })
        #expect(english.contains { $0.hasPrefix("section on hours of operation, removed: ") && $0.contains("(operations.day-closed)") })
    }

    @Test("a changed term, obligor and step are told before and after, in either language")
    func changed() throws {
        let new = try amended(
            (["version"], "2026-12-01/1"), (["duties", "incident.notify-department", "due", "within"], "PT2H"),
            (["duties", "security.handle-violation", "obligor"], "border-guard"),
            (["messageTypes", "violation.handled", "from", "-"], "border-guard"), (["ladders", "box", "0", "before"], "PT15M"))
        let english = words(new)
        #expect(english[0] == "From edition 2015-08-10/7 to 2026-12-01/1")
        #expect(english.contains("changed inform the Department of an incident (incident.notify-department)"))
        #expect(english.contains("due: “within 1 hour (set by the Regulation)” becomes “within 2 hours (set by the Regulation)”"))
        #expect(english.contains("owed by: “Provincial Public Security” becomes “Provincial Border Guard Command”"))
        #expect(english.contains("sent by, added: Provincial Border Guard Command"))
        #expect(
            english.contains(
                "step: “10 minutes before the deadline: remind who owes it” becomes “15 minutes before the deadline: remind who owes it”"))
        #expect(words(new, .vi).contains("thời hạn: “trong 1 giờ (thời hạn theo Quy định)” thành “trong 2 giờ (thời hạn theo Quy định)”"))
    }

    @Test("what is new and what is gone is told, with what it says")
    func addedAndRemoved() throws {
        let duty: JSON = [
            "id": "site.greenery", "article": "9.3", "obligor": "economic-zone", "title": ["vi": "vệ sinh", "en": "keep the site clean"],
            "opens": ["weekly": 1], "due": ["basis": "mark", "endOfPeriod": true], "fulfilledBy": [["on": "suggestion-box.opened"]], "ladder": [],
        ]
        let new = try amended(
            (["duties", "-"], duty), (["duties", "feedback.resolve"], nil), (["calendar", "years", "2026", "holidays", "0"], nil),
            (["calendar", "years", "2027"], ["holidays": ["2027-01-01"], "makeUpDays": []]), (["wordings", "settled", "en"], "Done."))
        let english = words(new)
        #expect(english.contains("added keep the site clean (site.greenery)"))
        #expect(english.contains("opened: every week on Monday"))
        #expect(english.contains("removed resolve feedback (feedback.resolve)"))
        #expect(english.contains("days off, removed: 1/1/2026"))
        #expect(english.contains("added the year 2027 (2027)") && english.contains("days off: 1/1/2027"))
        #expect(english.contains("changed settled"))
        #expect(english.contains { $0.hasPrefix("Note: both are named “2015-08-10/7”") })
        let json = Amendment(from: .standard, to: new).json
        let kinds = json["changes"]?.array?.compactMap { $0["kind"]?.string }
        #expect(kinds == ["added", "removed", "changed", "added", "changed"])
    }

    @Test("a word of scenarios that is new, gone or means something else is told")
    func verbs() throws {
        let new = try amended(
            (["messageTypes", "incident.notified", "verbs"], nil),
            (["messageTypes", "calendar.day-declared", "verbs"], [["words": ["declares", "công-bố"], "says": ["working": false]]]),
            (["messageTypes", "power.restored", "verbs", "0", "words"], ["returns", "có-lại"]))
        let english = words(new)
        #expect(english.contains("words in scenarios, removed: notifies, thông-báo"))
        #expect(english.contains("words in scenarios, added: declares, công-bố {\"working\":false}"))
        #expect(
            english.contains("words in scenarios: “power, điện: returns, có-lại, recovers, chạy-lại” becomes “power, điện: returns, có-lại”"), "\(english)")
        #expect(words(new, .vi).contains("từ trong kịch bản bỏ: notifies, thông-báo"))
    }

    @Test("what a party watches, by which messages it tells of it, and what answers a duty at the desk are told")
    func parts() throws {
        let new = try amended(
            (["version"], "2026-12-01/1"), (["parties", "police", "watches"], nil), (["equipment", "failure", "says"], nil), (["content", "backup"], nil),
            (["duties", "incident.acknowledge", "desk"], []), (["duties", "incident.resolve", "desk", "0", "key"], "r"),
            (["duties", "incident.contain", "desk"], []))
        let (english, vietnamese) = (words(new), words(new, .vi))
        #expect(english.contains("watches, removed: devices (“Status of a device changed”)"))
        #expect(english.contains { $0.hasPrefix("told by: “a device is down: “") && $0.contains("(technical incident)") && $0.contains("” becomes “") })
        #expect(english.contains { $0.hasPrefix("what is what: “") && $0.contains("content is backed up: “") })
        #expect(english.contains { $0.hasPrefix("at the desk: “[1] acknowledge: “") && $0.hasSuffix("becomes “not answered at the desk”") })
        #expect(english.contains { $0.hasPrefix("at the desk: “[1] resolved: “") && $0.contains("becomes “[r] resolved: “") })
        #expect(english.contains("at the desk: “a key for each message that fulfils it” becomes “not answered at the desk”"))
        #expect(vietnamese.contains("TIN VỀ THIẾT BỊ") && vietnamese.contains("TIN VỀ NỘI DUNG"))
    }

    @Test("a party is told in words, with what it watches")
    func party() throws {
        let table = RegulationTable(.standard)
        let lines = table.lines(of: try #require(table.party(named: "border-guard")), .en, on: Screen())
        #expect(lines[0] == "border-guard – Provincial Border Guard Command")
        #expect(lines.contains { $0.hasPrefix("Watches") && $0.contains("devices (“") && $0.contains("a device that is down is an incident (“") })
        #expect(table.json(try #require(table.party(named: "economic-zone")))["watches"] == ["supply"])
        #expect(table.party(named: "navy") == nil)
        let duty = try #require(Regulation.standard.duty("incident.notify-department"))
        #expect(table.lines(of: duty, .en, on: Screen()).contains { $0.hasPrefix("At the desk") && $0.contains("[2] false alarm: “") })
        let content = try #require(table.caseKind(named: "TT"))
        #expect(table.lines(of: content, .vi, on: Screen()).contains { $0.hasPrefix("Bảng nội dung") })
    }

    /// Other values of a leaf's kind, of which the reader takes one.
    private func others(than value: JSON) -> [JSON] {
        guard let text = value.string else { return value.bool.map { [.bool(!$0)] } ?? [3, 28] }
        if Span(iso: text) != nil { return ["PT7M"] }
        if TimeOfDay(text) != nil { return ["03:03"] }
        if CivilDate(text) != nil { return ["2026-11-11"] }
        if Regulation.standard.party(text) != nil { return ["police", "newspaper"] }
        if Regulation.standard.messageType(text) != nil { return ["incident.resolved", "incident.merged"] }
        if text.hasPrefix("data.") { return ["data.title", "data.device"] }
        return ["x", "7.7", "law", "mark", "reminder", "overdue", "agency", "box", "day", "deadline", "+08:00", "site.seen"]
    }

    private func places(_ value: JSON, _ keys: [String]) -> [(keys: [String], value: JSON)] {
        let own = [(keys, value)]
        switch value {
        case .object(let object): return own + object.members.flatMap { places($0.value, keys + [$0.key]) }
        case .array(let array): return own + array.indices.flatMap { places(array[$0], keys + [String($0)]) }
        default: return own
        }
    }

    @Test(
        "no change to what the regulation means goes untold",
        arguments: [
            "calendar", "parties", "messageTypes", "ladders", "duties", "onPaper", "extensions", "maintenance", "citation", "decision", "devices", "cases",
            "equipment", "content", "report",
        ])
    func nothingUntold(part: String) throws {
        var tried = 0
        let all = places(source[part] ?? [:], [part])
        // So many that the suite stays quick; all of them would take a minute.
        for index in stride(from: 0, to: all.count, by: max(1, all.count / 50)) {
            let (keys, value) = all[index]
            // Without it, and as something else.
            var editions = [try? amended((keys, nil))]
            editions.append(others(than: value).lazy.compactMap { try? amended((keys, $0)) }.first { differs($0) })
            for case let new? in editions where differs(new) {
                tried += 1
                let amendment = Amendment(from: .standard, to: new)
                #expect(!amendment.changes.isEmpty, "/\(keys.joined(separator: "/"))")
                for change in amendment.changes where change.kind == .changed {
                    #expect(change.points.allSatisfy { $0.before != $0.after }, "/\(keys.joined(separator: "/")): \(change.points)")
                }
            }
        }
        #expect(tried > 0)
    }

    /// Whether an edition means something else than the one built in. Groups are mere names for lists of parties.
    private func differs(_ new: Regulation) -> Bool {
        let old = Regulation.standard
        return old.duties != new.duties || old.parties != new.parties || old.messageTypes != new.messageTypes || old.calendar != new.calendar
            || old.extensionBy != new.extensionBy || old.maintenance != new.maintenance || old.wordings != new.wordings
            || old.citation != new.citation || old.devices != new.devices || old.equipment != new.equipment || old.content != new.content
            || old.desks != new.desks || old.caseKinds != new.caseKinds || old.report != new.report || source["decision"] != new.source["decision"]
    }
}

@Suite("Checking a regulation file")
struct RegulationCheckTests {
    private func check(_ replacements: (String, String)...) -> RegulationCheck {
        let text = replacements.reduce(Regulation.standard.source.indentedText) { $0.replacing($1.0, with: $1.1) }
        return RegulationCheck(RegulationText(Array(text.utf8)))
    }

    @Test("the regulation built in is in order, and a line says what it holds")
    func inOrder() {
        let check = check()
        #expect(check.findings.isEmpty)
        let lines = check.lines("regulation.json", .en)
        #expect(lines.count == 1 && lines[0].hasPrefix("regulation.json: in order. Edition 2015-08-10/7: "))
    }

    @Test("every problem comes with its place and what to do")
    func problems() {
        let check = check(("\"PT1H\"", "\"1 hour\""), ("\"basis\": \"law\"", "\"basis\": \"lore\""))
        #expect(check.regulation == nil)
        #expect(check.findings.contains { $0.pointer == "/duties/0/due/within" && $0.reason.en.contains("a duration such as PT1H") })
        #expect(check.findings.contains { $0.pointer == "/duties/0/due/basis" && $0.reason.en.contains("law, mark") })
        let lines = check.lines("x.json", .vi)
        #expect(lines[0] == "x.json: \(check.findings.count) điểm cần sửa, mỗi điểm kèm chỗ trong tệp:")
        #expect(check.json["problems"]?.array?.count == check.findings.count)
        let broken = RegulationCheck(RegulationText(Array("{\"version\": ".utf8)))
        #expect(broken.findings.count == 1 && broken.findings[0].reason.en.hasPrefix("no JSON: "))
    }

    @Test(
        "what can be read but could never work is told too",
        arguments: [
            (#""data.kind""#, #""data.kin""#, "/duties/0/opens/0/where/data.kin", "no message of incident.detected has a member data.kin"),
            (#""technical""#, #""technicle""#, "/duties/0/opens/0/where/data.kind", "data.kind is never \"technicle\"; did you mean technical?"),
            (#""technical""#, #""technicle""#, "/equipment/failure/says/kind", "\"technicle\""),
            (#""status": "device.status-changed""#, #""status": "incident.resolved""#, "/equipment/status", "must have the member \"device\""),
            (#""day": "operations.day-closed""#, #""day": "asset.registered""#, "/equipment/day", "which the program does not always know"),
            (
                "\"delivered\": \"production.delivered\",\n    \"vetted\": \"content.vetted\"", "\"vetted\": \"incident.resolved\"", "/content/vetted",
                "\"outcome\", which is one of accepted, returned, refused"
            ),
            (#""measures""#, #""measured""#, "/duties/5/desk/0/asks/1", "incident.resolved has no member \"measured\""),
            (
                "\"to\": \"addressee\",\n          \"says\": {\n            \"means\": \"telephone\"",
                "\"to\": \"addressee\",\n          \"says\": {\n            \"means\": \"pigeon\"", "/duties/0/desk/2/says/means", "\"pigeon\""
            ),
            (#""data.occurredAt""#, #""data.title""#, "/duties/0/startsAt", "no opening message has an instant data.title"),
            (#"{incident}"#, #"{incidnet}"#, "/wordings/incident-opened/en", "did you mean {incident}?"),
            (#""role": "lead""#, #""role": "agency""#, "/parties", "no party has the role \"lead\", so that"),
            (#""silent": {"#, #""quiet": {"#, "/wordings", "the wording silent, which notices use, is missing"),
            (#""state-contained": {"#, #""state-held": {"#, "/wordings", "the wording state-contained, which notices use, is missing"),
            (#""agent.silent""#, #""agent.quiet""#, "/messageTypes", "agent.silent, which the system itself says, is missing"),
            (#""PT30M""#, #""PT1H""#, "/duties/0/ladder", "come at one instant"),
            (#""data.resolveBy""#, #""data.plan""#, "/cases/0/claims/3/dates/0", "data.plan is no instant of data"),
            (#""data.publishBy""#, #""data.publishedBy""#, "/cases/1/claims/0/dates/0", "no message of content.vetted has a member data.publishedBy"),
            (#""data.number""#, #""data.phone""#, "/duties/56/fulfilledBy/2/repeated/differing", "has a member data.phone"),
            (#""incident.acknowledged""#, #""incident.seen""#, "/messageTypes/2/type", "there is no schema for incident.seen"),
        ])
    func neverWorks(old: String, new: String, pointer: String, reason: String) {
        let check = check((old, new))
        #expect(check.regulation != nil)
        #expect(check.findings.contains { $0.pointer == pointer && $0.reason.en.contains(reason) }, "\(check.findings)")
    }

    @Test("who owes a duty and may not give its answer, and who watches what it may not tell of, are named")
    func rights() throws {
        func findings(_ type: String) throws -> [RegulationCheck.Finding] {
            var text = try #require(Regulation.standard.source.object)
            text["messageTypes"] = .array(
                try #require(text["messageTypes"]?.array).map { row in
                    guard row["type"]?.string == type, var row = row.object else { return row }
                    row["from"] = ["newspaper"]
                    return .object(row)
                })
            return RegulationCheck(RegulationText(JSON.object(text).bytes)).findings
        }
        let desk = try findings("incident.dismissed")
        #expect(desk.contains { $0.pointer == "/duties/0/desk/1/type" && $0.reason.en.hasPrefix("border-guard owes this and may not say incident.dismissed") })
        let watched = try findings("power.restored")
        #expect(watched.contains { $0.pointer == "/parties/3/watches" && $0.reason.en.hasPrefix("economic-zone may not say power.restored") })
    }

    @Test("hours of operation are kept where a duty asks for them")
    func hours() throws {
        var text = try #require(Regulation.standard.source.object)
        text["duties"] = .array(try #require(text["duties"]?.array).filter { $0["due"]?["operation"] == nil })
        text["report"] = [:]
        let findings = RegulationCheck(RegulationText(JSON.object(text).bytes)).findings
        #expect(findings.contains { $0.pointer == "/parties/2/watches" && $0.reason.en.contains("no duty asks for hours of operation") }, "\(findings)")
    }

    @Test("whose agent could issue no receipt is named")
    func noReceipts() throws {
        var text = try #require(Regulation.standard.source.object)
        var groups = try #require(text["groups"]?.object)
        groups["everyone"] = groups["everyone"]?.array.map { .array($0.filter { $0 != "culture-dept" }) }
        text["groups"] = .object(groups)
        let findings = RegulationCheck(RegulationText(JSON.object(text).bytes)).findings
        #expect(findings.contains { $0.pointer == "/messageTypes" && $0.reason.en.hasPrefix("culture-dept may not say receipt.issued") }, "\(findings)")
    }

    @Test("what is due unless it is fetched must owe a receipt, and a date that is a claim must decide something")
    func neverFetchedNeverDue() throws {
        var text = try #require(Regulation.standard.source.object)
        text["messageTypes"] = text["messageTypes"]?.array.map { types in
            .array(
                types.map { type in
                    guard type["type"] == "duty.escalated", var row = type.object else { return type }
                    row["receipt"] = nil
                    return .object(row)
                })
        }
        text["duties"] = text["duties"]?.array.map { .array($0.filter { $0["id"] != "content.publish" }) }
        text["report"] = [:]
        let findings = RegulationCheck(RegulationText(JSON.object(text).bytes)).findings
        #expect(findings.contains { $0.pointer.hasSuffix("/due") && $0.reason.en.contains("needs an opening message that owes a receipt") }, "\(findings)")
        #expect(findings.contains { $0.pointer == "/cases/1/claims/0/dates/0" && $0.reason.en.contains("nothing is due by data.publishBy") }, "\(findings)")
    }

    @Test("where acts wait for another's word, somebody must be asked for it")
    func nobodyAnswers() throws {
        var text = try #require(Regulation.standard.source.object)
        text["duties"] = text["duties"]?.array.map { .array($0.filter { $0["opens"] != "claims" }) }
        let findings = RegulationCheck(RegulationText(JSON.object(text).bytes)).findings
        #expect(findings.contains { $0.pointer == "/cases" && $0.reason.en.contains("no duty asks for it") }, "\(findings)")
    }
}
