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
        let scenario = try ScenarioFile(path: path, context: context).scenario()
        let console = context.console
        if context.arguments.has("acts") {
            for act in scenario.actsAsJSON { console.print(act) }
            return .ok
        }
        let performance = try perform(scenario)
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

    /// Plays a scenario; with a clock on the command line, as a drill on that clock would go: begun when the clock begins, and with the spans of real time as
    /// much longer as the clock is faster. A clock of the environment is that of a system, and means nothing here.
    private func perform(_ scenario: Scenario) throws(Failure) -> Performance {
        guard context.arguments.has("clock") else { return Performance(of: scenario) }
        let clock = try context.clock()
        if let first = scenario.firstAct, clock.start > first {
            let offset = scenario.regulation.calendar.offset
            let (start, act) = (clock.start.rfc3339(offset: offset), first.rfc3339(offset: offset))
            throw Failure(
                .usage, vi: "Đồng hồ bắt đầu lúc \(start), sau việc đầu tiên của kịch bản lúc \(act); đề nghị cho bắt đầu sớm hơn.",
                en: "The clock begins at \(start), after the scenario's first act at \(act); let it begin earlier.")
        }
        return Performance(of: scenario, from: clock.start, options: .init(rate: clock.rate))
    }
}
