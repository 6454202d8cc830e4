import Monitoring
import Regulation
import Values

/// All that is wrong in a `monitor.json`.
public struct WatchConfigurationError: Error, Hashable, CustomStringConvertible {
    /// The problems, in the order of reading.
    public var problems: [Problem]

    /// One problem a line, in English.
    public var description: String { problems.text.en }

    /// These problems.
    public init(problems: [Problem]) { self.problems = problems }

    /// One problem with the file as a whole.
    init(reason: Wording) { problems = [Problem(pointer: "", vi: reason.vi, en: reason.en)] }
}

extension WatchConfiguration {
    /// Reads the text of an agent's file.
    /// - Throws: all problems found.
    public init(parsing bytes: [UInt8], watches: Set<Party.Watched>) throws(WatchConfigurationError) {
        let json: JSON
        do { json = try JSON(parsingFile: bytes) } catch { throw WatchConfigurationError(problems: [error.problem]) }
        try self.init(json: json, watches: watches)
    }

    /// Reads the file of an agent that watches this. All of it is checked, and only what is the agent's to watch is taken, so that agents may share one file.
    /// - Throws: all problems found, each with its JSON Pointer.
    public init(json: JSON, watches: Set<Party.Watched>) throws(WatchConfigurationError) {
        let root = Node(value: json, pointer: "", problems: .init())
        self.init()
        root.allow("intervalSeconds", "devices", "ups", "power")
        let interval = root.seconds("intervalSeconds", 0.05...86_400) ?? .seconds(60)
        if let node = root.optional("devices") {
            devices = node.elements.compactMap { WatchedDevice($0, interval: interval, raisesIncident: watches.contains(.incidents)) }
            let ids = devices.map(\.id)
            if Set(ids).count < ids.count {
                node.problem(vi: "hai thiết bị có cùng mã: đặt cho mỗi thiết bị một mã riêng", en: "two devices have the same id: give each its own")
            }
            if ids.count > 50 {
                node.problem(vi: "có \(ids.count) thiết bị; để lại tối đa 50", en: "there are \(ids.count) devices; leave at most 50")
            }
        }
        let (ups, power) = (root.optional("ups"), root.optional("power"))
        if ups != nil, let power {
            power.problem(vi: "“ups” đã cho biết về nguồn điện: giữ một trong hai", en: "\"ups\" already tells of the supply: keep one of the two")
        }
        supply = ups.map(WatchedSupply.init(ups:)) ?? power.flatMap { WatchedSupply(power: $0, interval: interval) }
        guard root.problems.list.isEmpty else { throw WatchConfigurationError(problems: root.problems.list) }
        if !watches.contains(.devices) { devices = [] }
        if !watches.contains(.supply) { supply = nil }
    }
}

extension WatchedDevice {
    fileprivate init?(_ node: Node, interval: Span, raisesIncident: Bool) {
        node.allow(
            "id", "title", "command", "timeoutSeconds", "intervalSeconds", "attemptsToConfirmBad", "attemptsToConfirmGood", "lostAfterSeconds", "raisesIncident"
        )
        let usual = Damping()
        let id = node.member("id")?.parsed(
            vi: "1 đến 40 chữ thường không dấu, chữ số và dấu gạch nối, như camera-1",
            en: "1 to 40 lower-case letters, digits and hyphens, such as camera-1"
        ) { isID($0) ? $0 : nil }
        let title = node.member("title").map { title in
            let wording = title.wording
            if max(wording.vi.count, wording.en.count) > 100 {
                title.problem(vi: "dài quá: ghi tối đa 100 chữ", en: "is too long: write at most 100 letters")
            }
            return wording
        }
        let check = node.member("command").flatMap { $0.plugin }
        let timeout = node.seconds("timeoutSeconds", 0.1...600) ?? .seconds(10)
        let ownInterval = node.seconds("intervalSeconds", 0.05...86_400) ?? interval
        let bad = node.optional("attemptsToConfirmBad").map { $0.integer(1...100) ?? usual.confirmBad } ?? usual.confirmBad
        let good = node.optional("attemptsToConfirmGood").map { $0.integer(1...100) ?? usual.confirmGood } ?? usual.confirmGood
        let lostAfter = node.seconds("lostAfterSeconds", 0.1...86_400) ?? usual.unknownLimit
        let raises = node.optional("raisesIncident")?.flag ?? raisesIncident
        guard let id, let title, let check else { return nil }
        self.init(
            id: id, title: title, check: check, timeout: timeout, interval: ownInterval, attemptsToConfirmBad: bad, attemptsToConfirmGood: good,
            lostAfter: lostAfter, raisesIncident: raises)
    }
}

extension WatchedSupply {
    fileprivate init(ups node: Node) {
        node.allow("host", "port", "name", "pollSeconds", "graceSeconds", "lostAfterSeconds")
        let host = node.optional("host")?.name ?? "127.0.0.1"
        let port = node.optional("port")?.integer(1...65_535) ?? 3493
        self.init(node, name: node.member("name")?.name ?? "", source: .ups(host: host, port: UInt16(port)), poll: .seconds(5))
    }

    fileprivate init?(power node: Node, interval: Span) {
        node.allow("name", "command", "timeoutSeconds", "pollSeconds", "graceSeconds", "lostAfterSeconds")
        let timeout = node.seconds("timeoutSeconds", 0.1...600) ?? .seconds(10)
        guard let check = node.member("command")?.plugin else { return nil }
        self.init(node, name: node.optional("name")?.name ?? check.name, source: .check(check, timeout: timeout), poll: interval)
    }

    private init(_ node: Node, name: String, source: Source, poll: Span) {
        let usual = PowerMonitor()
        self.init(
            name: name, source: source, poll: node.seconds("pollSeconds", 0.05...3600) ?? poll,
            grace: node.seconds("graceSeconds", 0...3600) ?? usual.blip, lostAfter: node.seconds("lostAfterSeconds", 0.1...86_400) ?? usual.contactLimit)
    }
}

private func isID(_ text: String) -> Bool {
    (1...40).contains(text.utf8.count) && text.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".contains($0) }
}

extension Node {
    /// A member that holds a number of seconds, to the millisecond; nil where it is not there.
    fileprivate func seconds(_ key: String, _ range: ClosedRange<Double>) -> Span? {
        guard let node = optional(key) else { return nil }
        guard let number = node.value.number, range.contains(number) else {
            let (least, most) = (plain(range.lowerBound), plain(range.upperBound))
            node.problem(vi: "phải là số giây từ \(least) đến \(most)", en: "must be a number of seconds from \(least) to \(most)")
            return nil
        }
        return Span(milliseconds: Int64((number * 1000).rounded()))
    }

    private func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }

    fileprivate var flag: Bool? {
        if let bool = value.bool { return bool }
        problem(vi: "phải là true hoặc false", en: "must be true or false")
        return nil
    }

    fileprivate var name: String? {
        parsed(vi: "tên gồm 1 đến 100 chữ, không có khoảng trống", en: "a name of 1 to 100 letters without spaces") {
            (1...100).contains($0.unicodeScalars.count) && !$0.contains(where: \.isWhitespace) ? $0 : nil
        }
    }

    /// A command: the executable's absolute path, then its arguments.
    fileprivate var plugin: Plugin? {
        let before = problems.list.count
        let words = elements.map(\.string)
        guard problems.list.count == before else { return nil }
        guard let executable = words.first, executable.hasPrefix("/") else {
            problem(
                vi: "phải bắt đầu bằng đường dẫn đầy đủ của chương trình kiểm tra, như \"/usr/lib/nagios/plugins/check_tcp\"",
                en: "must begin with the absolute path of a check plugin, such as \"/usr/lib/nagios/plugins/check_tcp\"")
            return nil
        }
        if words.contains(where: { $0.utf8.contains(0) }) {
            problem(vi: "không được chứa ký tự U+0000", en: "must not hold the character U+0000")
            return nil
        }
        return Plugin(executable, Array(words.dropFirst()))
    }
}
