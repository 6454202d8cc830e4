import AMQP
import AgentKit
import Broker
import Build
import Coordination
import Messages
import OperatorCommands
import Values

/// `phoihop ledger verify` and `state`: the ledger, or a file of it, read again from its first record.
struct LedgerReview {
    let context: Context
    /// The file; the broker's ledger where nil.
    let path: String?

    func verify() async throws(Failure) -> ExitCode {
        var audit = Audit(options: .init(rate: try context.clock().rate), isWhole: true, setAside: try await setAside())
        try await read { audit.read($0) }
        let report = AuditReport(audit)
        if context.console.json { context.console.print(report.json) } else { context.console.print(report.lines(context.language).joined(separator: "\n")) }
        return report.isInOrder ? .ok : .badData
    }

    /// What follows from the ledger, or from its first records: whole as JSON, else its digest.
    func tellState() async throws(Failure) -> ExitCode {
        let limit = try count()
        var state = LedgerState(regulation: try context.regulation(), options: .init(rate: try context.clock().rate), setAside: try await setAside())
        try await read { if limit.map({ state.recordCount < $0 }) ?? true { state.evolve($0) } }
        if let limit, state.recordCount < limit {
            throw Failure(
                .badData, vi: "Sổ chỉ có \(state.recordCount) bản ghi.", en: "The ledger has \(state.recordCount) records only.")
        }
        if context.console.json { context.console.print(state.record) } else { context.console.print(StateSummary(state).line(context.language)) }
        return .ok
    }

    private func count() throws(Failure) -> Int? {
        guard let text = try context.arguments.value("records") else { return nil }
        if let count = Int(text), count > 0 { return count }
        throw Failure(.usage, vi: "--records: đề nghị ghi số bản ghi, từ 1.", en: "--records: write a number of records, from 1.")
    }

    /// What the ledger itself says is to be left out, wherever in it that stands.
    private func setAside() async throws(Failure) -> SetAside {
        var aside = SetAside(build: Build.id)
        try await read { aside.note($0) }
        return aside
    }

    private func read(_ visit: (LedgerState.Record) -> Void) async throws(Failure) {
        if let path {
            try LedgerFile.read(path) { line in visit(LedgerState.Record(body: line.body, carriage: line.carriage, offset: line.offset)) }
        } else {
            try await LedgerReader(endpoint: try context.endpoint()).read { delivery, offset in
                visit(LedgerState.Record(body: delivery.body, carriage: Carriage(delivery), offset: offset))
            }
        }
    }
}
