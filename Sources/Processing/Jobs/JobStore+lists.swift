import Core

/// Which jobs a list shows. Every kind is a range of an index, read no further than the page.
enum JobScope: Sendable, Equatable {
    case state(JobState)
    case session(SessionID)
    case both(SessionID, JobState)

    fileprivate var condition: SQL {
        switch self {
        case .state(let state): "state = \(state)"
        case .session(let session): "session_id = \(session)"
        case .both(let session, let state): "session_id = \(session) AND state = \(state)"
        }
    }
}

extension JobStore {
    func find(_ id: JobID, in transaction: any Transaction) throws -> JobRecord? {
        try transaction.first("SELECT \(sql: JobRecord.columns) FROM processing_jobs WHERE id = \(id)").map(JobRecord.init)
    }

    /// The work itself, as listeners know it.
    func job(_ id: JobID, in transaction: any Transaction) throws -> ProcessingJob? {
        try transaction.first("SELECT * FROM processing_jobs WHERE id = \(id)").map(Self.job)
    }

    /// The jobs of all the scopes together, the newest first.
    func list(
        _ scopes: [JobScope], after cursor: Cursor?, limit: Int, in transaction: any Transaction
    ) throws -> [JobRecord] {
        var found: [JobRecord] = []
        for start in stride(from: 0, to: scopes.count, by: Self.scopesAtOnce) {
            let some = scopes[start..<min(start + Self.scopesAtOnce, scopes.count)]
            let parts = some.map { Self.page($0, after: cursor, limit: limit) }
            let union = parts.dropFirst().reduce(parts[0]) { "\(sql: $0) UNION ALL \(sql: $1)" }
            let rows = try transaction.query(
                "SELECT * FROM (\(sql: union)) AS found ORDER BY created_at DESC, id DESC LIMIT \(limit)")
            found += try rows.map(JobRecord.init)
            found.sort { ($0.createdAt, $0.id.description) > ($1.createdAt, $1.id.description) }
            found.removeLast(max(0, found.count - limit))
        }
        return found
    }

    /// The part of a page that one scope has.
    static func page(_ scope: JobScope, after cursor: Cursor?, limit: Int) -> SQL {
        let after: SQL = cursor.map {
            "AND created_at <= \($0.key) AND (created_at < \($0.key) OR id < \($0.id))"
        } ?? ""
        return """
            SELECT * FROM (
                SELECT \(sql: JobRecord.columns) FROM processing_jobs WHERE \(sql: scope.condition) \(sql: after)
                ORDER BY created_at DESC, id DESC LIMIT \(limit)) AS part
            """
    }

    /// Databases limit the parts of a statement, and its bound values.
    private static let scopesAtOnce = 50
}
