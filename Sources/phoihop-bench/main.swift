import AgentKit
import Foundation
import Regulation

let usage = """
    usage: phoihop-bench write RECORDS FILE MESSAGES FILE   writes a ledger, and messages to publish
           phoihop-bench publish URI FILE WINDOW            prints messages per second
           phoihop-bench read URI COUNT                     prints records per second
           phoihop-bench latency URI URI FILE LEDGER COUNT  prints the median in microseconds
           phoihop-bench fold LEDGER                        prints records per second without a broker
           phoihop-bench storms FIRST COUNT SECONDS [TEXT]  plays days in bad weather, a seed each, as many as fit, and prints what came out wrong; under
                                                            the regulation in the folder TEXT, or the one built in
           phoihop-bench memory COUNT                       prints bytes that the fold keeps of each ordinary message once it is settled
    What each does stands in deploy/bench, which calls this.
    """

func number(_ text: String) throws -> Int {
    guard let number = Int(text), number > 0 else { throw BenchError("a number is expected, not \(text)") }
    return number
}

let words = Array(CommandLine.arguments.dropFirst())
do {
    let result: Double?
    switch (words.first, words.count) {
    case ("write", 5):
        try Message.write(Year.ledger(records: number(words[1])), to: words[2])
        try Message.write(Year.messages(number(words[3])), to: words[4])
        result = nil
    case ("publish", 4): result = try await Measurements.publish(words[1], Message.read(words[2]), window: number(words[3]))
    case ("read", 3): result = try await Measurements.read(words[1], count: number(words[2]))
    case ("latency", 6):
        result = try await Measurements.latency(
            words[1], words[2], Message.read(words[3]), records: Message.read(words[4]), count: number(words[5]))
    case ("storms", 4), ("storms", 5):
        let regulation = try words.count == 5 ? Regulation(RegulationText(at: words[4])) : .standard
        try Storms.play(from: number(words[1]), count: number(words[2]), seconds: number(words[3]), under: regulation)
        result = nil
    case ("memory", 2): result = try Memory.perSettledMessage(count: number(words[1]))
    case ("fold", 2): result = try Measurements.fold(Message.read(words[1]))
    default:
        FileHandle.standardError.write(Data((usage + "\n").utf8))
        exit(64)
    }
    if let result { print((result * 10).rounded() / 10) }
} catch {
    FileHandle.standardError.write(Data("phoihop-bench: \(error)\n".utf8))
    exit(1)
}
