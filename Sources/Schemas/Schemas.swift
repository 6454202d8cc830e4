/// The files of `schemas/` as they were when this binary was built.
public enum Schemas {
    /// The default regulation, `schemas/regulation.json`.
    public static let regulation = text(named: "regulation") ?? ""

    /// The JSON Schema of a message type, by its file's name without the extension: `incident.detected.v1`.
    public static func message(_ name: String) -> String? { text(named: name) }

    /// The names of all message schemas, sorted.
    public static let messageNames = embedded.map(\.name).filter { $0 != "regulation" }.sorted()

    private static let byName = Dictionary(uniqueKeysWithValues: embedded.map { ($0.name, $0.text) })
    private static func text(named name: String) -> String? { byName[name] }
}
