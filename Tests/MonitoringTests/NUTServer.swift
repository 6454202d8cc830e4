import Foundation
import Testing

/// A real `upsd` with the driver `dummy-ups`, which plays a UPS from a file, on a free loopback port and with a configuration of its own.
final class NUTServer {
    let port: UInt16
    private let directory: URL
    private let environment: [String: String]
    private var driver: Process?
    private var server: Process?

    /// Runs a server with one UPS, `gate`, for as long as the body does.
    static func with<T>(
        plays variables: [String] = ["ups.status: OL", "battery.charge: 100", "battery.runtime: 3600"], _ body: (NUTServer) async throws -> T
    ) async throws -> T {
        try await withDirectory { directory in
            let server = try NUTServer(directory)
            defer { server.stop() }
            try server.plays(variables)
            try server.startDriver()
            try server.startServer()
            return try await body(server)
        }
    }

    private init(_ directory: URL) throws {
        self.directory = directory
        port = try LoopbackServer.freePort()
        environment = ["NUT_CONFPATH": directory.path, "NUT_STATEPATH": directory.path, "NUT_ALTPIDPATH": directory.path, "PATH": "/usr/bin:/bin"]
        try write(
            "[gate]\n driver = dummy-ups\n port = \(directory.path)/gate.dev\n mode = dummy-loop\n desc = \"UPS \\\"LED\\\" at the gate\"\n", "ups.conf")
        // A silent driver is stale after 2 s, the shortest that suits its poll interval of 1 s.
        try write("LISTEN 127.0.0.1 \(port)\nMAXAGE 2\nSTATEPATH \(directory.path)\n", "upsd.conf")
        try write("[watch]\n password = \"open \\\"sesame\\\"\"\n", "upsd.users")
    }

    /// From now on the UPS shows these variables; those shown before and not named now stay as they are.
    func plays(_ variables: [String]) throws { try write(variables.joined(separator: "\n") + "\n", "gate.dev") }

    func startDriver() throws {
        driver = try start("/lib/nut/dummy-ups", ["-a", "gate", "-F", "-i", "1", "-u", NSUserName()])
    }

    func startServer() throws {
        server = try start("/lib/nut/upsd", ["-F", "-u", NSUserName()])
    }

    /// Ends the driver as a crash would.
    func killDriver() {
        end(driver)
        driver = nil
    }

    func killServer() {
        end(server)
        server = nil
    }

    /// The driver stands still, or goes on.
    func freezeDriver(_ isFrozen: Bool) {
        if let driver { kill(driver.processIdentifier, isFrozen ? SIGSTOP : SIGCONT) }
    }

    private func stop() {
        killDriver()
        killServer()
    }

    private func end(_ process: Process?) {
        guard let process, process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private func start(_ path: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try installed(path, package: "nut-server"))
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func write(_ text: String, _ name: String) throws {
        let file = directory.appendingPathComponent(name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
    }
}
