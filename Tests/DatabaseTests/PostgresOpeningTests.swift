import Core
import Foundation
import TestSupport
import Testing

@testable import Database

@Suite(.enabled(if: LocalPostgres.isInstalled)) struct `Opening PostgreSQL` {
    @Test("a database that is missing is told at once; several who create it do so once")
    func creating() async throws {
        let server = try await LocalPostgres.shared.value
        let url = server.url(of: "\"created\"".trimmingCharacters(in: .punctuationCharacters))
        let error = await #expect(throws: DatabaseError.self) { try await within { try await PostgresDatabase.open(url) } }
        #expect(error?.code == "unavailable" && "\(error.map { "\($0)" } ?? "")".contains("created"))
        let created = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { try await PostgresDatabase.create(url) } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(created == 1)
        let database = try await PostgresDatabase.open(url)
        try await Migrator.migrate(database, [testSchema])
        await database.close()
    }

    @Test("waits for a server that is starting, and gives up on one that is not there")
    func patience() async throws {
        let server = try await LocalPostgres()
        let url = try await server.freshDatabase()
        try await server.stop()
        var configuration = PostgresConfiguration()
        configuration.openDeadline = .milliseconds(300)
        let error = await #expect(throws: DatabaseError.self) { try await PostgresDatabase.open(url, configuration: configuration) }
        #expect(error?.isTransient == true)
        async let opening = PostgresDatabase.open(url)
        try await server.start()
        let database = try await opening
        #expect(try await database.read { try $0.exists("SELECT 1 AS one") })
        await database.close()
        try await server.stop()
    }

    @Test("a database in another encoding is refused")
    func encoding() async throws {
        let server = try await LocalPostgres.shared.value
        try await server.run("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
        let error = await #expect(throws: DatabaseError.self) { try await PostgresDatabase.open(server.url(of: "latin")) }
        #expect(error?.code == "encoding")
    }

    @Test("the password is in no error and no description", arguments: [
        "postgresql://guest:s3cret@127.0.0.1:1/house", "postgresql://guest:s3cret@nowhere.invalid/house",
        "postgresql://guest:s3cret@127.0.0.1:1/house?sslmode=wrong", "postgresql://guest:s3cr@s3cret@127.0.0.1/house",
        "postgresql://guest:s3cret@127.0.0.1:port/house", "postgresql://guest:%s3cret@127.0.0.1/house", "mysql://guest:s3cret@host",
        "host=127.0.0.1 password=s3cret", "postgresql://127.0.0.1:1/house?password=s3cret&user=guest",
    ])
    func password(_ url: String) async throws {
        var configuration = PostgresConfiguration()
        configuration.openDeadline = .zero
        let error = await #expect(throws: DatabaseError.self) { try await PostgresDatabase.open(url, configuration: configuration) }
        #expect(error.map { "\($0)".contains("s3cret") } == false)
        if let address = try? PostgresAddress(url) {
            var dumped = ""
            dump(address, to: &dumped)
            #expect(!"\(address) \(String(reflecting: address)) \(dumped)".contains("s3cret"))
        }
    }

    @Test("TLS as the URL asks for it: large values both ways, and no trust in a certificate that nobody signed")
    func tls() async throws {
        let server = try await LocalPostgres(hasTLS: true)
        let url = try await server.freshDatabase()
        let database = try await PostgresDatabase.open(url + "?sslmode=require")
        try await Migrator.migrate(database, [testSchema])
        let bytes = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 * 13) }
        for _ in 0..<5 {
            let row = try await database.write { transaction in
                try transaction.execute("INSERT INTO kinds (bytes) VALUES (\(bytes))")
                return try transaction.first("""
                    SELECT bytes, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls FROM kinds
                    """)
            }
            #expect(try row?.get("bytes") == bytes)
            #expect(try row?.get("tls") == true)
        }
        await database.close()
        var configuration = PostgresConfiguration()
        configuration.openDeadline = .zero
        await #expect(throws: DatabaseError.self) {
            try await PostgresDatabase.open(url + "?sslmode=verify-full&sslrootcert=/nowhere", configuration: configuration)
        }
        try await server.stop()
    }
}
