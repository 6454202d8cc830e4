import AgentKit
import Content
import Files
import Foundation
import Messages
import OperatorCommands
import Regulation
import Values

/// The files that `publish --file` names: measured before the message is made, and kept before it is sent.
struct Attachments {
    /// A file on this machine.
    private struct Attachment {
        var path: String
        var facts: FileFacts
    }

    private let store: FileStore
    private var files: [Attachment] = []
    /// What the message says of them.
    private(set) var references: [FileReference] = []

    /// Under which address others fetch what is in the party's store.
    static let variable = "PHOIHOP_FILES_URI"

    /// Measures the files of a command line.
    /// - Throws: with everything that is wrong with them.
    init(_ context: Context, for type: MessageType, home: URL) async throws(Failure) {
        store = FileStore(home: home)
        let paths = context.arguments.all("file")
        guard !paths.isEmpty, let limits = FileLimits(of: type) else { return }
        guard paths.count <= limits.count else {
            throw Failure(
                .badData, vi: "--file: \(paths.count) tệp, tối đa là \(limits.count); đề nghị nén lại, hoặc gửi nhiều tin.",
                en: "--file: \(paths.count) files, but at most \(limits.count); put them into an archive, or send several messages.")
        }
        let place = context.environment[Attachments.variable]
        guard store.uri(of: "", under: place) != nil else { throw .badFilesPlace(place ?? "") }
        var failures: [Failure] = []
        for path in paths {
            do throws(FilesError) {
                let facts = try await FileStore.facts(of: path, atMost: limits.bytes)
                guard let uri = store.uri(of: facts.sha256, under: place) else { preconditionFailure("the place was found good") }
                files.append(Attachment(path: path, facts: facts))
                references.append(
                    FileReference(
                        uri: uri, name: URL(fileURLWithPath: path).lastPathComponent, mediaType: facts.mediaType, bytes: facts.bytes, sha256: facts.sha256))
            } catch {
                failures.append(Failure(error, at: Wording(vi: "--file \(shown(path))", en: "--file \(shown(path))")))
            }
        }
        guard let first = failures.first else { return }
        throw failures.count == 1
            ? first
            : Failure(
                first.code, Wording(vi: "Tin \(type.name) chưa gửi được. Cần sửa:", en: "\(type.name) was not sent. To mend:"),
                problems: failures.map(\.message))
    }

    /// Keeps an exact copy of each.
    func keep() async throws(Failure) {
        for file in files {
            do throws(FilesError) { try await store.keep(file.path, file.facts) } catch {
                if error.isDiskFull {
                    throw Failure(
                        .cannotCreate, vi: "ĐẦY ĐĨA tại \(store.path): tệp \(shown(file.path)) CHƯA được lưu và tin CHƯA gửi. \(error.text.vi)",
                        en: "DISK FULL at \(store.path): \(shown(file.path)) was NOT kept and the message NOT sent. \(error.text.en)")
                }
                throw Failure(error, at: Wording(vi: "tệp CHƯA được lưu, tin CHƯA gửi", en: "the file was NOT kept, the message NOT sent"))
            }
        }
    }
}

extension Failure {
    fileprivate static func badFilesPlace(_ place: String) -> Failure {
        let protocols = FileStore.protocols.map { $0 + "://" }.joined(separator: ", ")
        return Failure(
            .usage,
            vi:
                "\(Attachments.variable) “\(shown(place))” không dùng được: cần một địa chỉ \(protocols), không kèm mật khẩu, không có ? hoặc #. Xem: phoihop help files",
            en:
                "\(Attachments.variable) “\(shown(place))” cannot be used: an address is wanted of \(protocols), without a password, ? or #. See: phoihop help files"
        )
    }
}
