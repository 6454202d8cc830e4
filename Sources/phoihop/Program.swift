import AMQP
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
        let language = Invocation.language(line, environment)
        let console = Console(language: language, json: line.contains("--json"))
        do throws(Failure) {
            let invocation = try Invocation(line)
            if let asked = try invocation.arguments.value("lang"), Language(rawValue: asked.lowercased()) == nil {
                throw Failure(.usage, vi: "--lang là vi hoặc en, không phải “\(asked)”.", en: "--lang is vi or en, not “\(asked)”.")
            }
            let context = Context(invocation: invocation, environment: environment, console: console)
            return try await context.run()
        } catch {
            console.fail(error)
            return error.code
        }
    }
}

/// What a command works with.
struct Context {
    let invocation: Invocation
    let environment: [String: String]
    let console: Console
    var arguments: Arguments { invocation.arguments }

    func run() async throws(Failure) -> ExitCode {
        guard let command = invocation.command else {
            console.print(Help.overview[console.language])
            return arguments.has("help") || arguments.has("h") ? .ok : .usage
        }
        if arguments.has("help") || arguments.has("h") {
            console.print(try Help.topic(command.rawValue)[console.language])
            return .ok
        }
        switch command {
        case .help:
            try arguments.expectWords(atMost: 1)
            console.print(try arguments.words.first.map { name throws(Failure) in try Help.topic(name) }?[console.language] ?? Help.overview[console.language])
            return .ok
        case .broker: return try await BrokerCommand(context: self).run()
        default: throw Failure(.usage, vi: "Lệnh này chưa có.", en: "This command is not there yet.")
        }
    }

    /// A setting from the command line or the environment.
    func setting(_ flag: String, _ variable: String) throws(Failure) -> String? {
        try arguments.value(flag) ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    func regulation() throws(Failure) -> Regulation {
        guard let path = try setting("regulation", "PHOIHOP_REGULATION") else { return .standard }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Failure(.usage, vi: "Không đọc được tệp quy định \(path).", en: "The regulation file \(path) cannot be read.")
        }
        do {
            return try Regulation(json: JSON(parsing: Array(bytes)))
        } catch {
            throw Failure(.badData, vi: "Tệp quy định \(path) chưa đúng:\n\(error)", en: "The regulation file \(path) is not right:\n\(error)")
        }
    }

    func endpoint() throws(Failure) -> Endpoint {
        guard let uri = try setting("broker", "PHOIHOP_BROKER") else {
            throw Failure(
                .usage, vi: "Chưa biết máy chủ tin; đề nghị đặt PHOIHOP_BROKER hoặc ghi --broker amqp://tên:mật-khẩu@máy:cổng/",
                en: "The broker is not named; set PHOIHOP_BROKER or write --broker amqp://user:password@host:port/")
        }
        do throws(AMQPError) { return try Endpoint(uri: uri) } catch {
            throw Failure(.usage, vi: "Địa chỉ máy chủ tin chưa đúng: \(error.reason)", en: "The broker's address is not right: \(error.reason)")
        }
    }
}
