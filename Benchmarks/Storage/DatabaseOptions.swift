import ArgumentParser
import Core
import Database
import Logging

/// Which database.
struct DatabaseOptions: ParsableArguments {
    @Option(name: .long, help: "The path of an SQLite file; otherwise DATABASE_URL names a PostgreSQL database.")
    var sqlite: String?

    /// With the settings that servers have: ten connections, everything durable.
    func open() async throws -> any DatabaseDriver {
        if let sqlite { return try await SQLiteDatabase.open(sqlite) }
        return try await PostgresDatabase.open(try Environment.require("DATABASE_URL"), logger: .benchmark)
    }
}

extension Logger {
    /// Says only what spoils a measurement.
    static var benchmark: Logger {
        var logger = Logger(label: "lumiere.benchmark")
        logger.logLevel = .warning
        return logger
    }
}
