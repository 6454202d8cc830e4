import Values

/// What bears on an obligation beside the messages of its case.
struct Circumstances: Sendable {
    /// Who received what, by the message's id.
    var receipts: [String: [Receipt]]
    /// The maintenance that was announced.
    var windows: [PlannedTime]
    /// What monitors said of the device of the case: the last before somebody said that it was over, and all since.
    var changes: [DeviceChange] = []
    /// Up to which instant the ledger is known.
    var reached: Instant?
}
