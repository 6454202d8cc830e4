/// Where to connect, and as whom.
public struct Endpoint: Sendable, CustomStringConvertible {
    /// How to log in.
    public enum Credentials: Sendable {
        /// User name and password.
        case plain(user: String, password: String)
        /// The client certificate says who it is.
        case external
    }

    /// TLS, 1.2 or later. The peer's certificate and its host name are always verified (DNS names only: use `localhost`, not 127.0.0.1).
    public struct TLS: Sendable {
        /// The authorities to trust, a PEM file.
        public var caFile: String
        /// This side's certificate chain, a PEM file.
        public var certificateFile: String?
        /// The certificate's key, a PEM file without a password.
        public var keyFile: String?

        /// TLS with these files.
        public init(caFile: String, certificateFile: String? = nil, keyFile: String? = nil) {
            self.caFile = caFile
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// The broker's host name or address.
    public var host: String
    /// The broker's port.
    public var port: Int
    /// The virtual host.
    public var virtualHost: String
    /// How to log in.
    public var credentials: Credentials
    /// TLS if not nil.
    public var tls: TLS?

    /// An endpoint from its parts. The port is 5672, with TLS 5671, if not given.
    public init(host: String, port: Int? = nil, virtualHost: String = "/", credentials: Credentials, tls: TLS? = nil) {
        self.host = host
        self.port = port ?? (tls == nil ? 5672 : 5671)
        self.virtualHost = virtualHost
        self.credentials = credentials
        self.tls = tls
    }

    /// An endpoint from `amqp://user:password@host:port/vhost` or `amqps://…?cafile=…&certfile=…&keyfile=…&auth=external`.
    ///
    /// Without a path the virtual host is `/`. User, password, virtual host and files may contain percent escapes.
    /// - Throws: `.badURI`, saying what is wrong, without repeating the password.
    public init(uri: String) throws(AMQPError) {
        func malformed(_ what: String) -> AMQPError { AMQPError(.badURI, "\(what); expected amqp://user:password@host:port/vhost or amqps://…?cafile=…") }
        func decoded(_ text: Substring, _ part: String) throws(AMQPError) -> String {
            guard let result = percentDecoded(text) else { throw malformed("bad percent escape in the \(part)") }
            if result.utf8.contains(0) { throw malformed("the \(part) contains a zero byte") }
            return result
        }

        guard let schemeEnd = uri.firstRange(of: "://") else { throw malformed("the address has no scheme") }
        let scheme = uri[..<schemeEnd.lowerBound].lowercased()
        guard scheme == "amqp" || scheme == "amqps" else { throw malformed("unknown scheme '\(scheme)'") }
        var rest = uri[schemeEnd.upperBound...]
        if rest.contains("#") { throw malformed("unexpected '#' (write %23)") }

        var query: [String: String] = [:]
        if let mark = rest.firstIndex(of: "?") {
            for item in rest[rest.index(after: mark)...].split(separator: "&") {
                let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2 else { throw malformed("the option '\(pair[0])' has no value") }
                let name = String(pair[0])
                guard ["cafile", "certfile", "keyfile", "auth"].contains(name) else { throw malformed("unknown option '\(name)'") }
                query[name] = try decoded(pair[1], name)
            }
            rest = rest[..<mark]
        }

        var path = "/"
        if let slash = rest.firstIndex(of: "/") {
            let segment = rest[rest.index(after: slash)...]
            if segment.contains("/") { throw malformed("the virtual host contains '/' (write %2F)") }
            if !segment.isEmpty { path = try decoded(segment, "virtual host") }
            rest = rest[..<slash]
        }

        var user: String?
        var password: String?
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try decoded(parts[0], "user")
            if parts.count == 2 { password = try decoded(parts[1], "password") }
            rest = rest[rest.index(after: at)...]
        }

        var portText: Substring?
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { throw malformed("'[' without ']'") }
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw malformed("unexpected text after ']'") }
            portText = after.isEmpty ? nil : after.dropFirst()
            host = String(rest[rest.index(after: rest.startIndex)..<end])
        } else if let colon = rest.firstIndex(of: ":") {
            portText = rest[rest.index(after: colon)...]
            host = try decoded(rest[..<colon], "host")
        } else {
            host = try decoded(rest, "host")
        }
        if host.isEmpty { throw malformed("the host is missing") }
        if let portText {
            guard let number = Int(portText), (1...65535).contains(number) else { throw malformed("'\(portText)' is not a port") }
            port = number
        } else {
            port = scheme == "amqps" ? 5671 : 5672
        }
        virtualHost = path

        if scheme == "amqps" {
            guard let caFile = query["cafile"] else { throw malformed("amqps needs cafile=…, the authorities to trust") }
            guard (query["certfile"] == nil) == (query["keyfile"] == nil) else { throw malformed("certfile and keyfile go together") }
            tls = TLS(caFile: caFile, certificateFile: query["certfile"], keyFile: query["keyfile"])
        } else {
            if query["cafile"] ?? query["certfile"] ?? query["keyfile"] != nil { throw malformed("cafile, certfile and keyfile need amqps") }
            tls = nil
        }

        switch query["auth"] {
        case "external":
            if tls?.certificateFile == nil { throw malformed("auth=external needs amqps with certfile and keyfile") }
            credentials = .external
        case nil, "plain":
            guard let user, let password else { throw malformed("user or password is missing") }
            credentials = .plain(user: user, password: password)
        case .some(let other): throw malformed("unknown auth '\(other)'")
        }
    }

    /// The address without the password.
    public var description: String {
        let scheme = tls == nil ? "amqp" : "amqps"
        let user =
            switch credentials {
            case .plain(let user, _): user + "@"
            case .external: ""
            }
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(scheme)://\(user)\(name):\(port)/\(virtualHost == "/" ? "" : virtualHost)"
    }
}

private func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%") {
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
