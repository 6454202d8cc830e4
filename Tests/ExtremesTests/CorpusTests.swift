import Foundation
import Probes
import Testing

/// What libFuzzer found worth keeping, and the inputs it began with: no probe falls over them, and none takes long.
@Suite struct CorpusTests {
    @Test(arguments: Probe.allCases) func everyKeptInputIsTaken(_ probe: Probe) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../fuzz/\(probe.rawValue)").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).sorted { $0.path < $1.path }
        #expect(!files.isEmpty)
        for file in files {
            let input = try Data(contentsOf: file)
            // What it takes of the processor, however busy the machine is; what stands still meets the limit of the whole run.
            let before = seconds()
            probe.take(Array(input))
            let taken = seconds() - before
            #expect(taken < 20, "\(file.lastPathComponent) takes \(taken) s")
        }
        func seconds() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        print("corpus: \(files.count) inputs of \(probe.rawValue)")
    }
}
