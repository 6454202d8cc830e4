import Messages
import Values

/// What the Economic Zone has said of the supply, as the Border Guard's agent heard it: where the supply is lost, a dark screen has its cause.
public struct SupplyReports: Hashable, Sendable {
    struct Outage: Hashable, Sendable {
        var subject: String
        var since: Instant
        var restoredAt: Instant?
    }

    /// The last outages, no more than can bear on what is still being found.
    private(set) var outages: [Outage] = []
    static let limit = 20

    /// No outage heard of.
    public init() {}

    /// A message came in; gives whether it changed anything. A drill's outage explains nothing real.
    mutating func heard(_ event: Event) -> Bool {
        guard !event.exercise, let subject = event.subject else { return false }
        let before = self
        switch event.type {
        case "power.status-changed":
            if event.data["supplyLost"]?.bool == true, let since = event.data["since"]?.instant, !outages.contains(where: { $0.subject == subject }) {
                outages = outages.suffix(SupplyReports.limit - 1) + [Outage(subject: subject, since: since)]
            } else if event.data["status"]?.string == "online", let since = event.data["since"]?.instant {
                restored(subject, at: since)
            }
        case "power.restored":
            if let at = event.data["restoredAt"]?.instant { restored(subject, at: at) }
        default: break
        }
        return self != before
    }

    private mutating func restored(_ subject: String, at instant: Instant) {
        guard let index = outages.firstIndex(where: { $0.subject == subject }), outages[index].restoredAt == nil else { return }
        outages[index].restoredAt = instant
    }

    /// Whether the supply is lost, or was at an instant.
    func explain(_ instant: Instant) -> Bool {
        outages.contains { outage in outage.restoredAt.map { outage.since <= instant && instant < $0 } ?? true }
    }

    /// Since when the supply is lost now; nil while it is not.
    var lostSince: Instant? { outages.filter { $0.restoredAt == nil }.map(\.since).min() }

    /// When the supply came back last.
    var lastRestored: Instant? { outages.compactMap(\.restoredAt).max() }
}

extension SupplyReports {
    var state: JSON {
        .array(outages.map { .compact(["subject": .string($0.subject), "since": $0.since.state, "restoredAt": $0.restoredAt?.state]) })
    }

    /// Takes up a saved state; what is not of it is left out.
    init(state: JSON?) {
        outages = (state?.array ?? []).compactMap { item in
            guard let subject = item["subject"]?.string, let since = item["since"]?.instant else { return nil }
            return Outage(subject: subject, since: since, restoredAt: item["restoredAt"]?.instant)
        }
    }
}

extension Instant {
    /// The instant as a saved state holds it: UTC, to the millisecond.
    var state: JSON { JSON(self, offset: .zero) }
}
