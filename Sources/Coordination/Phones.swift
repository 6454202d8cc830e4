import Messages
import Regulation
import Values

extension Regulation {
    /// The telephone number of a party's desk: the one that was declared, or else that of the text.
    func phone(of party: PartyID, declared: [PartyID: String]) -> String? { declared[party] ?? self.party(party)?.phone }
}

extension LedgerState {
    /// The telephone number of a party's desk: the last that was declared, or else that of the text.
    public func phone(of party: PartyID) -> String? { regulation?.phone(of: party, declared: phones) }

    /// Takes in a telephone number, a party's own, or any by the word of the party that leads; or tells the sender why not.
    mutating func takePhone(_ event: Event) throws(Refusal) {
        guard let regulation, let phone = event.data["phone"]?.string, !event.exercise else { return }
        let party = event.data["party"]?.string ?? event.sender
        guard let named = regulation.party(party), named.role != .system else {
            throw .noParty(party, FieldPath("data.party"), able: regulation.parties.filter { $0.role != .system }.map(\.id))
        }
        if party != event.sender, event.sender != regulation.lead { throw .phoneOfAnother(named, regulation.party(regulation.lead)) }
        phones[party] = phone
    }
}

extension Refusal {
    fileprivate static func phoneOfAnother(_ party: Party, _ lead: Party?) -> Refusal {
        Refusal(
            Wording(vi: "số này của \(party.name.vi), không phải của nơi gửi", en: "this is the number of \(party.name.en), not of the sender"),
            remedy: Wording(
                vi: "để \(party.name.vi) hoặc \(lead?.name.vi ?? "") công bố", en: "leave it to that party or to the \(lead?.name.en ?? "")"))
    }
}
