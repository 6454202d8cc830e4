import Schemas
import Values

/// A regulation as it is written down: `regulation.json`, and in `messages/` beside it the schemas of its message types. A type of which no schema lies there is
/// that of the same name built into this program.
public struct RegulationText: Sendable {
    /// What `regulation.json` holds.
    public var regulation: [UInt8]
    /// The schemas beside it, by the names of their files: `incident.detected.v1.json`.
    public var schemas: [(file: String, bytes: [UInt8])]

    /// A text and the schemas that come with it.
    public init(_ regulation: [UInt8], schemas: [(file: String, bytes: [UInt8])] = []) { (self.regulation, self.schemas) = (regulation, schemas) }

    /// The whole in one value, as it goes into the ledger: a schema that differs from the one built in stands under `schemas`, so that whoever reads the ledger
    /// can read what is said under this text, whatever was built into its program.
    /// - Throws: what is no JSON, and a file whose name names no message type.
    public func json() throws(RegulationError) -> JSON {
        var problems: [Problem] = []
        var text = JSON.null
        do { text = try JSON(parsing: regulation) } catch { problems.append(error.problem) }
        var own = text["schemas"]?.object ?? JSONObject()
        for (file, bytes) in schemas.sorted(by: { $0.file < $1.file }) {
            guard file.hasSuffix(RegulationText.suffix), file.utf8.count > RegulationText.suffix.utf8.count else {
                problems.append(
                    Problem(
                        pointer: "messages/\(file)", vi: "tên tệp phải có dạng <danh-từ>.<động-từ>\(RegulationText.suffix)",
                        en: "the file must be named <noun>.<verb>\(RegulationText.suffix)"))
                continue
            }
            let type = String(file.dropLast(RegulationText.suffix.count))
            do {
                let schema = try JSON(parsing: bytes)
                if MessageSchema.named(type)?.document != schema { own[type] = schema }
            } catch {
                let problem = error.problem
                problems.append(Problem(pointer: "messages/\(file)", vi: problem.reason.vi, en: problem.reason.en))
            }
        }
        guard problems.isEmpty else { throw RegulationError(problems: problems) }
        guard !own.members.isEmpty, var object = text.object else { return text }
        object["schemas"] = .object(own)
        return .object(object)
    }

    private static let suffix = ".v1.json"
}

extension Regulation {
    /// Reads a regulation as it is written down.
    /// - Throws: all problems found.
    public init(_ text: RegulationText) throws(RegulationError) { try self.init(json: text.json()) }
}
