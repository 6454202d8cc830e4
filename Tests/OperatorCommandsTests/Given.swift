import Content
import Messages
import OperatorCommands
import Regulation
import Values

/// 21:43 on Tuesday, 24 November 2026.
let now = Instant(rfc3339: "2026-11-24T21:43:00+07:00") ?? Instant(milliseconds: 0)

/// Always the same, for names that are drawn.
struct Fixed: RandomNumberGenerator {
    var state: UInt64 = 1
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}

/// What `phoihop publish …` would send as a party, or why it would not.
func publish(_ words: String..., as party: PartyID = "border-guard", data: String? = nil, open: [OpenCase] = []) throws(Failure) -> [Outgoing] {
    try publish(words, as: party, data: data.map { Array($0.utf8) }, open: open)
}

func publish(_ words: [String], as party: PartyID = "border-guard", data: [UInt8]? = nil, open: [OpenCase] = []) throws(Failure) -> [Outgoing] {
    let invocation = try Invocation(["publish"] + words)
    let composer = Composer(regulation: .standard, party: party, now: now, openCases: open, newID: { "id" })
    let type = try composer.type(named: invocation.type ?? "")
    var random = Fixed()
    let documents = try data.map { bytes throws(Failure) in try Document.read(bytes) }
    let files = invocation.arguments.all("file").map { path in
        FileReference(uri: "file:///store/\(path)", name: path, mediaType: "video/mp4", bytes: 12, sha256: String(repeating: "a", count: 64))
    }
    return try composer.compose(type, invocation.arguments, documents: documents, attachments: files, using: &random)
}

/// The failure of something that must fail.
func failure(_ body: () throws(Failure) -> Void) -> Failure? {
    do throws(Failure) {
        try body()
        return nil
    } catch {
        return error
    }
}
