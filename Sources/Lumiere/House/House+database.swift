import Accounts
import Broker
import Community
import Core
import Database
import Foundation
import Ingest
import Logging
import ObjectStore
import Processing
import Sessions
import WatchParty
import Webhooks

extension House {
    /// Every table of the house.
    static let migrations =
        BrokerMigrations.all + AccountMigrations.all + SessionMigrations.all + IngestMigrations.all
        + ProcessingMigrations.all + WebhookMigrations.all + CommunityMigrations.all + PartyMigrations.all

    /// Opens the database as its server and brings the schema up to date.
    static func openDatabase(_ settings: Settings, logger: Logger) async throws -> any DatabaseDriver {
        try await open(settings, role: .owner, connections: settings.storage.databaseConnections, logger)
    }

    /// Opens the database for a command, which may run beside a server.
    static func guestDatabase(_ settings: Settings) async throws -> any DatabaseDriver {
        try await open(settings, role: .guest, connections: 2, settings.logger())
    }

    /// Makes the configured database when it is missing: a file is made by whoever opens it.
    /// - Returns: whether it was missing.
    static func createDatabase(_ settings: Settings) async throws -> Bool {
        guard let url = settings.storage.databaseURL else {
            let isMissing = !FileManager.default.fileExists(atPath: settings.databasePath)
            try await guestDatabase(settings).close()
            return isMissing
        }
        return try await PostgresDatabase.create(url.reveal)
    }

    /// The migrations of the configured database.
    static func migrator(_ settings: Settings) async throws -> Migrator {
        try Migrator(try await driver(settings, role: .guest, connections: 1, settings.logger()), migrations: migrations)
    }

    private static func open(
        _ settings: Settings, role: SQLiteConfiguration.Role, connections: Int, _ logger: Logger
    ) async throws -> any DatabaseDriver {
        let database = try await driver(settings, role: role, connections: connections, logger)
        let migrator = try Migrator(database, migrations: migrations)
        // A command must not change the schema under servers of an older program; only an empty one is nobody's.
        let pending = try await migrator.status().filter { $0.state == .pending }
        if role == .guest, !pending.isEmpty, pending.count < migrations.count {
            try await database.close()
            throw SettingsError(faults: ["The database is older than this program: stop the servers, then run `lumiere migrate up`."])
        }
        try await migrator.up()
        return database
    }

    private static func driver(
        _ settings: Settings, role: SQLiteConfiguration.Role, connections: Int, _ logger: Logger
    ) async throws -> any DatabaseDriver {
        guard let url = settings.storage.databaseURL else {
            return try await SQLiteDatabase.open(settings.databasePath, configuration: SQLiteConfiguration(role: role))
        }
        var configuration = PostgresConfiguration()
        configuration.connections = connections
        return try await PostgresDatabase.open(url.reveal, configuration: configuration, logger: logger)
    }
}
