import Values

/// What bears on an obligation beside the messages of its case.
struct Circumstances: Sendable {
    /// Who received what, by the message's id.
    var receipts: [String: [Receipt]]
    /// The maintenance that was announced.
    var windows: [PlannedTime]
    /// What monitors said of the device of the case: the last before somebody said that it was over, and all since.
    var changes: [DeviceChange] = []
    /// The working days as they are known now; nil before the first text.
    var days: WorkingDays?
    /// What was said of days after they had begun.
    var claimedDays: [ClaimedDay] = []
    /// The rules of the text in force.
    var inForce: Rules?
    /// Up to which instant the ledger is known.
    var reached: Instant?
}
