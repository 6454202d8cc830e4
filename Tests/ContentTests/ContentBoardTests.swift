import Content
import Messages
import Regulation
import Testing
import Values

private let calendar = Regulation.standard.calendar

private func at(_ text: String) -> Instant { Instant(rfc3339: text + ":00+07:00") ?? Instant(milliseconds: 0) }

private func file(_ letter: Character) -> FileReference {
    FileReference(uri: "https://h/\(letter)", bytes: 1, sha256: String(repeating: letter, count: 64))
}

private func said(
    _ type: String, _ subject: String, _ time: String, by sender: PartyID = "information-dept", exercise: Bool = false, id: String? = nil, _ data: JSON = [:]
) -> Event {
    Event(
        id: id ?? "\(type)/\(subject)/\(time)/\(exercise)", sender: sender, type: type, subject: subject, time: at(time), data: data, exercise: exercise)
}

private let types: ContentTypes = {
    guard let types = Regulation.standard.content else { preconditionFailure("the regulation names no messages on content") }
    return types
}()

private func board(_ events: Event...) -> ContentBoard {
    var board = ContentBoard(types)
    for event in events { board.read(event) }
    return board
}

private let submitted = said(
    "content.submitted", "ND-1", "2026-03-16T08:00", by: "newspaper", ["title": "Lễ hội", "answersFor": "A", "files": [file("a").json]])
private let accepted = said("content.vetted", "ND-1", "2026-03-16T10:00", ["outcome": "accepted", "filesCheckedAt": "2026-03-16T09:00:00+07:00"])
private let published = said(
    "content.published", "ND-1", "2026-03-17T08:00",
    ["title": "Lễ hội đền Thượng", "devices": ["led-screen", "kiosk-1"], "until": "2026-03-31", "files": [file("b").json]])

@Suite("Content, as the ledger tells it")
struct ContentBoardTests {
    private func stage(_ board: ContentBoard, _ now: String, kept: Bool = false, _ subject: String = "ND-1") -> ContentItem.Stage? {
        board.items.first { $0.subject == subject }?.stage(at: at(now), in: calendar) { _ in kept }.stage
    }

    @Test("it is submitted, checked, accepted, posted, and expires after its last day")
    func course() throws {
        #expect(stage(board(submitted), "2026-03-16T09:00") == .submitted)
        #expect(stage(board(submitted), "2026-03-16T09:00", kept: true) == .checked)
        #expect(stage(board(submitted, accepted), "2026-03-16T11:00") == .accepted)
        let all = board(submitted, accepted, published)
        #expect(stage(all, "2026-03-31T23:59") == .posted)
        #expect(stage(all, "2026-04-01T00:00") == .expired)
        let item = try #require(all.items.first)
        #expect(item.title == "Lễ hội đền Thượng")
        #expect(item.files == [file("b")])
        #expect(item.vetting?.filesCheckedAt == at("2026-03-16T09:00"))
        #expect(item.stage(at: at("2026-04-02T00:00"), in: calendar).since == at("2026-04-01T00:00"))
        #expect(ContentItem.Stage.allCases.filter(\.isOnTheWay) == [.submitted, .checked, .accepted])
    }

    @Test("without files nothing is said to be checked")
    func noFiles() {
        #expect(
            stage(board(said("content.submitted", "ND-1", "2026-03-16T08:00", by: "newspaper", ["title": "x"])), "2026-03-16T09:00", kept: true) == .submitted)
    }

    @Test("a record that comes twice counts once, and an effect may come before its cause")
    func order() {
        let forward = board(submitted, accepted, published, published)
        let backward = board(published, accepted, submitted)
        #expect(forward.items == backward.items)
        #expect(forward.items.first?.publications.count == 1)
    }

    @Test("returned content waits again once it is handed in again", arguments: [("returned", ContentItem.Stage.returned), ("refused", .refused)])
    func returned(outcome: String, expected: ContentItem.Stage) {
        let back = said("content.vetted", "ND-1", "2026-03-16T10:00", ["outcome": .string(outcome)])
        #expect(stage(board(submitted, back), "2026-03-16T11:00") == expected)
        let again = said("content.submitted", "ND-1", "2026-03-16T12:00", by: "newspaper", ["title": "Lễ hội"])
        #expect(stage(board(submitted, back, again), "2026-03-16T13:00") == .submitted)
    }

    @Test("a publication that names no file is of the files handed in, or delivered under an order")
    func suppliedFiles() {
        let bare = said("content.published", "ND-1", "2026-03-17T08:00", ["title": "x"])
        #expect(board(submitted, bare).items.first?.postedFiles == [file("a")])
        let delivered = said("production.delivered", "ND-1", "2026-03-15T08:00", by: "broadcaster", ["title": "x", "files": [file("c").json]])
        #expect(board(delivered, bare).items.first?.postedFiles == [file("c")])
        #expect(board(delivered).items.isEmpty, "what was delivered is not content until it is posted")
        #expect(board(submitted, delivered).suppliedFiles(under: "ND-1", exercise: false) == [file("a")])
        #expect(board(submitted).suppliedFiles(under: "ND-2", exercise: false) == [])
    }

    @Test("posted again, it stands as it was posted last; its earlier files were posted all the same")
    func again() throws {
        let next = said("content.published", "ND-1", "2026-03-20T08:00", ["title": "Bản mới", "files": [file("c").json, file("b").json]])
        let item = try #require(board(submitted, published, next).items.first)
        #expect(item.title == "Bản mới")
        #expect(item.files == [file("c"), file("b")])
        #expect(item.postedFiles == [file("b"), file("c")])
        #expect(item.stage(at: at("2026-05-01T00:00"), in: calendar).stage == .posted, "the last one names no last day")
    }

    private let removed = said("content.withdrawn", "ND-9", "2026-03-18T09:00", by: "border-guard", ["withdrawnAt": "2026-03-18T08:50:00+07:00"])

    @Test("it is withdrawn by the case that the record, or the challenge, names, or by its own, or by its title where only one has it")
    func withdrawal() {
        let named = said("content.withdrawn", "ND-9", "2026-03-18T09:00", ["withdrawnAt": "2026-03-18T08:50:00+07:00", "publication": "ND-1"])
        let pointing = said("content.challenged", "ND-9", "2026-03-18T08:30", by: "police", ["contentTitle": "?", "publication": "ND-1"])
        let titled = said("content.challenged", "ND-9", "2026-03-18T08:30", by: "police", ["contentTitle": "lễ hội  đền thượng"])
        let own = said("content.withdrawn", "ND-1", "2026-03-18T09:00", ["withdrawnAt": "2026-03-18T08:50:00+07:00"])
        for board in [
            board(published, named), board(published, pointing, removed), board(published, titled, removed), board(removed, titled, published),
            board(published, own),
        ] {
            #expect(stage(board, "2026-03-19T08:00") == .withdrawn)
            #expect(board.unplaced == [])
        }
        let twin = said("content.published", "ND-2", "2026-03-17T09:00", ["title": "Lễ hội đền Thượng"])
        let unclear = board(published, twin, titled, removed)
        #expect(stage(unclear, "2026-03-19T08:00") == .posted)
        #expect(unclear.unplaced == ["ND-9"])
        #expect(board(published, removed).unplaced == ["ND-9"])
    }

    @Test("taken off one device of two it still stands on the other; put back afterwards it stands")
    func devices() {
        func off(_ device: String, _ time: String) -> Event {
            said("content.withdrawn", "ND-1", time, ["withdrawnAt": .string(time + ":00+07:00"), "device": .string(device)])
        }
        let one = board(published, off("led-screen", "2026-03-18T09:00"))
        #expect(stage(one, "2026-03-19T08:00") == .posted)
        #expect(one.items.first?.devices == ["kiosk-1"])
        let both = board(published, off("led-screen", "2026-03-18T09:00"), off("kiosk-1", "2026-03-18T10:00"))
        #expect(stage(both, "2026-03-19T08:00") == .withdrawn)
        #expect(both.items.first?.stage(at: at("2026-03-19T08:00"), in: calendar).since == at("2026-03-18T10:00"))
        let back = said("content.published", "ND-1", "2026-03-18T11:00", ["title": "Lễ hội", "devices": ["led-screen"]])
        #expect(stage(board(published, off("led-screen", "2026-03-18T09:00"), off("kiosk-1", "2026-03-18T10:00"), back), "2026-03-19T08:00") == .posted)
        let unnamed = said("content.published", "ND-1", "2026-03-17T08:00", ["title": "x"])
        #expect(stage(board(unnamed, off("led-screen", "2026-03-18T09:00")), "2026-03-19T08:00") == .posted)
    }

    @Test("a challenge stands beside it until it is answered")
    func challenges() {
        let raised = said("content.challenged", "ND-9", "2026-03-18T08:30", by: "police", ["contentTitle": "?", "publication": "ND-1"])
        #expect(board(published, raised).items.first?.openChallenges == ["ND-9"])
        let upheld = said("content.upheld", "ND-9", "2026-03-18T09:00", ["reasons": "đúng"])
        #expect(board(published, raised, upheld).items.first?.openChallenges == [])
        #expect(stage(board(published, raised, upheld), "2026-03-19T08:00") == .posted)
    }

    @Test("a drill under the same case leaves what is real alone")
    func drills() {
        let drill = said("content.withdrawn", "ND-1", "2026-03-18T09:00", exercise: true, ["withdrawnAt": "2026-03-18T08:50:00+07:00"])
        let posted = said("content.published", "ND-1", "2026-03-18T08:00", exercise: true, ["title": "thử"])
        let all = board(published, posted, drill)
        #expect(all.items.map(\.exercise) == [false, true])
        #expect(all.items.map { $0.stage(at: at("2026-03-19T08:00"), in: calendar).stage } == [.posted, .withdrawn])
        #expect(board(drill).unplaced == [])
    }
}
