import CRabbitMQ
import Foundation

/// The protocol's method numbers; librabbitmq has them as macros with casts, which Swift does not see.
enum MethodID {
    static let connectionClose: amqp_method_number_t = 0x000A_0032
    static let connectionCloseOk: amqp_method_number_t = 0x000A_0033
    static let connectionBlocked: amqp_method_number_t = 0x000A_003C
    static let connectionUnblocked: amqp_method_number_t = 0x000A_003D
    static let channelOpen: amqp_method_number_t = 0x0014_000A
    static let channelOpenOk: amqp_method_number_t = 0x0014_000B
    static let channelFlow: amqp_method_number_t = 0x0014_0014
    static let channelFlowOk: amqp_method_number_t = 0x0014_0015
    static let channelClose: amqp_method_number_t = 0x0014_0028
    static let channelCloseOk: amqp_method_number_t = 0x0014_0029
    static let exchangeDeclare: amqp_method_number_t = 0x0028_000A
    static let exchangeDeclareOk: amqp_method_number_t = 0x0028_000B
    static let queueDeclare: amqp_method_number_t = 0x0032_000A
    static let queueDeclareOk: amqp_method_number_t = 0x0032_000B
    static let basicQos: amqp_method_number_t = 0x003C_000A
    static let basicQosOk: amqp_method_number_t = 0x003C_000B
    static let basicConsume: amqp_method_number_t = 0x003C_0014
    static let basicConsumeOk: amqp_method_number_t = 0x003C_0015
    static let basicCancel: amqp_method_number_t = 0x003C_001E
    static let basicCancelOk: amqp_method_number_t = 0x003C_001F
    static let basicPublish: amqp_method_number_t = 0x003C_0028
    static let basicReturn: amqp_method_number_t = 0x003C_0032
    static let basicDeliver: amqp_method_number_t = 0x003C_003C
    static let basicGet: amqp_method_number_t = 0x003C_0046
    static let basicGetOk: amqp_method_number_t = 0x003C_0047
    static let basicGetEmpty: amqp_method_number_t = 0x003C_0048
    static let basicAck: amqp_method_number_t = 0x003C_0050
    static let basicReject: amqp_method_number_t = 0x003C_005A
    static let basicNack: amqp_method_number_t = 0x003C_0078
    static let confirmSelect: amqp_method_number_t = 0x0055_000A
    static let confirmSelectOk: amqp_method_number_t = 0x0055_000B
}

/// Which properties of a message are present.
enum PropertyFlag {
    static let contentType: Int32 = 1 << 15
    static let headers: Int32 = 1 << 13
    static let deliveryMode: Int32 = 1 << 12
    static let correlationID: Int32 = 1 << 10
    static let replyTo: Int32 = 1 << 9
    static let expiration: Int32 = 1 << 8
    static let messageID: Int32 = 1 << 7
    static let type: Int32 = 1 << 5
    static let userID: Int32 = 1 << 4
}

extension amqp_bytes_t {
    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : len) }
    var string: String { String(decoding: buffer, as: UTF8.self) }
}

/// A string seen again and again: kept as long as the same bytes come.
struct Repeated {
    private var text = ""

    mutating func string(_ bytes: amqp_bytes_t) -> String {
        let buffer = bytes.buffer
        let same =
            text.utf8.count == buffer.count
            && text.utf8.withContiguousStorageIfAvailable { known in
                guard let one = known.baseAddress, let other = buffer.baseAddress else { return buffer.isEmpty }
                return memcmp(one, other, buffer.count) == 0
            } ?? false
        if !same { text = String(decoding: buffer, as: UTF8.self) }
        return text
    }
}

extension amqp_table_t {
    /// The table's own entries. Nested ones are named, not read: a sender can nest them deeper than any stack.
    var fields: FieldTable {
        guard num_entries > 0, let entries else { return [:] }
        var fields = FieldTable(minimumCapacity: Int(num_entries))
        for entry in UnsafeBufferPointer(start: entries, count: Int(num_entries)) { fields.append(entry.key.string, entry.value.field) }
        return fields
    }
}

extension amqp_field_value_t {
    fileprivate var field: FieldValue {
        switch kind {
        case UInt8(ascii: "t"): .bool(value.boolean != 0)
        case UInt8(ascii: "b"): .int(Int64(value.i8))
        case UInt8(ascii: "B"): .int(Int64(value.u8))
        case UInt8(ascii: "s"): .int(Int64(value.i16))
        case UInt8(ascii: "u"): .int(Int64(value.u16))
        case UInt8(ascii: "I"): .int(Int64(value.i32))
        case UInt8(ascii: "i"): .int(Int64(value.u32))
        case UInt8(ascii: "l"): .int(value.i64)
        case UInt8(ascii: "L"): Int64(exactly: value.u64).map { .int($0) } ?? .other
        case UInt8(ascii: "S"): String(validating: value.bytes.buffer, as: UTF8.self).map { .string($0) } ?? .bytes(Array(value.bytes.buffer))
        case UInt8(ascii: "x"): .bytes(Array(value.bytes.buffer))
        case UInt8(ascii: "T"): .timestamp(seconds: value.u64)
        default: .other
        }
    }
}

/// Memory for the strings and tables of one call into C, used again for the next.
final class Scratch {
    private var storage = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    private var used = 0
    private var tables: [UnsafeMutableBufferPointer<amqp_table_entry_t>] = []
    /// Pieces that did not fit; freed at the next call.
    private var surplus: [UnsafeMutableRawBufferPointer] = []

    deinit {
        reset(capacity: 0)
        storage.deallocate()
    }

    /// Forgets what was handed out, and makes room.
    func reset(capacity: Int) {
        used = 0
        for table in tables { table.deallocate() }
        tables.removeAll(keepingCapacity: true)
        for piece in surplus { piece.deallocate() }
        surplus.removeAll(keepingCapacity: true)
        if capacity > storage.count {
            storage.deallocate()
            storage = .allocate(byteCount: capacity, alignment: 16)
        }
    }

    func bytes(_ text: String) -> amqp_bytes_t {
        let copied = text.utf8.withContiguousStorageIfAvailable { copy(UnsafeRawBufferPointer($0)) }
        return copied ?? Array(text.utf8).withUnsafeBytes { copy($0) }
    }

    func table(_ fields: FieldTable, nested: (name: String, table: amqp_table_t)? = nil) -> amqp_table_t {
        let count = fields.count + (nested == nil ? 0 : 1)
        if count == 0 { return amqp_empty_table }
        let entries = UnsafeMutableBufferPointer<amqp_table_entry_t>.allocate(capacity: count)
        tables.append(entries)
        var index = 0
        for (key, field) in fields {
            entries.initializeElement(at: index, to: amqp_table_entry_t(key: bytes(key), value: value(field)))
            index += 1
        }
        if let nested {
            var value = amqp_field_value_t()
            value.kind = UInt8(ascii: "F")
            value.value.table = nested.table
            entries.initializeElement(at: index, to: amqp_table_entry_t(key: bytes(nested.name), value: value))
        }
        return amqp_table_t(num_entries: Int32(count), entries: entries.baseAddress)
    }

    private func value(_ field: FieldValue) -> amqp_field_value_t {
        var result = amqp_field_value_t()
        switch field {
        case .bool(let flag):
            result.kind = UInt8(ascii: "t")
            result.value.boolean = flag ? 1 : 0
        case .int(let number):
            result.kind = UInt8(ascii: "l")
            result.value.i64 = number
        case .string(let text):
            result.kind = UInt8(ascii: "S")
            result.value.bytes = bytes(text)
        case .bytes(let bytes):
            result.kind = UInt8(ascii: "x")
            result.value.bytes = bytes.withUnsafeBytes { copy($0) }
        case .timestamp(let seconds):
            result.kind = UInt8(ascii: "T")
            result.value.u64 = seconds
        case .other:
            result.kind = UInt8(ascii: "V")
        }
        return result
    }

    private func copy(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard source.count > 0 else { return amqp_empty_bytes }
        let target: UnsafeMutableRawBufferPointer
        if used + source.count <= storage.count {
            target = UnsafeMutableRawBufferPointer(rebasing: storage[used..<used + source.count])
            used += source.count
        } else {
            target = .allocate(byteCount: source.count, alignment: 1)
            surplus.append(target)
        }
        target.copyMemory(from: source)
        return amqp_bytes_t(len: source.count, bytes: target.baseAddress)
    }
}
