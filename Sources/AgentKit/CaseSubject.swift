import Regulation
import Values

/// Which case a message belongs to, where its sender does not say.
public enum CaseSubject: Sendable, Hashable {
    /// The message begins a case, whose name begins with these letters.
    case fresh(prefix: String)
    /// The message belongs to no case: the day's routine, readings, receipts.
    case none
    /// The message belongs to a case that has begun, and must name it.
    case required

    /// What holds for a type under a regulation.
    public init(_ type: String, in regulation: Regulation) {
        let parts = type.split(separator: ".").map(String.init)
        let begins = ["detected", "received", "challenged", "suspected"].contains(parts.last) || type == "power.status-changed"
        if begins {
            self = .fresh(prefix: CaseSubject.prefix(of: type))
            return
        }
        let duties = regulation.duties.filter { duty in duty.fulfilledBy.contains { $0.type == type } }
        let isRoutine = !duties.isEmpty && duties.allSatisfy { if case .calendar = $0.opening { true } else { false } }
        self = isRoutine || [DueTerm.operationEvidence, "receipt.issued"].contains(type) ? .none : .required
    }

    /// Sự cố, phản ánh, nội dung, vụ việc, điện.
    fileprivate static let prefixes = [
        "incident": "SC", "handling-plan": "SC", "communication": "SC", "feedback": "PA", "content": "ND", "violation": "VV", "power": "DIEN",
    ]

    /// Letters and digits that nobody mistakes for one another, on the telephone or on paper.
    private static let alphabet = Array("23456789abcdefghjkmnpqrstuvwxyz")

    /// A new name that can be read out: `SC-20261124-0815-x7`.
    public static func fresh(prefix: String, at local: LocalTime, using random: inout some RandomNumberGenerator) -> String {
        let time = local.timeOfDay.description.replacing(":", with: "")
        let date = local.date.description.replacing("-", with: "")
        let tail = (0..<2).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        return "\(prefix)-\(date)-\(time)-\(String(tail))"
    }
}

extension CaseSubject {
    /// The letters before the names of a type's cases.
    public static func prefix(of type: String) -> String { prefixes[String(type.prefix { $0 != "." })] ?? "VV" }
}
