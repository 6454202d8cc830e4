import Foundation
import Probes

/// Which probe this process feeds; named by the environment, for libFuzzer keeps the command line to itself.
private let probe: Probe = {
    guard let probe = ProcessInfo.processInfo.environment["PHOIHOP_PROBE"].flatMap(Probe.init(rawValue:)) else {
        fatalError("PHOIHOP_PROBE names none of \(Probe.allCases.map(\.rawValue))")
    }
    return probe
}()

/// What libFuzzer calls with each input.
private typealias Taker = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

/// libFuzzer's own loop, which reads the command line and ends the process.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>, _ take: Taker
) -> CInt

@main
enum Driver {
    static func main() {
        var (count, arguments) = (CommandLine.argc, CommandLine.unsafeArgv)
        exit(
            runDriver(&count, &arguments) { start, count in
                probe.take(Array(UnsafeBufferPointer(start: start, count: count)))
                return 0
            })
    }
}
