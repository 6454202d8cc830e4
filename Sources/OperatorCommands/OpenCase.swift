import Messages
import Regulation
import Values

/// A case that a party has heard of and that nothing it heard has closed.
public struct OpenCase: Sendable, Hashable {
    /// Its name, `SC-20261124-0815-x7kd`.
    public var subject: String
    /// When it was last heard of.
    public var at: Instant
    /// What it is about.
    public var title: String

    /// A case of these parts.
    public init(subject: String, at: Instant, title: String) { (self.subject, self.at, self.title) = (subject, at, title) }

    /// How far back a case counts as open that nothing has closed.
    public static let reach = Span.days(7)

    /// The open cases among messages received within that time, the latest first: those of a kind that ends, and that nothing has ended.
    public static func among(_ events: [Event], in regulation: Regulation, now: Instant) -> [OpenCase] {
        var cases: [String: OpenCase] = [:]
        var closed: Set<String> = []
        for event in events where event.time > now - reach {
            guard let subject = event.subject else { continue }
            guard let (kind, part) = regulation.caseKind(of: event.type), !kind.ends.isEmpty else { continue }
            if part == .ends { closed.insert(subject) }
            let title = event.data["title"]?.string ?? event.data["contentTitle"]?.string ?? cases[subject]?.title ?? ""
            cases[subject] = OpenCase(subject: subject, at: max(event.time, cases[subject]?.at ?? event.time), title: title)
        }
        return cases.values.filter { !closed.contains($0.subject) }.sorted { ($1.at, $1.subject) < ($0.at, $0.subject) }
    }

    func line(_ times: TimeWriter) -> String { "\(shown(subject))  \(times.text(at))  \(shown(title))" }
}
