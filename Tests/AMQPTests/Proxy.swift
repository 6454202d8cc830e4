import AMQP
import Foundation
import Synchronization

/// A line to the broker that can be frozen or cut. Without a destination it accepts connections and says nothing.
final class Proxy: Sendable {
    let port: Int
    private let listener: Int32
    private let target: sockaddr_in?
    private let frozen = Atomic(false)
    private let refusing = Atomic(false)
    private let stopped = Atomic(false)
    private let open = Mutex<[Int32]>([])

    init(to endpoint: Endpoint?, receiveBufferBytes: Int32? = nil) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        // What is accepted here inherits it.
        if var bytes = receiveBufferBytes { setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size)) }
        var address = Proxy.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw CocoaError(.fileReadUnknown) }
        port = Int(UInt16(bigEndian: address.sin_port))
        target = endpoint.map { Proxy.address(port: UInt16($0.port)) }
        Thread { self.accept() }.start()
    }

    func freeze(_ on: Bool) { frozen.store(on, ordering: .relaxed) }
    func refuse(_ on: Bool) { refusing.store(on, ordering: .relaxed) }

    func stop() {
        if stopped.exchange(true, ordering: .relaxed) { return }
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in open.withLock({ $0 }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func accept() {
        while !stopped.load(ordering: .relaxed) {
            let client = Foundation.accept(listener, nil, nil)
            if client < 0 { break }
            if refusing.load(ordering: .relaxed) {
                close(client)
                continue
            }
            open.withLock { $0.append(client) }
            guard var target else { continue }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            open.withLock { $0.append(server) }
            _ = withUnsafePointer(to: &target) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
            Thread { self.copy(client, server) }.start()
            Thread { self.copy(server, client) }.start()
        }
        close(listener)
    }

    private func copy(_ from: Int32, _ to: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while !stopped.load(ordering: .relaxed) {
            if frozen.load(ordering: .relaxed) {
                usleep(1000)
                continue
            }
            var entry = pollfd(fd: from, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, 20) != 1 { continue }
            if frozen.load(ordering: .relaxed) { continue }
            let count = read(from, &buffer, buffer.count)
            if count <= 0 { break }
            var sent = 0
            while sent < count {
                let more = buffer[sent..<count].withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                if more <= 0 { break }
                sent += more
            }
        }
        shutdown(to, Int32(SHUT_RDWR))
    }
}
