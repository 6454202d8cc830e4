import AMQP
import Foundation
import Testing

extension BrokerTests {
    @Suite(.timeLimit(.minutes(2))) struct HostileTests {
        @Test func headersThatFillAFrameAreReadAndWhatFollowsToo() async throws {
            let connection = try await Broker.shared().connect()
            var big = toQueue("q.bighead", ["big"])[0]
            big.messageID = nil
            big.headers = ["h": .string(String(repeating: "x", count: 131_030))]
            let results = await connection.publish([big] + toQueue("q.bighead", ["after"]))
            #expect(results.allSatisfy { $0.error == nil })
            // The second delivery carries what the broker adds to a message that came back, so that its frame exceeds the agreed size.
            var first = Reader(try connection.consume(queue: "q.bighead", prefetch: 10))
            let once = try await first.deliveries(2)
            for delivery in once { first.consumer.reject(delivery, requeue: true) }
            let again = try await first.deliveries(2)
            #expect(Set(again.map(\.text)) == ["big", "after"])
            #expect(again.contains { $0.headers["h"] == .string(String(repeating: "x", count: 131_030)) })
            #expect(connection.generation == 1)
            first.consumer.acknowledge(through: again[1])
            await connection.close()
        }

        @Test func headersOfEveryKindAreReadAndNestedOnesOnlyNamed() async throws {
            let broker = try await Broker.shared()
            let headers: [UInt8] =
                field("t", "t", [1]) + field("b", "b", [0xFF]) + field("s", "s", [0xFF, 0xFE]) + field("I", "I", [0, 0, 0, 5])
                + field("l", "l", [0, 0, 0, 0, 0, 0, 0, 6]) + field("f", "f", [0, 0, 0, 0]) + field("d", "d", [0, 0, 0, 0, 0, 0, 0, 0])
                + field("D", "D", [0, 0, 0, 0, 1]) + field("S", "S", [0, 0, 0, 1, 0x61]) + field("x", "x", [0, 0, 0, 1, 0xFF])
                + field("T", "T", [0, 0, 0, 0, 0, 0, 0, 9]) + field("V", "V", []) + field("CC", "A", [0, 0, 0, 0]) + field("F", "F", [0, 0, 0, 0])
                + field("bad", "S", [0, 0, 0, 1, 0xFF]) + field("", "t", [1])
            try RawClient(broker.endpoint()).publish(queue: "q.nested", headers: headers)
            let connection = try await broker.connect()
            var reader = Reader(try connection.consume(queue: "q.nested", prefetch: 10))
            let delivery = try await reader.deliveries(1)[0]
            let expected: FieldTable = [
                "t": .bool(true), "b": .int(-1), "s": .int(-2), "I": .int(5), "l": .int(6), "f": .other, "d": .other, "D": .other,
                "S": .string("a"), "x": .bytes([0xFF]), "T": .timestamp(seconds: 9), "V": .other, "CC": .other, "F": .other, "bad": .bytes([0xFF]),
                "": .bool(true),
            ]
            #expect(delivery.headers == expected)
            reader.consumer.acknowledge(delivery)
            await connection.close()
        }

        @Test(arguments: ["A", "F"]) func headersNestedAsDeepAsAFrameAllowsDoNoHarm(kind: String) async throws {
            let broker = try await Broker.shared()
            // Innermost first: each level is a kind and a length around the one before; a table's entry has a name as well.
            let level: [UInt8] = kind == "A" ? [] : [0]
            var depth = 0
            var size = 0
            while size + level.count + 5 < 130_000 {
                size += level.count + 5
                depth += 1
            }
            var headers: [UInt8] = [1, UInt8(ascii: "n")]
            for remaining in stride(from: depth, to: 0, by: -1) {
                if remaining < depth { headers += level }
                headers += [kind.utf8.first ?? 0] + length((remaining - 1) * (level.count + 5))
            }
            try RawClient(broker.endpoint()).publish(queue: "q.nested", headers: headers)
            let connection = try await broker.connect()
            try await connection.publish(toQueue("q.nested", ["after"])[0])
            var reader = Reader(try connection.consume(queue: "q.nested", prefetch: 10))
            let both = try await reader.deliveries(2)
            #expect(both[0].headers["n"] == .other && both[1].text == "after")
            reader.consumer.acknowledge(through: both[1])
            await connection.close()
        }

        private func field(_ name: String, _ kind: Character, _ value: [UInt8]) -> [UInt8] {
            [UInt8(name.utf8.count)] + Array(name.utf8) + [kind.asciiValue ?? 0] + value
        }
    }
}

private func length(_ count: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0) } }

/// Speaks just enough of the protocol to send a message with headers no library would write.
struct RawClient {
    private let descriptor: Int32

    struct Refused: Error {}

    init(_ endpoint: Endpoint) throws {
        guard case .plain(let user, let password) = endpoint.credentials else { throw Refused() }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(endpoint.port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Refused() }
        write(Array("AMQP".utf8) + [0, 0, 9, 1])
        let response = [0] + Array(user.utf8) + [0] + Array(password.utf8)
        try answer(0, [0, 10, 0, 11] + length(0) + [5] + Array("PLAIN".utf8) + length(response.count) + response + [5] + Array("en_US".utf8))
        try answer(0, [0, 10, 0, 31, 0, 1] + length(131_072) + [0, 0])
        let host = Array(endpoint.virtualHost.utf8)
        method(0, [0, 10, 0, 40, UInt8(host.count)] + host + [0, 0])
        try answer(1, [0, 20, 0, 10, 0])
        try answer(1, [0, 85, 0, 10, 0])
        _ = try readFrame()
    }

    /// Returns when the broker has confirmed, and hangs up.
    func publish(queue: String, headers: [UInt8]) throws {
        method(1, [0, 60, 0, 40, 0, 0, 0, UInt8(queue.utf8.count)] + Array(queue.utf8) + [0])
        frame(2, 1, [0, 60, 0, 0] + [UInt8](repeating: 0, count: 8) + [0x20, 0] + length(headers.count) + headers)
        guard try readFrame().starts(with: [0, 60, 0, 80]) else { throw Refused() }
        close(descriptor)
    }

    /// Waits for what the broker has to say first.
    private func answer(_ channel: UInt8, _ payload: [UInt8]) throws {
        _ = try readFrame()
        method(channel, payload)
    }

    private func method(_ channel: UInt8, _ payload: [UInt8]) { frame(1, channel, payload) }

    private func frame(_ type: UInt8, _ channel: UInt8, _ payload: [UInt8]) { write([type, 0, channel] + length(payload.count) + payload + [0xCE]) }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    private func readFrame() throws -> [UInt8] {
        let header = try readBytes(7)
        let size = header[3...].reduce(0) { $0 << 8 | Int($1) }
        return try readBytes(size + 1).dropLast()
    }

    private func readBytes(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let more = bytes[done...].withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if more <= 0 { throw Refused() }
            done += more
        }
        return bytes
    }
}
