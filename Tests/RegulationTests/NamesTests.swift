import Foundation
import Regulation
import Testing

/// What one text names – its parties, its devices, its duties, its messages – the program reads from the text. A module that knew one of them by name would go
/// wrong, without a word, under a text that names it otherwise.
@Suite struct NamesTests {
    /// The modules that read any text. What is left out serves this text's own equipment, files and figures.
    private static let modules = [
        "AMQP", "AgentKit", "Broker", "Coordination", "Files", "Messages", "Processes", "Questions", "Regulation", "Schemas", "Topology", "Values",
        "phoihop-coordinator", "phoihop-party",
    ]
    /// The list of the mechanism's own types, and what is known of editions that lie in ledgers.
    private static let lists = ["Regulation/SystemType.swift", "Regulation/EarlierEdition.swift"]

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardizedFileURL

    private static let names: Set<String> = {
        let text = Regulation.standard
        // The accounts of the system itself are the same under every text.
        let parties = text.parties.filter { $0.role != .system }.map(\.id)
        let types = text.messageTypes.map(\.name)
        // "incident." before something is a type just as well.
        let nouns = types.map { String($0.prefix { $0 != "." }) + "." }
        return Set(parties + types + nouns + text.devices.map(\.id) + text.operations.map(\.device) + text.duties.map(\.id))
    }()

    /// The literals of a file that hold such a name, by line.
    private static func found(in text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { number, line -> [String] in
            // Comments may give examples.
            let code = line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
            return code.split(separator: "\"", omittingEmptySubsequences: false).enumerated().compactMap { index, part in
                index % 2 == 1 && names.contains(String(part)) ? "\(number + 1): \"\(part)\"" : nil
            }
        }
    }

    @Test(arguments: modules) func noModuleKnowsWhatOneTextNames(_ module: String) throws {
        let directory = Self.sources.appending(path: module)
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".swift") }
        #expect(!files.isEmpty)
        for file in files.sorted() where !Self.lists.contains("\(module)/\(file)") {
            let found = try Self.found(in: String(contentsOf: directory.appending(path: file), encoding: .utf8))
            #expect(found.isEmpty, "\(module)/\(file)")
        }
    }

    @Test func aNameIsFoundWhereThereIsOne() {
        #expect(Self.found(in: "let a = 1\nif type == \"incident.notified\" || party == \"police\" {}\n") == ["2: \"incident.notified\"", "2: \"police\""])
        #expect(Self.found(in: "/// \"police\"\nlet b = type.hasPrefix(\"incident.\")") == ["2: \"incident.\""])
    }

    @Test func theMechanismsOwnTypesAreInEveryText() {
        let known = Dictionary(uniqueKeysWithValues: Regulation.standard.messageTypes.map { ($0.name, $0) })
        for type in SystemType.all { #expect(known[type] != nil, "\(type)") }
        let system = Set(Regulation.standard.parties.filter { $0.role == .system }.map(\.id))
        for type in SystemType.ofTheSystem { #expect(known[type].map { system.isSuperset(of: $0.from) } == true, "\(type)") }
    }
}
