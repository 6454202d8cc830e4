import Messages
import Regulation
import Values

/// All content, as the ledger tells it: a fold over its records, without clock and I/O. A record may come twice, and an effect before its cause.
public struct ContentBoard: Sendable {
    /// A drill's events never touch what is real, even under the same case.
    private struct Key: Hashable {
        var subject: String
        var exercise: Bool
    }

    /// What is known of one case.
    private struct Records {
        var submissions: [ContentItem.Submission] = []
        /// Files delivered under an order (Clause 1, Article 11), which may be put on display without being handed in again.
        var delivered: [FileReference] = []
        var vettings: [ContentItem.Vetting] = []
        var publications: [ContentItem.Publication] = []
    }
    private struct Challenge {
        var title: String
        var publication: String?
        var isAnswered = false
    }
    private struct Removal {
        var key: Key
        var publication: String?
        var withdrawal: ContentItem.Withdrawal
    }

    private let types: ContentTypes
    private var known: Set<String> = []
    private var cases: [Key: Records] = [:]
    private var order: [Key] = []
    private var challenges: [Key: Challenge] = [:]
    private var answered: Set<Key> = []
    private var removals: [Removal] = []

    /// A board on which nothing stands, under a text that names these types.
    public init(_ types: ContentTypes) { self.types = types }

    /// Takes a record. What is not about content is passed over.
    public mutating func read(_ event: Event) {
        guard let part = part(of: event.type), let subject = event.subject, known.insert(event.id).inserted else { return }
        let key = Key(subject: subject, exercise: event.exercise)
        let data = event.data
        switch part {
        case .submitted:
            change(key) {
                $0.submissions.append(
                    .init(
                        by: data["onBehalfOf"]?.string ?? event.sender, at: event.time, title: data["title"]?.string ?? subject,
                        answersFor: data["answersFor"]?.string, files: FileReference.list(in: data),
                        wantedFor: data["wantedFor"]?.string.flatMap { CivilDate($0) }))
            }
        case .delivered: change(key) { $0.delivered += FileReference.list(in: data) }
        case .vetted:
            change(key) {
                $0.vettings.append(
                    .init(
                        at: event.time, outcome: data["outcome"]?.string ?? "", reason: data["reason"]?.string, filesCheckedAt: data["filesCheckedAt"]?.instant,
                        filesUncheckedReason: data["filesUncheckedReason"]?.string))
            }
        case .published:
            change(key) {
                $0.publications.append(
                    .init(
                        at: data["publishedAt"]?.instant ?? event.time, title: data["title"]?.string ?? subject,
                        devices: (data["devices"]?.array ?? []).compactMap(\.string), languages: (data["languages"]?.array ?? []).compactMap(\.string),
                        until: data["until"]?.string.flatMap { CivilDate($0) }, files: FileReference.list(in: data)))
            }
        case .challenged:
            challenges[key] = Challenge(title: data["contentTitle"]?.string ?? "", publication: data["publication"]?.string)
        case .upheld: answered.insert(key)
        case .withdrawn:
            answered.insert(key)
            removals.append(
                Removal(
                    key: key, publication: data["publication"]?.string,
                    withdrawal: .init(at: data["withdrawnAt"]?.instant ?? event.time, device: data["device"]?.string)))
        }
    }

    /// What a message may be for content.
    private enum Part { case submitted, delivered, vetted, published, challenged, upheld, withdrawn }

    private func part(of type: String) -> Part? {
        switch type {
        case types.submitted: .submitted
        case types.delivered: .delivered
        case types.vetted: .vetted
        case types.published: .published
        case types.challenged: .challenged
        case types.upheld: .upheld
        case types.withdrawn: .withdrawn
        default: nil
        }
    }

    private mutating func change(_ key: Key, _ change: (inout Records) -> Void) {
        if cases[key] == nil { order.append(key) }
        change(&cases[key, default: Records()])
    }

    /// What is known of content, in the order in which its cases began.
    public var items: [ContentItem] {
        var items = order.compactMap { key in cases[key].flatMap { ContentBoard.item(key, $0) } }
        for removal in removals {
            if let index = index(of: removal.publication, under: removal.key, in: items) { items[index].withdrawals.append(removal.withdrawal) }
        }
        for (key, challenge) in challenges.sorted(by: { $0.key.subject < $1.key.subject }) where !answered.contains(key) {
            if let index = index(of: challenge.publication, under: key, in: items) { items[index].openChallenges.append(key.subject) }
        }
        for index in items.indices { items[index].withdrawals.sort { $0.at < $1.at } }
        return items
    }

    /// Cases in which something was taken off, or is said to be wrong, and the ledger does not say which content that is.
    public var unplaced: [String] {
        let items = self.items
        let lost = removals.filter { index(of: $0.publication, under: $0.key, in: items) == nil }.map(\.key)
        let open = challenges.filter { !answered.contains($0.key) && index(of: $0.value.publication, under: $0.key, in: items) == nil }.keys
        return Set((lost + open).filter { !$0.exercise }.map(\.subject)).sorted()
    }

    /// The files of a case as they were handed in, or delivered under an order.
    public func suppliedFiles(under subject: String, exercise: Bool) -> [FileReference] {
        guard let records = cases[Key(subject: subject, exercise: exercise)] else { return [] }
        return ContentBoard.supplied(records)
    }

    private static func supplied(_ records: Records) -> [FileReference] {
        let last = records.submissions.max { $0.at < $1.at }
        return last.flatMap { $0.files.isEmpty ? nil : $0.files } ?? records.delivered
    }

    private static func item(_ key: Key, _ records: Records) -> ContentItem? {
        let submission = records.submissions.max { $0.at < $1.at }
        guard submission != nil || !records.vettings.isEmpty || !records.publications.isEmpty else { return nil }
        var vetting = records.vettings.max { $0.at < $1.at }
        // Handed in again after it was sent back, it waits again.
        if records.submissions.count > 1, let submission, let last = vetting, last.at < submission.at { vetting = nil }
        var item = ContentItem(subject: key.subject, exercise: key.exercise, submission: submission, vetting: vetting)
        let files = supplied(records)
        item.publications = records.publications.sorted { $0.at < $1.at }.map { publication in
            var publication = publication
            if publication.files.isEmpty { publication.files = files }
            return publication
        }
        return item
    }

    /// Which content a record under a case means: the one it names, the one that the challenge of that case names, the one of that case itself, else the only one
    /// on display under the challenge's title.
    private func index(of named: String?, under key: Key, in items: [ContentItem]) -> Int? {
        let challenge = challenges[key]
        func published(_ subject: String) -> Int? {
            items.firstIndex { $0.subject == subject && $0.exercise == key.exercise && !$0.publications.isEmpty }
        }
        if let named = named ?? challenge?.publication { return published(named) }
        if let own = published(key.subject) { return own }
        guard let title = challenge.map({ ContentBoard.plain($0.title) }), !title.isEmpty else { return nil }
        let alike = items.indices.filter { index in
            items[index].exercise == key.exercise && items[index].publications.contains { ContentBoard.plain($0.title) == title }
        }
        return alike.count == 1 ? alike[0] : nil
    }

    private static func plain(_ title: String) -> String { title.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
