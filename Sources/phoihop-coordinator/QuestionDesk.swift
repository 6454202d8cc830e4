import AMQP
import AgentKit
import Coordination
import Foundation
import Questions
import Topology
import Values

/// Answers what parties ask, on connections of its own and from a copy of the state, so that no question holds up or harms the watching.
///
/// A question is acknowledged before it is answered: one whose answer fails never comes again.
actor QuestionDesk {
    /// How things stand, as the one that watches knows it.
    struct Snapshot: Sendable {
        /// What follows from the ledger.
        var state: LedgerState
        /// Whether this coordinator leads.
        var leads: Bool
        /// What else it tells in an answer to "status".
        var about = JSONObject()
    }

    /// A copy of how things stand, with the open cases in order, and until when it is as good as new.
    private struct Copy: Sendable {
        var number: Int
        var snapshot: Snapshot
        var board: StatusBoard
        var servesUntil: Double
    }

    private let configuration: Configuration
    private let log: Logger
    private let instance: String
    private let snapshot: @Sendable () async -> Snapshot
    /// Reads questions, and answers at addresses of known shapes.
    private let asking: Connection
    /// Answers at the others. If the broker ends this connection, nobody else waits for it.
    private let trying: Connection

    private var line = QuestionLine()
    /// How many answers did not reach the broker, and until when that is told.
    private var unanswered = 0
    private var toldUntil = 0.0
    private static let secondsBetweenLines = 10.0
    private var isWorking = false
    private var isTrying = false
    private var reading: Task<Void, Never>?
    /// The last copy, the one that is being made, and how many were made.
    private var copy: Copy?
    private var copying: Task<Copy, Never>?
    private var copies = 0
    /// The digest of the state after so many records, for who asks again.
    private var digested: (records: Int, digest: String)?
    private var pace = DigestPace()
    private var digesting: Task<Void, Never>?
    private var waitingForDigest = 0

    /// How long a copy serves at least, in seconds; and how many times as long as it took to make.
    private static let copySeconds = 0.5
    private static let copyRest = 4.0
    /// After how long without a question the copy is given up, in seconds.
    private static let idleSeconds = 5.0
    /// How often to look, each time after 20 ms, whether something newer is ready.
    private static let mostLooks = 15
    /// The longest question, in bytes.
    private static let longestQuestion = 4096
    /// How often to look whether the trial connection is free again.
    private static let mostWaits = 40
    /// How many may wait for a digest.
    private static let mostWaitingForDigest = 32
    /// How long to wait before the questions are read again after the broker would not have them read, in seconds.
    private static let restSeconds = 5
    /// How many questions the broker may hand over before they are acknowledged.
    private static let prefetch: UInt16 = 32

    init(
        _ configuration: Configuration, log: Logger, instance: String, onEvent: @escaping @Sendable (ConnectionEvent) -> Void,
        snapshot: @escaping @Sendable () async -> Snapshot
    ) {
        (self.configuration, self.log, self.instance, self.snapshot) = (configuration, log, instance, snapshot)
        var options = Options()
        options.heartbeatSeconds = 5
        options.requestTimeoutSeconds = 3
        // An address may cost a connection every few seconds; who asks honestly must not wait for it long.
        options.reconnectInitialSeconds = 0.05
        options.reconnectMaximumSeconds = 0.25
        options.connectionName = "coordinator questions"
        asking = Connection(configuration.endpoint, options: options, onEvent: onEvent)
        options.connectionName = "coordinator trial answers"
        trying = Connection(configuration.endpoint, options: options)
    }

    /// Begins to read the questions; once is enough.
    func begin() {
        guard reading == nil else { return }
        reading = Task { await self.read() }
    }

    /// Answers no more, and closes.
    func close() async {
        reading?.cancel()
        await asking.close()
        await trying.close()
    }

    // MARK: Reading

    private func read() async {
        while !Task.isCancelled {
            do {
                let questions = try asking.consume(queue: Topology.questionsQueue, prefetch: QuestionDesk.prefetch)
                for try await event in questions {
                    guard case .deliveries(let deliveries) = event else { continue }
                    if let last = deliveries.last { questions.acknowledge(through: last) }
                    for delivery in deliveries { arrived(delivery) }
                    work()
                }
                return
            } catch {
                log.write(.error, verbatim: "questions: \(error); they are read again in \(QuestionDesk.restSeconds) s")
                try? await Task.sleep(for: .seconds(QuestionDesk.restSeconds))
            }
        }
    }

    private func arrived(_ delivery: Delivery) {
        // Answers go to the asker's own connection and nowhere else.
        guard let address = ReplyAddress(delivery.replyTo) else { return }
        let body = Array(delivery.body.prefix(QuestionDesk.longestQuestion + 1))
        let question = QuestionLine.Question(asker: delivery.userID ?? "", address: address, correlation: delivery.correlationID, body: body)
        guard line.questionArrived(question, again: delivery.redelivered, at: monotonicSeconds()) == .refused else { return }
        let refusal: JSON = ["error": "too many questions at once; ask again in a second", "retryAfterSeconds": 1]
        Task { _ = await send(refusal, question, on: asking) }
    }

    // MARK: Answering

    /// Answers one after another while there is something to answer. One answer is under way at a time on each connection, so that a connection that is lost
    /// names the address which cost it.
    private func work() {
        guard !isWorking else { return }
        isWorking = true
        Task(priority: .utility) {
            while let next = line.next(trialIsFree: !isTrying, at: monotonicSeconds()) { await serve(next.question, next.way) }
            isWorking = false
            // What is left has used up its share, or waits for the trial connection.
            guard let look = line.nextLook(at: monotonicSeconds()) else { return }
            try? await Task.sleep(for: .seconds(max(0, look - monotonicSeconds())))
            if reading?.isCancelled == false { work() }
        }
    }

    private func serve(_ question: QuestionLine.Question, _ way: QuestionLine.Way) async {
        let isTooLong = question.body.count > QuestionDesk.longestQuestion
        let asked = isTooLong ? nil : try? JSON(parsing: question.body)
        // Taking the state down whole takes long; meanwhile others are answered.
        if asked?["ask"]?.string == "digest", waitingForDigest < QuestionDesk.mostWaitingForDigest {
            waitingForDigest += 1
            Task(priority: .utility) {
                let answer = await digest()
                waitingForDigest -= 1
                await tell(answer, to: question, way)
            }
            return
        }
        await tell(await answer(asked, isTooLong: isTooLong), to: question, way)
    }

    private func answer(_ asked: JSON?, isTooLong: Bool) async -> JSON {
        if isTooLong { return ["error": .string("the question is longer than \(QuestionDesk.longestQuestion) bytes")] }
        switch asked?["ask"]?.string {
        case "status":
            guard let asked, let request = StatusBoard.Request(asked) else {
                return ["error": "\"party\" is a party's id, \"atMost\" a count, \"from\" the \"next\" of the page before"]
            }
            let copy = await current()
            var about = copy.snapshot.about
            about["answeredBy"] = .string(instance)
            return copy.board.page(request, asOf: configuration.clock.now, about: about)
        case "explain": return await current().snapshot.state.explain(asked?["id"]?.string ?? "")
        case "digest": return ["error": "too many ask for a digest; ask again in a second", "retryAfterSeconds": 1]
        default: return ["error": "ask for \"status\", for \"digest\", or for \"explain\" with an id"]
        }
    }

    /// A copy of the state, as fresh as can be had within a moment: on a long ledger putting the open cases in order takes longer, and meanwhile the last copy
    /// serves.
    private func current() async -> Copy {
        if let copy, monotonicSeconds() < copy.servesUntil { return copy }
        let task = copying ?? takeCopy()
        copying = task
        guard let last = copy else { return await task.value }
        for _ in 0..<QuestionDesk.mostLooks where copy?.number == last.number { try? await Task.sleep(for: .milliseconds(20)) }
        return copy ?? last
    }

    private func takeCopy() -> Task<Copy, Never> {
        Task(priority: .utility) {
            let snapshot = await snapshot()
            let begun = monotonicSeconds()
            // Where nothing was read since, the cases stand as they did.
            let former = copy.flatMap { $0.board.recordCount == snapshot.state.recordCount ? $0.board : nil }
            let board = if let former { former } else { await QuestionDesk.board(of: snapshot.state) }
            let now = monotonicSeconds()
            copies += 1
            let new = Copy(
                number: copies, snapshot: snapshot, board: board,
                servesUntil: now + max(QuestionDesk.copySeconds, (now - begun) * QuestionDesk.copyRest))
            (copy, copying) = (new, nil)
            forgetCopyLater()
            return new
        }
    }

    /// Not on this actor, where others are answered meanwhile.
    private nonisolated static func board(of state: LedgerState) async -> StatusBoard {
        await Task.detached(priority: .utility) { StatusBoard(state) }.value
    }

    /// Gives the copy up when nobody has asked for a while: as long as it is kept, what changes in the state is kept twice.
    private func forgetCopyLater() {
        Task {
            try? await Task.sleep(for: .seconds(QuestionDesk.idleSeconds))
            if copying == nil, let copy, monotonicSeconds() >= copy.servesUntil { self.copy = nil }
        }
    }

    /// What this coordinator holds, to be compared with another that has read as many records, or with a file of the ledger. Where it takes longer than a moment
    /// to take down, the last one is told, with the number of its records.
    private func digest() async -> JSON {
        let now = await snapshot()
        if digested?.records != now.state.recordCount {
            if digesting == nil, pace.waitSeconds(at: monotonicSeconds()) == 0 || digested == nil { digesting = takeDown(now.state) }
            if digested == nil { await digesting?.value }
            for _ in 0..<QuestionDesk.mostLooks where digesting != nil && digested?.records != now.state.recordCount {
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        return .compact([
            "answeredBy": .string(instance), "leads": .bool(now.leads), "ledger": now.state.ledgerID.map { .string($0) },
            "records": digested.map { .int(Int64($0.records)) }, "digest": digested.map { .string($0.digest) },
        ])
    }

    private func takeDown(_ state: LedgerState) -> Task<Void, Never> {
        Task(priority: .utility) {
            let begun = monotonicSeconds()
            let digest = await Task.detached(priority: .utility) { state.digest }.value
            digested = (state.recordCount, digest)
            pace.taken(seconds: monotonicSeconds() - begun, at: monotonicSeconds())
            digesting = nil
        }
    }

    private func tell(_ answer: JSON, to question: QuestionLine.Question, _ way: QuestionLine.Way) async {
        if way == .main { return await send(answer, question, on: asking) }
        // One that took long may find the trial connection taken meanwhile.
        for _ in 0..<QuestionDesk.mostWaits where isTrying { try? await Task.sleep(for: .milliseconds(50)) }
        if isTrying { return }
        isTrying = true
        Task(priority: .utility) {
            await send(answer, question, on: trying)
            isTrying = false
            work()
        }
    }

    private func send(_ answer: JSON, _ question: QuestionLine.Question, on connection: Connection) async {
        var bytes = answer.bytes
        if bytes.count > QuestionDesk.longestAnswer { bytes = JSON.object(["error": "the answer is too long", "complete": false]).bytes }
        let publishing = Publishing(
            exchange: "", routingKey: question.address.text, body: bytes, contentType: "application/json", correlationID: question.correlation,
            persistent: false, mandatory: false)
        do {
            try await connection.publish(publishing)
            line.answered(question, bytes: bytes.count, at: monotonicSeconds())
        } catch {
            if error.reason.contains("INTERNAL_ERROR") { line.addressProvedFalse(question, at: monotonicSeconds()) }
            unanswered += 1
            // Seldom: who forges addresses shall not fill the log.
            guard monotonicSeconds() >= toldUntil else { return }
            toldUntil = monotonicSeconds() + QuestionDesk.secondsBetweenLines
            let asker = question.asker.isEmpty ? "an asker without a name" : question.asker
            log.write(.info, verbatim: "an answer to \(asker) found nobody, \(unanswered) in all: \(error)")
        }
    }

    /// The broker takes no more, and ends the connection of who sends it.
    private static let longestAnswer = 256 * 1024
}

/// Seconds on a clock that only runs forward.
private func monotonicSeconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }
