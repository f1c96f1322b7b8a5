/// Why the schema was not touched. The descriptions are for operators.
public enum MigrationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Two migrations of this program have the same number.
    case duplicateNumber(Int)
    /// An applied migration's text is no longer what it was when it was applied.
    case changed(number: Int, name: String)
    /// The database has a migration that this program does not know.
    case unknown(number: Int, name: String)

    public var description: String {
        switch self {
        case .duplicateNumber(let number):
            "Two migrations have the number \(number)."
        case .changed(let number, let name):
            "Migration \(number) (\(name)) was applied to this database in another form than this program has. "
                + "Run the program that applied it, or restore a backup."
        case .unknown(let number, let name):
            "This database has migration \(number) (\(name)), which this program does not know: it is older than the "
                + "database. Run a newer one."
        }
    }
}
