import AgentKit
import Content
import Foundation
import Regulation
import Values

/// One backup in a folder of its own: the files that were posted, what was posted in words and references, the ledger, and a manifest of it all
/// (Clause 3, Article 7).
public struct BackupFolder: Sendable {
    /// The folder.
    public let path: String

    /// A backup at a place.
    public init(path: String) { self.path = path }

    /// Where a file of the backup is.
    public func path(of name: String) -> String { "\(path)/\(name)" }
    /// Where the file of a SHA-256 is.
    public func path(ofFile sha256: String) -> String { path(of: BackupFolder.name(ofFile: sha256)) }

    static func name(ofFile sha256: String) -> String { "\(BackupPlan.filesName)/\(sha256)" }

    // MARK: Writing

    /// Makes the folder.
    public func make() throws(FilesError) {
        do throws(FileError) { try makeDirectory(path(of: BackupPlan.filesName)) } catch { throw .file(error) }
    }

    /// Takes files over from a store, each read back after it was copied. Gives those that the store has not, or not whole.
    /// - Throws: where the backup's own disk fails, or has no room.
    public func take(_ files: [FileReference], from store: FileStore) async throws(FilesError) -> [(reference: FileReference, why: FilesError)] {
        try FileStore.needRoom(for: files.reduce(0) { $0 &+ $1.bytes }, at: path)
        var missing: [(reference: FileReference, why: FilesError)] = []
        for file in files {
            guard store.has(file) else {
                let isThere = access(store.path(of: file.sha256), F_OK) == 0
                missing.append((file, isThere ? .damaged(store.path(of: file.sha256)) : .notKept(file.title)))
                continue
            }
            let copy = path(ofFile: file.sha256)
            try FileStore.copy(store.path(of: file.sha256), to: copy)
            guard try await FileStore.facts(ofCopy: copy).sha256 == file.sha256 else {
                unlink(copy)
                missing.append((file, .damaged(store.path(of: file.sha256))))
                continue
            }
        }
        return missing
    }

    /// Writes a text, and has the disk keep it.
    public func write(_ text: String, as name: String) throws(FilesError) {
        do throws(FileError) {
            try writeDurably(Array(text.utf8), temporary: path(of: ".\(name)"), to: path(of: name), in: path)
        } catch { throw .file(error) }
    }

    /// Lists everything in the backup with its SHA-256, for `sha256sum --check`. Gives the list's own SHA-256 and the length of all in bytes.
    public func writeManifest() async throws(FilesError) -> (sha256: String, bytes: Int64) {
        var lines: [BackupPlan.Line] = []
        var bytes: Int64 = 0
        let files: [String]
        do throws(FileError) { files = try namesInDirectory(path(of: BackupPlan.filesName)) } catch { throw .file(error) }
        for name in [BackupPlan.contentName, BackupPlan.ledgerName] + files.map(BackupFolder.name(ofFile:)) {
            let facts = try await FileStore.facts(ofCopy: path(of: name))
            lines.append(.init(sha256: facts.sha256, path: name))
            bytes += facts.bytes
        }
        try write(BackupPlan.manifest(lines), as: BackupPlan.manifestName)
        do throws(FileError) { try synchronizeDirectory(path(of: BackupPlan.filesName)) } catch { throw .file(error) }
        return (try await FileStore.facts(ofCopy: path(of: BackupPlan.manifestName)).sha256, bytes)
    }

    /// Gives the folder its name, once it is whole.
    public func rename(to folder: BackupFolder) throws(FilesError) {
        do throws(FileError) {
            try synchronizeDirectory(path)
            try renameFile(path, folder.path)
            try synchronizeDirectory((folder.path as NSString).deletingLastPathComponent)
        } catch { throw .file(error) }
    }

    // MARK: Verifying

    /// What a backup holds, and what is wrong with it.
    public struct Verification: Sendable {
        /// What is wrong; nothing where all is whole.
        public var problems: [FilesError] = []
        /// What the backup itself says that it lacks.
        public var lacking: [String] = []
        /// What was posted, as the backup tells it.
        public var content: JSON = .null
        /// The files, each once.
        public var files: [FileReference] = []
        /// SHA-256 of the manifest.
        public var manifest = ""
        /// The length of everything listed, in bytes.
        public var bytes: Int64 = 0

        /// Whether everything is there, and byte for byte.
        public var isComplete: Bool { problems.isEmpty && lacking.isEmpty }
    }

    /// Reads everything in the backup and holds it against its manifest.
    /// - Throws: where there is no backup.
    public func verify() async throws(FilesError) -> Verification {
        let manifest: [UInt8]
        do throws(FileError) { manifest = try readFile(path(of: BackupPlan.manifestName)) } catch { throw .file(error) }
        var found = Verification()
        guard let lines = BackupPlan.lines(ofManifest: String(decoding: manifest, as: UTF8.self)) else {
            found.problems = [.damaged(path(of: BackupPlan.manifestName))]
            return found
        }
        found.manifest = try await FileStore.facts(ofCopy: path(of: BackupPlan.manifestName)).sha256
        for line in lines {
            do throws(FilesError) {
                let facts = try await FileStore.facts(ofCopy: path(of: line.path))
                found.bytes += facts.bytes
                if facts.sha256 != line.sha256 { found.problems.append(.damaged(path(of: line.path))) }
            } catch {
                found.problems.append(error)
            }
        }
        // What the backup says that it holds must stand in its manifest, under its own digest.
        let listed = Dictionary(lines.map { ($0.path, $0.sha256) }, uniquingKeysWith: { first, _ in first })
        for name in [BackupPlan.contentName, BackupPlan.ledgerName] where listed[name] == nil { found.problems.append(.notKept(path(of: name))) }
        guard let content = BackupFolder.content(in: path) else {
            found.problems.append(.damaged(path(of: BackupPlan.contentName)))
            return found
        }
        found.content = content
        found.files = FileReference.list(in: content)
        found.lacking = (content["missing"]?.array ?? []).compactMap { $0["sha256"]?.string }
        for file in found.files where listed[BackupFolder.name(ofFile: file.sha256)] != file.sha256 {
            if !found.lacking.contains(file.sha256) { found.problems.append(.notKept(path(ofFile: file.sha256))) }
        }
        return found
    }

    private static func content(in path: String) -> JSON? {
        (try? readFile("\(path)/\(BackupPlan.contentName)")).flatMap { try? JSON(parsing: $0) }
    }

    // MARK: The place of many

    /// The complete backups at a place, oldest first.
    public static func kept(at place: String) throws(FilesError) -> [BackupPlan.Kept] {
        let names: [String]
        do throws(FileError) { names = try namesInDirectory(place) } catch { throw .file(error) }
        return names.filter { $0.hasPrefix(BackupPlan.prefix) }.compactMap { name in
            guard access("\(place)/\(name)/\(BackupPlan.manifestName)", R_OK) == 0 else { return nil }
            let until = content(in: "\(place)/\(name)").flatMap { $0["keptUntil"]?.string }.flatMap { CivilDate($0) }
            return until.map { BackupPlan.Kept(name: name, keptUntil: $0) }
        }
    }

    /// Whether a backup of this second is there already, complete or not.
    public static func isTaken(_ stamp: String, at place: String) -> Bool {
        [BackupPlan.prefix, BackupPlan.incompletePrefix].contains { access("\(place)/\($0)\(stamp)", F_OK) == 0 }
    }

    /// The backups at a place that lack something.
    public static func incomplete(at place: String) throws(FilesError) -> [String] {
        do throws(FileError) { return try namesInDirectory(place).filter { $0.hasPrefix(BackupPlan.incompletePrefix) } } catch { throw .file(error) }
    }

    /// Removes a backup. It loses its name first, so that half of it never passes for one.
    public func remove() throws(FilesError) {
        let url = URL(fileURLWithPath: path)
        let aside = url.deletingLastPathComponent().path + "/" + BackupFolder.asidePrefix + url.lastPathComponent
        do throws(FileError) { try renameFile(path, aside) } catch { throw .file(error) }
        try BackupFolder.delete(aside)
    }

    /// The folder in which a backup is written before it has its name.
    public static func aside(at place: String, for name: String) -> BackupFolder { BackupFolder(path: "\(place)/\(asidePrefix)\(name)") }

    /// What is being written or removed has a name that begins with this.
    private static let asidePrefix = ".unfinished-"

    /// Removes what an interrupted run left at a place. Only whoever holds the place's lock may.
    public static func removeRemains(at place: String) throws(FilesError) {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: place) } catch { throw .file(FileError(.read, place)) }
        for name in names where name.hasPrefix(asidePrefix) { try delete("\(place)/\(name)") }
    }

    private static func delete(_ path: String) throws(FilesError) {
        do { try FileManager.default.removeItem(atPath: path) } catch { throw .file(FileError(.write, path)) }
    }

    /// Holds a place for one run at a time, for as long as the lock lives.
    public final class Lock: Sendable {
        private let file: Descriptor

        /// Takes the lock; nil where another run has it.
        public init?(at place: String) throws(FilesError) {
            do throws(FileError) { file = try Descriptor(opening: "\(place)/.lock", O_RDWR | O_CREAT) } catch { throw .file(error) }
            guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else { return nil }
        }
    }
}
