import Coordination
import Foundation

/// A page of memory, shared with the guardian through a file, that says what the coordinator has in hand. Writing to it costs less than folding a record, and what
/// was written survives the writer.
final class Hand: Sendable {
    /// The first eight bytes: what kind of thing is in hand. Then its place in the ledger, the length of its id, and the id.
    private static let (kindAt, offsetAt, lengthAt, textAt) = (0, 8, 16, 24)
    private static let size = 4096
    private static let longestText = size - textAt

    /// Where the page lies. It is mapped as long as the process lives.
    private let address: UInt

    /// Maps the page of a file, which is made where there is none. Nil where that cannot be done: the coordinator then runs without a last defence.
    init?(_ path: String) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard ftruncate(file, off_t(Hand.size)) == 0, let page = mmap(nil, Hand.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), page != MAP_FAILED else {
            return nil
        }
        address = UInt(bitPattern: page)
    }

    private var page: UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(bitPattern: address) ?? UnsafeMutableRawPointer.allocate(byteCount: Hand.size, alignment: 8)
    }

    /// Notes what is in hand from now on.
    func hold(_ thing: InHand) {
        switch thing {
        case .nothing: page.storeBytes(of: 0, toByteOffset: Hand.kindAt, as: Int64.self)
        case .record(let id, let offset): write(1, id, offset)
        case .obligation(let id): write(2, id, -1)
        }
    }

    private func write(_ kind: Int64, _ id: String, _ offset: Int64) {
        let page = page
        var id = id
        // Nothing is in hand while it is half written.
        page.storeBytes(of: 0, toByteOffset: Hand.kindAt, as: Int64.self)
        page.storeBytes(of: offset, toByteOffset: Hand.offsetAt, as: Int64.self)
        id.withUTF8 { bytes in
            let count = min(bytes.count, Hand.longestText)
            page.storeBytes(of: Int64(count), toByteOffset: Hand.lengthAt, as: Int64.self)
            if let start = bytes.baseAddress { (page + Hand.textAt).copyMemory(from: start, byteCount: count) }
        }
        page.storeBytes(of: kind, toByteOffset: Hand.kindAt, as: Int64.self)
    }

    /// What was in hand last.
    var held: InHand {
        let page = page
        let count = Int(min(max(page.load(fromByteOffset: Hand.lengthAt, as: Int64.self), 0), Int64(Hand.longestText)))
        let id = String(decoding: UnsafeRawBufferPointer(start: page + Hand.textAt, count: count), as: UTF8.self)
        switch page.load(fromByteOffset: Hand.kindAt, as: Int64.self) {
        case 1: return .record(id: id, offset: page.load(fromByteOffset: Hand.offsetAt, as: Int64.self))
        case 2: return .obligation(id)
        default: return .nothing
        }
    }
}
