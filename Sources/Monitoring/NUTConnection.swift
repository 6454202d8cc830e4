import Foundation
import Processes
import Values

/// One connection to `upsd`. Every call blocks for at most its timeout; the socket is closed when the connection goes.
final class NUTConnection {
    /// Longer lines than this are not of the protocol: `upsd` itself takes no more than 512 bytes a value.
    private static let lineLimitBytes = 4_096
    /// A UPS has some hundred variables at most.
    private static let listLimit = 2_048

    private let descriptor: Int32
    private let configuration: NUTClient.Configuration
    private var received: [UInt8] = []

    /// Connects, and names the user if there is one.
    init(_ configuration: NUTClient.Configuration) throws {
        self.configuration = configuration
        descriptor = try NUTConnection.connect(configuration)
        if let username = configuration.username { try expectOK(["USERNAME", username]) }
        if let password = configuration.password { try expectOK(["PASSWORD", password], secret: true) }
    }

    deinit { close(descriptor) }

    // MARK: Commands

    func variable(_ name: String, of ups: String) throws -> String {
        let deadline = try send(["GET", "VAR", ups, name])
        let words = try reply(until: deadline, to: "GET VAR \(ups) \(name)")
        guard words.count == 4, Array(words[..<3]) == ["VAR", ups, name] else { throw malformed(words, "GET VAR \(ups) \(name)") }
        return words[3]
    }

    /// The items of a list: what stands before the last word of each line, and the last word.
    func list(_ kind: String, _ arguments: [String]) throws -> [String: String] {
        let head = ["LIST", kind] + arguments
        let command = head.joined(separator: " ")
        let deadline = try send(head)
        let first = try reply(until: deadline, to: command)
        guard first == ["BEGIN"] + head else { throw malformed(first, command) }
        var items: [String: String] = [:]
        for _ in 0..<NUTConnection.listLimit {
            let words = try reply(until: deadline, to: command)
            if words == ["END"] + head { return items }
            guard words.count == arguments.count + 3, Array(words.dropLast(2)) == [kind] + arguments else { throw malformed(words, command) }
            items[words[words.count - 2]] = words[words.count - 1]
        }
        throw error(.tooLong, "\(command) gave more than \(NUTConnection.listLimit) lines; is this upsd?")
    }

    /// Says goodbye; whether it is heard does not matter.
    func logout() { _ = try? send(["LOGOUT"]) }

    private func expectOK(_ command: [String], secret: Bool = false) throws {
        let shown = secret ? command[0] : command.joined(separator: " ")
        let words = try reply(until: try send(command), to: shown)
        guard words.first == "OK" else { throw malformed(words, shown) }
    }

    // MARK: Lines

    /// Sends a command and gives the instant by which the whole answer must be there.
    private func send(_ command: [String]) throws -> Deadline {
        guard let line = NUTLine.line(command) else {
            throw error(.cannotSend, "a UPS name, variable, user name or password holds a control character; correct it in the configuration")
        }
        let deadline = Deadline(after: configuration.replyTimeout)
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0, errno == EAGAIN || errno == EINTR {
                try wait(for: POLLOUT, until: deadline, "take \(command[0])")
            } else {
                throw error(.closed, "the connection was closed while \(command[0]) was sent (\(reason(errno))); see whether upsd runs")
            }
        }
        return deadline
    }

    /// The words of the next line; an `ERR` line is thrown.
    private func reply(until deadline: Deadline, to command: String) throws -> [String] {
        let line = try nextLine(until: deadline, command)
        guard let words = NUTLine.words(line) else { throw malformed([line], command) }
        guard words.first == "ERR" else { return words }
        let refusal = NUTError.Refusal(words.count > 1 ? words[1] : "ERR without a name")
        throw error(.refused(refusal), "\(command) was refused: \(refusal.advice)")
    }

    private func nextLine(until deadline: Deadline, _ command: String) throws -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeFirst(end + 1) }
                guard end <= NUTConnection.lineLimitBytes else { break }
                let line = received[..<end]
                return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
            guard received.count <= NUTConnection.lineLimitBytes else { break }
            try wait(for: POLLIN, until: deadline, "answer \(command)")
            var chunk = [UInt8](repeating: 0, count: 4_096)
            let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count > 0 {
                received.append(contentsOf: chunk[..<count])
            } else if count == 0 {
                throw error(.closed, "upsd closed the connection before it answered \(command); see its log")
            } else if errno != EAGAIN && errno != EINTR {
                throw error(.closed, "the connection broke before \(command) was answered (\(reason(errno)))")
            }
        }
        throw error(.tooLong, "the answer to \(command) holds a line of more than \(NUTConnection.lineLimitBytes) bytes; is this upsd?")
    }

    private func wait(for events: Int32, until deadline: Deadline, _ what: String) throws {
        guard try NUTConnection.ready(descriptor, events, until: deadline) else {
            throw error(.timedOut, "upsd did not \(what) within \(configuration.replyTimeout); see whether it hangs, or the network does")
        }
    }

    private func malformed(_ words: [String], _ command: String) -> NUTError {
        error(.malformed, "the answer to \(command) is not of the protocol: \(words.joined(separator: " ").prefix(120)); is this upsd?")
    }

    private func error(_ code: NUTError.Code, _ sentence: String) -> NUTError { NUTConnection.error(code, sentence, configuration) }

    // MARK: Connecting

    private static func connect(_ configuration: NUTClient.Configuration) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(configuration.host, String(configuration.port), &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard status == 0 else {
            let words = String(cString: gai_strerror(status))
            throw error(.connectFailed, "the host is not known (\(words)); correct its name, or give its address", configuration)
        }
        // One deadline for all addresses of the host.
        let deadline = Deadline(after: configuration.connectTimeout)
        var failure = error(.connectFailed, "the host has no address", configuration)
        var next = found
        while let address = next?.pointee {
            let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            if descriptor >= 0 {
                do {
                    try complete(descriptor, Foundation.connect(descriptor, address.ai_addr, address.ai_addrlen), deadline, configuration)
                    return descriptor
                } catch let error as NUTError {
                    close(descriptor)
                    failure = error
                }
            }
            next = address.ai_next
        }
        throw failure
    }

    private static func complete(_ descriptor: Int32, _ result: Int32, _ deadline: Deadline, _ configuration: NUTClient.Configuration) throws {
        var code = result == 0 ? 0 : errno
        if code == EINPROGRESS {
            guard try ready(descriptor, POLLOUT, until: deadline) else {
                throw error(.timedOut, "no connection within \(configuration.connectTimeout); see whether the host is up and the port open", configuration)
            }
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        }
        guard code == 0 else {
            let advice = "see whether upsd runs there and LISTEN in upsd.conf names this address"
            throw error(.connectFailed, "no connection (\(reason(code))); \(advice)", configuration)
        }
    }

    /// Whether the descriptor became ready before the deadline.
    private static func ready(_ descriptor: Int32, _ events: Int32, until deadline: Deadline) throws -> Bool {
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let count = poll(&entry, 1, deadline.millisecondsLeft)
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
        }
    }

    private static func error(_ code: NUTError.Code, _ sentence: String, _ configuration: NUTClient.Configuration) -> NUTError {
        NUTError(code: code, description: "upsd at \(configuration.host), port \(configuration.port): \(sentence)")
    }
}

/// The system's words for an error number.
func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
