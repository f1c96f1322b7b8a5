import Core

/// Why a statement failed, as far as it decides what becomes of its transaction and its connection.
enum PostgresFailure: Error, Equatable {
    /// The statement's own fault.
    case refused(Core.DatabaseError)
    /// Others were in the way; from the beginning it may succeed.
    case conflict(Core.DatabaseError)
    /// A prepared statement does not fit the schema any more; prepared anew it may succeed.
    case stale(Core.DatabaseError)
    /// A read goes on after the statement that was taken for its last; from the beginning it sees one snapshot.
    case unfinished(Core.DatabaseError)
    /// Stopped by the server: by time-out, or because it was asked to.
    case stopped(Core.DatabaseError)
    /// The connection is gone.
    case lost(Core.DatabaseError)

    var error: Core.DatabaseError {
        switch self {
        case .refused(let error), .conflict(let error), .stale(let error), .unfinished(let error), .stopped(let error),
            .lost(let error):
            error
        }
    }

    /// Sorts an error of the server by its SQLSTATE (appendix A of the manual).
    ///
    /// Only the primary message is kept, which names tables, columns and constraints; DETAIL quotes rows. Class 22 (data
    /// exceptions) quotes values in the primary message too.
    init(sqlState: String, message: String, statement: String) {
        let text = sqlState.hasPrefix("22") ? "a value does not fit its type" : message
        func failed(_ code: String) -> Core.DatabaseError { .failed(code: code, message: text, statement: statement) }
        self = switch (sqlState, sqlState.prefix(2)) {
        case ("23505", _): .refused(.duplicate(text))
        case (_, "23"): .refused(.constraint(text))
        case ("40001", _), ("40P01", _): .conflict(failed(Core.DatabaseError.busyCode))
        // "cached plan must not change result type", and a statement that somebody deallocated.
        case ("0A000", _), ("26000", _): .stale(failed(sqlState))
        case ("57014", _): .stopped(failed("timed_out"))
        case (_, "08"), ("57P01", _), ("57P02", _), ("57P03", _), ("57P05", _), ("53300", _), ("25P03", _):
            .lost(failed(Core.DatabaseError.unavailableCode))
        default: .refused(failed(sqlState))
        }
    }

    /// The connection broke without a word of the server.
    static func lost(_ reason: String, statement: String = "") -> Self {
        .lost(.failed(code: Core.DatabaseError.unavailableCode, message: reason, statement: statement))
    }
}
