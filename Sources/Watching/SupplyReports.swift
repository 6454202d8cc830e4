import Messages
import Regulation
import Values

/// What was said of the supply by who watches it, as the agent of who watches devices heard it: where the supply is lost, a dark screen has its cause.
public struct SupplyReports: Hashable, Sendable {
    struct Outage: Hashable, Sendable {
        var subject: String
        /// Who said so, and of which UPS or check: one supply has one outage at a time, whatever it is called.
        var source: String?
        var since: Instant
        var restoredAt: Instant?
    }

    /// The last outages, no more than can bear on what is still being found.
    private(set) var outages: [Outage] = []
    static let limit = 20

    /// By which messages it is told of the supply.
    private let types: Equipment.Supply?
    /// How much earlier than the UPS a device may show that the supply is gone: each is looked at now and then.
    private let lag: Span

    /// No outage heard of. What shows the supply gone may come so much later than what shows a device dark.
    public init(_ types: Equipment.Supply?, lag: Span = .minutes(1)) { (self.types, self.lag) = (types, lag) }

    /// A message came in; gives whether it changed anything. A drill's outage explains nothing real.
    mutating func heard(_ event: Event) -> Bool {
        guard let types, !event.exercise, let subject = event.subject else { return false }
        let before = self
        let source = event.data["ups"]?.string.map { "\(event.sender)/\($0)" }
        switch event.type {
        case types.status:
            guard let since = event.data["since"]?.instant else { break }
            if event.data["supplyLost"]?.bool == true {
                lost(subject, source, since: since)
            } else if event.data["status"]?.string == "online" {
                restored(subject, source, at: since)
            }
        case types.restored:
            if let at = event.data["restoredAt"]?.instant { restored(subject, source, at: at) }
        default: break
        }
        return self != before
    }

    private mutating func lost(_ subject: String, _ source: String?, since: Instant) {
        guard !outages.contains(where: { $0.subject == subject }) else { return }
        // An agent that lost its memory in an outage finds it again, and gives it another name: it is then known by that one alone.
        if let source { end(at: since) { $0.source == source } }
        outages = outages.suffix(SupplyReports.limit - 1) + [Outage(subject: subject, source: source, since: since)]
    }

    private mutating func restored(_ subject: String, _ source: String?, at instant: Instant) {
        end(at: instant) { $0.subject == subject || source != nil && $0.source == source }
    }

    private mutating func end(at instant: Instant, where isMeant: (Outage) -> Bool) {
        for index in outages.indices where outages[index].restoredAt == nil && isMeant(outages[index]) {
            outages[index].restoredAt = max(instant, outages[index].since)
        }
    }

    /// Whether the supply was lost at an instant, or is since before it and still.
    func explain(_ instant: Instant) -> Bool {
        outages.contains { outage in outage.since - lag <= instant && (outage.restoredAt.map { instant < $0 } ?? true) }
    }

    /// Since when the supply is lost now; nil while it is not.
    var lostSince: Instant? { outages.filter { $0.restoredAt == nil }.map(\.since).min() }

    /// When the supply came back last.
    var lastRestored: Instant? { outages.compactMap(\.restoredAt).max() }
}

extension SupplyReports {
    var state: JSON {
        .array(
            outages.map {
                .compact([
                    "subject": .string($0.subject), "source": $0.source.map { .string($0) }, "since": $0.since.state, "restoredAt": $0.restoredAt?.state,
                ])
            })
    }

    /// Takes up a saved state; what is not of it is left out.
    init(_ types: Equipment.Supply?, state: JSON?, lag: Span = .minutes(1)) {
        self.init(types, lag: lag)
        outages = (state?.array ?? []).suffix(SupplyReports.limit).compactMap { item in
            guard let subject = item["subject"]?.string, let since = item["since"]?.instant else { return nil }
            return Outage(subject: subject, source: item["source"]?.string, since: since, restoredAt: item["restoredAt"]?.instant)
        }
    }
}

extension Instant {
    /// The instant as a saved state holds it: UTC, to the millisecond.
    var state: JSON { JSON(self, offset: .zero) }
}
