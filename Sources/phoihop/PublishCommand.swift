import AMQP
import AgentKit
import Foundation
import Messages
import OperatorCommands
import Regulation
import Topology
import Values

/// `phoihop publish`: checks, keeps, sends, and says what became of it.
struct PublishCommand {
    let context: Context

    /// How many messages that still wait from before are sent along.
    private static let backlogLimit = 1000
    /// How many messages make it worth a single file for all.
    private static let segmentCount = 8

    func run() async throws(Failure) -> ExitCode {
        guard let name = context.invocation.type else {
            throw Failure(
                .usage, vi: "Đề nghị ghi loại tin: phoihop publish LOẠI-TIN … Các loại tin: phoihop describe",
                en: "Name the type: phoihop publish TYPE … The types: phoihop describe")
        }
        let configuration = try context.configuration()
        let entries = (try? Inbox.entries(home: configuration.home)) ?? []
        let now = configuration.clock.now
        let composer = Composer(
            regulation: configuration.regulation, party: configuration.party, now: now, openCases: OpenCase.among(entries.map(\.event), now: now),
            newID: { UUID().uuidString.lowercased() })
        let type = try composer.type(named: name)
        let documents = try self.documents()
        var random = SystemRandomNumberGenerator()
        let attachments = try await Attachments(context, for: type, home: configuration.home)
        let composed = try composer.compose(type, context.arguments, documents: documents, attachments: attachments.references, using: &random)
        var messages = try await ContentWork(context: context, composer: composer, home: configuration.home).complete(composed)

        var link: Result<Link, Failure>?
        if !configuration.clock.isSystem {
            link = await Link.attempt(configuration.endpoint, speaks: true)
            if case .success(let link)? = link { try await permitDrillClock(link) }
        }
        let outcome: [Outcome]
        do throws(Failure) {
            try await attachments.keep()
            let spool = try openSpool(configuration)
            let kept: [Spool.Entry]
            let isSent: Bool
            (kept, isSent) = try keep(&messages, in: spool)
            if isSent {
                outcome = [.confirmed]
            } else {
                let way = if let link { link } else { await Link.attempt(configuration.endpoint, speaks: true) }
                outcome = try await send(kept, from: spool, over: way)
            }
        } catch {
            if case .success(let link)? = link { await link.close() }
            throw error
        }
        return report(messages, outcome)
    }

    private func documents() throws(Failure) -> [Document]? {
        guard let path = try context.arguments.value("data") else { return nil }
        if path == "-" { return try Document.read(Array(FileHandle.standardInput.readDataToEndOfFile())) }
        // A handle reads pipes too.
        guard let handle = FileHandle(forReadingAtPath: path), let bytes = try? handle.readToEnd() ?? Data() else {
            throw Failure(.badData, vi: "--data: không đọc được tệp \(path).", en: "--data: the file \(path) cannot be read.")
        }
        return try Document.read(Array(bytes))
    }

    /// A clock of one's own is for drills, which the broker permits by an exchange.
    private func permitDrillClock(_ link: Link) async throws(Failure) {
        do throws(AMQPError) { try await link.connection.inspect(exchange: Topology.drill) } catch {
            await link.close()
            guard error.code == .notFound else { throw Link.failure(error) }
            throw Failure(
                .notPermitted, vi: "Máy chủ tin này không phải nơi diễn tập; không dùng được --clock. Tin chưa được ghi.",
                en: "This broker is not one for drills; --clock cannot be used. Nothing was kept.")
        }
    }

    // MARK: Keeping

    private func openSpool(_ configuration: Configuration) throws(Failure) -> Spool {
        do throws(SpoolError) {
            return try Spool(configuration, onTrouble: context.console.note)
        } catch { throw cannotKeep(error, configuration.home) }
    }

    /// Writes the messages to disk. A message under an id that the spool knows is not written again, and may have been sent already.
    private func keep(_ messages: inout [Outgoing], in spool: Spool) throws(Failure) -> (entries: [Spool.Entry], isSent: Bool) {
        do throws(SpoolError) {
            if context.arguments.has("id"), let message = messages.first {
                let waiting = try spool.pending().first { $0.id == message.event.id }
                let sent = waiting == nil ? try spool.sent().first { $0.id == message.event.id } : nil
                if let event = (waiting ?? sent)?.event { messages = [Outgoing(event: event, to: waiting?.to ?? sent?.to ?? message.to)] }
                if let waiting { return ([waiting], false) }
                return sent == nil ? ([try spool.write(message.event, to: message.to)], false) : ([], true)
            }
            guard messages.count >= PublishCommand.segmentCount else {
                var entries: [Spool.Entry] = []
                for message in messages { entries.append(try spool.write(message.event, to: message.to)) }
                return (entries, false)
            }
            return (try spool.writeSegment(messages.map { ($0.event, $0.to) }), false)
        } catch { throw cannotKeep(error, spool.directory) }
    }

    private func cannotKeep(_ error: SpoolError, _ place: URL) -> Failure {
        let path = place.plainPath
        if case .file(let file) = error, file.isDiskFull {
            return Failure(
                .cannotCreate, vi: "ĐẦY ĐĨA tại \(path): tin CHƯA được lưu và CHƯA gửi. Đề nghị dọn đĩa rồi gửi lại; việc khẩn thì gọi điện thoại.",
                en: "DISK FULL at \(path): the message was NOT kept and NOT sent. Make room and send again; if urgent, telephone.")
        }
        return Failure(
            .cannotCreate, vi: "Không ghi được vào \(path): tin CHƯA được lưu và CHƯA gửi. \(error)",
            en: "Cannot write to \(path): the message was NOT kept and NOT sent. \(error)")
    }

    // MARK: Sending

    /// What became of a message.
    private enum Outcome: Equatable {
        case confirmed
        case kept(Failure)
        case refused(AMQPError)
    }

    /// Sends what waits in the spool, oldest first, the new messages among it.
    private func send(_ mine: [Spool.Entry], from spool: Spool, over attempt: Result<Link, Failure>) async throws(Failure) -> [Outcome] {
        let link: Link
        switch attempt {
        case .success(let found): link = found
        case .failure(let failure):
            return mine.map { _ in .kept(failure) }
        }
        var results: [String: Outcome] = [:]
        do throws(SpoolError) {
            let names = Set(mine.map(\.name))
            let files = Set(mine.map(\.file))
            // Read back through the spool, which thereby knows how many messages each file holds.
            let waiting = try spool.pending()
            // A file is sent whole, or the next run would begin it anew.
            let older = waiting.filter { !files.contains($0.file) }
            let boundary = older.dropFirst(PublishCommand.backlogLimit - 1).first.flatMap { last in older.lastIndex { $0.file == last.file } }
            let entries = (boundary.map { older[...$0] } ?? older[...]) + waiting.filter { names.contains($0.name) }
            let sent = await link.connection.publish(entries.map { Publishing($0) })
            var alsoSent: [Spool.Entry] = []
            var alsoRefused: [Spool.Entry] = []
            for (entry, result) in zip(entries, sent) {
                let outcome = PublishCommand.outcome(result)
                switch outcome {
                case .confirmed: try spool.confirm(entry)
                case .refused(let error): try spool.refuse(entry, reason: error.reason)
                case .kept: break
                }
                if names.contains(entry.name) {
                    results[entry.name] = outcome
                } else if case .refused = outcome {
                    alsoRefused.append(entry)
                } else if outcome == .confirmed {
                    alsoSent.append(entry)
                }
            }
            tell(alsoSent, Wording(vi: "Đã gửi tin chờ từ trước", en: "Also sent, waiting from before"))
            tell(alsoRefused, Wording(vi: "Tin chờ từ trước bị từ chối, nằm trong spool/refused", en: "Refused, waiting from before, and in spool/refused now"))
        } catch {
            await link.close()
            throw cannotKeep(error, spool.directory)
        }
        await link.close()
        // What did not wait any more has been settled by the agent meanwhile.
        let settled = mine.contains { results[$0.name] == nil } ? (try? spool.refused()) ?? [] : []
        return mine.map { entry in
            if let outcome = results[entry.name] { return outcome }
            return settled.first { $0.entry.id == entry.id }.map { .refused(AMQPError(.preconditionFailed, $0.reason)) } ?? .confirmed
        }
    }

    private static func outcome(_ result: Result<Void, AMQPError>) -> Outcome {
        switch result {
        case .success: return .confirmed
        case .failure(let error):
            switch error.code {
            case .returned, .invalid: return .refused(error)
            case .accessRefused, .preconditionFailed: return error.isRetriable ? .kept(Link.failure(error)) : .refused(error)
            default: return .kept(Link.failure(error))
            }
        }
    }

    private func tell(_ entries: [Spool.Entry], _ what: Wording) {
        let few = 5
        for entry in entries.prefix(few) { context.console.note(what.map { _, text in "\(text): \(entry.type) \(entry.id)" }) }
        let rest = entries.count - few
        if rest > 0 { context.console.note(what.map { language, text in "\(text): … " + (language == .vi ? "và \(rest) tin khác" : "and \(rest) more") }) }
    }

    // MARK: Telling

    private func report(_ messages: [Outgoing], _ outcomes: [Outcome]) -> ExitCode {
        let console = context.console
        var reasons: [Failure] = []
        for (message, outcome) in zip(messages, outcomes) {
            let event = message.event
            if console.json {
                console.print(json(message, outcome))
                continue
            }
            let subject = event.subject.map { Wording(vi: ", vụ việc \(shown($0))", en: ", case \(shown($0))") } ?? Wording(vi: "", en: "")
            let drill = event.exercise ? Wording(vi: "[DIỄN TẬP] ", en: "[EXERCISE] ") : Wording(vi: "", en: "")
            switch outcome {
            case .confirmed:
                console.print(
                    Wording(
                        vi: "\(drill.vi)Đã xác nhận: \(event.type)\(subject.vi), mã \(shown(event.id))",
                        en: "\(drill.en)Confirmed: \(event.type)\(subject.en), id \(shown(event.id))"))
            case .kept(let reason):
                console.print(
                    Wording(
                        vi: "\(drill.vi)Đã lưu, CHƯA gửi: \(event.type)\(subject.vi), mã \(shown(event.id))",
                        en: "\(drill.en)Kept, NOT sent yet: \(event.type)\(subject.en), id \(shown(event.id))"))
                if !reasons.contains(reason) { reasons.append(reason) }
            case .refused(let error):
                let reason =
                    error.code == .accessRefused
                    ? Wording(
                        vi: "tài khoản \(event.sender) không có quyền gửi loại tin này tới \(message.to); đề nghị báo người quản trị máy chủ tin",
                        en: "the account \(event.sender) may not send this type to \(message.to); tell the broker's administrator")
                    : Wording(vi: error.reason, en: error.reason)
                console.note(
                    Wording(
                        vi: "\(drill.vi)Máy chủ tin TỪ CHỐI \(event.type)\(subject.vi), mã \(shown(event.id)): \(reason.vi). Tin nằm trong spool/refused.",
                        en: "\(drill.en)The broker REFUSES \(event.type)\(subject.en), id \(shown(event.id)): \(reason.en). It is in spool/refused."))
            }
        }
        for reason in reasons {
            let then =
                reason.code == .notPermitted
                ? Wording(vi: "Tin được gửi khi sửa xong điều đó", en: "The message is sent once that is mended")
                : Wording(vi: "Tin được gửi khi máy chủ tin hoạt động lại", en: "The message is sent when the broker is back")
            console.note(
                Wording(
                    vi: "\(reason.message.vi)\n\(then.vi), không cần nhập lại. Việc khẩn thì gọi điện thoại, rồi ghi: phoihop publish communication.recorded",
                    en: "\(reason.message.en)\n\(then.en); do not enter it again. If urgent, telephone, then: phoihop publish communication.recorded"))
        }
        let isForbidden = outcomes.contains { outcome in
            switch outcome {
            case .confirmed: false
            case .kept(let reason): reason.code == .notPermitted
            case .refused: true
            }
        }
        return isForbidden ? .notPermitted : .ok
    }

    private func json(_ message: Outgoing, _ outcome: Outcome) -> JSON {
        var state = "confirmed"
        var reason: JSON?
        switch outcome {
        case .confirmed: break
        case .kept(let why): (state, reason) = ("kept", why.message.json)
        case .refused(let why): (state, reason) = ("refused", .string(why.reason))
        }
        return .compact([
            "id": .string(message.event.id), "type": .string(message.event.type), "subject": message.event.subject.map { .string($0) },
            "to": .string(message.to), "exercise": .bool(message.event.exercise), "state": .string(state), "reason": reason,
        ])
    }
}

extension URL {
    /// The path as people write it.
    var plainPath: String {
        let path = path(percentEncoded: false)
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}

extension Spool {
    /// The spool in a party's home.
    convenience init(_ configuration: Configuration, onTrouble: @escaping @Sendable (Wording) -> Void = { _ in }) throws(SpoolError) {
        try self.init(directory: configuration.home.appending(path: "spool"), offset: configuration.offset, onTrouble: onTrouble)
    }
}

extension Publishing {
    /// A message of the spool as the wire contract wants it.
    init(_ entry: Spool.Entry) {
        self.init(
            exchange: Topology.exchange, routingKey: RoutingKey(sender: entry.sender, type: entry.type, to: entry.to).description, body: entry.body,
            contentType: Event.contentType, messageID: entry.id, userID: entry.sender)
    }
}
