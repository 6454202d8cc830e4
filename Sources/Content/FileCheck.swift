import Regulation
import Values

/// What a file turned out to be.
public struct FileFacts: Sendable, Hashable {
    /// Its length in bytes.
    public var bytes: Int64
    /// Its media type, as `file` finds it.
    public var mediaType: String
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    public var sha256: String

    /// The facts of a file.
    public init(bytes: Int64, mediaType: String, sha256: String) { (self.bytes, self.mediaType, self.sha256) = (bytes, mediaType, sha256) }
}

/// Why a file could not be had from the place that its reference names.
public enum FetchProblem: Error, Sendable, Hashable {
    /// The place is written in a way that is none of ours: this protocol is not fetched, or the address cannot be read.
    case badPlace
    /// There is no such file.
    case missing
    /// Whoever keeps it does not let us in.
    case notPermitted
    /// The machine that keeps it does not answer; what the tool said.
    case unreachable(String)
    /// It is longer than its reference says.
    case tooLong
    /// It did not come within this time.
    case timedOut(after: Span)
    /// This machine could not keep it; why.
    case notKept(Wording)
    /// Anything else; what the tool said.
    case failed(String)

    /// Reads how `curl` ended, by its documented exit codes. `status` is the HTTP status, if there was one; `said` what it wrote.
    public init(curl code: Int32, status: Int, said: String) {
        // Of a page that only says what is wrong, curl may tell its length first.
        switch (code, status) {
        case (22, 404), (22, 410), (63, 404), (63, 410): self = .missing
        case (22, 401), (22, 403), (22, 407), (63, 401), (63, 403), (63, 407): self = .notPermitted
        case (63, 400...): self = .failed("HTTP \(status)")
        default: self.init(curl: code, said: said)
        }
    }

    private init(curl code: Int32, said: String) {
        switch code {
        case 1, 3, 4: self = .badPlace
        case 37, 78: self = .missing
        case 9, 67, 94: self = .notPermitted
        case 63: self = .tooLong
        case 5, 6, 7, 35, 52, 53, 56, 58, 59, 60, 66, 77, 79, 83, 90, 91: self = .unreachable(said)
        default: self = .failed(said.isEmpty ? "curl: \(code)" : said)
        }
    }
}

/// A reference held against the file itself.
public struct FileCheck: Sendable, Hashable {
    /// What a file must be, one thing after another.
    public enum Aspect: String, Sendable, CaseIterable {
        /// That it is there.
        case existence
        /// Its length.
        case bytes
        /// Its media type.
        case mediaType
        /// Its bytes, by their SHA-256.
        case sha256
    }

    /// What the message says.
    public var reference: FileReference
    /// What was found, or why nothing was.
    public var outcome: Result<FileFacts, FetchProblem>
    /// Whether the exact bytes are in the store, and were there before.
    public var wasKept: Bool

    /// A reference and what was found of it.
    public init(_ reference: FileReference, _ outcome: Result<FileFacts, FetchProblem>, wasKept: Bool) {
        (self.reference, self.outcome, self.wasKept) = (reference, outcome, wasKept)
    }

    /// Whether the file is in this respect what its reference says; nil where that could not be seen.
    public func holds(_ aspect: Aspect) -> Bool? {
        switch outcome {
        case .failure(.tooLong): aspect == .existence ? true : aspect == .bytes ? false : nil
        case .failure: aspect == .existence ? false : nil
        case .success(let facts):
            switch aspect {
            case .existence: true
            case .bytes: facts.bytes == reference.bytes
            case .mediaType: reference.mediaType.map { MediaType.agree(named: $0, found: facts.mediaType) } ?? true
            case .sha256: facts.sha256 == reference.sha256
            }
        }
    }

    /// Whether the file is in every respect what its reference says.
    public var holds: Bool { FileCheck.Aspect.allCases.allSatisfy { holds($0) == true } }

    /// Whether the bytes are those that the reference means, whatever they are called.
    public var isExact: Bool { holds(.bytes) == true && holds(.sha256) == true }
}
