import Values

/// The names inside and of backups, and which old ones may go (Clause 3, Article 7).
public enum BackupPlan {
    /// What the folder of a complete backup is called, before its local time.
    public static let prefix = "backup-"
    /// What the folder of one that lacks something is called.
    public static let incompletePrefix = "incomplete-"
    /// The list of everything in a backup, as `sha256sum --check` reads it.
    public static let manifestName = "SHA256SUMS"
    /// What was posted, in words and references.
    public static let contentName = "content.json"
    /// The ledger, as `phoihop ledger export` keeps it.
    public static let ledgerName = "ledger.jsonl"
    /// The directory of the files, each named by its SHA-256.
    public static let filesName = "files"

    /// `20261124-080005`, which sorts by time.
    public static func stamp(_ local: LocalTime) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return local.date.description.replacing("-", with: "") + "-" + two(local.hour) + two(local.minute) + two(local.second)
    }

    /// A complete backup that is there.
    public struct Kept: Sendable, Hashable {
        /// Its folder's name.
        public var name: String
        /// The day until which it was said to be kept.
        public var keptUntil: CivilDate
        /// A backup of this name, promised until this day.
        public init(name: String, keptUntil: CivilDate) { (self.name, self.keptUntil) = (name, keptUntil) }
    }

    /// The backups that may be removed: older than the newest `count`, and past the day until which the record says they are kept. Never the newest.
    public static func removable(_ backups: [Kept], keeping count: Int, on today: CivilDate) -> [Kept] {
        backups.sorted { $0.name > $1.name }.dropFirst(max(1, count)).filter { $0.keptUntil < today }
    }

    /// The last day on which a backup taken on a day is still among `count` weekly ones.
    public static func keptUntil(takenOn day: CivilDate, keeping count: Int) -> CivilDate { day.advanced(by: 7 * max(1, count) - 1) }

    /// One line of a manifest.
    public struct Line: Sendable, Hashable {
        /// SHA-256, in lower-case hexadecimal.
        public var sha256: String
        /// The path inside the backup.
        public var path: String
        /// A line of these parts.
        public init(sha256: String, path: String) { (self.sha256, self.path) = (sha256, path) }
    }

    /// A manifest as `sha256sum` writes it. Precondition: no path holds a backslash or a line end.
    public static func manifest(_ lines: [Line]) -> String {
        lines.map { line in
            precondition(!line.path.contains { $0 == "\\" || $0.isNewline }, "a path that sha256sum would have to escape")
            return "\(line.sha256)  \(line.path)\n"
        }.joined()
    }

    /// Reads a manifest; nil where it is none, or where a path leads out of the backup.
    public static func lines(ofManifest text: String) -> [Line]? {
        var lines: [Line] = []
        for line in text.split(separator: "\n") {
            let sha256 = String(line.prefix(64))
            let path = String(line.dropFirst(66))
            guard FileReference.isSHA256(sha256), line.dropFirst(64).hasPrefix("  "), !path.isEmpty, !path.hasPrefix("/"),
                !path.split(separator: "/").contains("..")
            else { return nil }
            lines.append(Line(sha256: sha256, path: path))
        }
        return lines.isEmpty ? nil : lines
    }
}
