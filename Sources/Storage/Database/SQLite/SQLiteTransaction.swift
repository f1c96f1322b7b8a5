import Core
import GRDB

/// The transaction a body sees; it answers only as long as the body runs.
final class SQLiteTransaction: Transaction {
    typealias Effect = @Sendable () -> Void

    private let connection: GRDB.Database
    private var isOpen = true
    private var effects: [Effect] = []
    /// Why a statement failed; nothing more is done then, whatever the body does about it.
    private var failure: (any Error)?

    private init(_ connection: GRDB.Database) { self.connection = connection }

    /// Runs a body on a connection whose transaction the caller has begun and will end.
    static func run<Value>(
        _ body: (any Transaction) throws -> Value, on connection: GRDB.Database
    ) throws -> (Value, effects: [Effect]) {
        let transaction = SQLiteTransaction(connection)
        defer { transaction.isOpen = false }
        let value = try body(transaction)
        if let failure = transaction.failure { throw failure }
        return (value, transaction.effects)
    }

    func execute(_ sql: Core.SQL) throws -> Int {
        let text = sql.text { _ in "?" }
        return try once(text, sql.values) {
            try statement(text, valueCount: sql.values.count).execute(arguments: sql.arguments)
            // SQLite's count is that of the last statement that changes rows, whatever ran since.
            return Self.changesRows(text) ? connection.changesCount : 0
        }
    }

    func query(_ sql: Core.SQL) throws -> [Core.Row] {
        let text = sql.text { _ in "?" }
        return try once(text, sql.values) {
            let statement = try statement(text, valueCount: sql.values.count)
            let names = statement.columnNames
            let rows = try GRDB.Row.fetchCursor(statement, arguments: sql.arguments)
            var result: [Core.Row] = []
            while let row = try rows.next() {
                result.append(Core.Row(names: names, values: row.databaseValues.map(SQLValue.init)))
            }
            return result
        }
    }

    func afterCommit(_ effect: @escaping Effect) {
        if isOpen { effects.append(effect) }
    }

    /// GRDB never forgets a cached statement. The texts in our code are few, but an `IN` list makes one for each length
    /// and a migration one for each step, so long lists and DDL are prepared anew.
    private func statement(_ text: String, valueCount: Int) throws -> Statement {
        let isCached = valueCount <= 32 && (Self.changesRows(text) || Self.starts(text, with: ["SELECT"]))
        return try isCached ? connection.cachedStatement(sql: text) : connection.makeStatement(sql: text)
    }

    private static func changesRows(_ text: String) -> Bool { starts(text, with: ["INSERT", "UPDATE", "DELETE", "WITH"]) }

    private static func starts(_ text: String, with keywords: [String]) -> Bool {
        let first = text.drop(while: \.isWhitespace).prefix(while: \.isLetter).uppercased()
        return keywords.contains(first)
    }

    /// Does a statement's work if it may be done, and remembers its failure.
    private func once<Value>(_ text: String, _ values: [SQLValue], _ work: () throws -> Value) throws -> Value {
        guard isOpen else { throw Core.DatabaseError.ended(text) }
        if let failure { throw failure }
        do {
            // GRDB hands text over as C strings, which would cut it silently; PostgreSQL refuses it as well.
            guard !values.contains(where: \.hasNUL) else { throw Core.DatabaseError.nul }
            return try work()
        } catch {
            let error = (error as? GRDB.DatabaseError).map { Core.DatabaseError($0, statement: text) } ?? error
            failure = error
            throw error
        }
    }
}
