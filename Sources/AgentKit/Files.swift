import Foundation
import Regulation

/// A file operation that failed: what was done to which file, and the system's reason.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What can be done to a file.
    public enum Operation: String, Sendable {
        /// Opening it.
        case open = "opening"
        /// Reading it, or the names in a directory.
        case read = "reading"
        /// Writing to it.
        case write = "writing"
        /// Having the disk keep what was written.
        case synchronize = "writing to disk"
        /// Giving it another name.
        case rename = "renaming"
        /// Making a directory.
        case makeDirectory = "making the directory"

        fileprivate var vi: String {
            switch self {
            case .open: "mở"
            case .read: "đọc"
            case .write: "ghi"
            case .synchronize: "ghi xuống đĩa"
            case .rename: "đổi tên"
            case .makeDirectory: "tạo thư mục"
            }
        }
    }

    /// What was being done.
    public var doing: Operation
    /// The file.
    public var path: String
    /// The system's error number.
    public var number: Int32

    /// What failed; the number is that of the last system call, where none is given.
    package init(_ doing: Operation, _ path: String, _ number: Int32 = errno) { (self.doing, self.path, self.number) = (doing, path, number) }

    /// Whether the disk, or this user's share of it, is full.
    public var isDiskFull: Bool { number == ENOSPC || number == EDQUOT }
    /// Whether the file is not there.
    public var isMissing: Bool { number == ENOENT }
    /// Whether what failed is the machine at this moment rather than the file.
    var isPassing: Bool { [EMFILE, ENFILE, ENOMEM, EINTR, EAGAIN].contains(number) || isDiskFull }

    /// What failed, where, and why; a full disk is called so.
    public var text: Wording {
        let reason =
            switch number {
            case ENOSPC, EDQUOT: Wording(vi: "đĩa đã đầy (ENOSPC), cần giải phóng chỗ", en: "ENOSPC, the disk is full: make room")
            case EACCES, EPERM: Wording(vi: "không có quyền truy cập", en: "permission denied")
            case ENOENT: Wording(vi: "không tồn tại", en: "it does not exist")
            default: Wording(vi: String(cString: strerror(number)), en: String(cString: strerror(number)))
            }
        return Wording(vi: "\(doing.vi) \(path): \(reason.vi)", en: "\(doing.rawValue) \(path): \(reason.en)")
    }

    /// In English.
    public var description: String { text.en }
}

/// An open file descriptor, closed when it goes.
package final class Descriptor: Sendable {
    /// Its number.
    package let number: Int32

    /// Opens a file.
    package init(opening path: String, _ flags: Int32, mode: mode_t = 0o600) throws(FileError) {
        number = open(path, flags | O_CLOEXEC, mode)
        if number < 0 { throw FileError(.open, path) }
    }

    deinit { close(number) }

    /// Writes all of it.
    package func write(_ bytes: [UInt8], path: String) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw FileError(.write, path) }
            done += count
        }
    }

    /// Has the disk keep what was written.
    package func synchronize(path: String) throws(FileError) {
        guard fsync(number) == 0 else { throw FileError(.synchronize, path) }
    }
}

/// The longest file that is read as a whole. The agent's own are much shorter, and what is longer is none of them.
private let longestFileBytes = 2 << 30

/// Reads a whole file; one that is too long for that fails with `EFBIG`.
package func readFile(_ path: String) throws(FileError) -> [UInt8] {
    let file = try Descriptor(opening: path, O_RDONLY)
    var status = stat()
    guard fstat(file.number, &status) == 0 else { throw FileError(.read, path) }
    var bytes: [UInt8] = []
    // A file may say that it is longer than it is, or be longer than there is room for.
    guard status.st_size <= longestFileBytes else { throw FileError(.read, path, EFBIG) }
    bytes.reserveCapacity(Int(status.st_size) + 1)
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = chunk.withUnsafeMutableBytes { read(file.number, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw FileError(.read, path) }
        if count == 0 { return bytes }
        bytes += chunk[..<count]
        guard bytes.count <= longestFileBytes else { throw FileError(.read, path, EFBIG) }
    }
}

/// Makes a directory, and those above it, for this user alone.
package func makeDirectory(_ path: String) throws(FileError) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST && isDirectory(path) { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw FileError(.makeDirectory, path) }
    try makeDirectory(String(path[..<slash]))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST && isDirectory(path) else { throw FileError(.makeDirectory, path) }
}

/// Whether a path leads to a directory.
package func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Has the disk keep a directory's entries.
package func synchronizeDirectory(_ path: String) throws(FileError) {
    try Descriptor(opening: path, O_RDONLY | O_DIRECTORY).synchronize(path: path)
}

/// Renames a file over whatever bears the new name.
package func renameFile(_ old: String, _ new: String) throws(FileError) {
    guard rename(old, new) == 0 else { throw FileError(.rename, old) }
}

/// The names in a directory, in order, those with a dot in front left out.
package func namesInDirectory(_ path: String) throws(FileError) -> [String] {
    guard let directory = opendir(path) else { throw FileError(.read, path) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) { String(cString: $0) }
        }
        if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
}

/// Writes a whole file under a temporary name, has the disk keep it, and renames it into place: the file is there as a whole or not at all.
package func writeDurably(_ bytes: [UInt8], temporary: String, to path: String, in directory: String) throws(FileError) {
    do throws(FileError) {
        let file = try Descriptor(opening: temporary, O_WRONLY | O_CREAT | O_EXCL)
        try file.write(bytes, path: temporary)
        try file.synchronize(path: temporary)
        try renameFile(temporary, path)
    } catch {
        unlink(temporary)
        throw error
    }
    try synchronizeDirectory(directory)
}
