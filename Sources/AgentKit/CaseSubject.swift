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
        if CaseSubject.begins(type, in: regulation) {
            self = .fresh(prefix: CaseSubject.prefix(of: type))
            return
        }
        let duties = regulation.duties.filter { $0.types.contains(type) }
        let isRoutine =
            !duties.isEmpty
            && duties.allSatisfy { duty in
                if case .calendar = duty.opening { return true }
                // An answer that cites the request has no case of its own either.
                return duty.fulfilledBy.allSatisfy { $0.type != type || $0.citing != nil } && duty.fulfilledBy.contains { $0.type == type }
            }
        self = isRoutine || CaseSubject.named.contains(type) ? .none : .required
    }

    /// Types that belong to no case, or name what they are about in their data: a device, messages received, an obligation.
    private static let named: Set = [DueTerm.operationEvidence, "receipt.issued", "duty.explained", "duty.extended"]

    /// Whether a type begins a case: it is the first to open some duty, and fulfils or closes none that another type opens.
    private static func begins(_ type: String, in regulation: Regulation) -> Bool {
        if type == "maintenance.window-opened" { return true }
        var isFirst = false
        for duty in regulation.duties {
            guard case .messages(let openings) = duty.opening else { continue }
            if openings.first?.type == type {
                isFirst = true
            } else if (duty.fulfilledBy + duty.closedBy).contains(where: { $0.type == type && $0.citing == nil }) {
                return false
            }
        }
        return isFirst
    }

    /// The letters before a case's name: sự cố, phản ánh, nội dung, vụ việc, bảo trì, dự toán, ý kiến, đặt hàng, tập huấn, chỉ đạo, báo cáo and so on.
    fileprivate static let prefixes = [
        "incident": "SC", "handling-plan": "SC", "communication": "SC", "feedback": "PA", "content": "ND", "violation": "VV", "power": "DIEN",
        "maintenance": "BT",
        "budget": "DT", "consultation": "YK", "meeting": "HOP", "account": "TK", "production": "DH", "training": "TH", "directive": "CD", "report": "BC",
        "amendment": "SD", "tourism-info": "DL",
    ]

    /// Letters and digits that nobody mistakes for one another, on the telephone or on paper.
    private static let alphabet = Array("23456789abcdefghjkmnpqrstuvwxyz")

    /// How many letters tell the cases of a minute apart; where all that are tried are taken, a letter more is tried.
    private static let letters = 4
    private static let tries = 8

    /// A new name that can be read out: `SC-20261124-0815-x7kd`. It is none of those that are taken: two cases under one name would be one, with one deadline.
    public static func fresh(
        prefix: String, at local: LocalTime, isTaken: (String) -> Bool, using random: inout some RandomNumberGenerator
    ) -> String {
        var length = letters
        while true {
            for _ in 0..<tries {
                let name = name(prefix: prefix, at: local, letters: length, using: &random)
                if !isTaken(name) { return name }
            }
            length += 1
        }
    }

    private static func name(prefix: String, at local: LocalTime, letters: Int, using random: inout some RandomNumberGenerator) -> String {
        let time = local.timeOfDay.description.replacing(":", with: "")
        let date = local.date.description.replacing("-", with: "")
        let tail = (0..<letters).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        return "\(prefix)-\(date)-\(time)-\(String(tail))"
    }
}

extension CaseSubject {
    /// The letters before the names of a type's cases.
    public static func prefix(of type: String) -> String { prefixes[String(type.prefix { $0 != "." })] ?? "VV" }
}
