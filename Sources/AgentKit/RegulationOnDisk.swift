import Foundation
import Regulation

extension RegulationText {
    /// The text at a path: one file, or a folder with `regulation.json` and, in `messages/`, the schemas of its message types. To name that file is to name the
    /// folder.
    public init(at path: String) throws(FileError) {
        let name = "regulation.json"
        let isNamed = path == name || path.hasSuffix("/" + name)
        guard isNamed || isDirectory(path) else {
            self.init(try readFile(path))
            return
        }
        let folder = isNamed ? (path == name ? "." : String(path.dropLast(name.count))) : path
        var schemas: [(file: String, bytes: [UInt8])] = []
        let messages = folder.trimmingSuffix("/") + "/messages"
        // A text that says nothing new of its messages has no such folder.
        if isDirectory(messages) {
            for file in try namesInDirectory(messages) where file.hasSuffix(".json") { schemas.append((file, try readFile(messages + "/" + file))) }
        }
        self.init(try readFile(isNamed ? path : folder.trimmingSuffix("/") + "/" + name), schemas: schemas)
    }
}
