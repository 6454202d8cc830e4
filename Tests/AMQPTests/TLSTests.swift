import AMQP
import Foundation
import Testing

extension BrokerTests {
    @Suite(.timeLimit(.minutes(2))) struct TLSTests {
        private func connecting(_ endpoint: Endpoint) async -> AMQPError? {
            let connection = Connection(endpoint)
            let error = await failure { () async throws(AMQPError) in try await connection.waitUntilConnected(timeoutSeconds: 2) }
            await connection.close()
            return error
        }

        private func endpoint(port: Int, ca: String, host: String = "localhost") -> Endpoint {
            Endpoint(host: host, port: port, credentials: .plain(user: "u", password: "p"), tls: .init(caFile: ca))
        }

        @Test(arguments: [("expired", "expired"), ("elsewhere", "not for the host name"), ("selfsigned", "self-signed")])
        func aBadCertificateIsRefusedAndTheReasonGiven(certificate: String, reason: String) async throws {
            let files = try await Certificates.shared()
            let server = try TLSServer(files, certificate)
            defer { server.stop() }
            let error = try await server.whenListening { await connecting(endpoint(port: server.port, ca: files.path("ca.pem"))) }
            #expect(error?.code == .tls && error?.isRetriable == false)
            #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
        }

        @Test func anOldVersionOfTLSIsRefused() async throws {
            let files = try await Certificates.shared()
            let server = try TLSServer(files, "good", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
            defer { server.stop() }
            let error = try await server.whenListening { await connecting(endpoint(port: server.port, ca: files.path("ca.pem"))) }
            #expect(error?.code == .tls)
        }

        @Test func missingFilesAreNamed() async throws {
            let error = await connecting(endpoint(port: 1, ca: "/no/such/ca.pem"))
            #expect(error?.code == .tls && error?.reason.contains("/no/such/ca.pem") == true)
        }

        @Test func aPortWithoutTLSIsRecognised() async throws {
            let broker = try await Broker.shared()
            let files = try await Certificates.shared()
            let error = await connecting(endpoint(port: broker.uri.port, ca: files.path("ca.pem")))
            #expect(error?.code == .tls && error?.reason.contains("is it a TLS port?") == true)
        }

        @Test func theBrokerIsReachedWithPasswordOrCertificate() async throws {
            let broker = try await Broker.shared()
            let files = try await Certificates.shared()
            let port = try await broker.listenWithTLS(files)
            var endpoint = broker.endpoint(port: port)
            endpoint.host = "localhost"
            endpoint.tls = .init(caFile: files.path("ca.pem"))
            let withPassword = Connection(endpoint)
            try await withPassword.waitUntilConnected(timeoutSeconds: 10)
            let large = Publishing(exchange: "topic", routingKey: "misc", body: [UInt8](repeating: 7, count: 1 << 18))
            let results = await withPassword.publish((0..<2000).map { message("misc", "\($0)") } + [large])
            #expect(results.allSatisfy { $0.error == nil })
            await withPassword.close()

            endpoint.credentials = .external
            endpoint.tls = .init(caFile: files.path("ca.pem"), certificateFile: files.path("client.pem"), keyFile: files.path("client.key"))
            let withCertificate = Connection(endpoint)
            try await withCertificate.waitUntilConnected(timeoutSeconds: 10)
            var own = message("misc")
            own.userID = "amqp-tester"
            try await withCertificate.publish(own)
            await withCertificate.close()

            endpoint.tls = .init(caFile: files.path("ca.pem"))
            let withNeither = await connecting(endpoint)
            #expect(withNeither?.code == .authentication)
            try await broker.stopTLS(port)
        }
    }
}

/// An authority and certificates of every quality, made with openssl.
struct Certificates {
    private let directory: URL

    static func shared() async throws -> Certificates { try await made.value }
    private static let made = Task { try await Certificates() }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    private init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "amqp-tests-tls-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let script = """
            set -e; cd '\(directory.path)'; umask 022
            openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=TestAuthority -keyout ca.key -out ca.pem
            make() { # name, common name, further options
              openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout $1.key -out $1.csr
              echo "subjectAltName=DNS:$2" > $1.ext
              openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $1.pem -extfile $1.ext $3
            }
            make good localhost "-days 10"
            make client amqp-tester "-days 10"
            make elsewhere elsewhere.example "-days 10"
            make expired localhost "-days -1"
            openssl req -x509 -newkey rsa:2048 -nodes -days 10 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout selfsigned.key -out selfsigned.pem
            chmod 644 *
            """
        try await run(["sh", "-c", script])
    }
}

/// `openssl s_server`, which shakes hands and nothing more.
final class TLSServer: Sendable {
    let port: Int
    private let process: Process

    init(_ files: Certificates, _ certificate: String, _ more: String...) throws {
        // A proxy without destination shows a port that is free.
        let probe = try Proxy(to: nil)
        port = probe.port
        probe.stop()
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["openssl", "s_server", "-accept", "\(port)", "-cert", files.path("\(certificate).pem"), "-key", files.path("\(certificate).key"), "-quiet"]
            + more
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    func stop() { process.terminate() }

    /// Tries until the server has begun to listen.
    func whenListening(_ attempt: () async -> AMQPError?) async throws -> AMQPError? {
        var error = await attempt()
        while error?.code == .connectionRefused || error?.code == .unreachable { error = await attempt() }
        return error
    }
}

extension Broker {
    /// Makes the node listen with TLS, and accept certificates as proof of identity, whatever it was configured with.
    func listenWithTLS(_ files: Certificates) async throws -> Int {
        let probe = try Proxy(to: nil)
        let port = probe.port
        probe.stop()
        try await ctl(
            "eval",
            """
            Plugins = filename:dirname(code:lib_dir(rabbit)),
            [Dir] = filelib:wildcard(Plugins ++ "/rabbitmq_auth_mechanism_ssl-*/ebin"),
            code:add_patha(Dir),
            application:load(rabbitmq_auth_mechanism_ssl),
            rabbit_registry:register(auth_mechanism, <<"EXTERNAL">>, rabbit_auth_mechanism_ssl),
            application:set_env(rabbit, auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']),
            application:set_env(rabbit, ssl_cert_login_from, common_name),
            application:set_env(rabbit, ssl_options, [{verify, verify_peer}]),
            rabbit_networking:start_ssl_listener(\(port), [{cacertfile, "\(files.path("ca.pem"))"}, {certfile, "\(files.path("good.pem"))"},
                {keyfile, "\(files.path("good.key"))"}, {verify, verify_peer}, {fail_if_no_peer_cert, false}], 1).
            """)
        return port
    }

    func stopTLS(_ port: Int) async throws { try await ctl("eval", "rabbit_networking:stop_tcp_listener(\(port)).") }
}
