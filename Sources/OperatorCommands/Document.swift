import Regulation
import Values

/// One message's data as it stands in a file: `{…}`, the data itself, or `{"subject": …, "data": {…}}`.
public struct Document: Sendable, Hashable {
    /// Its line in the file, from 1; nil where the file holds one object.
    public var line: Int?
    /// The case it belongs to.
    public var subject: String?
    /// The data.
    public var data: JSONObject
    /// Why its line cannot be read at all; nil where it can.
    public var defect: Wording?

    /// A document of these parts.
    public init(line: Int?, subject: String?, data: JSONObject, defect: Wording? = nil) {
        (self.line, self.subject, self.data, self.defect) = (line, subject, data, defect)
    }

    /// The documents in a file: one JSON object, or one on each line. A line that cannot be read is told with the other problems of the file.
    /// - Throws: bad data, where there is nothing, or one object that cannot be read.
    public static func read(_ file: [UInt8]) throws(Failure) -> [Document] {
        let bytes: [UInt8]
        do { bytes = Array(try JSON.text(inFile: file)) } catch {
            throw Failure(.badData, vi: "--data: \(error.text.vi)", en: "--data: \(error.text.en)")
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().filter { line in
            line.element.contains { !isSpace($0) }
        }
        guard let first = lines.first else {
            throw Failure(
                .badData, vi: "--data: không có nội dung; đề nghị đưa vào một đối tượng JSON.", en: "--data: there is nothing in it; give a JSON object.")
        }
        // Objects begin their line with more than a brace where each has a line of its own.
        guard lines.count > 1, first.element.filter({ !isSpace($0) }).count > 1 else { return [try whole(bytes)] }
        if let single = try? whole(bytes) { return [single] }
        return lines.map { index, text in
            do throws(Failure) {
                var document = try parse(Array(text))
                document.line = index + 1
                return document
            } catch {
                return Document(line: index + 1, subject: nil, data: JSONObject(), defect: error.message)
            }
        }
    }

    private static func whole(_ bytes: [UInt8]) throws(Failure) -> Document {
        do throws(Failure) {
            return try parse(bytes)
        } catch {
            throw Failure(error.code, vi: "--data: \(error.message.vi)", en: "--data: \(error.message.en)")
        }
    }

    private static func parse(_ bytes: [UInt8]) throws(Failure) -> Document {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            let before = bytes.prefix(error.offset)
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
            let place =
                line == 1 ? Wording(vi: "byte \(column)", en: "byte \(column)") : Wording(vi: "hàng \(line), byte \(column)", en: "row \(line), byte \(column)")
            throw Failure(
                .badData, vi: "không phải JSON hợp lệ, \(place.vi): \(error.vietnamese)", en: "this is not JSON that can be taken, \(place.en): \(error.reason)"
            )
        }
        guard let object = json.object else {
            let hint =
                json.array == nil
                ? Wording(vi: "", en: "") : Wording(vi: "; nhiều tin thì mỗi tin một dòng", en: "; for several messages write one object a line")
            throw Failure(
                .badData, vi: "phải là một đối tượng JSON {…}, không phải \(json.kind)\(hint.vi)", en: "must be a JSON object {…}, not \(json.kind)\(hint.en)")
        }
        guard let data = object["data"]?.object, object.members.allSatisfy({ ["subject", "data"].contains($0.key) }) else {
            return Document(line: nil, subject: nil, data: object)
        }
        guard let subject = object["subject"] else { return Document(line: nil, subject: nil, data: data) }
        guard let text = subject.string else { throw Failure(.badData, vi: "subject phải là chuỗi ký tự", en: "subject must be a text") }
        return Document(line: nil, subject: text, data: data)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
}
