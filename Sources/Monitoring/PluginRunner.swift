import Processes
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
/// nothing else of our environment, which may hold secrets. When it ends, or its time is over, its whole group is killed.
public struct PluginRunner: Sendable {
    /// How long a plugin may run.
    public var timeout: Span
    /// How many bytes of output are kept; the rest is read and thrown away.
    public var outputLimitBytes: Int

    /// A runner with these bounds. The default timeout, 30 s, is more than the 10 s that plugins give themselves.
    public init(timeout: Span = .seconds(30), outputLimitBytes: Int = 64 * 1024) { (self.timeout, self.outputLimitBytes) = (timeout, outputLimitBytes) }

    /// Runs a plugin and reads its answer. Does not throw: what goes wrong is an unknown status with its reason. A cancelled task kills the plugin.
    public func run(_ plugin: Plugin) async -> CheckResult {
        let result = await ProgramCall(plugin.executable, plugin.arguments).run(timeout: timeout, outputLimitBytes: outputLimitBytes)
        return CheckResult(ending: PluginEnding(result.ending, of: plugin), output: result.output, errors: result.errors)
    }
}
