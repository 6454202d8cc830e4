import Messages
import Regulation
import Values

/// Evidence of a case in few bytes: of each message its members one after another, the data as JSON. A message takes about as much as it did on the wire, a
/// tenth of what it takes when its members can be looked at.
struct PackedEvidence: Sendable {
    private var bytes: [UInt8] = []
    /// The texts that most messages share with others: types and parties.
    private var shared: [String] = []

    /// This evidence, packed.
    init(_ evidence: [Evidence]) {
        for item in evidence { append(item) }
        // An array grows by doubling.
        bytes = Array(bytes[...])
    }

    /// Packs one more.
    mutating func append(_ item: Evidence) {
        let event = item.event
        let texts = [event.subject, event.correlationID, event.causationID, event.traceparent, event.election]
        var flags: UInt8 = 0
        for (index, text) in texts.enumerated() where text != nil { flags |= 1 << UInt8(index) }
        if event.exercise { flags |= 1 << 5 }
        if item.isOfSubject { flags |= 1 << 6 }
        if item.isWithdrawn { flags |= 1 << 7 }
        bytes.append(flags)
        put(event.id)
        putShared(event.sender)
        putShared(event.type)
        for text in texts { if let text { put(text) } }
        for instant in [event.time, item.arrivedAt, item.notBefore, item.notAfter, item.amendedAt ?? event.time] {
            put(UInt64(bitPattern: instant.milliseconds))
        }
        bytes.append((item.amendedAt == nil ? 0 : 1) | (item.witness == nil ? 0 : 2) | (item.offset == nil ? 0 : 4) | (item.isStamped ? 8 : 0))
        if let offset = item.offset { put(UInt64(bitPattern: offset)) }
        if let witness = item.witness { putShared(witness) }
        put(UInt64(bitPattern: Int64(item.sequence)))
        put(event.data.bytes)
    }

    /// The evidence as it was.
    var evidence: [Evidence] {
        var reader = Reader(bytes: bytes, shared: shared)
        var evidence: [Evidence] = []
        while !reader.isAtEnd { evidence.append(reader.item()) }
        return evidence
    }

    private mutating func put(_ number: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private mutating func put(_ part: [UInt8]) {
        var count = part.count
        repeat {
            bytes.append(UInt8(count & 0x7f) | (count > 0x7f ? 0x80 : 0))
            count >>= 7
        } while count > 0
        bytes += part
    }

    private mutating func put(_ text: String) { put(Array(text.utf8)) }

    private mutating func putShared(_ text: String) {
        // A case knows a handful of types and parties. More than a byte can number are written out.
        if let index = shared.firstIndex(of: text), index < 255 { return bytes.append(UInt8(index)) }
        if shared.count < 255 {
            shared.append(text)
            return bytes.append(UInt8(shared.count - 1))
        }
        bytes.append(255)
        put(text)
    }

    /// Reads what `append` wrote; nothing else comes here.
    private struct Reader {
        let bytes: [UInt8]
        let shared: [String]
        var place = 0

        init(bytes: [UInt8], shared: [String]) { (self.bytes, self.shared) = (bytes, shared) }

        var isAtEnd: Bool { place >= bytes.count }

        mutating func item() -> Evidence {
            let flags = byte()
            let id = text()
            let (sender, type) = (sharedText(), sharedText())
            let texts = (0..<5).map { flags & 1 << UInt8($0) == 0 ? nil : text() }
            let (time, arrivedAt, notBefore, notAfter, amendedAt) = (instant(), instant(), instant(), instant(), instant())
            let more = byte()
            let offset = more & 4 == 0 ? nil : Int64(bitPattern: number())
            let witness = more & 2 == 0 ? nil : sharedText()
            let sequence = Int(Int64(bitPattern: number()))
            let data: JSON
            do { data = try JSON(parsing: part()) } catch { preconditionFailure("JSON that was written here cannot be read: \(error)") }
            var item = Evidence(
                event: Event(
                    id: id, sender: sender, type: type, subject: texts[0], time: time, data: data, correlationID: texts[1], causationID: texts[2],
                    exercise: flags & 1 << 5 != 0, traceparent: texts[3], election: texts[4]),
                arrivedAt: arrivedAt, notBefore: notBefore, notAfter: notAfter, sequence: sequence, offset: offset, isOfSubject: flags & 1 << 6 != 0)
            item.isStamped = more & 8 != 0
            (item.isWithdrawn, item.amendedAt, item.witness) = (flags & 1 << 7 != 0, more & 1 == 0 ? nil : amendedAt, witness)
            return item
        }

        private mutating func byte() -> UInt8 {
            defer { place += 1 }
            return bytes[place]
        }

        private mutating func number() -> UInt64 {
            var number: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 8) { number |= UInt64(byte()) << shift }
            return number
        }

        private mutating func instant() -> Instant { Instant(milliseconds: Int64(bitPattern: number())) }

        private mutating func part() -> [UInt8] {
            var (count, shift) = (0, 0)
            while true {
                let next = byte()
                count |= Int(next & 0x7f) << shift
                shift += 7
                if next & 0x80 == 0 { break }
            }
            defer { place += count }
            return Array(bytes[place..<place + count])
        }

        private mutating func text() -> String { String(decoding: part(), as: UTF8.self) }

        private mutating func sharedText() -> String {
            let index = byte()
            return index == 255 ? text() : shared[Int(index)]
        }
    }
}
