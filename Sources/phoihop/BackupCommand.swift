import AgentKit
import Content
import Files
import Foundation
import Messages
import OperatorCommands
import Regulation
import Values

/// `phoihop backup`: what was posted on the Cluster, and the ledger, in a folder of its own (Clause 3, Article 7); and back.
struct BackupCommand {
    let context: Context

    /// How many weekly backups are kept where nobody says.
    private static let usualCount = 8

    func run() async throws(Failure) -> ExitCode {
        let words = context.arguments.words
        try context.arguments.expectWords(atMost: 2)
        guard words.count == 2, ["take", "verify", "restore"].contains(words[0]) else {
            throw Failure(
                .usage, vi: "Đề nghị ghi: phoihop backup take NƠI-LƯU, phoihop backup verify BẢN-SAO, hoặc phoihop backup restore BẢN-SAO",
                en: "Write: phoihop backup take PLACE, phoihop backup verify BACKUP, or phoihop backup restore BACKUP")
        }
        let place = URL(fileURLWithPath: words[1]).standardizedFileURL.plainPath
        switch words[0] {
        case "take": return try await take(at: place)
        case "verify": return try await verify(place)
        default: return try await restore(place)
        }
    }

    // MARK: Taking

    private func take(at place: String) async throws(Failure) -> ExitCode {
        let configuration = try context.configuration()
        let content = try context.content(of: configuration.regulation)
        guard let type = content.backup else {
            throw Failure(
                .usage, vi: "Quy định này không nêu tin nào ghi nhận việc sao lưu (/content/backup). Sổ cái: phoihop ledger export.",
                en: "This regulation names no message that records a backup (/content/backup). The ledger: phoihop ledger export.")
        }
        let composer = Composer(
            regulation: configuration.regulation, party: configuration.party, now: configuration.clock.now, newID: { UUID().uuidString.lowercased() })
        _ = try composer.type(named: type)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory), isDirectory.boolValue else {
            // A disk that is not mounted would otherwise be backed up onto the one below it.
            throw Failure(
                .cannotCreate, vi: "Không có thư mục \(place). Đề nghị gắn đĩa sao lưu, hoặc tạo thư mục, rồi chạy lại.",
                en: "There is no directory \(place). Mount the backup disk, or make the directory, and run again.")
        }
        let today = configuration.regulation.calendar.local(configuration.clock.now).date
        let count = try keepCount()
        let keptUntil = try keptUntil(today: today, count: count)
        let named = try context.arguments.value("place")
        let officer = try context.arguments.value("officer") ?? context.environment["PHOIHOP_OFFICER"]
        guard let lock = try await onFiles({ () throws(FilesError) in try BackupFolder.Lock(at: place) }) else { throw .otherBackup(place) }
        defer { withExtendedLifetime(lock) {} }
        try await onFiles { () throws(FilesError) in try BackupFolder.removeRemains(at: place) }
        var (takenAt, stamp) = (Instant(milliseconds: 0), "")
        repeat {
            // A name tells the second; of the second backup within one, the next.
            if !stamp.isEmpty { try? await Task.sleep(for: .milliseconds(50)) }
            takenAt = configuration.clock.now
            stamp = BackupPlan.stamp(configuration.regulation.calendar.local(takenAt))
        } while BackupFolder.isTaken(stamp, at: place) && !Task.isCancelled
        let aside = BackupFolder.aside(at: place, for: BackupPlan.prefix + stamp)
        let backup: Backup
        do throws(Failure) {
            backup = try await write(aside, at: place, stamp, takenAt, keptUntil, content, configuration)
        } catch {
            try? FileManager.default.removeItem(atPath: aside.path)
            throw error
        }
        if backup.missing.isEmpty {
            let code = await publish(backup, as: type, takenAt, keptUntil, place: named, officer, under: configuration.regulation)
            guard code == .ok else { return code }
        }
        let removed = try await removeOld(at: place, than: backup, count, today)
        report(backup, takenAt, keptUntil, removed)
        return backup.missing.isEmpty ? .ok : .badData
    }

    /// A backup that was taken.
    private struct Backup {
        var folder: BackupFolder
        var records: Int
        var items: Int
        var files: [FileReference]
        var missing: [(reference: FileReference, why: FilesError)]
        var manifest: String
        var bytes: Int64
    }

    /// Writes a backup aside, reads it back, and gives it its name.
    private func write(
        _ aside: BackupFolder, at place: String, _ stamp: String, _ takenAt: Instant, _ keptUntil: CivilDate, _ types: ContentTypes,
        _ configuration: Configuration
    ) async throws(Failure) -> Backup {
        let offset = configuration.offset
        try await onFiles { () throws(FilesError) in try aside.make() }
        let ledger = aside.path(of: BackupPlan.ledgerName)
        let records = try await LedgerExport(endpoint: configuration.endpoint, console: context.console).run(to: ledger).total
        // Of what was exported, not of what has come since.
        let reader = MessageReader(regulation: configuration.regulation)
        var board = ContentBoard(types)
        try LedgerFile.read(ledger) { line in
            if case .success(let event) = reader.read(line.body, line.carriage) { board.read(event) }
        }
        let items = board.items.filter { !$0.exercise && !$0.publications.isEmpty }
        var known: Set<String> = []
        let files = items.flatMap(\.postedFiles).filter { known.insert($0.sha256).inserted }
        let store = FileStore(home: configuration.home)
        let missing = try await onFiles { () async throws(FilesError) in try await aside.take(files, from: store) }
        let content: JSON = .compact([
            "takenAt": JSON(takenAt, offset: offset), "party": .string(configuration.party), "records": .int(Int64(records)),
            "keptUntil": .string(keptUntil.description),
            "items": .array(
                items.map { item in
                    let (stage, since) = item.stage(at: takenAt, in: configuration.regulation.calendar)
                    return item.json(stage: stage, since: since, offset: offset)
                }),
            "files": .array(files.map(\.json)),
            "missing": missing.isEmpty ? nil : .array(missing.map { ["sha256": .string($0.reference.sha256), "why": $0.why.text.json] }),
        ])
        try await onFiles { () throws(FilesError) in try aside.write(content.indentedText + "\n", as: BackupPlan.contentName) }
        let (manifest, bytes) = try await onFiles { () async throws(FilesError) in try await aside.writeManifest() }
        let verified = try await onFiles { () async throws(FilesError) in try await aside.verify() }
        if let problem = verified.problems.first { throw Failure(problem, at: Wording(vi: "bản sao đọc lại bị sai", en: "the backup reads back wrong")) }
        let folder = BackupFolder(path: "\(place)/\(missing.isEmpty ? BackupPlan.prefix : BackupPlan.incompletePrefix)\(stamp)")
        try await onFiles { () throws(FilesError) in try aside.rename(to: folder) }
        return Backup(folder: folder, records: records, items: items.count, files: files, missing: missing, manifest: manifest, bytes: bytes)
    }

    /// Says what was done, the way `phoihop publish` does.
    private func publish(
        _ backup: Backup, as type: String, _ takenAt: Instant, _ keptUntil: CivilDate, place: String?, _ officer: String?, under regulation: Regulation
    ) async -> ExitCode {
        let offset = regulation.calendar.offset
        let members = Set(regulation.schema(of: type)?.fields.map(\.name) ?? [])
        let place = place ?? "\(ProcessInfo.processInfo.hostName):\(backup.folder.path)"
        let fields: [(String, String?)] = [
            ("takenAt", takenAt.rfc3339(offset: offset)), ("items", "\(backup.items)"), ("bytes", "\(backup.bytes)"), ("sha256", backup.manifest),
            ("keptUntil", keptUntil.description), ("place", String(place.suffix(200))), ("officer", officer.flatMap { $0.isEmpty ? nil : $0 }),
        ]
        return await Program(
            line: ["publish", type] + fields.compactMap { name, value in members.contains(name) ? value.map { "--\(name)=\($0)" } : nil }
                + context.settings,
            environment: context.environment
        ).run()
    }

    /// Removes what a new backup stands in for: complete ones for a complete one alone. Gives the names.
    private func removeOld(at place: String, than new: Backup, _ count: Int, _ today: CivilDate) async throws(Failure) -> [String] {
        try await onFiles { () throws(FilesError) in
            let old = new.missing.isEmpty ? BackupPlan.removable(try BackupFolder.kept(at: place), keeping: count, on: today).map(\.name) : []
            let removed = (old + (try BackupFolder.incomplete(at: place))).filter { "\(place)/\($0)" != new.folder.path }
            for name in removed { try BackupFolder(path: "\(place)/\(name)").remove() }
            return removed
        }
    }

    private func keepCount() throws(Failure) -> Int {
        guard let text = try context.arguments.value("keep") else { return BackupCommand.usualCount }
        guard let count = Int(text), (1...1000).contains(count) else {
            throw Failure(
                .usage, vi: "--keep phải là số từ 1 đến 1000, đang là “\(shown(text))”", en: "--keep must be a number from 1 to 1000, but is “\(shown(text))”")
        }
        return count
    }

    private func keptUntil(today: CivilDate, count: Int) throws(Failure) -> CivilDate {
        guard let text = try context.arguments.value("kept-until") else { return BackupPlan.keptUntil(takenOn: today, keeping: count) }
        let (clock, calendar) = (try context.clock(), try context.regulation().calendar)
        switch TimePhrase(now: clock.now, calendar: calendar).date(text) {
        case .success(let date) where date >= today: return date
        case .success:
            throw Failure(.usage, vi: "--kept-until: ngày đã qua", en: "--kept-until: this day is over")
        case .failure(let unreadable):
            throw Failure(.usage, vi: "--kept-until: \(unreadable.explanation.vi)", en: "--kept-until: \(unreadable.explanation.en)")
        }
    }

    private func report(_ backup: Backup, _ takenAt: Instant, _ keptUntil: CivilDate, _ removed: [String]) {
        let console = context.console
        let path = backup.folder.path
        if console.json {
            let offset = (try? context.regulation())?.calendar.offset ?? .zero
            console.print([
                "backup": .string(path), "complete": .bool(backup.missing.isEmpty), "takenAt": JSON(takenAt, offset: offset),
                "keptUntil": .string(keptUntil.description), "items": .int(Int64(backup.items)), "files": .int(Int64(backup.files.count)),
                "records": .int(Int64(backup.records)), "bytes": .int(backup.bytes), "sha256": .string(backup.manifest),
                "missing": .array(
                    backup.missing.map { ["sha256": .string($0.reference.sha256), "name": .string($0.reference.title), "reason": $0.why.text.json] }),
                "removed": .array(removed.map { .string($0) }),
            ])
            return
        }
        let what = Wording(
            vi: "\(backup.items) nội dung, \(backup.files.count) tệp, \(backup.records) bản ghi của sổ, \(size(backup.bytes))",
            en: "content: \(backup.items), files: \(backup.files.count), records of the ledger: \(backup.records), \(size(backup.bytes))")
        if backup.missing.isEmpty {
            console.print(
                Wording(
                    vi: "Đã sao lưu và đọc lại đúng: \(path): \(what.vi). Lưu đến \(keptUntil.day)/\(keptUntil.month)/\(keptUntil.year).",
                    en: "Backed up, and read back right: \(path): \(what.en). Kept until \(keptUntil)."))
        } else {
            var failure = Failure(
                .badData,
                Wording(
                    vi: "Bản sao CHƯA ĐỦ, chưa được tính là đã sao lưu: \(path): \(what.vi). Thiếu:",
                    en: "The backup is NOT COMPLETE, and does not count: \(path): \(what.en). It lacks:"),
                problems: backup.missing.map { missing in
                    missing.why.text.map { _, text in "\(shown(missing.reference.title)) (\(missing.reference.sha256.prefix(12))…): \(shown(text))" }
                })
            failure.message.vi += "\nLấy lại tệp: phoihop files check MÃ, rồi sao lưu lại."
            failure.message.en += "\nFetch them again with phoihop files check CASE, then take the backup again."
            console.note(failure.message)
        }
        for name in removed { console.print(Wording(vi: "đã xóa bản cũ \(name)", en: "removed the old \(name)")) }
    }

    // MARK: Verifying and restoring

    /// The backup that a path means: itself, or the newest complete one in it.
    private func backup(at path: String) async throws(Failure) -> BackupFolder {
        if FileManager.default.fileExists(atPath: "\(path)/\(BackupPlan.manifestName)") { return BackupFolder(path: path) }
        let kept = try await onFiles { () throws(FilesError) in try BackupFolder.kept(at: path) }
        guard let newest = kept.map(\.name).max() else {
            throw Failure(.badData, vi: "\(path) không phải bản sao lưu và không chứa bản sao lưu nào.", en: "\(path) is no backup, and holds none.")
        }
        return BackupFolder(path: "\(path)/\(newest)")
    }

    /// What a backup turned out to be, its ledger included.
    private func read(_ folder: BackupFolder) async throws(Failure) -> (found: BackupFolder.Verification, problems: [Wording], records: Int) {
        let found = try await onFiles { () async throws(FilesError) in try await folder.verify() }
        var problems = found.problems.map(\.text)
        problems += found.lacking.map { sha256 in
            let name = found.files.first { $0.sha256 == sha256 }?.title ?? sha256
            return Wording(vi: "\(shown(name)): bản sao này được lập khi tệp đã thiếu", en: "\(shown(name)): it was missing when this backup was taken")
        }
        var records = 0
        do throws(Failure) { try LedgerFile.read(folder.path(of: BackupPlan.ledgerName)) { _ in records += 1 } } catch { problems.append(error.message) }
        return (found, problems, records)
    }

    private func verify(_ place: String) async throws(Failure) -> ExitCode {
        let folder = try await backup(at: place)
        let (found, problems, records) = try await read(folder)
        let console = context.console
        if console.json {
            console.print([
                "backup": .string(folder.path), "whole": .bool(problems.isEmpty), "items": .int(Int64(found.content["items"]?.array?.count ?? 0)),
                "files": .int(Int64(found.files.count)), "records": .int(Int64(records)), "bytes": .int(found.bytes), "sha256": .string(found.manifest),
                "problems": .array(problems.map(\.json)),
            ])
        } else if problems.isEmpty {
            console.print(
                Wording(
                    vi: "\(folder.path): nguyên vẹn. \(found.files.count) tệp, \(records) bản ghi của sổ, \(size(found.bytes)). "
                        + "SHA-256 của bảng kê, như trong tin ghi nhận sao lưu: \(found.manifest)",
                    en: "\(folder.path): whole. \(found.files.count) files, \(records) records of the ledger, \(size(found.bytes)). "
                        + "SHA-256 of its manifest, as the record of the backup has it: \(found.manifest)"))
        } else {
            console.note(Failure(.badData, Wording(vi: "\(folder.path): KHÔNG nguyên vẹn:", en: "\(folder.path): NOT whole:"), problems: problems).message)
        }
        return problems.isEmpty ? .ok : .badData
    }

    /// Puts the files back into the party's store. What is damaged in the backup is named; all else is put back.
    private func restore(_ place: String) async throws(Failure) -> ExitCode {
        let (_, home, _, _) = try context.local()
        let folder = try await backup(at: place)
        var (found, problems, _) = try await read(folder)
        let store = FileStore(home: home)
        var restored = 0
        for file in found.files where !found.lacking.contains(file.sha256) {
            let facts = FileFacts(bytes: file.bytes, mediaType: file.mediaType ?? MediaType.unknown, sha256: file.sha256)
            do throws(FilesError) {
                try await store.keep(folder.path(ofFile: file.sha256), facts)
                restored += 1
            } catch {
                if error.isDiskFull { throw Failure(error) }
                let why = error.text.map { _, text in "\(shown(file.title)): \(shown(text))" }
                if !found.problems.contains(error) { problems.append(why) }
            }
        }
        let console = context.console
        let ledger = folder.path(of: BackupPlan.ledgerName)
        if console.json {
            console.print([
                "backup": .string(folder.path), "store": .string(store.path), "files": .int(Int64(found.files.count)), "restored": .int(Int64(restored)),
                "ledger": .string(ledger), "problems": .array(problems.map(\.json)),
            ])
        } else {
            console.print(
                Wording(
                    vi: "\(restored)/\(found.files.count) tệp đã về kho \(store.path). Sổ: deploy/up --restore \(ledger), vào máy chủ tin mới.",
                    en: "\(restored)/\(found.files.count) files are back in \(store.path). The ledger: deploy/up --restore \(ledger), into a new broker."))
            if !problems.isEmpty {
                console.note(Failure(.badData, Wording(vi: "Bản sao không nguyên vẹn:", en: "The backup is not whole:"), problems: problems).message)
            }
        }
        return problems.isEmpty ? .ok : .badData
    }
}

/// Does something with files, what goes wrong told in the operator's words.
func onFiles<Value>(_ body: () async throws(FilesError) -> Value) async throws(Failure) -> Value {
    do throws(FilesError) { return try await body() } catch { throw Failure(error) }
}

extension Failure {
    fileprivate static func otherBackup(_ place: String) -> Failure {
        Failure(.unavailable, vi: "Đang có lần sao lưu khác chạy tại \(place).", en: "Another backup is being taken at \(place).")
    }
}
