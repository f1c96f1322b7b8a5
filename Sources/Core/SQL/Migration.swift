/// One numbered step of the schema, written once for both databases.
///
/// Types in the text: `TEXT`, `INTEGER` (64 bits), `REAL`, `BLOB`; `{{serial}}` stands for an ascending integer primary key.
/// Each driver replaces what differs (PostgreSQL: BIGINT, DOUBLE PRECISION, BYTEA; SQLite adds STRICT).
public struct Migration: Sendable {
    /// Unique over all modules; migrations run in ascending order. Each feature has a hundred of its own.
    public let number: Int
    /// What it is about, in words for the log.
    public let name: String
    /// Statements that bring the schema up, one each.
    public let up: [String]
    /// Statements that undo them, in the order to run.
    public let down: [String]

    /// A step; see the properties of the same names.
    public init(_ number: Int, _ name: String, up: [String], down: [String]) {
        self.number = number
        self.name = name
        self.up = up
        self.down = down
    }
}
