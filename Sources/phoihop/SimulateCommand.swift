import OperatorCommands
import Regulation
import Simulation

/// `phoihop simulate`: a scenario played without a broker, on a clock of its own.
struct SimulateCommand {
    let context: Context

    func run() throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 1)
        guard let path = context.arguments.words.first else {
            throw Failure(
                .usage, vi: "Kịch bản nào? phoihop simulate TỆP, hoặc - để đọc đầu vào chuẩn.",
                en: "Which scenario? phoihop simulate FILE, or - for standard input.")
        }
        let performance = Performance(of: try ScenarioFile(path: path, context: context).scenario())
        let console = context.console
        let report = SimulationReport(performance)
        if console.json {
            let offset = performance.scenario.regulation.calendar.offset
            for event in performance.ledger { console.print(event.json(offset: offset)) }
            let failed = performance.isAsExpected ? [] : report.expectations(context.language, Screen()).dropFirst()
            for line in failed { console.note(Wording(vi: line, en: line)) }
        } else {
            console.print(report.lines(context.language, on: console.screen).joined(separator: "\n"))
        }
        return performance.isAsExpected ? .ok : .unexpected
    }
}
