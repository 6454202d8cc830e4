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
        switch regulation.caseKind(of: type) {
        case (let kind, .begins)?: self = .fresh(prefix: kind.prefix)
        case (_, .continues)?, (_, .ends)?: self = .required
        case (_, .alone)?, nil: self = .none
        }
    }

    /// The letters before the names of a type's cases; of a type that belongs to none, those before a message of any kind.
    public static func prefix(of type: String, in regulation: Regulation) -> String { regulation.caseKind(of: type)?.kind.prefix ?? "TIN" }

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
