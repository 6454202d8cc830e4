import AMQP
import AgentKit
import Coordination
import Foundation
import Regulation

keepMemoryTogether()

let environment = ProcessInfo.processInfo.environment

do {
    let configuration = try Configuration(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: environment, defaultParty: LedgerState.coordinator)
    guard configuration.party == LedgerState.coordinator else {
        throw UsageError(
            Wording(
                vi: "chương trình này chỉ chạy cho \(LedgerState.coordinator); đơn vị \(configuration.party) dùng phoihop-party",
                en: "this program runs for \(LedgerState.coordinator) alone; for \(configuration.party) use phoihop-party"))
    }
    let child = Guardian.child(in: environment)
    if child == nil {
        let log = Logger(level: configuration.logLevel, language: configuration.language, offset: configuration.offset, environment: environment)
        // Without a page there is nothing to judge by, and the coordinator runs by itself.
        if var guardian = Guardian(home: configuration.home.path(percentEncoded: false), log: log) { exit(guardian.run()) }
    }
    try await serve(configuration, hand: child?.hand, fellOver: child?.setAside ?? .nothing)
} catch let error as UsageError {
    let text = error.text[Configuration.language(in: environment)]
    if error.exitStatus == EX_OK { print(text) } else { Logger.standardError("phoihop-coordinator: \(text)\n") }
    exit(error.exitStatus)
} catch is MustBeReadAgain {
    exit(MustBeReadAgain.exitStatus)
} catch let error as AMQPError {
    Logger.standardError("phoihop-coordinator: \(error)\n")
    exit(error.code == .accessRefused || error.code == .authentication ? EX_NOPERM : EX_UNAVAILABLE)
}

/// Runs a coordinator until it is told to end.
func serve(_ configuration: Configuration, hand: Hand?, fellOver: InHand) async throws {
    let log = Logger(level: configuration.logLevel, language: configuration.language, offset: configuration.offset, environment: environment)
    // The process that its operator started, and knows.
    let number = hand == nil ? getpid() : getppid()
    let instance = "\(ProcessInfo.processInfo.hostName)/\(number)"
    let coordinator = Coordinator(configuration, log: log, instance: instance, hand: hand, fellOver: fellOver)
    let running = Task { try await coordinator.run() }
    let signals = [SIGTERM, SIGINT].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number)
        source.setEventHandler { running.cancel() }
        source.activate()
        return source
    }
    defer { signals.forEach { $0.cancel() } }
    do {
        try await running.value
    } catch is CancellationError {
        log.write(.notice, Wording(vi: "điều phối dừng", en: "the coordinator ends"))
    }
    await coordinator.stop()
}
