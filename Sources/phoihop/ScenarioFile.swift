import AgentKit
import Foundation
import OperatorCommands
import Regulation
import Simulation

/// A scenario's file, `-` for standard input, and the files that its lines name, whose paths begin where it lies.
struct ScenarioFile {
    let path: String
    let context: Context

    private var directory: URL { path == "-" ? URL(fileURLWithPath: ".") : URL(fileURLWithPath: path).deletingLastPathComponent() }

    /// The scenario, under the regulation of the command line, else under its own, else under the one built in.
    func scenario() throws(Failure) -> Scenario {
        let text = try text()
        let regulation = try regulation(for: text)
        do throws(ScenarioError) {
            return try Scenario(parsing: text, regulation: regulation) { file in
                FileManager.default.contents(atPath: URL(fileURLWithPath: file, relativeTo: directory).path).map { Array($0) }
            }
        } catch {
            throw Failure(error, in: path)
        }
    }

    private func text() throws(Failure) -> String {
        let bytes: Data
        if path == "-" {
            bytes = FileHandle.standardInput.readDataToEndOfFile()
        } else {
            // A handle reads pipes too.
            guard let handle = FileHandle(forReadingAtPath: path), let read = try? handle.readToEnd() ?? Data() else {
                throw Failure(.badData, vi: "Không đọc được kịch bản \(path).", en: "The scenario \(path) cannot be read.")
            }
            bytes = read
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.badData, vi: "Kịch bản \(path) phải là văn bản UTF-8.", en: "The scenario \(path) must be UTF-8 text.")
        }
        return text
    }

    private func regulation(for text: String) throws(Failure) -> Regulation {
        guard !context.arguments.has("regulation"), let file = Scenario.regulationFile(in: text) else { return try context.regulation() }
        do throws(UsageError) {
            let options = try ParsedOptions(
                ["--regulation", URL(fileURLWithPath: file, relativeTo: directory).path], environment: [:], options: Configuration.options)
            return try Configuration.regulation(options)
        } catch {
            throw Failure(error)
        }
    }
}
