import Foundation
import Values

/// A check plugin and what to call it with.
public struct Plugin: Hashable, Sendable {
    /// The executable, as an absolute path.
    public var executable: String
    /// Its arguments, as they are: no shell reads them.
    public var arguments: [String]

    /// A plugin with its arguments.
    public init(_ executable: String, _ arguments: [String] = []) { (self.executable, self.arguments) = (executable, arguments) }
}

/// Runs check plugins.
///
/// A plugin runs in a process group of its own, with nothing on its standard input, no descriptor of ours, `LC_ALL=C.UTF-8` and a system `PATH`, and
/// nothing else of our environment, which may hold secrets. When it ends, or its time is over, its whole group is killed. Each run has a thread of its
/// own, so neither the cooperative threads nor another plugin wait for one that hangs. A plugin's descendant that leaves the group (`setsid`) escapes.
public struct PluginRunner: Sendable {
    /// How long a plugin may run.
    public var timeout: Span
    /// How many bytes of output are kept; the rest is read and thrown away.
    public var outputLimitBytes: Int

    /// A runner with these bounds. The default timeout, 30 s, is more than the 10 s that plugins give themselves.
    public init(timeout: Span = .seconds(30), outputLimitBytes: Int = 64 * 1024) { (self.timeout, self.outputLimitBytes) = (timeout, outputLimitBytes) }

    /// Runs a plugin and reads its answer. Does not throw: what goes wrong is an unknown status with its reason. A cancelled task kills the plugin.
    public func run(_ plugin: Plugin) async -> CheckResult {
        guard let cancellation = OwnedPipe() else { return CheckResult(ending: .notStarted(PluginProcess.noDescriptors), output: []) }
        let (timeout, limit) = (timeout, outputLimitBytes)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    PluginProcess.run(plugin, timeout: timeout, outputLimitBytes: limit, cancellation: cancellation) { continuation.resume(returning: $0) }
                }
            }
        } onCancel: {
            cancellation.signal()
        }
    }
}
