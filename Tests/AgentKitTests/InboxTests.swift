import AMQP
import Broker
import Foundation
import Messages
import Regulation
import Testing
import Values

@testable import AgentKit

@Suite struct InboxTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func open() throws -> Inbox { try Inbox(home: directory.url, offset: .hours(7)) }
    private func entry(_ event: Event, _ state: Inbox.State = .new) -> Inbox.Entry {
        Inbox.Entry(receivedAt: noon, state: state, routingKey: "border-guard.incident.notified.all", event: event)
    }

    @Test func whatIsKeptIsReadBackAndKnownAfterARestart() throws {
        let inbox = try open()
        let entries = [entry(notified("a")), entry(notified("b", exercise: true)), entry(elected("e", term: 4), .record)]
        try inbox.append(Array(entries[..<1]))
        try inbox.append(Array(entries[1...]))
        #expect(try inbox.entries() == entries)
        let restarted = try open()
        #expect(restarted.receivedAt("a") == noon && restarted.receivedAt("b") == noon && restarted.receivedAt("c") == nil)
        #expect(restarted.elections.map(\.id) == ["e"])
        #expect(try Inbox.entries(home: directory.url) == entries)
    }

    @Test func eachLineIsOneObjectWithWhatAListNeeds() throws {
        try open().append([entry(notified("a"))])
        let json = try JSON(parsing: try readFile(directory.path + "/inbox-2026-03.jsonl"))
        #expect(json["receivedAt"]?.string == "2026-03-14T12:00:00+07:00")
        for (key, value) in [
            ("id", "a"), ("type", "incident.notified"), ("sender", "border-guard"), ("subject", "SC-2026-014"),
            ("routingKey", "border-guard.incident.notified.all"), ("state", "new"),
        ] { #expect(json[key]?.string == value) }
        #expect(json["exercise"] == false)
        #expect(json[path: ["event", "data", "officer"]]?.string == "Trực ban")
    }

    @Test func aNoticeThatWasSetAsideIsNewWhenTheNextLeaderSendsIt() throws {
        let inbox = try open()
        try inbox.append([entry(notified("a"), .setAside)])
        #expect(inbox.receivedAt("a") == nil)
        try inbox.append([entry(notified("a"))])
        #expect(try inbox.entries().map(\.state) == [.setAside, .new])
        #expect(try open().receivedAt("a") == noon)
    }

    @Test func aMessageIsKeptOnce() throws {
        let inbox = try open()
        try inbox.append([entry(notified("a"))])
        try inbox.append([entry(notified("a")), entry(notified("b"))])
        #expect(try inbox.entries().map(\.event.id) == ["a", "b"])
    }

    @Test func aMessageOfOurOwnThatWasRefusedDoesNotCountAsReceived() throws {
        let inbox = try open()
        var own = entry(notified("a"), .refused)
        own.reason = "403"
        try inbox.append([own])
        #expect(inbox.receivedAt("a") == nil)
        try inbox.append([entry(notified("a"))])
        #expect(try open().entries().map(\.state) == [.refused, .new])
        #expect(try open().entries().first?.reason == "403")
    }

    @Test func aLineCutShortByACrashDoesNotSpoilTheNext() throws {
        try open().append([entry(notified("a")), entry(notified("b"))])
        let file = directory.path + "/inbox-2026-03.jsonl"
        let content = try readFile(file)
        let end = try #require(content.firstIndex(of: UInt8(ascii: "\n")))
        for cut in [end + 2, content.count - 1] {
            try Data(content[..<cut]).write(to: URL(filePath: file))
            let inbox = try open()
            try inbox.append([entry(notified("b")), entry(notified("c"))])
            let ids = try inbox.entries().map(\.event.id)
            #expect(ids == ["a", "b", "c"], "cut at \(cut)")
        }
    }

    @Test func whatDoesNotFitOnTheDiskLeavesNoHalfLine() throws {
        guard geteuid() == 0 else {
            withKnownIssue("skipped: needs root to mount a small file system") { Issue.record("not root") }
            return
        }
        let place = directory.path + "/full"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        try #require(mount("tmpfs", place, "tmpfs", 0, "size=64k") == 0)
        defer { umount2(place, Int32(MNT_DETACH)) }
        let inbox = try Inbox(home: URL(filePath: place), offset: .zero)
        try inbox.append([entry(notified("a"))])
        let large = entry(notified("large", title: String(repeating: "x", count: 100_000)))
        let error = #expect(throws: FileError.self) { try inbox.append([large]) }
        #expect(error?.isDiskFull == true)
        #expect(inbox.receivedAt("large") == nil)
        try inbox.append([entry(notified("b"))])
        #expect(try inbox.entries().map(\.event.id) == ["a", "b"])
    }

    @Test func moreThanIsRememberedForgetsTheOldest() throws {
        let inbox = try open()
        for start in stride(from: 0, through: Inbox.rememberedIDs, by: 10_000) {
            try inbox.append((start..<start + 10_000).map { entry(elected("\($0)", term: Int64($0)), .record) })
        }
        #expect(inbox.count == Inbox.rememberedIDs)
        #expect(inbox.receivedAt("9999") == nil && inbox.receivedAt("10000") == noon)
    }

    @Test func eachMonthHasAFileOfItsOwn() throws {
        let inbox = try open()
        // By local time: the last second of March at +07:00 is the afternoon in UTC.
        let times = ["2026-03-31T23:59:59+07:00", "2026-04-01T00:00:00+07:00", "2026-03-14T12:00:00+07:00"]
        let entries = try times.enumerated().map { number, time in
            var entry = entry(notified("id-\(number)"))
            entry.receivedAt = try #require(Instant(rfc3339: time))
            return entry
        }
        try inbox.append(entries)
        #expect(try namesInDirectory(directory.path) == ["inbox-2026-03.jsonl", "inbox-2026-04.jsonl"])
        #expect(try inbox.entries().map(\.event.id) == ["id-0", "id-2", "id-1"])
        #expect(try open().receivedAt("id-1") == entries[1].receivedAt)
    }

    @Test func whatIsAskedOfTheLatestDoesNotReadTheRest() throws {
        let inbox = try open()
        func at(_ day: Int, _ id: String) throws -> Inbox.Entry {
            var entry = entry(notified(id, title: String(repeating: "đ", count: 300)))
            entry.receivedAt = try #require(Instant(rfc3339: "2026-03-01T08:00:00+07:00")) + .days(Int64(day))
            return entry
        }
        try inbox.append(try (0..<60).map { try at($0, "id-\($0)") })
        let home = directory.url
        let from = try #require(Instant(rfc3339: "2026-04-27T00:00:00+07:00"))
        #expect(try Inbox.entries(home: home, since: from).map(\.event.id) == ["id-57", "id-58", "id-59"])
        #expect(try Inbox.latest(2, home: home) { $0.event.id != "id-58" }.map(\.event.id) == ["id-57", "id-59"])
        var seen = 0
        try Inbox.readBack(home: home) { _ in
            seen += 1
            return seen < 60
        }
        #expect(seen == 60, "back to the first, over the months and whatever a line's length")
        // A file that nobody needs may even be unreadable.
        try FileManager.default.removeItem(atPath: directory.path + "/inbox-2026-03.jsonl")
        try FileManager.default.createDirectory(atPath: directory.path + "/inbox-2026-03.jsonl", withIntermediateDirectories: false)
        #expect(try Inbox.latest(1, home: home) { _ in true }.map(\.event.id) == ["id-59"])
        #expect(throws: FileError.self) { try Inbox.entries(home: home) }
    }

    @Test func theSingleFileOfBeforeIsTakenOverOnce() throws {
        let lines = try (0..<5).map { number in
            var entry = entry(notified("id-\(number)"))
            entry.receivedAt = try #require(Instant(rfc3339: "2026-03-20T08:00:00+07:00")) + .days(Int64(number * 5))
            return entry
        }
        try open().append(lines)
        let names = try namesInDirectory(directory.path)
        let single = directory.path + "/inbox.jsonl"
        let all = try names.flatMap { try readFile("\(directory.path)/\($0)") }
        try Data(all + Array("{\"cut".utf8)).write(to: URL(filePath: single))
        // As it was before; then as after a crash between the months and the removal of the single file, with a message since.
        for name in names { try FileManager.default.removeItem(atPath: "\(directory.path)/\(name)") }
        #expect(try Inbox.entries(home: directory.url) == lines, "read before any agent takes it over")
        for _ in 0..<2 {
            let inbox = try open()
            #expect(try inbox.entries() == lines)
            #expect(inbox.receivedAt("id-4") != nil)
            #expect(try namesInDirectory(directory.path) == names)
            try Data(all).write(to: URL(filePath: single))
        }
        let inbox = try open()
        try inbox.append([entry(notified("later"))])
        try Data(all).write(to: URL(filePath: single))
        #expect(Set(try open().entries().map(\.event.id)) == ["id-0", "id-1", "id-2", "id-3", "id-4", "later"])
    }

    @Test func whoFollowsAnInboxSeesWhatComesOnce() throws {
        let inbox = try open()
        try inbox.append([entry(notified("before"))])
        var tail = try InboxTail(home: directory.url)
        #expect(try tail.next().isEmpty)
        var next = entry(notified("b"))
        next.receivedAt = try #require(Instant(rfc3339: "2026-05-01T08:00:00+07:00"))
        try inbox.append([entry(notified("a")), next])
        #expect(try tail.next().map(\.event.id) == ["a", "b"])
        // Half a line is not taken for a message.
        let file = directory.path + "/inbox-2026-05.jsonl"
        let content = try readFile(file)
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(content[..<40]))
        #expect(try tail.next().isEmpty)
        try handle.write(contentsOf: Data(content[40...]))
        #expect(try tail.next().map(\.event.id) == ["b"])
        #expect(try tail.next().isEmpty)
    }
}

@Suite struct QuarantineTests {
    @Test func aRefusedDeliveryIsKeptWhole() throws {
        let directory = try TemporaryDirectory()
        let quarantine = try Quarantine(home: directory.url, offset: .hours(7))
        let refusal = Refusal(Wording(vi: "sai", en: "wrong"), remedy: Wording(vi: "sửa", en: "mend it"))
        for body in [Array("{\"id\":1}".utf8), [0xff, 0x00, 0xfe]] {
            let delivery = Delivery(
                body: body, exchange: "phoihop", routingKey: "police.x.y.all", deliveryTag: 1, userID: "police", headers: ["CC": .other])
            var refused = [(delivery: delivery, refusal: refusal)]
            try quarantine.keep(&refused, at: noon)
            #expect(refused.isEmpty)
        }
        let entries = try Quarantine.entries(home: directory.url).map(\.content)
        #expect(entries.count == 2)
        #expect(entries[0]["body"]?.string == "{\"id\":1}")
        #expect(entries[1]["bodyBase64"]?.string == "/wD+")
        #expect(entries[0][path: ["reason", "vi"]]?.string == "sai")
        #expect(entries[0][path: ["headers", "CC"]] != nil)
    }

    /// Keeps messages of these numbers; gives how many were counted in all and which were written now.
    @discardableResult
    private func keep(_ numbers: Range<Int>, in quarantine: Quarantine, goesOn: Bool = false, at seconds: Double? = nil) throws -> (
        counted: Int64, written: Int
    ) {
        var refused = numbers.map { number -> Quarantine.Refused in
            let delivery = Delivery(body: Array("\(number)".utf8), exchange: "phoihop", routingKey: "police.x.y.all", deliveryTag: 1, userID: "police")
            return (delivery, Refusal(Wording(vi: "sai", en: "wrong"), remedy: Wording(vi: "sửa", en: "mend it")))
        }
        var written = 0
        let counted = try quarantine.keep(&refused, goesOn: goesOn, at: noon, monotonicSeconds: seconds) { _, file in if file != nil { written += 1 } }
        return (counted, written)
    }

    private func bodies(_ directory: TemporaryDirectory) throws -> [Int] {
        try Quarantine.entries(home: directory.url).compactMap { $0.content["body"]?.string.flatMap { Int($0) } }
    }

    @Test func aFloodLeavesTheOldestAndTheNewestAndTheCountOfTheRest() throws {
        let directory = try TemporaryDirectory()
        var limits = Quarantine.Limits()
        (limits.files, limits.oldest, limits.filesPerSecond) = (50, 10, 1000)
        for batch in 0..<10 {
            // Opened anew each time: what is there counts, and the count stays.
            let quarantine = try Quarantine(home: directory.url, offset: .hours(7), limits: limits)
            let kept = try keep(batch * 20..<batch * 20 + 20, in: quarantine)
            let size = try Quarantine.size(home: directory.url)
            #expect(size.kept <= 50 && size.kept + Int(size.counted) == batch * 20 + 20 && kept.counted == size.counted)
        }
        let there = try bodies(directory)
        #expect(there.count >= 49 && Array(there.prefix(10)) == Array(0..<10))
        #expect(Array(there.suffix(there.count - 10)) == Array(200 - there.count + 10..<200))
    }

    @Test func ofManyBytesTheOldestAndTheNewestStay() throws {
        let directory = try TemporaryDirectory()
        var limits = Quarantine.Limits()
        (limits.bytes, limits.oldest, limits.filesPerSecond) = (20_000, 3, 1000)
        let quarantine = try Quarantine(home: directory.url, offset: .hours(7), limits: limits)
        for batch in 0..<20 { try keep(batch * 10..<batch * 10 + 10, in: quarantine) }
        let there = try bodies(directory)
        #expect(there.prefix(3) == [0, 1, 2] && there.last == 199)
        let bytes = try Quarantine.entries(home: directory.url).reduce(0) { $0 + $1.content.indentedText.utf8.count + 1 }
        #expect(bytes <= 20_000 && there.count > 10)
    }

    @Test func withinASecondOnlySomeAreWrittenTheLastOfABatchAlways() throws {
        let directory = try TemporaryDirectory()
        var limits = Quarantine.Limits()
        limits.filesPerSecond = 5
        let quarantine = try Quarantine(home: directory.url, offset: .hours(7), limits: limits)
        let first = try keep(0..<100, in: quarantine, at: 7)
        #expect(first.written == 6 && first.counted == 94)
        #expect(try keep(100..<101, in: quarantine, at: 7.9).counted == 94)
        #expect(try keep(101..<104, in: quarantine, at: 8).counted == 94)
        #expect(try bodies(directory) == [0, 1, 2, 3, 4, 99, 100, 101, 102, 103])
        #expect(try keep(0..<0, in: Quarantine(home: directory.url, offset: .hours(7))).counted == 94)
    }

    @Test func whereMoreFollowsAtOnceTheLastOfABatchIsNoLast() throws {
        let directory = try TemporaryDirectory()
        var limits = Quarantine.Limits()
        limits.filesPerSecond = 5
        let quarantine = try Quarantine(home: directory.url, offset: .hours(7), limits: limits)
        for batch in 0..<9 { try keep(batch * 10..<batch * 10 + 10, in: quarantine, goesOn: batch < 8, at: 7) }
        #expect(try bodies(directory) == [0, 1, 2, 3, 4, 89])
    }

    @Test func theCountIsRightAfterEveryBatch() throws {
        let directory = try TemporaryDirectory()
        var limits = Quarantine.Limits()
        (limits.files, limits.oldest, limits.filesPerSecond) = (20, 5, 5)
        var quarantine = try Quarantine(home: directory.url, offset: .hours(7), limits: limits)
        for batch in 0..<30 {
            // Some batches only count, some write files and remove others; now and then another process goes on.
            if batch % 7 == 6 { quarantine = try Quarantine(home: directory.url, offset: .hours(7), limits: limits) }
            try keep(batch * 40..<batch * 40 + 40, in: quarantine, at: Double(batch / 3))
            let size = try Quarantine.size(home: directory.url)
            #expect(size.kept <= 20 && size.kept + Int(size.counted) == (batch + 1) * 40)
        }
    }
}

@Suite struct CarriageTests {
    private func delivery(expiration: String? = nil, headers: FieldTable = [:]) -> Delivery {
        Delivery(
            body: [], exchange: "phoihop", routingKey: "police.a.b.all", deliveryTag: 1, contentType: "x/y", messageID: "m", userID: "police",
            expiration: expiration, headers: headers)
    }

    @Test func whatTheBrokerObeysUncheckedIsForbidden() {
        #expect(!Carriage(delivery()).hasForbiddenProperties)
        #expect(Carriage(delivery(expiration: "1000")).hasForbiddenProperties)
        for name in ["CC", "BCC"] { #expect(Carriage(delivery(headers: [name: .other])).hasForbiddenProperties) }
    }

    @Test func aMessageGoesOutAsTheContractWantsIt() throws {
        let event = notified("a")
        let publishing = Publishing(event, to: "all", offset: .hours(7))
        #expect(publishing.exchange == "phoihop" && publishing.routingKey == "border-guard.incident.notified.all")
        #expect(publishing.messageID == "a" && publishing.userID == "border-guard" && publishing.contentType == Event.contentType)
        #expect(publishing.persistent && publishing.mandatory)
        let carriage = Carriage(
            exchange: publishing.exchange, routingKey: publishing.routingKey, userID: publishing.userID, messageID: publishing.messageID,
            contentType: publishing.contentType)
        #expect(try MessageReader(regulation: .standard).read(publishing.body, carriage).get() == event)
    }
}

@Suite struct ReadingTests {
    private let reader = DeliveryReader(reader: MessageReader(regulation: .standard), party: "information-dept")

    private func read(_ event: Event, to: String) -> Result<[Received], Refusal> {
        let key = RoutingKey(sender: event.sender, type: event.type, to: to).description
        let carriage = Carriage(
            exchange: "phoihop", routingKey: key, userID: event.sender, messageID: event.id, contentType: Event.contentType)
        return reader.read(event.encoded(offset: .hours(7)), carriage, receivedAt: noon)
    }

    private func forwarded(_ original: String, key: String) -> Event {
        Event(
            id: "cover", sender: "coordinator", type: "message.forwarded", time: noon,
            data: [
                "original": .string(original), "originalRoutingKey": .string(key), "to": "information-dept", "reason": "Chưa có xác nhận.",
                "wording": ["vi": "Chuyển lại.", "en": "Sent again."],
            ])
    }

    @Test func aForwardedMessageIsOpened() throws {
        let inner = notified("inner")
        let cover = forwarded(inner.json(offset: .hours(7)).text, key: "border-guard.incident.notified.all")
        let messages = try read(cover, to: "information-dept").get()
        #expect(messages.map(\.event) == [cover, inner])
        #expect(messages[1].routingKey == "border-guard.incident.notified.all")
    }

    @Test func whatIsAddressedToOthersIsRefused() {
        guard case .failure(let refusal) = read(notice("n", election: "e", to: "police"), to: "police") else {
            Issue.record("read: a notice for the police")
            return
        }
        #expect(refusal.reason.en.contains("not addressed to information-dept") && refusal.eventID == "n")
    }

    @Test func whatIsInsideMustCountByItself() {
        let inner = notified("inner").json(offset: .hours(7)).text
        for (original, key) in [
            ("{}", "border-guard.incident.notified.all"), ("no JSON", "border-guard.incident.notified.all"), (inner, "police.incident.notified.all"),
            (inner, "border-guard.incident.resolved.all"), (inner, "nonsense"), (inner, "border-guard.incident.notified.police"),
            (forwarded(inner, key: "border-guard.incident.notified.all").json(offset: .zero).text, "coordinator.message.forwarded.information-dept"),
        ] {
            guard case .failure(let refusal) = read(forwarded(original, key: key), to: "information-dept") else {
                Issue.record("read: \(original.prefix(20)) under \(key)")
                continue
            }
            #expect(!refusal.reason.en.isEmpty)
        }
    }

    @Test func aMessageIsOneLineInTheOperatorsLanguage() {
        let regulation = Regulation.standard
        #expect(
            notified("a").line(regulation, .vi)
                == "Bộ Chỉ huy Bộ đội Biên phòng tỉnh: Thông tin cho Sở về sự cố (SC-2026-014): màn hình LED không hiển thị")
        #expect(notified("a", exercise: true).line(regulation, .en).hasPrefix("[EXERCISE] Provincial Border Guard Command: "))
        #expect(notice("n", election: "e", to: "police").line(regulation, .vi) == "[MẤT LIÊN LẠC] Công an tỉnh")
        #expect(notified("a", title: "one\ntwo\u{1b}[31m").line(regulation, .en).hasSuffix(": one two [31m"))
    }
}
