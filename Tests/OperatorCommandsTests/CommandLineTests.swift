import OperatorCommands
import Regulation
import Testing

@Suite("The command line")
struct CommandLineTests {
    @Test("a command, a topic or a flag that is not known comes with the nearest")
    func nearest() throws {
        let command = try #require(failure { () throws(Failure) in _ = try Invocation(["stats"]) })
        #expect(command.code == .usage)
        #expect(command.message.vi.hasPrefix("Không có lệnh “stats”; có phải là phoihop status?"))
        let topic = try #require(failure { () throws(Failure) in _ = try Help.topic("publsh", under: .standard) })
        #expect(topic.message.en.contains("did you mean phoihop help publish?"))
        let flag = try #require(failure { () throws(Failure) in _ = try Invocation(["inbox", "--sinse", "now"]) })
        #expect(flag.message.en.contains("there is no flag --sinse; did you mean --since?"))
    }

    @Test("flags may stand before the command, and what follows -- is a word")
    func order() throws {
        let invocation = try Invocation(["--lang", "en", "--json", "publish", "--party", "police", "incident.detected", "--title", "x"])
        #expect(invocation.command == .publish)
        #expect(invocation.type == "incident.detected")
        #expect(try invocation.arguments.value("party") == "police")
        #expect(invocation.arguments.has("json"))
        #expect(try Invocation(["explain", "--", "--odd"]).arguments.words == ["--odd"])
        #expect(try Invocation([]).command == nil)
        let late = try Invocation(["publish", "--subject", "SC-1", "incident.resolved", "--officer", "A"])
        #expect(late.type == "incident.resolved")
        #expect(try late.arguments.value("subject") == "SC-1")
    }

    @Test("every command and every topic has help in both languages, with an example where there is something to enter")
    func help() throws {
        for topic in Command.allCases.map(\.rawValue) + ["time", "data", "codes", "settings"] {
            let text = try Help.topic(topic, under: .standard)
            #expect(text.vi != text.en && !text.vi.isEmpty)
        }
        for topic in ["publish", "status", "explain", "inbox", "describe", "broker"] {
            #expect(try Help.topic(topic, under: .standard).en.contains("Example"))
        }
    }

    @Test("the verbs of scenarios are those of the text in use, and so says what describes a type")
    func verbs() throws {
        let text = Regulation.standard
        let help = try Help.topic("simulate", under: text)
        for verb in text.verbs {
            #expect(help.en.contains("  \(verb.phrase(.en)) ") && help.vi.contains("  \(verb.phrase(.vi)) "), "\(verb.words)")
            let described = try #require(text.messageType(verb.type).flatMap { TypeDescription($0, regulation: text) })
            #expect(described.lines(.en, on: Screen()).contains { $0.hasPrefix("In scenarios") && $0.contains(verb.phrases) })
        }
        #expect(help.en.contains("power fails") && help.vi.contains("điện mất") && !help.en.contains("{verbs}"))
        var other = text
        for index in other.messageTypes.indices { other.messageTypes[index].verbs = [] }
        #expect(try !Help.topic("simulate", under: other).en.contains("acknowledges            "))
    }

    @Test(
        "the language is the one asked for, else the environment's, else Vietnamese",
        arguments: [
            (["--lang", "en"], [:], Language.en), (["--lang=vi"], ["LANG": "en_US.UTF-8"], .vi), ([], ["LANG": "en_US.UTF-8"], .en), ([], [:], .vi),
            ([], ["LANG": "C.UTF-8"], .vi), ([], ["LC_ALL": "vi_VN", "LANG": "en_US"], .vi),
        ] as [([String], [String: String], Language)])
    func language(line: [String], environment: [String: String], language: Language) {
        #expect(Invocation.language(line, environment) == language)
    }
}
