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
            vi: "thiết bị và nguồn điện cần theo dõi; mặc định <home>/monitor.json; đọc lại khi tệp thay đổi",
            en: "the devices and the supply to watch; by default <home>/monitor.json; read again when it changes"))

    /// Runs the executable of an agent, which watches what the row of its party says. With a `party` it serves that one alone, else any agency or superior. A file
    /// of what is to be watched that cannot be used costs the watching alone: the agent receives and sends.
    public static func main(_ name: String, party: PartyID? = nil) async -> Never {
        await Agent.main(name, party: party, options: [option]) { parsed, configuration throws(UsageError) in
            guard let party = configuration.regulation.party(configuration.party), !party.watches.isEmpty else {
                if parsed["monitor"] != nil { throw .nothingToWatch(configuration.party) }
                return { _ in }
            }
            let path = parsed["monitor"] ?? configuration.home.appending(path: "monitor.json").path(percentEncoded: false)
            let isNamed = parsed["monitor"] != nil
            return { context in await Watcher(WatchFile(path, mayBeMissing: !isNamed, watches: party.watches), of: party, context).run() }
        }
    }
}

extension UsageError {
    fileprivate static func nothingToWatch(_ party: PartyID) -> UsageError {
        UsageError(
            Wording(
                vi: "theo quy định này \(party) không theo dõi thiết bị nào: bỏ --monitor, hoặc thêm “watches” vào dòng của bên đó tại /parties",
                en: "under this regulation \(party) watches nothing: leave out --monitor, or add \"watches\" to its row under /parties"))
    }
}

/// Runs what a watchroom decides.
actor Watcher {
    /// How long to wait after what could not be kept or sent, before trying again, in seconds.
    private static let retrySeconds = 5.0
    /// How often the file of what is watched is looked at, and how often what is wrong with it, or with the clock, is told again.
    private static let (lookSeconds, reminderMinutes) = (2.0, 10.0)
    /// The name of the state file.
    private static let file = "watch"
    /// After so many seconds the machine's time is written anew though nothing else has changed.
    private static let seenSeconds = 10.0
    /// Under which name the state file holds the machine's time when it was written.
    private static let seenAt = "seenAt"

    private let party: Party
    private let context: AgentContext
    private let timer = ContinuousClock()
    private var source: WatchFile
    private var watched = WatchConfiguration()
    private var room: Watchroom
    private var timekeeper: Timekeeper
    private var plausibility: ClockPlausibility
    /// Whether the clock cannot be right. Nothing is then recorded or said of what is watched.
    private var isBlind: Bool
    /// The checks that run now.
    private var checks: Task<Void, Never>?
    /// When trouble was logged last; it is logged again only after a while.
    private var complainedAt: ContinuousClock.Instant?
    private var retryAt: ContinuousClock.Instant?
    /// What the state file holds beside the machine's time, and when it was written.
    private var kept: (state: JSON, at: ContinuousClock.Instant)?
    private var toldOfFileAt: ContinuousClock.Instant?
    private var toldOfClockAt: ContinuousClock.Instant?

    init(_ source: WatchFile, of party: Party, _ context: AgentContext) {
        (self.source, self.party, self.context) = (source, party, context)
        var saved: JSON?
        var pastWasLost = false
        do {
            saved = try context.state.read(Watcher.file)
            // Who has received before has watched before.
            pastWasLost = saved == nil && Watcher.hasReceived(context)
        } catch {
            pastWasLost = true
            Watcher.forgotten("\(error)", context.log)
        }
        let reading = Timekeeper.Reading.current
        timekeeper = Timekeeper(reading)
        plausibility = ClockPlausibility(seenBefore: saved?[Watcher.seenAt]?.instant)
        isBlind = !plausibility.admits(reading.wall)
        let now = context.clock.virtual(fromWall: isBlind ? plausibility.earliest : reading.wall)
        if case .found(let configuration) = self.source.look() { watched = configuration }
        room = Watcher.room(watched, party, context, at: now)
        for problem in room.resume(saved, at: now, pastWasLost: pastWasLost) { Watcher.forgotten(problem, context.log) }
    }

    private static func room(_ watched: WatchConfiguration, _ party: Party, _ context: AgentContext, at now: Instant) -> Watchroom {
        Watchroom(watched, of: party, regulation: context.configuration.regulation, rate: context.clock.rate, now: now)
    }

    /// Whether the agent has an inbox with something in it, a file or a directory of files.
    private static func hasReceived(_ context: AgentContext) -> Bool {
        let home = context.home.path(percentEncoded: false)
        do {
            return try namesInDirectory(home).filter { $0.hasPrefix("inbox") }.contains { name in
                let path = home + "/" + name
                if isDirectory(path) { return try !namesInDirectory(path).isEmpty }
                return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0 > 0
            }
        } catch {
            context.log.write(.warning, verbatim: "\(error)")
            return false
        }
    }

    private static func forgotten(_ problem: String, _ log: Logger) {
        log.write(.error, Wording(vi: "không đọc được những gì đã theo dõi trước đó: \(problem)", en: "what was seen before cannot be read: \(problem)"))
    }

    /// Runs until it is cancelled.
    func run() async {
        tellWhatIsWatched()
        if isBlind { remindOfClock(.current) }
        settle()
        startChecks()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.listen() }
            group.addTask { await self.tick() }
            group.addTask { await self.followFile() }
        }
        checks?.cancel()
        await checks?.value
    }

    /// Takes what the other parties say.
    private func listen() async {
        for await received in context.onMessage {
            let reading = Timekeeper.Reading.current
            follow(reading)
            // Another clock that shows the same time as this one.
            if isBlind, received.event.sender != context.configuration.party, context.clock.isSystem {
                plausibility.agreed(with: received.event.time, at: reading.wall)
                follow(.current)
            }
            guard received.event.sender != context.configuration.party || PlannedWork.isAbout(received.event, in: context.configuration.regulation) else {
                continue
            }
            if room.heard(received.event, at: context.clock.virtual(fromWall: reading.wall)) { settle() } else { tellNotes() }
        }
    }

    // MARK: What is watched

    /// Looks at the file again and again. What is wrong with it is told at once, and again after a while.
    private func followFile() async {
        await repeating(every: Span(milliseconds: Int64(Watcher.lookSeconds * 1000))) {
            switch source.look() {
            case .unchanged: remindOfFile()
            case .wrong:
                toldOfFileAt = nil
                remindOfFile()
            case .found(let configuration):
                guard configuration != watched else { return }
                watched = configuration
                watchAnew()
            }
        }
    }

    private func watchAnew() {
        follow(.current)
        let now = context.clock.virtual(fromWall: isBlind ? plausibility.earliest : Timekeeper.Reading.current.wall)
        let state = room.state
        room = Watcher.room(watched, party, context, at: now)
        for problem in room.resume(state, at: now) { Watcher.forgotten(problem, context.log) }
        tellWhatIsWatched()
        settle()
        checks?.cancel()
        startChecks()
    }

    private func tellWhatIsWatched() {
        if source.fault != nil { return remindOfFile() }
        if watched.devices.isEmpty, watched.supply == nil {
            context.log.write(.warning, DeskText.nothingWatched(source.path))
        } else {
            context.log.write(.notice, DeskText.watching(watched))
        }
    }

    private func remindOfFile() {
        guard let fault = source.fault else { return }
        if let toldOfFileAt, timer.now - toldOfFileAt < .seconds(Watcher.reminderMinutes * 60) { return }
        toldOfFileAt = timer.now
        let isWatching = !watched.devices.isEmpty || watched.supply != nil
        context.log.write(.error, DeskText.wrongFile(source.path, fault, isWatching: isWatching))
    }

    // MARK: Time

    /// Reads the clocks, and takes it into account where the wall clock was set or nobody looked for a while.
    private func follow(_ reading: Timekeeper.Reading) {
        let finding = timekeeper.read(reading)
        if case .step = finding { plausibility.wasSet() }
        let wasBlind = isBlind
        isBlind = !plausibility.admits(reading.wall)
        if isBlind { return remindOfClock(reading) }
        let now = context.clock.virtual(fromWall: reading.wall)
        if wasBlind {
            toldOfClockAt = nil
            context.log.write(.notice, DeskText.clockPlausible(reading.wall, offset: context.configuration.offset))
            return room.wasAway(until: now)
        }
        switch finding {
        case .ordinary: break
        case .absence: room.wasAway(until: now)
        case .step(let span, let since):
            context.log.write(.warning, DeskText.clockStepped(by: span))
            let old = context.clock.virtual(fromWall: reading.wall - span)
            room.clockStepped(ClockStep(by: now - old, since: context.clock.virtual(fromWall: since), now: now))
        }
    }

    private func remindOfClock(_ reading: Timekeeper.Reading) {
        if let toldOfClockAt, timer.now - toldOfClockAt < .seconds(Watcher.reminderMinutes * 60) { return }
        toldOfClockAt = timer.now
        context.log.write(
            .error, DeskText.clockImplausible(reading.wall, earliest: plausibility.earliest, offset: context.configuration.offset))
    }

    // MARK: Checks

    private func startChecks() {
        let (devices, supply) = (watched.devices, watched.supply)
        checks = Task { [weak self] in
            await withTaskGroup(of: Void.self) { group in
                for device in devices { group.addTask { await self?.watch(device) } }
                if let supply { group.addTask { await self?.watch(supply) } }
            }
        }
    }

    private nonisolated func watch(_ device: WatchedDevice) async {
        let runner = PluginRunner(timeout: device.timeout)
        await repeating(every: device.interval) {
            let started = Timekeeper.Reading.current
            let result = await runner.run(device.check)
            await took(from: started) { $0.checked(device.id, result, at: $1) }
        }
    }

    private nonisolated func watch(_ supply: WatchedSupply) async {
        switch supply.source {
        case .check(let plugin, let timeout):
            let runner = PluginRunner(timeout: timeout)
            await repeating(every: supply.poll) {
                let started = Timekeeper.Reading.current
                let result = await runner.run(plugin)
                await took(from: started) { $0.supplyChecked(result, at: $1) }
            }
        case .ups(let host, let port):
            let client = NUTClient(NUTClient.Configuration(host: host, port: port))
            await repeating(every: supply.poll) {
                let started = Timekeeper.Reading.current
                do {
                    let reading = try await client.reading(of: supply.name)
                    await took(from: started) { $0.wasRead(reading, at: $1) }
                } catch {
                    await took(from: started) { $0.supplyUnread("\(error)", at: $1) }
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
            let reading = Timekeeper.Reading.current
            follow(reading)
            if !isBlind { room.timePassed(to: context.clock.virtual(fromWall: reading.wall)) }
            if isDue || retryAt == nil && !(room.outgoing.isEmpty && room.notes.isEmpty) { settle() }
        }
    }

    // MARK: Keeping and saying

    /// Takes what was found by what began at a reading of the clocks. It is dated by how long ago that was: the wall clock may have been set meanwhile.
    private func took(from started: Timekeeper.Reading, _ input: (inout Watchroom, Instant) -> Void) {
        // What is no longer to be checked says nothing.
        guard !Task.isCancelled else { return }
        let reading = Timekeeper.Reading.current
        follow(reading)
        guard !isBlind else { return }
        input(&room, context.clock.virtual(fromWall: reading.wall - (reading.steady - started.steady)))
        settle()
    }

    private func tellNotes() { for case .tell(let level, let text) in room.takeNotes() { context.log.write(level, text) } }

    /// Keeps what was seen, then says what is to be said. What fails is tried again; what was kept is said under the same id.
    private func settle() {
        tellNotes()
        // Nothing is said, and no time is kept, by a clock that cannot be right.
        guard !isBlind else { return }
        do {
            try keep()
            guard !room.outgoing.isEmpty else { return (retryAt, complainedAt) = (nil, nil) }
            for message in room.outgoing {
                let announcement = message.announcement
                do {
                    try context.publish(type: announcement.type, subject: announcement.subject, data: announcement.data, id: message.id)
                    room.wasSaid(message.id)
                } catch let error as Refusal {
                    room.wasRefused(message.id, error)
                }
            }
            tellNotes()
            try keep()
            (retryAt, complainedAt) = (nil, nil)
        } catch {
            retryAt = timer.now + .seconds(Watcher.retrySeconds)
            complain("\(error)")
        }
    }

    private func keep() throws {
        let state = room.state
        // Others say very much at times that changes nothing here; the machine's time alone need not be known to the second.
        if let kept, kept.state == state, timer.now - kept.at < .seconds(Watcher.seenSeconds) { return }
        var file = state.object ?? JSONObject()
        file[Watcher.seenAt] = JSON(Timekeeper.Reading.current.wall, offset: .zero)
        try context.state.write(Watcher.file, .object(file))
        kept = (state, timer.now)
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

extension Timekeeper.Reading {
    /// The clocks now. The steady clock is read before and after the other, so that being held up between the two looks like no step.
    static var current: Timekeeper.Reading {
        var (before, wall, after) = (steadySpan(), Clock.realNow, steadySpan())
        for _ in 0..<3 where after - before > Span(milliseconds: 100) { (before, wall, after) = (after, Clock.realNow, steadySpan()) }
        return Timekeeper.Reading(wall: wall, steady: after)
    }

    private static func steadySpan() -> Span {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Span(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
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
