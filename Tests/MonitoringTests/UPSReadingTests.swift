import Foundation
import Testing
import Values

@testable import Monitoring

@Suite struct UPSReadingTests {
    @Test(arguments: [
        ("OL", UPSStatus.Supply.present(testing: false)), ("OL CHRG", .present(testing: false)), ("OL LB CHRG", .present(testing: false)),
        ("OL DISCHRG", .present(testing: false)), ("OL TRIM", .present(testing: false)), ("OL BOOST", .present(testing: false)),
        ("OL ECO", .present(testing: false)), ("OL HB RB OVER ALARM", .present(testing: false)), ("ALARM OL", .present(testing: false)),
        ("FSD OL", .present(testing: false)), ("OL BYPASS", .present(testing: false)), ("BYPASS", .present(testing: false)), ("ECO", .present(testing: false)),
        ("TRIM", .present(testing: false)), ("BOOST", .present(testing: false)), ("OL COMMOK VENDOR-9", .present(testing: false)),
        ("OL CAL", .present(testing: true)), ("CAL OL DISCHRG", .present(testing: true)), ("OL TEST", .present(testing: true)),
        ("FSD OL CAL", .present(testing: true)),
        ("OB", .lost(batteryLow: false)), ("OB DISCHRG", .lost(batteryLow: false)), ("OB LB", .lost(batteryLow: true)),
        ("LB DISCHRG OB", .lost(batteryLow: true)),
        ("OL OB", .lost(batteryLow: false)), ("OB BYPASS", .lost(batteryLow: false)), ("OB RB ALARM", .lost(batteryLow: false)),
        ("OFF", .lost(batteryLow: false)),
        ("OL OFF", .lost(batteryLow: false)), ("OFF LB", .lost(batteryLow: true)), ("OB OFF", .lost(batteryLow: false)), ("FSD", .lost(batteryLow: true)),
        ("FSD OB", .lost(batteryLow: true)), ("FSD OB LB", .lost(batteryLow: true)), ("FSD CAL OB DISCHRG LB", .lost(batteryLow: true)),
        ("FSD CAL", .lost(batteryLow: true)), ("OB CAL", .testing), ("CAL OB DISCHRG LB", .testing), ("OB TEST", .testing), ("CAL", .testing),
        ("OFF CAL", .testing),
        ("CAL DISCHRG", .testing), ("", .unsaid), ("   ", .unsaid), ("WAIT", .unsaid), ("LB", .unsaid), ("CHRG", .unsaid), ("DISCHRG", .unsaid),
        ("ALARM", .unsaid),
        ("RB", .unsaid), ("ol", .unsaid), ("OLD OBSOLETE", .unsaid), ("\u{0}OL", .unsaid),
    ])
    func `flags say of the supply what they mean, whatever stands beside them`(status: String, supply: UPSStatus.Supply) {
        #expect(UPSStatus(status).supply == supply)
        #expect(UPSStatus(String(status.split(separator: " ").reversed().joined(separator: "  "))).supply == supply)
    }

    @Test func `a status of any length is read`() {
        let status = UPSStatus(String(repeating: "X ", count: 100_000) + "OL")
        #expect(status.flags.count == 50)
        #expect(status.supply == .unsaid)
    }

    @Test(arguments: [
        ("100", 100.0), ("96.6", 96.6), ("96,6", 96.6), ("0", 0), (" 42 ", 42), ("100.4", 100), ("104", 100), ("9.5e1", 95), ("+7", 7), ("-0", 0), ("255", nil),
        ("65535", nil), ("-1", nil), ("nan", nil), ("inf", nil), ("1e999", nil), ("0x20", nil), ("", nil), ("N/A", nil), ("50 %", nil), ("1,234", nil),
        ("1.2.3", nil),
        ("5.", 5), (".5", 0.5), ("-", nil), (".", nil), ("1e", nil),
    ])
    func `a charge is what a battery can hold, or left out`(text: String, charge: Double?) {
        #expect(UPSReading(status: "OL", charge: text, runtime: nil).chargePercent == charge)
    }

    @Test(arguments: [
        ("1800", Span.seconds(1800)), ("1800.4", Span(milliseconds: 1_800_400)), ("1.8e3", .seconds(1800)), ("65535", .seconds(65_535)), ("0", .zero),
        ("2678400", .days(31)), ("2678401", nil), ("4294967295", nil), ("10000000000000000", nil), ("9223372036854775807", nil),
        ("1e18", nil), ("1e400", nil), ("-1", nil), ("-1e300", nil), ("nan", nil), ("infinity", nil), ("", nil), ("unknown", nil),
        (String(repeating: "9", count: 5_000), nil), ("0." + String(repeating: "0", count: 5_000) + "1", .zero),
    ])
    func `a runtime is what a battery can last, or left out`(text: String, runtime: Span?) {
        #expect(UPSReading(status: "OL", charge: nil, runtime: text).runtime == runtime)
    }

    @Test func `numbers that no battery has come through a real upsd and hurt nobody`() async throws {
        try await NUTServer.with(plays: ["ups.status: OL", "battery.charge: 255", "battery.runtime: 10000000000000000"]) { server async throws in
            let client = NUTClient(NUTClient.Configuration(port: server.port, connectTimeout: .seconds(2), replyTimeout: .seconds(2)))
            #expect(await eventually { (try? await client.reading(of: "gate")) == UPSReading(status: UPSStatus("OL")) })
        }
    }
}

@Suite struct SupplyCheckTests {
    private static let data = "|voltage=0mV;;;0 battery=80%;;;0;100 load=28%;;;0;100"

    @Test(arguments: [
        // What check_ups prints, and what it returns then.
        ("UPS OK - Status=Online Utility=228.0V Batt=100.0% Load=28.0% ", 0, "OL"), ("UPS WARNING - Status=On Battery Utility=0.0V Batt=80.0% ", 1, "OB"),
        ("UPS CRITICAL - Status=On Battery, Low Battery Batt=8.0% ", 2, "OB LB"), ("UPS CRITICAL - Status=Off ", 2, "OFF"),
        ("UPS OK - Status=Online, Calibrating, Discharging ", 0, "OL CAL DISCHRG"), ("UPS WARNING - Status=On Battery, Calibrating ", 1, "OB CAL"),
        ("UPS WARNING - Status=Online, Replace Battery ", 1, "OL RB"),
        ("UPS OK - Status=Online, On Bypass, Overload, Trimming, Charging ", 0, "OL BYPASS OVER TRIM CHRG"),
        ("UPS OK - Status=Online, Boosting, Unknown ", 0, "OL BOOST Unknown"), ("UPS WARNING - Status=OnlineOn Battery ", 1, "OL OB"),
        // A bound that was set for it, with the mains there.
        ("UPS CRITICAL - Status=Online Utility=120.0V Batt=15.0% ", 2, "OL"), ("UPS OK - Status= Utility=1.0V", 0, ""),
    ])
    func `check_ups is read by its words`(summary: String, code: Int32, flags: String) {
        let result = CheckResult(ending: .exited(code), output: Array((summary + SupplyCheckTests.data).utf8))
        #expect(SupplyCheck(result, plugin: "check_ups") == .ups(UPSReading(status: UPSStatus(flags), chargePercent: 80)))
    }

    @Test(arguments: [
        "CRITICAL - UPS data is stale", "Invalid response received from host", "CRITICAL - no such ups 'gate' on that host", "Error: unable to parse variable",
        "connect to address 127.0.0.1 and port 3493: Connection refused", "Unknown error: ERR DRIVER-NOT-CONNECTED",
        "CRITICAL - Socket timeout after 10 seconds",
        "UPS CRITICAL - UPS does not support any available options", "",
    ])
    func `check_ups that could not ask the UPS knows nothing of the supply`(output: String) {
        let result = CheckResult(ending: .exited(2), output: Array(output.utf8))
        #expect(SupplyCheck(result, plugin: "check_ups") == .unseen(result.explanation))
        #expect(SupplyCheck(result, plugin: "check_ups.sh") == .unseen(result.explanation))
    }

    @Test(arguments: [
        ("RELAY OK", PluginEnding.exited(0), "present"), ("RELAY WARNING - 198 V", .exited(1), "present"), ("RELAY CRITICAL", .exited(2), "lost"),
        ("RELAY UNKNOWN", .exited(3), "unseen"), ("on battery", .exited(4), "unseen"), ("CRITICAL", .signalled(9), "unseen"),
        ("", .timedOut(after: .seconds(1)), "unseen"),
        ("", .exited(0), "present"), ("", .exited(2), "lost"), ("APC WARNING: ONBATT, 84 %", .exited(1), "lost"),
        ("UPS: On-Battery for 12 s", .exited(1), "lost"),
        ("the UPS is on battery", .exited(1), "lost"), ("WARNING: not on battery, but 198 V", .exited(1), "present"),
        ("OK: 0 s on battery", .exited(0), "present"),
        ("WARNING: battery is old", .exited(1), "present"), ("Status=On Battery", .exited(1), "lost"),
    ])
    func `any other check tells by its status, and by a warning that says on battery`(output: String, ending: PluginEnding, supply: String) {
        let result = CheckResult(ending: ending, output: Array(output.utf8))
        #expect("\(SupplyCheck(result, plugin: "check_relay"))".hasPrefix(supply))
    }

    @Test func `the real check_ups asks a real upsd, and each answer means what it means`() async throws {
        let plugin = try installed("/usr/lib/nagios/plugins/check_ups", package: "monitoring-plugins-basic")
        try await NUTServer.with { server async throws in
            func supply(_ ups: String = "gate", port: UInt16? = nil) async -> String {
                let check = Plugin(plugin, ["-H", "127.0.0.1", "-p", "\(port ?? server.port)", "-u", ups, "-t", "3"])
                switch SupplyCheck(await PluginRunner(timeout: .seconds(5)).run(check), plugin: "check_ups") {
                case .ups(let reading): return "\(reading.status), \(reading.chargePercent ?? -1)"
                case .present: return "present"
                case .lost: return "lost"
                case .unseen: return "unseen"
                }
            }
            #expect(await eventually { await supply() == "OL, 100.0" })
            for (status, charge) in [("OB DISCHRG", 80), ("OB LB", 8), ("OL CHRG", 9), ("OFF", 9), ("OL RB", 50), ("OB CAL", 40)] {
                try server.plays(["ups.status: \(status)", "battery.charge: \(charge)", "battery.runtime: 900"])
                #expect(await eventually { await supply() == "\(status), \(Double(charge))" }, "\(status)")
            }
            #expect(await supply("other") == "unseen")
            #expect(await supply(port: try LoopbackServer.freePort()) == "unseen")
            server.killDriver()
            #expect(await eventually { await supply() == "unseen" })
        }
    }
}
