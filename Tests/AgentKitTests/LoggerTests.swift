import Foundation
import Regulation
import Testing
import Values

@testable import AgentKit

@Suite struct LoggerTests {
    @Test func anEntryIsOneLineWithLocalTimeAndLevel() throws {
        let lines = Lines()
        let log = lines.logger(.notice)
        log.write(.notice, Wording(vi: "một", en: "one\ntwo"))
        log.write(.info, Wording(vi: "", en: "not worth it"))
        log.write(.error, verbatim: "x\u{1b}[2Jy")
        let pattern = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (notice |error  ) .+\n/
        #expect(lines.all.count == 2)
        for line in lines.all { #expect(line.wholeMatch(of: pattern) != nil, "\(line)") }
        #expect(lines.all[0].hasSuffix("one two\n") && lines.all[1].hasSuffix("x [2Jy\n"))
    }

    @Test func underTheJournalALineBeginsWithItsPriority() {
        let lines = Lines()
        let log = Logger(level: .debug, language: .vi, offset: .hours(7), environment: ["JOURNAL_STREAM": "8:1"]) { lines.add($0) }
        log.write(.error, Wording(vi: "lỗi", en: "fault"))
        log.write(.debug, Wording(vi: "nhỏ", en: "small"))
        #expect(lines.all[0].hasPrefix("<3>") && lines.all[0].hasSuffix("lỗi\n"))
        #expect(lines.all[1].hasPrefix("<7>"))
    }

    @Test(arguments: [false, true]) func theSupervisorIsToldThroughItsSocket(isAbstract: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = isAbstract ? "@agentkit-\(UUID().uuidString)" : directory.path + "/notify"
        let descriptor = try #require(bound(path))
        defer { close(descriptor) }
        let environment = ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"]
        let supervisor = Supervisor(environment: environment)
        #expect(supervisor.watchdogSeconds == 30)
        supervisor.ready()
        supervisor.status("one\ntwo")
        supervisor.watchdog()
        supervisor.stopping()
        #expect((0..<4).map { _ in receive(descriptor) } == ["READY=1", "STATUS=one two", "WATCHDOG=1", "STOPPING=1"])
    }

    @Test func theWatchdogOfAnotherProcessIsNotOurs() {
        #expect(Supervisor(environment: ["WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"]).watchdogSeconds == nil)
        #expect(Supervisor(environment: [:]).watchdogSeconds == nil)
    }

    private func bound(_ path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array((path.hasPrefix("@") ? "\0" + path.dropFirst() : path).utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        return result == 0 ? descriptor : nil
    }

    private func receive(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}

@Suite struct StateFilesTests {
    @Test func whatIsWrittenIsReadBackWholeAndReplaced() throws {
        let directory = try TemporaryDirectory()
        let state = try StateFiles(home: directory.url)
        #expect(try state.read("device") == nil)
        try state.write("device", ["up": true])
        try state.write("device", ["up": false])
        #expect(try StateFiles(home: directory.url).read("device") == ["up": false])
        #expect(directory.names(in: "state") == ["device.json"])
    }
}
