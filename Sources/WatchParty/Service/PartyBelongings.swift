import Core

/// What there is of a party goes with its session.
struct PartyBelongings: SessionBelongings {
    func removeSome(of session: SessionID, limit: Int, in transaction: any Transaction) throws -> Bool {
        try PartyStore().removeSome(of: session, limit: limit, transaction)
    }
}
