import Core
import Crypto

/// What this program knows, compared with what a database has: decides, touches nothing.
struct MigrationLedger: Sendable {
    /// In ascending order.
    let known: [Migration]

    init(_ migrations: [Migration]) throws {
        known = migrations.sorted { $0.number < $1.number }
        for (earlier, later) in zip(known, known.dropFirst()) where earlier.number == later.number {
            throw MigrationError.duplicateNumber(later.number)
        }
    }

    /// What is still to apply. A number below an applied one counts too: each feature numbers its own.
    func pending(applied: [AppliedMigration]) throws -> [Migration] {
        for entry in applied { _ = try counterpart(of: entry) }
        let numbers = Set(applied.map(\.number))
        return known.filter { !numbers.contains($0.number) }
    }

    /// What is to undo, the highest first.
    func undone(downTo number: Int, applied: [AppliedMigration]) throws -> [Migration] {
        try applied.filter { $0.number > number }.sorted { $0.number > $1.number }.map(counterpart)
    }

    func status(applied: [AppliedMigration]) -> [MigrationStatus] {
        var entries: [Int: MigrationStatus] = [:]
        for migration in known {
            entries[migration.number] = MigrationStatus(number: migration.number, name: migration.name, state: .pending)
        }
        for entry in applied {
            entries[entry.number] = MigrationStatus(number: entry.number, name: entry.name, state: state(of: entry))
        }
        return entries.values.sorted { $0.number < $1.number }
    }

    private func state(of entry: AppliedMigration) -> MigrationStatus.State {
        switch Result(catching: { try counterpart(of: entry) }) {
        case .success: .applied(entry.appliedAt)
        case .failure(MigrationError.changed): .changed
        case .failure: .unknown
        }
    }

    private func counterpart(of entry: AppliedMigration) throws -> Migration {
        guard let migration = known.first(where: { $0.number == entry.number }) else {
            throw MigrationError.unknown(number: entry.number, name: entry.name)
        }
        guard migration.checksum == entry.checksum else {
            throw MigrationError.changed(number: entry.number, name: entry.name)
        }
        return migration
    }
}

/// A row of `schema_migrations`.
struct AppliedMigration: Sendable {
    let number: Int
    let name: String
    let checksum: String
    let appliedAt: Timestamp

    init(_ row: Row) throws {
        number = try row.get("number")
        name = try row.get("name")
        checksum = try row.get("checksum")
        appliedAt = try row.get("applied_at")
    }
}

/// Where a migration stands.
public struct MigrationStatus: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        case pending
        case applied(Timestamp)
        /// Applied in another form than this program has.
        case changed
        /// Applied by a newer program.
        case unknown
    }

    public let number: Int
    public let name: String
    public let state: State
}

extension Migration {
    /// SHA-256 (hex) of the statements that bring the schema up, as written, before any dialect.
    var checksum: String {
        var hash = SHA256()
        for statement in up { hash.update(data: Array(statement.utf8) + [0]) }
        return hash.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
