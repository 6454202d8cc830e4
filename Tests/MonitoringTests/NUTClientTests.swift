import Foundation
import Testing
import Values

@testable import Monitoring

private func client(_ port: UInt16, username: String? = nil, password: String? = nil, timeout: Span = .seconds(5)) -> NUTClient {
    NUTClient(NUTClient.Configuration(port: port, username: username, password: password, connectTimeout: timeout, replyTimeout: timeout))
}

/// What trouble a question ends in; nil if it is answered.
private func trouble<T>(_ question: () async throws -> T) async -> NUTError.Code? {
    do {
        _ = try await question()
        return nil
    } catch {
        return (error as? NUTError)?.code
    }
}

@Suite struct NUTClientTests {
    // MARK: A real upsd

    @Test func `a real upsd is read: its UPSes, their variables, status, charge and runtime`() async throws {
        try await NUTServer.with { server async throws in
            let client = client(server.port)
            // Until the driver has given its first data, upsd says "WAIT".
            #expect(await eventually { (try? await client.reading(of: "gate"))?.status.flags == ["OL"] })
            #expect(try await client.upses() == ["gate": "UPS \"LED\" at the gate"])
            let reading = try await client.reading(of: "gate")
            #expect(reading == UPSReading(status: UPSStatus("OL"), chargePercent: 100, runtime: .hours(1)))
            #expect(try await client.variables(of: "gate")["driver.name"] == "dummy-ups")
            #expect(try await client.variable("ups.status", of: "gate") == "OL")
            #expect(await trouble { try await client.variable("ups.nonsense", of: "gate") } == .refused(.variableNotSupported))
            #expect(await trouble { try await client.reading(of: "no such UPS") } == .refused(.unknownUPS))
            #expect(await trouble { try await client.variables(of: "nowhere") } == .refused(.unknownUPS))
            let named = NUTClient(NUTClient.Configuration(port: server.port, username: "watch", password: "open \"sesame\""))
            #expect(try await named.reading(of: "gate").status.flags == ["OL"])
        }
    }

    @Test func `a UPS that knows neither charge nor runtime is read all the same`() async throws {
        try await NUTServer.with(plays: ["ups.status: OL BOOST"]) { server async throws in
            let client = client(server.port)
            #expect(await eventually { (try? await client.reading(of: "gate")) == UPSReading(status: UPSStatus("OL BOOST")) })
        }
    }

    @Test func `the power goes and comes back at a real UPS, and the monitor says when`() async throws {
        try await NUTServer.with { server async throws in
            let client = client(server.port)
            var monitor = PowerMonitor(blip: .seconds(1), contactLimit: .seconds(30))
            var events: [PowerEvent] = []
            /// Reads until something that was looked for is said.
            func watched(_ wanted: (PowerEvent) -> Bool) async -> Bool {
                await eventually(withinSeconds: 20) {
                    let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
                    do {
                        events += monitor.wasRead(try await client.reading(of: "gate"), at: now)
                    } catch {
                        events += monitor.contactFailed("\(error)", at: now)
                    }
                    return events.contains(where: wanted)
                }
            }
            #expect(await eventually { (try? await client.reading(of: "gate"))?.status.flags == ["OL"] })
            try server.plays(["ups.status: OB DISCHRG", "battery.charge: 80", "battery.runtime: 900"])
            #expect(await watched { if case .outage(_, lastKnownGood: .some) = $0 { true } else { false } })
            try server.plays(["ups.status: OB DISCHRG LB", "battery.charge: 8", "battery.runtime: 60"])
            #expect(await watched { if case .lowBattery(_, chargePercent: 8, runtime: .minutes(1)) = $0 { true } else { false } })
            try server.plays(["ups.status: OL CHRG", "battery.charge: 9", "battery.runtime: 70"])
            #expect(await watched { if case .restored = $0 { true } else { false } })
            guard events.count == 3, case .outage(let since, _) = events[0], case .restored(let at, let lostAt) = events[2] else {
                Issue.record("said: \(events)")
                return
            }
            #expect(since == lostAt && at > since)
        }
    }

    @Test func `a driver that stands still is stale, one that died is not connected, and both come back`() async throws {
        try await NUTServer.with { server async throws in
            let client = client(server.port)
            #expect(await eventually { (try? await client.reading(of: "gate"))?.status.flags == ["OL"] })
            server.freezeDriver(true)
            #expect(await eventually(withinSeconds: 30) { await trouble { try await client.reading(of: "gate") } == .refused(.dataStale) })
            server.freezeDriver(false)
            #expect(await eventually(withinSeconds: 30) { await trouble { try await client.reading(of: "gate") } == nil })
            server.killDriver()
            #expect(await eventually { await trouble { try await client.reading(of: "gate") } == .refused(.driverNotConnected) })
            #expect(await trouble { try await client.variables(of: "gate") } == .refused(.driverNotConnected))
            try server.startDriver()
            #expect(await eventually(withinSeconds: 30) { await trouble { try await client.reading(of: "gate") } == nil })
            server.killServer()
            #expect(await trouble { try await client.reading(of: "gate") } == .connectFailed)
            try server.startServer()
            #expect(await eventually { await trouble { try await client.reading(of: "gate") } == nil })
        }
    }

    // MARK: What a real upsd does not do

    @Test(arguments: [
        ("ERR ACCESS-DENIED\n", NUTError.Code.refused(.accessDenied)), ("ERR DATA-STALE\n", .refused(.dataStale)),
        ("ERR DRIVER-NOT-CONNECTED\n", .refused(.driverNotConnected)), ("ERR UNKNOWN-UPS\n", .refused(.unknownUPS)),
        ("ERR INVALID-PASSWORD\n", .refused(.credentials)), ("ERR FEATURE-NOT-CONFIGURED more\n", .refused(.other("FEATURE-NOT-CONFIGURED"))),
        ("ERR\n", .refused(.other("ERR without a name"))), ("VAR gate ups.status \"OL\n", .malformed), ("VAR other ups.status \"OL\"\n", .malformed),
        ("VAR gate ups.status OL extra\n", .malformed), ("\n", .malformed), ("HTTP/1.1 400 Bad Request\r\n", .malformed),
        (String(repeating: "x", count: 5_000) + "\n", .tooLong), (String(repeating: "x", count: 100_000), .tooLong),
    ])
    func `what is no answer is an error that says which`(answer: String, code: NUTError.Code) async throws {
        let server = try LoopbackServer { _ in answer }
        #expect(await trouble { try await client(server.port).variable("ups.status", of: "gate") } == code)
    }

    @Test func `an answer may come in pieces, with escapes, and with a carriage return`() async throws {
        let server = try LoopbackServer { line in line == "GET VAR gate ups.id" ? "VAR gate ups.id \"a \\\"b\\\" \\\\c\"\r\n" : nil }
        #expect(try await client(server.port).variable("ups.id", of: "gate") == #"a "b" \c"#)
    }

    @Test func `a list that does not end is cut off`() async throws {
        let endless = "BEGIN LIST VAR gate\n" + (0..<3_000).map { "VAR gate v\($0) \"1\"\n" }.joined()
        let server = try LoopbackServer { _ in endless }
        #expect(await trouble { try await client(server.port).variables(of: "gate") } == .tooLong)
    }

    @Test func `a server that closes, or is not there, or never answers, is told apart within the time allowed`() async throws {
        let closing = try LoopbackServer { _ in nil }
        #expect(await trouble { try await client(closing.port).reading(of: "gate") } == .closed)
        #expect(await trouble { try await client(try LoopbackServer.freePort()).reading(of: "gate") } == .connectFailed)
        let silent = try LoopbackServer()
        let start = ContinuousClock.now
        #expect(await trouble { try await client(silent.port, timeout: .milliseconds(300)).reading(of: "gate") } == .timedOut)
        #expect(ContinuousClock.now - start < .seconds(3))
        let dripping = try LoopbackServer { _ in "VAR gate" }
        #expect(await trouble { try await client(dripping.port, timeout: .milliseconds(300)).reading(of: "gate") } == .timedOut)
        let nowhere = NUTClient(NUTClient.Configuration(host: "no-such-host.invalid"))
        #expect(await trouble { try await nowhere.upses() } == .connectFailed)
    }

    @Test func `a name with a line end in it is not sent`() async throws {
        let server = try LoopbackServer { _ in "OK\n" }
        #expect(await trouble { try await client(server.port).reading(of: "gate\nFSD gate") } == .cannotSend)
        #expect(await trouble { try await client(server.port, username: "a\nb").reading(of: "gate") } == .cannotSend)
    }

    @Test func `user and password go first, and a refusal does not repeat the password`() async throws {
        let server = try LoopbackServer { line in line.hasPrefix("PASSWORD") ? "ERR INVALID-PASSWORD\n" : "OK\n" }
        let error = await #expect(throws: NUTError.self) { try await client(server.port, username: "watch", password: "s3cret").upses() }
        #expect(error?.code == .refused(.credentials))
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.description.contains("upsd.users") == true)
    }
}

extension Span {
    fileprivate static func milliseconds(_ count: Int64) -> Span { Span(milliseconds: count) }
}

@Suite struct NUTLineTests {
    @Test(arguments: [
        ("VAR su700 ups.status \"OL CHRG\"", ["VAR", "su700", "ups.status", "OL CHRG"]), ("  a   b\t", ["a", "b"]), ("", []),
        (#"a "b \"c\" \\d""#, ["a", #"b "c" \d"#]), (#""""#, [""]), (#"a\ b"#, ["a b"]), (#"a"b c"d"#, ["ab cd"]),
    ])
    func `words are separated by spaces, quoted and escaped`(line: String, words: [String]) {
        #expect(NUTLine.words(line) == words)
    }

    @Test(arguments: [#""a"#, #"a\"#, #"a "b\""#])
    func `an open quote or a backslash at the end is no line`(line: String) {
        #expect(NUTLine.words(line) == nil)
    }

    @Test(arguments: [["GET", "VAR", "a b", "c"], [""], [#"a"b"#, #"c\d"#], ["Đồn Biên phòng"], ["a#b", "c=d"]])
    func `what is written is read back`(words: [String]) {
        #expect(NUTLine.line(words).flatMap(NUTLine.words) == words)
    }

    @Test func `a control character makes no line`() {
        for word in ["a\nb", "a\rb", "a\0b", "a\u{7F}b"] { #expect(NUTLine.line(["GET", word]) == nil) }
    }
}
