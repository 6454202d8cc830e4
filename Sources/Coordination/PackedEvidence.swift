import Foundation
import Messages
import Regulation
import Values

/// Evidence of a case in few bytes: of each message its members one after another, the data as JSON. A message takes less than it did on the wire, a
/// tenth of what it takes when its members can be looked at.
struct PackedEvidence: Sendable {
    private let bytes: [UInt8]

    /// This evidence, packed.
    init(_ evidence: [Evidence]) {
        var writer = Writer()
        for item in evidence { writer.put(item) }
        // An array grows by doubling.
        bytes = Array(writer.bytes[...])
    }

    /// The evidence as it was.
    var evidence: [Evidence] {
        var reader = Reader(bytes: bytes)
        var evidence: [Evidence] = []
        while !reader.isAtEnd { evidence.append(reader.item()) }
        return evidence
    }

    /// Types, parties, subjects: texts that most messages share. Those of the standard text are known; of the others, the first message of a case that has one
    /// writes it out, and the next name its number.
    private struct Shared {
        private static let known = Array((Regulation.standard.messageTypes.map(\.name) + Regulation.standard.parties.map(\.id)).prefix(150))
        private static let numbers = Dictionary(known.enumerated().map { ($1, $0) }) { first, _ in first }
        /// How many are numbered; what is beyond is written out.
        private static let limit = 250
        private var others: [String] = []

        func number(of text: String) -> Int? { Shared.numbers[text] ?? others.firstIndex(of: text).map { Shared.known.count + $0 } }

        func text(_ number: Int) -> String { number < Shared.known.count ? Shared.known[number] : others[number - Shared.known.count] }

        mutating func note(_ text: String) { if Shared.known.count + others.count < Shared.limit { others.append(text) } }
    }

    private struct Writer {
        var bytes: [UInt8] = []
        private var shared = Shared()

        mutating func put(_ item: Evidence) {
            let event = item.event
            let texts = [event.subject, event.correlationID, event.causationID, event.traceparent, event.election]
            var flags: UInt8 = 0
            for (index, text) in texts.enumerated() where text != nil { flags |= 1 << UInt8(index) }
            if event.exercise { flags |= 1 << 5 }
            if item.isOfSubject { flags |= 1 << 6 }
            if item.isWithdrawn { flags |= 1 << 7 }
            bytes.append(flags)
            var more: UInt8 = item.isStamped ? 1 << 3 : 0
            if item.amendedAt != nil { more |= 1 }
            if item.witness != nil { more |= 1 << 1 }
            if item.offset != nil { more |= 1 << 2 }
            // Most ids are UUIDs in lower case, which take half the room as numbers.
            let uuid = UUID(uuidString: event.id).flatMap { $0.uuidString.lowercased() == event.id ? $0 : nil }
            if uuid != nil { more |= 1 << 4 }
            bytes.append(more)
            if let uuid { withUnsafeBytes(of: uuid.uuid) { bytes += $0 } } else { put(event.id) }
            putShared(event.sender)
            putShared(event.type)
            for text in texts { if let text { putShared(text) } }
            put(event.time.milliseconds)
            // The others lie close to it.
            for instant in [item.arrivedAt, item.notBefore, item.notAfter] { put(instant.milliseconds &- event.time.milliseconds) }
            if let amendedAt = item.amendedAt { put(amendedAt.milliseconds) }
            if let witness = item.witness { putShared(witness) }
            if let offset = item.offset { put(offset) }
            put(Int64(item.sequence))
            put(event.data.bytes)
        }

        /// Seven bits a byte, small numbers of either sign first.
        private mutating func put(_ number: Int64) {
            var rest = UInt64(bitPattern: (number << 1) ^ (number >> 63))
            repeat {
                bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
                rest >>= 7
            } while rest > 0
        }

        private mutating func put(_ part: [UInt8]) {
            put(Int64(part.count))
            bytes += part
        }

        private mutating func put(_ text: String) { put(Array(text.utf8)) }

        private mutating func putShared(_ text: String) {
            if let number = shared.number(of: text) { return bytes.append(UInt8(number)) }
            bytes.append(255)
            put(text)
            shared.note(text)
        }
    }

    /// Reads what the writer wrote; nothing else comes here.
    private struct Reader {
        let bytes: [UInt8]
        private var shared = Shared()
        private var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { place >= bytes.count }

        mutating func item() -> Evidence {
            let (flags, more) = (byte(), byte())
            let id = more & 1 << 4 == 0 ? text() : uuid()
            let (sender, type) = (sharedText(), sharedText())
            let texts = (0..<5).map { flags & 1 << UInt8($0) == 0 ? nil : sharedText() }
            let time = number()
            let (arrivedAt, notBefore, notAfter) = (time &+ number(), time &+ number(), time &+ number())
            let amendedAt = more & 1 == 0 ? nil : number()
            let witness = more & 1 << 1 == 0 ? nil : sharedText()
            let offset = more & 1 << 2 == 0 ? nil : number()
            let sequence = Int(number())
            let data: JSON
            do { data = try JSON(parsing: part()) } catch { preconditionFailure("JSON that was written here cannot be read: \(error)") }
            var item = Evidence(
                event: Event(
                    id: id, sender: sender, type: type, subject: texts[0], time: Instant(milliseconds: time), data: data, correlationID: texts[1],
                    causationID: texts[2], exercise: flags & 1 << 5 != 0, traceparent: texts[3], election: texts[4]),
                arrivedAt: Instant(milliseconds: arrivedAt), notBefore: Instant(milliseconds: notBefore), notAfter: Instant(milliseconds: notAfter),
                sequence: sequence, offset: offset, isOfSubject: flags & 1 << 6 != 0)
            item.isStamped = more & 1 << 3 != 0
            (item.isWithdrawn, item.amendedAt, item.witness) = (flags & 1 << 7 != 0, amendedAt.map { Instant(milliseconds: $0) }, witness)
            return item
        }

        private mutating func byte() -> UInt8 {
            defer { place += 1 }
            return bytes[place]
        }

        private mutating func uuid() -> String {
            var uuid = UUID().uuid
            withUnsafeMutableBytes(of: &uuid) { $0.copyBytes(from: bytes[place..<place + 16]) }
            place += 16
            return UUID(uuid: uuid).uuidString.lowercased()
        }

        private mutating func number() -> Int64 {
            var (number, shift) = (UInt64(0), UInt64(0))
            while true {
                let next = byte()
                number |= UInt64(next & 0x7f) << shift
                shift += 7
                if next & 0x80 == 0 { break }
            }
            return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
        }

        private mutating func part() -> [UInt8] {
            let count = Int(number())
            defer { place += count }
            return Array(bytes[place..<place + count])
        }

        private mutating func text() -> String { String(decoding: part(), as: UTF8.self) }

        private mutating func sharedText() -> String {
            let index = byte()
            guard index == 255 else { return shared.text(Int(index)) }
            let text = text()
            shared.note(text)
            return text
        }
    }
}
