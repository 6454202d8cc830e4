import Foundation
import Probes
import Testing

/// What libFuzzer found worth keeping, and the inputs it began with: no probe falls over them, and none takes long.
@Suite struct CorpusTests {
    @Test(arguments: Probe.allCases) func everyKeptInputIsTaken(_ probe: Probe) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../fuzz/\(probe.rawValue)").standardizedFileURL
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).sorted { $0.path < $1.path }
        #expect(!files.isEmpty)
        // The first that needs the story builds it, and the others wait: that is no input's time.
        _ = Probe.morning
        for file in files {
            let input = try Data(contentsOf: file)
            let elapsed = ContinuousClock().measure { probe.take(Array(input)) }
            #expect(elapsed < .seconds(20), "\(file.lastPathComponent) takes \(elapsed)")
        }
        print("corpus: \(files.count) inputs of \(probe.rawValue)")
    }
}
