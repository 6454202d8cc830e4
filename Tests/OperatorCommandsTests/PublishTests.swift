import AgentKit
import Messages
import OperatorCommands
import Regulation
import Testing
import Values

private let noon = Instant(rfc3339: "2026-03-14T12:00:00+07:00") ?? Instant(milliseconds: 0)

@Suite("What is entered becomes a message, or is sent back with everything that is wrong")
struct PublishTests {
    private let good = ["--kind", "technical", "--occurred-at", "21:20", "--title", "màn hình LED không hiển thị"]

    @Test("flags become data: camel and kebab case alike, words without quotation marks, local times with their offset")
    func flags() throws {
        for flag in ["--occurredAt", "--occurred-at", "--occurredat"] {
            let messages = try publish(
                "incident.detected", "--kind=technical", flag, "hôm", "qua", "22:10", "--title", "màn", "hình", "tối", "--unlawful-content")
            let expected: JSON = [
                "kind": "technical", "occurredAt": "2026-11-23T22:10:00+07:00", "title": "màn hình tối", "unlawfulContent": true,
            ]
            #expect(messages.map(\.event.data) == [expected])
            #expect(messages.first?.to == "all")
        }
    }

    @Test("parts of an object are flags with a dot")
    func parts() throws {
        let message = try publish(
            "communication.recorded", "--subject", "SC-1", "--means", "paper", "--called-at", "21:00", "--caller", "A", "--answered-by", "B", "--to",
            "information-dept",
            "--regarding", "incident.notified", "--document.number", "12/BC", "--document.date", "hôm qua")[0]
        #expect(message.event.data["document"] == ["number": "12/BC", "date": "2026-11-23"])
        #expect(message.event.data["to"] == "information-dept")
        #expect(message.to == "all", "the party told is among the fixed addressees")
    }

    @Test("a call to a party that is no fixed addressee goes there")
    func addressed() throws {
        let message = try publish(
            "communication.recorded", "--subject", "SC-1", "--means", "radio", "--called-at", "21:00", "--caller", "A", "--answered-by", "B", "--to", "police",
            "--regarding", "violation.suspected")[0]
        #expect(message.to == "police")
    }

    @Test("a message that begins a case gets a name that can be read out; another needs one")
    func subjects() throws {
        let message = try publish(["incident.detected"] + good)[0]
        #expect(message.event.subject?.wholeMatch(of: /SC-20261124-2143-[2-9a-z]{4}/) != nil)
        #expect(try publish(["incident.detected", "--subject", "SC-1"] + good)[0].event.subject == "SC-1")
        let notified = ["incident.notified"] + good + ["--officer", "A"]
        let missing = try #require(failure { () throws(Failure) in _ = try publish(notified) })
        #expect(missing.code == .badData)
        #expect(missing.message.en.contains("--subject (which case) is missing; the inbox knows of no open case"))
        let known = OpenCase(subject: "SC-20261124-2100-k7", at: now, title: "màn hình tối")
        let helped = try #require(failure { () throws(Failure) in _ = try publish(notified, open: [known]) })
        #expect(helped.message.vi.contains("SC-20261124-2100-k7  21:43  màn hình tối"))
        #expect(try publish(notified + ["--subject", "new"])[0].event.subject?.hasPrefix("SC-20261124-2143-") == true)
    }

    @Test(
        "which case a type belongs to where nobody says follows from the regulation",
        arguments: [
            ("incident.detected", CaseSubject.fresh(prefix: "SC")), ("feedback.received", .fresh(prefix: "PA")), ("content.challenged", .fresh(prefix: "ND")),
            ("violation.suspected", .fresh(prefix: "VV")), ("power.status-changed", .fresh(prefix: "DIEN")), ("suggestion-box.opened", .none),
            ("operations.day-closed", .none), ("device.status-changed", .none), ("receipt.issued", .none), ("incident.notified", .required),
            ("power.restored", .required), ("communication.recorded", .required), ("content.submitted", .fresh(prefix: "TT")),
            ("content.vetted", .required), ("report.submitted", .none), ("report.requested", .fresh(prefix: "YC")), ("budget.called", .none),
            ("duty.explained", .none), ("maintenance.window-opened", .fresh(prefix: "CS")), ("maintenance.window-closed", .required),
        ])
    func rule(type: String, rule: CaseSubject) {
        #expect(CaseSubject(type, in: .standard) == rule)
    }

    @Test("all that is wrong is said at once, each with its flag")
    func everything() throws {
        let wrong = try #require(
            failure { () throws(Failure) in
                _ = try publish("incident.detected", "--kind", "tecnical", "--occurred-at", "23:59", "--device", "LED screen")
            })
        #expect(wrong.code == .badData)
        let lines = wrong.message.en.split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines[1].hasPrefix("  - --occurred-at: 23:59 lies in the future (it is now 21:43 on 2026-11-24). If it was yesterday"))
        #expect(lines[2].hasPrefix("  - --kind is \"tecnical\"") && lines[2].hasSuffix("did you mean \"technical\"?"))
        #expect(lines[3].hasPrefix("  - --device is \"LED screen\", which has not the form wanted"))
        #expect(lines[4].hasPrefix("  - --title is missing."))
        #expect(lines[5] == "Fields and an example: phoihop describe incident.detected")
    }

    @Test(
        "a mistake in the command line comes with what was meant",
        arguments: [
            (["incident.detectd"], ExitCode.usage, "did you mean incident.detected?"), (["nonsense"], .usage, "There is no message type “nonsense”."),
            (["incident.detected", "--ocurred-at", "21:20"], .usage, "there is no flag --ocurred-at; did you mean --occurred-at?"),
            (["incident.detected", "--title"], .usage, "--title needs a value: --title TEXT"),
            (["incident.detected", "extra"], .usage, "“extra” is not expected here"),
            (["incident.acknowledged", "--subject", "x"], .notPermitted, "border-guard may not send incident.acknowledged; it is sent by information-dept."),
            (["incident.detected", "--kind", "technical", "--to", "polise"], .usage, "did you mean police?"),
            (["incident.detected", "--to", "police"], .usage, "it cannot be addressed to police"),
            (["incident.detected", "--kind", "technical", "--kind", "information-security"], .badData, "--kind: given more than once"),
            (["suggestion-box.opened", "--letters", "two"], .notPermitted, "sent by economic-zone"),
        ])
    func commandLine(words: [String], code: ExitCode, text: String) throws {
        let wrong = try #require(failure { () throws(Failure) in _ = try publish(words) })
        #expect(wrong.code == code)
        #expect(wrong.message.en.contains(text), "\(wrong.message.en)")
    }

    @Test("a number and a truth value are told when they are none")
    func kinds() throws {
        let box = ["suggestion-box.opened", "--opened-at", "07:30", "--officer", "A", "--letters"]
        #expect(try publish(box + ["3"], as: "economic-zone")[0].event.data["letters"] == 3)
        #expect(try publish(box + ["3"], as: "economic-zone")[0].event.subject == nil)
        let wrong = try #require(failure { () throws(Failure) in _ = try publish(box + ["two"], as: "economic-zone") })
        #expect(wrong.message.en.contains("--letters must be a whole number"))
        for (word, value) in [("có", true), ("no", false)] {
            #expect(try publish(["incident.detected"] + good + ["--unlawful-content", word])[0].event.data["unlawfulContent"] == .bool(value))
        }
    }

    @Test("a drill is marked, and a type with a member of that name keeps the flag for it")
    func drills() throws {
        #expect(try publish(["incident.detected", "--exercise"] + good)[0].event.exercise)
        #expect(try publish(["incident.detected", "--drill"] + good)[0].event.exercise)
        let corrected = try publish("incident.corrected", "--subject", "SC-1", "--corrects", "x", "--reason", "thật", "--exercise", "no")[0]
        #expect(!corrected.event.exercise)
        #expect(corrected.event.data["exercise"] == false)
    }

    @Test("every type's example in its description is a command line that works")
    func examples() throws {
        for type in Regulation.standard.messageTypes where type.from.contains(where: { Regulation.standard.party($0)?.role != .system }) {
            let description = try #require(TypeDescription(type, regulation: .standard))
            for language in Language.allCases {
                let text = description.lines(language, on: Screen()).joined(separator: "\n")
                let command = try #require(text.firstMatch(of: /phoihop publish ((?:.*\\\n)*.*)/)).output.1
                // The examples lie before and after today; only their form is at issue.
                let words = shellWords(String(command)).map { $0.replacing("2026-12-", with: "2026-03-") }
                let sender = try #require(type.from.first)
                #expect(throws: Never.self, "\(command)") { try publish(words, as: sender) }
            }
        }
    }

    /// Words as a shell would split them.
    private func shellWords(_ text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        for character in text.replacing("\\\n", with: " ") {
            if character == "'" {
                isQuoted.toggle()
                word = word ?? ""
            } else if character.isWhitespace && !isQuoted {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}

@Suite("Content from a file: all of it or none")
struct DocumentTests {
    private let line = #"{"device":"led-screen","status":"critical","since":"2026-11-24T10:00:00+07:00"}"#

    @Test("one object, on one line or on many, or an object a line, with its case or without")
    func forms() throws {
        #expect(try publish("device.status-changed", data: line).count == 1)
        #expect(try publish("device.status-changed", data: line.replacing(",", with: ",\n")).count == 1)
        let many = try publish("device.status-changed", data: line + "\n\n" + #"{"subject":"SC-9","data":"# + line + "}\n")
        #expect(many.map(\.event.subject) == [nil, "SC-9"])
        #expect(Set(many.map(\.event.data)).count == 1)
        let changed = try publish("device.status-changed", "--cause", "power", data: line + "\n" + line)
        #expect(changed.allSatisfy { $0.event.data["cause"] == "power" })
    }

    @Test("a byte order mark before the data says nothing; UTF-16 is called what it is")
    func editors() throws {
        #expect(
            try publish("device.status-changed", data: "\u{FEFF}" + line).map(\.event.data) == publish("device.status-changed", data: line).map(\.event.data))
        let wide = try #require(failure { () throws(Failure) in _ = try Document.read(line.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) })
        #expect(wide.message.en.contains("the text is in UTF-16; save it as UTF-8"))
    }

    @Test("every bad line is told with its number, and nothing is sent")
    func lines() throws {
        let bad = [
            line, line.replacing("status", with: "statu"), #"{"device":"a","device":"b"}"#, line.replacing("+07:00", with: ""),
            line.replacing("2026-11-24", with: "2026-12-24"), #"["a"]"#,
        ]
        let wrong = try #require(failure { () throws(Failure) in _ = try publish("device.status-changed", data: bad.joined(separator: "\n")) })
        #expect(wrong.code == .badData)
        let text = wrong.message.en
        #expect(text.hasPrefix("Nothing was sent."))
        #expect(!text.contains("line 1:"))
        #expect(text.contains("line 2: \"statu\" is not known here; did you mean \"status\"?"))
        #expect(text.contains("line 3: this is not JSON that can be taken, byte 15: the member \"device\" stands twice in one object"))
        #expect(text.contains("line 4: \"since\" has no offset from UTC; for Lào Cai time write 2026-11-24T10:00:00+07:00."))
        #expect(text.contains("line 5: “since”: 10:00 2026-12-24 lies in the future"))
        #expect(text.contains("line 6: must be a JSON object {…}, not array"))
    }

    @Test(
        "hostile content is refused in words",
        arguments: [
            ("", "there is nothing in it"), ("[{}]", "write one object a line"), (String(repeating: "[", count: 100_000), "nested deeper than 64 levels"),
            ("{\"title\":1", "row 1"), (#"{"kind":"technical","kind":"technical"}"#, "stands twice"),
        ])
    func hostile(text: String, reason: String) throws {
        let wrong = try #require(failure { () throws(Failure) in _ = try publish("incident.detected", data: text) })
        #expect(wrong.code == .badData)
        #expect(wrong.message.en.contains(reason.replacing("row 1", with: "byte")), "\(wrong.message.en)")
    }

    @Test("invalid UTF-8 and 300 KiB are refused")
    func bytes() throws {
        let wrong = try #require(
            failure { () throws(Failure) in _ = try publish(["incident.detected"], data: Array("{\"title\":\"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8)) })
        #expect(wrong.message.en.contains("invalid UTF-8"))
        let large =
            #"{"kind":"technical","occurredAt":"2026-11-24T10:00:00+07:00","title":"x","description":""# + String(repeating: "x", count: 300 * 1024) + "\"}"
        let tooLarge = try #require(failure { () throws(Failure) in _ = try publish("incident.detected", data: large) })
        #expect(tooLarge.code == .badData)
        #expect(tooLarge.message.en.contains("the message has 300 KiB, more than 256 KiB"))
    }

    /// Always gives the same.
    private struct Stubborn: RandomNumberGenerator {
        mutating func next() -> UInt64 { 1 << 32 }
    }

    @Test func twoCasesNeverGetOneName() throws {
        let minute = LocalTime(noon, offset: .hours(7))
        var stubborn = Stubborn()
        let first = CaseSubject.fresh(prefix: "SC", at: minute, isTaken: { _ in false }, using: &stubborn)
        #expect(first == "SC-20260314-1200-2222")
        #expect(CaseSubject.fresh(prefix: "SC", at: minute, isTaken: { $0 == first }, using: &stubborn) == "SC-20260314-1200-22222")

        // A power cut: many in one minute, from one file, beside those that the inbox knows.
        let composer = Composer(regulation: .standard, party: "border-guard", now: noon, knownSubjects: [first], newID: { "id" })
        let type = try composer.type(named: "incident.detected")
        let line = #"{"kind": "technical", "occurredAt": "2026-03-14T11:00:00+07:00", "title": "mất điện"}"#
        let documents = try Document.read(Array(String(repeating: line + "\n", count: 5).utf8))
        let messages = try composer.compose(type, try Invocation(["publish", "incident.detected"]).arguments, documents: documents, using: &stubborn)
        let names = messages.compactMap(\.event.subject)
        #expect(Set(names).count == 5 && !names.contains(first), "\(names)")
        #expect(CaseSubject.fresh(prefix: "SC", at: minute, isTaken: { _ in false }, using: &stubborn).split(separator: "-").last?.count == 4)
    }
}
