import Coordination
import Regulation
import Values

/// What a state amounts to, in one line, with the digest by which it can be compared.
public struct StateSummary: Sendable {
    private let ledger: String
    private let records: Int64
    private let digest: String
    private let source: String?
    private let leads: Bool

    /// Of a state.
    public init(_ state: LedgerState) {
        (ledger, records, digest, source, leads) = (state.ledgerID ?? "?", Int64(state.recordCount), state.digest, nil, false)
    }

    /// Of a coordinator's answer to "digest"; nil where it is none.
    public init?(answer: JSON) {
        guard let instance = answer["answeredBy"]?.string, let records = answer["records"]?.int, let digest = answer["digest"]?.string else { return nil }
        (ledger, self.records, self.digest) = (answer["ledger"]?.string ?? "?", records, digest)
        (source, leads) = (instance, answer["leads"]?.bool == true)
    }

    /// Which coordinator has it.
    public var instance: String? { source }

    /// The line.
    public func line(_ language: Language) -> String {
        let vi = language == .vi
        let role = leads ? (vi ? ", đang chủ trì" : ", which leads") : ""
        let who = source.map { (vi ? "máy điều phối " : "coordinator ") + shown($0) + role + ": " } ?? ""
        let text = vi ? "sổ \(shown(ledger)), \(records) bản ghi, mã kiểm tra trạng thái " : "ledger \(shown(ledger)), \(records) records, digest of the state "
        return who + text + shown(digest)
    }
}
