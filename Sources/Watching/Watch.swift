import AgentKit
import Foundation
import Messages
import Monitoring
import Regulation
import Values

/// The agents that watch: a watchroom, and around it what runs the checks, asks `upsd`, keeps the state and sends.
public enum Watch {
    /// The option that names the file of what is watched.
    static let option = AgentKit.Option(
        "monitor", value: "FILE",
        help: Wording(
            vi: "thiết bị và nguồn điện cần theo dõi; mặc định <home>/monitor.json", en: "the devices and the supply to watch; by default <home>/monitor.json"))

    /// Runs the executable of an agent that watches.
    public static func main(_ name: String, party: PartyID, role: WatchRole) async -> Never {
        await Agent.main(name, party: party, options: [option]) { parsed, configuration throws(UsageError) in
            let path = parsed["monitor"] ?? configuration.home.appending(path: "monitor.json").path(percentEncoded: false)
            let watched = try read(path, mayBeMissing: parsed["monitor"] == nil, role: role)
            return { context in
                guard !watched.devices.isEmpty || watched.supply != nil else {
                    context.log.write(.warning, DeskText.nothingWatched(path))
                    return await Watcher(watched, role: role, context).listen()
                }
                context.log.write(.notice, DeskText.watching(watched))
                await Watcher(watched, role: role, context).run()
            }
        }
    }

    /// Reads the file. Where it may be missing and is, nothing is watched.
    static func read(_ path: String, mayBeMissing: Bool, role: WatchRole) throws(UsageError) -> WatchConfiguration {
        let bytes: Data
        do { bytes = try Data(contentsOf: URL(filePath: path)) } catch {
            let reason = error.localizedDescription
            guard (error as? CocoaError)?.code == .fileReadNoSuchFile else { throw wrong(path, Wording(vi: reason, en: reason)) }
            if mayBeMissing { return WatchConfiguration() }
            throw UsageError(Wording(vi: "--monitor: không có tệp \(path)", en: "--monitor: there is no file \(path)"))
        }
        do throws(WatchConfigurationError) { return try WatchConfiguration(parsing: Array(bytes), role: role) } catch {
            throw wrong(path, error.problems.text)
        }
    }

    private static func wrong(_ path: String, _ reason: Wording) -> UsageError {
        var error = UsageError(
            Wording(vi: "\(path) có lỗi; đề nghị sửa rồi chạy lại:\n\(reason.vi)", en: "\(path) is wrong; mend it and start again:\n\(reason.en)"))
        error.exitStatus = ExitStatus.configuration
        return error
    }
}

/// Runs what a watchroom decides.
actor Watcher {
    /// How long to wait after what could not be kept or sent, before trying again, in seconds.
    private static let retrySeconds = 5.0
    /// The name of the state file.
    private static let file = "watch"

    private let watched: WatchConfiguration
    private let context: AgentContext
    private let timer = ContinuousClock()
    private var room: Watchroom
    /// When trouble was logged last; it is logged again only after a while.
    private var complainedAt: ContinuousClock.Instant?
    private var retryAt: ContinuousClock.Instant?

    init(_ watched: WatchConfiguration, role: WatchRole, _ context: AgentContext) {
        (self.watched, self.context) = (watched, context)
        let configuration = context.configuration
        room = Watchroom(watched, role: role, regulation: configuration.regulation, rate: configuration.clock.rate, now: configuration.clock.now)
        var saved: JSON?
        do { saved = try context.state.read(Watcher.file) } catch { Watcher.forgotten("\(error)", context.log) }
        for problem in room.resume(saved, at: configuration.clock.now) { Watcher.forgotten(problem, context.log) }
    }

    private static func forgotten(_ problem: String, _ log: Logger) {
        log.write(.error, Wording(vi: "không đọc được những gì đã theo dõi trước đó: \(problem)", en: "what was seen before cannot be read: \(problem)"))
    }

    /// Runs until it is cancelled.
    func run() async {
        settle()
        await withTaskGroup(of: Void.self) { group in
            for device in watched.devices { group.addTask { await self.watch(device) } }
            if let supply = watched.supply { group.addTask { await self.watch(supply) } }
            group.addTask { await self.listen() }
            group.addTask { await self.tick() }
        }
    }

    /// Takes what the other parties say.
    func listen() async {
        for await received in context.onMessage where received.event.sender != context.configuration.party || PlannedWork.isAbout(received.event) {
            room.heard(received.event)
            settle()
        }
    }

    // MARK: Checks

    private nonisolated func watch(_ device: WatchedDevice) async {
        let runner = PluginRunner(timeout: device.timeout)
        await repeating(every: device.interval) {
            let startedAt = context.clock.now
            let result = await runner.run(device.check)
            if !Task.isCancelled { await took { $0.checked(device.id, result, at: startedAt) } }
        }
    }

    private nonisolated func watch(_ supply: WatchedSupply) async {
        switch supply.source {
        case .check(let plugin, let timeout):
            let runner = PluginRunner(timeout: timeout)
            await repeating(every: supply.poll) {
                let startedAt = context.clock.now
                let result = await runner.run(plugin)
                if !Task.isCancelled { await took { $0.supplyChecked(result, at: startedAt) } }
            }
        case .ups(let host, let port):
            let client = NUTClient(NUTClient.Configuration(host: host, port: port))
            await repeating(every: supply.poll) {
                let startedAt = context.clock.now
                do {
                    let reading = try await client.reading(of: supply.name)
                    await took { $0.wasRead(reading, at: startedAt) }
                } catch {
                    await took { $0.supplyUnread("\(error)", at: startedAt) }
                }
            }
        }
    }

    /// Time goes on by itself: silence is noticed, days end, what failed is tried again.
    private func tick() async {
        // A minute of the duties' clock, where that is shorter than a second.
        let seconds = min(1, max(0.05, context.clock.wallSeconds(of: .minutes(1))))
        await repeating(every: Span(milliseconds: Int64(seconds * 1000))) {
            let isDue = retryAt.map { $0 <= timer.now } ?? false
            room.timePassed(to: context.clock.now)
            if isDue || retryAt == nil && !(room.outgoing.isEmpty && room.notes.isEmpty) { settle() }
        }
    }

    // MARK: Keeping and saying

    private func took(_ input: (inout Watchroom) -> Void) {
        input(&room)
        settle()
    }

    /// Keeps what was seen, then says what is to be said. What fails is tried again; what was kept is said under the same id.
    private func settle() {
        for case .tell(let level, let text) in room.takeNotes() { context.log.write(level, text) }
        do {
            try context.state.write(Watcher.file, room.state)
            guard !room.outgoing.isEmpty else { return (retryAt, complainedAt) = (nil, nil) }
            var refusal: Refusal?
            for message in room.outgoing {
                let announcement = message.announcement
                do {
                    try context.publish(type: announcement.type, subject: announcement.subject, data: announcement.data, id: message.id)
                    room.wasSaid(message.id)
                } catch let error as Refusal {
                    // The others need not wait for it.
                    refusal = error
                }
            }
            try context.state.write(Watcher.file, room.state)
            if let refusal { throw refusal }
            (retryAt, complainedAt) = (nil, nil)
        } catch {
            retryAt = timer.now + .seconds(Watcher.retrySeconds)
            complain("\(error)")
        }
    }

    private func complain(_ text: String) {
        if let complainedAt, timer.now - complainedAt < .seconds(60) { return }
        complainedAt = timer.now
        context.log.write(
            .error,
            Wording(
                vi: "chưa ghi được những gì đã theo dõi: \(text). Sẽ thử lại; còn \(room.outgoing.count) tin chờ gửi",
                en: "what was seen cannot be kept or sent yet: \(text). Trying again; \(room.outgoing.count) messages wait"))
    }
}

/// Does some work at once, and again at every interval of real time, until cancelled. Work that takes longer than the interval moves what follows.
private func repeating(every interval: Span, isolation: isolated (any Actor)? = #isolation, _ work: () async -> Void) async {
    let timer = ContinuousClock()
    var next = timer.now
    while !Task.isCancelled {
        await work()
        next = max(next + .milliseconds(interval.milliseconds), timer.now)
        try? await Task.sleep(until: next, clock: timer)
    }
}
