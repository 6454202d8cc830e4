import Foundation
import Testing

/// A listener on a free loopback port. With a script it plays `upsd`: for each line it receives it sends what the script says, and closes on nil.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let isServed: Bool

    /// Without a script, connections wait in the backlog and nobody answers.
    init(_ script: (@Sendable (String) -> String?)? = nil) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        self.descriptor = descriptor
        isServed = script != nil
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        port = try withUnsafeMutablePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                try #require(bind(descriptor, generic, length) == 0 && listen(descriptor, 8) == 0)
                try #require(getsockname(descriptor, generic, &length) == 0)
            }
            return UInt16(bigEndian: $0.pointee.sin_port)
        }
        guard let script else { return }
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                // Closed by its only user: whoever accepted under a number that is free again would answer in another's place.
                guard connection >= 0 else {
                    close(descriptor)
                    return
                }
                LoopbackServer.serve(connection, script)
                close(connection)
            }
        }
    }

    /// A port nobody listens on, free a moment ago.
    static func freePort() throws -> UInt16 { try LoopbackServer().port }

    deinit {
        // Wakes the thread that accepts, now or at its next turn.
        shutdown(descriptor, Int32(SHUT_RDWR))
        if !isServed { close(descriptor) }
    }

    private static func serve(_ connection: Int32, _ script: (String) -> String?) {
        var received: [UInt8] = []
        var byte: UInt8 = 0
        while recv(connection, &byte, 1, 0) == 1 {
            guard byte == UInt8(ascii: "\n") else {
                received.append(byte)
                continue
            }
            guard let answer = script(String(decoding: received, as: UTF8.self)) else { return }
            received = []
            let bytes = Array(answer.utf8)
            guard send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return }
        }
    }
}
