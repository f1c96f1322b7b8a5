import ArgumentParser
import Core

/// The statements that are measured; pgbench is given the same ones.
enum Statement: String, CaseIterable, ExpressibleByArgument {
    /// The first page of a gallery as guests ask for it, as `PhotoStore.list` in Sessions writes it.
    case list
    /// A row of about 200 bytes, as a message of a chat would be.
    case insert

    /// One row more than the page, as the service asks for it to know whether others follow.
    static let page = 50 + 1

    /// Built anew for each call, as stores do.
    var sql: SQL {
        switch self {
        case .list:
            """
            SELECT \(sql: Self.photoColumns) FROM photos WHERE session_id = \(Sample.session) \
            AND shown_at IS NOT NULL
            ORDER BY created_at DESC, id DESC LIMIT \(Self.page)
            """
        case .insert:
            """
            INSERT INTO benchmark_messages (session_id, sender_id, body, created_at)
            VALUES (\(Sample.session), \(Sample.user), \(Sample.message), \(Sample.start))
            """
        }
    }

    /// Runs it as a store would.
    /// - Returns: rows read or written.
    func run(on database: any Database) async throws -> Int {
        switch self {
        case .list: try await database.read { [self] in try $0.query(sql).count }
        case .insert: try await database.write { [self] in try $0.execute(sql) }
        }
    }

    /// The rows that `run` has to report.
    var expectedRows: Int { self == .list ? Self.page : 1 }

    private static let photoColumns: SQL =
        """
        id, original_id, session_id, original_key, uploader_id, filename, content_type, size, sha256, status, failure,
        facts, created_at, shown_at
        """
}
