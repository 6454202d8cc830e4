import AMQP
import AgentKit
import Files
import Foundation
import OperatorCommands
import Regulation
import Topology
import Values

/// `phoihop doctor`: one thing after another, told as soon as it is known.
struct DoctorCommand {
    let context: Context

    func run() async throws(Failure) -> ExitCode {
        try context.arguments.expectWords(atMost: 0)
        let configuration = try context.configuration()
        let today = configuration.regulation.calendar.local(configuration.clock.now).date
        var isFine = true
        func tell(_ checks: Check...) {
            for check in checks {
                isFine = isFine && check.isFine
                if context.console.json {
                    context.console.print(check.json)
                } else {
                    context.console.print(check.line(context.language, on: context.console.screen))
                }
            }
        }
        tell(
            .fine(
                Wording(vi: "Đơn vị", en: "Party"),
                (configuration.regulation.party(configuration.party)?.name ?? Wording(vi: "", en: "")).map { _, name in "\(configuration.party), \(name)" }))
        tell(.calendar(configuration.regulation, today: today))
        for check in spool(configuration) { tell(check) }
        tell(.tools(missing: Tools.all.filter { !$0.isInstalled }.map { ($0.path, $0.package) }))
        switch await Link.attempt(configuration.endpoint, speaks: false) {
        case .failure(let failure):
            tell(.wrong(DoctorCommand.broker, Wording(vi: "không vào được", en: "no way in"), todo: failure.message), .phones(configuration.regulation))
        case .success(let link):
            tell(.fine(DoctorCommand.broker, Wording(vi: "đã đăng nhập \(configuration.endpoint)", en: "logged in at \(configuration.endpoint)")))
            for check in await topology(link, configuration) { tell(check) }
            for check in await coordinator(link, configuration) { tell(check) }
            await link.close()
        }
        return isFine ? .ok : .unavailable
    }

    private static let broker = Wording(vi: "Máy chủ tin", en: "Broker")

    // MARK: This machine

    private func spool(_ configuration: Configuration) -> [Check] {
        let name = Wording(vi: "Thư mục của đơn vị", en: "The party's directory")
        let home = configuration.home.plainPath
        func unwritable(_ why: String) -> Check {
            .wrong(
                name, Wording(vi: "không ghi được vào \(home): \(why)", en: "\(home) cannot be written to: \(why)"),
                todo: Wording(
                    vi: "cấp quyền ghi hoặc dọn đĩa; đến lúc đó không gửi được tin", en: "permit writing, or make room; until then nothing can be sent"))
        }
        do throws(SpoolError) {
            let spool = try Spool(configuration)
            let trial = home + "/spool/tmp/doctor-\(getpid())"
            guard FileManager.default.createFile(atPath: trial, contents: Data("doctor\n".utf8)) else {
                return [unwritable(String(cString: strerror(errno)))]
            }
            unlink(trial)
            var space = statvfs()
            let free = statvfs(home, &space) == 0 ? Int64(clamping: space.f_bavail).saturatingMultiply(by: Int64(clamping: space.f_frsize)) : 0
            let refused = try spool.refused().map { (id: $0.entry.id, reason: $0.reason) }
            return [.fine(name, Wording(vi: "ghi được vào \(home)", en: "\(home) can be written to")), .disk(freeBytes: free, path: home)]
                + quarantine(configuration)
                + Check.spool(waiting: try spool.pendingCount(), refused: refused, path: home + "/spool")
        } catch {
            return [unwritable(error.description)]
        }
    }

    private func quarantine(_ configuration: Configuration) -> [Check] {
        let path = configuration.home.plainPath + "/" + Quarantine.directoryName
        do throws(FileError) {
            let size = try Quarantine.size(home: configuration.home)
            return [.quarantine(kept: size.kept, counted: size.counted, path: path)]
        } catch {
            return [
                .wrong(
                    Wording(vi: "Tin không hợp lệ đã nhận", en: "Messages received that do not count"), error.text,
                    todo: Wording(vi: "cấp quyền đọc \(path)", en: "permit reading \(path)"))
            ]
        }
    }

    // MARK: The broker

    private func topology(_ link: Link, _ configuration: Configuration) async -> [Check] {
        let name = Wording(vi: "Cấu hình máy chủ tin", en: "The broker's topology")
        let isMember = configuration.regulation.party(configuration.party)?.role != .system
        let queues =
            [Topology.presenceQueue(of: configuration.party)]
            + (isMember ? [Topology.queue(of: configuration.party), Topology.urgentQueue(of: configuration.party)] : [])
        let shared = [
            Topology.exchange, Topology.parties, Topology.unroutableExchange, Topology.sink, Topology.presence, Topology.questions, Topology.restore,
        ]
        var missing: [String] = []
        var problems: [String] = []
        var consumers: [String: UInt32] = [:]
        func note(_ error: AMQPError, _ thing: String) {
            if error.code == .notFound { missing.append(thing) } else { problems.append("\(thing): \(error.reason)") }
        }
        for exchange in shared + (configuration.clock.isSystem ? [] : [Topology.drill]) {
            do throws(AMQPError) { try await link.connection.inspect(exchange: exchange) } catch { note(error, exchange) }
        }
        for queue in queues + [Topology.questionsQueue, Topology.ledger] {
            do throws(AMQPError) { consumers[queue] = try await link.connection.inspect(queue: queue).consumers } catch { note(error, queue) }
        }
        var checks: [Check] = []
        if missing.isEmpty && problems.isEmpty {
            checks.append(.fine(name, Wording(vi: "đủ", en: "complete")))
        } else {
            let found =
                (missing.isEmpty ? [] : [Wording(vi: "thiếu \(missing.joined(separator: ", "))", en: "\(missing.joined(separator: ", ")) missing")])
                + problems.map { Wording(vi: $0, en: $0) }
            checks.append(
                .wrong(
                    name, Wording(vi: found.map(\.vi).joined(separator: "; "), en: found.map(\.en).joined(separator: "; ")),
                    todo: Wording(
                        vi: "người quản trị nạp lại: phoihop broker definitions … | rabbitmqctl import_definitions",
                        en: "have the definitions imported again: phoihop broker definitions … | rabbitmqctl import_definitions")))
        }
        if isMember {
            let agent = Wording(vi: "Tác tử của đơn vị", en: "The party's agent")
            let idle = [Topology.queue(of: configuration.party), Topology.urgentQueue(of: configuration.party)].filter { consumers[$0] == 0 }
            let readers = consumers[Topology.urgentQueue(of: configuration.party)] ?? 0
            checks.append(
                readers > 1
                    ? .wrong(
                        agent,
                        Wording(
                            vi: "\(readers) tác tử cùng nhận tin của \(configuration.party); mỗi nơi chỉ được một phần",
                            en: "\(readers) agents read the messages of \(configuration.party); each receives a part"),
                        todo: Wording(
                            vi: "dừng bớt, chỉ để một (nhật ký của tác tử cho biết tác tử kia chạy ở đâu)",
                            en: "end all but one; an agent's log tells where the other runs"))
                    : idle.isEmpty
                        ? .fine(agent, Wording(vi: "đang chạy", en: "runs"))
                        : .wrong(
                            agent,
                            Wording(
                                vi: "không chạy; không ai nhận tin trong \(idle.joined(separator: ", "))",
                                en: "does not run; nobody reads \(idle.joined(separator: ", "))"),
                            todo: Wording(
                                vi: "khởi động tác tử (phoihop-\(configuration.party) hoặc phoihop-party)",
                                en: "start it (phoihop-\(configuration.party) or phoihop-party)")))
        }
        return checks
    }

    // MARK: The coordinator, the clock

    private func coordinator(_ link: Link, _ configuration: Configuration) async -> [Check] {
        let name = Wording(vi: "Hệ thống điều phối", en: "Coordinator")
        let answer: Question.Answer
        do throws(Failure) {
            answer = try await Question(link, configuration).ask(["ask": "status", "atMost": 0])
        } catch {
            let start = Wording(
                vi: "khởi động phoihop-coordinator; đến lúc đó không ai theo dõi hạn", en: "start phoihop-coordinator; until then nobody watches the deadlines")
            return [
                .wrong(name, Wording(vi: "không trả lời", en: "does not answer"), todo: error == .noCoordinator ? start : error.message),
                .phones(configuration.regulation),
            ]
        }
        var checks: [Check] = []
        if let leader = answer.json["leader"]?.string.map(shown) {
            checks.append(.fine(name, Wording(vi: "chủ trì là \(leader)", en: "led by \(leader)")))
        } else {
            checks.append(
                .wrong(
                    name, Wording(vi: "trả lời, nhưng không máy nào chủ trì", en: "answers, but none leads"),
                    todo: Wording(vi: "đặt thẻ điều phối: phoihop broker seed", en: "put the token in place: phoihop broker seed")))
        }
        let declared = (answer.json["phones"]?.object?.members ?? []).map(\.key)
        checks.append(.phones(configuration.regulation, declared: Set(declared)))
        if let check = Check.gaps(answer.json["gaps"]) { checks.append(check) }
        if let asOf = answer.json["asOf"]?.instant {
            let clock = configuration.clock
            checks.append(
                .clock(asked: clock.virtual(fromWall: answer.asked), asOf: asOf, answered: clock.virtual(fromWall: answer.answered), rate: clock.rate))
        }
        return checks
    }
}
