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
    private var reading = Reading.nothing

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
        if purpose == .read { return endReading() }
        try interruptibly(isCancellable: false) { () throws(PostgresFailure) in try connection.commit() }
    }

    /// Takes everything back.
    func rollBack() {
        guard hasBegun, !reading.hasEnded else { return }
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
            let isLast = purpose == .read ? try begins(with: text) : false
            let prelude = self.prelude
            self.prelude = []
            return try interruptibly(isCancellable: purpose != .migration) { () throws(PostgresFailure) in
                hasBegun = true
                return try connection.run(text, sql.values, after: prelude, isSynchronized: isLast || purpose != .read)
            }
        }
    }

    // MARK: Reading

    /// How far a read has come.
    ///
    /// Most reads run one statement. When one that began with the same statement ended with it, the synchronisation point
    /// that ends the transaction travels with the statement, which saves both sides a message and a wake-up. Should another
    /// statement follow after all, it would see another snapshot: then the body runs again, in a transaction that stays
    /// open, as from then on all do that begin with that statement.
    private enum Reading {
        case nothing
        /// One statement, and whether the transaction ended with it.
        case one(String, isEnded: Bool)
        case several

        var hasEnded: Bool { if case .one(_, isEnded: true) = self { true } else { false } }
    }

    /// Takes note of a statement of a read.
    /// - Returns: whether the transaction shall end with it.
    /// - Throws: `PostgresFailure.unfinished` when it has ended already.
    private func begins(with text: String) throws(PostgresFailure) -> Bool {
        switch reading {
        case .nothing:
            // A lock is held until the body has ended.
            let isLast = prelude.isEmpty && connection.cache.sequel(of: text) == .nothing
            reading = .one(text, isEnded: isLast)
            return isLast
        case .one(let first, let isEnded):
            connection.cache.note(.more, after: first)
            if isEnded { throw .unfinished(.busy) }
            reading = .several
        case .several: break
        }
        return false
    }

    private func endReading() {
        guard !reading.hasEnded else { return }
        if case .one(let text, _) = reading { connection.cache.note(.nothing, after: text) }
        connection.endReading()
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
