public import Core

/// Says who gets a grant for a party. It asks what is written down alone, so it can be made before all that parties need.
public struct PartyDoorkeeper: PartyGate {
    private let news: PartyNews
    private let parties = PartyStore()
    private let members = PartyMemberStore()
    private let queue = PartyQueueStore()

    /// - Parameter events: tell those in a party who is somebody else now.
    public init(events: any EventPublisher) { news = PartyNews(events: events) }

    public func admit(
        _ guest: Person, named name: String, formerly former: Person?, to id: SessionID, transaction tx: any Transaction
    ) throws {
        // Taken where somebody is renamed: nobody else writes them down meanwhile.
        guard let party = try former == nil ? parties.find(id, tx) : parties.take(id, tx) else { return }
        let member = try former.flatMap { try members.find($0, in: id, tx) }
        try members.requirePlace(for: member, in: party, tx)
        if let member { try pass(member, to: guest, named: name, in: party, tx) }
    }

    /// The others see one go for good and, if they were there, the other come in their place.
    private func pass(_ member: PartyMember, to guest: Person, named name: String, in party: Party, _ tx: any Transaction) throws {
        try members.pass(from: member.person, to: guest, named: name, in: party.id, tx)
        try queue.pass(from: member.person, to: guest, in: party.id, tx)
        try news.tell(.removed, member, in: party, tx)
        var successor = member
        (successor.person, successor.name) = (guest, name)
        if member.isPresent { try news.tell(.joined, successor, in: party, tx) }
    }
}

extension PartyMemberStore {
    /// The rule of the door, for everybody but managers: who is there stays, nobody new comes into a locked party, and nobody
    /// into a full one.
    /// - Parameter member: who wants to come in; `nil` for somebody who was never there.
    /// - Throws: `Problem` 403 `party_locked`, 409 `party_full`.
    func requirePlace(for member: PartyMember?, in party: Party, _ tx: any Transaction) throws {
        if member?.isPresent ?? false { return }
        if party.settings.isLocked, member == nil { throw Problem.forbidden("The party is locked.", code: "party_locked") }
        guard try presentCount(party.id, tx) < party.settings.capacity else {
            throw Problem.conflict("party_full", "There is no room for anybody else.")
        }
    }
}
