/// Who is answered next, and by which connection: a bounded line for each asker, served in turn, each at its own pace.
///
/// An answer to an address that the broker cannot decode costs the connection that sends it. So an address of a shape that was answered before goes by the
/// main connection, and any other is tried by a connection of its own, one at a time.
///
/// Times are seconds on the monotonic clock.
public struct QuestionLine: Sendable {
    /// What one asker may cost.
    public struct Limits: Sendable {
        /// How many of its questions may wait.
        public var waiting = 16
        /// How many askers are told apart; the broker vouches for their names, so there are no more than accounts. Beyond, they share one line.
        public var askers = 64
        /// How many questions may be answered in one go; a status of 10,000 cases takes some hundred.
        public var burst = 256.0
        /// How many a second, on the whole.
        public var perSecond = 16.0
        /// How many bytes of answers may leave in one go.
        public var burstBytes = 64.0 * 1_048_576
        /// How many bytes a second, on the whole: what an asker does not read piles up at the broker.
        public var bytesPerSecond = 262_144.0
        /// How long a question may wait before its asker is taken to have given up.
        public var patienceSeconds = 8.0
        /// How long an asker whose address cost a connection is answered only at addresses of known shapes.
        public var distrustSeconds = 2.0
        /// How often at most an asker is told that it asks too much, in seconds.
        public var refusalSeconds = 0.5

        /// The usual limits.
        public init() {}
    }

    /// A question as it came.
    public struct Question: Hashable, Sendable {
        /// The account that asks, as the broker vouches for it; empty where the question names none.
        public var asker: String
        /// Where the answer goes.
        public var address: ReplyAddress
        /// The asker's own mark, which the answer carries back.
        public var correlation: String?
        /// What is asked.
        public var body: [UInt8]

        /// A question of these parts.
        public init(asker: String, address: ReplyAddress, correlation: String?, body: [UInt8]) {
            (self.asker, self.address, self.correlation, self.body) = (asker, address, correlation, body)
        }
    }

    /// By which connection an answer goes.
    public enum Way: Hashable, Sendable {
        /// By the one for addresses of known shapes.
        case main
        /// By the one for addresses that nothing is known of.
        case trial
    }

    /// What becomes of a question that has arrived.
    public enum Arrival: Hashable, Sendable {
        /// It waits for its turn.
        case waits
        /// Its asker asks too much, and is told so: by the main connection.
        case refused
        /// It is passed over: its asker was told a moment ago, or it was taken before.
        case passedOver
    }

    private struct Asker {
        var questions: [(question: Question, arrivedAt: Double)] = []
        var count: Double
        var bytes: Double
        var filledAt: Double
        var refusedAt: Double?
        var distrustedUntil: Double?
    }

    private let limits: Limits
    private var askers: [String: Asker] = [:]
    /// The askers whose questions wait, the next in turn first.
    private var order: [String] = []
    private var known: Set<ReplyAddress.Shape> = []
    /// The last questions taken, so that none is taken again after a lost connection.
    private var taken: [Int] = []

    /// How many shapes are remembered: more than any cluster has nodes.
    private static let mostShapes = 64
    /// How many questions are remembered: more than may be unacknowledged.
    private static let mostTaken = 256

    /// An empty line.
    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether nothing waits.
    public var isEmpty: Bool { order.isEmpty }

    /// How many questions wait.
    public var count: Int { order.reduce(0) { $0 + (askers[$1]?.questions.count ?? 0) } }

    /// A question has arrived. `again` says that the broker has delivered it before.
    public mutating func questionArrived(_ question: Question, again: Bool = false, at now: Double) -> Arrival {
        let mark = question.hashValue
        if again, taken.contains(mark) { return .passedOver }
        taken.append(mark)
        if taken.count > QuestionLine.mostTaken { taken.removeFirst(taken.count - QuestionLine.mostTaken) }
        let name = name(of: question.asker)
        var asker = asker(name, at: now)
        guard asker.questions.count < limits.waiting else {
            // What nobody has asked from before gets no refusal either: it would have to be tried.
            let isTold = known.contains(question.address.shape) && asker.refusedAt.map { now - $0 >= limits.refusalSeconds } ?? true
            if isTold { asker.refusedAt = now }
            askers[name] = asker
            return isTold ? .refused : .passedOver
        }
        if asker.questions.isEmpty { order.append(name) }
        asker.questions.append((question, now))
        askers[name] = asker
        return .waits
    }

    /// The next question to answer now, and by which connection: of the askers in turn, the first that has not used up its share. Nil if there is none.
    public mutating func next(trialIsFree: Bool, at now: Double) -> (question: Question, way: Way)? {
        giveUp(at: now)
        for (index, name) in order.enumerated() {
            guard var asker = askers[name] else { continue }
            fill(&asker, at: now)
            guard asker.count >= 1, asker.bytes > 0 else { continue }
            let isTrusted = asker.distrustedUntil.map { $0 <= now } ?? true
            let found = asker.questions.firstIndex { known.contains($0.question.address.shape) || (trialIsFree && isTrusted) }
            guard let found else { continue }
            let question = asker.questions.remove(at: found).question
            asker.count -= 1
            askers[name] = asker
            order.remove(at: index)
            if !asker.questions.isEmpty { order.append(name) }
            return (question, known.contains(question.address.shape) ? .main : .trial)
        }
        return nil
    }

    /// When to look again, if nothing else happens before. Nil if nothing waits.
    public func nextLook(at now: Double) -> Double? { isEmpty ? nil : now + 0.05 }

    /// An answer has reached the broker.
    public mutating func answered(_ question: Question, bytes: Int, at now: Double) {
        if known.count < QuestionLine.mostShapes, !question.address.shape.isWide { known.insert(question.address.shape) }
        let name = name(of: question.asker)
        var asker = asker(name, at: now)
        asker.bytes -= Double(bytes)
        askers[name] = asker
    }

    /// An answer has cost the connection that sent it: the broker could not decode its address.
    public mutating func addressProvedFalse(_ question: Question, at now: Double) {
        known.remove(question.address.shape)
        let name = name(of: question.asker)
        var asker = asker(name, at: now)
        asker.distrustedUntil = now + limits.distrustSeconds
        askers[name] = asker
    }

    // MARK: Askers

    private func name(of asker: String) -> String { askers[asker] != nil || askers.count < limits.askers ? asker : "" }

    private func asker(_ name: String, at now: Double) -> Asker {
        var asker = askers[name] ?? Asker(count: limits.burst, bytes: limits.burstBytes, filledAt: now)
        fill(&asker, at: now)
        return asker
    }

    private func fill(_ asker: inout Asker, at now: Double) {
        let passed = max(0, now - asker.filledAt)
        asker.count = min(limits.burst, asker.count + passed * limits.perSecond)
        asker.bytes = min(limits.burstBytes, asker.bytes + passed * limits.bytesPerSecond)
        asker.filledAt = max(asker.filledAt, now)
    }

    /// Forgets the questions whose askers have given up.
    private mutating func giveUp(at now: Double) {
        for name in order {
            guard var asker = askers[name], asker.questions.contains(where: { now - $0.arrivedAt > limits.patienceSeconds }) else { continue }
            asker.questions.removeAll { now - $0.arrivedAt > limits.patienceSeconds }
            askers[name] = asker
            if asker.questions.isEmpty { order.removeAll { $0 == name } }
        }
    }
}
