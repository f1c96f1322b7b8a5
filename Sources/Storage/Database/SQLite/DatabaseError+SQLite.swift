import Core
import GRDB

extension Core.DatabaseError {
    /// SQLite's messages name tables, columns and constraints, never values.
    init(_ error: GRDB.DatabaseError, statement: String) {
        let message = error.message ?? "no message"
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID:
            self = .duplicate(message)
        case _ where error.resultCode == .SQLITE_CONSTRAINT:
            self = .constraint(message)
        case _ where error.resultCode == .SQLITE_BUSY:
            self = .failed(code: Self.busyCode, message: message, statement: statement)
        default:
            self = .failed(code: "sqlite_\(error.extendedResultCode.rawValue)", message: message, statement: statement)
        }
    }
}

/// What callers see of an error: GRDB's own become `DatabaseError`, a body's pass as they are.
func typed(_ error: any Error) -> any Error {
    guard let error = error as? GRDB.DatabaseError else { return error }
    return Core.DatabaseError(error, statement: error.sql ?? "")
}
