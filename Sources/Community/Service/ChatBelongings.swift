import Core

/// The chat of a session goes with it.
struct ChatBelongings: SessionBelongings {
    func removeSome(of session: SessionID, limit: Int, in transaction: any Transaction) throws -> Bool {
        try ChatStore().removeSome(of: ChatID(session), limit: limit, transaction)
    }
}
