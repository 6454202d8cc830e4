import Regulation
import Testing
import Values

/// How much of what is announced holds clocks back, and by whose word (duties, reading 16).
@Suite struct MaintenanceRuleTests {
    private let rule = Regulation.standard.maintenance
    private let calendar = Regulation.standard.calendar

    /// `13 08:00` in May 2026.
    private func at(_ text: String) -> Instant {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 2, let day = Int(parts[0]), let date = CivilDate(year: 2026, month: 5, day: day), let time = TimeOfDay(parts[1]) else {
            preconditionFailure("no time: \(text)")
        }
        return calendar.instant(date, time)
    }

    private func window(
        _ subject: String, _ from: String, _ until: String, announced: String = "1 00:00", agreed: String? = nil, devices: Set<String>? = ["led-screen"],
        kind: String = "maintenance", isNumbered: Bool = false
    ) -> AnnouncedWindow {
        AnnouncedWindow(
            subject: subject, kind: kind, devices: devices, from: at(from), until: at(until), announcedAt: at(announced), agreedAt: agreed.map(at),
            isNumbered: isNumbered)
    }

    /// What holds, as `13 08:00–13 09:00`.
    private func held(_ windows: AnnouncedWindow..., device: String? = "led-screen") throws -> [String] {
        let times: [HeldTime] = try #require(rule).held(windows, in: calendar)
        func clock(_ instant: Instant) -> String {
            let local = calendar.local(instant)
            return "\(local.date.day) \(local.timeOfDay)"
        }
        return times.filter { time in time.devices.map { devices in device.map { devices.contains($0) } ?? false } ?? true }
            .map { "\(clock($0.range.lowerBound))–\(clock($0.range.upperBound))" }
    }

    @Test func anHourByDayHoweverManyWindows() throws {
        #expect(
            try held(
                window("A", "13 08:00", "13 09:00"), window("B", "13 09:00", "13 10:00"), window("C", "13 10:00", "13 11:00"),
                window("D", "13 11:00", "13 22:00")) == ["13 08:00–13 09:00"])
        #expect(try held(window("A", "13 10:00", "13 10:20"), window("B", "13 14:00", "13 18:00")) == ["13 10:00–13 10:20", "13 14:00–13 14:40"])
    }

    @Test func theSameHourEveryDay() throws {
        #expect(
            try held(window("A", "13 08:00", "13 09:00"), window("B", "14 08:00", "14 09:00"), window("C", "15 08:00", "15 10:00")) == [
                "13 08:00–13 09:00", "14 08:00–14 09:00", "15 08:00–15 09:00",
            ])
        // An hour earlier the next day, and the hour of the day before still counts in part.
        #expect(try held(window("A", "13 08:00", "13 09:00"), window("B", "14 07:30", "14 08:30")) == ["13 08:00–13 09:00", "14 08:00–14 08:30"])
    }

    @Test func eightHoursByNightAndTheHourBeside() throws {
        #expect(try held(window("A", "13 22:00", "14 07:00")) == ["13 22:00–14 06:00"])
        #expect(try held(window("A", "13 21:30", "14 08:00")) == ["13 21:30–14 06:00", "14 07:00–14 07:30"])
    }

    @Test func moreWithTheLeadsWord() throws {
        #expect(try held(window("A", "13 08:00", "13 16:00", agreed: "12 10:00")) == ["13 08:00–13 16:00"])
        #expect(try held(window("A", "13 08:00", "13 16:00", agreed: "13 08:40")) == ["13 08:00–13 08:40", "13 08:40–13 16:00"])
        #expect(try held(window("A", "13 08:00", "13 16:00", agreed: "13 12:00")) == ["13 08:00–13 09:00", "13 12:00–13 16:00"])
    }

    @Test func mostOfTheDevicesNeedIt() throws {
        #expect(try held(window("A", "13 08:00", "13 09:00", devices: nil)) == [])
        #expect(try held(window("A", "13 08:00", "13 09:00", devices: ["led-screen", "kiosk-1", "kiosk-2"])) == [])
        // Told in pieces it is the same.
        #expect(
            try held(
                window("A", "13 08:00", "13 09:00", devices: ["kiosk-1"]), window("B", "13 08:30", "13 09:30", devices: ["kiosk-2"]),
                window("C", "13 08:40", "13 09:00", devices: ["led-screen"])) == [])
        #expect(try held(window("A", "13 08:00", "13 09:00", agreed: "13 07:00", devices: nil)) == ["13 08:00–13 09:00"])
    }

    @Test func aSuppliersCutHoldsForItsLength() throws {
        func cut(_ until: String, announced: String, isNumbered: Bool = true, kind: String = "power-cut") -> AnnouncedWindow {
            window("A", "13 08:00", until, announced: announced, devices: nil, kind: kind, isNumbered: isNumbered)
        }
        #expect(try held(cut("13 18:00", announced: "12 08:00")) == ["13 08:00–13 18:00"])
        #expect(try held(cut("13 22:00", announced: "12 08:00")) == ["13 08:00–13 20:00"])
        #expect(try held(cut("13 18:00", announced: "12 08:01")) == [])
        #expect(try held(cut("13 18:00", announced: "12 08:00", isNumbered: false)) == [])
        #expect(try held(cut("13 18:00", announced: "12 08:00", kind: "order")) == [])
    }

    @Test func whatIsAnnouncedAfterItsBeginning() throws {
        #expect(try held(window("A", "13 08:00", "13 12:00", announced: "13 08:30")) == ["13 08:30–13 09:30"])
    }

    @Test func whetherItNeedsTheLeadsWord() throws {
        let rule = try #require(rule)
        func needs(_ window: AnnouncedWindow, _ others: AnnouncedWindow...) -> Bool { rule.needsAgreement(window, among: others + [window], in: calendar) }
        #expect(!needs(window("A", "13 08:00", "13 09:00")))
        #expect(needs(window("A", "13 08:00", "13 09:01")))
        #expect(needs(window("B", "13 09:00", "13 09:30"), window("A", "13 08:00", "13 09:00")))
        #expect(!needs(window("A", "13 08:00", "13 12:00", agreed: "12 08:00")))
        #expect(needs(window("A", "13 08:00", "13 09:00", devices: nil)))
        #expect(!needs(window("A", "13 08:00", "13 09:00", announced: "11 08:00", devices: nil, kind: "power-cut", isNumbered: true)))
    }

    /// What was held back before a window was announced, closed or agreed to stays as it was: nobody is made late, or punctual, backwards.
    @Test(arguments: 0..<200) func nothingChangesBackwards(_ seed: Int) throws {
        let rule = try #require(rule)
        var random = SplitMix(UInt64(seed))
        var windows: [AnnouncedWindow] = []
        var now = at("1 00:00")
        func before(_ instant: Instant, _ held: [HeldTime]) -> Set<String> {
            var parts: Set<String> = []
            for part in held where part.range.lowerBound < instant {
                for device in part.devices?.sorted() ?? ["*"] {
                    // By the minute, since parts may be cut in pieces elsewhere.
                    var minute = part.range.lowerBound
                    while minute < min(part.range.upperBound, instant) {
                        parts.insert("\(device) \(minute.milliseconds)")
                        minute = minute + .minutes(1)
                    }
                }
            }
            return parts
        }
        for number in 0..<12 {
            let known = before(now, rule.held(windows, in: calendar))
            switch random.next(in: 0...5) {
            case 0 where !windows.isEmpty:
                let index = random.next(in: 0...windows.count - 1)
                if windows[index].closedAt == nil { windows[index].closedAt = now }
            case 1 where !windows.isEmpty:
                let index = random.next(in: 0...windows.count - 1)
                if windows[index].agreedAt == nil { windows[index].agreedAt = now }
            default:
                let from = now + .minutes(Int64(random.next(in: -120...1500)))
                let devices = Set((0...random.next(in: 0...2)).map { _ in ["led-screen", "kiosk-1", "kiosk-2", "audio"][random.next(in: 0...3)] })
                windows.append(
                    AnnouncedWindow(
                        subject: "W\(number)", kind: "maintenance", devices: random.next(in: 0...9) == 0 ? nil : devices, from: from,
                        until: from + .minutes(Int64(random.next(in: 10...900))), announcedAt: now))
            }
            let held = rule.held(windows, in: calendar)
            #expect(before(now, held) == known, "seed \(seed), step \(number)")
            now = now + .minutes(Int64(random.next(in: 1...600)))
        }
    }
}

/// Steele, Lea, Flood: SplitMix64.
private struct SplitMix {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next(in range: ClosedRange<Int>) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return range.lowerBound + Int((z ^ (z >> 31)) % UInt64(range.count))
    }
}
