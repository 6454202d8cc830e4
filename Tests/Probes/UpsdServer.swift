import Foundation
import Monitoring
import Synchronization

/// A server that gives the same bytes to whoever connects, whatever it is asked, and closes.
final class UpsdServer: Sendable {
    static let shared = UpsdServer()

    private let answer = Mutex<[UInt8]>([])
    private let port: UInt16

    private init() {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        precondition(isListening, "no port to listen at")
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { continue }
                let bytes = answer.withLock { $0 }
                _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                shutdown(connection, Int32(SHUT_WR))
                // Closing with questions unread would reset the connection and take the answer back.
                var chunk = [UInt8](repeating: 0, count: 4096)
                while chunk.withUnsafeMutableBytes({ recv(connection, $0.baseAddress, $0.count, 0) }) > 0 {}
                close(connection)
            }
        }
    }

    /// What a client reads of a UPS from a server that answers so; nil where it is an error.
    func reading(answering bytes: [UInt8]) -> UPSReading? {
        answer.withLock { $0 = Array(bytes.prefix(32_768)) }
        let client = NUTClient(.init(host: "127.0.0.1", port: port))
        let result = Mutex<UPSReading?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        Task {
            let reading = try? await client.reading(of: "gate")
            result.withLock { $0 = reading }
            isDone.signal()
        }
        isDone.wait()
        return result.withLock { $0 }
    }
}
