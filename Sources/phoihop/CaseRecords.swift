import AgentKit
import Broker
import Content
import Foundation
import Messages
import OperatorCommands
import Regulation
import Values

/// The messages of one case that name files, and what the board makes of the case: from the party's inbox, or, where that has nothing of the case (it is new, or was
/// lost), from the ledger.
struct CaseRecords {
    /// The messages of the case that name files, each sender's last of a type, in the order they came.
    var withFiles: [Event] = []
    /// What is known of content; nil under a text that has nothing to do with it.
    var board: ContentBoard?
    private var isKnown = false
    /// How far back the inbox is searched; what is older is looked up in the ledger.
    private static let reach = Span.days(90)

    /// The records of a case, or of the message of this id.
    /// - Throws: where the inbox knows nothing of it and the ledger cannot be read.
    init(of subject: String, _ context: Context) async throws(Failure) {
        let (_, home, regulation, _) = try context.local()
        board = regulation.content.map { ContentBoard($0) }
        let since = try context.clock().now - CaseRecords.reach
        let entries = try InboxCommand.reading { () throws(FileError) in try Inbox.entries(home: home, since: since) }
        for entry in entries where entry.state == .new || entry.state == .record { take(entry.event, subject) }
        if isKnown { return }
        var fresh = CaseRecords(board: regulation.content.map { ContentBoard($0) })
        let reader = MessageReader(regulation: regulation)
        let endpoint = try context.configuration().endpoint
        try await LedgerReader(endpoint: endpoint).read { delivery, _ in
            if case .success(let event) = reader.read(delivery.body, Carriage(delivery)) { fresh.take(event, subject) }
        }
        self = fresh
    }

    private init(board: ContentBoard?) { self.board = board }

    private mutating func take(_ event: Event, _ subject: String) {
        board?.read(event)
        guard event.subject == subject || event.id == subject else { return }
        isKnown = true
        guard !FileReference.list(in: event.data).isEmpty else { return }
        withFiles.removeAll { $0.type == event.type && $0.sender == event.sender && $0.subject == event.subject && $0.exercise == event.exercise }
        withFiles.append(event)
    }

    /// The files of a case as they were handed in, or delivered under an order.
    func suppliedFiles(under subject: String, exercise: Bool) -> [FileReference] { board?.suppliedFiles(under: subject, exercise: exercise) ?? [] }

    /// The files of the case, each once.
    var files: [FileReference] {
        var known: Set<FileReference> = []
        return withFiles.flatMap { FileReference.list(in: $0.data) }.filter { known.insert($0).inserted }
    }
}
