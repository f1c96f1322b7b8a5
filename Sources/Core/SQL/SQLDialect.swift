/// Fragments that databases spell differently, to be spliced with `\(sql: transaction.dialect.…)`.
public struct SQLDialect: Sendable {
    /// Ends a SELECT whose rows this transaction takes for itself: rows that another one holds are passed over.
    public let takingUnlocked: SQL

    public init(takingUnlocked: SQL) { self.takingUnlocked = takingUnlocked }

    /// Of a database whose writes exclude each other.
    public static let oneWriter = SQLDialect(takingUnlocked: "")
}

/// A database whose writes exclude each other needs no locks, and notices other processes' commits by itself.
extension Transaction {
    public var dialect: SQLDialect { .oneWriter }
    public func lock(_ name: String) throws {}
    public func notify(_ channel: String) {}
}
