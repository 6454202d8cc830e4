import AMQP
import AgentKit
import Foundation
import Messages
import OperatorCommands
import Regulation
import Synchronization
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
        let now = configuration.clock.now
        let heard = lately(configuration.home, now)
        let composer = Composer(
            regulation: configuration.regulation, party: configuration.party, now: now,
            openCases: OpenCase.among(heard, in: configuration.regulation, now: now),
            knownSubjects: Set(heard.compactMap(\.subject)), newID: { UUID().uuidString.lowercased() })
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
            outcome = isSent ? [.confirmed] : try await send(kept, from: spool, over: link, configuration.endpoint)
            if isSent, case .success(let link)? = link { await link.close() }
        } catch {
            if case .success(let link)? = link { await link.close() }
            throw error
        }
        let code = report(messages, outcome, in: configuration.regulation)
        if let ahead = ClockReference(home: configuration.home)?.ownClockIsAhead(by: ClockWatch.tolerated) { context.console.note(ClockWatch.wording(ahead)) }
        return code
    }

    /// What the party has heard of lately. Without it the command knows of no open case, and says why.
    private func lately(_ home: URL, _ now: Instant) -> [Event] {
        do throws(FileError) { return try Inbox.entries(home: home, since: now - OpenCase.reach).map(\.event) } catch {
            context.console.note(Wording(vi: "Không đọc được hộp tin: \(error.text.vi)", en: "The inbox cannot be read: \(error)"))
            return []
        }
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
                guard let known = try spool.known(message.event.id) else { return ([try spool.write(message.event, to: message.to)], false) }
                if let event = known.entry.event { messages = [Outgoing(event: event, to: known.entry.to)] }
                return ([known.entry], !known.waits)
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

    /// How long the messages may take to leave the spool, in seconds, and how long each of many makes that.
    private static let patienceSeconds = Link.patienceSeconds
    private static let patienceSecondsPerMessage = 0.001
    /// How long an agent has before this command looks for itself whether there is a way to the broker, in seconds.
    private static let agentSeconds = 0.1
    /// How often the spool is looked at, in milliseconds.
    private static let lookMilliseconds = 5

    /// Has the messages sent: by whoever has the right to send, which is this party's agent while one runs here, else by this command.
    private func send(_ mine: [Spool.Entry], from spool: Spool, over attempt: Result<Link, Failure>?, _ endpoint: Endpoint) async throws(Failure) -> [Outcome] {
        let timer = ContinuousClock()
        let started = timer.now
        let patience = PublishCommand.patienceSeconds + Double(mine.count) * PublishCommand.patienceSecondsPerMessage
        let way = Attempt(attempt)
        do throws(SpoolError) {
            while true {
                if !mine.contains(where: { spool.isWaiting($0.file) }) { return try outcomes(of: mine, in: spool, otherwise: nil) }
                if let right = try spool.claimSending() {
                    let outcomes = try await send(mine, from: spool, right, over: await way.result(endpoint))
                    await way.close()
                    return outcomes
                }
                let elapsed = timer.now - started
                if elapsed >= .seconds(PublishCommand.agentSeconds) { way.begin(endpoint) }
                var reason: Failure?
                if case .failure(let failure)? = way.known { reason = failure }
                if elapsed >= .seconds(patience) { reason = spool.obstacle.map { Link.failure($0, endpoint) } ?? .agentStandsStill }
                if let reason {
                    await way.close()
                    return try outcomes(of: mine, in: spool, otherwise: reason)
                }
                try? await Task.sleep(for: .milliseconds(PublishCommand.lookMilliseconds))
            }
        } catch {
            await way.close()
            throw cannotKeep(error, spool.directory)
        }
    }

    /// Sends what waits in the spool, oldest first, and then these messages.
    private func send(
        _ mine: [Spool.Entry], from spool: Spool, _ right: SendingRight, over attempt: Result<Link, Failure>
    ) async throws(SpoolError) -> [Outcome] {
        let link: Link
        switch attempt {
        case .success(let found): link = found
        case .failure(let failure): return try outcomes(of: mine, in: spool, otherwise: failure)
        }
        let outbox = Outbox(spool: spool, connection: link.connection, right: right) { _ in }
        let sent = try await outbox.sendOnce(mine, afterAtMost: PublishCommand.backlogLimit)
        let files = Set(mine.map(\.file))
        let older = sent.filter { !files.contains($0.entry.file) }
        tell(older.filter { $0.outcome == .confirmed }.map(\.entry), Wording(vi: "Đã gửi tin chờ từ trước", en: "Also sent, waiting from before"))
        tell(
            older.filter { if case .refused = $0.outcome { true } else { false } }.map(\.entry),
            Wording(vi: "Tin chờ từ trước bị từ chối, nằm trong spool/refused", en: "Refused, waiting from before, and in spool/refused now"))
        let known = Dictionary(sent.map { ($0.entry.name, PublishCommand.outcome($0)) }) { first, _ in first }
        let others = try outcomes(of: mine.filter { known[$0.name] == nil }, in: spool, otherwise: .agentStandsStill)
        var rest = others[...]
        return mine.compactMap { known[$0.name] ?? rest.popFirst() }
    }

    private static func outcome(_ sent: Outbox.Sent) -> Outcome {
        let error = sent.error ?? AMQPError(.nacked, "")
        return switch sent.outcome {
        case .confirmed: .confirmed
        case .refused: .refused(error)
        case .nacked, .unreached, .missing: .kept(Link.failure(error))
        }
    }

    /// What became of messages that another process sends: those that have left the spool are confirmed, or lie among the refused.
    private func outcomes(of mine: [Spool.Entry], in spool: Spool, otherwise reason: Failure?) throws(SpoolError) -> [Outcome] {
        var refused: [String: [Spool.Refused]] = [:]
        for file in Set(mine.map(\.file)) where !spool.isWaiting(file) { refused[file] = try spool.refused(of: file) }
        return mine.map { entry in
            guard let refused = refused[entry.file] else { return .kept(reason ?? .agentStandsStill) }
            if spool.isUnreadable(entry.file) { return .refused(AMQPError(.invalid, "\(entry.file).unreadable")) }
            return refused.first { $0.entry.id == entry.id }.map { .refused(AMQPError($0.code ?? .preconditionFailed, $0.reason)) } ?? .confirmed
        }
    }

    private func tell(_ entries: [Spool.Entry], _ what: Wording) {
        let few = 5
        for entry in entries.prefix(few) { context.console.note(what.map { _, text in "\(text): \(entry.type) \(entry.id)" }) }
        let rest = entries.count - few
        if rest > 0 { context.console.note(what.map { language, text in "\(text): … " + (language == .vi ? "và \(rest) tin khác" : "and \(rest) more") }) }
    }

    // MARK: Telling

    private func report(_ messages: [Outgoing], _ outcomes: [Outcome], in regulation: Regulation) -> ExitCode {
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
                reason == .agentStandsStill
                ? Wording(
                    vi: "Tin được gửi khi tác tử chạy tiếp hoặc được khởi động lại", en: "The message is sent when the agent goes on, or is started again")
                : reason.code == .notPermitted
                    ? Wording(vi: "Tin được gửi khi sửa xong điều đó", en: "The message is sent once that is mended")
                    : Wording(vi: "Tin được gửi khi máy chủ tin hoạt động lại", en: "The message is sent when the broker is back")
            // A call is entered by what says when it was made.
            let call = regulation.messageTypes.first { $0.schema?.fields.contains { $0.name == "calledAt" } == true }
            console.note(
                Wording(
                    vi: "\(reason.message.vi)\n\(then.vi), không cần nhập lại. Việc khẩn thì gọi điện thoại"
                        + (call.map { ", rồi ghi: phoihop publish \($0.name)" } ?? "."),
                    en: "\(reason.message.en)\n\(then.en); do not enter it again. If urgent, telephone"
                        + (call.map { ", then: phoihop publish \($0.name)" } ?? ".")))
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

/// A connection to the broker that is attempted once, in the background.
private final class Attempt: Sendable {
    private let task = Mutex<Task<Result<Link, Failure>, Never>?>(nil)
    private let found: Mutex<Result<Link, Failure>?>

    init(_ link: Result<Link, Failure>?) { found = Mutex(link) }

    /// What came of it, if that is known yet.
    var known: Result<Link, Failure>? { found.withLock { $0 } }

    /// Begins, unless it has begun.
    func begin(_ endpoint: Endpoint) {
        if known != nil { return }
        task.withLock { task in
            guard task == nil else { return }
            task = Task {
                let link = await Link.attempt(endpoint, speaks: true)
                self.found.withLock { $0 = link }
                return link
            }
        }
    }

    func result(_ endpoint: Endpoint) async -> Result<Link, Failure> {
        if let known { return known }
        begin(endpoint)
        guard let task = task.withLock({ $0 }) else { return await Link.attempt(endpoint, speaks: true) }
        return await task.value
    }

    /// Closes what was opened. An attempt under way ends by itself.
    func close() async {
        if case .success(let link)? = known { await link.close() }
    }
}

extension Failure {
    /// Another process has the right to send, and has not sent.
    static let agentStandsStill = Failure(
        .unavailable,
        vi: "Tác tử của đơn vị trên máy này chưa gửi được tin sau \(Int(Link.patienceSeconds)) giây (có thể đang treo hoặc quá tải). "
            + "Đề nghị xem: phoihop doctor, và nhật ký của tác tử.",
        en: "The party's agent on this machine has not sent the message within \(Int(Link.patienceSeconds)) s; it may stand still or be overloaded. "
            + "See phoihop doctor, and the agent's log.")
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
