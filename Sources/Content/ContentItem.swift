import Regulation
import Values

/// One piece of content on its way to the Cluster and on it: what the ledger says of one case (Article 7, Article 13).
public struct ContentItem: Sendable, Hashable {
    /// How far it has come.
    public enum Stage: String, Sendable, CaseIterable {
        /// Handed in; nobody has looked at its files.
        case submitted
        /// Handed in, and every file is in the Department's store.
        case checked
        /// Vetted and accepted.
        case accepted
        /// Vetted and sent back to be mended.
        case returned
        /// Vetted and refused.
        case refused
        /// On display.
        case posted
        /// Taken off.
        case withdrawn
        /// Its last day on display is over.
        case expired

        /// Whether somebody still has to act for it to be shown.
        public var isOnTheWay: Bool { [.submitted, .checked, .accepted].contains(self) }
    }

    /// Handed in.
    public struct Submission: Sendable, Hashable {
        /// By whom.
        public var by: PartyID
        /// When, by the sender's clock.
        public var at: Instant
        /// Its title.
        public var title: String
        /// Who answers for its accuracy (Clause 4, Article 14).
        public var answersFor: String?
        /// Its files.
        public var files: [FileReference]
        /// On which day it is wanted.
        public var wantedFor: CivilDate?
    }

    /// Vetted (Clause 1, Article 7).
    public struct Vetting: Sendable, Hashable {
        /// When.
        public var at: Instant
        /// `accepted`, `returned` or `refused`.
        public var outcome: String
        /// Why.
        public var reason: String?
        /// When all its files were found as their references say.
        public var filesCheckedAt: Instant?
        /// Why it was accepted without that.
        public var filesUncheckedReason: String?
    }

    /// Put on display (Clause 1, Article 7).
    public struct Publication: Sendable, Hashable {
        /// When.
        public var at: Instant
        /// Under which title.
        public var title: String
        /// On which devices; empty where it is not said.
        public var devices: [String]
        /// In which languages.
        public var languages: [String]
        /// Its last day on display.
        public var until: CivilDate?
        /// Its files; those of the submission where the record names none.
        public var files: [FileReference]
    }

    /// Taken off (Clause 1 and 8, Article 7).
    public struct Withdrawal: Sendable, Hashable {
        /// When.
        public var at: Instant
        /// Off which device; nil for all.
        public var device: String?
    }

    /// The case.
    public var subject: String
    /// Whether it belongs to a drill.
    public var exercise: Bool
    /// How it was handed in, if it was.
    public var submission: Submission?
    /// How it was vetted, if it was.
    public var vetting: Vetting?
    /// How it was put on display, the last time last.
    public var publications: [Publication] = []
    /// How it was taken off, in the order of time.
    public var withdrawals: [Withdrawal] = []
    /// Cases in which it is said to be wrong and nobody has answered yet.
    public var openChallenges: [String] = []

    /// What it is called.
    public var title: String { publications.last?.title ?? submission?.title ?? subject }

    /// The files it consists of: those last put on display, else those handed in.
    public var files: [FileReference] { publications.last?.files ?? submission?.files ?? [] }

    /// Every file that was ever on display in this case, each once.
    public var postedFiles: [FileReference] {
        var known: Set<String> = []
        return publications.flatMap(\.files).filter { known.insert($0.sha256).inserted }
    }

    /// The devices it is on at present; empty where the record names none.
    public var devices: [String] {
        guard let last = publications.last else { return [] }
        let off = Set(withdrawals.filter { $0.at >= last.at }.compactMap(\.device))
        return last.devices.filter { !off.contains($0) }
    }

    /// How far it has come at an instant, and since when. `isKept` says whether a file is in the store of whoever asks.
    public func stage(at now: Instant, in calendar: WorkCalendar, isKept: (FileReference) -> Bool = { _ in false }) -> (stage: Stage, since: Instant) {
        if let last = publications.last {
            if let off = withdrawal(of: last) { return (.withdrawn, off) }
            if let until = last.until, calendar.local(now).date > until { return (.expired, calendar.instant(until.advanced(by: 1))) }
            return (.posted, last.at)
        }
        if let vetting {
            let stage = Stage(rawValue: vetting.outcome).flatMap { [.accepted, .returned, .refused].contains($0) ? $0 : nil } ?? .submitted
            return (stage, vetting.at)
        }
        let start = submission?.at ?? now
        let files = submission?.files ?? []
        return (!files.isEmpty && files.allSatisfy(isKept) ? .checked : .submitted, start)
    }

    /// When the last publication was wholly taken off; nil where it still stands somewhere. One device of several, or of unknown ones, is not all of it.
    private func withdrawal(of last: Publication) -> Instant? {
        let later = withdrawals.filter { $0.at >= last.at }
        if let whole = later.first(where: { $0.device == nil }) { return whole.at }
        guard !last.devices.isEmpty, devices.isEmpty else { return nil }
        return later.last?.at
    }
}
