/// Says what a party is like now, for clients that join it and cannot be told what they have missed. Implemented by WatchParty.
public protocol PartyStateReader: Sendable {
    /// What the principal would read of the party: `party`, its `queue` and `members`.
    /// - Throws: `Problem` 404 when the party is gone, or the principal may not see it.
    func state(of party: SessionID, for principal: Principal) async throws -> JSONValue
}

/// Hears of who comes to a party. Implemented by WatchParty. All may be asked more than once of the same one.
public protocol PartyVisitors: Sendable {
    /// Whether there is a place for somebody who may follow it, asked before they do.
    /// - Throws: `Problem` 403 or 409 when they cannot come in now, 404 when there is no such party.
    func mayEnter(_ party: SessionID, _ principal: Principal) async throws

    /// Somebody follows it from now on.
    /// - Throws: `Problem` when they cannot; then they do not follow it any more.
    func entered(_ party: SessionID, _ principal: Principal) async throws

    /// Somebody says that they go. Whose connection ends without a word may be back in a moment.
    /// - Throws: `Problem` 404.
    func left(_ party: SessionID, _ principal: Principal) async throws
}

/// Stands at the door of parties: says who gets in as a guest. Implemented by WatchParty.
public protocol PartyGate: Sendable {
    /// Lets somebody in who is about to get a grant for a session that may be a party; into all others anybody comes.
    /// - Parameters:
    ///   - guest: who they are from now on.
    ///   - name: what they call themselves; empty for who does not say.
    ///   - former: who they were there until now, if what they came in by still holds: what that one was, the guest is.
    /// - Throws: `Problem` 403 `party_locked`, 409 `party_full`.
    func admit(_ guest: Person, named name: String, formerly former: Person?, to party: SessionID, transaction: any Transaction) throws
}
