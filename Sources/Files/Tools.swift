import AgentKit
import Content
import Foundation
import Processes
import Regulation
import Values

/// The programs that do the work on files: each is Debian's own.
public enum Tools {
    /// A program and the Debian package that it comes in.
    public struct Tool: Sendable, Hashable {
        /// The executable.
        public var path: String
        /// The package.
        public var package: String

        /// Whether it is there and can be run.
        public var isInstalled: Bool { access(path, X_OK) == 0 }
    }

    static let sha256sum = Tool(path: "/usr/bin/sha256sum", package: "coreutils")
    static let file = Tool(path: "/usr/bin/file", package: "file")
    static let curl = Tool(path: "/usr/bin/curl", package: "curl")
    static let prlimit = Tool(path: "/usr/bin/prlimit", package: "util-linux")
    static let setpriv = Tool(path: "/usr/bin/setpriv", package: "util-linux")

    /// All of them.
    public static let all = [sha256sum, file, curl, prlimit, setpriv]

    /// What is read of a tool's output, in bytes.
    private static let outputLimitBytes = 64 * 1024
    /// What even a slow disk reads in a second, in bytes.
    private static let slowDiskBytesPerSecond: Int64 = 5_000_000

    /// SHA-256 of a file's bytes.
    static func sha256(of path: String, bytes: Int64) async throws(FilesError) -> String {
        // With -z a name is written as it is, whatever it holds, so that the line begins with the digest.
        let result = try await output(of: sha256sum, ["--zero", "--", path], path: path, timeout: time(toRead: bytes))
        let digest = String(result.prefix(64))
        guard FileReference.isSHA256(digest) else { throw .tool(sha256sum, path: path, said: result) }
        return digest
    }

    /// A file's media type.
    static func mediaType(of path: String) async throws(FilesError) -> String {
        let type = try await output(of: file, ["-E", "--brief", "--mime-type", "--", path], path: path, timeout: .seconds(60))
        let text = type.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.contains("/"), !text.contains(" ") else { throw .tool(file, path: path, said: text) }
        return text
    }

    /// How long reading a file may take.
    private static func time(toRead bytes: Int64) -> Span { .seconds(60 + bytes / slowDiskBytesPerSecond) }

    private static func output(of tool: Tool, _ arguments: [String], path: String, timeout: Span) async throws(FilesError) -> String {
        let result = await ProgramCall(tool.path, arguments).run(timeout: timeout, outputLimitBytes: outputLimitBytes)
        guard result.ending == .exited(0) else { throw failure(of: tool, result, path: path) }
        return text(result.output)
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    static func failure(of tool: Tool, _ result: ProgramResult, path: String) -> FilesError {
        switch result.ending {
        case .notStarted(.system(ENOENT)): .toolMissing(tool)
        case .notStarted(.system(let number)): .tool(tool, path: path, said: String(cString: strerror(number)))
        case .notStarted(let obstacle): .tool(tool, path: path, said: "\(obstacle)")
        case .timedOut(let span): .tool(tool, path: path, said: "no answer within \(span)")
        case .exited(let code): .tool(tool, path: path, said: "\(code): " + singleLine(text(result.errors) + text(result.output)))
        case .signalled(let signal): .tool(tool, path: path, said: "signal \(signal)")
        case .cancelled: .tool(tool, path: path, said: "cancelled")
        }
    }

    static func singleLine(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}

/// Why a file could not be kept or read.
public enum FilesError: Error, Sendable, Hashable {
    /// The disk failed, is full, or does not let us.
    case file(FileError)
    /// It is a directory.
    case directory(String)
    /// It is no regular file: a pipe, a device, a socket.
    case notRegular(String)
    /// It is empty.
    case empty(String)
    /// It is longer than messages may name, in bytes.
    case tooLong(String, bytes: Int64, limit: Int64)
    /// It changed while it was read or copied.
    case changed(String)
    /// It is in the store, but damaged.
    case damaged(String)
    /// It is not in the store.
    case notKept(String)
    /// A tool is not installed.
    case toolMissing(Tools.Tool)
    /// A tool failed; what it said.
    case tool(Tools.Tool, path: String, said: String)
    /// There is too little room: what is needed and what is free, in bytes.
    case noRoom(String, needed: Int64, free: Int64)

    /// Whether it is for want of room.
    public var isDiskFull: Bool {
        switch self {
        case .file(let error): error.isDiskFull
        case .noRoom: true
        default: false
        }
    }

    /// Whether this machine, rather than the file that was named, is at fault.
    public var isOfThisMachine: Bool {
        switch self {
        case .file(let error): error.isDiskFull || ![.open, .read].contains(error.doing)
        case .noRoom, .toolMissing, .tool: true
        default: false
        }
    }

    /// What was wrong, where, and what to do.
    public var text: Wording {
        switch self {
        case .file(let error): error.text
        case .directory(let path):
            Wording(
                vi: "\(path) là thư mục; đề nghị ghi từng tệp, hoặc nén thành một tệp",
                en: "\(path) is a directory; name its files, or put them into one archive")
        case .notRegular(let path): Wording(vi: "\(path) không phải tệp thường", en: "\(path) is no regular file")
        case .empty(let path):
            Wording(vi: "\(path) rỗng (0 byte); đề nghị kiểm tra lại tệp", en: "\(path) is empty (0 bytes); see whether it is the right file")
        case .tooLong(let path, let bytes, let limit):
            Wording(vi: "\(path) dài \(bytes) byte, quá \(limit) byte", en: "\(path) has \(bytes) bytes, more than \(limit)")
        case .changed(let path):
            Wording(
                vi: "\(path) thay đổi trong khi đang được lưu; đợi ghi xong tệp rồi gửi lại",
                en: "\(path) changed while it was being kept; wait until it is finished, then send again")
        case .damaged(let path):
            Wording(vi: "\(path) đã hỏng: mã băm SHA-256 không còn đúng", en: "\(path) is damaged: its SHA-256 is no longer right")
        case .notKept(let path): Wording(vi: "\(path) không có trong kho tệp", en: "\(path) is not in the store of files")
        case .toolMissing(let tool):
            Wording(vi: "thiếu chương trình \(tool.path); cài gói \(tool.package)", en: "\(tool.path) is not installed; install the package \(tool.package)")
        case .tool(let tool, let path, let said):
            Wording(vi: "\(tool.path) không làm được với \(path): \(said)", en: "\(tool.path) failed at \(path): \(said)")
        case .noRoom(let path, let needed, let free):
            Wording(
                vi: "không đủ chỗ tại \(path): cần \(needed / 1_000_000 + 1) MB, còn \(free / 1_000_000) MB; đề nghị dọn đĩa",
                en: "too little room at \(path): \(needed / 1_000_000 + 1) MB needed, \(free / 1_000_000) MB free; make room")
        }
    }
}
