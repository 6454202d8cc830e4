import Values

/// The pages of the coordinator's answer to "status", put together into one.
public struct StatusPages: Sendable {
    private var whole: JSONObject?
    private var next: JSON?
    private var names: [String: Set<String>] = [:]
    private var count = 0
    private var isCutShort = false

    /// More pages than any ledger should fill.
    private static let mostPages = 1000

    /// No page yet.
    public init() {}

    /// What to ask for the next page. Nil once all are read.
    public var question: JSON? {
        guard whole != nil else { return ["ask": "status"] }
        return next.map { ["ask": "status", "from": $0] }
    }

    /// A page has been read.
    public mutating func pageRead(_ page: JSON) {
        count += 1
        let before = next
        next = page["next"]
        // A page that leads back to itself would be asked for without end.
        if next != nil, next == before || count == StatusPages.mostPages { (next, isCutShort) = (nil, true) }
        guard var answer = whole ?? page.object else { return }
        for (list, name) in [("obligations", "id"), ("incidents", "subject")] {
            var items = whole == nil ? [] : answer[list]?.array ?? []
            // What moved in the order meanwhile is told once.
            items += (page[list]?.array ?? []).filter { item in item[name]?.string.map { names[list, default: []].insert($0).inserted } ?? true }
            answer[list] = .array(items)
        }
        if let first = whole, first["ledger"]?["records"] != page["ledger"]?["records"] { answer["steady"] = false }
        answer["next"] = next
        answer["complete"] = .bool(next == nil && !isCutShort)
        whole = answer
    }

    /// All that was read: `complete` if there is no more, `steady` false if the ledger grew meanwhile.
    public var answer: JSON? { whole.map { .object($0) } }
}
