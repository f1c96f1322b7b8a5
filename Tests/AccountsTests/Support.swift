import Accounts
import Core
import Database
import Foundation
import Synchronization
import Testing

/// A clock that moves when told to.
final class ManualClock: WallClock {
    private let time = Mutex(Timestamp(milliseconds: 1_800_000_000_000))

    func now() -> Timestamp { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}

/// A folder that is gone when the body ends.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("accounts-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// A database with the tables of accounts, and features on it as if each were a process.
struct House {
    let database: any Core.Database
    let clock = ManualClock()
    let keys: SigningKeys

    func feature(_ change: (inout AccountSettings) -> Void = { _ in }) -> AccountsFeature {
        var settings = AccountSettings()
        settings.passwordCost = 12
        change(&settings)
        return AccountsFeature(database: database, signingKeys: keys, settings: settings, clock: clock)
    }

    static func with<Value>(_ body: (House) async throws -> Value) async throws -> Value {
        try await withFolder { folder in
            let database = try await SQLiteDatabase.open(folder + "/test.db")
            try await Migrator.migrate(database, AccountMigrations.all)
            let keys = try SigningKeys(secrets: [Secret(String(repeating: "k", count: 32))])
            let result = await Result(catching: { try await body(House(database: database, keys: keys)) })
            try await database.close()
            return try result.get()
        }
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

/// The code of the problem that a call is refused with.
func code(of body: () async throws -> some Any) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch let problem as Problem {
        return problem.code
    } catch {
        return "\(error)"
    }
}
