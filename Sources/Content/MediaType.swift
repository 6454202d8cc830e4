/// Media types as senders write them and as `file` finds them (RFC 6838).
public enum MediaType {
    /// What `file` calls what it does not know.
    public static let unknown = "application/octet-stream"

    /// Whether what was found can be what was named. Parameters, letter case and the former prefix `x-` say nothing; and text that is read by people in a form
    /// of its own, such as CSV, is found as plain text.
    public static func agree(named: String, found: String) -> Bool {
        let (named, found) = (essence(named), essence(found))
        if named == found { return true }
        return found == "text/plain" && (named.hasPrefix("text/") || textual.contains(named))
    }

    /// Formats outside `text/` that are text all the same.
    private static let textual: Set = ["application/json", "application/xml", "application/yaml", "application/subrip", "application/geo+json"]

    /// Names that differ and mean the same.
    private static let synonyms = ["text/xml": "application/xml", "image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg", "image/ms-bmp": "image/bmp"]

    private static func essence(_ type: String) -> String {
        var parts = type.lowercased().prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2, parts[1].hasPrefix("x-") { parts[1].removeFirst(2) }
        let name = parts.joined(separator: "/")
        return synonyms[name] ?? name
    }
}
