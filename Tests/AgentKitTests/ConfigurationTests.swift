import AMQP
import Foundation
import Regulation
import Testing

@testable import AgentKit

@Suite struct ConfigurationTests {
    private let broker = "amqp://police:secret@localhost:5672/"

    private func configuration(_ arguments: [String], _ environment: [String: String] = [:], defaultParty: PartyID? = nil) throws(UsageError)
        -> AgentKit.Configuration
    {
        try AgentKit.Configuration(arguments: arguments, environment: environment, defaultParty: defaultParty)
    }

    private func problem(_ arguments: [String], _ environment: [String: String] = [:], defaultParty: PartyID? = nil) -> UsageError? {
        do throws(UsageError) {
            _ = try configuration(arguments, environment, defaultParty: defaultParty)
            return nil
        } catch { return error }
    }

    @Test func theAccountIsTheParty() throws {
        let configuration = try configuration(["--broker", broker], ["HOME": "/home/x"])
        #expect(configuration.party == "police")
        #expect(configuration.home.path(percentEncoded: false) == "/home/x/.local/state/phoihop/police/")
        #expect(configuration.clock == .system)
        #expect(configuration.language == .vi)
        #expect(configuration.regulation == .standard)
    }

    @Test func theCommandLineGoesBeforeTheEnvironment() throws {
        let environment = ["PHOIHOP_BROKER": "amqp://other:secret@localhost/", "PHOIHOP_HOME": "/other", "PHOIHOP_PARTY": "other", "LANG": "en_US.UTF-8"]
        let configuration = try configuration(["--broker=\(broker)", "--home", "/here", "--party", "police", "--lang", "vi"], environment)
        #expect(configuration.party == "police")
        #expect(configuration.home.path(percentEncoded: false) == "/here/")
        #expect(configuration.language == .vi)
    }

    @Test(arguments: [
        (["LANG": "en_GB.UTF-8"], Language.en), (["LANG": "en_GB.UTF-8", "LC_ALL": "vi_VN.UTF-8"], .vi), (["LC_MESSAGES": "en", "LANG": "vi_VN"], .en),
        (["LC_ALL": "", "LANG": "en.UTF-8"], .en), (["LANG": "C"], .vi), (["LANG": "eno"], .vi), ([:], .vi),
    ]) func theLanguageIsTheLocales(environment: [String: String], language: Language) {
        #expect(AgentKit.Configuration.language(in: environment) == language)
    }

    @Test(arguments: [
        (["--party", "police"], "no broker is named; add --broker"),
        (["--broker", "http://x"], "unknown scheme"),
        (["--broker", "amqp://police:secret@localhost/", "--party", "polcie"], "there is no party \"polcie\"; there are peoples-committee"),
        (["--broker", "amqp://police:secret@localhost/", "--party", "newspaper"], "use the account newspaper"),
        (["--broker", "amqp://police:secret@localhost/", "--clock", "60"], "write RATE@WALL=VIRTUAL, such as"),
        (["--broker", "amqp://police:secret@localhost/", "--lang", "fr"], "must be vi or en"),
        (["--broker", "amqp://police:secret@localhost/", "--log-level", "loud"], "must be one of debug, info, notice, warning, error"),
        (["--broker", "amqp://police:secret@localhost/", "--regulation", "/nowhere.json"], "/nowhere.json: it does not exist"),
        (["--broker", "amqp://police:secret@localhost/", "--hook", "/etc/passwd"], "no program that can be run"),
        (["--broker", "amqp://police:secret@localhost/", "--hook", "/etc"], "no program that can be run"),
        (["--brokre", "x"], "there is no option --brokre; use one of --broker"),
        (["--broker"], "--broker needs a value: --broker URI"),
        (["--once=yes"], "takes no value"),
        (["--lang", "vi", "--lang", "en"], "given twice"),
        (["serve"], "\"serve\" means nothing here"),
    ]) func whatIsWrongIsSaid(arguments: [String], text: String) throws {
        let problem = try #require(self.problem(arguments))
        #expect(problem.text.en.contains(text), "\(problem.text.en)")
        #expect(!problem.text.vi.isEmpty && problem.text.vi != problem.text.en)
        #expect(problem.exitStatus == 64)
        #expect(!problem.text.en.contains("secret"))
    }

    @Test func aRegulationThatIsWrongIsNamedWithItsProblems() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/regulation.json"
        try "{\"version\": 1}".write(toFile: file, atomically: true, encoding: .utf8)
        let problem = try #require(self.problem(["--broker", broker, "--regulation", file]))
        #expect(problem.text.en.contains("/version: must be a string"))
    }

    @Test func helpIsNoMistake() throws {
        let help = try #require(self.problem(["--help"]))
        #expect(help.exitStatus == 0)
        #expect(help.text.en.contains("--broker URI"))
        #expect(problem(["-h"]) == help)
    }

    @Test func hooksAreAbsoluteAndMayBeMany() throws {
        let configuration = try configuration(["--broker", broker, "--hook", "/bin/true", "--hook", "/bin/cat"])
        #expect(configuration.hooks == ["/bin/true", "/bin/cat"])
    }

    @Test func anExecutableServesItsPartiesAlone() throws {
        #expect(throws: UsageError.self) { try configuration(["--broker", broker]).checkServed(by: "phoihop-border-guard", "border-guard") }
        #expect(throws: UsageError.self) {
            try configuration(["--broker", "amqp://coordinator:x@localhost/"]).checkServed(by: "phoihop-party", nil)
        }
        try configuration(["--broker", broker]).checkServed(by: "phoihop-police", "police")
        try configuration(["--broker", broker]).checkServed(by: "phoihop-party", nil)
    }

    @Test func operandsFollowTwoDashes() throws {
        let parsed = try ParsedOptions(
            ["inbox", "--lang", "en", "--", "--all"], environment: [:], options: AgentKit.Configuration.options, allowsOperands: true)
        #expect(parsed.operands == ["inbox", "--all"])
        #expect(parsed["lang"] == "en")
    }
}
