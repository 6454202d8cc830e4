import Regulation
import Values

/// What happens at the gate at any hour of any day: devices, power, letters at the station, suspicions, and the day's record.
extension WorkingDay {
    mutating func watchTheGate() {
        if calendar.isWorkingDay(date) { openBox() }
        if once(in: 4) { breakDevice() }
        if once(in: 20) { cutPower() }
        if once(in: 40) { maintain() }
        if once(in: 30) { suspect() }
        if once(in: 60) { challenge() }
        if once(in: 12) { takeLetterAtTheStation() }
        if once(in: 90) { loseAccount() }
        // The day is closed by the agent, which now and then does not run.
        if !once(in: 60) { at(22 * 60 + random.next(in: 1...20), "border-guard closes-day") }
    }

    private mutating func openBox() {
        if once(in: 50) { return }
        let isLate = once(in: 25)
        at(7 * 60 + (isLate ? random.next(in: 61...110) : random.next(in: 30...59)), "economic-zone opens-box letters=\(random.next(in: 0...4))")
    }

    private mutating func breakDevice() {
        let name = "SC-\(date)"
        let device = one(of: ["led-screen", "led-screen", "kiosk-1", "kiosk-2", "audio"])
        let failed = random.next(in: 0...1300)
        at(failed, "\(device) fails as \(name)")
        if once(in: 8) {
            let seen = failed + random.next(in: 3...50)
            at(seen, "\(device) recovers")
            at(seen + 1, "border-guard dismisses \(name)")
            return at(seen + 4, "information-dept agrees-to \(name)")
        }
        // Most are told within half an hour, some late, a few by telephone.
        let isLate = once(in: 10)
        let told = failed + (isLate ? random.next(in: 61...100) : random.next(in: 4...55))
        if once(in: 6) {
            at(told, "border-guard telephones \(name)")
            at(told + random.next(in: 1...10), "information-dept confirms-call \(name)")
        }
        at(told + 11, "border-guard notifies \(name)")
        if told > failed + 90 { at(failed + 90 + random.next(in: 2...12), "peoples-committee opens-report \(name)") }
        if isLate {
            at(told + 15, "border-guard explains obligation=incident.notify-department/\(name) reason=\"mất liên lạc tại Đồn\"")
        }
        let known = told + 11
        at(known + random.next(in: 1...20), "information-dept acknowledges \(name)")
        at(known + random.next(in: 21...150), "information-dept briefs \(name)")
        at(known + random.next(in: 30...260), "border-guard contains \(name)")
        at(known + random.next(in: 261...600), "information-dept plans \(name)")
        let back = known + random.next(in: 10...1500)
        at(back, "\(device) recovers")
        at(back + random.next(in: 1...60), "border-guard resolves \(name)")
    }

    private mutating func cutPower() {
        let cut = random.next(in: 0...1200)
        at(cut, "power fails as DIEN-\(date)")
        at(cut + random.next(in: 2...50), "power returns DIEN-\(date)")
    }

    /// A kiosk is worked on, as announced; it is mostly back before the window ends.
    private mutating func maintain() {
        let announced = 7 * 60 + random.next(in: 0...60)
        let (begin, end) = (announced + 60, announced + 60 + random.next(in: 60...180))
        let name = "CS-\(date)"
        let window = "from=\(time(begin)) until=\(time(end))"
        at(announced, "border-guard announces-window as \(name) kind=maintenance devices=[\"kiosk-3\"] \(window) reason=\"bảo trì định kỳ\"")
        at(announced + random.next(in: 5...40), "information-dept agrees-to \(name)")
        let failed = begin + 5
        at(failed, "kiosk-3 fails as SC-BT-\(date)")
        let back = once(in: 6) ? end + random.next(in: 5...50) : end - random.next(in: 2...30)
        at(back, "kiosk-3 recovers")
        at(back + 1, "border-guard resolves SC-BT-\(date)")
        if back > end { at(back + 5, "border-guard notifies SC-BT-\(date)") }
    }

    private mutating func suspect() {
        let name = "VV-\(date)"
        let seen = random.next(in: 0...1400)
        let ended = seen + random.next(in: 600...30_000)
        at(seen, "\(one(of: ["economic-zone", "border-guard"])) suspects as \(name)")
        if once(in: 4) { return at(ended, "police transfers-violation \(name)") }
        at(ended, "police handles \(name)")
        if !once(in: 6) { at(ended + random.next(in: 600...40_000), "information-dept records-conduct \(name) kind=conclusion") }
    }

    private mutating func challenge() {
        let seen = random.next(in: 420...1300)
        at(seen, "culture-dept challenges as ND-\(date)")
        at(seen + random.next(in: 2...25), "information-dept \(one(of: ["withdraws", "withdraws", "upholds"])) ND-\(date)")
    }

    private mutating func takeLetterAtTheStation() {
        let name = "PA-DON-\(date)"
        let received = random.next(in: 360...1200)
        at(received, "border-guard receives-feedback as \(name)")
        let forwarded = received + (once(in: 8) ? random.next(in: 241...400) : random.next(in: 5...235))
        at(forwarded, "border-guard forwards \(name)")
        at(forwarded + random.next(in: 60...9000), "information-dept \(one(of: ["answers", "answers", "transfers"])) \(name)")
    }

    private mutating func loseAccount() {
        let name = "TK-\(date)"
        let found = random.next(in: 420...1200)
        let told = found + (once(in: 4) ? random.next(in: 61...200) : random.next(in: 2...50))
        at(told, "\(one(of: ["newspaper", "broadcaster", "culture-dept"])) reports-compromise as \(name) discoveredAt=\(time(found))")
        at(told + (once(in: 4) ? random.next(in: 61...120) : random.next(in: 2...50)), "information-dept revokes \(name)")
    }
}
