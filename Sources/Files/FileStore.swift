import AgentKit
import Content
import Foundation
import Values

/// A party's own files, exact to the byte: a directory in which each is named by its SHA-256 (Clause 2, Article 13). A file is written whole under a temporary
/// name, has its bytes checked, is made to stay on the disk, and is renamed into place; what bears a name is what that name says.
public struct FileStore: Sendable {
    /// The directory's name in a party's home.
    public static let directoryName = "files"

    /// The directory.
    public let path: String
    private var temporary: String { path + "/.tmp" }

    /// How much room a disk must have left beside what is written to it, in bytes.
    static let reserveBytes: Int64 = 64_000_000

    /// The store in a party's home, which is made when the first file comes.
    public init(home: URL) {
        let home = home.path(percentEncoded: false)
        path = (home.hasSuffix("/") && home.count > 1 ? String(home.dropLast()) : home) + "/" + FileStore.directoryName
    }

    /// Where a file of this SHA-256 is, or would be.
    public func path(of sha256: String) -> String { "\(path)/\(sha256)" }

    /// Whether a file of this SHA-256 and length is there. Its bytes are not looked at.
    public func has(_ reference: FileReference) -> Bool {
        var status = stat()
        return stat(path(of: reference.sha256), &status) == 0 && Int64(status.st_size) == reference.bytes
    }

    // MARK: Measuring

    /// What a file on this machine is. It must be a regular file, not empty, of at most so many bytes, and must not change meanwhile.
    public static func facts(of path: String, atMost limit: Int64 = .max) async throws(FilesError) -> FileFacts {
        let before = try status(of: path)
        guard before.bytes > 0 else { throw .empty(path) }
        guard before.bytes <= limit else { throw .tooLong(path, bytes: before.bytes, limit: limit) }
        let facts = FileFacts(
            bytes: before.bytes, mediaType: try await Tools.mediaType(of: path), sha256: try await Tools.sha256(of: path, bytes: before.bytes))
        guard try status(of: path) == before else { throw .changed(path) }
        return facts
    }

    /// What tells whether a file has been written to.
    private struct Status: Equatable {
        var bytes: Int64
        var inode: UInt64
        var seconds: Int
        var nanoseconds: Int
    }

    private static func status(of path: String) throws(FilesError) -> Status {
        // Without waiting, where a pipe has no writer.
        let file: Descriptor
        do throws(FileError) { file = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK) } catch { throw .file(error) }
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw .file(FileError(.read, path)) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .directory(path)
        default: throw .notRegular(path)
        }
        return Status(
            bytes: Int64(status.st_size), inode: UInt64(status.st_ino), seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    }

    // MARK: Keeping

    /// Keeps an exact copy of a file that was measured. When this returns, the copy has been read back and survives a power cut.
    public func keep(_ source: String, _ facts: FileFacts) async throws(FilesError) {
        if try await isWhole(facts.sha256, bytes: facts.bytes) { return }
        try prepare(for: facts.bytes)
        let copy = newTemporary()
        do throws(FilesError) {
            try FileStore.copy(source, to: copy)
            guard try await FileStore.facts(ofCopy: copy).sha256 == facts.sha256 else { throw .changed(source) }
            try place(copy, as: facts.sha256)
        } catch {
            unlink(copy)
            throw error
        }
    }

    /// What a copy is, that nobody else writes to.
    static func facts(ofCopy path: String) async throws(FilesError) -> (bytes: Int64, sha256: String) {
        let bytes = try status(of: path).bytes
        return (bytes, try await Tools.sha256(of: path, bytes: bytes))
    }

    /// Whether the file is there with exactly its bytes.
    public func isWhole(_ sha256: String, bytes: Int64) async throws(FilesError) -> Bool {
        let path = path(of: sha256)
        var status = stat()
        guard stat(path, &status) == 0, Int64(status.st_size) == bytes else { return false }
        return try await Tools.sha256(of: path, bytes: bytes) == sha256
    }

    /// Has a checked file stay under its name.
    func place(_ copy: String, as sha256: String) throws(FilesError) {
        do throws(FileError) {
            // The group may read, so that a web server can hand the files out.
            guard chmod(copy, 0o640) == 0 else { throw FileError(.write, copy) }
            try Descriptor(opening: copy, O_RDONLY).synchronize(path: copy)
            try renameFile(copy, path(of: sha256))
            try synchronizeDirectory(path)
        } catch { throw .file(error) }
    }

    /// Makes the directories where they are missing, removes what a crash left behind, and sees that there is room.
    func prepare(for bytes: Int64) throws(FilesError) {
        do throws(FileError) {
            let isNew = !isDirectory(path)
            try makeDirectory(temporary)
            if isNew, chmod(path, 0o750) != 0 { throw FileError(.makeDirectory, path) }
            removeRemains()
        } catch { throw .file(error) }
        try FileStore.needRoom(for: bytes, at: path)
    }

    /// Sees that a disk has room for so many bytes, and some beside.
    static func needRoom(for bytes: Int64, at path: String) throws(FilesError) {
        var space = statvfs()
        guard statvfs(path, &space) == 0 else { throw .file(FileError(.read, path)) }
        let free = Int64(clamping: space.f_bavail).saturatingMultiply(by: Int64(clamping: space.f_frsize))
        let (needed, overflow) = bytes.addingReportingOverflow(reserveBytes)
        guard !overflow, needed <= free else { throw .noRoom(path, needed: needed, free: free) }
    }

    /// A name that nobody else uses.
    func newTemporary() -> String { "\(temporary)/\(UUID().uuidString.lowercased())" }

    private func removeRemains() {
        let dayAgo = Int(Clock.realNow.milliseconds / 1000) - 86_400
        for name in (try? namesInDirectory(temporary)) ?? [] {
            var status = stat()
            if lstat("\(temporary)/\(name)", &status) == 0, status.st_mtim.tv_sec < dayAgo { unlink("\(temporary)/\(name)") }
        }
    }

    /// Copies a file, byte for byte, to a name that is not taken, and has the disk keep it.
    static func copy(_ source: String, to target: String) throws(FilesError) {
        do throws(FileError) {
            let from = try Descriptor(opening: source, O_RDONLY)
            let to = try Descriptor(opening: target, O_WRONLY | O_CREAT | O_EXCL, mode: 0o640)
            var chunk = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = chunk.withUnsafeMutableBytes { read(from.number, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                guard count >= 0 else { throw FileError(.read, source) }
                if count == 0 { break }
                try to.write(count == chunk.count ? chunk : Array(chunk[..<count]), path: target)
            }
            try to.synchronize(path: target)
        } catch {
            throw .file(error)
        }
    }

    // MARK: Places

    /// The address under which the Department fetches what is in the store: the configured one, else the directory itself, which serves one machine or a shared mount.
    /// - Returns: nil where the configured one is none of the kinds that are fetched, holds a password, or ends in something that cannot be added to.
    public func uri(of sha256: String, under configured: String?) -> String? {
        guard let configured, !configured.isEmpty else { return URL(fileURLWithPath: path(of: sha256)).absoluteString }
        guard let parts = URLComponents(string: configured), FileStore.isFetched(configured), parts.password == nil, parts.query == nil, parts.fragment == nil
        else { return nil }
        return configured + (configured.hasSuffix("/") ? "" : "/") + sha256
    }

    /// The protocols by which files are fetched.
    public static let protocols = ["file", "http", "https", "sftp"]

    static func isFetched(_ uri: String) -> Bool {
        guard let colon = uri.firstIndex(of: ":"), uri[colon...].hasPrefix("://"), uri.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else { return false }
        return protocols.contains(uri[..<colon].lowercased())
    }
}
