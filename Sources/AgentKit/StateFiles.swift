import Foundation
import Values

/// Small files in which an agent keeps what it must know after a restart. Each is there as a whole, old or new, whatever happens while it is written.
public struct StateFiles: Sendable {
    private let path: String

    /// The state in an agent's home.
    public init(home: URL) throws(FileError) {
        path = home.path(percentEncoded: false).trimmingSuffix("/") + "/state"
        try makeDirectory(path)
    }

    /// What was written last under a name; nil if nothing was.
    /// - Throws: if the file cannot be read.
    public func read(_ name: String) throws -> JSON? {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try readFile("\(path)/\(name).json") } catch {
            if error.isMissing { return nil }
            throw error
        }
        return try JSON(parsing: bytes)
    }

    /// Writes a value under a name. When it returns, the value survives a power cut.
    public func write(_ name: String, _ value: JSON) throws(FileError) {
        let temporary = ".\(name).\(UUID().uuidString)"
        try writeDurably(value.bytes, temporary: "\(path)/\(temporary)", to: "\(path)/\(name).json", in: path)
    }
}
