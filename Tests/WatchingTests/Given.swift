import Values

/// The offset of Lào Cai.
let local = Span.hours(7)

/// An instant of Saturday 14 March 2026, or of so many days later, by the clock of Lào Cai: `at("19:12")`, `at("00:30", day: 1)`.
func at(_ time: String, day: Int = 0) -> Instant {
    guard let time = TimeOfDay(time) else { preconditionFailure("\(time) is no time of day") }
    return Instant(saturday.advanced(by: day), time, offset: local)
}

/// 14 March 2026.
let saturday = CivilDate(daysSinceEpoch: 20_526)
