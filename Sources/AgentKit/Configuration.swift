import AMQP
import Foundation
import Regulation
import Values

/// What an agent is told: who it is, where the broker and its own files are, which rules and which clock hold.
public struct Configuration: Sendable {
    /// The party served.
    public var party: PartyID
    /// The broker.
    public var endpoint: Endpoint
    /// The directory of the spool, the inbox, the quarantine and the agent's state.
    public var home: URL
    /// The rules.
    public var regulation: Regulation
    /// The clock of the duties.
    public var clock: Clock
    /// The operator's language.
    public var language: Language
    /// What is worth a line in the log.
    public var logLevel: Logger.Level
    /// Programs to run for each message received.
    public var hooks: [String]
    /// Whether to leave when nothing is left to receive and to send.
    public var once: Bool

    /// A configuration of these parts.
    public init(
        party: PartyID, endpoint: Endpoint, home: URL, regulation: Regulation = .standard, clock: Clock = .system, language: Language = .vi,
        logLevel: Logger.Level = .notice, hooks: [String] = [], once: Bool = false
    ) {
        (self.party, self.endpoint, self.home, self.regulation, self.clock) = (party, endpoint, home, regulation, clock)
        (self.language, self.logLevel, self.hooks, self.once) = (language, logLevel, hooks, once)
    }

    /// The offset of local time from UTC.
    public var offset: Span { regulation.calendar.offset }

    /// Reads a command line (without the program's name) and the environment. The party is the one named, else `defaultParty`, else the account at the broker.
    public init(arguments: [String], environment: [String: String], defaultParty: PartyID?) throws(UsageError) {
        let parsed = try ParsedOptions(arguments, environment: environment, options: Configuration.options)
        if parsed.has("help") { throw .help(ParsedOptions.help(on: Configuration.options)) }
        try self.init(parsed, environment: environment, defaultParty: defaultParty)
    }

    /// Takes the configuration from a command line that was read with these and perhaps other options.
    public init(_ parsed: ParsedOptions, environment: [String: String], defaultParty: PartyID?) throws(UsageError) {
        let regulation = try Configuration.regulation(parsed)
        let endpoint = try Configuration.endpoint(parsed)
        var account: PartyID?
        if case .plain(let user, _) = endpoint.credentials { account = user }
        guard let party = parsed["party"] ?? defaultParty ?? account else {
            throw UsageError(Wording(vi: "không rõ đơn vị nào; thêm --party MÃ", en: "it is not clear for which party; add --party ID"))
        }
        try Configuration.check(party: party, in: regulation)
        if let account, account != party {
            throw UsageError(
                Wording(
                    vi: "tài khoản trên máy chủ tin là \(account) nhưng đơn vị là \(party); máy chủ sẽ từ chối mọi tin. Dùng tài khoản \(party)",
                    en: "the account at the broker is \(account), but the party is \(party): every message would be refused; use the account \(party)"))
        }
        var clock = Clock.system
        if let option = parsed["clock"] {
            guard let parsed = Clock(option: option) else {
                let example = "60@2026-11-24T10:00:00Z=2026-03-14T08:00:00+07:00"
                throw UsageError(
                    Wording(
                        vi: "--clock \"\(option)\" không đọc được; ghi TỐC_ĐỘ@GIỜ_THỰC=GIỜ_DIỄN_TẬP, ví dụ \(example)",
                        en: "--clock \"\(option)\" cannot be read; write RATE@WALL=VIRTUAL, such as \(example)"))
            }
            clock = parsed
        }
        var level = Logger.Level.notice
        if let name = parsed["log-level"] {
            guard let known = Logger.Level(name: name) else {
                let names = Logger.Level.allCases.map(\.name).joined(separator: ", ")
                throw UsageError(Wording(vi: "--log-level \"\(name)\" phải là một trong: \(names)", en: "--log-level \"\(name)\" must be one of \(names)"))
            }
            level = known
        }
        let hooks = parsed.all("hook").map { $0.hasPrefix("/") ? $0 : FileManager.default.currentDirectoryPath + "/" + $0 }
        for hook in hooks where access(hook, X_OK) != 0 || isDirectory(hook) {
            throw UsageError(
                Wording(
                    vi: "--hook \(hook): không phải chương trình chạy được; kiểm tra đường dẫn và chmod +x",
                    en: "--hook \(hook): this is no program that can be run; check the path, and chmod +x"))
        }
        self.init(
            party: party, endpoint: endpoint, home: Configuration.home(of: party, parsed, environment), regulation: regulation, clock: clock,
            language: try Configuration.language(parsed, environment), logLevel: level, hooks: hooks, once: parsed.has("once"))
    }

    /// The options that every agent knows.
    public static let options: [Option] = [
        Option(
            "broker", value: "URI", variable: "PHOIHOP_BROKER",
            help: Wording(vi: "máy chủ tin: amqp://tài-khoản:mật-khẩu@máy:cổng/", en: "the broker: amqp://user:password@host:port/")),
        Option(
            "party", value: "ID", variable: "PHOIHOP_PARTY",
            help: Wording(
                vi: "đơn vị; mặc định là tài khoản ở trên",
                en: "the party; by default the account above")),
        Option(
            "home", value: "DIR", variable: "PHOIHOP_HOME",
            help: Wording(vi: "nơi lưu tin; mặc định ~/.local/state/phoihop/<đơn vị>", en: "where messages are kept; by default ~/.local/state/phoihop/<party>")
        ),
        Option(
            "regulation", value: "PATH", variable: "PHOIHOP_REGULATION",
            help: Wording(vi: "Quy định thay cho bản có sẵn: tệp, hoặc thư mục", en: "a regulation to use instead of the one built in: file or folder")),
        Option(
            "clock", value: "RATE@WALL=VIRTUAL", variable: "PHOIHOP_CLOCK",
            help: Wording(vi: "đồng hồ chạy nhanh, chỉ dùng khi diễn tập", en: "an accelerated clock, for drills alone")),
        Option(
            "hook", value: "PATH", isRepeatable: true,
            help: Wording(
                vi: "chương trình chạy khi có tin, nhận tin dạng JSON; ghi được nhiều lần",
                en: "a program to run for each message, which it reads as JSON; may be repeated")),
        Option(
            "lang", value: "vi|en",
            help: Wording(
                vi: "ngôn ngữ; mặc định theo LC_ALL, LC_MESSAGES, LANG",
                en: "the language; by default that of LC_ALL, LC_MESSAGES, LANG")),
        Option(
            "log-level", value: "LEVEL",
            help: Wording(
                vi: "mức nhật ký: debug, info, notice, warning, error",
                en: "what to log: debug, info, notice, warning, error")),
        Option("once", help: Wording(vi: "nhận và gửi hết tin đang chờ rồi thoát", en: "receive and send what waits, then leave")),
        Option("help", help: Wording(vi: "hiện trợ giúp này", en: "show this help")),
    ]

    /// The language that a command line asks for, else the environment's, else Vietnamese.
    public static func language(_ parsed: ParsedOptions, _ environment: [String: String]) throws(UsageError) -> Language {
        if let name = parsed["lang"] {
            guard let language = Language(rawValue: name) else {
                throw UsageError(Wording(vi: "--lang \"\(name)\" phải là vi hoặc en", en: "--lang \"\(name)\" must be vi or en"))
            }
            return language
        }
        return language(in: environment)
    }

    /// The environment's language, as `setlocale` would look for it; Vietnamese where it names neither.
    public static func language(in environment: [String: String]) -> Language {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return locale == "en" || locale.hasPrefix("en_") || locale.hasPrefix("en.") ? .en : .vi
    }

    /// The regulation in the file or folder that `--regulation` names, else the one built in.
    public static func regulation(_ parsed: ParsedOptions) throws(UsageError) -> Regulation {
        guard let path = parsed["regulation"] else { return .standard }
        let text: RegulationText
        do throws(FileError) { text = try RegulationText(at: path) } catch {
            throw UsageError(Wording(vi: "không đọc được --regulation: \(error.text.vi)", en: "--regulation: \(error.text.en)"))
        }
        do throws(RegulationError) { return try Regulation(text) } catch {
            let text = error.problems.text
            throw UsageError(Wording(vi: "--regulation \(path) có lỗi:\n\(text.vi)", en: "--regulation \(path) is wrong:\n\(text.en)"))
        }
    }

    /// The broker that `--broker` names.
    public static func endpoint(_ parsed: ParsedOptions) throws(UsageError) -> Endpoint {
        guard let uri = parsed["broker"] else {
            throw UsageError(
                Wording(
                    vi: "chưa rõ máy chủ tin; thêm --broker amqp://tài-khoản:mật-khẩu@máy:cổng/ hoặc đặt biến PHOIHOP_BROKER",
                    en: "no broker is named; add --broker amqp://user:password@host:port/ or set PHOIHOP_BROKER"))
        }
        do { return try Endpoint(uri: uri) } catch {
            throw UsageError(Wording(vi: "địa chỉ máy chủ tin sai: \(error.reason)", en: "the broker's address is wrong: \(error.reason)"))
        }
    }

    /// Checks that a regulation knows a party.
    public static func check(party: PartyID, in regulation: Regulation) throws(UsageError) {
        guard regulation.party(party) == nil else { return }
        let known = regulation.parties.map(\.id).joined(separator: ", ")
        throw UsageError(Wording(vi: "không có đơn vị \"\(party)\"; các đơn vị: \(known)", en: "there is no party \"\(party)\"; there are \(known)"))
    }

    /// Checks that an executable serves the party: its own, or else any that is no part of the system itself.
    func checkServed(by name: String, _ own: PartyID?) throws(UsageError) {
        if let own {
            guard party != own else { return }
            throw UsageError(
                Wording(
                    vi: "\(name) chỉ phục vụ \(own); với \(party), dùng phoihop-party",
                    en: "\(name) serves \(own) alone; for \(party) use phoihop-party"))
        }
        guard regulation.party(party)?.role == .system else { return }
        let known = regulation.parties.filter { $0.role != .system }.map(\.id).joined(separator: ", ")
        throw UsageError(
            Wording(
                vi: "\(party) không phải đơn vị mà \(name) phục vụ; chọn một trong: \(known)",
                en: "\(party) is no party that \(name) serves; choose one of \(known)"))
    }

    /// A party's home directory: the one named, else its place under the user's state directory.
    public static func home(of party: PartyID, _ parsed: ParsedOptions, _ environment: [String: String]) -> URL {
        if let path = parsed["home"] { return URL(filePath: path, directoryHint: .isDirectory) }
        let user = environment["HOME"].map { $0 + "/.local/state" }
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? user ?? "/var/lib"
        return URL(filePath: state + "/phoihop/" + party, directoryHint: .isDirectory)
    }
}
