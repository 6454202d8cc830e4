import Foundation
import Regulation
import Testing

/// What one text names – its parties, its devices, its duties, its messages – the program reads from the text. A module that knew one of them by name would go
/// wrong, without a word, under a text that names it otherwise.
@Suite struct NamesTests {
    /// The modules, all but the programs that serve one party: these name it.
    private static let modules =
        (try? FileManager.default.contentsOfDirectory(atPath: sources.path))?.sorted().filter { module in
            let files = (try? FileManager.default.contentsOfDirectory(atPath: sources.appending(path: module).path)) ?? []
            return files.contains { $0.hasSuffix(".swift") } && !names.contains(String(module.dropFirst("phoihop-".count)))
        } ?? []
    /// Those that put lines of scenarios together, in which a name stands among other words.
    private static let narrators = ["Simulation", "phoihop-bench"]
    /// The list of the mechanism's own types, and what is known of editions that lie in ledgers.
    private static let lists = ["Regulation/SystemType.swift", "Regulation/EarlierEdition.swift"]

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardizedFileURL

    /// The accounts of the system itself are the same under every text, and each is named in one place.
    private static let accounts = Regulation.standard.parties.filter { $0.role == .system }.map(\.id)

    private static let names: Set<String> = {
        let text = Regulation.standard
        // The accounts of the system itself are the same under every text.
        let parties = text.parties.filter { $0.role != .system }.map(\.id)
        let types = text.messageTypes.map(\.name)
        // "incident." before something is a type just as well.
        let nouns = types.map { String($0.prefix { $0 != "." }) + "." }
        return Set(parties + types + nouns + text.devices.map(\.id) + text.operations.map(\.device) + text.duties.map(\.id))
    }()

    /// The literals of a file that are such a name, or have it among their words, by line.
    private static func found(in text: String, _ names: Set<String> = names, amongWords: Bool = false) -> [String] {
        func isFound(_ literal: Substring) -> Bool {
            if names.contains(String(literal)) { return true }
            let words = literal.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".")) }
            return amongWords && words.contains { names.contains(String($0)) }
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { number, line -> [String] in
            // Comments may give examples.
            let code = line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
            return code.split(separator: "\"", omittingEmptySubsequences: false).enumerated().compactMap { index, part in
                index % 2 == 1 && isFound(part) ? "\(number + 1): \"\(part)\"" : nil
            }
        }
    }

    @Test(arguments: modules) func noModuleKnowsWhatOneTextNames(_ module: String) throws {
        let directory = Self.sources.appending(path: module)
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".swift") }
        #expect(!files.isEmpty)
        for file in files.sorted() where !Self.lists.contains("\(module)/\(file)") {
            let text = try String(contentsOf: directory.appending(path: file), encoding: .utf8)
            let found = Self.found(in: text, amongWords: Self.narrators.contains(module))
            #expect(found.isEmpty, "\(module)/\(file)")
        }
    }

    @Test(arguments: accounts) func anAccountOfTheSystemIsNamedInOnePlace(_ account: String) throws {
        let places = try Self.modules.flatMap { module in
            let directory = Self.sources.appending(path: module)
            return try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".swift") }.sorted().flatMap { file in
                try Self.found(in: String(contentsOf: directory.appending(path: file), encoding: .utf8), [account]).map { "\(module)/\(file): \($0)" }
            }
        }
        #expect(places.count == 1 && places.first?.hasPrefix("Regulation/Regulation.swift") == true, "\(places)")
    }

    @Test func everyModuleIsRead() { #expect(Self.modules.count > 20 && Self.modules.contains("Coordination") && !Self.modules.contains("phoihop-police")) }

    @Test func aNameIsFoundWhereThereIsOne() {
        #expect(Self.found(in: "let a = 1\nif type == \"incident.notified\" || party == \"police\" {}\n") == ["2: \"incident.notified\"", "2: \"police\""])
        #expect(Self.found(in: "/// \"police\"\nlet b = type.hasPrefix(\"incident.\")") == ["2: \"incident.\""])
        let line = #"at(5, "police handles \(name)")"#
        #expect(Self.found(in: line).isEmpty && Self.found(in: line, amongWords: true) == [#"1: "police handles \(name)""#])
    }

    @Test func theMechanismsOwnTypesAreInEveryText() {
        let known = Dictionary(uniqueKeysWithValues: Regulation.standard.messageTypes.map { ($0.name, $0) })
        for type in SystemType.all { #expect(known[type] != nil, "\(type)") }
        let system = Set(Regulation.standard.parties.filter { $0.role == .system }.map(\.id))
        for type in SystemType.ofTheSystem { #expect(known[type].map { system.isSuperset(of: $0.from) } == true, "\(type)") }
    }
}
