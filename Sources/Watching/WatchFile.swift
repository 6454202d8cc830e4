import AgentKit
import Foundation
import Regulation
import Values

/// The file of what an agent watches, read again whenever it changes.
struct WatchFile: Sendable {
    /// What a look at the file finds.
    enum Look: Hashable, Sendable {
        /// It holds what it held at the last look.
        case unchanged
        /// It cannot be used; why stands in `fault`.
        case wrong
        /// It names this.
        case found(WatchConfiguration)
    }

    /// Where it is.
    let path: String
    private let mayBeMissing: Bool
    private let watches: Set<Party.Watched>
    /// Why it cannot be used as it is; nil while it can.
    private(set) var fault: Wording?
    /// What the last look found there.
    private var last: Content?

    private enum Content: Hashable, Sendable {
        case bytes(Data)
        case missing
        case unreadable(Wording)
    }

    /// The largest file that is read, in bytes: fifty devices take some kilobytes.
    static let limitBytes = 1_048_576

    /// A file that was not looked at yet. One that may be missing and is names nothing.
    init(_ path: String, mayBeMissing: Bool, watches: Set<Party.Watched>) {
        (self.path, self.mayBeMissing, self.watches) = (path, mayBeMissing, watches)
    }

    /// Looks at the file.
    mutating func look() -> Look {
        let content = read()
        guard content != last else { return .unchanged }
        last = content
        do throws(WatchConfigurationError) {
            let configuration = try configuration(in: content)
            fault = nil
            return .found(configuration)
        } catch {
            fault = error.problems.text
            return .wrong
        }
    }

    private func configuration(in content: Content) throws(WatchConfigurationError) -> WatchConfiguration {
        switch content {
        case .bytes(let bytes): return try WatchConfiguration(parsing: Array(bytes), watches: watches)
        case .missing where mayBeMissing: return WatchConfiguration()
        case .missing: throw WatchConfigurationError(reason: Wording(vi: "không có tệp này", en: "there is no such file"))
        case .unreadable(let reason): throw WatchConfigurationError(reason: reason)
        }
    }

    private func read() -> Content {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false))
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                return .unreadable(Wording(vi: "không phải tệp thường", en: "it is no regular file"))
            }
            guard let size = attributes[.size] as? Int, size <= WatchFile.limitBytes else {
                let limit = WatchFile.limitBytes
                return .unreadable(Wording(vi: "tệp dài quá \(limit) byte", en: "it has more than \(limit) bytes"))
            }
            return .bytes(try Data(contentsOf: URL(filePath: path)))
        } catch {
            let code = (error as? CocoaError)?.code
            if code == .fileReadNoSuchFile || code == .fileNoSuchFile { return .missing }
            return .unreadable(Wording(vi: error.localizedDescription, en: error.localizedDescription))
        }
    }
}
