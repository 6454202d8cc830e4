import Foundation
import Probes

/// Which probe this process feeds; named by the environment, for libFuzzer keeps the command line to itself.
private let probe: Probe = {
    guard let probe = ProcessInfo.processInfo.environment["PHOIHOP_PROBE"].flatMap(Probe.init(rawValue:)) else {
        fatalError("PHOIHOP_PROBE names none of \(Probe.allCases.map(\.rawValue))")
    }
    return probe
}()

/// libFuzzer's way in.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    probe.take(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
