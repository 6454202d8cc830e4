import CRabbitMQ
import Dispatch
import Foundation

/// Nanoseconds on a clock that never steps.
func monotonicNanoseconds() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

/// One logged-in connection of librabbitmq with one channel. Everything here runs on the connection's own thread.
final class Session {
    /// Bytes of a frame around its payload, and of a content header before its properties.
    static let frameOverhead = 8 + 12
    /// What reading allows a frame to be. The broker adds headers to messages and then exceeds the agreed size itself.
    private static let readableFrame = 262_144
    private static let bytesPerWritableCheck = 4096
    private static let channel: amqp_channel_t = 1

    let descriptor: Int32
    let frameMax: Int
    private let handle: amqp_connection_state_t
    private let scratch = Scratch()
    /// Bytes written, about, since the socket was last seen to be writable.
    private var unchecked = Session.bytesPerWritableCheck

    /// Connects, shakes hands and logs in, each within `connectTimeoutSeconds` (a resolver may take longer).
    init(_ endpoint: Endpoint, _ options: Options) throws(AMQPError) {
        guard let handle = amqp_new_connection() else { throw AMQPError(.connectionLost, "out of memory") }
        do throws(AMQPError) {
            let limit = timeval(seconds: options.connectTimeoutSeconds)
            descriptor = try Session.open(handle, endpoint, limit)
            frameMax = try Session.login(handle, endpoint, options, limit)
        } catch {
            amqp_destroy_connection(handle)
            throw error
        }
        self.handle = handle
    }

    deinit { amqp_destroy_connection(handle) }

    private static func open(_ handle: amqp_connection_state_t, _ endpoint: Endpoint, _ limit: timeval) throws(AMQPError) -> Int32 {
        let socket: OpaquePointer
        if let tls = endpoint.tls {
            guard let new = amqp_ssl_socket_new(handle) else { throw AMQPError(.tls, "TLS could not be set up") }
            socket = new
            // Otherwise a key with a password would make OpenSSL ask for it on the terminal, and wait.
            amqp_ssl_socket_set_key_passwd(socket, "")
            guard amqp_ssl_socket_set_cacert(socket, tls.caFile) == AMQP_STATUS_OK.rawValue else {
                throw AMQPError(.tls, "cannot read certificates of authorities from '\(tls.caFile)'")
            }
            if let certificate = tls.certificateFile, let key = tls.keyFile {
                guard amqp_ssl_socket_set_key(socket, certificate, key) == AMQP_STATUS_OK.rawValue else {
                    throw AMQPError(.tls, "cannot use the certificate '\(certificate)' with the key '\(key)' (missing, mismatched, or with a password)")
                }
            }
            amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
            crabbitmq_require_verification(socket)
        } else {
            guard let new = amqp_tcp_socket_new(handle) else { throw AMQPError(.connectionLost, "out of memory") }
            socket = new
        }

        var limit = limit
        let status = amqp_socket_open_noblock(socket, endpoint.host, Int32(clamping: endpoint.port), &limit)
        if status == AMQP_STATUS_OK.rawValue { return amqp_get_sockfd(handle) }
        let place = "\(endpoint.host):\(endpoint.port)"
        switch amqp_status_enum(status) {
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
            throw AMQPError(.unknownHost, "the host name '\(endpoint.host)' cannot be resolved")
        case AMQP_STATUS_TIMEOUT:
            throw AMQPError(.unreachable, "\(place) does not answer")
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
            throw AMQPError(.tls, "the certificate of \(place) is not for the host name '\(endpoint.host)'")
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED, AMQP_STATUS_SSL_CONNECTION_FAILED, AMQP_STATUS_SSL_ERROR:
            if let why = crabbitmq_verification_failure(socket) {
                throw AMQPError(.tls, "the certificate of \(place) is refused: \(String(cString: why))")
            }
            // A broker that is just starting or stopping breaks the handshake off, too.
            throw AMQPError(.tls, "the TLS handshake with \(place) failed (is it a TLS port? does it accept this certificate?)", isRetriable: true)
        default:
            throw diagnose(endpoint, limit) ?? AMQPError(.unreachable, "\(place): \(text(of: status))")
        }
    }

    /// librabbitmq says only "a socket error occurred". Trying once more tells why.
    private static func diagnose(_ endpoint: Endpoint, _ limit: timeval) -> AMQPError? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list) == 0, let address = list else { return nil }
        defer { freeaddrinfo(list) }
        let probe = socket(address.pointee.ai_family, address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return AMQPError(.unreachable, "no socket: \(String(cString: strerror(errno)))") }
        defer { close(probe) }
        // On Linux the time limit for sending holds for connecting as well.
        var limit = limit
        setsockopt(probe, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard connect(probe, address.pointee.ai_addr, address.pointee.ai_addrlen) != 0 else { return nil }
        let reason = errno
        return AMQPError(
            reason == ECONNREFUSED ? .connectionRefused : .unreachable,
            "connecting to \(endpoint.host):\(endpoint.port): \(String(cString: strerror(reason)))")
    }

    private static func login(
        _ handle: amqp_connection_state_t, _ endpoint: Endpoint, _ options: Options, _ limit: timeval
    ) throws(AMQPError) -> Int {
        var limit = limit
        amqp_set_handshake_timeout(handle, &limit)
        let scratch = Scratch()
        // Without these capabilities a deleted queue looks like silence, an alarm like a slow broker and a wrong password like a lost line.
        let capabilities = scratch.table([
            "authentication_failure_close": .bool(true), "basic.nack": .bool(true), "connection.blocked": .bool(true),
            "consumer_cancel_notify": .bool(true), "exchange_exchange_bindings": .bool(true), "publisher_confirms": .bool(true),
        ])
        var client: FieldTable = ["product": .string("Swift AMQP")]
        if !options.connectionName.isEmpty { client["connection_name"] = .string(options.connectionName) }
        var properties = scratch.table(client, nested: ("capabilities", capabilities))
        let heartbeat = Int32(max(0, min(options.heartbeatSeconds, Int(UInt16.max))))
        // The protocol's minimum; a broker refuses less.
        let frameMax = Int32(clamping: max(4096, options.frameMax))
        let reply =
            switch endpoint.credentials {
            case .plain(let user, let password):
                crabbitmq_login_plain(handle, endpoint.virtualHost, 1, frameMax, heartbeat, &properties, user, password)
            case .external:
                crabbitmq_login_external(handle, endpoint.virtualHost, 1, frameMax, heartbeat, &properties)
            }
        try check(reply, endpoint)
        let agreed = Int(amqp_get_frame_max(handle))
        // Safe for sending as well, since what is sent is cut to the agreed size here.
        guard
            amqp_tune_connection(handle, 1, Int32(max(readableFrame, agreed)), amqp_get_heartbeat(handle)) == AMQP_STATUS_OK.rawValue
        else { throw AMQPError(.connectionLost, "out of memory") }
        return agreed
    }

    private static func check(_ reply: amqp_rpc_reply_t, _ endpoint: Endpoint) throws(AMQPError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            guard reply.reply.id == MethodID.connectionClose, let close = reply.reply.decoded?.assumingMemoryBound(to: amqp_connection_close_t.self)
            else { throw AMQPError(.protocolError, "unexpected answer while logging in to \(endpoint)") }
            let said = "\(close.pointee.reply_text.string) (logging in to \(endpoint))"
            switch close.pointee.reply_code {
            case 403: throw AMQPError(.authentication, said)
            case 530 where said.contains("not found"): throw AMQPError(.notFound, said)
            case 530: throw AMQPError(.accessRefused, said, isRetriable: said.contains("limit"))
            default: throw AMQPError(.connectionLost, said)
            }
        default:
            let place = "\(endpoint.host):\(endpoint.port)"
            switch amqp_status_enum(reply.library_error) {
            case AMQP_STATUS_TIMEOUT: throw AMQPError(.timeout, "\(place) did not finish the login in time")
            case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
                throw AMQPError(.authentication, "\(place) does not offer this way of logging in (EXTERNAL needs the broker's plugin)")
            case AMQP_STATUS_SSL_ERROR:
                throw AMQPError(.tls, "\(place) broke off TLS while logging in: it may have refused this side's certificate, or want one")
            default:
                throw AMQPError(.connectionLost, "\(text(of: reply.library_error)) (logging in to \(place); is it an AMQP port without TLS?)")
            }
        }
    }

    static func text(of status: Int32) -> String { amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)" }

    // MARK: - Reading

    /// The next frame that is here already, or nil. Its contents live until `releaseBuffers`.
    func nextFrame() throws(AMQPError) -> amqp_frame_t? {
        var frame = amqp_frame_t()
        var none = timeval()
        let status = amqp_simple_wait_frame_noblock(handle, &frame, &none)
        if status == AMQP_STATUS_OK.rawValue { return frame }
        if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
        throw lost(status, "reading")
    }

    func releaseBuffers() { amqp_maybe_release_buffers(handle) }

    private func lost(_ status: Int32, _ doing: String) -> AMQPError {
        let code: AMQPError.Code = status == AMQP_STATUS_BAD_AMQP_DATA.rawValue ? .protocolError : .connectionLost
        return AMQPError(code, "\(Session.text(of: status)) (\(doing))", isRetriable: true)
    }

    // MARK: - Writing

    /// While on, small writes are gathered into full packets.
    func gatherWrites(_ on: Bool) {
        var value: Int32 = on ? 1 : 0
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Whether the socket takes some more without waiting. Only what is written here can fill it, so it is asked again only after a while.
    func canWrite() -> Bool {
        if unchecked < Session.bytesPerWritableCheck { return true }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 0) == 1 else { return false }
        unchecked = 0
        return true
    }

    func send<Method>(_ id: amqp_method_number_t, _ method: Method, channel: amqp_channel_t = Session.channel) throws(AMQPError) {
        var method = method
        let status = withUnsafeMutablePointer(to: &method) { amqp_send_method(handle, channel, id, $0) }
        unchecked += 32
        if status != AMQP_STATUS_OK.rawValue { throw lost(status, "writing") }
    }

    func publish(_ publishing: Publishing) throws(AMQPError) {
        scratch.reset(capacity: publishing.propertiesSize + publishing.exchange.utf8.count + publishing.routingKey.utf8.count)
        var properties = amqp_basic_properties_t()
        func set(_ text: String?, _ flag: Int32, _ field: WritableKeyPath<amqp_basic_properties_t, amqp_bytes_t>) {
            guard let text else { return }
            properties._flags |= amqp_flags_t(flag)
            properties[keyPath: field] = scratch.bytes(text)
        }
        set(publishing.contentType, PropertyFlag.contentType, \.content_type)
        set(publishing.messageID, PropertyFlag.messageID, \.message_id)
        set(publishing.userID, PropertyFlag.userID, \.user_id)
        set(publishing.correlationID, PropertyFlag.correlationID, \.correlation_id)
        set(publishing.replyTo, PropertyFlag.replyTo, \.reply_to)
        set(publishing.type, PropertyFlag.type, \.type)
        if publishing.persistent {
            properties._flags |= amqp_flags_t(PropertyFlag.deliveryMode)
            properties.delivery_mode = 2
        }
        if !publishing.headers.isEmpty {
            properties._flags |= amqp_flags_t(PropertyFlag.headers)
            properties.headers = scratch.table(publishing.headers)
        }
        unchecked += publishing.body.count + publishing.propertiesSize + publishing.routingKey.utf8.count + 64
        let exchange = scratch.bytes(publishing.exchange)
        let routingKey = scratch.bytes(publishing.routingKey)
        let mandatory: amqp_boolean_t = publishing.mandatory ? 1 : 0

        let status = publishing.body.withUnsafeBytes { body -> Int32 in
            // librabbitmq would cut the body to the size tuned for reading.
            if body.count > frameMax - 8 {
                return sendInPieces(exchange, routingKey, mandatory, &properties, body)
            }
            let bytes = amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress))
            return amqp_basic_publish(handle, Session.channel, exchange, routingKey, mandatory, 0, &properties, bytes)
        }
        if status != AMQP_STATUS_OK.rawValue { throw lost(status, "publishing") }
    }

    private func sendInPieces(
        _ exchange: amqp_bytes_t, _ routingKey: amqp_bytes_t, _ mandatory: amqp_boolean_t, _ properties: inout amqp_basic_properties_t,
        _ body: UnsafeRawBufferPointer
    ) -> Int32 {
        var method = amqp_basic_publish_t(ticket: 0, exchange: exchange, routing_key: routingKey, mandatory: mandatory, immediate: 0)
        var status = withUnsafeMutablePointer(to: &method) { amqp_send_method(handle, Session.channel, MethodID.basicPublish, $0) }
        guard status == AMQP_STATUS_OK.rawValue else { return status }

        var header = amqp_frame_t()
        header.frame_type = UInt8(AMQP_FRAME_HEADER)
        header.channel = Session.channel
        header.payload.properties.class_id = UInt16(AMQP_BASIC_CLASS)
        header.payload.properties.body_size = UInt64(body.count)
        status = withUnsafeMutablePointer(to: &properties) {
            header.payload.properties.decoded = UnsafeMutableRawPointer($0)
            return amqp_send_frame(handle, &header)
        }

        var offset = 0
        while status == AMQP_STATUS_OK.rawValue, offset < body.count {
            let length = min(frameMax - 8, body.count - offset)
            var piece = amqp_frame_t()
            piece.frame_type = UInt8(AMQP_FRAME_BODY)
            piece.channel = Session.channel
            piece.payload.body_fragment = amqp_bytes_t(
                len: length, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress.map { $0 + offset }))
            status = amqp_send_frame(handle, &piece)
            offset += length
        }
        return status
    }

    func consume(queue: String, tag: String, noAck: Bool, exclusive: Bool, arguments: FieldTable) throws(AMQPError) {
        scratch.reset(capacity: 1024 + queue.utf8.count)
        try send(
            MethodID.basicConsume,
            amqp_basic_consume_t(
                ticket: 0, queue: scratch.bytes(queue), consumer_tag: scratch.bytes(tag), no_local: 0, no_ack: noAck ? 1 : 0,
                exclusive: exclusive ? 1 : 0, nowait: 0, arguments: scratch.table(arguments)))
    }

    func cancel(tag: String) throws(AMQPError) {
        scratch.reset(capacity: 256)
        try send(MethodID.basicCancel, amqp_basic_cancel_t(consumer_tag: scratch.bytes(tag), nowait: 0))
    }

    func inspect(queue: String) throws(AMQPError) {
        scratch.reset(capacity: 512)
        try send(
            MethodID.queueDeclare,
            amqp_queue_declare_t(
                ticket: 0, queue: scratch.bytes(queue), passive: 1, durable: 0, exclusive: 0, auto_delete: 0, nowait: 0,
                arguments: amqp_empty_table))
    }

    func inspect(exchange: String) throws(AMQPError) {
        scratch.reset(capacity: 512)
        try send(
            MethodID.exchangeDeclare,
            amqp_exchange_declare_t(
                ticket: 0, exchange: scratch.bytes(exchange), type: scratch.bytes("direct"), passive: 1, durable: 0, auto_delete: 0,
                internal: 0, nowait: 0, arguments: amqp_empty_table))
    }

    func get(queue: String, noAck: Bool) throws(AMQPError) {
        scratch.reset(capacity: 512)
        try send(MethodID.basicGet, amqp_basic_get_t(ticket: 0, queue: scratch.bytes(queue), no_ack: noAck ? 1 : 0))
    }

    /// Says goodbye and waits a little for the answer.
    func closeCleanly() {
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        amqp_set_rpc_timeout(handle, &limit)
        _ = amqp_connection_close(handle, 200)
    }
}

extension timeval {
    fileprivate init(seconds: Double) {
        let bounded = max(0.001, min(seconds, 86_400))
        self.init(tv_sec: Int(bounded), tv_usec: Int((bounded - bounded.rounded(.down)) * 1_000_000))
    }
}
