import AMQP
import AgentKit
import Foundation
import Messages
import OperatorCommands
import Regulation
import Values

/// One run of the command: reads the command line, runs the command, says what went wrong.
struct Program {
    let line: [String]
    let environment: [String: String]

    func run() async -> ExitCode {
        let console = Console(language: Invocation.language(line, environment), json: line.contains("--json"))
        do throws(Failure) {
            return try await Context(invocation: Invocation(line, regulation: regulation), environment: environment, console: console).run()
        } catch {
            console.fail(error)
            return error.code
        }
    }

    /// The regulation in force, known before the line is taken apart: the flags of `publish` follow from it.
    private func regulation() throws(Failure) -> Regulation {
        let named = Invocation.value(of: "--regulation", in: line).map { ["--regulation", $0] } ?? []
        do throws(UsageError) {
            return try Configuration.regulation(ParsedOptions(named, environment: environment, options: Configuration.options))
        } catch { throw Failure(error) }
    }
}

/// What a command works with.
struct Context {
    let invocation: Invocation
    let environment: [String: String]
    let console: Console
    var arguments: Arguments { invocation.arguments }
    var language: Language { console.language }

    func run() async throws(Failure) -> ExitCode {
        let wantsHelp = arguments.has("help") || arguments.has("h")
        guard let command = invocation.command else {
            console.print(Help.overview)
            return wantsHelp ? .ok : .usage
        }
        if wantsHelp && command != .publish {
            console.print(try Help.topic(command.rawValue, under: regulation()))
            return .ok
        }
        switch command {
        case .help:
            try arguments.expectWords(atMost: 1)
            if let topic = arguments.words.first { console.print(try Help.topic(topic, under: regulation())) } else { console.print(Help.overview) }
            return .ok
        case .publish:
            if wantsHelp {
                console.print(Help.publish)
                if let type = invocation.type { try DescribeCommand(context: self).describe(type) }
                return .ok
            }
            return try await PublishCommand(context: self).run()
        case .status: return try await StatusCommand(context: self).run()
        case .explain: return try await ExplainCommand(context: self).run()
        case .watch: return try await WatchCommand(context: self).run()
        case .inbox: return try InboxCommand(context: self).run()
        case .describe: return try DescribeCommand(context: self).run()
        case .doctor: return try await DoctorCommand(context: self).run()
        case .desk: return try await DeskCommand(context: self).run()
        case .ledger: return try await LedgerCommand(context: self).run()
        case .content: return try await ContentCommand(context: self).run()
        case .files: return try await FilesCommand(context: self).run()
        case .backup: return try await BackupCommand(context: self).run()
        case .regulation: return try RegulationCommand(context: self).run()
        case .simulate: return try SimulateCommand(context: self).run()
        case .report: return try await ReportCommand(context: self).run()
        case .broker: return try await BrokerCommand(context: self).run()
        }
    }

    // MARK: Settings

    /// The flags that agents know too, read as they read them.
    private func options() throws(Failure) -> ParsedOptions {
        var line: [String] = []
        for name in ["broker", "party", "home", "regulation", "clock", "lang"] {
            if let value = try arguments.value(name) { line += ["--\(name)", value] }
        }
        do throws(UsageError) { return try ParsedOptions(line, environment: environment, options: Configuration.options) } catch { throw Failure(error) }
    }

    /// The settings of this command line, for another that it runs.
    var settings: [String] {
        ["--lang", language.rawValue] + (console.json ? ["--json"] : [])
            + ["broker", "party", "home", "regulation", "clock"].flatMap { name in
                (try? arguments.value(name)).flatMap { $0 }.map { ["--\(name)", $0] } ?? []
            }
    }

    /// Everything that a command needs which talks to the broker.
    func configuration() throws(Failure) -> Configuration {
        let options = try options()
        do throws(UsageError) { return try Configuration(options, environment: environment, defaultParty: nil) } catch { throw Failure(error) }
    }

    func regulation() throws(Failure) -> Regulation {
        let options = try options()
        do throws(UsageError) { return try Configuration.regulation(options) } catch { throw Failure(error) }
    }

    func endpoint() throws(Failure) -> Endpoint {
        let options = try options()
        do throws(UsageError) { return try Configuration.endpoint(options) } catch { throw Failure(error) }
    }

    /// The party: the one named, else the account at the broker, else nil.
    func party(in regulation: Regulation) throws(Failure) -> PartyID? {
        let options = try options()
        var party = options["party"]
        if party == nil, let endpoint = try? Configuration.endpoint(options), case .plain(let user, _) = endpoint.credentials { party = user }
        guard let party else { return nil }
        do throws(UsageError) { try Configuration.check(party: party, in: regulation) } catch { throw Failure(error) }
        return party
    }

    /// The party's directory, and the clock of the duties, for commands that need no broker.
    func local() throws(Failure) -> (party: PartyID, home: URL, regulation: Regulation, clock: Clock) {
        let regulation = try regulation()
        guard let party = try party(in: regulation) else {
            throw Failure(
                .usage, vi: "Chưa rõ đơn vị nào; đề nghị ghi --party MÃ hoặc đặt PHOIHOP_PARTY.",
                en: "It is not clear for which party; write --party ID or set PHOIHOP_PARTY.")
        }
        return (party, Configuration.home(of: party, try options(), environment), regulation, try clock())
    }

    /// The clock of the duties.
    func clock() throws(Failure) -> Clock {
        guard let text = try options()["clock"] else { return .system }
        if let clock = Clock(option: text) { return clock }
        throw Failure(
            .usage, vi: "--clock “\(text)” không đọc được; xem phoihop help settings", en: "--clock “\(text)” cannot be read; see phoihop help settings")
    }
}

extension Failure {
    /// A mistake in the settings.
    init(_ error: UsageError) {
        let message = error.text.map { _, text in text.prefix(1).uppercased() + text.dropFirst() }
        self.init(.usage, vi: message.vi, en: message.en)
    }
}
