import Regulation
import Values

/// What happens at the gate at any hour of any day: devices, power, letters at the station, suspicions.
extension WorkingDay {
    mutating func watchTheGate() {
        if once(in: 4) { breakDevice() }
        if once(in: 20) { cutPower() }
        if once(in: 40) { maintain() }
        if once(in: 30) { suspect() }
        if once(in: 60) { challenge() }
        if once(in: 12) { takeLetterAtTheStation() }
        if once(in: 90) { loseAccount() }
    }

    // MARK: Devices

    /// The devices that fail: two of those of which there are several, and twice what must be in operation. None where nobody watches any.
    private var devices: [String] {
        guard let shownBy = regulation.operations.first?.shownBy, regulation.usualSender(of: shownBy) != nil, regulation.failureType != nil else { return [] }
        return regulation.operations.map(\.device) + regulation.devices.flatMap { $0.isNumbered ? ["\($0.id)-1", "\($0.id)-2"] : [$0.id] }
    }

    /// The duty to tell of a failure, with the minutes in which it is owed, and in which a superior hears that it was not done.
    private var telling: (duty: Duty, due: Int64, raised: Int64)? {
        let type = regulation.verb("notifies")?.type
        for duty in regulation.duties where duty.alternativeTo == nil && duty.fulfilledBy.contains(where: { $0.type == type }) {
            guard case .within(let span) = duty.due.cases.first?.term, span > .minutes(10) else { continue }
            let due = span.milliseconds / 60_000
            let raised =
                duty.ladder.compactMap { rung -> Int64? in if case .after(let span) = rung.moment { span.milliseconds / 60_000 } else { nil } }.min() ?? 0
            return (duty, due, due + raised)
        }
        return nil
    }

    private mutating func breakDevice() {
        guard let device = one(of: devices), let failure = regulation.failureType, let telling, let guardian = parties("notifies").first else { return }
        let name = caseName(of: failure.name)
        let lead = regulation.lead
        let failed = random.next(in: 0...1300)
        at(failed, "\(device) fails as \(name)")
        if once(in: 8) {
            let seen = failed + random.next(in: 3...50)
            at(seen, "\(device) recovers")
            at(seen + 1, act("dismisses", name, by: guardian))
            return at(seen + 4, act("agrees-to", name, by: lead))
        }
        // Most are told well within the time, some late, a few by telephone.
        let isLate = once(in: 10)
        let told = failed + (isLate ? telling.due + random.next(in: 1...40) : random.next(in: 4...telling.due - 5))
        if once(in: 6) {
            at(told, act("telephones", name, by: guardian))
            at(told + random.next(in: 1...10), act("confirms-call", name, by: lead))
        }
        at(told + 11, act("notifies", name, by: guardian))
        if told + 11 > failed + telling.raised { at(failed + telling.raised + random.next(in: 2...12), act("opens-report", name)) }
        if isLate { at(told + 15, act("explains", "obligation=\(telling.duty.id)/\(name) reason=\"mất liên lạc\"", by: guardian)) }
        let known = told + 11
        at(known + random.next(in: 1...20), act("acknowledges", name))
        at(known + random.next(in: 21...150), act("briefs", name))
        at(known + random.next(in: 30...260), act("contains", name, by: guardian))
        at(known + random.next(in: 261...600), act("plans", name))
        let back = known + random.next(in: 10...1500)
        at(back, "\(device) recovers")
        at(back + random.next(in: 1...60), act("resolves", name, by: guardian))
    }

    private mutating func cutPower() {
        for thing in Set(regulation.verbs.compactMap(\.things.first)).sorted() {
            guard let fails = regulation.verb("fails", of: thing), let returns = regulation.verb("returns", of: thing) else { continue }
            guard [fails, returns].allSatisfy({ regulation.usualSender(of: $0.type) != nil }) else { continue }
            let name = caseName(of: fails.type)
            let cut = random.next(in: 0...1200)
            at(cut, "\(thing) fails as \(name)")
            at(cut + random.next(in: 2...50), "\(thing) returns \(name)")
        }
    }

    /// A device that need not be in operation is worked on, as announced; it is mostly back before the window ends.
    private mutating func maintain() {
        let needed = Set(regulation.operations.map(\.device))
        let spare = regulation.devices.map { $0.isNumbered ? "\($0.id)-3" : $0.id }.last { !needed.contains($0) }
        guard !devices.isEmpty, let device = spare, let failure = regulation.failureType, let guardian = parties("announces-window").first else { return }
        let announced = 7 * 60 + random.next(in: 0...60)
        let (begin, end) = (announced + 60, announced + 60 + random.next(in: 60...180))
        let window = caseName("announces-window")
        let what = "kind=maintenance devices=[\"\(device)\"] from=\(time(begin)) until=\(time(end)) reason=\"bảo trì định kỳ\""
        at(announced, act("announces-window", "as \(window) \(what)", by: guardian))
        at(announced + random.next(in: 5...40), act("agrees-to", window, by: regulation.lead))
        let name = caseName(of: failure.name, "BT")
        at(begin + 5, "\(device) fails as \(name)")
        let back = once(in: 6) ? end + random.next(in: 5...50) : end - random.next(in: 2...30)
        at(back, "\(device) recovers")
        at(back + 1, act("resolves", name, by: guardian))
        if back > end { at(back + 5, act("notifies", name, by: guardian)) }
    }

    // MARK: What people do

    private mutating func suspect() {
        guard let party = one(of: agencies("suspects")) else { return }
        let name = caseName("suspects")
        let seen = random.next(in: 0...1400)
        let ended = seen + random.next(in: 600...30_000)
        at(seen, act("suspects", "as \(name)", by: party))
        if once(in: 4) { return at(ended, act("transfers-violation", name)) }
        at(ended, act("handles", name))
        if !once(in: 6) { at(ended + random.next(in: 600...40_000), act("records-conduct", "\(name) kind=conclusion")) }
    }

    private mutating func challenge() {
        guard let party = one(of: agencies("challenges")) else { return }
        let name = caseName("challenges")
        let seen = random.next(in: 420...1300)
        at(seen, act("challenges", "as \(name)", by: party))
        let ends = ["withdraws", "withdraws", "upholds"].compactMap { act($0, name) }
        at(seen + random.next(in: 2...25), one(of: ends))
    }

    private mutating func takeLetterAtTheStation() {
        // Whom the text names first has the box; the others have doors.
        guard let party = one(of: Array(agencies("forwards").dropFirst())) else { return }
        let name = caseName("receives-feedback", "DON")
        let received = random.next(in: 360...1200)
        guard let taken = act("receives-feedback", "as \(name)", by: party) else { return }
        at(received, taken)
        let forwarded = received + (once(in: 8) ? random.next(in: 241...400) : random.next(in: 5...235))
        at(forwarded, act("forwards", name, by: party))
        let ends = ["answers", "answers", "transfers"].compactMap { act($0, name) }
        at(forwarded + random.next(in: 60...9000), one(of: ends))
    }

    private mutating func loseAccount() {
        guard let party = one(of: agencies("reports-compromise")) else { return }
        let name = caseName("reports-compromise")
        let found = random.next(in: 420...1200)
        let told = found + (once(in: 4) ? random.next(in: 61...200) : random.next(in: 2...50))
        at(told, act("reports-compromise", "as \(name) discoveredAt=\(time(found))", by: party))
        at(told + (once(in: 4) ? random.next(in: 61...120) : random.next(in: 2...50)), act("revokes", name))
    }
}
