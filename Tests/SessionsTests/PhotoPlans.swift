import Core
import Database
import Testing

@testable import Sessions

/// How databases go about lists of a session of some thousand photos.
struct PhotoPlans {
    let house: TestHouse
    let driver: TestDriver
    let table: PhotoDeskTests.Table

    func check() async throws {
        try await fill(4000)
        for sort in PhotoQuery.Sort.allCases {
            for (onlyShown, isLater) in [(false, false), (true, false), (false, true), (true, true)] {
                var query = PhotoQuery()
                query.sort = sort
                let cursor = isLater ? PhotoCursor(after: try await table.first(), in: sort) : nil
                let plan = try await plan(
                    PhotoStore.statement(table.session.id, query, onlyShown: onlyShown, after: cursor, limit: 51))
                let sorts = driver == .sqlite ? ["SCAN", "TEMP B-TREE"] : ["Seq Scan", "Sort Key"]
                #expect(!sorts.contains { plan.contains($0) }, "\(sort), guests: \(onlyShown), later: \(isLater): \(plan)")
            }
        }
    }

    private func plan(_ statement: SQL) async throws -> String {
        let (explain, column): (SQL, String) =
            driver == .sqlite ? ("EXPLAIN QUERY PLAN \(sql: statement)", "detail") : ("EXPLAIN \(sql: statement)", "QUERY PLAN")
        return try await house.database.read { tx in
            try tx.query(explain).map { try $0.get(column, as: String.self) }.joined(separator: "\n")
        }
    }

    /// Rows like the first, of which guests see most.
    func fill(_ count: Int) async throws {
        let (series, id, hash): (SQL, SQL, SQL) =
            driver == .sqlite
            ? (
                "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < \(count)) SELECT n FROM s) AS series",
                "printf('00000000-0000-7000-8000-%012x', n)", "printf('%064x', n)"
            )
            : (
                "generate_series(1, \(count)) AS series (n)", "'00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0')",
                "lpad(to_hex(n), 64, '0')"
            )
        try await house.database.write { tx in
            try tx.execute(
                """
                INSERT INTO photos (id, original_id, session_id, original_key, filename, content_type, size, sha256, crc32, status,
                    created_at, shown_at, position, taken_at, rating)
                SELECT \(sql: id), \(sql: id), session_id, original_key, 'IMG_' || n || '.JPG', content_type, size, \(sql: hash), crc32,
                    status, created_at + n, shown_at + n, created_at + n, taken_at + n, n % 6
                FROM photos, \(sql: series)
                """)
            try tx.execute("ANALYZE")
        }
    }
}

extension PhotoDeskTests.Table {
    /// The one that was added first.
    func first() async throws -> Photo {
        try await house.database.read { tx in try #require(try PhotoStore().find(photos[0], tx)) }
    }
}
