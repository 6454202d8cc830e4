import AgentKit
import Content
import Foundation
import Testing
import Values

@testable import Files

/// A store in a directory of its own, with a place beside it for files from elsewhere.
struct Place {
    let directory: URL
    let store: FileStore

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "phoihop-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        store = FileStore(home: directory.appending(path: "home", directoryHint: .isDirectory))
    }

    func remove() { try? FileManager.default.removeItem(at: directory) }

    @discardableResult
    func file(_ name: String, _ text: String) throws -> String {
        let url = directory.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path(percentEncoded: false)
    }

    /// The reference that a submitter who keeps a file here would give.
    func reference(_ name: String, _ text: String) async throws -> FileReference {
        let path = try file(name, text)
        let facts = try await FileStore.facts(of: path)
        return FileReference(
            uri: URL(fileURLWithPath: path).absoluteString, name: name, mediaType: facts.mediaType, bytes: facts.bytes, sha256: facts.sha256)
    }

    /// What lies in the store, unfinished things included.
    var kept: [String] {
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: store.path)) ?? []
        return all.filter { $0 != ".tmp" }.sorted()
    }
}

func withPlace(_ body: (Place) async throws -> Void) async throws {
    let place = try Place()
    defer { place.remove() }
    try await body(place)
}

@Suite("The store of files")
struct FileStoreTests {
    @Test("a file is measured by sha256sum and file, whatever it is called")
    func measuring() async throws {
        try await withPlace { place in
            for name in ["a.txt", "dấu cách & ký tự.txt", "-b", "back\\slash\nline.txt"] {
                let facts = try await FileStore.facts(of: try place.file(name, "abc"))
                #expect(facts.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
                #expect(facts.bytes == 3)
                #expect(facts.mediaType == "text/plain")
            }
            let png = place.directory.appending(path: "x.txt")
            try Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52]).write(to: png)
            #expect(try await FileStore.facts(of: png.path(percentEncoded: false)).mediaType == "image/png", "by its bytes, not its name")
        }
    }

    @Test("what is no file to send is told by what it is")
    func refused() async throws {
        try await withPlace { place in
            let path = place.directory.path(percentEncoded: false)
            await #expect(throws: FilesError.file(FileError(.open, "\(path)/none", ENOENT))) { try await FileStore.facts(of: "\(path)/none") }
            await #expect(throws: FilesError.directory(path)) { try await FileStore.facts(of: path) }
            mkfifo("\(path)/pipe", 0o600)
            await #expect(throws: FilesError.notRegular("\(path)/pipe")) { try await FileStore.facts(of: "\(path)/pipe") }
            let empty = try place.file("empty", "")
            await #expect(throws: FilesError.empty(empty)) { try await FileStore.facts(of: empty) }
            let long = try place.file("long", "12345")
            await #expect(throws: FilesError.tooLong(long, bytes: 5, limit: 4)) { try await FileStore.facts(of: long, atMost: 4) }
            #expect(try await FileStore.facts(of: long, atMost: 5).bytes == 5)
        }
    }

    @Test("a copy is exact, is made once, and takes the place of a damaged one")
    func keeping() async throws {
        try await withPlace { place in
            let path = try place.file("a", "nội dung")
            let facts = try await FileStore.facts(of: path)
            try await place.store.keep(path, facts)
            try await place.store.keep(path, facts)
            #expect(place.kept == [facts.sha256])
            let copy = place.store.path(of: facts.sha256)
            #expect(try Data(contentsOf: URL(filePath: copy)) == Data("nội dung".utf8))
            #expect(try await place.store.isWhole(facts.sha256, bytes: facts.bytes))
            try Data("nội dunG".utf8).write(to: URL(filePath: copy))
            #expect(try await !place.store.isWhole(facts.sha256, bytes: facts.bytes))
            try await place.store.keep(path, facts)
            #expect(try await place.store.isWhole(facts.sha256, bytes: facts.bytes))
        }
    }

    @Test("a file that was changed after it was measured is not kept, and leaves nothing behind")
    func changed() async throws {
        try await withPlace { place in
            let path = try place.file("a", "trước")
            let facts = try await FileStore.facts(of: path)
            try place.file("a", "sau đó")
            await #expect(throws: FilesError.changed(path)) { try await place.store.keep(path, facts) }
            #expect(place.kept == [])
        }
    }

    @Test("a copy that does not fit is refused before it is begun")
    func room() async throws {
        try await withPlace { place in
            #expect(throws: FilesError.self) { try FileStore.needRoom(for: .max, at: place.directory.path) }
            #expect(throws: FilesError.self) { try FileStore.needRoom(for: 1 << 60, at: place.directory.path) }
            try FileStore.needRoom(for: 1, at: place.directory.path)
        }
    }

    @Test("the address is the configured one with the hash, else the store's own")
    func addresses() throws {
        let store = FileStore(home: URL(filePath: "/srv/báo chí/", directoryHint: .isDirectory))
        #expect(store.path == "/srv/báo chí/files")
        #expect(store.uri(of: "abc", under: nil) == "file:///srv/b%C3%A1o%20ch%C3%AD/files/abc")
        #expect(store.uri(of: "abc", under: "") == store.uri(of: "abc", under: nil))
        #expect(store.uri(of: "abc", under: "https://h.vn/t") == "https://h.vn/t/abc")
        #expect(store.uri(of: "abc", under: "sftp://doc@h.vn/t/") == "sftp://doc@h.vn/t/abc")
        for bad in ["ftp://h/t", "h.vn/t", "https://u:secret@h.vn/t", "https://h.vn/t?x=", "https://h.vn/t#x", "https://h vn/t", "javascript:alert(1)"] {
            #expect(store.uri(of: "abc", under: bad) == nil, "\(bad)")
        }
    }
}

@Suite("Files fetched and held against their references")
struct FetchTests {
    @Test("the right file is kept, and is not fetched again")
    func right() async throws {
        try await withPlace { place in
            let reference = try await place.reference("a.txt", "nội dung")
            #expect(try await place.store.examine(reference) == nil)
            let first = await place.store.check(reference, environment: [:])
            #expect(first.holds && !first.wasKept)
            #expect(place.kept == [reference.sha256])
            try FileManager.default.removeItem(at: place.directory.appending(path: "a.txt"))
            let second = await place.store.check(reference, environment: [:])
            #expect(second.holds && second.wasKept)
            // Damaged in the store, it would have to be fetched again.
            try Data("nội dunG".utf8).write(to: URL(filePath: place.store.path(of: reference.sha256)))
            #expect(await place.store.check(reference, environment: [:]).outcome == .failure(.missing))
        }
    }

    @Test("wrong bytes, a wrong length either way, and a missing file are told apart, and nothing of them is kept")
    func wrong() async throws {
        try await withPlace { place in
            let reference = try await place.reference("a.txt", "12345678")
            try place.file("a.txt", "1234567X")
            var check = await place.store.check(reference, environment: [:])
            #expect(FileCheck.Aspect.allCases.map { check.holds($0) } == [true, true, true, false])
            try place.file("a.txt", "1234")
            check = await place.store.check(reference, environment: [:])
            #expect(FileCheck.Aspect.allCases.map { check.holds($0) } == [true, false, true, false])
            try place.file("a.txt", "123456789")
            check = await place.store.check(reference, environment: [:])
            #expect(check.outcome == .failure(.tooLong))
            try FileManager.default.removeItem(at: place.directory.appending(path: "a.txt"))
            check = await place.store.check(reference, environment: [:])
            #expect(check.outcome == .failure(.missing))
            #expect(place.kept == [])
        }
    }

    @Test("a file under a wrong media type is kept, since its bytes are right, and is called wrong")
    func mistyped() async throws {
        try await withPlace { place in
            var reference = try await place.reference("a.txt", "nội dung")
            reference.mediaType = "video/mp4"
            let check = await place.store.check(reference, environment: [:])
            #expect(!check.holds && check.isExact)
            #expect(check.holds(.mediaType) == false)
            #expect(place.kept == [reference.sha256])
            #expect(try await place.store.examine(reference)?.holds == false)
        }
    }

    @Test("an empty file is one too, where a foreign member names one")
    func empty() async throws {
        try await withPlace { place in
            let path = try place.file("e", "")
            let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            let reference = FileReference(uri: URL(fileURLWithPath: path).absoluteString, bytes: 0, sha256: hash)
            #expect(await place.store.check(reference, environment: [:]).holds)
            #expect(await place.store.check(reference, environment: [:]).wasKept)
        }
    }

    @Test(
        "nothing is fetched by another protocol, or from what cannot be read",
        arguments: ["ftp://127.0.0.1/a", "gopher://127.0.0.1/a", "scp://h/a", "/etc/hostname", "", "http:/a", "https://h/a b", "--help", "dict://h/a"])
    func protocols(uri: String) async throws {
        try await withPlace { place in
            let reference = FileReference(uri: uri, bytes: 10, sha256: String(repeating: "a", count: 64))
            #expect(await place.store.check(reference, environment: [:]).outcome == .failure(.badPlace))
            #expect(place.kept == [])
        }
    }

    @Test("a device without end is cut off at the length that was named")
    func endless() async throws {
        try await withPlace { place in
            let reference = FileReference(uri: "file:///dev/zero", bytes: 100_000, sha256: String(repeating: "a", count: 64))
            let check = await place.store.check(reference, environment: [:])
            #expect(!check.holds)
            #expect(place.kept == [])
        }
    }
}

@Suite("A backup in its folder")
struct BackupFolderTests {
    /// A complete backup of two files.
    private func backup(in place: Place, named name: String = "backup-1", until: String = "2026-01-01") async throws -> (BackupFolder, [FileReference]) {
        let files = [try await place.reference("a.txt", "một"), try await place.reference("b.txt", "hai")]
        for (index, file) in files.enumerated() {
            let path = place.directory.appending(path: index == 0 ? "a.txt" : "b.txt").path(percentEncoded: false)
            try await place.store.keep(path, FileFacts(bytes: file.bytes, mediaType: "text/plain", sha256: file.sha256))
        }
        let folder = BackupFolder(path: place.directory.appending(path: name).path(percentEncoded: false))
        try folder.make()
        #expect(try await folder.take(files, from: place.store).isEmpty)
        let content: JSON = ["keptUntil": .string(until), "files": .array(files.map(\.json))]
        try folder.write(content.text, as: BackupPlan.contentName)
        try folder.write("{}\n", as: BackupPlan.ledgerName)
        _ = try await folder.writeManifest()
        return (folder, files)
    }

    @Test("it is whole as written, and its manifest is what sha256sum reads")
    func whole() async throws {
        try await withPlace { place in
            let (folder, files) = try await backup(in: place)
            let found = try await folder.verify()
            #expect(found.isComplete)
            #expect(found.files == files)
            let check = Process()
            check.executableURL = URL(filePath: "/usr/bin/sha256sum")
            check.arguments = ["--check", "--strict", "--quiet", BackupPlan.manifestName]
            check.currentDirectoryURL = URL(filePath: folder.path)
            try check.run()
            check.waitUntilExit()
            #expect(check.terminationStatus == 0)
        }
    }

    @Test("what the store lacks, or has damaged, is named")
    func lacking() async throws {
        try await withPlace { place in
            let (_, files) = try await backup(in: place)
            try FileManager.default.removeItem(atPath: place.store.path(of: files[0].sha256))
            try Data("haI".utf8).write(to: URL(filePath: place.store.path(of: files[1].sha256)))
            let folder = BackupFolder(path: place.directory.appending(path: "backup-2").path(percentEncoded: false))
            try folder.make()
            let missing = try await folder.take(files, from: place.store)
            #expect(missing.map(\.reference) == files)
            #expect(missing.map(\.why) == [.notKept("a.txt"), .damaged(place.store.path(of: files[1].sha256))])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path(of: BackupPlan.filesName)) == [])
        }
    }

    @Test("each damage is found: a changed byte, a missing file, a shortened manifest, a doctored list")
    func damage() async throws {
        try await withPlace { place in
            let (folder, files) = try await backup(in: place)
            let first = folder.path(ofFile: files[0].sha256)
            let (good, manifest) = (try Data(contentsOf: URL(filePath: first)), folder.path(of: BackupPlan.manifestName))
            try Data("mộT".utf8).write(to: URL(filePath: first))
            #expect(try await folder.verify().problems == [.damaged(first)])
            try FileManager.default.removeItem(atPath: first)
            #expect(try await folder.verify().problems == [.file(FileError(.open, first, ENOENT))])
            try good.write(to: URL(filePath: first))
            #expect(try await folder.verify().isComplete)
            let lines = try String(contentsOfFile: manifest, encoding: .utf8).split(separator: "\n")
            try Data((lines.dropLast().joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: manifest))
            #expect(try await folder.verify().problems.count == 1, "a file that is not on the manifest is not vouched for")
            try Data("nonsense".utf8).write(to: URL(filePath: manifest))
            #expect(try await folder.verify().problems == [.damaged(manifest)])
            try FileManager.default.removeItem(atPath: manifest)
            await #expect(throws: FilesError.file(FileError(.open, manifest, ENOENT))) { try await folder.verify() }
        }
    }

    @Test("those at a place are known by name and day, are removed whole, and remains of a crash go too")
    func many() async throws {
        try await withPlace { place in
            let path = place.directory.path(percentEncoded: false)
            let (folder, _) = try await backup(in: place)
            try BackupFolder.aside(at: path, for: "backup-9").make()
            try BackupFolder(path: path + "/backup-8").make()
            #expect(try BackupFolder.kept(at: path).map(\.name) == ["backup-1"], "without a manifest it is none")
            let lock = try BackupFolder.Lock(at: path)
            #expect(lock != nil)
            #expect(try BackupFolder.Lock(at: path) == nil)
            withExtendedLifetime(lock) {}
            try BackupFolder.removeRemains(at: path)
            try folder.remove()
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == [".lock", "a.txt", "b.txt", "backup-8", "home"])
        }
    }
}
