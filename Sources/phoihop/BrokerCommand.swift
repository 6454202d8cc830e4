import AMQP
import AgentKit
import Broker
import Foundation
import Messages
import OperatorCommands
import Regulation
import Topology
import Values

/// `phoihop broker …`: what the broker must hold before anyone can speak.
struct BrokerCommand {
    let context: Context

    func run() async throws(Failure) -> ExitCode {
        let arguments = context.arguments
        try arguments.expectWords(atMost: 1)
        switch arguments.words.first {
        case "definitions": context.console.print(try definitions().indentedText)
        case "asyncapi": context.console.print(AsyncAPI(try context.regulation()).json.indentedText)
        case "parties":
            let parties = try context.regulation().parties.map(\.id)
            if context.console.json {
                context.console.print(.array(parties.map { .string($0) }))
            } else {
                context.console.print(parties.joined(separator: "\n"))
            }
        case "seed": try await seed()
        case nil:
            throw Failure(
                .usage, vi: "Đề nghị ghi phoihop broker definitions, asyncapi, parties hoặc seed.",
                en: "Write phoihop broker definitions, asyncapi, parties or seed.")
        case let other?:
            let near = nearest(to: other, in: ["definitions", "asyncapi", "parties", "seed"])
            throw Failure(
                .usage, vi: "Không có phoihop broker \(shown(other)); " + (near.map { "có phải là \($0)?" } ?? "có definitions, asyncapi, parties, seed."),
                en: "There is no phoihop broker \(shown(other)); " + (near.map { "did you mean \($0)?" } ?? "there are definitions, asyncapi, parties, seed."))
        }
        return .ok
    }

    // MARK: Definitions

    private func definitions() throws(Failure) -> JSON {
        let regulation = try context.regulation()
        var passwords: [PartyID: String] = [:]
        if let directory = try context.arguments.value("secrets") {
            for party in regulation.parties.map(\.id) {
                let path = directory + "/" + party
                guard let text = FileManager.default.contents(atPath: path).flatMap({ String(data: $0, encoding: .utf8) }) else { continue }
                let password = text.trimmingCharacters(in: .whitespacesAndNewlines)
                guard !password.isEmpty else {
                    throw Failure(.badData, vi: "Tệp mật khẩu \(path) trống.", en: "The password file \(path) is empty.")
                }
                passwords[party] = password
            }
            guard !passwords.isEmpty else {
                throw Failure(
                    .badData, vi: "Không có tệp mật khẩu nào trong \(directory); mỗi đơn vị một tệp mang mã đơn vị (phoihop broker parties).",
                    en: "There is no password file in \(directory); each party needs a file named as the party (phoihop broker parties).")
            }
            let without = regulation.parties.map(\.id).filter { passwords[$0] == nil }
            if !without.isEmpty {
                context.console.note(
                    Wording(
                        vi: "Chưa có mật khẩu nên chưa đăng nhập được: \(without.joined(separator: ", "))",
                        en: "Without a password, so they cannot log in: \(without.joined(separator: ", "))"))
            }
        }
        return Definitions(regulation).json(passwords: passwords, drill: context.arguments.has("drill"))
    }

    // MARK: Seed

    /// Puts the token of leadership into its queue and names the ledger, each unless that was done. Doing it twice does no harm.
    private func seed() async throws(Failure) {
        let regulation = try context.regulation()
        let party = try context.party(in: regulation) ?? Party.provisioner
        let endpoint = try context.endpoint()
        let link = try await Link.open(endpoint, name: "phoihop broker seed", speaks: true)
        let result: Result<(token: Bool, ledger: String?), AMQPError>
        do throws(AMQPError) {
            result = .success(try await seed(link.connection, endpoint, party: party, offset: regulation.calendar.offset))
        } catch {
            result = .failure(error)
        }
        await link.connection.close()
        switch result {
        case .failure(let error): throw Link.failure(error)
        case .success(let done):
            if context.console.json {
                return context.console.print(.compact(["token": .bool(done.token), "ledger": done.ledger.map { .string($0) }]))
            }
            context.console.print(
                done.token
                    ? Wording(vi: "Đã đặt thẻ điều phối.", en: "The token of leadership is in place now.")
                    : Wording(vi: "Thẻ điều phối đã có.", en: "The token of leadership was in place."))
            context.console.print(
                done.ledger.map { Wording(vi: "Đã lập sổ cái \($0).", en: "Created the ledger \($0).") }
                    ?? Wording(vi: "Sổ cái đã có.", en: "The ledger was there."))
        }
    }

    private func seed(_ connection: Connection, _ endpoint: Endpoint, party: PartyID, offset: Span) async throws(AMQPError) -> (token: Bool, ledger: String?) {
        let isNew = try await end(endpoint) == .empty
        let leader = try await connection.inspect(queue: Topology.leader)
        // A consumer may hold the token, which the count does not show; one too many does no harm, none at all would.
        let needsToken = leader.messages == 0 && (leader.consumers == 0 || isNew)
        if needsToken {
            try await connection.publish(
                Publishing(exchange: "", routingKey: Topology.leader, body: Array("token".utf8), contentType: "text/plain", userID: party))
        }
        guard isNew else { return (needsToken, nil) }
        let ledger = UUID().uuidString.lowercased()
        let event = Event(
            id: UUID().uuidString.lowercased(), sender: party, type: SystemType.ledgerCreated, time: Clock.realNow,
            data: ["ledger": .string(ledger)])
        try await connection.publish(
            Publishing(
                exchange: Topology.exchange, routingKey: RoutingKey(sender: party, type: event.type).description, body: event.encoded(offset: offset),
                contentType: Event.contentType, messageID: event.id, userID: party))
        // The broker's confirmation alone does not show that the ledger lives.
        if try await end(endpoint) == .empty {
            throw AMQPError(.notFound, "what was said is confirmed and not in the queue '\(Topology.ledger)'")
        }
        return (needsToken, ledger)
    }

    private func end(_ endpoint: Endpoint) async throws(AMQPError) -> LedgerEnd {
        try await LedgerEnd(askedAt: endpoint, connectionName: "phoihop broker seed", timeoutSeconds: Link.patienceSeconds)
    }
}
