import Schemas
import Values

/// The Regulation on coordination (Quy định ban hành kèm theo Quyết định 34/2015/QĐ-UBND) as data: who the parties are, what they say to each other,
/// what each owes and by when. Everything else, from the broker's permissions to the wording of a notice, is derived from it.
public struct Regulation: Sendable, Hashable {
    /// Which edition of the data this is; a new one for every amendment.
    public var version: String
    /// How a clause is cited, with `{clause}` and `{article}` for the numbers.
    public var citation: Citation
    /// Working days, working hours, public holidays, and the offset of local time.
    public var calendar: WorkCalendar
    /// The parties, in the regulation's order.
    public var parties: [Party]
    /// The party that leads: who corrects what others said, ends their windows, and is told of silent agents and of senders that nobody knows.
    public var lead: PartyID
    /// The devices by name.
    public var devices: [Device] = []
    /// Named sets of parties.
    public var groups: [String: [PartyID]]
    /// What can be said.
    public var messageTypes: [MessageType]
    /// The kinds of cases.
    public var caseKinds: [CaseKind]
    /// What is owed.
    public var duties: [Duty]
    /// Who may extend a monitoring mark, in the words of a ladder: `addressee`, or a party. The obligor never may, and a deadline of the text stands.
    public var extensionBy: [String]
    /// The type of message by which a party's telephone number is declared; nil where the text alone has them.
    public var declaresPhone: String?
    /// How maintenance is announced; nil where a text has none.
    public var maintenance: Maintenance?
    /// What the report of a period is about.
    public var report = ReportRule()
    /// By which messages agents tell of the equipment that they watch; nil where nothing is watched.
    public var equipment: Equipment?
    /// Which message types play which part for content; nil where a text has nothing to do with content.
    public var content: ContentTypes?
    /// What answers a duty at the desk, by the duty's id; without an entry, one key for each act that fulfils it.
    public var desks: [String: [DeskAnswer]]
    /// What the regulation orders without a clock that this system could watch.
    public var unclocked: [Unclocked]
    /// The texts of notices, by name.
    public var wordings: [String: Wording]
    /// The data this was read from, as it goes into the ledger.
    public let source: JSON
    /// The longest text, with its schemas, in bytes: the message by which it is adopted may be no longer than the broker takes.
    public static let maximumBytes = 256_000
    /// A digest of the data, to tell whether two are the same: FNV-1a, 64 bits, in hexadecimal.
    public let digest: String

    /// The digest of the data of a regulation.
    public static func digest(of source: JSON) -> String { fnv1a(source.bytes) }
    /// The party of this id.
    public func party(_ id: PartyID) -> Party? { parties.first { $0.id == id } }
    /// The device of this id; of one of several alike, such as `kiosk-2`, with its number.
    public func device(_ id: String) -> Device? {
        if let device = devices.first(where: { $0.id == id }) { return device }
        guard var device = devices.first(where: { $0.isCalled(id) }), let number = id.split(separator: "-").last else { return nil }
        device.id = id
        device.name = device.name.map { _, text in "\(text) \(number)" }
        return device
    }
    /// The duty of this id.
    public func duty(_ id: String) -> Duty? { duties.first { $0.id == id } }
    /// The message type of this name, `incident.notified`.
    public func messageType(_ name: String) -> MessageType? { messageTypes.first { $0.name == name } }
    /// The schema of a message type: its own, else the one built in. Nil where there is neither.
    public func schema(of type: String) -> MessageSchema? { messageType(type)?.schema ?? MessageSchema.named(type) }
    /// What messages of a type are called; the type's own name where it has no schema.
    public func title(of type: String) -> Wording {
        schema(of: type).map { Wording(vi: $0.title.vi, en: $0.title.en) } ?? Wording(vi: type, en: type)
    }
}

/// FNV-1a over bytes, 64 bits, in hexadecimal: tells texts apart where nobody has a reason to forge one.
@inlinable public func fnv1a(_ bytes: some Sequence<UInt8>) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let text = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
}

/// A party's id: a function such as `border-guard`, whoever holds it. Lower-case letters, digits and hyphens, no dot.
public typealias PartyID = String

/// A text in Vietnamese and in English.
public struct Wording: Sendable, Hashable {
    /// Vietnamese, as the regulation words it.
    public var vi: String
    /// English.
    public var en: String

    /// A text in both languages.
    public init(vi: String, en: String) { (self.vi, self.en) = (vi, en) }

    /// Reads `{"vi": …, "en": …}`; what is missing is empty.
    public init(_ json: JSON?) { self.init(vi: json?["vi"]?.string ?? "", en: json?["en"]?.string ?? "") }

    /// The text in one language.
    public subscript(language: Language) -> String { language == .vi ? vi : en }

    /// The same change made in both languages.
    public func map(_ change: (Language, String) -> String) -> Wording { Wording(vi: change(.vi, vi), en: change(.en, en)) }

    /// A notice's heading: the last words in brackets at its beginning. What marks a drill stands before them.
    public var heading: Wording {
        map { _, text in
            // By code points: brackets are characters of their own, and dividing into characters takes longer than all the rest.
            var rest = text.unicodeScalars[...]
            var heading: Substring.UnicodeScalarView?
            while rest.first == "[", let end = rest.firstIndex(of: "]") {
                heading = rest[rest.index(after: rest.startIndex)..<end]
                rest = rest[rest.index(after: end)...].drop { $0 == " " }
            }
            return heading.map { String($0) } ?? String(text.prefix(40))
        }
    }

    /// As data: `{"vi": …, "en": …}`.
    public var json: JSON { ["vi": .string(vi), "en": .string(en)] }
}

/// The languages of notices and of the operators' command.
public enum Language: String, Sendable, CaseIterable {
    /// Vietnamese.
    case vi
    /// English.
    case en
}

/// How a clause of the regulation is cited. `{clause}` and `{article}` stand for the numbers.
public struct Citation: Sendable, Hashable {
    /// For letters, screens and reports.
    public var full: Wording
    /// For short messages.
    public var short: Wording
    /// For a duty that no clause orders.
    public var ours: Wording

    /// The citation of `8.2`, clause 2 of Article 8; of `ours`, the words for a duty of the system's own.
    public func cite(_ article: String, short useShort: Bool = false) -> Wording {
        let numbers = article.split(separator: ".").map(String.init)
        guard numbers.count == 2, Int(numbers[0]) != nil else { return ours }
        return (useShort ? short : full).map { _, text in
            text.replacing("{article}", with: numbers[0]).replacing("{clause}", with: numbers[1])
        }
    }
}

/// An agency or office that takes part, or the system itself.
public struct Party: Sendable, Hashable {
    /// What kind of part it takes.
    public enum Role: String, Sendable, CaseIterable {
        /// Owes duties, is reminded, can be overdue.
        case agency
        /// An agency like the others, and the one that leads the joint work (Article 7): it is told of what concerns all.
        case lead
        /// Directs and approves; is never reminded and never overdue (the People's Committee, the Ministry).
        case superior
        /// The coordinator, and the provisioning of the broker.
        case system
    }
    /// The function, `border-guard`.
    public var id: PartyID
    /// Its name in full.
    public var name: Wording
    /// What kind of part it takes.
    public var role: Role
    /// Who is to be contacted there, in words.
    public var contact: Wording?
    /// The telephone number of its desk.
    public var phone: String?
    /// What it may read beside its own queues.
    public var reads: Set<Readable> = []
    /// What its agent watches.
    public var watches: Set<Watched> = []

    /// What not everybody may read.
    public enum Readable: String, Sendable, CaseIterable {
        /// All that was ever said.
        case ledger
    }

    /// The account of the coordinators.
    public static let coordinator: PartyID = "coordinator"
    /// The account that makes the broker's queues and begins the ledger.
    public static let provisioner: PartyID = "provisioner"

    /// Whether it owes duties, is reminded and can be overdue.
    public var isAgency: Bool { role == .agency || role == .lead }
    /// Whether it may read the ledger: the system's own accounts do in any case.
    public var readsLedger: Bool { role == .system || reads.contains(.ledger) }
}

/// An article or clause that orders something without a clock: it is listed, and not watched.
public struct Unclocked: Sendable, Hashable {
    /// `4`, an article, or `13.1`, a clause of one.
    public var article: String
    /// What it orders and why no clock runs.
    public var text: Wording
}

/// A device that is watched.
public struct Device: Sendable, Hashable {
    /// `led-screen`.
    public var id: String
    /// What it is called.
    public var name: Wording
    /// What is said of it when it fails.
    public var failure: Wording
    /// Whether there are several, told apart by a number behind the id.
    public var isNumbered = false

    /// Whether it goes by this id, alone or with a number.
    func isCalled(_ id: String) -> Bool {
        if id == self.id { return true }
        guard isNumbered, let hyphen = id.lastIndex(of: "-") else { return false }
        return self.id == id[..<hyphen] && Int(id[id.index(after: hyphen)...]) != nil
    }
}

/// One type of message: who may say it, who hears it, under which article.
public struct MessageType: Sendable, Hashable {
    /// Noun and verb, `incident.notified`.
    public var name: String
    /// Who may send it.
    public var from: [PartyID]
    /// Who may record it on behalf of one of these that works on paper, naming the document.
    public var recorders: [PartyID] = []
    /// Who always receives it.
    public var to: [PartyID]
    /// Whether it may also be addressed to one party, which the case decides.
    public var isAddressable: Bool
    /// Whether it goes by the urgent queue, and is forwarded where no receipt comes.
    public var isUrgent: Bool
    /// Whether the receiver owes a receipt.
    public var owesReceipt: Bool
    /// The article it comes from, `8.2` or `ours`.
    public var article: String
    /// What its data must look like; nil where neither the text nor this program says it, so that no message of it is read.
    public var schema: MessageSchema?
    /// The words that stand for it in scenarios.
    public var verbs: [Verb] = []

    /// Whoever may send it, for itself or on behalf of another.
    public var senders: [PartyID] { recorders.isEmpty ? from : from + recorders }

    /// The `type` attribute of the CloudEvent: `vn.laocai.phoihop.incident.notified.v1`.
    public var eventType: String { MessageType.eventTypePrefix + name + MessageType.eventTypeSuffix }

    /// Before noun and verb in a CloudEvent's `type`.
    public static let eventTypePrefix = "vn.laocai.phoihop."
    /// After noun and verb in a CloudEvent's `type`.
    public static let eventTypeSuffix = ".v1"

    /// Noun and verb of a CloudEvent's `type`, or nil where it is none of ours.
    public static func name(ofEventType type: String) -> String? {
        guard type.hasPrefix(eventTypePrefix), type.hasSuffix(eventTypeSuffix), type.utf8.count > eventTypePrefix.utf8.count + eventTypeSuffix.utf8.count else {
            return nil
        }
        return String(Substring(type.utf8.dropFirst(eventTypePrefix.utf8.count).dropLast(eventTypeSuffix.utf8.count)))
    }
}
