import Coordination
import Regulation
import Values

/// What a scenario shows of a duty, by an expectation that names it and came true.
public enum Shown: String, Sendable, CaseIterable {
    /// It was met in time.
    case met
    /// It went overdue, whether or not it was done then.
    case overdue
    /// Nothing is due: it is awaited, or asked after, and nobody is called late.
    case awaited
}

extension Expectation {
    /// What this expectation, which came true, shows of the duty that it names; nil: nothing, or of a drill alone.
    func shown(by meant: [Standing]) -> Shown? {
        guard duty != nil, !meant.isEmpty, meant.allSatisfy({ !$0.exercise }) else { return nil }
        switch claim {
        case .notices(SystemType.dutyOverdue, let count, _) where count != 0: return .overdue
        case .notices(SystemType.dutyReminded, let count, _) where count != 0: return meant.allSatisfy { $0.deadline == nil } ? .awaited : nil
        case .notices, .nothing: return nil
        case .state(let state, _, _):
            switch state {
            case .fulfilled, .inTime: return meant.allSatisfy { !$0.isLate } ? .met : nil
            case .late, .overdue: return .overdue
            case .open: return meant.allSatisfy { $0.deadline == nil } ? .awaited : nil
            case .closed, .void, .drill, .real: return nil
            }
        }
    }
}
