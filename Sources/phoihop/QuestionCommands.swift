import AgentKit
import OperatorCommands
import Values

/// `phoihop status`.
struct StatusCommand {
    let context: Context

    func run() async throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 0)
        let configuration = try context.configuration()
        if context.arguments.has("digest") { return try await tellDigests(configuration) }
        let isWhole = context.console.json || context.arguments.has("all")
        let answer = isWhole ? try await Question.putWhole(to: configuration) : try await Question.put(StatusReport.question, to: configuration)
        if context.console.json {
            context.console.print(answer)
            return .ok
        }
        guard let report = StatusReport(answer, regulation: configuration.regulation) else { throw .unreadableAnswer }
        context.console.print(report.lines(context.language, on: context.console.screen).joined(separator: "\n"))
        return .ok
    }

    /// How many coordinators may be asked.
    private static let mostCoordinators = 8

    /// The digests of the states that the running coordinators hold. The broker puts one question after another to each in turn.
    private func tellDigests(_ configuration: Configuration) async throws(Failure) -> ExitCode {
        var told: Set<String> = []
        for _ in 0..<StatusCommand.mostCoordinators {
            let answer = try await Question.put(["ask": "digest"], to: configuration)
            guard let summary = StateSummary(answer: answer), let instance = summary.instance else { throw .unreadableAnswer }
            guard told.insert(instance).inserted else { break }
            if context.console.json { context.console.print(answer) } else { context.console.print(summary.line(context.language)) }
        }
        return .ok
    }
}

/// `phoihop explain`.
struct ExplainCommand {
    let context: Context

    func run() async throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 1)
        guard let id = context.arguments.words.first else {
            throw Failure(
                .usage, vi: "Đề nghị ghi mã: phoihop explain MÃ. Mã việc, mã tin hoặc mã vụ việc; xem phoihop status",
                en: "Name an id: phoihop explain ID. That of an obligation, a message or a case; see phoihop status")
        }
        let configuration = try context.configuration()
        let answer = try await Question.put(["ask": "explain", "id": .string(id)], to: configuration)
        guard let explanation = Explanation(answer, id: id, regulation: configuration.regulation, now: configuration.clock.now) else { throw .unreadableAnswer }
        if context.console.json {
            context.console.print(answer)
            return explanation.isFound ? .ok : .badData
        }
        guard explanation.isFound else { throw explanation.notFound }
        context.console.print(explanation.lines(context.language, on: context.console.screen).joined(separator: "\n"))
        return .ok
    }
}

extension Question {
    /// Asks over a connection of its own.
    static func put(_ question: JSON, to configuration: Configuration) async throws(Failure) -> JSON {
        let link = try await Link.open(configuration.endpoint, name: "phoihop", speaks: false)
        do throws(Failure) {
            let answer = try await Question(link, configuration).ask(question)
            await link.close()
            return answer.json
        } catch {
            await link.close()
            throw error
        }
    }

    /// Asks for all that is open, page after page, over a connection of its own.
    static func putWhole(to configuration: Configuration) async throws(Failure) -> JSON {
        let link = try await Link.open(configuration.endpoint, name: "phoihop", speaks: false)
        do throws(Failure) {
            var pages = StatusPages()
            while let question = pages.question { pages.pageRead(try await Question(link, configuration).ask(question).json) }
            await link.close()
            guard let answer = pages.answer else { throw .unreadableAnswer }
            return answer
        } catch {
            await link.close()
            throw error
        }
    }
}

extension Failure {
    static let unreadableAnswer = Failure(
        .unavailable, vi: "Hệ thống điều phối trả lời không đọc được; có thể khác phiên bản.",
        en: "The coordinator's answer cannot be read; its version may differ.")
}
