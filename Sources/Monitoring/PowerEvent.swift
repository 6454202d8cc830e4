import Values

/// What a power monitor has to say.
public enum PowerEvent: Hashable, Sendable {
    /// The supply is lost: duty power.supply (article 9.2) runs from `since`, the first reading that showed it. `lastKnownGood` is the last one before
    /// that showed it present.
    case outage(since: Instant, lastKnownGood: Instant?)
    /// In an outage the battery is nearly empty. Said once an outage.
    case lowBattery(at: Instant, chargePercent: Double?, runtime: Span?)
    /// The supply is back since `at`, the first reading that showed it; it was lost at `lostAt`.
    case restored(at: Instant, lostAt: Instant)
    /// Nothing has been known of the supply since this instant; why, as a sentence.
    case monitorLost(since: Instant, reason: String)
    /// The supply is watched again; it was not since `lostAt`.
    case monitorReturned(at: Instant, lostAt: Instant)
    /// The UPS says something, for so long now that it is no passing word, that a person should know. Said again after an hour at the earliest, or where the
    /// battery has lost another tenth meanwhile.
    case remark(UPSRemark, UPSReading)
}
