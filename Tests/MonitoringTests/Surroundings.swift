import Foundation
import Testing

/// Fails in words if a program that a test runs is not installed.
func installed(_ path: String, package: String) throws -> String {
    try #require(FileManager.default.isExecutableFile(atPath: path), "\(path) is missing: apt-get install --no-install-recommends \(package)")
    return path
}

/// Looks again and again until a condition holds; false if it does not within the bound.
func eventually(withinSeconds seconds: Double = 10, _ condition: () async -> Bool) async -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    while true {
        if await condition() { return true }
        guard clock.now < end else { return false }
        try? await Task.sleep(for: .milliseconds(20))
    }
}

/// A directory that goes with the test.
func withDirectory<T>(_ body: (URL) async throws -> T) async throws -> T {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mon-\(UInt32.random(in: 0...UInt32.max))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: directory) }
    return try await body(directory)
}

/// Whether a process is there and no zombie.
func isAlive(_ process: Int32) -> Bool {
    // The state follows the name in parentheses, which may itself hold spaces.
    guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return stat.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// This process's children that ended and were not reaped.
func zombies() -> [String] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.filter { Int32($0) != nil }.filter { process in
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 1 && fields[0] == "Z" && fields[1] == "\(getpid())"
    }
}
