import CPostgres
import Core
import Foundation
import Logging

extension PostgresDatabase {
    /// Connects to a database, waiting a while for a server that does not answer or is starting.
    /// - Parameter url: `postgresql://user:password@host:port/name?sslmode=…`, as libpq reads it.
    /// - Throws: `DatabaseError.failed`: code `address` for an unreadable URL, `unavailable` when the server cannot be
    ///   reached or refuses the login, `encoding` when the database's is not UTF8.
    public static func open(
        _ url: String, configuration: PostgresConfiguration = PostgresConfiguration(),
        logger: Logger = Logger(label: "lumiere.database")
    ) async throws -> PostgresDatabase {
        let address = try PostgresAddress(url)
        try await patiently(address, configuration) {
            PQfinish(try PostgresLink.open(address, configuration))
        }
        return PostgresDatabase(address, configuration, logger: logger)
    }

    /// Creates the database that a URL names, unless it exists, by way of the server's database `postgres`.
    /// - Returns: whether it was missing.
    /// - Throws: `DatabaseError.failed` as `open`, or when the user may not create databases.
    @discardableResult
    public static func create(
        _ url: String, configuration: PostgresConfiguration = PostgresConfiguration()
    ) async throws -> Bool {
        let address = try PostgresAddress(url)
        return try await patiently(address.with(database: "postgres"), configuration) {
            // Who may use the database need not be let into the other one.
            if let link = try? PostgresLink.open(address, configuration, keepsText: false) {
                PQfinish(link)
                return false
            }
            let link = try PostgresLink.open(address.with(database: "postgres"), configuration, keepsText: false)
            defer { PQfinish(link) }
            let name = address.database.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            do throws(PostgresFailure) {
                try PostgresLink.execute("CREATE DATABASE \"\(name)\" ENCODING 'UTF8' TEMPLATE template0", on: link)
                return true
            } catch {
                // duplicate_database, or the same found out by an index when two create it at once.
                if case .failed("42P04", _, _) = error.error { return false }
                if case .duplicate = error.error { return false }
                throw error.error
            }
        }
    }

    /// Repeats work on a thread of its own while the server is absent.
    private static func patiently<Value: Sendable>(
        _ address: PostgresAddress, _ configuration: PostgresConfiguration, _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await onOwnThread {
            let deadline = ContinuousClock.now + configuration.openDeadline
            var (failures, wasAbsent) = (0, true)
            while true {
                failures += 1
                do { return try work() } catch {
                    let isAbsent = PostgresLink.isAbsent(address, configuration)
                    // It may have come up since: only the word of a server that was there before counts.
                    guard .now < deadline, isAbsent || wasAbsent else { throw error }
                    wasAbsent = isAbsent
                    let delay = Backoff.connecting.delay(after: failures, jitter: .random(in: 0...1))
                    Thread.sleep(forTimeInterval: Double(delay.milliseconds) / 1000)
                }
            }
        }
    }
}
