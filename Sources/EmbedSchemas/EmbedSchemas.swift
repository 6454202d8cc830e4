import Foundation
import PackagePlugin

/// Compiles the files of `schemas/` into the module `Schemas` as string literals, so that a binary carries its default regulation.
/// A literal string compiles in milliseconds where SwiftPM's own `embedInCode` makes an array of bytes that takes ten seconds.
@main
struct EmbedSchemas: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let schemas = context.package.directoryURL.appending(path: "schemas")
        let messages = schemas.appending(path: "messages")
        let files =
            [schemas.appending(path: "regulation.json")]
            + (try FileManager.default.contentsOfDirectory(at: messages, includingPropertiesForKeys: nil))
            .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
        let output = context.pluginWorkDirectoryURL.appending(path: "Embedded.swift")
        // The literal's delimiter has five number signs, which no JSON file holds before a closing quotation mark.
        let script = [
            "out=$1; shift; { echo 'let embedded: [(name: String, text: String)] = ['",
            ######"for file in "$@"; do printf '(name: "%s", text: #####"""\n' "$(basename "$file" .json)"; cat "$file"; printf '\n"""#####),\n'; done"######,
            #"echo ']'; } > "$out""#,
        ].joined(separator: "\n")
        return [
            .buildCommand(
                displayName: "Embedding schemas", executable: URL(filePath: "/bin/sh"),
                arguments: ["-c", script, "sh", output.path] + files.map(\.path), inputFiles: files, outputFiles: [output])
        ]
    }
}
