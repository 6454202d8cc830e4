import Foundation
import Regulation
import Testing
import Topology
import Values

/// The machine-readable contract. Whether it keeps AsyncAPI's rules is judged by `Tests/asyncapi/run`.
@Suite struct AsyncAPITests {
    let regulation = Regulation.standard
    let document = AsyncAPI(.standard).json
    var members: [PartyID] { regulation.parties.filter { $0.role != .system }.map(\.id) }

    @Test func theDocumentCheckedInIsTheOneThatTheRegulationGives() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../schemas/asyncapi.json").standardizedFileURL
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text == document.indentedText + "\n", "it is out of date: phoihop broker asyncapi > schemas/asyncapi.json")
    }

    /// The keys that the document lets a party publish under.
    private func keys(of party: PartyID) throws -> Set<String> {
        var keys: Set<String> = []
        for member in try #require(document["operations"]?.object).members where member.key.hasPrefix("\(party).says.") {
            let channel = try #require(member.value["channel"]?["$ref"]?.string?.split(separator: "/").last.map(String.init))
            let description = try #require(document[path: ["channels", channel]])
            let (from, to) = (description[path: ["parameters", "party", "enum"]]?.array ?? [], description[path: ["parameters", "to", "enum"]]?.array ?? [])
            #expect(from.contains(.string(party)), "\(member.key)")
            for to in to.compactMap(\.string) {
                keys.insert((description["address"]?.string ?? "").replacing("{party}", with: party).replacing("{to}", with: to))
            }
        }
        return keys
    }

    @Test(arguments: Regulation.standard.parties.map(\.id)) func aPartySaysWhatTheBrokerLetsItAndNothingElse(_ party: PartyID) throws {
        let broker = Broker(Definitions(.standard).json(passwords: [:]))
        let pattern = try Regex(broker.topicPattern(of: party, on: Topology.exchange))
        let keys = try keys(of: party)
        for type in regulation.messageTypes {
            for to in members + ["all", "coordinator", "nobody"] {
                let key = "\(party).\(type.name).\(to)"
                #expect(try keys.contains(key) == (pattern.wholeMatch(in: key) != nil), "\(key)")
            }
        }
    }

    @Test(arguments: Regulation.standard.parties.filter { $0.role != .system }.map(\.id)) func whatAQueueCarriesIsWhatTheBindingsBring(_ party: PartyID) throws
    {
        let bindings = try #require(Definitions(.standard).json(passwords: [:])["bindings"]?.array)
        for queue in [Topology.queue(of: party), Topology.urgentQueue(of: party)] {
            let bound = bindings.filter { $0["destination"]?.string == queue }.compactMap { binding -> String? in
                let words = (binding["routing_key"]?.string ?? "").split(separator: ".")
                return words.count == 4 ? "\(words[1]).\(words[2])" : nil
            }
            let carried = try #require(document[path: ["channels", queue, "messages"]]?.object).members.map(\.key)
            #expect(Set(carried) == Set(bound), "\(queue)")
        }
    }
}
