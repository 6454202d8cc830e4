import Coordination
import Messages
import Regulation
import Values

/// A record on a line of a ledger in a file: as `phoihop ledger export` keeps it, or as `phoihop ledger --json` prints it, the event alone.
public enum LedgerText {
    /// The record on a line; nil where it is none. An event alone has lost its key, which is made anew as its sender would have.
    public static func record(_ line: [UInt8], in regulation: Regulation) -> LedgerState.Record? {
        guard let json = try? JSON(parsing: line) else { return nil }
        if let line = LedgerLine(json) { return LedgerState.Record(body: line.body, carriage: line.carriage, offset: line.offset) }
        guard let event = try? MessageReader.event(in: json) else { return nil }
        let type = regulation.messageType(event.type)
        let named = event.data["to"]?.string.flatMap { regulation.party($0)?.id }
        let isToOne = type?.isAddressable == true && (type?.to.isEmpty == true || named.map { type?.to.contains($0) == false } == true)
        let to = isToOne ? named ?? regulation.lead : RoutingKey.all
        let key = RoutingKey(sender: event.sender, type: event.type, to: to).description
        let carriage = Carriage(exchange: "phoihop", routingKey: key, userID: event.sender, messageID: event.id, contentType: Event.contentType)
        return LedgerState.Record(body: line, carriage: carriage)
    }
}
