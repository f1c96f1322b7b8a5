import Core

extension PostgresDatabase: DatabaseDriver {
    public func translate(_ statement: String) -> String { PostgresDialect.translate(statement) }

    /// An advisory lock excludes other migrators, on every node.
    public func migrate<Value: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> Value
    ) async throws -> Value {
        try await run(body, for: .migration)
    }

    public func changesByOthers(in channel: String) -> AsyncStream<Void> { listener.changes(in: channel) }

    /// Serves the calls that wait, then closes all connections. Later calls fail; closing again does nothing.
    public func close() async {
        await pool.close()
        await listener.close()
    }
}
