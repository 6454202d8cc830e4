import Foundation
import PackagePlugin

/// Compiles a digest of all sources into the module `Build`, so that programs of one build know each other, whichever of them asks.
@main
struct EmbedBuild: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let root = context.package.directoryURL
        let files = try ["Sources", "schemas"].flatMap { folder -> [URL] in
            let paths = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
            return paths.filter { [".swift", ".json", ".h", ".modulemap"].contains(where: $0.hasSuffix) }.map {
                root.appending(path: folder).appending(path: $0)
            }
        }.sorted { $0.path < $1.path }
        let output = context.pluginWorkDirectoryURL.appending(path: "Digest.swift")
        let script = #"out=$1; shift; printf 'let digest = "%s"\n' "$(cat "$@" | sha256sum | cut -c1-16)" > "$out""#
        return [
            .buildCommand(
                displayName: "Taking the digest of the sources", executable: URL(filePath: "/bin/sh"),
                arguments: ["-c", script, "sh", output.path] + files.map(\.path), inputFiles: files, outputFiles: [output])
        ]
    }
}
