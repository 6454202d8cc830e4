import Regulation
import Values

/// What the parties do every day beside what a scenario tells: the box is opened and the day closed. From a seed, people also are late or forget, devices
/// fail, the power is cut, letters come in, and every case goes through its stages; the same seed gives the same work.
struct PartiesAtWork {
    let calendar: WorkCalendar
    let seed: UInt64?

    /// The lines of a scenario that tell of it, in the order of time.
    func lines(in days: ClosedRange<CivilDate>) -> [(at: Instant, text: String)] {
        var day = Day(calendar: calendar)
        for number in days.lowerBound.daysSinceEpoch...days.upperBound.daysSinceEpoch {
            day.date = CivilDate(daysSinceEpoch: number)
            // A day's work does not depend on where the span began.
            if let seed { day.live(Random(seed: seed &+ UInt64(bitPattern: Int64(number)) &* 0x2545_F491_4F6C_DD1D)) } else { day.routine() }
        }
        return day.lines.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private struct Day {
        let calendar: WorkCalendar
        var date = CivilDate(daysSinceEpoch: 0)
        var lines: [(at: Instant, text: String)] = []

        /// So many minutes after midnight, which may be on the next day.
        private mutating func at(_ minutes: Int64, _ text: String) { lines.append((calendar.instant(date) + .minutes(minutes), text)) }

        mutating func routine() {
            if calendar.isWorkingDay(date) { at(7 * 60 + 35, "economic-zone opens-box") }
            at(22 * 60 + 5, "border-guard closes-day")
        }

        mutating func live(_ seeded: Random) {
            var random = seeded
            if calendar.isWorkingDay(date) {
                openBox(&random)
                if random.chance(2, of: 5) { takeLetter(&random) }
            }
            if random.chance(1, of: 4) { breakDevice(&random) }
            if random.chance(1, of: 20) { cutPower(&random) }
            if random.chance(1, of: 30) { suspect(&random) }
            if random.chance(1, of: 60) { challenge(&random) }
            // The day is closed by the agent, which now and then does not run.
            if !random.chance(1, of: 60) { at(22 * 60 + random.next(in: 1...20), "border-guard closes-day") }
        }

        private mutating func openBox(_ random: inout Random) {
            if random.chance(1, of: 50) { return }
            let isLate = random.chance(1, of: 25)
            at(7 * 60 + (isLate ? random.next(in: 61...110) : random.next(in: 30...59)), "economic-zone opens-box letters=\(random.next(in: 0...4))")
        }

        private mutating func takeLetter(_ random: inout Random) {
            let name = "PA-\(date)"
            let received = 8 * 60 + random.next(in: 0...120)
            at(received, "economic-zone receives-feedback as \(name)")
            at(received + random.next(in: 5...400), "economic-zone forwards \(name)")
            if random.chance(19, of: 20) { at(received + 401 + random.next(in: 60...9000), "information-dept answers \(name)") }
        }

        private mutating func breakDevice(_ random: inout Random) {
            let name = "SC-\(date)"
            let device = ["led-screen", "led-screen", "kiosk-1", "kiosk-2", "audio"][Int(random.next(in: 0...4))]
            let failed = random.next(in: 0...1300)
            at(failed, "\(device) fails as \(name)")
            if random.chance(1, of: 8) {
                let seen = failed + random.next(in: 3...50)
                at(seen, "\(device) recovers")
                return at(seen + 1, "border-guard dismisses \(name)")
            }
            // Most are told within half an hour, some late, a few by telephone.
            let told = failed + (random.chance(1, of: 10) ? random.next(in: 61...100) : random.next(in: 4...55))
            at(told, "border-guard notifies \(name)")
            at(told + random.next(in: 1...20), "information-dept acknowledges \(name)")
            at(told + random.next(in: 21...150), "information-dept briefs \(name)")
            at(told + random.next(in: 151...600), "information-dept plans \(name)")
            let back = told + random.next(in: 10...500)
            at(back, "\(device) recovers")
            at(back + random.next(in: 1...60), "border-guard resolves \(name)")
        }

        private mutating func cutPower(_ random: inout Random) {
            let cut = random.next(in: 0...1200)
            at(cut, "power fails as DIEN-\(date)")
            at(cut + random.next(in: 2...50), "power returns DIEN-\(date)")
        }

        private mutating func suspect(_ random: inout Random) {
            let seen = random.next(in: 0...1400)
            at(seen, "economic-zone suspects as VV-\(date)")
            at(seen + random.next(in: 600...30_000), "police handles VV-\(date)")
        }

        private mutating func challenge(_ random: inout Random) {
            let seen = random.next(in: 420...1300)
            at(seen, "culture-dept challenges as ND-\(date)")
            at(seen + random.next(in: 2...25), "information-dept withdraws ND-\(date)")
        }
    }
}
