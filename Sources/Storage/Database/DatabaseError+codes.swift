import Core

extension Core.DatabaseError {
    /// Too many callers wait already; nothing was begun.
    static let busy = Self.failed(code: busyCode, message: "too many statements are waiting", statement: "")

    /// The transaction was used after its body had returned.
    static func ended(_ statement: String) -> Self {
        .failed(code: "transaction_ended", message: "the transaction has ended", statement: statement)
    }

    /// The database was closed by its owner.
    static let closed = Self.failed(code: "closed", message: "the database is closed", statement: "")

    /// The server was not there a moment ago.
    static let unreachable = Self.failed(
        code: unavailableCode, message: "the database cannot be reached", statement: "")

    /// The connection was lost while a transaction was being committed.
    static let unknownOutcome = Self.failed(
        code: unavailableCode, message: "the connection was lost during COMMIT: the transaction may have taken place or not",
        statement: "COMMIT")

    /// Text that no database here can keep whole.
    static let nul = Self.constraint("text with a NUL character")
}
