import AMQP
import Foundation
import Messages
import Regulation
import Synchronization
import Topology
import Values

/// What every agent is made of, wired: it receives, checks, keeps, issues receipts, shows and hands on; it sends what is in the spool; it shows that it is alive and
/// watches that a coordinator is. It runs without a broker, and goes on when one comes.
public struct Agent: Sendable {
    /// The version that agents show.
    public static let version = "1.0.0"

    let configuration: Configuration
    let name: String
    let environment: [String: String]
    let log: Logger

    /// An agent of this name, which is its executable's. `log` is where it tells what happens; by default standard error.
    public init(
        _ configuration: Configuration, name: String, environment: [String: String] = ProcessInfo.processInfo.environment,
        log: @escaping @Sendable (String) -> Void = Logger.standardError
    ) {
        (self.configuration, self.name, self.environment) = (configuration, name, environment)
        self.log = Logger(
            level: configuration.logLevel, language: configuration.language, offset: configuration.offset, environment: environment, sink: log)
    }

    /// Runs an executable: reads the command line, runs the agent, and exits. With a `party` it serves that one alone, else any agency or superior. `options` are its
    /// own beside those of every agent; `prepare` makes its part of them before anything runs; what it throws is printed, and nothing is run.
    public static func main(
        _ name: String, party: PartyID? = nil, options: [Option],
        prepare: (ParsedOptions, Configuration) throws(UsageError) -> @Sendable (AgentContext) async throws -> Void
    ) async -> Never {
        let environment = ProcessInfo.processInfo.environment
        let options = Configuration.options + options
        do throws(UsageError) {
            let parsed = try ParsedOptions(Array(CommandLine.arguments.dropFirst()), environment: environment, options: options)
            if parsed.has("help") { throw .help(ParsedOptions.help(on: options)) }
            let configuration = try Configuration(parsed, environment: environment, defaultParty: party)
            try configuration.checkServed(by: name, party)
            let body = try prepare(parsed, configuration)
            exit(await Agent(configuration, name: name).run(body: body))
        } catch {
            let asksForEnglish = CommandLine.arguments.joined(separator: "=").contains("--lang=en")
            let text = error.text[asksForEnglish ? .en : Configuration.language(in: environment)]
            if error.exitStatus == ExitStatus.ok {
                print("\(name) [--option value …]\n\n\(text)")
            } else {
                Logger.standardError("\(name): \(text)\n")
            }
            exit(error.exitStatus)
        }
    }

    /// Runs until SIGTERM or SIGINT, or until it cannot go on; gives the exit status. `body` is the agent's own part; when it returns, the rest goes on.
    /// `stop`, if given, ends it like a signal when it returns.
    public func run(
        stop: (@Sendable () async -> Void)? = nil, body: @escaping @Sendable (AgentContext) async throws -> Void = { _ in }
    ) async -> Int32 {
        // Before anything can break a pipe.
        signal(SIGPIPE, SIG_IGN)
        let run: AgentRun
        do throws(StartError) { run = try AgentRun(starting: self) } catch {
            log.write(.error, Wording(vi: "không khởi động được: \(error.text.vi)", en: "cannot start: \(error.text.en)"))
            return error.exitStatus
        }
        return await run.run(stop: stop, body: body)
    }
}

/// Why an agent does not start.
enum StartError: Error {
    case alreadyRuns(String)
    case file(FileError)

    var exitStatus: Int32 {
        switch self {
        case .alreadyRuns: ExitStatus.unavailable
        case .file: ExitStatus.cannotCreate
        }
    }

    var text: Wording {
        switch self {
        case .alreadyRuns(let home):
            Wording(
                vi: "đã có tác tử khác làm việc trong \(home); dừng nó, hoặc dùng --home khác",
                en: "another agent already works in \(home); end it, or use another --home")
        case .file(let error): error.text
        }
    }
}

/// What an agent's own part works with.
public struct AgentContext: Sendable {
    /// What the agent was told.
    public let configuration: Configuration
    /// The log.
    public let log: Logger
    /// What must be known after a restart.
    public let state: StateFiles
    /// The messages for the operator, as they come in; one reader. If it falls behind by more than a thousand, the oldest are left out: they are in the inbox.
    public let onMessage: AsyncStream<Received>
    let publisher: Publisher

    /// The directory of the agent's files.
    public var home: URL { configuration.home }
    /// The clock of the duties.
    public var clock: Clock { configuration.clock }

    /// Says something in the party's name. When this returns, it is in the spool and will be sent, whatever happens. `to` is a party where the case decides who is
    /// addressed. A message that may be said again after a restart keeps its `id`.
    /// - Throws: `Refusal` where the message would not count, `SpoolError` where it cannot be kept.
    @discardableResult
    public func publish(
        type: String, subject: String? = nil, data: JSON, to: String = RoutingKey.all, exercise: Bool = false, causation: String? = nil,
        correlation: String? = nil, id: String? = nil
    ) throws -> Event {
        try publisher.publish(
            type: type, subject: subject, data: data, to: to, exercise: exercise, causation: causation, correlation: correlation, id: id)
    }
}

/// Puts a party's messages into its spool, checked as their readers will check them. The operators' command and the agents share it.
public struct Publisher: Sendable {
    private let configuration: Configuration
    private let spool: Spool
    private let reader: MessageReader
    private let onWritten: @Sendable () -> Void

    /// A publisher of the configured party. `onWritten` is called after each message.
    public init(_ configuration: Configuration, spool: Spool, onWritten: @escaping @Sendable () -> Void = {}) {
        (self.configuration, self.spool, self.onWritten) = (configuration, spool, onWritten)
        reader = MessageReader(configuration)
    }

    /// The message that would be said, checked.
    /// - Throws: `Refusal` where it would not count.
    public func event(
        type: String, subject: String? = nil, data: JSON, to: String = RoutingKey.all, exercise: Bool = false, causation: String? = nil,
        correlation: String? = nil, id: String? = nil
    ) throws(Refusal) -> Event {
        let now = configuration.clock.now
        let event = Event(
            id: id ?? UUID().uuidString.lowercased(), sender: configuration.party, type: type, subject: subject, time: now, data: data,
            correlationID: correlation, causationID: causation, exercise: exercise)
        try reader.check(event, to: to)
        try reader.check(event, isPastAt: now)
        return event
    }

    /// Says something in the party's name; see `AgentContext.publish`.
    @discardableResult
    public func publish(
        type: String, subject: String? = nil, data: JSON, to: String = RoutingKey.all, exercise: Bool = false, causation: String? = nil,
        correlation: String? = nil, id: String? = nil
    ) throws -> Event {
        let event = try event(
            type: type, subject: subject, data: data, to: to, exercise: exercise, causation: causation, correlation: correlation, id: id)
        try spool.write(event, to: to)
        onWritten()
        return event
    }
}

extension MessageReader {
    /// A reader under the rules of a configuration; a drill's clock widens what counts as the same moment.
    init(_ configuration: Configuration) {
        self.init(regulation: configuration.regulation, allowedSkew: .seconds(60).scaled(by: max(1, configuration.clock.rate)))
    }
}
