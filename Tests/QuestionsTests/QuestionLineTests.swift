import Questions
import Testing

@Suite("Questions wait in a bounded line, fair between those who ask")
struct QuestionLineTests {
    private func question(_ asker: String, _ number: Int = 0, node: Int = 1) -> QuestionLine.Question {
        guard let address = ReplyAddress(address(node: "reply@\(node)")) else { preconditionFailure("no address") }
        return QuestionLine.Question(asker: asker, address: address, correlation: "\(number)", body: [])
    }

    /// A line that knows the node 1.
    private func line(_ limits: QuestionLine.Limits = .init()) -> QuestionLine {
        var line = QuestionLine(limits: limits)
        line.answered(question("somebody"), bytes: 0, at: 0)
        return line
    }

    private func drain(_ line: inout QuestionLine, at now: Double, trialIsFree: Bool = true) -> [QuestionLine.Question] {
        var questions: [QuestionLine.Question] = []
        while let next = line.next(trialIsFree: trialIsFree, at: now) { questions.append(next.question) }
        return questions
    }

    @Test("askers take turns, however many questions one of them has")
    func turns() {
        var line = line()
        for number in 0..<10 { #expect(line.questionArrived(question("guard", number), at: 0) == .waits) }
        #expect(line.questionArrived(question("police"), at: 0) == .waits)
        let order = drain(&line, at: 0).map(\.asker)
        #expect(order.prefix(2).contains("police") && order.count == 11 && line.isEmpty)
    }

    @Test("one that asks too much is told now and then, and passed over else; others are not")
    func bound() {
        var line = line()
        let told = (0..<1000).map { line.questionArrived(question("guard", $0), at: 0) }
        #expect(told.count { $0 == .waits } == 16 && told.count { $0 == .refused } == 1 && told.count { $0 == .passedOver } == 983)
        #expect(line.questionArrived(question("guard", 1001), at: 1) == .refused)
        #expect(line.questionArrived(question("police"), at: 1) == .waits)
        #expect(line.count == 17)
    }

    @Test("an asker's answers keep its pace in number, and another's do not suffer")
    func pace() {
        var line = line()
        var count = 0
        for step in 0..<600 {
            let now = Double(step) / 60
            for number in 0..<16 { _ = line.questionArrived(question("guard", step * 16 + number), at: now) }
            count += drain(&line, at: now).count
        }
        #expect((400...420).contains(count), "256 at once and 16 a second over 10 s, seen \(count)")
        #expect(line.questionArrived(question("police"), at: 10) == .waits)
        let next = (0..<2).compactMap { _ in line.next(trialIsFree: true, at: 10)?.question.asker }
        #expect(next.contains("police"))
    }

    @Test("and in bytes, for what is not read piles up at the broker")
    func bytes() {
        var line = line()
        var now = 0.0
        var bytes = 0
        for number in 0..<5000 {
            now += 0.1
            _ = line.questionArrived(question("guard", number), at: now)
            while let next = line.next(trialIsFree: true, at: now) {
                bytes += 200_000
                line.answered(next.question, bytes: 200_000, at: now)
            }
        }
        #expect(bytes < 64 * 1_048_576 + Int(500 * 262_144) + 400_000)
    }

    @Test("an address of an unknown node is tried by the connection for that, one at a time, and known once an answer has reached the broker")
    func trial() throws {
        var line = line()
        _ = line.questionArrived(question("guard", 1, node: 2), at: 0)
        _ = line.questionArrived(question("police", 2, node: 2), at: 0)
        #expect(line.next(trialIsFree: false, at: 0) == nil)
        let taken = line.next(trialIsFree: true, at: 0)
        let first = try #require(taken)
        #expect(first.way == .trial && line.next(trialIsFree: false, at: 0) == nil)
        line.answered(first.question, bytes: 10, at: 0)
        #expect(line.next(trialIsFree: false, at: 0)?.way == .main)
    }

    @Test("an address with larger numbers than a broker gives today is tried each time, whatever became of others")
    func wide() {
        var line = line()
        for number in 0..<3 {
            guard let address = ReplyAddress(address(node: "reply@1", id: .max, serial: UInt32(number))) else { preconditionFailure("no address") }
            let question = QuestionLine.Question(asker: "guard", address: address, correlation: "\(number)", body: [])
            _ = line.questionArrived(question, at: 0)
            #expect(line.next(trialIsFree: true, at: 0)?.way == .trial)
            line.answered(question, bytes: 10, at: 0)
        }
    }

    @Test("who forged an address is answered at known ones alone for a while; others are still believed")
    func distrust() {
        var line = line()
        let forged = question("guard", 1, node: 9)
        _ = line.questionArrived(forged, at: 0)
        #expect(line.next(trialIsFree: true, at: 0)?.way == .trial)
        line.addressProvedFalse(forged, at: 0)
        _ = line.questionArrived(question("guard", 2, node: 10), at: 0)
        #expect(line.next(trialIsFree: true, at: 0) == nil)
        _ = line.questionArrived(question("guard", 3, node: 1), at: 0)
        #expect(line.next(trialIsFree: true, at: 0)?.way == .main, "behind the forged one")
        _ = line.questionArrived(question("police", 4, node: 10), at: 0)
        #expect(line.next(trialIsFree: true, at: 0)?.question.asker == "police")
        #expect(line.next(trialIsFree: true, at: 3)?.question.correlation == "2")
    }

    @Test("a question that the broker delivers again is not taken again, one that it had not handed over is")
    func again() {
        var line = line()
        let first = question("guard", 1)
        #expect(line.questionArrived(first, at: 0) == .waits)
        #expect(line.questionArrived(first, again: true, at: 1) == .passedOver)
        #expect(line.questionArrived(question("guard", 2), again: true, at: 1) == .waits)
    }

    @Test("a question whose asker has given up is not answered, and leaves nothing behind")
    func patience() {
        var line = line()
        _ = line.questionArrived(question("guard", 1, node: 5), at: 0)
        #expect(line.nextLook(at: 0) != nil && line.next(trialIsFree: false, at: 7) == nil && !line.isEmpty)
        #expect(line.next(trialIsFree: true, at: 9) == nil && line.isEmpty && line.nextLook(at: 9) == nil)
    }

    @Test("accounts beyond what is told apart share one line")
    func manyAskers() {
        var line = line()
        let arrivals = (0..<1000).map { line.questionArrived(question("asker-\($0)", $0), at: 0) }
        #expect(arrivals.count { $0 == .waits } < 64 + 17 && line.count < 64 + 17)
    }
}

@Suite("The state is taken down whole at a pace that leaves the machine free")
struct DigestPaceTests {
    @Test("it rests four times as long as it took")
    func rest() {
        var pace = DigestPace()
        #expect(pace.waitSeconds(at: 0) == 0)
        pace.taken(seconds: 2, at: 10)
        #expect(pace.waitSeconds(at: 10) == 8 && pace.waitSeconds(at: 18) == 0)
    }
}
