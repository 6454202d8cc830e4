/// Which message types play which part for content: what is handed in, vetted, put on display and taken off, and the backup of it. What a text leaves out, nobody
/// says under it.
public struct ContentTypes: Sendable, Hashable {
    /// Content is on display.
    public var published: String
    /// Content is handed in.
    public var submitted: String?
    /// Content that was ordered is delivered.
    public var delivered: String?
    /// Content is accepted, or sent back, or refused.
    public var vetted: String?
    /// Content is said to be wrong.
    public var challenged: String?
    /// Content that was said to be wrong stays.
    public var upheld: String?
    /// Content is taken off.
    public var withdrawn: String?
    /// What was on display has been copied.
    public var backup: String?

    /// A part: the member that names its type, what it is called, and what its messages hold.
    package struct Part: Sendable {
        package let member: String
        let title: Wording
        package let path: WritableKeyPath<ContentTypes, String?> & Sendable
        package var uses: [MemberUse] = []
        /// Whether the program itself writes such messages.
        package var isWritten = false
    }

    /// What is read of content on display.
    package static let inPublished: [MemberUse] = [.needed("title", .text)]
    /// The parts that a text may leave out.
    package static let parts: [Part] = [
        Part(member: "submitted", title: Wording(vi: "cung cấp nội dung", en: "content is handed in"), path: \.submitted, uses: [.needed("title", .text)]),
        Part(
            member: "delivered", title: Wording(vi: "giao nội dung đặt hàng", en: "content ordered is delivered"), path: \.delivered,
            uses: [.needed("files", .list)]),
        Part(
            member: "vetted", title: Wording(vi: "thẩm định", en: "content is vetted"), path: \.vetted,
            uses: [.needed("outcome", .choice(["accepted", "returned", "refused"]))]),
        Part(member: "challenged", title: Wording(vi: "phản ánh nội dung", en: "content is challenged"), path: \.challenged),
        Part(member: "upheld", title: Wording(vi: "giữ nội dung bị phản ánh", en: "challenged content stays"), path: \.upheld),
        Part(member: "withdrawn", title: Wording(vi: "gỡ nội dung", en: "content is taken off"), path: \.withdrawn),
        Part(
            member: "backup", title: Wording(vi: "sao lưu", en: "content is backed up"), path: \.backup,
            uses: [
                .needed("takenAt", .instant), .offered("items", .integer), .offered("bytes", .integer), .offered("sha256", .text),
                .offered("keptUntil", .date), .offered("place", .text), .known("officer", .text),
            ], isWritten: true),
    ]

    /// The parts that the text has: the member that names one, what it is called, and its type.
    public var named: [(member: String, title: Wording, type: String)] {
        let published = (member: "published", title: Wording(vi: "đăng nội dung", en: "content is on display"), type: published)
        return [published] + ContentTypes.parts.compactMap { part in self[keyPath: part.path].map { (part.member, part.title, $0) } }
    }
}
