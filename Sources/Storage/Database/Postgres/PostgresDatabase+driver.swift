import Core

extension PostgresDatabase: DatabaseDriver {
    public func translate(_ statement: String) -> String { PostgresDialect.translate(statement) }

    /// An advisory lock excludes other migrators, on every node.
    public func migrate<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await run(body, for: .migration)
    }

    /// The cluster, the database in it and a table of that, whose numbers a restored dump does not get again, and the timeline,
    /// which is another one after a recovery to a point in time and after a fail-over.
    public func identity() async throws -> String? {
        do {
            return try await read { transaction in
                try transaction.first("""
                    SELECT 'postgres:' || (SELECT system_identifier FROM pg_control_system()) || ':' || d.oid || ':'
                        || COALESCE(to_regclass('schema_migrations')::oid, 0) || ':'
                        || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS identity
                    FROM pg_database AS d WHERE d.datname = current_database()
                    """)?.get("identity")
            }
        } catch Core.DatabaseError.failed(code: Self.insufficientPrivilege, _, _) {
            return nil
        }
    }

    private static let insufficientPrivilege = "42501"

    public func changesByOthers(in channel: String) -> AsyncStream<Void> { listener.changes(in: channel) }

    /// Serves the calls that wait, then closes all connections. Later calls fail; closing again does nothing.
    public func close() async {
        await pool.close()
        await listener.close()
    }
}
