import Core
import Foundation

/// Everything in which SQLite differs from the SQL that migrations are written in.
enum SQLiteDialect {
    /// Replaces `{{serial}}` and makes every table STRICT, so that a column holds only its declared type.
    static func translate(_ statement: String) -> String {
        let text = statement.replacingOccurrences(of: "{{serial}}", with: "INTEGER PRIMARY KEY")
            .trimmingCharacters(in: .whitespacesAndNewlines.union(.init(charactersIn: ";")))
        guard text.range(of: #"^CREATE\s+TABLE\b"#, options: [.regularExpression, .caseInsensitive]) != nil else {
            return text
        }
        return text + (text.uppercased().hasSuffix("WITHOUT ROWID") ? ", STRICT" : " STRICT")
    }
}

extension SQLiteDatabase: MigratableDatabase {
    public func translate(_ statement: String) -> String { SQLiteDialect.translate(statement) }

    /// One write excludes every other, so it excludes other migrators too.
    public func migrate<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await write(body)
    }
}
