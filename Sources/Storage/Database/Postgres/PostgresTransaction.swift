import Core

/// The transaction a body sees; it answers only as long as the body runs.
final class PostgresTransaction: Transaction {
    typealias Effect = @Sendable () -> Void

    /// What a transaction is for.
    enum Purpose: Hashable {
        case read
        case write(Isolation)
        /// A write that takes as long as it takes, and that no other migration runs beside.
        case migration

        /// The commands before the first statement.
        var beginning: [String] {
            switch self {
            case .read: []
            case .write(.serializable): ["BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"]
            case .write(.readCommitted): ["BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"]
            // With one snapshot it would not see what the migration did that it had to wait for.
            case .migration:
                [
                    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "SET LOCAL statement_timeout = 0",
                    AdvisoryLock("migrations").statement,
                ]
            }
        }
    }

    private let connection: PostgresConnection
    private let purpose: Purpose
    private var isOpen = true
    /// Commands that travel with the next statement.
    private var prelude: [String]
    private(set) var effects: [Effect] = []
    private(set) var channels: Set<String> = []
    /// Why a statement failed; nothing more is done then, whatever the body does about it.
    private(set) var failure: (any Error)?
    /// Whether the server has heard of this transaction.
    private(set) var hasBegun = false

    init(on connection: PostgresConnection, for purpose: Purpose) {
        self.connection = connection
        self.purpose = purpose
        self.prelude = purpose.beginning
    }

    var dialect: SQLDialect { PostgresDialect.fragments }

    func execute(_ sql: SQL) throws -> Int { try run(sql).changedRows }

    func query(_ sql: SQL) throws -> [Row] {
        let result = try run(sql)
        return try remembering { try result.rows() }
    }

    func afterCommit(_ effect: @escaping Effect) {
        if isOpen { effects.append(effect) }
    }

    func lock(_ name: String) throws {
        try checkOpen("")
        // It is taken with the next statement; without one there is nothing to exclude others from.
        prelude.append(AdvisoryLock(name).statement)
    }

    func notify(_ channel: String) {
        if isOpen { channels.insert(channel) }
    }

    /// The body has ended.
    func close() { isOpen = false }

    /// Makes everything durable, or fails.
    func commit() throws {
        guard hasBegun else { return }
        if purpose == .read { return connection.endReading() }
        try interruptibly(isCancellable: false) { () throws(PostgresFailure) in try connection.commit() }
    }

    /// Takes everything back.
    func rollBack() {
        guard hasBegun else { return }
        // What cannot be cancelled begins in any case.
        try? interruptibly(isCancellable: false) { () throws(PostgresFailure) in
            connection.rollBack(isInBlock: purpose != .read)
        }
    }

    private func run(_ sql: SQL) throws -> PostgresResult {
        let text = sql.text { "$\($0 + 1)" }
        try checkOpen(text)
        return try remembering {
            guard !sql.values.contains(where: \.hasNUL) else { throw Core.DatabaseError.nul }
            let prelude = self.prelude
            self.prelude = []
            return try interruptibly(isCancellable: purpose != .migration) { () throws(PostgresFailure) in
                hasBegun = true
                return try connection.run(text, sql.values, after: prelude, isInBlock: purpose != .read)
            }
        }
    }

    private func checkOpen(_ text: String) throws {
        guard isOpen else { throw Core.DatabaseError.ended(text) }
        if let failure { throw Self.visible(failure) }
    }

    private func remembering<Value>(_ work: () throws -> Value) throws -> Value {
        do { return try work() } catch {
            failure = error
            throw Self.visible(error)
        }
    }

    /// The body sees what anybody would see; what a failure means for the transaction is not for it.
    private static func visible(_ error: any Error) -> any Error { (error as? PostgresFailure)?.error ?? error }

    private func interruptibly<Value>(
        isCancellable: Bool, _ work: () throws(PostgresFailure) -> Value
    ) throws -> Value {
        let interruption = connection.interruption
        try interruption.enter(isCancellable: isCancellable, isBounded: purpose != .migration)
        do throws(PostgresFailure) {
            let value = try work()
            interruption.leave(wasStopped: false)
            return value
        } catch {
            guard case .stopped = error else {
                interruption.leave(wasStopped: false)
                throw error
            }
            interruption.leave(wasStopped: true)
            if interruption.isRequested { throw CancellationError() }
            throw error
        }
    }
}

/// A lock that exists by its number alone, held to the end of a transaction.
struct AdvisoryLock {
    private let number: Int64

    /// - Parameter name: the same on every node.
    init(_ name: String) {
        // FNV-1a: any good spread over 64 bits does, but it must never change.
        let hash = "lumiere.\(name)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        number = Int64(bitPattern: hash)
    }

    var statement: String { "SELECT pg_advisory_xact_lock(\(number))" }
}
