import Accounts
import Broker
import Core
import Database
import Ingest
import ObjectStore
import Processing
import Sessions

extension House {
    /// Every table of the house.
    static let migrations =
        BrokerMigrations.all + AccountMigrations.all + SessionMigrations.all + IngestMigrations.all
        + ProcessingMigrations.all

    /// Opens the database as its server and brings the schema up to date.
    static func openDatabase(_ settings: Settings) async throws -> SQLiteDatabase {
        let database = try await SQLiteDatabase.open(settings.databasePath, configuration: SQLiteConfiguration(role: .owner))
        try await Migrator.migrate(database, migrations)
        return database
    }

    /// Opens the database for a command, which may run beside a server.
    static func guestDatabase(_ settings: Settings) async throws -> SQLiteDatabase {
        let database = try await SQLiteDatabase.open(settings.databasePath, configuration: SQLiteConfiguration(role: .guest))
        try await Migrator.migrate(database, migrations)
        return database
    }

    /// The migrations of the configured database.
    static func migrator(_ settings: Settings) async throws -> Migrator {
        let database = try await SQLiteDatabase.open(settings.databasePath, configuration: SQLiteConfiguration(role: .guest))
        return try Migrator(database, migrations: migrations)
    }
}

extension Settings {
    /// What Processing is told.
    func processing(_ objects: DiskObjectStore) -> ProcessingConfiguration {
        ProcessingConfiguration(
            decoderPath: decoderPath, originalFolders: [objects.root], scratchFolder: scratchFolder, decoders: decoders)
    }
}
