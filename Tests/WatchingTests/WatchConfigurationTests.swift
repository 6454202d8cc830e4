import Foundation
import Monitoring
import Regulation
import Testing
import Values

@testable import Watching

private func read(_ text: String, _ party: Party = .borderGuard) throws -> WatchConfiguration {
    try WatchConfiguration(json: JSON(parsing: Array(text.utf8)), watches: party.watches)
}

@Suite struct WatchConfigurationTests {
    @Test("devices with all members, and with those that must be") func devices() throws {
        let configuration = try read(
            """
            {"intervalSeconds": 60, "devices": [
              {"id": "led-screen", "title": {"vi": "màn hình LED", "en": "LED screen"},
               "command": ["/usr/lib/nagios/plugins/check_tcp", "-H", "127.0.0.1", "-p", "9100"],
               "timeoutSeconds": 3, "attemptsToConfirmBad": 5, "attemptsToConfirmGood": 1, "intervalSeconds": 0.2, "lostAfterSeconds": 90, "raisesIncident": false},
              {"id": "kiosk-1", "title": {"vi": "tủ tra cứu số 1", "en": "kiosk 1"}, "command": ["/opt/check_kiosk"]}]}
            """)
        #expect(
            configuration.devices == [
                WatchedDevice(
                    id: "led-screen", title: Wording(vi: "màn hình LED", en: "LED screen"),
                    check: Plugin("/usr/lib/nagios/plugins/check_tcp", ["-H", "127.0.0.1", "-p", "9100"]), timeout: .seconds(3),
                    interval: Span(milliseconds: 200), attemptsToConfirmBad: 5, attemptsToConfirmGood: 1, lostAfter: .seconds(90), raisesIncident: false),
                WatchedDevice(
                    id: "kiosk-1", title: Wording(vi: "tủ tra cứu số 1", en: "kiosk 1"), check: Plugin("/opt/check_kiosk"), timeout: .seconds(10),
                    interval: .seconds(60), attemptsToConfirmBad: 3, attemptsToConfirmGood: 2, lostAfter: .minutes(10), raisesIncident: true),
            ])
    }

    @Test("the supply, by a UPS or by a check") func supply() throws {
        #expect(
            try read(#"{"ups": {"host": "ups.local", "port": 3494, "name": "gate", "pollSeconds": 0.5, "graceSeconds": 0}}"#, .economicZone).supply
                == WatchedSupply(
                    name: "gate", source: .ups(host: "ups.local", port: 3494), poll: Span(milliseconds: 500), grace: .zero, lostAfter: .seconds(60)))
        #expect(
            try read(#"{"intervalSeconds": 2, "power": {"command": ["/opt/check_mains", "-v"]}}"#, .economicZone).supply
                == WatchedSupply(
                    name: "check_mains", source: .check(Plugin("/opt/check_mains", ["-v"]), timeout: .seconds(10)), poll: .seconds(2), grace: .seconds(15),
                    lostAfter: .seconds(60)))
    }

    @Test("outages of the police's devices are no incidents unless the file says so") func police() throws {
        let device = #"{"id": "camera-1", "title": {"vi": "camera", "en": "camera"}, "command": ["/opt/check"]"#
        #expect(try read("{\"devices\": [\(device)}]}", .police).devices.map(\.raisesIncident) == [false])
        #expect(try read("{\"devices\": [\(device), \"raisesIncident\": true}]}", .police).devices.map(\.raisesIncident) == [true])
    }

    @Test("of a file that agents share, each takes what is its own") func shared() throws {
        let file = #"{"devices": [{"id": "a", "title": {"vi": "a", "en": "a"}, "command": ["/c"]}], "ups": {"name": "gate"}}"#
        #expect(try read(file, .borderGuard).devices.count == 1)
        #expect(try read(file, .borderGuard).supply == nil)
        #expect(try read(file, .economicZone).devices.isEmpty)
        #expect(try read(file, .economicZone).supply?.name == "gate")
    }

    struct Wrong: CustomTestStringConvertible, Sendable {
        var text: String
        var party = Party.borderGuard
        /// What stands in the error.
        var said: String
        var testDescription: String { said }
    }

    @Test(
        "what is wrong is told with its place and what to do",
        arguments: [
            Wrong(text: "[]", said: "/: must be an object, not array"),
            Wrong(
                text: #"{"interval": 1}"#, said: #"/: the member "interval" is not known here: remove it, or use one of intervalSeconds, devices, ups, power"#),
            Wrong(text: #"{"intervalSeconds": 0}"#, said: "/intervalSeconds: must be a number of seconds from 0.05 to 86400"),
            Wrong(text: #"{"devices": [{}]}"#, said: #"/devices/0: the member "command" is missing: add it"#),
            Wrong(text: #"{"devices": [{"id": "LED"}]}"#, said: "/devices/0/id: \"LED\" is not 1 to 40 lower-case letters, digits and hyphens"),
            Wrong(text: #"{"devices": [{"title": {"vi": "màn hình"}}]}"#, said: #"/devices/0/title: the member "en" is missing: add it"#),
            Wrong(text: #"{"devices": [{"command": ["check_tcp"]}]}"#, said: "/devices/0/command: must begin with the absolute path of a check plugin"),
            Wrong(text: #"{"devices": [{"command": ["/c", 5]}]}"#, said: "/devices/0/command/1: must be a string, not integer"),
            Wrong(text: #"{"devices": [{"attemptsToConfirmBad": 0}]}"#, said: "/devices/0/attemptsToConfirmBad: must be a whole number from 1 to 100"),
            Wrong(text: #"{"devices": [{"raisesIncident": "no"}]}"#, said: "/devices/0/raisesIncident: must be true or false"),
            Wrong(
                text: #"{"devices": [{"id":"a","title":{"vi":"a","en":"a"},"command":["/c"]},{"id":"a","title":{"vi":"a","en":"a"},"command":["/c"]}]}"#,
                said: "/devices: two devices have the same id"),
            Wrong(text: #"{"ups": {}}"#, said: #"/ups: the member "name" is missing: add it"#),
            Wrong(text: #"{"ups": {}}"#, party: .economicZone, said: #"/ups: the member "name" is missing: add it"#),
            Wrong(text: #"{"ups": {"name": "gate", "port": 0}}"#, party: .economicZone, said: "/ups/port: must be a whole number from 1 to 65535"),
            Wrong(
                text: #"{"ups": {"name": "gate"}, "power": {"command": ["/c"]}}"#, party: .economicZone, said: #"/power: "ups" already tells of the supply"#),
        ])
    func wrong(_ row: Wrong) {
        #expect {
            try read(row.text, row.party)
        } throws: { "\($0)".contains(row.said) }
    }

    @Test("the monitor is lost by the duties' clock, but never before three checks could have told") func damping() {
        func limit(_ interval: Span, _ rate: Double) -> Span { screen(interval: interval).damping(rate: rate).unknownLimit }
        #expect(limit(.minutes(1), 1) == .minutes(10))
        #expect(limit(.hours(1), 1) == .hours(3) + .seconds(10))
        #expect(limit(Span(milliseconds: 200), 30) == .minutes(10))
        #expect(limit(Span(milliseconds: 200), 600) == Span(milliseconds: 10_600 * 600))
    }

    @Test("a byte order mark, which some editors write, says nothing; UTF-16 is called what it is") func editors() throws {
        let text =
            #"{ "intervalSeconds": 30, "devices": [ { "id": "led-screen", "title": { "vi": "màn hình LED", "en": "LED screen" }, "command": ["/bin/true"] } ] }"#
        let marked = try WatchConfiguration(parsing: [0xEF, 0xBB, 0xBF] + Array(text.utf8), watches: Party.borderGuard.watches)
        #expect(marked == (try read(text)))
        let littleEndian: [UInt8] = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let bigEndian: [UInt8] = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for bytes in [[0xFF, 0xFE] + littleEndian, littleEndian, bigEndian] {
            #expect {
                try WatchConfiguration(parsing: bytes, watches: Party.borderGuard.watches)
            } throws: { "\($0)".contains("the text is in UTF-16; save it as UTF-8") }
        }
    }
}

@Suite struct WatchFileTests {
    private static let valid = #"{"devices":[{"id":"led-screen","title":{"vi":"màn hình LED","en":"LED screen"},"command":["/bin/true"]}]}"#

    /// A file in a directory of its own, which goes with the test.
    private func withFile(_ body: (String) throws -> Void) throws {
        let directory = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory.appending(path: "monitor.json").path(percentEncoded: false))
    }

    @Test("a file that is not there names nothing; one that was named is missing") func missing() throws {
        try withFile { path in
            var usual = WatchFile(path, mayBeMissing: true, watches: Party.police.watches)
            #expect(usual.look() == .found(WatchConfiguration()))
            #expect(usual.fault == nil)
            var named = WatchFile(path, mayBeMissing: false, watches: Party.police.watches)
            #expect(named.look() == .wrong)
            #expect(named.fault?.en.contains("there is no such file") == true)
        }
    }

    @Test("a file is read again when it changes, and what is wrong with it is known until it is mended") func changes() throws {
        try withFile { path in
            func write(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }
            var file = WatchFile(path, mayBeMissing: true, watches: Party.borderGuard.watches)
            try write(#"{"devices": ["#)
            #expect(file.look() == .wrong)
            #expect(file.look() == .unchanged)
            #expect(file.fault?.en.contains("no JSON") == true)
            try write(WatchFileTests.valid)
            guard case .found(let configuration) = file.look() else {
                Issue.record("a valid file was not taken")
                return
            }
            #expect(configuration.devices.map(\.id) == ["led-screen"])
            #expect(file.fault == nil)
            #expect(file.look() == .unchanged)
            try write(#"{"devices": 5}"#)
            #expect(file.look() == .wrong)
            try FileManager.default.removeItem(atPath: path)
            #expect(file.look() == .found(WatchConfiguration()))
        }
    }

    @Test("what is no file of a sensible size is not read") func sizes() throws {
        try withFile { path in
            var file = WatchFile(path, mayBeMissing: true, watches: Party.borderGuard.watches)
            try Data(repeating: 0x20, count: WatchFile.limitBytes + 1).write(to: URL(filePath: path))
            #expect(file.look() == .wrong)
            #expect(file.fault?.en.contains("more than 1048576 bytes") == true)
            try FileManager.default.removeItem(atPath: path)
            #expect(mkfifo(path, 0o600) == 0)
            #expect(file.look() == .wrong)
            #expect(file.fault?.en.contains("no regular file") == true)
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            #expect(file.look() == .unchanged || file.fault != nil)
        }
    }
}
