import Coordination
import Foundation
import Messages
import Regulation
import Simulation
import Testing
import Values

/// A text in which every party, every device and every duty bears another id is the same text: each scenario, told under the new names, gives the same notices
/// under the new names.
@Suite struct RenamedTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../scenarios").standardizedFileURL

    /// The new id of every old one. The system's own accounts keep theirs.
    private static let names: [String: String] = {
        let text = Regulation.standard
        func turned(_ id: String) -> String { id.split(separator: ".").map { String($0.reversed()) }.joined(separator: ".") }
        var names: [String: String] = [:]
        for party in text.parties where party.role != .system { names[party.id] = "cq-" + turned(party.id) }
        for duty in text.duties { names[duty.id] = turned(duty.id) }
        for device in text.devices {
            names[device.id] = "tb-" + turned(device.id)
            for number in 1...9 where device.isNumbered { names["\(device.id)-\(number)"] = "tb-\(turned(device.id))-\(number)" }
        }
        return names
    }()

    private static let regulationTypes = Regulation.standard.messageTypes.map(\.name)

    /// Puts the new ids in the place of the old ones, wherever they stand by themselves.
    private static func renamed(_ text: String) -> String {
        func isPart(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46 }
        var bytes: [UInt8] = []
        var token: [UInt8] = []
        func end() {
            let dots = token.reversed().prefix { $0 == 46 }.count
            let word = String(decoding: token.dropLast(dots), as: UTF8.self)
            // A routing key begins with its sender, and ends with whom it is for.
            let sender = String(word.prefix { $0 != "." })
            let key = regulationTypes.first { word.hasPrefix("\(sender).\($0).") }.map { type in
                let to = String(word.dropFirst(sender.count + type.count + 2))
                return "\(names[sender] ?? sender).\(type).\(names[to] ?? to)"
            }
            bytes += Array((names[word] ?? key ?? word).utf8) + Array(repeating: 46, count: dots)
            token = []
        }
        for byte in text.utf8 {
            if isPart(byte) {
                token.append(byte)
            } else {
                end()
                bytes.append(byte)
            }
        }
        end()
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let regulation: Regulation = {
        do { return try Regulation(json: JSON(parsing: renamed(Regulation.standard.source.text))) } catch { fatalError("\(error)") }
    }()

    /// What the coordinator said, one line a message, without what follows from the bytes of a text or the order of its rows.
    private static func notices(_ text: String, _ regulation: Regulation) throws -> [String] {
        let scenario = try Scenario(parsing: text, regulation: regulation) { file in
            FileManager.default.contents(atPath: directory.appending(path: file).path).map { Array(renamed($0, under: regulation)) }
        }
        return Performance(of: scenario).story.filter { $0.sender == LedgerState.coordinator }.map { event in
            var event = event
            event.id = ""
            if event.type == SystemType.regulationAdopted { event.data = .null }
            if event.type == SystemType.messageRefused, var data = event.data.object {
                // As many bytes of the message as there is room for.
                data["excerpt"] = nil
                event.data = .object(data)
            }
            return String(decoding: event.encoded(offset: regulation.calendar.offset), as: UTF8.self)
        }
    }

    private static func renamed(_ bytes: Data, under regulation: Regulation) -> [UInt8] {
        regulation.digest == Regulation.standard.digest ? Array(bytes) : Array(renamed(String(decoding: bytes, as: UTF8.self)).utf8)
    }

    private static let scenarios: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".scenario") }.sorted()
    }()

    @Test func everyIdHasAnother() {
        #expect(Self.regulation.parties.count == Regulation.standard.parties.count && Self.regulation.duties.count == Regulation.standard.duties.count)
        let same = Set(Self.regulation.duties.map(\.id)).intersection(Regulation.standard.duties.map(\.id))
        #expect(same.isEmpty)
        #expect(Self.regulation.party("border-guard") == nil && Self.regulation.lead == Self.names["information-dept"])
        #expect(!Self.scenarios.isEmpty)
    }

    @Test(arguments: scenarios) func theNoticesAreTheSameUnderTheNewNames(_ file: String) throws {
        let text = try String(contentsOf: Self.directory.appending(path: file), encoding: .utf8)
        let before = try Self.notices(text, .standard).map(Self.renamed).sorted()
        let after = try Self.notices(Self.renamed(text), Self.regulation).sorted()
        #expect(!before.isEmpty && before.count == after.count)
        let (gone, new) = (Set(before).subtracting(after), Set(after).subtracting(before))
        #expect(gone.isEmpty && new.isEmpty, "\(gone.sorted().prefix(2)) \(new.sorted().prefix(2))")
    }
}
