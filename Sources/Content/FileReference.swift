import Values

/// A file as messages name it: where it can be fetched, and what it must then be.
public struct FileReference: Sendable, Hashable {
    /// Where it can be fetched.
    public var uri: String
    /// Its name, as people know it.
    public var name: String?
    /// Its media type.
    public var mediaType: String?
    /// Its length in bytes.
    public var bytes: Int64
    /// SHA-256 of the exact bytes, in lower-case hexadecimal.
    public var sha256: String

    /// A reference of these parts.
    public init(uri: String, name: String? = nil, mediaType: String? = nil, bytes: Int64, sha256: String) {
        (self.uri, self.name, self.mediaType, self.bytes, self.sha256) = (uri, name, mediaType, bytes, sha256)
    }

    /// Reads a reference; nil where it names no place, no length, or no SHA-256 of 64 hexadecimal digits in lower case.
    public init?(_ json: JSON) {
        guard let uri = json["uri"]?.string, let bytes = json["bytes"]?.int, bytes >= 0, let sha256 = json["sha256"]?.string,
            FileReference.isSHA256(sha256)
        else { return nil }
        self.init(uri: uri, name: json["name"]?.string, mediaType: json["mediaType"]?.string, bytes: bytes, sha256: sha256)
    }

    /// Whether a text has the form of a SHA-256, and so may be the name of a file in a store.
    public static func isSHA256(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }

    /// The references in a message's data, in order.
    public static func list(in data: JSON) -> [FileReference] { (data["files"]?.array ?? []).compactMap { FileReference($0) } }

    /// The reference as messages hold it.
    public var json: JSON {
        .compact([
            "uri": .string(uri), "name": name.map { .string($0) }, "mediaType": mediaType.map { .string($0) }, "bytes": .int(bytes),
            "sha256": .string(sha256),
        ])
    }

    /// What to call it before people: its name, else the last part of its place.
    public var title: String {
        if let name { return name }
        let path = uri.prefix { $0 != "?" && $0 != "#" }
        return path.split(separator: "/").last.map(String.init) ?? uri
    }
}

/// What a message type takes of files, by its own schema.
public struct FileLimits: Sendable, Hashable {
    /// How many files one message may name.
    public var count: Int
    /// How long one may be, in bytes.
    public var bytes: Int64

    /// Reads the limits from a message's JSON Schema; nil where the type names no files.
    public init?(schema: JSON) {
        let files = schema[path: ["properties", "files"]]
        guard let count = files?["maxItems"]?.int, let bytes = files?[path: ["items", "properties", "bytes", "maximum"]]?.int else { return nil }
        (self.count, self.bytes) = (Int(count), bytes)
    }
}
