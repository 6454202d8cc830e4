import AgentKit
import Content
import Foundation
import Processes
import Regulation
import Values

extension FileStore {
    /// How slow a line may be before the fetching of a file is given up, in bytes a second.
    private static let slowLineBytesPerSecond: Int64 = 50_000
    /// How long a server may stay silent, in seconds.
    private static let silenceSeconds = 60
    /// How long a connection may take, in seconds.
    private static let connectSeconds = 15

    /// Holds a reference against the store alone. Nil where the file is not there with its exact bytes.
    public func examine(_ reference: FileReference) async throws(FilesError) -> FileCheck? {
        guard try await isWhole(reference.sha256, bytes: reference.bytes) else { return nil }
        let type = reference.bytes == 0 ? "inode/x-empty" : try await Tools.mediaType(of: path(of: reference.sha256))
        return FileCheck(reference, .success(FileFacts(bytes: reference.bytes, mediaType: type, sha256: reference.sha256)), wasKept: true)
    }

    /// Holds a reference against the file: the one in the store where it is whole, else the one at the place that the reference names, whose bytes are then kept
    /// if they are the right ones. `environment` tells how to reach other machines: proxies, certificates, the keys of sftp.
    public func check(_ reference: FileReference, environment: [String: String]) async -> FileCheck {
        do throws(FilesError) {
            if let kept = try await examine(reference) { return kept }
            guard FileStore.isFetched(reference.uri) else { return FileCheck(reference, .failure(.badPlace), wasKept: false) }
            try prepare(for: reference.bytes)
            let copy = newTemporary()
            defer { unlink(copy) }
            if let problem = try await fetch(reference, to: copy, environment) { return FileCheck(reference, .failure(problem), wasKept: false) }
            let found = try await FileStore.facts(ofCopy: copy)
            let type = found.bytes == 0 ? "inode/x-empty" : try await Tools.mediaType(of: copy)
            let check = FileCheck(
                reference, .success(FileFacts(bytes: found.bytes, mediaType: type, sha256: found.sha256)), wasKept: false)
            if check.isExact { try place(copy, as: reference.sha256) }
            return check
        } catch {
            return FileCheck(reference, .failure(.notKept(error.text)), wasKept: false)
        }
    }

    /// Fetches a file of at most as many bytes as its reference names. Gives what was in the way, if anything was.
    private func fetch(_ reference: FileReference, to copy: String, _ environment: [String: String]) async throws(FilesError) -> FetchProblem? {
        let limit = max(1, reference.bytes)
        let time = Span.seconds(120 + reference.bytes / FileStore.slowLineBytesPerSecond)
        // curl looks at a length that is told beforehand; where none is told, the system itself stops the file from growing. It also ends curl with this process.
        let arguments = [
            "--pdeathsig", "KILL", "--", Tools.prlimit.path, "--fsize=\(limit)", "--core=0", "--", Tools.curl.path, "--disable", "--globoff", "--fail",
            "--silent", "--show-error", "--location",
            "--max-redirs", "5", "--proto", "=" + FileStore.protocols.joined(separator: ","), "--proto-redir", "=http,https",
            "--connect-timeout", "\(FileStore.connectSeconds)", "--speed-limit", "1", "--speed-time", "\(FileStore.silenceSeconds)",
            "--max-time", "\(time.milliseconds / 1000)", "--max-filesize", "\(limit)", "--write-out", "%{http_code}", "--output", copy, "--", reference.uri,
        ]
        let call = ProgramCall(Tools.setpriv.path, arguments, environment: ProgramCall.plainEnvironment + FileStore.passed(environment))
        let result = await call.run(timeout: time + .seconds(10), outputLimitBytes: 4096)
        let said = Tools.singleLine(Tools.text(result.errors)).replacing(#/^curl: \(\d+\) /#, with: "")
        switch result.ending {
        case .exited(0):
            // Of nothing, curl makes no file.
            if access(copy, F_OK) != 0 {
                do throws(FileError) { _ = try Descriptor(opening: copy, O_WRONLY | O_CREAT) } catch { throw .file(error) }
            }
            return nil
        case .exited(127): throw .toolMissing(Tools.curl)
        case .exited(28), .timedOut: return .timedOut(after: time)
        case .exited(23):
            // It could not write: the disk is full, or the file would have grown too long.
            return FileStore.size(of: copy) >= limit ? .tooLong : .notKept(Wording(vi: said, en: said))
        case .exited(let code): return FetchProblem(curl: code, status: Int(Tools.text(result.output).suffix(3)) ?? 0, said: said)
        case .signalled(SIGXFSZ): return .tooLong
        case .notStarted, .signalled, .cancelled: throw Tools.failure(of: Tools.curl, result, path: reference.uri)
        }
    }

    private static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : -1
    }

    /// What of the environment tells how to reach other machines.
    private static let passedNames = [
        "HOME", "SSH_AUTH_SOCK", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "CURL_CA_BUNDLE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ]

    private static func passed(_ environment: [String: String]) -> [String] { passedNames.compactMap { name in environment[name].map { "\(name)=\($0)" } } }
}
