import Accounts
import ArgumentParser
import Broker
import Core
import Database
import Ingest
import Processing
import Sessions

/// Brings a new database to where measuring can begin.
struct PrepareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare", abstract: "Make the tables in an empty database and 5000 photos in one session.")

    @OptionGroup var options: DatabaseOptions

    private static let migrations =
        BrokerMigrations.all + AccountMigrations.all + SessionMigrations.all + IngestMigrations.all
        + ProcessingMigrations.all

    /// Not a migration: servers that come to the database later would not know it.
    private static let messages =
        """
        CREATE TABLE benchmark_messages (
            id {{serial}}, session_id TEXT NOT NULL, sender_id TEXT NOT NULL, body TEXT NOT NULL,
            created_at INTEGER NOT NULL)
        """

    func run() async throws {
        let database = try await options.open()
        try await Migrator.migrate(database, Self.migrations)
        try await database.migrate { transaction in
            try transaction.execute(SQL(stringLiteral: database.translate(Self.messages)))
            try transaction.execute("CREATE INDEX benchmark_messages_order ON benchmark_messages (session_id, id)")
            try Sample.insertPhotos(0..<Sample.photos, transaction)
        }
        try await database.migrate { _ = try $0.execute("ANALYZE") }
        try await database.close()
    }
}
