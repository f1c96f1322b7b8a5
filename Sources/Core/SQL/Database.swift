/// The database as features see it; SQLite or PostgreSQL stands behind it.
///
/// Bodies are synchronous and run on a connection's own thread, so they may hold no `await`, socket or object store.
/// A body may run more than once (a serialization failure or a lost connection is retried) and must have no effect but
/// through its transaction; put what must happen once after the commit into `Transaction.afterCommit`.
/// A statement that fails ends its transaction: what follows in the body fails as well, and nothing is kept.
public protocol Database: Sendable {
    /// Runs a body that only reads, on a consistent snapshot.
    /// - Throws: whatever the body throws, `DatabaseError`, or `CancellationError` when the caller was cancelled meanwhile.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value

    /// Runs a body in one transaction; everything it wrote is durable when this returns, or nothing is.
    /// - Throws: whatever the body throws, `DatabaseError`, or `CancellationError` when the caller was cancelled meanwhile;
    ///   after any of these nothing was written.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value

    /// Runs a body like `write`, but noticing of other writes what `isolation` allows.
    /// - Throws: as `write`.
    func write<Value: Sendable>(
        _ isolation: Isolation, _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value
}

/// One transaction, usable only inside the body it was given to, on that thread.
public protocol Transaction {
    /// Runs a statement and returns the number of rows it changed.
    @discardableResult
    func execute(_ sql: SQL) throws -> Int

    /// Runs a statement and returns its rows. Bound every query that can grow with a `LIMIT`.
    func query(_ sql: SQL) throws -> [Row]

    /// Registers an effect that happens after a successful commit, in order of registration; dropped on roll-back.
    func afterCommit(_ effect: @escaping @Sendable () -> Void)

    /// What this database spells in its own way.
    var dialect: SQLDialect { get }

    /// Excludes every other transaction that asks for the same lock, from here to the end of this one, over all processes.
    /// What is numbered under it (`{{serial}}`) is numbered in the order of commits. Ask for it as late as possible.
    /// - Parameter name: of the program's own making; ids can be part of it.
    func lock(_ name: String) throws

    /// Wakes those of other processes that follow a channel, once this transaction has been committed. It saves time only:
    /// a wake-up can be lost, so who follows a channel looks for himself from time to time.
    /// - Parameter channel: a constant of the program: lower-case letters and underscores.
    func notify(_ channel: String)
}

extension Transaction {
    /// The first row, if there is one.
    public func first(_ sql: SQL) throws -> Row? { try query(sql).first }

    /// Whether the statement returns a row.
    public func exists(_ sql: SQL) throws -> Bool { try !query(sql).isEmpty }
}

/// What can go wrong in the database, whichever it is. Never holds bound values.
public enum DatabaseError: Error, Sendable, Equatable {
    /// A UNIQUE or PRIMARY KEY constraint refused the row; the text names the constraint or columns.
    case duplicate(String)
    /// A FOREIGN KEY, CHECK or NOT NULL constraint refused the row.
    case constraint(String)
    /// A column is missing or holds another type than asked for.
    case unexpectedColumn(String)
    /// Anything else: the driver's code and message, and the statement's text.
    case failed(code: String, message: String, statement: String)

    /// Whether the same call may succeed a moment later: too many wait, or the server cannot be reached. A web server answers
    /// 503 with `Retry-After`.
    public var isTransient: Bool {
        guard case .failed(let code, _, _) = self else { return false }
        return code == Self.busyCode || code == Self.unavailableCode
    }

    /// The code of `failed` when too many callers wait already, or others changed the same rows for too long.
    public static let busyCode = "busy"
    /// The code of `failed` when the server cannot be reached or went away.
    public static let unavailableCode = "unavailable"
}
